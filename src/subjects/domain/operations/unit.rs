//! What operations ask of the catalogue: a unit of work, which holds together or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use super::super::backfill::{Ids, Record};
use super::super::checks::Known;
use super::super::notifications::{Concerned, Notification};
use super::super::ranges::{EffectiveTerms, Ranges};
use super::super::relations::{Change, Pair, Star};
use super::super::subject::{ContainerId, SubjectId, TemplateId};
use super::super::term::{Term, Year};
use super::super::timeline::Timeline;
use super::super::violations::Relation;

/// A container as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its id.
    pub id: ContainerId,
    /// Its type, such as `Standard`.
    pub subject_type: String,
    /// Its templates.
    pub timeline: Timeline,
}

/// What a request names, for [`Unit::known`] to look up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Subject ids.
    pub ids: BTreeSet<SubjectId>,
    /// Other containers.
    pub containers: BTreeSet<ContainerId>,
}

/// One unit of work over the catalogue; nothing of it lasts unless whoever began it commits. Only
/// one unit that writes is at work at a time, so that what it has read stays true.
pub trait Unit: Send {
    /// Why the catalogue could not do something.
    type Error: Send;

    /// A container with all its templates; `None` where there is none.
    fn container(
        &mut self,
        id: ContainerId,
    ) -> impl Future<Output = Result<Option<Container>, Self::Error>> + Send;

    /// The reference tables, and what the catalogue has of those names.
    fn known(&mut self, names: &Names) -> impl Future<Output = Result<Known, Self::Error>> + Send;

    /// The year up to which the legacy system takes changes; `None` where it is not configured.
    fn gate(&mut self) -> impl Future<Output = Result<Option<Year>, Self::Error>> + Send;

    /// `star(C)` of a relation.
    fn star(
        &mut self,
        relation: Relation,
        of: ContainerId,
    ) -> impl Future<Output = Result<Star, Self::Error>> + Send;

    /// The ranges of pairs; those without any may be left out.
    fn pairs(
        &mut self,
        relation: Relation,
        pairs: &[Pair],
    ) -> impl Future<Output = Result<BTreeMap<Pair, Ranges>, Self::Error>> + Send;

    /// The equivalency rows (from, to, terms) of containers that do not lie within the range given
    /// for each.
    fn beyond(
        &mut self,
        known: &BTreeMap<ContainerId, EffectiveTerms>,
    ) -> impl Future<Output = Result<Vec<(ContainerId, ContainerId, EffectiveTerms)>, Self::Error>> + Send;

    /// The templates in effect of those containers, with their ids.
    fn ids(
        &mut self,
        of: &BTreeSet<ContainerId>,
    ) -> impl Future<Output = Result<Ids, Self::Error>> + Send;

    /// What the mandate procedure says of a stored template: its output, or how it failed. A
    /// failure leaves the unit as it was.
    fn mandate(
        &mut self,
        template: TemplateId,
    ) -> impl Future<Output = Result<Result<Option<String>, String>, Self::Error>> + Send;

    /// Whom the notifications of a year may concern; `scheduled` are the containers with a
    /// scheduling relationship in it.
    fn concerned(
        &mut self,
        year: Year,
        scheduled: &BTreeSet<ContainerId>,
    ) -> impl Future<Output = Result<Concerned, Self::Error>> + Send;

    /// Stores a container without templates, and gives its id.
    fn create(
        &mut self,
        subject_type: &str,
        last_active_term: Option<Term>,
    ) -> impl Future<Output = Result<ContainerId, Self::Error>> + Send;

    /// Stores the changed templates of a container and its last active term, and gives the new
    /// templates their ids, in order.
    fn save(
        &mut self,
        container: &mut Container,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Writes changes of a relation, in both directions.
    fn relate(
        &mut self,
        relation: Relation,
        changes: &[Change],
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Counts a change of every template in effect of those containers.
    fn touch(
        &mut self,
        containers: &BTreeSet<ContainerId>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Replaces under which ids students may enroll in a term.
    fn enroll(
        &mut self,
        container: ContainerId,
        term: Term,
        subjects: &BTreeMap<SubjectId, bool>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Puts records into the queue, in order, and gives their ids.
    fn enqueue(
        &mut self,
        container: ContainerId,
        records: &[Record],
    ) -> impl Future<Output = Result<Vec<i64>, Self::Error>> + Send;

    /// Keeps notifications until they are asked for, and gives their ids.
    fn notify(
        &mut self,
        container: ContainerId,
        notifications: &[Notification],
    ) -> impl Future<Output = Result<Vec<i64>, Self::Error>> + Send;
}
