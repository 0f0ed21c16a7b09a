//! `oneOf` without a discriminator, and defaults.

use crate::read::{Invalid, Reader, from_text, try_read};

/// The outcome of reading one value as each of several types.
#[derive(Debug)]
pub struct OneOf<T> {
    found: Option<T>,
    /// How many types fit.
    fitting: usize,
}

impl<T> OneOf<T> {
    /// Before the first attempt.
    pub fn new() -> Self {
        Self {
            found: None,
            fitting: 0,
        }
    }

    /// Reads `raw`, one complete value, as one more type.
    pub fn attempt<V>(
        &mut self,
        raw: &str,
        read: fn(&mut Reader<'_>) -> Result<V, Invalid>,
        wrap: fn(V) -> T,
    ) {
        // Once two types fit, nothing can mend it.
        if self.fitting < 2
            && let Some(value) = try_read(raw, read)
        {
            self.fitting += 1;
            self.found = Some(wrap(value));
        }
    }

    /// The value, when exactly one type fits.
    ///
    /// # Errors
    ///
    /// [`Invalid`] when none does, or more than one.
    pub fn single(self, reader: &Reader<'_>) -> Result<T, Invalid> {
        match (self.fitting, self.found) {
            (1, Some(value)) => Ok(value),
            _ => Err(reader.refuse()),
        }
    }
}

impl<T> Default for OneOf<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The text, or the contract's default for it.
pub fn or_text(value: Option<String>, default: &str) -> String {
    value.unwrap_or_else(|| default.to_owned())
}

/// The value, or the contract's default for it, a JSON text.
///
/// # Errors
///
/// [`Invalid`] when the default does not fit, which the compiler has made sure of.
pub fn or_json<T>(
    value: Option<T>,
    default: &str,
    read: fn(&mut Reader<'_>) -> Result<T, Invalid>,
) -> Result<T, Invalid> {
    match value {
        Some(value) => Ok(value),
        None => from_text(default, read),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Read;

    #[derive(Debug, PartialEq)]
    enum Either {
        Integer(i64),
        Number(f64),
        Text(String),
    }

    fn either(raw: &str) -> Result<Either, Invalid> {
        let mut found = OneOf::new();
        found.attempt(raw, i64::read, Either::Integer);
        found.attempt(raw, f64::read, Either::Number);
        found.attempt(raw, String::read, Either::Text);
        found.single(&Reader::new(raw))
    }

    #[test]
    fn exactly_one_type_must_fit() {
        assert_eq!(either("1.5"), Ok(Either::Number(1.5)));
        assert_eq!(either("\"x\""), Ok(Either::Text("x".to_owned())));
        assert_eq!(either("1"), Err(Invalid));
        assert_eq!(either("null"), Err(Invalid));
    }

    #[test]
    fn defaults_stand_in() {
        assert_eq!(or_text(None, "a"), "a");
        assert_eq!(or_text(Some("b".to_owned()), "a"), "b");
        assert_eq!(or_json(None, "[1]", Vec::<i64>::read), Ok(vec![1]));
        assert_eq!(or_json(Some(vec![2]), "[1]", Vec::<i64>::read), Ok(vec![2]));
    }
}
