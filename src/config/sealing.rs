//! Where the key comes from that the private keys in the database are sealed with.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::ConfigError;
use super::resolve::setting;
use crate::auth::sealing::Sealing;

/// The keys of a setting or of a file; `None` leaves private keys in clear.
pub(super) fn sealing(
    key: Option<String>,
    file: Option<PathBuf>,
) -> Result<Option<Sealing>, ConfigError> {
    let (name, text) = match (key, file) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let reason = "the key comes twice; leave out `key_encryption_key`".to_owned();
            return Err(setting("key_encryption_key_file", reason));
        }
        (Some(key), None) => ("key_encryption_key", key),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(&path).map_err(|error| {
                let reason = format!("`{}` cannot be read: {error}", path.display());
                setting("key_encryption_key_file", reason)
            })?;
            ("key_encryption_key_file", text)
        }
    };
    let sealing = Sealing::parse(&Zeroizing::new(text));
    sealing.map(Some).map_err(|reason| setting(name, reason))
}
