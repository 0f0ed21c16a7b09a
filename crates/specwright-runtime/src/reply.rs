//! Answers in the making.

use http::{HeaderName, HeaderValue, StatusCode, header};
use poem::Response;
use serde_json::Value;

use crate::fault::Fault;
use crate::links::Links;
use crate::operation::Operation;
use crate::stream::ByteStream;
use crate::write::{Write, Writer};

/// A declared response: how generated code turns it into an answer.
pub trait Respond {
    /// Fills in the answer.
    fn respond(self, reply: &mut Reply);
}

/// A body with a choice of media types: how generated code turns it into an answer.
pub trait Choice {
    /// Fills in the answer.
    fn respond(self, status: u16, reply: &mut Reply);
}

/// The most that is set aside for an answer whose size is not known yet, in bytes.
const MOST_EXPECTED_BYTES: usize = 64 << 10;

/// An answer in the making.
#[derive(Debug)]
pub struct Reply {
    pub(crate) status: u16,
    pub(crate) media_type: Option<HeaderValue>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: ByteStream,
    pub(crate) fault: Option<Fault>,
    /// What the links of the body are made of, where the contract asks for links.
    pub(crate) links: Option<Box<Links>>,
    /// The header `Cache-Control`, where the contract asks for conditional requests.
    pub(crate) cache_control: Option<&'static str>,
    is_json: bool,
    /// How many bytes its body may well have.
    expected_bytes: usize,
}

impl Default for Reply {
    fn default() -> Self {
        Self::new()
    }
}

impl Reply {
    /// An empty answer with the status 204.
    pub fn new() -> Self {
        Self {
            status: 204,
            media_type: None,
            headers: Vec::new(),
            body: ByteStream::from(""),
            fault: None,
            links: None,
            cache_control: None,
            is_json: false,
            expected_bytes: 0,
        }
    }

    /// The same, when the body may well have so many bytes.
    pub(crate) fn expecting(bytes: usize) -> Self {
        Self {
            expected_bytes: bytes,
            ..Self::new()
        }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Answers with JSON.
    pub fn json<T: Write + ?Sized>(&mut self, status: u16, media_type: &'static str, body: &T) {
        // Answers of one operation are often alike, and growing to their size costs copies.
        let most = MOST_EXPECTED_BYTES;
        let mut writer = Writer::with_capacity(self.expected_bytes.clamp(128, most));
        body.write(&mut writer);
        self.status = status;
        // A range is no type to send.
        let ranged = media_type.contains('*');
        let media_type = if ranged {
            "application/json"
        } else {
            media_type
        };
        self.media_type = Some(HeaderValue::from_static(media_type));
        self.body = writer.into_bytes().into();
        self.is_json = true;
    }

    /// Answers with text.
    pub fn text(&mut self, status: u16, media_type: &'static str, body: String) {
        self.status = status;
        self.media_type = Some(match media_type {
            "text/plain" | "*/*" | "text/*" => {
                HeaderValue::from_static("text/plain; charset=utf-8")
            }
            "text/html" => HeaderValue::from_static("text/html; charset=utf-8"),
            other if other.contains("charset=") => HeaderValue::from_static(other),
            other if other.starts_with("text/") => {
                let text = format!("{other}; charset=utf-8");
                HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(other))
            }
            other => HeaderValue::from_static(other),
        });
        self.body = body.into();
        self.is_json = false;
    }

    /// Answers with a value as text, as a header would have it.
    pub fn text_of<T: Write + ?Sized>(&mut self, status: u16, media_type: &'static str, body: &T) {
        let json = crate::json::Json::of(body).to_value();
        self.text(status, media_type, simple(&json, false));
    }

    /// Answers with bytes.
    pub fn stream(&mut self, status: u16, media_type: &'static str, body: ByteStream) {
        self.status = status;
        let ranged = media_type.contains('*');
        let media_type = if ranged {
            "application/octet-stream"
        } else {
            media_type
        };
        self.media_type = Some(HeaderValue::from_static(media_type));
        self.body = body;
        self.is_json = false;
    }

    /// Answers without a body.
    pub fn empty(&mut self, status: u16) {
        self.status = status;
        self.media_type = None;
        self.body = ByteStream::from("");
        self.is_json = false;
    }

    /// Answers with a body that knows its media type.
    pub fn choice<T: Choice>(&mut self, status: u16, body: T) {
        body.respond(status, self);
    }

    /// Adds a header in the style `simple`.
    pub fn header<T: Write + ?Sized>(&mut self, name: &str, value: &T) {
        self.add(name, value, false);
    }

    /// Adds a header in the style `simple`, exploded: `key=value,key=value`.
    pub fn header_exploded<T: Write + ?Sized>(&mut self, name: &str, value: &T) {
        self.add(name, value, true);
    }

    fn add<T: Write + ?Sized>(&mut self, name: &str, value: &T, explode: bool) {
        let json = crate::json::Json::of(value).to_value();
        let text = simple(&json, explode);
        match (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::try_from(text),
        ) {
            (Ok(name), Ok(value)) => self.headers.push((name, value)),
            _ => {
                let fault = format!("the value of the response header {name} cannot be sent");
                self.fault.get_or_insert(Fault::internal(fault));
            }
        }
    }

    /// Whether the answer is a success with a JSON body.
    pub(crate) fn is_success_as_json(&self) -> bool {
        self.is_json && (200..300).contains(&self.status)
    }

    /// The JSON body.
    pub(crate) fn json_text(&self) -> Option<&str> {
        let body = self.body.in_memory().filter(|_| self.is_json)?;
        std::str::from_utf8(body).ok()
    }

    /// Puts another JSON body into the place of the one that is there.
    pub(crate) fn replace_json(&mut self, json: Vec<u8>) {
        self.body = json.into();
    }

    pub(crate) fn has_header(&self, name: &HeaderName) -> bool {
        self.headers.iter().any(|(known, _)| known == name)
    }

    /// Compares a JSON body with what the contract declares for its status.
    pub(crate) fn check(&mut self, operation: &Operation) {
        let Some(body) = self.body.in_memory().filter(|_| self.is_json) else {
            return;
        };
        let status = self.status.to_string();
        let range = format!("{}XX", self.status / 100);
        let find = |status: &str| {
            operation
                .responses
                .iter()
                .find(|response| response.status == status)
        };
        let declared = find(&status)
            .or_else(|| find(&range))
            .or_else(|| find("default"));
        let media_type = self
            .media_type
            .as_ref()
            .and_then(|value| value.to_str().ok());
        let check = declared.and_then(|response| {
            let content = response.content;
            let same = content.iter().find(|(name, _)| Some(*name) == media_type);
            same.or_else(|| content.first())?.1
        });
        let (Some(check), Ok(json)) = (check, std::str::from_utf8(body)) else {
            return;
        };
        if !check.accepts(json) {
            let violations = check.violations(json, "/body");
            let list: Vec<_> = violations
                .iter()
                .map(|violation| format!("{} {}", violation.pointer, violation.message))
                .collect();
            let fault = format!(
                "the answer {status} breaks the contract: {}",
                list.join("; ")
            );
            self.fault = Some(Fault::internal(fault));
        }
    }

    /// The answer as poem sends it.
    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::default();
        response.set_status(
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        );
        let headers = response.headers_mut();
        if let Some(media_type) = self.media_type {
            headers.insert(header::CONTENT_TYPE, media_type);
        }
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        response.set_body(self.body.into_body());
        response
    }
}

/// A value in the style `simple` (RFC 6570, section 3.2.2), without percent-encoding.
fn simple(value: &Value, explode: bool) -> String {
    match value {
        Value::Array(items) => items.iter().map(token).collect::<Vec<_>>().join(","),
        Value::Object(members) => {
            let between = if explode { '=' } else { ',' };
            let members = members.iter();
            members
                .map(|(key, value)| format!("{key}{between}{}", token(value)))
                .collect::<Vec<_>>()
                .join(",")
        }
        other => token(other),
    }
}

fn token(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
