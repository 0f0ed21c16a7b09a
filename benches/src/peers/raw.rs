//! The endpoints on hyper alone, with `serde_json` and a hand-written router.

use super::types::{Order, ProductQuery, accept, products};
use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

/// Serves on a socket until the process ends.
///
/// # Errors
///
/// The address cannot be listened on.
pub async fn listen(address: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(connection(stream));
    }
}

/// Serves one connection until it ends.
///
/// # Errors
///
/// The connection breaks.
pub async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<()> {
    Ok(http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(answer))
        .await?)
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
    let path = request.uri().path();
    match *request.method() {
        Method::POST if path == "/orders" => {
            let body = request.into_body().collect().await?.to_bytes();
            json(&accept(&serde_json::from_slice::<Order>(&body)?))
        }
        Method::GET => match target(path) {
            Some((shop, category)) => {
                let query: ProductQuery =
                    serde_urlencoded::from_str(request.uri().query().unwrap_or_default())?;
                let q = query.q.as_deref().unwrap_or_default();
                json(&products(shop, category, query.page, query.page_size, q))
            }
            None => status(StatusCode::NOT_FOUND),
        },
        _ => status(StatusCode::NOT_FOUND),
    }
}

/// The two parameters of `/shops/{shop}/products/{category}`.
fn target(path: &str) -> Option<(i64, String)> {
    let (shop, category) = path.strip_prefix("/shops/")?.split_once("/products/")?;
    Some((shop.parse().ok()?, category.to_owned()))
}

fn json(value: &impl Serialize) -> Result<Response<Full<Bytes>>> {
    let body = Full::new(Bytes::from(serde_json::to_vec(value)?));
    Ok(Response::builder()
        .header("content-type", "application/json")
        .body(body)?)
}

fn status(status: StatusCode) -> Result<Response<Full<Bytes>>> {
    Ok(Response::builder().status(status).body(Full::default())?)
}
