//! What the tests of generated code share.

pub mod instances;

use fancy_regex::Regex;
use poem::{Endpoint, Request};
use serde_json::{Value, json};
use std::sync::LazyLock;

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

/// Base64 with its padding (RFC 4648, section 4).
static BASE64: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$")
        .expect("a pattern")
});

/// Writes the ranges of OpenAPI's numeric formats beside them: JSON Schema takes them for notes.
fn write_out_formats(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(write_out_formats),
        Value::Object(members) => {
            members.values_mut().for_each(write_out_formats);
            let range = match members.get("format").and_then(Value::as_str) {
                Some("int32") => json!({"minimum": i32::MIN, "maximum": i32::MAX}),
                Some("int64") => json!({"minimum": i64::MIN, "maximum": i64::MAX}),
                _ => return,
            };
            let rest = members.remove("allOf").unwrap_or(json!([{}]));
            members.insert("allOf".to_owned(), json!([range, {"allOf": rest}]));
        }
        _ => {}
    }
}

/// The contract's own word on its schema `Value`.
pub fn oracle(document: &Value) -> jsonschema::Validator {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/components/schemas/Value",
    });
    schema["components"] = document["components"].clone();
    write_out_formats(&mut schema);
    jsonschema::options()
        .with_format("byte", |text: &str| {
            BASE64.is_match(text).unwrap_or_default()
        })
        .should_validate_formats(true)
        .build(&schema)
        .expect("the schema is one")
}
