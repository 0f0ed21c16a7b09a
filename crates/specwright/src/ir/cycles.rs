//! Analyses over the finished types: boxes where a value would hold itself, and which types are
//! read and which are written.

use super::{
    Base, Module, Read, Reader, ReaderId, ResponseType, Rest, Sides, Type, TypeId, TypeKind, Value,
};

/// The strongly connected components of a graph: each node's component number.
///
/// Tarjan's algorithm with a stack of its own, so that deep contracts do not exhaust the thread's.
pub(super) fn components(graph: &[Vec<usize>]) -> Vec<usize> {
    const UNSEEN: usize = usize::MAX;
    let mut order = vec![UNSEEN; graph.len()];
    let mut low = vec![0; graph.len()];
    let mut component = vec![UNSEEN; graph.len()];
    let (mut open, mut next, mut found) = (Vec::new(), 0, 0);
    for root in 0..graph.len() {
        if order[root] != UNSEEN {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some((node, edge)) = work.pop() {
            if edge == 0 {
                order[node] = next;
                low[node] = next;
                next += 1;
                open.push(node);
            }
            if let Some(&child) = graph[node].get(edge) {
                work.push((node, edge + 1));
                if order[child] == UNSEEN {
                    work.push((child, 0));
                } else if component[child] == UNSEEN {
                    low[node] = low[node].min(order[child]);
                }
                continue;
            }
            if low[node] == order[node] {
                while let Some(member) = open.pop() {
                    component[member] = found;
                    if member == node {
                        break;
                    }
                }
                found += 1;
            }
            if let Some(&(parent, _)) = work.last() {
                low[parent] = low[parent].min(low[node]);
            }
        }
    }
    component
}

/// Boxes every field and variant that leads back to its own type by value.
pub(super) fn box_cycles(module: &mut Module) {
    let graph: Vec<Vec<usize>> = module
        .types
        .iter()
        .map(|definition| held_types(&definition.kind))
        .collect();
    let component = components(&graph);
    let mut boxed: Vec<(usize, ReaderId)> = Vec::new();
    for index in 0..module.types.len() {
        let mut kind = module.types[index].kind.clone();
        let own = component[index];
        let cyclic = |ty: &Type| {
            by_value(ty).is_some_and(|TypeId(target)| {
                component[target] == own && (target != index || graph[index].contains(&index))
            })
        };
        let values: Vec<&mut Value> = match &mut kind {
            TypeKind::Struct(object) => object
                .fields
                .iter_mut()
                .map(|field| &mut field.value)
                .collect(),
            TypeKind::Union(union) => union
                .variants
                .iter_mut()
                .map(|variant| &mut variant.value)
                .collect(),
            TypeKind::Enum(_) | TypeKind::Alias(_) | TypeKind::Newtype(_) => continue,
        };
        for value in values.into_iter().filter(|value| cyclic(&value.ty)) {
            let inner = value.clone();
            value.ty = Type::Boxed(Box::new(inner.ty.clone()));
            if let Read::By(reader) = inner.read {
                value.read = Read::By(boxing_reader(module, &mut boxed, reader, inner));
            }
        }
        module.types[index].kind = kind;
    }
}

fn boxing_reader(
    module: &mut Module,
    boxed: &mut Vec<(usize, ReaderId)>,
    reader: ReaderId,
    inner: Value,
) -> ReaderId {
    if let Some((_, known)) = boxed.iter().find(|(of, _)| *of == reader.0) {
        return *known;
    }
    module.readers.push(Reader {
        name: format!("{}_boxed", module.readers[reader.0].name),
        ty: Type::Boxed(Box::new(inner.ty.clone())),
        base: Base::Boxed(inner),
        checks: Vec::new(),
        residual: None,
        read: false,
    });
    let id = ReaderId(module.readers.len() - 1);
    boxed.push((reader.0, id));
    id
}

fn held_types(kind: &TypeKind) -> Vec<usize> {
    let types: Vec<&Type> = match kind {
        TypeKind::Struct(object) => object.fields.iter().map(|field| &field.value.ty).collect(),
        TypeKind::Union(union) => union
            .variants
            .iter()
            .map(|variant| &variant.value.ty)
            .collect(),
        TypeKind::Alias(value) | TypeKind::Newtype(value) => vec![&value.ty],
        TypeKind::Enum(_) => Vec::new(),
    };
    types
        .into_iter()
        .filter_map(by_value)
        .map(|TypeId(id)| id)
        .collect()
}

/// The module's type that a value of `ty` holds without indirection.
fn by_value(ty: &Type) -> Option<TypeId> {
    match ty {
        Type::Named(id) => Some(*id),
        Type::Nullable(inner) | Type::ObjectOr(inner) => by_value(inner),
        Type::Scalar(_)
        | Type::Vec(_)
        | Type::Map(_)
        | Type::Boxed(_)
        | Type::Order(_)
        | Type::Page(_) => None,
    }
}

/// Sets the `read` and `write` marks, starting from what the operations take and give.
pub(super) fn mark_directions(module: &mut Module) {
    let mut marks = Marks {
        read_types: vec![false; module.types.len()],
        write_types: vec![false; module.types.len()],
        readers: vec![false; module.readers.len()],
    };
    let Sides { server, client } = module.sides;
    for operation in &module.operations {
        let mut taken: Vec<&Value> = Vec::new();
        if let Some(request) = &operation.request {
            taken.extend(request.parameters.iter().map(|parameter| &parameter.value));
            let contents = request.body.iter().flat_map(|body| &body.contents);
            taken.extend(contents.map(|content| &content.value));
        }
        // What one side reads, the other writes.
        let receives = client && !operation.has_bare_answers();
        for (values, read, write) in [
            (taken, server, client),
            (held(&operation.response), receives, false),
            (held(operation.answer()), false, server),
        ] {
            for value in values {
                if read {
                    marks.read(module, value);
                }
                if write {
                    marks.write(module, &value.ty);
                }
            }
        }
    }
    for (definition, (read, write)) in module
        .types
        .iter_mut()
        .zip(marks.read_types.into_iter().zip(marks.write_types))
    {
        definition.read = read;
        definition.write = write;
    }
    for (reader, read) in module.readers.iter_mut().zip(marks.readers) {
        reader.read = read;
    }
}

/// What a response holds.
fn held(response: &ResponseType) -> Vec<&Value> {
    let mut held: Vec<&Value> = Vec::new();
    for variant in &response.variants {
        held.extend(variant.headers.iter().map(|header| &header.value));
        held.extend(variant.contents.iter().map(|content| &content.value));
    }
    held
}

struct Marks {
    read_types: Vec<bool>,
    write_types: Vec<bool>,
    readers: Vec<bool>,
}

impl Marks {
    fn read(&mut self, module: &Module, value: &Value) {
        // The type is needed for its name even when a function of the module reads it.
        self.read_type(module, &value.ty);
        if let Read::By(ReaderId(id)) = value.read
            && !std::mem::replace(&mut self.readers[id], true)
        {
            let inner = match &module.readers[id].base {
                Base::Value(value)
                | Base::Array(value)
                | Base::Map(value)
                | Base::Nullable(value)
                | Base::ObjectOr(value)
                | Base::Boxed(value) => Some(value),
                Base::Number => None,
            };
            if let Some(inner) = inner {
                self.read(module, inner);
            }
        }
    }

    fn read_type(&mut self, module: &Module, ty: &Type) {
        let Some(TypeId(id)) = named(ty) else { return };
        if std::mem::replace(&mut self.read_types[id], true) {
            return;
        }
        for value in values(&module.types[id].kind) {
            self.read(module, value);
        }
    }

    fn write(&mut self, module: &Module, ty: &Type) {
        let Some(TypeId(id)) = named(ty) else { return };
        if std::mem::replace(&mut self.write_types[id], true) {
            return;
        }
        for value in values(&module.types[id].kind) {
            self.write(module, &value.ty);
        }
    }
}

fn named(ty: &Type) -> Option<TypeId> {
    match ty {
        Type::Named(id) => Some(*id),
        Type::Nullable(inner)
        | Type::ObjectOr(inner)
        | Type::Vec(inner)
        | Type::Map(inner)
        | Type::Boxed(inner)
        | Type::Order(inner)
        | Type::Page(inner) => named(inner),
        Type::Scalar(_) => None,
    }
}

/// Every value that a type holds.
pub(super) fn values(kind: &TypeKind) -> Vec<&Value> {
    match kind {
        TypeKind::Struct(object) => {
            let rest = match &object.rest {
                Rest::Kept(_, value) => Some(value),
                Rest::Ignored | Rest::Refused => None,
            };
            object
                .fields
                .iter()
                .map(|field| &field.value)
                .chain(rest)
                .collect()
        }
        TypeKind::Union(union) => union
            .variants
            .iter()
            .map(|variant| &variant.value)
            .collect(),
        TypeKind::Alias(value) | TypeKind::Newtype(value) => vec![value],
        TypeKind::Enum(_) => Vec::new(),
    }
}
