//! JSON bodies of the upstream, spelled as protocol 1.3, 2, 4 and 5 spell them.

use serde_json::{Value, json};

use super::response::Response;

/// An account.
pub const USER: &str = "11111111-1111-4111-8111-111111111111";
/// A chat.
pub const C1: &str = "c0000000-0000-4000-8000-0000000000c1";
/// The prompts of that chat.
pub const U1: &str = "a0000000-0000-4000-8000-0000000000a1";
pub const U2: &str = "a0000000-0000-4000-8000-0000000000a2";
/// Its replies.
pub const R1: &str = "b0000000-0000-4000-8000-0000000000b1";
pub const R2: &str = "b0000000-0000-4000-8000-0000000000b2";

/// `body` as it is.
pub fn json(body: impl Into<Vec<u8>>) -> Response {
    Response::new("application/json", body)
}

/// A success with `data`.
#[allow(clippy::needless_pass_by_value, reason = "reads better with `json!` at the call")]
pub fn envelope(data: Value) -> Response {
    json(json!({"success": true, "request_id": "Q1", "data": data}).to_string())
}

/// A refusal under status 200.
pub fn refusal(code: &str, details: &str) -> Response {
    json(refusal_body(code, details))
}

/// The body of a refusal.
pub fn refusal_body(code: &str, details: &str) -> String {
    let data = json!({"code": code, "details": details});
    json!({"success": false, "request_id": "Q1", "data": data}).to_string()
}

/// F1.
pub fn unauthorized() -> Response {
    refusal("unauthorized", "Token has expired, please log in again.")
}

/// F22.
pub fn gone() -> Response {
    refusal("Not_Found", "This conversation has been deleted.")
}

/// F32.
pub fn quota() -> &'static str {
    r#"{"success":false,"request_id":"Q1","data":{"code":"RateLimited","details":"You've reached the upper limit for today's usage.","num":3}}"#
}

/// The account with a new token, bare (protocol 2.3).
pub fn account(token: &str) -> Response {
    let mut body = json!({"id": USER, "email": "t***@example.test", "name": "T", "role": "user"});
    if !token.is_empty() {
        body["token"] = token.into();
        body["token_type"] = "Bearer".into();
    }
    json(body.to_string())
}

/// A user's message.
pub fn prompt(id: &str, parent: Option<&str>, text: &str, children: &[&str]) -> Value {
    json!({"id": id, "role": "user", "content": text, "models": ["qwen-example-max"],
        "chat_type": "t2t", "sub_chat_type": "t2t", "edited": false, "error": null,
        "extra": {"meta": {"subChatType": "t2t"}}, "parentId": parent, "turn_id": null,
        "childrenIds": children, "files": [], "timestamp": 1_790_000_001})
}

/// A finished assistant message as of 2026: the text is in `content_list`.
pub fn answer(id: &str, parent: &str, text: &str) -> Value {
    reply(id, parent, json!([part("answer", text)]))
}

/// The same while it is being written.
pub fn unfinished(id: &str, parent: &str, text: &str) -> Value {
    let mut message = reply(id, parent, json!([part("answer", text)]));
    message["content_list"][0]["status"] = "typing".into();
    message["done"] = false.into();
    message["extra"] = json!({"meta": {"subChatType": "t2t"}});
    message
}

/// A finished assistant message with this `content_list`.
#[allow(clippy::needless_pass_by_value, reason = "reads better with `json!` at the call")]
pub fn reply(id: &str, parent: &str, content_list: Value) -> Value {
    json!({"id": id, "role": "assistant", "content": "", "reasoning_content": null,
        "chat_type": "t2t", "sub_chat_type": "t2t", "model": "qwen-example-max",
        "modelName": "Qwen-Example-Max", "modelIdx": 0, "parentId": parent, "childrenIds": [],
        "content_list": content_list, "is_stop": false, "edited": false, "error": null,
        "meta": {}, "extra": {"meta": {"subChatType": "t2t"}, "endTime": 1_790_000_004.512},
        "feedbackId": null, "turn_id": null, "annotation": null, "done": true, "info": null,
        "timestamp": 1_790_000_002})
}

/// One entry of a `content_list`.
pub fn part(phase: &str, text: &str) -> Value {
    json!({"content": text, "phase": phase, "status": "finished", "extra": null,
        "role": "assistant", "timestamp": 1_790_000_004,
        "usage": {"input_tokens": 20, "output_tokens": 4, "total_tokens": 24}})
}

/// The payload of `GET /api/v2/chats/C1` (protocol 5.5): the last of `messages` is current.
pub fn detail(messages: &[Value]) -> Value {
    let current = messages.last().map(|message| message["id"].clone()).unwrap_or_default();
    let map: serde_json::Map<String, Value> = messages
        .iter()
        .map(|message| (message["id"].as_str().expect("an id").to_owned(), message.clone()))
        .collect();
    let newest = if current.is_null() { json!([]) } else { json!([current]) };
    json!({"id": C1, "user_id": USER, "title": "Trip plan",
        "chat": {
            "history": {"messages": map, "currentId": current, "currentResponseIds": newest},
            "models": ["qwen-example-max"], "messages": messages},
        "updated_at": 1_790_000_100, "created_at": 1_790_000_000, "share_id": null,
        "archived": false, "pinned": false, "meta": {"timestamp": 1_790_000_000_000_i64, "tags": []},
        "folder_id": null, "currentResponseIds": newest, "currentId": current, "chat_type": "t2t",
        "models": null, "project_id": null, "data_source": null})
}

/// A chat of one turn, whose reply is `reply`.
pub fn one_turn(reply: &Value) -> Response {
    envelope(detail(&[prompt(U1, None, "Hello", &[R1]), reply.clone()]))
}

/// An empty chat.
pub fn empty_chat() -> Response {
    envelope(detail(&[]))
}

/// A row of the list of chats.
pub fn row(number: usize) -> Value {
    json!({"id": format!("c0000000-0000-4000-8000-{number:012x}"), "title": format!("Chat {number}"),
        "updated_at": 1_790_000_100 - number, "created_at": 1_780_000_000, "chat_type": "t2t",
        "project_id": null, "pinned": false, "content": null, "highlight_indexes": null,
        "message_id": null})
}

/// A browser check as JSON (F39).
pub fn challenge() -> Response {
    json(
        r#"{"ret":["FAIL_SYS_USER_VALIDATE","RGV587_ERROR::SM::busy"],"data":{"url":"https://chat.qwen.ai/api/v2/chat/completions/_____tmd_____/punish?x5secdata=EXAMPLE&x5step=2&action=captcha&pureCaptcha="}}"#,
    )
}

/// A gateway's own page (F44).
pub fn gateway_page(status: u16) -> Response {
    let body = format!(
        "<html><head><title>{status} Gateway</title></head><body><center><h1>{status} Gateway</h1></center></body></html>"
    );
    Response::new("text/html", body).status(status)
}
