//! Secrets: how they are made and carried.

use std::fmt;

use zeroize::Zeroizing;

use crate::effects::{Effects, NoRandomness};

/// The characters of generated keys and secrets. None has to be escaped in a form, a header or a
/// shell, and none is taken for another: `0`, `O`, `1`, `I` and `l` are not among them.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// A text that no log shows, wiped from memory when it is no longer needed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over a text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A text of this many characters, each drawn evenly from 57: 5.8 bits a character.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn generate(effects: &Effects, length: usize) -> Result<Self, NoRandomness> {
        let mut text = Zeroizing::new(String::with_capacity(length));
        while text.len() < length {
            let bytes = Zeroizing::new(effects.random::<64>()?);
            // A byte beyond the last whole multiple would favour the first characters.
            let even = 256 - 256 % ALPHABET.len();
            let bytes = bytes.iter().map(|byte| usize::from(*byte));
            let drawn = bytes
                .filter(|byte| *byte < even)
                .map(|byte| byte % ALPHABET.len());
            let missing = length - text.len();
            let drawn = drawn.filter_map(|index| ALPHABET.get(index)).take(missing);
            text.extend(drawn.map(|byte| char::from(*byte)));
        }
        Ok(Self(text))
    }

    /// Gives the text away, to be shown to the one it belongs to.
    pub fn reveal(self) -> String {
        self.0.as_str().to_owned()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_secrets_have_the_length_and_the_characters_and_differ() {
        let effects = Effects::real();
        for length in [0, 1, 12, 24, 64, 200] {
            let one = Secret::generate(&effects, length).expect("there is randomness");
            assert_eq!(one.as_str().len(), length);
            assert!(one.as_str().bytes().all(|byte| ALPHABET.contains(&byte)));
        }
        let make = || {
            Secret::generate(&effects, 24)
                .expect("there is randomness")
                .reveal()
        };
        assert_ne!(make(), make());
    }

    #[test]
    fn no_log_shows_a_secret() {
        let secret = Secret::new("open sesame".to_owned());
        assert!(!format!("{secret:?}").contains("sesame"));
    }
}
