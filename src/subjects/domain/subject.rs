//! What a template says of a subject.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::requisites::Requisites;

/// A container: a subject over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ContainerId(pub i64);

/// A template: how a container is offered in one range of terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TemplateId(pub i64);

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A subject's code and its number within the code, written `1.TT13`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubjectId {
    /// The subject code, such as `1`.
    pub code: String,
    /// The subject number, such as `TT13`.
    pub number: String,
}

impl SubjectId {
    /// The id of that code and number.
    pub fn new(code: impl Into<String>, number: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            number: number.into(),
        }
    }

    /// The id as it is written, cut at its first point; `None` where there is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (code, number) = text.split_once('.')?;
        Some(Self::new(code, number))
    }

    fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        let code = self.code.bytes().chain([b'.']);
        code.chain(self.number.bytes())
    }
}

/// The order of the written ids as ASCII: `18.AA1` comes before `6.AA1`.
impl Ord for SubjectId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bytes().cmp(other.bytes())
    }
}

impl PartialOrd for SubjectId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.code, self.number)
    }
}

/// Written whole and in its parts: `subjectId`, `subjectCode`, `subjectNumber`.
impl Serialize for SubjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("SubjectId", 3)?;
        members.serialize_field("subjectId", &self.to_string())?;
        members.serialize_field("subjectCode", &self.code)?;
        members.serialize_field("subjectNumber", &self.number)?;
        members.end()
    }
}

/// A grading mode and its type, written `L/N`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct GradingMode {
    /// The code of the mode, such as `L`.
    #[serde(rename = "gradingModeCode")]
    pub code: String,
    /// The code of its type, such as `N`.
    #[serde(rename = "gradingModeType")]
    pub ty: String,
}

impl GradingMode {
    /// The pair of a mode and a type.
    pub fn new(code: impl Into<String>, ty: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            ty: ty.into(),
        }
    }
}

impl fmt::Display for GradingMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.code, self.ty)
    }
}

/// The grading modes that the rule table allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GradingModes(BTreeMap<GradingMode, bool>);

impl GradingModes {
    /// The pairs of the rule table, each with whether it is experimental.
    pub fn new(pairs: impl IntoIterator<Item = (GradingMode, bool)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// Whether a template may have the mode.
    pub fn allows(&self, mode: &GradingMode) -> bool {
        self.0.contains_key(mode)
    }

    /// Whether only the mandate sets and removes the mode.
    pub fn is_experimental(&self, mode: &GradingMode) -> bool {
        self.0.get(mode).copied().unwrap_or_default()
    }
}

/// Whom a subject is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Level {
    /// Undergraduate.
    U,
    /// Graduate.
    G,
}

/// How the grade of a subject that goes over several terms comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[expect(
    missing_docs,
    reason = "the letters have no meaning beyond the table's"
)]
pub enum GradeRule {
    J,
    N,
    R,
    T,
}

/// Hours a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Units {
    /// In lectures.
    pub lecture: u32,
    /// In laboratories.
    pub lab: u32,
    /// Of preparation.
    pub preparation: u32,
}

/// The subject of another institution that this one is registered as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HomeSubject {
    /// The institution.
    pub home_institution_id: String,
    /// The school within it.
    pub home_school_id: String,
    /// The subject's id there.
    pub home_subject_id: String,
}

/// What a template says, apart from its terms and from what it says of single terms and years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The main subject id.
    pub main: SubjectId,
    /// The cross-listed subject ids, the main one not among them.
    pub cross_listed: BTreeSet<SubjectId>,
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// Whom it is meant for.
    pub level: Option<Level>,
    /// Hours a week.
    pub units: Units,
    /// How a grade over several terms comes about.
    pub grade_rule: Option<GradeRule>,
    /// Codes of attributes.
    pub attributes: BTreeSet<String>,
    /// Grading modes, the experimental ones included.
    pub grading_modes: BTreeSet<GradingMode>,
    /// The subject of another institution.
    pub home_subject: Option<HomeSubject>,
    /// Pre- and corequisites.
    pub requisites: Requisites,
}

impl Content {
    /// What a subject has that only its id and its title are known of.
    pub fn new(main: SubjectId, title: impl Into<String>) -> Self {
        Self {
            main,
            cross_listed: BTreeSet::new(),
            title: title.into(),
            description: None,
            level: None,
            units: Units::default(),
            grade_rule: None,
            attributes: BTreeSet::new(),
            grading_modes: BTreeSet::new(),
            home_subject: None,
            requisites: Requisites::default(),
        }
    }

    /// `ids(T)`: the main id, then the cross-listed ones in order.
    pub fn ids(&self) -> impl Iterator<Item = &SubjectId> {
        std::iter::once(&self.main).chain(&self.cross_listed)
    }
}

/// The components of a template that a request carries: those present replace what was there,
/// lists included; those omitted leave it unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each member is the one of `Content`")]
pub struct Overlay {
    pub code: Option<String>,
    pub number: Option<String>,
    pub cross_listed: Option<Vec<SubjectId>>,
    pub title: Option<String>,
    pub description: Option<Option<String>>,
    pub level: Option<Option<Level>>,
    pub units: Option<Units>,
    pub grade_rule: Option<Option<GradeRule>>,
    pub attributes: Option<Vec<String>>,
    pub grading_modes: Option<Vec<GradingMode>>,
    pub home_subject: Option<Option<HomeSubject>>,
    pub requisites: Option<Requisites>,
}

impl Overlay {
    /// The content with what the request carries in place of what was there.
    pub fn over(&self, content: &Content) -> Content {
        let Self {
            code,
            number,
            cross_listed,
            title,
            description,
            level,
            units,
            grade_rule,
            attributes,
            grading_modes,
            home_subject,
            requisites,
        } = self.clone();
        let was = content.clone();
        Content {
            main: SubjectId {
                code: code.unwrap_or(was.main.code),
                number: number.unwrap_or(was.main.number),
            },
            cross_listed: cross_listed.map_or(was.cross_listed, BTreeSet::from_iter),
            title: title.unwrap_or(was.title),
            description: description.unwrap_or(was.description),
            level: level.unwrap_or(was.level),
            units: units.unwrap_or(was.units),
            grade_rule: grade_rule.unwrap_or(was.grade_rule),
            attributes: attributes.map_or(was.attributes, BTreeSet::from_iter),
            grading_modes: grading_modes.map_or(was.grading_modes, BTreeSet::from_iter),
            home_subject: home_subject.unwrap_or(was.home_subject),
            requisites: requisites.unwrap_or(was.requisites),
        }
    }
}
