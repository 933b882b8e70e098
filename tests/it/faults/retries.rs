//! Conventions 20: safe requests are retried a few times, with a notice each; the size of bodies is
//! limited.

use std::time::Duration;

use qwenctl::client::{Client, ClientConfig, Notice};
use qwenctl::domain::{ErrorKind, Parent, Turn};
use serde_json::json;

use crate::support::bodies::{
    C1, R1, R2, U1, U2, answer, detail, empty_chat, envelope, gateway_page, json as body, one_turn,
    prompt, refusal,
};
use crate::support::frames::{created, sse, whole};
use crate::support::response::{Ending, Response};
use crate::support::tokens::{token, tokens};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, CHATS, COMPLETIONS, STOP, World, chat_id, config, drain, turn};

fn is_retry(notice: &Notice) -> bool {
    matches!(notice, Notice::Retrying { .. })
}

#[tokio::test]
async fn reads_are_retried_after_transient_failures() {
    for failure in [
        || gateway_page(502),
        || gateway_page(503),
        || gateway_page(504),
        || body("").status(503),
        || body("").status(408),
        || body("{}").status(429),
        || body("").header("x-actual-status-code", "504"),
        || refusal("Server_Busy", "busy"),
        || body("{\"success\"").ending(Ending::Fin),
    ] {
        let world = World::new().await;
        world.on(CHATS, failure()).on(CHATS, failure()).on(CHATS, envelope(json!([])));

        world.session.chats(1).await.expect("chats at last");

        assert_eq!(world.notices.count(is_retry), 2, "one notice each");
    }
}

#[tokio::test]
async fn retries_of_reads_are_limited() {
    let world = World::new().await;
    world.upstream.always(CHATS, || gateway_page(503));

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::UpstreamUnreachable, "{error:?}");
    let made = world.upstream.count(CHATS);
    assert!((2..=5).contains(&made), "{made} requests");
    assert_eq!(world.notices.count(is_retry), made - 1);
}

#[tokio::test]
async fn long_retry_after_is_an_error() {
    let world = World::new().await;
    let later = || body("{}").status(429).header("Retry-After", "3600");
    world.on(CHATS, later()).on(COMPLETIONS, later());

    for error in [
        world.session.chats(1).await.expect_err("an error"),
        world.ask().await.end.expect_err("an error"),
    ] {
        assert_eq!(error.kind(), ErrorKind::RateLimited, "{error:?}");
        assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    }
}

#[tokio::test]
async fn delete_with_a_lost_response_succeeds() {
    let world = World::new().await;
    let delete = format!("DELETE /api/v2/chats/{C1}");
    world.on(&delete, gateway_page(504)).on(&delete, crate::support::bodies::gone());

    world.session.delete_chat(&chat_id()).await.expect("deleted, by the first or the second");
}

#[tokio::test]
async fn refused_connection_is_retried() {
    let (_port, address) = crate::support::http::closed_port();
    let world = World::configured(|config| config.api_url = format!("http://{address}/api")).await;

    let error = world.session.chats(1).await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::UpstreamUnreachable, "{error:?}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--api-url")));
    let retries = world.notices.count(is_retry);
    assert!((1..=4).contains(&retries), "{retries}");

    let error = world.ask().await.end.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::UpstreamUnreachable, "{error:?}");
}

#[tokio::test]
async fn prompt_with_a_lost_response_is_answered_once() {
    let cut = || Response::stream(Vec::<String>::new()).ending(Ending::Reset);
    let world = World::new().await;
    world.on(COMPLETIONS, cut()).on(CHAT, empty_chat()).on(COMPLETIONS, whole("Hi"));
    assert_eq!(world.ask().await.text(), "Hi");

    let world = World::new().await;
    world.on(COMPLETIONS, cut());
    world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "Hello you")));
    assert_eq!(world.ask().await.text(), "Hello you");
}

#[tokio::test]
async fn prompt_is_not_sent_again_if_the_chat_is_unreadable() {
    let world = World::new().await;
    world.on(COMPLETIONS, gateway_page(502));
    world.upstream.always(CHAT, || gateway_page(502));

    let error = world.ask().await.end.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::UpstreamUnreachable, "{error:?}");
    assert_eq!(world.upstream.count(COMPLETIONS), 1);
    assert!(error.hint().is_some_and(|hint| hint.contains(C1)), "where to look");
}

#[tokio::test]
async fn accepted_prompt_is_awaited() {
    let world = World::new().await;
    let asked = || envelope(detail(&[prompt(U1, None, "Hello", &[])]));
    world.on(COMPLETIONS, gateway_page(504)).on(CHAT, asked()).on(CHAT, asked());
    world.on(CHAT, one_turn(&answer(R1, U1, "Hi")));

    assert_eq!(world.ask().await.text(), "Hi");
    assert_eq!(world.upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn repeated_prompt_is_distinguished_from_the_first() {
    // The chat already holds `Hello`; a second `Hello` below its answer is lost.
    let world = World::new().await;
    let before = || one_turn(&answer(R1, U1, "old"));
    world.on(CHAT, before()).on(COMPLETIONS, gateway_page(504)).on(CHAT, before());
    world.on(COMPLETIONS, whole("new"));

    let turn = Turn { parent: Parent::Current, ..turn() };
    let stream = world.session.send(turn).await.expect("a stream");

    assert_eq!(drain(stream).await.text(), "new");
}

#[tokio::test]
async fn same_prompt_in_another_branch_is_not_ours() {
    // `Hello` was sent below R1 before, in an abandoned branch: R1 is current again.
    let branches = || {
        envelope(detail(&[
            prompt(U1, None, "Hi", &[R1]),
            prompt(U2, Some(R1), "Hello", &[R2]),
            answer(R2, U2, "old"),
            answer(R1, U1, "Hi"),
        ]))
    };
    let world = World::new().await;
    world.on(CHAT, branches()).on(COMPLETIONS, gateway_page(504)).on(CHAT, branches());
    world.on(COMPLETIONS, whole("new"));

    let turn = Turn { parent: Parent::Current, ..turn() };
    let stream = world.session.send(turn).await.expect("a stream");

    assert_eq!(drain(stream).await.text(), "new");
}

#[tokio::test]
async fn document_size_is_limited() {
    let world = World::new().await;
    let start = r#"{"success":true,"data":[""#;
    let document = Response::stream([start]).endless(vec![b'x'; 1 << 16]);
    world.on(CHATS, document.header("Content-Type", "application/json"));

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{error:?}");
    assert!(error.message().contains("MiB"), "names the bound: {error}");
}

#[tokio::test]
async fn refusal_size_is_limited() {
    let world = World::new().await;
    let page = || {
        Response::stream(["<html>"])
            .endless(vec![b'x'; 1 << 16])
            .header("x-actual-status-code", "500")
    };
    world.upstream.always(CHATS, page);

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::UpstreamUnreachable, "{error:?}");
}

#[tokio::test]
async fn total_timeout_ends_reads_and_streams() {
    let limit = |config: &mut ClientConfig| {
        config.timeouts.total = Some(Duration::from_millis(100));
    };
    let world = World::configured(limit).await;
    world.on(CHATS, Response::silence());

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--max-time")), "{error:?}");

    let world = World::configured(limit).await;
    let stream = sse([created().as_str()]);
    world.on(COMPLETIONS, stream.ending(Ending::Hang));
    world.upstream.always(STOP, || envelope(json!({"status": true})));
    world.ask().await.error(ErrorKind::Timeout);
}

#[tokio::test]
async fn idle_timeout_ends_reads() {
    let world = World::configured(|config| config.timeouts.idle = Duration::from_millis(80)).await;
    world.on(CHATS, Response::silence());

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--idle-timeout")), "{error:?}");
}

#[tokio::test]
async fn invalid_settings_fail_before_any_request() {
    let upstream = Upstream::start().await;
    let changes: [fn(&mut ClientConfig); 4] = [
        |config| config.api_url = "not an address".to_owned(),
        |config| config.api_url = "ftp://example.test/api".to_owned(),
        |config| config.proxy = Some("::::".into()),
        |config| {
            config.api_url = "https://127.0.0.1:9/api".to_owned();
            config.extra_ca_pem = Some(b"no certificate".to_vec());
        },
    ];
    for change in changes {
        let mut config = config(&upstream);
        change(&mut config);
        let error = Client::new(config).err().expect("an error");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error:?}");
    }
    let mut config = config(&upstream);
    config.extra_headers = vec![("bx-ua".to_owned(), "line\nbreak".into())];
    let error = match Client::new(config) {
        Err(error) => error,
        Ok(client) => {
            let session = client.session(tokens(&token("first", 86_400), None), None);
            session.chats(1).await.expect_err("an error")
        }
    };
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error:?}");
    assert!(!format!("{error}").contains("break"), "no value of a header: {error}");
}
