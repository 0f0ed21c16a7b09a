//! Compiles the contract whose endpoints are measured.

fn main() -> Result<(), specwright::Failure> {
    specwright::compile("shop.yaml")
}
