//! The routes that the server adds by itself: catalogue, health, metrics, documents and their
//! pages. They have a document too, made by utoipa.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use poem::http::{Method, StatusCode, header};
use poem::{Request, Response};
use serde::Serialize;
use specwright_runtime::StaticPage;
use specwright_runtime::private::Api;
use utoipa::{OpenApi, ToSchema};

use crate::db::{Db, migrations};
use crate::docs::Docs;
use crate::telemetry::Metrics;

/// Whether the server wants requests; clones share the answer.
#[derive(Clone, Debug)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Ready from the start.
    pub fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    /// Says from now on that no more requests are wanted.
    pub fn stop(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    fn is_ready(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Default for Readiness {
    fn default() -> Self {
        Self::new()
    }
}

/// An API and where its documents are.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    /// The API.
    pub api: &'static Api,
    /// The path of the document as JSON.
    pub json: &'static str,
    /// The path of the document as YAML.
    pub yaml: &'static str,
    /// The contract as it was written, where that is in another dialect: path and text of each
    /// file, the root first.
    pub sources: &'static [(&'static str, &'static str)],
}

/// The server's own routes.
pub struct Routes {
    served: Vec<Served>,
    /// The documents, by their paths.
    documents: HashMap<String, StaticPage>,
    docs: Docs,
    db: Db,
    metrics: Arc<Metrics>,
    readiness: Readiness,
}

/// The address of the document of the server's own routes.
const OWN_DOCUMENT: &str = "/openapi/server.json";

impl Routes {
    /// Routes beside these APIs.
    pub fn new(served: Vec<Served>, db: Db, metrics: Arc<Metrics>, readiness: Readiness) -> Self {
        let apis = served.iter().map(|served| (served.api.name, served.json));
        let documents: Vec<_> = apis.chain([("server", OWN_DOCUMENT)]).collect();
        Self {
            docs: Docs::new(&documents),
            documents: served.iter().flat_map(pages).chain(own_page()).collect(),
            served,
            db,
            metrics,
            readiness,
        }
    }

    /// The answer to a request for one of these routes; `None` for any other.
    pub async fn answer(&self, request: &Request) -> Option<Response> {
        let response = match self.page(request.uri().path()).await {
            Some(response) => response,
            None => self.static_page(request).await?,
        };
        match *request.method() {
            Method::GET => Some(response),
            Method::HEAD => Some(response.map_body_away()),
            Method::OPTIONS => Some(allowed(StatusCode::NO_CONTENT)),
            _ => Some(allowed(StatusCode::METHOD_NOT_ALLOWED)),
        }
    }

    async fn page(&self, path: &str) -> Option<Response> {
        match path {
            "/" => Some(self.catalogue()),
            "/health/live" => Some(health(StatusCode::OK, "live")),
            "/health/ready" => Some(self.ready().await),
            "/metrics" => Some(self.metrics()),
            "/docs" => Some(
                Response::builder()
                    .status(StatusCode::PERMANENT_REDIRECT)
                    .header(header::LOCATION, "/docs/")
                    .finish(),
            ),
            _ => None,
        }
    }

    /// A document, or a file of the documentation.
    async fn static_page(&self, request: &Request) -> Option<Response> {
        let (path, headers) = (request.uri().path(), request.headers());
        if let Some(document) = self.documents.get(path) {
            return Some(document.answer(request.method(), headers).await);
        }
        match self.docs.file(path.strip_prefix("/docs/")?) {
            Ok(file) => Some(file?.answer(request.method(), headers).await),
            Err(error) => {
                tracing::error!(error, "the documentation cannot be served");
                Some(StatusCode::INTERNAL_SERVER_ERROR.into())
            }
        }
    }

    fn catalogue(&self) -> Response {
        let apis = self.served.iter().map(|served| Entry {
            name: served.api.name,
            title: served.api.title,
            version: served.api.version,
            json: served.json,
            yaml: served.yaml,
            source: served.sources.first().map(|(path, _)| source_path(path)),
        });
        let catalogue = Catalogue {
            docs: "/docs/",
            apis: apis.collect(),
        };
        json(StatusCode::OK, &catalogue)
    }

    async fn ready(&self) -> Response {
        if !self.readiness.is_ready() {
            return health(StatusCode::SERVICE_UNAVAILABLE, "stopping");
        }
        if !self.db.answers().await {
            return health(StatusCode::SERVICE_UNAVAILABLE, "database unreachable");
        }
        match migrations::is_current(&self.db, migrations::SERVER).await {
            Ok(true) => health(StatusCode::OK, "ready"),
            Ok(false) => health(StatusCode::SERVICE_UNAVAILABLE, "migrations differ"),
            Err(error) => {
                tracing::error!(%error, "the migrations cannot be read");
                health(StatusCode::SERVICE_UNAVAILABLE, "database unreachable")
            }
        }
    }

    fn metrics(&self) -> Response {
        match self.metrics.text(&self.db) {
            Ok(text) => Response::builder()
                .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
                .body(text),
            Err(error) => {
                tracing::error!(%error, "the metrics cannot be written");
                StatusCode::INTERNAL_SERVER_ERROR.into()
            }
        }
    }
}

/// The address of a file of a contract: files refer to each other by relative paths, so they keep
/// their places.
fn source_path(path: &str) -> String {
    format!("/openapi/{path}")
}

/// The documents of an API, with their paths.
fn pages(served: &Served) -> impl Iterator<Item = (String, StaticPage)> + use<> {
    let api = served.api;
    let contract = [
        (
            served.json.to_owned(),
            api.document_json,
            "application/json",
        ),
        (
            served.yaml.to_owned(),
            api.document_yaml,
            "application/yaml",
        ),
    ];
    let sources = served.sources.iter();
    let sources = sources.map(|(path, text)| (source_path(path), *text, "application/raml+yaml"));
    let all = contract.into_iter().chain(sources);
    all.map(|(path, text, media_type)| (path, document(StaticPage::new(media_type, text))))
}

/// The document of the server's own routes, with its path.
fn own_page() -> Option<(String, StaticPage)> {
    match serde_json::to_vec(&Document::openapi()) {
        Ok(json) => {
            let page = StaticPage::new("application/json", json);
            Some((OWN_DOCUMENT.to_owned(), document(page)))
        }
        Err(error) => {
            tracing::error!(%error, "the document of the server cannot be written");
            None
        }
    }
}

/// A document, which may be another one after the next start.
fn document(page: StaticPage) -> StaticPage {
    page.with_header(header::CACHE_CONTROL, "no-cache")
}

/// Drops a body, as `HEAD` asks for (RFC 9110, section 9.3.2).
trait WithoutBody {
    fn map_body_away(self) -> Self;
}

impl WithoutBody for Response {
    fn map_body_away(mut self) -> Self {
        self.take_body();
        self
    }
}

/// The APIs of a server.
#[derive(Serialize, ToSchema)]
struct Catalogue {
    /// The path of the documentation.
    docs: &'static str,
    /// What is served.
    apis: Vec<Entry>,
}

/// One API of a server.
#[derive(Serialize, ToSchema)]
struct Entry {
    /// Its name in paths.
    name: &'static str,
    /// Its name for people.
    title: &'static str,
    /// The version of its contract.
    version: &'static str,
    /// The path of its contract as JSON.
    json: &'static str,
    /// The path of its contract as YAML.
    yaml: &'static str,
    /// The path of its contract as it was written, where that is in another dialect; the files
    /// that it refers to are beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

/// The state of a server.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `live`, `ready`, or why not.
    status: &'static str,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "The server itself",
        description = "The routes that the server adds to the APIs it serves.",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(catalogue, live, ready, metrics)
)]
struct Document;

/// Lists the APIs that are served.
#[utoipa::path(get, path = "/", responses((status = 200, description = "The APIs.", body = Catalogue)))]
#[expect(dead_code, reason = "it stands for its documentation")]
fn catalogue() {}

/// Tells whether the process lives.
#[utoipa::path(get, path = "/health/live", responses((status = 200, description = "It does.", body = Health)))]
#[expect(dead_code, reason = "it stands for its documentation")]
fn live() {}

/// Tells whether the server wants requests: it is not stopping, its database answers, and the
/// migrations are those of this program.
#[utoipa::path(get, path = "/health/ready", responses(
    (status = 200, description = "It does.", body = Health),
    (status = 503, description = "It does not, and says why.", body = Health)
))]
#[expect(dead_code, reason = "it stands for its documentation")]
fn ready() {}

/// Counts requests by operation and status, and measures how long they take.
#[utoipa::path(get, path = "/metrics", responses(
    (status = 200, description = "OpenMetrics text.", body = String, content_type = "application/openmetrics-text")
))]
#[expect(dead_code, reason = "it stands for its documentation")]
fn metrics() {}

fn health(status: StatusCode, text: &'static str) -> Response {
    json(status, &Health { status: text })
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => Response::builder()
            .status(status)
            .content_type("application/json")
            .body(body),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into()
        }
    }
}

/// Names the methods that every route here has.
fn allowed(status: StatusCode) -> Response {
    let mut response = if status == StatusCode::NO_CONTENT {
        Response::builder().status(status).finish()
    } else {
        let problem = serde_json::json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
        });
        json(status, &problem).set_content_type("application/problem+json")
    };
    let methods = header::HeaderValue::from_static("GET, HEAD, OPTIONS");
    response.headers_mut().insert(header::ALLOW, methods);
    response
}
