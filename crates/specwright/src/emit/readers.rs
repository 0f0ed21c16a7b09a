//! Read functions of schemas that have no type of their own.

use super::Emitter;
use super::layout::literal;
use super::paths;
use crate::ir::{Base, Check, Reader, Scalar, Type};

impl Emitter<'_> {
    pub(super) fn readers(&mut self) {
        for reader in self.module.readers.iter().filter(|reader| reader.read) {
            self.reader(reader);
        }
    }

    fn reader(&mut self, reader: &Reader) {
        let ty = self.ty(&reader.ty);
        let tail = format!(" -> Result<{ty}, rt::Invalid> {{");
        self.out.blank();
        self.out
            .signature(0, &format!("fn {}", reader.name), &[paths::READER], &tail);
        let (expression, args) = self.base(&reader.base);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        if reader.residual.is_some() {
            self.out.line(1, "let start = reader.mark();");
        }
        if reader.checks.is_empty() && reader.residual.is_none() {
            let boxed = matches!(reader.base, Base::Boxed(_));
            if boxed {
                self.out.line(
                    1,
                    &format!("Ok(Box::new({expression}({})?))", args.join(", ")),
                );
            } else {
                self.out.call(1, &expression, &args, "");
            }
            return self.out.line(0, "}");
        }
        let needs_type = matches!(reader.base, Base::Value(_) | Base::Number);
        let binding = if matches!(reader.base, Base::Number) {
            format!("let value: {} = {expression}", self.import("Number"))
        } else if needs_type {
            format!("let value: {ty} = {expression}")
        } else {
            format!("let value = {expression}")
        };
        self.out.call(1, &binding, &args, "?;");
        for check in &reader.checks {
            self.check(check, &reader.ty);
        }
        if let Some(check) = reader.residual {
            let check = format!("&{}", self.module.checks[check.0].0);
            self.out
                .call(1, "reader.residual", &["start", &check], "?;");
        }
        let answer = match (&reader.base, &reader.ty) {
            (Base::Number, Type::Scalar(Scalar::F64)) => "rt::to_f64(&value)",
            (Base::Number, Type::Scalar(Scalar::F32)) => "rt::to_f32(&value)",
            (Base::Number, Type::Scalar(Scalar::Integer)) => "rt::to_integer(&value)",
            _ => "Ok(value)",
        };
        self.out.line(1, answer);
        self.out.line(0, "}");
    }

    fn base(&mut self, base: &Base) -> (String, Vec<String>) {
        let reader = "reader".to_owned();
        match base {
            Base::Value(value) | Base::Boxed(value) => (self.read_path(value), vec![reader]),
            Base::Number => (paths::READ.to_owned(), vec![reader]),
            Base::Array(item) => (
                "rt::read_array".to_owned(),
                vec![reader, self.read_path(item)],
            ),
            Base::Map(member) => (
                "rt::read_map".to_owned(),
                vec![reader, self.read_path(member)],
            ),
            Base::Nullable(value) => (
                "rt::read_nullable".to_owned(),
                vec![reader, self.read_path(value)],
            ),
            Base::ObjectOr(value) => (
                "rt::read_object_or".to_owned(),
                vec![reader, self.read_path(value)],
            ),
        }
    }

    fn check(&mut self, check: &Check, ty: &Type) {
        let (function, argument) = match check {
            Check::MinLength(length) => ("min_length", length.to_string()),
            Check::MaxLength(length) => ("max_length", length.to_string()),
            Check::Pattern(pattern) => {
                ("pattern", format!("&{}", self.module.patterns[*pattern].0))
            }
            Check::Format(format) => ("format", format!("rt::Format::{}", format_variant(format))),
            Check::Number(function, bound) => (*function, literal(bound)),
            Check::MinItems(count) => ("min_items", count.to_string()),
            Check::MaxItems(count) => ("max_items", count.to_string()),
            Check::Minimum(bound) | Check::Maximum(bound) => {
                let function = if matches!(check, Check::Minimum(_)) {
                    "minimum"
                } else {
                    "maximum"
                };
                let value = if *ty == Type::Scalar(Scalar::I32) {
                    "i64::from(value)"
                } else {
                    "value"
                };
                return self
                    .out
                    .line(1, &format!("rt::{function}({value}, {bound})?;"));
            }
        };
        self.out
            .call(1, &format!("rt::{function}"), &["&value", &argument], "?;");
    }
}

fn format_variant(format: &str) -> &'static str {
    match format {
        "time" => "Time",
        "email" => "Email",
        _ => "Uri",
    }
}
