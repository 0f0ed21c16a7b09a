//! From the bytes of a text to the text.

/// Why bytes are no text.
#[derive(Debug, PartialEq, Eq)]
pub enum Undecoded {
    /// They are not in the charset.
    Invalid {
        /// Of the first byte that is not.
        offset: usize,
    },
    /// The charset is not known here.
    Unknown {
        /// The charset.
        charset: String,
    },
}

/// Turns the bytes of a text into text; UTF-8 unless a charset is given.
///
/// # Errors
///
/// The charset is unknown, or the bytes are none of it.
pub fn decode(bytes: &[u8], charset: Option<&str>) -> Result<String, Undecoded> {
    let charset = charset.unwrap_or("utf-8");
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(Undecoded::Invalid {
                offset: error.valid_up_to(),
            }),
        },
        // The first 256 characters of Unicode are those of ISO 8859-1.
        "iso-8859-1" | "latin1" => Ok(bytes.iter().copied().map(char::from).collect()),
        _ => Err(Undecoded::Unknown {
            charset: charset.to_owned(),
        }),
    }
}
