//! Equality of the values that nodes are.

use crate::values::of_node;
use crate::yaml::Node;

/// Whether two nodes are the same value.
pub(super) fn equal(one: &Node, other: &Node) -> bool {
    of_node(one).equals(&of_node(other))
}
