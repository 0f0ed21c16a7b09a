//! A picture as a picture: terms across, templates and relations as bars.

use std::fmt::Write as _;

use super::chart::Scale;
use super::table::heading;
use super::{Picture, Related, Shown};
use crate::subjects::domain::ranges::EffectiveTerms;
use crate::subjects::domain::term::Thru;
use crate::subjects::domain::violations::Relation;

/// The place for what stands before the bars, in pixels.
const LEFT: u32 = 190;

/// The place for title and years.
const TOP: u32 = 74;

/// The height of a row with a bar in it, and of the bar.
const ROW: u32 = 28;
const BAR: u32 = 20;

/// How wide a character is, about.
const CHARACTER: u32 = 7;

/// Colours that people with any sight tell apart, each with its text.
const TEMPLATE: (&str, &str) = ("#0072b2", "#ffffff");
const DELETED: (&str, &str) = ("#d9d9d9", "#404040");
const EQUIVALENT: (&str, &str) = ("#e69f00", "#000000");
const SCHEDULED: (&str, &str) = ("#009e73", "#ffffff");

/// A standalone SVG 1.1 document.
pub fn svg(picture: &Picture) -> String {
    let scale = Scale::of(picture);
    let mut drawing = Drawing {
        scale,
        rows: 0,
        body: String::new(),
    };
    drawing.templates(&picture.templates);
    for relation in [Relation::Equivalency, Relation::Scheduling] {
        let related = picture.relations.iter();
        for related in related.filter(|related| related.relation == relation) {
            drawing.related(related);
        }
    }
    drawing.whole(picture)
}

struct Drawing {
    scale: Scale,
    /// How many rows there are so far.
    rows: u32,
    body: String,
}

impl Drawing {
    /// Those in effect on one row, for they lie apart; deleted ones below.
    fn templates(&mut self, templates: &[Shown]) {
        let (active, deleted): (Vec<_>, Vec<_>) =
            templates.iter().partition(|template| template.is_active);
        for (name, templates, colours) in [
            ("templates", active, TEMPLATE),
            ("deleted templates", deleted, DELETED),
        ] {
            if templates.is_empty() {
                continue;
            }
            self.name(name);
            for template in templates {
                let label = &template.label;
                let version = template.version.map(|version| format!(" v{version}"));
                let version = version.unwrap_or_default();
                let short = format!("{} {}", label.subject_id, label.title);
                let whole = format!(
                    "template {}{version}, {}: {} {}",
                    template.id, template.terms, label.subject_id, label.title
                );
                self.bar(template.terms, colours, &short, &whole);
            }
            self.rows += 1;
        }
    }

    fn related(&mut self, related: &Related) {
        let (name, colours) = match related.relation {
            Relation::Equivalency => ("EQ", EQUIVALENT),
            Relation::Scheduling => ("SR", SCHEDULED),
        };
        self.name(&format!(
            "{name} {} ({})",
            related.subject_id, related.container
        ));
        for terms in &related.terms {
            let whole = format!("{name} with container {}, {terms}", related.container);
            self.bar(*terms, colours, &related.subject_id, &whole);
        }
        self.rows += 1;
    }

    fn name(&mut self, name: &str) {
        let y = TOP + self.rows * ROW + BAR - 5;
        let x = LEFT - 10;
        let name = escaped(&cut(name, LEFT - 20));
        let _ = writeln!(
            self.body,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{name}</text>"
        );
    }

    /// A bar with a text as long as it fits; the whole of it shows when the bar is pointed at. An
    /// open end has no edge.
    fn bar(&mut self, terms: EffectiveTerms, colours: (&str, &str), short: &str, whole: &str) {
        let (x, width) = self.scale.bar(terms);
        let (x, y) = (LEFT + x, TOP + self.rows * ROW);
        let (fill, ink) = colours;
        let round = if terms.thru() == Thru::Open { 0 } else { 3 };
        let text = escaped(&cut(short, width.saturating_sub(10)));
        let _ = writeln!(
            self.body,
            "<g><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{BAR}\" \
             rx=\"{round}\" fill=\"{fill}\"/><text x=\"{}\" y=\"{}\" fill=\"{ink}\">{text}</text></g>",
            escaped(whole),
            width.saturating_sub(1),
            x + 5,
            y + BAR - 5,
        );
        if terms.thru() == Thru::Open {
            let (edge, middle, low) = (x + width, y + BAR / 2, y + BAR);
            let _ = writeln!(
                self.body,
                "<path d=\"M{} {y} L{} {middle} L{} {low} Z\" fill=\"{fill}\"/>",
                edge - 1,
                edge + 9,
                edge - 1
            );
        }
    }

    /// The title, the years, and the rows over them.
    fn whole(&self, picture: &Picture) -> String {
        let (width, height) = (LEFT + self.scale.width() + 24, TOP + self.rows * ROW + 16);
        let title = format!(
            "{} (container {}, {})",
            name(picture),
            picture.container,
            heading(picture.moment)
        );
        let title = escaped(&title);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\" \
             role=\"img\">\n<title>{title}</title>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
             <text x=\"10\" y=\"26\" font-size=\"18\">{title}</text>\n"
        );
        let apart = self.scale.years_apart();
        for (at, (year, x)) in self.scale.years().enumerate() {
            let x = LEFT + x;
            let _ = writeln!(
                svg,
                "<line x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{}\" stroke=\"#d0d0d0\"/>",
                TOP - 12,
                height - 10
            );
            if at % apart == 0 {
                let y = TOP - 16;
                let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\">{year}FA</text>");
            }
        }
        svg.push_str(&self.body);
        svg.push_str("</svg>\n");
        svg
    }
}

/// The subject ids that the container has had, in order.
fn name(picture: &Picture) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for template in &picture.templates {
        if !ids.contains(&template.label.subject_id.as_str()) {
            ids.push(&template.label.subject_id);
        }
    }
    ids.join(", ")
}

/// As much of a text as a width has place for.
fn cut(text: &str, width: u32) -> String {
    let most = usize::try_from(width / CHARACTER).unwrap_or(0);
    match text.chars().count() <= most {
        true => text.to_owned(),
        false if most < 3 => String::new(),
        false => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// XML 1.0, section 2.4; a character that no document may have is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
