//! The endpoints as specwright compiles them from the contract, validated, with
//! an observer as the server has one.

use poem::IntoEndpoint;
use specwright_runtime::{Context, Fault, Observation, Observer, mount};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

mod contract {
    include!(concat!(env!("OUT_DIR"), "/shop.rs"));
}

use contract::{
    ListProductsRequest, ListProductsResponse, Order, OrderAccepted, PlaceOrderRequest,
    PlaceOrderResponse, Product, ProductPage, Shop, ShopApi,
};

crate::shop!();

struct Service;

impl Shop for Service {
    async fn place_order(
        &self,
        request: PlaceOrderRequest,
        _context: &Context,
    ) -> Result<PlaceOrderResponse, Fault> {
        Ok(PlaceOrderResponse::Ok(accept(&request.body)))
    }

    async fn list_products(
        &self,
        request: ListProductsRequest,
        _context: &Context,
    ) -> Result<ListProductsResponse, Fault> {
        let q = request.q.as_deref().unwrap_or_default();
        let page = products(
            request.shop,
            request.category,
            request.page,
            request.page_size,
            q,
        );
        Ok(ListProductsResponse::Ok(page))
    }
}

/// Counts requests and adds up their time.
#[derive(Default)]
struct Metrics {
    requests: AtomicU64,
    microseconds: AtomicU64,
}

impl Observer for Metrics {
    fn observed(&self, observation: &Observation) {
        let microseconds = observation
            .duration
            .as_micros()
            .try_into()
            .unwrap_or(u64::MAX);
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }
}

/// The two endpoints.
pub fn endpoint() -> impl IntoEndpoint<Endpoint: 'static> {
    mount(ShopApi(Service)).metrics(Arc::new(Metrics::default()))
}

/// The contract as it is served.
pub const DOCUMENT: &str = contract::API.document_json;
