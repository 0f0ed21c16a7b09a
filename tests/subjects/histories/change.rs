//! What random edits change of a template.

use proptest::prelude::*;
use specwright_server::subjects::domain::subject::{GradeRule, HomeSubject, Level, Overlay, Units};

use super::steps::IDS;
use crate::support::world::id;

/// What an edit changes of a template.
#[derive(Clone, Debug)]
pub struct Change {
    title: Option<usize>,
    main: Option<usize>,
    cross_listed: Option<Vec<usize>>,
    attributes: Option<usize>,
    detail: Option<usize>,
}

/// The sets of attributes: the mandate is about one, requirements are about others.
const ATTRIBUTES: [&[&str]; 5] = [&[], &["PHY2"], &["PHY2", "HA"], &["HA", "CIH"], &["PHY1"]];

/// How many details there are that an edit may change.
const DETAILS: usize = 7;

impl Change {
    pub fn overlay(&self) -> Overlay {
        let main = self.main.map(|main| id(IDS[main]));
        let ids = |ids: &Vec<usize>| ids.iter().map(|at| id(IDS[*at])).collect();
        let attributes = |at: usize| {
            let own = ATTRIBUTES[at].iter();
            own.map(|code| (*code).to_owned()).collect()
        };
        Overlay {
            title: self.title.map(|title| format!("Title {title}")),
            code: main.as_ref().map(|main| main.code.clone()),
            number: main.map(|main| main.number),
            cross_listed: self.cross_listed.as_ref().map(ids),
            attributes: self.attributes.map(attributes),
            ..self.detail.map(detail).unwrap_or_default()
        }
    }
}

/// One of the details, said or taken back.
fn detail(at: usize) -> Overlay {
    let units = |lecture, lab, preparation| {
        Some(Units {
            lecture,
            lab,
            preparation,
        })
    };
    let home = |school: &str| HomeSubject {
        home_institution_id: "WELL".to_owned(),
        home_school_id: school.to_owned(),
        home_subject_id: format!("{school}-1"),
    };
    let nothing = Overlay::default();
    match at {
        0 => Overlay {
            level: Some(Some(Level::U)),
            units: units(4, 0, 8),
            ..nothing
        },
        1 => Overlay {
            level: Some(Some(Level::G)),
            grade_rule: Some(Some(GradeRule::J)),
            ..nothing
        },
        2 => Overlay {
            level: Some(None),
            grade_rule: Some(None),
            units: units(0, 6, 3),
            ..nothing
        },
        3 => Overlay {
            home_subject: Some(Some(home("SCI"))),
            description: Some(Some("What it is about".to_owned())),
            ..nothing
        },
        4 => Overlay {
            home_subject: Some(Some(home("ART"))),
            ..nothing
        },
        5 => Overlay {
            home_subject: Some(None),
            ..nothing
        },
        _ => Overlay {
            description: Some(None),
            grade_rule: Some(Some(GradeRule::T)),
            ..nothing
        },
    }
}

pub fn change() -> impl Strategy<Value = Change> + Clone {
    let change = (
        proptest::option::of(0usize..4),
        proptest::option::weighted(0.1, 0..IDS.len()),
        proptest::option::weighted(0.2, proptest::collection::vec(0..IDS.len(), 0..2)),
        proptest::option::weighted(0.5, 0..ATTRIBUTES.len()),
        proptest::option::weighted(0.4, 0..DETAILS),
    );
    change.prop_map(|(title, main, cross_listed, attributes, detail)| Change {
        title,
        main,
        cross_listed,
        attributes,
        detail,
    })
}
