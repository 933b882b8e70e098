//! F32 to F46, F78, F98 to F105: completions that are refused, challenged or lost before the stream starts.

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
use crate::local::stream::frames::Dialect;
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
    Row::new("F39", "the browser check as JSON", PROTECTED).instead(check),
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
    Row::new("F98", "the body lacks the id of the chat", TURN).instead(missing_member),
    Row::new("F99", "the body has too many messages", TURN).instead(too_many_messages),
    Row::new(
        "F100",
        "the parent is not known (new code), the chat is deleted, or the old codes",
        TURN,
    )
    .variants(&["parent", "chat", "old"])
    .instead(new_codes)
    .plan(old_codes),
    Row::new(
        "F101",
        "quota, busy chat or unknown parent in Chinese; `es`, `ru` as 2nd argument",
        TURN,
    )
    .variants(&["quota", "progress", "parent"])
    .instead(localised),
    Row::new("F102", "the rate limit without hours, or with hours in a template", TURN)
        .variants(&["busy", "hours", "quota_limit"])
        .instead(busy),
    Row::new("F103", "an empty response after 0.2 s; `stored` accepts the prompt", TURN)
        .variants(&["stored"])
        .instead(dropped)
        .plan(dropped_but_stored),
    Row::new(
        "F104",
        "the body is too large: a browser check, or the first event and the end",
        TURN,
    )
    .variants(&["check", "created"])
    .instead(too_large),
    Row::new("F105", "status 405 for every call: the network is refused", Kind::ALL)
        .variants(&["html", "json", "empty"])
        .instead(network_refused),
];

/// The details of `CHAT_NOT_FOUND`.
pub(in crate::local) const CHAT_DELETED: &str =
    "This chat has been deleted. Please start a new chat to continue.";

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

fn check(_: &Call) -> Option<Reply> {
    Some(Reply::browser_check())
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
    Some(Reply::browser_check().after(Duration::from_secs(seconds)))
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

fn missing_member(call: &Call) -> Option<Reply> {
    let details = "Field 'chat_id': Field required";
    Some(Reply::failure(call.id(), "RequestValidationError", details).effectively(400))
}

fn too_many_messages(call: &Call) -> Option<Reply> {
    Some(Reply::failure(call.id(), "Bad_Request", "Invalid input too many messages."))
}

fn new_codes(call: &Call) -> Option<Reply> {
    match call.variant() {
        "old" => None,
        "chat" => Some(Reply::failure(call.id(), "CHAT_NOT_FOUND", CHAT_DELETED)),
        _ => Some(Reply::failure(call.id(), "PARENT_NOT_FOUND", "The parent message is unknown.")),
    }
}

fn old_codes(plan: &mut Plan, _: &Call) {
    plan.old_codes = true;
}

fn localised(call: &Call) -> Option<Reply> {
    let language = call.fault.argument(1);
    let pick = |zh: &'static str, es: &'static str, ru: &'static str| match language {
        "es" => es,
        "ru" => ru,
        _ => zh,
    };
    Some(match call.variant() {
        "progress" => {
            let details =
                pick("对话正在进行中", "La conversación está en curso", "Чат ещё отвечает");
            Reply::failure(call.id(), "CHAT_IN_PROGRESS", details)
        }
        "parent" => {
            let details =
                pick("父消息不存在", "El mensaje anterior ya no está", "Сообщение не найдено");
            Reply::failure(call.id(), "PARENT_NOT_FOUND", details)
        }
        _ => {
            let details = pick(
                "您今日的使用额度已达上限",
                "Ha alcanzado el límite de uso de hoy",
                "Вы исчерпали лимит на сегодня",
            );
            envelope(call, &json!({"code": "RateLimited", "details": details, "num": 3}))
        }
    })
}

fn busy(call: &Call) -> Option<Reply> {
    const DETAILS: &str = "服务繁忙，请稍后再试";
    Some(match call.variant() {
        "hours" => envelope(
            call,
            &json!({"code": "RateLimited", "details": DETAILS, "num": 5,
                "template": "Please try again in {{num}} hours"}),
        ),
        "quota_limit" => Reply::failure(call.id(), "quota_limit", DETAILS),
        _ => Reply::failure(call.id(), "RateLimited", DETAILS),
    })
}

fn dropped(call: &Call) -> Option<Reply> {
    let delay = Duration::from_millis(200);
    (call.variant() != "stored").then(|| Reply::text(JSON, "").after(delay))
}

fn dropped_but_stored(plan: &mut Plan, _: &Call) {
    plan.silent = true;
}

fn too_large(call: &Call) -> Option<Reply> {
    if call.variant() != "created" {
        return Some(Reply::browser_check().after(Duration::from_millis(50)));
    }
    let chat = call.request.query("chat_id").unwrap_or_default();
    let (user, response) =
        ("a0000000-0000-4000-8000-0000000000a1", "b0000000-0000-4000-8000-0000000000b1");
    Some(Reply::text(EVENTS, Dialect::default().created_event(&chat, user, response)))
}

fn network_refused(call: &Call) -> Option<Reply> {
    let page = "<html><head><title>405 Not Allowed</title></head><body><center><h1>405 Not Allowed</h1></center></body></html>";
    let reply = match call.variant() {
        "json" => Reply::json(json!({"detail": "Method Not Allowed"})),
        "empty" => Reply::text("text/html", ""),
        _ => Reply::text("text/html", page),
    };
    Some(reply.with_status(405))
}
