//! Sends variations of a request to the generated endpoint and compares every
//! answer with what `serde_json` and the `jsonschema` crate make of the body,
//! and with the limit on its length.
//!
//! `cargo run --release -p specwright-benches --bin fuzz -- --seconds 60`

use anyhow::{Context, Result, ensure};
use clap::Parser;
use poem::http::{Method, StatusCode};
use poem::{Endpoint, IntoEndpoint, Request};
use serde_json::Value;
use specwright_benches::fuzz::mutate;
use specwright_benches::fuzz::oracle::{Oracle, Verdict};
use specwright_benches::fuzz::random::Random;
use specwright_benches::peers::ours;
use specwright_benches::samples::ORDER;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;

/// Looks for bodies on which the generated endpoint and an independent judge disagree.
#[derive(Parser)]
struct Arguments {
    /// How long to look.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Where the variations start; the same seed gives the same ones.
    #[arg(long, default_value_t = 20_261_121)]
    seed: u64,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let endpoint = ours::endpoint().into_endpoint();
    let oracle = Oracle::new(ours::DOCUMENT, "Order")?;
    let mut random = Random::new(arguments.seed);
    let mut found = [0_u64; 4];
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    while Instant::now() < end {
        let body = mutate::vary(ORDER, &mut random);
        let expected = oracle.judge(&body);
        let answer = runtime.block_on(send(&endpoint, &body))?;
        if let Err(error) = compare(&expected, &answer) {
            println!(
                "seed {}, variation {}: {error:#}\nbody of {} bytes: {}",
                arguments.seed,
                found.iter().sum::<u64>() + 1,
                body.len(),
                beginning(&body)
            );
            println!("0 passed, 1 failed");
            return Ok(ExitCode::FAILURE);
        }
        match expected {
            Verdict::Malformed => found[0] += 1,
            Verdict::Invalid(_) => found[1] += 1,
            Verdict::Valid => found[2] += 1,
            Verdict::TooLong => found[3] += 1,
        }
    }
    let [malformed, invalid, valid, long] = found;
    println!(
        "no disagreement on {malformed} malformed, {invalid} invalid, {valid} valid and {long} \
         overlong bodies"
    );
    Ok(ExitCode::SUCCESS)
}

/// As much of a body as a terminal shows with profit.
fn beginning(body: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(body);
    if let Some((end, _)) = text.char_indices().nth(4_000) {
        text.to_mut().truncate(end);
        text.to_mut().push('…');
    }
    text.into_owned()
}

/// The status and the body of an answer.
struct Answer {
    status: StatusCode,
    body: Value,
}

async fn send(endpoint: &impl Endpoint, body: &[u8]) -> Result<Answer> {
    let request = Request::builder()
        .method(Method::POST)
        .uri_str("/orders")
        .content_type("application/json")
        .body(body.to_vec());
    let mut response = endpoint.get_response(request).await;
    let bytes = response.take_body().into_vec().await?;
    let body = serde_json::from_slice(&bytes).context("an answer that is no JSON")?;
    Ok(Answer {
        status: response.status(),
        body,
    })
}

/// A valid body is answered 200, one over the limit 413, any other 400, with every place that is
/// wrong.
fn compare(expected: &Verdict, answer: &Answer) -> Result<()> {
    let status = match expected {
        Verdict::Valid => StatusCode::OK,
        Verdict::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
        Verdict::Malformed | Verdict::Invalid(_) => StatusCode::BAD_REQUEST,
    };
    ensure!(
        answer.status == status,
        "expected {expected:?}, found {}: {}",
        answer.status,
        answer.body
    );
    if let Verdict::Invalid(places) = expected {
        let errors = answer
            .body
            .get("errors")
            .and_then(Value::as_array)
            .context("a 400 without errors")?;
        let pointer = |error: &Value| Some(error.get("pointer")?.as_str()?.to_owned());
        let reported: BTreeSet<String> = errors.iter().filter_map(pointer).collect();
        ensure!(
            reported == *places,
            "expected violations at {places:?}, found {reported:?}"
        );
    }
    Ok(())
}
