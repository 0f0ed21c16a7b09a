//! Settings: where they come from, and what is said of wrong ones.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::OPEN;
use crate::support::files::Folder;
use crate::support::http::Client;
use crate::support::server::Server;

/// What comes of the program when it ends by itself.
fn program(flags: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_specwright-server"))
        .args(flags)
        .output()
        .expect("the program starts")
}

#[test]
fn wrong_settings_end_with_an_error() {
    let run = |flags: &[&str]| {
        let output = program(flags);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).expect("errors are text")
    };
    let open = run(&["--listen", "0.0.0.0:0"]);
    assert!(open.contains("loopback only"), "{open}");
    let folder = Folder::new("config");
    let file = folder.path().join("server.toml");
    std::fs::write(&file, "listen = '127.0.0.1:0'\nlissten = 1\n").expect("a file can be written");
    let unknown = run(&["--config", file.to_str().expect("a plain path")]);
    assert!(
        unknown.contains("lissten") && unknown.contains("config schema"),
        "{unknown}"
    );
    let database = run(&["--database", "sqlite:/nowhere/at/all.db"]);
    assert!(
        database.contains("the database cannot be used"),
        "{database}"
    );
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let folder = Folder::new("nearest");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let file = folder.path().join("server.toml");
    std::fs::write(&file, "only = ['user-sessions']\n").expect("a file can be written");
    let file = ["--config", file.to_str().expect("a plain path")];
    let flag = [file[0], file[1], "--only", "subjects"];
    let environment = [("SPECWRIGHT_ONLY", "admin")];
    for (flags, variables, expected) in [
        (&file[..], &[][..], "user-sessions"),
        (&file[..], &environment[..], "admin"),
        (&flag[..], &environment[..], "subjects"),
    ] {
        let server = Server::within(&database, flags, variables, Stdio::null());
        let mut client = Client::new(server.address).expect("it listens");
        for api in ["user-sessions", "admin", "subjects"] {
            let answer = client.get(&format!("/openapi/{api}.json"));
            let (status, _) = answer.expect("an answer");
            let is_served = api == expected;
            assert_eq!(
                status,
                if is_served { 200 } else { 404 },
                "{api}, not {expected}"
            );
        }
    }
}

#[test]
fn pages_of_allowed_origins_may_call_every_api() {
    const PAGE: &str = "https://app.example.org";
    let folder = Folder::new("origins");
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    let server = Server::start(&database, &["--allowed-origins", PAGE]);
    let mut client = Client::new(server.address).expect("it listens");
    for (path, method) in [
        (OPEN, "POST"),
        ("/v1/identity/oauth/token", "POST"),
        ("/licence/v1.1/licence", "GET"),
    ] {
        for (origin, is_allowed) in [(PAGE, true), ("https://other.example.org", false)] {
            let headers =
                format!("Origin: {origin}\r\nAccess-Control-Request-Method: {method}\r\n");
            let asked = client.request(&format!("OPTIONS {path}"), headers.as_bytes());
            let (_, lines, _) = asked.expect("an answer");
            let allowed = format!("access-control-allow-origin: {PAGE}");
            assert_eq!(
                lines.contains(&allowed),
                is_allowed,
                "{origin} {path}: {lines:?}"
            );
        }
    }
    let headers = format!("Origin: {PAGE}\r\n");
    let read = client.get_with("/v1/sessions/swagger", headers.as_bytes());
    let (status, lines, _) = read.expect("an answer");
    assert_eq!(status, 200);
    let allowed = format!("access-control-allow-origin: {PAGE}");
    assert!(lines.contains(&allowed), "{lines:?}");
}

#[test]
fn the_schema_of_the_configuration_has_every_flag() {
    let run = |flags: &[&str]| {
        let output = program(flags);
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("output is text")
    };
    let schema: Value = serde_json::from_str(&run(&["config", "schema"])).expect("it is JSON");
    assert_eq!(schema["additionalProperties"], false);
    let properties = schema["properties"].as_object().expect("it has properties");
    let mut listed: Vec<String> = properties.keys().cloned().collect();
    listed.sort();
    for (name, property) in properties {
        assert!(property["description"].is_string(), "{name} is explained");
    }
    let help = run(&["--help"]);
    let variables = help.split("[env: SPECWRIGHT_").skip(1);
    let names = variables.filter_map(|rest| rest.split_once(['=', ']']));
    let mut flags: Vec<String> = names.map(|(name, _)| name.to_lowercase()).collect();
    // The file does not say where it is.
    flags.retain(|name| name != "config");
    flags.sort();
    assert_eq!(listed, flags);
}
