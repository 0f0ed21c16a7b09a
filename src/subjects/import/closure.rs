//! What relations come to: containers that are related by way of others are related.

use std::collections::BTreeMap;

use crate::subjects::domain::ranges::{EffectiveTerms, Ranges, boundaries, segments};
use crate::subjects::domain::relations::Pair;
use crate::subjects::domain::subject::ContainerId;
use crate::subjects::domain::term::Term;

/// The smallest relation that has these pairs in these terms and is, at every term, an equivalence
/// relation: each pair with its maximal ranges. (P-01, P-04)
pub fn closed(pairs: &BTreeMap<Pair, Ranges>) -> BTreeMap<Pair, Ranges> {
    let everywhere = Groups::of(pairs.keys().copied());
    let mut clusters: BTreeMap<ContainerId, Vec<(Pair, &Ranges)>> = BTreeMap::new();
    for (pair, ranges) in pairs {
        let cluster = clusters.entry(everywhere.root(pair.low())).or_default();
        cluster.push((*pair, ranges));
    }
    let mut closed = BTreeMap::new();
    for cluster in clusters.values() {
        close(cluster, &mut closed);
    }
    closed
}

/// Closes the pairs of containers that are connected over time: stretch by stretch of terms in
/// which nothing begins or ends.
fn close(cluster: &[(Pair, &Ranges)], closed: &mut BTreeMap<Pair, Ranges>) {
    let mut found: BTreeMap<Pair, Vec<EffectiveTerms>> = BTreeMap::new();
    let cuts = boundaries(cluster.iter().map(|(_, ranges)| *ranges));
    for segment in segments(&cuts) {
        for group in groups(cluster, segment.from()) {
            for (at, one) in group.iter().enumerate() {
                let later = group.get(at + 1..).unwrap_or_default();
                let pairs = later.iter().filter_map(|other| Pair::new(*one, *other));
                for pair in pairs {
                    found.entry(pair).or_default().push(segment);
                }
            }
        }
    }
    let ranges = found.into_iter();
    closed.extend(ranges.map(|(pair, segments)| (pair, segments.into_iter().collect())));
}

/// The cliques at one term.
fn groups(cluster: &[(Pair, &Ranges)], term: Term) -> Vec<Vec<ContainerId>> {
    let there = cluster.iter().filter(|(_, ranges)| ranges.covers(term));
    let there: Vec<Pair> = there.map(|(pair, _)| *pair).collect();
    let groups = Groups::of(there.iter().copied());
    let mut members: BTreeMap<ContainerId, Vec<ContainerId>> = BTreeMap::new();
    for container in groups.0.keys() {
        let group = members.entry(groups.root(*container)).or_default();
        group.push(*container);
    }
    members.into_values().collect()
}

/// Disjoint sets: each container points towards the one that stands for its set.
struct Groups(BTreeMap<ContainerId, ContainerId>);

impl Groups {
    fn of(pairs: impl Iterator<Item = Pair>) -> Self {
        let mut groups = Self(BTreeMap::new());
        for pair in pairs {
            for container in [pair.low(), pair.high()] {
                groups.0.entry(container).or_insert(container);
            }
            let (one, other) = (groups.root(pair.low()), groups.root(pair.high()));
            groups.0.insert(one.max(other), one.min(other));
            // Whoever was asked for points straight at the end from now on, so that paths stay
            // short.
            for container in [pair.low(), pair.high()] {
                groups.0.insert(container, one.min(other));
            }
        }
        groups
    }

    fn root(&self, container: ContainerId) -> ContainerId {
        let mut at = container;
        while let Some(next) = self.0.get(&at).filter(|next| **next != at) {
            at = *next;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(one: i64, other: i64) -> Pair {
        Pair::new(ContainerId(one), ContainerId(other)).expect("two containers")
    }

    fn terms(text: &str) -> EffectiveTerms {
        let (from, thru) = text.split_once('-').expect("two terms");
        let thru: crate::subjects::domain::term::Thru = thru.parse().expect("a term");
        EffectiveTerms::new(from.parse().expect("a term"), thru).expect("in order")
    }

    fn close_all(rows: &[(i64, i64, &str)]) -> Vec<String> {
        let mut pairs: BTreeMap<Pair, Ranges> = BTreeMap::new();
        for (one, other, range) in rows {
            let ranges = pairs.entry(pair(*one, *other)).or_default();
            *ranges = ranges.iter().chain([terms(range)]).collect();
        }
        let closed = closed(&pairs);
        let rows = closed.iter().flat_map(|(pair, ranges)| {
            let ranges: Vec<_> = ranges
                .iter()
                .map(|range| format!("{pair} {range}"))
                .collect();
            ranges
        });
        rows.collect()
    }

    #[test]
    fn what_is_related_by_way_of_another_is_related_while_both_are() {
        assert_eq!(
            close_all(&[(1, 2, "2017FA-999999"), (3, 2, "2018FA-2019SU")]),
            [
                "1-2 2017FA-999999",
                "1-3 2018FA-2019SU",
                "2-3 2018FA-2019SU"
            ]
        );
        // Never at the same time: nothing comes with them.
        assert_eq!(
            close_all(&[(1, 2, "2017FA-2018SU"), (2, 3, "2019FA-999999")]),
            ["1-2 2017FA-2018SU", "2-3 2019FA-999999"]
        );
    }

    #[test]
    fn chains_and_rings_become_cliques() {
        let chain: Vec<_> = (1..9).map(|n| (n, n + 1, "2017FA-999999")).collect();
        let mut ring = chain.clone();
        ring.push((9, 1, "2017FA-999999"));
        let clique = close_all(&chain);
        assert_eq!(clique.len(), 9 * 8 / 2);
        assert_eq!(close_all(&ring), clique);
        // What is closed stays as it is, in pieces or whole.
        assert_eq!(
            close_all(&[(1, 2, "2017FA-2017SU"), (2, 1, "2018FA-999999")]),
            ["1-2 2017FA-999999"]
        );
    }
}
