//! From a request to its answer: everything around an operation, as straight code.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Instant;

use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, Uri, Version, header};
use poem::{Request, Response};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::endpoint::{Call, Reply};
use crate::fault::Fault;
use crate::input::Input;
use crate::mount::{Mount, Settings};
use crate::observe::Observation;
use crate::operation::Operation;
use crate::problem::{self, ProblemDetails};
use crate::progress::Progress;
use crate::rejection::{Rejection, RequestInfo};
use crate::router::Found;
use crate::send;

/// What is at the path of a request.
pub(crate) enum There {
    /// Operations of the API; and the methods of the path, where they are not only the API's.
    Operations {
        found: Found,
        allow: Option<String>,
    },
    /// No operation, but something that has these methods.
    Methods(String),
    Nothing,
}

/// What is known of a request when its answer is made.
pub(crate) struct Head {
    pub method: Method,
    pub uri: Uri,
    version: Version,
    pub request_id: Arc<str>,
    pub operation: Option<&'static Operation>,
    started: Instant,
    pub outgoing: send::Outgoing,
}

/// What was found out of a request before it was rejected.
#[derive(Default)]
struct Seen {
    client: Option<String>,
    /// As JSON; it may have secrets.
    body: Option<Zeroizing<String>>,
}

/// What a request asks for.
enum Chosen {
    /// An operation, with its index, and where its path parameters are.
    Operation(usize, &'static Operation, Vec<(&'static str, Range<usize>)>),
    /// The methods of a path.
    Methods(Reply),
}

fn call(
    request: Request,
    (index, operation): (usize, &'static Operation),
    values: Vec<(&'static str, Range<usize>)>,
    head: &Head,
    settings: &Arc<Settings>,
) -> Call {
    let peer = request.remote_addr().as_socket_addr().copied();
    let scheme = request.scheme().clone();
    let (parts, body) = request.into_parts();
    let context = Context {
        uri: parts.uri,
        headers: parts.headers,
        extensions: parts.extensions,
        request_id: Arc::clone(&head.request_id),
        operation,
        deadline: settings
            .timeout
            .and_then(|timeout| head.started.checked_add(timeout)),
        peer,
        scheme,
        grants: Vec::new(),
    };
    Call {
        context,
        settings: Arc::clone(settings),
        index,
        values,
        body: Mutex::new(Some(body)),
        unchecked: false,
    }
}

/// The methods of a path: asked for, or what to try instead.
fn methods(head: &Head, allow: String) -> Result<Chosen, Rejection> {
    if head.method != Method::OPTIONS {
        return Err(Rejection::MethodNotAllowed { allow });
    }
    let mut reply = Reply::new();
    reply.header("allow", &allow);
    Ok(Chosen::Methods(reply))
}

/// Which of two credentials counts must not depend on who reads them: `Authorization` is no list
/// (RFC 9110, section 5.3).
fn refuse_repeated(headers: &HeaderMap) -> Result<(), Rejection> {
    match headers.get_all(header::AUTHORIZATION).iter().nth(1) {
        Some(_) => Err(Rejection::Repeated {
            header: "Authorization",
        }),
        None => Ok(()),
    }
}

/// What a panic says of its cause.
fn last_words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a word".to_owned())
}

impl Mount {
    /// Answers a request whose path is looked up already.
    pub(crate) async fn respond_at(&self, request: Request, there: There) -> Response {
        let mut head = None;
        let answering = AssertUnwindSafe(self.answer(request, there, &mut head));
        let answered = answering.catch_unwind().await;
        let response = answered.unwrap_or_else(|panic| self.break_down(&*panic, head.as_ref()));
        if let Some(head) = &head {
            self.observe(head, &response);
        }
        response
    }

    /// Makes the answer; `known` is what is known of the request, as soon as it is.
    async fn answer(&self, request: Request, there: There, known: &mut Option<Head>) -> Response {
        let settings = &self.settings;
        let head = known.insert(Head {
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            request_id: settings.ids.of(&request),
            operation: None,
            started: Instant::now(),
            outgoing: send::Outgoing::of(settings, &request),
        });
        let mut seen = Seen::default();
        let answer = match self.choose(&request, there, head) {
            Ok(Chosen::Operation(index, operation, values)) => {
                let call = call(request, (index, operation), values, head, settings);
                self.run(index, call, &mut seen).await
            }
            Ok(Chosen::Methods(reply)) => Ok(reply),
            Err(rejection) => Err(rejection),
        };
        let answer = answer.and_then(|mut reply| match reply.fault.take() {
            Some(fault) => Err(Rejection::Fault(fault)),
            None => Ok(reply),
        });
        let reply = match answer {
            Ok(reply) => reply,
            Err(rejection) => self.word(&rejection, head, &seen).await,
        };
        send::send(settings, head, reply).await
    }

    /// The answer when making one panicked, be it the operation's or the words for a rejection.
    /// Nothing of the API has a say in it.
    fn break_down(&self, panic: &(dyn Any + Send), head: Option<&Head>) -> Response {
        let request_id = head.map(|head| &*head.request_id);
        let operation = head.and_then(|head| head.operation);
        tracing::error!(
            request_id,
            operation = operation.map(|operation| operation.id),
            cause = format!("the answer panicked: {}", last_words(panic)),
            "the service failed"
        );
        let rejection = Rejection::Fault(Fault::internal("a panic"));
        let problem = ProblemDetails {
            status: rejection.status(),
            detail: &rejection.detail(),
            request_id: request_id.unwrap_or_default(),
            errors: &[],
        };
        let mut reply = Reply::new();
        reply.json(problem.status, problem::MEDIA_TYPE, &problem);
        let mut response = reply.into_response();
        if let (Some(echo), Some(id)) = (self.settings.ids.echo(), request_id)
            && let Ok(id) = HeaderValue::from_str(id)
        {
            response.headers_mut().insert(echo.clone(), id);
        }
        response
    }

    /// Finds out what is asked for, without looking into the request.
    fn choose(
        &self,
        request: &Request,
        there: There,
        head: &mut Head,
    ) -> Result<Chosen, Rejection> {
        self.settings.limits.check(request)?;
        refuse_repeated(request.headers())?;
        let (found, allow) = match there {
            There::Operations { found, allow } => (found, allow),
            There::Methods(allow) => return methods(head, allow),
            There::Nothing => return Err(Rejection::NotFound),
        };
        let leaf = self.router.leaf(&found).ok_or(Rejection::NotFound)?;
        // A preflight asks for leave, and carries no credentials (Fetch Standard, CORS-preflight
        // fetch): it is not for the operation, should there be one for `OPTIONS`.
        let operation = match head.outgoing.is_preflight() {
            true => None,
            false => leaf.operation(head.method.as_str()),
        };
        let Some((index, operation, names)) = operation else {
            return methods(head, allow.unwrap_or_else(|| leaf.allow.clone()));
        };
        head.operation = Some(operation);
        let values = names.iter().copied().zip(found.values).collect();
        Ok(Chosen::Operation(index, operation, values))
    }

    /// Runs an operation: in time, and without taking the server down.
    async fn run(&self, index: usize, call: Call, seen: &mut Seen) -> Result<Reply, Rejection> {
        let progress = Progress::default();
        let pending = self.carry_out(index, call, &progress, seen);
        let pending = AssertUnwindSafe(pending).catch_unwind();
        let mut pending = std::pin::pin!(pending);
        // Many operations never wait, and need no timer.
        let outcome = match (futures_util::poll!(&mut pending), self.settings.timeout) {
            (Poll::Ready(outcome), _) => outcome,
            (Poll::Pending, None) => pending.await,
            (Poll::Pending, Some(timeout)) => {
                match tokio::time::timeout(timeout, &mut pending).await {
                    Ok(outcome) => outcome,
                    Err(_) if progress.is_unhurried() => pending.await,
                    Err(_) if progress.waits_for_body() => return Err(Rejection::RequestTimeout),
                    Err(_) => return Err(Rejection::Timeout),
                }
            }
        };
        outcome.unwrap_or_else(|panic| {
            let text = last_words(&*panic);
            Err(Rejection::Fault(Fault::internal(format!(
                "the operation panicked: {text}"
            ))))
        })
    }

    /// Credentials, then media types and the body, then the operation.
    async fn carry_out(
        &self,
        index: usize,
        mut call: Call,
        progress: &Progress,
        seen: &mut Seen,
    ) -> Result<Reply, Rejection> {
        let operation = call.context.operation;
        if !call.context.operation.security.is_empty() {
            call = self.runner.admit(call).await?;
        }
        let mut input = match Input::of(&call, progress).await {
            Ok(input) => input,
            Err(rejection) => {
                seen.client = call.client();
                return Err(rejection);
            }
        };
        if call.unchecked {
            return Err(input.unwritten());
        }
        let Ok(pending) = self.runner.run(index, &mut input) else {
            seen.client = call.client();
            seen.body = input.json_body().map(Zeroizing::new);
            return Err(input.explain());
        };
        drop(input);
        progress.begin((self.settings.unhurried)(operation));
        pending.await
    }

    /// Words a rejection, and writes down what only the log may know.
    async fn word(&self, rejection: &Rejection, head: &Head, seen: &Seen) -> Reply {
        let request_id = &*head.request_id;
        let operation = head.operation.map(|operation| operation.id);
        match rejection {
            Rejection::Fault(fault) => {
                tracing::error!(
                    request_id,
                    operation,
                    cause = fault.chain(),
                    "the service failed"
                );
            }
            Rejection::Unavailable(fault) => {
                tracing::warn!(
                    request_id,
                    operation,
                    cause = fault.chain(),
                    "not available"
                );
            }
            Rejection::Timeout => tracing::warn!(request_id, operation, "not finished in time"),
            _ => {}
        }
        let info = RequestInfo {
            method: &head.method,
            path: head.uri.path(),
            operation: head.operation,
            request_id,
            client: match rejection {
                Rejection::Forbidden { client, .. } => client.as_deref(),
                _ => seen.client.as_deref(),
            },
            body: seen.body.as_ref().map(|body| body.as_str()),
        };
        let mut reply = self.settings.wording.word_later(rejection, &info).await;
        send::complete(&mut reply, rejection, head.version);
        reply
    }

    fn observe(&self, head: &Head, response: &Response) {
        let duration = head.started.elapsed();
        let status = response.status().as_u16();
        let operation = head.operation.map(|operation| operation.id);
        tracing::info!(
            request_id = &*head.request_id,
            api = self.settings.api.name,
            operation,
            method = head.method.as_str(),
            status,
            duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
        let Some(observer) = &self.settings.observer else {
            return;
        };
        let observation = Observation {
            api: self.settings.api.name,
            operation,
            method: head.method.clone(),
            status,
            duration,
        };
        // The answer is as good as it was before somebody failed to count it.
        let told = catch_unwind(AssertUnwindSafe(|| observer.observed(&observation)));
        if let Err(panic) = told {
            tracing::error!(
                request_id = &*head.request_id,
                operation,
                cause = last_words(&*panic),
                "an observer panicked"
            );
        }
    }
}
