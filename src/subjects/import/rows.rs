//! Rows of the files, each right by itself.

use crate::import::{Fields, Wrong};
use crate::subjects::domain::notifications::Kind;
use crate::subjects::domain::subject::{
    ContainerId, Content, GradeRule, GradingMode, HomeSubject, Level, SubjectId, Units,
};
use crate::subjects::domain::violations::Relation;

use super::requisites;

/// The longest code of a reference table, in characters.
const CODE: usize = 20;

/// The longest description of a code, name and title.
const NAME: usize = 200;

/// The longest description of a subject.
const DESCRIPTION: usize = 10_000;

/// One row.
#[derive(Clone, Debug)]
pub enum Row {
    /// Of a reference table.
    Reference(Reference),
    /// A container: its id and its type.
    Container(ContainerId, String),
    /// A template.
    Template(Box<Template>),
    /// A relation of two containers.
    Related(Related),
}

/// A row of a reference table; each member is the column of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    Term {
        code: String,
        description: String,
    },
    Code {
        code: String,
        description: String,
        department: String,
    },
    Attribute {
        code: String,
        description: String,
        category: String,
    },
    Mode {
        code: String,
        description: String,
    },
    ModeType {
        code: String,
        description: String,
    },
    Rule {
        mode: GradingMode,
        is_experimental: bool,
        description: String,
    },
    Mandate {
        id: i64,
        attribute: String,
        output: String,
        fails: bool,
    },
    Display {
        control: String,
        option: String,
        from: String,
        thru: String,
    },
    Institution {
        id: String,
        name: String,
    },
    Unit {
        institution: String,
        school: String,
        name: String,
    },
    Recipient {
        kind: Kind,
        qualifier: String,
        email: String,
    },
    Configuration {
        code: String,
        value: String,
        description: String,
    },
}

/// A template of a container; its terms are looked up later.
#[derive(Clone, Debug)]
pub struct Template {
    /// The container.
    pub container: ContainerId,
    /// The code of the first term.
    pub from: String,
    /// The code of the last term, or `999999`.
    pub thru: String,
    /// What it says; cross-listed ids in the order of the file.
    pub content: Content,
    /// The cross-listed ids as the file has them.
    pub cross_listed: Vec<SubjectId>,
}

/// A relation of two containers in a range of terms, in one direction or the other.
#[derive(Clone, Debug)]
pub struct Related {
    /// Which relation.
    pub relation: Relation,
    /// One container.
    pub container: ContainerId,
    /// The other one.
    pub other: ContainerId,
    /// The code of the first term.
    pub from: String,
    /// The code of the last term, or `999999`.
    pub thru: String,
}

/// What a file may hold: the columns that it must have, those it may have, and how its rows are
/// read.
struct Table {
    columns: &'static [&'static str],
    optional: &'static [&'static str],
    read: fn(&Fields<'_>) -> Row,
}

const TABLES: &[Table] = &[
    table(&["termCode", "description"], term),
    table(&["subjectCode", "description", "departmentCode"], code),
    table(&["attributeCode", "description", "category"], attribute),
    table(&["gradingModeCode", "description"], mode),
    table(&["typeCode", "description"], mode_type),
    table(
        &[
            "gradingModeCode",
            "gradingModeType",
            "isExperimental",
            "description",
        ],
        rule,
    ),
    table(&["ruleId", "attributeCode", "output", "fails"], mandate),
    table(
        &["controlCode", "optionValue", "fromTerm", "thruTerm"],
        display,
    ),
    table(&["homeInstitutionId", "name"], institution),
    table(&["homeInstitutionId", "homeSchoolId", "name"], unit),
    table(&["notificationType", "qualifier", "email"], recipient),
    table(&["configCode", "configValue", "description"], configuration),
    table(&["containerId", "subjectType"], container),
    table(
        &[
            "relation",
            "containerId",
            "relatedContainerId",
            "effectiveFromTerm",
            "effectiveThruTerm",
        ],
        related,
    ),
    Table {
        columns: &[
            "containerId",
            "subjectId",
            "title",
            "effectiveFromTerm",
            "effectiveThruTerm",
        ],
        optional: &[
            "crossListSubjects",
            "description",
            "level",
            "lectureUnits",
            "labUnits",
            "preparationUnits",
            "gradeRule",
            "attributes",
            "gradingModes",
            "homeInstitutionId",
            "homeSchoolId",
            "homeSubjectId",
            "prerequisites",
            "corequisites",
        ],
        read: template,
    },
];

const fn table(columns: &'static [&'static str], read: fn(&Fields<'_>) -> Row) -> Table {
    Table {
        columns,
        optional: &[],
        read,
    }
}

/// Reads a row by its columns, in whatever order they are; `None` where they are those of no table.
pub fn read(columns: &[String], fields: &Fields<'_>) -> Option<Result<Row, Vec<Wrong>>> {
    let has = |name: &&str| columns.iter().any(|column| column == name);
    let fits = |table: &&Table| {
        let known = |column: &String| {
            let mut names = table.columns.iter().chain(table.optional);
            names.any(|name| name == column)
        };
        table.columns.iter().all(has) && columns.iter().all(known)
    };
    let table = TABLES.iter().find(fits)?;
    let row = (table.read)(fields);
    Some(fields.finish(row))
}

fn term(fields: &Fields<'_>) -> Row {
    Row::Reference(Reference::Term {
        code: fields.text("termCode", 6).to_owned(),
        description: fields.text("description", NAME).to_owned(),
    })
}

fn code(fields: &Fields<'_>) -> Row {
    let code = fields.code("subjectCode", CODE, false).to_owned();
    Row::Reference(Reference::Code {
        code,
        description: fields.text("description", NAME).to_owned(),
        department: fields.text("departmentCode", CODE).to_owned(),
    })
}

fn attribute(fields: &Fields<'_>) -> Row {
    let categories = ["GIR", "HASS", "COMM", "OTHER"];
    Row::Reference(Reference::Attribute {
        code: fields.code("attributeCode", CODE, false).to_owned(),
        description: fields.text("description", NAME).to_owned(),
        category: fields.word("category", &categories).to_owned(),
    })
}

fn mode(fields: &Fields<'_>) -> Row {
    Row::Reference(Reference::Mode {
        code: fields.code("gradingModeCode", CODE, false).to_owned(),
        description: fields.text("description", NAME).to_owned(),
    })
}

fn mode_type(fields: &Fields<'_>) -> Row {
    Row::Reference(Reference::ModeType {
        code: fields.code("typeCode", CODE, false).to_owned(),
        description: fields.text("description", NAME).to_owned(),
    })
}

fn rule(fields: &Fields<'_>) -> Row {
    Row::Reference(Reference::Rule {
        mode: GradingMode::new(
            fields.text("gradingModeCode", CODE),
            fields.text("gradingModeType", CODE),
        ),
        is_experimental: fields.truth("isExperimental"),
        description: fields.text("description", NAME).to_owned(),
    })
}

fn mandate(fields: &Fields<'_>) -> Row {
    Row::Reference(Reference::Mandate {
        id: fields.count("ruleId"),
        attribute: fields.text("attributeCode", CODE).to_owned(),
        output: fields.text("output", 1000).to_owned(),
        fails: fields.truth("fails"),
    })
}

fn display(fields: &Fields<'_>) -> Row {
    Row::Reference(Reference::Display {
        control: fields.code("controlCode", CODE, false).to_owned(),
        option: fields.text("optionValue", 100).to_owned(),
        from: fields.text("fromTerm", 6).to_owned(),
        thru: fields.text("thruTerm", 6).to_owned(),
    })
}

fn institution(fields: &Fields<'_>) -> Row {
    Row::Reference(Reference::Institution {
        id: fields.text("homeInstitutionId", 60).to_owned(),
        name: fields.text("name", NAME).to_owned(),
    })
}

fn unit(fields: &Fields<'_>) -> Row {
    Row::Reference(Reference::Unit {
        institution: fields.text("homeInstitutionId", 60).to_owned(),
        school: fields.text("homeSchoolId", 60).to_owned(),
        name: fields.text("name", NAME).to_owned(),
    })
}

fn recipient(fields: &Fields<'_>) -> Row {
    let kinds = [Kind::Sr, Kind::Xlist, Kind::Hass, Kind::Comm];
    let named = fields.word("notificationType", &kinds.map(Kind::name));
    let kind = kinds.into_iter().find(|kind| kind.name() == named);
    let email = fields.text("email", 254);
    if email.parse::<lettre::Address>().is_err() {
        fields.refuse("email", format!("`{email}` is no mail address"));
    }
    Row::Reference(Reference::Recipient {
        // A word that is none of them is a mistake, and the row is not used.
        kind: kind.unwrap_or(Kind::Sr),
        qualifier: fields.text("qualifier", CODE).to_owned(),
        email: email.to_owned(),
    })
}

fn configuration(fields: &Fields<'_>) -> Row {
    Row::Reference(Reference::Configuration {
        code: fields.text("configCode", 100).to_owned(),
        value: fields.text("configValue", NAME).to_owned(),
        description: fields.text("description", NAME).to_owned(),
    })
}

fn container(fields: &Fields<'_>) -> Row {
    let types = ["Standard", "Administrative", "Cross-Registration"];
    Row::Container(
        container_id(fields, "containerId"),
        fields.word("subjectType", &types).to_owned(),
    )
}

fn container_id(fields: &Fields<'_>, column: &str) -> ContainerId {
    let id = fields.count(column);
    if id == 0 {
        fields.refuse(column, "containers are numbered from 1");
    }
    ContainerId(id)
}

fn related(fields: &Fields<'_>) -> Row {
    let relations = [Relation::Equivalency, Relation::Scheduling];
    let named = fields.word("relation", &relations.map(Relation::abbreviation));
    Row::Related(Related {
        relation: match named == Relation::Scheduling.abbreviation() {
            true => Relation::Scheduling,
            false => Relation::Equivalency,
        },
        container: container_id(fields, "containerId"),
        other: container_id(fields, "relatedContainerId"),
        from: fields.text("effectiveFromTerm", 6).to_owned(),
        thru: fields.text("effectiveThruTerm", 6).to_owned(),
    })
}

fn template(fields: &Fields<'_>) -> Row {
    let main = subject_id(fields, "subjectId", fields.text("subjectId", 41));
    let mut content = Content::new(main, fields.text("title", NAME));
    let cross_listed: Vec<_> = words(fields, "crossListSubjects")
        .map(|text| subject_id(fields, "crossListSubjects", text))
        .collect();
    content.cross_listed = cross_listed.iter().cloned().collect();
    content.description = fields
        .optional("description", DESCRIPTION)
        .map(str::to_owned);
    content.level = letter(fields, "level", [("U", Level::U), ("G", Level::G)]);
    content.grade_rule = letter(
        fields,
        "gradeRule",
        [
            ("J", GradeRule::J),
            ("N", GradeRule::N),
            ("R", GradeRule::R),
            ("T", GradeRule::T),
        ],
    );
    content.units = Units {
        lecture: hours(fields, "lectureUnits"),
        lab: hours(fields, "labUnits"),
        preparation: hours(fields, "preparationUnits"),
    };
    content.attributes = words(fields, "attributes").map(str::to_owned).collect();
    let modes = words(fields, "gradingModes");
    content.grading_modes = modes
        .filter_map(|text| grading_mode(fields, text))
        .collect();
    content.home_subject = home_subject(fields);
    content.requisites.prerequisites = requisites::tree(fields, "prerequisites");
    content.requisites.corequisites = requisites::tree(fields, "corequisites");
    Row::Template(Box::new(Template {
        container: container_id(fields, "containerId"),
        from: fields.text("effectiveFromTerm", 6).to_owned(),
        thru: fields.text("effectiveThruTerm", 6).to_owned(),
        content,
        cross_listed,
    }))
}

fn subject_id(fields: &Fields<'_>, column: &str, text: &str) -> SubjectId {
    SubjectId::parse(text).unwrap_or_else(|| {
        fields.refuse(column, format!("`{text}` is no subject id such as 6.AA1"));
        SubjectId::new("", "")
    })
}

/// The words of a list, which has spaces between them.
fn words<'a>(fields: &Fields<'a>, column: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let list = fields.optional(column, DESCRIPTION).unwrap_or_default();
    list.split_whitespace()
}

fn grading_mode(fields: &Fields<'_>, text: &str) -> Option<GradingMode> {
    let mode = text.split_once('/');
    if mode.is_none() {
        let reason = format!("`{text}` is no mode with its type, such as L/N");
        fields.refuse("gradingModes", reason);
    }
    mode.map(|(code, ty)| GradingMode::new(code, ty))
}

fn letter<T: Copy, const N: usize>(
    fields: &Fields<'_>,
    column: &str,
    letters: [(&str, T); N],
) -> Option<T> {
    let text = fields.optional(column, 1)?;
    let found = letters.iter().find(|(letter, _)| *letter == text);
    if found.is_none() {
        let letters = letters.map(|(letter, _)| letter).join(", ");
        fields.refuse(column, format!("`{text}` is not one of {letters}"));
    }
    found.map(|(_, value)| *value)
}

/// Hours a week; none where nothing is said.
fn hours(fields: &Fields<'_>, column: &str) -> u32 {
    let Some(text) = fields.optional(column, 3) else {
        return 0;
    };
    text.parse().unwrap_or_else(|_| {
        fields.refuse(column, format!("`{text}` is no whole number from 0 to 999"));
        0
    })
}

fn home_subject(fields: &Fields<'_>) -> Option<HomeSubject> {
    let names = ["homeInstitutionId", "homeSchoolId", "homeSubjectId"];
    let parts = names.map(|name| fields.optional(name, 60).map(str::to_owned));
    match parts {
        [Some(institution), Some(school), Some(subject)] => Some(HomeSubject {
            home_institution_id: institution,
            home_school_id: school,
            home_subject_id: subject,
        }),
        [None, None, None] => None,
        _ => {
            let reason = "a home subject has an institution, a school and an id";
            fields.refuse("homeSubjectId", reason);
            None
        }
    }
}
