//! Compiles the contracts.

use specwright::{Compiler, Failure, Sides};

fn main() -> Result<(), Failure> {
    specwright::compile("openapi/user-sessions.yaml")?;
    specwright::compile("openapi/admin.yaml")?;
    specwright::compile("openapi/backfill.yaml")?;
    specwright::compile("openapi/exam-sessions.raml")?;
    for version in ["v1.1", "v1.2"] {
        specwright::compile(format!("openapi/licences.{version}.yaml"))?;
    }
    // The exam sessions call these two, so that they have clients too.
    for system in ["openapi/eps.raml", "openapi/cams.raml"] {
        Compiler::new(system).sides(Sides::BOTH).compile()?;
    }
    Ok(())
}
