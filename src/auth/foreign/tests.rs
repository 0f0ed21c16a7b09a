//! Key sets of another server, behind a URL.

use std::sync::Mutex as Shared;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{IntoResponse as _, Response, Server, endpoint};

use super::*;
use crate::effects::Clock;

#[derive(Default)]
struct Seconds(AtomicI64);

impl Clock for Seconds {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0.load(Ordering::SeqCst), 0).unwrap_or_default()
    }
}

/// A server with a key set that changes, and how often it was asked.
#[derive(Clone, Default)]
struct Issuer {
    answer: Arc<Shared<(u16, String)>>,
    asked: Arc<AtomicUsize>,
    /// How many questions have come, answered or not.
    reached: Arc<AtomicUsize>,
    /// Whether answers are kept back.
    is_slow: Arc<AtomicBool>,
}

impl Issuer {
    async fn start(&self) -> Uri {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await;
        let acceptor = acceptor.expect("there is a free port");
        let address = acceptor.local_addr().remove(0);
        let address = *address.as_socket_addr().expect("a port");
        let issuer = self.clone();
        let keys = endpoint::make(move |_| {
            let issuer = issuer.clone();
            async move { issuer.answer().await }
        });
        tokio::spawn(Server::new_with_acceptor(acceptor).run(keys));
        format!("http://{address}/keys").parse().expect("a URL")
    }

    async fn answer(&self) -> Response {
        self.reached.fetch_add(1, Ordering::SeqCst);
        while self.is_slow.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (status, body) = self.answer.lock().expect("nobody panicked").clone();
        let status = poem::http::StatusCode::from_u16(status).expect("a status");
        body.with_status(status).into_response()
    }

    fn says(&self, status: u16, body: impl Into<String>) {
        *self.answer.lock().expect("nobody panicked") = (status, body.into());
    }
}

fn set(ids: &[&str]) -> String {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let keys = ids.iter().map(
        |id| serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": id, "alg": "EdDSA"}),
    );
    serde_json::json!({ "keys": keys.collect::<Vec<_>>() }).to_string()
}

#[tokio::test]
async fn a_key_set_behind_a_url_is_read_again_when_it_is_old_or_lacks_a_key() {
    let issuer = Issuer::default();
    let source = Source::Url(issuer.start().await);
    let clock = Arc::new(Seconds::default());
    let effects = Effects {
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ..Effects::real()
    };
    let foreign = Foreign {
        source,
        issuer: None,
    };
    let keys = ForeignKeys::new(foreign, effects);
    let at = |seconds| clock.0.store(seconds, Ordering::SeqCst);
    let asked = || issuer.asked.load(Ordering::SeqCst);

    issuer.says(200, set(&["one"]));
    assert!(keys.find("one").await.is_some());
    assert!(keys.find("one").await.is_some());
    assert_eq!(asked(), 1);

    // A key that nobody knows makes the server ask again, but not at every request.
    issuer.says(200, set(&["one", "two"]));
    assert!(keys.find("two").await.is_none());
    assert_eq!(asked(), 1);
    at(30);
    assert!(keys.find("two").await.is_some());
    assert_eq!(asked(), 2);

    // What was published last holds while the issuer is in trouble.
    let huge = " ".repeat(LARGEST + 1);
    for (status, body) in [(500, set(&[])), (200, "not a set".to_owned()), (200, huge)] {
        issuer.says(status, body);
        let before = asked();
        at(clock.now().timestamp() + 300);
        assert!(keys.find("two").await.is_some(), "{status}");
        assert_eq!(asked(), before + 1);
    }

    // A key that is no longer published is no longer good.
    issuer.says(200, set(&["two"]));
    at(clock.now().timestamp() + 300);
    assert!(keys.find("one").await.is_none());
    assert!(keys.find("two").await.is_some());
}

/// While the other server takes its time, known keys are answered from the copy, and it is asked
/// once whatever names come.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_issuer_is_asked_once_and_keeps_nobody_with_a_known_key_waiting() {
    let issuer = Issuer::default();
    issuer.says(200, set(&["one"]));
    let source = Source::Url(issuer.start().await);
    let clock = Arc::new(Seconds::default());
    let effects = Effects {
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ..Effects::real()
    };
    let foreign = Foreign {
        source,
        issuer: None,
    };
    let keys = ForeignKeys::new(foreign, effects);
    assert!(keys.find("one").await.is_some());
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 1);
    clock.0.store(31, Ordering::SeqCst);
    issuer.is_slow.store(true, Ordering::SeqCst);
    issuer.says(200, set(&["one", "two"]));
    let unknown = ["two", "random", "other"].map(|name| {
        let keys = keys.clone();
        tokio::spawn(async move { keys.find(name).await.is_some() })
    });
    let reached = async {
        while issuer.reached.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let reached = tokio::time::timeout(PATIENCE, reached).await;
    reached.expect("the issuer is asked");
    for _ in 0..100 {
        let before = std::time::Instant::now();
        assert!(keys.find("one").await.is_some());
        // Who waited for the issuer would do so for as long as there is patience with it.
        assert!(before.elapsed() < PATIENCE / 2);
    }
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 1);
    issuer.is_slow.store(false, Ordering::SeqCst);
    let mut found = Vec::new();
    for task in unknown {
        found.push(task.await.expect("it ends"));
    }
    assert_eq!(found, [true, false, false]);
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn keys_without_an_algorithm_are_taken_by_their_kind_and_others_left_out() {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let algorithm = |key: serde_json::Value| {
        let key: Jwk = serde_json::from_value(key).expect("a key");
        usable(&key).map(|(_, _, algorithm)| algorithm)
    };
    let okp = |more: serde_json::Value| {
        let mut key = serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "k"});
        let more = more.as_object().cloned().unwrap_or_default();
        key.as_object_mut().expect("an object").extend(more);
        key
    };
    // RFC 7517, appendix A.1.
    let ec = serde_json::json!({
        "kty": "EC", "crv": "P-256", "kid": "k",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    });
    let rsa = serde_json::json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "k"});
    assert_eq!(
        algorithm(okp(serde_json::json!({}))),
        Some(Algorithm::EdDSA)
    );
    assert_eq!(algorithm(ec.clone()), Some(Algorithm::ES256));
    assert_eq!(algorithm(rsa.clone()), Some(Algorithm::RS256));
    let verify = serde_json::json!({"use": "sig", "key_ops": ["verify"]});
    assert_eq!(algorithm(okp(verify)), Some(Algorithm::EdDSA));
    for left_out in [
        serde_json::json!({"use": "enc"}),
        serde_json::json!({"key_ops": ["encrypt"]}),
        serde_json::json!({"kid": null}),
        serde_json::json!({"alg": "HS256"}),
    ] {
        assert_eq!(algorithm(okp(left_out.clone())), None, "{left_out}");
    }
    let symmetric = serde_json::json!({"kty": "oct", "k": "c2VjcmV0", "kid": "k"});
    assert_eq!(algorithm(symmetric), None);
}
