//! Credentials of every scheme; and that none of them shows.

use crate::world::{block_on, clients};
use specwright_generated_tests::both::security::schemes::*;
use specwright_runtime::client::ErrorKind;
use specwright_runtime::{ApiKey, Basic, Bearer, CallOptions, Context, Denied, Fault, Grant};

const SECRET: &str = "s3cret~-_.";

struct Guarded;

fn allow(given: &str) -> Result<Grant, Denied> {
    if given == SECRET {
        Ok(Grant::new("ada").with_scopes(["read", "write", "profile"]))
    } else {
        Err(Denied::unauthorized())
    }
}

macro_rules! guarded {
    ($($method:ident $response:ident,)*; $($key:ident)*; $($bearer:ident)*) => {
        impl Schemes for Guarded {
            $(async fn $method(&self, _: &Context) -> Result<$response, Fault> {
                Ok($response::NoContent)
            })*
            $(async fn $key(&self, key: &ApiKey, _: &Context) -> Result<Grant, Denied> {
                allow(&key.key)
            })*
            $(async fn $bearer(&self, bearer: &Bearer, _: &Context) -> Result<Grant, Denied> {
                allow(&bearer.token)
            })*
            async fn authenticate_basic(
                &self,
                basic: &Basic,
                _: &Context,
            ) -> Result<Grant, Denied> {
                allow(if basic.username == "ada ä" { &basic.password } else { "" })
            }
        }
    };
}

guarded! {
    inherited InheritedResponse, open OpenResponse, basic BasicResponse, bearer BearerResponse,
    query QueryResponse, cookie CookieResponse, oauth OauthResponse, oidc OidcResponse,
    either EitherResponse, both BothResponse, optional OptionalResponse,;
    authenticate_key authenticate_query_key authenticate_cookie_key;
    authenticate_bearer authenticate_oauth authenticate_oidc
}

fn key(key: &str) -> ApiKey {
    ApiKey {
        key: key.to_owned(),
    }
}

fn token() -> Bearer {
    Bearer {
        token: SECRET.to_owned(),
    }
}

#[test]
fn credentials_of_every_scheme_are_taken() {
    block_on(async {
        for client in clients(SchemesApi(Guarded)).await {
            let client = SchemesClient::new(client);
            client.open().await.expect("nothing is asked for");
            client.optional().await.expect("nobody need be known");
            let basic = Basic {
                username: "ada ä".to_owned(),
                password: SECRET.to_owned(),
            };
            let client = client
                .with_key(key(SECRET))
                .with_query_key(key(SECRET))
                .with_cookie_key(key(SECRET))
                .with_basic(basic)
                .with_bearer(token())
                .with_oauth(token())
                .with_oidc(token());
            client.inherited().await.expect("a key in a header");
            client.query().await.expect("a key in the query");
            client.cookie().await.expect("a key in a cookie");
            client.basic().await.expect("a password");
            client.bearer().await.expect("a token");
            client.oauth().await.expect("a token");
            client.oidc().await.expect("a token");
            client.either().await.expect("one of both");
            client.both().await.expect("both");
            client.optional().await.expect("a key");
        }
    });
}

#[test]
fn what_is_missing_is_named_before_anything_is_sent() {
    block_on(async {
        for client in clients(SchemesApi(Guarded)).await {
            let client = SchemesClient::new(client);
            let error = client.both().await.expect_err("no credentials");
            assert!(
                error.to_string().ends_with(
                    "/security cannot be sent: the operation asks for credentials of the security \
                     scheme `key` and `bearer`, and the client has none; give them by \
                     `Client::credentials`"
                ),
                "{error}"
            );
            let wrong = client.with_bearer(Bearer {
                token: "a\nb".to_owned(),
            });
            let error = wrong.bearer().await.expect_err("no header");
            assert!(
                matches!(error.kind(), ErrorKind::Unsendable { .. }),
                "{error}"
            );
            wrong.either().await.expect_err("no header either");
        }
    });
}

#[test]
fn wrong_credentials_are_refused_and_shown_nowhere() {
    block_on(async {
        for client in clients(SchemesApi(Guarded)).await {
            let client = SchemesClient::new(client).with_query_key(key("hunter2"));
            let error = client.query().await.expect_err("refused");
            assert_eq!(error.status(), Some(401));
            let shown = format!("{error} {error:?} {client:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
            let options = CallOptions::new()
                .credentials("query-key", key(SECRET))
                .header("x-secret", "hunter2")
                .expect("a header");
            assert!(!format!("{options:?}").contains("hunter2"));
            let client = client.with(options);
            client.query().await.expect("the call's own go first");
        }
    });
}
