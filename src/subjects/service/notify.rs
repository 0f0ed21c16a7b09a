//! Prepared notifications are sent, each by itself: what is sent is forgotten, what fails stays.
//!

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use specwright_runtime::{Context, Fault};

use super::super::contract::{
    ErrorDetail, NotNotified, NotificationStatus, NotificationStatusStatus, Notified, Refused,
    SendNotificationsRequest, SendNotificationsResponse,
};
use super::super::domain::log::Component;
use super::super::domain::notifications::Kind;
use super::super::domain::subject::ContainerId;
use super::super::domain::violations::{Cause, Violation};
use super::super::notifications::Prepared;
use super::super::store::questions::Templates;
use super::super::store::{Delivery, LogType, Notice, Unanswered, chain};
use super::Service;
use super::process::{Process, cause, detail, exception, told};
use crate::faults::caught;

/// Who is asked for a requirement: it has no departments.
const EVERYWHERE: &str = "*";

/// What is read of a notification's data.
#[derive(Deserialize)]
struct Concerned {
    departments: BTreeSet<String>,
}

/// What became of the notifications of one request.
#[derive(Default)]
struct Account {
    notifications: Vec<NotificationStatus>,
    details: Vec<ErrorDetail>,
    entries: Vec<super::super::store::Entry>,
    failed: bool,
}

impl Account {
    fn note(&mut self, id: i64, status: NotificationStatusStatus) {
        self.failed |= status == NotificationStatusStatus::Failed;
        self.notifications.push(NotificationStatus {
            notification_id: id,
            status,
        });
    }

    fn unknown(&mut self, process: &Process, id: i64) {
        let unknown = Violation::NoNotification(id);
        self.note(id, NotificationStatusStatus::Unknown);
        self.details.push(detail(&unknown));
        self.entries
            .push(process.entry(LogType::Validation, unknown.to_string()));
    }
}

impl Service {
    /// Sends what is asked for; it goes on when the caller is gone.
    pub(super) async fn notify(
        &self,
        request: SendNotificationsRequest,
        context: &Context,
    ) -> Result<SendNotificationsResponse, Fault> {
        let (service, name) = (self.clone(), context.operation().id);
        let sending = tokio::spawn(async move {
            let container = ContainerId(request.container_id);
            let process = service.processes.begin(name, Some(container.0)).await?;
            let ids = request.body.notification_ids;
            let outcome = caught(service.send_all(&process, container, ids)).await;
            service.processes.survived(&process, outcome).await
        });
        Ok(match sending.await? {
            Ok((notified, false)) => SendNotificationsResponse::Ok(notified),
            Ok((notified, true)) => {
                let answer = NotNotified::Notified(notified);
                SendNotificationsResponse::InternalServerError(answer)
            }
            Err(refused) if refused.error_code < 500 => {
                SendNotificationsResponse::BadRequest(refused)
            }
            Err(refused) => {
                SendNotificationsResponse::InternalServerError(NotNotified::Refused(refused))
            }
        })
    }

    /// What became of each, and whether one failed.
    async fn send_all(
        &self,
        process: &Process,
        container: ContainerId,
        ids: Vec<i64>,
    ) -> Result<(Notified, bool), Refused> {
        let _sending = self.sending.lock().await;
        self.find_container(process, container).await?;
        let mut asked = BTreeSet::new();
        let ids = ids.into_iter();
        let ids: Vec<i64> = ids.filter(|id| asked.insert(*id)).collect();
        let notices = self.processes.store().notices(container, &asked).await;
        let notices = match notices {
            Ok(notices) => notices,
            Err(error) => return Err(self.failed(process, &chain(&error)).await),
        };
        if notices.is_empty() {
            let unknown: Vec<_> = ids.into_iter().map(Violation::NoNotification).collect();
            return Err(self.processes.refuse(process, &unknown).await);
        }
        let mut notices: BTreeMap<i64, Notice> = notices
            .into_iter()
            .map(|notice| (notice.id, notice))
            .collect();
        let mut account = Account::default();
        for id in ids {
            self.send_one(process, id, notices.remove(&id), &mut account)
                .await;
        }
        let sent = account.notifications.iter();
        let sent = sent
            .filter(|one| one.status == NotificationStatusStatus::Sent)
            .count();
        let result = format!("sent {sent} of {}", account.notifications.len());
        account.entries.push(process.entry(LogType::Result, result));
        account
            .details
            .extend(self.processes.log(&account.entries).await);
        let notified = Notified {
            api_ref_id: process.api_ref_id,
            container_id: container.0,
            notifications: account.notifications,
            error_details: account.details,
        };
        Ok((notified, account.failed))
    }

    async fn find_container(
        &self,
        process: &Process,
        container: ContainerId,
    ) -> Result<(), Refused> {
        match self.processes.store().ask(Templates(container)).await {
            Ok(_) => Ok(()),
            Err(Unanswered::Wrong(violation)) => {
                Err(self.processes.refuse(process, &[violation]).await)
            }
            Err(failure) => Err(self.failed(process, &failure.to_string()).await),
        }
    }

    async fn failed(&self, process: &Process, words: &str) -> Refused {
        tracing::error!(
            api_ref_id = process.api_ref_id,
            cause = words,
            "a request failed"
        );
        let words = Some(words.to_owned());
        self.processes.fail(process, Cause::Database, words).await
    }

    /// Sends one, and notes what became of it; another one's failure is none of this one's.
    async fn send_one(
        &self,
        process: &Process,
        id: i64,
        notice: Option<Notice>,
        account: &mut Account,
    ) {
        let Some(notice) = notice else {
            return account.unknown(process, id);
        };
        let outcome = caught(self.send(process, &notice)).await;
        let panicked = |words| Err((Cause::Internal, Some(format!("it panicked: {words}"))));
        match outcome.unwrap_or_else(panicked) {
            Ok(true) => {
                account.note(id, NotificationStatusStatus::Sent);
                account.entries.push(process.component(Component {
                    component: "NOTIFICATION",
                    action: "DELETE",
                    message: format!("{id} {}", notice.kind),
                }));
            }
            Ok(false) => account.unknown(process, id),
            Err((cause, words)) => {
                let request = process.api_ref_id;
                tracing::error!(api_ref_id = request, id, cause = words, "it was not sent");
                account.note(id, NotificationStatusStatus::Failed);
                account.details.push(exception(cause.clone()));
                let message = told(&cause, words);
                account
                    .entries
                    .push(process.entry(LogType::Exception, message));
            }
        }
    }

    /// Hands a mail over and forgets the notification; whether it was there still. When that cannot
    /// be noted it is sent again some day, as the same mail.
    async fn send(
        &self,
        process: &Process,
        notice: &Notice,
    ) -> Result<bool, (Cause, Option<String>)> {
        let prepared = self.prepared(process, notice).await?;
        let sender = Arc::clone(&self.sender);
        let sending = Box::pin(async move { sender.send(&prepared).await });
        let now = self.processes.now();
        let delivered = self.processes.store().deliver(notice.id, now, sending);
        match delivered.await {
            Ok(Delivery::Sent) => Ok(true),
            Ok(Delivery::Gone) => Ok(false),
            Ok(Delivery::Failed(error)) => Err((Cause::Mail, Some(error.to_string()))),
            Ok(Delivery::Elsewhere) => {
                let words = "another request is sending it".to_owned();
                Err((Cause::Mail, Some(words)))
            }
            Err(error) => Err((cause(&error), Some(chain(&error)))),
        }
    }

    /// A notification with whom it goes to.
    async fn prepared(
        &self,
        process: &Process,
        notice: &Notice,
    ) -> Result<Prepared, (Cause, Option<String>)> {
        let store = self.processes.store();
        let database = |error| (Cause::Database, Some(chain(&error)));
        let kind = kind(&notice.kind).ok_or((Cause::Internal, None))?;
        let data: Concerned = serde_json::from_str(&notice.data)
            .map_err(|error| (Cause::Internal, Some(error.to_string())))?;
        let qualifiers = match kind {
            Kind::Sr | Kind::Xlist => data.departments,
            Kind::Hass | Kind::Comm => BTreeSet::from([EVERYWHERE.to_owned()]),
        };
        let recipients = store
            .recipients(kind.name(), &qualifiers)
            .await
            .map_err(database)?;
        if recipients.is_empty() {
            return Err((Cause::NoRecipient(kind.name().to_owned()), None));
        }
        Ok(Prepared {
            id: notice.id,
            api_ref_id: notice.api_ref_id,
            kind,
            data: notice.data.clone(),
            recipients,
            at: process.at,
        })
    }
}

fn kind(name: &str) -> Option<Kind> {
    let kinds = [Kind::Sr, Kind::Xlist, Kind::Hass, Kind::Comm];
    kinds.into_iter().find(|kind| kind.name() == name)
}
