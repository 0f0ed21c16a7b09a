//! An empty catalogue of subjects with what subjects refer to, and a look at its rows.

use std::fmt::Write as _;

use specwright_server::db::{Db, Statement};

/// The terms of 2000 to 2035, the current one being 2019FA and the gate 2019; four codes, four
/// attributes, four grading modes of which two are experimental, one display control, and one
/// institution with two schools.
const REFERENCE: &[&str] = &[
    "INSERT INTO subject_code VALUES ('1', 'Civil Engineering', '1'), \
     ('6', 'Electrical Engineering', '6'), ('8', 'Physics', '8'), ('18', 'Mathematics', '18')",
    "INSERT INTO subject_attribute VALUES ('PHY1', 'Physics I', 'GIR'), \
     ('PHY2', 'Physics II', 'GIR'), ('HA', 'Arts', 'HASS'), ('CIH', 'Communication', 'COMM')",
    "INSERT INTO grading_mode VALUES ('L', 'Letter'), ('P', 'Pass or fail'), \
     ('Y', 'Experimental letter'), ('W', 'Experimental pass')",
    "INSERT INTO grading_mode_type VALUES ('N', 'Normal'), ('Z', 'Experimental')",
    "INSERT INTO stv_grd_opt_rules VALUES ('L', 'N', 'N', 'Letter'), ('P', 'N', 'N', 'Pass'), \
     ('Y', 'Z', 'Y', 'Experimental'), ('W', 'Z', 'Y', 'Experimental')",
    "INSERT INTO subject_display_ctrl_option VALUES ('SHOW', 'YES', '2000FA', '999999'), \
     ('SHOW', 'NO', '2000FA', '999999'), ('OLD', 'YES', '2000FA', '2009SU')",
    "INSERT INTO home_institution VALUES ('WELL', 'Wellesley'), ('ALONE', 'Without schools')",
    "INSERT INTO home_org_unit VALUES ('WELL', 'SCI', 'Sciences'), ('WELL', 'ART', 'Arts')",
    "INSERT INTO subject_mgmt_config VALUES \
     ('mitsisBackfillAllowedUptoYear', '2019', 'The gate'), \
     ('currentTermCode', '2019FA', 'The current term'), \
     ('termPlanDefaultSearchYear', '2019', 'Where searches begin'), \
     ('nextOfferedYearsAhead', '3', 'How far plans reach')",
];

/// Fills an empty catalogue.
pub async fn fill(db: &Db) {
    let terms = (2000..=2035).flat_map(|year| {
        ["FA", "JA", "SP", "SU"]
            .map(|season| format!("('{year}{season}', {year}, '{season} {year}')"))
    });
    let terms: Vec<_> = terms.collect();
    let terms = format!("INSERT INTO academic_term VALUES {}", terms.join(", "));
    let statements = REFERENCE.iter().map(|sql| Statement::new(*sql));
    let statements = statements.chain([Statement::new(terms)]);
    let stored = db.write_all(statements.collect()).await;
    stored.expect("an empty catalogue can be filled");
}

/// Looks at rows by name, one line for each: the same on every engine.
const LOOKS: &[(&str, &str)] = &[
    (
        "containers",
        "SELECT 'C' || container_id || ' ' || subject_type || ' ' || \
         COALESCE(last_active_term, 'open') || ' by ' || COALESCE(updated_by, 'nobody') \
         FROM subject_container ORDER BY container_id",
    ),
    (
        "templates",
        "SELECT 'T' || t.template_id || ' of C' || t.container_id || ' ' || t.eff_from_term || '-' \
         || t.eff_thru_term || ' v' || t.version_number || ' ' || t.template_status || ' ' || \
         i.subject_code || '.' || i.subject_number || ' ' || t.title FROM subject_template t \
         JOIN subject_tmpl_reg_instance i \
         ON i.template_id = t.template_id AND i.instance_type = 'M' ORDER BY t.template_id",
    ),
    (
        "modes",
        "SELECT 'T' || template_id || ' ' || gmod_code || '/' || gmod_type \
         FROM subject_tmpl_gmod ORDER BY template_id, gmod_code, gmod_type",
    ),
    (
        "plans",
        "SELECT 'T' || template_id || ' ' || term_code || ' ' || offered_ind \
         FROM subject_tmpl_term_plan ORDER BY template_id, term_code",
    ),
    (
        "eq",
        "SELECT container_id || '-' || equiv_container_id || ' ' || from_term || '-' || thru_term \
         FROM subject_container_equiv ORDER BY container_id, equiv_container_id, from_term",
    ),
    (
        "sr",
        "SELECT container_id || '-' || related_container_id || ' ' || from_term || '-' || thru_term \
         FROM subject_container_relation ORDER BY container_id, related_container_id, from_term",
    ),
    (
        "queue",
        "SELECT 'Q' || queue_id || ' ref ' || api_ref_id || ' C' || container_id || ' T' || \
         template_id || ' ' || COALESCE(backfill_process_type, 'null') || \
         CASE WHEN previous_data IS NULL THEN ' of nothing' ELSE '' END \
         FROM subject_backfill_queue ORDER BY queue_id",
    ),
    (
        "keys",
        "SELECT 'Q' || queue_id || ' ' || subject_code || '.' || subject_number || ' ' || \
         relationship_type FROM subject_backfill_queue_usedkey \
         ORDER BY queue_id, subject_code, subject_number",
    ),
    (
        "last record",
        "SELECT COALESCE(previous_data, 'null') || ' => ' || new_data \
         FROM subject_backfill_queue WHERE api_ref_id = \
         (SELECT MAX(api_ref_id) FROM subject_backfill_queue) ORDER BY queue_id",
    ),
    (
        "log",
        "SELECT 'ref ' || api_ref_id || ' ' || COALESCE('C' || container_id, '-') || ' ' || \
         process_name || ' ' || log_type || ' ' || COALESCE(component || ' ' || action || ' ', '') \
         || CASE WHEN message LIKE '% the database failed : %' \
         THEN 'Error: Exception : the database failed : (in its words) ' ELSE message END || '|' \
         FROM subject_api_process_log ORDER BY log_id",
    ),
    (
        "notifications",
        "SELECT 'N' || notification_id || ' ref ' || api_ref_id || ' C' || container_id || ' ' || \
         notification_type || ' ' || notification_data \
         FROM subject_notification_support ORDER BY notification_id",
    ),
];

/// The rows of a look, a line each.
pub async fn look(db: &Db, name: &str) -> String {
    let known = LOOKS.iter().find(|(known, _)| *known == name);
    let (_, sql) = known.unwrap_or_else(|| panic!("there is no look at `{name}`"));
    let rows: Vec<(String,)> = db.read(Statement::new(*sql)).await.expect("rows");
    rows.iter().fold(String::new(), |mut text, (row,)| {
        let _ = writeln!(text, "   {row}");
        text
    })
}

/// Lets every statement that does `what` (`INSERT`, `UPDATE` or `DELETE`) to a table fail.
pub async fn break_writes(db: &Db, what: &str, table: &str) {
    let name = format!("broken_{}_{table}", what.to_lowercase());
    let sql = match db {
        Db::Sqlite { .. } => vec![format!(
            "CREATE TRIGGER {name} BEFORE {what} ON {table} \
             BEGIN SELECT RAISE(ABORT, 'this write is broken'); END"
        )],
        Db::Postgres(_) => vec![
            "CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql \
             AS 'BEGIN RAISE EXCEPTION ''this write is broken''; END'"
                .to_owned(),
            format!(
                "CREATE TRIGGER {name} BEFORE {what} ON {table} \
                 FOR EACH ROW EXECUTE FUNCTION broken()"
            ),
        ],
    };
    let sql = sql.into_iter().map(Statement::new).collect();
    db.write_all(sql).await.expect("a trigger can be made");
}

/// Mends what [`break_writes`] broke.
pub async fn mend_writes(db: &Db, what: &str, table: &str) {
    let name = format!("broken_{}_{table}", what.to_lowercase());
    let sql = match db {
        Db::Sqlite { .. } => format!("DROP TRIGGER {name}"),
        Db::Postgres(_) => format!("DROP TRIGGER {name} ON {table}"),
    };
    let mended = db.write_all(vec![Statement::new(sql)]).await;
    mended.expect("a trigger can be dropped");
}
