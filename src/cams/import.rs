//! Rows of CSV files that go to CAMS.

use crate::db::{Statement, Value};
use crate::import::{Fields, Row, Table, Target, Wrong};

/// The files there are, by their columns.
pub const TABLES: &[Table] = &[(
    &[
        "sessionId",
        "name",
        "periodType",
        "qualificationGroup",
        "startDate",
        "endDate",
        "status",
    ],
    session,
)];

fn session(fields: &Fields<'_>) -> Result<Row, Vec<Wrong>> {
    let id = fields.code("sessionId", 36, false);
    let group = fields.text("qualificationGroup", 100);
    let (start, end) = fields.period("startDate", "endDate");
    let group_statement = Statement::new(
        "INSERT INTO qualification_groups (name) VALUES ($1) ON CONFLICT (name) DO NOTHING",
    )
    .bind(Value::any_text(group));
    let values = [
        id,
        fields.text("name", 100),
        fields.word("periodType", &["Annual", "SpecificPeriod"]),
        group,
        &start.to_string(),
        &end.to_string(),
        fields.word("status", &["Planned", "Open", "Closed", "Archived"]),
    ];
    let statement = Statement::new(
        "INSERT INTO sessions (session_id, name, period_type, qualification_group, start_date, \
         end_date, status) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (session_id) DO UPDATE SET name = excluded.name, \
         period_type = excluded.period_type, qualification_group = excluded.qualification_group, \
         start_date = excluded.start_date, end_date = excluded.end_date, \
         status = excluded.status",
    );
    let values = values.into_iter().map(Value::any_text);
    let statement = values.fold(statement, Statement::bind);
    fields.finish(Row {
        target: Target::Cams,
        rank: 0,
        subject: format!("session {id}"),
        statements: vec![group_statement, statement],
        unless: None,
    })
}
