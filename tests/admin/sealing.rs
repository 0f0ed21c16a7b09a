//! What a copy of the database gives away.

use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use specwright_server::auth::sealing::Sealing;
use specwright_server::auth::{Auth, AuthError};
use specwright_server::config::Settings;
use specwright_server::db::{Location, Options, Statement, migrations};

use crate::client::stage;
use crate::support::effects::START_MS;
use crate::support::files::Folder;
use crate::support::play::{Engines, Stage};

fn sealing(bytes: &[u8]) -> Sealing {
    let texts = bytes.iter().map(|byte| STANDARD.encode([*byte; 32]));
    Sealing::parse(&texts.collect::<Vec<_>>().join(",")).expect("keys")
}

fn auth(stage: &Stage, bytes: &[u8]) -> Auth {
    let settings = Settings {
        database: Some("sqlite:unused".into()),
        ..Settings::default()
    };
    let mut config = settings.resolve().expect("the defaults go together").auth;
    config.sealing = (!bytes.is_empty()).then(|| sealing(bytes));
    Auth::new(&config, stage.db.clone(), stage.effects.clone())
}

/// The keys as they are stored, newest first: name and seed.
async fn stored(stage: &Stage) -> Vec<(String, String)> {
    let sql = "SELECT key_id, seed FROM auth_keys ORDER BY created_ms DESC, key_id";
    stage
        .db
        .read(Statement::new(sql))
        .await
        .expect("it answers")
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_keys_are_sealed_and_those_in_clear_are_replaced() {
    let engines = Engines::new();
    for engine in engines.list() {
        let (stage, client) = stage(&engines, *engine, "sealed").await;
        let before = stored(&stage).await;
        let [(old, clear)] = &before[..] else {
            panic!("one key: {}", before.len());
        };
        assert_eq!(clear.len(), 43, "32 bytes in clear");

        // With a key to seal with, nothing is left in clear, and another key takes over.
        let first = auth(&stage, &[1]);
        first.renew().await.expect("it can be sealed");
        let after = stored(&stage).await;
        assert_eq!(after.len(), 2);
        assert_eq!(&after[1].0, old);
        for (_, seed) in &after {
            assert!(seed.starts_with("a256gcm:") && !seed.contains(clear));
        }
        let keys = first.keys().reload().await.expect("they can be opened");
        assert!(
            keys.find(old).is_some(),
            "its tokens are good until they end"
        );
        let now = stage.effects.now();
        let later = now + chrono::TimeDelta::minutes(11);
        assert_eq!(keys.signer(later).expect("a key").id, after[0].0);
        first.renew().await.expect("nothing is to be done");
        assert_eq!(stored(&stage).await, after);

        // Without the key, or with another one, nothing works; nothing is spoiled either.
        for wrong in [&[][..], &[2]] {
            let wrong = auth(&stage, wrong);
            let refused = wrong.renew().await.expect_err("it cannot be opened");
            assert!(matches!(refused, AuthError::Sealed(_)), "{refused}");
            assert!(refused.to_string().contains("--key-encryption-key-file"));
            assert!(matches!(
                wrong.keys().reload().await,
                Err(AuthError::Sealed(_))
            ));
        }
        assert_eq!(stored(&stage).await, after);

        // A new key seals what the one before it opens.
        auth(&stage, &[2, 1]).renew().await.expect("it opens");
        let resealed = stored(&stage).await;
        assert!(
            resealed
                .iter()
                .zip(&after)
                .all(|(new, old)| new.0 == old.0 && new.1 != old.1)
        );
        let keys = auth(&stage, &[2]).keys().reload().await;
        let keys = keys.expect("the key before is not needed any more");
        assert!(keys.find(old).is_some());
        drop(client);
        stage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_sqlite_are_for_their_owner_alone() {
    let folder = Folder::new("permissions");
    let path = folder.path().join("private.db");
    let location = Location::Sqlite(path.clone());
    let options = Options::default();
    let db = migrations::open(&location, &options, migrations::SERVER, START_MS).await;
    let db = db.expect("a file can be made");
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        let entry = entry.expect("a file");
        let mode = entry.metadata().expect("it is there").permissions().mode();
        let name = entry.file_name().to_string_lossy().into_owned();
        assert_eq!(mode & 0o777, 0o600, "{name}");
        seen.push(name);
    }
    seen.sort();
    assert_eq!(seen, ["private.db", "private.db-shm", "private.db-wal"]);
    db.close().await;
    // What an operator has decided stays.
    let shared = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(&path, shared).expect("it is ours");
    let db = migrations::open(&location, &options, migrations::SERVER, START_MS).await;
    db.expect("it can be opened").close().await;
    let mode = std::fs::metadata(&path)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
}
