-- Clients that prove themselves with an id and a secret on every request. Secrets are long and
-- random, so that a fast keyed digest keeps them safe: it is HMAC-SHA-256 over the API, the id and
-- the secret, in hexadecimal digits. An id may stand for different clients in different APIs.
CREATE TABLE api_clients (
    api TEXT NOT NULL,
    client_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    role TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (api, client_id)
);

-- The key of the digests, one row, made when it is first needed; hexadecimal digits.
CREATE TABLE api_client_keys (
    number BIGINT NOT NULL PRIMARY KEY,
    hmac_key TEXT NOT NULL
);
