//! Small numbers, many of them, each in as few bytes as the largest needs.

/// Numbers by slot.
#[derive(Clone, Debug)]
pub enum Codes {
    /// None is over 255.
    U8(Vec<u8>),
    /// None is over 65,535.
    U16(Vec<u16>),
    /// None is over 16,777,215.
    U24(Vec<U24>),
    /// Others.
    U32(Vec<u32>),
}

/// A number of 24 bits, its lowest byte first.
#[derive(Clone, Copy, Debug, Default)]
pub struct U24([u8; 3]);

/// A number in as many bytes as its kind has.
pub trait Code: Copy + Default {
    /// The number, if it has not too many bytes.
    fn of(number: u32) -> Option<Self>;

    /// The number again.
    fn wide(self) -> u32;
}

impl Code for u8 {
    fn of(number: u32) -> Option<Self> {
        Self::try_from(number).ok()
    }

    fn wide(self) -> u32 {
        self.into()
    }
}

impl Code for u16 {
    fn of(number: u32) -> Option<Self> {
        Self::try_from(number).ok()
    }

    fn wide(self) -> u32 {
        self.into()
    }
}

impl Code for U24 {
    fn of(number: u32) -> Option<Self> {
        let [low, middle, high, rest] = number.to_le_bytes();
        (rest == 0).then_some(Self([low, middle, high]))
    }

    fn wide(self) -> u32 {
        let Self([low, middle, high]) = self;
        u32::from_le_bytes([low, middle, high, 0])
    }
}

impl Code for u32 {
    fn of(number: u32) -> Option<Self> {
        Some(number)
    }

    fn wide(self) -> u32 {
        self
    }
}

/// Says the same of numbers of every kind.
macro_rules! each {
    ($codes:expr, $own:ident => $of:expr) => {
        match $codes {
            Codes::U8($own) => $of,
            Codes::U16($own) => $of,
            Codes::U24($own) => $of,
            Codes::U32($own) => $of,
        }
    };
}

pub(super) use each;

impl Default for Codes {
    fn default() -> Self {
        Self::U8(Vec::new())
    }
}

impl Codes {
    /// So many zeros, of which each can become any number up to the largest.
    pub fn zeros(count: usize, largest: u32) -> Self {
        let mut codes = Self::of_kind(largest);
        each!(&mut codes, codes => *codes = vec![Default::default(); count]);
        codes
    }

    /// These numbers: so many, and none above the largest.
    pub fn collect(count: usize, largest: u32, numbers: impl Iterator<Item = u32>) -> Self {
        let mut codes = Self::of_kind(largest);
        each!(&mut codes, codes => fill(codes, count, numbers));
        codes
    }

    fn of_kind(largest: u32) -> Self {
        match largest.to_le_bytes() {
            [_, 0, 0, 0] => Self::U8(Vec::new()),
            [_, _, 0, 0] => Self::U16(Vec::new()),
            [_, _, _, 0] => Self::U24(Vec::new()),
            _ => Self::U32(Vec::new()),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        each!(self, codes => codes.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a slot; 0 beyond the last.
    pub fn get(&self, slot: usize) -> u32 {
        each!(self, codes => codes.get(slot).copied().unwrap_or_default().wide())
    }

    /// Puts a number into a slot that is there; one that does not fit becomes 0.
    pub fn set(&mut self, slot: usize, number: u32) {
        each!(self, codes => if let Some(code) = codes.get_mut(slot) {
            *code = Code::of(number).unwrap_or_default();
        });
    }

    /// Adds a number, and makes room in all of them when it does not fit.
    pub fn push(&mut self, number: u32) {
        let is_fitting = each!(self, codes => add(codes, number));
        if !is_fitting {
            // Room for more than are there, because more are to come.
            let numbers = (0..self.len()).map(|slot| self.get(slot));
            *self = Self::collect(self.len() * 2, number, numbers);
            self.push(number);
        }
    }

    /// Puts another number in the place of each: numbers that take no more room.
    pub fn replace(&mut self, with: &[u32]) {
        let of = |code: u32| with.get(code as usize).copied().unwrap_or_default();
        each!(self, codes => {
            for code in codes {
                *code = Code::of(of(code.wide())).unwrap_or_default();
            }
        });
    }

    /// Leaves no room for more.
    pub fn shrink(&mut self) {
        each!(self, codes => codes.shrink_to_fit());
    }

    /// The numbers of these slots, in this order.
    pub fn in_order(&self, slots: &[u32]) -> Self {
        let largest = match self {
            Self::U8(_) => u8::MAX.into(),
            Self::U16(_) => u16::MAX.into(),
            Self::U24(_) => U24([u8::MAX; 3]).wide(),
            Self::U32(_) => u32::MAX,
        };
        let numbers = slots.iter().map(|slot| self.get(*slot as usize));
        Self::collect(slots.len(), largest, numbers)
    }
}

fn fill<T: Code>(codes: &mut Vec<T>, count: usize, numbers: impl Iterator<Item = u32>) {
    codes.reserve_exact(count);
    codes.extend(numbers.map(|number| T::of(number).unwrap_or_default()));
}

/// Adds a number; whether it fits.
fn add<T: Code>(codes: &mut Vec<T>, number: u32) -> bool {
    let code = T::of(number);
    codes.extend(code);
    code.is_some()
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
        above: Codes,
    },
    /// Too far from each other.
    Far(Vec<i64>),
}

impl RowIds {
    /// These ids, so many.
    pub fn new(count: usize, row_ids: impl Iterator<Item = i64> + Clone) -> Self {
        let smallest = row_ids.clone().min().unwrap_or_default();
        let largest = row_ids.clone().max().unwrap_or_default();
        let above = |row_id: i64| u32::try_from(row_id.checked_sub(smallest)?).ok();
        match above(largest) {
            Some(span) => {
                let above = row_ids.map(|row_id| above(row_id).unwrap_or_default());
                Self::Near {
                    base: smallest,
                    above: Codes::collect(count, span, above),
                }
            }
            None => Self::Far(row_ids.collect()),
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
            Self::Near { base, above } if slot < above.len() => {
                base.saturating_add(i64::from(above.get(slot)))
            }
            Self::Near { .. } => 0,
            Self::Far(row_ids) => row_ids.get(slot).copied().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest number of the kind that these are.
    fn room(codes: &Codes) -> u32 {
        match codes {
            Codes::U8(_) => 255,
            Codes::U16(_) => 65_535,
            Codes::U24(_) => 16_777_215,
            Codes::U32(_) => u32::MAX,
        }
    }

    const NUMBERS: [u32; 11] = [
        0,
        255,
        256,
        7,
        65_535,
        65_536,
        9,
        16_777_215,
        16_777_216,
        300,
        u32::MAX,
    ];

    #[test]
    fn numbers_take_as_much_room_as_the_largest_needs() {
        let mut codes = Codes::default();
        for (at, number) in NUMBERS.into_iter().enumerate() {
            codes.push(number);
            let all = &NUMBERS[..=at];
            let largest = all.iter().max().copied().unwrap_or_default();
            let collected = Codes::collect(all.len(), largest, all.iter().copied());
            let mut set = Codes::zeros(all.len(), largest);
            for (at, number) in all.iter().enumerate() {
                set.set(at, *number);
            }
            for codes in [&codes, &collected, &set] {
                assert_eq!(codes.len(), all.len());
                let narrower = [255, 65_535, 16_777_215, u32::MAX];
                let narrowest = narrower.into_iter().find(|room| largest <= *room);
                assert_eq!(Some(room(codes)), narrowest);
                for (at, number) in all.iter().enumerate() {
                    assert_eq!(codes.get(at), *number);
                }
            }
        }
        assert_eq!(codes.get(NUMBERS.len()), 0);
        let turned = codes.in_order(&[10, 0, 3]);
        assert_eq!([0, 1, 2].map(|at| turned.get(at)), [u32::MAX, 0, 7]);
    }

    #[test]
    fn numbers_are_replaced_within_their_room() {
        for count in [3, 300, 70_000] {
            let last = count - 1;
            let mut codes = Codes::collect(3, last, [0, last, 1].into_iter());
            let before = room(&codes);
            let turned: Vec<u32> = (0..count).rev().collect();
            codes.replace(&turned);
            assert_eq!(room(&codes), before);
            assert_eq!(
                [0, 1, 2].map(|at| codes.get(at)),
                [last, 0, last - 1],
                "{count}"
            );
        }
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
            let kept = RowIds::new(row_ids.len(), row_ids.iter().copied());
            assert_eq!(matches!(kept, RowIds::Near { .. }), is_near);
            let all: Vec<i64> = (0..kept.len()).map(|at| kept.get(at)).collect();
            assert_eq!(all, row_ids);
        }
    }
}
