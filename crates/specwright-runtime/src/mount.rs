//! An API, ready to answer: how it behaves beyond its contract.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use ipnet::IpNet;
use poem::{Endpoint, Request, Response};

use crate::cors::Cors;
use crate::endpoint::{Admission, Answering, Call, Runner, not_implemented};
use crate::ids::RequestIds;
use crate::input::Input;
use crate::limits::Limits;
use crate::observe::Observer;
use crate::openapi::{Contract, OpenApi, runner_of};
use crate::operation::{Api, Lifecycle, Operation};
use crate::origin::Origin;
use crate::problem::Problems;
use crate::rejection::Wording;
use crate::respond::There;
use crate::router::{Found, Router};

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
    pub(crate) settings: Arc<Settings>,
    pub(crate) router: Router,
    pub(crate) runner: Arc<dyn Runner>,
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

    /// The methods of a path, as `Allow` names them.
    pub(crate) fn methods(&self, found: &Found) -> &str {
        let leaf = self.router.leaf(found);
        leaf.map_or("", |leaf| leaf.allow.as_str())
    }

    pub(crate) fn has_method(&self, found: &Found, method: &str) -> bool {
        let leaf = self.router.leaf(found);
        leaf.is_some_and(|leaf| leaf.operation(method).is_some())
    }

    /// Whether pages of other origins may call it.
    pub(crate) fn is_shared(&self) -> bool {
        self.settings.cors != Cors::Off
    }

    /// Answers a request.
    pub async fn respond(&self, request: Request) -> Response {
        let there = match self.find(request.uri().path()) {
            Some(found) => There::Operations { found, allow: None },
            None => There::Nothing,
        };
        self.respond_at(request, there).await
    }
}

impl Endpoint for Mount {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(self.respond(request).await)
    }
}
