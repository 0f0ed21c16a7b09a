//! Licences in files: read line by line, and made up.

mod generate;
mod lines;
mod members;
mod record;
mod records;

pub use generate::write as generate;
pub use lines::{Form, Line, Lines};
pub use record::{FIELDS, Wrong};
