//! The same over a real connection.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Endpoint, Response};
use specwright_runtime::{Host, Limits, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::shop::{GIVEN_UP, RUNNING, shop};

pub async fn start() -> io::Result<SocketAddr> {
    start_with(Duration::from_secs(60)).await
}

pub async fn start_with(idle_timeout: Duration) -> io::Result<SocketAddr> {
    let limits = Limits {
        body_bytes: 64,
        ..Limits::default()
    };
    serve(Host::new().add(shop().limits(limits)), idle_timeout).await
}

/// Serves an endpoint for as long as the test takes.
pub async fn serve(
    endpoint: impl Endpoint<Output = Response> + 'static,
    idle_timeout: Duration,
) -> io::Result<SocketAddr> {
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await?;
    let addresses = acceptor.local_addr();
    let address = addresses
        .iter()
        .find_map(|address| address.as_socket_addr().copied());
    let server = Server::new(acceptor).idle_timeout(idle_timeout);
    tokio::spawn(server.run(endpoint, std::future::pending()));
    address.ok_or_else(|| io::Error::other("no address"))
}

async fn exchange(address: SocketAddr, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

const IDLE: Duration = Duration::from_secs(60);

const END: &str = "Host: a\r\nConnection: close\r\n";

#[tokio::test]
async fn head_names_the_length_and_sends_nothing() -> io::Result<()> {
    let address = start().await?;
    let get = exchange(address, &format!("GET /orders/1 HTTP/1.1\r\n{END}\r\n")).await?;
    let head = exchange(address, &format!("HEAD /orders/1 HTTP/1.1\r\n{END}\r\n")).await?;
    assert!(get.starts_with("HTTP/1.1 200 OK"), "{get}");
    assert!(get.ends_with("\r\n\r\n{\"name\":\"aaaaaaaa\"}"), "{get}");
    assert!(head.contains("content-length: 19\r\n"), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    Ok(())
}

#[tokio::test]
async fn a_request_names_one_host() -> io::Result<()> {
    let address = serve(Host::new().page("/page", "text/plain", "hi"), IDLE).await?;
    let get = async |version: &str, headers: &str| {
        let line = format!("GET /page HTTP/{version}");
        let close = "Connection: close";
        exchange(address, &format!("{line}\r\n{headers}{close}\r\n\r\n")).await
    };
    for (version, headers) in [("1.1", "Host: a:80\r\n"), ("1.1", "Host:\r\n"), ("1.0", "")] {
        let answer = get(version, headers).await?;
        assert!(
            answer.contains(" 200 OK\r\n"),
            "{version} {headers}: {answer}"
        );
    }
    for headers in [
        "",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nHost: b\r\n",
        "Host: a b\r\n",
    ] {
        let answer = get("1.1", headers).await?;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{headers}: {answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
    Ok(())
}

#[tokio::test]
async fn chunks_are_counted() -> io::Result<()> {
    let address = start().await?;
    let head = format!(
        "POST /notes HTTP/1.1\r\n{END}Content-Type: application/octet-stream\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    );
    let fits = exchange(address, &format!("{head}5\r\n12345\r\n0\r\n\r\n")).await?;
    assert!(fits.ends_with("bytes 5"), "{fits}");
    let chunk = format!("20\r\n{}\r\n", "x".repeat(32));
    let large = exchange(address, &format!("{head}{chunk}{chunk}{chunk}0\r\n\r\n")).await?;
    assert!(large.starts_with("HTTP/1.1 413"), "{large}");
    Ok(())
}

#[tokio::test]
async fn an_empty_answer_has_no_body() -> io::Result<()> {
    let address = start().await?;
    let target = "/trouble?kind=none";
    let answer = exchange(address, &format!("GET {target} HTTP/1.1\r\n{END}\r\n")).await?;
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    assert!(!answer.contains("content-type"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    Ok(())
}

/// Waits until the counter is above zero, for as long as the slowest machine may take.
async fn reached(counter: &AtomicUsize) -> bool {
    for _ in 0..1000 {
        if counter.load(Ordering::SeqCst) > 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn an_operation_ends_when_its_client_goes_away() -> io::Result<()> {
    let address = start().await?;
    let mut stream = TcpStream::connect(address).await?;
    stream
        .write_all(b"GET /trouble?kind=watched HTTP/1.1\r\nHost: a\r\n\r\n")
        .await?;
    assert!(reached(&RUNNING).await, "the operation never started");
    assert_eq!(GIVEN_UP.load(Ordering::SeqCst), 0);
    drop(stream);
    assert!(reached(&GIVEN_UP).await, "the operation goes on for nobody");
    Ok(())
}

#[tokio::test]
async fn a_connection_whose_request_does_not_come_whole_is_ended() -> io::Result<()> {
    let address = start_with(Duration::from_millis(50)).await?;
    let answer = exchange(address, "GET /orders/1 HTTP/1.1\r\nHost:").await?;
    assert!(!answer.contains("200 OK"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_connection_carries_several_requests() -> io::Result<()> {
    let address = start().await?;
    let one = "GET /orders/1 HTTP/1.1\r\nHost: a\r\n\r\n";
    let last = format!("GET /orders/1 HTTP/1.1\r\n{END}\r\n");
    let answers = exchange(address, &format!("{one}{one}{last}")).await?;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
    Ok(())
}
