//! Resource types and traits, applied to resources and methods.

use super::Lowering;
use super::annotations::Target;
use super::build;
use super::documents::Header;
use super::fields::{annotation_name, plain};
use super::merge::{Place, merge};
use super::scope::{Declared, Kind};
use super::templates::{Application, Arguments};
use crate::source::Span;
use crate::yaml::{Entry, Mapping, Node, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

/// How many resource types may inherit from each other in a row.
const MAX_LAYERS: usize = 40;

/// The methods of RAML 1.0, as OpenAPI writes them too.
pub(super) const METHODS: [&str; 7] = ["get", "patch", "put", "post", "delete", "options", "head"];

/// A resource with everything that it inherits.
pub(super) struct Expanded {
    /// Its facets but `type` and `is`.
    pub facets: Node,
    /// Its methods, in document order, inherited ones last.
    pub methods: Vec<Method>,
}

/// A method with everything that it inherits.
#[derive(Clone)]
pub(super) struct Method {
    pub name: &'static str,
    /// Where it stands: its own key, or the resource's when it is inherited.
    pub key_span: Span,
    pub node: Node,
}

/// A resource, or a resource type that it inherits from, parameters replaced.
struct Layer {
    facets: Mapping,
    methods: Vec<Entry>,
    is: Vec<Application>,
}

/// The method that a key of a resource stands for, and whether it is optional.
pub(super) fn method(key: &str) -> Option<(&'static str, bool)> {
    let (name, optional) = match key.strip_suffix('?') {
        Some(name) => (name, true),
        None => (key, false),
    };
    let known = METHODS.iter().find(|known| **known == name)?;
    Some((known, optional))
}

impl Lowering<'_> {
    /// Applies the resource types and traits of a resource. `path` is the resource's whole path.
    pub(super) fn expand(&mut self, resource: &Entry, path: &str) -> Expanded {
        let own = resource.value.as_mapping().cloned().unwrap_or_default();
        let mut layers = vec![self.own_layer(&own)];
        let types = self.resource_types(&own, path);
        let present = present_methods(&own, &types);
        for (application, declared) in types {
            layers.push(self.inherited_layer(&application, &declared, path, &present));
        }
        let mut facets = build::node(resource.value.span, Value::Null);
        for layer in &layers {
            let lower = build::node(resource.value.span, Value::Mapping(layer.facets.clone()));
            facets = merge(facets, &lower);
        }
        facets.span = resource.key_span;
        let mut names: Vec<&'static str> = Vec::new();
        for entry in layers.iter().flat_map(|layer| &layer.methods) {
            if let Some((name, _)) = method(&entry.key)
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        let methods = names
            .into_iter()
            .map(|name| self.expand_method(name, &layers, resource, path))
            .collect();
        Expanded { facets, methods }
    }

    fn own_layer(&mut self, own: &Mapping) -> Layer {
        let mut layer = Layer {
            facets: Mapping::default(),
            methods: Vec::new(),
            is: self.applications(own),
        };
        for entry in own.iter() {
            match method(&entry.key) {
                Some((_, false)) => layer.methods.push(entry.clone()),
                // An optional method has been reported as an unknown facet.
                Some(_) => {}
                None if matches!(entry.key.as_str(), "is" | "type") => {}
                None if entry.key.starts_with('/') => {}
                None => layer.facets.put(entry.clone()),
            }
        }
        layer
    }

    /// The resource types of a resource, nearest first.
    fn resource_types(&mut self, own: &Mapping, path: &str) -> Vec<(Application, Rc<Declared>)> {
        let mut found: Vec<(Application, Rc<Declared>)> = Vec::new();
        let mut next = own.get("type").map(|entry| entry.value.clone());
        while let Some(node) = next.take() {
            let Some((application, declared)) = self.resource_type(&node) else {
                break;
            };
            let repeated = found
                .iter()
                .any(|(_, known)| known.name_span == declared.name_span);
            if repeated || found.len() >= MAX_LAYERS {
                self.diagnostics
                    .error(
                        "inheritance-cycle",
                        node.span,
                        "these resource types inherit from each other in a circle",
                    )
                    .help("let one of them inherit from none");
                break;
            }
            let what = format!("the resource type `{}`", declared.name);
            self.trail
                .resource(declared.node.span, application.node.span, &what, path);
            if let Some(parent) = declared.node.get("type") {
                let mut arguments = self.arguments(&application, what, path, None);
                next = Some(self.fill(parent, &mut arguments));
            }
            found.push((application, declared));
        }
        found
    }

    fn resource_type(&mut self, node: &Node) -> Option<(Application, Rc<Declared>)> {
        let node = plain(node);
        if let Value::Null = node.value {
            return None;
        }
        if self.documents.fragment(node) == Some(Header::ResourceType) {
            self.diagnostics
                .error(
                    "misplaced-fragment",
                    node.span,
                    "a resource names its resource type, and cannot include it",
                )
                .help("include the file under `resourceTypes`, and write its name here");
            return None;
        }
        let application = self.application(node, "a resource type")?;
        let found = self.find(Kind::ResourceType, &application.node, &application.name);
        if found.is_none() {
            self.unknown_name(Kind::ResourceType, &application.node, &application.name);
        }
        Some((application, found?))
    }

    fn arguments<'a>(
        &self,
        application: &'a Application,
        what: String,
        path: &str,
        method: Option<&str>,
    ) -> Arguments<'a> {
        let shown = without_extension(path);
        let mut reserved = vec![
            ("resourcePathName", last_fragment(&shown)),
            ("resourcePath", shown),
        ];
        reserved.extend(method.map(|method| ("methodName", method.to_owned())));
        Arguments {
            what,
            application,
            reserved,
            scope: self.documents.scope(&application.node),
            used: BTreeSet::new(),
            missing: BTreeSet::new(),
        }
    }

    fn inherited_layer(
        &mut self,
        application: &Application,
        declared: &Declared,
        path: &str,
        present: &BTreeSet<&'static str>,
    ) -> Layer {
        let what = format!("the resource type `{}`", declared.name);
        let mut arguments = self.arguments(application, what, path, None);
        let mut layer = Layer {
            facets: Mapping::default(),
            methods: Vec::new(),
            is: Vec::new(),
        };
        let mut rest = Mapping::default();
        let members = declared.node.as_mapping().cloned().unwrap_or_default();
        for entry in members.into_entries() {
            match (entry.key.as_str(), method(&entry.key)) {
                ("type" | "usage", _) => {}
                (key, _) if key.starts_with('/') => {}
                (_, Some((name, true))) if !present.contains(name) => {}
                (_, Some((name, _))) => {
                    arguments.reserved.push(("methodName", name.to_owned()));
                    let mut filled = self.fill_entry(&entry, &mut arguments);
                    arguments.reserved.pop();
                    filled.key = name.to_owned();
                    layer.methods.push(filled);
                }
                (key, None) if !self.inherits(key, &entry, Target::Resource) => {}
                (_, None) => rest.put(self.fill_entry(&entry, &mut arguments)),
            }
        }
        self.report_unused(&arguments, &declared.node);
        layer.is = self.applications(&rest);
        let facets = rest.into_entries().into_iter();
        for entry in facets.filter(|entry| entry.key != "is") {
            layer.facets.put(entry);
        }
        layer
    }

    /// Whether what a template has under `key` goes on to what it is applied to. An annotation that
    /// may not stand there stays behind.
    fn inherits(&self, key: &str, entry: &Entry, target: Target) -> bool {
        match annotation_name(key) {
            Some(name) => self.annotation_allows(name, entry, target),
            None => true,
        }
    }

    /// The traits named by `is`, in order.
    fn applications(&mut self, members: &Mapping) -> Vec<Application> {
        let Some(entry) = members.get("is") else {
            return Vec::new();
        };
        let node = plain(&entry.value);
        if let Value::Null = node.value {
            return Vec::new();
        }
        let items = self.applied_list(node, "is", "traits").iter();
        items
            .filter_map(|item| self.application(item, "a trait"))
            .collect()
    }

    /// The items of `is` or `securedBy`. What is no list is reported, and read as one of one item.
    pub(super) fn applied_list<'n>(&mut self, node: &'n Node, key: &str, what: &str) -> &'n [Node] {
        if let Some(items) = node.as_sequence() {
            return items;
        }
        // RAML 1.0, Applying Resource Types and Traits, Applying Security Schemes: it is an array.
        let message = format!(
            "`{key}` must be a list of {what}, and this is {}",
            node.kind()
        );
        self.diagnostics
            .error("wrong-type", node.span, message)
            .help("put it into brackets");
        std::slice::from_ref(node)
    }

    /// RAML 1.0, Algorithm of Merging Traits With Methods: the method itself lies on top, under it
    /// its traits, those of its resource, then the same of each resource type.
    fn expand_method(
        &mut self,
        name: &'static str,
        layers: &[Layer],
        resource: &Entry,
        path: &str,
    ) -> Method {
        let operation = format!("{} {path}", name.to_uppercase());
        let mut applied: Vec<Span> = Vec::new();
        let mut key_span = None;
        let mut own_span = None;
        let mut node = build::node(resource.key_span, Value::Null);
        for (depth, layer) in layers.iter().enumerate() {
            let own = layer.methods.iter().find(|entry| entry.key == name);
            if let Some(entry) = own {
                if depth == 0 {
                    key_span = Some(entry.key_span);
                    own_span = entry.value.as_mapping().map(|_| entry.value.span);
                }
                node = self.merge_method(node, &entry.value);
                let members = entry.value.as_mapping().cloned().unwrap_or_default();
                let traits = self.applications(&members);
                node = self.apply_traits(node, traits, name, path, &operation, &mut applied);
            }
            let traits = layer.is.clone();
            node = self.apply_traits(node, traits, name, path, &operation, &mut applied);
        }
        let key_span = key_span.unwrap_or(resource.key_span);
        let mut node = super::documents::without(node, &["is"]);
        node.span = own_span.unwrap_or(key_span);
        Method {
            name,
            key_span,
            node,
        }
    }

    /// Puts traits under a method, and under each the traits that it names itself. Only the nearest
    /// of several applications of one trait counts (RAML 1.0, Resource Types and Traits Effect on
    /// Collections).
    fn apply_traits(
        &mut self,
        mut node: Node,
        traits: Vec<Application>,
        method: &'static str,
        path: &str,
        operation: &str,
        applied: &mut Vec<Span>,
    ) -> Node {
        let mut waiting = std::collections::VecDeque::from(traits);
        while let Some(application) = waiting.pop_front() {
            let Some(declared) = self.find(Kind::Trait, &application.node, &application.name)
            else {
                self.unknown_name(Kind::Trait, &application.node, &application.name);
                continue;
            };
            if applied.contains(&declared.name_span) {
                continue;
            }
            applied.push(declared.name_span);
            let what = format!("the trait `{}`", declared.name);
            self.trail
                .operation(declared.node.span, application.node.span, &what, operation);
            let mut arguments = self.arguments(&application, what, path, Some(method));
            let mut filled = Mapping::default();
            let members = declared.node.as_mapping().cloned().unwrap_or_default();
            for entry in members.into_entries() {
                // What a trait is called and how it is used is not said of the method.
                let own = matches!(entry.key.as_str(), "usage" | "displayName");
                if !own && self.inherits(&entry.key, &entry, Target::Method) {
                    let entry = self.fill_entry(&entry, &mut arguments);
                    filled.put(entry);
                }
            }
            self.report_unused(&arguments, &declared.node);
            waiting.extend(self.applications(&filled));
            let lower = build::node(declared.node.span, Value::Mapping(filled));
            node = self.merge_method(node, &super::documents::without(lower, &["is"]));
        }
        node
    }

    /// Puts what is inherited under a method. RAML 1.0, The Query String as a Whole: it excludes
    /// query parameters, those that are inherited too.
    fn merge_method(&mut self, node: Node, lower: &Node) -> Node {
        let is_said = |entry: &&Entry| !matches!(entry.value.value, Value::Null);
        let members = lower.as_mapping().into_iter().flat_map(Mapping::iter);
        for entry in members.filter(is_said) {
            let rival = Place::Facets.rival(&entry.key);
            let rival = rival.and_then(|rival| node.as_mapping()?.get(rival));
            if let Some(rival) = rival.filter(is_said) {
                self.diagnostics
                    .error(
                        "exclusive-facets",
                        entry.key_span,
                        "a method has either `queryString` or `queryParameters`, inherited or its own",
                    )
                    .related(rival.key_span, "the other one")
                    .help("move the parameters into the type of `queryString`");
            }
        }
        merge(node, lower)
    }
}

/// The methods that a resource has by itself or by a resource type that insists.
fn present_methods(own: &Mapping, types: &[(Application, Rc<Declared>)]) -> BTreeSet<&'static str> {
    let inherited = types
        .iter()
        .filter_map(|(_, declared)| declared.node.as_mapping());
    std::iter::once(own)
        .chain(inherited)
        .flat_map(|members| members.iter())
        .filter_map(|entry| method(&entry.key))
        .filter(|(_, optional)| !optional)
        .map(|(name, _)| name)
        .collect()
}

/// RAML 1.0, Resource Type and Trait Parameters: the extension is left out.
fn without_extension(path: &str) -> String {
    path.replace("{ext}", "")
        .replace("{mediaTypeExtension}", "")
}

/// The last part of a path that is no parameter; that of a parameter when there is no other.
fn last_fragment(path: &str) -> String {
    let fragments = path.rsplit('/').filter(|fragment| !fragment.is_empty());
    let mut fragments = fragments.peekable();
    let first = fragments.peek().copied().unwrap_or_default();
    let literal = fragments.find(|fragment| !fragment.contains('{'));
    literal.unwrap_or(first).replace(['{', '}'], "")
}
