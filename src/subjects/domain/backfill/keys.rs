//! One key for every subject id in a record.

use std::collections::BTreeMap;

use super::super::subject::SubjectId;
use super::data::Data;

/// What an id is in a record; where it is several things, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// `E`: of an equivalent subject.
    Equivalent,
    /// `S`: of a subject with a scheduling relationship, equivalent or not.
    Scheduled,
    /// `C`: cross-listed, or main at another time.
    CrossListed,
    /// `M`: the main id.
    Main,
}

impl KeyType {
    /// Its name in the queue.
    pub fn name(self) -> &'static str {
        match self {
            KeyType::Equivalent => "E",
            KeyType::Scheduled => "S",
            KeyType::CrossListed => "C",
            KeyType::Main => "M",
        }
    }
}

/// The keys of a record: exactly the ids of both its sides, each once. (R-061, R-080, P-10)
pub fn used_keys(previous: Option<&Data>, new: &Data) -> BTreeMap<SubjectId, KeyType> {
    let mut keys = BTreeMap::from([(new.main().clone(), KeyType::Main)]);
    for data in previous.into_iter().chain([new]) {
        for (id, ty) in data.ids() {
            let key = keys.entry(id.clone()).or_insert(ty);
            *key = ty.max(*key);
        }
    }
    keys
}
