//! Several APIs on one server.

use std::collections::HashMap;
use std::sync::Arc;

use poem::{Endpoint, Request, Response};

use crate::endpoint::Reply;
use crate::mount::{Mount, Nothing};
use crate::observe::Observer;
use crate::operation::Api;

/// Several APIs on one server.
///
/// A path that an API knows belongs to that API, whatever comes of the request. A path that none
/// knows belongs to the API with the longest claim on it, and to nobody else.
#[derive(Debug)]
pub struct Host {
    mounts: Vec<Mount>,
    nobody: Mount,
    pages: HashMap<String, (&'static str, &'static str)>,
}

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
        self.pages.insert(path.into(), (media_type, text));
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
        if let Some(response) = self.find_page(&request) {
            return response;
        }
        let mut known = None;
        for mount in &self.mounts {
            if let Some(found) = mount.find(request.uri().path()) {
                if mount.has_method(&found, request.method()) {
                    return mount.respond_at(request, Some(found)).await;
                }
                // Another API may have the method.
                known.get_or_insert((mount, found));
            }
        }
        if let Some((mount, found)) = known {
            return mount.respond_at(request, Some(found)).await;
        }
        let claims = self.mounts.iter().filter_map(|mount| {
            mount
                .claim(request.uri().path())
                .map(|length| (length, mount))
        });
        let owner = claims
            .max_by_key(|(length, _)| *length)
            .map(|(_, mount)| mount);
        owner
            .unwrap_or(&self.nobody)
            .respond_at(request, None)
            .await
    }

    fn find_page(&self, request: &Request) -> Option<Response> {
        use http::Method;
        let (media_type, text) = self.pages.get(request.uri().path())?;
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return None;
        }
        let mut reply = Reply::new();
        let text = if request.method() == Method::HEAD {
            ""
        } else {
            *text
        };
        reply.stream(200, media_type, text.into());
        Some(reply.into_response())
    }
}

impl Endpoint for Host {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        Ok(self.respond(request).await)
    }
}
