//! Parameters in every style, with awkward characters.

use crate::noting;
use crate::world::{Random, Seen, block_on, clients};
use specwright_generated_tests::both::parameters::{
    headers_and_cookies, path, path_templates, query, query_objects,
};
use specwright_runtime::client::ErrorKind;
use specwright_runtime::{ClientError, Date, DateTime, Integer, Json, Map, Nullable};
use std::fmt::Debug;

const ROUNDS: u64 = 150;

/// How many requests arrived, and how many were not sent because they could not have.
#[derive(Debug, Default)]
struct Count {
    arrived: usize,
    unsendable: usize,
}

impl Count {
    /// What arrives is what was sent; what cannot be is refused at one of these places.
    fn judge<T: PartialEq + Debug + 'static, R: Debug>(
        &mut self,
        seen: &Seen,
        sent: &T,
        outcome: Result<R, ClientError>,
        places: &[&str],
    ) {
        match outcome {
            Ok(_) => {
                let arrived = seen.take::<T>().expect("a request arrived");
                assert_eq!(&arrived, sent);
                self.arrived += 1;
            }
            Err(error) => {
                let ErrorKind::Unsendable { pointer, .. } = error.kind() else {
                    panic!("{error}\n{error:?}\n{sent:?}");
                };
                assert!(places.contains(&pointer.as_str()), "{error}: {sent:?}");
                assert!(seen.take::<T>().is_none());
                self.unsendable += 1;
            }
        }
    }

    fn settle(&self) {
        assert!(self.arrived > 50, "{self:?}");
    }
}

use query::{SearchKindsItem, SearchOrder, SearchRequest, SearchResponse};
noting!(query::Query { search(SearchRequest) SearchResponse, });

fn search(random: &mut Random) -> SearchRequest {
    let words = ["null", "true", "12", "{}", "text", "1e2"];
    SearchRequest {
        text: random.some_text().chars().take(10).collect(),
        page: random.choose(&[1, 7, i32::MAX]),
        share: random.maybe(|random| random.choose(&[0.5, -1e300, 0.1])),
        exact: random.below(2) == 0,
        since: random.maybe(|_| {
            Json::parse("\"2024-02-29T12:00:00.5+01:00\"")
                .expect("JSON")
                .to::<DateTime>()
                .expect("a time")
        }),
        order: random.choose(&[SearchOrder::Asc, SearchOrder::Desc]),
        ids: random.maybe(|random| vec![random.choose(&[0, i64::MIN, i64::MAX]), 1]),
        tags: random.maybe(|random| {
            let mut tags = random.list(Random::text);
            tags.sort();
            tags.dedup();
            tags
        }),
        spaced: random.maybe(|random| vec![random.text(), "x".to_owned()]),
        piped: random.maybe(|random| vec![random.text(), "x".to_owned()]),
        kinds: random.maybe(|_| vec![SearchKindsItem::A, SearchKindsItem::B]),
        empty: random.maybe(Random::text),
        reserved: random.maybe(Random::text),
        old: random.maybe(Random::text),
        anything: random.maybe(|random| {
            let word = random.choose(&words);
            Json::parse(word).unwrap_or_else(|_| Json::of(word))
        }),
        nullable: random.maybe(|random| Nullable::Value(random.text())),
        untyped_list: random.maybe(|random| vec![Json::of(&random.some_text()), Json::of("x")]),
    }
}

#[test]
fn queries_arrive_as_they_were_sent() {
    block_on(async {
        let seen = Seen::default();
        for client in clients(query::QueryApi(seen.clone())).await {
            let client = query::QueryClient::new(client);
            let (mut random, mut count) = (Random::new(1), Count::default());
            for _ in 0..ROUNDS {
                let request = search(&mut random);
                let outcome = client.search(request.clone()).await;
                // Lists whose separator is in an item, an item that is empty, values of any type
                // that look like another one.
                let places = [
                    "/query/tags",
                    "/query/anything",
                    "/query/spaced",
                    "/query/piped",
                ];
                count.judge(&seen, &request, outcome, &places);
            }
            count.settle();
            assert!(count.unsendable > 0, "{count:?}");
        }
    });
}

#[test]
fn an_empty_list_is_an_absent_one_where_no_style_can_write_it() {
    block_on(async {
        let seen = Seen::default();
        for client in clients(query::QueryApi(seen.clone())).await {
            let client = query::QueryClient::new(client);
            let mut request = search(&mut Random::new(1));
            (request.ids, request.tags, request.anything) =
                (Some(Vec::new()), Some(Vec::new()), None);
            (request.spaced, request.piped) = (None, None);
            client.search(request).await.expect("an answer");
            let arrived: SearchRequest = seen.take().expect("a request arrived");
            assert_eq!((arrived.ids, arrived.tags), (None, Some(Vec::new())));
        }
    });
}

use query_objects::{
    DeepFilter, DeepRequest, DeepResponse, ExplodedFilter, ExplodedRequest, ExplodedResponse,
    JoinedFilter, JoinedRequest, JoinedResponse, MapRequest, MapResponse,
};
noting!(query_objects::QueryObjects {
    deep(DeepRequest) DeepResponse,
    exploded(ExplodedRequest) ExplodedResponse,
    joined(JoinedRequest) JoinedResponse,
    map(MapRequest) MapResponse,
});

#[test]
fn objects_in_queries_arrive_as_they_were_sent() {
    block_on(async {
        let seen = Seen::default();
        for client in clients(query_objects::QueryObjectsApi(seen.clone())).await {
            let client = query_objects::QueryObjectsClient::new(client);
            let (mut random, mut count) = (Random::new(2), Count::default());
            for _ in 0..ROUNDS {
                let request = DeepRequest {
                    filter: random.maybe(|random| DeepFilter {
                        name: random.text(),
                        age: random.maybe(|_| -7),
                        active: random.maybe(|_| false),
                    }),
                };
                let outcome = client.deep(request.clone()).await;
                count.judge(&seen, &request, outcome, &[]);
                let request = ExplodedRequest {
                    filter: Some(ExplodedFilter {
                        a: Some(random.text()),
                        b: random.maybe(|_| Integer::from(12)),
                    }),
                    other: random.maybe(Random::text),
                };
                let outcome = client.exploded(request.clone()).await;
                count.judge(&seen, &request, outcome, &[]);
                let request = JoinedRequest {
                    filter: Some(JoinedFilter {
                        a: Some(random.text()),
                        b: Some(Integer::from(-1)),
                    }),
                };
                let outcome = client.joined(request.clone()).await;
                count.judge(&seen, &request, outcome, &[]);
                let labels: Map<String> = (0..random.below(3) + 1)
                    .map(|index| {
                        (
                            format!("{}{index}", random.choose(&["k", "ä b", "a&b", "x.y"])),
                            random.text(),
                        )
                    })
                    .collect();
                let request = MapRequest {
                    labels: Some(labels),
                };
                let outcome = client.map(request.clone()).await;
                count.judge(&seen, &request, outcome, &[]);
            }
            count.settle();
        }
    });
}

use path::{
    LabelRequest, LabelResponse, MatrixMap, MatrixRequest, MatrixResponse, SimpleMap,
    SimpleRequest, SimpleResponse,
};
noting!(path::Path {
    simple(SimpleRequest) SimpleResponse,
    label(LabelRequest) LabelResponse,
    matrix(MatrixRequest) MatrixResponse,
});

#[test]
fn paths_arrive_as_they_were_sent() {
    block_on(async {
        let seen = Seen::default();
        for client in clients(path::PathApi(seen.clone())).await {
            let client = path::PathClient::new(client);
            let (mut random, mut count) = (Random::new(3), Count::default());
            for _ in 0..ROUNDS {
                let request = SimpleRequest {
                    text: random.some_text(),
                    number: random.choose(&[0, -1, i32::MAX]),
                    list: vec![
                        Integer::from(1),
                        "12345678901234567890".parse().expect("digits"),
                    ],
                    map: SimpleMap {
                        a: Some(random.text()),
                        b: random.maybe(|_| Integer::from(3)),
                    },
                };
                let outcome = client.simple(request.clone()).await;
                count.judge(&seen, &request, outcome, &[]);
                let request = LabelRequest {
                    text: random.text(),
                    list: random.list(Random::text),
                    exploded: random.list(Random::text),
                    map: (0..random.below(3))
                        .map(|index| (format!("k.{index}"), random.text()))
                        .collect(),
                };
                let outcome = client.label(request.clone()).await;
                // A list of one empty text is written like an empty list.
                count.judge(&seen, &request, outcome, &["/path/list", "/path/exploded"]);
                let request = MatrixRequest {
                    text: random.text(),
                    list: random.list(Random::text),
                    exploded: random.list(Random::text),
                    map: MatrixMap {
                        a: Some(random.text()),
                    },
                };
                let outcome = client.matrix(request.clone()).await;
                count.judge(&seen, &request, outcome, &["/path/list", "/path/exploded"]);
            }
            count.settle();
        }
    });
}

#[test]
fn a_path_parameter_that_would_be_empty_is_not_sent() {
    block_on(async {
        let seen = Seen::default();
        for client in clients(path::PathApi(seen.clone())).await {
            let request = SimpleRequest {
                text: String::new(),
                number: 1,
                list: vec![Integer::from(1)],
                map: SimpleMap {
                    a: None,
                    b: Some(Integer::from(1)),
                },
            };
            let error = path::PathClient::new(client).simple(request).await;
            let error = error.expect_err("it is refused");
            assert!(
                error
                    .to_string()
                    .ends_with("/path/text cannot be sent: a path parameter must not be empty"),
                "{error}"
            );
        }
    });
}

use path_templates::{
    DayRequest, DayResponse, FileRequest, FileResponse, FileVersion, LiteralResponse, RangeRequest,
    RangeResponse, ThingId, ThingRequest, ThingResponse,
};

impl path_templates::PathTemplates for Seen {
    async fn file(
        &self,
        request: FileRequest,
        _: &specwright_runtime::Context,
    ) -> Result<FileResponse, specwright_runtime::Fault> {
        self.put(request);
        Ok(FileResponse::NoContent)
    }
    async fn range(
        &self,
        request: RangeRequest,
        _: &specwright_runtime::Context,
    ) -> Result<RangeResponse, specwright_runtime::Fault> {
        self.put(request);
        Ok(RangeResponse::NoContent)
    }
    async fn literal(
        &self,
        _: &specwright_runtime::Context,
    ) -> Result<LiteralResponse, specwright_runtime::Fault> {
        self.put(());
        Ok(LiteralResponse::NoContent)
    }
    async fn thing(
        &self,
        request: ThingRequest,
        _: &specwright_runtime::Context,
    ) -> Result<ThingResponse, specwright_runtime::Fault> {
        self.put(request);
        Ok(ThingResponse::NoContent)
    }
    async fn day(
        &self,
        request: DayRequest,
        _: &specwright_runtime::Context,
    ) -> Result<DayResponse, specwright_runtime::Fault> {
        self.put(request);
        Ok(DayResponse::NoContent)
    }
}

#[test]
fn templates_within_segments_are_filled() {
    block_on(async {
        let seen = Seen::default();
        for client in clients(path_templates::PathTemplatesApi(seen.clone())).await {
            let client = path_templates::PathTemplatesClient::new(client);
            let (mut random, mut count) = (Random::new(4), Count::default());
            for _ in 0..ROUNDS {
                let request = FileRequest {
                    version: FileVersion::V2,
                    name: random.some_text(),
                };
                let outcome = client.file(request.clone()).await;
                count.judge(&seen, &request, outcome, &[]);
                let request = RangeRequest {
                    from: -5,
                    to: i64::MAX,
                };
                let outcome = client.range(request.clone()).await;
                count.judge(&seen, &request, outcome, &[]);
                let id = random.choose(&[
                    ThingId::Number(Integer::from(12)),
                    ThingId::String("12".to_owned()),
                    ThingId::String("1 2".to_owned()),
                ]);
                let request = ThingRequest { id };
                let outcome = client.thing(request.clone()).await;
                // The text of digits is a number to every reader.
                count.judge(&seen, &request, outcome, &["/path/id"]);
            }
            count.settle();
            client.literal().await.expect("an answer");
            let request = DayRequest {
                day: Json::of("2024-02-29").to::<Date>().expect("a date"),
                user: "123e4567-e89b-12d3-a456-426614174000"
                    .parse()
                    .expect("a UUID"),
            };
            client.day(request.clone()).await.expect("an answer");
            assert_eq!(seen.take(), Some(request));
        }
    });
}

use headers_and_cookies::{
    AllRequest, AllResponse, AllTheme, AllXMap, AllXMapExploded, AllXTenant,
};
noting!(headers_and_cookies::HeadersAndCookies { all(AllRequest) AllResponse, });

#[test]
fn headers_and_cookies_arrive_as_they_were_sent() {
    block_on(async {
        let seen = Seen::default();
        for client in clients(headers_and_cookies::HeadersAndCookiesApi(seen.clone())).await {
            let client = headers_and_cookies::HeadersAndCookiesClient::new(client);
            let (mut random, mut count) = (Random::new(5), Count::default());
            for _ in 0..ROUNDS * 4 {
                let request = AllRequest {
                    x_tenant: AllXTenant::South,
                    x_limit: random.maybe(|_| 0),
                    x_list: random.maybe(|_| vec![Integer::from(1), Integer::from(-2)]),
                    x_map: random.maybe(|random| AllXMap {
                        a: Some(random.choose(&["x", "é;=", "a,b"]).to_owned()),
                    }),
                    x_map_exploded: random.maybe(|_| AllXMapExploded {
                        a: Some("=b c".to_owned()),
                    }),
                    if_match: random.maybe(Random::text),
                    session: random.maybe(Random::text),
                    flags: random.maybe(|random| random.list(Random::some_text)),
                    theme: random.choose(&[AllTheme::Dark, AllTheme::Light]),
                };
                let outcome = client.all(request.clone()).await;
                // Headers hold no control characters and no blanks at their ends; commas divide.
                count.judge(
                    &seen,
                    &request,
                    outcome,
                    &["/header/If-Match", "/header/X-Map"],
                );
            }
            count.settle();
        }
    });
}
