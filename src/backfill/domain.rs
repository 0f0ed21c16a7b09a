//! Records of the queue and the leases on them.

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use serde::Serialize;

/// A record, without what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Its number, by which the queue is ordered.
    pub queue_id: i64,
    /// The request that left it.
    pub api_ref_id: i64,
    /// The container that was changed.
    pub container_id: i64,
    /// The template that it shows.
    pub template_id: i64,
    /// What it is about; `None` for a plain change.
    #[serde(rename = "processType")]
    pub kind: Option<Kind>,
    /// When the change was made.
    #[serde(rename = "createdAt")]
    pub created: DateTime<Utc>,
    /// How far it is.
    pub state: State,
    /// How often it was handed out.
    pub attempt: i64,
    /// Who has it, or acknowledged it.
    pub worker: Option<String>,
    /// When the lease expires.
    pub leased_until: Option<DateTime<Utc>>,
    /// When it was acknowledged.
    #[serde(rename = "acknowledgedAt")]
    pub acknowledged: Option<DateTime<Utc>>,
}

/// A record with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The record.
    pub record: Record,
    /// The subject before, a JSON text; `None` for a new one.
    pub previous: Option<String>,
    /// The subject after, a JSON text.
    pub new: String,
    /// Every subject id in both, by id.
    pub used_keys: Vec<UsedKey>,
}

/// A subject id that a record concerns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsedKey {
    /// The id as written.
    pub subject_id: String,
    /// Its part in the record.
    #[serde(rename = "relationshipType")]
    pub part: Part,
}

/// Names in the database and in JSON are those of the variants.
macro_rules! named {
    ($(#[$attribute:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Its name in the database and in JSON.
            pub fn name(self) -> &'static str {
                match self {
                    $($name::$variant => $text,)*
                }
            }

            /// The one of that name.
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($text => Some($name::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

named! {
    /// What a record is about.
    #[derive(ValueEnum)]
    #[value(rename_all = "UPPER")]
    Kind {
        /// Scheduling relationships.
        #[value(name = "SR")]
        Scheduling = "SR",
        /// A subject of which nothing is left.
        #[value(name = "SD")]
        SubjectDeleted = "SD",
        /// An earlier beginning.
        #[value(name = "BD")]
        Backdate = "BD",
        /// Pre- and corequisites.
        #[value(name = "RQ")]
        Requisites = "RQ",
        /// Term plans and display controls.
        #[value(name = "TP")]
        TermPlan = "TP",
    }
}

named! {
    /// The part of a subject id in a record.
    Part {
        /// The main id.
        Main = "M",
        /// Cross-listed, or one that the subject had.
        CrossListed = "C",
        /// Of a subject with a scheduling relationship.
        Scheduled = "S",
        /// Of an equivalent subject.
        Equivalent = "E",
    }
}

named! {
    /// How far a record is.
    #[derive(ValueEnum)]
    State {
        /// It may be handed out, or one before it may.
        Waiting = "WAITING",
        /// Somebody works at it.
        Leased = "LEASED",
        /// It is done.
        Acknowledged = "ACKNOWLEDGED",
    }
}

/// Which records a list holds; the conditions combine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of this request.
    pub api_ref_id: Option<i64>,
    /// Those of this container.
    pub container_id: Option<i64>,
    /// Those that concern the subject id of this code and number.
    pub subject: Option<(String, String)>,
    /// Those about this; of plain changes, where that is `Some(None)`.
    pub kind: Option<Option<Kind>>,
    /// Those that are so far.
    pub state: Option<State>,
    /// Those with a number above this one.
    pub after: i64,
    /// At most so many.
    pub limit: i64,
}

/// Which records a worker wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Those of this container.
    pub container_id: Option<i64>,
    /// Those about this; of plain changes, where that is `Some(None)`.
    pub kind: Option<Option<Kind>>,
}

/// A lease that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What identifies it, never used before.
    pub id: String,
    /// Who asks.
    pub worker: String,
    /// When it expires.
    pub until: DateTime<Utc>,
}

/// What became of the record of a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The lease held, and the record was changed.
    Held(Record),
    /// The record is acknowledged already.
    Acknowledged,
    /// There is no such lease any more.
    Lost,
}
