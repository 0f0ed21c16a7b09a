use std::fmt;

/// What a difference means for those who use the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A client that kept to the old contract may fail with the new one.
    Breaking,
    /// Clients of the old contract go on working, and what goes over the wire may differ.
    Compatible,
    /// Nothing that goes over the wire differs.
    Documentation,
}

impl Class {
    /// All of them, the worst first.
    pub const ALL: [Class; 3] = [Class::Breaking, Class::Compatible, Class::Documentation];

    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Class::Breaking => "breaking",
            Class::Compatible => "compatible",
            Class::Documentation => "documentation",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
