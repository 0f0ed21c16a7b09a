//! What operations are asked for beyond OpenAPI: the extensions of specwright, checked against the
//! operations and schemas that they speak of, once all of these are known.

use super::Lowering;
use super::documents::At;
use crate::model::{
    Json, Location, Method, Operation, Parameter, Schema, SchemaId, StatusSet, Style, Type,
};
use crate::source::Span;

/// Whether case is ignored in paths, names of query parameters and listed values.
pub(super) const IGNORE_CASE: &str = "x-specwright-ignore-case";

/// What becomes of query parameters that an operation does not have.
pub(super) const UNKNOWN: &str = "x-specwright-unknown-parameters";

/// The `Cache-Control` of answers that can be asked for by their state.
pub(super) const CONDITIONAL: &str = "x-specwright-conditional";

/// Chains of references and `allOf` are followed this far.
const DEEPEST: usize = 32;

impl<'a> Lowering<'a, '_> {
    /// Whether the contract asks for case to be ignored.
    pub(super) fn ignores_case(&mut self, root: &At<'a>) -> bool {
        self.flag(root, IGNORE_CASE).unwrap_or_default()
    }

    /// Reads and checks what is asked of every served operation.
    pub(super) fn settle_rules(&mut self, root: &At<'a>, operations: &mut [Operation]) {
        let refused = self.unknown_are_refused(root).unwrap_or_default();
        let paths: Vec<(Option<String>, Method, String)> = operations
            .iter()
            .map(|one| (one.id.clone(), one.method, one.path.raw.clone()))
            .collect();
        let served = std::mem::take(&mut self.served);
        for operation in operations {
            // One operation behind two paths stands at one place.
            let Some(at) = served.iter().find(|at| at.pointer == operation.pointer) else {
                continue;
            };
            if self.ignore_case {
                self.check_case(operation);
            }
            let own = self.unknown_are_refused(at);
            operation.rules.refuse_unknown = own.unwrap_or(refused);
            if operation.rules.refuse_unknown {
                self.check_free_names(operation);
            }
            self.settle_naming(operation);
            operation.rules.hal = self.hal(at, operation, &paths);
            operation.rules.cache_control = self.conditional(at, operation);
        }
    }

    fn unknown_are_refused(&mut self, at: &At<'a>) -> Option<bool> {
        at.get(UNKNOWN)?;
        match self.text(at, UNKNOWN)? {
            "refuse" => Some(true),
            "ignore" => Some(false),
            other => {
                self.not_one_of(at, UNKNOWN, other, &["refuse", "ignore"]);
                None
            }
        }
    }

    /// Names and values that only case tells apart cannot be told apart without it.
    fn check_case(&mut self, operation: &Operation) {
        for (index, parameter) in operation.parameters.iter().enumerate() {
            if parameter.location != Location::Query {
                continue;
            }
            let earlier = operation.parameters.iter().take(index);
            let alike = earlier
                .filter(|other| other.location == Location::Query)
                .find(|other| other.name.eq_ignore_ascii_case(&parameter.name));
            if let Some(alike) = alike {
                let message = format!(
                    "only case tells the parameters `{}` and `{}` apart, which this contract ignores",
                    alike.name, parameter.name
                );
                self.ambiguous(parameter.span, message, alike.span);
            }
            self.check_words(parameter);
        }
    }

    fn check_words(&mut self, parameter: &Parameter) {
        let schema = self.target(parameter.schema);
        let items = self.schemas[schema.index()].items;
        for id in [Some(schema), items.map(|items| self.target(items))] {
            let Some(id) = id else { continue };
            let words = self.words(id);
            let span = self.schemas[id.index()].span;
            for (index, word) in words.iter().enumerate() {
                let mut earlier = words.iter().take(index);
                if let Some(alike) = earlier.find(|other| other.eq_ignore_ascii_case(word)) {
                    let message = format!(
                        "only case tells the values `{alike}` and `{word}` apart, which this \
                         contract ignores in parameters"
                    );
                    self.ambiguous(span, message, parameter.span);
                }
            }
        }
    }

    fn ambiguous(&mut self, span: Span, message: String, other: Span) {
        self.diagnostics
            .error("ambiguous-case", span, message)
            .related(other, "see here")
            .help(format!("rename one of the two, or remove `{IGNORE_CASE}`"));
    }

    /// A parameter that takes any name leaves none to be refused.
    fn check_free_names(&mut self, operation: &Operation) {
        for parameter in &operation.parameters {
            let spread = parameter.location == Location::Query
                && parameter.explode
                && parameter.style == Style::Form;
            let schema = self.target(parameter.schema);
            if spread && self.is_of_type(schema, Type::Object) {
                let message = format!(
                    "unknown parameters cannot be refused where `{}` takes any name",
                    parameter.name
                );
                self.diagnostics
                    .error("unknown-parameters", parameter.span, message)
                    .help(format!(
                        "give it `style: deepObject`, or say `{UNKNOWN}: ignore` at the operation"
                    ));
            }
        }
    }

    /// `x-specwright-conditional`: what makes an answer conditional must be declared, for clients
    /// to know of it.
    fn conditional(&mut self, at: &At<'a>, operation: &Operation) -> Option<String> {
        let asked = at.get(CONDITIONAL)?;
        let control = self.text(at, CONDITIONAL)?;
        let plain = |byte: u8| (b' '..=b'~').contains(&byte);
        if control.is_empty() || !control.bytes().all(plain) {
            let message = format!("`{control}` cannot be the value of `Cache-Control`");
            let span = asked.node.span;
            self.diagnostics
                .error("conditional", span, message)
                .help("write a directive such as `private`");
            return None;
        }
        let lacks = |what: &str| format!("a conditional operation {what}");
        let declared = |status| {
            let wanted = StatusSet::Status(status);
            let mut responses = operation.responses.iter();
            responses.find(|response| response.status == wanted)
        };
        let mut faults = Vec::new();
        if operation.method != Method::Get {
            self.diagnostics
                .error("conditional", asked.key_span, lacks("is a `GET`"))
                .help("remove it here");
            return None;
        }
        match declared(200) {
            None => faults.push((lacks("has a response 200"), "declare it".to_owned())),
            Some(response) => {
                for name in ["ETag", "Cache-Control"] {
                    let mut headers = response.headers.iter();
                    if !headers.any(|header| header.name.eq_ignore_ascii_case(name)) {
                        let help = format!("declare the header `{name}` of the response 200");
                        faults.push((lacks(&format!("sends `{name}`")), help));
                    }
                }
            }
        }
        match declared(304) {
            None => faults.push((lacks("has a response 304"), "declare it".to_owned())),
            Some(response) if !response.contents.is_empty() => {
                let help = "remove `content` of the response 304".to_owned();
                faults.push((lacks("has no body in its response 304"), help));
            }
            Some(_) => {}
        }
        let fine = faults.is_empty();
        for (message, help) in faults {
            self.diagnostics
                .error("conditional", asked.key_span, message)
                .help(help);
        }
        fine.then(|| control.to_owned())
    }

    /// The schema that references lead to.
    pub(super) fn target(&self, id: SchemaId) -> SchemaId {
        let mut id = id;
        for _ in 0..DEEPEST {
            match self.schemas[id.index()].reference {
                Some(target) => id = target,
                None => break,
            }
        }
        id
    }

    /// The properties of an object, those of its `allOf` included.
    pub(super) fn properties(&self, id: SchemaId) -> Vec<(String, SchemaId)> {
        let mut found: Vec<(String, SchemaId)> = Vec::new();
        self.visit(id, 0, &mut |schema| {
            for (name, id) in &schema.properties {
                if !found.iter().any(|(known, _)| known == name) {
                    found.push((name.clone(), *id));
                }
            }
        });
        found
    }

    /// The property of an object.
    pub(super) fn property(&self, id: SchemaId, name: &str) -> Option<SchemaId> {
        let properties = self.properties(id);
        let mut properties = properties.into_iter();
        properties
            .find(|(known, _)| known == name)
            .map(|(_, id)| id)
    }

    /// The names of properties that an object must have.
    pub(super) fn required_properties(&self, id: SchemaId) -> Vec<String> {
        let mut found = Vec::new();
        self.visit(id, 0, &mut |schema| found.extend(schema.required.clone()));
        found
    }

    /// Whether a schema says that its values are of this type, `null` aside.
    pub(super) fn is_of_type(&self, id: SchemaId, ty: Type) -> bool {
        let mut found = false;
        self.visit(id, 0, &mut |schema| {
            let types = schema.types.map(|types| types.without(Type::Null));
            found |= types.is_some_and(|types| types.single() == Some(ty));
        });
        found
    }

    /// The strings that a schema lists.
    pub(super) fn words(&self, id: SchemaId) -> Vec<String> {
        let mut found = Vec::new();
        self.visit(id, 0, &mut |schema| {
            for value in schema.enumeration.iter().flatten() {
                if let Json::String(text) = value {
                    found.push(text.clone());
                }
            }
        });
        found
    }

    /// Calls `look` with a schema, what it refers to and the members of its `allOf`.
    fn visit(&self, id: SchemaId, depth: usize, look: &mut impl FnMut(&Schema)) {
        if depth > DEEPEST {
            return;
        }
        let schema = &self.schemas[id.index()];
        look(schema);
        for part in schema.reference.iter().chain(&schema.all_of) {
            self.visit(*part, depth + 1, look);
        }
    }
}
