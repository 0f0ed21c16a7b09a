//! Forms: from typed values to `application/x-www-form-urlencoded` (OAS 3.1, Encoding Object).

use super::encode::{Keep, Spread, Unwritten, is_same};
use super::tree::{Node, Tree};
use crate::operation::{Content, Style};
use crate::pairs::Pairs;
use crate::shape::Shape;
use crate::write::Writer;

/// Writes a body as a form.
///
/// # Errors
///
/// When the server would read another value.
pub fn write(content: &'static Content, json: &str) -> Result<String, Unwritten> {
    let tree = Tree::parse(json).map_err(|_| Unwritten::Garbled)?;
    let Node::Object(members) = &tree.node else {
        return Err(Unwritten::Garbled);
    };
    let mut pairs = Vec::new();
    for (name, value) in members {
        field(content, name, value, &mut pairs)?;
    }
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let form = pairs.join("&");
    let mut read = Writer::default();
    Pairs::of_query(&form)
        .write_form(&content.shape, content.encoding, &mut read)
        .map_err(|_| Unwritten::Garbled)?;
    if is_same(read.as_bytes(), json) {
        Ok(form)
    } else {
        Err(Unwritten::Garbled)
    }
}

fn field(
    content: &'static Content,
    name: &str,
    value: &Tree<'_>,
    pairs: &mut Vec<(String, String)>,
) -> Result<(), Unwritten> {
    const JSON: Shape = Shape::Json;
    let declared = match content.shape {
        Shape::Object { properties, .. } => properties.iter().find(|(known, _)| *known == name),
        _ => None,
    };
    let shape = content.shape.member(name);
    let spread = |style, explode, shape| Spread {
        name,
        style,
        explode,
        shape,
        keep: Keep::Unreserved,
    };
    let Some((_, shape)) = declared.map(|known| (known, shape)) else {
        // A field without a property of its own is read by its brackets.
        let spread = spread(Style::DeepObject, true, shape);
        let name = Keep::Unreserved.encode(name);
        return spread.deep(&name, shape, value, pairs);
    };
    let encoding = content.encoding.iter().find(|known| known.property == name);
    let spread = match encoding {
        Some(encoding) if encoding.json => spread(encoding.style, encoding.explode, &JSON),
        Some(encoding) => spread(encoding.style, encoding.explode, shape),
        // An object without an encoding of its own travels as JSON.
        None if shape.is_object() => spread(Style::Form, true, &JSON),
        None => spread(Style::Form, true, shape),
    };
    pairs.extend(spread.pairs(value)?);
    Ok(())
}
