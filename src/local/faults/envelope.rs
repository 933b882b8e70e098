//! F10, F11, F17: envelopes that say one thing and mean another.

#![allow(
    clippy::unnecessary_wraps,
    reason = "every row of the table takes functions of one signature"
)]

use serde_json::{Value, json};

use super::{Call, Row};
use crate::local::engine::Step;
use crate::local::reply::Reply;
use crate::local::routes::Kind;
use crate::local::stream::Plan;

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
