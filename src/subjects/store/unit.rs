//! The catalogue in a transaction, as the domain's operations ask for it.

use std::collections::{BTreeMap, BTreeSet};

use super::values::{among, inconsistent, number, optional, parsed, range, text};
use super::{Circumstances, Mandate, queue, reference, relations, templates};
use crate::db::{DbError, Statement, Transaction, from_text};
use crate::subjects::domain::backfill::{Ids, Record};
use crate::subjects::domain::checks::Known;
use crate::subjects::domain::notifications::{Concerned, Notification};
use crate::subjects::domain::operations::{Container, Names, Unit};
use crate::subjects::domain::ranges::{EffectiveTerms, Ranges};
use crate::subjects::domain::relations::{Change, Pair, Star};
use crate::subjects::domain::subject::{ContainerId, SubjectId, TemplateId};
use crate::subjects::domain::template::Template;
use crate::subjects::domain::term::{Term, Year};
use crate::subjects::domain::timeline::Timeline;
use crate::subjects::domain::violations::Relation;
use reference::Reference;

/// One unit of work: what one request does.
pub struct Work<'c> {
    transaction: Transaction<'c>,
    circumstances: Circumstances,
    mandate: Mandate,
    /// The reference tables, once they were read: nobody else writes meanwhile.
    reference: Option<Reference>,
    /// The container that is edited, as it is stored.
    stored: Option<Stored>,
}

struct Stored {
    id: ContainerId,
    last_active_term: Option<Term>,
    updated_by: Option<String>,
    templates: BTreeMap<TemplateId, Template>,
}

impl<'c> Work<'c> {
    /// In this transaction, for a request.
    pub fn new(
        transaction: Transaction<'c>,
        circumstances: Circumstances,
        mandate: Mandate,
    ) -> Self {
        Self {
            transaction,
            circumstances,
            mandate,
            reference: None,
            stored: None,
        }
    }

    async fn reference(&mut self) -> Result<&Reference, DbError> {
        let read = match self.reference.take() {
            Some(reference) => reference,
            None => reference::all(&mut self.transaction).await?,
        };
        Ok(self.reference.insert(read))
    }

    /// Stores what the container's own row is to hold, when it differs.
    async fn save_container(&mut self, container: &Container) -> Result<(), DbError> {
        let last = container.timeline.last_active_term;
        let by = self.circumstances.updated_by.clone();
        let same = self.stored.as_ref().is_some_and(|stored| {
            stored.id == container.id && stored.last_active_term == last && stored.updated_by == by
        });
        if same {
            return Ok(());
        }
        let statement = Statement::new(
            "UPDATE subject_container SET last_active_term = $1, updated_by = $2 \
             WHERE container_id = $3",
        )
        .bind(optional(last.map(|last| last.to_string()).as_deref()))
        .bind(optional(by.as_deref()))
        .bind(number(container.id));
        self.transaction.run(statement).await
    }
}

impl Unit for Work<'_> {
    type Error = DbError;

    async fn container(&mut self, id: ContainerId) -> Result<Option<Container>, DbError> {
        let found = container(&mut self.transaction, id).await?;
        let Some((container, updated_by)) = found else {
            return Ok(None);
        };
        self.stored = Some(stored(&container, updated_by));
        Ok(Some(container))
    }

    async fn known(&mut self, names: &Names) -> Result<Known, DbError> {
        let mut known = self.reference().await?.known.clone();
        reference::named(&mut self.transaction, names, &mut known).await?;
        Ok(known)
    }

    async fn gate(&mut self) -> Result<Option<Year>, DbError> {
        reference::gate(&mut self.transaction).await
    }

    async fn star(&mut self, relation: Relation, of: ContainerId) -> Result<Star, DbError> {
        relations::star(&mut self.transaction, relation, of).await
    }

    async fn pairs(
        &mut self,
        relation: Relation,
        pairs: &[Pair],
    ) -> Result<BTreeMap<Pair, Ranges>, DbError> {
        relations::pairs(&mut self.transaction, relation, pairs).await
    }

    async fn beyond(
        &mut self,
        known: &BTreeMap<ContainerId, EffectiveTerms>,
    ) -> Result<Vec<(ContainerId, ContainerId, EffectiveTerms)>, DbError> {
        relations::outside(&mut self.transaction, known).await
    }

    async fn ids(&mut self, of: &BTreeSet<ContainerId>) -> Result<Ids, DbError> {
        ids(&mut self.transaction, of).await
    }

    async fn mandate(
        &mut self,
        template: TemplateId,
    ) -> Result<Result<Option<String>, String>, DbError> {
        self.mandate.of(&mut self.transaction, template).await
    }

    async fn concerned(
        &mut self,
        year: Year,
        scheduled: &BTreeSet<ContainerId>,
    ) -> Result<Concerned, DbError> {
        let ids = match scheduled.is_empty() {
            true => Ids::new(),
            false => ids(&mut self.transaction, scheduled).await?,
        };
        let of_year = EffectiveTerms::of_year(year);
        let in_year = |templates: Vec<(EffectiveTerms, Vec<SubjectId>)>| {
            let templates = templates.into_iter();
            let overlapping = templates.filter(|(terms, _)| terms.overlaps(of_year));
            overlapping.flat_map(|(_, ids)| ids).collect()
        };
        let scheduled = ids
            .into_iter()
            .map(|(id, templates)| (id, in_year(templates)));
        let scheduled = scheduled.collect();
        let reference = self.reference().await?;
        Ok(Concerned {
            departments: reference.departments.clone(),
            categories: reference.categories.clone(),
            scheduled,
        })
    }

    async fn create(
        &mut self,
        subject_type: &str,
        last_active_term: Option<Term>,
    ) -> Result<ContainerId, DbError> {
        let statement = Statement::new(
            "INSERT INTO subject_container \
             (subject_type, last_active_term, created_at, updated_by) VALUES ",
        )
        .bound_list([
            text(subject_type),
            optional(last_active_term.map(|last| last.to_string()).as_deref()),
            text(&self.circumstances.at),
            optional(self.circumstances.updated_by.as_deref()),
        ])
        .then(" RETURNING container_id");
        let row: Option<(i64,)> = self.transaction.row(statement).await?;
        let row = row.ok_or_else(|| inconsistent(("subject_container", "container_id"), "new"))?;
        let id = ContainerId(row.0);
        self.stored = Some(Stored {
            id,
            last_active_term,
            updated_by: self.circumstances.updated_by.clone(),
            templates: BTreeMap::new(),
        });
        Ok(id)
    }

    async fn save(&mut self, container: &mut Container) -> Result<(), DbError> {
        self.save_container(container).await?;
        let empty = BTreeMap::new();
        let known = self
            .stored
            .as_ref()
            .filter(|stored| stored.id == container.id);
        let known = known.map_or(&empty, |stored| &stored.templates);
        let timeline = &mut container.timeline;
        templates::write(&mut self.transaction, container.id, timeline, known).await?;
        self.stored = Some(stored(container, self.circumstances.updated_by.clone()));
        Ok(())
    }

    async fn relate(&mut self, relation: Relation, changes: &[Change]) -> Result<(), DbError> {
        relations::write(&mut self.transaction, relation, changes).await
    }

    async fn touch(&mut self, containers: &BTreeSet<ContainerId>) -> Result<(), DbError> {
        let sql = "UPDATE subject_template SET version_number = version_number + 1 \
                   WHERE template_status = 'A' AND container_id IN ";
        let touched = among(sql, containers.iter().copied());
        self.transaction.run(touched).await
    }

    async fn enroll(
        &mut self,
        container: ContainerId,
        term: Term,
        subjects: &BTreeMap<SubjectId, bool>,
    ) -> Result<(), DbError> {
        let statement = Statement::new(
            "DELETE FROM subject_enrollable WHERE container_id = $1 AND term_code = $2",
        )
        .bind(number(container))
        .bind(text(term.to_string()));
        self.transaction.run(statement).await?;
        let rows = subjects.iter().map(|(id, may)| {
            let key = vec![number(container), text(term.to_string())];
            let own = vec![text(&id.code), text(&id.number), super::values::flag(*may)];
            [key, own].concat()
        });
        let start = "INSERT INTO subject_enrollable (container_id, term_code, subject_code, \
                     subject_number, enrollable_ind) ";
        for statement in super::values::batches(start, rows.collect(), "") {
            self.transaction.run(statement).await?;
        }
        Ok(())
    }

    async fn enqueue(
        &mut self,
        container: ContainerId,
        records: &[Record],
    ) -> Result<Vec<i64>, DbError> {
        queue::enqueue(
            &mut self.transaction,
            &self.circumstances,
            container,
            records,
        )
        .await
    }

    async fn notify(
        &mut self,
        container: ContainerId,
        notifications: &[Notification],
    ) -> Result<Vec<i64>, DbError> {
        let circumstances = &self.circumstances;
        queue::notify(
            &mut self.transaction,
            circumstances,
            container,
            notifications,
        )
        .await
    }
}

fn stored(container: &Container, updated_by: Option<String>) -> Stored {
    let templates = container.timeline.all().iter();
    let templates = templates.filter_map(|template| Some((template.id?, template.clone())));
    Stored {
        id: container.id,
        last_active_term: container.timeline.last_active_term,
        updated_by,
        templates: templates.collect(),
    }
}

/// A container with all its templates, and who changed it last.
async fn container(
    transaction: &mut Transaction<'_>,
    id: ContainerId,
) -> Result<Option<(Container, Option<String>)>, DbError> {
    let Some(own) = row(transaction, id).await? else {
        return Ok(None);
    };
    let which = templates::Which::of(id);
    let templates = templates::read(transaction, &which).await?;
    let templates = templates
        .into_iter()
        .map(|(_, template)| template)
        .collect();
    let container = Container {
        id,
        subject_type: own.subject_type,
        timeline: Timeline::stored(own.last_active_term, templates),
    };
    Ok(Some((container, own.updated_by)))
}

/// A container's own row.
#[derive(Clone, Debug)]
pub struct ContainerRow {
    /// Its type, such as `Standard`.
    pub subject_type: String,
    /// Its last active term; `None` while its end is open.
    pub last_active_term: Option<Term>,
    /// Who changed it last.
    pub updated_by: Option<String>,
}

/// A container's own row; `None` where there is none.
///
/// # Errors
/// The database failed.
pub async fn row(
    transaction: &mut Transaction<'_>,
    id: ContainerId,
) -> Result<Option<ContainerRow>, DbError> {
    let statement = Statement::new(
        "SELECT subject_type, last_active_term, updated_by FROM subject_container \
         WHERE container_id = $1",
    )
    .bind(number(id));
    let row: Option<(String, Option<String>, Option<String>)> = transaction.row(statement).await?;
    row.map(|row| ContainerRow::stored(id, row)).transpose()
}

impl ContainerRow {
    /// From the columns: the type, the last active term, and who changed it last.
    ///
    /// # Errors
    /// The last active term is none.
    pub fn stored(
        id: ContainerId,
        (subject_type, last, updated_by): (String, Option<String>, Option<String>),
    ) -> Result<Self, DbError> {
        let place = ("subject_container", "last_active_term");
        let last = last.map(|last| parsed(&last, place, id));
        Ok(Self {
            subject_type: from_text(subject_type),
            last_active_term: last.transpose()?,
            updated_by: updated_by.map(from_text),
        })
    }
}

/// The templates in effect of containers with their ids, the main one first; one container at
/// least.
///
/// There may be many thousands of them, and each column of a row costs: terms and the kind of an id
/// have a length each, and come as one text.
async fn ids(
    transaction: &mut Transaction<'_>,
    of: &BTreeSet<ContainerId>,
) -> Result<Ids, DbError> {
    const SQL: &str = "SELECT t.container_id, \
         t.eff_from_term || t.eff_thru_term || i.instance_type, i.subject_code, i.subject_number \
         FROM subject_template t JOIN subject_tmpl_reg_instance i ON i.template_id = t.template_id \
         WHERE t.template_status = 'A' AND t.container_id IN ";
    let statement = among(SQL, of.iter().copied());
    let mut rows: Vec<(i64, String, String, String)> = transaction.rows(statement).await?;
    // Templates in effect of one container lie apart, and M comes before X.
    rows.sort_unstable();
    let mut ids = Ids::new();
    let mut last = None;
    for (container, key, code, number) in rows {
        let terms = key.get(..6).zip(key.get(6..12)).unwrap_or_default();
        let terms = range(terms, "subject_template", container)?;
        let templates = ids.entry(ContainerId(container)).or_default();
        if last != Some((container, terms)) {
            templates.push((terms, Vec::new()));
            last = Some((container, terms));
        }
        if let Some((_, ids)) = templates.last_mut() {
            ids.push(SubjectId::new(from_text(code), from_text(number)));
        }
    }
    Ok(ids)
}
