use crate::model::Json;
use crate::source::Span;

/// An index into [`Api::schemas`](crate::model::Api::schemas).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaId(pub u32);

impl SchemaId {
    /// The position in the arena.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One schema, keyword by keyword, with JSON Schema 2020-12 meaning whatever the dialect.
///
/// A field that is `None` or empty means the keyword is absent. `reference` is `$ref`, and its
/// siblings apply beside it (OpenAPI 3.0 has none: the front end reports and leaves them out).
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Where the schema stands.
    pub span: Span,
    /// How a person finds it in the contract: `#/components/schemas/Pet/properties/tag`.
    pub pointer: String,
    /// `true` or `false` in place of an object; every other field is then empty.
    pub boolean: Option<bool>,
    /// `$ref`, resolved.
    pub reference: Option<SchemaId>,
    /// `type`; `None` allows every type. OpenAPI 3.0's `nullable` adds [`Type::Null`] to a
    /// present `type` (OAS 3.0.4, Schema Object: it has no effect without one).
    pub types: Option<TypeSet>,
    /// `format`, known or not.
    pub format: Option<String>,
    /// `title`
    pub title: Option<String>,
    /// CommonMark.
    pub description: Option<String>,
    /// `default`
    pub default: Option<Json>,
    /// `example` (3.0) or `examples`.
    pub examples: Vec<Json>,
    /// `deprecated: true`
    pub deprecated: bool,
    /// `readOnly: true`
    pub read_only: bool,
    /// `writeOnly: true`
    pub write_only: bool,
    /// `enum`
    pub enumeration: Option<Vec<Json>>,
    /// `const`
    pub constant: Option<Json>,
    /// `multipleOf`: the number's text, above zero.
    pub multiple_of: Option<String>,
    /// Inclusive lower bound, the number's text.
    pub minimum: Option<String>,
    /// Inclusive upper bound, the number's text.
    pub maximum: Option<String>,
    /// Exclusive lower bound, the number's text.
    pub exclusive_minimum: Option<String>,
    /// Exclusive upper bound, the number's text.
    pub exclusive_maximum: Option<String>,
    /// In Unicode scalar values.
    pub min_length: Option<u64>,
    /// In Unicode scalar values.
    pub max_length: Option<u64>,
    /// An ECMA-262 expression that compiles with the `u` flag (checked by the front end).
    pub pattern: Option<String>,
    /// `contentEncoding`
    pub content_encoding: Option<String>,
    /// `contentMediaType`
    pub content_media_type: Option<String>,
    /// `contentSchema`: what the text holds once it is decoded. Nobody checks it (JSON Schema
    /// 2020-12 Validation, section 8.2).
    pub content_schema: Option<SchemaId>,
    /// `items`
    pub items: Option<SchemaId>,
    /// `prefixItems`
    pub prefix_items: Vec<SchemaId>,
    /// `minItems`
    pub min_items: Option<u64>,
    /// `maxItems`
    pub max_items: Option<u64>,
    /// `uniqueItems: true`
    pub unique_items: bool,
    /// `contains`
    pub contains: Option<SchemaId>,
    /// `minContains`
    pub min_contains: Option<u64>,
    /// `maxContains`
    pub max_contains: Option<u64>,
    /// `unevaluatedItems`
    pub unevaluated_items: Option<SchemaId>,
    /// `properties`, in document order.
    pub properties: Vec<(String, SchemaId)>,
    /// `required`, in document order, without repetitions.
    pub required: Vec<String>,
    /// `patternProperties`
    pub pattern_properties: Vec<(String, SchemaId)>,
    /// `additionalProperties`; `true` and `false` are boolean schemas, absent is `None`.
    pub additional_properties: Option<SchemaId>,
    /// `propertyNames`
    pub property_names: Option<SchemaId>,
    /// `minProperties`
    pub min_properties: Option<u64>,
    /// `maxProperties`
    pub max_properties: Option<u64>,
    /// `dependentRequired`
    pub dependent_required: Vec<(String, Vec<String>)>,
    /// `dependentSchemas`
    pub dependent_schemas: Vec<(String, SchemaId)>,
    /// `unevaluatedProperties`
    pub unevaluated_properties: Option<SchemaId>,
    /// `allOf`
    pub all_of: Vec<SchemaId>,
    /// `oneOf`
    pub one_of: Vec<SchemaId>,
    /// `anyOf`
    pub any_of: Vec<SchemaId>,
    /// `not`
    pub not: Option<SchemaId>,
    /// `if`
    pub if_: Option<SchemaId>,
    /// `then`
    pub then: Option<SchemaId>,
    /// `else`
    pub else_: Option<SchemaId>,
    /// `discriminator`
    pub discriminator: Option<Discriminator>,
    /// `x-…` keywords, in document order.
    pub extensions: Vec<(String, Json)>,
}

/// `discriminator` (OAS 3.1, Discriminator Object), its mapping resolved and completed: explicit
/// entries first, then the implicit names of the `oneOf`/`anyOf` branches that no entry covers.
#[derive(Clone, Debug)]
pub struct Discriminator {
    /// `propertyName`
    pub property: String,
    /// Value of the property → schema.
    pub mapping: Vec<(String, SchemaId)>,
    /// Where it stands.
    pub span: Span,
}

impl Schema {
    /// Whether the schema itself, without what it refers to, is for `null` alone.
    pub fn is_only_null(&self) -> bool {
        let is_null = |value: &Json| *value == Json::Null;
        let values = self.enumeration.as_ref();
        self.types.and_then(TypeSet::single) == Some(Type::Null)
            || self.constant.as_ref().is_some_and(is_null)
            || values.is_some_and(|values| values.iter().all(is_null))
    }
}

/// One of JSON Schema's seven type names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// `null`
    Null,
    /// `boolean`
    Boolean,
    /// `integer`: a number without a fraction, `5.0` included.
    Integer,
    /// `number`
    Number,
    /// `string`
    String,
    /// `array`
    Array,
    /// `object`
    Object,
}

impl Type {
    /// All seven, `null` first.
    pub const ALL: [Type; 7] = [
        Type::Null,
        Type::Boolean,
        Type::Integer,
        Type::Number,
        Type::String,
        Type::Array,
        Type::Object,
    ];

    /// As JSON Schema writes it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Null => "null",
            Type::Boolean => "boolean",
            Type::Integer => "integer",
            Type::Number => "number",
            Type::String => "string",
            Type::Array => "array",
            Type::Object => "object",
        }
    }
}

/// A set of [`Type`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TypeSet(u8);

impl TypeSet {
    /// The empty set.
    pub const NONE: TypeSet = TypeSet(0);

    /// This set with `ty` added.
    #[must_use]
    pub fn with(self, ty: Type) -> TypeSet {
        TypeSet(self.0 | 1 << ty as u8)
    }

    /// This set with `ty` taken out.
    #[must_use]
    pub fn without(self, ty: Type) -> TypeSet {
        TypeSet(self.0 & !(1 << ty as u8))
    }

    /// What both sets have.
    #[must_use]
    pub fn intersection(self, other: TypeSet) -> TypeSet {
        TypeSet(self.0 & other.0)
    }

    /// Whether `ty` is in the set.
    pub fn contains(self, ty: Type) -> bool {
        self.0 & (1 << ty as u8) != 0
    }

    /// Whether nothing is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The only member, when there is exactly one.
    pub fn single(self) -> Option<Type> {
        let mut members = self.iter();
        let first = members.next()?;
        members.next().is_none().then_some(first)
    }

    /// The members, `null` first.
    pub fn iter(self) -> impl Iterator<Item = Type> {
        Type::ALL.into_iter().filter(move |ty| self.contains(*ty))
    }
}
