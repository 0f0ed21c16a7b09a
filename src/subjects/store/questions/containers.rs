//! Containers: their templates, and what is said of their terms and years.

use std::collections::{BTreeMap, BTreeSet};

use super::super::templates::{Which, read};
use super::super::unit::ContainerRow;
use super::super::values::{inconsistent, number, parsed, text};
use super::{Question, Unanswered, container, current_term, term};
use crate::db::{Statement, Transaction, from_text};
use crate::subjects::domain::subject::{ContainerId, SubjectId, TemplateId};
use crate::subjects::domain::template::Template;
use crate::subjects::domain::term::{Term, Year};
use crate::subjects::domain::timeline::Timeline;
use crate::subjects::domain::violations::Violation;

/// The numbers that templates in effect have of a subject code.
pub struct Numbers(pub String);

/// A number in use.
pub struct NumberOf {
    /// The subject id.
    pub subject: SubjectId,
    /// The container that has it.
    pub container: ContainerId,
    /// The own row of the container.
    pub own: ContainerRow,
    /// Whether the container is active as of the current term.
    pub is_active: bool,
}

impl Question for Numbers {
    type Answer = Vec<NumberOf>;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Vec<NumberOf>, Unanswered> {
        let sql = "SELECT description FROM subject_code WHERE subject_code = $1";
        let known = Statement::new(sql).bind(text(&self.0));
        if transaction.row::<(String,)>(known).await?.is_none() {
            return Err(Violation::NoSubjectCode(self.0).into());
        }
        let current = current_term(transaction).await?;
        let statement = Statement::new(
            "SELECT DISTINCT i.subject_number, c.container_id, c.subject_type, c.last_active_term \
             FROM subject_tmpl_reg_instance i \
             JOIN subject_template t ON t.template_id = i.template_id \
             JOIN subject_container c ON c.container_id = t.container_id \
             WHERE i.subject_code = $1 AND t.template_status = 'A'",
        )
        .bind(text(&self.0));
        let rows: Vec<(String, i64, String, Option<String>)> = transaction.rows(statement).await?;
        let mut numbers = Vec::new();
        for (number, id, subject_type, last) in rows {
            let place = ("subject_container", "last_active_term");
            let last: Option<Term> = last.map(|last| parsed(&last, place, id)).transpose()?;
            numbers.push(NumberOf {
                subject: SubjectId::new(&self.0, from_text(number)),
                container: ContainerId(id),
                is_active: last.is_none_or(|last| last >= current),
                own: ContainerRow {
                    subject_type: from_text(subject_type),
                    last_active_term: last,
                    updated_by: None,
                },
            });
        }
        numbers.sort_by(|one, two| {
            let one = (&one.subject, one.container);
            one.cmp(&(&two.subject, two.container))
        });
        Ok(numbers)
    }
}

/// The templates in effect of a container.
pub struct Templates(pub ContainerId);

impl Question for Templates {
    type Answer = Vec<Template>;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Vec<Template>, Unanswered> {
        let timeline = timeline(transaction, self.0).await?;
        Ok(timeline.active().cloned().collect())
    }
}

async fn timeline(
    transaction: &mut Transaction<'_>,
    id: ContainerId,
) -> Result<Timeline, Unanswered> {
    let own = container(transaction, id).await?;
    let templates = read(transaction, &Which::of(id)).await?;
    let templates = templates.into_iter().map(|(_, template)| template);
    Ok(Timeline::stored(own.last_active_term, templates.collect()))
}

/// The template in effect of a container in a term.
async fn covering(
    transaction: &mut Transaction<'_>,
    id: ContainerId,
    code: &str,
) -> Result<(Term, Template), Unanswered> {
    let timeline = timeline(transaction, id).await?;
    let at = term(transaction, code).await?;
    let covering = timeline.covering(at).cloned();
    Ok((at, covering.ok_or(Violation::NoEffectiveTemplate(at))?))
}

/// How the academic year of a term is shown.
pub struct YearShown(pub ContainerId, pub String);

/// The display controls and links of an academic year.
pub struct Shown {
    /// The template that covers the term.
    pub template: TemplateId,
    /// The academic year.
    pub year: Year,
    /// Codes and options.
    pub controls: BTreeMap<String, String>,
    /// Types and addresses.
    pub urls: BTreeMap<String, String>,
}

impl Question for YearShown {
    type Answer = Shown;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Shown, Unanswered> {
        let (at, template) = covering(transaction, self.0, &self.1).await?;
        let year = at.year();
        let of_year = |rows: BTreeMap<(Year, String), String>| {
            let rows = rows.into_iter().filter(|((of, _), _)| *of == year);
            rows.map(|((_, key), value)| (key, value)).collect()
        };
        let place = ("subject_template", "template_id");
        Ok(Shown {
            template: template.id.ok_or_else(|| inconsistent(place, self.0))?,
            year,
            controls: of_year(template.plans.displays),
            urls: of_year(template.plans.urls),
        })
    }
}

/// Under which ids students may enroll in a term.
pub struct EnrollableSubjects(pub ContainerId, pub String);

/// Each id of the template, the main one first, with whether students may enroll under it.
pub type Enrollable = Vec<(SubjectId, bool)>;

impl Question for EnrollableSubjects {
    type Answer = Enrollable;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<Enrollable, Unanswered> {
        let (at, template) = covering(transaction, self.0, &self.1).await?;
        let statement = Statement::new(
            "SELECT subject_code, subject_number FROM subject_enrollable \
             WHERE container_id = $1 AND term_code = $2 AND enrollable_ind = 'N'",
        )
        .bind(number(self.0))
        .bind(text(at.to_string()));
        let rows: Vec<(String, String)> = transaction.rows(statement).await?;
        let not = rows.into_iter();
        let not = not.map(|(code, number)| SubjectId::new(from_text(code), from_text(number)));
        let not: BTreeSet<_> = not.collect();
        let ids = template.content.ids();
        Ok(ids.map(|id| (id.clone(), !not.contains(id))).collect())
    }
}

/// The options of display controls that are valid in a term.
pub struct OptionValues(pub ContainerId, pub String);

impl Question for OptionValues {
    type Answer = BTreeSet<(String, String)>;

    async fn answer(
        self,
        transaction: &mut Transaction<'_>,
    ) -> Result<BTreeSet<(String, String)>, Unanswered> {
        container(transaction, self.0).await?;
        let at = term(transaction, &self.1).await?;
        let statement = Statement::new(
            "SELECT control_code, option_value FROM subject_display_ctrl_option \
             WHERE from_term <= $1 AND thru_term >= $1",
        )
        .bind(text(at.to_string()));
        let rows: Vec<(String, String)> = transaction.rows(statement).await?;
        let pairs = rows.into_iter();
        let pairs = pairs.map(|(code, option)| (from_text(code), from_text(option)));
        Ok(pairs.collect())
    }
}

/// A template of a container for its requisites.
pub struct WithRequisites(pub ContainerId, pub TemplateId);

/// A template with the descriptions of attributes by their codes.
pub struct TemplateOf {
    /// The template.
    pub template: Template,
    /// The descriptions.
    pub descriptions: BTreeMap<String, String>,
}

impl Question for WithRequisites {
    type Answer = TemplateOf;

    async fn answer(self, transaction: &mut Transaction<'_>) -> Result<TemplateOf, Unanswered> {
        container(transaction, self.0).await?;
        let templates = read(transaction, &Which::these(&BTreeSet::from([self.1]))).await?;
        let mut own = templates.into_iter().filter(|(of, _)| *of == self.0);
        let (_, template) = own.next().ok_or(Violation::NoTemplate(self.1))?;
        let sql = "SELECT attribute_code, description FROM subject_attribute";
        let rows: Vec<(String, String)> = transaction.rows(Statement::new(sql)).await?;
        let descriptions = rows.into_iter();
        let descriptions = descriptions.map(|(code, text)| (from_text(code), from_text(text)));
        Ok(TemplateOf {
            template,
            descriptions: descriptions.collect(),
        })
    }
}
