//! From a matched request to the service and back.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use poem::Body;

use crate::context::Context;
use crate::fault::Fault;
use crate::input::Input;
use crate::mount::Settings;
use crate::operation::{Api, Lifecycle, Operation};
use crate::read::Invalid;
use crate::rejection::Rejection;
use crate::rules::{Finish, Rules};
use crate::security::{self, Authenticate};

pub use crate::reply::{Choice, Reply, Respond};

/// The answer to be, of one operation.
pub type Pending<'a> = Pin<Box<dyn Future<Output = Result<Reply, Rejection>> + Send + 'a>>;

/// The answer to be, unless the request does not fit.
pub type Answering<'a> = Result<Pending<'a>, Invalid>;

/// How generated code carries out one operation. It only starts it: what waits is made here, once
/// for all operations, which saves the compiler of a large contract a third of its work.
pub type Run<S> = for<'a> fn(&'a S, &mut Input<'a>) -> Answering<'a>;

/// A call whose client is known, or why it is not let in.
pub type Admission<'a> = Pin<Box<dyn Future<Output = Result<Call, Rejection>> + Send + 'a>>;

/// An API over its service: what a mount calls.
pub trait Runner: Send + Sync {
    /// What the contract says of the end of its operations.
    fn lifecycles(&self) -> &[&'static Lifecycle] {
        &[]
    }

    /// Checks who asks, before anything else is read.
    fn admit(&self, call: Call) -> Admission<'_>;

    /// Carries out the operation with this index in the API.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when the request does not fit.
    fn run<'a>(&'a self, operation: usize, input: &mut Input<'a>) -> Answering<'a>;

    /// Whether paths are matched without regard to case (`x-specwright-ignore-case`).
    fn ignores_case(&self) -> bool {
        false
    }
}

/// The operations of an API over its service, in the making.
pub struct Routes<S> {
    pub(crate) api: &'static Api,
    service: S,
    runs: Vec<Option<Run<S>>>,
    authenticate: Option<Authenticate<S>>,
    lifecycles: Vec<&'static Lifecycle>,
    ignores_case: bool,
}

impl<S: Send + Sync + 'static> Routes<S> {
    /// No operation yet.
    pub fn new(service: S, api: &'static Api) -> Self {
        Self {
            api,
            service,
            runs: api.operations.iter().map(|_| None).collect(),
            authenticate: None,
            lifecycles: Vec::new(),
            ignores_case: false,
        }
    }

    /// Matches paths without regard to case.
    pub fn ignore_case(&mut self) {
        self.ignores_case = true;
    }

    /// Checks credentials this way.
    pub fn secure(&mut self, authenticate: Authenticate<S>) {
        self.authenticate = Some(authenticate);
    }

    /// Adds an operation.
    pub fn add(&mut self, operation: &'static Operation, run: Run<S>) {
        let index = self
            .api
            .operations
            .iter()
            .position(|known| std::ptr::eq(*known, operation));
        if let Some(slot) = index.and_then(|index| self.runs.get_mut(index)) {
            *slot = Some(run);
        }
    }

    /// Has every answer of an operation say when it ends.
    pub fn announce(&mut self, lifecycle: &'static Lifecycle) {
        self.lifecycles.push(lifecycle);
    }

    /// Puts the API into the table that poem-openapi asks for.
    pub fn finish(self, table: &mut crate::openapi::RouteTable) {
        let api = self.api;
        let runner: Arc<dyn Runner> = Arc::new(self);
        crate::openapi::fill(api, runner, table);
    }
}

impl<S: Send + Sync> Runner for Routes<S> {
    fn lifecycles(&self) -> &[&'static Lifecycle] {
        &self.lifecycles
    }

    fn admit(&self, call: Call) -> Admission<'_> {
        Box::pin(async {
            match self.authenticate {
                Some(authenticate) => call.authorize(&self.service, authenticate).await,
                None => Err(Rejection::NotImplemented),
            }
        })
    }

    fn run<'a>(&'a self, operation: usize, input: &mut Input<'a>) -> Answering<'a> {
        match self.runs.get(operation) {
            Some(Some(run)) => run(&self.service, input),
            _ => Ok(not_implemented()),
        }
    }

    fn ignores_case(&self) -> bool {
        self.ignores_case
    }
}

/// The answer where there is no operation.
pub(crate) fn not_implemented<'a>() -> Pending<'a> {
    Box::pin(async { Err(Rejection::NotImplemented) })
}

/// A request on its way to an operation.
pub struct Call {
    pub(crate) context: Context,
    pub(crate) settings: Arc<Settings>,
    /// The place of the operation in the API.
    pub(crate) index: usize,
    /// The values of the path parameters, as ranges of the path.
    pub(crate) values: Vec<(&'static str, Range<usize>)>,
    pub(crate) body: Mutex<Option<Body>>,
    /// Whether the check of its credentials is still to be written.
    pub(crate) unchecked: bool,
}

impl<'a> Input<'a> {
    /// Turns the response of the service, when it comes, into an answer.
    ///
    /// # Errors
    ///
    /// None: the request fits.
    pub fn answer<R: Respond + 'static>(
        &self,
        response: impl Future<Output = Result<R, Fault>> + Send + 'a,
    ) -> Answering<'a> {
        Ok(Box::pin(self.call.reply(response)))
    }

    /// The same under what the contract asks for beyond OpenAPI.
    ///
    /// # Errors
    ///
    /// None: the request fits.
    pub fn answer_under<R: Respond + 'static>(
        &self,
        rules: &'static Rules,
        response: impl Future<Output = Result<R, Fault>> + Send + 'a,
    ) -> Answering<'a> {
        let finish = Finish::of(self, rules);
        Ok(Box::pin(self.call.reply_under(finish, response)))
    }
}

impl Call {
    /// Checks who asks, before anything else is read.
    ///
    /// # Errors
    ///
    /// 401, 403, or a fault of the service.
    async fn authorize<S: Sync>(
        mut self,
        service: &S,
        authenticate: Authenticate<S>,
    ) -> Result<Self, Rejection> {
        let alternatives = self.context.operation.security;
        let realm = self.settings.api.title;
        let context = &self.context;
        match security::authorize(service, alternatives, realm, context, authenticate).await {
            Ok(grants) => self.context.grants = grants,
            Err(Rejection::NotImplemented) => self.unchecked = true,
            Err(rejection) => return Err(rejection),
        }
        Ok(self)
    }

    /// Turns the response of the service, when it comes, into an answer.
    async fn reply<R: Respond>(
        &self,
        response: impl Future<Output = Result<R, Fault>>,
    ) -> Result<Reply, Rejection> {
        let response = response.await?;
        let mut reply = self.expected();
        response.respond(&mut reply);
        self.settle(&mut reply);
        Ok(reply)
    }

    /// The same, completed as the contract asks for beyond OpenAPI.
    async fn reply_under<R: Respond>(
        &self,
        mut finish: Finish,
        response: impl Future<Output = Result<R, Fault>>,
    ) -> Result<Reply, Rejection> {
        let response = response.await?;
        let mut reply = self.expected();
        finish.prepare(&mut reply);
        response.respond(&mut reply);
        finish.apply(&mut reply, &self.context);
        self.settle(&mut reply);
        Ok(reply)
    }

    /// A reply with room for an answer like the last one.
    fn expected(&self) -> Reply {
        let size = self.settings.answer_sizes.get(self.index);
        Reply::expecting(size.map_or(0, |size| size.load(Ordering::Relaxed)))
    }

    fn settle(&self, reply: &mut Reply) {
        let size = self.settings.answer_sizes.get(self.index);
        if let (Some(size), Some(body)) = (size, reply.body.in_memory()) {
            size.store(body.len(), Ordering::Relaxed);
        }
        if self.settings.check_responses {
            reply.check(self.context.operation);
        }
    }

    /// Looks at the body, if it is not taken yet.
    pub(crate) fn with_body<T>(&self, look: impl FnOnce(Option<&Body>) -> T) -> T {
        match self.body.lock() {
            Ok(body) => look(body.as_ref()),
            Err(_) => look(None),
        }
    }

    /// Who asks, where an alternative of the contract says so.
    pub(crate) fn client(&self) -> Option<String> {
        let (_, grant) = self.context.grants.first()?;
        Some(grant.subject().to_owned())
    }

    pub(crate) fn take_body(&self) -> Option<Body> {
        self.body.lock().ok()?.take()
    }
}
