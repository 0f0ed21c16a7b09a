//! Small numbers, many of them, each in as few bytes as the largest needs.

/// Numbers by slot.
#[derive(Clone, Debug)]
pub enum Codes {
    /// None is over 255.
    U8(Vec<u8>),
    /// None is over 65,535.
    U16(Vec<u16>),
    /// Others.
    U32(Vec<u32>),
}

impl Default for Codes {
    fn default() -> Self {
        Self::U8(Vec::new())
    }
}

impl Codes {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(codes) => codes.len(),
            Self::U16(codes) => codes.len(),
            Self::U32(codes) => codes.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a slot; 0 beyond the last.
    pub fn get(&self, slot: usize) -> u32 {
        match self {
            Self::U8(codes) => codes.get(slot).copied().unwrap_or_default().into(),
            Self::U16(codes) => codes.get(slot).copied().unwrap_or_default().into(),
            Self::U32(codes) => codes.get(slot).copied().unwrap_or_default(),
        }
    }

    /// Adds a number, and makes room in all of them when it does not fit.
    pub fn push(&mut self, code: u32) {
        match self {
            Self::U8(codes) => match u8::try_from(code) {
                Ok(code) => codes.push(code),
                Err(_) => {
                    *self = Self::U16(widened(codes));
                    self.push(code);
                }
            },
            Self::U16(codes) => match u16::try_from(code) {
                Ok(code) => codes.push(code),
                Err(_) => {
                    *self = Self::U32(widened(codes));
                    self.push(code);
                }
            },
            Self::U32(codes) => codes.push(code),
        }
    }

    /// Puts another number in the place of each: numbers that take no more room.
    pub fn replace(&mut self, with: &[u32]) {
        let of = |code: usize| with.get(code).copied().unwrap_or_default();
        match self {
            // What does not fit is not there, because no number is larger than those before.
            Self::U8(codes) => codes
                .iter_mut()
                .for_each(|code| *code = u8::try_from(of(usize::from(*code))).unwrap_or(u8::MAX)),
            Self::U16(codes) => codes
                .iter_mut()
                .for_each(|code| *code = u16::try_from(of(usize::from(*code))).unwrap_or(u16::MAX)),
            Self::U32(codes) => codes.iter_mut().for_each(|code| *code = of(*code as usize)),
        }
    }

    /// Leaves no room for more.
    pub fn shrink(&mut self) {
        match self {
            Self::U8(codes) => codes.shrink_to_fit(),
            Self::U16(codes) => codes.shrink_to_fit(),
            Self::U32(codes) => codes.shrink_to_fit(),
        }
    }

    /// The numbers of these slots, in this order.
    pub fn in_order(&self, slots: &[u32]) -> Self {
        match self {
            Self::U8(codes) => Self::U8(in_order(codes, slots)),
            Self::U16(codes) => Self::U16(in_order(codes, slots)),
            Self::U32(codes) => Self::U32(in_order(codes, slots)),
        }
    }
}

fn widened<T: Copy, U: From<T>>(codes: &[T]) -> Vec<U> {
    codes.iter().map(|code| U::from(*code)).collect()
}

/// What stands at these slots, in this order.
pub fn in_order<T: Copy>(values: &[T], slots: &[u32]) -> Vec<T> {
    slots.iter().map(|slot| values[*slot as usize]).collect()
}

/// The ids of rows: as what they are more than the smallest, where that fits into 32 bits.
#[derive(Debug)]
pub enum RowIds {
    /// Above the smallest.
    Near {
        /// The smallest.
        base: i64,
        /// By slot.
        above: Vec<u32>,
    },
    /// Too far from each other.
    Far(Vec<i64>),
}

impl RowIds {
    /// These ids.
    pub fn new(row_ids: Vec<i64>) -> Self {
        let base = row_ids.iter().copied().min().unwrap_or_default();
        let above = row_ids.iter().map(|row_id| {
            let above = row_id.checked_sub(base)?;
            u32::try_from(above).ok()
        });
        match above.collect() {
            Some(above) => Self::Near { base, above },
            None => Self::Far(row_ids),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Near { above, .. } => above.len(),
            Self::Far(row_ids) => row_ids.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id of a slot's row; 0 beyond the last.
    pub fn get(&self, slot: usize) -> i64 {
        match self {
            Self::Near { base, above } => above
                .get(slot)
                .map_or(0, |above| base.saturating_add(i64::from(*above))),
            Self::Far(row_ids) => row_ids.get(slot).copied().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_as_much_room_as_the_largest_needs() {
        let mut codes = Codes::default();
        let numbers = [0, 255, 256, 7, 65_535, 65_536, 9, u32::MAX];
        for (at, number) in numbers.into_iter().enumerate() {
            codes.push(number);
            let wide = numbers[..=at].iter().max().copied().unwrap_or_default();
            match &codes {
                Codes::U8(_) => assert!(wide < 256),
                Codes::U16(_) => assert!((256..65_536).contains(&wide)),
                Codes::U32(_) => assert!(wide >= 65_536),
            }
            for (at, number) in numbers[..=at].iter().enumerate() {
                assert_eq!(codes.get(at), *number);
            }
        }
        let turned = codes.in_order(&[7, 0, 3]);
        assert_eq!([0, 1, 2].map(|at| turned.get(at)), [u32::MAX, 0, 7]);
    }

    #[test]
    fn row_ids_are_what_they_were() {
        for (row_ids, is_near) in [
            (vec![], true),
            (vec![7, 5, 5 + i64::from(u32::MAX)], true),
            (vec![7, 5, 6 + i64::from(u32::MAX)], false),
            (vec![i64::MIN, i64::MAX], false),
            (vec![i64::MAX, i64::MAX - 1], true),
        ] {
            let kept = RowIds::new(row_ids.clone());
            assert_eq!(matches!(kept, RowIds::Near { .. }), is_near);
            let all: Vec<i64> = (0..kept.len()).map(|at| kept.get(at)).collect();
            assert_eq!(all, row_ids);
        }
    }
}
