//! Subjects: a container with one of its templates and all it is related to.

use std::collections::{BTreeMap, BTreeSet};

use super::super::relations;
use super::super::templates::{Which, read};
use super::super::unit::{ContainerRow, row};
use super::super::values::{inconsistent, number, range, text};
use super::{Question, Unanswered, container, current_term, term};
use crate::db::{DbError, Statement, Transaction, from_text};
use crate::subjects::domain::ranges::EffectiveTerms;
use crate::subjects::domain::subject::{ContainerId, SubjectId, TemplateId};
use crate::subjects::domain::template::Template;
use crate::subjects::domain::term::Term;
use crate::subjects::domain::violations::{Relation, Violation};

const TABLE: &str = "subject_template";

/// A container with one of its templates.
pub struct Found {
    /// The container.
    pub container: ContainerId,
    /// Its own row.
    pub own: ContainerRow,
    /// Whether it is active as of the current term.
    pub is_active: bool,
    /// The template.
    pub template: Template,
    /// Its equivalencies, in order of containers and terms.
    pub equivalent: Vec<Related>,
    /// Its scheduling relationships, likewise.
    pub scheduled: Vec<Related>,
}

/// One range of a relation with another container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The other container.
    pub container: ContainerId,
    /// Its main id at the first term, else that of its latest template.
    pub subject: SubjectId,
    /// The range.
    pub terms: EffectiveTerms,
}

/// The templates in effect that carry a subject id, by their terms.
pub struct ByNumber(pub SubjectId);

impl Question for ByNumber {
    type Answer = Vec<Found>;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Vec<Found>, Unanswered> {
        let ids = carrying(transaction, &self.0, None).await?;
        if ids.is_empty() {
            return Err(no_such(transaction, &self.0).await?);
        }
        found(transaction, &ids).await
    }
}

/// The template in effect that carries a subject id in a term.
pub struct ByNumberInTerm(pub SubjectId, pub String);

impl Question for ByNumberInTerm {
    type Answer = Found;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Found, Unanswered> {
        let at = term(transaction, &self.1).await?;
        let ids = carrying(transaction, &self.0, Some(at)).await?;
        if !ids.is_empty() {
            return first(found(transaction, &ids).await?, at);
        }
        let anywhen = carrying(transaction, &self.0, None).await?;
        Err(match anywhen.is_empty() {
            true => no_such(transaction, &self.0).await?,
            false => Violation::NoEffectiveTemplate(at).into(),
        })
    }
}

/// The templates in effect that are registered as a subject of another institution.
pub struct ByHomeSubject(pub String);

impl Question for ByHomeSubject {
    type Answer = Vec<Found>;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Vec<Found>, Unanswered> {
        let statement = Statement::new(
            "SELECT t.template_id FROM subject_tmpl_home_subject h \
             JOIN subject_template t ON t.template_id = h.template_id \
             WHERE t.template_status = 'A' AND h.home_subject_id = $1",
        );
        let ids = templates(transaction, statement.bind(text(&self.0))).await?;
        match ids.is_empty() {
            true => Err(unknown("home subject id", self.0)),
            false => found(transaction, &ids).await,
        }
    }
}

/// The template in effect that is registered so, in a term.
pub struct ByHomeSubjectInTerm {
    /// The institution.
    pub institution: String,
    /// The school within it.
    pub school: String,
    /// The subject there.
    pub subject: String,
    /// The code of the term.
    pub term: String,
}

impl Question for ByHomeSubjectInTerm {
    type Answer = Found;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Found, Unanswered> {
        let Self {
            institution,
            school,
            subject,
            term: code,
        } = self;
        let unit = Statement::new(
            "SELECT name FROM home_org_unit WHERE home_institution_id = $1 AND home_school_id = $2",
        );
        let unit = unit.bind(text(&institution)).bind(text(&school));
        if transaction.row::<(String,)>(unit).await?.is_none() {
            return Err(Violation::NoHomeUnit {
                institution,
                school,
            }
            .into());
        }
        let at = term(transaction, &code).await?;
        let registered = Statement::new(
            "SELECT t.template_id, t.eff_from_term, t.eff_thru_term \
             FROM subject_tmpl_home_subject h \
             JOIN subject_template t ON t.template_id = h.template_id \
             WHERE t.template_status = 'A' AND h.home_subject_id = $1 \
             AND h.home_institution_id = $2 AND h.home_school_id = $3",
        );
        let values = [&subject, &institution, &school].map(text);
        let registered = values.into_iter().fold(registered, Statement::bind);
        let rows: Vec<(i64, String, String)> = transaction.rows(registered).await?;
        if rows.is_empty() {
            return Err(unknown("home subject id", subject));
        }
        let mut ids = BTreeSet::new();
        for (id, from, thru) in rows {
            if range((&from, &thru), TABLE, id)?.covers(at) {
                ids.insert(TemplateId(id));
            }
        }
        match ids.is_empty() {
            true => Err(Violation::NoEffectiveTemplate(at).into()),
            false => first(found(transaction, &ids).await?, at),
        }
    }
}

/// One template of a container, deleted or not.
pub struct OneTemplate(pub ContainerId, pub TemplateId);

impl Question for OneTemplate {
    type Answer = Found;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Found, Unanswered> {
        container(transaction, self.0).await?;
        let found = found(transaction, &BTreeSet::from([self.1])).await?;
        let mut own = found.into_iter().filter(|found| found.container == self.0);
        Ok(own.next().ok_or(Violation::NoTemplate(self.1))?)
    }
}

fn unknown(what: &'static str, value: String) -> Unanswered {
    Violation::Unknown { what, value }.into()
}

/// The only one, as no id is on two containers at one term; of home subjects, the first.
fn first(found: Vec<Found>, at: Term) -> Result<Found, Unanswered> {
    let first = found.into_iter().next();
    Ok(first.ok_or(Violation::NoEffectiveTemplate(at))?)
}

/// What of a subject id there is not: its code, or its number within that.
async fn no_such(transaction: &mut Transaction<'_>, id: &SubjectId) -> Result<Unanswered, DbError> {
    let sql = "SELECT description FROM subject_code WHERE subject_code = $1";
    let code = Statement::new(sql).bind(text(&id.code));
    Ok(match transaction.row::<(String,)>(code).await? {
        None => Violation::NoSubjectCode(id.code.clone()).into(),
        Some(_) => unknown("subject number", id.number.clone()),
    })
}

/// The templates in effect that carry a subject id, in a term or at any time.
async fn carrying(
    transaction: &mut Transaction<'_>,
    id: &SubjectId,
    at: Option<Term>,
) -> Result<BTreeSet<TemplateId>, DbError> {
    let mut statement = Statement::new(
        "SELECT t.template_id FROM subject_tmpl_reg_instance i \
         JOIN subject_template t ON t.template_id = i.template_id \
         WHERE i.subject_code = $1 AND i.subject_number = $2 AND t.template_status = 'A'",
    )
    .bind(text(&id.code))
    .bind(text(&id.number));
    if let Some(at) = at {
        statement = statement
            .then(" AND t.eff_from_term <= ")
            .bound(text(at.to_string()));
        statement = statement
            .then(" AND t.eff_thru_term >= ")
            .bound(text(at.to_string()));
    }
    templates(transaction, statement).await
}

async fn templates(
    transaction: &mut Transaction<'_>,
    statement: Statement,
) -> Result<BTreeSet<TemplateId>, DbError> {
    let rows: Vec<(i64,)> = transaction.rows(statement).await?;
    Ok(rows.into_iter().map(|(id,)| TemplateId(id)).collect())
}

/// Those templates with their containers and relations, by their terms; one at least.
async fn found(
    transaction: &mut Transaction<'_>,
    ids: &BTreeSet<TemplateId>,
) -> Result<Vec<Found>, Unanswered> {
    let current = current_term(transaction).await?;
    let mut templates = read(transaction, &Which::these(ids)).await?;
    templates.sort_by_key(|(container, template)| (template.terms.from(), *container, template.id));
    let containers: BTreeSet<_> = templates.iter().map(|(container, _)| *container).collect();
    if containers.is_empty() {
        return Ok(Vec::new());
    }
    let equivalent = related(transaction, Relation::Equivalency, &containers).await?;
    let scheduled = related(transaction, Relation::Scheduling, &containers).await?;
    let mut found = Vec::new();
    for (id, template) in templates {
        let own = row(transaction, id).await?;
        let own = own.ok_or_else(|| inconsistent((TABLE, "container_id"), id))?;
        found.push(Found {
            container: id,
            is_active: own.last_active_term.is_none_or(|last| last >= current),
            own,
            template,
            equivalent: equivalent.get(&id).cloned().unwrap_or_default(),
            scheduled: scheduled.get(&id).cloned().unwrap_or_default(),
        });
    }
    Ok(found)
}

/// What containers are related to; one at least.
async fn related(
    transaction: &mut Transaction<'_>,
    relation: Relation,
    of: &BTreeSet<ContainerId>,
) -> Result<BTreeMap<ContainerId, Vec<Related>>, DbError> {
    let mut rows = relations::rows(transaction, relation, of).await?;
    rows.sort_unstable_by_key(|(one, other, terms)| (*one, *other, terms.from()));
    let others: BTreeSet<_> = rows.iter().map(|(_, other, _)| *other).collect();
    let mains = mains(transaction, &others).await?;
    let mut related: BTreeMap<ContainerId, Vec<Related>> = BTreeMap::new();
    for (one, other, terms) in rows {
        let ids = mains.get(&other).map(Vec::as_slice).unwrap_or_default();
        let at_first = ids.iter().find(|(own, _)| own.covers(terms.from()));
        let chosen = at_first.or_else(|| ids.last());
        let (_, subject) = chosen.ok_or_else(|| inconsistent((TABLE, "container_id"), other))?;
        related.entry(one).or_default().push(Related {
            container: other,
            subject: subject.clone(),
            terms,
        });
    }
    Ok(related)
}

/// Main ids by their terms.
type Mains = Vec<(EffectiveTerms, SubjectId)>;

/// The main ids of containers: of templates in effect, of deleted ones where there are no others.
async fn mains(
    transaction: &mut Transaction<'_>,
    of: &BTreeSet<ContainerId>,
) -> Result<BTreeMap<ContainerId, Mains>, DbError> {
    if of.is_empty() {
        return Ok(BTreeMap::new());
    }
    let statement = Statement::new(
        "SELECT t.container_id, t.template_status, t.eff_from_term, t.eff_thru_term, \
         i.subject_code, i.subject_number FROM subject_template t \
         JOIN subject_tmpl_reg_instance i ON i.template_id = t.template_id \
         WHERE i.instance_type = 'M' AND t.container_id IN ",
    )
    .bound_list(of.iter().map(|id| number(*id)));
    let rows: Vec<(i64, String, String, String, String, String)> =
        transaction.rows(statement).await?;
    let mut both: BTreeMap<ContainerId, [Mains; 2]> = BTreeMap::new();
    for (container, status, from, thru, code, number) in rows {
        let terms = range((&from, &thru), TABLE, container)?;
        let subject = SubjectId::new(from_text(code), from_text(number));
        let [active, deleted] = both.entry(ContainerId(container)).or_default();
        let mains = if status == "A" { active } else { deleted };
        mains.push((terms, subject));
    }
    let chosen = both.into_iter().map(|(id, [active, deleted])| {
        let mut mains = if active.is_empty() { deleted } else { active };
        mains.sort();
        (id, mains)
    });
    Ok(chosen.collect())
}
