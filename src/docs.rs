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

/// The script of the banner that says when an API or an operation ends.
const LIFECYCLE: &str = "lifecycle.js";

const LIFECYCLE_SCRIPT: &str = include_str!("docs/lifecycle.js");

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
            .validator_url("none")
            .show_extensions(true);
        Self {
            config: Arc::new(config),
        }
    }

    /// The file with this path below `/docs/`; `None` when there is none.
    pub fn file(&self, path: &str) -> Option<Response> {
        if path == LIFECYCLE {
            return Some(page("text/javascript", LIFECYCLE_SCRIPT));
        }
        let file = match utoipa_swagger_ui::serve(path, Arc::clone(&self.config)) {
            Ok(file) => file?,
            Err(error) => {
                tracing::error!(%error, "the documentation cannot be served");
                return Some(StatusCode::INTERNAL_SERVER_ERROR.into());
            }
        };
        let mut bytes = file.bytes.into_owned();
        if matches!(path, "" | "/" | "index.html") {
            bytes = with_lifecycle(bytes);
        }
        Some(page(&file.content_type, bytes))
    }
}

fn page(content_type: &str, body: impl Into<Body>) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, content_type)
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::CACHE_CONTROL, "no-cache")
        .body(body)
}

/// The page with the script of the banner at its end.
fn with_lifecycle(page: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(page) {
        Ok(text) => {
            let script = format!("<script src=\"./{LIFECYCLE}\"> </script>\n  </body>");
            text.replace("</body>", &script).into_bytes()
        }
        Err(error) => error.into_bytes(),
    }
}
