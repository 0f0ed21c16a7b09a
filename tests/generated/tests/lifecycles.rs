//! `Deprecation` and `Sunset`: on every answer of an operation that ends, and on no other.

use poem::{Request, Response};
use specwright_generated_tests::documents::{lifecycle, sunset_alone};
use specwright_runtime::{Context, Fault, mount};

struct Service;

impl lifecycle::Lifecycle for Service {
    async fn with_the_version(
        &self,
        _: lifecycle::WithTheVersionRequest,
        _: &Context,
    ) -> Result<lifecycle::WithTheVersionResponse, Fault> {
        Ok(lifecycle::WithTheVersionResponse::NoContent)
    }

    async fn earlier(&self, _: &Context) -> Result<lifecycle::EarlierResponse, Fault> {
        Err(Fault::internal("it is out of order"))
    }
}

impl sunset_alone::SunsetAlone for Service {
    async fn leaving(&self, _: &Context) -> Result<sunset_alone::LeavingResponse, Fault> {
        Ok(sunset_alone::LeavingResponse::NoContent)
    }

    async fn old(&self, _: &Context) -> Result<sunset_alone::OldResponse, Fault> {
        Ok(sunset_alone::OldResponse::NoContent)
    }

    async fn young(&self, _: &Context) -> Result<sunset_alone::YoungResponse, Fault> {
        Ok(sunset_alone::YoungResponse::NoContent)
    }
}

fn ends(response: &Response) -> (u16, Option<&str>, Option<&str>) {
    let header = |name| response.headers().get(name)?.to_str().ok();
    let status = response.status().as_u16();
    (status, header("deprecation"), header("sunset"))
}

fn request(path: &'static str) -> Request {
    Request::builder().uri_str(path).finish()
}

#[tokio::test]
async fn a_version_ends_with_all_of_its_operations() {
    let api = mount(lifecycle::LifecycleApi(Service));
    // 1 January 2026; RFC 9745, section 2.1.
    let version = (Some("@1767225600"), Some("Wed, 30 Jun 2027 00:00:00 GMT"));
    let answer = api.respond(request("/with-the-version?limit=1")).await;
    assert_eq!(ends(&answer), (204, version.0, version.1));
    let answer = api.respond(request("/with-the-version?limit=x")).await;
    assert_eq!(ends(&answer), (400, version.0, version.1));
    let own = (Some("@1751328000"), Some("Thu, 31 Dec 2026 00:00:00 GMT"));
    let answer = api.respond(request("/earlier")).await;
    assert_eq!(ends(&answer), (500, own.0, own.1));
    // What is no operation of the contract does not end.
    let answer = api.respond(request("/nowhere")).await;
    assert_eq!(ends(&answer), (404, None, None));
}

#[tokio::test]
async fn only_what_the_contract_says_is_announced() {
    let api = mount(sunset_alone::SunsetAloneApi(Service));
    let answer = api.respond(request("/leaving")).await;
    assert_eq!(
        ends(&answer),
        (204, None, Some("Tue, 29 Feb 2028 00:00:00 GMT"))
    );
    for path in ["/old", "/young"] {
        assert_eq!(ends(&api.respond(request(path)).await), (204, None, None));
    }
}
