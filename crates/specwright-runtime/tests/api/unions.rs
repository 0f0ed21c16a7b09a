//! Values that are one of several.

use std::time::{Duration, Instant};

use crate::shop::{Answer, request, send_body, shop};
use poem::http::Method;

async fn post(target: &str, body: impl Into<String>) -> Answer {
    let builder = request(Method::POST, target);
    send_body(&shop(), builder, "application/json", body.into()).await
}

#[tokio::test]
async fn violations_are_placed_inside_the_branch_that_is_meant() {
    let post = |animals: &'static str| async move {
        post("/animals", format!("{{\"animals\":{animals}}}")).await
    };
    let fine = r#"[{"kind":"Cat","claws":18},{"kind":"Dog","name":"Rex"}]"#;
    assert_eq!(post(fine).await.status, 204);
    for (animals, expected) in [
        (
            r#"[{"kind":"Cat","claws":"18"}]"#,
            &["/body/animals/0/claws type"][..],
        ),
        (
            r#"[{"kind":"Dog"},{"kind":"Dog","name":""}]"#,
            &["/body/animals/1/name minLength"],
        ),
        (r#"[{"kind":"Cat"}]"#, &["/body/animals/0/claws required"]),
        (
            r#"[{"kind":"Cat","claws":1,"friends":[{"kind":"Dog","name":5},{"kind":"Cat"}]}]"#,
            &[
                "/body/animals/0/friends/0/name type",
                "/body/animals/0/friends/1/claws required",
            ],
        ),
    ] {
        let answer = post(animals).await;
        assert_eq!(answer.status, 400, "{animals}");
        assert_eq!(answer.violations(), expected, "{animals}");
    }
}

/// A tree of this depth whose left and right branches alternate. Which one a branch is shows only
/// behind the tree that it holds.
fn tree(depth: usize, leaf: &str) -> String {
    (0..depth).fold(leaf.to_owned(), |tree, level| {
        let side = if level % 2 == 0 { "left" } else { "right" };
        format!("{{\"tree\":{tree},\"{side}\":true}}")
    })
}

#[tokio::test]
async fn trees_of_modest_depth_are_told_apart() {
    for depth in [0, 1, 5, 12] {
        let fine = post("/trees", format!("{{\"tree\":{}}}", tree(depth, "1"))).await;
        assert_eq!(fine.status, 204, "{depth}: {}", fine.text());
        let wrong = post("/trees", format!("{{\"tree\":{}}}", tree(depth, "\"x\""))).await;
        assert_eq!(wrong.status, 400, "{depth}");
        assert!(!wrong.violations().is_empty(), "{depth}: {}", wrong.text());
    }
    let both = r#"{"tree":{"tree":1,"left":true,"right":true}}"#;
    assert_eq!(
        post("/trees", both).await.violations(),
        ["/body/tree oneOf"]
    );
}

#[tokio::test]
async fn trees_that_cannot_be_told_apart_are_refused_in_time() {
    let started = Instant::now();
    let deep = post("/trees", format!("{{\"tree\": {}}}", tree(120, "1"))).await;
    assert_eq!(deep.status, 400);
    let text = deep.text();
    assert!(text.contains("line 1, column 10"), "{text}");
    assert!(text.contains("nest too deeply"), "{text}");
    // What else is wrong is found before the tree is read, and told of it nevertheless.
    let body = format!("{{\"size\":0,\"tree\":{}}}", tree(120, "\"x\""));
    let cold = post("/trees", body).await;
    assert_eq!(cold.status, 400);
    assert!(cold.text().contains("nest too deeply"), "{}", cold.text());
    assert_eq!(cold.violations(), ["/body oneOf"]);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(60), "{took:?}");
}
