//! How what was found and done is printed: for people, or as the API answers it.

use std::fmt::Write as _;
use std::io::Write as _;

use chrono::{DateTime, Utc};
use specwright_runtime::{Json, Nullable};

use crate::backfill::answers;
use crate::backfill::contract::{Lease, RecordList};
use crate::backfill::domain::{Kind, Record, State, Whole};
use crate::operate::Format;

/// What is printed in the end.
pub enum Outcome {
    /// Records, one a line.
    Records(Vec<Record>),
    /// A record with what it says.
    Whole(Box<Whole>),
    /// A leased record, with its lease.
    Leased(String, Box<Whole>),
    /// There was nothing to lease.
    Nothing,
    /// How many records were worked off.
    Worked(i64),
}

pub fn print(format: Format, outcome: Outcome) -> anyhow::Result<()> {
    let text = match format {
        Format::Text => text(&outcome),
        Format::Json => json(outcome),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

fn json(outcome: Outcome) -> String {
    let json = match outcome {
        Outcome::Records(records) => Json::of(&RecordList {
            next: Nullable::Null,
            records: records.into_iter().map(answers::record).collect(),
        }),
        Outcome::Whole(whole) => record_json(*whole),
        Outcome::Leased(lease_id, whole) => Json::of(&Lease {
            lease_id,
            record: answers::whole(*whole),
        }),
        Outcome::Nothing => Json::null(),
        Outcome::Worked(records) => Json::of(&records),
    };
    format!("{json}\n")
}

/// A record with what it says, as the API answers it.
pub fn record_json(whole: Whole) -> Json {
    Json::of(&answers::whole(whole))
}

fn text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Records(records) if records.is_empty() => {
            "There are no such records.\n".to_owned()
        }
        Outcome::Records(records) => {
            let head = "record  request  container  template  type  created               state\n";
            records.iter().fold(head.to_owned(), |mut text, record| {
                let _ = writeln!(text, "{}", line(record));
                text
            })
        }
        Outcome::Whole(whole) => shown(whole),
        Outcome::Leased(lease_id, whole) => format!("lease   {lease_id}\n{}", shown(whole)),
        Outcome::Nothing => "There is nothing to do now.\n".to_owned(),
        Outcome::Worked(records) => format!("{records} records are worked off.\n"),
    }
}

fn line(record: &Record) -> String {
    let Record {
        queue_id,
        api_ref_id,
        container_id,
        template_id,
        ..
    } = record;
    let state = state(record);
    let state = state.trim_end();
    format!(
        "{queue_id:>6}  {api_ref_id:>7}  {container_id:>9}  {template_id:>8}  {:<4}  {:<20}  {state}",
        record.kind.map_or("-", Kind::name),
        time(record.created),
    )
}

fn state(record: &Record) -> String {
    let worker = record.worker.as_deref().unwrap_or("nobody");
    let times = match record.attempt {
        0 | 1 => String::new(),
        times => format!(", handed out {times} times"),
    };
    match (record.state, record.leased_until, record.acknowledged) {
        (State::Leased, Some(until), _) => {
            format!("leased to {worker} until {}{times}", time(until))
        }
        (State::Acknowledged, _, Some(at)) => {
            format!("acknowledged by {worker} at {}{times}", time(at))
        }
        _ => format!("waiting{times}"),
    }
}

fn shown(whole: &Whole) -> String {
    let record = &whole.record;
    let mut text = format!(
        "record  {}, of request {}, {}\nabout   container {}, template {}, type {}\nstate   {}\n",
        record.queue_id,
        record.api_ref_id,
        time(record.created),
        record.container_id,
        record.template_id,
        record.kind.map_or("-", Kind::name),
        state(record),
    );
    let keys = whole.used_keys.iter();
    let keys: Vec<_> = keys
        .map(|key| format!("{} {}", key.subject_id, key.part.name()))
        .collect();
    let _ = writeln!(text, "keys    {}", keys.join(", "));
    let before = whole.previous.as_deref().unwrap_or("null");
    let _ = writeln!(text, "before  {before}\nafter   {}", whole.new);
    text
}

fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
