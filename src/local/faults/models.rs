//! F12 to F14: the list of models, wrapped and furnished differently.

#![allow(
    clippy::unnecessary_wraps,
    reason = "every row of the table takes functions of one signature"
)]

use serde_json::{Value, json};

use super::{Call, Row};
use crate::local::reply::Reply;
use crate::local::routes::Kind;

const MODELS: &[Kind] = &[Kind::Models, Kind::ModelsV2];

pub(super) const ROWS: &[Row] = &[
    Row::new("F12", "the models in another of their three wrappings", MODELS)
        .variants(&["bare", "double", "models"])
        .rewrite(wrapped),
    Row::new("F13", "no models at all", MODELS).rewrite(empty),
    Row::new("F14", "models with missing members", MODELS).instead(poor),
];

/// The list, wherever it is.
fn list(value: &mut Value) -> Value {
    match value["data"].take() {
        Value::Object(mut inner) => inner.remove("data").unwrap_or_default(),
        list => list,
    }
}

fn wrapped(value: &mut Value, call: &Call) {
    let list = list(value);
    *value = match call.variant() {
        "bare" => json!({"data": list}),
        "double" => json!({"success": true, "request_id": call.id(), "data": {"data": list}}),
        _ => json!({"success": true, "data": {"models": list}}),
    };
}

fn empty(value: &mut Value, _: &Call) {
    if value["data"].is_array() {
        value["data"] = json!([]);
    } else {
        value["data"]["data"] = json!([]);
    }
}

fn poor(call: &Call) -> Option<Reply> {
    let models = json!([{"id": "m1", "name": "M1", "info": {"meta": {}}}, {"id": "m2"}]);
    Some(match call.kind {
        Kind::Models => Reply::json(json!({"data": models})),
        _ => Reply::success(call.id(), &json!({"data": models})),
    })
}
