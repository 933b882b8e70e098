//! F84–F97: refreshes and carriers of the token as of October 2026, each with the number of requests.

use std::sync::Arc;

use qwenctl::client::{ChatKind, Notice};
use qwenctl::domain::{Carrier, Cookies, ErrorKind, TokenStore, Tokens};
use secrecy::SecretString;
use serde_json::json;

use crate::support::bodies::{
    C1, account, challenge, empty_chat, envelope, gateway_page, refusal, unauthorized,
};
use crate::support::frames::whole;
use crate::support::response::{Ending, Response};
use crate::support::tokens::{MemoryStore, now, token, token_of, tokens};
use crate::support::world::{AUTHS, CHATS, COMPLETIONS, REFRESH, WHOAMI, World, turn};

const DAY: i64 = 86_400;
const NEW: &str = "POST /api/v2/chats/new";
const STATUS: &str = "GET /api/v2/users/status";

/// A session of these tokens, with a store.
async fn stored(tokens: Tokens) -> (World, MemoryStore) {
    let store = MemoryStore::holding(tokens.clone());
    let shared: Arc<dyn TokenStore> = Arc::new(store.clone());
    (World::with(tokens, Some(shared), |_| {}).await, store)
}

/// With a refresh token and an access token that is valid for so many seconds.
async fn refreshable(seconds: i64) -> (World, MemoryStore) {
    stored(tokens(&token("first", seconds), Some("REFRESH1"))).await
}

fn refresh_token(store: &MemoryStore) -> Option<String> {
    store.tokens()?.refresh.map(|token| token.expose().to_owned())
}

fn no_chats() -> Response {
    envelope(json!([]))
}

fn plain_401() -> Response {
    refusal("unauthorized", "401 Unauthorized")
}

#[tokio::test]
async fn f84_refresh_without_origin_is_an_internal_error() {
    let (world, store) = refreshable(-10).await;
    world.on(REFRESH, refusal("Bad_Request", "Missing origin"));

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::Internal, "{error:?}");
    assert!(
        error.message().contains("internal error") && error.message().contains("Missing origin")
    );
    assert!(!error.hint().unwrap_or_default().contains("sign in"), "{error:?}");
    assert_eq!(refresh_token(&store).as_deref(), Some("REFRESH1"));
    let request = world.upstream.request(REFRESH);
    assert_eq!(request.header("x-request-origin"), Some(world.upstream.origin().as_str()));
}

#[tokio::test]
async fn f85_refresh_has_every_plain_header() {
    let (world, store) = refreshable(-10).await;
    world.on(REFRESH, refusal("Bad_Request", "Invalid request header"));

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::Internal, "{error:?}");
    assert_eq!(refresh_token(&store).as_deref(), Some("REFRESH1"));
    let request = world.upstream.request(REFRESH);
    let header = |name: &str| request.header(name).unwrap_or_else(|| panic!("no {name}"));
    let origin = world.upstream.origin();
    assert_eq!(
        (header("origin"), header("referer")),
        (origin.as_str(), format!("{origin}/").as_str())
    );
    assert_eq!((header("source"), header("version")), ("web", "0.3.12"));
    assert!(uuid::Uuid::parse_str(header("x-request-id")).is_ok());
    assert!(header("timezone").contains(" GMT"));
    assert_eq!(request.header("authorization"), None);
    assert!(request.body.is_empty());
}

#[tokio::test]
async fn f86_revoked_refresh_token_in_another_language_is_asked_once() {
    let (world, store) = refreshable(-10).await;
    world.on(REFRESH, refusal("Unauthorized", "Токен отозван, войдите снова"));

    for _ in 0..3 {
        let error = world.session.chats(1).await.expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::TokenExpired, "{error:?}");
        assert!(error.hint().is_some_and(|hint| hint.contains("token set")));
    }
    assert_eq!((world.upstream.count(REFRESH), refresh_token(&store)), (1, None));
    let shared = |notice: &Notice| notice.to_string().contains("browser uses the same session");
    assert_eq!(world.notices.count(shared), 1, "{:?}", world.notices.all());

    // A later process finds no refresh token.
    let (later, _) = stored(store.tokens().expect("tokens")).await;
    let error = later.session.chats(1).await.expect_err("an error");
    assert_eq!((error.kind(), later.upstream.count(REFRESH)), (ErrorKind::TokenExpired, 0));
}

#[tokio::test]
async fn f86_verdicts_are_told_by_status_and_code() {
    let html = |status| Response::new("application/json", "<html>Forbidden</html>").status(status);
    let answers = [
        (refusal("x", "y").status(401), true),
        (Response::new("text/plain", "").status(401), true),
        (refusal("Forbidden", "").status(403), true),
        (refusal("INVALID_TOKEN", "无效").status(403), true),
        (refusal("unauthorized", ""), true),
        (refusal("x", "").status(403), false),
        (html(403), false),
        (refusal("Unauthorized", "").status(503), false),
        (refusal("RateLimited", "401 Unauthorized"), false),
        (Response::new("text/html", "").status(302).header("Location", "/auth"), false),
        (envelope(json!({})), false),
        (envelope(json!({"access_token": token_of("another", "second", DAY)})), false),
    ];
    for (at, (answer, is_dead)) in answers.into_iter().enumerate() {
        let (world, store) = refreshable(-10).await;
        world.on(REFRESH, answer);

        let error = world.session.chats(1).await.expect_err("an error");

        assert_eq!(error.kind() == ErrorKind::TokenExpired, is_dead, "{at}: {error:?}");
        assert_eq!(refresh_token(&store).is_none(), is_dead, "{at}");
    }
}

#[tokio::test]
async fn f87_variants_of_the_answer_are_stored() {
    let second = token("second", -10);
    let third = token("third", DAY);
    let cookie = |name: &str, value: &str| {
        (format!("{name}={value}; Domain=.qwen.ai; Path=/; HttpOnly; Secure"), name.to_owned())
    };
    for (variant, data, cookies, next) in [
        ("a", json!({"access_token": second}), vec![], "REFRESH1"),
        (
            "b",
            json!({"access_token": second}),
            vec![cookie("refresh_token", "REFRESH2")],
            "REFRESH2",
        ),
        ("c", json!({"access_token": second, "refreshToken": "REFRESH2"}), vec![], "REFRESH2"),
        ("d", json!({"token": second}), vec![], "REFRESH1"),
        ("e", json!({}), vec![cookie("token", &second)], "REFRESH1"),
        ("f", json!({"access_token": second, "expires_at": now() + 900}), vec![], "REFRESH1"),
    ] {
        let (world, store) = refreshable(-10).await;
        let mut answer = envelope(data);
        for (line, _) in &cookies {
            answer = answer.header("Set-Cookie", line);
        }
        // The new token has expired, too, so that another refresh follows.
        world.on(REFRESH, answer).on(CHATS, no_chats());
        world.session.chats(1).await.expect("chats");
        let kept = store.tokens().expect("tokens");
        assert_eq!(kept.access.expose(), second, "{variant}");
        assert_eq!(refresh_token(&store).as_deref(), Some(next), "{variant}");

        world.on(REFRESH, envelope(json!({"access_token": third}))).on(CHATS, no_chats());
        world.session.chats(1).await.expect("chats");
        let sent = world.upstream.requests(REFRESH);
        let cookie = format!("refresh_token={next}");
        assert_eq!(sent[1].header("cookie"), Some(cookie.as_str()), "{variant}: the newest value");
    }
}

#[tokio::test]
async fn f87_jar_is_sent_merged_and_stored() {
    let first = Tokens {
        cookies: Cookies::parse("cna=A; acw_tc=B; isg=C"),
        ..tokens(&token("first", -10), Some("REFRESH1"))
    };
    let (world, store) = stored(first).await;
    let second = token("second", DAY);
    let answer = envelope(json!({"access_token": second}))
        .header("set-cookie", "acw_tc=NEW; Path=/; HttpOnly")
        .header("Set-Cookie", "isg=; Path=/")
        .header("SET-COOKIE", "cna=A; Max-Age=0")
        .header("Set-Cookie", "tfstk=D; Expires=Fri, 31 Dec 9999 23:59:59 GMT");
    world.on(REFRESH, answer).on(CHATS, no_chats());

    world.session.chats(1).await.expect("chats");

    let sent = world.upstream.request(REFRESH);
    assert_eq!(sent.header("cookie"), Some("cna=A; acw_tc=B; isg=C; refresh_token=REFRESH1"));
    let kept = store.tokens().expect("tokens").cookies;
    assert_eq!(kept, Cookies::parse("acw_tc=NEW; tfstk=D"));
    let cookie = format!("acw_tc=NEW; tfstk=D; token={second}");
    assert_eq!(world.upstream.request(CHATS).header("cookie"), Some(cookie.as_str()));
}

#[tokio::test]
async fn f88_no_verdict_keeps_the_credentials() {
    let answers: [fn() -> Response; 5] = [
        challenge,
        || gateway_page(503),
        || gateway_page(403),
        || Response::new("text/html", "<html>hello</html>"),
        || Response::new("application/json", "").ending(Ending::Reset),
    ];
    for answer in answers {
        // Valid for a while: the request is sent with it, and the refresh is not repeated at once.
        let (world, store) = refreshable(200).await;
        let first = world.session.access_token();
        world.on(REFRESH, answer());
        world.upstream.always(CHATS, no_chats);
        for _ in 0..3 {
            world.session.chats(1).await.expect("chats with the old token");
        }
        assert_eq!(world.upstream.count(REFRESH), 1);
        assert_eq!((world.session.access_token(), store.writes()), (first, 0));

        // Expired: an error, but not the advice to sign in.
        let (world, store) = refreshable(-10).await;
        world.on(REFRESH, answer());
        let error = world.session.chats(1).await.expect_err("an error");
        assert_ne!(error.kind(), ErrorKind::TokenExpired, "{error:?}");
        assert_eq!(refresh_token(&store).as_deref(), Some("REFRESH1"));

        world.on(REFRESH, envelope(json!({"access_token": token("second", DAY)})));
        world.on(CHATS, no_chats());
        world.session.chats(1).await.expect("chats after the trouble");
    }
}

#[tokio::test]
async fn f88_silent_account_service_delays_a_valid_token_briefly() {
    let (world, _) = refreshable(200).await;
    world.on(REFRESH, Response::new("application/json", "").ending(Ending::Hang));
    world.on(CHATS, no_chats());
    let began = std::time::Instant::now();
    world.session.chats(1).await.expect("chats with the old token");
    assert!(began.elapsed() < std::time::Duration::from_secs(8), "{:?}", began.elapsed());
}

#[tokio::test]
async fn f90_refused_long_token_names_the_new_place() {
    let world = World::with(tokens(&token("first", 14 * DAY), None), None, |_| {}).await;
    world.upstream.always(CHATS, unauthorized);

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind().exit_code(), 4, "{error:?}");
    assert!(error.hint().is_some_and(|hint| hint.contains("qwen_access_token_state")), "{error:?}");
    assert_eq!(world.upstream.count(CHATS), 2, "with the cookie, then in both places");
    world.session.chats(1).await.expect_err("an error");
    assert_eq!(world.upstream.count(CHATS), 3, "the other form is tried once");
}

#[tokio::test]
async fn f91_new_chat_is_retried_without_version_and_remembered() {
    let (world, store) = refreshable(DAY).await;
    world.on(NEW, plain_401());
    world.upstream.always(NEW, || envelope(json!({"id": C1})));

    for _ in 0..2 {
        let made = world.session.create_chat("m", ChatKind::Text, None).await;
        assert_eq!(made.expect("a chat").as_str(), C1);
    }

    let sent = world.upstream.requests(NEW);
    let versions: Vec<_> = sent.iter().map(|request| request.header("version")).collect();
    assert_eq!(versions, [Some("0.3.12"), None, None]);
    assert_eq!((world.upstream.count(REFRESH), store.writes()), (0, 0));
}

#[tokio::test]
async fn f92_completions_always_name_the_version() {
    let (world, _) = refreshable(DAY).await;
    world.on(NEW, plain_401()).on(NEW, envelope(json!({"id": C1}))).on(COMPLETIONS, whole("Hi"));
    world.session.create_chat("m", ChatKind::Text, None).await.expect("a chat");

    assert_eq!(world.ask().await.text(), "Hi");

    assert_eq!(world.upstream.request(COMPLETIONS).header("version"), Some("0.3.12"));
}

#[tokio::test]
async fn f93_completions_carry_one_cookie_and_no_bearer() {
    let access = token("first", DAY);
    let world = World::with(tokens(&access, None), None, |config| {
        config.cookie = Some(SecretString::from(format!("token={access}; cna=X; token=OLD")));
    })
    .await;
    world.on(COMPLETIONS, whole("Hi"));

    assert_eq!(world.ask().await.text(), "Hi");

    let sent = world.upstream.request(COMPLETIONS);
    assert_eq!(sent.header("cookie"), Some(format!("cna=X; token={access}").as_str()));
    assert_eq!(sent.header("authorization"), None);
}

#[tokio::test]
async fn f94_refused_bearer_is_left_out_and_remembered() {
    for carrier in [Carrier::Both, Carrier::Bearer] {
        let first = tokens(&token("first", DAY), Some("REFRESH1"));
        let world = World::with(first, None, |config| config.carrier = carrier).await;
        world.on(NEW, unauthorized());
        world.upstream.always(NEW, || envelope(json!({"id": C1})));
        world.on(COMPLETIONS, whole("Hi"));

        for _ in 0..2 {
            world.session.create_chat("m", ChatKind::Text, None).await.expect("a chat");
        }
        assert_eq!(world.ask().await.text(), "Hi");

        let sent = world.upstream.requests(NEW);
        let bearers: Vec<_> =
            sent.iter().map(|sent| sent.header("authorization").is_some()).collect();
        assert_eq!(bearers, [true, false, false], "{carrier:?}");
        assert_eq!(sent[0].header("cookie").is_some(), carrier == Carrier::Both);
        assert_eq!(world.upstream.request(COMPLETIONS).header("authorization"), None);
        assert_eq!(world.upstream.count(REFRESH), 0);
    }
}

#[tokio::test]
async fn f94_refused_cookie_is_sent_with_a_bearer_before_a_refresh_and_remembered() {
    let (world, store) = refreshable(DAY).await;
    world.on(COMPLETIONS, plain_401());
    world.on(COMPLETIONS, whole("Hi")).on(CHATS, no_chats());
    world.upstream.always(crate::support::world::CHAT, empty_chat);

    assert_eq!(world.ask().await.text(), "Hi");
    world.session.chats(1).await.expect("chats");

    let sent = world.upstream.requests(COMPLETIONS);
    let bearers: Vec<_> = sent.iter().map(|sent| sent.header("authorization").is_some()).collect();
    assert_eq!(bearers, [false, true]);
    assert_eq!(sent[0].json(), sent[1].json(), "the same prompt");
    assert_eq!(world.upstream.count(REFRESH), 0, "no refresh token is used up");
    assert!(world.upstream.request(CHATS).header("authorization").is_some(), "remembered");
    world.client.settle().await;
    let kept = store.tokens().expect("tokens");
    assert_eq!(kept.carrier, Some(Carrier::Both));
    let (later, _) = stored(kept).await;
    later.on(CHATS, no_chats());
    later.session.chats(1).await.expect("chats");
    assert!(later.upstream.request(CHATS).header("authorization").is_some(), "by a later process");
}

#[tokio::test]
async fn f94_browser_check_of_the_other_form_does_not_hide_a_revoked_token() {
    let (world, store) = refreshable(DAY).await;
    let second = token("second", DAY);
    world.on(CHATS, unauthorized()).on(CHATS, challenge()).on(CHATS, no_chats());
    world.on(REFRESH, envelope(json!({"access_token": second})));

    world.session.chats(1).await.expect("chats");

    let sent = world.upstream.requests(CHATS);
    let bearers: Vec<_> = sent.iter().map(|sent| sent.header("authorization").is_some()).collect();
    assert_eq!(bearers, [false, true, false], "a new token is carried as usual");
    assert_eq!(store.tokens().expect("tokens").carrier, None);

    let (world, _) = stored(tokens(&token("first", DAY), None)).await;
    world.on(CHATS, unauthorized()).on(CHATS, challenge());
    // A long token is tried in place of a refresh token.
    world.on(REFRESH, unauthorized());
    let error = world.session.chats(1).await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::TokenInvalid, "{error:?}");
}

#[tokio::test]
async fn f94_browser_check_of_a_learned_form_brings_the_configured_one_back() {
    let first = tokens(&token("first", DAY), Some("REFRESH1"));
    let (world, store) = stored(Tokens { carrier: Some(Carrier::Both), ..first }).await;
    world.on(CHATS, challenge()).on(CHATS, no_chats());
    world.session.chats(1).await.expect("chats");
    let sent = world.upstream.requests(CHATS);
    let bearers: Vec<_> = sent.iter().map(|sent| sent.header("authorization").is_some()).collect();
    assert_eq!(bearers, [true, false]);
    world.client.settle().await;
    assert_eq!(store.tokens().expect("tokens").carrier, Some(Carrier::Cookie));

    world.on(CHATS, challenge());
    let error = world.session.chats(1).await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::BrowserCheck, "no more attempts: {error:?}");
}

#[tokio::test]
async fn f94_expired_token_is_refreshed_without_another_form() {
    let (world, _) = refreshable(-10).await;
    world.on(REFRESH, envelope(json!({"access_token": token("second", DAY)})));
    world.on(CHATS, no_chats());
    world.session.chats(1).await.expect("chats");
    assert_eq!((world.upstream.count(CHATS), world.upstream.count(REFRESH)), (1, 1));
}

#[tokio::test]
async fn f95_cookies_of_another_account_are_refused_without_a_request() {
    let foreign = token_of("another", "theirs", DAY);
    let world = World::with(tokens(&token("first", DAY), None), None, |config| {
        config.cookie = Some(SecretString::from(format!("cna=X; token={foreign}")));
    })
    .await;

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::TokenInvalid, "{error:?}");
    assert!(error.message().contains("another account") && !error.message().contains(&foreign));
    assert!(world.session.send(turn()).await.is_err());
    assert_eq!(world.upstream.connections(), 0);
}

#[tokio::test]
async fn f96_old_account_call_is_not_made() {
    let (world, _) = refreshable(DAY).await;
    world.on(WHOAMI, account("")).on(STATUS, envelope(json!(true)));

    assert_eq!(world.session.user().await.expect("a user").name, "T");
    assert!(world.session.is_signed_in().await.expect("an answer"));

    let sent = world.upstream.request(WHOAMI);
    assert!(sent.header("cookie").is_some_and(|line| line.starts_with("token=")));
    assert_eq!(world.upstream.count(AUTHS), 0);
}

#[tokio::test]
async fn f96_long_token_is_renewed_by_the_old_call_on_request_only() {
    let first = tokens(&token("first", 7 * DAY), None);
    let (world, _) = stored(first).await;
    world.on(REFRESH, refusal("Unauthorized", "")).on(AUTHS, account(&token("second", 7 * DAY)));

    world.session.refresh().await.expect("a token");

    let warned = |notice: &Notice| notice.to_string().contains("sign the browser out");
    assert_eq!(world.notices.count(warned), 1, "{:?}", world.notices.all());
}

#[tokio::test]
async fn new_sign_in_of_another_account_is_not_overwritten() {
    let theirs = tokens(&token_of("another", "theirs", DAY), Some("THEIRS"));
    let store = MemoryStore::holding(theirs.clone());
    let shared: Arc<dyn TokenStore> = Arc::new(store.clone());
    let first = tokens(&token("first", -10), Some("REFRESH1"));
    let world = World::with(first, Some(shared), |_| {}).await;
    world.on(CHATS, no_chats());

    world.session.chats(1).await.expect("chats of the new account");

    assert_eq!((store.tokens(), store.writes()), (Some(theirs), 0));
    assert_eq!(world.upstream.count(REFRESH), 0);
}
