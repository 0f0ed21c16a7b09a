//! Answers without the members that were not asked for: `x-specwright-fields`.

use crate::read::{Invalid, Kind, Reader};
use crate::rules::Fields;
use crate::write::{Write, Writer};

/// The text of an answer whose items have only the members that were asked for, in their order,
/// and those that cannot be left out; `None` when it is no JSON.
pub(crate) fn project(json: &str, fields: &Fields, asked: &[String]) -> Option<Vec<u8>> {
    let node = Node {
        raw: json,
        place: fields.place,
        names: fields.names,
        asked,
    };
    let mut writer = Writer::with_capacity(json.len());
    node.copy(&mut writer).ok()?;
    Some(writer.into_bytes())
}

/// A value on the way to the items.
#[derive(Clone, Copy)]
struct Node<'a> {
    raw: &'a str,
    place: &'static [&'static str],
    names: &'static [&'static str],
    asked: &'a [String],
}

impl<'a> Node<'a> {
    fn copy(&self, writer: &mut Writer) -> Result<(), Invalid> {
        let mut reader = Reader::new(self.raw);
        match reader.kind()? {
            Kind::Array => {
                reader.begin_array()?;
                writer.begin_array();
                while reader.element()? {
                    let raw = reader.raw()?;
                    writer.element(&Self { raw, ..*self });
                }
                writer.end_array();
            }
            Kind::Object => {
                reader.begin_object()?;
                writer.begin_object();
                while let Some(key) = reader.key()? {
                    let raw = reader.raw()?;
                    self.copy_member(&key, raw, writer);
                }
                writer.end_object();
            }
            _ => writer.raw(self.raw),
        }
        Ok(())
    }

    fn copy_member(&self, key: &str, raw: &'a str, writer: &mut Writer) {
        match self.place.split_first() {
            Some((next, place)) if *next == key => {
                writer.member(
                    key,
                    &Self {
                        raw,
                        place,
                        ..*self
                    },
                );
            }
            None if self.names.contains(&key) && !self.asked.iter().any(|name| name == key) => {}
            _ => writer.member(key, &Raw(raw)),
        }
    }
}

impl Write for Node<'_> {
    fn write(&self, writer: &mut Writer) {
        // The text was read once as a whole, so that each of its parts can be read.
        let _ = self.copy(writer);
    }
}

/// Text that is JSON already.
pub(crate) struct Raw<'a>(pub &'a str);

impl Write for Raw<'_> {
    fn write(&self, writer: &mut Writer) {
        writer.raw(self.0);
    }
}
