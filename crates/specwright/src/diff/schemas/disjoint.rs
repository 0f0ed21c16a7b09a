//! Whether two schemas can allow the same value.

use super::scalars::kinds;
use crate::diff::view::{View, marks};
use crate::model::{Api, Json, SchemaId, Type};

/// How far it is looked for inside of required properties.
const DEEPEST: usize = 3;

/// Whether no value fits both schemas, as far as their types, listed values and required
/// properties can tell; `false` where they cannot. Written as text, a number is a string too.
pub(super) fn are_disjoint(api: &Api, schemas: (SchemaId, SchemaId), is_text: bool) -> bool {
    let (one, other) = schemas;
    apart(api, (&[one], &[other]), (is_text, DEEPEST))
}

fn apart(
    api: &Api,
    (one, other): (&[SchemaId], &[SchemaId]),
    (is_text, depth): (bool, usize),
) -> bool {
    let (one, other) = (View::of(api, one), View::of(api, other));
    if one.never || other.never {
        return true;
    }
    if one.null && other.null {
        return false;
    }
    let common = kinds(&one, is_text).intersection(kinds(&other, is_text));
    common.is_empty()
        || values_apart(&one, &other, is_text)
        || depth > 0
            && common.single() == Some(Type::Object)
            && (objects_apart(api, (&one, &other), depth)
                || lacks_required(api, &one, &other)
                || lacks_required(api, &other, &one))
}

fn values_apart(one: &View, other: &View, is_text: bool) -> bool {
    let fits = |view: &View, value: &Json| {
        let typed = kinds(view, is_text).iter().any(|ty| value.has_type(ty));
        let listed = listed(view);
        typed && listed.is_none_or(|values| values.iter().any(|it| it.equals(value)))
    };
    let none = |values: Vec<Json>, view: &View| !values.iter().any(|value| fits(view, value));
    listed(one).is_some_and(|values| none(values, other))
        || listed(other).is_some_and(|values| none(values, one))
}

/// The only values, where they are listed, without `null`.
fn listed(view: &View) -> Option<Vec<Json>> {
    let values = match (&view.constant, &view.enumeration) {
        (Some(one), _) => vec![one.clone()],
        (None, Some(values)) => values.clone(),
        (None, None) => return None,
    };
    Some(values.into_iter().filter(|it| *it != Json::Null).collect())
}

/// Whether a property that both ask for tells them apart.
fn objects_apart(api: &Api, (one, other): (&View, &View), depth: usize) -> bool {
    let asked = one.required.iter();
    let mut both = asked.filter(|name| other.required.contains(name));
    both.any(|name| {
        let find = |view: &View| {
            let found = view.properties.iter().find(|(known, _)| known == name);
            // What belongs to one direction alone is not there in the other.
            let found = found.filter(|(_, joint)| marks(api, joint) == (false, false));
            found.map(|(_, joint)| joint.clone())
        };
        let (Some(one), Some(other)) = (find(one), find(other)) else {
            return false;
        };
        apart(api, (&one, &other), (false, depth - 1))
    })
}

/// Whether one schema names all its properties, and none that the other one asks for.
fn lacks_required(api: &Api, closed: &View, other: &View) -> bool {
    let lacks = |name: &String| !closed.properties.iter().any(|(known, _)| known == name);
    let one_way = |name: &String| {
        let found = other.properties.iter().find(|(known, _)| known == name);
        found.is_some_and(|(_, joint)| marks(api, joint) != (false, false))
    };
    closed.is_closed(api)
        && closed.pattern_properties.is_empty()
        && other
            .required
            .iter()
            .any(|name| lacks(name) && !one_way(name))
}
