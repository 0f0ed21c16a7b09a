//! The generated code accepts exactly what the contract's schema accepts.
//!
//! Each case whose operation `send_value` takes and returns a `Value` is mounted with a service
//! that returns what it was given. Values made at random around the schema are sent to it; the
//! `jsonschema` crate, given the schema as the contract wrote it, says what the answer must be.

mod support;

use serde_json::Value;
use specwright_generated_tests::schemas;
use support::instances::Instances;
use support::{Answer, send};

const VALUES_PER_CASE: u32 = 400;

/// Branches of these cases differ in members that the chosen one does not name, and such members
/// are not kept: the echo can fit another branch as well.
const LOSSY: &[&str] = &["one_of_overlap"];

/// What one case is compared by.
struct Case {
    name: &'static str,
    document: &'static str,
    answer: fn(&str) -> Answer,
}

macro_rules! cases {
    ($($module:ident $service:ident $api:ident,)*) => {
        $(mod $module {
            use super::schemas::$module as generated;
            use specwright_runtime::{Context, Fault};

            struct Echo;

            impl generated::$service for Echo {
                async fn send_value(
                    &self,
                    request: generated::SendValueRequest,
                    _context: &Context,
                ) -> Result<generated::SendValueResponse, Fault> {
                    Ok(generated::SendValueResponse::Ok(request.body))
                }
            }

            pub(super) fn answer(body: &str) -> super::Answer {
                super::send(generated::$api(Echo), body)
            }
        })*

        const CASES: &[Case] = &[$(Case {
            name: stringify!($module),
            document: schemas::$module::API.document_json,
            answer: $module::answer,
        },)*];
    };
}

cases! {
    aliases Aliases AliasesApi,
    all_of AllOf AllOfApi,
    any_of AnyOf AnyOfApi,
    arrays Arrays ArraysApi,
    conditions Conditions ConditionsApi,
    enums Enums EnumsApi,
    formats Formats FormatsApi,
    integers Integers IntegersApi,
    maps Maps MapsApi,
    negation Negation NegationApi,
    numbers Numbers NumbersApi,
    objects Objects ObjectsApi,
    one_of OneOf OneOfApi,
    one_of_overlap OneOfOverlap OneOfOverlapApi,
    presence Presence PresenceApi,
    property_names PropertyNames PropertyNamesApi,
    recursion Recursion RecursionApi,
    siblings Siblings SiblingsApi,
    strings Strings StringsApi,
    tuples Tuples TuplesApi,
    types_ Types TypesApi,
    unevaluated Unevaluated UnevaluatedApi,
}

#[test]
fn what_the_schema_accepts_is_accepted_and_nothing_else() {
    let disagreements: Vec<String> = CASES.iter().flat_map(compare).collect();
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

/// What the code and the schema disagree on, one line a value, at most three.
fn compare(case: &Case) -> Vec<String> {
    let document: Value = serde_json::from_str(case.document).expect("a document is JSON");
    let schema = &document["components"]["schemas"]["Value"];
    let oracle = support::oracle(&document);
    let mut instances = Instances::new(&document, 1);
    let (mut accepted, mut refused) = (0, 0);
    let mut disagreements = Vec::new();
    for _ in 0..VALUES_PER_CASE {
        let value = instances.near(schema);
        let text = value.to_string();
        let answer = (case.answer)(&text);
        let fault = if oracle.is_valid(&value) {
            accepted += 1;
            judge_accepted(&oracle, &answer, !LOSSY.contains(&case.name))
        } else {
            refused += 1;
            judge_refused(&answer)
        };
        disagreements
            .extend(fault.map(|fault| format!("{}: {text}: {fault}: {}", case.name, answer.body)));
    }
    if accepted <= 10 || refused <= 10 {
        disagreements.push(format!(
            "{}: only {accepted} accepted, {refused} refused",
            case.name
        ));
    }
    disagreements.truncate(3);
    disagreements
}

fn judge_accepted(
    oracle: &jsonschema::Validator,
    answer: &Answer,
    lossless: bool,
) -> Option<&'static str> {
    if answer.status != 200 {
        return Some("a valid value is refused");
    }
    let echo: Value = serde_json::from_str(&answer.body).ok()?;
    (lossless && !oracle.is_valid(&echo)).then_some("the echo is not valid")
}

fn judge_refused(answer: &Answer) -> Option<&'static str> {
    if answer.status != 400 {
        return Some("an invalid value is not refused");
    }
    let problem: Value = serde_json::from_str(&answer.body).ok()?;
    let errors = problem["errors"].as_array().map_or(0, Vec::len);
    (errors == 0).then_some("no violation is named")
}
