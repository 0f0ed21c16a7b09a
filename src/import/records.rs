//! Records of a file, in the order of its lines: CSV with a line of column names, or one JSON object
//! a line.

use std::borrow::Cow;

use csv::StringRecord;
use serde_json::{Map, Value};

use super::File;

/// Gives each record of a file, with its line and its columns, and takes note of lines that hold
/// none. A file whose first character is `{` has JSON objects.
pub fn records(
    file: &File<'_>,
    mistakes: &mut Vec<String>,
    mut each: impl FnMut(u64, &[String], &StringRecord, &mut Vec<String>),
) {
    let text = file.text.trim_start_matches('\u{feff}');
    match text.trim_start().starts_with('{') {
        true => objects(file.name, text, mistakes, &mut each),
        false => rows(file.name, text, mistakes, &mut each),
    }
}

type Each<'a> = &'a mut dyn FnMut(u64, &[String], &StringRecord, &mut Vec<String>);

fn rows(name: &str, text: &str, mistakes: &mut Vec<String>, each: Each<'_>) {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(str::to_owned).collect(),
        Err(error) => return mistakes.push(format!("{name}: {error}")),
    };
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                each(line, &columns, &record, mistakes);
            }
            Ok(false) => return,
            Err(error) => mistakes.push(format!("{name}: {error}")),
        }
    }
}

fn objects(name: &str, text: &str, mistakes: &mut Vec<String>, each: Each<'_>) {
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let object: Map<String, Value> = match serde_json::from_str(text) {
            Ok(object) => object,
            Err(error) => {
                mistakes.push(format!("{name}, line {line}: no JSON object: {error}"));
                continue;
            }
        };
        let columns: Vec<String> = object.keys().cloned().collect();
        let record: StringRecord = object.values().map(field).collect::<Vec<_>>().into();
        each(line, &columns, &record, mistakes);
    }
}

/// A value as a field of a CSV file: `null` is nothing, a list of single values has spaces between
/// them, whatever else has members is its JSON text.
fn field(value: &Value) -> Cow<'_, str> {
    let is_single = |value: &Value| !value.is_array() && !value.is_object();
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text.trim()),
        Value::Array(items) if items.iter().all(is_single) => {
            let items: Vec<_> = items.iter().map(field).collect();
            Cow::Owned(items.join(" "))
        }
        value => Cow::Owned(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let (mut found, mut mistakes) = (Vec::new(), Vec::new());
        let file = File { name: "f", text };
        records(&file, &mut mistakes, |line, columns, record, _| {
            let fields: Vec<_> = columns.iter().zip(record).collect();
            let fields = fields.iter().map(|(name, value)| format!("{name}={value}"));
            found.push(format!("{line}: {}", fields.collect::<Vec<_>>().join(" ")));
        });
        (found, mistakes)
    }

    #[test]
    fn both_forms_hold_the_same() {
        let (rows, none) = read("\u{feff}a,b,c\n1, x y ,\ntrue,é,\"q,q\"\n");
        assert_eq!(rows, ["2: a=1 b=x y c=", "3: a=true b=é c=q,q"]);
        assert_eq!(none, Vec::<String>::new());
        let (objects, none) = read(
            "{\"a\":1,\"b\":[\"x\",\"y\"],\"c\":null}\n\n{\"a\":true,\"b\":\"é\",\"c\":{\"t\":[]}}\n",
        );
        assert_eq!(objects, ["1: a=1 b=x y c=", "3: a=true b=é c={\"t\":[]}"]);
        assert_eq!(none, Vec::<String>::new());
    }

    #[test]
    fn lines_that_hold_nothing_are_told() {
        let (found, mistakes) = read("a,b\n1\n2,3\n");
        assert_eq!((found.len(), mistakes.len()), (1, 1), "{mistakes:?}");
        let (found, mistakes) = read("{\"a\":1}\n[1]\n{\"a\":\n");
        assert_eq!((found.len(), mistakes.len()), (1, 2), "{mistakes:?}");
        assert!(mistakes[0].starts_with("f, line 2: no JSON object"));
    }
}
