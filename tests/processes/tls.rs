//! TLS, as the program speaks it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use crate::support::files::Folder;
use crate::support::server::Server;
use crate::support::tls::{Certificate, certificate, missing};

/// Needs `openssl` for a certificate; skips loudly without it.
#[test]
fn a_handshake_that_does_not_end_is_ended() {
    let folder = Folder::new("handshake");
    let Some(Certificate { cert, key }) = certificate(&folder) else {
        return;
    };
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let flags = [
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
        "--idle-timeout-ms",
        "200",
    ];
    let server = Server::start(&database, &flags);
    // Nothing, and the start of a record with a ClientHello (RFC 8446, section 5.1).
    for bytes in [&b""[..], b"\x16\x03\x01\x02\x00\x01\x00"] {
        let mut stream = TcpStream::connect(server.address).expect("the server listens");
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).expect("a timeout");
        stream.write_all(bytes).expect("the server takes it");
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        // A system resets a connection that ends with bytes that nobody came to read.
        let is_ended = match &read {
            Ok(_) => true,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        };
        assert!(is_ended, "{bytes:?}: {read:?}");
    }
}

/// Needs `openssl` for a certificate and `curl` for a client; skips loudly without them.
#[test]
fn tls_is_spoken() {
    let folder = Folder::new("tls");
    let Some(Certificate { cert, key }) = certificate(&folder) else {
        return;
    };
    let curl = Command::new("curl").arg("--version").output();
    if curl.is_err() {
        missing("curl");
        return;
    }
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let server = Server::start(&database, &["--tls-cert", &cert, "--tls-key", &key]);
    let answer = Command::new("curl")
        .args(["--silent", "--show-error", "--cacert", &cert])
        .arg(format!("https://{}/health/ready", server.address))
        .output()
        .expect("curl runs");
    let body = String::from_utf8_lossy(&answer.stdout).into_owned();
    assert_eq!(
        body,
        r#"{"status":"ready"}"#,
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
}
