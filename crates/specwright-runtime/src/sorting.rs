//! What a list is sorted by: `x-specwright-order-by`.

use crate::read::{Invalid, Read, Reader, from_text};
use crate::write::{Write, Writer, to_text};

/// One key that a list is sorted by: in text the key, with `-` in front when it sorts downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order<K> {
    /// What is compared.
    pub key: K,
    /// Whether the largest come first.
    pub descending: bool,
}

impl<K: Read> Read for Order<K> {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Invalid> {
        let text = reader.string()?;
        let rest = text.strip_prefix('-');
        let key = from_text(&to_text(rest.unwrap_or(&text)), K::read)?;
        Ok(Self {
            key,
            descending: rest.is_some(),
        })
    }
}

impl<K: Write> Write for Order<K> {
    fn write(&self, writer: &mut Writer) {
        let key = to_text(&self.key);
        match key.strip_prefix('"') {
            Some(rest) if self.descending => {
                writer.raw("\"-");
                writer.raw(rest);
            }
            _ => writer.raw(&key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minus_sorts_downwards() {
        let read = |text| from_text::<Order<String>>(text, Order::read);
        let order = |key: &str, descending| Order {
            key: key.to_owned(),
            descending,
        };
        for (text, expected) in [
            ("\"surname\"", order("surname", false)),
            ("\"-surname\"", order("surname", true)),
            ("\"--x\"", order("-x", true)),
        ] {
            assert_eq!(read(text), Ok(expected.clone()), "{text}");
            assert_eq!(to_text(&expected), text);
        }
        assert_eq!(read("5"), Err(Invalid));
    }
}
