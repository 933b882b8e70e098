//! F1 to F8, F47, F84 to F97: a refused token, in all its forms, and refreshes. F92, F93 and F95 are also
//! enforced without being armed.

#![allow(
    clippy::unnecessary_wraps,
    reason = "every row of the table takes functions of one signature"
)]

use serde_json::json;

use super::{Call, Row};
use crate::local::reply::Reply;
use crate::local::routes::Kind;
use crate::local::store::account;

/// Every call that needs an access token.
const SIGNED_IN: &[Kind] = &[
    Kind::Auths,
    Kind::Identity,
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
    Row::new("F84", "the refresh lacks `x-request-origin`", &[Kind::Refresh]).instead(no_origin),
    Row::new("F85", "the refresh lacks another plain header", &[Kind::Refresh]).instead(no_header),
    Row::new("F86", "the refresh token is revoked: status 200 and Russian words", &[Kind::Refresh])
        .instead(revoked),
    Row::new(
        "F87",
        "where the new tokens are: a no new refresh token, b only as cookie, c `refreshToken`, d `token`, \
         e access token only as cookie, f with `expires_at`",
        &[Kind::Refresh],
    )
    .variants(&["a", "b", "c", "d", "e", "f"])
    .rewrite(elsewhere),
    Row::new("F88", "the refresh gets a browser check, a 503, HTML or nothing", &[Kind::Refresh])
        .variants(&["check", "503", "403", "silence"])
        .instead(no_verdict),
    Row::new("F90", "a token without `type` is refused by every call", SIGNED_IN).instead(long_token),
    Row::new("F91", "a new chat is refused while `Version` is sent", &[Kind::New])
        .instead(new_version),
    Row::new("F92", "a completion without `Version` fails", &[Kind::Completions])
        .instead(no_version),
    Row::new("F93", "a completion without the cookie gets a browser check", &[Kind::Completions])
        .instead(bearer_only),
    Row::new("F94", "`Authorization` is refused", &[Kind::Settings, Kind::List, Kind::New])
        .instead(with_bearer),
    Row::new("F95", "tokens of two accounts in one request", SIGNED_IN).instead(mixed),
    Row::new("F96", "the old account call signs the browser out", &[Kind::Auths]).rewrite(signs_out),
    Row::new("F97", "the sign-in gets a browser check", &[Kind::SignIn]).instead(sign_in_wall),
];

fn no_origin(call: &Call) -> Option<Reply> {
    Some(Reply::failure(call.id(), "Bad_Request", "Missing origin"))
}

fn no_header(call: &Call) -> Option<Reply> {
    Some(Reply::failure(call.id(), "Bad_Request", "Invalid request header"))
}

fn revoked(call: &Call) -> Option<Reply> {
    Some(Reply::failure(call.id(), "Unauthorized", "Токен отозван, войдите снова"))
}

fn elsewhere(value: &mut serde_json::Value, call: &Call) {
    let Some(data) = value["data"].as_object_mut() else { return };
    match call.variant() {
        "c" => {
            let next = data.remove("refresh_token");
            data.extend(next.map(|next| ("refreshToken".to_owned(), next)));
        }
        "d" => {
            let token = data.remove("access_token");
            data.extend(token.map(|token| ("token".to_owned(), token)));
        }
        "e" => data.retain(|key, _| key == "refresh_token"),
        "f" => {
            data.insert("expires_at".to_owned(), json!(crate::local::clock::seconds() + 900));
        }
        _ => data.retain(|key, _| key == "access_token"),
    }
}

fn no_verdict(call: &Call) -> Option<Reply> {
    Some(match call.variant() {
        "503" => Reply::text("text/html", "<html>503 Service Unavailable</html>").with_status(503),
        "403" => Reply::text("text/html", "<html>403 Forbidden</html>").with_status(403),
        "silence" => Reply::json(json!({})).after(std::time::Duration::MAX),
        _ => Reply::browser_check(),
    })
}

fn long_token(call: &Call) -> Option<Reply> {
    let token = call.request.token()?;
    if account::has_type(token) { None } else { expired(call) }
}

fn new_version(call: &Call) -> Option<Reply> {
    call.request.header("version")?;
    Some(Reply::failure(call.id(), "unauthorized", "401 Unauthorized"))
}

fn no_version(call: &Call) -> Option<Reply> {
    let has_version = call.request.header("version").is_some();
    (!has_version)
        .then(|| Reply::failure(call.id(), "Bad_Request", "Internal error, please try again"))
}

fn bearer_only(call: &Call) -> Option<Reply> {
    call.request.cookie("token").is_none().then(Reply::browser_check)
}

fn with_bearer(call: &Call) -> Option<Reply> {
    call.request.bearer()?;
    expired(call)
}

fn mixed(call: &Call) -> Option<Reply> {
    let (bearer, cookie) = (call.request.bearer()?, call.request.cookie("token")?);
    (account::id_in(bearer) != account::id_in(cookie)).then(Reply::browser_check)
}

/// The browser's token is replaced, as its page finds out.
fn signs_out(value: &mut serde_json::Value, _: &Call) {
    value["token"] = json!("");
}

fn sign_in_wall(_: &Call) -> Option<Reply> {
    Some(Reply::text("text/html", "<!doctypehtml><meta name=\"aliyun_waf_aa\">"))
}

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
