//! Operations of the domain as the requests that ask for them.

use serde_json::{Map, Value, json};
use specwright_server::subjects::domain::checks::Item;
use specwright_server::subjects::domain::operations::Operation;
use specwright_server::subjects::domain::subject::Overlay;

/// The path and the body.
pub fn request(operation: &Operation) -> (String, Value) {
    let container = |id: i64, rest: &str| format!("/subjects/containers/{id}{rest}");
    match operation {
        Operation::Create(create) => {
            let mut template = parts(&create.template);
            template["effectiveTerms"] =
                json!({"effectiveFromTerm": create.from, "effectiveThruTerm": create.thru});
            let body = json!({
                "subjectType": create.subject_type,
                "subjectTemplate": template,
                "equivalentSubjects": items(&create.equivalent_subjects),
                "subjectRelationships": items(&create.subject_relationships),
            });
            ("/subjects".to_owned(), body)
        }
        Operation::Edit(edit) => {
            let body = json!({
                "subjectTemplate": parts(&edit.template),
                "equivalentSubjects": items(&edit.equivalent_subjects),
                "subjectRelationships": items(&edit.subject_relationships),
            });
            let path = format!("/effectiveTerms/{}", edit.from);
            (container(edit.container.0, &path), body)
        }
        Operation::EditRequisites(edit) => {
            let body = json!({"effectiveTerm": edit.from, "requisites": edit.requisites});
            (container(edit.container.0, "/requisites"), body)
        }
        Operation::Deactivate(end) => {
            let body = json!({"operation": "DEACTIVATE", "effectiveTerm": end.from});
            (container(end.container.0, ""), body)
        }
        Operation::Reactivate(start) => {
            let body = json!({
                "operation": "REACTIVATE",
                "effectiveTerm": start.from,
                "subjectTemplate": parts(&start.template),
                "equivalentSubjects": items(&start.equivalent_subjects),
                "subjectRelationships": items(&start.subject_relationships),
            });
            (container(start.container.0, ""), body)
        }
        Operation::Backdate(start) => {
            let body = json!({"effectiveFromTerm": start.from});
            (container(start.container.0, "/resetEffectiveTerm"), body)
        }
        Operation::Enroll(enroll) => {
            let subjects = enroll.subjects.iter();
            let subjects = subjects.map(|(id, may)| json!({"subjectId": id, "isEnrollable": may}));
            let body = json!({"enrollableSubjects": subjects.collect::<Vec<_>>()});
            let path = format!("/terms/{}/enrollableSubjects", enroll.term);
            (container(enroll.container.0, &path), body)
        }
        Operation::PlanTerms(plan) => {
            let offerings = plan.offerings.iter().map(|(term, offering)| {
                json!({
                    "termCode": term,
                    "isOffered": offering.is_offered,
                    "instructors": offering.instructors,
                })
            });
            let mut body = json!({
                "academicYear": plan.year,
                "termPlans": offerings.collect::<Vec<_>>(),
            });
            if let Some(next) = plan.next_offered {
                body["nextOfferedYear"] = json!(next);
            }
            (container(plan.container.0, "/termPlans"), body)
        }
        Operation::ShowYear(show) => {
            let pair = |(one, other): (&str, &str), pairs: &[(String, String)]| -> Value {
                let pairs = pairs.iter();
                pairs
                    .map(|(key, value)| json!({one: key, other: value}))
                    .collect()
            };
            let mut body = json!({"academicYear": show.year});
            if let Some(controls) = &show.controls {
                body["displayControls"] = pair(("controlCode", "optionValue"), controls);
            }
            if let Some(urls) = &show.urls {
                body["urls"] = pair(("urlType", "url"), urls);
            }
            (container(show.container.0, "/displayControlsAndUrls"), body)
        }
    }
}

/// The body with every list in the other order. (P-21) In a requisite the order has a meaning.
pub fn turned(body: &mut Value) {
    match body {
        Value::Array(items) => {
            items.reverse();
            items.iter_mut().for_each(turned);
        }
        Value::Object(members) => {
            let lists = members.iter_mut().filter(|(name, _)| *name != "requisites");
            lists.for_each(|(_, member)| turned(member));
        }
        _ => {}
    }
}

fn items(items: &[Item]) -> Value {
    let item = |item: &Item| match &item.terms {
        Some((from, thru)) => json!({
            "containerId": item.container.0,
            "effectiveTerms": {"effectiveFromTerm": from, "effectiveThruTerm": thru},
        }),
        None => json!({"containerId": item.container.0, "remove": true}),
    };
    items.iter().map(item).collect()
}

/// What histories use of an overlay.
fn parts(overlay: &Overlay) -> Value {
    let mut parts = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        parts.extend(value.map(|value| (name.to_owned(), value)));
    };
    add("subjectCode", overlay.code.as_ref().map(|code| json!(code)));
    add(
        "subjectNumber",
        overlay.number.as_ref().map(|number| json!(number)),
    );
    add("title", overlay.title.as_ref().map(|title| json!(title)));
    add(
        "attributes",
        overlay.attributes.as_ref().map(|own| json!(own)),
    );
    add(
        "gradingModes",
        overlay.grading_modes.as_ref().map(|own| json!(own)),
    );
    add(
        "description",
        overlay.description.as_ref().map(|own| json!(own)),
    );
    add("level", overlay.level.map(|own| json!(own)));
    add("units", overlay.units.map(|own| json!(own)));
    add("gradeRule", overlay.grade_rule.map(|own| json!(own)));
    add(
        "homeSubject",
        overlay.home_subject.as_ref().map(|own| json!(own)),
    );
    let ids = overlay.cross_listed.as_ref().map(|ids| {
        let ids = ids.iter();
        let id = ids.map(|id| json!({"subjectCode": id.code, "subjectNumber": id.number}));
        id.collect()
    });
    add("crossListSubjects", ids);
    Value::Object(parts)
}
