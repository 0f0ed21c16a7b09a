//! A shop, compiled from `shop.yaml`, with a service to try everything on.

#[path = "shop.rs"]
pub mod contract;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use contract::{
    AskSecretResponse, GetDrawingRequest, GetDrawingResponse, GetLatestResponse,
    GetOrderFileRequest, GetOrderFileResponse, GetOrderRequest, GetOrderResponse,
    GetTroubleRequest, GetTroubleResponse, Order, PostAnimalRequest, PostAnimalResponse,
    PostNoteBody, PostNoteRequest, PostNoteResponse, PostSecretRequest, PostSecretResponse,
    PostTreeRequest, PostTreeResponse, PostVersionBody, PostVersionRequest, PostVersionResponse,
    PutOrderRequest, PutOrderResponse, ShopApi,
};
use poem::http::{HeaderMap, Method, StatusCode};
use poem::{Request, RequestBuilder};
use specwright_runtime::{ApiKey, Bearer, Context, Denied, Fault, Grant, Mount, mount};

/// How many operations of the kind `watched` run, and how many were given up.
pub static RUNNING: AtomicUsize = AtomicUsize::new(0);
pub static GIVEN_UP: AtomicUsize = AtomicUsize::new(0);

const MINUTE: Duration = Duration::from_secs(60);

struct Watch;

impl Watch {
    fn start() -> Self {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        GIVEN_UP.fetch_add(1, Ordering::SeqCst);
    }
}

/// The service.
pub struct Service;

impl contract::Shop for Service {
    async fn put_order(
        &self,
        request: PutOrderRequest,
        _context: &Context,
    ) -> Result<PutOrderResponse, Fault> {
        if request.dry {
            return Ok(PutOrderResponse::NoContent);
        }
        let tags = request.tags.unwrap_or_default();
        let sum = request.ids.unwrap_or_default().iter().sum();
        let filter = request.filter.and_then(|filter| filter.name);
        let body = Order {
            id: Some(request.id.to_string()),
            name: request.body.name,
            count: request.body.count,
            tags: Some(
                tags.into_iter()
                    .chain(filter)
                    .chain(request.crumb)
                    .collect(),
            ),
            extra: request.body.extra,
        };
        Ok(PutOrderResponse::Ok { x_count: sum, body })
    }

    async fn get_order(
        &self,
        request: GetOrderRequest,
        _context: &Context,
    ) -> Result<GetOrderResponse, Fault> {
        Ok(match request.id {
            1 => GetOrderResponse::Ok(order("a".repeat(8))),
            2 => GetOrderResponse::Ok(Order {
                tags: Some(vec!["long".to_owned(); 500]),
                ..order("b".to_owned())
            }),
            3 => GetOrderResponse::Ok(order("much too long".to_owned())),
            _ => GetOrderResponse::Default {
                status: 410,
                body: "gone".to_owned(),
            },
        })
    }

    async fn get_order_file(
        &self,
        request: GetOrderFileRequest,
        _context: &Context,
    ) -> Result<GetOrderFileResponse, Fault> {
        Ok(GetOrderFileResponse::Ok(request.id))
    }

    async fn get_latest(&self, context: &Context) -> Result<GetLatestResponse, Fault> {
        Ok(GetLatestResponse::Ok(context.request_id().to_owned()))
    }

    async fn post_note(
        &self,
        request: PostNoteRequest,
        _context: &Context,
    ) -> Result<PostNoteResponse, Fault> {
        Ok(PostNoteResponse::Ok(match request.body {
            None => "nothing".to_owned(),
            Some(PostNoteBody::Json(note)) => format!("json {} {:?}", note.name, note.extra),
            Some(PostNoteBody::Form(note)) => {
                format!("form {} {:?} {:?}", note.name, note.count, note.tags)
            }
            Some(PostNoteBody::Text(text)) => format!("text {text}"),
            Some(PostNoteBody::Bytes(bytes)) => format!("bytes {}", bytes.bytes().await?.len()),
        }))
    }

    async fn post_secret(
        &self,
        _request: PostSecretRequest,
        context: &Context,
    ) -> Result<PostSecretResponse, Fault> {
        let grant = context.grant("bearer").or_else(|| context.grant("key"));
        Ok(PostSecretResponse::Ok(
            grant.map(Grant::subject).unwrap_or_default().to_owned(),
        ))
    }

    async fn ask_secret(&self, _context: &Context) -> Result<AskSecretResponse, Fault> {
        Ok(AskSecretResponse::NoContent)
    }

    async fn get_drawing(
        &self,
        request: GetDrawingRequest,
        _context: &Context,
    ) -> Result<GetDrawingResponse, Fault> {
        Ok(GetDrawingResponse::Ok(request.id))
    }

    async fn post_animal(
        &self,
        _request: PostAnimalRequest,
        _context: &Context,
    ) -> Result<PostAnimalResponse, Fault> {
        Ok(PostAnimalResponse::NoContent)
    }

    async fn post_tree(
        &self,
        _request: PostTreeRequest,
        _context: &Context,
    ) -> Result<PostTreeResponse, Fault> {
        Ok(PostTreeResponse::NoContent)
    }

    async fn post_version(
        &self,
        request: PostVersionRequest,
        _context: &Context,
    ) -> Result<PostVersionResponse, Fault> {
        Ok(PostVersionResponse::Ok(match request.body {
            PostVersionBody::Json(body) => format!("one {}", body.one),
            PostVersionBody::JsonModel(body) => format!("two {}", body.two),
        }))
    }

    async fn get_trouble(
        &self,
        request: GetTroubleRequest,
        context: &Context,
    ) -> Result<GetTroubleResponse, Fault> {
        match request.kind.as_str() {
            "panic" => panic!("the secret cause"),
            "fault" => Err(std::io::Error::other("the secret cause").into()),
            "unavailable" => Err(Fault::unavailable("the secret cause")),
            "later" => Err(Fault::not_implemented()),
            "watched" => {
                let _watch = Watch::start();
                std::future::pending().await
            }
            "deadline" => match (context.deadline(), context.remaining()) {
                (Some(deadline), Some(left)) if deadline > Instant::now() && left <= MINUTE => {
                    Ok(GetTroubleResponse::NoContent)
                }
                known => Err(Fault::internal(format!("{known:?}"))),
            },
            "nap" => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                Ok(GetTroubleResponse::NoContent)
            }
            "lingering" => {
                tokio::time::sleep(Duration::from_secs(3)).await;
                Ok(GetTroubleResponse::NoContent)
            }
            "slow" => {
                tokio::time::sleep(MINUTE).await;
                Ok(GetTroubleResponse::NoContent)
            }
            _ => Ok(GetTroubleResponse::NoContent),
        }
    }

    async fn authenticate_bearer(
        &self,
        credentials: &Bearer,
        _context: &Context,
    ) -> Result<Grant, Denied> {
        match credentials.token.as_str() {
            "writer" => Ok(Grant::new("writer").with_scopes(["write"])),
            "reader" => Ok(Grant::new("reader").with_scopes(["read"])),
            "unwritten" => Err(Denied::fault(Fault::not_implemented())),
            _ => Err(Denied::unauthorized()),
        }
    }

    async fn authenticate_key(
        &self,
        credentials: &ApiKey,
        _context: &Context,
    ) -> Result<Grant, Denied> {
        match credentials.key.as_str() {
            "k" => Ok(Grant::new("key holder")),
            _ => Err(Denied::unauthorized()),
        }
    }
}

fn order(name: String) -> Order {
    Order {
        id: None,
        name,
        count: None,
        tags: None,
        extra: None,
    }
}

/// The API, ready to answer.
pub fn shop() -> Mount {
    mount(ShopApi(Service))
}

/// An answer with its body read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// A header.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The pointers and keywords of all violations, in order.
    pub fn violations(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        errors
            .iter()
            .map(|error| format!("{} {}", text(&error["pointer"]), text(&error["keyword"])))
            .collect()
    }
}

/// A request in the making.
pub fn request(method: Method, target: &str) -> RequestBuilder {
    Request::builder().method(method).uri_str(target)
}

/// Sends a request.
pub async fn send(mount: &Mount, request: Request) -> Answer {
    let response = mount.respond(request).await;
    let (parts, body) = response.into_parts();
    let bytes = body.into_vec().await.unwrap_or_default();
    Answer {
        status: parts.status,
        headers: parts.headers,
        bytes,
    }
}

/// Sends a request without a body.
pub async fn call(mount: &Mount, method: Method, target: &str) -> Answer {
    send(mount, request(method, target).finish()).await
}

/// Sends a request with a body, and its length, as a client does.
pub async fn send_body(
    mount: &Mount,
    builder: RequestBuilder,
    media_type: &str,
    body: impl Into<Vec<u8>>,
) -> Answer {
    let body = body.into();
    let builder = builder
        .content_type(media_type)
        .header("Content-Length", body.len());
    send(mount, builder.body(body)).await
}
