//! Licences, and what a list of them can be asked for. Times are milliseconds since 1970 in UTC.

/// A licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    /// What identifies it.
    pub licence_number: String,
    /// Whose it is.
    pub holder_number: String,
    /// The holder's.
    pub surname: String,
    /// The holder's.
    pub forename: String,
    /// What it is for.
    pub grades: Grades,
    /// Whether it is good.
    pub licence_status: LicenceStatus,
    /// How far its card is on its way.
    pub distribution_status: DistributionStatus,
    /// Since when the card is that far.
    pub distribution_status_ms: i64,
    /// When it was applied for.
    pub application_ms: i64,
    /// When the holder took the course.
    pub course_ms: i64,
    /// When it was issued.
    pub issued_ms: i64,
    /// When it expires.
    pub expires_ms: i64,
    /// Who held the course.
    pub instructor: String,
    /// Where the course was held.
    pub training_centre: String,
}

/// An enumeration whose values have names, as contract and database write them.
macro_rules! named {
    ($(#[$docs:meta])* $name:ident { $($(#[$variant_docs:meta])* $variant:ident = $text:literal),+ }) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_docs])* $variant),+
        }

        impl $name {
            /// All there are, in the order of the contract.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }

            /// The value with this name, in any case.
            pub fn of_name(name: &str) -> Option<Self> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.name().eq_ignore_ascii_case(name))
            }
        }
    };
}

named! {
    /// Whether a licence is good.
    LicenceStatus {
        /// It is.
        Active = "Active",
        /// Its time is over.
        Expired = "Expired",
        /// It does not count for the time being.
        Suspended = "Suspended",
        /// It was taken away.
        Revoked = "Revoked"
    }
}

named! {
    /// How far a card is on its way to the holder.
    DistributionStatus {
        /// It is to be made.
        Pending = "Pending",
        /// It is made.
        Printed = "Printed",
        /// It is under way.
        Dispatched = "Dispatched",
        /// It is there.
        Delivered = "Delivered",
        /// It came back.
        Returned = "Returned"
    }
}

named! {
    /// A grade of machine.
    Grade {
        /// Static vertical.
        StaticVertical = "1a",
        /// Static boom.
        StaticBoom = "1b",
        /// Mobile vertical.
        MobileVertical = "3a",
        /// Mobile boom.
        MobileBoom = "3b",
        /// Special vehicles.
        SpecialVehicle = "SPV",
        /// Harnesses and their use.
        Harness = "HO",
        /// Mast climbing work platforms.
        MastClimber = "MCWP"
    }
}

/// A set of grades, a bit for each in the order of [`Grade::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Grades(u8);

impl Grades {
    /// The set with these bits; those that stand for no grade are dropped.
    pub fn of_bits(bits: u8) -> Self {
        Self(bits & ((1 << Grade::ALL.len()) - 1))
    }

    /// The bits.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// The grades, in the order of the contract.
    pub fn iter(self) -> impl Iterator<Item = Grade> {
        Grade::ALL
            .iter()
            .copied()
            .filter(move |grade| self.0 & (1 << (*grade as u8)) != 0)
    }
}

impl FromIterator<Grade> for Grades {
    fn from_iter<T: IntoIterator<Item = Grade>>(grades: T) -> Self {
        let bits = grades.into_iter().map(|grade| 1 << (grade as u8));
        Self(bits.fold(0, |bits: u8, bit: u8| bits | bit))
    }
}

/// Which licences a list holds; a licence meets every part that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Only the newest licence of each holder.
    pub only_current: bool,
    /// This status.
    pub licence_status: Option<LicenceStatus>,
    /// This distribution status.
    pub distribution_status: Option<DistributionStatus>,
    /// Issued within these times.
    pub issued: Period,
    /// Applied for within these times.
    pub application: Period,
    /// With a course within these times.
    pub course: Period,
    /// That far since a time within these.
    pub distribution: Period,
    /// Any of these grades; all licences when it is empty.
    pub grades: Grades,
    /// Any of these instructors, sorted and without repetitions; all licences when it is empty.
    pub instructors: Vec<String>,
    /// This training centre.
    pub training_centre: Option<String>,
}

/// From one time to another, both included; without limit where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Period {
    /// The first time.
    pub from_ms: Option<i64>,
    /// The last time.
    pub to_ms: Option<i64>,
}

impl Period {
    /// Whether there is any limit.
    pub fn is_limited(self) -> bool {
        self.from_ms.is_some() || self.to_ms.is_some()
    }
}

/// What a list can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// The number of the licence.
    LicenceNumber,
    /// One of the columns.
    Column(Column),
}

/// What licences are compared by, beside their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// [`Licence::holder_number`]
    HolderNumber,
    /// [`Licence::surname`]
    Surname,
    /// [`Licence::forename`]
    Forename,
    /// [`Licence::licence_status`], by its name
    LicenceStatus,
    /// [`Licence::distribution_status`], by its name
    DistributionStatus,
    /// [`Licence::distribution_status_ms`]
    DistributionStatusDate,
    /// [`Licence::application_ms`]
    ApplicationDate,
    /// [`Licence::course_ms`]
    CourseDate,
    /// [`Licence::issued_ms`]
    DateIssued,
    /// [`Licence::expires_ms`]
    DateExpires,
    /// [`Licence::instructor`]
    Instructor,
    /// [`Licence::training_centre`]
    TrainingCentre,
}

impl Column {
    /// All there are.
    pub const ALL: [Self; 12] = [
        Self::HolderNumber,
        Self::Surname,
        Self::Forename,
        Self::LicenceStatus,
        Self::DistributionStatus,
        Self::DistributionStatusDate,
        Self::ApplicationDate,
        Self::CourseDate,
        Self::DateIssued,
        Self::DateExpires,
        Self::Instructor,
        Self::TrainingCentre,
    ];

    /// Whether it holds times; it holds texts otherwise.
    pub fn is_time(self) -> bool {
        matches!(
            self,
            Self::DistributionStatusDate
                | Self::ApplicationDate
                | Self::CourseDate
                | Self::DateIssued
                | Self::DateExpires
        )
    }

    /// What a licence has there.
    pub fn of(self, licence: &Licence) -> Cell<'_> {
        match self {
            Self::HolderNumber => Cell::Text(&licence.holder_number),
            Self::Surname => Cell::Text(&licence.surname),
            Self::Forename => Cell::Text(&licence.forename),
            Self::LicenceStatus => Cell::Text(licence.licence_status.name()),
            Self::DistributionStatus => Cell::Text(licence.distribution_status.name()),
            Self::DistributionStatusDate => Cell::Time(licence.distribution_status_ms),
            Self::ApplicationDate => Cell::Time(licence.application_ms),
            Self::CourseDate => Cell::Time(licence.course_ms),
            Self::DateIssued => Cell::Time(licence.issued_ms),
            Self::DateExpires => Cell::Time(licence.expires_ms),
            Self::Instructor => Cell::Text(&licence.instructor),
            Self::TrainingCentre => Cell::Text(&licence.training_centre),
        }
    }
}

/// A value that licences are compared by. Those of one column are of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell<'a> {
    /// By code points.
    Text(&'a str),
    /// In milliseconds since 1970.
    Time(i64),
}

/// What a list is sorted by, the most important first; then by the number of the licence.
pub type Sort = Vec<(SortKey, Direction)>;

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The smallest first.
    Up,
    /// The largest first.
    Down,
}

/// A row of the register: a licence as it is from one state to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What identifies the row.
    pub row_id: i64,
    /// The licence.
    pub licence: Licence,
    /// Whether it is the newest of its holder.
    pub is_current: bool,
    /// The first state with the row.
    pub added: i64,
    /// The first state without it.
    pub ended: Option<i64>,
}

/// A row that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What identifies the row.
    pub row_id: i64,
    /// The number of its licence.
    pub number: String,
    /// The first state without it.
    pub ended: i64,
}

/// The states of the register that can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct States {
    /// The oldest.
    pub first: i64,
    /// The present one.
    pub last: i64,
}
