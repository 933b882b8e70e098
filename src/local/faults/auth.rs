//! F1 to F8, F47: a refused token, in all its forms.

#![allow(
    clippy::unnecessary_wraps,
    reason = "every row of the table takes functions of one signature"
)]

use serde_json::json;

use super::{Call, Row};
use crate::local::reply::Reply;
use crate::local::routes::Kind;

/// Every call that needs an access token.
const SIGNED_IN: &[Kind] = &[
    Kind::Auths,
    Kind::Settings,
    Kind::List,
    Kind::Pinned,
    Kind::Archived,
    Kind::Search,
    Kind::New,
    Kind::Detail,
    Kind::Update,
    Kind::Delete,
    Kind::Archive,
    Kind::Pin,
    Kind::Completions,
    Kind::Stop,
];

pub(super) const ROWS: &[Row] = &[
    Row::new("F1", "the token has expired: a failure envelope under status 200", SIGNED_IN)
        .instead(expired),
    Row::new("F2", "the same without the envelope", SIGNED_IN).instead(bare),
    Row::new("F3", "a real 401 or 403, with a body or without", SIGNED_IN)
        .variants(&["401", "403", "empty"])
        .instead(real),
    Row::new("F4", "status 200, and only `x-actual-status-code` says 401", SIGNED_IN)
        .instead(only_header),
    Row::new("F5", "signed out, reported with success", &[Kind::Status, Kind::Auths])
        .instead(signed_out),
    Row::new("F6", "the refresh token has been used before", &[Kind::Refresh, Kind::RefreshOld])
        .instead(used),
    Row::new(
        "F7",
        "the current user comes without a new token, or with the old one",
        &[Kind::Auths],
    )
    .variants(&["without", "same"])
    .rewrite(no_new_token),
    Row::new(
        "F8",
        "the token expires while a stream runs: the next call is refused",
        &[Kind::Completions],
    )
    .next("F1"),
    Row::new(
        "F47",
        "an auth failure that calls itself a rate limit",
        &[Kind::New, Kind::Completions],
    )
    .instead(disguised),
];

fn expired(call: &Call) -> Option<Reply> {
    let details = "Token has expired, please log in again.";
    Some(Reply::failure(call.id(), "unauthorized", details))
}

fn bare(_: &Call) -> Option<Reply> {
    Some(Reply::json(json!({"code": "Unauthorized", "message": "Unauthorized"})))
}

fn real(call: &Call) -> Option<Reply> {
    Some(match call.variant() {
        "403" => Reply::json(json!({"detail": "403 Forbidden"})).with_status(403),
        "empty" => Reply::text("application/json", "").with_status(401),
        _ => Reply::json(json!({"detail": "401 Unauthorized"})).with_status(401),
    })
}

fn only_header(_: &Call) -> Option<Reply> {
    Some(Reply::json(json!({})).effectively(401))
}

fn signed_out(call: &Call) -> Option<Reply> {
    Some(match call.kind {
        Kind::Status => Reply::success(call.id(), &json!(false)),
        _ => Reply::json(json!({"id": "", "email": "", "name": ""})),
    })
}

fn used(call: &Call) -> Option<Reply> {
    let body = json!({"success": false, "request_id": call.id(), "data": {"code": "Unauthorized"}});
    Some(Reply::json(body).with_status(401))
}

fn no_new_token(value: &mut serde_json::Value, call: &Call) {
    let Some(user) = value.as_object_mut() else { return };
    if call.variant() == "same" {
        user.insert("token".to_owned(), json!(call.request.token()));
    } else {
        user.retain(|key, _| matches!(key.as_str(), "id" | "email" | "name" | "role"));
        user.insert("email".to_owned(), json!("l***@example.test"));
    }
}

fn disguised(call: &Call) -> Option<Reply> {
    Some(Reply::failure(call.id(), "RateLimited", "request failed: 401 Unauthorized"))
}
