//! Pre- and corequisites: trees of subjects, attributes and texts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a template requires; stored and served as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Requisites {
    /// What has to be taken before.
    pub prerequisites: Option<Requisite>,
    /// What has to be taken before or in the same term.
    pub corequisites: Option<Requisite>,
}

/// A node of a requisite tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Requisite {
    /// A subject.
    Subject {
        /// Its id as written.
        subject_id: String,
    },
    /// Any subject with an attribute.
    Attribute {
        /// The attribute's code.
        attribute_code: String,
    },
    /// What only people can decide.
    Text {
        /// Their wording.
        text: String,
    },
    /// Several nodes, two at least.
    Joined {
        /// How they are joined.
        operator: Operator,
        /// The nodes in order.
        operands: Vec<Requisite>,
    },
}

/// How the operands of a node are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operator {
    /// All of them.
    And,
    /// At least one of them.
    Or,
}

impl Requisites {
    /// What people read: the prerequisites, `None` where there are none, then the corequisites.
    /// `descriptions` are those of attributes by their code.
    pub fn display_text(&self, descriptions: &BTreeMap<String, String>) -> String {
        let text = |node: &Option<Requisite>| node.as_ref().map(|node| node.text(descriptions));
        let mut whole = text(&self.prerequisites).unwrap_or_else(|| "None".to_owned());
        if let Some(corequisites) = text(&self.corequisites) {
            whole.push_str("; Coreq: ");
            whole.push_str(&corequisites);
        }
        whole
    }

    /// The codes of all attributes the trees name, in document order.
    pub fn attributes(&self) -> Vec<&str> {
        let mut found = Vec::new();
        for node in [&self.prerequisites, &self.corequisites]
            .into_iter()
            .flatten()
        {
            node.collect_attributes(&mut found);
        }
        found
    }
}

impl Requisite {
    fn text(&self, descriptions: &BTreeMap<String, String>) -> String {
        match self {
            Requisite::Subject { subject_id } => subject_id.clone(),
            Requisite::Attribute { attribute_code } => {
                let description = descriptions.get(attribute_code).unwrap_or(attribute_code);
                format!("{description} (GIR)")
            }
            Requisite::Text { text } => text.clone(),
            Requisite::Joined { operator, operands } => {
                let operands = operands.iter().map(|node| match node {
                    Requisite::Joined { .. } => format!("({})", node.text(descriptions)),
                    leaf => leaf.text(descriptions),
                });
                let joint = match operator {
                    Operator::And => " and ",
                    Operator::Or => " or ",
                };
                operands.collect::<Vec<_>>().join(joint)
            }
        }
    }

    fn collect_attributes<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Requisite::Attribute { attribute_code } => found.push(attribute_code),
            Requisite::Joined { operands, .. } => {
                for node in operands {
                    node.collect_attributes(found);
                }
            }
            Requisite::Subject { .. } | Requisite::Text { .. } => {}
        }
    }
}
