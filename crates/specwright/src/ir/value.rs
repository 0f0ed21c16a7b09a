//! Small constructors and the default values.

use super::lower::Lowering;
use super::{
    Base, Check, CheckId, Literal, Read, Reader, Scalar, Type, TypeId, TypeKind, Value, numbers,
};
use crate::model::Json;

impl Value {
    /// A value that its own type reads.
    pub(super) fn own(ty: Type) -> Self {
        Self {
            ty,
            read: Read::Own,
        }
    }

    /// A scalar that its own type reads.
    pub(crate) fn scalar(scalar: Scalar) -> Self {
        Self::own(Type::Scalar(scalar))
    }
}

impl Lowering<'_> {
    /// A value that a function of the module reads; the function is made here.
    pub(super) fn read_by(
        &mut self,
        hint: &str,
        ty: Type,
        base: Base,
        checks: Vec<Check>,
    ) -> Value {
        let name = self.function_scope.snake(&format!("read {hint}"));
        let reader = Reader {
            name,
            ty: ty.clone(),
            base,
            checks,
            residual: None,
            read: false,
        };
        Value {
            ty,
            read: Read::By(self.add_reader(reader)),
        }
    }

    /// The value with a residual check.
    pub(super) fn with_residual(&mut self, value: Value, check: CheckId, hint: &str) -> Value {
        if let Read::By(reader) = value.read
            && self.readers[reader.0].residual.is_none()
            && self.readers[reader.0].ty == value.ty
        {
            self.readers[reader.0].residual = Some(check);
            return value;
        }
        let name = self.function_scope.snake(&format!("read {hint}"));
        let ty = value.ty.clone();
        let base = Base::Value(value);
        let reader = Reader {
            name,
            ty: ty.clone(),
            base,
            checks: Vec::new(),
            residual: Some(check),
            read: false,
        };
        Value {
            ty,
            read: Read::By(self.add_reader(reader)),
        }
    }

    /// `Vec<T>` of a value.
    pub(super) fn array_of(&mut self, item: Value, checks: Vec<Check>, hint: &str) -> Value {
        let ty = Type::Vec(Box::new(item.ty.clone()));
        if item.read == Read::Own && checks.is_empty() {
            return Value::own(ty);
        }
        self.read_by(hint, ty, Base::Array(item), checks)
    }

    /// `Map<T>` of a value.
    pub(super) fn map_of(&mut self, member: Value, hint: &str) -> Value {
        let ty = Type::Map(Box::new(member.ty.clone()));
        if member.read == Read::Own {
            return Value::own(ty);
        }
        self.read_by(hint, ty, Base::Map(member), Vec::new())
    }

    /// `Nullable<T>` of a value; a value that is any JSON holds `null` already.
    pub(super) fn nullable(&mut self, value: Value, hint: &str) -> Value {
        if matches!(value.ty, Type::Nullable(_))
            || value.ty == Type::Scalar(Scalar::Json) && value.read == Read::Own
        {
            return value;
        }
        let ty = Type::Nullable(Box::new(value.ty.clone()));
        if value.read == Read::Own {
            return Value::own(ty);
        }
        self.read_by(
            &format!("nullable {hint}"),
            ty,
            Base::Nullable(value),
            Vec::new(),
        )
    }

    /// A default value as an expression of the value's type.
    pub(super) fn literal(&self, default: &Json, ty: &Type) -> Literal {
        let integer = |text: &str, low: i128, high: i128| {
            numbers::integer(text)
                .filter(|value| (low..=high).contains(value))
                .map(|value| Literal::Number(value.to_string()))
        };
        let exact = match (ty, default) {
            (Type::Scalar(Scalar::Bool), Json::Bool(value)) => Some(Literal::Bool(*value)),
            (Type::Scalar(Scalar::String), Json::String(text)) => {
                Some(Literal::String(text.clone()))
            }
            (Type::Scalar(Scalar::I32), Json::Number(text)) => {
                integer(text, i32::MIN.into(), i32::MAX.into())
            }
            (Type::Scalar(Scalar::I64), Json::Number(text)) => {
                integer(text, i64::MIN.into(), i64::MAX.into())
            }
            (Type::Scalar(Scalar::Integer), Json::Number(text)) => {
                match integer(text, i64::MIN.into(), i64::MAX.into()) {
                    Some(Literal::Number(text)) => Some(Literal::Integer(text)),
                    _ => None,
                }
            }
            (Type::Scalar(Scalar::F64), Json::Number(text)) => text
                .parse()
                .ok()
                .filter(|value: &f64| value.is_finite())
                .map(|value| Literal::Number(format!("{value:?}"))),
            (Type::Named(id), Json::String(text)) => self.variant(*id, text),
            _ => None,
        };
        exact.unwrap_or_else(|| Literal::Json(default.to_text()))
    }

    fn variant(&self, id: TypeId, text: &str) -> Option<Literal> {
        match &self.types[id.0].kind {
            TypeKind::Enum(variants) => variants
                .iter()
                .find(|(_, value)| value == text)
                .map(|(name, _)| Literal::Variant(id, name.clone())),
            TypeKind::Alias(value) => match &value.ty {
                Type::Scalar(Scalar::String) => Some(Literal::String(text.to_owned())),
                _ => None,
            },
            TypeKind::Struct(_) | TypeKind::Union(_) | TypeKind::Newtype(_) => None,
        }
    }
}
