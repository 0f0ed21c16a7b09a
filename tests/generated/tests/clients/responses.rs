//! Declared responses come back as the service gave them.

use crate::world::{block_on, clients};
use specwright_generated_tests::both::responses::{headers, statuses};
use specwright_runtime::{Context, Fault, Integer};
use std::sync::{Arc, Mutex};

/// Answers with what it is told to.
struct Told<T>(Arc<Mutex<Option<T>>>);

impl<T> Clone for Told<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Told<T> {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }

    fn tell(&self, answer: T) {
        *self.0.lock().expect("no test panicked") = Some(answer);
    }

    fn answer(&self) -> Result<T, Fault> {
        let told = self.0.lock().expect("no test panicked").take();
        told.ok_or_else(|| Fault::internal("nothing was told"))
    }
}

impl statuses::Statuses for Told<statuses::AllResponse> {
    async fn all(&self, _: &Context) -> Result<statuses::AllResponse, Fault> {
        self.answer()
    }
    async fn only_default(&self, _: &Context) -> Result<statuses::OnlyDefaultResponse, Fault> {
        Ok(statuses::OnlyDefaultResponse::Default { status: 299 })
    }
    async fn none(&self, _: &Context) -> Result<statuses::NoneResponse, Fault> {
        Ok(statuses::NoneResponse::Default { status: 500 })
    }
}

#[test]
fn every_declared_status_comes_back() {
    use statuses::{AllResponse, Problem, Thing};
    let problem = || Problem {
        title: "ä".to_owned(),
    };
    let all = [
        AllResponse::Ok("text".to_owned()),
        AllResponse::Created(Thing { id: None }),
        AllResponse::Accepted,
        AllResponse::NoContent,
        AllResponse::NotModified,
        AllResponse::NotFound(problem()),
        AllResponse::Status418,
        AllResponse::Status499,
        AllResponse::ServerError {
            status: 503,
            body: problem(),
        },
        AllResponse::ClientError { status: 409 },
        AllResponse::Default {
            status: 305,
            body: problem(),
        },
    ];
    block_on(async {
        let told = Told::new();
        for client in clients(statuses::StatusesApi(told.clone())).await {
            let client = statuses::StatusesClient::new(client);
            for expected in &all {
                told.tell(expected.clone());
                let answer = client.all().await.expect("an answer");
                assert_eq!(&answer, expected);
            }
            let answer = client.only_default().await.expect("an answer");
            assert_eq!(
                answer,
                statuses::OnlyDefaultResponse::Default { status: 299 }
            );
        }
    });
}

impl headers::Headers for Told<headers::AllResponse> {
    async fn all(&self, _: &Context) -> Result<headers::AllResponse, Fault> {
        self.answer()
    }
}

#[test]
fn typed_headers_come_back() {
    use headers::{AllDefaultBody, AllOkXKind, AllOkXMap, AllOkXMapExploded, AllResponse};
    let all = [
        AllResponse::Ok {
            x_count: -3,
            x_next: Some("https://example.com/?a=b,c".to_owned()),
            x_kind: Some(AllOkXKind::B),
            x_list: Some(vec!["a".to_owned(), "b c".to_owned()]),
            x_map: Some(AllOkXMap {
                a: Some("x y".to_owned()),
            }),
            x_map_exploded: Some(AllOkXMapExploded {
                a: Some("=z".to_owned()),
            }),
            x_rate: Some(0.1),
            type_: Some("é".to_owned()),
            body_2: Some(String::new()),
            body: vec!["body".to_owned()],
        },
        AllResponse::Ok {
            x_count: 0,
            x_next: None,
            x_kind: None,
            x_list: None,
            x_map: None,
            x_map_exploded: None,
            x_rate: None,
            type_: None,
            body_2: None,
            body: Vec::new(),
        },
        AllResponse::NoContent {
            e_tag: "\"7\"".to_owned(),
        },
        AllResponse::Default {
            status: 429,
            retry_after: Some(Integer::from(120)),
            body: AllDefaultBody { message: None },
        },
    ];
    block_on(async {
        let told = Told::new();
        for client in clients(headers::HeadersApi(told.clone())).await {
            let client = headers::HeadersClient::new(client);
            for expected in &all {
                told.tell(expected.clone());
                let answer = client.all().await.expect("an answer");
                assert_eq!(&answer, expected);
            }
        }
    });
}
