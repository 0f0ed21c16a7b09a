//! Subjects: a container with one of its templates and all it is related to.

use std::collections::{BTreeMap, BTreeSet};

use super::super::relations::{self, Directed};
use super::super::templates::{Which, read};
use super::super::unit::ContainerRow;
use super::super::values::{among, inconsistent, number, range, text};
use super::{CURRENT, Question, Unanswered, container, term};
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
        let ids = carrying(transaction, &self.0).await?;
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
        let (at, ids) = carrying_in(transaction, &self.0, &self.1).await?;
        if !ids.is_empty() {
            return first(found(transaction, &ids).await?, at);
        }
        let anywhen = carrying(transaction, &self.0).await?;
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

/// The templates in effect that carry a subject id.
async fn carrying(
    transaction: &mut Transaction<'_>,
    id: &SubjectId,
) -> Result<BTreeSet<TemplateId>, DbError> {
    let statement = Statement::new(
        "SELECT t.template_id FROM subject_tmpl_reg_instance i \
         JOIN subject_template t ON t.template_id = i.template_id \
         WHERE i.subject_code = $1 AND i.subject_number = $2 AND t.template_status = 'A'",
    )
    .bind(text(&id.code))
    .bind(text(&id.number));
    templates(transaction, statement).await
}

/// The term of that code, and the templates in effect that carry a subject id in it: what is asked
/// most is asked by one statement. Codes of terms are in the order of the terms.
async fn carrying_in(
    transaction: &mut Transaction<'_>,
    id: &SubjectId,
    code: &str,
) -> Result<(Term, BTreeSet<TemplateId>), Unanswered> {
    let statement = Statement::new(
        "SELECT CAST(NULL AS BIGINT) FROM academic_term WHERE term_code = $1 \
         UNION ALL SELECT t.template_id FROM subject_tmpl_reg_instance i \
         JOIN subject_template t ON t.template_id = i.template_id \
         WHERE i.subject_code = $2 AND i.subject_number = $3 AND t.template_status = 'A' \
         AND t.eff_from_term <= $1 AND t.eff_thru_term >= $1",
    );
    let values = [code, &id.code, &id.number].map(text);
    let statement = values.into_iter().fold(statement, Statement::bind);
    let rows: Vec<(Option<i64>,)> = transaction.rows(statement).await?;
    let is_known = rows.iter().any(|(template,)| template.is_none());
    let term = code.parse().ok().filter(|_| is_known);
    let term = term.ok_or_else(|| Violation::NoTerm(code.to_owned()))?;
    let ids = rows.into_iter().filter_map(|(id,)| id.map(TemplateId));
    Ok((term, ids.collect()))
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
    let mut templates = read(transaction, &Which::these(ids)).await?;
    templates.sort_by_key(|(container, template)| (template.terms.from(), *container, template.id));
    let containers: BTreeSet<_> = templates.iter().map(|(container, _)| *container).collect();
    if containers.is_empty() {
        return Ok(Vec::new());
    }
    let mut around = around(transaction, &containers).await?;
    let current = around.current.ok_or(Unanswered::Unconfigured(CURRENT))?;
    let equivalent = related(transaction, std::mem::take(&mut around.equivalent)).await?;
    let scheduled = related(transaction, std::mem::take(&mut around.scheduled)).await?;
    let mut found = Vec::new();
    for (id, template) in templates {
        let own = around.own.get(&id).cloned();
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

/// What there is around templates.
#[derive(Default)]
struct Around {
    /// The term that is current.
    current: Option<Term>,
    /// The own rows of the containers.
    own: BTreeMap<ContainerId, ContainerRow>,
    equivalent: Vec<Directed>,
    scheduled: Vec<Directed>,
}

/// What there is around the templates of containers, read by one statement; one container at least.
async fn around(
    transaction: &mut Transaction<'_>,
    of: &BTreeSet<ContainerId>,
) -> Result<Around, Unanswered> {
    let statement = Statement::new("WITH asked (id) AS (")
        .with_table(of.iter().map(|id| vec![number(*id)]).collect())
        .then(
            ") SELECT 'NOW', CAST(0 AS BIGINT), CAST(0 AS BIGINT), config_value, \
             CAST(NULL AS TEXT), CAST(NULL AS TEXT) FROM subject_mgmt_config \
             WHERE config_code = 'currentTermCode' \
             UNION ALL SELECT 'OWN', c.container_id, 0, c.subject_type, c.last_active_term, \
             c.updated_by FROM asked a JOIN subject_container c ON c.container_id = a.id \
             UNION ALL SELECT 'EQ', e.container_id, e.equiv_container_id, e.from_term, e.thru_term, \
             NULL FROM asked a JOIN subject_container_equiv e ON e.container_id = a.id \
             UNION ALL SELECT 'SR', r.container_id, r.related_container_id, r.from_term, \
             r.thru_term, NULL FROM asked a \
             JOIN subject_container_relation r ON r.container_id = a.id",
        );
    type Row = (String, i64, i64, String, Option<String>, Option<String>);
    let rows: Vec<Row> = transaction.rows(statement).await?;
    let mut around = Around::default();
    for (kind, one, other, first, second, third) in rows {
        match kind.as_str() {
            "NOW" => around.current = from_text(first).parse().ok(),
            "OWN" => {
                let id = ContainerId(one);
                let row = ContainerRow::stored(id, (first, second, third))?;
                around.own.insert(id, row);
            }
            kind => {
                let (relation, rows) = match kind {
                    "EQ" => (Relation::Equivalency, &mut around.equivalent),
                    _ => (Relation::Scheduling, &mut around.scheduled),
                };
                let row = (one, other, first, second.unwrap_or_default());
                rows.push(relations::stored(relation, row)?);
            }
        }
    }
    Ok(around)
}

/// What containers are related to.
async fn related(
    transaction: &mut Transaction<'_>,
    mut rows: Vec<Directed>,
) -> Result<BTreeMap<ContainerId, Vec<Related>>, DbError> {
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
    let sql = "SELECT t.container_id, t.template_status, t.eff_from_term, t.eff_thru_term, \
               i.subject_code, i.subject_number FROM subject_template t \
               JOIN subject_tmpl_reg_instance i ON i.template_id = t.template_id \
               WHERE i.instance_type = 'M' AND t.container_id IN ";
    let statement = among(sql, of.iter().copied());
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
