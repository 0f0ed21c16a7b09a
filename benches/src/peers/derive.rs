//! The endpoints with poem-openapi's derive macros and every rule of the contract but its patterns.

use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi, OpenApiService};

/// An order as a customer sends it.
#[derive(Object)]
pub struct Order {
    reference: String,
    currency: String,
    customer: Customer,
    #[oai(validator(min_items = 1, max_items = 50))]
    lines: Vec<Line>,
    #[oai(validator(max_length = 500))]
    note: Option<String>,
}

#[derive(Object)]
struct Customer {
    id: String,
    #[oai(validator(min_length = 1, max_length = 80))]
    name: String,
    #[oai(validator(min_length = 3, max_length = 120))]
    email: String,
    phone: String,
    address: Address,
}

#[derive(Object)]
struct Address {
    #[oai(validator(min_length = 1, max_length = 120))]
    street: String,
    #[oai(validator(min_length = 1, max_length = 80))]
    city: String,
    postcode: String,
    country: String,
}

#[derive(Object)]
struct Line {
    sku: String,
    #[oai(validator(min_length = 1, max_length = 120))]
    title: String,
    #[oai(validator(minimum(value = "1"), maximum(value = "999")))]
    quantity: i32,
    #[oai(validator(minimum(value = "0"), maximum(value = "100000000")))]
    unit_price: i64,
    gift: bool,
    #[oai(validator(max_items = 10))]
    labels: Vec<String>,
}

/// What the shop understood.
#[derive(Object)]
pub struct OrderAccepted {
    reference: String,
    lines: i32,
    total: i64,
}

/// One page of products.
#[derive(Object)]
pub struct ProductPage {
    shop: i64,
    category: String,
    page: i32,
    page_size: i32,
    total: i64,
    items: Vec<Product>,
}

#[derive(Object)]
struct Product {
    id: i64,
    sku: String,
    title: String,
    price: i64,
    rating: f64,
    in_stock: bool,
    labels: Vec<String>,
}

crate::shop!();

struct Api;

#[OpenApi]
impl Api {
    #[oai(path = "/orders", method = "post")]
    async fn place_order(&self, order: Json<Order>) -> Json<OrderAccepted> {
        Json(accept(&order.0))
    }

    #[oai(path = "/shops/:shop/products/:category", method = "get")]
    async fn list_products(
        &self,
        #[oai(validator(minimum(value = "1")))] shop: Path<i64>,
        #[oai(validator(min_length = 1, max_length = 40))] category: Path<String>,
        #[oai(validator(minimum(value = "1")))] page: Query<i32>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] page_size: Query<i32>,
        #[oai(validator(min_length = 1, max_length = 20))] sort: Query<String>,
        #[oai(validator(max_length = 64))] q: Query<Option<String>>,
    ) -> Json<ProductPage> {
        let _ = sort;
        let q = q.0.as_deref().unwrap_or_default();
        Json(products(shop.0, category.0, page.0, page_size.0, q))
    }
}

/// The two endpoints.
pub fn endpoint() -> impl poem::IntoEndpoint<Endpoint: 'static> {
    OpenApiService::new(Api, "Shop", "1.0.0")
}
