//! Mails handed to a mail server.

use lettre::message::Mailbox;
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::message::message;
use super::{NotificationSender, Prepared, Sending};

/// A mail server. Each mail has a connection of its own: they are few, and one that fails leaves
/// nothing behind for the next.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// The server, and whose name is on the mails.
    pub fn new(server: AsyncSmtpTransportBuilder, from: Mailbox) -> Self {
        Self {
            transport: server.build(),
            from,
        }
    }
}

impl NotificationSender for Smtp {
    // RFC 5321, section 3.3: a recipient that is refused ends the transaction before the data, so
    // that the mail reaches all of them or none.
    fn send<'a>(&'a self, prepared: &'a Prepared) -> Sending<'a> {
        Box::pin(async move {
            let mail = message(prepared, &self.from)?;
            self.transport.send(mail).await?;
            Ok(())
        })
    }
}
