//! The generated code accepts exactly what the contract's schema accepts.
//!
//! Each case whose operation `send_value` takes and returns a `Value` is mounted with a service
//! that returns what it was given. Values made at random around the schema are sent to it; the
//! `jsonschema` crate, given the schema as the contract wrote it, says what the answer must be.

mod support;

use serde_json::Value;
use specwright_generated_tests::schemas;
use std::collections::BTreeSet;
use support::instances::Instances;
use support::oracle::Oracle;
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

macro_rules! echo {
    ($module:ident $service:ident $api:ident) => {
        mod $module {
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
        }
    };
}

macro_rules! cases {
    ($($module:ident $service:ident $api:ident,)*) => {
        $(echo! { $module $service $api })*

        const CASES: &[Case] = &[READ_WRITE, $(Case {
            name: stringify!($module),
            document: schemas::$module::API.document_json,
            answer: $module::answer,
        },)*];
    };
}

cases! {
    aliases Aliases AliasesApi,
    all_of AllOf AllOfApi,
    all_of_single AllOfSingle AllOfSingleApi,
    any_of AnyOf AnyOfApi,
    arrays Arrays ArraysApi,
    booleans Booleans BooleansApi,
    conditions Conditions ConditionsApi,
    defaults Defaults DefaultsApi,
    defs Defs DefsApi,
    dependencies Dependencies DependenciesApi,
    discriminator Discriminator DiscriminatorApi,
    discriminator_mapping DiscriminatorMapping DiscriminatorMappingApi,
    discriminator_null DiscriminatorNull DiscriminatorNullApi,
    discriminator_parent DiscriminatorParent DiscriminatorParentApi,
    discriminator_values DiscriminatorValues DiscriminatorValuesApi,
    encoded Encoded EncodedApi,
    enum_names EnumNames EnumNamesApi,
    enums Enums EnumsApi,
    examples Examples ExamplesApi,
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

/// The case whose values differ by direction, so that there is no echo.
const READ_WRITE: Case = Case {
    name: "read_write",
    document: schemas::read_write::API.document_json,
    answer: read_write::answer,
};

mod read_write {
    use super::schemas::read_write as generated;
    use specwright_runtime::{Context, Fault};

    struct Service;

    impl generated::ReadWrite for Service {
        async fn send_value(
            &self,
            request: generated::SendValueRequest,
            _context: &Context,
        ) -> Result<generated::SendValueResponse, Fault> {
            let owner = request.body.owner.map(|owner| generated::Owner {
                id: "1".to_owned(),
                name: owner.name,
            });
            Ok(generated::SendValueResponse::Ok(generated::Value {
                id: "1".to_owned(),
                name: request.body.name,
                created: None,
                owner,
            }))
        }
    }

    pub(super) fn answer(body: &str) -> super::Answer {
        super::send(generated::ReadWriteApi(Service), body)
    }
}

#[test]
fn what_the_schema_accepts_is_accepted_and_nothing_else() {
    let disagreements: Vec<String> = CASES.iter().flat_map(compare).collect();
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

/// What the code and the schema disagree on, one line a value, at most three.
fn compare(case: &Case) -> Vec<String> {
    let document: Value = serde_json::from_str(case.document).expect("a document is JSON");
    let (oracle, answered) = (Oracle::new(&document, true), Oracle::new(&document, false));
    let schema = &oracle.document["$defs"]["Value"];
    let mut instances = Instances::new(&oracle.document, 1);
    let (mut accepted, mut refused) = (0, 0);
    let mut disagreements = Vec::new();
    for _ in 0..VALUES_PER_CASE {
        let value = instances.near(schema);
        let text = value.to_string();
        let answer = (case.answer)(&text);
        let fault = if oracle.is_valid(&value) {
            accepted += 1;
            judge_accepted(&answered, &answer, !LOSSY.contains(&case.name))
        } else {
            refused += 1;
            judge_refused(&oracle.places(&value), &answer)
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

fn judge_accepted(oracle: &Oracle, answer: &Answer, lossless: bool) -> Option<&'static str> {
    if answer.status != 200 {
        return Some("a valid value is refused");
    }
    let echo: Value = serde_json::from_str(&answer.body).ok()?;
    (lossless && !oracle.is_valid(&echo)).then_some("the echo is not valid")
}

/// Each violation stands where something is wrong, or inside, when it is told of a branch or of a
/// member; and nothing that is wrong is left out.
fn judge_refused(places: &BTreeSet<String>, answer: &Answer) -> Option<&'static str> {
    if answer.status != 400 {
        return Some("an invalid value is not refused");
    }
    let Ok(problem) = serde_json::from_str::<Value>(&answer.body) else {
        return Some("the answer is no JSON");
    };
    let errors = problem["errors"].as_array().into_iter().flatten();
    let reported: BTreeSet<&str> = errors
        .map(|error| error["pointer"].as_str().unwrap_or_default())
        .collect();
    let covers = |place: &String, pointer: &str| {
        let below = pointer.strip_prefix(place.as_str());
        below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    };
    if !reported
        .iter()
        .all(|pointer| places.iter().any(|place| covers(place, pointer)))
    {
        return Some("a violation is named where nothing is wrong");
    }
    let told = |place: &String| reported.iter().any(|pointer| covers(place, pointer));
    (!places.iter().all(told)).then_some("a violation is not named")
}

echo! { patterns Patterns PatternsApi }

/// Patterns that the `jsonschema` crate alone reads in another way than ECMA-262, or not at all.
#[test]
fn patterns_mean_what_ecma_262_says() {
    let long = "é".repeat(5000);
    let longer = "é".repeat(20_000);
    let letters = "é".repeat(255);
    let accepted: &[(&str, &[&str])] = &[
        ("long", &["a", &long]),
        ("longer", &["", &longer]),
        ("letters", &["Åse 7", &letters]),
        ("number", &["7", "10"]),
        ("words", &["a b", "ab\u{a0}cd"]),
        ("twice", &["a.a", "_7_"]),
        ("braces", &["{a-b}"]),
        ("angles", &["<a>"]),
        ("anything", &["ab", "a\n", "a😀"]),
        ("x-7", &[""]),
    ];
    let refused: &[(&str, &[&str])] = &[
        ("long", &["", "a,", &format!("{long}a")]),
        ("longer", &["\n", &format!("{longer}a")]),
        ("letters", &["", "a-b", &format!("{letters}a")]),
        ("number", &["07", "٣", "7٣"]),
        ("words", &["é b", "a b c", "abcde fghij"]),
        ("twice", &["a.b", "a٣a", "é.é"]),
        ("braces", &["{}", "a", "{é}"]),
        ("angles", &["a", "\\<a>"]),
        ("anything", &["a", "abc"]),
        ("y7", &[""]),
    ];
    for (values, is_accepted) in [(accepted, true), (refused, false)] {
        for (member, texts) in values {
            for text in *texts {
                let body = serde_json::json!({ *member: text }).to_string();
                let answer = patterns::answer(&body);
                let status = if is_accepted { 200 } else { 400 };
                assert_eq!(answer.status, status, "{body}: {}", answer.body);
                let place = format!("/body/{member}");
                assert!(
                    is_accepted || answer.body.contains(&place),
                    "{}",
                    answer.body
                );
            }
        }
    }
    // `٣` is no digit, so that no pattern binds these members.
    let answer = patterns::answer(r#"{"x-٣": 1, "y٣": ""}"#);
    assert_eq!(answer.status, 200, "{}", answer.body);
}
