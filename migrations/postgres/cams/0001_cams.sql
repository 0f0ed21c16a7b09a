-- What the database of CAMS holds: families of vocational qualifications and the periods in which
-- they are assessed. Dates are ISO 8601 texts, which both engines store and order alike.
CREATE TABLE qualification_groups (
    name TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE sessions (
    session_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    period_type TEXT NOT NULL CHECK (period_type IN ('Annual', 'SpecificPeriod')),
    qualification_group TEXT NOT NULL REFERENCES qualification_groups (name),
    start_date TEXT NOT NULL,
    end_date TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('Planned', 'Open', 'Closed', 'Archived'))
);

CREATE INDEX sessions_by_group ON sessions (qualification_group);

-- The API reads this view and no table: a site that has its own tables replaces the view.
CREATE VIEW v_sessions AS
    SELECT session_id, name, period_type, qualification_group, start_date, end_date, status
    FROM sessions;
