//! F1–F9: invalid tokens, and odd but valid ones.

use qwenctl::domain::AccessToken;

use crate::support::bodies::{
    account, empty_chat, envelope, gateway_page, json, refusal, row, unauthorized,
};
use crate::support::frames::{created, d, end, sse, whole};
use crate::support::response::{Ending, Gate, Response};
use crate::support::tokens::{MemoryStore, token, token_without_expiry, tokens};
use crate::support::world::{
    AUTHS, CHAT, CHATS, COMPLETIONS, REFRESH, WHOAMI, World, chat_id, next_delta, turn,
};

const STATUS: &str = "GET /api/v2/users/status";
const SETTINGS: &str = "GET /api/v2/users/user/settings";
const DAY: i64 = 86_400;

/// A session with a refresh token, and its store.
async fn refreshable() -> (World, MemoryStore) {
    let first = tokens(&token("first", DAY), Some("REFRESH1"));
    let store = MemoryStore::holding(first.clone());
    let world = World::with(first, Some(std::sync::Arc::new(store.clone())), |_| {}).await;
    (world, store)
}

fn refreshed(access: &str, refresh: Option<&str>) -> Response {
    let mut data = serde_json::json!({"access_token": access});
    if let Some(refresh) = refresh {
        data["refresh_token"] = refresh.into();
    }
    envelope(data)
}

fn cookie(token: &str) -> String {
    format!("token={token}")
}

#[tokio::test]
async fn f1_expired_token_as_envelope_is_refreshed_and_retried_once() {
    let (world, store) = refreshable().await;
    let second = token("second", DAY);
    // The same token in the other form comes before the refresh.
    world.on(CHATS, unauthorized()).on(CHATS, unauthorized());
    world.on(REFRESH, refreshed(&second, None));
    world.on(CHATS, envelope(serde_json::json!([row(1)])));

    assert_eq!(world.session.chats(1).await.expect("chats").len(), 1);

    let asked = world.upstream.requests(CHATS);
    assert!(asked[1].header("authorization").is_some());
    assert_eq!(asked[2].header("cookie"), Some(cookie(&second).as_str()));
    assert_eq!(asked[2].header("authorization"), None, "as usual");
    assert_eq!(world.session.access_token().expose(), second);
    let kept = store.tokens().expect("tokens");
    assert_eq!(kept.access.expose(), second);
    assert_eq!(kept.refresh.expect("a refresh token").expose(), "REFRESH1", "not replaced");
}

#[tokio::test]
async fn f1_expired_token_before_a_prompt_was_accepted() {
    let (world, _) = refreshable().await;
    let second = token("second", DAY);
    world.on(COMPLETIONS, unauthorized()).on(COMPLETIONS, unauthorized());
    world.on(REFRESH, refreshed(&second, None));
    world.on(CHAT, empty_chat()).on(COMPLETIONS, whole("Hi"));

    assert_eq!(world.ask().await.text(), "Hi");

    let posts = world.upstream.requests(COMPLETIONS);
    assert_eq!(posts[0].json(), posts[2].json(), "the same prompt");
    assert_eq!(posts[2].header("cookie"), Some(cookie(&second).as_str()));
}

#[tokio::test]
async fn f1_rejected_again_after_the_refresh_is_an_error() {
    let (world, _) = refreshable().await;
    world.on(REFRESH, refreshed(&token("second", DAY), None));
    // Each token in both forms.
    world.upstream.always(CHATS, unauthorized);

    let error = world.session.chats(1).await.expect_err("an error");
    assert_eq!((world.upstream.count(CHATS), world.upstream.count(REFRESH)), (4, 1));

    assert_eq!(error.kind().exit_code(), 4, "{error:?}");
    assert_eq!(error.request_id(), Some("Q1"));
    assert!(error.hint().is_some(), "says what to do");
}

#[tokio::test]
async fn f1_long_token_takes_the_place_of_a_refresh_token_once() {
    let first = token("first", 7 * DAY);
    let store = MemoryStore::holding(tokens(&first, None));
    let shared = std::sync::Arc::new(store.clone());
    let world = World::with(tokens(&first, None), Some(shared), |_| {}).await;
    let second = token("second", DAY);
    world.on(CHATS, unauthorized()).on(CHATS, unauthorized());
    world.on(REFRESH, refreshed(&second, Some("REFRESH1")));
    world.on(CHATS, envelope(serde_json::json!([])));

    assert!(world.session.chats(1).await.expect("an empty page").is_empty());

    let sent = world.upstream.request(REFRESH);
    assert_eq!(sent.header("cookie"), Some(cookie(&first).as_str()));
    let kept = store.tokens().expect("tokens");
    assert_eq!(kept.access.expose(), second);
    assert_eq!(kept.refresh.expect("a refresh token").expose(), "REFRESH1");

    let store = MemoryStore::holding(tokens(&first, None));
    let shared = std::sync::Arc::new(store.clone());
    let world = World::with(tokens(&first, None), Some(shared), |_| {}).await;
    world.upstream.always(CHATS, unauthorized);
    world.on(REFRESH, unauthorized());
    for _ in 0..2 {
        let error = world.session.chats(1).await.expect_err("an error");
        assert_eq!(error.kind().exit_code(), 4, "{error:?}");
        assert!(error.hint().is_some_and(|hint| hint.contains("qwen_access_token_state")));
    }
    assert_eq!((world.upstream.count(REFRESH), store.writes()), (1, 0));
}

#[tokio::test]
async fn f1_with_no_way_to_another_token() {
    let world = World::new().await;
    world.on(CHATS, unauthorized()).on(CHATS, unauthorized());

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind().exit_code(), 4, "{error:?}");
}

#[tokio::test]
async fn f2_bare_refusal_of_the_account() {
    let (world, _) = refreshable().await;
    world.upstream.always(WHOAMI, || json(r#"{"code":"Unauthorized","message":"Unauthorized"}"#));
    world.on(REFRESH, refusal("Unauthorized", "").status(401));

    let error = world.session.user().await.expect_err("an error");

    assert_eq!(error.kind().exit_code(), 4, "{error:?}");
}

#[tokio::test]
async fn f3_real_401_and_403_with_and_without_a_body() {
    for (status, body) in [(401, r#"{"detail":"401 Unauthorized"}"#), (401, ""), (403, "")] {
        let world = World::new().await;
        world.on(CHATS, json(body).status(status));

        let error = world.session.chats(1).await.expect_err("an error");

        assert_eq!(error.kind().exit_code(), 4, "{status} {body:?}: {error:?}");
    }
}

#[tokio::test]
async fn f4_status_only_in_a_header() {
    let world = World::new().await;
    world.on(CHATS, json("{}").header("x-actual-status-code", "401"));

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind().exit_code(), 4, "{error:?}");
}

#[tokio::test]
async fn f5_not_signed_in_with_success() {
    let world = World::new().await;
    world.on(STATUS, envelope(serde_json::json!(false)));
    world.on(WHOAMI, json(r#"{"id":"","email":"","name":""}"#));

    assert!(!world.session.is_signed_in().await.expect("an answer"));
    let error = world.session.user().await.expect_err("an error, not a user without a name");

    assert_eq!(error.kind().exit_code(), 4, "{error:?}");
}

#[tokio::test]
async fn f5_status_by_post_as_the_page_asks_when_get_is_refused() {
    let world = World::new().await;
    world.on(STATUS, json(r#"{"detail":"Method Not Allowed"}"#).status(405));
    world.on("POST /api/v2/users/status", envelope(serde_json::json!(true)));

    assert!(world.session.is_signed_in().await.expect("an answer"));

    let body = world.upstream.request("POST /api/v2/users/status").json();
    assert_eq!(body["typarms"]["typarm1"], "web");
    assert!(body["typarms"]["utc_timestamp"].is_string(), "milliseconds as a string");
}

#[tokio::test]
async fn f5_status_by_the_settings_when_both_forms_are_refused() {
    let gone = || json(r#"{"detail":"Not Found"}"#).status(404);
    for (settings, is_signed_in) in
        [(envelope(serde_json::json!({"mcp": {}})), true), (unauthorized(), false)]
    {
        let world = World::new().await;
        world.on(STATUS, gone()).on("POST /api/v2/users/status", gone());
        world.on(SETTINGS, settings);
        if !is_signed_in {
            world.on(SETTINGS, unauthorized());
        }
        assert_eq!(world.session.is_signed_in().await.expect("an answer"), is_signed_in);
    }
}

#[tokio::test]
async fn f6_refresh_token_is_rotated_and_never_used_twice() {
    let (world, store) = refreshable().await;
    let (second, third) = (token("second", DAY), token("third", DAY));
    let rotated = refreshed(&second, Some("REFRESH2"))
        .header("Set-Cookie", "refresh_token=REFRESH2; Path=/; HttpOnly; Secure");
    world.on(REFRESH, rotated).on(WHOAMI, account(""));
    world.on(REFRESH, refreshed(&third, None)).on(WHOAMI, account(""));

    assert_eq!(world.session.refresh().await.expect("tokens").0.expose(), second);
    let kept = store.tokens().expect("tokens");
    assert_eq!(kept.access.expose(), second);
    assert_eq!(kept.refresh.expect("a refresh token").expose(), "REFRESH2");
    world.session.refresh().await.expect("tokens");

    let made = world.upstream.requests(REFRESH);
    let cookie = |at: usize| made[at].header("cookie").expect("a cookie").to_owned();
    assert!(cookie(0).contains("refresh_token=REFRESH1"));
    assert!(cookie(1).contains("refresh_token=REFRESH2") && !cookie(1).contains("REFRESH1"));
    assert_eq!(store.writes(), 2);
}

#[tokio::test]
async fn f6_rotation_in_the_cookie_only() {
    let (world, store) = refreshable().await;
    let rotated = refreshed(&token("second", DAY), None)
        .header("Set-Cookie", "refresh_token=REFRESH2; Path=/; HttpOnly; Secure");
    world.on(REFRESH, rotated).on(WHOAMI, account(""));

    world.session.refresh().await.expect("tokens");

    let kept = store.tokens().and_then(|tokens| tokens.refresh).expect("a refresh token");
    assert_eq!(kept.expose(), "REFRESH2");
}

#[tokio::test]
async fn f6_dead_refresh_token_is_dropped_and_not_sent_again() {
    let (world, store) = refreshable().await;
    world.on(REFRESH, refusal("Unauthorized", "").status(401));

    let error = world.session.refresh().await.expect_err("an error");

    assert_eq!(error.kind().exit_code(), 4, "{error:?}");
    let kept = store.tokens().expect("tokens");
    assert_eq!((kept.access, kept.refresh), (world.session.access_token(), None));
}

#[tokio::test]
async fn f7_account_without_a_new_token_keeps_the_old_one() {
    let first = token("first", DAY);
    for answer in [account(""), account(&first), envelope(account_data())] {
        let store = MemoryStore::holding(tokens(&first, None));
        let shared = std::sync::Arc::new(store.clone());
        let world = World::with(tokens(&first, None), Some(shared), |_| {}).await;
        world.on(REFRESH, unauthorized()).on(AUTHS, answer);

        let (access, user) = world.session.refresh().await.expect("the old token");

        assert_eq!(access.expose(), first);
        assert_eq!(user.email, "t***@example.test");
        assert_eq!(store.tokens().expect("tokens").access.expose(), first);
    }
}

#[tokio::test]
async fn f7_token_request_is_retried_after_a_gateway_page() {
    let (first, second) = (token("first", DAY), token("second", DAY));
    let world = World::with(tokens(&first, None), None, |_| {}).await;
    world.on(REFRESH, unauthorized());
    world.on(AUTHS, gateway_page(502)).on(AUTHS, json("").ending(Ending::Reset));
    world.on(AUTHS, account(&second));

    let (access, _) = world.session.refresh().await.expect("a new token");

    assert_eq!(access.expose(), second);
}

/// The account as the newer host sends it: in an envelope and without a token.
fn account_data() -> serde_json::Value {
    serde_json::json!({"user_id": "u", "email": "t***@example.test", "name": "T"})
}

#[tokio::test]
async fn f8_token_that_expires_during_a_stream_does_not_end_it() {
    let (world, _) = refreshable().await;
    let gate = Gate::default();
    let stream = sse([created().as_str(), &d("Hel")]).gate(&gate).then(d("lo")).then(end());
    let second = token("second", DAY);
    world.on(COMPLETIONS, stream);
    world.on(CHAT, unauthorized()).on(CHAT, unauthorized());
    world.on(REFRESH, refreshed(&second, None)).on(CHAT, empty_chat());

    let mut stream = world.session.send(turn()).await.expect("a stream");
    assert_eq!(next_delta(&mut stream).await, "Hel");
    world.session.chat(&chat_id()).await.expect("a chat");
    gate.open();

    assert_eq!(next_delta(&mut stream).await, "lo");
    assert!(stream.next().await.is_none());
    assert_eq!(stream.reply().content, "Hello");
    assert_eq!(world.session.access_token().expose(), second);
}

#[tokio::test]
async fn f9_dirty_pasted_token_goes_out_clean() {
    let good = token("first", DAY);
    let dirty = format!("\u{200b}\"Bearer {good}\"\n");
    let access = AccessToken::parse(&dirty).expect("a token");
    let world = World::with(access.into(), None, |_| {}).await;
    world.on(CHATS, envelope(serde_json::json!([])));

    world.session.chats(1).await.expect("chats");

    let request = world.upstream.request(CHATS);
    assert_eq!(request.header("cookie"), Some(cookie(&good).as_str()));
}

#[tokio::test]
async fn token_without_expiry_is_never_refreshed() {
    let world = World::with(tokens(&token_without_expiry(), None), None, |_| {}).await;
    world.on(CHATS, envelope(serde_json::json!([])));

    world.session.chats(1).await.expect("chats");

    assert_eq!(world.session.access_token().claims().expires_at, None);
}
