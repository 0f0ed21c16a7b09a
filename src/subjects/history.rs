//! What became of a container, for people: its templates and relations over the terms, as they are
//! or as they were around a request.
//!
//! What was is replayed from the process log, which tells every template and every range of a pair
//! that a request changed; what templates said is read from the records of the queue. Requests come
//! in the order in which they were committed. The replay is held against what is stored: where the
//! two differ, the log does not tell everything, and that is said.

mod chart;
mod draw;
mod replay;
mod store;
mod table;

use std::collections::BTreeMap;

use crate::db::{Db, DbError};
use crate::subjects::domain::ranges::EffectiveTerms;
use crate::subjects::domain::relations::Star;
use crate::subjects::domain::subject::{ContainerId, SubjectId, TemplateId};
use crate::subjects::domain::violations::Relation;
pub use draw::svg;
pub use store::containers_of;
pub use table::table;

/// Which moment is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// As it is.
    Now,
    /// As it was when this request came.
    Before(i64),
    /// As this request left it.
    After(i64),
}

/// A container with its templates and relations at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The container.
    pub container: ContainerId,
    /// Its type.
    pub subject_type: String,
    /// Which moment it is.
    pub moment: Moment,
    /// The templates by their first terms, the deleted ones too.
    pub templates: Vec<Shown>,
    /// Equivalencies, then scheduling relationships, each by container.
    pub relations: Vec<Related>,
    /// Whether the process log tells everything that happened to the container.
    pub is_told: bool,
}

/// A template at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its id.
    pub id: TemplateId,
    /// Its terms.
    pub terms: EffectiveTerms,
    /// Whether it is in effect.
    pub is_active: bool,
    /// Its version, where that is known: now.
    pub version: Option<i64>,
    /// What it says.
    pub label: Label,
}

/// What a template says, in short.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// The main subject id.
    pub subject_id: String,
    /// The title.
    pub title: String,
}

/// A related container at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Which relation.
    pub relation: Relation,
    /// The other container.
    pub container: ContainerId,
    /// Its main subject id, of its latest template.
    pub subject_id: String,
    /// The ranges, in order.
    pub terms: Vec<EffectiveTerms>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is no such container.
    #[error("there is no container {0}")]
    NoContainer(ContainerId),
    /// No template ever had the subject id.
    #[error("there is no subject {0}")]
    NoSubject(SubjectId),
    /// The log has nothing of the request.
    #[error("the log has no request {0}; `subjects log` shows those there are")]
    NoRequest(i64),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The container at a moment.
///
/// # Errors
/// There is no such container or request, or the database failed.
pub async fn picture(
    db: &Db,
    container: ContainerId,
    moment: Moment,
) -> Result<Picture, HistoryError> {
    let found = store::container(db, container).await?;
    let found = found.ok_or(HistoryError::NoContainer(container))?;
    let told = store::told(db, container).await?;
    let whole = replay::replay(container, &told.components, |_| true);
    let now = replay::State {
        templates: found
            .templates
            .iter()
            .map(|template| (template.id, (template.terms, template.is_active)))
            .collect(),
        equivalencies: found.equivalencies.clone(),
        scheduling: found.scheduling.clone(),
    };
    let is_told = whole == now;
    let (state, templates) = match moment {
        Moment::Now => (now, found.templates),
        Moment::Before(request) | Moment::After(request) => {
            let end = store::position(db, request).await?;
            let end = end.ok_or(HistoryError::NoRequest(request))?;
            let included = |at| match moment {
                Moment::Before(_) => at < end,
                Moment::Now | Moment::After(_) => at <= end,
            };
            let state = replay::replay(container, &told.components, included);
            let templates = state
                .templates
                .iter()
                .map(|(id, (terms, is_active))| Shown {
                    id: *id,
                    terms: *terms,
                    is_active: *is_active,
                    version: None,
                    label: replay::label(*id, &told.records, included, &found.templates),
                })
                .collect();
            (state, templates)
        }
    };
    let mut templates = templates;
    templates.sort_by_key(|template: &Shown| (template.terms, template.id));
    let relations = related(db, &state).await?;
    Ok(Picture {
        container,
        subject_type: found.subject_type,
        moment,
        templates,
        relations,
        is_told,
    })
}

async fn related(db: &Db, state: &replay::State) -> Result<Vec<Related>, DbError> {
    let stars: [(Relation, &Star); 2] = [
        (Relation::Equivalency, &state.equivalencies),
        (Relation::Scheduling, &state.scheduling),
    ];
    let others = stars.iter().flat_map(|(_, star)| star.keys().copied());
    let names: BTreeMap<ContainerId, String> = store::names(db, others.collect()).await?;
    let mut related = Vec::new();
    for (relation, star) in stars {
        for (container, ranges) in star {
            related.push(Related {
                relation,
                container: *container,
                subject_id: names.get(container).cloned().unwrap_or_default(),
                terms: ranges.iter().collect(),
            });
        }
    }
    Ok(related)
}
