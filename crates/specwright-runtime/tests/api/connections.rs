//! Connections: how they end, and HTTP/2.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use poem::Body;
use poem::endpoint::make_sync;
use poem::http::{Method, Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::shop::shop;
use crate::wire::{serve, start, start_with};

const IDLE: Duration = Duration::from_millis(80);
const PATIENCE: Duration = Duration::from_secs(20);

/// The preface of HTTP/2 (RFC 9113, section 3.4) with an empty SETTINGS frame.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Whether the server ends a connection on which these bytes came and nothing more.
async fn is_ended_after(address: SocketAddr, bytes: &[u8]) -> io::Result<bool> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(bytes).await?;
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    Ok(ended.is_ok())
}

#[tokio::test]
async fn a_connection_without_a_request_is_ended() -> io::Result<()> {
    let address = start_with(IDLE).await?;
    for bytes in [&b""[..], b"P", b"PRI * HTTP", b"GET /orders/1", PREFACE] {
        let started = Instant::now();
        assert!(is_ended_after(address, bytes).await?, "{bytes:?}");
        assert!(started.elapsed() >= IDLE, "{bytes:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_is_ended_some_time_after_its_last_request() -> io::Result<()> {
    let address = start_with(IDLE).await?;
    let get = b"GET /orders/1 HTTP/1.1\r\nHost: a\r\n\r\n";
    assert!(is_ended_after(address, get).await?);
    Ok(())
}

#[tokio::test]
async fn a_connection_on_which_somebody_works_is_not_idle() -> io::Result<()> {
    let address = start_with(IDLE).await?;
    let mut stream = TcpStream::connect(address).await?;
    // Three times as long as the connection may be idle.
    let nap = b"GET /trouble?kind=nap HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    stream.write_all(nap).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    let (mut client, _connection) = connect(address).await?;
    let answer = ask(
        &mut client,
        Method::GET,
        "/trouble?kind=nap",
        None,
        Body::empty(),
    )
    .await?;
    assert_eq!(answer.status(), 204);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_comes_slowly_arrives_whole() -> io::Result<()> {
    let slow = make_sync(|_| {
        let pieces = stream::unfold(0, |sent| async move {
            tokio::time::sleep(IDLE / 2).await;
            (sent < 10).then_some((Ok::<_, io::Error>("0123456789"), sent + 1))
        });
        poem::Response::builder().body(Body::from_bytes_stream(pieces))
    });
    let address = serve(slow, IDLE).await?;
    let mut stream = TcpStream::connect(address).await?;
    let get = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    stream.write_all(get).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    assert_eq!(answer.matches("0123456789").count(), 10, "{answer}");
    let (mut client, _connection) = connect(address).await?;
    let answer = ask(&mut client, Method::GET, "/", None, Body::empty()).await?;
    assert_eq!(text(answer).await, "0123456789".repeat(10));
    Ok(())
}

#[tokio::test]
async fn an_answer_that_is_taken_slowly_arrives_whole() -> io::Result<()> {
    const LENGTH: usize = 16 << 20;
    // Long enough for a system that makes room for more only when much was taken, and for a busy
    // machine; the answer takes longer still.
    const IDLE: Duration = Duration::from_secs(4);
    let large = make_sync(|_| poem::Response::builder().body(vec![b'x'; LENGTH]));
    let address = serve(large, IDLE).await?;
    let mut stream = TcpStream::connect(address).await?;
    let get = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    stream.write_all(get).await?;
    // Each pause is shorter than the connection may be idle.
    let started = Instant::now();
    let mut piece = vec![0; 256 << 10];
    let mut taken = 0;
    loop {
        match stream.read(&mut piece).await? {
            0 => break,
            length => taken += length,
        }
        tokio::time::sleep(IDLE / 40).await;
    }
    assert!(started.elapsed() > IDLE, "the answer was taken at once");
    assert!(taken > LENGTH, "{taken}");
    Ok(())
}

type Client = SendRequest<BoxBody<Bytes, io::Error>>;

/// A client that speaks HTTP/2, and its connection to the end.
async fn connect(address: SocketAddr) -> io::Result<(Client, JoinHandle<hyper::Result<()>>)> {
    let stream = TokioIo::new(TcpStream::connect(address).await?);
    let connected = handshake(TokioExecutor::new(), stream).await;
    let (client, connection) = connected.map_err(io::Error::other)?;
    Ok((client, tokio::spawn(connection)))
}

async fn ask(
    client: &mut Client,
    method: Method,
    target: &str,
    media_type: Option<&str>,
    body: Body,
) -> io::Result<Response<Incoming>> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://a{target}"));
    if let Some(media_type) = media_type {
        request = request.header("content-type", media_type);
    }
    let request = request.body(body.into()).map_err(io::Error::other)?;
    client.send_request(request).await.map_err(io::Error::other)
}

async fn text(answer: Response<Incoming>) -> String {
    let mut body = answer.into_body();
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A body that comes in pieces, so that no header tells its length.
fn pieces(pieces: &'static [&'static str]) -> Body {
    let pieces = pieces.iter().map(|piece| Ok::<_, io::Error>(*piece));
    Body::from_bytes_stream(stream::iter(pieces))
}

#[tokio::test]
async fn an_idle_http2_connection_is_ended() -> io::Result<()> {
    let address = start_with(IDLE).await?;
    let (mut client, connection) = connect(address).await?;
    let answer = ask(&mut client, Method::GET, "/orders/1", None, Body::empty()).await?;
    assert_eq!(text(answer).await, "{\"name\":\"aaaaaaaa\"}");
    let ended = tokio::time::timeout(PATIENCE, connection).await;
    assert!(matches!(ended, Ok(Ok(Ok(())))), "{ended:?}");
    Ok(())
}

#[tokio::test]
async fn a_body_over_http2_needs_no_length() -> io::Result<()> {
    let address = start().await?;
    let (mut client, _connection) = connect(address).await?;
    let mut post = async |media_type: Option<&str>, body: Body| {
        let answer = ask(&mut client, Method::POST, "/notes", media_type, body).await?;
        Ok::<_, io::Error>((answer.status().as_u16(), text(answer).await))
    };
    let (json, bytes) = (Some("application/json"), Some("application/octet-stream"));
    let note = pieces(&["{\"name\":", "\"n\"}"]);
    assert_eq!(post(json, note).await?, (200, "json n None".to_owned()));
    let five = (200, "bytes 5".to_owned());
    assert_eq!(post(bytes, pieces(&["123", "45"])).await?, five);
    // RFC 9110, section 8.3: without a Content-Type it may be taken for octets.
    assert_eq!(post(None, pieces(&["123", "45"])).await?, five);
    assert_eq!(post(None, Body::from("12345")).await?, five);
    assert_eq!(post(Some("image/png"), pieces(&["x"])).await?.0, 415);
    assert_eq!(post(Some("image/png"), Body::from("x")).await?.0, 415);
    let nothing = (200, "nothing".to_owned());
    assert_eq!(post(None, Body::empty()).await?, nothing);
    assert_eq!(post(Some("image/png"), pieces(&[])).await?, nothing);
    assert_eq!(post(Some("image/png"), pieces(&[""])).await?, nothing);
    let large = pieces(&[
        "0123456789012345678901234567890123456789",
        "0123456789012345678901234",
    ]);
    assert_eq!(post(json, large).await?.0, 413);
    Ok(())
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_given_up() -> io::Result<()> {
    let host = shop().timeout(Duration::from_millis(100));
    let address = serve(host, Duration::from_secs(60)).await?;
    for media_type in ["application/json", "application/octet-stream"] {
        let mut stream = TcpStream::connect(address).await?;
        let head = format!(
            "POST /notes HTTP/1.1\r\nHost: a\r\nContent-Type: {media_type}\r\n\
             Content-Length: 100\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await?;
        let mut answer = Vec::new();
        // The connection ends: what is left of the body must not be taken for a request.
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        assert!(matches!(read, Ok(Ok(_))), "{media_type}: {read:?}");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        assert!(answer.contains("\"title\":\"Request Timeout\""), "{answer}");
    }
    Ok(())
}

#[tokio::test]
async fn a_slow_body_over_http2_ends_its_stream_alone() -> io::Result<()> {
    let address = serve(shop().timeout(Duration::from_millis(100)), PATIENCE).await?;
    let (mut client, _connection) = connect(address).await?;
    let slow = Body::from_bytes_stream(stream::pending::<io::Result<Bytes>>());
    let media_type = Some("application/json");
    let answer = ask(&mut client, Method::POST, "/notes", media_type, slow).await?;
    assert_eq!(answer.status().as_u16(), 408);
    assert!(!answer.headers().contains_key("connection"));
    let next = ask(&mut client, Method::GET, "/orders/1", None, Body::empty()).await?;
    assert_eq!(next.status().as_u16(), 200);
    Ok(())
}
