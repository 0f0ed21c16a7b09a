//! Query parameters that an operation does not have: `x-specwright-unknown-parameters`.

use crate::explain::{Violation, member};
use crate::input::Input;
use crate::operation::{Location, SecurityKind, Style};
use crate::params::decode;
use crate::read::Kind;

/// How unlike two names may be for one to be suggested for the other, of at most ten letters each:
/// one edit for every three.
const LETTERS_AN_EDIT: usize = 3;

/// The names in a query that are no parameter of the operation, with their values as they came.
pub(crate) fn names<'i>(input: &'i Input<'_>) -> impl Iterator<Item = (&'i str, &'i str)> {
    input
        .query
        .iter()
        .filter(|(name, _)| !is_known(input, name))
}

/// What is wrong with them.
pub(crate) fn violations(input: &Input<'_>) -> Vec<Violation> {
    let violation = |(name, value): (&str, &str)| {
        let message = match nearest(name, &parameters(input)) {
            Some(near) => format!("is no parameter of this operation; did you mean {near}?"),
            None => format!("is no parameter of this operation; it has {}", all(input)),
        };
        let pointer = member("/query", name);
        let mut violation = Violation::new(&pointer, "unknown", message, Kind::String);
        violation.value = decode(value, true).ok().map(std::borrow::Cow::into_owned);
        violation
    };
    names(input).map(violation).collect()
}

fn parameters(input: &Input<'_>) -> Vec<&'static str> {
    let parameters = input.operation().parameters.iter();
    let parameters = parameters.filter(|parameter| parameter.location == Location::Query);
    parameters.map(|parameter| parameter.name).collect()
}

fn all(input: &Input<'_>) -> String {
    match parameters(input).as_slice() {
        [] => "none".to_owned(),
        names => names.join(", "),
    }
}

fn is_known(input: &Input<'_>, name: &str) -> bool {
    let operation = input.operation();
    let mut parameters = operation.parameters.iter();
    let declared = parameters.any(|parameter| {
        let deep = parameter.style == Style::DeepObject;
        let own = match name.split_once('[') {
            Some((own, _)) if deep => own,
            _ => name,
        };
        parameter.location == Location::Query && input.query.is_named(own, parameter.name)
    });
    let mut requirements = operation.security.iter().flat_map(|all| all.iter());
    declared
        || requirements.any(|requirement| match requirement.scheme.kind {
            SecurityKind::ApiKey {
                location,
                name: key,
            } => location == Location::Query && key == name,
            _ => false,
        })
        || input.call.settings.ids.reads_query(name)
}

/// The name that was probably meant, if any is near.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let limit = (name.chars().count() / LETTERS_AN_EDIT).max(1);
    let distance = |known: &str| strsim::osa_distance(&lower, &known.to_lowercase());
    let near = known.iter().map(|known| (distance(known), *known));
    let near = near.filter(|(distance, _)| *distance <= limit);
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, near)| near)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_found() {
        let known = ["LicenceStatus", "DateIssuedFrom", "DateIssuedTo", "Page"];
        assert_eq!(nearest("licencestats", &known), Some("LicenceStatus"));
        assert_eq!(nearest("DateIsuedTo", &known), Some("DateIssuedTo"));
        assert_eq!(nearest("Pgae", &known), Some("Page"));
        assert_eq!(nearest("sort", &known), None);
    }
}
