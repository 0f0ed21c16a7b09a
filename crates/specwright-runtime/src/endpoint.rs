//! From a matched request to the service and back.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use poem::Body;

use crate::context::Context;
use crate::input::Input;
use crate::mount::Settings;
use crate::operation::{Api, Operation};
use crate::rejection::Rejection;
use crate::security::{self, Authenticate};

pub use crate::reply::{Choice, Reply, Respond};

/// The answer to be, of one operation.
pub type Pending<'a> = Pin<Box<dyn Future<Output = Result<Reply, Rejection>> + Send + 'a>>;

/// How generated code carries out one operation.
pub type Run<S> = for<'a> fn(&'a S, Call) -> Pending<'a>;

/// An API over its service: what a mount calls.
pub trait Runner: Send + Sync {
    /// Carries out the operation with this index in the API.
    fn run(&self, operation: usize, call: Call) -> Pending<'_>;
}

/// The operations of an API over its service, in the making.
pub struct Routes<S> {
    pub(crate) api: &'static Api,
    service: S,
    runs: Vec<Option<Run<S>>>,
}

impl<S: Send + Sync + 'static> Routes<S> {
    /// No operation yet.
    pub fn new(service: S, api: &'static Api) -> Self {
        Self {
            api,
            service,
            runs: api.operations.iter().map(|_| None).collect(),
        }
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

    /// Puts the API into the table that poem-openapi asks for.
    pub fn finish(self, table: &mut crate::openapi::RouteTable) {
        let api = self.api;
        let runner: Arc<dyn Runner> = Arc::new(self);
        crate::openapi::fill(api, runner, table);
    }
}

impl<S: Send + Sync> Runner for Routes<S> {
    fn run(&self, operation: usize, call: Call) -> Pending<'_> {
        match self.runs.get(operation) {
            Some(Some(run)) => run(&self.service, call),
            _ => Box::pin(async { Err(Rejection::NotImplemented) }),
        }
    }
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
}

impl Call {
    /// Checks who asks, before anything else is read.
    ///
    /// # Errors
    ///
    /// 401, 403, or a fault of the service.
    pub async fn authorize<S: Sync>(
        mut self,
        service: &S,
        authenticate: Authenticate<S>,
    ) -> Result<Self, Rejection> {
        let alternatives = self.context.operation.security;
        let realm = self.settings.api.title;
        let grants =
            security::authorize(service, alternatives, realm, &self.context, authenticate).await?;
        self.context.grants = grants;
        Ok(self)
    }

    /// Settles media types and reads the body.
    ///
    /// # Errors
    ///
    /// 406, 413, 415, or 400 for a body that cannot be read.
    pub async fn input(&self) -> Result<Input<'_>, Rejection> {
        Input::of(self).await
    }

    pub(crate) fn take_body(&self) -> Option<Body> {
        self.body.lock().ok()?.take()
    }
}
