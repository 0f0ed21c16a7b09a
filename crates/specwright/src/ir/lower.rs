use super::checks::Checks;
use super::direction::{Direction, children, differing};
use super::names::{CLIENT_TYPES_IN_USE, Scope, TYPES_IN_USE, kebab, pascal};
use super::{
    CheckId, Module, Reader, ReaderId, Requirement, Scheme, Shape, Sides, TypeDef, TypeId, Value,
    cycles, schema,
};
use crate::model::{Api, Hal, Naming, Purpose, Schema, SchemaId};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What is shared while one contract is lowered.
pub(super) struct Lowering<'a> {
    pub(super) api: &'a Api,
    pub(super) sides: Sides,
    /// The contract's schemas, then those that merging made.
    pub(super) schemas: Vec<Schema>,
    pub(super) component_names: HashMap<SchemaId, String>,
    /// The type names that wait for the named schemas, so that no other type takes them.
    reserved_names: HashMap<SchemaId, String>,
    pub(super) differs: Vec<bool>,
    pub(super) recursive: Vec<bool>,
    pub(super) checks: Checks,
    pub(super) check_ids: BTreeMap<String, CheckId>,
    pub(super) check_list: Vec<(String, String)>,
    pub(super) values: HashMap<(SchemaId, Direction), Value>,
    pub(super) types: Vec<TypeDef>,
    pub(super) readers: Vec<Reader>,
    pub(super) patterns: Vec<(String, String)>,
    pub(super) shapes: Vec<(String, Shape)>,
    pub(super) schemes: Vec<Scheme>,
    pub(super) requirements: Vec<Requirement>,
    pub(super) type_scope: Scope,
    pub(super) function_scope: Scope,
    pub(super) constant_scope: Scope,
    pub(super) trait_scope: Scope,
    pub(super) client_scope: Scope,
    /// Whether the shapes in the making ignore case.
    pub(super) ignores_case: bool,
    /// The schemas of items without their links, by those that have them.
    pub(super) linkless: HashMap<SchemaId, SchemaId>,
}

/// Names and types everything in a contract.
///
/// `source` is how the generated header names the contract, `name` the API's name (any text).
pub fn lower(api: &Api, source: &str, name: &str, sides: Sides) -> Module {
    let mut scope = Scope::with(TYPES_IN_USE);
    let service = scope.pascal(name);
    let api_type = scope.pascal(&format!("{} Api", pascal(name)));
    let mut client = String::new();
    if sides.client {
        scope.reserve(CLIENT_TYPES_IN_USE);
        client = scope.pascal(&format!("{} Client", pascal(name)));
    }
    scope.reserve(&names_of_rules(api));
    let mut lowering = Lowering::new(api, scope, sides);
    let operations = lowering.operations();
    let mut module = Module {
        name: kebab(name),
        source: source.to_owned(),
        title: api.info.title.clone(),
        version: api.info.version.clone(),
        service,
        api: api_type,
        client,
        sides,
        docs: if api.info.description.is_empty() {
            api.info.title.clone()
        } else {
            api.info.description.clone()
        },
        ignore_case: api.ignore_case,
        bases: bases(api),
        operations,
        types: lowering.types,
        readers: lowering.readers,
        schemes: lowering.schemes,
        requirements: lowering.requirements,
        patterns: lowering.patterns,
        checks: lowering.check_list,
        shapes: lowering.shapes,
        check_document: lowering.checks.document(),
        sources: Vec::new(),
    };
    cycles::box_cycles(&mut module);
    cycles::mark_directions(&mut module);
    module
}

/// The names of the runtime that only extensions bring into generated code.
fn names_of_rules(api: &Api) -> Vec<&'static str> {
    let mut names = Vec::new();
    let mut hal = api
        .operations
        .iter()
        .filter_map(|one| one.rules.hal.as_ref());
    if hal.any(|hal| hal.paging.is_some()) {
        names.push("Page");
    }
    let mut parameters = api.operations.iter().flat_map(|one| &one.parameters);
    let sorts = |naming: &Naming| matches!(naming.purpose, Purpose::OrderBy { .. });
    if parameters.any(|parameter| parameter.naming.as_ref().is_some_and(sorts)) {
        names.push("Order");
    }
    names
}

fn bases(api: &Api) -> Vec<String> {
    let mut bases: Vec<String> = Vec::new();
    for server in &api.servers {
        if !bases.contains(&server.base_path) {
            bases.push(server.base_path.clone());
        }
    }
    if bases.is_empty() {
        bases.push(String::new());
    }
    bases
}

impl<'a> Lowering<'a> {
    fn new(api: &'a Api, mut type_scope: Scope, sides: Sides) -> Self {
        let names = names(api);
        let reserved_names = names
            .iter()
            .map(|(name, id)| (*id, type_scope.pascal(name)))
            .collect();
        Self {
            api,
            sides,
            schemas: api.schemas.clone(),
            component_names: names
                .iter()
                .map(|(name, id)| (*id, (*name).to_owned()))
                .collect(),
            reserved_names,
            differs: differing(api),
            recursive: recursive(api),
            checks: Checks::default(),
            check_ids: BTreeMap::new(),
            check_list: Vec::new(),
            values: HashMap::new(),
            types: Vec::new(),
            readers: Vec::new(),
            patterns: Vec::new(),
            shapes: Vec::new(),
            schemes: Vec::new(),
            requirements: Vec::new(),
            type_scope,
            function_scope: Scope::with(&["authenticate"]),
            constant_scope: Scope::with(&["API", "CHECKS"]),
            // Clippy has opinions on a method `new`.
            trait_scope: Scope::with(&["new"]),
            client_scope: Scope::with(&["new", "with"]),
            ignores_case: false,
            linkless: HashMap::new(),
        }
    }

    /// The name under which the contract keeps a schema, when it does.
    pub(super) fn component_name(&self, id: SchemaId) -> Option<String> {
        self.component_names.get(&id).cloned()
    }

    /// The name of a schema's type: the one reserved for it, once, or a new one.
    pub(super) fn type_name(&mut self, id: SchemaId, direction: Direction, hint: &str) -> String {
        if self.name_is_free(id, direction)
            && let Some(name) = self.reserved_names.remove(&id)
        {
            return name;
        }
        self.type_scope.pascal(hint)
    }

    /// Whether the name reserved for a schema is still to be had for this direction.
    pub(super) fn name_is_free(&self, id: SchemaId, direction: Direction) -> bool {
        direction == Direction::Output && self.reserved_names.contains_key(&id)
    }

    /// [`Direction::Output`] for schemas that are the same both ways.
    pub(super) fn direction_of(&self, id: SchemaId, direction: Direction) -> Direction {
        if self.differs[id.index()] {
            direction
        } else {
            Direction::Output
        }
    }

    /// Whether a property cannot travel this way.
    pub(super) fn is_unsendable(&self, id: SchemaId, direction: Direction) -> bool {
        let schema = &self.schemas[id.index()];
        let target = schema.reference.map(|target| &self.schemas[target.index()]);
        let marked = |mark: fn(&Schema) -> bool| mark(schema) || target.is_some_and(mark);
        match direction {
            Direction::Input => marked(|it| it.read_only),
            Direction::Output => marked(|it| it.write_only),
        }
    }

    /// Adds a schema that merging made out of others.
    pub(super) fn add_schema(&mut self, schema: Schema, parts: &[SchemaId]) -> SchemaId {
        self.differs
            .push(parts.iter().any(|part| self.differs[part.index()]));
        self.recursive.push(false);
        self.schemas.push(schema);
        SchemaId(u32::try_from(self.schemas.len() - 1).unwrap_or(u32::MAX))
    }

    /// The schema of an item as a service gives it: its links are made for it, of what its path
    /// needs. It takes over the name, unless a client needs that for the item with its links.
    pub(super) fn linkless(&mut self, hal: &Hal, hint: &str) -> (SchemaId, String) {
        let id = hal.item;
        let name = self.component_name(id).unwrap_or_else(|| hint.to_owned());
        if let Some(known) = self.linkless.get(&id) {
            return (*known, name);
        }
        let mut schema = self.effective(id).schema;
        schema.properties.retain(|(name, _)| name != "_links");
        schema.required.retain(|name| name != "_links");
        let needed = hal.item_path.split('{').skip(1);
        let needed = needed.filter_map(|part| part.split_once('}'));
        for (name, _) in needed {
            if !schema.required.iter().any(|known| known == name) {
                schema.required.push(name.to_owned());
            }
        }
        let own = self.add_schema(schema, &[id]);
        self.linkless.insert(id, own);
        if self.sides.client {
            return (own, format!("{name} content"));
        }
        if let Some(reserved) = self.reserved_names.remove(&id) {
            self.reserved_names.insert(own, reserved);
            self.component_names.insert(own, name.clone());
        }
        (own, name)
    }

    /// The check of a schema, made when it is not there yet.
    pub(super) fn check(&mut self, id: SchemaId, direction: Direction, hint: &str) -> CheckId {
        let mut id = id;
        while let Some(target) = self.plain_target(id) {
            id = target;
        }
        let key = self.check_key(id, direction, hint);
        if let Some(known) = self.check_ids.get(&key) {
            return *known;
        }
        let constant = self.constant_scope.screaming(&format!("check {key}"));
        self.check_list.push((constant, key.clone()));
        let check = CheckId(self.check_list.len() - 1);
        self.check_ids.insert(key, check);
        check
    }

    /// The index of a pattern, added when it is not there yet.
    pub(super) fn pattern(&mut self, text: &str) -> usize {
        if let Some(known) = self
            .patterns
            .iter()
            .position(|(_, pattern)| pattern == text)
        {
            return known;
        }
        let constant = self
            .constant_scope
            .screaming(&format!("pattern {}", self.patterns.len() + 1));
        self.patterns.push((constant, text.to_owned()));
        self.patterns.len() - 1
    }

    /// Adds a type; its kind may be filled in later.
    pub(super) fn add_type(&mut self, definition: TypeDef) -> TypeId {
        self.types.push(definition);
        TypeId(self.types.len() - 1)
    }

    /// Adds a read function.
    pub(super) fn add_reader(&mut self, reader: Reader) -> ReaderId {
        self.readers.push(reader);
        ReaderId(self.readers.len() - 1)
    }
}

/// The names under which the contract keeps schemas. A component that only points at a schema
/// without a name of its own, as in a contract of several files, names that one. What no component
/// names has the name that its place in another file suggests.
fn names(api: &Api) -> Vec<(&str, SchemaId)> {
    let mut named: HashSet<SchemaId> = api.named_schemas.iter().map(|(_, id)| *id).collect();
    let mut names = Vec::new();
    for (name, id) in &api.named_schemas {
        let mut kept = *id;
        while let Some(target) = schema::bare_reference(&api.schemas[kept.index()]) {
            if !named.insert(target) {
                break;
            }
            kept = target;
        }
        names.push((name.as_str(), kept));
    }
    for (name, id) in &api.suggested_names {
        let mut kept = *id;
        let mut is_new = named.insert(kept);
        while is_new && let Some(target) = schema::bare_reference(&api.schemas[kept.index()]) {
            is_new = named.insert(target);
            kept = target;
        }
        if is_new {
            names.push((name.as_str(), kept));
        }
    }
    names
}

/// For each schema, whether it reaches itself.
fn recursive(api: &Api) -> Vec<bool> {
    let graph: Vec<Vec<usize>> = api
        .schemas
        .iter()
        .map(|schema| children(schema).into_iter().map(SchemaId::index).collect())
        .collect();
    let component = cycles::components(&graph);
    let mut sizes = vec![0_usize; graph.len()];
    for &number in &component {
        sizes[number] += 1;
    }
    (0..graph.len())
        .map(|node| sizes[component[node]] > 1 || graph[node].contains(&node))
        .collect()
}
