//! A register of licences: how it is asked, walked over and changed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use poem::{Endpoint, Request};
use serde_json::Value;
use specwright_server::licences::demo::licences as demo;
use specwright_server::licences::domain::{Licence, LicenceStatus};
use specwright_server::licences::index::{Index, Limits};
use specwright_server::licences::store::Store;

use super::effects::START_MS;
use super::play::Stage;

/// How many licences there are at the start.
pub const COUNT: usize = 600;

/// Licences of as many holders, so that all of them are current.
pub fn licences() -> Vec<Licence> {
    let licences = demo().into_iter().take(COUNT).enumerate();
    let licences = licences.map(|(at, licence)| Licence {
        holder_number: format!("H{at:06}"),
        licence_status: LicenceStatus::Active,
        ..licence
    });
    licences.collect()
}

/// Asks for what there is as JSON.
pub async fn get(app: &impl Endpoint, token: &str, target: &str) -> Value {
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
pub async fn walk(app: &impl Endpoint, token: &str, first: &str) -> BTreeMap<String, usize> {
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
pub async fn write(store: Store, mut licences: Vec<Licence>, stop: Arc<AtomicBool>) -> usize {
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

/// A token with which licences may be read.
pub async fn token(stage: &Stage) -> String {
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

/// An index that is made anew after a few changes.
pub fn eager(store: &Store) -> Index {
    let limits = Limits {
        few: 10,
        many: 40,
        rows_at_once: 64,
    };
    Index::with_limits(store.clone(), limits)
}
