//! Where the values of a JSON text start, so that violations can follow its order.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use crate::read::{Invalid, Kind, Reader};

/// The offsets of the values at the given JSON Pointers, in one walk over the text.
pub(crate) fn offsets<'a>(
    text: &str,
    pointers: impl Iterator<Item = &'a str>,
) -> HashMap<String, usize> {
    let mut walk = Walk {
        wanted: pointers.collect(),
        pointer: String::new(),
        found: HashMap::new(),
    };
    // The text has been read before; if it were no JSON, there would be no order to keep.
    let _ = walk.value(&mut Reader::new(text));
    walk.found
}

struct Walk<'a> {
    wanted: HashSet<&'a str>,
    pointer: String,
    found: HashMap<String, usize>,
}

impl Walk<'_> {
    fn value(&mut self, reader: &mut Reader<'_>) -> Result<(), Invalid> {
        if self.wanted.contains(self.pointer.as_str()) {
            self.found.insert(self.pointer.clone(), reader.offset());
        }
        let length = self.pointer.len();
        match reader.kind()? {
            Kind::Object => {
                reader.begin_object()?;
                while let Some(key) = reader.key()? {
                    self.pointer.push('/');
                    for character in key.chars() {
                        match character {
                            '~' => self.pointer.push_str("~0"),
                            '/' => self.pointer.push_str("~1"),
                            _ => self.pointer.push(character),
                        }
                    }
                    self.value(reader)?;
                    self.pointer.truncate(length);
                }
            }
            Kind::Array => {
                reader.begin_array()?;
                let mut index = 0_usize;
                while reader.element()? {
                    // Writing to a string cannot fail.
                    let _ = write!(self.pointer, "/{index}");
                    self.value(reader)?;
                    self.pointer.truncate(length);
                    index += 1;
                }
            }
            _ => reader.skip()?,
        }
        Ok(())
    }
}
