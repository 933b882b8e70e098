//! The account: who is signed in, token refresh, heart-beat, settings (protocol 1.1, 2.3, 2.4, 3).

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;

use super::Call;
use crate::local::faults::Fault;
use crate::local::reply::Reply;
use crate::local::routes::Kind;
use crate::local::store::StoreError;
use crate::local::store::account::{self, Claims, Form};

pub(super) async fn answer(
    call: &Call<'_>,
    claims: Option<&Claims>,
    faults: &[Fault],
) -> Result<Reply, StoreError> {
    Ok(match call.kind {
        Kind::Auths => current_user(call, claims),
        Kind::Identity => identity(call),
        Kind::SignIn => Reply::text("text/html", SIGN_IN_WALL),
        Kind::Refresh => refresh(call, faults).await?,
        Kind::RefreshOld => refresh_in_body(call).await?,
        Kind::Status => call.success(&json!(claims.is_some())),
        Kind::Settings => settings(call),
        _ => config(),
    })
}

/// What a sign-in by a program is answered with (protocol F97).
const SIGN_IN_WALL: &str =
    "<!doctypehtml><html><head><meta name=\"aliyun_waf_aa\"></head><body></body></html>";

/// `GET /api/v1/auths/`, the older refresh: a new token for one of the legacy form, no token
/// for a short one.
fn current_user(call: &Call, claims: Option<&Claims>) -> Reply {
    let account = &call.state.account;
    let mut user = json!({
        "id": account.id, "email": account.email, "name": account.name, "role": "user",
        "profile_image_url": "https://example.test/a.png",
        "permissions": {"workspace": {"models": false, "knowledge": false, "prompts": false, "tools": false},
                        "chat": {"file_upload": true, "delete": true, "edit": true, "temporary": true}},
        "tier": "normal",
    });
    if claims.is_some_and(|claims| claims.form == Form::Legacy) {
        let (token, expires) = call.state.token(Form::Legacy);
        user["token"] = json!(token);
        user["token_type"] = json!("Bearer");
        user["expires_at"] = json!(expires);
    }
    Reply::json(user)
}

/// `GET auth.qwen.ai/api/v2/auths/`.
fn identity(call: &Call) -> Reply {
    let account = &call.state.account;
    call.success(&json!({"user_id": account.id, "email": account.email, "name": account.name}))
}

/// `GET /api/v2/auths/refresh` with the refresh token as a cookie, or a long token in its place. The variants
/// of F87 differ in where the tokens are; the body is changed with the fault.
async fn refresh(call: &Call<'_>, faults: &[Fault]) -> Result<Reply, StoreError> {
    tokio::time::sleep(Duration::from_millis(call.state.refresh_delay.load(Ordering::Relaxed)))
        .await;
    let variant = faults.iter().find(|fault| fault.name() == "F87").map(Fault::variant);
    let now = call.state.clock.seconds();
    let presented = call.request.cookie("refresh_token").unwrap_or_default().to_owned();
    let is_long = call.claims().is_some_and(|claims| claims.form == Form::Legacy);
    let next = if presented.is_empty() && is_long {
        let issued =
            call.state.store.call(move |connection| account::new_refresh_token(connection, now));
        Some(issued.await?)
    } else if variant == Some("a") {
        let token = presented.clone();
        let known = call.state.store.call(move |connection| account::is_known(connection, &token));
        known.await?.then_some(presented)
    } else {
        rotated(call, presented).await?
    };
    let Some(next) = next else { return Ok(dead_refresh_token(call)) };
    let (token, _) = call.state.token(Form::Short);
    let mut reply = call.success(&json!({"access_token": token, "refresh_token": next}));
    if matches!(variant, None | Some("b" | "e")) {
        reply =
            reply.with_header("set-cookie", format!("token={token}; Path=/; Secure")).with_header(
                "set-cookie",
                format!("refresh_token={next}; Domain=.qwen.ai; Path=/; HttpOnly; Secure"),
            );
    }
    Ok(reply)
}

/// `POST /api/v2/auths/refresh`, the older form.
async fn refresh_in_body(call: &Call<'_>) -> Result<Reply, StoreError> {
    let presented = call.request.json()["refresh_token"].as_str().unwrap_or_default().to_owned();
    let Some(next) = rotated(call, presented).await? else { return Ok(dead_refresh_token(call)) };
    let (token, _) = call.state.token(Form::Legacy);
    Ok(Reply::json(json!({"success": true, "data": {"token": token, "refresh_token": next}})))
}

async fn rotated(call: &Call<'_>, presented: String) -> Result<Option<String>, StoreError> {
    let now = call.state.clock.seconds();
    call.state.store.call(move |connection| account::rotate(connection, &presented, now)).await
}

fn dead_refresh_token(call: &Call) -> Reply {
    let body =
        json!({"success": false, "request_id": call.request.id, "data": {"code": "Unauthorized"}});
    Reply::json(body).with_status(401)
}

fn settings(call: &Call) -> Reply {
    let tools = json!({"web_extractor": false, "web_search_image": false, "web_search": true, "image_gen_tool": false,
        "code_interpreter": false, "history_retriever": false, "image_edit_tool": false, "bio": false,
        "image_zoom_in_tool": false});
    call.success(&json!({"tools_enabled": tools, "memory": {"enable": false}, "mcp": {}}))
}

fn config() -> Reply {
    Reply::json(json!({
        "status": true, "name": "Qwen", "version": "0.4.4",
        "features": {"enable_project": true, "enable_subscription": false, "enable_anonymous": false,
                     "feature_feature": {},
                     "limits": {"project": {"project_max_count": 10, "project_file_max_count": 10}}},
        "permissions": {},
    }))
}
