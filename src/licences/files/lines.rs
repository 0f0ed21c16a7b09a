//! Files of licences, read line by line: CSV with a line of names, or a JSON object a line.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde_json::Value;

use super::members::Members;
use super::record::{self, FIELDS, GRADE, Texts, Wrong};
use super::records::{MARK, Records};
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

impl Line {
    fn wrong(number: u64, field: &'static str, reason: String) -> Self {
        let licence = Err(vec![Wrong { field, reason }]);
        Self { number, licence }
    }
}

/// The lines of a file. No more than one of them is in memory.
pub enum Lines<R: Read> {
    /// Of a CSV file.
    Csv(Box<Csv<R>>),
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
            Form::Csv => Csv::new(file).map(Box::new).map(Self::Csv),
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
    reader: csv::Reader<Records<R>>,
    /// A line that was read, and waits for those before it.
    read: Option<Line>,
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
            // Lone carriage returns end no line, as for whoever counts lines.
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(Records::new(file));
        let headers = reader
            .headers()
            .map_err(|error| format!("line 1: {error}"))?;
        let names: Vec<String> = headers
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').to_owned())
            .collect();
        let first = reader.get_mut().next_number().unwrap_or(1);
        if let Some((number, reason)) = reader.get_mut().next_refused(first.max(2)) {
            return Err(format!("line {number}: {reason}"));
        }
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
                read: None,
                record: csv::StringRecord::new(),
                columns,
                width: names.len(),
            }),
            false => Err(format!("line {first}: {}", wrong.join("; "))),
        }
    }

    fn next(&mut self) -> Option<io::Result<Line>> {
        if self.read.is_none() {
            match self.read() {
                Ok(read) => self.read = read,
                Err(error) => return Some(Err(error)),
            }
        }
        let next = self.read.as_ref().map_or(u64::MAX, |line| line.number);
        if let Some((number, reason)) = self.reader.get_mut().next_refused(next) {
            return Some(Ok(Line::wrong(number, "the line", reason.to_owned())));
        }
        self.read.take().map(Ok)
    }

    /// The next line that begins a record.
    fn read(&mut self) -> io::Result<Option<Line>> {
        let read = self.reader.read_record(&mut self.record);
        if let Ok(false) = read {
            return Ok(None);
        }
        let number = self.reader.get_mut().next_number().unwrap_or_default();
        let wrong = |field, reason| Ok(Some(Line::wrong(number, field, reason)));
        if let Err(error) = read {
            return match error.into_kind() {
                csv::ErrorKind::Io(error) => Err(error),
                csv::ErrorKind::Utf8 { err, .. } => {
                    let mut columns = self.columns.iter();
                    let place = columns.position(|column| *column == err.field());
                    let field = place.map_or("the line", |place| FIELDS[place]);
                    wrong(field, "is not UTF-8".to_owned())
                }
                other => wrong("the line", format!("cannot be read: {other:?}")),
            };
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
        Ok(Some(Line { number, licence }))
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
            if self.number == 1 && self.line.starts_with(MARK) {
                self.line.drain(..MARK.len());
            }
            if !self.line.trim_ascii().is_empty() {
                return Some(Ok(self.read()));
            }
        }
    }

    fn wrong(&self, reason: String) -> Line {
        Line::wrong(self.number, "the line", reason)
    }

    fn read(&self) -> Line {
        match serde_json::from_slice::<Members>(&self.line) {
            Ok(object) => Line {
                number: self.number,
                licence: licence(&object.0),
            },
            Err(error) => self.wrong(format!("is no JSON object: {error}")),
        }
    }
}

fn licence(object: &[(String, Value)]) -> Result<Licence, Vec<Wrong>> {
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
        if texts[place].is_some() {
            wrong.push(Wrong {
                field: FIELDS[place],
                reason: "stands there twice".to_owned(),
            });
            continue;
        }
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
mod tests;
