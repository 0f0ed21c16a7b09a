//! A certificate for loopback, made by `openssl`.

use std::process::Command;

use super::files::Folder;

/// Where a certificate and its key are.
pub struct Certificate {
    /// The certificate, which is its own root.
    pub cert: String,
    /// Its private key.
    pub key: String,
}

/// A certificate for 127.0.0.1 in this folder; without `openssl` a loud `None`, or, where the tools
/// are required, a failure.
pub fn certificate(folder: &Folder) -> Option<Certificate> {
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes"])
        .args(["-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &key, "-out", &cert])
        .output();
    if made.is_ok_and(|made| made.status.success()) {
        return Some(Certificate { cert, key });
    }
    missing("openssl");
    None
}

/// Says loudly that a test does not run, or fails where the tools are required.
pub fn missing(program: &str) {
    assert!(
        std::env::var_os("SPECWRIGHT_REQUIRE_TOOLS").is_none(),
        "{program} is required"
    );
    eprintln!("\n=== SKIPPED: {program} is missing ===\n");
}
