//! F98–F108: the codes and the forms of refusals since the autumn of 2026.

use std::time::Duration;

use qwenctl::client::{ChatKind, RequestLimits};
use qwenctl::domain::{ErrorKind, Parent, Turn};
use serde_json::{Value, json};

use crate::support::bodies::{
    C1, R1, R2, U1, U2, answer, challenge, detail, empty_chat, envelope, json as body, one_turn,
    prompt, refusal,
};
use crate::support::frames::{created, event, raw, sse, whole};
use crate::support::response::Response;
use crate::support::world::{CHAT, CHATS, COMPLETIONS, Outcome, World, drain, turn};

const NEW: &str = "POST /api/v2/chats/new";

/// A refusal with these members.
#[allow(clippy::needless_pass_by_value, reason = "reads better with `json!` at the call")]
fn refused(data: Value) -> Response {
    body(json!({"success": false, "request_id": "Q1", "data": data}).to_string())
}

/// The outcome of a prompt with `refusal` as the answer, which has to be the only request.
async fn refused_once(refusal: Response) -> Outcome {
    let world = World::new().await;
    world.on(COMPLETIONS, refusal);
    world.ask().await
}

#[tokio::test]
async fn f98_missing_member_is_an_error_of_ours() {
    let details = "Field 'chat_id': Field required";
    let refusal = refusal("RequestValidationError", details);
    let outcome = refused_once(refusal.header("x-actual-status-code", "400")).await;
    assert!(outcome.error(ErrorKind::Internal).message().contains(details));

    let details = json!([{"type": "missing", "loc": ["body", "chat_id"], "msg": "Field required"}]);
    let outcome =
        refused_once(refused(json!({"code": "RequestValidationError", "details": details}))).await;
    assert!(outcome.error(ErrorKind::Internal).message().contains("Field required"));
}

#[tokio::test]
async fn f98_the_body_names_the_chat() {
    let world = World::new().await;
    world.on(COMPLETIONS, whole("Hi"));

    assert_eq!(world.ask().await.text(), "Hi");

    let request = world.upstream.request(COMPLETIONS).json();
    assert_eq!(request["chat_id"], C1);
    assert_eq!(request["messages"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn f99_too_many_messages_is_an_error_of_ours() {
    let details = "Invalid input too many messages.";
    refused_once(refusal("Bad_Request", details)).await.error(ErrorKind::Internal);
}

#[tokio::test]
async fn f100_unknown_parent_is_read_again_once() {
    let parent_gone = || refusal("PARENT_NOT_FOUND", "Родительское сообщение не найдено");
    let first = [prompt(U1, None, "Hello", &[R1]), answer(R1, U1, "Hi")];
    let mut then = first.to_vec();
    then.extend([prompt(U2, Some(R1), "And?", &[R2]), answer(R2, U2, "So.")]);
    let world = World::new().await;
    world.on(CHAT, envelope(detail(&first))).on(COMPLETIONS, parent_gone());
    world.on(CHAT, envelope(detail(&then))).on(COMPLETIONS, whole("Hi"));
    let current = Turn { parent: Parent::Current, ..turn() };
    let stream = world.session.send(current.clone()).await.expect("a stream");
    assert_eq!(drain(stream).await.text(), "Hi");
    let posts = world.upstream.requests(COMPLETIONS);
    assert_eq!(
        (&posts[0].json()["parent_id"], &posts[1].json()["parent_id"]),
        (&json!(R1), &json!(R2))
    );

    let world = World::new().await;
    for _ in 0..2 {
        world.on(CHAT, envelope(detail(&first))).on(COMPLETIONS, parent_gone());
    }
    let error = world.session.send(current).await.err().expect("an error");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error:?}");
}

#[tokio::test]
async fn f100_deleted_chat_is_not_found() {
    let details = "This chat has been deleted. Please start a new chat to continue.";
    refused_once(refusal("CHAT_NOT_FOUND", details)).await.error(ErrorKind::NotFound);

    let world = World::new().await;
    world.on(CHAT, refusal("CHAT_NOT_FOUND", "此对话已被删除"));
    let error = world.session.chat(&turn().chat_id).await.expect_err("gone");
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
}

#[tokio::test]
async fn f101_details_in_any_language_have_the_class_of_their_code() {
    let quota = ["您今日的使用额度已达上限", "Вы исчерпали лимит", "Ha alcanzado el límite de uso"];
    for details in quota {
        let data = json!({"code": "RateLimited", "details": details, "num": 3});
        let outcome = refused_once(refused(data)).await;
        let error = outcome.error(ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), Some(Duration::from_hours(3)));
        assert!(error.message().contains(details), "{error}");
    }
    for details in ["对话正在进行中", "Чат выполняется", "El chat está en curso"]
    {
        let world = World::new().await;
        world.on(COMPLETIONS, refusal("CHAT_IN_PROGRESS", details)).on(CHAT, empty_chat());
        world.on(COMPLETIONS, whole("Hi"));
        assert_eq!(world.ask().await.text(), "Hi", "{details}");
    }
    for details in ["父消息不存在", "Сообщение не найдено", "El mensaje no existe"]
    {
        let world = World::new().await;
        world.on(COMPLETIONS, refusal("PARENT_NOT_FOUND", details)).on(CHAT, empty_chat());
        world.on(COMPLETIONS, whole("Hi"));
        assert_eq!(world.ask().await.text(), "Hi", "{details}");
    }
}

#[tokio::test]
async fn f102_rate_limit_without_hours_is_tried_once_later() {
    let details = "服务繁忙，请稍后再试";
    let world = World::new().await;
    world.on(COMPLETIONS, refusal("RateLimited", details)).on(CHAT, empty_chat());
    world.on(COMPLETIONS, whole("Hi"));
    assert_eq!(world.ask().await.text(), "Hi");

    for code in ["RateLimited", "quota_limit"] {
        let world = World::new().await;
        world.on(COMPLETIONS, refusal(code, details)).on(CHAT, empty_chat());
        world.on(COMPLETIONS, refusal(code, details));
        let outcome = world.ask().await;
        let error = outcome.error(ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), None, "{error:?}");
        assert!(error.message().contains(details), "{error}");
    }
}

#[tokio::test]
async fn f102_rate_limit_with_a_template_names_the_hours() {
    let template = "Please wait {{num}} hours";
    let with_details =
        json!({"code": "RateLimited", "details": "上限", "template": template, "num": 5});
    let without = json!({"code": "RateLimited", "template": template, "num": 5});
    for (data, words) in [(with_details, "上限"), (without, "Please wait 5 hours")] {
        let outcome = refused_once(refused(data)).await;
        let error = outcome.error(ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), Some(Duration::from_hours(5)));
        assert!(error.message().contains(words), "{error}");
    }
}

#[tokio::test]
async fn f102_hours_may_be_a_fraction_and_are_bounded() {
    for (hours, seconds) in [(json!(2.5), 9_000), (json!(1_000_000_000_000_000_i64), 31 * 86_400)] {
        let data = json!({"code": "RateLimited", "details": "x", "num": hours});
        let outcome = refused_once(refused(data)).await;
        let error = outcome.error(ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)));
    }
}

#[tokio::test]
async fn exhausted_quotas_are_not_retried() {
    for code in ["quota_exhausted", "ExceedLimit"] {
        let outcome = refused_once(refusal(code, "x")).await;
        let error = outcome.error(ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), Some(Duration::from_hours(24)));
    }
}

#[tokio::test]
async fn heavy_load_is_throttling() {
    for details in ["Allocated quota exceeded, please increase", "Requests throttled: token-limit"]
    {
        let world = World::new().await;
        world.on(COMPLETIONS, refusal("Throttling", details)).on(CHAT, empty_chat());
        world.on(COMPLETIONS, whole("Hi"));
        assert_eq!(world.ask().await.text(), "Hi", "{details}");
    }
}

#[tokio::test]
async fn f104_browser_check_after_a_large_request_names_its_size() {
    for (length, names_it) in [(160 << 10, true), (140 << 10, false)] {
        let world = World::new().await;
        world.on(COMPLETIONS, challenge());
        let sent = world.session.send(Turn { prompt: "x".repeat(length), ..turn() }).await;
        let error = sent.err().expect("a browser check");
        assert_eq!(error.kind(), ErrorKind::BrowserCheck);
        let size = world.upstream.request(COMPLETIONS).body.len().to_string();
        assert_eq!(error.message().contains(&size), names_it, "{error}");
    }
}

#[tokio::test]
async fn f104_stream_without_an_answer_to_a_large_request_names_its_size() {
    let world = World::new().await;
    world.on(COMPLETIONS, sse([created().as_str()]));
    world.upstream.always(CHAT, empty_chat);

    let sent = world.session.send(Turn { prompt: "x".repeat(160 << 10), ..turn() }).await;
    let error = drain(sent.expect("a stream")).await.end.expect_err("no answer");

    assert_eq!(error.kind(), ErrorKind::UpstreamProtocol);
    let size = world.upstream.request(COMPLETIONS).body.len().to_string();
    assert!(error.message().contains(&size), "{error}");
}

#[tokio::test]
async fn f104_request_over_the_limit_is_not_sent() {
    let limits = RequestLimits { warn: 100 << 10, most: 180 << 10 };
    let world = World::configured(|config| config.request_limits = Some(limits)).await;
    // Three bytes each, as on the wire.
    let prompt = "中".repeat(62 << 10);
    let error = world.session.send(Turn { prompt, ..turn() }).await.err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::ContextTooLong);
    assert!(error.message().contains("prompt is too long"), "{error}");
    assert!(error.message().contains("184320"), "{error}");
    assert_eq!(world.upstream.count(COMPLETIONS), 0);

    world.on(COMPLETIONS, whole("Hi"));
    let sent = world.session.send(Turn { prompt: "x".repeat(101 << 10), ..turn() }).await;
    assert_eq!(drain(sent.expect("a stream")).await.text(), "Hi");
    let size = world.upstream.request(COMPLETIONS).body.len().to_string();
    let warns = |notice: &_| format!("{notice}").contains(&size);
    assert_eq!(world.notices.count(warns), 1, "{:?}", world.notices.all());
}

#[tokio::test]
async fn f105_refused_network_is_named_and_the_token_kept() {
    let page = "<html><head><title>405 Not Allowed</title></head><body>405</body></html>";
    let json = r#"{"detail":"Method Not Allowed"}"#;
    for (kind, text) in [("text/html", page), ("application/json", json), ("text/html", "")] {
        let refused = || Response::new(kind, text).status(405);
        let world = World::new().await;
        world.on(COMPLETIONS, refused()).on(CHATS, refused()).on(NEW, refused());
        for error in [
            world.ask().await.end.expect_err("an error"),
            world.session.chats(1).await.expect_err("an error"),
            world.session.create_chat("m", ChatKind::Text, None).await.expect_err("an error"),
        ] {
            assert!(error.message().starts_with("the service refuses this network"), "{error}");
            assert_eq!(error.kind(), ErrorKind::UpstreamUnreachable);
            assert!(error.hint().is_some_and(|hint| hint.contains("the token is unaffected")));
        }
    }
}

/// The outcome of a prompt whose stream holds this error after the first event.
async fn failed(error: &str) -> Outcome {
    refused_once(sse([created().as_str(), &raw(error)])).await
}

#[tokio::test]
async fn f106_content_filter_as_captured() {
    let error = r#"{"error": {"code": "data_inspection_failed", "modality": ["text"], "stage": "input", "details": "内容不合规"}, "response_id": "R1", "response_index": 0}"#;
    let outcome = failed(&error.replace("R1", R1)).await;
    let error = outcome.error(ErrorKind::ContentRefused);
    assert!(error.message().contains("内容不合规"), "{error}");
    assert_eq!(error.kind().exit_code(), 3);
}

#[tokio::test]
async fn f107_quota_limit_with_a_singular_detail() {
    let outcome = failed(r#"{"error":{"code":"quota_limit","detail":"今日额度已用完"}}"#).await;
    let error = outcome.error(ErrorKind::RateLimited);
    assert!(error.message().contains("今日额度已用完"), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_hours(24)));
}

#[tokio::test]
async fn f108_bare_errors_after_the_first_event() {
    let outcome = failed(r#"{"error":"Internal error!"}"#).await;
    outcome.error(ErrorKind::UpstreamUnreachable);
    for error in [
        r#"{"error":{"code":"invalid_input","details":"x"}}"#,
        r#"{"error":{"error_code":"invalid_input","details":{"message":"x"}}}"#,
    ] {
        let outcome = failed(error).await;
        let error = outcome.error(ErrorKind::InvalidRequest);
        assert!(error.message().ends_with(": x"), "{error}");
    }
}

#[tokio::test]
async fn errors_of_another_candidate_are_ignored() {
    let theirs = event(json!({"error": {"code": "data_inspection_failed"}, "response_index": 1}));
    let stream = sse([created().as_str(), &theirs]);
    let world = World::new().await;
    world.on(COMPLETIONS, stream).on(CHAT, one_turn(&answer(R1, U1, "Hi")));

    assert_eq!(world.ask().await.text(), "Hi");
}
