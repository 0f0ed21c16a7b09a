//! Values that answers hold as text.

use crate::faults::{Act, Server};
use crate::world::{block_on, clients, serve};
use specwright_generated_tests::both::responses::text;
use specwright_runtime::{Context, Fault};

/// Answers with the same values every time.
#[derive(Clone, Copy)]
struct Fixed;

impl text::Text for Fixed {
    async fn count(&self, _: &Context) -> Result<text::CountResponse, Fault> {
        Ok(text::CountResponse::Ok(12))
    }
    async fn size(&self, _: &Context) -> Result<text::SizeResponse, Fault> {
        Ok(text::SizeResponse::Ok(text::Size::Large))
    }
    async fn since(&self, _: &Context) -> Result<text::SinceResponse, Fault> {
        let since = "2026-01-02T03:04:05Z".parse().expect("a time");
        Ok(text::SinceResponse::Ok(since))
    }
    async fn code(&self, _: &Context) -> Result<text::CodeResponse, Fault> {
        Ok(text::CodeResponse::Ok("ABC".to_owned()))
    }
    async fn open(&self, _: &Context) -> Result<text::OpenResponse, Fault> {
        Ok(text::OpenResponse::Ok(true))
    }
    async fn plain(&self, _: &Context) -> Result<text::PlainResponse, Fault> {
        Ok(text::PlainResponse::Ok("12".to_owned()))
    }
    async fn list(&self, _: &Context) -> Result<text::ListResponse, Fault> {
        Ok(text::ListResponse::Ok("a;b".to_owned()))
    }
    async fn either(&self, _: &Context) -> Result<text::EitherResponse, Fault> {
        let body = text::EitherOkBody::Text(text::Size::Small);
        Ok(text::EitherResponse::Ok(body))
    }
}

#[test]
fn values_come_back_from_texts() {
    block_on(async {
        for client in clients(text::TextApi(Fixed)).await {
            let client = text::TextClient::new(client);
            let since = "2026-01-02T03:04:05Z".parse().expect("a time");
            assert_eq!(
                client.count().await.expect("12"),
                text::CountResponse::Ok(12)
            );
            let size = text::SizeResponse::Ok(text::Size::Large);
            assert_eq!(client.size().await.expect("large"), size);
            assert_eq!(
                client.since().await.expect("a time"),
                text::SinceResponse::Ok(since)
            );
            assert_eq!(
                client.code().await.expect("a code"),
                text::CodeResponse::Ok("ABC".into())
            );
            assert_eq!(
                client.open().await.expect("true"),
                text::OpenResponse::Ok(true)
            );
            assert_eq!(
                client.plain().await.expect("12"),
                text::PlainResponse::Ok("12".into())
            );
            assert_eq!(
                client.list().await.expect("a;b"),
                text::ListResponse::Ok("a;b".into())
            );
            let either = text::EitherOkBody::Text(text::Size::Small);
            assert_eq!(
                client.either().await.expect("small"),
                text::EitherResponse::Ok(either)
            );
        }
    });
}

#[test]
fn texts_are_sent_without_quotes() {
    block_on(async {
        let (mount, _) = serve(text::TextApi(Fixed)).await;
        for (path, expected) in [
            ("/count", "12"),
            ("/size", "large"),
            ("/since", "2026-01-02T03:04:05.000Z"),
            ("/open", "true"),
        ] {
            let request = poem::Request::builder()
                .uri(path.parse().expect("a path"))
                .finish();
            let response = poem::Endpoint::get_response(&*mount, request).await;
            assert_eq!(
                response.content_type(),
                Some("text/plain; charset=utf-8"),
                "{path}"
            );
            let body = response.into_body().into_string().await.expect("a text");
            assert_eq!(body, expected, "{path}");
        }
    });
}

#[test]
fn texts_that_do_not_fit_are_refused() {
    const MANY: &str =
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\nmany";
    block_on(async {
        let server = Server::new(&[Act::Say(MANY)]);
        let client = text::TextClient::new(server.client());
        let refused = [
            client.count().await.map(|_| ()),
            client.size().await.map(|_| ()),
            client.since().await.map(|_| ()),
            client.code().await.map(|_| ()),
            client.open().await.map(|_| ()),
        ];
        let expected = [
            "must be an integer",
            "must be one of",
            "must be a date and time",
            "must match the pattern ^[A-Z]{3}$",
            "must be a boolean",
        ];
        for (refused, expected) in refused.into_iter().zip(expected) {
            let error = refused.expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}");
        }
        let plain = client.plain().await.expect("any text");
        assert_eq!(plain, text::PlainResponse::Ok("many".to_owned()));
    });
}
