//! Rows of CSV files that go to MEPS or OEPS.

use chrono::Datelike;

use crate::db::{Statement, Value};
use crate::import::{Fields, Row, Table, Target, Wrong};

/// The files there are, by their columns.
pub const TABLES: &[Table] = &[
    (
        &["businessStreamId", "qualificationId", "name", "level"],
        qualification,
    ),
    (
        &[
            "businessStreamId",
            "assessmentId",
            "qualificationId",
            "componentCode",
        ],
        assessment,
    ),
    (&["businessStreamId", "centreNumber", "name"], centre),
    (
        &[
            "businessStreamId",
            "sessionId",
            "name",
            "sessionType",
            "startDate",
            "endDate",
            "status",
        ],
        session,
    ),
    (
        &[
            "businessStreamId",
            "sessionId",
            "assessmentId",
            "centreNumber",
            "candidates",
        ],
        entry,
    ),
];

/// The business stream, and the database that serves it.
fn stream<'a>(fields: &Fields<'a>) -> (&'a str, Target) {
    let stream = fields.word("businessStreamId", &["01", "02", "03"]);
    let target = match stream {
        "03" => Target::Oeps,
        _ => Target::Meps,
    };
    (stream, target)
}

fn with<const N: usize>(sql: &'static str, values: [&str; N]) -> Statement {
    let values = values.into_iter().map(Value::any_text);
    values.fold(Statement::new(sql), Statement::bind)
}

fn qualification(fields: &Fields<'_>) -> Result<Row, Vec<Wrong>> {
    let (stream, target) = stream(fields);
    let id = fields.code("qualificationId", 20, false);
    let statement = with(
        "INSERT INTO qualifications (qualification_id, business_stream_id, name, level) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (qualification_id) DO UPDATE SET \
         name = excluded.name, level = excluded.level \
         WHERE qualifications.business_stream_id = excluded.business_stream_id \
         RETURNING qualification_id",
        [
            id,
            stream,
            fields.text("name", 100),
            fields.text("level", 100),
        ],
    );
    fields.finish(Row {
        target,
        rank: 0,
        subject: format!("qualification {id}"),
        statements: vec![statement],
        unless: Some("another business stream has the qualification"),
    })
}

fn assessment(fields: &Fields<'_>) -> Result<Row, Vec<Wrong>> {
    let (stream, target) = stream(fields);
    let qualification = fields.code("qualificationId", 20, false);
    let component = fields.code("componentCode", 20, false);
    let assessment = fields.code("assessmentId", 30, true);
    let component_statement = with(
        "INSERT INTO components (qualification_id, component_code) VALUES ($1, $2) \
         ON CONFLICT (qualification_id, component_code) DO NOTHING",
        [qualification, component],
    );
    let statement = with(
        "INSERT INTO assessments (assessment_id, qualification_id, component_code) \
         SELECT $1, $2, $3 FROM qualifications q \
         WHERE q.qualification_id = $2 AND q.business_stream_id = $4 \
         ON CONFLICT (assessment_id) DO UPDATE SET \
         qualification_id = excluded.qualification_id, component_code = excluded.component_code \
         WHERE EXISTS (SELECT 1 FROM qualifications q \
         WHERE q.qualification_id = assessments.qualification_id AND q.business_stream_id = $4) \
         RETURNING assessment_id",
        [assessment, qualification, component, stream],
    );
    fields.finish(Row {
        target,
        rank: 1,
        subject: format!("assessment {assessment}"),
        statements: vec![component_statement, statement],
        unless: Some("another business stream has the assessment or its qualification"),
    })
}

fn centre(fields: &Fields<'_>) -> Result<Row, Vec<Wrong>> {
    let (_, target) = stream(fields);
    let number = fields.code("centreNumber", 20, false);
    // A centre is the same in all business streams.
    let statement = with(
        "INSERT INTO centres (centre_number, name) VALUES ($1, $2) \
         ON CONFLICT (centre_number) DO UPDATE SET name = excluded.name",
        [number, fields.text("name", 100)],
    );
    fields.finish(Row {
        target,
        rank: 1,
        subject: format!("centre {number}"),
        statements: vec![statement],
        unless: None,
    })
}

fn session(fields: &Fields<'_>) -> Result<Row, Vec<Wrong>> {
    let (stream, target) = stream(fields);
    let id = fields.code("sessionId", 36, false);
    let (start, end) = fields.period("startDate", "endDate");
    if !(1858..=2200).contains(&start.year()) {
        fields.refuse("startDate", format!("{start} is not between 1858 and 2200"));
    }
    let statement = Statement::new(
        "INSERT INTO sessions (business_stream_id, session_id, name, session_type, year, \
         start_date, end_date, status) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (business_stream_id, session_id) DO UPDATE SET name = excluded.name, \
         session_type = excluded.session_type, year = excluded.year, \
         start_date = excluded.start_date, end_date = excluded.end_date, \
         status = excluded.status",
    )
    .bind(Value::any_text(stream))
    .bind(Value::any_text(id))
    .bind(Value::any_text(fields.text("name", 100)))
    .bind(Value::any_text(
        fields.word("sessionType", &["Series", "OnDemand", "Window"]),
    ))
    .bind(Value::Integer(Some(start.year().into())))
    .bind(Value::any_text(&start.to_string()))
    .bind(Value::any_text(&end.to_string()))
    .bind(Value::any_text(
        fields.word("status", &["Planned", "Open", "Closed", "Archived"]),
    ));
    fields.finish(Row {
        target,
        rank: 1,
        subject: format!("session {id} of {stream}"),
        statements: vec![statement],
        unless: None,
    })
}

fn entry(fields: &Fields<'_>) -> Result<Row, Vec<Wrong>> {
    let (stream, target) = stream(fields);
    let session = fields.code("sessionId", 36, false);
    let assessment = fields.code("assessmentId", 30, true);
    let centre = fields.code("centreNumber", 20, false);
    let statement = Statement::new(
        "INSERT INTO entries (business_stream_id, session_id, assessment_id, centre_number, \
         candidates) SELECT $1, $2, $3, $4, $5 FROM assessments a \
         JOIN qualifications q ON q.qualification_id = a.qualification_id \
         WHERE a.assessment_id = $3 AND q.business_stream_id = $1 \
         ON CONFLICT (business_stream_id, session_id, assessment_id, centre_number) \
         DO UPDATE SET candidates = excluded.candidates RETURNING session_id",
    )
    .bind(Value::any_text(stream))
    .bind(Value::any_text(session))
    .bind(Value::any_text(assessment))
    .bind(Value::any_text(centre))
    .bind(Value::Integer(Some(fields.count("candidates"))));
    fields.finish(Row {
        target,
        rank: 2,
        subject: format!("entries of {centre} for {assessment} in session {session} of {stream}"),
        statements: vec![statement],
        unless: Some("its business stream has no such assessment"),
    })
}
