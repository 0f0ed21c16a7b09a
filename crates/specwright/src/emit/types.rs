//! The types of the schemas, with their reading and writing.

use super::Emitter;
use super::layout::literal;
use super::service::code;
use crate::ir::{Choice, Field, Literal, Presence, Rest, Struct, TypeDef, TypeKind, Union, Value};

/// Names that a generated `read` uses itself; a field's local variable of that name gives way.
const LOCALS: &[&str] = &["reader", "key", "names", "start"];

impl Emitter<'_> {
    pub(super) fn definition(&mut self, definition: &TypeDef) {
        if !(definition.read || definition.write) {
            return;
        }
        self.out.blank();
        self.out.docs_or(
            0,
            &definition.docs,
            &format!("The schema {}.", code(&definition.name)),
        );
        match &definition.kind {
            TypeKind::Struct(object) => self.object(definition, object),
            TypeKind::Enum(variants) => self.string_enum(definition, variants),
            TypeKind::Union(union) => self.union(definition, union),
            TypeKind::Alias(value) => {
                let ty = self.ty(&value.ty);
                self.out
                    .line(0, &format!("pub type {} = {ty};", definition.name));
            }
            TypeKind::Newtype(value) => self.newtype(definition, value),
        }
    }

    fn object(&mut self, definition: &TypeDef, object: &Struct) {
        self.derives(false);
        if object.fields.is_empty() && !matches!(object.rest, Rest::Kept(..)) {
            self.out
                .line(0, &format!("pub struct {} {{}}", definition.name));
        } else {
            self.out
                .line(0, &format!("pub struct {} {{", definition.name));
            for field in &object.fields {
                self.field(field);
            }
            if let Rest::Kept(name, value) = &object.rest {
                self.import("Map");
                self.out
                    .doc_line(1, "The members that the contract does not name.");
                let ty = self.ty(&value.ty);
                self.out
                    .typed(1, &format!("pub {name}"), &format!("Map<{ty}>"));
            }
            self.out.line(0, "}");
        }
        if definition.read {
            self.read_object(definition, object);
        }
        if definition.write {
            self.write_object(definition, object);
        }
    }

    fn field(&mut self, field: &Field) {
        self.out
            .docs_or(1, &field.docs, &format!("The member {}.", code(&field.key)));
        if field.deprecated {
            self.out.doc_line(1, "");
            self.out.doc_line(1, "Deprecated by the contract.");
        }
        let ty = self.ty(&field.value.ty);
        let ty = if field.presence == Presence::Optional {
            format!("Option<{ty}>")
        } else {
            ty
        };
        self.out.typed(1, &format!("pub {}", field.name), &ty);
    }

    /// `impl rt::Read for Name { fn read(…) {`, to be closed by [`Self::close_impl`].
    fn open_read(&mut self, definition: &TypeDef) {
        self.out.blank();
        self.out
            .line(0, &format!("impl rt::Read for {} {{", definition.name));
        self.out.line(
            1,
            "fn read(reader: &mut rt::Reader<'_>) -> Result<Self, rt::Invalid> {",
        );
        if definition.residual.is_some() {
            self.out.line(2, "let start = reader.mark();");
        }
    }

    fn residual(&mut self, definition: &TypeDef) {
        if let Some(check) = definition.residual {
            let check = format!("&{}", self.module.checks[check.0].0);
            self.out
                .call(2, "reader.residual", &["start", &check], "?;");
        }
    }

    fn close_impl(&mut self) {
        self.out.line(1, "}");
        self.out.line(0, "}");
    }

    fn read_object(&mut self, definition: &TypeDef, object: &Struct) {
        self.open_read(definition);
        for field in &object.fields {
            self.out
                .line(2, &format!("let mut {} = None;", local(&field.name)));
        }
        if let Rest::Kept(name, _) = &object.rest {
            self.out
                .line(2, &format!("let mut {} = Map::new();", local(name)));
        }
        self.out.line(2, "reader.begin_object()?;");
        self.read_members(object);
        self.residual(definition);
        self.construct(object);
        self.close_impl();
    }

    fn read_members(&mut self, object: &Struct) {
        if object.fields.is_empty() && object.refused.is_empty() {
            match &object.rest {
                Rest::Refused => {
                    self.out.line(2, "if reader.key()?.is_some() {");
                    self.out.line(3, "return Err(reader.refuse());");
                    self.out.line(2, "}");
                }
                Rest::Ignored => {
                    self.out.line(2, "while reader.key()?.is_some() {");
                    self.out.line(3, "reader.skip()?;");
                    self.out.line(2, "}");
                }
                Rest::Kept(name, value) => {
                    self.out.line(2, "while let Some(key) = reader.key()? {");
                    let read = self.read_path(value);
                    let value = format!("{read}(reader)?");
                    self.out.call(
                        3,
                        &format!("{}.insert", local(name)),
                        &["key.into_owned()", &value],
                        ";",
                    );
                    self.out.line(2, "}");
                }
            }
            return;
        }
        self.foresee(object);
        self.out.line(3, "match &*key {");
        for field in &object.fields {
            let read = self.read_path(&field.value);
            let body = format!("{} = Some({read}(reader)?)", local(&field.name));
            self.out.arm(4, &literal(&field.key), &body);
        }
        for key in &object.refused {
            self.out
                .arm(4, &literal(key), "return Err(reader.refuse())");
        }
        match &object.rest {
            Rest::Ignored => self.out.line(4, "_ => reader.skip()?,"),
            Rest::Refused => self.out.line(4, "_ => return Err(reader.refuse()),"),
            Rest::Kept(name, value) => {
                let read = self.read_path(value);
                self.out.line(4, "_ => {");
                let value = format!("{read}(reader)?");
                self.out.call(
                    5,
                    &format!("{}.insert", local(name)),
                    &["key.into_owned()", &value],
                    ";",
                );
                self.out.line(4, "}");
            }
        }
        self.out.line(3, "}");
        self.out.line(2, "}");
    }

    /// Opens the loop over the members, whose names the reader is told where it can compare them as
    /// they are written.
    fn foresee(&mut self, object: &Struct) {
        let is_plain =
            |key: &&String| !key.contains(['"', '\\']) && !key.contains(char::is_control);
        let keys = object.fields.iter().map(|field| &field.key);
        let names: Vec<String> = keys.filter(is_plain).map(|key| literal(key)).collect();
        if names.is_empty() {
            return self.out.line(2, "while let Some(key) = reader.key()? {");
        }
        self.out.array(2, "let names = &", &names, ";");
        self.out
            .line(2, "while let Some(key) = reader.member(names)? {");
    }

    fn construct(&mut self, object: &Struct) {
        let mut fields: Vec<String> = Vec::new();
        for field in &object.fields {
            let (name, local) = (&field.name, local(&field.name));
            let short = if *name == local {
                name.clone()
            } else {
                format!("{name}: {local}")
            };
            fields.push(match &field.presence {
                Presence::Required => format!("{name}: reader.present({local})?"),
                Presence::Optional => short,
                Presence::Default(default) => self.defaulted(field, default, &local),
            });
        }
        if let Rest::Kept(name, _) = &object.rest {
            let local = local(name);
            fields.push(if *name == local {
                local
            } else {
                format!("{name}: {local}")
            });
        }
        let flat = fields.join(", ");
        if fields.is_empty() {
            self.out.line(2, "Ok(Self {})");
        } else if flat.len() <= 18 {
            self.out.line(2, &format!("Ok(Self {{ {flat} }})"));
        } else {
            self.out.line(2, "Ok(Self {");
            for field in fields {
                self.construct_field(&field);
            }
            self.out.line(2, "})");
        }
    }

    fn construct_field(&mut self, field: &str) {
        // rustfmt breaks a chain before its last method, two columns before the line is full.
        let method = [".unwrap_or(", ".present("];
        let chain = method.iter().find_map(|method| {
            let (object, argument) = field.rsplit_once(method)?;
            Some((object, method, argument))
        });
        match chain {
            Some((object, method, argument)) if !super::layout::fits(3, &[field, ",  "]) => {
                self.out.line(3, object);
                self.out.line(4, &format!("{method}{argument},"));
            }
            _ => self.out.line(3, &format!("{field},")),
        }
    }

    fn defaulted(&self, field: &Field, default: &Literal, local: &str) -> String {
        let name = &field.name;
        match default {
            Literal::Bool(_) | Literal::Number(_) | Literal::Integer(_) | Literal::Variant(..) => {
                format!("{name}: {local}.unwrap_or({})", self.literal(default))
            }
            Literal::String(text) => format!("{name}: rt::or_text({local}, {})", literal(text)),
            Literal::Json(text) => {
                format!(
                    "{name}: rt::or_json({local}, {}, {})?",
                    literal(text),
                    self.read_path(&field.value)
                )
            }
        }
    }

    fn write_object(&mut self, definition: &TypeDef, object: &Struct) {
        self.out.blank();
        self.out
            .line(0, &format!("impl rt::Write for {} {{", definition.name));
        self.out
            .line(1, "fn write(&self, writer: &mut rt::Writer) {");
        // Behind a member that is always there the next one needs no look at what was written.
        let mut before = None;
        let is_always = |field: &Field| field.presence != Presence::Optional;
        if object.fields.first().is_some_and(is_always) {
            before = Some('{');
        } else {
            self.out.line(2, "writer.begin_object();");
        }
        for field in &object.fields {
            let (method, before) = match before {
                _ if !is_always(field) => ("optional", None),
                None => ("field", before.replace(',')),
                Some(_) => ("prefixed", before.replace(',')),
            };
            let value = format!("&self.{}", field.name);
            self.out.call(
                2,
                &format!("writer.{method}"),
                &[&member_key(before, &field.key), &value],
                ";",
            );
        }
        if let Rest::Kept(name, _) = &object.rest {
            self.out.line(2, &format!("writer.members(&self.{name});"));
        }
        self.out.line(2, "writer.end_object();");
        self.close_impl();
    }

    fn string_enum(&mut self, definition: &TypeDef, variants: &[(String, String)]) {
        self.out
            .line(0, "#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]");
        let names: Vec<&str> = variants.iter().map(|(name, _)| name.as_str()).collect();
        self.variant_names(&definition.name, &names);
        self.out
            .line(0, &format!("pub enum {} {{", definition.name));
        for (name, text) in variants {
            self.out.doc_line(1, &code(text));
            self.out.line(1, &format!("{name},"));
        }
        self.out.line(0, "}");
        self.out.blank();
        self.out.line(0, &format!("impl {} {{", definition.name));
        self.out.doc_line(1, "The text that stands for the value.");
        self.out.line(1, "pub fn as_str(self) -> &'static str {");
        self.out.line(2, "match self {");
        for (name, text) in variants {
            self.out.arm(3, &format!("Self::{name}"), &literal(text));
        }
        self.out.line(2, "}");
        self.close_impl();
        if definition.read {
            self.open_read(definition);
            self.out.line(2, "let text = reader.string()?;");
            self.out.line(2, "match &*text {");
            for (name, text) in variants {
                self.out
                    .arm(3, &literal(text), &format!("Ok(Self::{name})"));
            }
            self.out.line(3, "_ => Err(reader.refuse()),");
            self.out.line(2, "}");
            self.close_impl();
        }
        if definition.write {
            self.open_write(definition);
            self.out.line(2, "writer.string(self.as_str());");
            self.close_impl();
        }
    }

    fn open_write(&mut self, definition: &TypeDef) {
        self.out.blank();
        self.out
            .line(0, &format!("impl rt::Write for {} {{", definition.name));
        self.out
            .line(1, "fn write(&self, writer: &mut rt::Writer) {");
    }

    /// Names come from the contract, alike or not.
    fn variant_names(&mut self, ty: &str, names: &[&str]) {
        let word = |name: &str, last: bool| {
            let starts: Vec<usize> = name
                .char_indices()
                .filter(|(_, one)| one.is_ascii_uppercase())
                .map(|(at, _)| at)
                .collect();
            match (last, starts.get(1), starts.last()) {
                (true, _, Some(at)) => name[*at..].to_owned(),
                (false, Some(end), _) => name[..*end].to_owned(),
                _ => name.to_owned(),
            }
        };
        let alike = |last: bool| {
            names.len() > 2
                && names
                    .iter()
                    .all(|name| word(name, last) == word(names[0], last))
        };
        let repeats = names.iter().any(|name| {
            name.starts_with(&word(ty, false))
                || name.ends_with(&word(ty, true))
                || name.contains(ty)
        });
        if alike(false) || alike(true) || repeats {
            self.out.line(0, "#[allow(clippy::enum_variant_names)]");
        }
    }

    fn union(&mut self, definition: &TypeDef, union: &Union) {
        self.derives(false);
        let names: Vec<&str> = union
            .variants
            .iter()
            .map(|variant| variant.name.as_str())
            .collect();
        self.variant_names(&definition.name, &names);
        self.large_variants();
        self.out
            .line(0, &format!("pub enum {} {{", definition.name));
        for variant in &union.variants {
            self.out
                .doc_line(1, &format!("The variant {}.", code(&variant.name)));
            let ty = self.ty(&variant.value.ty);
            self.out.line(1, &format!("{}({ty}),", variant.name));
        }
        self.out.line(0, "}");
        if definition.read {
            self.read_union(definition, union);
        }
        if definition.write {
            self.open_write(definition);
            self.out.line(2, "match self {");
            for variant in &union.variants {
                self.out.arm(
                    3,
                    &format!("Self::{}(value)", variant.name),
                    "rt::Write::write(value, writer)",
                );
            }
            self.out.line(2, "}");
            self.close_impl();
        }
    }

    fn read_union(&mut self, definition: &TypeDef, union: &Union) {
        self.open_read(definition);
        match &union.choice {
            Choice::Trying => self.try_variants(union),
            Choice::Kind(cases) => {
                self.out.line(2, "let value = match reader.kind()? {");
                for at in 0..union.variants.len() {
                    let kinds: Vec<String> = cases
                        .iter()
                        .filter(|(_, case)| *case == at)
                        .map(|(kind, _)| format!("rt::Kind::{kind}"))
                        .collect();
                    self.variant_arm(union, at, &kinds.join(" | "));
                }
                let all = ["Null", "Boolean", "Number", "String", "Array", "Object"];
                if all
                    .iter()
                    .any(|kind| !cases.iter().any(|(case, _)| case == kind))
                {
                    self.out.line(3, "_ => return Err(reader.refuse()),");
                }
                self.out.line(2, "};");
            }
            Choice::Discriminator(property, cases) => {
                let property = literal(property);
                self.out
                    .call(2, "let tag = reader.peek_property", &[&property], "?;");
                self.out.line(2, "let value = match tag.as_deref() {");
                for (value, at) in cases {
                    self.variant_arm(union, *at, &format!("Some({})", literal(value)));
                }
                self.out.line(3, "_ => return Err(reader.refuse()),");
                self.out.line(2, "};");
            }
        }
        self.residual(definition);
        self.out.line(2, "Ok(value)");
        self.close_impl();
    }

    fn variant_arm(&mut self, union: &Union, at: usize, pattern: &str) {
        let variant = &union.variants[at];
        let read = format!("{}(reader)?", self.read_path(&variant.value));
        let body = format!("Self::{}({read})", variant.name);
        if read.len() <= 60 && !super::layout::fits(3, &[pattern, " => ", &body, ","]) {
            self.out.line(3, &format!("{pattern} => {{"));
            self.out
                .call(4, &format!("Self::{}", variant.name), &[&read], "");
            return self.out.line(3, "}");
        }
        self.out.call(
            3,
            &format!("{pattern} => Self::{}", variant.name),
            &[&read],
            ",",
        );
    }

    /// Exactly one variant must read (JSON Schema 2020-12, `oneOf`).
    fn try_variants(&mut self, union: &Union) {
        self.out.line(2, "let raw = reader.raw()?;");
        self.out.line(2, "let mut found = rt::OneOf::new();");
        for variant in &union.variants {
            let read = self.read_path(&variant.value);
            let wrap = format!("Self::{}", variant.name);
            self.out
                .call(2, "found.attempt", &["raw", &read, &wrap], ";");
        }
        self.out.line(2, "let value = found.single(reader)?;");
    }

    fn newtype(&mut self, definition: &TypeDef, value: &Value) {
        self.derives(false);
        let ty = self.ty(&value.ty);
        self.out
            .line(0, &format!("pub struct {}(pub {ty});", definition.name));
        if definition.read {
            self.open_read(definition);
            let read = self.read_path(value);
            if definition.residual.is_some() {
                self.out
                    .line(2, &format!("let value = Self({read}(reader)?);"));
                self.residual(definition);
                self.out.line(2, "Ok(value)");
            } else {
                self.out.line(2, &format!("Ok(Self({read}(reader)?))"));
            }
            self.close_impl();
        }
        if definition.write {
            self.open_write(definition);
            self.out.line(2, "rt::Write::write(&self.0, writer);");
            self.close_impl();
        }
    }
}

/// The local variable that holds a field while its object is read.
fn local(field: &str) -> String {
    if LOCALS.contains(&field) {
        format!("{field}_")
    } else {
        field.to_owned()
    }
}

/// The name of a member as JSON, with the colon and what stands before it.
fn member_key(before: Option<char>, key: &str) -> String {
    let mut json: String = before.into_iter().collect();
    crate::model::write_json_string(key, &mut json);
    json.push(':');
    literal(&json)
}
