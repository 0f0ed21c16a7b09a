//! What is wrong with a request, and what failed while it was carried out, in the words that
//! callers know: every message ends with a space.

use std::fmt;

use super::ranges::EffectiveTerms;
use super::subject::{ContainerId, GradingMode, SubjectId, TemplateId};
use super::term::{Term, Thru, Year};

/// One thing that is wrong with a request, in the order in which they are reported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its members are")]
pub enum Violation {
    // The request itself.
    #[error("Error: Invalid request : body is not valid JSON ")]
    MalformedBody,
    #[error("Error: Invalid {field} : value is required ")]
    Missing { field: String },
    /// A schema's rule that has no text of its own.
    #[error("Error: Invalid {field} : {value} is not {rule} ")]
    Rule {
        field: String,
        value: String,
        rule: String,
    },
    #[error("Error: Invalid operation : {0} is not DEACTIVATE or REACTIVATE ")]
    UnknownOperation(String),

    // Ids of the path.
    #[error("Error: Invalid container id : {0} does not exist ")]
    NoContainer(ContainerId),
    #[error("Error: Invalid template id : {0} does not exist ")]
    NoTemplate(TemplateId),

    // Terms.
    #[error("Error: Invalid term code : {0} does not exist ")]
    NoTerm(String),
    #[error("Error: Invalid effective terms : {from}-{thru} from term is later than thru term ")]
    FromAfterThru { from: Term, thru: Thru },
    #[error("Error: Invalid effective term : {0} has no effective template ")]
    NoEffectiveTemplate(Term),
    #[error(
        "Error: Invalid effective thru term : {given} is not the thru term {thru} of the template "
    )]
    OtherThru { given: Thru, thru: Thru },

    // The term of an operation.
    #[error(
        "Error: Invalid deactivation term : {term} is earlier than the creation term {creation} "
    )]
    BeforeCreation { term: Term, creation: Term },
    #[error("Error: Invalid deactivation term : {0} container is already inactive ")]
    AlreadyInactive(Term),
    #[error(
        "Error: Invalid reactivation term : {term} is not later than the last active term {last} "
    )]
    NotAfterLastActive { term: Term, last: Term },
    #[error("Error: Invalid reactivation term : {0} container is not deactivated ")]
    NotDeactivated(Term),
    #[error("Error: Invalid effective from term : {term} is not earlier than {from} ")]
    NotEarlier { term: Term, from: Term },
    #[error("Error: Invalid effective from term : {0} has no effective template ")]
    NothingToBackdate(Term),
    #[error("Error: Invalid academic year : {0} has no effective template ")]
    NoTemplateInYear(Year),

    // What collects once all of the above is right.
    #[error("Error: Invalid version number : {given} is not the current version {current} ")]
    OtherVersion { given: u32, current: u32 },

    #[error("Error: Invalid subject code : {0} does not exist ")]
    NoSubjectCode(String),
    #[error("Error: Invalid subject number : {0} is not 1 to 4 characters of A-Z and 0-9 ")]
    SubjectNumber(String),
    #[error("Error: Invalid main subject code and number : {0} already exists ")]
    MainExists(SubjectId),

    #[error("Error: Invalid cross list subject code : {0} does not exist ")]
    NoCrossListCode(String),
    #[error(
        "Error: Invalid cross list subject number : {0} is not 1 to 4 characters of A-Z and 0-9 "
    )]
    CrossListNumber(String),
    #[error("Error: Invalid cross list subject code and number : {0} already exists ")]
    CrossListExists(SubjectId),
    #[error("Error: Invalid cross list subject code and number : {0} is duplicated ")]
    CrossListDuplicated(SubjectId),

    #[error("Error: Invalid subject attribute : {0} does not exist ")]
    NoAttribute(String),
    #[error("Error: Invalid grading mode : {0} does not exist ")]
    NoGradingMode(GradingMode),

    #[error("Error: Invalid {relation} : {problem} ")]
    Relation {
        relation: Relation,
        problem: RelationProblem,
    },

    #[error("Error: Invalid term plan term : {term} is not in academic year {year} ")]
    OutsideYear { term: Term, year: Year },
    #[error("Error: Invalid term plan term : {0} has no effective template ")]
    NoTemplateInTerm(Term),
    #[error("Error: Invalid term plan term : {0} is duplicated ")]
    PlanTermDuplicated(Term),
    #[error("Error: Invalid display control : {control}/{option} does not exist ")]
    NoDisplayOption { control: String, option: String },
    #[error("Error: Invalid display control : {0} is duplicated ")]
    DisplayControlDuplicated(String),
    #[error("Error: Invalid url : {0} is not an http or https url ")]
    Url(String),
    #[error("Error: Invalid url : {0} is duplicated ")]
    UrlDuplicated(String),
    #[error("Error: Invalid enrollable subject : {0} is not a subject of the template ")]
    NotOfTemplate(String),
    #[error("Error: Invalid enrollable subject : {0} is duplicated ")]
    EnrollableDuplicated(String),
    #[error("Error: Invalid home organization unit : {institution}/{school} does not exist ")]
    NoHomeUnit { institution: String, school: String },
    #[error("Error: Invalid requisite : operator {0} does not exist ")]
    NoOperator(String),
    #[error("Error: Invalid notification id : {0} does not exist ")]
    NoNotification(i64),

    /// What a question names.
    #[error("Error: Invalid {what} : {value} does not exist ")]
    Unknown { what: &'static str, value: String },
}

/// The longest value that a message repeats, in characters.
const LONGEST: usize = 100;

/// A value as messages repeat it.
pub fn shortened(value: String) -> String {
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value,
    }
}

/// The two relations between containers. They are independent of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Equivalency: credit for one of the group only. It may outlive a container.
    Equivalency,
    /// Scheduling relationship: taught together, while both containers are active.
    Scheduling,
}

impl Relation {
    /// How the process log names it.
    pub fn abbreviation(self) -> &'static str {
        match self {
            Relation::Equivalency => "EQ",
            Relation::Scheduling => "SR",
        }
    }
}

/// As error messages name what is related.
impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Relation::Equivalency => "equivalent subject",
            Relation::Scheduling => "subject relationship",
        })
    }
}

/// What is wrong with one item of a relation list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its members are")]
pub enum RelationProblem {
    #[error("{0} does not exist")]
    NoContainer(ContainerId),
    #[error("{0} is the same container")]
    Same(ContainerId),
    #[error("{0} has overlapping effective terms")]
    Overlapping(ContainerId),
    #[error("{container} is not active in {terms}")]
    NotActive {
        container: ContainerId,
        terms: EffectiveTerms,
    },
}

/// What failed while a request was carried out. The caller reads one fixed sentence for each kind;
/// what the failing part itself said is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Error: Exception : {0} ")]
pub struct Exception(pub Cause);

/// Why a request could not be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The database refused a statement or cannot be reached.
    #[error("the database failed")]
    Database,
    /// A setting that every record needs is not there.
    #[error("the management configuration {0} is missing")]
    Configuration(&'static str),
    /// A mail could not be handed over.
    #[error("the mail could not be sent")]
    Mail,
    /// Nobody is named who should get a notification.
    #[error("no recipient for {0}")]
    NoRecipient(String),
    /// Something else.
    #[error("the request could not be completed")]
    Internal,
    /// The process log could not be written; the update stands.
    #[error("process log {0}")]
    ProcessLog(Box<Cause>),
}
