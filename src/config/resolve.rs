use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;

use super::sealing::sealing;
use super::{
    APIS, Arguments, AuthConfig, Config, DEMO_DATABASE, Mail, Settings, Subjects, Systems, Tls,
};
use crate::auth::foreign::{Foreign, Source};
use crate::auth::hashing::Cost;
use crate::db;

/// Why the settings cannot be used; each says which, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file `{path}` cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML, or has a key or value that means nothing here.
    #[error(
        "the configuration file `{path}` is wrong:\n{source}\nRun `config schema` to see what a file may hold."
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// One setting has a value that cannot be used.
    #[error("`{name}` cannot be used: {reason}")]
    Setting {
        /// The setting, as in the file.
        name: &'static str,
        /// Why, and what to do.
        reason: String,
    },
}

impl Arguments {
    /// The complete settings: these, then those of the file, then the defaults.
    ///
    /// # Errors
    /// The file is unreadable or wrong, or a setting cannot be used.
    pub fn resolve(self) -> Result<Config, ConfigError> {
        let file = match &self.config {
            Some(path) => read(path)?,
            None => Settings::default(),
        };
        self.settings.over(file).resolve()
    }
}

fn read(path: &Path) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|source| ConfigError::Malformed {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

impl Settings {
    /// What is set here, and what only `below` has.
    #[must_use]
    pub fn over(self, below: Settings) -> Settings {
        Settings {
            listen: self.listen.or(below.listen),
            database: self.database.or(below.database),
            demo: self.demo.or(below.demo),
            only: self.only.or(below.only),
            log: self.log.or(below.log),
            tls_cert: self.tls_cert.or(below.tls_cert),
            tls_key: self.tls_key.or(below.tls_key),
            body_limit_bytes: self.body_limit_bytes.or(below.body_limit_bytes),
            request_timeout_ms: self.request_timeout_ms.or(below.request_timeout_ms),
            idle_timeout_ms: self.idle_timeout_ms.or(below.idle_timeout_ms),
            shutdown_grace_ms: self.shutdown_grace_ms.or(below.shutdown_grace_ms),
            shutdown_delay_ms: self.shutdown_delay_ms.or(below.shutdown_delay_ms),
            database_connections: self.database_connections.or(below.database_connections),
            writes_per_commit: self.writes_per_commit.or(below.writes_per_commit),
            expire_timeout_ms: self.expire_timeout_ms.or(below.expire_timeout_ms),
            cleanup_interval_ms: self.cleanup_interval_ms.or(below.cleanup_interval_ms),
            public_url: self.public_url.or(below.public_url),
            trusted_proxies: self.trusted_proxies.or(below.trusted_proxies),
            allowed_origins: self.allowed_origins.or(below.allowed_origins),
            signing_key_lifetime_ms: self
                .signing_key_lifetime_ms
                .or(below.signing_key_lifetime_ms),
            // Of one place: what is given above replaces both below.
            key_encryption_key: match self.key_encryption_key_file {
                Some(_) => self.key_encryption_key,
                None => self.key_encryption_key.or(below.key_encryption_key),
            },
            key_encryption_key_file: self
                .key_encryption_key_file
                .or(below.key_encryption_key_file),
            jwks: self.jwks.or(below.jwks),
            jwks_issuer: self.jwks_issuer.or(below.jwks_issuer),
            multi_instance: self.multi_instance.or(below.multi_instance),
            instance_api_url: self.instance_api_url.or(below.instance_api_url),
            licences_database: self.licences_database.or(below.licences_database),
            meps_database: self.meps_database.or(below.meps_database),
            oeps_database: self.oeps_database.or(below.oeps_database),
            cams_database: self.cams_database.or(below.cams_database),
            eps_url: self.eps_url.or(below.eps_url),
            cams_url: self.cams_url.or(below.cams_url),
            eps_client_id: self.eps_client_id.or(below.eps_client_id),
            eps_client_secret: self.eps_client_secret.or(below.eps_client_secret),
            cams_client_id: self.cams_client_id.or(below.cams_client_id),
            cams_client_secret: self.cams_client_secret.or(below.cams_client_secret),
            system_client_id: self.system_client_id.or(below.system_client_id),
            system_client_secret: self.system_client_secret.or(below.system_client_secret),
            subjects_mandate: self.subjects_mandate.or(below.subjects_mandate),
            subjects_mandate_timeout_ms: self
                .subjects_mandate_timeout_ms
                .or(below.subjects_mandate_timeout_ms),
            subjects_past_data_retention_years: self
                .subjects_past_data_retention_years
                .or(below.subjects_past_data_retention_years),
            mail_from: self.mail_from.or(below.mail_from),
            mail_directory: self.mail_directory.or(below.mail_directory),
            smtp_url: self.smtp_url.or(below.smtp_url),
        }
    }

    /// Fills in the defaults and checks that the settings go together.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn resolve(self) -> Result<Config, ConfigError> {
        let listen = self.listen.unwrap_or_else(|| ([127, 0, 0, 1], 8080).into());
        let demo = self.demo.unwrap_or(self.database.is_none());
        if demo && !listen.ip().is_loopback() {
            return Err(setting(
                "listen",
                format!(
                    "demo mode accepts credentials that everybody knows, so it listens on loopback \
                     only, and {listen} is not loopback. Name a database with `--database`, or say \
                     `--demo=false`."
                ),
            ));
        }
        let database = database(self.database.as_deref())?;
        let request_timeout = ms("request_timeout_ms", self.request_timeout_ms, 30_000)?;
        Ok(Config {
            listen,
            systems: Systems::resolve(
                &database,
                demo,
                [self.meps_database, self.oeps_database, self.cams_database],
                [self.eps_url, self.cams_url],
                [
                    (self.eps_client_id, self.eps_client_secret),
                    (self.cams_client_id, self.cams_client_secret),
                    (self.system_client_id, self.system_client_secret),
                ],
            )?,
            subjects: Subjects::resolve(
                &database,
                self.subjects_mandate,
                ms(
                    "subjects_mandate_timeout_ms",
                    self.subjects_mandate_timeout_ms,
                    5_000,
                )?,
                self.subjects_past_data_retention_years,
            )?,
            mail: Mail::resolve(
                &database,
                self.mail_from,
                self.mail_directory,
                self.smtp_url,
            )?,
            licences: match self.licences_database {
                Some(text) => text
                    .parse()
                    .map_err(|reason| setting("licences_database", reason))?,
                None => database.beside("licences"),
            },
            database,
            database_options: db::Options {
                connections: positive("database_connections", self.database_connections, 16)?,
                acts_per_commit: positive("writes_per_commit", self.writes_per_commit, 512)?
                    as usize,
                patience: Some(request_timeout),
                ..db::Options::default()
            },
            demo,
            apis: apis(self.only)?,
            log: self.log,
            tls: tls(self.tls_cert, self.tls_key)?,
            body_limit_bytes: positive("body_limit_bytes", self.body_limit_bytes, 2 * 1024 * 1024)?,
            request_timeout,
            idle_timeout: ms("idle_timeout_ms", self.idle_timeout_ms, 75_000)?,
            shutdown_grace: Duration::from_millis(self.shutdown_grace_ms.unwrap_or(10_000)),
            shutdown_delay: Duration::from_millis(self.shutdown_delay_ms.unwrap_or(0)),
            expire_timeout: ms("expire_timeout_ms", self.expire_timeout_ms, 86_400_000)?,
            cleanup_interval: ms("cleanup_interval_ms", self.cleanup_interval_ms, 900_000)?,
            public_url: public_url(self.public_url)?,
            trusted_proxies: networks(self.trusted_proxies)?,
            allowed_origins: origins(self.allowed_origins)?,
            auth: AuthConfig {
                key_lifetime: ms(
                    "signing_key_lifetime_ms",
                    self.signing_key_lifetime_ms,
                    7_776_000_000,
                )?,
                sealing: sealing(self.key_encryption_key, self.key_encryption_key_file)?,
                hash_cost: Cost::default(),
                foreign: foreign(self.jwks, self.jwks_issuer)?,
            },
            multi_instance: self.multi_instance.unwrap_or(false),
            instance_api_url: self
                .instance_api_url
                .unwrap_or_else(|| "http://localhost/api".to_owned()),
        })
    }
}

fn database(text: Option<&str>) -> Result<db::Location, ConfigError> {
    match text {
        Some(text) => text.parse().map_err(|reason| setting("database", reason)),
        None => Ok(db::Location::Sqlite(PathBuf::from(DEMO_DATABASE))),
    }
}

fn apis(only: Option<Vec<String>>) -> Result<Vec<&'static str>, ConfigError> {
    let Some(only) = only else {
        return Ok(APIS.to_vec());
    };
    if let Some(unknown) = only.iter().find(|name| !APIS.contains(&name.as_str())) {
        let reason = format!("there is no API `{unknown}`; there are {}", APIS.join(", "));
        return Err(setting("only", reason));
    }
    let chosen = APIS.iter().copied();
    Ok(chosen
        .filter(|api| only.iter().any(|name| name == api))
        .collect())
}

fn tls(cert: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Tls>, ConfigError> {
    match (cert, key) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => Ok(Some(Tls { cert, key })),
        (Some(_), None) => Err(setting("tls_cert", "it needs `tls_key` too".into())),
        (None, Some(_)) => Err(setting("tls_key", "it needs `tls_cert` too".into())),
    }
}

fn public_url(url: Option<String>) -> Result<Option<String>, ConfigError> {
    let Some(url) = url else { return Ok(None) };
    let url = url.trim_end_matches('/').to_owned();
    match address(&url) {
        Some(_) => Ok(Some(url)),
        None => Err(setting(
            "public_url",
            format!("`{url}` is no address such as `https://api.example.org`"),
        )),
    }
}

fn networks(texts: Option<Vec<String>>) -> Result<Vec<IpNet>, ConfigError> {
    let network = |text: String| {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        text.parse().or_else(|_| address()).map_err(|_| {
            let reason =
                format!("`{text}` is neither a network such as `10.0.0.0/8` nor an address");
            setting("trusted_proxies", reason)
        })
    };
    texts.into_iter().flatten().map(network).collect()
}

/// Which pages may call: browsers send an origin without a path, in lower case, and a default port
/// is left out (RFC 6454, section 6.2), so that one written otherwise would never be met.
fn origins(origins: Option<Vec<String>>) -> Result<Vec<String>, ConfigError> {
    let origins = origins.unwrap_or_default();
    let is_any = origins.len() == 1 && origins.iter().all(|origin| origin == "*");
    for origin in origins.iter().filter(|_| !is_any) {
        let written = address(origin).and_then(|uri| {
            let port = match (uri.scheme_str(), uri.port_u16()) {
                (_, None) | (Some("http"), Some(80)) | (Some("https"), Some(443)) => String::new(),
                (_, Some(port)) => format!(":{port}"),
            };
            Some(format!("{}://{}{port}", uri.scheme_str()?, uri.host()?).to_lowercase())
        });
        if written.as_deref() != Some(origin) {
            let example = written.unwrap_or_else(|| "https://app.example.org".to_owned());
            let reason =
                format!("`{origin}` is no origin as browsers send it, such as `{example}`");
            return Err(setting("allowed_origins", reason));
        }
    }
    Ok(origins)
}

/// An absolute `http` or `https` address without query.
pub(super) fn address(url: &str) -> Option<hyper::Uri> {
    let uri: hyper::Uri = url.parse().ok()?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    (is_web && uri.host().is_some() && uri.query().is_none()).then_some(uri)
}

fn foreign(jwks: Option<String>, issuer: Option<String>) -> Result<Option<Foreign>, ConfigError> {
    let Some(jwks) = jwks else {
        return match issuer {
            None => Ok(None),
            Some(_) => Err(setting("jwks_issuer", "it needs `jwks` too".into())),
        };
    };
    let source = match address(&jwks) {
        Some(uri) => Source::Url(uri),
        None if jwks.contains("://") => {
            let reason = format!("`{jwks}` is neither a file nor an `https` address");
            return Err(setting("jwks", reason));
        }
        None => Source::File(PathBuf::from(jwks)),
    };
    Ok(Some(Foreign { source, issuer }))
}

fn ms(name: &'static str, value: Option<u64>, default: u64) -> Result<Duration, ConfigError> {
    positive(name, value, default).map(Duration::from_millis)
}

fn positive<T: PartialEq + From<u8>>(
    name: &'static str,
    value: Option<T>,
    default: T,
) -> Result<T, ConfigError> {
    match value {
        Some(value) if value == T::from(0) => Err(setting(name, "it must be at least 1".into())),
        Some(value) => Ok(value),
        None => Ok(default),
    }
}

pub(super) fn setting(name: &'static str, reason: String) -> ConfigError {
    ConfigError::Setting { name, reason }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn resolve(flags: &[&str]) -> Result<Config, String> {
        let flags = std::iter::once("specwright-server").chain(flags.iter().copied());
        let arguments = Arguments::try_parse_from(flags).map_err(|error| error.to_string())?;
        arguments.resolve().map_err(|error| error.to_string())
    }

    fn file(text: &str) -> Result<Settings, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn nothing_named_is_the_demo_on_loopback() {
        let config = resolve(&[]).expect("the defaults go together");
        assert!(config.demo && config.listen.ip().is_loopback());
        assert_eq!(config.apis, APIS);
    }

    #[test]
    fn a_named_database_is_no_demo_unless_asked_for() {
        let config = resolve(&["--database", "sqlite:a.db"]).expect("it can be used");
        assert!(!config.demo);
        let config = resolve(&["--database", "sqlite:a.db", "--demo"]).expect("it can be used");
        assert!(config.demo);
        let config = resolve(&["--demo=false", "--listen", "0.0.0.0:1"]).expect("it can be used");
        assert!(!config.demo);
    }

    #[test]
    fn flags_win_over_the_file() {
        let file = file("listen = '127.0.0.1:1'\nbody_limit_bytes = 5\nonly = ['user-sessions']")
            .expect("a file");
        let flags = Settings {
            listen: Some(([127, 0, 0, 1], 2).into()),
            ..Settings::default()
        };
        let config = flags.over(file).resolve().expect("they go together");
        assert_eq!((config.listen.port(), config.body_limit_bytes), (2, 5));
    }

    #[test]
    fn origins_are_written_as_browsers_send_them() {
        let origins = |flags: &[&str]| resolve(flags).map(|found| found.allowed_origins);
        let allow = |text: &str| origins(&["--allowed-origins", text]);
        assert_eq!(origins(&[]), Ok(Vec::new()));
        assert_eq!(allow("*"), Ok(vec!["*".to_owned()]));
        let two = ["https://app.example.org", "http://localhost:3000"];
        assert_eq!(allow(&two.join(",")), Ok(two.map(str::to_owned).to_vec()));
        for (wrong, right) in [
            ("https://app.example.org/", "https://app.example.org"),
            ("https://App.example.org", "https://app.example.org"),
            ("https://app.example.org:443", "https://app.example.org"),
            ("http://localhost:3000/page", "http://localhost:3000"),
            ("app.example.org", "https://app.example.org"),
            ("*,https://app.example.org", "https://app.example.org"),
        ] {
            let told = allow(wrong).expect_err("it is no origin");
            assert!(told.contains(&format!("`{right}`")), "{wrong}: {told}");
        }
    }

    #[test]
    fn wrong_settings_say_what_to_do() {
        let demo = resolve(&["--listen", "0.0.0.0:8080"]).expect_err("the demo is for loopback");
        assert!(demo.contains("--demo=false"), "{demo}");
        let api = resolve(&["--only", "users"]).expect_err("there is no such API");
        assert!(api.contains("there are user-sessions"), "{api}");
        let tls = resolve(&["--tls-cert", "c.pem"]).expect_err("the key is missing");
        assert!(tls.contains("`tls_key`"), "{tls}");
        let database = resolve(&["--database", "mysql://x"]).expect_err("not an engine");
        assert!(database.contains("sqlite:PATH"), "{database}");
        let public = resolve(&["--public-url", "api.example.org"]).expect_err("no scheme");
        assert!(public.contains("https://"), "{public}");
        let issuer = resolve(&["--jwks-issuer", "x"]).expect_err("there is no key set");
        assert!(issuer.contains("`jwks`"), "{issuer}");
        let jwks = resolve(&["--jwks", "ftp://x/y"]).expect_err("not a file, not on the web");
        assert!(jwks.contains("neither a file"), "{jwks}");
        let eps = resolve(&["--database", "sqlite:a.db", "--eps-url", "eps:8081"])
            .expect_err("no scheme");
        assert!(eps.contains("https://"), "{eps}");
        let secret = resolve(&[
            "--database",
            "sqlite:a.db",
            "--eps-url",
            "http://127.0.0.1:1",
        ]);
        let secret = secret.expect_err("nobody to call as");
        assert!(secret.contains("`eps_client_secret`"), "{secret}");
        assert!(secret.contains("--api eps"), "{secret}");
        let mandate = resolve(&["--subjects-mandate", "procedure"]).expect_err("no functions");
        assert!(mandate.contains("PostgreSQL"), "{mandate}");
        let short = resolve(&["--key-encryption-key", "c2hvcnQ="]).expect_err("no 32 bytes");
        assert!(short.contains("openssl rand"), "{short}");
        let away = resolve(&["--key-encryption-key-file", "/nowhere/at/all"]);
        let away = away.expect_err("there is no file");
        assert!(away.contains("`/nowhere/at/all` cannot be read"), "{away}");
        for flag in ["--request-timeout-ms", "--subjects-mandate-timeout-ms"] {
            let zero = resolve(&[flag, "0"]).expect_err("no time at all");
            assert!(zero.contains("at least 1"), "{zero}");
        }
    }

    #[test]
    fn unknown_keys_are_errors() {
        let error = file("lissten = '127.0.0.1:1'").expect_err("a typing error");
        assert!(
            error.to_string().contains("unknown field `lissten`"),
            "{error}"
        );
    }

    #[test]
    fn the_schema_names_every_setting() {
        let schema = serde_json::to_value(crate::config::schema()).expect("a schema is JSON");
        let listen = schema.pointer("/properties/listen");
        assert!(listen.is_some(), "{schema}");
        assert_eq!(schema.get("additionalProperties"), Some(&false.into()));
    }
}
