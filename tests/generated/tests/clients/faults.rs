//! The other side is away, breaks off, is slow, or talks nonsense.

use crate::world::block_on;
use specwright_generated_tests::both::{
    documents::methods::MethodsClient,
    responses::media_types::{BytesResponse, MediaTypesClient},
    responses::statuses::StatusesClient,
};
use specwright_runtime::client::{ErrorKind, Failure, Http, Pacing, RealPacing};
use specwright_runtime::{CallOptions, Client, ClientError};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use tokio::net::TcpSocket;

/// What a server does with one connection, once it has read the head of a request.
#[derive(Clone, Copy)]
pub enum Act {
    /// Writes this and closes the connection.
    Say(&'static str),
    /// Writes this and keeps the connection open without another word.
    Stall(&'static str),
}

/// A server that acts by a list, and by its last entry from then on; and how often it was
/// connected to.
pub struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub fn new(acts: &'static [Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let act = acts[number.min(acts.len() - 1)];
                thread::spawn(move || play(connection, act));
            }
        });
        Self {
            address,
            connections,
        }
    }

    /// A client that pauses for a moment only.
    pub fn client(&self) -> Client {
        client(self.address).backoff(Duration::from_millis(2))
    }

    /// Asserts how often it was connected to, which it may learn later than whoever has given up by
    /// then.
    fn assert_connections(&self, expected: usize) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let count = || self.connections.load(Ordering::SeqCst);
        while count() < expected && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(count(), expected);
    }
}

fn client(address: SocketAddr) -> Client {
    Client::new(Http::new(&format!("http://{address}")).expect("an origin"))
}

fn play(mut connection: TcpStream, act: Act) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match connection.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => head.extend_from_slice(&buffer[..count]),
        }
    }
    match act {
        Act::Say(text) => {
            let _ = connection.write_all(text.as_bytes());
        }
        Act::Stall(text) => {
            let _ = connection.write_all(text.as_bytes());
            // Until the other side has had enough.
            while connection.read(&mut buffer).is_ok_and(|count| count > 0) {}
        }
    }
}

/// An address that is taken, so that nobody else can listen there, and where nobody does.
fn nowhere() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("there are sockets");
    let anywhere = "127.0.0.1:0".parse().expect("an address");
    socket.bind(anywhere).expect("a port is free");
    let address = socket.local_addr().expect("it has an address");
    (socket, address)
}

fn connection(error: &ClientError) -> (u32, Failure) {
    match error.kind() {
        ErrorKind::Connection { attempts, cause } => (*attempts, cause.failure()),
        _ => panic!("{error}"),
    }
}

/// Pauses take no time and are written down.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<Vec<Duration>>>);

impl Pacing for Noted {
    fn now(&self) -> Instant {
        RealPacing::default().now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().expect("no test panicked").push(duration);
        Box::pin(std::future::ready(()))
    }

    fn random(&self) -> u64 {
        1000
    }
}

#[test]
fn a_refused_connection_is_tried_again_as_often_as_allowed() {
    block_on(async {
        let pauses = Noted::default();
        let (_taken, nowhere) = nowhere();
        let client = client(nowhere)
            .timeout(None)
            .attempts(3)
            .pacing(pauses.clone());
        let client = MethodsClient::new(client);
        let error = client.get().await.expect_err("nobody is there");
        assert_eq!(connection(&error), (3, Failure::Unreachable));
        let pauses = std::mem::take(&mut *pauses.0.lock().expect("no test panicked"));
        assert_eq!(pauses, [50, 100, 200].map(Duration::from_millis));
        let text = error.to_string();
        assert!(text.starts_with("GET /all at http://127.0.0.1:"), "{text}");
        assert!(
            text.ends_with(": it cannot be reached, nor by 3 more attempts; is it running?"),
            "{text}"
        );
    });
}

#[test]
fn only_what_is_idempotent_is_tried_again() {
    block_on(async {
        let server = Server::new(&[Act::Say("HTTP/1.1 204 No")]);
        let client = MethodsClient::new(server.client());
        let mut before = 0;
        for (expected, error) in [
            (2, client.get().await.expect_err("cut")),
            (2, client.head().await.expect_err("cut")),
            (2, client.put().await.expect_err("cut")),
            (2, client.delete().await.expect_err("cut")),
            (2, client.options().await.expect_err("cut")),
            (0, client.post().await.expect_err("cut")),
            (0, client.patch().await.expect_err("cut")),
        ] {
            assert_eq!(connection(&error), (expected, Failure::Broken), "{error}");
            before += usize::try_from(expected).expect("few") + 1;
        }
        server.assert_connections(before);
    });
}

#[test]
fn no_attempt_is_made_where_none_is_allowed() {
    block_on(async {
        let server = Server::new(&[Act::Say("")]);
        let client = MethodsClient::new(server.client().attempts(0));
        let error = client.get().await.expect_err("cut");
        assert_eq!(connection(&error), (0, Failure::Broken));
        server.assert_connections(1);
    });
}

const CUT: Act =
    Act::Say("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n\"te");
const WHOLE: Act = Act::Say(
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 6\r\n\r\n\"text\"",
);

#[test]
fn a_connection_that_breaks_within_the_body_is_tried_again() {
    use specwright_generated_tests::both::responses::statuses::AllResponse;
    block_on(async {
        let server = Server::new(&[CUT, WHOLE]);
        let client = StatusesClient::new(server.client());
        let answer = client.all().await.expect("the second try succeeds");
        assert_eq!(answer, AllResponse::Ok("text".to_owned()));
        server.assert_connections(2);
        let server = Server::new(&[CUT]);
        let client = StatusesClient::new(server.client());
        let error = client.all().await.expect_err("cut");
        assert_eq!(connection(&error), (2, Failure::Broken));
        server.assert_connections(3);
    });
}

#[test]
fn nothing_is_tried_again_once_the_caller_has_a_part_of_the_answer() {
    block_on(async {
        let server = Server::new(&[Act::Say(
            "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: 9\r\n\r\nabc",
        )]);
        let client = MediaTypesClient::new(server.client());
        let answer = client.bytes().await.expect("the head is whole");
        let BytesResponse::Ok(mut bytes) = answer;
        let piece = bytes.next().await.expect("a piece").expect("it came");
        assert_eq!(&piece[..], b"abc");
        bytes.next().await.expect("an end").expect_err("it is cut");
        server.assert_connections(1);
    });
}

#[test]
fn a_slow_answer_ends_at_the_deadline() {
    block_on(async {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
        for act in [&[Act::Stall("")], &[Act::Stall("HTTP/1.1 200")]] as [&'static [Act]; 2] {
            let server = Server::new(act);
            let client = server.client().timeout(Duration::from_secs(2));
            let started = Instant::now();
            let error = MethodsClient::new(client).get().await.expect_err("slow");
            assert!(
                matches!(error.kind(), ErrorKind::Deadline { attempts: 0 }),
                "{error}"
            );
            assert!(error.is_deadline());
            assert!(started.elapsed() < Duration::from_secs(30));
            server.assert_connections(1);
        }
        // Within the body as well; the nearer of two deadlines holds.
        let acts: &'static [Act] = Box::leak(Box::new([Act::Stall(head)]));
        let server = Server::new(acts);
        let options = CallOptions::new().deadline(Instant::now() + Duration::from_secs(2));
        let client = StatusesClient::new(server.client()).with(options);
        let error = client.all().await.expect_err("slow");
        assert!(error.is_deadline(), "{error}");
    });
}

#[test]
fn a_stream_ends_at_the_deadline_too() {
    block_on(async {
        let server = Server::new(&[Act::Stall(
            "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: 9\r\n\r\nabc",
        )]);
        let client = server.client().timeout(Duration::from_secs(3));
        let answer = MediaTypesClient::new(client).bytes().await;
        let BytesResponse::Ok(bytes) = answer.expect("the head is whole");
        let error = bytes.bytes().await.expect_err("it does not end");
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    });
}

#[test]
fn nothing_is_begun_after_the_deadline() {
    block_on(async {
        let server = Server::new(&[WHOLE]);
        let options = CallOptions::new().deadline(Instant::now());
        let client = StatusesClient::new(server.client()).with(options);
        let error = client.all().await.expect_err("too late");
        assert!(error.is_deadline(), "{error}");
        server.assert_connections(0);
    });
}

/// Pauses are as long as they may be.
struct Unhurried;

impl Pacing for Unhurried {
    fn now(&self) -> Instant {
        RealPacing::default().now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        RealPacing::default().sleep(duration)
    }

    fn random(&self) -> u64 {
        1000
    }
}

#[test]
fn a_pause_that_would_outlast_the_deadline_is_not_begun() {
    block_on(async {
        let (_taken, nowhere) = nowhere();
        let client = client(nowhere)
            .backoff(Duration::from_secs(2))
            .timeout(Duration::from_millis(1_900))
            .pacing(Unhurried);
        // After a pause the deadline would be the failure.
        let error = MethodsClient::new(client).get().await.expect_err("away");
        assert_eq!(connection(&error), (0, Failure::Unreachable));
    });
}

#[test]
fn nonsense_is_no_failed_connection() {
    block_on(async {
        let server = Server::new(&[Act::Say("\u{1}\u{2} hello\r\n\r\n")]);
        let client = MethodsClient::new(server.client());
        let error = client.get().await.expect_err("no HTTP");
        assert_eq!(connection(&error), (0, Failure::Garbled));
        server.assert_connections(1);
    });
}

async fn all_of(act: &'static [Act]) -> ClientError {
    let server = Server::new(act);
    let client = StatusesClient::new(server.client().answer_bytes(100));
    let error = client.all().await.expect_err("it does not fit");
    server.assert_connections(1);
    error
}

#[test]
fn answers_that_do_not_fit_say_why() {
    block_on(async {
        let error = all_of(&[Act::Say(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n17",
        )])
        .await;
        let ErrorKind::Undecodable { violations, .. } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(violations[0].pointer, "/body");
        assert!(error.to_string().contains("(\"17\")"), "{error}");
        let error = all_of(&[Act::Say(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 3\r\n\r\n\"\u{7}\"",
        )])
        .await;
        assert!(
            error.to_string().contains("is no JSON at byte 1"),
            "{error}"
        );
        let error = all_of(&[Act::Say(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>",
        )])
        .await;
        let ErrorKind::UnexpectedMediaType { declared, .. } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(declared, &["application/json"]);
        let error = all_of(&[Act::Say(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 101\r\n\r\n",
        )])
        .await;
        let ErrorKind::TooLarge { limit, .. } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(*limit, 100);
    });
}

#[test]
fn undeclared_statuses_are_errors_of_their_own() {
    block_on(async {
        let server = Server::new(&[
            Act::Say("HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: /x\r\n\r\n"),
            Act::Say(
                "HTTP/1.1 422 X\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n{\"title\":\"No\",\"detail\":\"not so\"}",
            ),
            Act::Say(
                "HTTP/1.1 500 X\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n<oops>",
            ),
        ]);
        let client = MethodsClient::new(server.client());
        let error = client.get().await.expect_err("not declared");
        assert!(
            matches!(
                error.kind(),
                ErrorKind::UnexpectedStatus { status: 302, .. }
            ),
            "{error}"
        );
        let error = client.get().await.expect_err("not declared");
        assert_eq!(
            error.problem().expect("a problem").detail.as_deref(),
            Some("not so")
        );
        assert!(
            error.to_string().ends_with("refused with 422: not so"),
            "{error}"
        );
        let error = client.get().await.expect_err("not declared");
        assert!(
            matches!(
                error.kind(),
                ErrorKind::UnexpectedStatus { status: 500, .. }
            ),
            "{error}"
        );
        assert!(error.to_string().contains("(\"<oops>\")"), "{error}");
    });
}

#[test]
fn origins_that_cannot_be_called_are_refused() {
    for origin in [
        "",
        "api.example.com",
        "ftp://x",
        "http://a:b@x",
        "http://x/?q=1",
    ] {
        let refused = Http::new(origin);
        let error = refused.expect_err(origin).to_string();
        assert!(
            error.starts_with("the address cannot be called: "),
            "{error}"
        );
        assert!(!error.contains("a:b"), "{error}");
    }
    // What else is built with this package decides whether there is TLS, and the operating system
    // whether there are certificates to trust.
    match Http::new("https://example.com").map_err(|error| error.to_string()) {
        Ok(http) => assert_eq!(format!("{http:?}"), "Http(\"https://example.com\")"),
        Err(error) => assert!(
            error.contains("client-tls") || error.contains("trusts no certificates"),
            "{error}"
        ),
    }
    let http = Http::new("http://example.com:81/prefix/").expect("an origin");
    assert_eq!(
        format!("{http:?}"),
        "Http(\"http://example.com:81/prefix\")"
    );
}
