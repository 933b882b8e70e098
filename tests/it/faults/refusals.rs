//! F32–F47 and F78: responses in place of a stream.

use std::time::Duration;

use qwenctl::client::{ChatKind, Notice};
use qwenctl::domain::{Completeness, ErrorKind, Parent, Turn};
use serde_json::json;

use crate::support::bodies::{
    R1, R2, U1, U2, answer, challenge, detail, empty_chat, envelope, gateway_page, json as body,
    one_turn, prompt, quota, refusal, unfinished,
};
use crate::support::frames::{created, d, end, event, sse, whole};
use crate::support::response::Response;
use crate::support::tokens::{token, tokens};
use crate::support::upstream::Upstream;
use crate::support::world::{
    CHAT, CHATS, COMPLETIONS, Outcome, REFRESH, World, chat_id, drain, turn,
};

const NEW: &str = "POST /api/v2/chats/new";
const STREAM: &str = "text/event-stream; charset=utf-8";
const STALE: &str =
    "Invalid input chat parent_id b0000000-0000-4000-8000-0000000000ff is not exist.";

/// The outcome of a prompt whose only response is `answer`.
async fn asked(answer: Response) -> Outcome {
    let world = World::new().await;
    world.on(COMPLETIONS, answer);
    world.ask().await
}

#[tokio::test]
async fn f32_daily_quota() {
    let hours = |hours: u64| Some(Duration::from_hours(hours));
    let without_num = quota().replace(r#","num":3"#, "");
    let text_num = quota().replace(r#""num":3"#, r#""num":"3""#);
    for (answer, wait) in [
        (body(quota()), hours(3)),
        (body(text_num), hours(3)),
        (body(quota()).status(429), hours(3)),
        (body(quota()).header("x-actual-status-code", "429"), hours(3)),
        (body(without_num.clone()), hours(24)),
        (body(without_num).header("Retry-After", "7200"), hours(2)),
        (body(r#"{"code":"RateLimited","detail":"You've reached the upper limit."}"#), hours(24)),
    ] {
        let outcome = asked(answer).await;

        let error = outcome.error(ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), wait, "{error:?}");
        assert!(error.partial().is_none());
    }
}

#[tokio::test]
async fn f32_quota_is_not_retried_by_reads() {
    let world = World::new().await;
    world.on(CHATS, body(quota()).status(429));

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::RateLimited, "{error:?}");
    assert_eq!(error.retry_after(), Some(Duration::from_hours(3)));
}

#[tokio::test]
async fn f33_refusal_under_sse_content_type() {
    let outcome = asked(Response::new(STREAM, quota())).await;

    let error = outcome.error(ErrorKind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_hours(3)));
}

#[tokio::test]
async fn f33_stream_under_json_content_type() {
    let stream = whole("Hi").header("Content-Type", "application/json");

    assert_eq!(asked(stream).await.text(), "Hi");
}

#[tokio::test]
async fn f33_stream_in_single_bytes_under_any_content_type() {
    let text = [created(), d("Hi"), end()].concat();
    for beginning in ["", "\u{feff}", "\n\n", "event: message\n", "retry: 10\n", ": begin\n"] {
        let text = format!("{beginning}{text}");
        for content_type in ["application/json", "text/plain", STREAM] {
            let bytes = text.bytes().map(|byte| vec![byte]);
            let stream = Response::stream(bytes).header("Content-Type", content_type);

            assert_eq!(asked(stream).await.text(), "Hi", "{content_type}: {beginning:?}");
        }
    }
}

#[tokio::test]
async fn f33_refusal_in_single_bytes_under_sse_content_type() {
    for beginning in ["", "\u{feff}", "\n"] {
        let bytes = format!("{beginning}{}", quota()).into_bytes();
        let refusal = Response::stream(bytes.into_iter().map(|byte| vec![byte]));

        asked(refusal).await.error(ErrorKind::RateLimited);
    }
}

#[tokio::test]
async fn f34_chat_in_progress_then_free() {
    for code in ["CHAT_IN_PROGRESS", "Bad_Request"] {
        let world = World::new().await;
        for _ in 0..2 {
            world.on(COMPLETIONS, refusal(code, "The chat is in progress!"));
            world.on(CHAT, empty_chat());
        }
        world.on(COMPLETIONS, whole("Hi"));

        assert_eq!(world.ask().await.text(), "Hi");

        let posts = world.upstream.requests(COMPLETIONS);
        assert!(posts.iter().all(|post| post.json() == posts[0].json()), "the same payload");
        assert_eq!(world.notices.count(|notice| matches!(notice, Notice::ChatBusy { .. })), 2);
    }
}

#[tokio::test]
async fn f34_chat_in_progress_for_good() {
    let world = World::new().await;
    for _ in 0..4 {
        world.on(COMPLETIONS, refusal("CHAT_IN_PROGRESS", "The chat is in progress!"));
    }
    world.upstream.always(CHAT, empty_chat);

    let outcome = world.ask().await;

    outcome.error(ErrorKind::ChatInProgress);
    assert_eq!(world.notices.count(|notice| matches!(notice, Notice::ChatBusy { .. })), 3);
}

#[tokio::test]
async fn f35_stale_parent_is_read_again_once() {
    let world = World::new().await;
    let first = [prompt(U1, None, "Hello", &[R1]), answer(R1, U1, "Hi")];
    let mut then = first.to_vec();
    then.extend([prompt(U2, Some(R1), "And?", &[R2]), answer(R2, U2, "So.")]);
    world.on(CHAT, envelope(detail(&first))).on(COMPLETIONS, refusal("Bad_Request", STALE));
    world.on(CHAT, envelope(detail(&then))).on(COMPLETIONS, whole("Hi"));

    let current = Turn { parent: Parent::Current, ..turn() };
    let stream = world.session.send(current).await.expect("a stream");

    assert_eq!(drain(stream).await.text(), "Hi");
    let posts = world.upstream.requests(COMPLETIONS);
    assert_eq!(posts[0].json()["parent_id"], R1);
    assert_eq!(posts[1].json()["parent_id"], R2);
}

#[tokio::test]
async fn f35_stale_parent_for_good() {
    let world = World::new().await;
    for _ in 0..2 {
        world.on(CHAT, one_turn(&answer(R1, U1, "Hi")));
        world.on(COMPLETIONS, refusal("Bad_Request", STALE));
    }

    let current = Turn { parent: Parent::Current, ..turn() };
    let error = world.session.send(current).await.err().expect("an error");

    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error:?}");
}

#[tokio::test]
async fn f35_stale_parent_that_the_user_named_is_not_replaced() {
    let world = World::new().await;
    world.on(CHAT, empty_chat()).on(COMPLETIONS, refusal("Bad_Request", STALE));

    let parent = Parent::Message("b0000000-0000-4000-8000-0000000000ff".to_owned());
    let error = world.session.send(Turn { parent, ..turn() }).await.err().expect("an error");

    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error:?}");
}

#[tokio::test]
async fn f36_transient_internal_error() {
    let failure = || refusal("Bad_Request", "internal error, please try again");
    let world = World::new().await;
    world.on(COMPLETIONS, failure()).on(CHAT, empty_chat()).on(COMPLETIONS, whole("Hi"));
    assert_eq!(world.ask().await.text(), "Hi");

    let world = World::new().await;
    world.on(COMPLETIONS, failure()).on(CHAT, empty_chat()).on(COMPLETIONS, failure());
    world.ask().await.error(ErrorKind::UpstreamUnreachable);
}

#[tokio::test]
async fn f37_too_long() {
    for code in
        ["ContextLengthExceeded", "context_length_exceeded", "MaxInputTokens", "token_limit"]
    {
        let outcome = asked(refusal(code, "The input token limit is exceeded")).await;

        outcome.error(ErrorKind::ContextTooLong);
    }
}

#[tokio::test]
async fn f38_content_refusal() {
    for code in ["data_inspection_failed", "DataInspectionFailed"] {
        let details = "Input text data may contain inappropriate content.";

        asked(refusal(code, details)).await.error(ErrorKind::ContentRefused);
    }
}

#[tokio::test]
async fn f38_content_refusal_in_the_stream_keeps_what_came() {
    let refused = event(json!({"error": {"code": "data_inspection_failed",
        "details": "Output data may contain inappropriate content."}, "response_id": R1}));

    let outcome = asked(sse([created().as_str(), &d("Hal"), &refused])).await;

    assert_eq!(outcome.partial(ErrorKind::ContentRefused), "Hal");
}

fn is_advice(outcome: &Outcome) {
    let error = outcome.error(ErrorKind::BrowserCheck);
    assert!(error.hint().is_some_and(|hint| hint.contains("browser")), "{error:?}");
    let shown = format!("{error} {:?}", error.hint());
    assert!(!shown.contains("x5secdata"), "{shown}");
}

#[tokio::test]
async fn f39_challenge_as_json() {
    is_advice(&asked(challenge()).await);
    is_advice(&asked(challenge().header("Content-Type", STREAM)).await);

    let world = World::new().await;
    world.on(NEW, challenge()).on(CHATS, challenge());
    for error in [
        world.session.create_chat("m", ChatKind::Text, None).await.expect_err("an error"),
        world.session.chats(1).await.expect_err("an error"),
    ] {
        assert_eq!(error.kind(), ErrorKind::BrowserCheck, "{error:?}");
    }
}

#[tokio::test]
async fn f40_challenge_as_risk_page() {
    let page = r#"<!--rgv587_flag:sm--><script>sessionStorage.x5referer=location.href;window._config_={"action":"captcha","url":"/_____tmd_____/punish?x5secdata=EXAMPLE"};</script>"#;
    for content_type in ["text/html; charset=utf-8", "application/json", STREAM] {
        is_advice(&asked(Response::new(content_type, page)).await);
    }
}

#[tokio::test]
async fn f41_waf_page() {
    let page = r#"<!doctypehtml><html><head><meta name="aliyun_waf_aa" content="EXAMPLE"><meta name="aliyun_waf_bb" content="EXAMPLE"><title>Verification</title></head><body><div id="aliyunCaptcha"></div></body></html>"#;
    let answer = |status| Response::new("text/html", page).status(status);
    for status in [200, 403, 405, 503] {
        is_advice(&asked(answer(status)).await);
        let world = World::new().await;
        world.on(CHATS, answer(status));
        let error = world.session.chats(1).await.expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::BrowserCheck, "{status}: {error:?}");
    }
}

#[tokio::test]
async fn f42_stall_before_the_answer() {
    let world = World::configured(|config| config.timeouts.idle = Duration::from_millis(80)).await;
    world.on(COMPLETIONS, Response::silence());
    world.upstream.always(CHAT, empty_chat);

    let outcome = world.ask().await;

    let error = outcome.error(ErrorKind::Timeout);
    let shown = format!("{error} {}", error.hint().unwrap_or_default());
    assert!(shown.contains("browser") && shown.contains("--idle-timeout"), "{shown}");
    assert_eq!(world.upstream.count(COMPLETIONS), 1, "never sent twice");
}

#[tokio::test]
async fn f43_empty_answer_is_checked_and_retried_once() {
    for content_type in ["application/json", STREAM] {
        let empty = || Response::new(content_type, "");
        let world = World::new().await;
        world.on(COMPLETIONS, empty()).on(CHAT, empty_chat()).on(CHAT, empty_chat());
        world.on(COMPLETIONS, whole("Hi"));
        assert_eq!(world.ask().await.text(), "Hi");

        let world = World::new().await;
        world.on(COMPLETIONS, empty()).on(COMPLETIONS, empty());
        world.upstream.always(CHAT, empty_chat);
        world.ask().await.error(ErrorKind::UpstreamProtocol);
        assert_eq!(world.upstream.count(COMPLETIONS), 2);
    }
}

#[tokio::test]
async fn f43_empty_answer_of_a_prompt_that_was_accepted() {
    let world = World::new().await;
    world.on(COMPLETIONS, Response::new("application/json", ""));
    world.on(CHAT, one_turn(&unfinished(R1, U1, "Hel")));
    world.on(CHAT, one_turn(&answer(R1, U1, "Hello you")));

    let outcome = world.ask().await;

    assert_eq!(outcome.text(), "Hello you");
    assert_eq!(outcome.reply().message_id.as_deref(), Some(R1));
    assert_eq!(world.upstream.count(COMPLETIONS), 1);
}

fn gateways() -> Vec<Response> {
    let mut all: Vec<_> = [502, 503, 504].into_iter().map(gateway_page).collect();
    all.push(body("").header("x-actual-status-code", "504"));
    all
}

#[tokio::test]
async fn f44_gateway_page_and_the_prompt_did_not_arrive() {
    for page in gateways() {
        let world = World::new().await;
        world.on(COMPLETIONS, page).on(CHAT, empty_chat()).on(COMPLETIONS, whole("Hi"));

        assert_eq!(world.ask().await.text(), "Hi");
    }
}

#[tokio::test]
async fn f44_gateway_page_and_the_prompt_did_arrive() {
    for page in gateways() {
        let world = World::new().await;
        world.on(COMPLETIONS, page);
        world.upstream.always(CHAT, || one_turn(&answer(R1, U1, "Hello you")));

        assert_eq!(world.ask().await.text(), "Hello you");
        assert_eq!(world.upstream.count(COMPLETIONS), 1);
        assert!(world.upstream.count(CHAT) <= 2);
    }
}

#[tokio::test]
async fn f44_gateway_pages_for_good() {
    let world = World::new().await;
    world.on(COMPLETIONS, gateway_page(504));
    world.on(COMPLETIONS, gateway_page(504));
    world.upstream.always(CHAT, empty_chat);

    world.ask().await.error(ErrorKind::UpstreamUnreachable);
}

#[tokio::test]
async fn f44_an_old_turn_with_the_same_words_is_not_this_one() {
    let world = World::new().await;
    let old = || one_turn(&answer(R1, U1, "old"));
    world.on(CHAT, old()).on(COMPLETIONS, gateway_page(504));
    world.on(CHAT, old()).on(COMPLETIONS, whole("new"));

    let parent = Parent::Message(R1.to_owned());
    let stream = world.session.send(Turn { parent, ..turn() }).await.expect("a stream");

    assert_eq!(drain(stream).await.text(), "new");
}

#[tokio::test]
async fn f45_plain_json_answer() {
    let message = json!([{"message": {"role": "assistant", "content": "Hi"}}]);
    let wrapped = envelope(json!({"chat_id": "", "parent_id": U1, "message_id": R1,
        "messages": null, "choices": message}));
    let outcome = asked(wrapped).await;
    assert_eq!(outcome.text(), "Hi");
    assert_eq!(outcome.reply().message_id.as_deref(), Some(R1));
    assert_eq!(outcome.reply().prompt_id.as_deref(), Some(U1));

    let bare = asked(body(json!({"choices": message}).to_string())).await;
    assert_eq!(bare.text(), "Hi");
    assert_eq!(bare.reply().completeness, Completeness::Complete);
}

#[tokio::test]
async fn f46_redirect_is_not_followed() {
    let elsewhere = Upstream::start().await;
    let other = format!("{}/steal", elsewhere.origin());
    for (location, kind) in [
        (other.as_str(), ErrorKind::TokenInvalid),
        ("https://chat.qwen.ai/auth", ErrorKind::TokenInvalid),
        ("/_____tmd_____/punish?x5secdata=EXAMPLE", ErrorKind::BrowserCheck),
    ] {
        let world = World::new().await;
        let away = || Response::new("text/html", "").status(302).header("Location", location);
        world.on(COMPLETIONS, away()).on(CHATS, away());

        world.ask().await.error(kind);
        let error = world.session.chats(1).await.expect_err("an error");

        assert_eq!(error.kind(), kind, "{location}: {error:?}");
    }
    assert_eq!(elsewhere.connections(), 0, "no bearer to another host");
}

#[tokio::test]
async fn f47_auth_disguised_as_rate_limit() {
    let disguised = || refusal("RateLimited", "request failed: 401 Unauthorized");
    let first = tokens(&token("first", 86_400), Some("REFRESH1"));
    let world = World::with(first, None, |_| {}).await;
    let second = json!({"access_token": token("second", 86_400)});
    world.on(NEW, disguised()).on(REFRESH, envelope(second));
    world.on(NEW, envelope(json!({"id": crate::support::bodies::C1})));
    let made = world.session.create_chat("m", ChatKind::Text, None).await.expect("a chat");
    assert_eq!(made, chat_id());

    let world = World::new().await;
    world.on(NEW, disguised()).on(NEW, disguised());
    let error = world.session.create_chat("m", ChatKind::Text, None).await.expect_err("an error");
    assert_eq!(error.kind().exit_code(), 4, "not a quota: {error:?}");
}

#[tokio::test]
async fn f78_parallel_generation_on_one_account() {
    for code in ["ParallelLimited", "Too_Many_Requests", "quotaLimited"] {
        let world = World::new().await;
        world.upstream.always(COMPLETIONS, move || refusal(code, "Too many parallel requests"));
        world.upstream.always(CHAT, empty_chat);

        let outcome = world.ask().await;

        outcome.error(ErrorKind::RateLimited);
        assert!(world.upstream.count(COMPLETIONS) <= 4, "bounded");
    }
}
