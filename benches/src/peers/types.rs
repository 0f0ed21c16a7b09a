//! The contract's types with serde's derives, which check nothing but types.

use serde::{Deserialize, Serialize};

/// An order as a customer sends it.
#[derive(Deserialize)]
#[expect(dead_code, reason = "the endpoints read every member, but use few")]
pub struct Order {
    pub(crate) reference: String,
    currency: String,
    customer: Customer,
    pub(crate) lines: Vec<Line>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, as every peer reads it")]
struct Customer {
    id: String,
    name: String,
    email: String,
    phone: String,
    address: Address,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, as every peer reads it")]
struct Address {
    street: String,
    city: String,
    postcode: String,
    country: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "the endpoints read every member, but use few")]
pub(crate) struct Line {
    sku: String,
    title: String,
    pub(crate) quantity: i32,
    pub(crate) unit_price: i64,
    gift: bool,
    labels: Vec<String>,
}

/// What the shop understood.
#[derive(Serialize)]
pub struct OrderAccepted {
    reference: String,
    lines: i32,
    total: i64,
}

/// The query of the product list.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read, as every peer reads it")]
pub struct ProductQuery {
    pub(crate) page: i32,
    pub(crate) page_size: i32,
    sort: String,
    pub(crate) q: Option<String>,
}

/// One page of products.
#[derive(Serialize)]
pub struct ProductPage {
    shop: i64,
    category: String,
    page: i32,
    page_size: i32,
    total: i64,
    items: Vec<Product>,
}

#[derive(Serialize)]
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
