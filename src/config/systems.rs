use super::resolve::{ConfigError, address, setting};
use super::{DEMO_ID, DEMO_SECRET, SystemClient, Systems};
use crate::auth::secret::Secret;
use crate::db::Location;

/// An id and a secret, as far as they are set.
type Pair = (Option<String>, Option<String>);

impl Systems {
    /// Fills in the defaults: databases beside the server's own, APIs in this process, and the
    /// demo's credentials in demo mode. The clients are that of EPS, that of CAMS, and the one for
    /// both.
    pub(super) fn resolve(
        database: &Location,
        demo: bool,
        databases: [Option<String>; 3],
        urls: [Option<String>; 2],
        clients: [Pair; 3],
    ) -> Result<Self, ConfigError> {
        let location = |name, short, text: Option<String>| match text {
            Some(text) => text.parse().map_err(|reason| setting(name, reason)),
            None => Ok(database.beside(short)),
        };
        let [meps, oeps, cams] = databases;
        let [eps_url, cams_url] = urls;
        let eps_url = origin("eps_url", eps_url)?;
        let cams_url = origin("cams_url", cams_url)?;
        let [eps, cams_client, both] = clients;
        let both = pair(["system_client_id", "system_client_secret"], both)?;
        let of = |api, names: [&'static str; 2], own, elsewhere: bool| {
            let known = pair(names, own)?.or_else(|| both.clone());
            let demo = || (demo || !elsewhere).then(SystemClient::demo);
            known.or_else(demo).ok_or_else(|| missing(api, names))
        };
        Ok(Self {
            meps: location("meps_database", "meps", meps)?,
            oeps: location("oeps_database", "oeps", oeps)?,
            cams: location("cams_database", "cams", cams)?,
            eps_client: of(
                "eps",
                ["eps_client_id", "eps_client_secret"],
                eps,
                eps_url.is_some(),
            )?,
            cams_client: of(
                "cams",
                ["cams_client_id", "cams_client_secret"],
                cams_client,
                cams_url.is_some(),
            )?,
            eps_url,
            cams_url,
        })
    }
}

impl SystemClient {
    fn demo() -> Self {
        Self {
            id: DEMO_ID.to_owned(),
            secret: Secret::new(DEMO_SECRET.to_owned()),
        }
    }
}

/// Both halves, or neither.
fn pair(names: [&'static str; 2], pair: Pair) -> Result<Option<SystemClient>, ConfigError> {
    let [id_name, secret_name] = names;
    let half = |name, other: &str| setting(name, format!("it goes together with `{other}`"));
    match pair {
        (Some(id), Some(secret)) => Ok(Some(SystemClient {
            id,
            secret: Secret::new(secret),
        })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(half(id_name, secret_name)),
        (None, Some(_)) => Err(half(secret_name, id_name)),
    }
}

fn missing(api: &str, [id, secret]: [&'static str; 2]) -> ConfigError {
    let reason = format!(
        "the system API `{api}` runs elsewhere, and is called with `{id}` and `{secret}`; make \
         them there with `specwright-server client create --api {api} NAME`"
    );
    setting(id, reason)
}

fn origin(name: &'static str, url: Option<String>) -> Result<Option<String>, ConfigError> {
    let Some(url) = url else { return Ok(None) };
    match address(&url) {
        Some(_) => Ok(Some(url)),
        None => Err(setting(
            name,
            format!("`{url}` is no address such as `https://eps.example.org`"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Settings;

    fn settings(text: &str) -> Settings {
        let text = format!(
            "database = 'sqlite:a.db'\neps_url = 'http://127.0.0.1:1'\n\
             cams_url = 'http://127.0.0.1:2'\n{text}"
        );
        toml::from_str(&text).expect("a file")
    }

    fn clients(text: &str) -> [(String, String); 2] {
        let systems = settings(text).resolve().expect("they go together").systems;
        [systems.eps_client, systems.cams_client]
            .map(|client| (client.id, client.secret.as_str().to_owned()))
    }

    #[test]
    fn each_system_api_may_have_a_client_of_its_own() {
        let own = "eps_client_id = 'a'\neps_client_secret = 'x'\n";
        let both = "system_client_id = 'c'\nsystem_client_secret = 'z'\n";
        let pair = |id: &str, secret: &str| (id.to_owned(), secret.to_owned());
        assert_eq!(clients(both), [pair("c", "z"), pair("c", "z")]);
        let mixed = clients(&format!("{own}{both}"));
        assert_eq!(mixed, [pair("a", "x"), pair("c", "z")]);
        let cams = "cams_client_id = 'b'\ncams_client_secret = 'y'\n";
        let apart = clients(&format!("{own}{cams}"));
        assert_eq!(apart, [pair("a", "x"), pair("b", "y")]);
        let missing = settings(own)
            .resolve()
            .expect_err("CAMS is called by nobody");
        let missing = missing.to_string();
        assert!(
            missing.contains("`cams_client_id`") && missing.contains("--api cams"),
            "{missing}"
        );
    }

    #[test]
    fn half_a_client_is_none() {
        let all = "system_client_id = 'c'\nsystem_client_secret = 'z'\n";
        for (half, other) in [
            ("eps_client_id", "eps_client_secret"),
            ("cams_client_secret", "cams_client_id"),
        ] {
            let error = settings(&format!("{all}{half} = 'a'\n")).resolve();
            let error = error.expect_err("the other half is missing").to_string();
            assert!(
                error.contains(&format!("`{half}`")) && error.contains(&format!("`{other}`")),
                "{error}"
            );
        }
    }
}
