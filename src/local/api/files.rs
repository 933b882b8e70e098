//! Uploads: credentials for one key of the bucket, and the parsing of documents (protocol 10).

use serde_json::{Value, json};
use uuid::Uuid;

use super::Call;
use crate::local::bucket;
use crate::local::faults::{Fault, used_up};
use crate::local::reply::Reply;
use crate::local::routes::Kind;
use crate::local::store::StoreError;
use crate::local::store::uploads::{self, Upload};

/// Seconds that upload credentials are valid.
const LIFETIME: i64 = 300;
/// Seconds of the window of the upload budget (F114).
const WINDOW: i64 = 75;
/// The longest name of a file, in characters.
const MAX_NAME: usize = 255;
/// The largest document that is looked into, in bytes.
const MAX_TEXT: usize = 20 << 20;

pub(super) async fn answer(call: &Call<'_>, faults: &[Fault]) -> Result<Reply, StoreError> {
    match call.kind {
        Kind::Parse => parse(call).await,
        Kind::ParseStatus => parse_status(call, faults).await,
        Kind::FileLink => Ok(link(call)),
        _ => credentials(call, faults).await,
    }
}

async fn credentials(call: &Call<'_>, faults: &[Fault]) -> Result<Reply, StoreError> {
    let state = call.state;
    let body = call.request.json();
    let name = body["filename"].as_str().unwrap_or_default();
    let kind = body["filetype"].as_str().unwrap_or_default();
    let size = match &body["filesize"] {
        Value::String(digits) => digits.parse::<u64>().ok(),
        size => size.as_u64(),
    };
    let is_valid = matches!(kind, "image" | "video" | "audio" | "file")
        && size.is_some_and(|size| size > 0)
        && (1..=MAX_NAME).contains(&name.chars().count())
        && !name.contains(['/', '\\', '\0', '\n']);
    if !is_valid {
        return Ok(call.failure("Bad_Request", "Invalid file information!"));
    }
    let now = state.clock.seconds();
    let allowed = faults.iter().find(|fault| fault.name() == "F114");
    let allowed = allowed.and_then(|fault| fault.variant().parse().ok());
    if !state.journal.may_upload(now, WINDOW, allowed) {
        return Ok(used_up(&call.request.id));
    }
    let id = Uuid::new_v4().to_string();
    let upload = Upload {
        path: format!("{}/{id}_{name}", state.account.id),
        name: name.to_owned(),
        kind: kind.to_owned(),
        key_id: format!("STS.LOCAL{}", Uuid::new_v4().simple()),
        secret: Uuid::new_v4().simple().to_string(),
        security_token: format!("LOCAL-SECURITY-TOKEN-{}", Uuid::new_v4().simple()),
        expires_at: now + LIFETIME,
        id,
        ..Upload::default()
    };
    let data = json!({
        "access_key_id": upload.key_id, "access_key_secret": upload.secret,
        "security_token": upload.security_token, "file_url": bucket::link(state, &upload.path),
        "file_path": upload.path, "file_id": upload.id, "bucketname": bucket::NAME,
        "region": bucket::REGION, "endpoint": state.address.to_string(),
    });
    state.store.call(move |connection| uploads::add(connection, &upload)).await?;
    Ok(if call.kind == Kind::StsOld { Reply::json(data) } else { call.success(&data) })
}

async fn parse(call: &Call<'_>) -> Result<Reply, StoreError> {
    let body = call.request.json();
    let id = body["file_id"].as_str().unwrap_or_default().to_owned();
    let found = {
        let id = id.clone();
        call.state.store.call(move |connection| uploads::parse(connection, &id)).await?
    };
    Ok(if found {
        call.success(&json!({"file_id": id}))
    } else {
        call.failure("Bad_Request", "The file does not exist.")
    })
}

async fn parse_status(call: &Call<'_>, faults: &[Fault]) -> Result<Reply, StoreError> {
    let body = call.request.json();
    let ids = body["file_id_list"].as_array().into_iter().flatten();
    let ids: Vec<_> = ids.filter_map(|id| id.as_str().map(str::to_owned)).take(100).collect();
    let is_slow = faults.iter().any(|fault| fault.name() == "F82");
    let running = if is_slow { 2 } else { i64::from(!call.state.pace.is_zero()) };
    // An engine gets the text of a document; what is none cannot be read here.
    let only_text = call.state.engine.url().is_some();
    let read = move |connection: &rusqlite::Connection| {
        let mut rows = Vec::new();
        for id in ids {
            let Some(polls) = uploads::poll(connection, &id)? else { continue };
            let is_readable = !only_text
                || uploads::bytes(connection, &id, MAX_TEXT)?
                    .is_some_and(|bytes| String::from_utf8(bytes).is_ok());
            let (status, error) = if polls <= running {
                ("running", "")
            } else if is_readable {
                ("success", "")
            } else {
                ("failed", "the engine reads pictures and text files only")
            };
            rows.push(json!({"file_id": id, "status": status, "error_msg": error,
                "error_code": null, "retry": false}));
        }
        Ok(rows)
    };
    let rows = call.state.store.call(read).await?;
    Ok(call.success(&json!(rows)))
}

/// A fresh address in place of an expired one.
fn link(call: &Call) -> Reply {
    let body = call.request.json();
    let path = body["fileUrl"].as_str().and_then(|url| {
        let path = url.split(['?', '#']).next()?;
        path.split_once(&format!("/{}/", bucket::NAME)).map(|(_, path)| path)
    });
    match path {
        Some(path) => {
            let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
            call.success(&json!({"fileUrl": bucket::link(call.state, &path)}))
        }
        None => call.failure("Bad_Request", "Invalid file information!"),
    }
}
