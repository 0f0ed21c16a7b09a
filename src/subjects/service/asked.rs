//! What a request asks for whose form is wrong, as far as it can be read: its container and its
//! term are told together with its form.

use serde_json::Value;

use super::super::domain::operations::{
    Asked, Backdate, Create, Deactivate, Edit, EditRequisites, Enroll, Operation, PlanTerms,
    Reactivate, ShowYear,
};
use super::super::domain::requisites::Requisites;
use super::super::domain::subject::{ContainerId, Overlay};
use super::super::domain::term::Year;
use super::super::domain::violations::{Violation, shortened};
use super::requests::{OPEN, other_end, other_from};

/// What can be read of a request of that operation, by its path and the JSON of its body, and what
/// of its terms contradicts another one: a body that is no JSON asks for nothing by itself.
pub fn asked(operation: &str, path: &str, body: Option<&str>) -> (Vec<Violation>, Option<Asked>) {
    let body = body.and_then(|body| serde_json::from_str(body).ok());
    let asking = Asking {
        place: Place::of(path),
        body: body.unwrap_or_default(),
    };
    (asking.contradictions(operation), asking.asked(operation))
}

/// Where a request goes.
#[derive(Default)]
pub struct Place {
    /// The container that the path names.
    pub container: Option<ContainerId>,
    /// What stands where some paths have their term.
    term: Option<String>,
}

impl Place {
    /// Where a path leads, which is as it was sent.
    pub fn of(path: &str) -> Self {
        let Some(rest) = path.strip_prefix("/subjects/containers/") else {
            return Self::default();
        };
        let mut parts = rest.split('/');
        let container = parts.next().and_then(decoded);
        Self {
            container: container.and_then(|id| Some(ContainerId(id.parse().ok()?))),
            term: parts.nth(1).and_then(decoded).and_then(told),
        }
    }
}

/// A part of a path without its percent-encoding (RFC 3986, section 2.1); `None` when it is garbled.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push(match byte {
            b'%' => u8::try_from(digit()? * 16 + digit()?).ok()?,
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

/// A code as messages repeat it, so that the same one is told once; that of an empty one is the
/// form's.
fn told(code: String) -> Option<String> {
    (!code.is_empty()).then(|| shortened(code))
}

/// A request as far as it can be read.
struct Asking {
    place: Place,
    body: Value,
}

impl Asking {
    fn asked(&self, operation: &str) -> Option<Asked> {
        match operation {
            "create_subject" => self.create(),
            "edit_subject" => self.during(self.place.term.clone(), |container, from| {
                Some(self.edit(container, from).into())
            }),
            "change_enrollable_subjects" => {
                self.during(self.place.term.clone(), |container, term| {
                    Some(Operation::from(Enroll {
                        container,
                        term,
                        subjects: Vec::new(),
                    }))
                })
            }
            "deactivate_or_reactivate_subject" => self
                .during(self.code("/effectiveTerm"), |container, from| {
                    self.end_or_return(container, from)
                }),
            "backdate_subject" => self
                .during(self.code("/effectiveFromTerm"), |container, from| {
                    Some(Operation::from(Backdate { container, from }))
                }),
            "change_requisites" => self.during(self.code("/effectiveTerm"), |container, from| {
                Some(Operation::from(EditRequisites {
                    container,
                    from,
                    requisites: Requisites::default(),
                    unknown_operators: Vec::new(),
                }))
            }),
            "change_term_plans" => self.in_year(|container, year| {
                Operation::from(PlanTerms {
                    container,
                    year,
                    next_offered: None,
                    offerings: Vec::new(),
                })
            }),
            "change_display_controls_and_urls" => self.in_year(|container, year| {
                Operation::from(ShowYear {
                    container,
                    year,
                    controls: None,
                    urls: None,
                })
            }),
            _ => self.place.container.map(Asked::Container),
        }
    }

    /// A code in the body, where there is one.
    fn code(&self, pointer: &str) -> Option<String> {
        let code = self.body.pointer(pointer)?.as_str()?;
        told(code.to_owned())
    }

    fn of_template(&self, name: &str) -> Option<String> {
        self.code(&format!("/subjectTemplate/effectiveTerms/{name}"))
    }

    /// An operation from a term on, or in one: as much of it as is there.
    fn during(
        &self,
        term: Option<String>,
        operation: impl FnOnce(ContainerId, String) -> Option<Operation>,
    ) -> Option<Asked> {
        let Some(container) = self.place.container else {
            return term.map(|term| Asked::Term(None, term));
        };
        let Some(term) = term else {
            return Some(Asked::Container(container));
        };
        let whole = operation(container, term.clone()).map(Asked::Operation);
        Some(whole.unwrap_or(Asked::Term(Some(container), term)))
    }

    fn in_year(&self, operation: impl FnOnce(ContainerId, Year) -> Operation) -> Option<Asked> {
        let container = self.place.container?;
        let year = self.body.get("academicYear").and_then(Value::as_u64);
        let year = year.and_then(|year| Year::new(u16::try_from(year).ok()?));
        let whole = year.map(|year| Asked::Operation(operation(container, year)));
        Some(whole.unwrap_or(Asked::Container(container)))
    }

    fn create(&self) -> Option<Asked> {
        let thru = self.of_template("effectiveThruTerm");
        let create = Create {
            from: self.of_template("effectiveFromTerm")?,
            thru: thru.unwrap_or_else(|| OPEN.to_owned()),
            ..Create::default()
        };
        Some(Asked::Operation(create.into()))
    }

    fn edit(&self, container: ContainerId, from: String) -> Edit {
        Edit {
            container,
            from,
            thru: self.of_template("effectiveThruTerm"),
            version: None,
            template: Overlay::default(),
            equivalent_subjects: Vec::new(),
            subject_relationships: Vec::new(),
        }
    }

    /// An end or a return; `None` where it is neither, of which the term alone can be right.
    fn end_or_return(&self, container: ContainerId, from: String) -> Option<Operation> {
        match self.body.get("operation")?.as_str()? {
            "DEACTIVATE" => Some(Operation::from(Deactivate { container, from })),
            "REACTIVATE" => Some(Operation::from(Reactivate {
                container,
                from,
                template: Overlay::default(),
                equivalent_subjects: Vec::new(),
                subject_relationships: Vec::new(),
            })),
            _ => None,
        }
    }

    /// Terms of the template that are others than those of the operation.
    fn contradictions(&self, operation: &str) -> Vec<Violation> {
        let is_return = operation == "deactivate_or_reactivate_subject"
            && self.body.get("operation").and_then(Value::as_str) == Some("REACTIVATE");
        let from = match operation {
            "edit_subject" => self.place.term.clone(),
            _ if is_return => self.code("/effectiveTerm"),
            _ => None,
        };
        let given = self.of_template("effectiveFromTerm").zip(from);
        let first = given.and_then(|(given, from)| other_from(given, &from));
        let last = self
            .of_template("effectiveThruTerm")
            .filter(|_| is_return)
            .and_then(other_end);
        first.into_iter().chain(last).collect()
    }
}
