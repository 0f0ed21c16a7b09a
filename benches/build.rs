//! Compiles the contract whose endpoints are measured.

fn main() -> Result<(), specwright::Failure> {
    specwright::compile("contract.yaml")
}
