use std::path::PathBuf;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::{AsyncSmtpTransport, Tokio1Executor};

use super::resolve::{ConfigError, setting};
use crate::db::Location;

/// Who sends mails when nobody is named.
const SENDER: &str = "subjects@localhost";

/// How long a mail server may take for each step.
const PATIENCE: Duration = Duration::from_secs(10);

/// How mails leave.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Whose name is on them.
    pub from: Mailbox,
    /// Which way they go.
    pub route: MailRoute,
}

/// The way of a mail.
#[derive(Clone, Debug)]
pub enum MailRoute {
    /// A directory with one file for each.
    Directory(PathBuf),
    /// A mail server, with what is needed to connect; credentials are not shown.
    Smtp(AsyncSmtpTransportBuilder),
}

impl Mail {
    /// Fills in the defaults: a directory beside the database.
    pub(super) fn resolve(
        database: &Location,
        from: Option<String>,
        directory: Option<PathBuf>,
        server: Option<String>,
    ) -> Result<Self, ConfigError> {
        let from = from.unwrap_or_else(|| SENDER.to_owned());
        let from = from.parse().map_err(|error| {
            let reason = format!("`{from}` is no sender such as `Subjects <subjects@example.org>`");
            setting("mail_from", format!("{reason}: {error}"))
        })?;
        let route = match (directory, server) {
            (Some(_), Some(_)) => {
                let reason = "mails go to a directory or to a mail server; leave out \
                              `mail_directory` or `smtp_url`";
                return Err(setting("smtp_url", reason.to_owned()));
            }
            (_, Some(url)) => MailRoute::Smtp(smtp(&url)?),
            (Some(path), None) => MailRoute::Directory(path),
            (None, None) => MailRoute::Directory(beside(database)),
        };
        Ok(Self { from, route })
    }
}

fn beside(database: &Location) -> PathBuf {
    match database {
        Location::Sqlite(path) => {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            path.with_file_name(format!("{stem}-mail"))
        }
        Location::Postgres(_) => PathBuf::from("specwright-mail"),
    }
}

/// A mail server is reached by TLS, unless it is on this machine. The address is not repeated in
/// messages: it may hold a password.
fn smtp(url: &str) -> Result<AsyncSmtpTransportBuilder, ConfigError> {
    let wrong = |reason: &str| setting("smtp_url", reason.to_owned());
    let uri: hyper::Uri = url.parse().map_err(|_| wrong(EXAMPLES))?;
    let host = uri.host().ok_or_else(|| wrong(EXAMPLES))?;
    let plain = match (uri.scheme_str(), uri.query()) {
        (Some("smtps"), None) | (Some("smtp"), Some("tls=required")) => false,
        (Some("smtp"), None) => true,
        _ => return Err(wrong(EXAMPLES)),
    };
    if plain && !is_loopback(host) {
        return Err(wrong(
            "mails leave this machine by TLS only: use `smtps://`, or `?tls=required` for STARTTLS",
        ));
    }
    let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
    let server = server.map_err(|error| wrong(&format!("it cannot be used: {error}")))?;
    Ok(server.timeout(Some(PATIENCE)))
}

const EXAMPLES: &str = "it is none of `smtps://USER:PASSWORD@HOST`, `smtp://HOST?tls=required` and \
                        `smtp://127.0.0.1:25`";

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(from: Option<&str>, server: Option<&str>) -> Result<Mail, String> {
        let database = Location::Sqlite(PathBuf::from("data/x.db"));
        let mail = Mail::resolve(
            &database,
            from.map(str::to_owned),
            None,
            server.map(str::to_owned),
        );
        mail.map_err(|error| error.to_string())
    }

    #[test]
    fn mails_go_to_a_directory_beside_the_database() {
        let mail = resolve(None, None).expect("the defaults go together");
        let MailRoute::Directory(path) = mail.route else {
            panic!("it is a directory");
        };
        assert_eq!(path, PathBuf::from("data/x-mail"));
        assert_eq!(mail.from.to_string(), SENDER);
    }

    #[test]
    fn mails_leave_the_machine_by_tls_only() {
        for url in [
            "smtp://127.0.0.1:2525",
            "smtp://[::1]:2525",
            "smtp://localhost",
            "smtp://mail.example.org?tls=required",
            "smtps://user:pass%2Fword@mail.example.org",
        ] {
            let mail = resolve(None, Some(url)).expect(url);
            assert!(matches!(mail.route, MailRoute::Smtp(_)), "{url}");
            assert!(!format!("{mail:?}").contains("word"), "{mail:?}");
        }
        let plain = resolve(None, Some("smtp://u:topsecret@mail.example.org"));
        let plain = plain.expect_err("it leaves the machine");
        assert!(plain.contains("`smtps://`"), "{plain}");
        assert!(!plain.contains("topsecret"), "{plain}");
        for url in [
            "mail.example.org",
            "http://127.0.0.1",
            "smtp://mail.example.org?tls=opportunistic",
            "smtp://",
        ] {
            let wrong = resolve(None, Some(url)).expect_err(url);
            assert!(wrong.contains("`smtp_url`"), "{wrong}");
        }
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        let from = resolve(Some("nobody"), None).expect_err("it is no address");
        assert!(from.contains("`mail_from`"), "{from}");
        let both = Mail::resolve(
            &Location::Postgres("postgres://x@y/z".to_owned()),
            None,
            Some(PathBuf::from("mail")),
            Some("smtp://127.0.0.1".to_owned()),
        );
        let both = both.expect_err("one way only").to_string();
        assert!(both.contains("`mail_directory`"), "{both}");
    }
}
