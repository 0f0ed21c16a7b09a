//! Many texts in one, so that they take little more room than their bytes.

use super::table::narrow;

/// Many texts in one.
#[derive(Debug, Default)]
pub struct Texts {
    text: String,
    ends: Ends,
}

/// Where texts end.
#[derive(Debug)]
enum Ends {
    /// All of them are equally long, as most numbers are.
    Every {
        /// How many bytes each has.
        bytes: usize,
        /// How many there are.
        count: usize,
    },
    /// Each by itself.
    Each(Vec<u32>),
}

impl Default for Ends {
    fn default() -> Self {
        Self::Every { bytes: 0, count: 0 }
    }
}

impl Ends {
    fn get(&self, at: usize) -> usize {
        match self {
            Self::Every { bytes, count } if at < *count => bytes * (at + 1),
            Self::Every { .. } => 0,
            Self::Each(ends) => ends.get(at).copied().unwrap_or_default() as usize,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Every { count, .. } => *count,
            Self::Each(ends) => ends.len(),
        }
    }
}

impl Texts {
    /// No texts yet, and room for so many bytes of them.
    pub fn with_room(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ends: Ends::default(),
        }
    }

    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        let end = narrow(self.text.len());
        match &mut self.ends {
            Ends::Every { bytes, count } if *count == 0 => {
                *bytes = text.len();
                *count = 1;
            }
            Ends::Every { bytes, count } if *bytes == text.len() => *count += 1,
            Ends::Every { bytes, count } => {
                // Room for more than are there, because more are to come.
                let mut ends = Vec::with_capacity(*count * 2);
                ends.extend((1..=*count).map(|at| narrow(*bytes * at)));
                ends.push(end);
                self.ends = Ends::Each(ends);
            }
            Ends::Each(ends) => ends.push(end),
        }
    }

    /// How many bytes they have in all.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Leaves no room for more.
    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
        if let Ends::Each(ends) = &mut self.ends {
            ends.shrink_to_fit();
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text at a place; empty beyond the last.
    pub fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends.get(before));
        let text = self.text.get(start..self.ends.get(at));
        text.unwrap_or_default()
    }

    /// The texts at these places, in this order.
    pub fn in_order(&self, places: &[u32]) -> Self {
        let mut texts = Self::with_room(self.bytes());
        for place in places {
            texts.push(self.get(*place as usize));
        }
        texts.shrink();
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_they_were_however_long_they_are() {
        for all in [
            &["abc", "def", "ghi"][..],
            &["abc", "def", "g", "", "hij"],
            &["", "", ""],
            &["", "a"],
            &["ä", "bc", "d"],
            &[],
        ] {
            let mut texts = Texts::default();
            all.iter().for_each(|text| texts.push(text));
            texts.shrink();
            assert_eq!((texts.len(), texts.is_empty()), (all.len(), all.is_empty()));
            assert_eq!(texts.bytes(), all.concat().len());
            let found: Vec<&str> = (0..all.len()).map(|at| texts.get(at)).collect();
            assert_eq!(found, all);
            assert_eq!(texts.get(all.len()), "");
            let back: Vec<u32> = (0..narrow(all.len())).rev().collect();
            let turned = texts.in_order(&back);
            let found: Vec<&str> = (0..all.len()).rev().map(|at| turned.get(at)).collect();
            assert_eq!(found, all);
        }
    }

    #[test]
    fn texts_of_one_length_take_no_room_for_their_ends() {
        let mut texts = Texts::default();
        (10..99).for_each(|number| texts.push(&number.to_string()));
        assert!(matches!(
            texts.ends,
            Ends::Every {
                bytes: 2,
                count: 89
            }
        ));
        texts.push("100");
        assert!(matches!(texts.ends, Ends::Each(_)));
    }
}
