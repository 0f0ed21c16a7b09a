//! Problem details as they came (RFC 9457).

use std::fmt;

use serde_json::Value;

use super::error::{EXCERPT, shorten};
use crate::json::{Json, value_of};

/// Problem details as they came (RFC 9457, section 3.1). Members of other types than the standard
/// gives them are as if they were absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problem {
    /// What kind of problem it is; `about:blank` unless it says otherwise.
    pub ty: String,
    /// The kind in words.
    pub title: Option<String>,
    /// The status, as the server meant it.
    pub status: Option<u16>,
    /// What happened this time.
    pub detail: Option<String>,
    /// Which occurrence it is.
    pub instance: Option<String>,
    /// Everything wrong with the request, where the server lists it in a member `errors`.
    pub errors: Vec<ProblemEntry>,
    /// All of it.
    pub document: Json,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemEntry {
    /// Where.
    pub pointer: String,
    /// What.
    pub message: String,
}

impl Problem {
    /// Reads problem details; `None` when the body is no JSON object.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let document = Json::parse(text).ok()?;
        let value = value_of(document.as_str())?;
        let members = value.as_object()?;
        let text = |name: &str| members.get(name)?.as_str().map(str::to_owned);
        let entries = members.get("errors").and_then(Value::as_array);
        Some(Self {
            ty: text("type").unwrap_or_else(|| "about:blank".to_owned()),
            title: text("title"),
            status: members
                .get("status")
                .and_then(Value::as_u64)
                .and_then(|status| u16::try_from(status).ok()),
            detail: text("detail"),
            instance: text("instance"),
            errors: entries.into_iter().flatten().filter_map(entry).collect(),
            document,
        })
    }
}

fn entry(value: &Value) -> Option<ProblemEntry> {
    let text = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| value.get(name)?.as_str())
            .map(str::to_owned)
    };
    Some(ProblemEntry {
        pointer: text(&["pointer"])?,
        message: text(&["message", "detail"]).unwrap_or_default(),
    })
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.detail.as_ref().or(self.title.as_ref());
        f.write_str(&shorten(words.unwrap_or(&self.ty), EXCERPT))?;
        for (index, error) in self.errors.iter().take(3).enumerate() {
            f.write_str(if index == 0 { ": " } else { "; " })?;
            f.write_str(&shorten(&error.pointer, EXCERPT))?;
            if !error.message.is_empty() {
                write!(f, " {}", shorten(&error.message, EXCERPT))?;
            }
        }
        if self.errors.len() > 3 {
            write!(f, "; and {} more", self.errors.len() - 3)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_read_with_what_is_wrong() {
        let body = br#"{"title":"Bad Request","status":400,"detail":"2 violations",
            "errors":[{"pointer":"/query/year","keyword":"minimum","message":"must be at least 1"},
            {"pointer":"/body"},{"other":1}],"traceId":"7"}"#;
        let problem = Problem::parse(body).expect("a problem");
        assert_eq!(problem.ty, "about:blank");
        assert_eq!(problem.status, Some(400));
        assert_eq!(problem.errors.len(), 2);
        assert_eq!(
            problem.to_string(),
            "2 violations: /query/year must be at least 1; /body"
        );
        assert!(problem.document.as_str().contains("traceId"));
    }

    #[test]
    fn members_of_other_types_are_absent() {
        let problem = Problem::parse(br#"{"type":1,"status":"x","detail":[],"errors":{}}"#);
        let problem = problem.expect("a problem");
        assert_eq!((problem.status, problem.detail), (None, None));
        assert_eq!(problem.ty, "about:blank");
        for body in [&b"[]"[..], b"{", b"", b"\xff", b"{\"a\":1,\"a\":2}"] {
            assert_eq!(Problem::parse(body), None);
        }
    }
}
