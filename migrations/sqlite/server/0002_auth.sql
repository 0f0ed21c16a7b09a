-- Clients of the server's own authorization server, and what their tokens are signed with. Times
-- are milliseconds since 1970 in UTC. A secret is stored as an Argon2id hash in PHC form; the
-- secret itself is nowhere. Tokens carry the client's generation: raising it makes every token
-- issued before worthless at once.
CREATE TABLE auth_clients (
    client_id TEXT NOT NULL PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    scopes TEXT NOT NULL,
    generation BIGINT NOT NULL,
    disabled BOOLEAN NOT NULL,
    created_ms BIGINT NOT NULL
);

-- Ed25519 keys. Which one signs and which ones are published follows from the times alone, so
-- that every process over the database decides alike. The seed is the private key (RFC 8032),
-- base64url: whoever reads this table can make tokens.
CREATE TABLE auth_keys (
    key_id TEXT NOT NULL PRIMARY KEY,
    seed TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);

-- Failed attempts at the token endpoint, kept for as long as they count. Each cost its sender a
-- password hash, so that the table stays small whatever is sent.
CREATE TABLE auth_failures (
    client_id TEXT NOT NULL,
    failed_ms BIGINT NOT NULL
);

CREATE INDEX auth_failures_by_client ON auth_failures (client_id, failed_ms);
CREATE INDEX auth_failures_by_time ON auth_failures (failed_ms);

-- Who changed what, or was refused. A row is written in the transaction of the change it tells
-- of: there is no change without its row, and no row of a change that did not happen. "outcome" is
-- the status of the answer; "target" the path of the resource; both engines number the rows in the
-- order of the commits, as changes are made one at a time.
CREATE TABLE audit_entries (
    number BIGINT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    target TEXT NOT NULL,
    outcome BIGINT NOT NULL,
    request_id TEXT NOT NULL
);

CREATE INDEX audit_entries_by_client ON audit_entries (client_id, number);
CREATE INDEX audit_entries_by_time ON audit_entries (at_ms);

-- The numbers given so far, by kind. A sequence of the engine would leave gaps on one engine and
-- none on the other.
CREATE TABLE numbers (
    kind TEXT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- Requests that were carried out under an Idempotency-Key, each by the client that sent it. The
-- answer is kept as JSON; it is NULL where it showed a secret, which is stored nowhere.
CREATE TABLE idempotency_keys (
    client_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    answer_json TEXT,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (client_id, operation, idempotency_key)
);

CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_ms);
