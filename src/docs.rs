//! The documentation: Swagger UI over the contracts as they are served.
//!
//! The pages come out of the program itself and load nothing from elsewhere. The document is
//! fetched by the page, never written into it, so no text of a contract can break out of it.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use poem::http::header;
use specwright_runtime::StaticPage;
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
    /// The files that were asked for, by their paths.
    files: Arc<Mutex<HashMap<String, Arc<StaticPage>>>>,
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
            files: Arc::default(),
        }
    }

    /// The file with this path below `/docs/`; `None` when there is none.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn file(&self, path: &str) -> Result<Option<Arc<StaticPage>>, String> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get(path) {
            return Ok(Some(Arc::clone(file)));
        }
        // Only what is there is kept, so that the paths of strangers fill nothing.
        let Some(file) = self.make(path).map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        let file = Arc::new(file);
        files.insert(path.to_owned(), Arc::clone(&file));
        Ok(Some(file))
    }

    fn make(&self, path: &str) -> Result<Option<StaticPage>, Box<dyn Error>> {
        if path == LIFECYCLE {
            return Ok(Some(page("text/javascript", LIFECYCLE_SCRIPT.into())));
        }
        let Some(file) = utoipa_swagger_ui::serve(path, Arc::clone(&self.config))? else {
            return Ok(None);
        };
        let mut bytes = file.bytes.into_owned();
        if matches!(path, "" | "/" | "index.html") {
            bytes = with_lifecycle(bytes);
        }
        Ok(Some(page(&file.content_type, bytes)))
    }
}

fn page(content_type: &str, bytes: Vec<u8>) -> StaticPage {
    StaticPage::new(content_type, bytes)
        .with_header(header::CONTENT_SECURITY_POLICY, POLICY)
        .with_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .with_header(header::CACHE_CONTROL, "no-cache")
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
