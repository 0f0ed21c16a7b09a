//! Encoded bodies, in and out (RFC 9110, section 8.4).

use crate::shop::{Answer, call, request, send, send_body, shop};
use poem::http::Method;
use specwright_runtime::Limits;

const BYTES: &str = "application/octet-stream";
const JSON: &str = "application/json";

#[tokio::test]
async fn compressed_bodies_come_in_and_go_out() {
    let get = request(Method::GET, "/orders/2")
        .header("Accept-Encoding", "gzip")
        .finish();
    let packed = send(&shop(), get).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.bytes.len() < 500);
    let post = |encoding: &'static str, bytes: Vec<u8>, mount| async move {
        let builder = request(Method::POST, "/notes").header("Content-Encoding", encoding);
        send_body(&mount, builder, "application/octet-stream", bytes).await
    };
    let plain = call(&shop(), Method::GET, "/orders/2").await;
    let unpacked = post("gzip", packed.bytes.clone(), shop()).await;
    assert_eq!(unpacked.text(), format!("bytes {}", plain.bytes.len()));
    let limits = Limits {
        body_bytes: plain.bytes.len() - 1,
        ..Limits::default()
    };
    assert_eq!(
        post("gzip", packed.bytes.clone(), shop().limits(limits))
            .await
            .status,
        413
    );
    assert_eq!(post("zstd", packed.bytes, shop()).await.status, 415);
    let builder = request(Method::POST, "/notes").header("Content-Encoding", "gzip");
    let broken = send_body(&shop(), builder, "application/json", "no gzip").await;
    assert_eq!(broken.status, 400);
}

/// The order with many tags, encoded by the API itself.
async fn packed(encoding: &'static str) -> Vec<u8> {
    let get = request(Method::GET, "/orders/2")
        .header("Accept-Encoding", encoding)
        .finish();
    let answer = send(&shop(), get).await;
    assert_eq!(answer.header("content-encoding"), encoding);
    assert_eq!(answer.header("vary"), "Accept-Encoding");
    assert!(answer.bytes.len() < 500, "{}", answer.bytes.len());
    answer.bytes
}

async fn post(encoding: &str, media_type: &str, bytes: Vec<u8>) -> Answer {
    let builder = request(Method::POST, "/notes").header("Content-Encoding", encoding);
    send_body(&shop(), builder, media_type, bytes).await
}

#[tokio::test]
async fn brotli_comes_in_and_goes_out() {
    let plain = call(&shop(), Method::GET, "/orders/2").await;
    let packed = packed("br").await;
    let streamed = post("br", BYTES, packed.clone()).await;
    assert_eq!(streamed.text(), format!("bytes {}", plain.bytes.len()));
    let read = post("br", JSON, packed.clone()).await;
    assert_eq!(read.text(), "json b None");
    for media_type in [BYTES, JSON] {
        assert_eq!(post("br", media_type, b"no br".to_vec()).await.status, 400);
        let cut = packed[..packed.len() - 3].to_vec();
        assert_eq!(
            post("br", media_type, cut).await.status,
            400,
            "{media_type}"
        );
        let more = [&packed[..], b"more"].concat();
        assert_eq!(
            post("br", media_type, more).await.status,
            400,
            "{media_type}"
        );
    }
}

#[tokio::test]
async fn gzip_may_have_several_members() {
    let plain = call(&shop(), Method::GET, "/orders/2").await;
    let packed = packed("gzip").await;
    let thrice = [&packed[..], &packed[..], &packed[..]].concat();
    let streamed = post("gzip", BYTES, thrice.clone()).await;
    assert_eq!(streamed.text(), format!("bytes {}", 3 * plain.bytes.len()));
    // Three values are no JSON, which shows that the second one is read.
    assert_eq!(
        post("gzip", JSON, packed.clone()).await.text(),
        "json b None"
    );
    assert_eq!(post("gzip", JSON, thrice.clone()).await.status, 400);
    let limits = Limits {
        body_bytes: 2 * plain.bytes.len(),
        ..Limits::default()
    };
    for media_type in [BYTES, JSON] {
        let builder = request(Method::POST, "/notes").header("Content-Encoding", "gzip");
        let small = shop().limits(limits);
        let large = send_body(&small, builder, media_type, thrice.clone()).await;
        assert_eq!(large.status, 413, "{media_type}");
    }
}

#[tokio::test]
async fn nothing_else_may_follow_gzip() {
    let packed = packed("gzip").await;
    for rubbish in [
        &b"x"[..],
        b"rubbish that is no member at all",
        &packed[..20],
    ] {
        for media_type in [BYTES, JSON] {
            let body = [&packed[..], rubbish].concat();
            let answer = post("gzip", media_type, body).await;
            assert_eq!(answer.status, 400, "{media_type} {rubbish:?}");
        }
    }
}
