//! Walks over the register while it changes: whoever follows `next` meets every licence that was
//! there throughout, once.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use poem::{Endpoint as _, Request};
use serde_json::Value;
use specwright_server::App;
use specwright_server::licences::demo::licences as demo;
use specwright_server::licences::domain::{Licence, LicenceStatus};
use specwright_server::licences::store::Store;
use support::effects::START_MS;
use support::play::{Engines, Stage};

/// How many licences there are at the start.
const COUNT: usize = 600;

/// Licences of as many holders, so that all of them are current.
fn licences() -> Vec<Licence> {
    let licences = demo().into_iter().take(COUNT).enumerate();
    let licences = licences.map(|(at, licence)| Licence {
        holder_number: format!("H{at:06}"),
        licence_status: LicenceStatus::Active,
        ..licence
    });
    licences.collect()
}

async fn get(app: &App, token: &str, target: &str) -> Value {
    let request = Request::builder()
        .uri(target.parse().expect("an address"))
        .header("authorization", format!("Bearer {token}"))
        .finish();
    let response = app.get_response(request).await;
    let status = response.status();
    let body = response.into_body().into_string().await.expect("a text");
    assert_eq!(status, 200, "{target}: {body}");
    serde_json::from_str(&body).expect("JSON")
}

/// Follows `next` from a page to the last one, and tells how often each licence was met.
async fn walk(app: &App, token: &str, first: &str) -> BTreeMap<String, usize> {
    let mut met = BTreeMap::new();
    let mut next = Some(first.to_owned());
    let mut total = None;
    while let Some(target) = next {
        let page = get(app, token, &target).await;
        let items = page["_embedded"]["licence"].as_array().expect("licences");
        for item in items {
            let number = item["licenceNumber"].as_str().expect("a number");
            *met.entry(number.to_owned()).or_default() += 1;
        }
        // The total is that of the state, on every page.
        let own = page["total"].as_str().expect("a total").to_owned();
        assert_eq!(*total.get_or_insert(own.clone()), own, "{target}");
        next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
    }
    let total: usize = total.expect("a page").parse().expect("a number");
    assert_eq!(met.values().sum::<usize>(), total);
    met
}

/// Changes licences in what lists are sorted and filtered by, and adds some, until told to stop.
async fn write(store: Store, mut licences: Vec<Licence>, stop: Arc<AtomicBool>) -> usize {
    let mut changes = 0;
    while !stop.load(Ordering::SeqCst) {
        let at = changes * 7 % licences.len();
        let turn = changes % 100;
        let mut batch = vec![licences[at].clone()];
        batch[0].surname = format!("{}{turn}", ["Aa", "Mm", "Zz"][changes % 3]);
        batch[0].licence_status = LicenceStatus::ALL[changes % 2];
        licences[at] = batch[0].clone();
        if changes.is_multiple_of(5) {
            let mut added = batch[0].clone();
            added.licence_number = format!("NEW-{changes:05}");
            added.holder_number = format!("N{changes:05}");
            batch.push(added);
        }
        store
            .put(batch, START_MS)
            .await
            .expect("a change is stored");
        changes += 1;
        tokio::task::yield_now().await;
    }
    changes
}

async fn token(stage: &Stage) -> String {
    use specwright_server::auth::secret::Secret;
    use specwright_server::auth::{Asked, Holder, Holders};
    struct Nobody;
    impl Holders for Nobody {
        async fn find(&self, _id: &str) -> Result<Option<Holder>, specwright_server::db::DbError> {
            Ok(None)
        }
    }
    let auth = stage.auth();
    let secret = || Secret::new("a secret that is long enough for anybody".to_owned());
    let known = auth.register_unless_known("walker", secret()).await;
    known.expect("a client can be stored");
    let asked = Asked {
        id: "walker".to_owned(),
        secrets: vec![secret()],
        scope: Some("licence.read".to_owned()),
        issuer: "http://test".to_owned(),
    };
    let issued = auth.token(asked, &Nobody).await;
    issued.expect("a token is issued").token
}

#[tokio::test(flavor = "multi_thread")]
async fn walks_meet_what_was_there_throughout_once() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "walks").await;
        let store = Store::new(stage.register());
        let licences = licences();
        let stored = store.put(licences.clone(), START_MS).await;
        assert_eq!(stored.expect("they can be stored"), 1);
        let token = token(&stage).await;
        let app = stage.shared();
        let stop = Arc::new(AtomicBool::new(false));
        let writer = write(store, licences.clone(), Arc::clone(&stop));
        let writer = tokio::spawn(writer);
        for query in [
            "PageSize=50",
            "PageSize=37&OrderBy=surname",
            "PageSize=37&OrderBy=-surname",
            "PageSize=64&OrderBy=licenceStatus,-surname&Mode=All",
        ] {
            let first = format!("/licence/v1.1/licence?{query}");
            let met = walk(&app, &token, &first).await;
            for licence in &licences {
                let times = met.get(&licence.licence_number).copied();
                assert_eq!(
                    times,
                    Some(1),
                    "{engine:?} {query} {}",
                    licence.licence_number
                );
            }
            assert!(met.values().all(|times| *times == 1), "{engine:?} {query}");
        }
        // Filters are kept to as they were, too: what was active at the start is listed once.
        let active = "/licence/v1.1/licence?LicenceStatus=Active&AsOf=1&PageSize=99";
        let met = walk(&app, &token, active).await;
        assert_eq!(met.len(), COUNT, "{engine:?}");
        stop.store(true, Ordering::SeqCst);
        let changes = writer.await.expect("the writer ends");
        assert!(changes > 20, "{engine:?}: only {changes} changes were made");
        // A client that counts up by itself gets the register as it is.
        let now = get(&app, &token, "/licence/v1.1/licence?Mode=All&PageSize=1").await;
        let total: usize = now["total"]
            .as_str()
            .expect("a total")
            .parse()
            .expect("a number");
        assert_eq!(total, COUNT + changes.div_ceil(5), "{engine:?}");
        stage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_licence_of_a_holder_is_the_current_one() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "current").await;
        let store = Store::new(stage.register());
        let token = token(&stage).await;
        let app = stage.shared();
        let base = licences().remove(0);
        let licence = |number: &str, holder: &str, day: i64| Licence {
            licence_number: number.to_owned(),
            holder_number: holder.to_owned(),
            issued_ms: day * 86_400_000,
            ..base.clone()
        };
        let current = async || {
            let page = get(&app, &token, "/licence/v1.1/licence?Fields=licenceNumber").await;
            let items = page["_embedded"]["licence"].as_array().expect("licences");
            let number = |item: &Value| item["licenceNumber"].as_str().map(str::to_owned);
            items.iter().filter_map(number).collect::<Vec<_>>()
        };
        let put = async |licences: Vec<Licence>| {
            store
                .put(licences, START_MS)
                .await
                .expect("they can be stored")
        };
        assert_eq!(
            put(vec![licence("A", "1", 10), licence("B", "1", 20)]).await,
            1
        );
        assert_eq!(current().await, ["B"], "{engine:?}");
        // An older one changes nothing, of two of one day the larger number is the newer.
        put(vec![
            licence("C", "1", 5),
            licence("D", "2", 7),
            licence("E", "2", 7),
        ])
        .await;
        assert_eq!(current().await, ["B", "E"], "{engine:?}");
        // A correction makes another one the newest, also where the holder was wrong.
        put(vec![licence("B", "1", 8)]).await;
        assert_eq!(current().await, ["A", "E"], "{engine:?}");
        put(vec![licence("A", "3", 10)]).await;
        assert_eq!(current().await, ["A", "B", "E"], "{engine:?}");
        // What is known already makes no new state.
        let before = put(vec![licence("A", "3", 11)]).await;
        assert_eq!(
            put(vec![licence("A", "3", 11), licence("E", "2", 7)]).await,
            before
        );
        stage.close().await;
    }
}
