//! The fields of one row, and what is wrong with them.

use std::cell::RefCell;

use chrono::NaiveDate;
use csv::StringRecord;

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its column.
    pub column: String,
    /// Why, and what to do.
    pub reason: String,
}

/// The fields of one row. Reading goes on after a mistake, so that all of them are found.
pub struct Fields<'a> {
    columns: &'a [String],
    record: &'a StringRecord,
    wrong: RefCell<Vec<Wrong>>,
}

impl<'a> Fields<'a> {
    /// A row under these columns.
    pub fn new(columns: &'a [String], record: &'a StringRecord) -> Self {
        Self {
            columns,
            record,
            wrong: RefCell::new(Vec::new()),
        }
    }

    /// Takes note of a mistake.
    pub fn refuse(&self, column: &str, reason: impl Into<String>) {
        self.wrong.borrow_mut().push(Wrong {
            column: column.to_owned(),
            reason: reason.into(),
        });
    }

    /// The row, unless there were mistakes.
    ///
    /// # Errors
    /// There were.
    pub fn finish<T>(&self, row: T) -> Result<T, Vec<Wrong>> {
        let wrong = self.wrong.take();
        if wrong.is_empty() {
            Ok(row)
        } else {
            Err(wrong)
        }
    }

    /// A text of 1 to `most` characters, none of them a control character.
    pub fn text(&self, column: &str, most: usize) -> &'a str {
        let index = self.columns.iter().position(|name| name == column);
        let text = index.and_then(|index| self.record.get(index)).unwrap_or("");
        if text.is_empty() || text.chars().count() > most || text.contains(char::is_control) {
            self.refuse(column, format!("`{text}` has not 1 to {most} characters"));
        }
        text
    }

    /// A text of at most `most` characters, which may have several lines; `None` where there is
    /// none, or no such column.
    pub fn optional(&self, column: &str, most: usize) -> Option<&'a str> {
        let index = self.columns.iter().position(|name| name == column)?;
        let text = self.record.get(index).filter(|text| !text.is_empty())?;
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if text.chars().count() > most || text.contains(control) {
            self.refuse(
                column,
                format!("it has more than {most} characters, or others than text has"),
            );
        }
        Some(text)
    }

    /// Either `true` or `false`.
    pub fn truth(&self, column: &str) -> bool {
        self.word(column, &["true", "false"]) == "true"
    }

    /// A code of 1 to `most` letters, digits, hyphens and, where `slash` says so, slashes.
    pub fn code(&self, column: &str, most: usize, slash: bool) -> &'a str {
        let text = self.text(column, most);
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || (slash && c == '/');
        if !text.chars().all(fits) {
            let more = if slash {
                ", hyphens and slashes"
            } else {
                " and hyphens"
            };
            self.refuse(
                column,
                format!("`{text}` has more in it than letters, digits{more}"),
            );
        }
        text
    }

    /// One of these words.
    pub fn word(&self, column: &str, words: &[&str]) -> &'a str {
        let text = self.text(column, 100);
        if !words.contains(&text) {
            let words = words.join(", ");
            self.refuse(column, format!("`{text}` is not one of {words}"));
        }
        text
    }

    /// A date as ISO 8601 writes it; any date where there is none.
    pub fn date(&self, column: &str) -> NaiveDate {
        let text = self.text(column, 10);
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        let date = date.filter(|date| date.to_string() == text);
        date.unwrap_or_else(|| {
            self.refuse(column, format!("`{text}` is no date such as 2026-04-20"));
            NaiveDate::default()
        })
    }

    /// The days of a period, the first and the last.
    pub fn period(&self, first: &str, last: &str) -> (NaiveDate, NaiveDate) {
        let (start, end) = (self.date(first), self.date(last));
        if end < start {
            self.refuse(last, format!("{end} is before {start}, the first day"));
        }
        (start, end)
    }

    /// A whole number that is not negative.
    pub fn count(&self, column: &str) -> i64 {
        let text = self.text(column, 9);
        text.parse()
            .ok()
            .filter(|count| *count >= 0)
            .unwrap_or_else(|| {
                self.refuse(column, format!("`{text}` is no whole number from 0 up"));
                0
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(values: &[&str], read: impl Fn(&Fields<'_>)) -> Vec<String> {
        let columns: Vec<String> = (0..values.len()).map(|n| n.to_string()).collect();
        let record = StringRecord::from(values.to_vec());
        let fields = Fields::new(&columns, &record);
        read(&fields);
        let wrong = fields.finish(()).err().unwrap_or_default();
        wrong.into_iter().map(|wrong| wrong.reason).collect()
    }

    #[test]
    fn right_fields_are_read() {
        let all = [
            "Ünï côdé",
            "0580/12",
            "Open",
            "2026-02-28",
            "2026-02-28",
            "0",
        ];
        let none = wrong(&all, |fields| {
            assert_eq!(fields.text("0", 8), "Ünï côdé");
            assert_eq!(fields.code("1", 30, true), "0580/12");
            assert_eq!(fields.word("2", &["Open"]), "Open");
            assert_eq!(fields.period("3", "4").0.to_string(), "2026-02-28");
            assert_eq!(fields.count("5"), 0);
        });
        assert_eq!(none, Vec::<String>::new());
    }

    #[test]
    fn what_may_be_left_out_is_none() {
        let told = wrong(&["", "a\nb", "abc", "a\0", "yes"], |fields| {
            assert_eq!(fields.optional("0", 1), None);
            assert_eq!(fields.optional("none", 1), None);
            assert_eq!(fields.optional("1", 3), Some("a\nb"));
            let _ = fields.optional("2", 2);
            let _ = fields.optional("3", 2);
            assert!(!fields.truth("4"));
        });
        assert_eq!(told.len(), 3, "{told:?}");
    }

    #[test]
    fn each_wrong_field_is_told() {
        let texts = ["", "ab", "a\nb"];
        for text in texts {
            let told = wrong(&[text], |fields| {
                let _ = fields.text("0", 1);
            });
            assert_eq!(told.len(), 1, "{text:?}");
        }
        for code in ["a b", "a/b", "ä", "'"] {
            assert_eq!(
                wrong(&[code], |fields| {
                    let _ = fields.code("0", 9, false);
                })
                .len(),
                1
            );
        }
        for date in [
            "2026-2-28",
            "2026-02-29",
            "28.02.2026",
            "2026-02-28T",
            "+2026-1-1",
        ] {
            let told = wrong(&[date], |fields| {
                let _ = fields.date("0");
            });
            assert!(!told.is_empty(), "{date}");
        }
        for count in ["-1", "1.5", "x", "1234567890"] {
            assert!(
                !wrong(&[count], |fields| {
                    let _ = fields.count("0");
                })
                .is_empty()
            );
        }
    }
}
