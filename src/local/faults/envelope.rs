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
    match value {
        // The tree is keyed by message id: a new member there would be a new message.
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                if key == "messages" && member.is_object() {
                    member
                        .as_object_mut()
                        .into_iter()
                        .flatten()
                        .for_each(|(_, message)| add_unknown(message));
                } else {
                    add_unknown(member);
                }
            }
            members.insert("x_new".to_owned(), json!({"a": [1]}));
        }
        other => add_unknown(other),
    }
}

fn add_unknown(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let is_tree = members.values().all(Value::is_object) && members.len() > 1;
            members.values_mut().for_each(add_unknown);
            if !is_tree {
                members.insert("x_new".to_owned(), json!({"a": [1]}));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(add_unknown),
        _ => {}
    }
}

fn unknown_phase(plan: &mut Plan, _: &Call) {
    plan.dialect.extra_member = r#", "x_new": {"a": [1]}"#;
    let event = r#"data: {"choices": [{"delta": {"role": "assistant", "content": "tool text", "phase": "quantum_tool", "status": "typing", "x_new": {"a": [1]}}}], "response_id": "{R1}", "timestamp": {T}}"#;
    plan.amid.push(Step::Raw(format!("{event}\n\n")));
}
