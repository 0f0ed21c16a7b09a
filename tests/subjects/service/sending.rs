//! Notifications of random histories, sent where some cannot be.

use std::collections::BTreeSet;

use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq};
use serde_json::{Value, json};
use specwright_server::subjects::domain::notifications::{Kind, Notification};

use super::histories::newer;
use super::stored::said_of_terms_is;
use super::{everything, log_of, messages, post};
use crate::harness::play::Stage;
use crate::support::world::World;

/// Who is notified: kind, department and address. No mail goes to `nobody`, which is no address, and
/// nobody at all is named for the rest.
pub const RECIPIENTS: [(&str, &str, &str); 6] = [
    ("SR", "6", "six@example.org"),
    ("SR", "8", "nobody"),
    ("SR", "18", "math@example.org"),
    ("XLIST", "8", "physics@example.org"),
    ("XLIST", "18", "nobody"),
    ("COMM", "*", "communication@example.org"),
];

/// An id that no notification has.
const UNKNOWN: i64 = 99_999;

/// What becomes of a notification: the error, unless it is sent.
fn failure(notification: &Notification) -> Option<String> {
    let kind = notification.kind;
    let qualifiers = match kind {
        Kind::Sr | Kind::Xlist => notification.departments.clone(),
        Kind::Hass | Kind::Comm => BTreeSet::from(["*".to_owned()]),
    };
    let named = RECIPIENTS.iter().filter(|(of, qualifier, _)| {
        *of == kind.name() && qualifiers.iter().any(|own| own == qualifier)
    });
    let named: Vec<_> = named.map(|(_, _, email)| *email).collect();
    match () {
        () if named.is_empty() => Some(format!(
            "Error: Exception : no recipient for {} ",
            kind.name()
        )),
        () if named.contains(&"nobody") => {
            Some("Error: Exception : the mail could not be sent ".to_owned())
        }
        () => None,
    }
}

/// What is expected of one request.
#[derive(Default)]
struct Expected {
    statuses: Vec<Value>,
    messages: Vec<String>,
    log: Vec<&'static str>,
}

impl Expected {
    fn add(&mut self, id: i64, status: &str, entry: &'static str, message: Option<String>) {
        self.statuses
            .push(json!({"notificationId": id, "status": status}));
        self.log.push(entry);
        self.messages.extend(message);
    }
}

/// P-20: what waits of one container is sent, with ids that are not its own among them; those that
/// are SENT are gone, those that FAILED remain, and nothing else changes.
pub async fn send(
    stage: &Stage,
    pick: usize,
    world: &mut World,
    last_ref: &mut i64,
) -> Result<(), TestCaseError> {
    let waiting: Vec<_> = world.waiting.iter().map(|(id, of)| (*id, *of)).collect();
    let of = match waiting.len() {
        0 => 1,
        some => waiting[pick % some].1,
    };
    let own = |(_, whose): &&(i64, i64)| *whose == of || pick.is_multiple_of(3);
    let mut ids: Vec<_> = waiting.iter().filter(own).map(|(id, _)| *id).collect();
    if pick.is_multiple_of(4) || ids.is_empty() {
        ids.insert(ids.len() / 2, UNKNOWN);
    }
    let unsent = except_notifications(stage).await;
    let path = format!("/subjects/containers/{of}/notifications");
    let body = json!({"notificationIds": ids});
    let (status, answer) = post(stage.app(), &path, &body).await;
    newer(&answer, last_ref)?;
    let log = log_of(&stage.db, &answer["apiRefId"]).await;
    if waiting.is_empty() {
        let unknown = format!("Error: Invalid notification id : {UNKNOWN} does not exist ");
        prop_assert_eq!((status, messages(&answer)), (400, vec![unknown]));
        prop_assert_eq!(log, ["VALIDATION"]);
    } else {
        let expected = expected(&ids, of, world);
        let failed = expected.log.contains(&"EXCEPTION");
        prop_assert_eq!(status, if failed { 500 } else { 200 }, "{}", answer);
        prop_assert_eq!(&answer["notifications"], &json!(expected.statuses));
        prop_assert_eq!(messages(&answer), expected.messages);
        prop_assert_eq!(log, [&expected.log[..], &["RESULT"]].concat());
    }
    said_of_terms_is(&stage.db, world).await?;
    prop_assert!(
        except_notifications(stage).await == unsent,
        "{} {}",
        path,
        body
    );
    Ok(())
}

/// What is to become of the ids; those that are sent wait no longer.
fn expected(ids: &[i64], of: i64, world: &mut World) -> Expected {
    let mut expected = Expected::default();
    for id in ids {
        if world.waiting.get(id) != Some(&of) {
            let unknown = format!("Error: Invalid notification id : {id} does not exist ");
            expected.add(*id, "UNKNOWN", "VALIDATION", Some(unknown));
            continue;
        }
        let at = usize::try_from(*id).expect("an id") - 1;
        match failure(&world.notifications[at]) {
            Some(failure) => expected.add(*id, "FAILED", "EXCEPTION", Some(failure)),
            None => {
                world.waiting.remove(id);
                expected.add(*id, "SENT", "COMPONENT", None);
            }
        }
    }
    expected
}

async fn except_notifications(stage: &Stage) -> Vec<(&'static str, Vec<String>)> {
    let mut all = everything(&stage.db).await;
    all.retain(|(table, _)| *table != "subject_notification_support");
    all
}
