//! F32 to F46, F78: completions that are refused, challenged or lost before the stream starts.

#![allow(
    clippy::unnecessary_wraps,
    reason = "every row of the table takes functions of one signature"
)]

use std::time::Duration;

use serde_json::{Value, json};

use super::{Call, Row};
use crate::engine::Step;
use crate::local::reply::Reply;
use crate::local::routes::Kind;
use crate::local::stream::{Ending, Plan};

const TURN: &[Kind] = &[Kind::Completions];
/// The paths that the browser check protects (protocol 1.2, 8.4).
const PROTECTED: &[Kind] = &[Kind::Completions, Kind::New];
const READ_TOO: &[Kind] =
    &[Kind::Completions, Kind::New, Kind::List, Kind::Detail, Kind::Models, Kind::ModelsV2];

const QUOTA: &str = "You've reached the upper limit for today's usage.";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream; charset=utf-8";

pub(super) const ROWS: &[Row] = &[
    Row::new("F32", "the daily quota is used up (3 h)", PROTECTED)
        .variants(&["no_num", "text_num", "top", "429", "header"])
        .instead(quota),
    Row::new("F33", "the quota refusal as bare JSON under an event-stream content type", TURN)
        .instead(quota_as_stream),
    Row::new("F34", "the chat is in progress, twice", TURN)
        .times(2)
        .variants(&["bad_request"])
        .instead(in_progress),
    Row::new("F35", "the parent id is not known, once", TURN).times(1).instead(stale_parent),
    Row::new("F36", "a passing internal error, once", TURN).times(1).instead(transient),
    Row::new("F37", "the input is too long", TURN).instead(too_long),
    Row::new("F38", "the content filter refuses the input, or breaks the answer off", TURN)
        .variants(&["input", "output"])
        .instead(refused_input)
        .plan(refused_output),
    Row::new("F39", "the browser check as JSON", PROTECTED).instead(challenge),
    Row::new("F40", "the browser check as an HTML page", PROTECTED)
        .variants(&["html", "json"])
        .instead(risk_page),
    Row::new("F41", "the firewall's HTML page", READ_TOO)
        .variants(&["200", "405"])
        .instead(firewall_page),
    Row::new("F42", "silence for N seconds (307), then the browser check", PROTECTED)
        .variants(&["N"])
        .instead(stall),
    Row::new("F43", "an empty answer, once", READ_TOO)
        .times(1)
        .variants(&["json", "sse"])
        .instead(empty),
    Row::new("F44", "a gateway's error page", READ_TOO)
        .variants(&["504", "502", "503", "header"])
        .instead(gateway_page),
    Row::new("F45", "the whole answer as plain JSON", TURN)
        .variants(&["envelope", "bare"])
        .instead(plain_json),
    Row::new("F46", "a redirect to the sign-in page or to the browser check", READ_TOO)
        .variants(&["auth", "punish"])
        .instead(redirect),
    Row::new("F78", "too many generations at once", TURN).instead(parallel),
];

fn envelope(call: &Call, data: &Value) -> Reply {
    Reply::json(json!({"success": false, "request_id": call.id(), "data": data}))
}

fn quota(call: &Call) -> Option<Reply> {
    let data = json!({"code": "RateLimited", "details": QUOTA, "num": 3});
    Some(match call.variant() {
        "no_num" => envelope(call, &json!({"code": "RateLimited", "details": QUOTA})),
        "text_num" => envelope(call, &json!({"code": "RateLimited", "details": QUOTA, "num": "3"})),
        "top" => Reply::json(json!({"code": "RateLimited", "detail": QUOTA})),
        "429" => envelope(call, &data).with_status(429),
        "header" => envelope(call, &data).effectively(429),
        _ => envelope(call, &data),
    })
}

fn quota_as_stream(call: &Call) -> Option<Reply> {
    let reply = quota(call)?;
    Some(Reply { content_type: "text/event-stream", ..reply })
}

fn in_progress(call: &Call) -> Option<Reply> {
    let code = if call.variant() == "bad_request" { "Bad_Request" } else { "CHAT_IN_PROGRESS" };
    Some(Reply::failure(call.id(), code, "The chat is in progress!"))
}

fn stale_parent(call: &Call) -> Option<Reply> {
    let details = "Invalid input chat parent_id b0000000-0000-4000-8000-0000000000ff is not exist.";
    Some(Reply::failure(call.id(), "Bad_Request", details))
}

fn transient(call: &Call) -> Option<Reply> {
    Some(Reply::failure(call.id(), "Bad_Request", "internal error, please try again"))
}

fn too_long(call: &Call) -> Option<Reply> {
    Some(Reply::failure(call.id(), "ContextLengthExceeded", "The input token limit is exceeded"))
}

fn refused_input(call: &Call) -> Option<Reply> {
    let details = "Input text data may contain inappropriate content.";
    (call.variant() != "output")
        .then(|| Reply::failure(call.id(), "data_inspection_failed", details))
}

fn refused_output(plan: &mut Plan, call: &Call) {
    if call.variant() == "output" {
        let error = json!({"code": "data_inspection_failed", "details": "Output data may contain inappropriate content."});
        let bytes = r#"data: {"error": {"code": "data_inspection_failed", "details": "Output data may contain inappropriate content."}, "response_id": "{R1}"}"#;
        plan.amid.push(Step::Failure { bytes: format!("{bytes}\n\n"), stored: error });
        plan.ending = Ending::Bare;
    }
}

fn challenge(_: &Call) -> Option<Reply> {
    Some(Reply::json(json!({"ret": ["FAIL_SYS_USER_VALIDATE", "RGV587_ERROR::SM::busy"],
        "data": {"url": "https://chat.qwen.ai/api/v2/chat/completions/_____tmd_____/punish?x5secdata=EXAMPLE&x5step=2&action=captcha&pureCaptcha="}})))
}

fn risk_page(call: &Call) -> Option<Reply> {
    let page = r#"<!--rgv587_flag:sm--><script>sessionStorage.x5referer=location.href;window._config_={"action":"captcha","url":"/_____tmd_____/punish?x5secdata=EXAMPLE"};</script>"#;
    let content_type = if call.variant() == "json" { JSON } else { "text/html; charset=utf-8" };
    Some(Reply::text(content_type, page))
}

fn firewall_page(call: &Call) -> Option<Reply> {
    let page = r#"<!doctypehtml><html><head><meta name="aliyun_waf_aa" content="EXAMPLE"><meta name="aliyun_waf_bb" content="EXAMPLE"><title>Verification</title></head><body><div id="aliyunCaptcha"></div></body></html>"#;
    let status = if call.variant() == "405" { 405 } else { 200 };
    Some(Reply::text("text/html", page).with_status(status))
}

fn stall(call: &Call) -> Option<Reply> {
    let seconds = call.number(0, 307);
    challenge(call).map(|reply| reply.after(Duration::from_secs(seconds)))
}

fn empty(call: &Call) -> Option<Reply> {
    let content_type = if call.variant() == "sse" { EVENTS } else { JSON };
    Some(Reply::text(content_type, ""))
}

fn gateway_page(call: &Call) -> Option<Reply> {
    let (status, name) = match call.variant() {
        "header" => return Some(Reply::text("text/html", "").effectively(504)),
        "502" => (502, "502 Bad Gateway"),
        "503" => (503, "503 Service Temporarily Unavailable"),
        _ => (504, "504 Gateway Time-out"),
    };
    let page = format!(
        "<html><head><title>{name}</title></head><body><center><h1>{name}</h1></center></body></html>"
    );
    Some(Reply::text("text/html", page).with_status(status))
}

fn plain_json(call: &Call) -> Option<Reply> {
    let choices = json!([{"message": {"role": "assistant", "content": "Hi"}}]);
    Some(match call.variant() {
        "bare" => Reply::json(json!({"choices": choices})),
        _ => Reply::success(
            call.id(),
            &json!({"chat_id": "", "parent_id": "a0000000-0000-4000-8000-0000000000a1",
                "message_id": "b0000000-0000-4000-8000-0000000000b1", "messages": null, "choices": choices}),
        ),
    })
}

fn redirect(call: &Call) -> Option<Reply> {
    let to = match call.variant() {
        "punish" => "https://chat.qwen.ai/_____tmd_____/punish?x5secdata=EXAMPLE",
        _ => "https://chat.qwen.ai/auth",
    };
    Some(Reply::text("text/html", "").with_status(302).with_header("location", to))
}

fn parallel(call: &Call) -> Option<Reply> {
    Some(Reply::failure(call.id(), "ParallelLimited", "Too many parallel requests"))
}
