//! Differences as text.

use super::{Class, Difference};
use crate::diag;
use crate::source::{Sources, Span};

/// How many operations are named before the rest is counted.
const NAMED: usize = 4;

/// Counts by class: `2 breaking, 1 compatible`; `no differences` when there are none.
pub fn summary(differences: &[Difference]) -> String {
    let counts = Class::ALL.map(|class| {
        let count = differences.iter().filter(|one| one.class() == class);
        (count.count(), class)
    });
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let parts = counts.map(|(count, class)| format!("{count} {class}"));
    match parts.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "no differences".to_owned(),
        parts => parts,
    }
}

/// A line for each difference, for build logs and locks: class, rule, where and what.
pub fn line(difference: &Difference) -> String {
    let class = difference.class();
    let (place, message) = (place(difference), &difference.message);
    match place.is_empty() {
        true => format!("{class}: {message} [{}]", difference.rule),
        false => format!("{class}: {place}: {message} [{}]", difference.rule),
    }
}

/// For people at a terminal: the worst first, each with its place in the sources.
pub fn human(differences: &[Difference], (old, new): (&Sources, &Sources)) -> String {
    let places = |pick: fn(&Difference) -> Option<Span>, sources| {
        let spans = differences.iter().map(|one| pick(one).unwrap_or_default());
        diag::places(&spans.collect::<Vec<_>>(), sources)
    };
    let (before, after) = (places(|one| one.old, old), places(|one| one.new, new));
    let mut out = String::new();
    let mut class = None;
    for (at, one) in differences.iter().enumerate() {
        if class.replace(one.class()) != Some(one.class()) {
            out.push_str(&format!("{}\n", one.class()));
        }
        let place = place(one);
        let place = if place.is_empty() { "the API" } else { &place };
        out.push_str(&format!("  {place}\n    {} [{}]\n", one.message, one.rule));
        let stands = match (one.new, one.old) {
            (Some(_), _) => Some(&after[at]),
            (None, Some(_)) => Some(&before[at]),
            (None, None) => None,
        };
        if let Some(stands) = stands {
            let diag::Place { path, line, column } = stands;
            out.push_str(&format!("    at {path}:{line}:{column}\n"));
        }
    }
    out
}

/// A changelog: what changed from one version to another, for those who use the API.
pub fn markdown(differences: &[Difference], (old, new): (&str, &str), title: &str) -> String {
    let mut out = match old == new {
        true => format!("# {title} {new}: what changed\n"),
        false => format!("# {title}: from {old} to {new}\n"),
    };
    if differences.is_empty() {
        out.push_str("\nNothing changed.\n");
    }
    for class in Class::ALL {
        let members = differences.iter().filter(|one| one.class() == class);
        let members = members.collect::<Vec<_>>();
        if members.is_empty() {
            continue;
        }
        out.push_str(match class {
            Class::Breaking => "\n## Breaking changes\n",
            Class::Compatible => "\n## Compatible changes\n",
            Class::Documentation => "\n## Documentation\n",
        });
        for (heading, members) in grouped(&members) {
            out.push_str(&format!("\n### {heading}\n\n"));
            for one in members {
                let place = match (one.place.is_empty(), one.pointer.is_empty()) {
                    (false, _) => format!("{}: ", one.place),
                    (true, false) => format!("`{}`: ", one.pointer),
                    (true, true) => String::new(),
                };
                out.push_str(&format!("- {place}{} (`{}`)\n", one.message, one.rule));
            }
        }
    }
    out
}

/// Differences by the operations that they concern, in the order in which these come.
fn grouped<'d>(differences: &[&'d Difference]) -> Vec<(String, Vec<&'d Difference>)> {
    let mut groups: Vec<(String, Vec<&Difference>)> = Vec::new();
    for one in differences {
        let heading = match one.operations.as_slice() {
            [] => "The API".to_owned(),
            _ => operations(one, "`"),
        };
        match groups.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, members)) => members.push(one),
            None => groups.push((heading, vec![one])),
        }
    }
    groups
}

/// Operations and the place in them; where there is no place, the pointer.
fn place(difference: &Difference) -> String {
    let inner = match (difference.place.is_empty(), difference.pointer.is_empty()) {
        (false, _) => difference.place.clone(),
        (true, _) => difference.pointer.clone(),
    };
    let operations = operations(difference, "");
    match (operations.is_empty(), inner.is_empty()) {
        (false, false) => format!("{operations}: {inner}"),
        (true, _) => inner,
        (_, true) => operations,
    }
}

fn operations(difference: &Difference, quote: &str) -> String {
    let names = &difference.operations;
    let (named, rest) = names.split_at(names.len().min(NAMED));
    let named = named.iter().map(|name| format!("{quote}{name}{quote}"));
    let mut text = named.collect::<Vec<_>>().join(", ");
    if !rest.is_empty() {
        text.push_str(&format!(" and {} more", rest.len()));
    }
    text
}
