//! Rows as lists name them: in four bytes, because a list may be all of them.

/// A row of the table, or a late one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item(u32);

/// Marks late rows. A table has fewer rows than that.
const LATE: u32 = 1 << 31;

/// Where a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this slot of the table.
    Slot(usize),
    /// At this place among the late rows.
    Late(usize),
}

impl Item {
    /// The row in a slot.
    pub fn slot(slot: u32) -> Self {
        Self(slot & !LATE)
    }

    /// The late row at a place, which are few.
    pub fn late(at: usize) -> Self {
        Self(super::table::narrow(at) | LATE)
    }

    /// Where it is.
    pub fn place(self) -> Place {
        let at = (self.0 & !LATE) as usize;
        match self.0 & LATE {
            0 => Place::Slot(at),
            _ => Place::Late(at),
        }
    }
}
