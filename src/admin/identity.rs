//! The token endpoint, the registration of clients, and what programs configure themselves from.

use specwright_runtime::{Context, Fault, Grant};
use zeroize::Zeroizing;

use super::answers::{problem, refuse};
use super::contract::{
    Client, GetJwksResponse, GetMetadataResponse, IssueTokenBody, IssueTokenResponse, Key, KeyAlg,
    KeyCrv, KeyKty, KeySet, KeyUse, Metadata, NewClient, RegisterClientBody, RegisterClientRequest,
    RegisterClientResponse, Token, TokenError, TokenTokenType,
};
use super::service::Service;
use crate::auth::secret::Secret;
use crate::auth::store::Registrar;
use crate::auth::{self, Asked, TokenRefusal, scopes};
use crate::changes::Refusal;
use crate::faults::fault;

/// How an answer with a secret or a token is marked.
const NO_STORE: &str = "no-store";

/// How an answer with a token is marked beside that (RFC 6749, section 5.1).
const NO_CACHE: &str = "no-cache";

/// How long the keys and the metadata may be used again: less than a key is published ahead.
const MAX_AGE: &str = "public, max-age=300";

/// The longest id of a client, in characters, as the contract has it for ids in the body.
const LONGEST_ID: usize = 100;

/// Credentials as they came with a request.
#[derive(Clone, Debug)]
pub struct Presented {
    id: String,
    secrets: Vec<Secret>,
}

impl Presented {
    /// Credentials from HTTP Basic authentication. RFC 6749, section 2.3.1 has both parts
    /// form-encoded; not every client does that, so the secret counts both ways. An id counts in one
    /// way, since there is no id with a space or a percent sign in it: `+` is a plus.
    pub fn of_header(id: &str, secret: &str) -> Self {
        let decoded_or_plain =
            |text: &str, plus| decoded(text, plus).unwrap_or_else(|| text.to_owned());
        let mut secrets = vec![Secret::new(decoded_or_plain(secret, b' '))];
        if secrets.iter().all(|known| known.as_str() != secret) {
            secrets.push(Secret::new(secret.to_owned()));
        }
        Self {
            id: decoded_or_plain(id, b'+'),
            secrets,
        }
    }
}

/// Undoes `application/x-www-form-urlencoded`, but for what a plus stands for; `None` for what is
/// not encoded so.
fn decoded(text: &str, plus: u8) -> Option<String> {
    // As long as it can get: what has to grow leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => plus,
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    std::str::from_utf8(&bytes).ok().map(str::to_owned)
}

impl Service {
    pub(super) async fn token(
        &self,
        body: IssueTokenBody,
        context: &Context,
    ) -> Result<IssueTokenResponse, Fault> {
        let (is_form, request) = match body {
            IssueTokenBody::Form(request) => (true, request),
            IssueTokenBody::Json(request) => (false, request),
        };
        // RFC 6749, section 3.2: a parameter without a value counts as left out.
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let in_body = filled(request.client_id);
        let secret = filled(request.client_secret).map(Secret::new);
        let in_header = context.grant("basic").and_then(Grant::data::<Presented>);
        let by_header = is_basic(context);
        let presented = match (in_header, in_body, secret) {
            // RFC 6749, section 2.3: one way to authenticate a request.
            (Some(_), _, Some(_)) => {
                return Ok(bad_request(
                    "invalid_request",
                    "The credentials come twice: send them in the header or in the body.",
                ));
            }
            (Some(presented), id, None) if id.as_ref().is_none_or(|id| *id == presented.id) => {
                presented.clone()
            }
            (None, Some(id), Some(secret)) => Presented {
                id,
                secrets: vec![secret],
            },
            _ => return Ok(unauthorized(by_header)),
        };
        if presented.id.chars().count() > LONGEST_ID {
            // Nobody has such an id, so that nothing is to be counted or remembered of it.
            return Ok(unauthorized(by_header));
        }
        let asked = Asked {
            id: presented.id,
            secrets: presented.secrets,
            scope: filled(request.scope),
            issuer: self.base(context),
        };
        match self.auth.token(asked, &self.store).await {
            Ok(issued) => Ok(issued_response(is_form, issued)),
            Err(refusal) => token_refused(refusal, by_header),
        }
    }

    pub(super) async fn client(
        &self,
        request: RegisterClientRequest,
        context: &Context,
    ) -> Result<RegisterClientResponse, Fault> {
        let new = match request.body {
            Some(RegisterClientBody::Json(new) | RegisterClientBody::Form(new)) => new,
            None => NewClient {
                client_id: None,
                client_secret: None,
                scope: None,
            },
        };
        let registrar = match context.grant("oauth") {
            Some(grant) if grant.has_scope(scopes::FULL_ACCESS) => Registrar::Trusted,
            Some(_) => return self.refused(Refusal::Forbidden, context).await,
            None => Registrar::Nobody,
        };
        // What a secret is must not be found out by trying keys: only its presence counts.
        let content = (&new.client_id, new.client_secret.is_some(), &new.scope);
        let change = self.repeatable(context, request.idempotency_key, &content);
        let new = auth::clients::NewClient {
            scopes: new.scope.as_deref().map(scopes::parse),
            client_id: new.client_id,
            secret: new.client_secret.map(Secret::new),
        };
        let registered = self.auth.register(change, registrar, new, &self.store);
        let registered = registered.await;
        match registered.map_err(fault)? {
            Ok((client, secret)) => Ok(RegisterClientResponse::Created {
                cache_control: NO_STORE.to_owned(),
                body: Client {
                    client_id: client.client_id,
                    client_secret: secret.reveal(),
                    scope: client.scope,
                },
            }),
            Err(refusal @ Refusal::Unauthorized) => Ok(RegisterClientResponse::Unauthorized {
                www_authenticate: format!(
                    "Bearer realm=\"Admin\", scope=\"{}\"",
                    scopes::FULL_ACCESS
                ),
                body: problem(&refusal, context),
            }),
            Err(refusal) => refuse(&refusal, context),
        }
    }

    pub(super) async fn key_set(&self) -> Result<GetJwksResponse, Fault> {
        let keys = self.auth.keys().keys().await.map_err(fault)?;
        let keys = keys.all().iter().map(|key| Key {
            kty: KeyKty::Okp,
            crv: KeyCrv::Ed25519,
            x: key.x.clone(),
            kid: key.id.clone(),
            use_: KeyUse::Sig,
            alg: KeyAlg::EdDsa,
        });
        Ok(GetJwksResponse::Ok {
            cache_control: MAX_AGE.to_owned(),
            body: KeySet {
                keys: keys.collect(),
            },
        })
    }

    pub(super) fn metadata(&self, context: &Context) -> GetMetadataResponse {
        let base = self.base(context);
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let known = scopes::KNOWN.iter();
        let body = Metadata {
            token_endpoint: format!("{base}/v1/identity/oauth/token"),
            jwks_uri: format!("{base}/.well-known/jwks.json"),
            registration_endpoint: format!("{base}/v1/identity/client"),
            scopes_supported: known.map(|(scope, _)| (*scope).to_owned()).collect(),
            response_types_supported: Vec::new(),
            grant_types_supported: texts(&["client_credentials"]),
            token_endpoint_auth_methods_supported: texts(&[
                "client_secret_basic",
                "client_secret_post",
            ]),
            issuer: base,
        };
        GetMetadataResponse::Ok {
            cache_control: MAX_AGE.to_owned(),
            body,
        }
    }
}

fn issued_response(is_form: bool, issued: auth::Issued) -> IssueTokenResponse {
    let (cache_control, pragma) = (NO_STORE.to_owned(), NO_CACHE.to_owned());
    let body = Token {
        access_token: issued.token,
        expires_in: issued.expires_in,
        token_type: TokenTokenType::Bearer,
        scope: issued.scope,
    };
    if is_form {
        IssueTokenResponse::Ok {
            cache_control,
            pragma,
            body,
        }
    } else {
        IssueTokenResponse::Created {
            cache_control,
            pragma,
            body,
        }
    }
}

fn token_refused(refusal: TokenRefusal, by_header: bool) -> Result<IssueTokenResponse, Fault> {
    Ok(match refusal {
        TokenRefusal::WrongCredentials => unauthorized(by_header),
        TokenRefusal::WrongScope(scope) => {
            let scope: String = scope
                .chars()
                .filter(|c| is_described(*c))
                .take(100)
                .collect();
            bad_request(
                "invalid_scope",
                &format!("The client may not have the scope {scope}."),
            )
        }
        TokenRefusal::TooMany(too_many) => IssueTokenResponse::TooManyRequests {
            retry_after: too_many.retry_after_s,
            body: token_error(
                "temporarily_unavailable",
                "Too many attempts with this id have failed. Try again later.",
            ),
        },
        TokenRefusal::Failed(error) => return Err(fault(error)),
    })
}

/// Whether a client came by the header with Basic authentication, be it garbled.
fn is_basic(context: &Context) -> bool {
    let header = context.header("authorization").unwrap_or_default();
    let scheme = header.split_whitespace().next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("basic")
}

/// RFC 6749, section 5.2: what may stand in `error_description`.
fn is_described(c: char) -> bool {
    matches!(c, ' '..='~') && c != '"' && c != '\\'
}

/// RFC 6749, section 5.2: a client that came by the header is challenged by its scheme. Another one
/// is not: a browser would open a dialog of its own at a Basic challenge.
fn unauthorized(by_header: bool) -> IssueTokenResponse {
    let challenge = if by_header {
        "Basic realm=\"Admin\", charset=\"UTF-8\""
    } else {
        "Bearer realm=\"Admin\""
    };
    IssueTokenResponse::Unauthorized {
        www_authenticate: challenge.to_owned(),
        body: token_error(
            "invalid_client",
            "The id or the secret of the client is wrong.",
        ),
    }
}

fn bad_request(error: &str, description: &str) -> IssueTokenResponse {
    IssueTokenResponse::BadRequest(token_error(error, description))
}

fn token_error(error: &str, description: &str) -> TokenError {
    TokenError {
        error: error.to_owned(),
        error_description: description.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_a_header_count_encoded_and_plain() {
        let secrets = |secret: &str| {
            let presented = Presented::of_header("a%2Fb", secret);
            assert_eq!(presented.id, "a/b");
            let secrets = presented
                .secrets
                .iter()
                .map(|secret| secret.as_str().to_owned());
            secrets.collect::<Vec<_>>()
        };
        assert_eq!(secrets("plain"), ["plain"]);
        assert_eq!(secrets("Demo-2026%21"), ["Demo-2026!", "Demo-2026%21"]);
        assert_eq!(secrets("100%"), ["100%"]);
        assert_eq!(secrets("a+b"), ["a b", "a+b"]);
        assert_eq!(secrets("%ff"), ["%ff"]);
    }

    #[test]
    fn a_plus_in_an_id_is_one() {
        let id = |id| Presented::of_header(id, "s").id;
        assert_eq!(id("a+b"), "a+b");
        assert_eq!(id("a%2Bb"), "a+b");
        assert_eq!(id("a%20b"), "a b");
        assert_eq!(id("a%"), "a%");
    }
}
