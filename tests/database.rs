//! The database: migrations, the shared commit, what each list costs with many rows.

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::DateTime;
use specwright_server::db::migrations::{self, MigrationError, SERVER};
use specwright_server::db::{
    Columns, Db, DbError, Location, Options, Remote, Statement, Value, from_text,
};
use specwright_server::user_sessions::store::{self, Filter, Session, Store};
use sqlx::postgres::PgRow;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions as _, Connection as _, FromRow, Row as _};
use support::effects::{START_MS, effects};
use support::files::Folder;
use support::postgres;

/// Every engine that is there, with an empty database; the folder of SQLite's comes along.
fn engines() -> Vec<(Location, Folder)> {
    let folder = Folder::new("database");
    let sqlite = Location::Sqlite(folder.path().join("test.db"));
    let mut engines = vec![(sqlite, folder)];
    if let Some(cluster) = postgres::shared() {
        let location = Location::Postgres(cluster.database());
        engines.push((location, Folder::new("unused")));
    }
    engines
}

async fn open(location: &Location) -> Db {
    migrations::open(location, &Options::default(), SERVER, START_MS)
        .await
        .expect("an empty database can be migrated")
}

fn session(number: usize) -> Session {
    let time = DateTime::from_timestamp_millis(START_MS + number as i64).expect("a time near 2026");
    Session {
        id: format!("{number:032x}"),
        user_id: Some(format!("user {}", number % 1000)),
        user_name: None,
        active: true,
        open_time: time,
        request_time: time,
        close_time: None,
        address: None,
        client: None,
        user: None,
        data: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_processes_may_migrate_at_once() {
    for (location, _folder) in engines() {
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let location = location.clone();
                tokio::spawn(async move { open(&location).await })
            })
            .collect();
        for start in starts {
            let db = start.await.expect("every one of them starts");
            assert!(
                migrations::is_current(&db, SERVER)
                    .await
                    .expect("it answers")
            );
            db.close().await;
        }
    }
}

/// SQLite does not wait by itself for another process's lock while a file is given its log, which
/// happens once, when several processes start over a new file.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_that_another_process_holds_is_waited_for() {
    let folder = Folder::new("held");
    let path = folder.path().join("new.db");
    let file = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut other = file.connect().await.expect("a new file can be made");
    let held = other.begin_with("BEGIN IMMEDIATE").await;
    let held = held.expect("nobody else is there");
    let opening = tokio::spawn(async move { open(&Location::Sqlite(path)).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!opening.is_finished(), "it waits");
    held.commit().await.expect("nothing was done");
    let db = opening.await.expect("it starts");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_let_go_of_is_not_opened_any_more() {
    let folder = Folder::new("let-go");
    for is_open in [false, true] {
        let path = folder.path().join(format!("{is_open}.db"));
        let (location, (effects, _)) = (Location::Sqlite(path.clone()), effects());
        let remote = Remote::new(location, Options::default(), SERVER, effects);
        if is_open {
            remote.get().await.expect("a new file can be opened");
        }
        remote.close().await;
        let failed = match remote.get().await {
            Ok(db) => {
                let read = db.read::<Plan>(Statement::new("SELECT 1 AS detail"));
                read.await.err()
            }
            Err(error) => Some(error),
        };
        assert!(failed.is_some_and(|error| matches!(error, DbError::Unavailable(_))));
        assert_eq!(path.exists(), is_open, "nothing is made by the attempt");
    }
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    for (location, _folder) in engines() {
        let db = open(&location).await;
        let newer =
            Statement::new("INSERT INTO specwright_migrations VALUES (1000, '1000_later', 0)");
        db.write::<()>(newer).await.expect("it can be written");
        assert!(
            !migrations::is_current(&db, SERVER)
                .await
                .expect("it answers")
        );
        db.close().await;
        let refused = migrations::open(&location, &Options::default(), SERVER, START_MS).await;
        let error = refused.expect_err("it is newer");
        assert!(matches!(error, MigrationError::Newer { .. }));
        let known = SERVER.len();
        let expected = format!(
            "the database is newer than this program: it has migration `1000_later`, and the last \
             one known here is number {known}. Start the newer program, or name another database \
             with `--database`."
        );
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn statements_of_one_act_hold_together() {
    for (location, _folder) in engines() {
        let db = open(&location).await;
        let insert = |number: i64, name: Option<&str>| {
            Statement::new("INSERT INTO specwright_migrations VALUES ($1, $2, 0)")
                .bind(Value::Integer(Some(number)))
                .bind(Value::any_optional_text(name))
        };
        let both = vec![insert(100, Some("kept?")), insert(101, None)];
        let error = db.write_all(both).await.expect_err("a name is needed");
        assert!(matches!(error, DbError::Failed(_)));
        assert!(
            migrations::is_current(&db, SERVER)
                .await
                .expect("it answers")
        );
        db.close().await;
    }
}

/// Placeholders mean the same on both engines, in whatever order and however often they come.
#[tokio::test]
async fn rows_are_stored_as_they_are_or_none_of_them() {
    const TABLE: Columns = Columns {
        table: "specwright_migrations",
        names: "number, name, applied_ms",
    };
    for (location, _folder) in engines() {
        let db = open(&location).await;
        let row = |number: usize, name: &str| {
            let number = Value::Integer(i64::try_from(number).ok());
            [number, Value::any_text(name), Value::Integer(Some(7))]
        };
        let store = async |rows: Vec<[Value; 3]>| {
            let stored = db.exclusively(1, move |mut transaction| {
                Box::pin(async move {
                    transaction.insert(TABLE, rows.into_iter()).await?;
                    // Plans follow what is there by now.
                    transaction.look_at(TABLE.table).await
                })
            });
            stored.await
        };
        let stored = async || {
            let names = "SELECT name FROM specwright_migrations WHERE number > 999 ORDER BY number";
            let names = db.read::<(String,)>(Statement::new(names)).await;
            names.expect("they can be read")
        };
        let texts = [
            "",
            "\t",
            "a\\N\n\r\\",
            "\\.",
            "\0\u{1}",
            "ä\u{10ffff}",
            "'\",",
        ];
        let rows = |count: usize| {
            let texts = texts.into_iter().cycle().take(count);
            texts.enumerate().map(|(at, text)| row(1_000 + at, text))
        };
        store(Vec::new()).await.expect("nothing is stored");
        // The last one has a number that is taken, after rows that other statements have stored.
        let taken = rows(300).chain([row(1_000, "again")]).collect();
        let error = store(taken).await.expect_err("a number is taken");
        assert!(matches!(error, DbError::Failed(_)), "{error:?}");
        assert!(stored().await.is_empty(), "nothing of them is there");
        store(rows(700).collect()).await.expect("they are stored");
        let found = stored().await.into_iter().map(|(name,)| from_text(name));
        let expected = texts.into_iter().cycle().take(700);
        assert!(found.eq(expected.map(str::to_owned)));
        db.close().await;
    }
}

#[tokio::test]
async fn placeholders_are_filled_alike() {
    for (location, _folder) in engines() {
        let db = open(&location).await;
        let text = |text: &str| Value::Text(Some(text.to_owned()));
        let statement = Statement::new(
            "SELECT CAST($2 AS TEXT) || '$1' || CAST($1 AS TEXT) || 'it''s $2' -- not $3, isn't it?\n \
             || CAST($2 AS TEXT) /* $4 ' */",
        );
        let statement = statement.bind(text("a")).bind(text("b"));
        let row: Option<(String,)> = db.read_one(statement).await.expect("it is right");
        assert_eq!(row, Some(("b$1ait's $2b".to_owned(),)));
        let numbers = (0..20_000).map(|number| vec![text(&number.to_string())]);
        let statement = Statement::new("WITH v (x) AS (VALUES ")
            .bound_rows(numbers)
            .then(") SELECT CAST(COUNT(*) AS TEXT) || ' ' || MAX(x) FROM v WHERE x <> ")
            .bound(text("9999"));
        let row: Option<(String,)> = db.read_one(statement).await.expect("it is right");
        assert_eq!(row, Some(("19999 9998".to_owned(),)));
        db.close().await;
    }
}

/// Work that panics is taken back, tells so, and keeps nobody from working after it.
#[tokio::test(flavor = "multi_thread")]
async fn work_that_panics_harms_nobody_else() {
    for (location, _folder) in engines() {
        let db = open(&location).await;
        let insert = |number: i64| {
            let sql = format!("INSERT INTO specwright_migrations VALUES ({number}, 'x', 0)");
            Statement::new(sql)
        };
        let broken: Vec<i64> = Vec::new();
        for early in [true, false] {
            let broken = broken.clone();
            let failed = db.exclusively(1, move |mut transaction| {
                assert!(!early, "the work is broken");
                Box::pin(async move {
                    transaction.run(insert(100)).await?;
                    Ok(broken.first().copied().expect("the work is broken"))
                })
            });
            let error = failed.await.expect_err("it panicked");
            let DbError::Panicked(words) = error else {
                panic!("{error:?}");
            };
            assert_eq!(words, "the work is broken");
            let given_up = db.exclusively_unless(1, move |mut transaction| {
                Box::pin(async move {
                    transaction.run(insert(101)).await?;
                    Ok(Err::<(), _>("decided"))
                })
            });
            assert_eq!(given_up.await.expect("it decided"), Err("decided"));
        }
        let done = db.exclusively(1, move |mut transaction| {
            Box::pin(async move { transaction.run(insert(102)).await })
        });
        done.await.expect("the lock is free");
        db.write_all(vec![insert(103)]).await.expect("it writes");
        let left = "SELECT number FROM specwright_migrations WHERE number >= 100 ORDER BY 1";
        let left: Vec<(i64,)> = db.read(Statement::new(left)).await.expect("rows");
        assert_eq!(left, [(102,), (103,)]);
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_act_harms_no_other_in_its_commit() {
    let folder = Folder::new("acts");
    let db = open(&Location::Sqlite(folder.path().join("test.db"))).await;
    let store = Store::new(db.clone());
    // Every second act repeats the id of the one before and fails.
    let acts: Vec<_> = (0..200)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.open(&session(number / 2)).await.is_ok() })
        })
        .collect();
    let mut acknowledged = 0;
    for act in acts {
        acknowledged += i64::from(act.await.expect("an act answers"));
    }
    assert_eq!(acknowledged, 100);
    let stored = store.count(&Filter::default()).await.expect("it answers");
    assert_eq!(stored, acknowledged);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_acts_share_a_sync() {
    let folder = Folder::new("syncs");
    let db = open(&Location::Sqlite(folder.path().join("test.db"))).await;
    let store = Store::new(db.clone());
    let clients: Vec<_> = (0..64)
        .map(|client| {
            let store = store.clone();
            tokio::spawn(async move {
                for turn in 0..50 {
                    let opened = store.open(&session(client * 50 + turn)).await;
                    opened.expect("the database takes it");
                }
            })
        })
        .collect();
    for client in clients {
        client.await.expect("a client ends well");
    }
    let counts = db.counts().expect("SQLite counts its commits");
    assert_eq!(counts.acts, 64 * 50);
    assert!(counts.acts >= 16 * counts.commits, "{counts:?}");
    db.close().await;
}

#[tokio::test]
async fn every_text_is_stored_as_it_came() {
    for (location, _folder) in engines() {
        let db = open(&location).await;
        let store = Store::new(db.clone());
        let odd = "nul \0, one \u{1}, \u{1}0 and \u{1F600}";
        let json = r#"{"big": 123456789012345678901234567890.10, "nul": "\u0000"}"#;
        let opened = Session {
            id: "id\0".to_owned(),
            user_id: Some(odd.to_owned()),
            data: Some(json.to_owned()),
            ..session(1)
        };
        store.open(&opened).await.expect("it is stored");
        let found = store.find("id\0").await.expect("it answers");
        assert_eq!(found.as_ref(), Some(&opened));
        let filter = Filter {
            user_id: Some(odd.to_owned()),
            ..Filter::default()
        };
        assert_eq!(store.count(&filter).await.expect("it answers"), 1);
        db.close().await;
    }
}

#[tokio::test]
async fn expiry_closes_each_session_once() {
    for (location, _folder) in engines() {
        let db = open(&location).await;
        let store = Store::new(db.clone());
        for number in 0..1200 {
            store.open(&session(number)).await.expect("it is stored");
        }
        let limit = session(1000).request_time;
        let now = session(5000).request_time;
        let runs: Vec<_> = (0..4)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.close_expired(limit, now).await })
            })
            .collect();
        let mut closed = Vec::new();
        for run in runs {
            closed.extend(run.await.expect("it ends").expect("it answers"));
        }
        closed.sort();
        let expected: Vec<String> = (0..1000).map(|number| session(number).id).collect();
        assert_eq!(closed, expected);
        let filter = Filter {
            active: Some(true),
            ..Filter::default()
        };
        assert_eq!(store.count(&filter).await.expect("it answers"), 200);
        db.close().await;
    }
}

/// One line of a plan, from either engine.
struct Plan(String);

impl<'r> FromRow<'r, SqliteRow> for Plan {
    fn from_row(row: &'r SqliteRow) -> Result<Self, sqlx::Error> {
        row.try_get("detail").map(Plan)
    }
}

impl<'r> FromRow<'r, PgRow> for Plan {
    fn from_row(row: &'r PgRow) -> Result<Self, sqlx::Error> {
        row.try_get(0).map(Plan)
    }
}

async fn plan(db: &Db, filter: &Filter) -> String {
    let explain = match db {
        Db::Sqlite { .. } => "EXPLAIN QUERY PLAN ",
        Db::Postgres(_) => "EXPLAIN ",
    };
    let lines = db.read::<Plan>(store::listing(filter, 0, 100).after(explain));
    let lines = lines.await.expect("there is a plan");
    lines.into_iter().map(|Plan(line)| line + "\n").collect()
}

/// Every kind of list, and what it may not do however many sessions there are: read them all, or
/// sort them. One user has few sessions, so a list of one user's may be sorted.
#[tokio::test]
async fn lists_walk_an_index() {
    for (location, _folder) in engines() {
        let db = open(&location).await;
        fill(&db).await;
        let active = Some(true);
        let time = Some(session(19_000).request_time);
        let user_id = Some("user 7".to_owned());
        let any = Filter::default();
        let filters = [
            any.clone(),
            Filter {
                user_id: user_id.clone(),
                ..any.clone()
            },
            Filter {
                user_id,
                active,
                ..any.clone()
            },
            Filter {
                active,
                ..any.clone()
            },
            Filter {
                from_time: time,
                ..any.clone()
            },
            Filter {
                to_time: time,
                ..any.clone()
            },
            Filter {
                active,
                from_time: time,
                to_time: time,
                ..any.clone()
            },
            Filter {
                id: Some(session(7).id),
                ..any
            },
        ];
        for filter in filters {
            let plan = plan(&db, &filter).await;
            let few = filter.user_id.is_some() || filter.id.is_some();
            assert!(plan.contains("sessions_by_") || few, "{filter:?}\n{plan}");
            assert!(plan.to_lowercase().contains("index"), "{filter:?}\n{plan}");
            for slow in ["TEMP B-TREE", "Sort", "Seq Scan"] {
                assert!(!plan.contains(slow) || few, "{filter:?}\n{plan}");
            }
        }
        db.close().await;
    }
}

/// Enough rows for PostgreSQL to prefer an index; one session in a hundred is open.
async fn fill(db: &Db) {
    let rows = Statement::new(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
         INSERT INTO sessions (id, user_id, active, open_time_ms, request_time_ms) \
         SELECT 'session ' || i, 'user ' || (i % 1000), i % 100 = 0, i, $1 + i FROM n",
    )
    .bind(Value::Integer(Some(START_MS)));
    db.write::<()>(rows).await.expect("rows can be made");
    db.write::<()>(Statement::new("ANALYZE"))
        .await
        .expect("it can be analysed");
}

/// What the log was given, from the level up that operators see.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Printed {
    /// The lines about a statement.
    fn about(&self, words: &str) -> Vec<String> {
        let bytes = self.0.lock().expect("nobody panicked").clone();
        let text = String::from_utf8(bytes).expect("a log is text");
        let lines = text.lines().filter(|line| line.contains(words));
        lines.map(str::to_owned).collect()
    }
}

/// A slow statement is one line of the log, with how it begins and how long it took, and neither its
/// thousand rows nor their values; one that is not slow is none.
#[tokio::test(flavor = "multi_thread")]
async fn slow_statements_are_told_in_one_line() {
    let printed = Printed::default();
    let writer = printed.clone();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone())
        .init();
    for (location, _folder) in engines() {
        let db = open(&location).await;
        let (engine, wait) = match db {
            Db::Sqlite { .. } => (
                "on_sqlite",
                "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
                 WHERE i < 12000000) SELECT COUNT(*) FROM n)",
            ),
            Db::Postgres(_) => ("on_postgres", "(SELECT COUNT(pg_sleep(1.2)))"),
        };
        let rows: Vec<_> = (0..1000).map(|n| format!("('secret {n}')")).collect();
        let listed = format!("FROM (VALUES {}) t", rows.join(", "));
        let quick = |at: u32| format!("SELECT COUNT(*) AS quick_{engine}_{at} {listed}");
        let slow = |how: &str| format!("SELECT COUNT(*) + {wait} AS slow_{engine}_{how} {listed}");
        for at in 0..5 {
            let counted = db.read::<(i64,)>(Statement::new(quick(at))).await;
            assert_eq!(counted.expect("it answers"), [(1000,)]);
        }
        let read = Statement::new(slow("alone"));
        db.read_one::<(i64,)>(read).await.expect("it answers");
        let within = Statement::new(slow("within"));
        let work = db.exclusively(7, move |mut transaction| {
            Box::pin(async move { transaction.rows::<(i64,)>(within).await })
        });
        work.await.expect("it answers");
        // A busy machine may make one of them slow.
        let told = (0..5).map(|at| printed.about(&format!("quick_{engine}_{at}")));
        let told: Vec<_> = told.collect();
        assert!(told.iter().any(Vec::is_empty), "{told:?}");
        for how in ["alone", "within"] {
            let lines = printed.about(&format!("slow_{engine}_{how}"));
            let [line] = &lines[..] else {
                panic!("{} lines: {lines:?}", lines.len());
            };
            assert!(line.contains("WARN") && line.contains("took_ms="), "{line}");
            assert!(line.len() < 500 && !line.contains("secret 99"), "{line}");
        }
        db.close().await;
    }
    assert_eq!(printed.about("secret 999"), Vec::<String>::new());
}
