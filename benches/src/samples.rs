//! The two requests that every peer answers.

/// The body of the POST: about one kilobyte, nested, ten patterns in the contract.
pub const ORDER: &str = r#"{"reference":"ORD-20261121-0042","currency":"EUR","customer":{"id":"c-7f3a9b2e","name":"Ada Lovelace","email":"ada@example.com","phone":"+441234567890","address":{"street":"12 St James's Square","city":"London","postcode":"SW1Y 4JH","country":"GB"}},"lines":[{"sku":"BK-1001-AA","title":"Sketch of the Analytical Engine","quantity":2,"unit_price":1999,"gift":false,"labels":["book","hardback"]},{"sku":"BK-1002-AB","title":"On the Economy of Machinery","quantity":1,"unit_price":2450,"gift":true,"labels":["book"]},{"sku":"PN-2001-ZZ","title":"A steel pen with ten nibs","quantity":12,"unit_price":315,"gift":false,"labels":["stationery","steel","refill"]},{"sku":"CL-3003-XY","title":"Set of punched cards, blank","quantity":500,"unit_price":4,"gift":false,"labels":["cards","bulk"]}],"note":"Please leave the parcel with the porter; the bell \"does not\" ring after eight in the evening."}"#;

/// The target of the GET: two path and four query parameters.
pub const PRODUCTS: &str =
    "/shops/4711/products/stationery?page=3&page_size=12&sort=rating&q=steel%20pen";

/// Which of the two requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Sample {
    /// A nested body of one kilobyte in, a short answer out.
    Post,
    /// Six parameters in, an answer of two kilobytes out.
    Get,
}

impl Sample {
    /// The request as it goes over the wire.
    pub fn request(self) -> Vec<u8> {
        match self {
            Self::Post => post("/orders", ORDER),
            Self::Get => format!(
                "GET {PRODUCTS} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n"
            )
            .into_bytes(),
        }
    }

    /// The method's name, as the table shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Get => "GET",
        }
    }
}

/// A JSON POST as it goes over the wire.
pub fn post(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Opens a session.
pub fn open_session() -> Vec<u8> {
    const BODY: &str = r#"{"user_id":"17","user_name":"User 17","address":"localhost","client":"bench","user":{"id":"17","roles":["admin"]},"data":{"cart":[1,2]}}"#;
    post("/v1/sessions/open_session", BODY)
}
