//! F10 to F21: envelopes, lists of models and lists of chats with misleading content.

#![allow(
    clippy::unnecessary_wraps,
    reason = "every row of the table takes functions of one signature"
)]

use serde_json::{Value, json};

use super::{Call, Row};
use crate::engine::Step;
use crate::local::clock;
use crate::local::reply::Reply;
use crate::local::routes::Kind;
use crate::local::stream::Plan;

const LISTS: &[Kind] = &[Kind::List, Kind::Pinned, Kind::Archived, Kind::Search];
const MODELS: &[Kind] = &[Kind::Models, Kind::ModelsV2];

pub(super) const ROWS: &[Row] = &[
    Row::new(
        "F10",
        "`success:true` with an error code inside",
        &[Kind::New, Kind::List, Kind::Detail],
    )
    .instead(contradictory),
    Row::new(
        "F11",
        "success without `data`: fine after a change, a changed shape for a list",
        &[Kind::Delete, Kind::Update, Kind::List, Kind::Pinned, Kind::Archived, Kind::Search],
    )
    .rewrite(without_data),
    Row::new(
        "F17",
        "unknown members everywhere, and an unknown phase",
        &[
            Kind::Models,
            Kind::ModelsV2,
            Kind::Auths,
            Kind::List,
            Kind::New,
            Kind::Detail,
            Kind::Completions,
        ],
    )
    .rewrite(unknown_members)
    .plan(unknown_phase),
    Row::new("F12", "the models in another of their three wrappings", MODELS)
        .variants(&["bare", "double", "models"])
        .rewrite(wrapped_models),
    Row::new("F13", "no models at all", MODELS).rewrite(no_models),
    Row::new("F14", "models with missing members", MODELS).instead(poor_models),
    Row::new("F15", "timestamps as strings, title and type null", LISTS).rewrite(stringly),
    Row::new("F16", "`project_id` is an empty string instead of null", LISTS)
        .rewrite(empty_project),
    Row::new("F18", "132 chats on pages of 60, 59 and 13, then an empty one", &[Kind::List])
        .instead(short_pages),
    Row::new("F19", "every page is the same", &[Kind::List]).instead(same_page),
    Row::new("F20", "the last row of a page comes again as first of the next", &[Kind::List])
        .instead(moving),
    Row::new(
        "F21",
        "a new chat (up to N ms old) is missing, a deleted one is still listed",
        &[Kind::List],
    )
    .variants(&["N"])
    .rewrite(late),
];

fn contradictory(call: &Call) -> Option<Reply> {
    Some(Reply::success(call.id(), &json!({"code": "Internal_Server_Error", "details": "x"})))
}

fn without_data(value: &mut Value, _: &Call) {
    if let Some(envelope) = value.as_object_mut() {
        envelope.remove("data");
    }
}

fn unknown_members(value: &mut Value, _: &Call) {
    add_unknown(value, false);
}

/// Adds a member to every object. A tree of messages is keyed by their ids, so a member there would
/// be a message.
fn add_unknown(value: &mut Value, is_tree: bool) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                add_unknown(member, key == "messages");
            }
            if !is_tree {
                members.insert("x_new".to_owned(), json!({"a": [1]}));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| add_unknown(item, false)),
        _ => {}
    }
}

fn unknown_phase(plan: &mut Plan, _: &Call) {
    plan.dialect.extra_member = r#", "x_new": {"a": [1]}"#;
    let event = r#"data: {"choices": [{"delta": {"role": "assistant", "content": "tool text", "phase": "quantum_tool", "status": "typing", "x_new": {"a": [1]}}}], "response_id": "{R1}", "timestamp": {T}}"#;
    plan.amid.push(Step::Raw(format!("{event}\n\n")));
}

/// The list in either envelope.
fn model_list(value: &mut Value) -> Value {
    match value["data"].take() {
        Value::Object(mut inner) => inner.remove("data").unwrap_or_default(),
        list => list,
    }
}

fn wrapped_models(value: &mut Value, call: &Call) {
    let list = model_list(value);
    *value = match call.variant() {
        "bare" => json!({"data": list}),
        "double" => json!({"success": true, "request_id": call.id(), "data": {"data": list}}),
        _ => json!({"success": true, "data": {"models": list}}),
    };
}

fn no_models(value: &mut Value, _: &Call) {
    if value["data"].is_array() {
        value["data"] = json!([]);
    } else {
        value["data"]["data"] = json!([]);
    }
}

fn poor_models(call: &Call) -> Option<Reply> {
    let models = json!([{"id": "m1", "name": "M1", "info": {"meta": {}}}, {"id": "m2"}]);
    Some(match call.kind {
        Kind::Models => Reply::json(json!({"data": models})),
        _ => Reply::success(call.id(), &json!({"data": models})),
    })
}

fn rows(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value["data"].as_array_mut().into_iter().flatten()
}

fn stringly(value: &mut Value, _: &Call) {
    for row in rows(value) {
        for key in ["updated_at", "created_at"] {
            row[key] = json!(row[key].to_string());
        }
        row["title"] = Value::Null;
        row["chat_type"] = Value::Null;
    }
}

fn empty_project(value: &mut Value, _: &Call) {
    rows(value).for_each(|row| row["project_id"] = json!(""));
}

/// An invented chat of a list, the newest being number 0.
fn row(number: i64) -> Value {
    let time = 1_790_000_000 - number * 60;
    json!({"id": format!("c0000000-0000-4000-8000-{number:012}"), "title": format!("Chat {number}"),
        "updated_at": time, "created_at": time, "chat_type": "t2t", "project_id": null, "pinned": false,
        "content": null, "highlight_indexes": null, "message_id": null})
}

fn page_of(call: &Call) -> i64 {
    call.request.query("page").and_then(|page| page.parse().ok()).unwrap_or(1)
}

fn page(call: &Call, numbers: std::ops::Range<i64>) -> Option<Reply> {
    Some(Reply::success(call.id(), &numbers.map(row).collect()))
}

fn short_pages(call: &Call) -> Option<Reply> {
    match page_of(call) {
        1 => page(call, 0..60),
        2 => page(call, 60..119),
        3 => page(call, 119..132),
        _ => page(call, 0..0),
    }
}

fn same_page(call: &Call) -> Option<Reply> {
    page(call, 0..60)
}

fn moving(call: &Call) -> Option<Reply> {
    match page_of(call) {
        1 => page(call, 0..60),
        2 => page(call, 59..100),
        _ => page(call, 0..0),
    }
}

fn late(value: &mut Value, call: &Call) {
    let window = i64::try_from(call.number(0, 1_000)).unwrap_or(i64::MAX);
    let seen = (clock::millis().saturating_sub(window)).div_euclid(1000);
    let first_page = page_of(call) == 1;
    if let Some(rows) = value["data"].as_array_mut() {
        rows.retain(|row| row["created_at"].as_i64().is_none_or(|created| created < seen));
        if first_page {
            rows.push(row(0));
        }
    }
}
