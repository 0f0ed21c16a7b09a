//! Private keys under a key that is not in the database (AES-256-GCM, NIST SP 800-38D), so that
//! whoever gets hold of the database alone, or of a copy of it, cannot make tokens.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::AuthError;
use crate::effects::Effects;

/// What a sealed text begins with; a clear one has no colon.
const MARK: &str = "a256gcm:";

/// The length of a key, in bytes.
const KEY_LENGTH: usize = 32;

/// The keys that private keys are sealed with; clones share them.
#[derive(Clone)]
pub struct Sealing {
    /// The first one seals; the others, which came before it, only open.
    keys: Arc<Vec<LessSafeKey>>,
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealing")
    }
}

impl Sealing {
    /// Reads keys in base64 with commas or white space between them, the one that seals first.
    ///
    /// # Errors
    /// There is none, or one is no 32 bytes in base64; the text is not repeated.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(|c: char| c == ',' || c.is_whitespace());
        let keys = parts.filter(|part| !part.is_empty()).map(key);
        let keys: Vec<LessSafeKey> = keys.collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err("there is no key in it; `openssl rand -base64 32` makes one".to_owned());
        }
        Ok(Self {
            keys: Arc::new(keys),
        })
    }

    /// The text, sealed under the first key for the row with this name and no other.
    ///
    /// # Errors
    /// There is no randomness.
    pub fn seal(&self, effects: &Effects, name: &str, text: &str) -> Result<String, AuthError> {
        let unsealed = || AuthError::Key(name.to_owned());
        let nonce = effects.random::<NONCE_LEN>()?;
        let mut bytes = Zeroizing::new(text.as_bytes().to_vec());
        let first = self.keys.first().ok_or_else(unsealed)?;
        let tag = first
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(name.as_bytes()),
                &mut bytes,
            )
            .map_err(|_| unsealed())?;
        let sealed = [&nonce[..], &bytes[..], tag.as_ref()].concat();
        Ok(format!("{MARK}{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// What was sealed, and whether that was under the first key; `None` when no key opens it.
    pub fn open(&self, name: &str, sealed: &str) -> Option<(Zeroizing<String>, bool)> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed.strip_prefix(MARK)?).ok()?;
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        self.keys.iter().enumerate().find_map(|(index, key)| {
            let mut bytes = Zeroizing::new(rest.to_vec());
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let opened = key.open_in_place(nonce, Aad::from(name.as_bytes()), &mut bytes);
            let text = std::str::from_utf8(opened.ok()?).ok()?.to_owned();
            Some((Zeroizing::new(text), index == 0))
        })
    }
}

/// Whether a text is sealed.
pub fn is_sealed(text: &str) -> bool {
    text.starts_with(MARK)
}

fn key(text: &str) -> Result<LessSafeKey, String> {
    let bytes = STANDARD
        .decode(text)
        .or_else(|_| URL_SAFE_NO_PAD.decode(text));
    let bytes = Zeroizing::new(bytes.unwrap_or_default());
    let right = Some(&bytes).filter(|bytes| bytes.len() == KEY_LENGTH);
    let key = right.and_then(|bytes| UnboundKey::new(&AES_256_GCM, bytes).ok());
    key.map(LessSafeKey::new).ok_or_else(|| {
        "a key has 32 bytes, in base64; `openssl rand -base64 32` makes one".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Sealing {
        let texts = bytes.iter().map(|byte| STANDARD.encode([*byte; 32]));
        Sealing::parse(&texts.collect::<Vec<_>>().join(",")).expect("keys")
    }

    #[test]
    fn what_is_sealed_opens_under_its_key_and_name_only() {
        let effects = Effects::real();
        let sealed = keys(&[1]).seal(&effects, "row", "the seed").expect("it");
        assert!(is_sealed(&sealed) && !sealed.contains("seed"));
        let open = |sealing: &Sealing, name: &str, sealed: &str| {
            let opened = sealing.open(name, sealed);
            opened.map(|(text, current)| (text.as_str().to_owned(), current))
        };
        let was = |current| Some(("the seed".to_owned(), current));
        assert_eq!(open(&keys(&[1]), "row", &sealed), was(true));
        assert_eq!(open(&keys(&[2, 1]), "row", &sealed), was(false));
        assert_eq!(open(&keys(&[2]), "row", &sealed), None);
        assert_eq!(open(&keys(&[1]), "another row", &sealed), None);
        let other = if sealed.ends_with('A') { 'B' } else { 'A' };
        let changed = format!("{}{other}", &sealed[..sealed.len() - 1]);
        assert_eq!(open(&keys(&[1]), "row", &changed), None);
        assert_eq!(open(&keys(&[1]), "row", "the seed"), None);
        let again = keys(&[1]).seal(&effects, "row", "the seed").expect("it");
        assert_ne!(sealed, again, "no nonce is used twice");
    }

    #[test]
    fn keys_that_are_none_are_refused_without_being_repeated() {
        for text in [
            "",
            " ,\n",
            "c2hvcnQ=",
            "not base64!",
            &STANDARD.encode([1; 31]),
        ] {
            let refused = Sealing::parse(text).expect_err("no key");
            assert!(refused.contains("openssl rand -base64 32"), "{refused}");
            assert!(!refused.contains("c2hvcnQ"), "{refused}");
        }
        let plain = URL_SAFE_NO_PAD.encode([0xfb; 32]);
        assert!(Sealing::parse(&format!("{plain}\n")).is_ok());
        assert_eq!(format!("{:?}", keys(&[1])), "Sealing");
    }
}
