//! The parts of a request, as generated code reads them, and the account of what is wrong.

use crate::body;
use crate::context::Context;
use crate::endpoint::Call;
use crate::explain::{self, Violation};
use crate::json::Json;
use crate::mount::Settings;
use crate::negotiate;
use crate::operation::{Content, Location, MediaForm, Operation, Parameter};
use crate::pairs::Pairs;
use crate::params::{self, Garbled, Sources};
use crate::progress::Progress;
use crate::read::{Invalid, Kind, Reader};
use crate::receive::{Payload, receive};
use crate::rejection::{Malformed, Rejection};
use crate::rules::Rules;
use crate::stream::ByteStream;
use crate::unknown;
use crate::whole::{self, Unread};
use crate::write::Writer;

/// How generated code reads a value.
pub type ReadFn<T> = fn(&mut Reader<'_>) -> Result<T, Invalid>;

/// The parts of one request.
pub struct Input<'c> {
    pub(crate) call: &'c Call,
    pub(crate) query: Pairs<'c>,
    /// What the contract asks for beyond OpenAPI.
    rules: Option<&'static Rules>,
    content: Option<usize>,
    payload: Payload,
    scratch: Writer,
    /// What is wrong beyond the schemas, found while reading.
    problem: Option<Rejection>,
}

impl<'c> Input<'c> {
    pub(crate) async fn of(call: &'c Call, progress: &Progress) -> Result<Self, Rejection> {
        let context = &call.context;
        negotiate_answer(&call.settings, context)?;
        let (content, payload) = match context.operation.body {
            Some(body) => receive(call, body, progress).await?,
            None => (None, Payload::None),
        };
        let parameters = context.operation.parameters;
        Ok(Self {
            call,
            query: context.uri.query().map(Pairs::of_query).unwrap_or_default(),
            rules: None,
            content,
            payload,
            scratch: Writer::with_capacity(if parameters.is_empty() { 0 } else { 64 }),
            problem: None,
        })
    }

    /// Reads the request under what the contract asks for beyond OpenAPI.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the query has a parameter that the operation does not have, and may not.
    pub fn follow(&mut self, rules: &'static Rules) -> Result<(), Invalid> {
        self.rules = Some(rules);
        if rules.ignore_case {
            self.query.ignore_case();
        }
        match unknown::names(self).next() {
            Some(_) if rules.refuse_unknown => Err(Invalid),
            _ => Ok(()),
        }
    }

    /// The JSON of a parameter; `None` when the request has none that can be read.
    pub(crate) fn json_of(&self, parameter: &'static Parameter) -> Option<String> {
        let mut writer = Writer::with_capacity(64);
        let found = params::write(parameter, &self.sources(), &mut writer);
        found.ok().filter(|found| *found)?;
        String::from_utf8(writer.into_bytes()).ok()
    }

    /// A parameter as text, without the quotes that JSON puts around strings.
    pub(crate) fn text_of(&self, parameter: &'static Parameter) -> Option<String> {
        let json = self.json_of(parameter)?;
        let text = crate::read::from_text::<String>(&json, crate::read::Read::read);
        Some(text.unwrap_or(json))
    }

    fn sources(&self) -> Sources<'_> {
        Sources {
            path: self.call.context.uri.path(),
            values: &self.call.values,
            query: &self.query,
            headers: &self.call.context.headers,
            all: self.operation().parameters,
        }
    }

    /// The circumstances of the request.
    pub fn context(&self) -> &'c Context {
        &self.call.context
    }

    /// Which of the declared contents the body is; `None` when there is no body.
    pub fn content(&self) -> Option<usize> {
        self.content
    }

    /// Says that a body is needed.
    pub fn missing_body(&self) -> Invalid {
        Invalid
    }

    pub(crate) fn operation(&self) -> &'static Operation {
        self.call.context.operation
    }

    fn declared(&self) -> Option<&'static Content> {
        self.operation().body?.content.get(self.content?).copied()
    }

    fn charset(&self) -> Option<&str> {
        negotiate::parameter(self.call.context.header("content-type")?, "charset")
    }

    /// Puts the JSON of a parameter into `scratch`; `false` when the request has none.
    fn fetch(&mut self, parameter: &'static Parameter) -> Result<bool, Garbled> {
        self.scratch.clear();
        let sources = Sources {
            path: self.call.context.uri.path(),
            values: &self.call.values,
            query: &self.query,
            headers: &self.call.context.headers,
            all: self.operation().parameters,
        };
        params::write(parameter, &sources, &mut self.scratch)
    }

    fn scratch(&self) -> &str {
        std::str::from_utf8(self.scratch.as_bytes()).unwrap_or_default()
    }

    /// Reads a parameter that may be absent.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it does not fit.
    pub fn optional<T>(
        &mut self,
        parameter: &'static Parameter,
        read: ReadFn<T>,
    ) -> Result<Option<T>, Invalid> {
        match self.fetch(parameter) {
            Ok(true) => match whole::unentangled(self.scratch(), read) {
                Ok(value) => Ok(Some(value)),
                Err(unread) => Err(self.unread_parameter(parameter, unread)),
            },
            Ok(false) => Ok(None),
            Err(_) => Err(Invalid),
        }
    }

    /// Keeps in mind why a parameter is not read, where a second walk would not find it out.
    #[cold]
    fn unread_parameter(&mut self, parameter: &'static Parameter, unread: Unread) -> Invalid {
        if let Unread::Entangled { .. } = unread {
            let violation = explain::entangled(&pointer_of(parameter), Kind::Object);
            self.problem = Some(Rejection::Invalid(vec![violation]));
        }
        Invalid
    }

    /// Reads a parameter that must be there.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it is absent or does not fit.
    pub fn required<T>(
        &mut self,
        parameter: &'static Parameter,
        read: ReadFn<T>,
    ) -> Result<T, Invalid> {
        self.optional(parameter, read)?.ok_or(Invalid)
    }

    /// Reads a parameter that has a default.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it does not fit.
    pub fn or<T>(
        &mut self,
        parameter: &'static Parameter,
        default: T,
        read: ReadFn<T>,
    ) -> Result<T, Invalid> {
        self.optional(parameter, read)
            .map(|value| value.unwrap_or(default))
    }

    /// Reads a parameter that has a default, given as JSON.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it does not fit.
    pub fn or_json<T>(
        &mut self,
        parameter: &'static Parameter,
        default: &str,
        read: ReadFn<T>,
    ) -> Result<T, Invalid> {
        match self.optional(parameter, read)? {
            Some(value) => Ok(value),
            None => crate::read::from_text(default, read),
        }
    }

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it is absent or does not fit.
    pub fn body<T>(&mut self, read: ReadFn<T>) -> Result<T, Invalid> {
        let content = self.declared().ok_or(Invalid)?;
        if content.form == MediaForm::Json {
            let Payload::Bytes(bytes) = &self.payload else {
                return Err(Invalid);
            };
            return match whole::from_bytes(bytes, read) {
                Ok(value) => Ok(value),
                Err(Unread::Invalid) => Err(Invalid),
                Err(Unread::Entangled { offset }) => {
                    let malformed = Malformed::at(bytes, offset, whole::ENTANGLED);
                    self.problem = Some(Rejection::Malformed(malformed));
                    Err(Invalid)
                }
            };
        }
        let json = self.body_as_json(content).map_err(|_| Invalid)?;
        whole::unentangled(&json, read).map_err(|unread| {
            if let Unread::Entangled { .. } = unread {
                let violation = explain::entangled("/body", Kind::Object);
                self.problem = Some(Rejection::Invalid(vec![violation]));
            }
            Invalid
        })
    }

    /// Reads the body, if there is one.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it does not fit.
    pub fn optional_body<T>(&mut self, read: ReadFn<T>) -> Result<Option<T>, Invalid> {
        if self.content.is_none() {
            Ok(None)
        } else {
            self.body(read).map(Some)
        }
    }

    /// The body as text.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it is absent or no text.
    pub fn text(&mut self) -> Result<String, Invalid> {
        let Payload::Bytes(bytes) = &self.payload else {
            return Err(Invalid);
        };
        match body::text(bytes, self.charset()) {
            Ok(text) => Ok(text),
            Err(rejection) => {
                self.problem = Some(rejection);
                Err(Invalid)
            }
        }
    }

    /// The body as text, if there is one.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it is no text.
    pub fn optional_text(&mut self) -> Result<Option<String>, Invalid> {
        if self.content.is_none() {
            Ok(None)
        } else {
            self.text().map(Some)
        }
    }

    /// The body as it comes.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when it is absent.
    pub fn stream(&mut self) -> Result<ByteStream, Invalid> {
        match std::mem::replace(&mut self.payload, Payload::None) {
            Payload::Stream(stream) => Ok(stream),
            Payload::Bytes(bytes) => Ok(bytes.into()),
            Payload::None => Err(Invalid),
        }
    }

    /// The body as it comes, if there is one.
    ///
    /// # Errors
    ///
    /// None today.
    pub fn optional_stream(&mut self) -> Result<Option<ByteStream>, Invalid> {
        if self.content.is_none() {
            Ok(None)
        } else {
            self.stream().map(Some)
        }
    }

    /// Finds out everything that is wrong with a request that was found not to fit.
    #[cold]
    #[inline(never)]
    pub fn explain(&mut self) -> Rejection {
        if let Some(problem) = self.problem.take() {
            return problem;
        }
        match self.violations() {
            Err(rejection) => rejection,
            Ok(mut violations) => {
                if violations.is_empty() {
                    let operation = self.operation().id;
                    tracing::error!(operation, "a request was refused that its schemas accept");
                    let message = "breaks the contract";
                    violations.push(Violation::new("", "false", message, Kind::Object));
                }
                Rejection::Invalid(violations)
            }
        }
    }

    /// What becomes of a request whose credentials nobody checks yet: it is told what is wrong
    /// with it, and the operation is not begun.
    pub(crate) fn unwritten(&mut self) -> Rejection {
        match self.violations() {
            Err(rejection) => rejection,
            Ok(violations) if violations.is_empty() => Rejection::NotImplemented,
            Ok(violations) => Rejection::Invalid(violations),
        }
    }

    fn violations(&mut self) -> Result<Vec<Violation>, Rejection> {
        if let Some(malformed) = self.malformed() {
            return Err(Rejection::Malformed(malformed));
        }
        let mut violations = Vec::new();
        for parameter in self.operation().parameters {
            self.explain_parameter(parameter, &mut violations);
        }
        if self.rules.is_some_and(|rules| rules.refuse_unknown) {
            violations.extend(unknown::violations(self));
        }
        self.explain_body(&mut violations)?;
        Ok(violations)
    }

    fn explain_parameter(
        &mut self,
        parameter: &'static Parameter,
        violations: &mut Vec<Violation>,
    ) {
        let pointer = pointer_of(parameter);
        match self.fetch(parameter) {
            Ok(true) => {
                let found = parameter.check.violations(self.scratch(), &pointer);
                let json = Json::parse(self.scratch()).map(|json| json.to_value());
                let shown = matches!(parameter.location, Location::Path | Location::Query);
                for mut violation in found {
                    violation.sent = match &json {
                        Ok(json) if shown => violation.sent_in(json, &pointer),
                        _ => None,
                    };
                    violations.push(violation);
                }
            }
            Ok(false) if parameter.required => {
                violations.push(Violation::missing(&pointer, parameter.name));
            }
            Ok(false) => {}
            Err(garbled) => {
                let mut violation = garbled.at(&pointer);
                if parameter.location == Location::Query {
                    violation.sent = Some(self.query.raw(parameter.name));
                }
                violations.push(violation);
            }
        }
    }

    /// Where a JSON body stops being JSON.
    fn malformed(&self) -> Option<Malformed> {
        let (Some(content), Payload::Bytes(bytes)) = (self.declared(), &self.payload) else {
            return None;
        };
        if content.form != MediaForm::Json {
            return None;
        }
        let fault = match Reader::from_bytes(bytes) {
            Err(fault) => Some(fault),
            Ok(mut reader) => {
                let read = reader.skip().and_then(|()| reader.end());
                read.err().and_then(|_| reader.fault())
            }
        };
        fault.map(|fault| Malformed::at(bytes, fault.offset, fault.reason))
    }

    fn explain_body(&self, violations: &mut Vec<Violation>) -> Result<(), Rejection> {
        let Some(body) = self.operation().body else {
            return Ok(());
        };
        let Some(content) = self.declared() else {
            if body.required {
                violations.push(Violation::missing("/body", "body"));
            }
            return Ok(());
        };
        let Some(check) = content.check else {
            return Ok(());
        };
        match self.body_as_json(content) {
            Ok(json) => violations.extend(check.violations(&json, "/body")),
            Err(NoJson::Rejected(rejection)) => return Err(rejection),
            Err(NoJson::Field(name, garbled)) => {
                let name = name.replace('~', "~0").replace('/', "~1");
                let pointer = if name.is_empty() {
                    "/body".to_owned()
                } else {
                    format!("/body/{name}")
                };
                violations.push(garbled.at(&pointer));
            }
        }
        Ok(())
    }

    /// The body as JSON text, if it can be read as that.
    pub(crate) fn json_body(&self) -> Option<String> {
        self.body_as_json(self.declared()?).ok()
    }

    /// The body as JSON text, whatever it came as.
    fn body_as_json(&self, content: &'static Content) -> Result<String, NoJson> {
        let Payload::Bytes(bytes) = &self.payload else {
            return Ok("null".to_owned());
        };
        let text = match content.form {
            MediaForm::Json => return Ok(String::from_utf8_lossy(bytes).into_owned()),
            _ => body::text(bytes, self.charset()).map_err(NoJson::Rejected)?,
        };
        let mut writer = Writer::new();
        match content.form {
            MediaForm::Form => Pairs::of_query(&text)
                .write_form(&content.shape, content.encoding, &mut writer)
                .map_err(|(name, garbled)| NoJson::Field(name, garbled))?,
            _ => content.shape.write(&text, &mut writer),
        }
        Ok(String::from_utf8(writer.into_bytes()).unwrap_or_default())
    }
}

enum NoJson {
    Rejected(Rejection),
    Field(String, Garbled),
}

fn pointer_of(parameter: &Parameter) -> String {
    explain::member(&format!("/{}", parameter.location.as_str()), parameter.name)
}

/// Whether the client takes any success that the operation declares; of an operation that
/// declares 406, any response at all.
fn negotiate_answer(settings: &Settings, context: &Context) -> Result<(), Rejection> {
    let headers = &context.headers;
    if negotiate::accepts_all(headers) {
        return Ok(());
    }
    let operation = context.operation;
    let strict = operation.declares("406");
    let offers = || {
        let responses = operation.responses.iter().filter(move |response| {
            strict || response.status.starts_with('2') || response.status == "default"
        });
        responses.flat_map(|response| response.content.iter().map(|(media_type, _)| *media_type))
    };
    let also = settings.also_accepted.iter().copied();
    let mut all = offers().chain(also);
    if offers().next().is_none() || all.any(|offer| negotiate::accepts(headers, offer)) {
        return Ok(());
    }
    let mut offered: Vec<&'static str> = offers().collect();
    offered.sort_unstable();
    offered.dedup();
    Err(Rejection::NotAcceptable { offered })
}
