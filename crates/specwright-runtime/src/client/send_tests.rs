//! What the log says of a call that is tried again.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Request;
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use crate::client::{CallOptions, Client, Failure, Sending, Transport, TransportError};
use crate::operation::{Method, Operation};
use crate::stream::ByteStream;

static GET_THING: Operation = Operation {
    id: "get_thing",
    method: Method::Get,
    path: "/thing",
    tags: &[],
    deprecated: false,
    parameters: &[],
    body: None,
    responses: &[],
    security: &[],
};

/// A way to nobody.
struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _request: Request<ByteStream>) -> Sending {
        Box::pin(async { Err(TransportError::new(Failure::Unreachable, "nobody is there")) })
    }

    fn peer(&self) -> String {
        "nowhere".to_owned()
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn take(&self) -> Vec<Value> {
        let bytes = std::mem::take(&mut *self.0.lock().expect("no writer panicked"));
        let text = String::from_utf8(bytes).expect("the log is text");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a line is JSON"))
            .collect()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().expect("no writer panicked");
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What is logged of a call under these options that is tried once more.
async fn retried(options: CallOptions, lines: &Lines) -> Vec<Value> {
    let client = Client::new(Nowhere)
        .attempts(1)
        .backoff(Duration::from_millis(1))
        .with(options);
    let mut draft = client.draft(&GET_THING);
    draft.idempotent(true);
    assert!(draft.send().await.is_err());
    lines.take()
}

#[tokio::test]
async fn a_call_that_is_tried_again_is_logged_under_its_label() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(lines.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let labelled = retried(CallOptions::new().labelled("abc-1"), &lines).await;
    assert_eq!(labelled.len(), 1, "{labelled:?}");
    assert_eq!(labelled[0]["request_id"], "abc-1");
    assert_eq!(labelled[0]["operation"], "get_thing");
    assert_eq!(labelled[0]["attempt"], 1);
    let plain = retried(CallOptions::new(), &lines).await;
    assert_eq!(plain.len(), 1, "{plain:?}");
    assert!(plain[0].get("request_id").is_none(), "{plain:?}");
}
