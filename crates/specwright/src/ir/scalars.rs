//! Strings and numbers: the type that holds exactly what a schema accepts, and the checks.

use super::lower::Lowering;
use super::{Base, Check, Scalar, Type, Value, numbers};
use crate::model::Schema;
use crate::model::pattern::{Apart, apart, served};

/// Formats that are checked on a `String`.
const CHECKED_FORMATS: &[&str] = &["time", "email", "uri"];

/// What is asked of a string. The large count of a pattern is asked as a length, which costs
/// nothing.
pub(super) struct Asked {
    /// In Unicode scalar values, as the next one.
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    /// As the engine reads it.
    pub pattern: Option<String>,
}

impl Asked {
    pub(super) fn of(schema: &Schema) -> Self {
        let mut asked = Self {
            min_length: schema.min_length,
            max_length: schema.max_length,
            pattern: None,
        };
        if let Some(source) = &schema.pattern {
            let Apart {
                pattern,
                least,
                most,
            } = apart(source);
            if least > 0 {
                asked.min_length = asked.min_length.max(Some(least));
            }
            asked.max_length = asked.max_length.into_iter().chain(most).min();
            asked.pattern = Some(served(&pattern));
        }
        asked
    }
}

impl Lowering<'_> {
    pub(super) fn string(&mut self, schema: &Schema, name: &str) -> (Value, bool) {
        let unchecked =
            schema.min_length.is_none() && schema.max_length.is_none() && schema.pattern.is_none();
        let format = schema.format.as_deref().unwrap_or_default();
        let own_type = match format {
            "date" => Some(Scalar::Date),
            "date-time" => Some(Scalar::DateTime),
            "uuid" => Some(Scalar::Uuid),
            "byte" => Some(Scalar::Base64),
            _ => None,
        };
        if let Some(scalar) = own_type {
            return (Value::scalar(scalar), unchecked);
        }
        let asked = Asked::of(schema);
        let mut checks = Vec::new();
        checks.extend(
            asked
                .min_length
                .filter(|length| *length > 0)
                .map(Check::MinLength),
        );
        checks.extend(asked.max_length.map(Check::MaxLength));
        if let Some(pattern) = &asked.pattern {
            checks.push(Check::Pattern(self.pattern(pattern)));
        }
        checks.extend(
            CHECKED_FORMATS
                .iter()
                .find(|known| **known == format)
                .map(|known| Check::Format(known)),
        );
        if checks.is_empty() {
            return (Value::scalar(Scalar::String), true);
        }
        let ty = Type::Scalar(Scalar::String);
        let base = Base::Value(Value::scalar(Scalar::String));
        (self.read_by(name, ty, base, checks), true)
    }

    pub(super) fn integer(&mut self, schema: &Schema, name: &str) -> (Value, bool) {
        let exact = schema.multiple_of.is_none();
        let (low, high) = integer_bounds(schema);
        let fits = |bound: Option<i128>| bound.is_some_and(|bound| i64::try_from(bound).is_ok());
        let scalar = match schema.format.as_deref() {
            Some("int32") => Scalar::I32,
            Some("int64") => Scalar::I64,
            _ if fits(low) && fits(high) => Scalar::I64,
            _ => Scalar::Integer,
        };
        if scalar == Scalar::Integer {
            let (value, covered) = self.by_digits(schema, scalar, name);
            return (value, covered && exact);
        }
        let (least, most) = match scalar {
            Scalar::I32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        let clamp = |bound: i128| {
            i64::try_from(bound).unwrap_or(if bound < 0 { i64::MIN } else { i64::MAX })
        };
        let mut checks = Vec::new();
        checks.extend(
            low.map(clamp)
                .filter(|low| *low > least)
                .map(Check::Minimum),
        );
        checks.extend(
            high.map(clamp)
                .filter(|high| *high < most)
                .map(Check::Maximum),
        );
        let representable = low.is_none_or(|low| low <= i128::from(i64::MAX))
            && high.is_none_or(|high| high >= i128::from(i64::MIN));
        let bounded = bounds_are_known(schema);
        if checks.is_empty() {
            return (Value::scalar(scalar), exact && representable && bounded);
        }
        let base = Base::Value(Value::scalar(scalar));
        (
            self.read_by(name, Type::Scalar(scalar), base, checks),
            exact && representable && bounded,
        )
    }

    pub(super) fn number(&mut self, schema: &Schema, name: &str) -> (Value, bool) {
        let scalar = match schema.format.as_deref() {
            Some("double") => Scalar::F64,
            Some("float") => Scalar::F32,
            Some("int32") => Scalar::I32,
            Some("int64") => Scalar::I64,
            _ => Scalar::Number,
        };
        if matches!(scalar, Scalar::I32 | Scalar::I64) {
            // `type: number` with an integer format: its range binds, a fraction stays allowed.
            let (value, _) = self.by_digits(schema, Scalar::Number, name);
            return (value, false);
        }
        self.by_digits(schema, scalar, name)
    }

    /// A number whose bounds are compared digit by digit.
    fn by_digits(&mut self, schema: &Schema, scalar: Scalar, name: &str) -> (Value, bool) {
        let checks: Vec<Check> = [
            ("number_minimum", &schema.minimum),
            ("number_maximum", &schema.maximum),
            ("number_exclusive_minimum", &schema.exclusive_minimum),
            ("number_exclusive_maximum", &schema.exclusive_maximum),
            ("number_multiple_of", &schema.multiple_of),
        ]
        .into_iter()
        .filter_map(|(check, bound)| bound.clone().map(|bound| Check::Number(check, bound)))
        .collect();
        if checks.is_empty() {
            return (Value::scalar(scalar), true);
        }
        (
            self.read_by(name, Type::Scalar(scalar), Base::Number, checks),
            true,
        )
    }
}

/// The inclusive bounds of an integer schema, as far as they are written.
fn integer_bounds(schema: &Schema) -> (Option<i128>, Option<i128>) {
    let inclusive_low = schema.minimum.as_deref().and_then(numbers::ceiling);
    let exclusive_low = schema
        .exclusive_minimum
        .as_deref()
        .and_then(numbers::floor)
        .map(|bound| bound + 1);
    let inclusive_high = schema.maximum.as_deref().and_then(numbers::floor);
    let exclusive_high = schema
        .exclusive_maximum
        .as_deref()
        .and_then(numbers::ceiling)
        .map(|bound| bound - 1);
    (
        inclusive_low.max(exclusive_low),
        [inclusive_high, exclusive_high].into_iter().flatten().min(),
    )
}

/// Whether every written bound was understood.
fn bounds_are_known(schema: &Schema) -> bool {
    let lows = [&schema.minimum, &schema.exclusive_minimum];
    let highs = [&schema.maximum, &schema.exclusive_maximum];
    let unread = |bounds: [&Option<String>; 2]| {
        bounds
            .into_iter()
            .flatten()
            .any(|bound| numbers::ceiling(bound).is_none())
    };
    !unread(lows) && !unread(highs)
}
