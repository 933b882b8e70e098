//! F48 to F52, F63 to F71, F106 to F110: streams that are framed, ended or encoded differently.

use std::time::Duration;

use serde_json::json;

use super::{CHAT_DELETED, Call, Row};
use crate::engine::Step;
use crate::local::routes::Kind;
use crate::local::stream::chunking::Chunking;
use crate::local::stream::frames::Created;
use crate::local::stream::{Cut, Ending, OddCoding, Plan, Resume};

const TURN: &[Kind] = &[Kind::Completions];

pub(super) const ROWS: &[Row] = &[
    Row::new("F48", "the first event in another form", TURN)
        .variants(&["2025", "tidy"])
        .plan(created),
    Row::new("F49", "the bytes are cut anywhere", TURN)
        .variants(&["utf8", "byte", "random", "many", "event"])
        .plan(cut_anywhere),
    Row::new("F50", "`data: [DONE]` after the end", TURN).variants(&["line", "bare"]).plan(done),
    Row::new("F51", "other spacing, line ends and field lines", TURN)
        .variants(&["nospace", "crlf", "noblank", "event", "id", "bom"])
        .plan(spacing),
    Row::new("F52", "comments, empty events and keep-alives in between", TURN).plan(keep_alives),
    Row::new("F63", "an error in the stream before any text", TURN).plan(error_first),
    Row::new("F64", "an error in the stream after some text", TURN).plan(error_after_text),
    Row::new("F65", "the error in another of its forms (`null` and `empty` are none)", TURN)
        .variants(&["text", "message", "top", "envelope", "status", "null", "empty"])
        .plan(error_form),
    Row::new(
        "F66",
        "cut off after some text; N ms later (2000) the chat has the whole answer",
        TURN,
    )
    .variants(&["eof", "fin", "rst"])
    .plan(truncated),
    Row::new(
        "F67",
        "the first event, then the end; N ms later (1000) the chat has the answer",
        TURN,
    )
    .variants(&["N"])
    .plan(only_created),
    Row::new("F68", "silence for N seconds (90), then thinking", TURN)
        .variants(&["N"])
        .plan(silence),
    Row::new("F69", "stopped elsewhere: `response.stopped` and the end", TURN).plan(stopped),
    Row::new("F70", "the connection stays open for N seconds (60) after the last event", TURN)
        .variants(&["N"])
        .plan(stays_open),
    Row::new("F71", "the content coding: flushed per event, held back, or cut off", TURN)
        .variants(&["gzip", "held", "truncated"])
        .plan(coding),
    Row::new("F106", "the content filter after the first event, as captured", TURN).plan(filtered),
    Row::new("F107", "`quota_limit` with a Chinese `detail` after the first event", TURN)
        .plan(quota_limit),
    Row::new("F108", "a bare error after the first event: a text, or an invalid input", TURN)
        .variants(&["text", "input"])
        .plan(bare_error),
    Row::new(
        "F109",
        "cut after `Hal`; N ms later (1000) there is `lo`; what a resume call gets",
        TURN,
    )
    .variants(&["rest", "whole", "empty", "busy", "gone", "parent"])
    .plan(resumable),
    Row::new("F110", "events of another candidate in between", TURN).plan(other_candidates),
];

fn created(plan: &mut Plan, call: &Call) {
    plan.dialect.created = if call.variant() == "tidy" { Created::Tidy } else { Created::Year2025 };
}

fn cut_anywhere(plan: &mut Plan, call: &Call) {
    plan.chunking = Some(call.variant().parse().unwrap_or(Chunking::Utf8));
}

fn done(plan: &mut Plan, call: &Call) {
    plan.ending = Ending::TerminalAnd(if call.variant() == "bare" {
        "data: [DONE]"
    } else {
        "data: [DONE]\n\n"
    });
}

fn spacing(plan: &mut Plan, call: &Call) {
    let dialect = &mut plan.dialect;
    match call.variant() {
        "crlf" => dialect.line_end = "\r\n",
        "noblank" => dialect.last_blank = false,
        "event" => dialect.prefix = "event: message\ndata: ",
        "id" => dialect.prefix = "id: 7\ndata: ",
        "bom" => dialect.opening = "\u{feff}",
        _ => dialect.prefix = "data:",
    }
}

/// One event with this JSON.
fn event(json: &str) -> String {
    format!("data: {json}\n\n")
}

fn keep_alives(plan: &mut Plan, _: &Call) {
    let info = r#"{"response.info": {"action": "keep_alive", "chat_id": "{C1}", "response_id": "{R1}", "timestamp": {T}}}"#;
    let phase = r#"{"choices": [{"delta": {"role": "assistant", "content": "", "phase": "KeepAlive", "status": "typing"}}], "response_id": "{R1}"}"#;
    let events = [": keepalive\n\n".to_owned(), "data: \n\n".to_owned(), event(info), event(phase)];
    plan.amid.extend(events.into_iter().map(Step::Raw));
}

fn failure(json: &str) -> Step {
    let stored =
        json!({"code": "Internal_Server_Error", "details": "the stream ended with an error"});
    Step::Failure { bytes: event(json), stored }
}

fn error_first(plan: &mut Plan, _: &Call) {
    let error = r#"{"error": {"code": "Too_Many_Requests", "details": "please slow down"}, "response_id": "{R1}"}"#;
    plan.before.push(failure(error));
}

fn error_after_text(plan: &mut Plan, _: &Call) {
    let error =
        r#"{"error": {"code": "Internal_Server_Error", "details": "x"}, "response_id": "{R1}"}"#;
    plan.amid.push(failure(error));
}

fn error_form(plan: &mut Plan, call: &Call) {
    let step = match call.variant() {
        "message" => failure(r#"{"error": {"message": "boom"}}"#),
        "top" => failure(r#"{"code": "RateLimited", "detail": "x"}"#),
        "envelope" => {
            failure(r#"{"success": false, "data": {"code": "Bad_Request", "details": "x"}}"#)
        }
        "status" => failure(
            r#"{"choices": [{"delta": {"role": "assistant", "content": "", "phase": "answer", "status": "error", "extra": {"error": {"code": "Internal_Server_Error", "details": "x"}}}}], "response_id": "{R1}"}"#,
        ),
        "null" => Step::Raw(event(r#"{"error": null, "response_id": "{R1}"}"#)),
        "empty" => Step::Raw(event(r#"{"error": {}, "response_id": "{R1}"}"#)),
        _ => failure(r#"{"error": "boom"}"#),
    };
    plan.amid.push(step);
}

fn truncated(plan: &mut Plan, call: &Call) {
    let how = Cut::named(call.variant()).unwrap_or(Cut::EndOfBody);
    plan.ending = Ending::Cut { deltas: 2, how, recovered: call.millis(1, 2_000) };
}

fn only_created(plan: &mut Plan, call: &Call) {
    let delay = call.millis(0, 1_000);
    plan.hidden = delay;
    plan.ending = Ending::Cut { deltas: 0, how: Cut::EndOfBody, recovered: delay };
}

fn silence(plan: &mut Plan, call: &Call) {
    plan.before.push(Step::Silence(call.number(0, 90).saturating_mul(1_000)));
    plan.before.push(Step::Summary {
        titles: vec!["Plan".to_owned()],
        thoughts: vec!["After a pause".to_owned()],
    });
}

fn stopped(plan: &mut Plan, _: &Call) {
    plan.ending = Ending::Stopped;
    plan.instead = Some(vec![Step::Text("Hal".to_owned())]);
}

fn stays_open(plan: &mut Plan, call: &Call) {
    plan.ending = Ending::TerminalThenSilence(Duration::from_secs(call.number(0, 60)));
}

fn coding(plan: &mut Plan, call: &Call) {
    plan.coding = Some(match call.variant() {
        "held" => OddCoding::Held,
        "truncated" => OddCoding::Truncated,
        _ => OddCoding::Gzip,
    });
    if plan.coding == Some(OddCoding::Truncated) {
        plan.ending = Ending::Cut { deltas: 2, how: Cut::EndOfBody, recovered: Duration::ZERO };
    }
}

/// Ends the answer with an error before any text.
fn last_words(plan: &mut Plan, error: serde_json::Value, json: &str) {
    plan.before.push(Step::Failure { bytes: event(json), stored: error });
}

fn filtered(plan: &mut Plan, _: &Call) {
    let error = json!({"code": "data_inspection_failed", "details": "内容不合规"});
    let bytes = r#"{"error": {"code": "data_inspection_failed", "modality": ["text"], "stage": "input", "details": "内容不合规"}, "response_id": "{R1}", "response_index": 0}"#;
    last_words(plan, error, bytes);
}

fn quota_limit(plan: &mut Plan, _: &Call) {
    let error = json!({"code": "quota_limit", "detail": "今日额度已用完"});
    let bytes = json!({"error": error}).to_string();
    last_words(plan, error, &bytes);
}

fn bare_error(plan: &mut Plan, call: &Call) {
    if call.variant() == "input" {
        let error = json!({"code": "invalid_input", "details": "x"});
        let bytes = json!({"error": error}).to_string();
        last_words(plan, error, &bytes);
    } else {
        let error = json!({"code": "internal_error", "details": "Internal error!"});
        last_words(plan, error, r#"{"error":"Internal error!"}"#);
    }
}

fn resumable(plan: &mut Plan, call: &Call) {
    plan.instead = Some(vec![Step::Text("Hal".to_owned()), Step::Text("lo".to_owned())]);
    plan.ending = Ending::Cut { deltas: 1, how: Cut::EndOfBody, recovered: call.millis(1, 1_000) };
    plan.resume = match call.variant() {
        "whole" => Resume::Whole,
        "empty" => Resume::Empty,
        "busy" => Resume::Refused("CHAT_IN_PROGRESS", "The chat is in progress!"),
        "gone" => Resume::Refused("CHAT_NOT_FOUND", CHAT_DELETED),
        "parent" => Resume::Refused("PARENT_NOT_FOUND", "The parent message is unknown."),
        _ => Resume::Rest,
    };
}

fn other_candidates(plan: &mut Plan, _: &Call) {
    let created = r#"{"response.created": {"chat_id": "{C1}", "parent_id": "{U1}", "response_id": "b0000000-0000-4000-8000-0000000000b9", "response_index": "1"}}"#;
    let piece = |index: &str, status: &str| {
        event(&format!(
            r#"{{"choices": [{{"delta": {{"role": "assistant", "content": "OTHER", "phase": "answer", "status": "{status}"}}}}], "response_id": "{{R1}}", "response_index": {index}}}"#
        ))
    };
    let events =
        [event(created), piece("1", "typing"), piece(r#""1""#, "typing"), piece("1", "finished")];
    plan.amid.extend(events.into_iter().map(Step::Raw));
}
