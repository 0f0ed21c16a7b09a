//! Compiles the contracts.

fn main() -> Result<(), specwright::Failure> {
    specwright::compile("openapi/user-sessions.yaml")?;
    specwright::compile("openapi/admin.yaml")
}
