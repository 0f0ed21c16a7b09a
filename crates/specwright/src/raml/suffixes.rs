//! Parameters that follow another one without anything between them: `/{itemId}{ext}`.
//!
//! RAML 1.0, Template URIs and URI Parameters, ends paths in a file name extension so. Where the two
//! end and begin is known only where the second one has an `enum`, and then each of its values makes
//! a path of its own: `/{itemId}.json`, `/{itemId}.xml`.

use super::Lowering;
use super::documents::without;
use super::resources::Around;
use super::types::Untyped;
use crate::yaml::{Entry, Node};

/// How many values are written out.
const MAX_VALUES: usize = 20;

impl Lowering<'_> {
    /// The paths that a resource stands for, each with the parameters that are left in it. `own` is
    /// the resource's own part of the path.
    pub(super) fn written_out(&mut self, around: Around, own: &str) -> Vec<Around> {
        let found = around.parameters.iter().find(|entry| {
            let follows = format!("}}{{{}}}", entry.key);
            own.contains(&follows)
        });
        let Some(entry) = found.cloned() else {
            return vec![around];
        };
        let values = self.literals(&entry);
        // Each value of an outer resource already multiplies what is nested in it.
        if values.is_empty() || values.len() > MAX_VALUES || around.is_written_out {
            return vec![around];
        }
        let mut parameters = around.parameters;
        parameters.retain(|known| known.key != entry.key);
        let template = format!("{{{}}}", entry.key);
        let paths = values.iter().map(|value| Around {
            path: around.path.replace(&template, value),
            parameters: parameters.clone(),
            is_written_out: true,
        });
        paths.collect()
    }

    /// The values of a parameter, if they are all known and can stand in a path as they are.
    fn literals(&mut self, entry: &Entry) -> Vec<String> {
        let declaration = without(entry.value.clone(), &["required", "description"]);
        let expression = self.expression(&declaration, Untyped::String);
        let shape = self.shape(&expression);
        let values = shape.enumeration.as_ref().and_then(Node::as_sequence);
        let values = values.unwrap_or_default().iter().map(Node::as_str);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let literal = |text: &&str| !text.is_empty() && text.bytes().all(plain);
        let values = values.map(|value| value.filter(literal).map(str::to_owned));
        values.collect::<Option<Vec<_>>>().unwrap_or_default()
    }
}
