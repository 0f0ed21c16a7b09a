//! Databases in which one write of a transaction fails, or its commit.

use specwright_server::db::{Db, Statement};

use super::{TABLES, column};

/// Counts the rows that a transaction writes to the tables of subject management. What a trigger
/// writes counts too; a transaction that is given up takes its count back.
pub async fn count_writes(db: &Db) {
    let mut sql = vec![
        "CREATE TABLE tally (written BIGINT NOT NULL, breaks BIGINT NOT NULL)".to_owned(),
        "INSERT INTO tally VALUES (0, 0)".to_owned(),
    ];
    if let Db::Postgres(_) = db {
        sql.push(
            "CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             UPDATE tally SET written = written + 1; \
             IF EXISTS (SELECT 1 FROM tally WHERE written = breaks) THEN \
             RAISE EXCEPTION 'this write is broken'; END IF; \
             IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
                .to_owned(),
        );
    }
    for table in TABLES {
        for what in ["INSERT", "UPDATE", "DELETE"] {
            let name = format!("counted_{what}_{table}");
            sql.push(match db {
                Db::Sqlite { .. } => format!(
                    "CREATE TRIGGER {name} BEFORE {what} ON {table} BEGIN \
                     UPDATE tally SET written = written + 1; \
                     SELECT RAISE(ABORT, 'this write is broken') FROM tally \
                     WHERE written = breaks; END"
                ),
                Db::Postgres(_) => format!(
                    "CREATE TRIGGER {name} BEFORE {what} ON {table} \
                     FOR EACH ROW EXECUTE FUNCTION counted()"
                ),
            });
        }
    }
    run(db, sql).await;
}

/// Lets that write of the next transaction fail, counted from 1; none for 0.
pub async fn break_write(db: &Db, at: usize) {
    run(
        db,
        vec![format!("UPDATE tally SET written = 0, breaks = {at}")],
    )
    .await;
}

/// How many rows the transactions wrote that were committed since [`break_write`].
pub async fn written(db: &Db) -> usize {
    let written = column(db, "SELECT CAST(written AS TEXT) FROM tally").await;
    written[0].parse().expect("a number of rows")
}

/// Lets transactions fail that queue a record or forget a notification, but not before they commit.
pub async fn break_commits(db: &Db) {
    let places = [
        ("INSERT", "subject_backfill_queue"),
        ("DELETE", "subject_notification_support"),
    ];
    let mut sql = vec![
        match db {
            Db::Sqlite { .. } => {
                "CREATE TABLE promise (kept INTEGER REFERENCES \
                              subject_container (container_id) DEFERRABLE INITIALLY DEFERRED)"
            }
            Db::Postgres(_) => {
                "CREATE OR REPLACE FUNCTION promise() RETURNS trigger LANGUAGE plpgsql \
             AS 'BEGIN RAISE EXCEPTION ''this commit is broken''; END'"
            }
        }
        .to_owned(),
    ];
    sql.extend(places.map(|(what, table)| match db {
        Db::Sqlite { .. } => format!(
            "CREATE TRIGGER promise_{table} AFTER {what} ON {table} \
             BEGIN INSERT INTO promise VALUES (-1); END"
        ),
        Db::Postgres(_) => format!(
            "CREATE CONSTRAINT TRIGGER promise_{table} AFTER {what} ON {table} \
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION promise()"
        ),
    }));
    run(db, sql).await;
}

/// Mends what [`break_commits`] broke.
pub async fn mend_commits(db: &Db) {
    let tables = ["subject_backfill_queue", "subject_notification_support"];
    let drop = |table| match db {
        Db::Sqlite { .. } => format!("DROP TRIGGER promise_{table}"),
        Db::Postgres(_) => format!("DROP TRIGGER promise_{table} ON {table}"),
    };
    let mut sql: Vec<_> = tables.map(drop).into();
    if let Db::Sqlite { .. } = db {
        sql.push("DROP TABLE promise".to_owned());
    }
    run(db, sql).await;
}

/// Lets one notification stay whoever wants to forget it.
pub async fn keep_notification(db: &Db, id: i64) {
    let table = "subject_notification_support";
    let sql = match db {
        Db::Sqlite { .. } => vec![format!(
            "CREATE TRIGGER kept BEFORE DELETE ON {table} WHEN OLD.notification_id = {id} \
             BEGIN SELECT RAISE(ABORT, 'this one stays'); END"
        )],
        Db::Postgres(_) => vec![
            "CREATE OR REPLACE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql \
             AS 'BEGIN RAISE EXCEPTION ''this one stays''; END'"
                .to_owned(),
            format!(
                "CREATE TRIGGER kept BEFORE DELETE ON {table} FOR EACH ROW \
                 WHEN (OLD.notification_id = {id}) EXECUTE FUNCTION kept()"
            ),
        ],
    };
    run(db, sql).await;
}

/// Mends what [`keep_notification`] broke.
pub async fn let_go(db: &Db) {
    let sql = match db {
        Db::Sqlite { .. } => "DROP TRIGGER kept".to_owned(),
        Db::Postgres(_) => "DROP TRIGGER kept ON subject_notification_support".to_owned(),
    };
    run(db, vec![sql]).await;
}

async fn run(db: &Db, sql: Vec<String>) {
    let statements = sql.into_iter().map(Statement::new).collect();
    let done = db.write_all(statements).await;
    done.expect("tables and triggers can be made");
}
