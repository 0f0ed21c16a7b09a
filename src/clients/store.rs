//! Clients in the database, each by its API and id.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use zeroize::Zeroizing;

use super::{Client, DIGEST_LENGTH, Digest, Role, hexadecimal};
use crate::changes::store::make;
use crate::changes::{Answer, Change, Made, Refusal};
use crate::db::{Db, DbError, Statement, Value};

// A client without its digest is all that is told of a change.
impl Answer for Client {}

/// Keeps clients; clones share the database.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
}

/// A client as it is stored.
#[derive(Clone)]
pub struct Stored {
    /// What identifies it.
    pub client_id: String,
    /// The keyed digest of its secret.
    pub digest: Digest,
    /// What it may do.
    pub role: Role,
    /// Whether it is turned away.
    pub disabled: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

impl Stored {
    /// A client that no secret fits, to be compared with in place of one that is not there.
    pub fn nobody() -> Self {
        Self {
            client_id: String::new(),
            digest: [0; DIGEST_LENGTH],
            role: Role::Read,
            disabled: true,
            created: DateTime::UNIX_EPOCH,
        }
    }
}

impl Store {
    /// Clients in this database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The key of the digests: the one that is stored, or `fresh`, which is stored then.
    ///
    /// # Errors
    /// The database failed.
    pub async fn key(&self, fresh: &str) -> Result<Zeroizing<String>, DbError> {
        const READ: &str = "SELECT hmac_key FROM api_client_keys WHERE number = 1";
        const MAKE: &str = "INSERT INTO api_client_keys (number, hmac_key) VALUES (1, $1) \
                            ON CONFLICT (number) DO NOTHING";
        let found: Option<(String,)> = self.db.read_one(Statement::new(READ)).await?;
        if let Some((key,)) = found {
            return Ok(Zeroizing::new(key));
        }
        let make = Statement::new(MAKE).bind(Value::any_text(fresh));
        self.db.write::<()>(make).await?;
        // Another process may have been first.
        let found: Option<(String,)> = self.db.read_one(Statement::new(READ)).await?;
        found
            .map(|(key,)| Zeroizing::new(key))
            .ok_or(DbError::Inconsistent {
                table: "api_client_keys",
                column: "number",
                row: "1".to_owned(),
            })
    }

    /// The client with this id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(&self, api: &str, client_id: &str) -> Result<Option<Stored>, DbError> {
        let statement = Statement::new(
            "SELECT api, client_id, digest, role, disabled, created_ms FROM api_clients \
             WHERE api = $1 AND client_id = $2",
        );
        let statement = of(statement, api, client_id);
        let row = self.db.read_one::<ClientRow>(statement).await?;
        row.map(ClientRow::stored).transpose()
    }

    /// Stores a client; `false` when the id is taken.
    ///
    /// # Errors
    /// The database failed.
    pub async fn insert(
        &self,
        change: Option<Change>,
        api: &str,
        client: Stored,
    ) -> Result<bool, DbError> {
        let statement = Statement::new(
            "INSERT INTO api_clients (api, client_id, digest, role, disabled, created_ms) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (api, client_id) DO NOTHING \
             RETURNING api, client_id, digest, role, disabled, created_ms",
        );
        let statement = of(statement, api, &client.client_id)
            .bind(Value::any_text(&hexadecimal(&client.digest)))
            .bind(Value::any_text(client.role.as_str()))
            .bind(Value::Boolean(client.disabled))
            .bind(Value::Integer(Some(client.created.timestamp_millis())));
        match change {
            Some(change) => self
                .changed(change, 201, statement)
                .await
                .map(|client| client.is_some()),
            None => {
                let rows = self.db.write::<ClientRow>(statement);
                Ok(!rows.await?.is_empty())
            }
        }
    }

    /// Changes one client by a statement that returns it; `None` when it found none.
    async fn changed(
        &self,
        change: Change,
        status: u16,
        statement: Statement,
    ) -> Result<Option<Client>, DbError> {
        let outcome = make(&self.db, change, move |transaction| {
            Box::pin(async move {
                let row = transaction.row::<ClientRow>(statement).await?;
                let client = row.map(ClientRow::client).transpose()?;
                let made = client.map(|client| Made::new(status, client));
                Ok(made.ok_or(Refusal::NotAllowed(
                    "There is no such client, or one already.",
                )))
            })
        });
        Ok(outcome.await?.ok())
    }

    /// The clients of an API, or of all of them, by API and id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, api: Option<&str>) -> Result<Vec<Client>, DbError> {
        let mut statement = Statement::new(
            "SELECT api, client_id, digest, role, disabled, created_ms FROM api_clients",
        );
        if let Some(api) = api {
            statement = statement.then(" WHERE api = ").bound(Value::any_text(api));
        }
        let statement = statement.then(" ORDER BY api, client_id");
        let rows = self.db.read::<ClientRow>(statement).await?;
        rows.into_iter().map(ClientRow::client).collect()
    }

    /// Turns a client away, or lets it in again; `false` when there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn set_disabled(
        &self,
        change: Change,
        api: &str,
        client_id: &str,
        disabled: bool,
    ) -> Result<bool, DbError> {
        let statement = Statement::new(
            "UPDATE api_clients SET disabled = $3 WHERE api = $1 AND client_id = $2 \
             RETURNING api, client_id, digest, role, disabled, created_ms",
        );
        let statement = of(statement, api, client_id).bind(Value::Boolean(disabled));
        let changed = self.changed(change, 200, statement).await;
        Ok(changed?.is_some())
    }

    /// Replaces the digest of a client, and gives the client; one that is turned away stays so.
    /// `None` when there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn replace(
        &self,
        change: Change,
        api: &str,
        client_id: &str,
        digest: &Digest,
    ) -> Result<Option<Client>, DbError> {
        let statement = Statement::new(
            "UPDATE api_clients SET digest = $3 WHERE api = $1 AND client_id = $2 \
             RETURNING api, client_id, digest, role, disabled, created_ms",
        );
        let digest = hexadecimal(digest);
        let statement = of(statement, api, client_id).bind(Value::any_text(&digest));
        self.changed(change, 200, statement).await
    }
}

/// Reads the 64 hexadecimal digits of a digest.
fn digest(text: &str) -> Option<Digest> {
    let mut digest = [0; DIGEST_LENGTH];
    let pairs = text.as_bytes().chunks(2);
    if text.len() != 2 * digest.len() {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(pairs) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(digest)
}

fn of(statement: Statement, api: &str, client_id: &str) -> Statement {
    statement
        .bind(Value::any_text(api))
        .bind(Value::any_text(client_id))
}

#[derive(FromRow)]
struct ClientRow {
    api: String,
    client_id: String,
    digest: String,
    role: String,
    disabled: bool,
    created_ms: i64,
}

impl ClientRow {
    fn stored(self) -> Result<Stored, DbError> {
        let inconsistent = |column| DbError::Inconsistent {
            table: "api_clients",
            column,
            row: format!("{} {}", self.api, self.client_id),
        };
        Ok(Stored {
            role: match self.role.as_str() {
                "read" => Role::Read,
                "write" => Role::Write,
                _ => return Err(inconsistent("role")),
            },
            created: DateTime::from_timestamp_millis(self.created_ms)
                .ok_or_else(|| inconsistent("created_ms"))?,
            digest: digest(&self.digest).ok_or_else(|| inconsistent("digest"))?,
            client_id: self.client_id,
            disabled: self.disabled,
        })
    }

    fn client(self) -> Result<Client, DbError> {
        let api = self.api.clone();
        let stored = self.stored()?;
        Ok(Client {
            api,
            client_id: stored.client_id,
            role: stored.role,
            disabled: stored.disabled,
            created: stored.created,
        })
    }
}
