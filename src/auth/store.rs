//! Clients, keys and failed attempts in the database.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use zeroize::Zeroizing;

use super::clients::taken;
use super::{Client, Registered, scopes};
use crate::changes::store::{is_repeated, make, refuse};
use crate::changes::{Answer, Change, Made, Refusal};
use crate::db::{Db, DbError, Statement, Value, from_text};

/// The lock of PostgreSQL under which keys are renewed.
const KEYS_LOCK: i64 = 0x5369_676e_4b65_7973;

/// Keeps clients and keys; clones share the database.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
}

/// A key as it is stored.
#[derive(Clone)]
pub struct StoredKey {
    /// Its name.
    pub id: String,
    /// The private key, base64url; sealed, if the server has a key to seal with.
    pub seed: Zeroizing<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// Who may register a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registrar {
    /// Whoever is let in already.
    Trusted,
    /// Somebody without credentials, who may register the first client only.
    Nobody,
}

impl Answer for Registered {
    const SHOWS_SECRET: bool = true;
}

impl Answer for Client {}

const ANY_CLIENT: &str = "SELECT client_id FROM auth_clients LIMIT 1";

const CLIENT: &str = "client_id, secret_hash, scopes, generation, disabled, created_ms";

impl Store {
    /// Clients and keys in this database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The client with this id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn client(&self, id: &str) -> Result<Option<Client>, DbError> {
        let sql = format!("SELECT {CLIENT} FROM auth_clients WHERE client_id = $1");
        let statement = Statement::new(sql).bind(Value::any_text(id));
        let row = self.db.read_one::<ClientRow>(statement).await?;
        row.map(ClientRow::client).transpose()
    }

    /// Whether there is any client.
    ///
    /// # Errors
    /// The database failed.
    pub async fn has_clients(&self) -> Result<bool, DbError> {
        let any = self.db.read_one::<(String,)>(Statement::new(ANY_CLIENT));
        Ok(any.await?.is_some())
    }

    /// Whether a change was carried out before.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_repeated(&self, change: &Change) -> Result<bool, DbError> {
        is_repeated(&self.db, change).await
    }

    /// Every client, by id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn clients(&self) -> Result<Vec<Client>, DbError> {
        let sql = format!("SELECT {CLIENT} FROM auth_clients ORDER BY client_id");
        let rows = self.db.read::<ClientRow>(Statement::new(sql)).await?;
        rows.into_iter().map(ClientRow::client).collect()
    }

    /// Registers a client, unless its id is taken or the registrar may not.
    ///
    /// # Errors
    /// The database failed.
    pub async fn register(
        &self,
        change: Change,
        registrar: Registrar,
        client: Client,
    ) -> Result<Result<Registered, Refusal>, DbError> {
        make(&self.db, change, move |transaction| {
            Box::pin(async move {
                let any = Statement::new(ANY_CLIENT);
                let first = transaction.row::<(String,)>(any).await?.is_none();
                if registrar == Registrar::Nobody && !first {
                    return Ok(Err(Refusal::Unauthorized));
                }
                let insert = insert(&client).then(" ON CONFLICT (client_id) DO NOTHING");
                let inserted = transaction
                    .row::<(String,)>(insert.then(" RETURNING client_id"))
                    .await?;
                if inserted.is_none() {
                    return Ok(Err(Refusal::Invalid(vec![taken()])));
                }
                let registered = Registered {
                    client_id: client.client_id,
                    scope: client.scopes.join(" "),
                };
                let target = format!("/v1/identity/client/{}", registered.client_id);
                Ok(Ok(Made::created(target, registered)))
            })
        })
        .await
    }

    /// Records that a change was refused with this status.
    ///
    /// # Errors
    /// The database failed.
    pub async fn refuse(&self, change: Change, status: u16) -> Result<(), DbError> {
        refuse(&self.db, change, status).await
    }

    /// Stores a client unless there is one with its id.
    ///
    /// # Errors
    /// The database failed.
    pub async fn register_unless_known(&self, client: &Client) -> Result<(), DbError> {
        let statement = insert(client).then(" ON CONFLICT (client_id) DO NOTHING");
        self.db.write::<()>(statement).await.map(drop)
    }

    /// Disables a client and makes its tokens worthless; `None` when there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn disable(&self, change: Change, id: &str) -> Result<Option<Client>, DbError> {
        let statement = Statement::new(
            "UPDATE auth_clients SET disabled = $1, generation = generation + 1 \
             WHERE client_id = $2",
        )
        .bind(Value::Boolean(true))
        .bind(Value::any_text(id));
        self.changed(change, statement).await
    }

    /// Enables a client; the tokens from before it was disabled stay worthless. `None` when there is
    /// none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn enable(&self, change: Change, id: &str) -> Result<Option<Client>, DbError> {
        let statement =
            Statement::new("UPDATE auth_clients SET disabled = $1 WHERE client_id = $2")
                .bind(Value::Boolean(false))
                .bind(Value::any_text(id));
        self.changed(change, statement).await
    }

    /// Gives a client a new secret and makes its earlier tokens worthless; one that is disabled
    /// stays so. `None` when there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rotate(
        &self,
        change: Change,
        id: &str,
        secret_hash: String,
    ) -> Result<Option<Client>, DbError> {
        let statement = Statement::new(
            "UPDATE auth_clients SET secret_hash = $1, generation = generation + 1 \
             WHERE client_id = $2",
        )
        .bind(Value::Text(Some(secret_hash)))
        .bind(Value::any_text(id));
        self.changed(change, statement).await
    }

    async fn changed(
        &self,
        change: Change,
        statement: Statement,
    ) -> Result<Option<Client>, DbError> {
        let statement = statement.then(" RETURNING ").then(CLIENT);
        let outcome = make(&self.db, change, move |transaction| {
            Box::pin(async move {
                let row = transaction.row::<ClientRow>(statement).await?;
                let client = row.map(ClientRow::client).transpose()?;
                let unknown = Refusal::NotAllowed("There is no such client.");
                Ok(client.map(|client| Made::new(200, client)).ok_or(unknown))
            })
        });
        Ok(outcome.await?.ok())
    }

    /// When attempts of a client failed after a time, oldest first; at most `most` of them, the
    /// latest ones.
    ///
    /// # Errors
    /// The database failed.
    pub async fn failures(
        &self,
        id: &str,
        after_ms: i64,
        most: usize,
    ) -> Result<Vec<i64>, DbError> {
        let statement = Statement::new(
            "SELECT failed_ms FROM auth_failures WHERE client_id = $1 AND failed_ms > $2 \
             ORDER BY failed_ms DESC LIMIT $3",
        )
        .bind(Value::any_text(id))
        .bind(Value::Integer(Some(after_ms)))
        .bind(Value::Integer(i64::try_from(most).ok()));
        let rows = self.db.read::<(i64,)>(statement).await?;
        Ok(rows
            .into_iter()
            .rev()
            .map(|(failed_ms,)| failed_ms)
            .collect())
    }

    /// Stores that an attempt failed, and forgets all failures up to a time.
    ///
    /// # Errors
    /// The database failed.
    pub async fn failed(&self, id: &str, now_ms: i64, forget_ms: i64) -> Result<(), DbError> {
        let old = Statement::new("DELETE FROM auth_failures WHERE failed_ms <= $1")
            .bind(Value::Integer(Some(forget_ms)));
        let new =
            Statement::new("INSERT INTO auth_failures (client_id, failed_ms) VALUES ($1, $2)")
                .bind(Value::any_text(id))
                .bind(Value::Integer(Some(now_ms)));
        self.db.write_all(vec![old, new]).await
    }

    /// Every key, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn keys(&self) -> Result<Vec<StoredKey>, DbError> {
        let rows = self.db.read::<KeyRow>(Statement::new(KEYS)).await?;
        rows.into_iter().map(KeyRow::key).collect()
    }

    /// Keeps a key another way, unless somebody else has done that by now.
    ///
    /// # Errors
    /// The database failed.
    pub async fn replace_seed(&self, key: &StoredKey, seed: &str) -> Result<(), DbError> {
        let sql = "UPDATE auth_keys SET seed = $1 WHERE key_id = $2 AND seed = $3";
        let statement = Statement::new(sql)
            .bind(Value::any_text(seed))
            .bind(Value::any_text(&key.id))
            .bind(Value::any_text(&key.seed));
        self.db.write::<()>(statement).await.map(drop)
    }

    /// Stores a fresh key, unless the newest is not the one that the caller saw, and removes those
    /// that are gone.
    ///
    /// # Errors
    /// The database failed.
    pub async fn renew_keys(
        &self,
        newest: Option<String>,
        fresh: Option<StoredKey>,
        gone: Vec<String>,
    ) -> Result<(), DbError> {
        let work = self.db.exclusively(KEYS_LOCK, move |mut transaction| {
            Box::pin(async move {
                let found = transaction.row::<KeyRow>(Statement::new(KEYS)).await?;
                if let Some(key) = fresh.filter(|_| found.map(|key| key.key_id) == newest) {
                    transaction.run(insert_key(&key)).await?;
                }
                for id in gone {
                    let delete = Statement::new("DELETE FROM auth_keys WHERE key_id = $1");
                    transaction.run(delete.bind(Value::any_text(&id))).await?;
                }
                Ok(())
            })
        });
        work.await
    }
}

const KEYS: &str =
    "SELECT key_id, seed, created_ms FROM auth_keys ORDER BY created_ms DESC, key_id";

fn insert_key(key: &StoredKey) -> Statement {
    Statement::new("INSERT INTO auth_keys (key_id, seed, created_ms) VALUES ($1, $2, $3)")
        .bind(Value::any_text(&key.id))
        .bind(Value::any_text(&key.seed))
        .bind(Value::Integer(Some(key.created.timestamp_millis())))
}

fn insert(client: &Client) -> Statement {
    Statement::new(
        "INSERT INTO auth_clients \
         (client_id, secret_hash, scopes, generation, disabled, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(Value::any_text(&client.client_id))
    .bind(Value::any_text(&client.secret_hash))
    .bind(Value::any_text(&client.scopes.join(" ")))
    .bind(Value::Integer(Some(client.generation)))
    .bind(Value::Boolean(client.disabled))
    .bind(Value::Integer(Some(client.created.timestamp_millis())))
}

#[derive(FromRow)]
struct ClientRow {
    client_id: String,
    secret_hash: String,
    scopes: String,
    generation: i64,
    disabled: bool,
    created_ms: i64,
}

impl ClientRow {
    fn client(self) -> Result<Client, DbError> {
        Ok(Client {
            created: time("auth_clients", &self.client_id, self.created_ms)?,
            client_id: from_text(self.client_id),
            secret_hash: self.secret_hash,
            scopes: scopes::parse(&self.scopes),
            generation: self.generation,
            disabled: self.disabled,
        })
    }
}

#[derive(FromRow)]
struct KeyRow {
    key_id: String,
    seed: String,
    created_ms: i64,
}

impl KeyRow {
    fn key(self) -> Result<StoredKey, DbError> {
        Ok(StoredKey {
            created: time("auth_keys", &self.key_id, self.created_ms)?,
            id: self.key_id,
            seed: Zeroizing::new(self.seed),
        })
    }
}

fn time(table: &'static str, row: &str, ms: i64) -> Result<DateTime<Utc>, DbError> {
    DateTime::from_timestamp_millis(ms).ok_or_else(|| DbError::Inconsistent {
        table,
        column: "created_ms",
        row: row.to_owned(),
    })
}
