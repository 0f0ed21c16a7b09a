//! Subjects of all departments, each with a history of its own.

use serde_json::{Map, Value, json};

use super::departments::{DEPARTMENTS, Department};
use super::random::Random;
use crate::subjects::domain::term::{Term, Year};

/// The attribute of subjects whose grades are an experiment.
pub const EXPERIMENT: &str = "PHY2";

/// When the experiment begins: the first term of it.
pub const EXPERIMENT_FROM: &str = "2024FA";

/// The first academic year of the catalogue; all subjects begin within six years of it.
const FIRST: u16 = 2017;

/// The last academic year in which something changes.
const LAST: u16 = 2027;

/// How the titles of subjects go on from what they are about: number, title, level, hours.
const KINDS: [(usize, &str, &str, [u32; 3]); 3] = [
    (100, "Introduction to ", "U", [4, 0, 8]),
    (300, "Laboratory in ", "U", [1, 6, 5]),
    (700, "Advanced ", "G", [3, 0, 9]),
];

/// All rows of the catalogue.
pub struct University {
    /// Containers.
    pub containers: Vec<Value>,
    /// Templates.
    pub templates: Vec<Value>,
    /// Relations.
    pub relations: Vec<Value>,
}

/// A subject as the relations see it.
struct Subject {
    container: usize,
    first: Term,
    /// The last term; `None` while its end is open.
    last: Option<Term>,
    /// Whether it is active from its first to its last term.
    is_whole: bool,
}

impl University {
    /// The university of a seed.
    pub fn new(seed: u64) -> Self {
        let mut university = Self {
            containers: Vec::new(),
            templates: Vec::new(),
            relations: Vec::new(),
        };
        let mut random = Random::new(seed);
        let mut subjects: Vec<Subject> = Vec::new();
        for (department, neighbours) in DEPARTMENTS.iter().zip(0..) {
            for (number, field) in (0..).zip(department.fields) {
                for kind in KINDS {
                    let draft = Draft {
                        container: subjects.len() + 1,
                        department,
                        neighbour: &DEPARTMENTS
                            [(neighbours + 1 + number) % (DEPARTMENTS.len() - 1)],
                        field,
                        number: kind.0 + number,
                        kind,
                    };
                    subjects.push(university.subject(&mut random, &draft));
                }
            }
        }
        university.relate(&mut random, &subjects);
        university
    }

    /// A subject with its history.
    fn subject(&mut self, random: &mut Random, draft: &Draft<'_>) -> Subject {
        let container = draft.container;
        let subject_type = match draft.department.code {
            "XR" => "Cross-Registration",
            _ => "Standard",
        };
        self.containers
            .push(json!({"containerId": container, "subjectType": subject_type}));
        let history = History::new(random, draft.is_experiment());
        let mut content = draft.content(random);
        for (at, (from, thru)) in history.templates.iter().enumerate() {
            if at > 0 {
                draft.change(random, &mut content);
            }
            let mut row = content.clone();
            row.insert("effectiveFromTerm".to_owned(), json!(from.to_string()));
            let thru = thru.map_or_else(|| "999999".to_owned(), |thru| thru.to_string());
            row.insert("effectiveThruTerm".to_owned(), json!(thru));
            if draft.is_experiment() && from.to_string().as_str() >= EXPERIMENT_FROM {
                row.insert("gradingModes".to_owned(), json!(["L/N", "Y/Z"]));
            }
            self.templates.push(Value::Object(row));
        }
        Subject {
            container,
            first: history.first(),
            last: history.last(),
            is_whole: history.is_whole,
        }
    }

    /// Clusters of equivalent subjects, and subjects that are taught together.
    fn relate(&mut self, random: &mut Random, subjects: &[Subject]) {
        for cluster in subjects.chunks(6) {
            let Some((centre, others)) = cluster.split_first() else {
                continue;
            };
            for other in others {
                if !random.percent(40) {
                    continue;
                }
                let from = random.later(centre.first.max(other.first));
                let ends = random.percent(30);
                let thru = random.later(from);
                let thru = random.later(thru);
                self.relation("EQ", centre, other, from, Some(thru).filter(|_| ends));
            }
        }
        for pair in subjects.windows(2).step_by(5) {
            let [one, other] = pair else { continue };
            if one.is_whole && other.is_whole {
                let from = one.first.max(other.first);
                let ends = [one.last, other.last].into_iter().flatten().min();
                if ends.is_none_or(|ends| ends >= from) {
                    self.relation("SR", one, other, from, ends);
                }
            }
        }
    }

    fn relation(
        &mut self,
        relation: &str,
        one: &Subject,
        other: &Subject,
        from: Term,
        thru: Option<Term>,
    ) {
        let thru = thru.map_or_else(|| "999999".to_owned(), |thru| thru.to_string());
        self.relations.push(json!({
            "relation": relation,
            "containerId": one.container,
            "relatedContainerId": other.container,
            "effectiveFromTerm": from.to_string(),
            "effectiveThruTerm": thru,
        }));
    }
}

impl Random {
    /// The fall or the spring of one of the years after a term.
    fn later(&mut self, term: Term) -> Term {
        let year = term.year().number() + 1 + u16::try_from(self.below(3)).unwrap_or(0);
        let terms = Year::new(year).unwrap_or(term.year()).terms();
        terms[if self.percent(75) { 0 } else { 2 }]
    }
}

/// When a subject has templates.
struct History {
    templates: Vec<(Term, Option<Term>)>,
    is_whole: bool,
}

impl History {
    fn new(random: &mut Random, cut_for_experiment: bool) -> Self {
        let year = FIRST + u16::try_from(random.below(6)).unwrap_or(0);
        // A subject is old as often as all younger ones together.
        let year = if random.percent(50) { FIRST } else { year };
        let first = Year::new(year).map(Year::first_term);
        let mut cuts: Vec<Term> = first.into_iter().collect();
        while let Some(last) = cuts.last().copied() {
            let next = random.later(last);
            if next.year().number() > LAST || !random.percent(80) {
                break;
            }
            cuts.push(next);
        }
        if cut_for_experiment {
            cuts.extend(EXPERIMENT_FROM.parse::<Term>());
            cuts.sort_unstable();
            cuts.dedup();
        }
        let ends = random.percent(12);
        let mut history = Self {
            templates: Vec::new(),
            is_whole: true,
        };
        for (at, from) in cuts.iter().enumerate() {
            let next = cuts.get(at + 1).copied();
            let thru = next.and_then(Term::pred);
            // What has ended for a while is a gap.
            let is_gap = at > 0 && next.is_some() && random.percent(6);
            if is_gap {
                history.is_whole = false;
            } else if next.is_some() || !ends || at == 0 {
                history.templates.push((*from, thru));
            }
        }
        history
    }

    fn first(&self) -> Term {
        let first = self.templates.first().map(|(from, _)| *from);
        first.unwrap_or(Term::LAST)
    }

    fn last(&self) -> Option<Term> {
        self.templates.last().and_then(|(_, thru)| *thru)
    }
}

/// What a subject is about.
struct Draft<'a> {
    container: usize,
    department: &'a Department,
    /// The department with which it may be cross-listed.
    neighbour: &'a Department,
    field: &'a str,
    number: usize,
    kind: (usize, &'a str, &'a str, [u32; 3]),
}

impl Draft<'_> {
    fn is_experiment(&self) -> bool {
        self.field == "Electromagnetism" && self.kind.0 == 100
    }

    fn content(&self, random: &mut Random) -> Map<String, Value> {
        let (code, number) = (self.department.code, self.number);
        let (base, title, level, [lecture, lab, preparation]) = self.kind;
        let mut row = Map::new();
        let mut set = |name: &str, value: Value| drop(row.insert(name.to_owned(), value));
        set("containerId", json!(self.container));
        set("subjectId", json!(format!("{code}.{number}")));
        set("title", json!(format!("{title}{}", self.field)));
        set("level", json!(level));
        set("lectureUnits", json!(lecture));
        set("labUnits", json!(lab));
        set("preparationUnits", json!(preparation));
        set("gradingModes", json!(["L/N"]));
        set(
            "description",
            json!(format!(
                "What the department of {} teaches about {}.",
                self.department.name,
                self.field.to_lowercase()
            )),
        );
        if random.percent(25) {
            set("crossListSubjects", json!([self.cross_listed()]));
        }
        if self.is_experiment() {
            set("attributes", json!([EXPERIMENT]));
        } else if let Some(attribute) = self.department.attribute.filter(|_| base == 100) {
            set("attributes", json!([attribute]));
        }
        if base > 100 {
            let basic = json!({"subjectId": format!("{code}.{}", number - base + 100)});
            let asked = json!({"text": "permission of instructor"});
            let both = json!({"operator": "OR", "operands": [basic, asked]});
            set(
                "prerequisites",
                if random.percent(50) { basic } else { both },
            );
        }
        if code == "XR" {
            let school = if number % 2 == 0 { "LAW" } else { "ART" };
            set("homeInstitutionId", json!("NU"));
            set("homeSchoolId", json!(school));
            set("homeSubjectId", json!(format!("{school}-{number}")));
        }
        row
    }

    /// The id that another department gives it: no main number has a letter.
    fn cross_listed(&self) -> String {
        format!("{}.J{:03}", self.neighbour.code, self.container)
    }

    /// What the next template says otherwise.
    fn change(&self, random: &mut Random, row: &mut Map<String, Value>) {
        let mut set = |name: &str, value: Value| drop(row.insert(name.to_owned(), value));
        match random.below(5) {
            0 => set("title", json!(format!("Foundations of {}", self.field))),
            1 => set("title", json!(format!("{} and Its Uses", self.field))),
            2 => set("crossListSubjects", json!([self.cross_listed()])),
            3 => set("gradingModes", json!(["L/N", "P/N"])),
            _ => set("preparationUnits", json!(6 + random.below(6))),
        }
    }
}
