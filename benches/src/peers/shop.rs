//! What the endpoints do, the same for every peer: a macro, because each peer
//! has types of its own.

/// Implements `accept` and `products` over the types that are in scope.
#[macro_export]
macro_rules! shop {
    () => {
        /// Adds up an order.
        pub fn accept(order: &Order) -> OrderAccepted {
            let total = order
                .lines
                .iter()
                .map(|line| i64::from(line.quantity) * line.unit_price)
                .sum();
            OrderAccepted {
                reference: order.reference.clone(),
                lines: i32::try_from(order.lines.len()).unwrap_or(i32::MAX),
                total,
            }
        }

        /// Makes up one page of products.
        pub fn products(
            shop: i64,
            category: String,
            page: i32,
            page_size: i32,
            q: &str,
        ) -> ProductPage {
            let first = i64::from(page - 1) * i64::from(page_size);
            let items = (first..first + i64::from(page_size)).map(|id| Product {
                id,
                sku: "PN-2001-ZZ".to_owned(),
                title: format!("A {q} with ten nibs, boxed, number {id}"),
                price: 315 + id,
                rating: 4.25,
                in_stock: id % 3 != 0,
                labels: vec![
                    "stationery".to_owned(),
                    "steel".to_owned(),
                    "refill".to_owned(),
                ],
            });
            ProductPage {
                shop,
                category,
                page,
                page_size,
                total: 480,
                items: items.collect(),
            }
        }
    };
}
