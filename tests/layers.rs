//! The exam sessions in one process and with their layers apart: to applications they are the same.

mod support;

use std::path::Path;

use support::play::Engines;
use support::story;

/// Plays every story of the three APIs twice: with the system APIs in the process, and behind
/// sockets of their own. Clock and ids are the same, and so must be every byte of the answers.
#[tokio::test(flavor = "multi_thread")]
async fn layers_apart_answer_as_one_process_does() {
    let engines = Engines::sqlite();
    let engine = engines.list()[0];
    let mut stories = 0;
    for api in ["exam-sessions", "eps", "cams"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts");
        let entries = std::fs::read_dir(folder.join(api)).expect("an API has stories");
        for entry in entries {
            let path = entry.expect("a folder can be read").path();
            let text = std::fs::read_to_string(&path).expect("a story is text");
            let name = path.file_stem().expect("it has a name").to_string_lossy();
            let story = story::parse(&text);
            let mut one = engines.stage(engine, &format!("{api}-{name}-one")).await;
            let expected = story::play(&mut one, &story).await;
            one.close().await;
            let mut apart = engines.stage(engine, &format!("{api}-{name}-apart")).await;
            apart.part_layers().await;
            let found = story::play(&mut apart, &story).await;
            apart.close().await;
            assert_eq!(expected, found, "{api} {name}");
            stories += 1;
        }
    }
    assert!(stories >= 12, "{stories} stories");
}
