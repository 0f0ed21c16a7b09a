-- One row a session. Times are milliseconds since 1970 in UTC, so that both engines order them
-- alike; "user" and "data" are JSON texts, kept as they were sent so that no digit is lost. The
-- two long columns come last: a list never has to read past them.
CREATE TABLE sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT,
    user_name TEXT,
    active BOOLEAN NOT NULL,
    open_time_ms BIGINT NOT NULL,
    request_time_ms BIGINT NOT NULL,
    close_time_ms BIGINT,
    address TEXT,
    client TEXT,
    user_json TEXT,
    data_json TEXT
);

-- Each list is "newest first, then by id" within a user, within open or closed ones, or overall;
-- the expiry walks the open ones from the oldest.
CREATE INDEX sessions_by_user ON sessions (user_id, request_time_ms DESC, id);
CREATE INDEX sessions_by_active ON sessions (active, request_time_ms DESC, id);
CREATE INDEX sessions_by_time ON sessions (request_time_ms DESC, id);
