//! F15, F16, F18 to F21: lists of chats that mislead.

#![allow(
    clippy::unnecessary_wraps,
    reason = "every row of the table takes functions of one signature"
)]

use serde_json::{Value, json};

use super::{Call, Row};
use crate::local::clock;
use crate::local::reply::Reply;
use crate::local::routes::Kind;

const LISTS: &[Kind] = &[Kind::List, Kind::Pinned, Kind::Archived, Kind::Search];

pub(super) const ROWS: &[Row] = &[
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
