//! Names with brackets: values within values.

use std::borrow::Cow;

use indexmap::IndexMap;

use crate::params::{Garbled, Token};
use crate::shape::Shape;
use crate::write::{Write, Writer};

/// The values that names with brackets describe.
pub(super) enum Tree<'a> {
    Leaf {
        /// What came under one name.
        values: Vec<Cow<'a, str>>,
        /// Whether the name ends with `[]`, which even a lone value is an item under.
        listed: bool,
    },
    Branch(IndexMap<String, Tree<'a>>),
}

/// How many brackets a name may have.
const MAX_BRACKETS: usize = 32;

impl<'a> Tree<'a> {
    /// The values under a plain name, none yet.
    pub(super) fn leaf() -> Self {
        Self::Leaf {
            values: Vec::new(),
            listed: false,
        }
    }

    pub(super) fn push(&mut self, value: Cow<'a, str>) -> Result<(), Garbled> {
        match self {
            Self::Leaf { values, .. } => {
                values.push(value);
                Ok(())
            }
            Self::Branch(_) => Err(Garbled::STYLE),
        }
    }

    pub(super) fn insert(&mut self, path: &str, value: Cow<'a, str>) -> Result<(), Garbled> {
        let mut tree = self;
        let mut path = path;
        let mut depth = 0;
        loop {
            let inner = path.strip_prefix('[').ok_or(Garbled::STYLE)?;
            let (key, rest) = inner.split_once(']').ok_or(Garbled::STYLE)?;
            depth += 1;
            if depth > MAX_BRACKETS {
                return Err(Garbled::STYLE);
            }
            let Self::Branch(members) = tree else {
                return Err(Garbled::STYLE);
            };
            let last = rest.is_empty() || rest == "[]";
            tree = members.entry(key.to_owned()).or_insert_with(|| {
                if last {
                    Tree::Leaf {
                        values: Vec::new(),
                        listed: rest == "[]",
                    }
                } else {
                    Tree::Branch(IndexMap::new())
                }
            });
            if last {
                return tree.push(value);
            }
            path = rest;
        }
    }
}

pub(super) fn write_members(
    members: &IndexMap<&str, Tree<'_>>,
    shape: &Shape,
    writer: &mut Writer,
) -> Result<(), Garbled> {
    for (name, tree) in members {
        Grown {
            tree,
            shape: shape.member(name),
        }
        .check()?;
    }
    writer.begin_object();
    for (name, tree) in members {
        writer.member(
            name,
            &Grown {
                tree,
                shape: shape.member(name),
            },
        );
    }
    writer.end_object();
    Ok(())
}

/// A tree and the shape it must take.
pub(super) struct Grown<'a> {
    pub(super) tree: &'a Tree<'a>,
    pub(super) shape: &'a Shape,
}

impl Grown<'_> {
    /// Several texts are several items, or a mistake.
    pub(super) fn check(&self) -> Result<(), Garbled> {
        match self.tree {
            Tree::Leaf { values, .. } if values.len() > 1 && self.shape.items().is_none() => {
                Err(Garbled::REPEATED)
            }
            Tree::Leaf { .. } => Ok(()),
            Tree::Branch(members) => members.iter().try_for_each(|(name, tree)| {
                let shape = self
                    .shape
                    .items()
                    .unwrap_or_else(|| self.shape.member(name));
                Grown { tree, shape }.check()
            }),
        }
    }
}

impl Write for Grown<'_> {
    fn write(&self, writer: &mut Writer) {
        let is_list = matches!(self.shape, Shape::Array(_));
        match (self.tree, self.shape.items()) {
            (Tree::Leaf { values, listed }, Some(items))
                if is_list || *listed || values.len() > 1 =>
            {
                writer.begin_array();
                for value in values {
                    writer.element(&Token(items, value));
                }
                writer.end_array();
            }
            (Tree::Leaf { values, .. }, _) => {
                self.shape
                    .write(values.first().map_or("", |value| value), writer);
            }
            (Tree::Branch(members), Some(items)) => {
                writer.begin_array();
                for tree in members.values() {
                    writer.element(&Grown { tree, shape: items });
                }
                writer.end_array();
            }
            (Tree::Branch(members), None) => {
                writer.begin_object();
                for (name, tree) in members {
                    writer.member(
                        name,
                        &Grown {
                            tree,
                            shape: self.shape.member(name),
                        },
                    );
                }
                writer.end_object();
            }
        }
    }
}
