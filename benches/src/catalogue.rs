//! Catalogues of subjects of any size, as the files that the server reads in.

use anyhow::Result;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// How many templates each container has: one for every two years, the last one open.
pub const TEMPLATES: usize = 10;
/// How many containers are equivalent to each other, beside the others.
pub const CLIQUE: usize = 500;
/// The academic year in which everything begins.
const FIRST: usize = 2000;

/// A catalogue: so many containers without relations, a clique of [`CLIQUE`] more, and one that is
/// to join it.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue {
    /// The containers without relations, numbered from 1.
    pub containers: usize,
}

impl Catalogue {
    /// The first container of the clique.
    pub fn member(self) -> usize {
        self.containers + 1
    }

    /// The container that is to join the clique.
    pub fn newcomer(self) -> usize {
        self.containers + CLIQUE + 1
    }

    /// The number within the code that a container has in all its templates.
    pub fn number(container: usize) -> String {
        const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut rest = container;
        let mut number = Vec::new();
        for _ in 0..4 {
            number.push(DIGITS[rest % DIGITS.len()]);
            rest /= DIGITS.len();
        }
        number.reverse();
        String::from_utf8_lossy(&number).into_owned()
    }

    /// The first term of one of a container's templates.
    pub fn from_term(template: usize) -> String {
        format!("{}FA", FIRST + 2 * template)
    }

    /// Writes the files, and gives their paths.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn write(self, folder: &Path) -> Result<Vec<PathBuf>> {
        let all = self.newcomer();
        let mut containers = "containerId,subjectType\n".to_owned();
        let mut templates =
            "containerId,subjectId,title,effectiveFromTerm,effectiveThruTerm,gradingModes\n"
                .to_owned();
        for container in 1..=all {
            let _ = writeln!(containers, "{container},Standard");
            let number = Self::number(container);
            for template in 0..TEMPLATES {
                let from = Self::from_term(template);
                let thru = match template + 1 == TEMPLATES {
                    true => "999999".to_owned(),
                    false => format!("{}SU", FIRST + 2 * template + 1),
                };
                let _ = writeln!(
                    templates,
                    "{container},B.{number},Subject {container},{from},{thru},L/N"
                );
            }
        }
        let mut relations =
            "relation,containerId,relatedContainerId,effectiveFromTerm,effectiveThruTerm\n"
                .to_owned();
        for other in self.member() + 1..self.newcomer() {
            let _ = writeln!(relations, "EQ,{},{other},2000FA,999999", self.member());
        }
        let files = [
            ("terms.csv", terms()),
            ("reference.jsonl", REFERENCE.to_owned()),
            ("containers.csv", containers),
            ("templates.csv", templates),
            ("relations.csv", relations),
        ];
        let mut paths = Vec::new();
        for (name, text) in files {
            let path = folder.join(name);
            fs::write(&path, text)?;
            paths.push(path);
        }
        Ok(paths)
    }
}

fn terms() -> String {
    let mut terms = "termCode,description\n".to_owned();
    for year in FIRST..FIRST + 40 {
        for season in ["FA", "JA", "SP", "SU"] {
            let _ = writeln!(terms, "{year}{season},{season} of {year}");
        }
    }
    terms
}

const REFERENCE: &str = r#"{"subjectCode":"B","description":"Measured","departmentCode":"B"}
{"gradingModeCode":"L","description":"Letters"}
{"typeCode":"N","description":"Normal"}
{"gradingModeCode":"L","gradingModeType":"N","isExperimental":false,"description":"L/N"}
{"configCode":"mitsisBackfillAllowedUptoYear","configValue":"2026","description":"Gate"}
{"configCode":"currentTermCode","configValue":"2026SP","description":"Now"}
{"configCode":"termPlanDefaultSearchYear","configValue":"2026","description":"Plans"}
{"configCode":"nextOfferedYearsAhead","configValue":"5","description":"Ahead"}
"#;
