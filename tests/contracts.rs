//! Plays every story on every engine against one snapshot, and demands that each declared
//! response of each operation appears in one of them.

mod support;

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use specwright_runtime::private::Api;
use specwright_server::APIS;
use support::play::Engines;
use support::story;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many stories are played at the same time.
const STORIES_AT_ONCE: usize = 4;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The stories of an API: name and text, by name.
fn stories(api: &str) -> Vec<(String, String)> {
    let entries =
        std::fs::read_dir(folder("tests/contracts").join(api)).expect("an API has stories");
    let mut stories: Vec<_> = entries
        .map(|entry| entry.expect("a folder can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "http")
        })
        .map(|path| {
            let name = path
                .file_stem()
                .expect("a story has a name")
                .to_string_lossy()
                .into_owned();
            (
                name,
                std::fs::read_to_string(path).expect("a story is text"),
            )
        })
        .collect();
    stories.sort();
    stories
}

#[tokio::test(flavor = "multi_thread")]
async fn stories_are_the_same_on_every_engine() {
    let engines = Arc::new(Engines::new());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder("snapshots/contracts"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let all = APIS.iter().flat_map(|served| {
        let api = served.api.name;
        stories(api).into_iter().map(move |story| (api, story))
    });
    // Each story waits for databases most of its time.
    let turns = Arc::new(Semaphore::new(STORIES_AT_ONCE));
    let mut playing = JoinSet::new();
    for (api, (name, text)) in all {
        let (engines, turns) = (Arc::clone(&engines), Arc::clone(&turns));
        playing.spawn(async move {
            let _turn = turns.acquire().await.expect("nobody closes it");
            let script = play_everywhere(&engines, api, &name, &text).await;
            (format!("{api}__{name}"), script)
        });
    }
    while let Some(played) = playing.join_next().await {
        let (snapshot, script) = played.unwrap_or_else(|broken| resume_unwind(broken.into_panic()));
        settings.bind(|| insta::assert_snapshot!(snapshot, script));
    }
}

/// Plays a story on every engine, and gives what was asked and answered on all of them.
async fn play_everywhere(engines: &Engines, api: &str, name: &str, text: &str) -> String {
    let story = story::parse(text);
    let mut first: Option<String> = None;
    for engine in engines.list() {
        let mut stage = engines.stage(*engine, &format!("{api}-{name}")).await;
        let script = story::play(&mut stage, &story).await;
        stage.close().await;
        match &first {
            None => first = Some(script),
            Some(first) => pretty_equal(first, &script, &format!("{name} on {engine:?}")),
        }
    }
    first.expect("there is an engine")
}

/// Shows the first difference rather than two long texts.
fn pretty_equal(expected: &str, found: &str, what: &str) {
    for (number, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(expected, found, "{what}, line {}", number + 1);
    }
    assert_eq!(expected.lines().count(), found.lines().count(), "{what}");
}

#[test]
fn every_declared_response_is_in_a_story() {
    for served in APIS {
        let api = served.api;
        let seen = seen(api);
        let mut missing = Vec::new();
        for operation in api.operations {
            for response in operation.responses {
                let wanted = (operation.id.to_owned(), response.status.to_owned());
                if !seen.contains(&wanted) {
                    missing.push(format!("{} {}", wanted.0, wanted.1));
                }
            }
        }
        assert!(missing.is_empty(), "no story shows: {}", missing.join(", "));
    }
}

#[test]
fn no_response_is_undeclared() {
    // What a path or a method that is not declared is answered with belongs to no operation.
    let outside = ["404", "405"];
    for served in APIS {
        for (operation, status) in seen(served.api) {
            let declared = served
                .api
                .operations
                .iter()
                .find(|known| known.id == operation);
            let declared = declared.expect("it was found by its path").responses;
            let declared = declared.iter().any(|response| response.status == status);
            assert!(
                declared || outside.contains(&status.as_str()),
                "{operation} {status}"
            );
        }
    }
}

/// The operations and statuses that the snapshots of an API show.
fn seen(api: &Api) -> BTreeSet<(String, String)> {
    let mut seen = BTreeSet::new();
    for (name, _) in stories(api.name) {
        let file = folder("snapshots/contracts").join(format!("{}__{name}.snap", api.name));
        let snapshot = std::fs::read_to_string(file).expect("each story has a snapshot");
        let mut operation = None;
        for line in snapshot.lines() {
            if let Some(status) = line.strip_prefix("=> ") {
                let status = status.split(' ').next().unwrap_or(status).to_owned();
                seen.extend(operation.take().map(|id: &str| (id.to_owned(), status)));
            } else if let Some((method, target)) = line.split_once(' ')
                && target.starts_with('/')
            {
                operation = find(api, method, target.split('?').next().unwrap_or(target));
            }
        }
    }
    seen
}

fn find(api: &Api, method: &str, path: &str) -> Option<&'static str> {
    let here = |operation: &&&specwright_runtime::private::Operation| {
        let paths = api
            .bases
            .iter()
            .map(|base| format!("{base}{}", operation.path));
        operation.method.as_str() == method
            && paths
                .into_iter()
                .any(|known| matches(&known, path.trim_end_matches('/')))
    };
    api.operations
        .iter()
        .find(here)
        .map(|operation| operation.id)
}

/// Whether a path fits a template, segment by segment.
fn matches(template: &str, path: &str) -> bool {
    template.matches('/').count() == path.matches('/').count()
        && template
            .split('/')
            .zip(path.split('/'))
            .all(|(template, segment)| {
                template == segment || template.starts_with('{') && !segment.is_empty()
            })
}
