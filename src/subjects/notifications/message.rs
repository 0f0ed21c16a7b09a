//! What a notification says as a mail.

use std::fmt::Write as _;

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, MIME_VERSION_1_0};
use lettre::{Address, Message};
use serde::Deserialize;
use serde_json::Value;

use super::{MailError, Prepared};
use crate::subjects::domain::notifications::Kind;

/// The stored form of a notification's data.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    subject_id: String,
    academic_year: u16,
    departments: Vec<String>,
    fields: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    name: String,
    previous_value: Value,
    new_value: Value,
}

impl Field {
    fn is_changed(&self) -> bool {
        self.previous_value != self.new_value
    }
}

/// The mail that a notification makes: plain text, all recipients in its head.
///
/// # Errors
/// The stored data cannot be read, an address is none, or nobody is named.
pub fn message(prepared: &Prepared, from: &Mailbox) -> Result<Message, MailError> {
    let id = prepared.id;
    let data: Data = serde_json::from_str(&prepared.data)
        .map_err(|source| MailError::Unreadable { id, source })?;
    if prepared.recipients.is_empty() {
        return Err(MailError::NoRecipient(id));
    }
    let mut builder = Message::builder()
        .from(from.clone())
        .date(prepared.at.into())
        // RFC 5322, section 3.6.4: one that is sent again is the same message.
        .message_id(Some(format!(
            "<notification-{id}.{}@{}>",
            prepared.api_ref_id,
            from.email.domain()
        )))
        .subject(format!(
            "{}: what is planned for {} has changed",
            data.subject_id, data.academic_year
        ));
    for address in &prepared.recipients {
        builder = builder.to(Mailbox::new(None, parsed(address)?));
    }
    let message = builder
        .header(MIME_VERSION_1_0)
        .header(ContentType::TEXT_PLAIN);
    let message = message.body(text(prepared, &data));
    message.map_err(|error| MailError::Message {
        id,
        reason: error.to_string(),
    })
}

fn parsed(address: &str) -> Result<Address, MailError> {
    address
        .parse()
        .map_err(|error: lettre::address::AddressError| MailError::Address {
            address: address.to_owned(),
            reason: error.to_string(),
        })
}

/// All fields of the year, those that have changed first; what concerns the reader before them.
fn text(prepared: &Prepared, data: &Data) -> String {
    let mut text = format!(
        "Subject {}, academic year {}\n\n{}\n",
        data.subject_id,
        data.academic_year,
        reason(prepared.kind, &data.departments)
    );
    let (changed, same): (Vec<_>, Vec<_>) = data.fields.iter().partition(|one| one.is_changed());
    let width = data.fields.iter().map(|field| field.name.chars().count());
    let width = width.max().unwrap_or(0);
    for (heading, fields) in [("Changed", changed), ("Unchanged", same)] {
        if fields.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{heading}:");
        for field in fields {
            let Field { name, .. } = field;
            let _ = write!(text, "  {name:width$}  ");
            if field.is_changed() {
                let _ = write!(text, "{} -> ", value(&field.previous_value));
            }
            let _ = writeln!(text, "{}", value(&field.new_value));
        }
    }
    let _ = writeln!(
        text,
        "\nNotification {}, request {}",
        prepared.id, prepared.api_ref_id
    );
    text
}

fn reason(kind: Kind, departments: &[String]) -> String {
    let departments = departments.join(", ");
    match kind {
        Kind::Sr => {
            format!("A subject of yours is taught together with it (departments: {departments}).")
        }
        Kind::Xlist => format!("A number of yours is cross-listed (departments: {departments})."),
        Kind::Hass => {
            "It counts towards the humanities, arts and social sciences requirement.".to_owned()
        }
        Kind::Comm => "It counts towards the communication requirement.".to_owned(),
    }
}

/// A value for people, on one line.
fn value(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.replace(['\r', '\n'], " "),
        other => other.to_string(),
    }
}
