//! The contract as one document: what other files hold moves into `components`, everything else
//! stays as it was written.

use super::documents::{At, Documents, address, escape};
use super::references::{Referable, Reference};
use crate::model::Json;
use crate::yaml::{Entry, Mapping, Node, Value};
use std::collections::{HashMap, HashSet};

/// Where something from another file stands in the bundle.
type Homes = HashMap<(Referable, usize), String>;

/// How many path items and operations may be written out inside of each other.
const MAX_INLINED: usize = 50;

/// Makes the document. Every reference of the contract is among `references`, and the values that
/// tell the branches of a discriminator apart among `names`, by the address of its schema.
pub(super) fn bundle(
    documents: &Documents,
    references: &[Reference<'_>],
    names: HashMap<usize, Vec<String>>,
) -> Json {
    let mut bundler = Bundler::new(documents, references, names);
    bundler.settle_components();
    let mut document = bundler.value(documents.root());
    let mut next = 0;
    while let Some((kind, name, node)) = bundler.moved.get(next).cloned() {
        next += 1;
        let value = bundler.value(node);
        insert(&mut document, kind, name, value);
    }
    document
}

struct Bundler<'a, 'r> {
    documents: &'a Documents,
    /// References by the address of the string that refers.
    by_text: HashMap<usize, &'r Reference<'a>>,
    /// References by the address of the object they stand in.
    by_object: HashMap<usize, &'r Reference<'a>>,
    names: HashMap<usize, Vec<String>>,
    homes: Homes,
    /// Component entries that are nothing but a reference to another file, and now hold its content.
    settled: HashMap<usize, &'a Node>,
    taken: HashSet<(&'static str, String)>,
    moved: Vec<(&'static str, String, &'a Node)>,
    /// Path items and operations that are being written out in place of a reference.
    inlined: Vec<usize>,
    /// Those that were written out before: their ids cannot stand in the document again.
    repeated: HashSet<usize>,
}

impl<'a, 'r> Bundler<'a, 'r> {
    fn new(
        documents: &'a Documents,
        references: &'r [Reference<'a>],
        names: HashMap<usize, Vec<String>>,
    ) -> Self {
        let mut bundler = Bundler {
            documents,
            by_text: HashMap::new(),
            by_object: HashMap::new(),
            names,
            homes: HashMap::new(),
            settled: HashMap::new(),
            taken: HashSet::new(),
            moved: Vec::new(),
            inlined: Vec::new(),
            repeated: HashSet::new(),
        };
        for reference in references {
            bundler.by_text.insert(address(reference.text), reference);
            if let Some(object) = reference.object {
                bundler.by_object.insert(address(object), reference);
            }
        }
        bundler
    }

    /// Names in use stay in use, and an entry that only refers to another file takes its content.
    fn settle_components(&mut self) {
        let components = At::root(self.documents.root()).get("components");
        for (map, entries) in components.iter().flat_map(|at| at.members()) {
            for (name, entry) in entries.members() {
                if let Some(kind) = KINDS.iter().find(|kind| kind.components() == Some(map)) {
                    self.settle(*kind, name, entry.node);
                }
            }
        }
    }

    fn settle(&mut self, kind: Referable, name: &str, entry: &'a Node) {
        let Some(map) = kind.components() else { return };
        self.taken.insert((map, name.to_owned()));
        let only = entry.as_mapping().is_some_and(|mapping| mapping.len() == 1);
        let Some(reference) = self.by_object.get(&address(entry)).filter(|_| only) else {
            return;
        };
        let target = reference.target.node;
        let key = (kind, address(target));
        if !self.documents.in_root(target) && !self.homes.contains_key(&key) {
            self.homes
                .insert(key, format!("#/components/{map}/{}", escape(name)));
            self.settled.insert(address(entry), target);
        }
    }

    fn value(&mut self, node: &'a Node) -> Json {
        if let Some(target) = self.settled.get(&address(node)).copied() {
            return self.value(target);
        }
        match &node.value {
            Value::Mapping(mapping) => self.mapping(node, mapping),
            Value::Sequence(items) => {
                Json::Array(items.iter().map(|item| self.value(item)).collect())
            }
            Value::String(text) => match self.by_text.get(&address(node)).copied() {
                Some(reference) => Json::String(self.reference(text, reference)),
                None => Json::String(text.clone()),
            },
            _ => crate::values::of_node(node),
        }
    }

    fn mapping(&mut self, node: &'a Node, mapping: &'a Mapping) -> Json {
        if let Some(reference) = self.by_object.get(&address(node)).copied()
            && self.must_inline(reference)
        {
            return self.inline(mapping, reference);
        }
        let mut members = Vec::with_capacity(mapping.len());
        for Entry { key, value, .. } in mapping.iter() {
            members.push((key.clone(), self.value(value)));
        }
        let mut object = Json::Object(members);
        if self.names.contains_key(&address(node)) {
            self.name_branches(node, &mut object);
        }
        object
    }

    /// OAS 3.1, Discriminator Object: a branch is known by the name of its schema. One that has
    /// another name in the bundle keeps the one it is known by.
    fn name_branches(&mut self, node: &'a Node, object: &mut Json) {
        let branches = ["oneOf", "anyOf"].into_iter();
        let branches = branches.filter_map(|key| node.get(key)?.as_sequence());
        for branch in branches.flatten() {
            let Some(reference) = self.by_object.get(&address(branch)).copied() else {
                continue;
            };
            let name = base_name(&reference.target.pointer);
            let names = self.names.get(&address(node));
            let is_known = names.is_some_and(|names| names.contains(&name));
            if !is_known || self.documents.in_root(reference.target.node) {
                continue;
            }
            let home = self.reference("", reference);
            if base_name(&home) != name
                && let Some(mapping) = entries(object, "discriminator", "mapping")
                && !mapping.iter().any(|(known, _)| *known == name)
            {
                mapping.push((name, Json::String(home)));
            }
        }
    }

    /// `components` has no place for operations, nor, before 3.1, for path items.
    fn must_inline(&self, reference: &Reference<'a>) -> bool {
        let target = reference.target.node;
        let homeless = match reference.kind {
            Referable::Operation => true,
            Referable::PathItem => !self.documents.in_root(target),
            _ => false,
        };
        // A callback may lead back to the path item it belongs to, and a chain may be endless.
        homeless && self.inlined.len() < MAX_INLINED && !self.inlined.contains(&address(target))
    }

    fn inline(&mut self, mapping: &'a Mapping, reference: &Reference<'a>) -> Json {
        let target = reference.target.node;
        self.inlined.push(address(target));
        let mut members = Vec::new();
        for entry in mapping.iter().filter(|entry| entry.key != "$ref") {
            members.push((entry.key.clone(), self.value(&entry.value)));
        }
        if let Json::Object(others) = self.value(target) {
            let repeated = self.documents.in_root(target) || !self.repeated.insert(address(target));
            for (key, mut value) in others {
                if members.iter().any(|(known, _)| *known == key) {
                    continue;
                }
                match (reference.kind, key.as_str()) {
                    (Referable::Operation, "operationId") if repeated => continue,
                    (Referable::PathItem, _) if repeated => remove(&mut value, "operationId"),
                    _ => {}
                }
                members.push((key, value));
            }
        }
        self.inlined.pop();
        Json::Object(members)
    }

    /// What a reference reads in the bundle.
    fn reference(&mut self, text: &str, reference: &Reference<'a>) -> String {
        let target = reference.target.node;
        if self.documents.in_root(target) {
            return match self.documents.in_root(reference.text) {
                true => text.to_owned(),
                false => fragment(&reference.target.pointer),
            };
        }
        let Some(map) = reference.kind.components() else {
            return text.to_owned();
        };
        let key = (reference.kind, address(target));
        if let Some(home) = self.homes.get(&key) {
            return home.clone();
        }
        let name = self.free_name(map, &base_name(&reference.target.pointer));
        let home = format!("#/components/{map}/{name}");
        self.homes.insert(key, home.clone());
        self.moved.push((map, name, target));
        home
    }

    fn free_name(&mut self, map: &'static str, base: &str) -> String {
        let plain =
            |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
        let base = base
            .chars()
            .map(|one| if plain(one) { one } else { '_' })
            .collect::<String>();
        let mut name = base.clone();
        let mut number = 2;
        while !self.taken.insert((map, name.clone())) {
            name = format!("{base}_{number}");
            number += 1;
        }
        name
    }
}

const KINDS: [Referable; 9] = [
    Referable::Schema,
    Referable::Response,
    Referable::Parameter,
    Referable::Example,
    Referable::RequestBody,
    Referable::Header,
    Referable::SecurityScheme,
    Referable::Link,
    Referable::Callback,
];

/// The name that a place suggests: the last key of its pointer, or its file's name.
pub(super) fn base_name(pointer: &str) -> String {
    let (file, fragment) = pointer.split_once('#').unwrap_or((pointer, ""));
    let name = match fragment.rsplit('/').next() {
        Some(last) if !last.is_empty() => last.replace("~1", "/").replace("~0", "~"),
        _ => {
            let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
            name.split('.').next().unwrap_or(name).to_owned()
        }
    };
    match name.is_empty() {
        true => "part".to_owned(),
        false => name,
    }
}

/// A JSON pointer as the fragment of a URI (RFC 6901, section 6).
fn fragment(pointer: &str) -> String {
    let mut out = String::with_capacity(pointer.len());
    for character in pointer.chars() {
        match character {
            '%' | ' ' | '"' | '<' | '>' | '^' | '`' | '{' | '}' | '|' | '\\' => {
                out.push_str(&format!("%{:02X}", character as u32));
            }
            other => out.push(other),
        }
    }
    out
}

fn remove(value: &mut Json, key: &str) {
    if let Json::Object(members) = value {
        members.retain(|(known, _)| known != key);
    }
}

fn insert(document: &mut Json, map: &'static str, name: String, value: Json) {
    if let Some(members) = entries(document, "components", map) {
        members.push((name, value));
    }
}

/// The members of an object in a member of an object.
fn entries<'j>(
    json: &'j mut Json,
    outer: &str,
    inner: &str,
) -> Option<&'j mut Vec<(String, Json)>> {
    let members = object(json, outer)?;
    let at = position(members, inner);
    match members.get_mut(at) {
        Some((_, Json::Object(entries))) => Some(entries),
        _ => None,
    }
}

fn object<'j>(json: &'j mut Json, key: &str) -> Option<&'j mut Vec<(String, Json)>> {
    let Json::Object(members) = json else {
        return None;
    };
    let at = position(members, key);
    match members.get_mut(at) {
        Some((_, Json::Object(entries))) => Some(entries),
        _ => None,
    }
}

/// Where `key` stands; an empty object is added for it when it is not there.
fn position(members: &mut Vec<(String, Json)>, key: &str) -> usize {
    match members.iter().position(|(name, _)| name == key) {
        Some(at) => at,
        None => {
            members.push((key.to_owned(), Json::Object(Vec::new())));
            members.len() - 1
        }
    }
}
