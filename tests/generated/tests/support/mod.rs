//! What the tests of generated code share.

pub mod instances;
pub mod oracle;

use poem::{Endpoint, Request};

/// The answer of a mounted API.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body as text.
    pub body: String,
}

/// Sends a JSON body to `POST /values` of an API.
pub fn send<A>(api: A, body: &str) -> Answer
where
    A: specwright_runtime::private::OpenApi + specwright_runtime::private::Contract + 'static,
{
    let endpoint = specwright_runtime::mount(api);
    let request = Request::builder()
        .method(poem::http::Method::POST)
        .uri(poem::http::Uri::from_static("/values"))
        .content_type("application/json")
        .body(body.to_owned());
    block_on(async {
        let response = endpoint.get_response(request).await;
        let status = response.status().as_u16();
        let body = response.into_body().into_string().await.unwrap_or_default();
        Answer { status, body }
    })
}

/// Runs a future to its end.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts")
        .block_on(future)
}
