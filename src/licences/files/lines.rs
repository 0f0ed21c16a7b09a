//! Files of licences, read line by line: CSV with a line of names, or a JSON object a line.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde_json::{Map, Value};

use super::record::{self, FIELDS, GRADE, Texts, Wrong};
use crate::licences::domain::Licence;

/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 64 * 1024;

/// What the lines of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// Comma-separated values, with a line of names.
    Csv,
    /// A JSON object a line.
    Jsonl,
}

impl Form {
    /// What a file of this name holds; CSV where the name does not tell.
    pub fn of(path: &Path) -> Self {
        let ending = path.extension().and_then(|ending| ending.to_str());
        match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("json" | "jsonl" | "ndjson") => Self::Jsonl,
            _ => Self::Csv,
        }
    }
}

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: u64,
    /// What it says, or everything that is wrong with it.
    pub licence: Result<Licence, Vec<Wrong>>,
}

/// The lines of a file. No more than one of them is in memory.
pub enum Lines<R: Read> {
    /// Of a CSV file.
    Csv(Csv<R>),
    /// Of a file of JSON objects.
    Jsonl(Jsonl<R>),
}

impl<R: Read> Lines<R> {
    /// The lines of a file in a form.
    ///
    /// # Errors
    /// It cannot be read, or its first line does not name the fields; as a text.
    pub fn new(file: R, form: Form) -> Result<Self, String> {
        match form {
            Form::Csv => Csv::new(file).map(Self::Csv),
            Form::Jsonl => Ok(Self::Jsonl(Jsonl {
                file: BufReader::with_capacity(1 << 16, file),
                number: 0,
                line: Vec::new(),
            })),
        }
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Csv(csv) => csv.next(),
            Self::Jsonl(jsonl) => jsonl.next(),
        }
    }
}

/// A CSV file (RFC 4180), its columns in any order.
pub struct Csv<R: Read> {
    reader: csv::Reader<R>,
    record: csv::StringRecord,
    /// By the place of the field, the place of its column.
    columns: [usize; FIELDS.len()],
    width: usize,
}

impl<R: Read> Csv<R> {
    fn new(file: R) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(file);
        let headers = reader
            .headers()
            .map_err(|error| format!("line 1: {error}"))?;
        let names: Vec<String> = headers
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').to_owned())
            .collect();
        let is = |field: &str, name: &String| field.eq_ignore_ascii_case(name);
        let mut wrong = Vec::new();
        for name in &names {
            if !FIELDS.iter().any(|field| is(field, name)) {
                wrong.push(format!("there is no field `{name}`"));
            }
        }
        let mut columns = [0; FIELDS.len()];
        for (field, column) in FIELDS.iter().zip(&mut columns) {
            let mut places = (0..names.len()).filter(|at| is(field, &names[*at]));
            match (places.next(), places.next()) {
                (Some(place), None) => *column = place,
                (None, _) => wrong.push(format!("the field `{field}` is missing")),
                (Some(_), Some(_)) => wrong.push(format!("the field `{field}` stands there twice")),
            }
        }
        match wrong.is_empty() {
            true => Ok(Self {
                reader,
                record: csv::StringRecord::new(),
                columns,
                width: names.len(),
            }),
            false => Err(format!("line 1: {}", wrong.join("; "))),
        }
    }

    fn next(&mut self) -> Option<io::Result<Line>> {
        let before = self.reader.position().line();
        let read = self.reader.read_record(&mut self.record);
        let number = self.record.position().map_or(before, csv::Position::line);
        let wrong = |field: &'static str, reason: String| {
            let licence = Err(vec![Wrong { field, reason }]);
            Some(Ok(Line { number, licence }))
        };
        match read {
            Ok(false) => return None,
            Ok(true) => {}
            Err(error) => {
                return match error.into_kind() {
                    csv::ErrorKind::Io(error) => Some(Err(error)),
                    csv::ErrorKind::Utf8 { err, .. } => {
                        let place = self
                            .columns
                            .iter()
                            .position(|column| *column == err.field());
                        let field = place.map_or("the line", |place| FIELDS[place]);
                        wrong(field, "is not UTF-8".to_owned())
                    }
                    other => wrong("the line", format!("cannot be read: {other:?}")),
                };
            }
        }
        if self.record.len() != self.width {
            let (found, width) = (self.record.len(), self.width);
            return wrong(
                "the line",
                format!("has {found} fields, and the first line has {width}"),
            );
        }
        let texts: Texts<'_> = self
            .columns
            .map(|column| self.record.get(column).map(Cow::Borrowed));
        let licence = record::read(&texts);
        Some(Ok(Line { number, licence }))
    }
}

/// A file of JSON objects, one a line; empty lines are left out.
pub struct Jsonl<R: Read> {
    file: BufReader<R>,
    number: u64,
    line: Vec<u8>,
}

impl<R: Read> Jsonl<R> {
    fn next(&mut self) -> Option<io::Result<Line>> {
        loop {
            self.line.clear();
            self.number += 1;
            let mut limited = (&mut self.file).take(LONGEST_LINE);
            match limited.read_until(b'\n', &mut self.line) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
            if self.line.len() as u64 == LONGEST_LINE && !self.line.ends_with(b"\n") {
                if let Err(error) = self.file.skip_until(b'\n') {
                    return Some(Err(error));
                }
                return Some(Ok(
                    self.wrong(format!("is longer than {LONGEST_LINE} bytes"))
                ));
            }
            if !self.line.trim_ascii().is_empty() {
                return Some(Ok(self.read()));
            }
        }
    }

    fn wrong(&self, reason: String) -> Line {
        let field = "the line";
        Line {
            number: self.number,
            licence: Err(vec![Wrong { field, reason }]),
        }
    }

    fn read(&self) -> Line {
        match serde_json::from_slice::<Map<String, Value>>(&self.line) {
            Ok(object) => Line {
                number: self.number,
                licence: licence(&object),
            },
            Err(error) => self.wrong(format!("is no JSON object: {error}")),
        }
    }
}

fn licence(object: &Map<String, Value>) -> Result<Licence, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let mut texts: Texts<'_> = Default::default();
    for (name, value) in object {
        let Some(place) = FIELDS
            .iter()
            .position(|field| field.eq_ignore_ascii_case(name))
        else {
            wrong.push(Wrong {
                field: "the line",
                reason: format!("there is no field `{name}`"),
            });
            continue;
        };
        texts[place] = match value {
            Value::String(text) => Some(Cow::Borrowed(text.as_str())),
            Value::Array(items) if place == GRADE => grades(items).map(Cow::Owned),
            _ => None,
        };
        if texts[place].is_none() {
            let wanted = if place == GRADE {
                "a list of texts"
            } else {
                "a text"
            };
            wrong.push(Wrong {
                field: FIELDS[place],
                reason: format!("is not {wanted}"),
            });
            // It is told once.
            texts[place] = Some(Cow::Borrowed(PRESENT[place]));
        }
    }
    match (record::read(&texts), wrong.is_empty()) {
        (read, true) => read,
        (Ok(_), false) => Err(wrong),
        (Err(more), false) => {
            wrong.extend(more);
            Err(wrong)
        }
    }
}

/// Values that nothing is wrong with, in the place of those that are told already.
const PRESENT: [&str; FIELDS.len()] = [
    "x",
    "x",
    "x",
    "x",
    "1a",
    "Active",
    "Pending",
    "1970-01-01",
    "1970-01-01",
    "1970-01-01",
    "1970-01-01",
    "9999-12-31",
    "x",
    "x",
];

fn grades(items: &[Value]) -> Option<String> {
    let texts = items
        .iter()
        .map(Value::as_str)
        .collect::<Option<Vec<_>>>()?;
    Some(texts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::licences::domain::{Grade, LicenceStatus};

    const ROW: &str = "PAL-1,H1,Okafor,Ada,\"3a,3b\",Active,Pending,2024-03-07,2024-02-20,\
                       2024-03-01,2024-03-04T10:30:00+02:00,2029-03-04,I1,TC1";

    fn read(text: &str, form: Form) -> Vec<Line> {
        let lines = Lines::new(text.as_bytes(), form).expect("the first line is right");
        lines.map(|line| line.expect("it can be read")).collect()
    }

    fn told(line: &Line) -> Vec<String> {
        let wrong = line.licence.as_ref().expect_err("the line is wrong").iter();
        wrong
            .map(|one| format!("{}, {}: {}", line.number, one.field, one.reason))
            .collect()
    }

    #[test]
    fn a_licence_is_read_from_both_forms() {
        let header = FIELDS.join(",");
        let csv = read(&format!("\u{feff}{header}\n{ROW}\n"), Form::Csv);
        let licence = csv[0].licence.as_ref().expect("it is right");
        assert_eq!(csv[0].number, 2);
        assert_eq!(licence.surname, "Okafor");
        assert_eq!(licence.licence_status, LicenceStatus::Active);
        let grades: Vec<_> = licence.grades.iter().collect();
        assert_eq!(grades, [Grade::MobileVertical, Grade::MobileBoom]);
        assert_eq!(licence.issued_ms, 1_709_541_000_000);
        assert_eq!(licence.application_ms, 1_708_387_200_000);
        let json = "\n{\"licenceNumber\":\"PAL-1\",\"holderNumber\":\"H1\",\"surname\":\"Okafor\",\
                    \"forename\":\"Ada\",\"grade\":[\"3a\",\"3B\"],\"licenceStatus\":\"active\",\
                    \"distributionStatus\":\"Pending\",\"distributionStatusDate\":\"2024-03-07\",\
                    \"applicationDate\":\"2024-02-20\",\"courseDate\":\"2024-03-01\",\
                    \"dateIssued\":\"2024-03-04T08:30:00Z\",\"dateExpires\":\"2029-03-04\",\
                    \"instructor\":\"I1\",\"trainingCentre\":\"TC1\"}";
        let jsonl = read(json, Form::Jsonl);
        assert_eq!(jsonl[0].number, 2);
        assert_eq!(jsonl[0].licence, csv[0].licence);
    }

    #[test]
    fn columns_come_in_any_order_and_case() {
        let mut names = FIELDS.map(str::to_ascii_uppercase);
        names.reverse();
        let row = "TC1,I1,2029-03-04,2024-03-04,2024-03-01,2024-02-20,2024-03-07,Pending,Active,HO,\
                   Ada,Okafor,H1,PAL-1";
        let lines = read(&format!("{}\n{row}", names.join(",")), Form::Csv);
        let licence = lines[0].licence.as_ref().expect("it is right");
        assert_eq!(
            (licence.surname.as_str(), licence.instructor.as_str()),
            ("Okafor", "I1")
        );
    }

    #[test]
    fn the_first_line_names_every_field_once() {
        for (header, reason) in [
            ("", "the field `licenceNumber` is missing"),
            (
                &format!("{},shoeSize", FIELDS.join(",")),
                "there is no field `shoeSize`",
            ),
            (
                &format!("{},surname", FIELDS.join(",")),
                "the field `surname` stands there twice",
            ),
        ] {
            let text = Lines::new(header.as_bytes(), Form::Csv)
                .err()
                .expect(header);
            assert!(
                text.starts_with("line 1: ") && text.contains(reason),
                "{text}"
            );
        }
    }

    #[test]
    fn everything_wrong_with_a_line_is_told() {
        let header = FIELDS.join(",");
        let row = "PAL 1,,Okafor,Ada,\"3a,9z\",Good,Pending,07.03.2024,2024-02-30,2024-03-01,\
                   2024-03-04,2029-03-04T00:00:00,I1,TC1";
        let lines = read(&format!("{header}\n{ROW}\n{row}\nPAL-3,H1\n"), Form::Csv);
        assert!(lines[0].licence.is_ok());
        let wrong = told(&lines[1]);
        let fields: Vec<&str> = wrong
            .iter()
            .filter_map(|line| line.split(':').next())
            .collect();
        assert_eq!(
            fields,
            [
                "3, licenceNumber",
                "3, holderNumber",
                "3, grade",
                "3, licenceStatus",
                "3, distributionStatusDate",
                "3, applicationDate",
                "3, dateExpires"
            ]
        );
        assert_eq!(wrong[1], "3, holderNumber: is missing");
        assert_eq!(
            wrong[3],
            "3, licenceStatus: `Good` is not one of Active, Expired, Suspended, Revoked"
        );
        assert_eq!(
            told(&lines[2]),
            ["4, the line: has 2 fields, and the first line has 14"]
        );
        let late = ROW.replace("2029-03-04", "2019-03-04");
        let lines = read(&format!("{header}\n{late}\n"), Form::Csv);
        assert!(told(&lines[0])[0].starts_with("2, dateExpires: `2019-03-04` is before"));
    }

    #[test]
    fn json_that_is_no_licence_is_told() {
        let long = format!("{{\"surname\": \"{}\"}}\n[]", "x".repeat(70_000));
        let text = format!("{{\"surname\": 1, \"grade\": [2], \"shoeSize\": \"9\"}}\n{{\n{long}");
        let lines = read(&text, Form::Jsonl);
        let first = told(&lines[0]);
        assert!(
            first.contains(&"1, surname: is not a text".to_owned()),
            "{first:?}"
        );
        assert!(
            first.contains(&"1, grade: is not a list of texts".to_owned()),
            "{first:?}"
        );
        assert!(first.contains(&"1, the line: there is no field `shoeSize`".to_owned()));
        assert!(first.contains(&"1, dateIssued: is missing".to_owned()));
        assert_eq!(first.len(), 3 + FIELDS.len() - 2);
        assert!(told(&lines[1])[0].starts_with("2, the line: is no JSON object"));
        assert_eq!(told(&lines[2]), ["3, the line: is longer than 65536 bytes"]);
        assert!(told(&lines[3])[0].starts_with("4, the line: is no JSON object"));
        assert_eq!(lines.len(), 4);
    }
}
