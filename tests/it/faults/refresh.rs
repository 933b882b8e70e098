//! Token refresh: when, how often, and by which caller (protocol 2.3, 2.4, 14.3).

use std::sync::Arc;

use futures_util::future::join_all;
use qwenctl::client::Notice;
use qwenctl::domain::{Error, ErrorKind, Result, StoreLock, TokenStore, Tokens};
use serde_json::json;

use crate::support::bodies::{account, envelope, refusal, unauthorized};
use crate::support::tokens::{MemoryStore, token, tokens};
use crate::support::world::{AUTHS, CHATS, REFRESH, World};

const DAY: i64 = 86_400;

async fn world(store: &MemoryStore) -> World {
    let shared: Arc<dyn TokenStore> = Arc::new(store.clone());
    World::with(store.tokens().expect("tokens"), Some(shared), |_| {}).await
}

fn new_tokens(access: &str) -> crate::support::response::Response {
    envelope(json!({"access_token": access, "refresh_token": "REFRESH2"}))
}

#[tokio::test]
async fn twenty_callers_with_an_expiring_token_make_one_refresh() {
    let store = MemoryStore::holding(tokens(&token("first", 30), Some("REFRESH1")));
    let world = world(&store).await;
    let second = token("second", DAY);
    world.on(REFRESH, new_tokens(&second));
    world.upstream.always(CHATS, || envelope(json!([])));

    let all = join_all((0..20).map(|_| world.session.chats(1))).await;

    assert!(all.iter().all(std::result::Result::is_ok), "{all:?}");
    let asked = world.upstream.requests(CHATS);
    assert_eq!(asked.len(), 20);
    let cookie = format!("token={second}");
    assert!(asked.iter().all(|request| request.header("cookie") == Some(&cookie)));
    assert_eq!(store.writes(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_on_several_threads_make_one_refresh() {
    let store = MemoryStore::holding(tokens(&token("first", 30), Some("REFRESH1")));
    let world = world(&store).await;
    world.on(REFRESH, new_tokens(&token("second", DAY)));
    world.upstream.always(CHATS, || envelope(json!([])));

    let spawn = |_| {
        let session = world.session.clone();
        tokio::spawn(async move { session.chats(1).await })
    };
    let all = join_all((0..20).map(spawn)).await;

    assert!(all.iter().all(|one| matches!(one, Ok(Ok(_)))), "{all:?}");
    assert_eq!(world.upstream.count(CHATS), 20);
    assert_eq!(store.writes(), 1);
}

#[tokio::test]
async fn twenty_rejected_callers_make_one_refresh() {
    let store = MemoryStore::holding(tokens(&token("first", DAY), Some("REFRESH1")));
    let world = world(&store).await;
    world.on(REFRESH, new_tokens(&token("second", DAY)));
    let stored = store.clone();
    world.upstream.always(CHATS, move || match stored.writes() {
        0 => unauthorized(),
        _ => envelope(json!([])),
    });

    let all = join_all((0..20).map(|_| world.session.chats(1))).await;

    assert!(all.iter().all(std::result::Result::is_ok), "{all:?}");
    assert_eq!(store.writes(), 1);
}

#[tokio::test]
async fn token_with_an_hour_left_is_not_refreshed() {
    let store = MemoryStore::holding(tokens(&token("first", 3600), Some("REFRESH1")));
    let world = world(&store).await;
    world.on(CHATS, envelope(json!([])));

    world.session.chats(1).await.expect("chats");

    assert_eq!(world.upstream.count(REFRESH), 0);
}

#[tokio::test]
async fn expired_token_without_refresh_fails_before_any_request() {
    let store = MemoryStore::holding(tokens(&token("first", -10), None));
    let world = world(&store).await;

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::TokenExpired, "{error:?}");
    assert!(error.hint().is_some_and(|hint| hint.contains("token set")));
}

#[tokio::test]
async fn expired_token_is_refreshed_before_the_request() {
    let store = MemoryStore::holding(tokens(&token("first", -10), Some("REFRESH1")));
    let world = world(&store).await;
    world.on(REFRESH, new_tokens(&token("second", DAY))).on(CHATS, envelope(json!([])));

    world.session.chats(1).await.expect("chats");
}

#[tokio::test]
async fn refused_refresh_of_an_expired_token_is_an_error() {
    let store = MemoryStore::holding(tokens(&token("first", -10), Some("REFRESH1")));
    let world = world(&store).await;
    world.on(REFRESH, refusal("Unauthorized", ""));

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::TokenExpired, "{error:?}");
    assert_eq!(error.request_id(), Some("Q1"));
    assert_eq!(store.tokens().and_then(|tokens| tokens.refresh), None, "dropped");
}

#[tokio::test]
async fn failed_refresh_keeps_a_valid_token() {
    let store = MemoryStore::holding(tokens(&token("first", 30), Some("REFRESH1")));
    let world = world(&store).await;
    world.upstream.always(REFRESH, || refusal("Unauthorized", "").status(401));
    world.on(CHATS, envelope(json!([])));

    world.session.chats(1).await.expect("chats with the old token");
}

#[tokio::test]
async fn stored_tokens_of_another_process_are_used() {
    let first = tokens(&token("first", 30), Some("REFRESH1"));
    let store = MemoryStore::holding(tokens(&token("theirs", DAY), Some("REFRESH2")));
    let shared: Arc<dyn TokenStore> = Arc::new(store.clone());
    let world = World::with(first, Some(shared), |_| {}).await;
    world.on(CHATS, envelope(json!([])));

    world.session.chats(1).await.expect("chats");

    assert_eq!(world.upstream.count(REFRESH), 0, "their refresh was enough");
    assert_eq!(world.session.access_token(), store.tokens().expect("tokens").access);
    assert_eq!(store.writes(), 0);
}

#[tokio::test]
async fn token_of_the_account_is_stored() {
    let store = MemoryStore::holding(tokens(&token("first", DAY), None));
    let world = world(&store).await;
    let second = token("second", 7 * DAY);
    world.on(REFRESH, unauthorized()).on(AUTHS, account(&second));

    let (access, user) = world.session.refresh().await.expect("a token");

    assert_eq!(access.expose(), second);
    assert_eq!(user.name, "T");
    let kept = store.tokens().expect("tokens");
    assert_eq!((kept.access.expose(), kept.refresh), (second.as_str(), None));
}

/// A store that cannot be written from now on.
struct ReadOnly(MemoryStore);

impl TokenStore for ReadOnly {
    fn lock(&self) -> Result<Box<dyn StoreLock>> {
        Ok(Box::new(Self(self.0.clone())))
    }
}

impl StoreLock for ReadOnly {
    fn read(&self) -> Result<Option<Tokens>> {
        Ok(self.0.tokens())
    }

    fn write(&mut self, _: &Tokens) -> Result<()> {
        Err(Error::invalid("no space left"))
    }
}

#[tokio::test]
async fn tokens_that_cannot_be_stored_stay_in_memory() {
    // The stored token is valid for a while: it must not replace the newer one.
    let store = MemoryStore::holding(tokens(&token("first", 3600), Some("REFRESH1")));
    let shared: Arc<dyn TokenStore> = Arc::new(ReadOnly(store.clone()));
    let world = World::with(store.tokens().expect("tokens"), Some(shared), |_| {}).await;
    let second = token("second", DAY);
    world.on(CHATS, unauthorized()).on(CHATS, unauthorized());
    world.on(REFRESH, new_tokens(&second)).on(CHATS, envelope(json!([])));

    world.session.chats(1).await.expect("chats");

    let warned = |notice: &Notice| notice.to_string().contains("only in memory");
    assert_eq!(world.notices.count(warned), 1, "{:?}", world.notices.all());
    let third = json!({"access_token": token("third", DAY), "refresh_token": "REFRESH3"});
    world.on(CHATS, unauthorized()).on(CHATS, unauthorized());
    world.on(REFRESH, envelope(third)).on(CHATS, envelope(json!([])));
    world.session.chats(1).await.expect("chats");
    let cookies: Vec<_> = world.upstream.requests(REFRESH);
    let cookies: Vec<_> = cookies.iter().map(|request| request.header("cookie")).collect();
    assert_eq!(cookies, [Some("refresh_token=REFRESH1"), Some("refresh_token=REFRESH2")]);

    world.on(REFRESH, new_tokens(&token("fourth", DAY)));
    let error = world.session.refresh().await.expect_err("not stored");
    assert!(error.hint().is_some_and(|hint| hint.contains("token set")), "{error:?}");
}
