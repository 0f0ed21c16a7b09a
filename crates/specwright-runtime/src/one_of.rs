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
