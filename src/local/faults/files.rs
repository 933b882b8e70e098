//! F79 to F82, F114 to F123: uploads. F81, F116, F118 and F122 are also enforced without being armed.

#![allow(
    clippy::unnecessary_wraps,
    reason = "every row of the table takes functions of one signature"
)]

use serde_json::{Value, json};

use super::{Call, Row};
use crate::engine::Step;
use crate::local::bucket;
use crate::local::reply::Reply;
use crate::local::routes::Kind;
use crate::local::stream::{Ending, Plan};

const STS: &[Kind] = &[Kind::Sts, Kind::StsOld];
const BUCKET: &[Kind] = &[Kind::Bucket];
const TURN: &[Kind] = &[Kind::Completions];

pub(super) const ROWS: &[Row] = &[
    Row::new("F79", "the upload credentials are bare and name no endpoint", STS).rewrite(bare),
    Row::new("F80", "the bucket refuses the signature, the key or the clock", BUCKET)
        .variants(&["SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied", "skew"])
        .instead(rejected),
    Row::new("F81", "the object's key has a space, `#`, `%` and letters beyond ASCII", STS)
        .rewrite(odd_name),
    Row::new(
        "F82",
        "the document is being parsed, twice, then parsing fails",
        &[Kind::ParseStatus],
    )
    .rewrite(unsupported),
    Row::new("F114", "the upload budget is used up, once; `N` allows N calls in 75 s", STS)
        .times(1)
        .variants(&["N"])
        .instead(budget),
    Row::new("F115", "the upload credentials are bare, in an envelope, or missing", STS)
        .variants(&["bare", "enveloped", "empty"])
        .rewrite(shape),
    Row::new("F116", "the file information is invalid", STS).instead(invalid),
    Row::new("F117", "the endpoint in another form, missing, or of a foreign host", STS)
        .variants(&["scheme", "bucket", "missing", "prefixed", "evil"])
        .rewrite(endpoint),
    Row::new("F118", "the bucket refuses digest, region, key or content type", BUCKET)
        .variants(&["digest", "region", "key", "type"])
        .instead(strict),
    Row::new("F119", "the upload credentials have expired, once", BUCKET).times(1).instead(stale),
    Row::new(
        "F120",
        "parsing: a gateway page once, for ever, as a map, no row, failed",
        &[Kind::Parse, Kind::ParseStatus],
    )
    .variants(&["504", "running", "map", "missing", "failed"])
    .instead(parse_gateway)
    .rewrite(parse),
    Row::new("F121", "the file of an earlier upload is refused, once", TURN)
        .times(1)
        .plan(invalid_input),
    Row::new("F122", "media of two kinds in one prompt are refused", TURN).plan(invalid_input),
    Row::new("F123", "no model takes pictures", &[Kind::Models, Kind::ModelsV2]).rewrite(blind),
];

/// The members of the answer, in its envelope or bare.
fn members(value: &mut Value) -> &mut Value {
    if value.get("success").is_some() { &mut value["data"] } else { value }
}

fn bare(value: &mut Value, _: &Call) {
    let mut inner = members(value).take();
    if let Some(inner) = inner.as_object_mut() {
        inner.remove("endpoint");
    }
    *value = inner;
}

fn odd_name(value: &mut Value, _: &Call) {
    let data = members(value);
    if let Some(path) = data["file_path"].as_str() {
        data["file_path"] = json!(format!("{path}{}", bucket::ODD_ENDING));
    }
}

fn shape(value: &mut Value, call: &Call) {
    let data = members(value).take();
    *value = match call.variant() {
        "empty" => json!({"success": true, "request_id": call.id(), "data": {}}),
        "enveloped" => json!({"success": true, "request_id": call.id(), "data": data}),
        _ => data,
    };
}

fn endpoint(value: &mut Value, call: &Call) {
    let data = members(value);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (endpoint, path) = (text(&data["endpoint"]), text(&data["file_path"]));
    match call.variant() {
        "bucket" => data["endpoint"] = json!(format!("qwen-webui-prod.{endpoint}")),
        "missing" => data["endpoint"] = Value::Null,
        "prefixed" => data["file_path"] = json!(format!("qwen-webui-prod/{path}")),
        "evil" => data["endpoint"] = json!("evil.example"),
        _ => data["endpoint"] = json!(format!("http://{endpoint}")),
    }
}

fn rejected(call: &Call) -> Option<Reply> {
    Some(bucket::refusal(
        403,
        match call.variant() {
            "InvalidAccessKeyId" => "InvalidAccessKeyId",
            "AccessDenied" => "AccessDenied",
            "skew" => "RequestTimeTooSkewed",
            _ => "SignatureDoesNotMatch",
        },
        "EXAMPLE",
    ))
}

fn strict(call: &Call) -> Option<Reply> {
    Some(match call.variant() {
        "region" => bucket::refusal(400, "InvalidArgument", "Invalid signing region"),
        "key" => bucket::refusal(403, "AccessDenied", "Access denied by authorizer's policy."),
        "type" => bucket::refusal(403, "SignatureDoesNotMatch", "EXAMPLE"),
        _ => bucket::refusal(400, "InvalidArgument", bucket::UNSIGNED_ONLY),
    })
}

fn stale(_: &Call) -> Option<Reply> {
    Some(bucket::refusal(403, "SecurityTokenExpired", "The security token has expired."))
}

fn budget(call: &Call) -> Option<Reply> {
    call.variant().is_empty().then(|| used_up(call.id()))
}

/// The refusal of an upload above the budget.
pub(in crate::local) fn used_up(request_id: &str) -> Reply {
    Reply::failure(request_id, "RateLimited", "Too many requests")
}

fn invalid(call: &Call) -> Option<Reply> {
    Some(Reply::failure(call.id(), "Bad_Request", "Invalid file information!"))
}

fn parse_gateway(call: &Call) -> Option<Reply> {
    let is_here = call.kind == Kind::Parse && matches!(call.variant(), "" | "504");
    let page = "<html><head><title>504 Gateway Time-out</title></head><body></body></html>";
    is_here.then(|| Reply::text("text/html", page).with_status(504))
}

fn unsupported(value: &mut Value, call: &Call) {
    each_row(value, |row| {
        if row["status"] == "success" {
            fail(row);
        }
    });
    let _ = call;
}

fn fail(row: &mut Value) {
    row["status"] = json!("failed");
    row["error_msg"] = json!("unsupported");
    row["error_code"] = json!("X");
}

fn each_row(value: &mut Value, change: impl Fn(&mut Value)) {
    value["data"].as_array_mut().into_iter().flatten().for_each(change);
}

fn parse(value: &mut Value, call: &Call) {
    if call.kind != Kind::ParseStatus {
        return;
    }
    match call.variant() {
        "running" => each_row(value, |row| row["status"] = json!("running")),
        "failed" => each_row(value, fail),
        "missing" => value["data"] = json!([]),
        "map" => {
            let rows = value["data"].take();
            let rows = rows.as_array().into_iter().flatten();
            let rows = rows.map(|row| {
                let id = row["file_id"].as_str().unwrap_or_default().to_owned();
                (id, json!({"status": row["status"]}))
            });
            value["data"] = Value::Object(rows.collect());
        }
        _ => {}
    }
}

fn invalid_input(plan: &mut Plan, _: &Call) {
    refuse_files(plan);
}

/// Ends the answer as the service does for files that it cannot use.
pub(in crate::local) fn refuse_files(plan: &mut Plan) {
    let stored = json!({"code": "invalid_input", "details": "Invalid input"});
    let bytes = json!({"error": stored, "response_id": "{R1}"}).to_string();
    plan.before.push(Step::Failure { bytes: format!("data: {bytes}\n\n"), stored });
    plan.ending = Ending::Bare;
}

fn blind(value: &mut Value, _: &Call) {
    let list =
        if value["data"].is_array() { &mut value["data"] } else { &mut value["data"]["data"] };
    for model in list.as_array_mut().into_iter().flatten() {
        let meta = &mut model["info"]["meta"];
        for name in ["capabilities", "abilities"] {
            if let Some(abilities) = meta[name].as_object_mut() {
                abilities.remove("vision");
            }
        }
    }
}
