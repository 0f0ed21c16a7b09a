//! A backfill queue for stories: what requests about two containers left.

use specwright_server::db::{Db, Statement, Value};

/// Request, container, template, type, before, after, and the ids with their parts.
type Row = (
    i64,
    i64,
    i64,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
);

const ROWS: &[Row] = &[
    (
        1,
        1,
        1,
        None,
        None,
        r#"{"containerId":1,"subjectTemplate":{"subjectId":"6.AA1","title":"Ünïts"}}"#,
        &[("6", "AA1", "M"), ("18", "AA1", "C"), ("6", "BB1", "E")],
    ),
    (
        2,
        1,
        1,
        Some("SR"),
        Some(r#"{"containerId":1,"subjectRelationships":[]}"#),
        r#"{"containerId":1,"subjectRelationships":[{"subjectId":"6.BB1"}]}"#,
        &[("6", "AA1", "M"), ("6", "BB1", "S")],
    ),
    (
        3,
        2,
        2,
        Some("BD"),
        Some(r#"{"containerId":2}"#),
        r#"{"containerId":2}"#,
        &[("6", "BB1", "M")],
    ),
    (
        4,
        1,
        1,
        Some("TP"),
        Some(r#"{"containerId":1}"#),
        r#"{"containerId":1}"#,
        &[("6", "AA1", "M")],
    ),
    (
        5,
        2,
        2,
        Some("RQ"),
        Some(r#"{"containerId":2}"#),
        r#"{"containerId":2}"#,
        &[("6", "BB1", "M")],
    ),
];

/// Queues the records.
pub async fn fill(db: &Db) {
    for (api_ref, container, template, kind, before, after, keys) in ROWS {
        let row = Statement::new(
            "INSERT INTO subject_backfill_queue (api_ref_id, container_id, template_id, \
             backfill_process_type, previous_data, new_data, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, '2026-01-01T00:00:00.000Z') RETURNING queue_id",
        );
        let row = [api_ref, container, template]
            .into_iter()
            .fold(row, |row, number| row.bind(Value::Integer(Some(*number))));
        let row = row
            .bind(Value::any_optional_text(*kind))
            .bind(Value::any_optional_text(*before))
            .bind(Value::any_text(after));
        let queued = db.write::<(i64,)>(row).await.expect("the queue is there");
        let [(queue_id,)] = queued[..] else {
            panic!("one row is queued");
        };
        for (code, number, part) in *keys {
            let key = Statement::new(
                "INSERT INTO subject_backfill_queue_usedkey (queue_id, subject_code, \
                 subject_number, relationship_type) VALUES ($1, $2, $3, $4)",
            );
            let key = key
                .bind(Value::Integer(Some(queue_id)))
                .bind(Value::any_text(code))
                .bind(Value::any_text(number))
                .bind(Value::any_text(part));
            db.write::<()>(key).await.expect("the keys are there");
        }
    }
}
