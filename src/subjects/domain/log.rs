//! What the process log tells of the components that a request changed.

use super::relations::Change;
use super::subject::TemplateId;
use super::template::Template;
use super::timeline::Timeline;
use super::violations::Relation;

/// A changed component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// What was changed: `TEMPLATE`, `EQ` or `SR`.
    pub component: &'static str,
    /// What was done to it.
    pub action: &'static str,
    /// Which one, and its terms.
    pub message: String,
}

/// The templates that a request inserted, changed or deleted, once they have their ids. `before`
/// is the timeline when the request began.
pub fn templates(before: &Timeline, after: &Timeline) -> Vec<Component> {
    let stored = |id: Option<TemplateId>| before.all().iter().find(|one| one.id == id);
    let changed = after.all().iter().filter(|template| template.is_changed());
    let component = |template: &Template| {
        let was = stored(template.id);
        let ended = was.is_some_and(Template::is_active) && !template.is_active();
        Component {
            component: "TEMPLATE",
            action: match was {
                None => "INSERT",
                Some(_) if ended => "DELETE",
                Some(_) => "UPDATE",
            },
            message: match template.id {
                Some(id) => format!("{id} {}", template.terms),
                None => template.terms.to_string(),
            },
        }
    };
    changed.map(component).collect()
}

/// The pairs that a request related, or changed the relation of; each once.
pub fn relations(relation: Relation, changes: &[Change]) -> Vec<Component> {
    let component = |change: &Change| Component {
        component: relation.abbreviation(),
        action: change.action.name(),
        message: change.to_string(),
    };
    changes.iter().map(component).collect()
}
