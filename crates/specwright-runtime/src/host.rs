//! Several APIs on one server.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;
use poem::{Endpoint, Request, Response};

use crate::cors;
use crate::mount::{Mount, Nothing};
use crate::observe::Observer;
use crate::operation::Api;
use crate::respond::There;
use crate::router::Found;
use crate::static_page::StaticPage;

/// Several APIs on one server.
///
/// A path that an API knows belongs to that API, whatever comes of the request. A path that none
/// knows belongs to the API with the longest claim on it, and to nobody else.
#[derive(Debug)]
pub struct Host {
    mounts: Vec<Mount>,
    nobody: Mount,
    pages: HashMap<String, StaticPage>,
}

/// What pages answer to.
const OF_PAGES: &str = "GET, HEAD, OPTIONS";

/// What answers where there is no API.
static NOBODY: Api = Api {
    name: "",
    title: "",
    version: "",
    bases: &[],
    operations: &[],
    document_json: "",
    document_yaml: "",
};

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Host {
    /// No API yet.
    pub fn new() -> Self {
        Self {
            mounts: Vec::new(),
            nobody: Mount::over(&NOBODY, Arc::new(Nothing)),
            pages: HashMap::new(),
        }
    }

    /// With one more API.
    #[expect(clippy::should_implement_trait, reason = "nothing is summed up here")]
    pub fn add(mut self, mount: Mount) -> Self {
        self.mounts.push(mount);
        self
    }

    /// With a fixed text at a path, for `GET` and `HEAD`.
    pub fn page(
        mut self,
        path: impl Into<String>,
        media_type: &'static str,
        text: &'static str,
    ) -> Self {
        self.pages
            .insert(path.into(), StaticPage::new(media_type, text));
        self
    }

    /// Tells somebody of requests that belong to no API; those of an API are told by its mount.
    pub fn metrics(mut self, observer: Arc<dyn Observer>) -> Self {
        self.nobody = self.nobody.metrics(observer);
        self
    }

    /// Makes fresh ids for requests that belong to no API this way.
    pub fn ids(mut self, fresh: Arc<dyn Fn() -> String + Send + Sync>) -> Self {
        self.nobody = self.nobody.ids(fresh);
        self
    }

    /// The APIs.
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// Answers a request.
    pub async fn respond(&self, request: Request) -> Response {
        if let Some(page) = self.find_page(&request) {
            return page.answer(request.method(), request.headers()).await;
        }
        let (mount, there) = self.place(&request);
        mount.respond_at(request, there).await
    }

    /// Who answers, and what is at the path.
    fn place(&self, request: &Request) -> (&Mount, There) {
        let path = request.uri().path();
        let method = request.method().as_str();
        let wanted = cors::preflight(request.method(), request.headers());
        let mut known = Vec::new();
        for mount in &self.mounts {
            let Some(found) = mount.find(path) else {
                continue;
            };
            if wanted.is_none() && mount.has_method(&found, method) {
                return (mount, There::Operations { found, allow: None });
            }
            // Another API may have the method.
            known.push((mount, found));
        }
        let allow = self.methods(path, &known);
        // A preflight is answered by the API that would answer the request.
        let of_wanted = |(mount, found): &(&Mount, Found)| {
            mount.is_shared() && wanted.is_some_and(|wanted| mount.has_method(found, wanted))
        };
        let place = known.iter().position(of_wanted).or_else(|| {
            let mut known = known.iter();
            known.position(|(mount, found)| mount.has_method(found, method))
        });
        let place = place.unwrap_or(0);
        if place < known.len() {
            let (mount, found) = known.swap_remove(place);
            return (mount, There::Operations { found, allow });
        }
        match allow {
            Some(allow) => (&self.nobody, There::Methods(allow)),
            None => (self.owner(path), There::Nothing),
        }
    }

    /// The methods of a path, of the APIs that know it and of a page that is there; `None` when
    /// there is nothing.
    fn methods(&self, path: &str, known: &[(&Mount, Found)]) -> Option<String> {
        let of_apis = known.iter().map(|(mount, found)| mount.methods(found));
        let of_page = self.pages.get(path).map(|_| OF_PAGES);
        let all = of_apis.chain(of_page);
        let mut methods: Vec<&str> = all.flat_map(|methods| methods.split(", ")).collect();
        methods.sort_unstable();
        methods.dedup();
        (!methods.is_empty()).then(|| methods.join(", "))
    }

    /// Whom a path belongs to that nobody knows.
    fn owner(&self, path: &str) -> &Mount {
        let mounts = self.mounts.iter();
        let claims = mounts.filter_map(|mount| mount.claim(path).map(|length| (length, mount)));
        claims
            .max_by_key(|(length, _)| *length)
            .map_or(&self.nobody, |(_, mount)| mount)
    }

    fn find_page(&self, request: &Request) -> Option<&StaticPage> {
        let page = self.pages.get(request.uri().path())?;
        matches!(*request.method(), Method::GET | Method::HEAD).then_some(page)
    }
}

impl Endpoint for Host {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(self.respond(request).await)
    }
}
