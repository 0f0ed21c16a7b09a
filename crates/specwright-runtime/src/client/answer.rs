//! An answer: from HTTP to typed responses.

use bytes::Bytes;
use http::{HeaderMap, header};

use super::draft::Draft;
use super::error::{ClientError, ErrorKind, excerpt};
use super::problem::Problem;
use crate::charset;
use crate::check::{Check, Checks};
use crate::explain::Violation;
use crate::negotiate;
use crate::operation::{Location, Method, Operation, Parameter, Response, Style};
use crate::params;
use crate::read::{Invalid, Kind, Reader};
use crate::shape::Shape;
use crate::stream::ByteStream;
use crate::write::Writer;

/// How generated code reads a value.
pub type ReadFn<T> = fn(&mut Reader<'_>) -> Result<T, Invalid>;

/// An answer as it came.
#[derive(Debug)]
pub struct Received {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) stream: Option<ByteStream>,
    /// Which declared response it is, and with which of its media types.
    declared: Option<(usize, Option<usize>)>,
    response: Option<&'static Response>,
    has_body: bool,
}

impl Received {
    pub(super) fn new(operation: &'static Operation, status: u16, headers: HeaderMap) -> Self {
        let index = response(operation, status);
        let response = index.and_then(|index| operation.responses.get(index).copied());
        let mut received = Self {
            status,
            headers,
            body: Bytes::new(),
            stream: None,
            declared: None,
            response,
            // RFC 9110, section 9.3.2.
            has_body: operation.method != Method::Head,
        };
        received.declared = index.zip(response).and_then(|(index, response)| {
            if response.content.is_empty() || !received.has_body {
                return Some((index, None));
            }
            let content = content(response, received.media_type()?)?;
            Some((index, Some(content)))
        });
        received
    }

    /// Whether the contract declares the status with the media type.
    pub(super) fn is_declared(&self) -> bool {
        self.declared.is_some()
    }

    /// Whether the body is left to the caller.
    pub(super) fn is_streamed(&self, streams: &[(&str, &str)]) -> bool {
        let Some(((_, Some(content)), response)) = self.declared.zip(self.response) else {
            return false;
        };
        let media_type = response.content.get(content).map(|(name, _)| *name);
        streams
            .iter()
            .any(|(status, name)| *status == response.status && Some(*name) == media_type)
    }

    /// The length that the answer gives its body; a bare one has none to be read.
    pub(super) fn announced(&self) -> Option<usize> {
        let length = self.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?;
        let length: u64 = length.trim().parse().ok()?;
        self.has_body
            .then_some(usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn media_type(&self) -> Option<&str> {
        self.headers.get(header::CONTENT_TYPE)?.to_str().ok()
    }

    fn is_encoded(&self) -> bool {
        self.headers
            .get(header::CONTENT_ENCODING)
            .is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    }
}

/// The declared response for a status: itself, its range, or `default`.
fn response(operation: &Operation, status: u16) -> Option<usize> {
    let find = |wanted: &str| {
        let mut responses = operation.responses.iter();
        responses.position(|response| response.status.eq_ignore_ascii_case(wanted))
    };
    find(&status.to_string())
        .or_else(|| find(&format!("{}XX", status / 100)))
        .or_else(|| find("default"))
}

/// The declared media type that covers one that came: the exact one before the ranges.
fn content(response: &Response, media_type: &str) -> Option<usize> {
    let essence = negotiate::essence(media_type);
    let declared = || {
        let names = response.content.iter().map(|(name, _)| *name);
        names.map(negotiate::essence).enumerate()
    };
    let exact = declared().find(|(_, name)| name.eq_ignore_ascii_case(essence));
    let range = || {
        declared()
            .filter(|(_, name)| negotiate::covers(name, essence))
            .max_by_key(|(_, name)| *name != "*/*")
    };
    exact.or_else(range).map(|(index, _)| index)
}

/// An answer that the contract declares.
#[derive(Debug)]
pub struct Answer {
    operation: &'static Operation,
    peer: String,
    received: Received,
}

impl Answer {
    pub(super) fn of(draft: &Draft, received: Received) -> Result<Self, ClientError> {
        let peer = draft.client.settings.transport.peer();
        let answer = Self {
            operation: draft.operation,
            peer,
            received,
        };
        if !answer.received.is_declared() {
            return Err(answer.undeclared());
        }
        if answer.received.is_encoded() && answer.received.stream.is_none() {
            let message = "is encoded in a way that the client does not ask for";
            return Err(answer.unfit("/header/content-encoding", "encoding", message));
        }
        Ok(answer)
    }

    /// The index of the declared response.
    pub fn declared(&self) -> usize {
        self.received.declared.map_or(0, |(index, _)| index)
    }

    /// The index of the media type in the declared response.
    pub fn content(&self) -> usize {
        let content = self.received.declared.and_then(|(_, content)| content);
        content.unwrap_or_default()
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.received.status
    }

    /// What is left of an answer without a body.
    pub fn into_head(self) -> AnswerHead {
        AnswerHead {
            status: self.received.status,
            headers: self.received.headers,
        }
    }

    fn fail(&self, kind: ErrorKind) -> ClientError {
        ClientError::new(self.operation, self.peer.clone(), kind)
    }

    /// Says that the contract does not declare the answer.
    pub fn undeclared(&self) -> ClientError {
        let received = &self.received;
        let status = received.status;
        let media_type = received.media_type();
        let is_problem = media_type.map(negotiate::essence) == Some("application/problem+json");
        if status >= 400
            && is_problem
            && let Some(problem) = Problem::parse(&received.body)
        {
            let problem = Box::new(problem);
            return self.fail(ErrorKind::Rejected { status, problem });
        }
        let media_type = media_type.map(str::to_owned);
        let excerpt = excerpt(&received.body);
        self.fail(match received.response {
            None => ErrorKind::UnexpectedStatus {
                status,
                media_type,
                excerpt,
            },
            Some(response) => ErrorKind::UnexpectedMediaType {
                status,
                media_type,
                declared: response.content.iter().map(|(name, _)| *name).collect(),
                excerpt,
            },
        })
    }

    fn unfit(&self, pointer: &str, keyword: &str, message: &str) -> ClientError {
        let violation = Violation::new(pointer, keyword, message, Kind::String);
        self.undecodable(vec![violation])
    }

    fn undecodable(&self, violations: Vec<Violation>) -> ClientError {
        self.fail(ErrorKind::Undecodable {
            status: self.received.status,
            violations,
            excerpt: excerpt(&self.received.body),
        })
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    ///
    /// It does not fit.
    pub fn json<T>(&self, read: ReadFn<T>) -> Result<T, ClientError> {
        let value = crate::whole::from_bytes(&self.received.body, read);
        value.map_err(|_| self.explain())
    }

    /// Finds out everything that is wrong with a body that was found not to fit.
    #[cold]
    fn explain(&self) -> ClientError {
        let body = &self.received.body;
        let fault = match Reader::from_bytes(body) {
            Err(fault) => Some(fault),
            Ok(mut reader) => {
                let read = reader.skip().and_then(|()| reader.end());
                read.err().and_then(|_| reader.fault())
            }
        };
        if let Some(fault) = fault {
            let message = format!("is no JSON at byte {}: {}", fault.offset, fault.reason);
            return self.unfit("/body", "syntax", &message);
        }
        self.unfit_body(std::str::from_utf8(body).unwrap_or_default())
    }

    /// What its schema says of a body that does not fit, as JSON.
    fn unfit_body(&self, text: &str) -> ClientError {
        let check = self.received.response.and_then(|response| {
            let (_, check) = response.content.get(self.content())?;
            *check
        });
        let violations = check.map(|check| check.violations(text, "/body"));
        match violations.filter(|violations| !violations.is_empty()) {
            Some(violations) => self.undecodable(violations),
            None => self.unfit("/body", "type", "does not fit the type of the contract"),
        }
    }

    /// The body, read as text.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn text(&self) -> Result<String, ClientError> {
        let media_type = self.received.media_type().unwrap_or_default();
        let charset = negotiate::parameter(media_type, "charset");
        charset::decode(&self.received.body, charset)
            .map_err(|_| self.unfit("/body", "encoding", "is no text in its charset"))
    }

    /// The body, a value that is written as text.
    ///
    /// # Errors
    ///
    /// It is none, or does not fit.
    pub fn text_as<T>(&self, shape: Shape, read: ReadFn<T>) -> Result<T, ClientError> {
        let mut writer = Writer::new();
        shape.write(&self.text()?, &mut writer);
        let json = writer.into_bytes();
        let json = std::str::from_utf8(&json).unwrap_or_default();
        let value = crate::read::from_text(json, read);
        value.map_err(|Invalid| self.unfit_body(json))
    }

    /// The body as it comes.
    pub fn stream(self) -> ByteStream {
        match self.received.stream {
            Some(stream) => stream,
            None => self.received.body.into(),
        }
    }

    /// A header that may be absent, in the style `simple`.
    ///
    /// # Errors
    ///
    /// It does not fit.
    pub fn optional_header<T>(
        &self,
        name: &'static str,
        explode: bool,
        shape: Shape,
        read: ReadFn<T>,
    ) -> Result<Option<T>, ClientError> {
        let Some(json) = self.header_json(name, explode, shape)? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(json.as_bytes()).unwrap_or_default();
        match crate::read::from_text(text, read) {
            Ok(value) => Ok(Some(value)),
            Err(Invalid) => Err(self.unfit_header(name, "does not fit its schema")),
        }
    }

    /// A header that is always sent, in the style `simple`.
    ///
    /// # Errors
    ///
    /// It is absent or does not fit.
    pub fn header<T>(
        &self,
        name: &'static str,
        explode: bool,
        shape: Shape,
        read: ReadFn<T>,
    ) -> Result<T, ClientError> {
        match self.optional_header(name, explode, shape, read)? {
            Some(value) => Ok(value),
            None => Err(self.unfit_header(name, "is required")),
        }
    }

    fn unfit_header(&self, name: &str, message: &str) -> ClientError {
        let name = name.to_ascii_lowercase();
        let name = name.replace('~', "~0").replace('/', "~1");
        self.unfit(&format!("/header/{name}"), "header", message)
    }

    fn header_json(
        &self,
        name: &'static str,
        explode: bool,
        shape: Shape,
    ) -> Result<Option<Writer>, ClientError> {
        // A response header is written like a header parameter (OAS 3.1, Header Object); its
        // schema is that of its type.
        static NONE: Checks = Checks::new("{}");
        static ANY: Check = Check::new(&NONE, "");
        let parameter = Parameter {
            name,
            location: Location::Header,
            required: false,
            style: Style::Simple,
            explode,
            allow_empty_value: false,
            shape,
            check: &ANY,
        };
        let mut json = Writer::default();
        match params::write_header(&parameter, &self.received.headers, &mut json) {
            Ok(found) => Ok(found.then_some(json)),
            Err(garbled) => Err(self.unfit_header(name, garbled.message)),
        }
    }
}

/// The answer to a request for headers only.
#[derive(Clone, Debug)]
pub struct AnswerHead {
    status: u16,
    headers: HeaderMap,
}

impl AnswerHead {
    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of this name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
