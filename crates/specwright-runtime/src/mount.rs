//! An API, ready to answer: everything around its operations, as straight code.

use std::fmt;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use http::{Method, Uri};
use ipnet::IpNet;
use poem::{Endpoint, Request, Response};

use crate::context::Context;
use crate::cors::Cors;
use crate::endpoint::{Admission, Answering, Call, Reply, Runner, not_implemented};
use crate::fault::Fault;
use crate::ids::RequestIds;
use crate::input::Input;
use crate::limits::Limits;
use crate::observe::{Observation, Observer};
use crate::openapi::{Contract, OpenApi, runner_of};
use crate::operation::{Api, Lifecycle, Operation};
use crate::origin::Origin;
use crate::problem::Problems;
use crate::rejection::{Rejection, RequestInfo, Wording};
use crate::router::{Found, Router};
use crate::send;

/// How an API behaves beyond its contract.
#[derive(Clone)]
pub struct Settings {
    pub(crate) api: &'static Api,
    pub(crate) wording: Arc<dyn Wording>,
    pub(crate) limits: Limits,
    pub(crate) timeout: Option<Duration>,
    pub(crate) unhurried: fn(&Operation) -> bool,
    pub(crate) cors: Cors,
    pub(crate) compression: bool,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) ids: RequestIds,
    pub(crate) check_responses: bool,
    pub(crate) content_md5: bool,
    pub(crate) also_accepted: Vec<&'static str>,
    pub(crate) lifecycles: Vec<&'static Lifecycle>,
    pub(crate) origin: Origin,
    /// How many bytes the last answer of each operation had.
    pub(crate) answer_sizes: Arc<[AtomicUsize]>,
}

/// An API, ready to answer.
///
/// It is an endpoint of poem by itself; several of them share a server through a
/// [`Host`](crate::Host).
pub struct Mount {
    settings: Arc<Settings>,
    router: Router,
    runner: Arc<dyn Runner>,
    claims: Vec<String>,
    trailing_slash: bool,
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mount")
            .field("api", &self.settings.api.name)
            .finish_non_exhaustive()
    }
}

/// Makes a generated API ready to answer.
///
/// Unless told otherwise it words rejections as problem details, takes bodies of up to 2 MiB,
/// answers within 30 seconds, compresses, lets no other origin in, and takes over request ids from
/// `X-Request-Id`.
pub fn mount<T: OpenApi + Contract>(api: T) -> Mount {
    // An API without any operation has no endpoint to come out of.
    Mount::over(T::API, runner_of(api).unwrap_or_else(|| Arc::new(Nothing)))
}

/// The runner of an API without operations.
pub(crate) struct Nothing;

impl Runner for Nothing {
    fn admit(&self, call: Call) -> Admission<'_> {
        Box::pin(async { Ok(call) })
    }

    fn run<'a>(&'a self, _operation: usize, _input: &mut Input<'a>) -> Answering<'a> {
        Ok(not_implemented())
    }
}

/// What is known of a request when its answer is made.
pub(crate) struct Head {
    pub method: Method,
    pub uri: Uri,
    pub request_id: Arc<str>,
    pub operation: Option<&'static Operation>,
    started: Instant,
    pub outgoing: send::Outgoing,
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

impl Mount {
    pub(crate) fn over(api: &'static Api, runner: Arc<dyn Runner>) -> Self {
        let settings = Settings {
            api,
            wording: Arc::new(Problems),
            limits: Limits::default(),
            timeout: Some(Duration::from_secs(30)),
            unhurried: |_| false,
            cors: Cors::Off,
            compression: true,
            observer: None,
            ids: RequestIds::default(),
            check_responses: false,
            content_md5: false,
            also_accepted: Vec::new(),
            lifecycles: runner.lifecycles().to_vec(),
            origin: Origin::default(),
            answer_sizes: api.operations.iter().map(|_| AtomicUsize::new(0)).collect(),
        };
        Self {
            settings: Arc::new(settings),
            router: Router::new(api, runner.ignores_case()),
            runner,
            claims: Vec::new(),
            trailing_slash: false,
        }
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// Words rejections this way.
    pub fn wording(self, wording: impl Wording + 'static) -> Self {
        self.set(|settings| settings.wording = Arc::new(wording))
    }

    /// Refuses what is larger than this.
    pub fn limits(self, limits: Limits) -> Self {
        self.set(|settings| settings.limits = limits)
    }

    /// Gives up on an operation after this time; never, when it is `None`.
    pub fn timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        let timeout = timeout.into();
        self.set(|settings| settings.timeout = timeout)
    }

    /// Lets these operations end when they end, once they have begun: what they do cannot be given
    /// up, so that an answer in between would not be true. Until then they have the time of all.
    pub fn unhurried(self, operations: fn(&Operation) -> bool) -> Self {
        self.set(|settings| settings.unhurried = operations)
    }

    /// Lets pages of these origins in.
    pub fn cors(self, cors: Cors) -> Self {
        self.set(|settings| settings.cors = cors)
    }

    /// Whether answers are compressed for clients that accept it.
    pub fn compression(self, on: bool) -> Self {
        self.set(|settings| settings.compression = on)
    }

    /// Tells somebody of every request.
    pub fn metrics(self, observer: Arc<dyn Observer>) -> Self {
        self.set(|settings| settings.observer = Some(observer))
    }

    /// Makes fresh request ids this way.
    pub fn ids(self, fresh: Arc<dyn Fn() -> String + Send + Sync>) -> Self {
        self.set(|settings| settings.ids = settings.ids.clone().with_fresh(move || fresh()))
    }

    /// Finds request ids in other places than `X-Request-Id`; replaces what [`Mount::ids`] set.
    pub fn request_ids(self, ids: RequestIds) -> Self {
        self.set(|settings| settings.ids = ids)
    }

    /// Whether answers are compared with the contract; one that breaks it is a fault. For tests.
    pub fn check_responses(self, on: bool) -> Self {
        self.set(|settings| settings.check_responses = on)
    }

    /// Whether the header `Content-MD5` is compared with the body.
    pub fn content_md5(self, on: bool) -> Self {
        self.set(|settings| settings.content_md5 = on)
    }

    /// Clients that accept one of these media types, and none of the declared ones, are answered
    /// all the same, with a declared one.
    pub fn also_accepted(self, media_types: &[&'static str]) -> Self {
        self.set(|settings| settings.also_accepted = media_types.to_vec())
    }

    /// The address by which clients reach the server, as in `https://api.example.org`, for links:
    /// the `Host` of each request unless it is set.
    pub fn public_url(self, url: Option<String>) -> Self {
        self.set(|settings| settings.origin.public_url = url)
    }

    /// Networks of proxies whose word on host and scheme counts: `Forwarded` (RFC 7239), or
    /// `X-Forwarded-Host` and `X-Forwarded-Proto`. From anybody else these are not read.
    pub fn trusted_proxies(self, proxies: &[IpNet]) -> Self {
        self.set(|settings| settings.origin.proxies = proxies.to_vec())
    }

    /// Whether a path with one slash too many at its end is taken for the path without it.
    pub fn trailing_slash(mut self, on: bool) -> Self {
        self.trailing_slash = on;
        self
    }

    /// Takes 404 below this path for itself, where a [`Host`](crate::Host) has several APIs. A
    /// segment in braces stands for any one: `/{version}/status`.
    pub fn claims(mut self, prefix: impl Into<String>) -> Self {
        self.claims.push(prefix.into());
        self
    }

    /// The API.
    pub fn api(&self) -> &'static Api {
        self.settings.api
    }

    /// The path templates it answers to, below each of its bases.
    pub fn paths(&self) -> Vec<String> {
        let api = self.settings.api;
        let mut paths: Vec<String> = Vec::new();
        for base in api.bases {
            let base = base.trim_end_matches('/');
            paths.extend(
                api.operations
                    .iter()
                    .map(|operation| format!("{base}{}", operation.path)),
            );
        }
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// How many bytes of a claim lie over a path.
    pub(crate) fn claim(&self, path: &str) -> Option<usize> {
        let covers = |claim: &&String| {
            let mut segments = path.split('/');
            let mut claimed = claim.trim_end_matches('/').split('/');
            claimed.all(|claimed| match segments.next() {
                Some(segment) => self.router.is_text(claimed, segment) || claimed.starts_with('{'),
                None => false,
            })
        };
        self.claims.iter().filter(covers).map(String::len).max()
    }

    pub(crate) fn find(&self, path: &str) -> Option<Found> {
        let found = self.router.find(path);
        found.or_else(|| match path.strip_suffix('/') {
            Some(path) if self.trailing_slash => self.router.find(path),
            _ => None,
        })
    }

    pub(crate) fn has_method(&self, found: &Found, method: &Method) -> bool {
        let leaf = self.router.leaf(found);
        leaf.is_some_and(|leaf| leaf.operation(method.as_str()).is_some())
    }

    /// Answers a request.
    pub async fn respond(&self, request: Request) -> Response {
        let found = self.find(request.uri().path());
        self.respond_at(request, found).await
    }

    /// Answers a request whose path is looked up already.
    pub(crate) async fn respond_at(&self, request: Request, found: Option<Found>) -> Response {
        let settings = &self.settings;
        let mut head = Head {
            method: request.method().clone(),
            uri: request.uri().clone(),
            request_id: settings.ids.of(&request),
            operation: None,
            started: Instant::now(),
            outgoing: send::Outgoing::of(settings, &request),
        };
        let answer = match self.choose(&request, found, &mut head) {
            Ok(Chosen::Operation(index, operation, values)) => {
                let call = call(request, (index, operation), values, &head, settings);
                self.run(index, call).await
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
            Err(rejection) => self.word(&rejection, &head).await,
        };
        let response = send::send(settings, &mut head, reply).await;
        self.observe(&head, &response);
        response
    }

    /// Finds out what is asked for, without looking into the request.
    fn choose(
        &self,
        request: &Request,
        found: Option<Found>,
        head: &mut Head,
    ) -> Result<Chosen, Rejection> {
        self.settings.limits.check(request)?;
        let found = found.ok_or(Rejection::NotFound)?;
        let leaf = self.router.leaf(&found).ok_or(Rejection::NotFound)?;
        let Some((index, operation, names)) = leaf.operation(head.method.as_str()) else {
            let allow = leaf.allow.clone();
            if head.method == Method::OPTIONS {
                let mut reply = Reply::new();
                reply.header("allow", &allow);
                return Ok(Chosen::Methods(reply));
            }
            return Err(Rejection::MethodNotAllowed { allow });
        };
        head.operation = Some(operation);
        let values = names.iter().copied().zip(found.values).collect();
        Ok(Chosen::Operation(index, operation, values))
    }

    /// Runs an operation: in time, and without taking the server down.
    async fn run(&self, index: usize, call: Call) -> Result<Reply, Rejection> {
        let begun = AtomicBool::new(false);
        let pending = AssertUnwindSafe(self.carry_out(index, call, &begun)).catch_unwind();
        let mut pending = std::pin::pin!(pending);
        // Many operations never wait, and need no timer.
        let outcome = match (futures_util::poll!(&mut pending), self.settings.timeout) {
            (Poll::Ready(outcome), _) => outcome,
            (Poll::Pending, None) => pending.await,
            (Poll::Pending, Some(timeout)) => {
                match tokio::time::timeout(timeout, &mut pending).await {
                    Ok(outcome) => outcome,
                    Err(_) if begun.load(Ordering::Relaxed) => pending.await,
                    Err(_) => return Err(Rejection::Timeout),
                }
            }
        };
        outcome.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            let text = text.unwrap_or_else(|| "without a word".to_owned());
            Err(Rejection::Fault(Fault::internal(format!(
                "the operation panicked: {text}"
            ))))
        })
    }

    /// Credentials, then media types and the body, then the operation. Notes that one has begun
    /// which is waited for.
    async fn carry_out(
        &self,
        index: usize,
        mut call: Call,
        begun: &AtomicBool,
    ) -> Result<Reply, Rejection> {
        let operation = call.context.operation;
        if !call.context.operation.security.is_empty() {
            call = self.runner.admit(call).await?;
        }
        let mut input = Input::of(&call).await?;
        if call.unchecked {
            return Err(input.unwritten());
        }
        let Ok(pending) = self.runner.run(index, &mut input) else {
            return Err(input.explain());
        };
        drop(input);
        begun.store((self.settings.unhurried)(operation), Ordering::Relaxed);
        pending.await
    }

    /// Words a rejection, and writes down what only the log may know.
    async fn word(&self, rejection: &Rejection, head: &Head) -> Reply {
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
        };
        let mut reply = self.settings.wording.word_later(rejection, &info).await;
        send::complete(&mut reply, rejection);
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
        if let Some(observer) = &self.settings.observer {
            observer.observed(&Observation {
                api: self.settings.api.name,
                operation,
                method: head.method.clone(),
                status,
                duration,
            });
        }
    }
}

impl Endpoint for Mount {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(self.respond(request).await)
    }
}
