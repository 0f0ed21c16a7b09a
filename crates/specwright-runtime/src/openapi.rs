//! Every touch of poem-openapi's hidden items is in this module.
//!
//! The traits of poem-openapi are implemented so that a generated API works as one wherever an
//! `OpenApi` is asked for. The paths it is registered under only lead to it: which operation is
//! meant, the API decides itself, because the routes of poem cannot tell all templates apart.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt;
use http::Method as HttpMethod;
use poem::endpoint::{BoxEndpoint, EndpointExt};
use poem::{Endpoint, Request, Response};
use poem_openapi::registry::{MetaOperation, MetaPath, MetaResponses};

use crate::endpoint::Runner;
use crate::mount::Mount;
use crate::operation::{Api, Operation};

pub use poem_openapi::OpenApi;
pub use poem_openapi::registry::{MetaApi, Registry};

/// Routes as poem-openapi collects them.
pub type RouteTable = HashMap<String, HashMap<HttpMethod, BoxEndpoint<'static>>>;

/// An API that was made from a contract.
pub trait Contract {
    /// What the contract says.
    const API: &'static Api;
}

/// What poem-openapi may know of an API. Its registry cannot express contracts, so it gets names
/// only, and the contract itself is served.
pub fn meta(api: &'static Api) -> Vec<MetaApi> {
    let mut paths: Vec<MetaPath> = Vec::new();
    for operation in api.operations {
        let meta = meta_operation(operation);
        match paths.iter_mut().find(|path| path.path == operation.path) {
            Some(path) => path.operations.push(meta),
            None => {
                let path = operation.path.to_owned();
                paths.push(MetaPath {
                    path,
                    operations: vec![meta],
                });
            }
        }
    }
    vec![MetaApi { paths }]
}

fn meta_operation(operation: &'static Operation) -> MetaOperation {
    MetaOperation {
        method: operation.method.to_http(),
        tags: operation.tags.to_vec(),
        summary: None,
        description: None,
        external_docs: None,
        params: Vec::new(),
        request: None,
        responses: MetaResponses {
            responses: Vec::new(),
        },
        deprecated: operation.deprecated,
        security: Vec::new(),
        operation_id: Some(operation.id),
        code_samples: Vec::new(),
    }
}

/// Registers an API under each of its paths, for every method: the API itself answers 405.
pub(crate) fn fill(api: &'static Api, runner: Arc<dyn Runner>, table: &mut RouteTable) {
    let mount = Arc::new(Mount::over(api, Arc::clone(&runner)));
    for base in api.bases {
        for operation in api.operations {
            let path = poem_path(base, operation.path);
            let methods = table.entry(path).or_default();
            for method in METHODS {
                let endpoint = ApiEndpoint {
                    runner: Arc::clone(&runner),
                    mount: Arc::clone(&mount),
                };
                methods.entry(method).or_insert_with(|| endpoint.boxed());
            }
        }
    }
}

const METHODS: [HttpMethod; 8] = [
    HttpMethod::DELETE,
    HttpMethod::GET,
    HttpMethod::HEAD,
    HttpMethod::OPTIONS,
    HttpMethod::PATCH,
    HttpMethod::POST,
    HttpMethod::PUT,
    HttpMethod::TRACE,
];

/// A path as poem reads it. Segments with templates, or with signs that mean something to poem,
/// become parameters; that is wider than the contract, and narrowed down by the API.
fn poem_path(base: &str, path: &str) -> String {
    let full = format!("{}{path}", base.trim_end_matches('/'));
    let segments = full.split('/').enumerate().map(|(place, segment)| {
        if segment.contains(['{', ':', '*', '<', '%']) {
            format!(":p{place}")
        } else {
            segment.to_owned()
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

struct ApiEndpoint {
    runner: Arc<dyn Runner>,
    mount: Arc<Mount>,
}

/// A request that carries this asks the API to come out of its endpoint.
#[derive(Clone)]
struct Handover(Arc<OnceLock<Arc<dyn Runner>>>);

impl Endpoint for ApiEndpoint {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if let Some(Handover(place)) = request.data::<Handover>() {
            let _ = place.set(Arc::clone(&self.runner));
            return Ok(Response::default());
        }
        Ok(self.mount.respond(request).await)
    }
}

/// Takes an API out of its poem-openapi clothes.
pub(crate) fn runner_of<T: OpenApi>(api: T) -> Option<Arc<dyn Runner>> {
    let mut table = RouteTable::new();
    api.add_routes(&mut table);
    let endpoint = table.into_values().next()?.into_values().next()?;
    let place = Arc::new(OnceLock::new());
    let request = Request::builder()
        .extension(Handover(Arc::clone(&place)))
        .finish();
    // The endpoint answers this at once, without waiting for anything.
    endpoint.call(request).now_or_never()?.ok()?;
    place.get().cloned()
}
