//! The documentation: Swagger UI over the contracts as they are served.
//!
//! The pages come out of the program itself and load nothing from elsewhere. The document is
//! fetched by the page, never written into it, so no text of a contract can break out of it.

use std::sync::Arc;

use poem::http::{StatusCode, header};
use poem::{Body, Response};
use utoipa_swagger_ui::{Config, Url};

/// What the pages may load and do: only their own files, and the API they document.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'none'";

/// The pages under `/docs/`.
#[derive(Clone)]
pub struct Docs {
    config: Arc<Config<'static>>,
}

impl Docs {
    /// Pages with a switch between these documents: the name and the address of each.
    pub fn new(documents: &[(&'static str, &'static str)]) -> Self {
        let urls = documents.iter().map(|(name, url)| Url::new(name, url));
        let config = Config::new(urls)
            .deep_linking(true)
            .display_request_duration(true)
            .persist_authorization(true)
            .try_it_out_enabled(true)
            .validator_url("none");
        Self {
            config: Arc::new(config),
        }
    }

    /// The file with this path below `/docs/`; `None` when there is none.
    pub fn file(&self, path: &str) -> Option<Response> {
        let file = match utoipa_swagger_ui::serve(path, Arc::clone(&self.config)) {
            Ok(file) => file?,
            Err(error) => {
                tracing::error!(%error, "the documentation cannot be served");
                return Some(StatusCode::INTERNAL_SERVER_ERROR.into());
            }
        };
        let response = Response::builder()
            .header(header::CONTENT_TYPE, file.content_type)
            .header(header::CONTENT_SECURITY_POLICY, POLICY)
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .header(header::CACHE_CONTROL, "no-cache");
        Some(response.body(Body::from(file.bytes.into_owned())))
    }
}
