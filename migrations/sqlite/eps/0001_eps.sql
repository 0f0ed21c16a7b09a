-- What a database of EPS holds. Dates are ISO 8601 texts, which both engines store and order
-- alike.
CREATE TABLE qualifications (
    qualification_id TEXT NOT NULL PRIMARY KEY,
    business_stream_id TEXT NOT NULL,
    name TEXT NOT NULL,
    level TEXT NOT NULL
);

-- A part of a qualification that is taught and assessed by itself.
CREATE TABLE components (
    qualification_id TEXT NOT NULL REFERENCES qualifications (qualification_id),
    component_code TEXT NOT NULL,
    PRIMARY KEY (qualification_id, component_code)
);

CREATE TABLE assessments (
    assessment_id TEXT NOT NULL PRIMARY KEY,
    qualification_id TEXT NOT NULL,
    component_code TEXT NOT NULL,
    FOREIGN KEY (qualification_id, component_code)
        REFERENCES components (qualification_id, component_code)
);

CREATE TABLE centres (
    centre_number TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE sessions (
    business_stream_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    name TEXT NOT NULL,
    session_type TEXT NOT NULL
        CHECK (session_type IN ('Series', 'OnDemand', 'Window')),
    year BIGINT NOT NULL,
    start_date TEXT NOT NULL,
    end_date TEXT NOT NULL,
    status TEXT NOT NULL
        CHECK (status IN ('Planned', 'Open', 'Closed', 'Archived')),
    PRIMARY KEY (business_stream_id, session_id)
);

CREATE INDEX sessions_by_year ON sessions (business_stream_id, year);

-- Which assessment how many candidates of a centre sit in which session.
CREATE TABLE entries (
    business_stream_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    assessment_id TEXT NOT NULL REFERENCES assessments (assessment_id),
    centre_number TEXT NOT NULL REFERENCES centres (centre_number),
    candidates BIGINT NOT NULL CHECK (candidates >= 0),
    PRIMARY KEY (business_stream_id, session_id, assessment_id, centre_number),
    FOREIGN KEY (business_stream_id, session_id)
        REFERENCES sessions (business_stream_id, session_id)
);

-- The API reads these two views and no table: a site that has its own tables replaces the views.
CREATE VIEW v_sessions AS
    SELECT business_stream_id, session_id, name, session_type, year, start_date, end_date, status
    FROM sessions;

-- What can be sat in a session: an assessment for which at least one centre has an entry.
CREATE VIEW v_session_details AS
    SELECT DISTINCT
        e.business_stream_id,
        e.session_id,
        q.qualification_id,
        q.name AS qualification_name,
        q.level,
        a.assessment_id,
        a.component_code
    FROM entries e
    JOIN assessments a ON a.assessment_id = e.assessment_id
    JOIN qualifications q ON q.qualification_id = a.qualification_id
    JOIN centres c ON c.centre_number = e.centre_number;
