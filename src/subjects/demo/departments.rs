//! Departments and what they teach.

/// A department, which is a subject code too.
pub struct Department {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What its subjects are about.
    pub fields: [&'static str; 6],
    /// What its undergraduate subjects count towards, if anything.
    pub attribute: Option<&'static str>,
}

const fn department(
    code: &'static str,
    name: &'static str,
    fields: [&'static str; 6],
    attribute: Option<&'static str>,
) -> Department {
    Department {
        code,
        name,
        fields,
        attribute,
    }
}

/// All of them.
pub const DEPARTMENTS: &[Department] = &[
    department(
        "1",
        "Civil Engineering",
        [
            "Structures",
            "Soils",
            "Water",
            "Transport",
            "Concrete",
            "Bridges",
        ],
        None,
    ),
    department(
        "2",
        "Mechanical Engineering",
        [
            "Dynamics",
            "Thermodynamics",
            "Control",
            "Machining",
            "Robots",
            "Flows",
        ],
        Some("REST"),
    ),
    department(
        "3",
        "Materials",
        [
            "Metals",
            "Polymers",
            "Ceramics",
            "Fracture",
            "Glass",
            "Thin Films",
        ],
        Some("REST"),
    ),
    department(
        "4",
        "Architecture",
        [
            "Housing",
            "Daylight",
            "Drawing",
            "Cities",
            "Gardens",
            "Restoration",
        ],
        Some("HA"),
    ),
    department(
        "5",
        "Chemistry",
        [
            "Kinetics",
            "Catalysis",
            "Spectroscopy",
            "Synthesis",
            "Dyes",
            "Solutions",
        ],
        None,
    ),
    department(
        "6",
        "Electrical Engineering and Computing",
        [
            "Signals",
            "Circuits",
            "Compilers",
            "Networks",
            "Databases",
            "Algorithms",
        ],
        Some("REST"),
    ),
    department(
        "7",
        "Biology",
        [
            "Genetics",
            "Cells",
            "Ecology",
            "Proteins",
            "Evolution",
            "Neurons",
        ],
        None,
    ),
    department(
        "8",
        "Physics",
        [
            "Mechanics",
            "Electromagnetism",
            "Quanta",
            "Statistical Physics",
            "Optics",
            "Relativity",
        ],
        Some("PHY1"),
    ),
    department(
        "9",
        "Planning",
        [
            "Zoning",
            "Transit",
            "Land Use",
            "Public Space",
            "Housing Markets",
            "Rivers",
        ],
        Some("HS"),
    ),
    department(
        "10",
        "Chemical Engineering",
        [
            "Reactors",
            "Separation",
            "Transport Phenomena",
            "Batteries",
            "Process Design",
            "Safety",
        ],
        None,
    ),
    department(
        "11",
        "Earth and Atmosphere",
        [
            "Climate",
            "Oceans",
            "Earthquakes",
            "Minerals",
            "Weather",
            "Glaciers",
        ],
        None,
    ),
    department(
        "14",
        "Economics",
        [
            "Markets",
            "Labour",
            "Trade",
            "Money",
            "Games",
            "Development",
        ],
        Some("HS"),
    ),
    department(
        "16",
        "Aeronautics",
        [
            "Flight",
            "Propulsion",
            "Orbits",
            "Satellites",
            "Wings",
            "Avionics",
        ],
        None,
    ),
    department(
        "18",
        "Mathematics",
        [
            "Calculus",
            "Linear Algebra",
            "Probability",
            "Topology",
            "Number Theory",
            "Logic",
        ],
        Some("CAL1"),
    ),
    department(
        "20",
        "Biological Engineering",
        [
            "Imaging",
            "Tissues",
            "Sequencing",
            "Biomechanics",
            "Biosensors",
            "Dosage",
        ],
        None,
    ),
    department(
        "21H",
        "History",
        [
            "Antiquity",
            "Revolutions",
            "Cities in History",
            "Technology",
            "Migration",
            "Empires",
        ],
        Some("HS"),
    ),
    department(
        "21L",
        "Literature",
        [
            "Poetry",
            "The Novel",
            "Drama",
            "Translation",
            "Film",
            "Myth",
        ],
        Some("HA"),
    ),
    department(
        "21M",
        "Music",
        [
            "Harmony",
            "Counterpoint",
            "Composition",
            "Jazz",
            "Acoustics",
            "Opera",
        ],
        Some("HA"),
    ),
    department(
        "24",
        "Philosophy and Linguistics",
        [
            "Ethics",
            "Meaning",
            "Syntax",
            "Minds",
            "Phonology",
            "Knowledge",
        ],
        Some("CIH"),
    ),
    department(
        "XR",
        "Cross-registration",
        [
            "Contracts",
            "Sculpture",
            "Evidence",
            "Painting",
            "Torts",
            "Textiles",
        ],
        None,
    ),
];
