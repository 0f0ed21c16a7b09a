//! What operations ask for before they answer.

use super::report::{Comparison, Use};
use super::rules::Part;
use crate::model::{Operation, Requirement};
use crate::source::Span;

impl Comparison<'_> {
    pub(super) fn credentials(&mut self, (old, new): (&Operation, &Operation), at: &Use) {
        let spans = (Some(old.span), Some(new.span));
        let asks = |alternatives: &[Vec<Requirement>]| {
            !alternatives.is_empty() && alternatives.iter().all(|one| !one.is_empty())
        };
        match (asks(&old.security), asks(&new.security)) {
            (false, true) => {
                let message = format!("credentials are needed: {}", listed(&new.security));
                self.part(Part::SecurityAsked, at, message, spans);
            }
            (true, false) => {
                let message = "no credentials are needed any more".to_owned();
                self.part(Part::SecurityDropped, at, message, spans);
            }
            _ => {}
        }
        let mut gone = old.security.iter().collect::<Vec<_>>();
        gone.retain(|one| !one.is_empty());
        let mut come = new.security.iter().collect::<Vec<_>>();
        come.retain(|one| !one.is_empty());
        gone.retain(|one| {
            let same = come.iter().position(|other| schemes(one) == schemes(other));
            if let Some(place) = same {
                self.scopes((one, come.remove(place)), at, spans);
            }
            same.is_none()
        });
        // Where credentials were not needed and are now, those that do are told with it; where they
        // are not needed any more, nobody is refused who comes with others. Where they never are,
        // whoever is known by them gets other answers than a stranger.
        if asks(&old.security) || !asks(&new.security) {
            for one in come {
                let message = format!("{} is accepted", named(one));
                self.part(Part::AlternativeAdded, at, message, spans);
            }
        }
        if asks(&new.security) || !asks(&old.security) {
            for one in gone {
                let message = format!("{} is not accepted any more", named(one));
                self.part(Part::AlternativeRemoved, at, message, spans);
            }
        }
    }

    fn scopes(
        &mut self,
        (old, new): (&[Requirement], &[Requirement]),
        at: &Use,
        spans: (Option<Span>, Option<Span>),
    ) {
        for requirement in new {
            let scheme = &requirement.scheme;
            let Some(before) = old.iter().find(|one| one.scheme == *scheme) else {
                continue;
            };
            let lacks = |list: &[String], one: &String| !list.contains(one);
            let scopes = requirement.scopes.iter();
            for scope in scopes.filter(|one| lacks(&before.scopes, one)) {
                let message = format!("`{scheme}` needs the scope `{scope}` too");
                self.part(Part::ScopeAdded, at, message, spans);
            }
            let scopes = before.scopes.iter();
            for scope in scopes.filter(|one| lacks(&requirement.scopes, one)) {
                let message = format!("`{scheme}` does not need the scope `{scope}` any more");
                self.part(Part::ScopeRemoved, at, message, spans);
            }
        }
    }
}

fn schemes(alternative: &[Requirement]) -> Vec<&str> {
    let mut names = alternative.iter().map(|one| one.scheme.as_str());
    let mut names = names.by_ref().collect::<Vec<_>>();
    names.sort_unstable();
    names
}

fn named(alternative: &[Requirement]) -> String {
    let names = alternative.iter().map(|one| match one.scopes.as_slice() {
        [] => format!("`{}`", one.scheme),
        scopes => format!("`{}` with `{}`", one.scheme, scopes.join("`, `")),
    });
    names.collect::<Vec<_>>().join(" and ")
}

fn listed(alternatives: &[Vec<Requirement>]) -> String {
    let names = alternatives.iter().map(|one| named(one));
    names.collect::<Vec<_>>().join(", or ")
}
