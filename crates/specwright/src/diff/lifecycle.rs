//! Deprecation and sunset of operations.

use super::report::{Comparison, Use};
use super::rules::Part;
use crate::model::{Day, Operation};
use crate::source::Span;

type Spans = (Option<Span>, Option<Span>);

impl Comparison<'_> {
    pub(super) fn lifecycle(&mut self, (old, new): (&Operation, &Operation), at: &Use) {
        let spans = (Some(old.span), Some(new.span));
        self.deprecation((old, new), at, spans);
        self.sunset((old, new), at, spans);
        let since = (old.lifecycle.since, new.lifecycle.since);
        if since.0 != since.1 {
            let name = |day: Option<Day>| day.map_or("no day".to_owned(), |day| day.to_string());
            let message = format!(
                "the day of the deprecation is {}, was {}",
                name(since.1),
                name(since.0)
            );
            self.part(Part::DeprecatedSinceChanged, at, message, spans);
        }
    }

    fn deprecation(&mut self, (old, new): (&Operation, &Operation), at: &Use, spans: Spans) {
        match (old.deprecated, new.deprecated, new.lifecycle.sunset) {
            (false, true, Some(day)) => {
                let message = format!("the operation is deprecated, with a sunset on {day}");
                self.part(Part::OperationDeprecated, at, message, spans);
            }
            (false, true, None) => {
                let message = "the operation is deprecated".to_owned();
                self.part(Part::OperationDeprecated, at, message, spans);
                let message = "no day is set for the deprecated operation".to_owned();
                self.part(Part::DeprecatedWithoutSunset, at, message, spans);
            }
            (true, false, _) => {
                let message = match old.lifecycle.sunset {
                    Some(day) => {
                        format!("the operation is not deprecated any more; its sunset was {day}")
                    }
                    None => "the operation is not deprecated any more".to_owned(),
                };
                self.part(Part::OperationReactivated, at, message, spans);
            }
            _ => {}
        }
    }

    /// A day that is taken back is told while the operation is still to go: its clients do not know
    /// any more how long they have.
    fn sunset(&mut self, (old, new): (&Operation, &Operation), at: &Use, spans: Spans) {
        let (part, message) = match (old.lifecycle.sunset, new.lifecycle.sunset) {
            (None, Some(day)) => (Part::SunsetSet, format!("the sunset is {day}")),
            (Some(day), None) if new.deprecated => {
                (Part::SunsetUnset, format!("the sunset was {day}"))
            }
            (Some(was), Some(is)) if is < was => (
                Part::SunsetEarlier,
                format!("the sunset is {is}, was {was}"),
            ),
            (Some(was), Some(is)) if is > was => {
                (Part::SunsetLater, format!("the sunset is {is}, was {was}"))
            }
            _ => return,
        };
        self.part(part, at, message, spans);
        if let (Some(sunset), Some(today)) = (new.lifecycle.sunset, self.today)
            && today.days_until(sunset) < i64::try_from(self.notice_days).unwrap_or(i64::MAX)
        {
            let message =
                format!("the sunset {sunset} is nearer to {today} than the notice asks for");
            self.part(Part::SunsetTooNear, at, message, spans);
        }
    }
}
