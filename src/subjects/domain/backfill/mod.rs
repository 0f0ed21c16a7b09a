//! Records for the backfill queue: what each change made of a subject, with all it is related to.
//!
//!
//! `related` finds whose ids belong into a record, `data` lays out what a record says, `keys`
//! names the ids in it.

pub mod data;
mod keys;
mod related;

pub use data::Data;
pub use keys::{KeyType, used_keys};
pub use related::{Entry, Ids, Rows, direct, entries, horizon, indirect, retained};

use std::collections::BTreeMap;

use super::ranges::EffectiveTerms;
use super::subject::{ContainerId, SubjectId, TemplateId};
use data::{Regular, Scheduling};

use super::template::Template;
use super::term::{Term, Year};
use super::timeline::Timeline;

/// A subject with all it is related to, at one moment: before the request wrote anything, or after
/// all it wrote.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The container.
    pub container: ContainerId,
    /// Its type, such as `Standard`.
    pub subject_type: String,
    /// Its templates.
    pub timeline: Timeline,
    /// Its equivalencies, as retained.
    pub direct: Rows,
    /// The equivalencies of its equivalent containers with others.
    pub indirect: Rows,
    /// Its scheduling relationships, as retained.
    pub scheduled: Rows,
}

/// Which request changed the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    /// A new subject.
    Create,
    /// Some terms of a subject.
    Edit,
    /// The term plan of a year.
    TermPlan(Year),
    /// Under which ids students may enroll.
    EnrollableSubjects,
    /// The end of a subject; whether nothing is left of it.
    Deactivate {
        /// It ended with its creation term.
        whole: bool,
    },
    /// A new beginning.
    Reactivate,
    /// The display controls and links of a year.
    DisplayControls,
    /// Pre- and corequisites.
    Requisites,
    /// An earlier beginning.
    Backdate,
}

impl Post {
    /// The type of the records for the templates.
    fn process_type(self) -> Option<ProcessType> {
        match self {
            Post::TermPlan(_) | Post::DisplayControls => Some(ProcessType::TermPlan),
            Post::Deactivate { whole: true } => Some(ProcessType::SubjectDeleted),
            Post::Requisites => Some(ProcessType::Requisites),
            Post::Backdate => Some(ProcessType::Backdate),
            Post::Create | Post::Edit | Post::Reactivate => None,
            Post::EnrollableSubjects | Post::Deactivate { whole: false } => None,
        }
    }

    /// Whether scheduling relationships get a record of their own.
    fn tells_scheduling(self) -> bool {
        !matches!(
            self,
            Post::TermPlan(_) | Post::DisplayControls | Post::Requisites
        )
    }

    /// Whether past ids are told.
    fn tells_past(self) -> bool {
        matches!(self, Post::Edit | Post::Reactivate)
    }
}

/// What a record is about; none for a plain change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProcessType {
    /// `SR`
    Scheduling,
    /// `SD`
    SubjectDeleted,
    /// `BD`
    Backdate,
    /// `RQ`
    Requisites,
    /// `TP`
    TermPlan,
}

impl ProcessType {
    /// Its name in the queue.
    pub fn name(self) -> &'static str {
        match self {
            ProcessType::Scheduling => "SR",
            ProcessType::SubjectDeleted => "SD",
            ProcessType::Backdate => "BD",
            ProcessType::Requisites => "RQ",
            ProcessType::TermPlan => "TP",
        }
    }
}

/// A record of the queue, with one key for each subject id in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The template it shows; for a record of scheduling relationships, the first one edited.
    pub template: Option<TemplateId>,
    /// What it is about; `None` for a plain change.
    pub process_type: Option<ProcessType>,
    /// The subject before; `None` for a new one.
    pub previous: Option<Data>,
    /// The subject after.
    pub new: Data,
    /// The ids in both.
    pub used_keys: BTreeMap<SubjectId, KeyType>,
}

/// One range that was edited: the template that was in its place, and the templates that are. A
/// template's mandate may have cut it into several.
#[derive(Clone, Copy, Debug)]
pub struct Edited<'a> {
    /// What the subject looked like; `None` for a new one.
    pub previous: Option<&'a Template>,
    /// What it looks like now, in order; at least one.
    pub pieces: &'a [&'a Template],
}

impl Edited<'_> {
    /// The whole edited range.
    fn terms(&self) -> Option<EffectiveTerms> {
        let (first, last) = (self.pieces.first()?, self.pieces.last()?);
        EffectiveTerms::new(first.terms.from(), last.terms.thru())
    }
}

/// The moments and settings that all records of a request share.
#[derive(Clone, Copy, Debug)]
pub struct Composition<'a> {
    /// Which request it was.
    pub post: Post,
    /// Before it; `None` for a new subject.
    pub before: Option<&'a Snapshot>,
    /// After it.
    pub after: &'a Snapshot,
    /// The ids of all containers that either snapshot relates the subject to.
    pub ids: &'a Ids,
    /// What ended before this term is told no more.
    pub horizon: Term,
}

impl Composition<'_> {
    /// The records of a request: one for each piece of each edited range, then one of the
    /// scheduling relationships when there are or were any.
    pub fn records(&self, edited: &[Edited<'_>]) -> Vec<Record> {
        let mut records = Vec::new();
        for edited in edited {
            let pieces = edited.pieces.iter();
            records.extend(pieces.filter_map(|piece| self.regular(edited, piece)));
        }
        let snapshots = self.before.into_iter().chain([self.after]);
        let scheduled = snapshots.flat_map(|snapshot| &snapshot.scheduled).next();
        if self.post.tells_scheduling() && scheduled.is_some() {
            records.extend(edited.first().and_then(|edited| self.scheduling(edited)));
        }
        records
    }

    fn regular(&self, edited: &Edited<'_>, piece: &Template) -> Option<Record> {
        let urls = data::urls(edited.pieces, edited.terms()?);
        let mut new = self.whole(self.after, piece, urls);
        if self.post.tells_past() {
            new.past_subject_data = Some(self.past(&new));
        }
        let previous = self
            .before
            .zip(edited.previous)
            .map(|(snapshot, template)| {
                let urls = data::urls(&[template], template.terms);
                Data::Regular(Box::new(self.whole(snapshot, template, urls)))
            });
        let process_type = self.post.process_type();
        Some(record(
            piece.id,
            process_type,
            previous,
            Data::Regular(Box::new(new)),
        ))
    }

    fn whole(&self, snapshot: &Snapshot, template: &Template, urls: Vec<data::Url>) -> Regular {
        let entries = |rows| entries(rows, self.ids, self.horizon);
        Regular {
            container_id: snapshot.container,
            subject_type: snapshot.subject_type.clone(),
            last_active_term: snapshot.timeline.last_active_term,
            subject_template: data::Template::of(template),
            urls,
            equivalent_subjects: data::equivalents(
                entries(&snapshot.direct),
                entries(&snapshot.indirect),
            ),
            subject_relationships: entries(&snapshot.scheduled),
            past_subject_data: None,
            term_plans: match self.post {
                Post::TermPlan(year) => Some(data::term_plans(template, year)),
                _ => None,
            },
        }
    }

    /// Ids outside the effective terms that the respective component does not have.
    fn past(&self, new: &Regular) -> data::Past {
        let equivalent = self.after.direct.iter().chain(&self.after.indirect);
        let equivalent = self.ids_of(equivalent);
        let present = new.equivalent_subjects.iter();
        let present = present.map(|own| &own.subject).collect();
        data::Past {
            cross_list_subjects: self.past_ids(&new.subject_template.cross_list_subjects),
            equivalent_subjects: Some(related::absent(equivalent, &present)),
            subject_relationships: self.past_scheduled(&new.subject_relationships),
        }
    }

    fn past_ids(&self, present: &[SubjectId]) -> Vec<Entry> {
        let templates = self.after.timeline.active();
        let all = templates.flat_map(|template| {
            let ids = template.content.ids();
            ids.map(|id| (id.clone(), template.terms))
        });
        let all = related::coalesced(all, self.horizon);
        related::absent(all, &present.iter().collect())
    }

    fn past_scheduled(&self, present: &[Entry]) -> Vec<Entry> {
        let all = self.ids_of(self.after.scheduled.iter());
        related::absent(all, &present.iter().map(|entry| &entry.subject).collect())
    }

    /// All ids of the containers in the rows, in all their terms.
    fn ids_of<'r>(
        &self,
        rows: impl Iterator<Item = &'r (ContainerId, EffectiveTerms)>,
    ) -> Vec<Entry> {
        let containers: std::collections::BTreeSet<_> = rows.map(|(other, _)| *other).collect();
        let templates = containers
            .iter()
            .filter_map(|other| self.ids.get(other))
            .flatten();
        let all = templates.flat_map(|(terms, ids)| ids.iter().map(|id| (id.clone(), *terms)));
        related::coalesced(all, self.horizon)
    }

    fn scheduling(&self, edited: &Edited<'_>) -> Option<Record> {
        let first = edited.pieces.first()?;
        let part = |snapshot: &Snapshot, template: &Template, terms| Scheduling {
            container_id: snapshot.container,
            subject_template: data::SchedulingTemplate::of(template, terms),
            subject_relationships: entries(&snapshot.scheduled, self.ids, self.horizon),
            past_subject_data: None,
        };
        let mut new = part(self.after, first, edited.terms()?);
        if self.post.tells_past() {
            new.past_subject_data = Some(data::Past {
                cross_list_subjects: self.past_ids(&new.subject_template.cross_list_subjects),
                equivalent_subjects: None,
                subject_relationships: self.past_scheduled(&new.subject_relationships),
            });
        }
        let previous = self
            .before
            .zip(edited.previous)
            .map(|(snapshot, template)| {
                Data::Scheduling(Box::new(part(snapshot, template, template.terms)))
            });
        let process_type = Some(ProcessType::Scheduling);
        Some(record(
            first.id,
            process_type,
            previous,
            Data::Scheduling(Box::new(new)),
        ))
    }
}

fn record(
    template: Option<TemplateId>,
    process_type: Option<ProcessType>,
    previous: Option<Data>,
    new: Data,
) -> Record {
    Record {
        template,
        process_type,
        used_keys: used_keys(previous.as_ref(), &new),
        previous,
        new,
    }
}
