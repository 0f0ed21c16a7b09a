//! What is said in a mail, and what becomes of it at a mail server.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use chrono::DateTime;

use super::*;

/// A notification for two departments, one of whose fields has changed.
pub fn prepared() -> Prepared {
    let data = r#"{"subjectId":"6.AA1","academicYear":2019,"departments":["18","8"],"fields":[
        {"name":"2019FA.isOffered","previousValue":false,"newValue":true},
        {"name":"2019FA.instructors","previousValue":null,"newValue":"Ünal,\r\nBcc: x@y.example"},
        {"name":"2019JA.isOffered","previousValue":false,"newValue":false},
        {"name":"nextOfferedYear","previousValue":2020,"newValue":null}]}"#;
    Prepared {
        id: 3,
        api_ref_id: 7,
        kind: Kind::Xlist,
        data: data.to_owned(),
        recipients: BTreeSet::from(["a@dept.example".to_owned(), "b@dept.example".to_owned()]),
        at: DateTime::from_timestamp_millis(1_767_225_600_000).expect("a time"),
    }
}

fn mail(prepared: &Prepared) -> Result<String, MailError> {
    let from = "Subjects <subjects@example.org>".parse().expect("a sender");
    let message = message::message(prepared, &from)?;
    Ok(String::from_utf8(message.formatted()).expect("mails are ASCII"))
}

#[test]
fn a_mail_says_what_has_changed() {
    let text = mail(&prepared()).expect("it makes a mail");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    assert_eq!(
        head.lines().collect::<Vec<_>>(),
        [
            "From: Subjects <subjects@example.org>",
            "Date: Thu, 01 Jan 2026 00:00:00 +0000",
            "Message-ID: <notification-3.7@example.org>",
            "Subject: 6.AA1: what is planned for 2019 has changed",
            "To: a@dept.example, b@dept.example",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
        ]
    );
    // What people wrote stays in its line.
    let body = body.replace("=\r\n", "").replace("=C3=9C", "Ü");
    assert_eq!(
        body.lines().map(str::trim_end).collect::<Vec<_>>(),
        [
            "Subject 6.AA1, academic year 2019",
            "",
            "A number of yours is cross-listed (departments: 18, 8).",
            "",
            "Changed:",
            "  2019FA.isOffered    no -> yes",
            "  2019FA.instructors  nothing -> Ünal,  Bcc: x@y.example",
            "  nextOfferedYear     2020 -> nothing",
            "",
            "Unchanged:",
            "  2019JA.isOffered    no",
            "",
            "Notification 3, request 7",
        ]
    );
}

#[test]
fn what_makes_no_mail_is_told() {
    let unreadable = Prepared {
        data: "{}".to_owned(),
        ..prepared()
    };
    let unreadable = mail(&unreadable).expect_err("there is nothing in it");
    assert!(unreadable.to_string().contains("notification 3"));
    let nobody = Prepared {
        recipients: BTreeSet::new(),
        ..prepared()
    };
    assert!(matches!(mail(&nobody), Err(MailError::NoRecipient(3))));
    let address = Prepared {
        recipients: BTreeSet::from(["a@b.example\r\nBcc: c@d.example".to_owned()]),
        ..prepared()
    };
    assert!(matches!(mail(&address), Err(MailError::Address { .. })));
}

/// A mail server for one mail: it refuses the recipients that begin so, and gives what it took.
fn server(refused: &'static str) -> (SocketAddr, mpsc::Receiver<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has one");
    let (took, taken) = mpsc::channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("somebody comes");
        // Whoever asked may have gone.
        let _ = took.send(converse(stream, refused).unwrap_or_default());
    });
    (address, taken)
}

/// RFC 5321, as far as one mail needs it; the lines of the mail, when it was taken.
fn converse(mut stream: TcpStream, refused: &str) -> std::io::Result<Vec<String>> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut mail = Vec::new();
    write!(stream, "220 test\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250 test",
            "RCPT" if line.contains(refused) => "550 no such user",
            "MAIL" | "RCPT" => "250 fine",
            "DATA" => {
                write!(stream, "354 go on\r\n")?;
                while let Some(line) = lines.next().transpose()? {
                    if line == "." {
                        break;
                    }
                    mail.push(line);
                }
                "250 taken"
            }
            "QUIT" => {
                write!(stream, "221 bye\r\n")?;
                break;
            }
            _ => "502 what",
        };
        write!(stream, "{answer}\r\n")?;
    }
    Ok(mail)
}

async fn send(address: SocketAddr) -> Result<(), MailError> {
    use lettre::{AsyncSmtpTransport, Tokio1Executor};
    let url = format!("smtp://{address}");
    let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).expect("an address");
    let mail = Mail {
        from: "subjects@example.org".parse().expect("a sender"),
        route: MailRoute::Smtp(server),
    };
    sender(&mail).send(&prepared()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_sent_when_the_server_has_taken_it() {
    let (address, taken) = server("nobody");
    send(address).await.expect("it is taken");
    let lines = taken.recv().expect("the server ends");
    let has = |wanted: &str| lines.iter().any(|line| line == wanted);
    assert!(
        has("Message-ID: <notification-3.7@example.org>"),
        "{lines:?}"
    );
    assert!(has("To: a@dept.example, b@dept.example"), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_reaches_all_or_none() {
    let (address, taken) = server("b@dept");
    let refused = send(address).await.expect_err("one recipient is unknown");
    assert!(refused.to_string().contains("did not take"), "{refused}");
    let lines = taken.recv().expect("the server ends");
    assert!(
        lines.is_empty(),
        "the other one got it all the same: {lines:?}"
    );
    // The server is gone now.
    let gone = send(address).await.expect_err("nobody listens");
    assert!(matches!(gone, MailError::Smtp(_)), "{gone}");
}
