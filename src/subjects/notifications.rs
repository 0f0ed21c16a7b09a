//! Prepared notifications on their way out, each by itself: a port with two adapters.
//!
//! A notification is one mail to all who are named for it. Its identity stands in the mail, so that
//! one that is sent again, because nobody could note that it was sent, can be told from a new one.

mod directory;
mod message;
mod smtp;

use std::collections::BTreeSet;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::domain::notifications::Kind;
use crate::config::{Mail, MailRoute};

/// A notification that is ready to be sent, as it is stored.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Its id.
    pub id: i64,
    /// The request that prepared it.
    pub api_ref_id: i64,
    /// Whom it concerns.
    pub kind: Kind,
    /// What changed: the stored JSON text.
    pub data: String,
    /// The addresses it goes to; at least one.
    pub recipients: BTreeSet<String>,
    /// When it is sent.
    pub at: DateTime<Utc>,
}

/// Why a notification was not sent. What it says is for the log, never for callers.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// What is stored is no notification.
    #[error("notification {id} cannot be read: {source}")]
    Unreadable {
        /// Its id.
        id: i64,
        /// Why.
        source: serde_json::Error,
    },
    /// Nobody is named.
    #[error("notification {0} has no recipient")]
    NoRecipient(i64),
    /// An address is none.
    #[error("`{address}` is no mail address: {reason}")]
    Address {
        /// The address.
        address: String,
        /// Why.
        reason: String,
    },
    /// No mail can be made of it.
    #[error("notification {id} makes no mail: {reason}")]
    Message {
        /// Its id.
        id: i64,
        /// Why.
        reason: String,
    },
    /// A mail cannot be written to the directory.
    #[error("`{path}` cannot be written: {source}")]
    Unwritable {
        /// The file or the directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The mail server did not take the mail.
    #[error("the mail server did not take the mail: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
}

/// What becomes of a notification that is being sent.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// Sends notifications.
pub trait NotificationSender: Send + Sync + 'static {
    /// Sends one, to all its recipients or to none: once this succeeds the mail is in safe hands.
    ///
    /// # Errors
    /// It was not sent, as far as can be known; it may be sent again later.
    fn send<'a>(&'a self, prepared: &'a Prepared) -> Sending<'a>;
}

/// The way that is configured: a directory, or a mail server.
pub fn sender(mail: &Mail) -> Arc<dyn NotificationSender> {
    match &mail.route {
        MailRoute::Directory(path) => {
            Arc::new(directory::Directory::new(path.clone(), mail.from.clone()))
        }
        MailRoute::Smtp(server) => Arc::new(smtp::Smtp::new(server.clone(), mail.from.clone())),
    }
}

#[cfg(test)]
mod tests;
