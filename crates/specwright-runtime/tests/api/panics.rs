//! Panics outside operations: an answer all the same, and a line in the log.

use std::sync::Arc;

use crate::log::log;
use crate::shop::{Answer, request, send, shop};
use poem::http::Method;
use specwright_runtime::{
    Mount, Observation, Observer, Rejection, Reply, RequestIds, RequestInfo, Worded, Wording,
};

/// Has no words.
struct Speechless;

impl Wording for Speechless {
    fn word(&self, rejection: &Rejection, _request: &RequestInfo<'_>) -> Reply {
        panic!("no words for {}", rejection.status());
    }
}

/// Waits for words that do not come.
struct Stuck;

impl Wording for Stuck {
    fn word(&self, _rejection: &Rejection, _request: &RequestInfo<'_>) -> Reply {
        Reply::new()
    }

    fn word_later<'a>(
        &'a self,
        rejection: &'a Rejection,
        _request: &'a RequestInfo<'a>,
    ) -> Worded<'a> {
        Box::pin(async {
            tokio::task::yield_now().await;
            panic!("no words for {}", rejection.status());
        })
    }
}

struct Clumsy;

impl Observer for Clumsy {
    fn observed(&self, _seen: &Observation) {
        panic!("cannot count");
    }
}

/// Sends a request; and the causes that are logged of it at level ERROR.
async fn answer(mount: Mount, target: &str, id: &str) -> (Answer, Vec<String>) {
    let log = log();
    let request = request(Method::GET, target).header("X-Request-Id", id);
    let answer = send(&mount, request.finish()).await;
    let mut lines = log.read();
    lines.retain(|line| line["request_id"] == id && line["level"] == "ERROR");
    let causes = lines.iter().map(|line| line["cause"].to_string());
    (answer, causes.collect())
}

#[tokio::test]
async fn a_wording_that_panics_is_a_plain_500() {
    let mounts = [
        ("speechless", shop().wording(Speechless)),
        ("stuck", shop().wording(Stuck)),
    ];
    for (id, mount) in mounts {
        let (answer, causes) = answer(mount, "/nothing", id).await;
        assert_eq!(answer.status, 500);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("x-request-id"), id);
        let problem = answer.json();
        assert_eq!(problem["title"], "Internal Server Error");
        assert_eq!(problem["request_id"], id);
        assert!(!answer.text().contains("no words"), "{}", answer.text());
        assert_eq!(causes.len(), 1, "{causes:?}");
        assert!(causes[0].contains("no words for 404"), "{causes:?}");
    }
}

#[tokio::test]
async fn an_observer_that_panics_takes_nothing_away() {
    let mount = shop().metrics(Arc::new(Clumsy));
    let (answer, causes) = answer(mount, "/orders/1", "clumsy").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["name"], "aaaaaaaa");
    assert_eq!(causes, ["\"cannot count\""]);
}

#[tokio::test]
async fn without_an_id_there_is_an_answer_too() {
    let ids = RequestIds::default().with_fresh(|| panic!("no id left"));
    let mount = shop().request_ids(ids);
    let answer = send(&mount, request(Method::GET, "/orders/1").finish()).await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.json()["status"], 500);
    assert!(!answer.text().contains("no id left"));
}
