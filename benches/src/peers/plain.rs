//! The endpoints as one writes them with poem and `serde_json`: nothing is validated.

use super::types::{Order, OrderAccepted, ProductPage, ProductQuery, accept, products};
use poem::web::{Json, Path, Query};
use poem::{Route, get, handler, post};

#[handler]
fn place_order(Json(order): Json<Order>) -> Json<OrderAccepted> {
    Json(accept(&order))
}

#[handler]
fn list_products(
    Path((shop, category)): Path<(i64, String)>,
    Query(query): Query<ProductQuery>,
) -> Json<ProductPage> {
    let q = query.q.as_deref().unwrap_or_default();
    Json(products(shop, category, query.page, query.page_size, q))
}

/// The two endpoints.
pub fn endpoint() -> Route {
    Route::new()
        .at("/orders", post(place_order))
        .at("/shops/:shop/products/:category", get(list_products))
}
