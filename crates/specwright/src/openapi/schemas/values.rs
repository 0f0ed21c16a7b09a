//! Keywords whose values are types, numbers, patterns and lists of values.

use super::super::Lowering;
use super::super::documents::At;
use crate::model::pattern::apart;
use crate::model::{Dialect, Json, Type, TypeSet, decimal};
use crate::source::Span;
use crate::suggest;
use crate::values::{of_node, patterns};
use crate::yaml::{Node, Value};

impl<'a> Lowering<'a, '_> {
    pub(super) fn types(&mut self, node: &'a Node) -> Option<TypeSet> {
        match &node.value {
            Value::String(_) => self.type_name(node).map(|ty| TypeSet::NONE.with(ty)),
            Value::Sequence(items) if self.dialect != Dialect::OpenApi30 => {
                if items.is_empty() {
                    self.diagnostics
                        .error(
                            "impossible-schema",
                            node.span,
                            "`type` allows no type at all",
                        )
                        .help("name at least one type");
                    return None;
                }
                let types = self.type_names(items);
                let whole = types.len() == items.len();
                whole.then(|| types.into_iter().fold(TypeSet::NONE, TypeSet::with))
            }
            Value::Sequence(items) => {
                // The advice on the list is advice on `null` too.
                let others = items.iter().filter(|item| item.as_str() != Some("null"));
                self.type_names(others);
                self.diagnostics
                    .error(
                        "wrong-type",
                        node.span,
                        "`type` must be one name in OpenAPI 3.0",
                    )
                    .help(
                        "use `nullable: true` for null, `oneOf` for several types, or OpenAPI 3.1",
                    );
                None
            }
            _ => {
                self.wrong_type_of(node, "`type`", "a string");
                None
            }
        }
    }

    fn type_names(&mut self, names: impl IntoIterator<Item = &'a Node>) -> Vec<Type> {
        let names = names.into_iter();
        names.filter_map(|name| self.type_name(name)).collect()
    }

    fn type_name(&mut self, node: &'a Node) -> Option<Type> {
        let null_allowed = self.dialect != Dialect::OpenApi30;
        if node.is_unreadable() {
            return None;
        }
        if let (Value::Null, true) = (&node.value, null_allowed) {
            self.diagnostics
                .error(
                    "wrong-type",
                    node.span,
                    "a type must be a string, and this is null",
                )
                .help("put quotes around it: `\"null\"`");
            return None;
        }
        let Some(name) = node.as_str() else {
            self.wrong_type_of(node, "a type", "a string");
            return None;
        };
        let known = Type::ALL
            .into_iter()
            .filter(|ty| null_allowed || *ty != Type::Null);
        if let Some(ty) = known.clone().find(|ty| ty.name() == name) {
            return Some(ty);
        }
        let names = known.map(Type::name).collect::<Vec<_>>();
        let help = match suggest::closest(name, names.iter().copied()) {
            _ if name == "null" => "write `nullable: true` beside the type".to_owned(),
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("it is one of {}", names.join(", ")),
        };
        let message = format!("there is no type `{name}`");
        self.diagnostics
            .error("unknown-value", node.span, message)
            .help(help);
        None
    }

    pub(super) fn owned(&mut self, at: &At<'a>, key: &str) -> Option<String> {
        self.text(at, key).map(str::to_owned)
    }

    pub(super) fn number(&mut self, node: &Node, key: &str) -> Option<String> {
        match &node.value {
            Value::Number(text) => Some(text.clone()),
            Value::Bool(_) if key.starts_with("exclusive") => {
                self.diagnostics
                    .error(
                        "wrong-type",
                        node.span,
                        format!("`{key}` must be a number in OpenAPI 3.1"),
                    )
                    .help("write the limit itself, in place of `minimum` or `maximum`");
                None
            }
            _ => {
                self.wrong_type_of(node, &format!("`{key}`"), "a number");
                None
            }
        }
    }

    pub(super) fn multiple_of(&mut self, node: &Node) -> Option<String> {
        let text = self.number(node, "multipleOf")?;
        if !decimal::is_positive(&text) {
            self.diagnostics
                .error("wrong-type", node.span, "`multipleOf` must be above zero")
                .help("write a number such as `1` or `0.01`");
            return None;
        }
        Some(text)
    }

    pub(super) fn count(&mut self, node: &Node, key: &str) -> Option<u64> {
        let Value::Number(text) = &node.value else {
            self.wrong_type_of(node, &format!("`{key}`"), "a number");
            return None;
        };
        if !decimal::is_integer(text) || decimal::compare(text, "0").is_lt() {
            let message = format!("`{key}` must be a whole number from zero on");
            self.diagnostics
                .error("wrong-type", node.span, message)
                .help("write a number such as `10`");
            return None;
        }
        // A limit beyond 64 bits is one that nothing reaches.
        let whole = text.split('.').next().unwrap_or(text);
        Some(match whole.parse() {
            Ok(count) if !text.contains(['e', 'E']) => count,
            _ => text.parse::<f64>().map_or(u64::MAX, |count| count as u64),
        })
    }

    pub(super) fn pattern(&mut self, at: &At<'a>, key: &str, span: Span) -> Option<String> {
        let pattern = self.text(at, key)?;
        self.is_served(pattern, &apart(pattern).pattern, span)
            .then(|| pattern.to_owned())
    }

    /// Whether names of properties can be held against a pattern.
    pub(super) fn check_pattern(&mut self, pattern: &str, span: Span) -> bool {
        self.is_served(pattern, pattern, span)
    }

    /// Whether a pattern is one, and `served` can be served in its place.
    fn is_served(&mut self, pattern: &str, served: &str, span: Span) -> bool {
        if let Some(fault) = patterns::fault(pattern) {
            let message =
                format!("the pattern `{pattern}` is no regular expression of ECMA-262: {fault}");
            self.diagnostics
                .error("invalid-pattern", span, message)
                .help(patterns::HELP);
            return false;
        }
        let unserved = match self.patterns.get(served) {
            Some(known) => known.clone(),
            None => {
                let unserved = patterns::unserved(served);
                self.patterns.insert(served.to_owned(), unserved.clone());
                unserved
            }
        };
        let Some(fault) = unserved else {
            return true;
        };
        let message = format!("specwright cannot serve the pattern `{pattern}`: {fault}");
        self.diagnostics
            .error("unsupported-pattern", span, message)
            .help("write it in another way; bounds of length have keywords of their own");
        false
    }

    pub(super) fn enumeration(&mut self, at: &At<'a>) -> Option<Vec<Json>> {
        let list = self.list(at, "enum")?;
        let mut values: Vec<Json> = Vec::new();
        let mut texts = std::collections::HashSet::new();
        for item in list.items() {
            let value = of_node(item.node);
            if texts.insert(value.to_text()) {
                values.push(value);
            } else {
                let message = format!("`enum` lists {} twice", value.to_text());
                self.diagnostics
                    .warning("duplicate-enum-value", item.node.span, message)
                    .help("remove one of the two");
            }
        }
        if values.is_empty() {
            self.diagnostics
                .error(
                    "impossible-schema",
                    list.key_span,
                    "`enum` lists no value, so nothing is valid",
                )
                .help("list at least one value, or remove `enum`");
            return None;
        }
        Some(values)
    }
}
