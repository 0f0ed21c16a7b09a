//! What contracts ask for beyond OpenAPI, by the answers of mounted APIs.

use poem::http::Method;
use poem::{Endpoint as _, Request};
use serde_json::{Value, json};
use specwright_generated_tests::extensions::{hal, plain};
use specwright_runtime::{ApiKey, Context, Denied, Fault, Grant, Mount, Order, Page, mount};

/// Five hives, `A` to `E`, of which it gives those that a page asks for.
struct Hives;

impl hal::Hal for Hives {
    async fn list_hives(
        &self,
        request: hal::ListHivesRequest,
        _context: &Context,
    ) -> Result<hal::ListHivesResponse, Fault> {
        let mut hives: Vec<hal::Hive> = ["A", "B", "C", "D", "E"]
            .iter()
            .zip(1..)
            .map(|(code, bees)| hal::Hive {
                code: (*code).to_owned(),
                kind: Some(hal::Kind::Kept),
                bees: Some(bees),
            })
            .collect();
        let down = Order {
            key: hal::ListHivesOrderByKey::Bees,
            descending: true,
        };
        if request.order_by == Some(vec![down]) {
            hives.reverse();
        }
        if request.kind == Some(hal::Kind::Wild) {
            hives.clear();
        }
        let total = hives.len() as u64;
        let skip = (request.page - 1) * request.page_size;
        let items = hives.into_iter().skip(skip as usize);
        Ok(hal::ListHivesResponse::Ok(Page {
            items: items.take(request.page_size as usize).collect(),
            total,
            state: Some("7".to_owned()),
        }))
    }

    async fn get_hive(
        &self,
        request: hal::GetHiveRequest,
        _context: &Context,
    ) -> Result<hal::GetHiveResponse, Fault> {
        Ok(hal::GetHiveResponse::Ok(hal::Hive {
            code: request.code,
            kind: None,
            bees: None,
        }))
    }
}

/// A library whose books have every field.
struct Books;

impl plain::Plain for Books {
    async fn list_books(
        &self,
        request: plain::ListBooksRequest,
        _context: &Context,
    ) -> Result<plain::ListBooksResponse, Fault> {
        let tags = request.tags.unwrap_or_default().join("|");
        let sort = request.sort.iter();
        let sort = sort.map(|order| format!("{}{}", order.key.as_str(), order.descending));
        Ok(plain::ListBooksResponse::Ok(vec![plain::Book {
            isbn: sort.collect::<Vec<_>>().join(" "),
            title: Some(tags),
            pages: Some(3),
        }]))
    }

    async fn get_book(
        &self,
        request: plain::GetBookRequest,
        _context: &Context,
    ) -> Result<plain::GetBookResponse, Fault> {
        Ok(plain::GetBookResponse::Ok {
            last_modified: None,
            body: plain::Book {
                isbn: request.isbn,
                title: None,
                pages: None,
            },
        })
    }

    async fn authenticate_key(
        &self,
        _credentials: &ApiKey,
        _context: &Context,
    ) -> Result<Grant, Denied> {
        Ok(Grant::new("reader"))
    }
}

fn hives() -> Mount {
    mount(hal::HalApi(Hives)).check_responses(true)
}

fn books() -> Mount {
    mount(plain::PlainApi(Books)).check_responses(true)
}

/// An answer: its status, headers and body.
struct Answer {
    status: u16,
    headers: poem::http::HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    /// The messages of a refusal, by pointer.
    fn messages(&self) -> Vec<String> {
        assert_eq!(self.status, 400, "{}", self.body);
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        let text = |error: &Value, key: &str| error[key].as_str().unwrap_or_default().to_owned();
        let errors = errors.iter().map(|error| {
            let parts = ["pointer", "value", "message"].map(|key| text(error, key));
            parts.join(" ")
        });
        errors.collect()
    }
}

async fn get_with(api: &Mount, target: &str, headers: &[(&str, &str)]) -> Answer {
    ask_with(Method::GET, api, target, headers).await
}

async fn ask_with(method: Method, api: &Mount, target: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(target.parse().expect("an address"));
    request = request.header("host", "bees.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = api.get_response(request.finish()).await;
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.into_body().into_string().await.expect("a text"),
    }
}

async fn get(api: &Mount, target: &str) -> Answer {
    get_with(api, target, &[]).await
}

/// The links of a page, by relation, without what all addresses have in common.
fn links(page: &Value) -> Value {
    let links = page["_links"].as_object().expect("links").iter();
    links
        .map(|(relation, link)| {
            let address = link["href"].as_str().expect("an address");
            let address = address.strip_prefix("http://bees.example/Garden/Hive");
            (
                relation.clone(),
                json!(address.expect("an absolute address")),
            )
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[tokio::test]
async fn pages_link_to_each_other() {
    let api = hives();
    let first = get(&api, "/Garden/Hive").await.json();
    assert_eq!(first["total"], 5);
    let expected = json!({
        "self": "", "next": "?Page=2&AsOf=7", "first": "?Page=1&AsOf=7", "last": "?Page=3&AsOf=7",
    });
    assert_eq!(links(&first), expected);
    let item = &first["_embedded"]["hive"][0];
    assert_eq!(
        item["_links"]["self"]["href"],
        "http://bees.example/Garden/Hive/A"
    );
    let middle = get(&api, "/Garden/Hive?Page=2&PageSize=2&AsOf=6")
        .await
        .json();
    let expected = json!({
        "self": "?Page=2&PageSize=2&AsOf=6", "next": "?Page=3&PageSize=2&AsOf=7",
        "prev": "?Page=1&PageSize=2&AsOf=7", "first": "?Page=1&PageSize=2&AsOf=7",
        "last": "?Page=3&PageSize=2&AsOf=7",
    });
    assert_eq!(links(&middle), expected);
    let beyond = get(&api, "/Garden/Hive?Page=99").await.json();
    assert_eq!(beyond["_embedded"]["hive"], json!([]));
    assert_eq!(links(&beyond)["prev"], "?Page=3&AsOf=7");
    assert_eq!(links(&beyond)["next"], Value::Null);
    let none = get(&api, "/Garden/Hive?Kind=Wild").await.json();
    assert_eq!(links(&none)["last"], "?Kind=Wild&Page=1&AsOf=7");
}

#[tokio::test]
async fn case_does_not_matter_and_links_have_the_contracts() {
    let api = hives();
    let target = "/garden/HIVE?KIND=kept&colours=RED%2cblue&orderby=-BEES&pagesize=1&page=2";
    let page = get(&api, target).await.json();
    assert_eq!(page["_embedded"]["hive"][0]["code"], "D");
    let next = "?Kind=Kept&Colours=Red,Blue&OrderBy=-bees&PageSize=1&Page=3&AsOf=7";
    assert_eq!(links(&page)["next"], next);
    let one = get(&api, "/GARDEN/hive/a%2Fb").await.json();
    assert_eq!(one["code"], "a/b");
    assert_eq!(
        one["_links"]["self"]["href"],
        "http://bees.example/Garden/Hive/a%2Fb"
    );
}

#[tokio::test]
async fn only_the_fields_that_are_asked_for_are_there_in_the_contracts_order() {
    let page = get(&hives(), "/Garden/Hive?Fields=BEES%2Ccode&PageSize=1").await;
    let (_, items) = page.body.split_once("\"_embedded\"").expect("items");
    let expected = r#":{"hive":[{"code":"A","bees":1,"_links":{"self":{"href":"http://bees.example/Garden/Hive/A"}}}]}}"#;
    assert_eq!(items, expected);
    let page = get(&hives(), "/Garden/Hive?Fields=kind&PageSize=1")
        .await
        .json();
    let item = &page["_embedded"]["hive"][0];
    assert_eq!(item["code"], Value::Null);
    assert_eq!(
        item["_links"]["self"]["href"],
        "http://bees.example/Garden/Hive/A"
    );
    let list = get(&books(), "/books?fields=pages&api_key=1").await.json();
    assert_eq!(list, json!([{"isbn": "pagesfalse", "pages": 3}]));
}

#[tokio::test]
async fn lists_and_orders_are_typed() {
    let target = "/books?tags=a%2Cb,c%20d&sort=-pages&sort=pages&api_key=1";
    let list = get(&books(), target).await.json();
    assert_eq!(list[0]["title"], "a|b|c d");
    assert_eq!(list[0]["isbn"], "pagestrue pagesfalse");
}

#[tokio::test]
async fn unknown_parameters_are_refused_and_the_nearest_is_named() {
    let found = get(&hives(), "/Garden/Hive?knd=Wild&Page=0&colour=Red,Grey").await;
    assert_eq!(
        found.messages(),
        [
            "/query/Page 0 must be at least 1",
            "/query/knd Wild is no parameter of this operation; did you mean Kind?",
            "/query/colour Red,Grey is no parameter of this operation; did you mean Colours?",
        ]
    );
    let found = get(
        &hives(),
        "/Garden/Hive?Colours=Red,Grey&fields=&orderby=x&page=1&PAGE=2",
    )
    .await;
    assert_eq!(
        found.messages(),
        [
            "/query/Colours/1 Grey must be one of \"Red\", \"Blue\", \"Green\"",
            "/query/Fields  must have at least 1 item, each one of \"code\", \"kind\", \"bees\"",
            "/query/OrderBy/0 x must be one of \"code\", \"-code\", \"bees\", \"-bees\"",
            "/query/Page 1,2 must be given only once",
        ]
    );
    let found = get(&hives(), "/Garden/Hive/A?x=1").await;
    let message = "/query/x 1 is no parameter of this operation; it has none";
    assert_eq!(found.messages(), [message]);
    // The key of a security scheme and the brackets of an object are no strangers.
    let found = get(&books(), "/books?api_key=1&range[from]=2").await;
    assert_eq!(found.status, 200, "{}", found.body);
    let found = get(&books(), "/books?api_key=1&ranges[from]=2").await;
    assert_eq!(found.messages().len(), 1);
    let found = get(&books(), "/books?api_key=1&TAGS=x").await;
    assert_eq!(
        found.messages().len(),
        1,
        "this contract does not ignore case"
    );
    // Only the first operation refuses.
    assert_eq!(get(&books(), "/books/1?x=1").await.status, 200);
}

#[tokio::test]
async fn an_answer_that_the_client_has_is_not_sent_again() {
    let api = hives();
    let first = get(&api, "/Garden/Hive").await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.len() > 10, "{tag}");
    assert_eq!(first.header("cache-control"), "private");
    let again = get_with(&api, "/Garden/Hive", &[("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("etag"), tag);
    assert_eq!(again.header("cache-control"), "private");
    assert_eq!(again.header("content-type"), "");
    // RFC 9110, section 8.6: a length in a 304 would be that of the answer which is not sent.
    let condition = [("if-none-match", &*tag)];
    let head = ask_with(Method::HEAD, &api, "/Garden/Hive", &condition).await;
    assert_eq!((head.status, head.header("etag")), (304, &*tag));
    assert!(!head.headers.contains_key("content-length"));
    let other = get_with(&api, "/Garden/Hive?Page=2", &[("if-none-match", &tag)]).await;
    assert_eq!(other.status, 200);
    let as_json = [("if-none-match", &*tag), ("accept", "application/json")];
    assert_eq!(get_with(&api, "/Garden/Hive", &as_json).await.status, 200);
    // An operation that asks for nothing has no tag, a refusal neither.
    assert_eq!(get(&api, "/Garden/Hive/A").await.header("etag"), "");
    assert_eq!(get(&api, "/Garden/Hive?Page=0").await.header("etag"), "");
    let book = get(&books(), "/books/1").await;
    assert_eq!(book.header("cache-control"), "private, max-age=60");
}

#[tokio::test]
async fn the_whole_accept_header_decides() {
    let api = hives();
    let accept = async |accept: &str| {
        let answer = get_with(&api, "/Garden/Hive", &[("accept", accept)]).await;
        (answer.status, answer.header("content-type").to_owned())
    };
    let hal = (200, "application/hal+json".to_owned());
    let json = (200, "application/json".to_owned());
    assert_eq!(
        accept("application/prs.hal-forms+json, application/hal+json;q=0.9").await,
        hal
    );
    assert_eq!(accept("*/*").await, hal);
    assert_eq!(accept("application/*").await, hal);
    assert_eq!(accept("application/json").await, json);
    assert_eq!(
        accept("application/hal+json;q=0.2, application/json;q=0.3").await,
        json
    );
    assert_eq!(accept("application/hal+json;q=0, */*").await, json);
    assert_eq!(accept("text/html").await.0, 406);
}
