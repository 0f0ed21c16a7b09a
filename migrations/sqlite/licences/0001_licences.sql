-- The register of licences. Every change makes a new state of the register, known by its number,
-- and a row is a licence as it is from one state to another: "added" is the first state with the
-- row, "ended" the first one without it, and NULL while it stands. So a state that is past can still
-- be looked at, until it is forgotten.
CREATE TABLE licence_states (
    state BIGINT NOT NULL PRIMARY KEY,
    made_ms BIGINT NOT NULL
);

INSERT INTO licence_states (state, made_ms) VALUES (0, 0);

-- Times are milliseconds since 1970 in UTC. "grades" is a set of bits: 1a, 1b, 3a, 3b, SPV, HO and
-- MCWP from the lowest. "is_current" marks the newest licence of each holder by its date of issue.
CREATE TABLE licences (
    row_id INTEGER PRIMARY KEY AUTOINCREMENT,
    licence_number TEXT NOT NULL,
    holder_number TEXT NOT NULL,
    surname TEXT NOT NULL,
    forename TEXT NOT NULL,
    grades BIGINT NOT NULL,
    licence_status TEXT NOT NULL,
    distribution_status TEXT NOT NULL,
    distribution_status_ms BIGINT NOT NULL,
    application_ms BIGINT NOT NULL,
    course_ms BIGINT NOT NULL,
    issued_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    instructor TEXT NOT NULL,
    training_centre TEXT NOT NULL,
    is_current BOOLEAN NOT NULL,
    added BIGINT NOT NULL,
    ended BIGINT
);

CREATE UNIQUE INDEX licences_by_number ON licences (licence_number) WHERE ended IS NULL;
CREATE INDEX licences_by_holder ON licences (holder_number, issued_ms, licence_number)
    WHERE ended IS NULL;
CREATE INDEX licences_by_added ON licences (added);
CREATE INDEX licences_by_ended ON licences (ended) WHERE ended IS NOT NULL;
