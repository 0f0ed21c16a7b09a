use super::resolve::{ConfigError, address, setting};
use super::{DEMO_ID, DEMO_SECRET, Systems};
use crate::auth::secret::Secret;
use crate::db::Location;

impl Systems {
    /// Fills in the defaults: databases beside the server's own, APIs in this process, and the
    /// demo's credentials in demo mode.
    pub(super) fn resolve(
        database: &Location,
        demo: bool,
        databases: [Option<String>; 3],
        urls: [Option<String>; 2],
        client: (Option<String>, Option<String>),
    ) -> Result<Self, ConfigError> {
        let location = |name, short, text: Option<String>| match text {
            Some(text) => text.parse().map_err(|reason| setting(name, reason)),
            None => Ok(database.beside(short)),
        };
        let [meps, oeps, cams] = databases;
        let [eps_url, cams_url] = urls;
        let eps_url = origin("eps_url", eps_url)?;
        let cams_url = origin("cams_url", cams_url)?;
        let elsewhere = eps_url.is_some() || cams_url.is_some();
        let (client_id, client_secret) = match client {
            (Some(id), Some(secret)) => (id, secret),
            (None, None) if demo || !elsewhere => (DEMO_ID.to_owned(), DEMO_SECRET.to_owned()),
            (None, _) => return Err(missing("system_client_id", "system_client_secret")),
            (_, None) => return Err(missing("system_client_secret", "system_client_id")),
        };
        Ok(Self {
            meps: location("meps_database", "meps", meps)?,
            oeps: location("oeps_database", "oeps", oeps)?,
            cams: location("cams_database", "cams", cams)?,
            eps_url,
            cams_url,
            client_id,
            client_secret: Secret::new(client_secret),
        })
    }
}

fn missing(name: &'static str, other: &str) -> ConfigError {
    let reason = format!(
        "system APIs that run elsewhere are called with `{name}` and `{other}`; make them there \
         with `specwright-server client create --api eps NAME`"
    );
    setting(name, reason)
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
