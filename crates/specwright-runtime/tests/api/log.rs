//! What is written down of a request, and what is kept from the client.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use poem::http::Method;
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use crate::shop::{request, send, shop};

/// Everything that was logged.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub fn read(&self) -> Vec<Value> {
        let bytes = self.0.lock().map(|bytes| bytes.clone()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a line is JSON"))
            .collect()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Ok(mut all) = self.0.lock() {
            all.extend_from_slice(bytes);
        }
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

/// One log for all tests: what is logged at a place is decided for the whole process at the first
/// visit, which may be that of a test without a log of its own.
pub fn log() -> &'static Lines {
    static LOG: OnceLock<Lines> = OnceLock::new();
    LOG.get_or_init(|| {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(lines.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("no other test logs");
        lines
    })
}

/// The answer to a request for trouble of this kind, and what was logged of it.
async fn logged(kind: &str, request_id: &str) -> (String, Vec<Value>) {
    let log = log();
    let target = format!("/trouble?kind={kind}");
    let request = request(Method::GET, &target).header("X-Request-Id", request_id);
    let answer = send(&shop(), request.finish()).await;
    let mut lines = log.read();
    lines.retain(|line| line["request_id"] == request_id);
    (answer.text(), lines)
}

#[tokio::test]
async fn a_cause_is_logged_with_the_id_and_kept_from_the_client() {
    for (kind, level) in [
        ("fault", "ERROR"),
        ("panic", "ERROR"),
        ("unavailable", "WARN"),
    ] {
        let (answer, lines) = logged(kind, kind).await;
        assert!(!answer.contains("the secret cause"), "{answer}");
        let line = lines
            .iter()
            .find(|line| line["cause"].is_string())
            .unwrap_or_else(|| panic!("{kind}: no cause in {lines:?}"));
        let cause = line["cause"].as_str().unwrap_or_default();
        assert!(cause.contains("the secret cause"), "{kind}: {cause}");
        assert_eq!(line["level"], level, "{kind}");
        assert_eq!(line["operation"], "get_trouble", "{kind}");
    }
}

#[tokio::test]
async fn every_request_is_logged_once() {
    let (_, lines) = logged("none", "logged-once").await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = &lines[0];
    assert_eq!(line["message"], "answered");
    assert_eq!(line["api"], "shop");
    assert_eq!(line["method"], "GET");
    assert_eq!(line["status"], 204);
    assert!(line["duration_us"].is_u64(), "{line}");
}
