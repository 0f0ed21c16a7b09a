//! Walks over the register while it changes: whoever follows `next` meets every licence that was
//! there throughout, once.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use specwright_runtime::FaultKind;
use specwright_server::db::Location;
use specwright_server::licences::contract::v1_1;
use specwright_server::licences::demo::licences as demo;
use specwright_server::licences::domain::{Column, Direction, Filter, Licence, Sort, SortKey};
use specwright_server::licences::index::{Index, Limits};
use specwright_server::licences::service::{Query, Service};
use specwright_server::licences::store::{Batch, Imported, Store};
use specwright_server::licences::{fill_demo, mount};
use specwright_server::telemetry::Metrics;
use support::effects::START_MS;
use support::play::Engines;
use support::register::{COUNT, eager, get, licences, token, walk, write};

/// How long a busy machine may take until what a test waits for has happened.
const PATIENCE: Duration = Duration::from_secs(120);

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
        let writer = write(store.clone(), licences.clone(), Arc::clone(&stop));
        let writer = tokio::spawn(writer);
        let queries = [
            "PageSize=50",
            "PageSize=37&OrderBy=surname",
            "PageSize=37&OrderBy=-surname",
            "PageSize=64&OrderBy=licenceStatus,-surname&Mode=All",
        ];
        let deadline = Instant::now() + PATIENCE;
        let mut walks = 0;
        // However slow the disk is, changes come meanwhile: each makes a state.
        while walks < queries.len() || store.states().await.expect("states").last <= 21 {
            assert!(Instant::now() < deadline, "{engine:?}: too few changes");
            let query = queries[walks % queries.len()];
            walks += 1;
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

/// Walks over all pages of a list in one state, and tells how often each licence was met.
async fn walk_state(service: &Service, sort: Sort, only_current: bool) -> BTreeMap<String, usize> {
    let mut met = BTreeMap::new();
    let (mut as_of, mut total) = (None, None);
    for page in 1.. {
        let query = Query {
            filter: Filter {
                only_current,
                ..Filter::default()
            },
            sort: sort.clone(),
            page,
            page_size: 41,
            as_of,
        };
        let listed = loop {
            match service.list(query.clone()).await {
                Ok(listed) => break listed,
                // Very many licences came at once: a client is told to try again.
                Err(fault) => assert_eq!(fault.kind(), FaultKind::Unavailable, "{fault:?}"),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let listed = listed.expect("a state that is kept");
        as_of = Some(listed.state);
        assert_eq!(*total.get_or_insert(listed.total), listed.total);
        if listed.licences.is_empty() {
            break;
        }
        for licence in listed.licences {
            *met.entry(licence.licence_number).or_default() += 1;
        }
    }
    assert_eq!(
        met.values().sum::<usize>() as u64,
        total.unwrap_or_default()
    );
    met
}

/// Sends licences in batches, as an import does.
async fn import(store: &Store, licences: Vec<Licence>) -> Imported {
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let sending = tokio::spawn(async move {
        for batch in licences.chunks(100) {
            let batch = Batch::Licences(batch.to_vec());
            sender.send(batch).await.expect("the database takes it");
        }
        sender
            .send(Batch::End)
            .await
            .expect("the database takes it");
    });
    let done = store.import(receiver, START_MS).await;
    sending.await.expect("all is sent");
    done.expect("it is stored")
}

#[tokio::test(flavor = "multi_thread")]
async fn walks_go_on_while_the_index_is_made_anew_and_files_come() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "rebuilds").await;
        let store = Store::new(stage.register());
        let licences = licences();
        store
            .put(licences.clone(), START_MS)
            .await
            .expect("they can be stored");
        let index = eager(&store);
        let service = Service::with_index(index.clone(), store.clone(), stage.auth());
        let stop = Arc::new(AtomicBool::new(false));
        let writer = write(store.clone(), licences.clone(), Arc::clone(&stop));
        let writer = tokio::spawn(writer);
        let files = Arc::new(AtomicUsize::new(0));
        let importer = tokio::spawn({
            let (store, stop) = (store.clone(), Arc::clone(&stop));
            let (base, count) = (licences.clone(), Arc::clone(&files));
            async move {
                for files in 1.. {
                    let more = base.iter().take(150).map(|licence| Licence {
                        licence_number: format!("{}-F{files}", licence.licence_number),
                        holder_number: format!("{}-F{files}", licence.holder_number),
                        ..licence.clone()
                    });
                    let done = import(&store, more.collect()).await;
                    assert_eq!(done.new, 150);
                    count.store(files, Ordering::SeqCst);
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        });
        let up = |column| (SortKey::Column(column), Direction::Up);
        let walks = [
            (vec![], true),
            (vec![up(Column::Surname)], false),
            (
                vec![(SortKey::Column(Column::Surname), Direction::Down)],
                true,
            ),
            (
                vec![up(Column::LicenceStatus), up(Column::HolderNumber)],
                false,
            ),
        ];
        let deadline = Instant::now() + PATIENCE;
        let walks = walks.map(|(sort, only_current)| {
            let (service, licences) = (service.clone(), licences.clone());
            let (index, files) = (index.clone(), Arc::clone(&files));
            let is_changed = move || files.load(Ordering::SeqCst) > 0 && index.tables_made() > 1;
            tokio::spawn(async move {
                let mut walks = 0;
                while walks < 3 || !is_changed() {
                    assert!(Instant::now() < deadline, "too little happens");
                    walks += 1;
                    let met = walk_state(&service, sort.clone(), only_current).await;
                    assert!(met.values().all(|times| *times == 1), "{sort:?}");
                    for licence in &licences {
                        assert!(met.contains_key(&licence.licence_number), "{sort:?}");
                    }
                }
            })
        });
        for walk in walks {
            walk.await.expect("a walk meets every licence once");
        }
        stop.store(true, Ordering::SeqCst);
        writer.await.expect("the writer ends");
        importer.await.expect("the importer ends");
        // When nothing is written any more, the index catches up.
        let states = store.states().await.expect("states");
        let caught_up = async {
            while index.at_present().await.expect("the index").0.state() < states.last {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let caught_up = tokio::time::timeout(Duration::from_secs(60), caught_up).await;
        caught_up.expect("the index is as the register is");
        stage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_followed_while_the_index_is_made_anew() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "links").await;
        let store = Store::new(stage.register());
        let licences = licences();
        let stored = store.put(licences.clone(), START_MS).await;
        stored.expect("they can be stored");
        let token = token(&stage).await;
        let index = eager(&store);
        let service = Service::with_index(index.clone(), store.clone(), stage.auth());
        let (config, effects) = (stage.config(), &stage.effects);
        let name = v1_1::API.name;
        let api = mount(name, service, config, effects, Metrics::new());
        let stop = Arc::new(AtomicBool::new(false));
        let writer = write(store, licences.clone(), Arc::clone(&stop));
        let writer = tokio::spawn(writer);
        let mut remade = 0;
        let queries = [
            "PageSize=20",
            "PageSize=20&OrderBy=-surname",
            "PageSize=20&OrderBy=licenceStatus&Mode=All",
        ];
        let deadline = Instant::now() + PATIENCE;
        let mut walks = 0;
        while walks < queries.len() || remade <= 1 {
            assert!(
                Instant::now() < deadline,
                "{engine:?}: made anew {remade} times"
            );
            let query = queries[walks % queries.len()];
            walks += 1;
            let before = index.tables_made();
            let first = format!("/licence/v1.1/licence?{query}");
            let met = walk(&api, &token, &first).await;
            remade += index.tables_made() - before;
            for licence in &licences {
                let times = met.get(&licence.licence_number).copied();
                assert_eq!(times, Some(1), "{engine:?} {query} {licence:?}");
            }
            assert!(met.values().all(|times| *times == 1), "{engine:?} {query}");
        }
        stop.store(true, Ordering::SeqCst);
        writer.await.expect("the writer ends");
        stage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_names_no_state_is_never_told_of_one() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "plain").await;
        let store = Store::new(stage.register());
        let licences = licences();
        store
            .put(licences.clone(), START_MS)
            .await
            .expect("they can be stored");
        let service = Service::with_index(eager(&store), store.clone(), stage.auth());
        let stop = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn(write(store.clone(), licences, Arc::clone(&stop)));
        let readers = (0..8).map(|_| {
            let service = service.clone();
            tokio::spawn(async move {
                let (mut asked, mut state) = (0, 0);
                // However slow the disk is, changes come meanwhile: each makes a state.
                while asked < 150 || state <= 11 {
                    let query = Query {
                        filter: Filter::default(),
                        sort: Vec::new(),
                        page: 1,
                        page_size: 5,
                        as_of: None,
                    };
                    let listed = service.list(query).await.expect("the register is there");
                    let listed = listed.expect("no state was asked for");
                    assert!(listed.total >= COUNT as u64);
                    (asked, state) = (asked + 1, listed.state);
                }
            })
        });
        for reader in readers.collect::<Vec<_>>() {
            reader.await.expect("a reader gets its lists");
        }
        stop.store(true, Ordering::SeqCst);
        let changes = writer.await.expect("the writer ends");
        assert!(changes > 10, "{engine:?}: only {changes} changes were made");
        stage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_forgotten_meanwhile_is_read_again() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "idle").await;
        let store = Store::new(stage.register());
        let mut licences = licences();
        let put = async |licences: Vec<Licence>| {
            store
                .put(licences, START_MS)
                .await
                .expect("they can be stored")
        };
        put(licences.clone()).await;
        let index = eager(&store);
        let (snapshot, _) = index.at_present().await.expect("the index");
        assert_eq!(snapshot.state(), 1);
        // An index that nobody asked did not hear of the end of the rows that are gone.
        licences.truncate(3);
        for licence in &mut licences {
            licence.surname = "Aaberg".to_owned();
        }
        put(licences.clone()).await;
        put(vec![Licence {
            surname: "Zyla".to_owned(),
            ..licences[0].clone()
        }])
        .await;
        store
            .forget(i64::MAX)
            .await
            .expect("old states are forgotten");
        let service = Service::with_index(index.clone(), store.clone(), stage.auth());
        let met = walk_state(&service, Vec::new(), false).await;
        assert_eq!(met.len(), COUNT, "{engine:?}");
        assert_eq!(index.tables_made(), 2, "{engine:?}");
        stage.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_in_the_place_of_another_is_read() {
    let engines = Engines::sqlite();
    let stage = engines.stage(engines.list()[0], "place").await;
    let other = engines.stage(engines.list()[0], "other").await;
    let store = Store::new(stage.register());
    let put = async |store: &Store, licences: Vec<Licence>, now_ms: i64| {
        let stored = store.put(licences, now_ms).await;
        stored.expect("they can be stored")
    };
    let index = Index::new(store.clone());
    let service = Service::with_index(index, store.clone(), stage.auth());
    assert_eq!(put(&store, licences(), START_MS).await, 1);
    let met = walk_state(&service, Vec::new(), false).await;
    assert_eq!(met.len(), COUNT);
    // The other one has as many states, and another licence in the last of them.
    let own = Licence {
        licence_number: "OTHER".to_owned(),
        ..licences().remove(0)
    };
    let others = Store::new(other.register());
    assert_eq!(put(&others, vec![own], START_MS + 1).await, 1);
    let [Location::Sqlite(place), Location::Sqlite(file)] =
        [&stage, &other].map(|stage| stage.location.beside("licences"))
    else {
        panic!("both are files");
    };
    other.close().await;
    std::fs::rename(&file, &place).expect("the file can be moved");
    let met = walk_state(&service, Vec::new(), false).await;
    assert_eq!(met.into_keys().collect::<Vec<_>>(), ["OTHER"]);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_nobody_waits_for_any_more_is_made_all_the_same() {
    let engines = Engines::sqlite();
    let stage = engines.stage(engines.list()[0], "impatient").await;
    let store = Store::new(stage.register());
    store
        .put(licences(), START_MS)
        .await
        .expect("they can be stored");
    let deadline = Instant::now() + PATIENCE;
    // 600 reads take longer than anybody waits, unless it is the one who waits that is kept away.
    let index = loop {
        let limits = Limits {
            rows_at_once: 1,
            ..Limits::default()
        };
        let index = Index::with_limits(store.clone(), limits);
        let asked = tokio::time::timeout(Duration::from_millis(20), index.at_present()).await;
        if asked.is_err() && index.tables_made() == 0 {
            break index;
        }
        assert!(Instant::now() < deadline, "nobody gives up");
    };
    let made = async {
        while index.tables_made() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let made = tokio::time::timeout(PATIENCE, made).await;
    made.expect("the table is made");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_leaves_a_register_as_it_is_that_has_licences() {
    let engines = Engines::new();
    for engine in engines.list() {
        let stage = engines.stage(*engine, "demo").await;
        let store = Store::new(stage.register());
        let fill = async || {
            let filled = fill_demo(stage.register(), &stage.effects).await;
            filled.expect("it can be filled");
        };
        fill().await;
        let numbers = async || {
            let states = store.states().await.expect("states");
            let rows = store.standing("", states.last, 10_000).await;
            let rows = rows.expect("rows").into_iter();
            rows.map(|row| row.licence).collect::<Vec<_>>()
        };
        assert_eq!(numbers().await, demo(), "{engine:?}");
        // Somebody's own data may say something else of a licence of the demo.
        let own = Licence {
            surname: "Imported".to_owned(),
            ..demo().remove(0)
        };
        let done = import(&store, vec![own.clone()]).await;
        assert_eq!(done.changed, 1);
        fill().await;
        let kept = store.find(&own.licence_number).await.expect("the register");
        assert_eq!(kept, Some(own), "{engine:?}");
        stage.close().await;
    }
}
