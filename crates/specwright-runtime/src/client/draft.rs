//! A request in the making: how generated code turns typed requests into HTTP.

use base64::Engine;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};

use super::Client;
use super::answer::Answer;
use super::encode::{self, Keep, Unwritten, Written};
use super::error::{ClientError, ErrorKind};
use super::{form, path, send};
use crate::credentials::{ApiKey, Basic, Bearer, Credentials};
use crate::operation::{
    Content, Location, Method, Operation, Parameter, Requirement, SecurityKind,
};
use crate::stream::ByteStream;
use crate::write::{Write, to_text};

/// A request in the making.
pub struct Draft {
    pub(super) client: Client,
    pub(super) operation: &'static Operation,
    pub(super) idempotent: bool,
    /// Declared responses and media types whose bodies are not read whole.
    pub(super) streams: &'static [(&'static str, &'static str)],
    written: Written,
    media_type: Option<HeaderValue>,
    body: Payload,
    problem: Option<(String, String)>,
}

/// The body of a request.
pub enum Payload {
    /// None.
    None,
    /// Bytes that can be sent again.
    Bytes(Bytes),
    /// Bytes that cannot.
    Stream(ByteStream),
}

/// A request as it is sent, again if need be.
pub struct Outgoing {
    method: http::Method,
    uri: Uri,
    headers: HeaderMap,
    pub(super) body: Payload,
}

impl Draft {
    pub(super) fn new(client: Client, operation: &'static Operation) -> Self {
        Self {
            client,
            operation,
            // RFC 9110, section 9.2.2.
            idempotent: !matches!(operation.method, Method::Patch | Method::Post),
            streams: &[],
            written: Written::default(),
            media_type: None,
            body: Payload::None,
            problem: None,
        }
    }

    /// Whether sending it twice is the same as once, where the contract says so itself.
    pub fn idempotent(&mut self, idempotent: bool) {
        self.idempotent = idempotent;
    }

    /// Leaves the bodies of these declared responses and media types to the caller.
    pub fn streams(&mut self, streams: &'static [(&'static str, &'static str)]) {
        self.streams = streams;
    }

    /// Sets a parameter.
    pub fn set(&mut self, parameter: &'static Parameter, value: &dyn Write) {
        self.write(parameter, value, false);
    }

    /// Sets a parameter that may have reserved characters (OAS 3.1, `allowReserved`).
    pub fn set_reserved(&mut self, parameter: &'static Parameter, value: &dyn Write) {
        self.write(parameter, value, true);
    }

    fn write(&mut self, parameter: &'static Parameter, value: &dyn Write, reserved: bool) {
        let all = self.operation.parameters;
        let json = to_text(value);
        match encode::parameter(parameter, all, reserved, &json, &mut self.written) {
            Ok(()) => {}
            Err(Unwritten::Hollow) if !parameter.required => {}
            Err(unwritten) => {
                let name = parameter.name.replace('~', "~0").replace('/', "~1");
                let pointer = format!("/{}/{name}", parameter.location.as_str());
                self.refuse(pointer, unwritten.reason());
            }
        }
    }

    fn refuse(&mut self, pointer: impl Into<String>, reason: impl Into<String>) {
        let problem = (pointer.into(), reason.into());
        self.problem.get_or_insert(problem);
    }

    /// Sends JSON.
    pub fn json(&mut self, content: &'static Content, body: &dyn Write) {
        self.media_type = Some(concrete(content.media_type, "application/json"));
        self.body = Payload::Bytes(to_text(body).into());
    }

    /// Sends a form.
    pub fn form(&mut self, content: &'static Content, body: &dyn Write) {
        self.media_type = Some(concrete(
            content.media_type,
            "application/x-www-form-urlencoded",
        ));
        match form::write(content, &to_text(body)) {
            Ok(form) => self.body = Payload::Bytes(form.into()),
            Err(unwritten) => self.refuse("/body", unwritten.reason()),
        }
    }

    /// Sends text.
    pub fn text(&mut self, content: &'static Content, body: String) {
        self.media_type = Some(text_type(content.media_type));
        self.body = Payload::Bytes(body.into());
    }

    /// Sends a value as text.
    pub fn value(&mut self, content: &'static Content, body: &dyn Write) {
        let json = to_text(body);
        let tree = super::tree::Tree::parse(&json);
        let token = tree.map(|tree| tree.token(&content.shape).map(str::to_owned));
        match token {
            Ok(Ok(text)) => self.text(content, text),
            _ => self.refuse("/body", Unwritten::Garbled.reason()),
        }
    }

    /// Sends bytes.
    pub fn stream(&mut self, content: &'static Content, body: ByteStream) {
        self.media_type = Some(concrete(content.media_type, "application/octet-stream"));
        self.body = match body.in_memory() {
            Some(bytes) => Payload::Bytes(bytes.clone()),
            None => Payload::Stream(body),
        };
    }

    /// Sends it and waits for the answer.
    ///
    /// # Errors
    ///
    /// There is no answer that the contract declares.
    pub async fn send(mut self) -> Result<Answer, ClientError> {
        match self.finish() {
            Ok(outgoing) => send::send(self, outgoing).await,
            Err((pointer, reason)) => Err(self.fail(ErrorKind::Unsendable { pointer, reason })),
        }
    }

    pub(super) fn fail(&self, kind: ErrorKind) -> ClientError {
        let peer = self.client.settings.transport.peer();
        ClientError::new(self.operation, peer, kind)
    }

    fn finish(&mut self) -> Result<Outgoing, (String, String)> {
        let mut headers = self.client.settings.headers.clone();
        overlay(&mut headers, &self.client.options.headers);
        if !headers.contains_key(header::ACCEPT)
            && let Some(accept) = accept(self.operation)
        {
            headers.insert(header::ACCEPT, accept);
        }
        self.authorize(&mut headers);
        if let Some(problem) = self.problem.take() {
            return Err(problem);
        }
        overlay(&mut headers, &self.written.headers);
        let body = std::mem::replace(&mut self.body, Payload::None);
        if let Some(media_type) = self.media_type.take() {
            headers.insert(header::CONTENT_TYPE, media_type);
        }
        // An empty body has to be announced too: to some servers it would be none.
        if let Payload::Bytes(bytes) = &body {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        }
        if !self.written.cookies.is_empty() {
            let value = HeaderValue::from_str(&self.written.cookies);
            let invalid = |_| ("/cookie".to_owned(), Unwritten::Header.reason().to_owned());
            headers.insert(header::COOKIE, value.map_err(invalid)?);
        }
        Ok(Outgoing {
            method: self.operation.method.to_http(),
            uri: self.uri()?,
            headers,
            body,
        })
    }

    fn uri(&self) -> Result<Uri, (String, String)> {
        let base = self.client.settings.base.as_deref().unwrap_or_default();
        let base = base.trim_end_matches('/');
        let mut text = format!(
            "{base}{}",
            path::fill(self.operation.path, &self.written.path)
        );
        if !self.written.query.is_empty() {
            text.push('?');
            text.push_str(&self.written.query);
        }
        Uri::try_from(text).map_err(|_| {
            let reason = "the address is longer than 64 KiB, or the base is no path";
            ("/path".to_owned(), reason.to_owned())
        })
    }

    /// Adds the credentials of the first alternative for which there are all.
    fn authorize(&mut self, headers: &mut HeaderMap) {
        let alternatives = self.operation.security;
        let client = self.client.clone();
        let met = |all: &&&[Requirement]| {
            let mut all = all.iter();
            all.all(|one| client.credentials_for(one.scheme.name).is_some())
        };
        // An alternative that asks for nothing comes last: credentials that are there are used.
        let chosen = alternatives.iter().filter(|all| !all.is_empty()).find(met);
        let Some(chosen) = chosen else {
            if !alternatives.is_empty() && !alternatives.iter().any(|all| all.is_empty()) {
                self.refuse("/security", wanted(alternatives));
            }
            return;
        };
        for requirement in *chosen {
            let scheme = requirement.scheme;
            let credentials = client.credentials_for(scheme.name);
            let given = credentials
                .is_some_and(|credentials| self.prove(scheme.kind, credentials, headers));
            if !given {
                let reason = format!(
                    "the credentials for the security scheme `{}` are of another kind, or cannot \
                     stand in a header",
                    scheme.name
                );
                self.refuse("/security", reason);
            }
        }
    }

    fn prove(
        &mut self,
        kind: SecurityKind,
        credentials: &Credentials,
        headers: &mut HeaderMap,
    ) -> bool {
        match (kind, credentials) {
            (SecurityKind::Basic, Credentials::Basic(Basic { username, password })) => {
                let engine = base64::engine::general_purpose::STANDARD;
                let text = engine.encode(format!("{username}:{password}"));
                // RFC 7617, section 2: the first colon ends the user name.
                !username.contains(':')
                    && secret(headers, "authorization", &format!("Basic {text}"))
            }
            (SecurityKind::Bearer, Credentials::Bearer(Bearer { token })) => {
                secret(headers, "authorization", &format!("Bearer {token}"))
            }
            (SecurityKind::ApiKey { location, name }, Credentials::ApiKey(ApiKey { key })) => {
                match location {
                    Location::Header => secret(headers, name, key),
                    Location::Query => {
                        let name = Keep::Unreserved.encode(name);
                        let key = Keep::Unreserved.encode(key);
                        self.written.add_query(&format!("{name}={key}"));
                        true
                    }
                    Location::Cookie => {
                        self.written.add_cookie(&format!("{name}={key}"));
                        key.bytes()
                            .all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte))
                    }
                    Location::Path => false,
                }
            }
            _ => false,
        }
    }
}

impl Outgoing {
    /// The request; a stream goes with the first one.
    pub fn request(&mut self) -> Request<ByteStream> {
        let body = match &mut self.body {
            Payload::None => ByteStream::from(""),
            Payload::Bytes(bytes) => bytes.clone().into(),
            Payload::Stream(stream) => std::mem::replace(stream, ByteStream::from("")),
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }
}

fn overlay(headers: &mut HeaderMap, more: &HeaderMap) {
    for name in more.keys() {
        headers.remove(name);
    }
    headers.extend(more.clone());
}

fn secret(headers: &mut HeaderMap, name: &str, value: &str) -> bool {
    let name = HeaderName::from_bytes(name.as_bytes());
    let value = HeaderValue::from_bytes(value.as_bytes());
    let (Ok(name), Ok(mut value)) = (name, value) else {
        return false;
    };
    value.set_sensitive(true);
    headers.insert(name, value);
    true
}

/// What would have to be given.
fn wanted(alternatives: &[&[Requirement]]) -> String {
    let sets: Vec<String> = alternatives
        .iter()
        .map(|all| {
            let names: Vec<String> = all
                .iter()
                .map(|one| format!("`{}`", one.scheme.name))
                .collect();
            names.join(" and ")
        })
        .collect();
    format!(
        "the operation asks for credentials of the security scheme {}, and the client has none; \
         give them by `Client::credentials`",
        sets.join(", or of ")
    )
}

/// Every media type that the operation declares, those of successes first.
fn accept(operation: &Operation) -> Option<HeaderValue> {
    let mut all: Vec<&'static str> = Vec::new();
    for success in [true, false] {
        for response in operation.responses {
            if response.status.starts_with('2') == success {
                all.extend(response.content.iter().map(|(media_type, _)| *media_type));
            }
        }
    }
    let mut unique: Vec<&'static str> = Vec::new();
    for media_type in all {
        if !unique.contains(&media_type) {
            unique.push(media_type);
        }
    }
    if unique.is_empty() {
        return None;
    }
    HeaderValue::from_str(&unique.join(", ")).ok()
}

/// A media type to send: a range is none.
fn concrete(media_type: &'static str, fallback: &'static str) -> HeaderValue {
    let media_type = if media_type.contains('*') {
        fallback
    } else {
        media_type
    };
    HeaderValue::from_str(media_type).unwrap_or(HeaderValue::from_static(fallback))
}

fn text_type(media_type: &'static str) -> HeaderValue {
    const PLAIN: &str = "text/plain; charset=utf-8";
    if media_type.contains('*')
        || !media_type.starts_with("text/")
        || media_type.contains("charset=")
    {
        return concrete(media_type, PLAIN);
    }
    let text = format!("{media_type}; charset=utf-8");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(PLAIN))
}
