//! Who asks: what credentials grant, and the decision whether that suffices.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use base64::Engine;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::credentials::{ApiKey, Basic, Bearer, Credentials};
use crate::fault::Fault;
use crate::operation::{Location, Requirement, SecurityKind, SecurityScheme};
use crate::rejection::Rejection;

impl Credentials {
    /// The user name and password.
    ///
    /// # Errors
    ///
    /// Unauthorized, when these are other credentials.
    pub fn basic(&self) -> Result<&Basic, Denied> {
        match self {
            Self::Basic(basic) => Ok(basic),
            _ => Err(Denied::unauthorized()),
        }
    }

    /// The bearer token.
    ///
    /// # Errors
    ///
    /// Unauthorized, when these are other credentials.
    pub fn bearer(&self) -> Result<&Bearer, Denied> {
        match self {
            Self::Bearer(bearer) => Ok(bearer),
            _ => Err(Denied::unauthorized()),
        }
    }

    /// The API key.
    ///
    /// # Errors
    ///
    /// Unauthorized, when these are other credentials.
    pub fn api_key(&self) -> Result<&ApiKey, Denied> {
        match self {
            Self::ApiKey(key) => Ok(key),
            _ => Err(Denied::unauthorized()),
        }
    }

    /// The credentials that a request has for a scheme.
    pub(crate) fn of(scheme: &SecurityScheme, context: &Context) -> Option<Self> {
        match scheme.kind {
            SecurityKind::Basic => {
                let encoded = authorization(context, "Basic")?;
                let bytes = base64::engine::general_purpose::STANDARD
                    .decode(encoded)
                    .ok()?;
                let text = Zeroizing::new(String::from_utf8(bytes).ok()?);
                let (username, password) = text.split_once(':')?;
                let (username, password) = (username.to_owned(), password.to_owned());
                Some(Self::Basic(Basic { username, password }))
            }
            SecurityKind::Bearer => {
                let token = authorization(context, "Bearer")?.to_owned();
                Some(Self::Bearer(Bearer { token }))
            }
            SecurityKind::ApiKey { location, name } => {
                let key = match location {
                    Location::Header => context.header(name)?.to_owned(),
                    Location::Query => context.query_value(name)?,
                    Location::Cookie => context.cookie(name)?,
                    Location::Path => return None,
                };
                Some(Self::ApiKey(ApiKey { key }))
            }
        }
    }
}

/// What follows the scheme in the header `Authorization` (RFC 9110, section 11.4).
fn authorization<'a>(context: &'a Context, scheme: &str) -> Option<&'a str> {
    let (name, value) = context.header("authorization")?.trim().split_once(' ')?;
    let value = value.trim();
    (name.eq_ignore_ascii_case(scheme) && !value.is_empty()).then_some(value)
}

/// What credentials allow.
#[derive(Clone, Default)]
pub struct Grant {
    subject: String,
    scopes: Vec<String>,
    data: Option<Arc<dyn Any + Send + Sync>>,
}

impl Grant {
    /// A grant without scopes to whoever this is.
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            ..Self::default()
        }
    }

    /// With these scopes.
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// With something that the operations want to know, to be had by [`Grant::data`].
    pub fn with_data<T: Any + Send + Sync>(mut self, data: T) -> Self {
        self.data = Some(Arc::new(data));
        self
    }

    /// Whose grant it is.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What it covers.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Whether it covers a scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// What was given to [`Grant::with_data`], if it has this type.
    pub fn data<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.data.as_ref()?.downcast_ref()
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut grant = f.debug_struct("Grant");
        grant
            .field("subject", &self.subject)
            .field("scopes", &self.scopes);
        grant.finish_non_exhaustive()
    }
}

/// Why credentials allow nothing.
#[derive(Debug)]
pub struct Denied(Reason);

#[derive(Debug)]
enum Reason {
    Unauthorized,
    Forbidden(Narrow),
    Fault(Fault),
}

/// Credentials that are right, and do not suffice.
#[derive(Debug, Default)]
struct Narrow {
    missing: Vec<&'static str>,
    client: Option<String>,
}

impl Denied {
    /// The credentials are wrong: 401.
    pub fn unauthorized() -> Self {
        Self(Reason::Unauthorized)
    }

    /// The credentials are right, and do not suffice: 403.
    pub fn forbidden() -> Self {
        Self(Reason::Forbidden(Narrow::default()))
    }

    /// The credentials could not be checked: the status of the fault.
    pub fn fault(fault: impl Into<Fault>) -> Self {
        Self(Reason::Fault(fault.into()))
    }

    pub(crate) fn into_rejection(self, challenges: Vec<String>) -> Rejection {
        match self.0 {
            Reason::Unauthorized => Rejection::Unauthorized {
                challenges,
                presented: true,
            },
            Reason::Forbidden(Narrow { missing, client }) => Rejection::Forbidden {
                challenges,
                missing,
                client,
            },
            Reason::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for Denied {
    fn from(fault: Fault) -> Self {
        Self(Reason::Fault(fault))
    }
}

/// The answer to be, when credentials are checked.
pub type Authentication<'a> = Pin<Box<dyn Future<Output = Result<Grant, Denied>> + Send + 'a>>;

/// How generated code has credentials checked: service, name of the scheme, credentials, context.
pub type Authenticate<S> =
    for<'a> fn(&'a S, &'static str, &'a Credentials, &'a Context) -> Authentication<'a>;

/// Checks the alternatives in order; the first that is met wholly lets the request in.
///
/// Requests without any credentials pass where the contract lets anybody in; wrong credentials
/// never do, so that a client learns of its mistake.
pub(crate) async fn authorize<S: Sync>(
    service: &S,
    alternatives: &'static [&'static [Requirement]],
    realm: &str,
    context: &Context,
    authenticate: Authenticate<S>,
) -> Result<Vec<(&'static str, Grant)>, Rejection> {
    let mut presented = false;
    let mut forbidden: Option<Narrow> = None;
    for alternative in alternatives
        .iter()
        .filter(|alternative| !alternative.is_empty())
    {
        match meet(service, alternative, context, authenticate, &mut presented).await {
            Ok(grants) => return Ok(grants),
            Err(Denied(Reason::Fault(fault))) => return Err(fault.into()),
            Err(Denied(Reason::Forbidden(narrow))) => {
                forbidden.get_or_insert(narrow);
            }
            Err(Denied(Reason::Unauthorized)) => {}
        }
    }
    if !presented
        && alternatives
            .iter()
            .any(|alternative| alternative.is_empty())
    {
        return Ok(Vec::new());
    }
    Err(match forbidden {
        Some(Narrow { missing, client }) => Rejection::Forbidden {
            challenges: wider(alternatives, realm, context),
            missing,
            client,
        },
        None => Rejection::Unauthorized {
            challenges: challenges(alternatives, realm, context),
            presented,
        },
    })
}

async fn meet<S: Sync>(
    service: &S,
    alternative: &'static [Requirement],
    context: &Context,
    authenticate: Authenticate<S>,
    presented: &mut bool,
) -> Result<Vec<(&'static str, Grant)>, Denied> {
    let mut all = Vec::with_capacity(alternative.len());
    // First whether everything is there: checking a part of it would be work for nothing.
    for requirement in alternative {
        let credentials = Credentials::of(requirement.scheme, context);
        *presented |= credentials.is_some();
        all.push((requirement, credentials.ok_or_else(Denied::unauthorized)?));
    }
    let mut grants = Vec::with_capacity(all.len());
    for (requirement, credentials) in &all {
        let name = requirement.scheme.name;
        let grant = authenticate(service, name, credentials, context).await?;
        let missing: Vec<_> = requirement
            .scopes
            .iter()
            .copied()
            .filter(|scope| !grant.has_scope(scope))
            .collect();
        if !missing.is_empty() {
            let client = Some(grant.subject).filter(|subject| !subject.is_empty());
            return Err(Denied(Reason::Forbidden(Narrow { missing, client })));
        }
        grants.push((name, grant));
    }
    Ok(grants)
}

/// One challenge for every scheme that could help (RFC 9110, section 11.6.1); a bearer token that
/// came is told what is wrong with it (RFC 6750, section 3.1).
fn challenges(
    alternatives: &'static [&'static [Requirement]],
    realm: &str,
    context: &Context,
) -> Vec<String> {
    let realm = realm.replace(['"', '\\'], "'");
    let mut challenges = Vec::new();
    for requirement in alternatives.iter().copied().flatten() {
        let challenge = match requirement.scheme.kind {
            SecurityKind::Basic => format!("Basic realm=\"{realm}\", charset=\"UTF-8\""),
            SecurityKind::Bearer => {
                let came = Credentials::of(requirement.scheme, context).is_some();
                bearer(&realm, came.then_some("invalid_token"), requirement.scopes)
            }
            SecurityKind::ApiKey { location, name } => {
                format!(
                    "ApiKey realm=\"{realm}\", in=\"{}\", name=\"{name}\"",
                    location.as_str()
                )
            }
        };
        if !challenges.contains(&challenge) {
            challenges.push(challenge);
        }
    }
    challenges
}

/// What a bearer token that does not suffice is told: the scopes that would (RFC 6750, section 3.1).
fn wider(
    alternatives: &'static [&'static [Requirement]],
    realm: &str,
    context: &Context,
) -> Vec<String> {
    let realm = realm.replace(['"', '\\'], "'");
    let requirements = alternatives.iter().copied().flatten();
    let narrow = requirements.filter(|requirement| {
        matches!(requirement.scheme.kind, SecurityKind::Bearer)
            && !requirement.scopes.is_empty()
            && Credentials::of(requirement.scheme, context).is_some()
    });
    let challenge =
        |narrow: &Requirement| bearer(&realm, Some("insufficient_scope"), narrow.scopes);
    narrow.map(challenge).collect()
}

fn bearer(realm: &str, error: Option<&str>, scopes: &[&str]) -> String {
    let mut challenge = format!("Bearer realm=\"{realm}\"");
    if let Some(error) = error {
        challenge.push_str(&format!(", error=\"{error}\""));
    }
    if !scopes.is_empty() {
        challenge.push_str(&format!(", scope=\"{}\"", scopes.join(" ")));
    }
    challenge
}
