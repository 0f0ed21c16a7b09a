//! A picture as tables.

use std::fmt::Write as _;

use super::{Moment, Picture};
use crate::subjects::domain::ranges::EffectiveTerms;
use crate::subjects::domain::violations::Relation;

/// The templates and the relations, each with a heading.
pub fn table(picture: &Picture) -> String {
    let moment = heading(picture.moment);
    let mut text = format!(
        "container {}, {}, {moment}\n\ntemplates\n",
        picture.container, picture.subject_type
    );
    let mut rows = vec![["id", "version", "terms", "subject", "title"].map(str::to_owned)];
    for template in &picture.templates {
        let version = template.version.map(|version| version.to_string());
        let version = version.unwrap_or_else(|| "-".to_owned());
        let deleted = if template.is_active { "" } else { " deleted" };
        rows.push([
            template.id.to_string(),
            version,
            format!("{}{deleted}", template.terms),
            template.label.subject_id.clone(),
            template.label.title.clone(),
        ]);
    }
    columns(&mut text, &rows);
    for (relation, heading) in [
        (Relation::Equivalency, "equivalent subjects"),
        (Relation::Scheduling, "scheduling relationships"),
    ] {
        let mut rows = vec![["container", "subject", "terms"].map(str::to_owned)];
        let related = picture.relations.iter();
        for related in related.filter(|related| related.relation == relation) {
            let terms: Vec<_> = related
                .terms
                .iter()
                .map(EffectiveTerms::to_string)
                .collect();
            let (id, subject) = (related.container.to_string(), related.subject_id.clone());
            rows.push([id, subject, terms.join(", ")]);
        }
        let _ = writeln!(text, "\n{heading}");
        columns(&mut text, &rows);
    }
    if !picture.is_told {
        text.push_str(NOT_TOLD);
    }
    text
}

/// What is said where the log does not tell everything.
const NOT_TOLD: &str = "\nThe process log does not tell everything that happened to this container: \
                        what was before and after a request may not have been so.\n";

/// Which moment is shown, in words.
pub fn heading(moment: Moment) -> String {
    match moment {
        Moment::Now => "as it is".to_owned(),
        Moment::Before(request) => format!("before request {request}"),
        Moment::After(request) => format!("after request {request}"),
    }
}

/// Rows under their headings; `none` where there are no rows.
fn columns<const N: usize>(text: &mut String, rows: &[[String; N]]) {
    if rows.len() < 2 {
        text.push_str("  none\n");
        return;
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let _ = write!(line, "  {cell:width$}", width = width(column));
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
}
