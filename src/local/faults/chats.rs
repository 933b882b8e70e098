//! F22 to F31 and F113: chats that are gone, incomplete, or not the expected tree.

#![allow(
    clippy::unnecessary_wraps,
    reason = "every row of the table takes functions of one signature"
)]

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Call, Row};
use crate::local::reply::Reply;
use crate::local::routes::Kind;
use crate::local::stream::Plan;

pub(super) const ROWS: &[Row] = &[
    Row::new(
        "F22",
        "the chat has been deleted elsewhere",
        &[Kind::Detail, Kind::Update, Kind::Delete, Kind::Completions],
    )
    .instead(gone),
    Row::new("F23", "an empty chat in three shapes", &[Kind::Detail])
        .variants(&["messages", "history", "chat"])
        .rewrite(empty),
    Row::new(
        "F24",
        "branches: a regenerated answer is shown, an edited question is not",
        &[Kind::Detail],
    )
    .rewrite(branches),
    Row::new("F25", "a broken tree: a missing parent, or a cycle", &[Kind::Detail])
        .variants(&["missing", "cycle"])
        .rewrite(broken),
    Row::new("F26", "an answer's text in other places", &[Kind::Detail])
        .variants(&["parts", "old", "null"])
        .rewrite(elsewhere),
    Row::new(
        "F27",
        "the last answer is still being written (the next read finds it done)",
        &[Kind::Detail],
    )
    .times(1)
    .rewrite(in_progress),
    Row::new("F28", "only the newest N messages are there", &[Kind::Detail])
        .variants(&["N"])
        .rewrite(partial),
    Row::new("F113", "a chat comes page by page, each of up to N messages (10)", &[Kind::Detail])
        .variants(&["N", "flat", "bare", "mixed", "repeat", "refused"])
        .rewrite(paged),
    Row::new("F29", "the title comes 3 s after the answer", &[Kind::Completions]).plan(late_title),
    Row::new("F30", "deleting with an empty id says yes and wipes nothing", &[Kind::DeleteAll])
        .instead(spared),
    Row::new("F31", "archiving toggles, and another client has toggled too", &[Kind::Archive])
        .instead(toggled_back),
];

fn gone(call: &Call) -> Option<Reply> {
    Some(Reply::failure(call.id(), "Not_Found", "This conversation has been deleted."))
}

fn empty(value: &mut Value, call: &Call) {
    let Some(chat) = value.pointer_mut("/data/chat") else { return };
    match call.variant() {
        "chat" => *chat = json!({}),
        "history" => chat["history"] = json!({}),
        _ => chat["history"] = json!({"messages": {}, "currentId": null}),
    }
    if let Some(messages) = chat.get_mut("messages") {
        *messages = json!([]);
    }
    value["data"]["currentId"] = Value::Null;
    value["data"]["currentResponseIds"] = json!([]);
}

/// The tree of a chat, its messages by id.
fn tree(value: &mut Value) -> Option<&mut serde_json::Map<String, Value>> {
    value.pointer_mut("/data/chat/history/messages")?.as_object_mut()
}

/// The id of the first message with this role.
fn first(value: &mut Value, role: &str) -> Option<String> {
    let list = value.pointer("/data/chat/messages")?.as_array()?;
    list.iter().find(|message| message["role"] == role)?["id"].as_str().map(str::to_owned)
}

/// Applies a change to a message in both places where it is stored.
fn change(value: &mut Value, id: &str, change: impl Fn(&mut Value)) {
    if let Some(message) = tree(value).and_then(|tree| tree.get_mut(id)) {
        change(message);
    }
    let list = value.pointer_mut("/data/chat/messages").and_then(Value::as_array_mut);
    list.into_iter().flatten().filter(|message| message["id"] == id).for_each(change);
}

fn add(value: &mut Value, id: &str, message: Value) {
    if let Some(list) = value.pointer_mut("/data/chat/messages").and_then(Value::as_array_mut) {
        list.push(message.clone());
    }
    if let Some(tree) = tree(value) {
        tree.insert(id.to_owned(), message);
    }
}

fn branches(value: &mut Value, _: &Call) {
    let (Some(question), Some(answer)) = (first(value, "user"), first(value, "assistant")) else {
        return;
    };
    let Some(tree) = tree(value) else { return };
    let (Some(mut edited), Some(mut again)) =
        (tree.get(&question).cloned(), tree.get(&answer).cloned())
    else {
        return;
    };
    let (edited_id, again_id) = (format!("{question}-edited"), format!("{answer}-again"));
    edited["id"] = json!(edited_id);
    edited["content"] = json!("An edited question");
    edited["childrenIds"] = json!([]);
    again["id"] = json!(again_id);
    again["childrenIds"] = json!([]);
    again["content_list"] = json!([text_part("A regenerated answer", "finished")]);
    add(value, &edited_id, edited);
    add(value, &again_id, again);
    change(value, &question, |message| message["childrenIds"] = json!([answer, again_id]));
    value["data"]["currentId"] = json!(again_id);
    value["data"]["currentResponseIds"] = json!([again_id]);
    value["data"]["chat"]["history"]["currentId"] = json!(again_id);
}

fn text_part(text: &str, status: &str) -> Value {
    json!({"content": text, "phase": "answer", "status": status, "extra": null, "role": "assistant"})
}

fn broken(value: &mut Value, call: &Call) {
    let Some(question) = first(value, "user") else { return };
    let parent = match call.variant() {
        "cycle" => first(value, "assistant").map_or(Value::Null, Value::from),
        _ => json!("b0000000-0000-4000-8000-0000000000ff"),
    };
    change(value, &question, |message| message["parentId"] = parent.clone());
}

fn elsewhere(value: &mut Value, call: &Call) {
    let Some(answer) = first(value, "assistant") else { return };
    let search = json!({"content": "", "phase": "web_search", "status": "finished", "role": "assistant",
        "extra": {"web_search_info": []}});
    let variant = call.variant();
    change(value, &answer, |message| match variant {
        "old" => {
            message["content"] = json!("Hi");
            message
                .as_object_mut()
                .into_iter()
                .for_each(|members| drop(members.remove("content_list")));
        }
        "null" => {
            message["content"] = json!("Hi");
            message["content_list"] = Value::Null;
        }
        _ => {
            message["content"] = json!("");
            message["content_list"] = json!([
                text_part("Let me look.", "finished"),
                search,
                text_part("It rains.", "finished")
            ]);
        }
    });
}

fn in_progress(value: &mut Value, _: &Call) {
    let Some(current) = value["data"]["currentId"].as_str().map(str::to_owned) else { return };
    change(value, &current, |message| {
        message["done"] = json!(false);
        message["content_list"] = json!([text_part("Hel", "typing")]);
    });
}

fn partial(value: &mut Value, call: &Call) {
    let keep = usize::try_from(call.number(0, 10)).unwrap_or(usize::MAX);
    let Some(list) = value.pointer_mut("/data/chat/messages").and_then(Value::as_array_mut) else {
        return;
    };
    let count = list.len();
    list.drain(..count.saturating_sub(keep));
    let kept: Vec<Value> = list.iter().map(|message| message["id"].clone()).collect();
    if let Some(tree) = tree(value) {
        tree.retain(|id, _| kept.iter().any(|kept| kept == id));
    }
    value["data"]["chat"]["history"]["pagination"] = json!({"enabled": true, "oldest_id": kept.first(),
        "newest_id": kept.last(), "has_more_older": count > kept.len(), "has_more_newer": false, "path_count": count});
}

/// `flat`: a list in place of the tree; `bare`: the same without parents, newest first; `mixed`: a tree,
/// then lists; `repeat`: every cursor leads to the newest page; `refused`: there are no cursors.
fn paged(value: &mut Value, call: &Call) {
    let (shape, index) = match call.variant() {
        shape @ ("flat" | "bare" | "mixed" | "repeat" | "refused") => (shape, 1),
        _ => ("", 0),
    };
    let wanted = call.request.query("limit").and_then(|limit| limit.parse().ok());
    let limit = call.number(index, 10).min(wanted.unwrap_or(u64::MAX));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let cursor = call.request.query("cursor");
    if shape == "refused" && cursor.is_some() {
        *value = json!({"success": false, "request_id": call.id(),
            "data": {"code": "Bad_Request", "details": "Invalid cursor"}});
        return;
    }
    let end = cursor.as_deref().filter(|_| shape != "repeat");
    cut_to_page(&mut value["data"], end, limit);
    let is_list = match shape {
        "flat" | "bare" => true,
        "mixed" => cursor.is_some(),
        _ => false,
    };
    let data = &mut value["data"];
    if shape == "repeat" {
        data["chat"]["history"]["pagination"]["has_more_older"] = json!(true);
    }
    if !is_list {
        return;
    }
    let chat = data["chat"].take();
    data["messages"] = chat["messages"].clone();
    if shape != "bare" {
        data["pagination"] = chat["history"]["pagination"].clone();
    } else if let Some(messages) = data["messages"].as_array_mut() {
        messages.reverse();
        for message in messages {
            for member in ["parentId", "childrenIds"] {
                message
                    .as_object_mut()
                    .into_iter()
                    .for_each(|members| drop(members.remove(member)));
            }
        }
    }
}

/// Leaves in a chat only the last `limit` messages before the message `cursor`, or the newest ones.
fn cut_to_page(detail: &mut Value, cursor: Option<&str>, limit: usize) {
    let Some(list) = detail["chat"]["messages"].as_array_mut() else { return };
    let count = list.len();
    let end = cursor.and_then(|cursor| list.iter().position(|message| message["id"] == cursor));
    let end = end.unwrap_or(count);
    let start = end.saturating_sub(limit.max(1));
    let kept = list.drain(start..end).collect::<Vec<_>>();
    let (oldest, newest) = (kept.first(), kept.last());
    let id = |message: Option<&Value>| message.map_or(Value::Null, |message| message["id"].clone());
    let pagination = &mut detail["chat"]["history"]["pagination"];
    pagination["has_more_older"] = json!(start > 0 || pagination["has_more_older"] == true);
    pagination["has_more_newer"] = json!(end < count || pagination["has_more_newer"] == true);
    pagination["oldest_id"] = id(oldest);
    pagination["newest_id"] = id(newest);
    if let Some(tree) = detail["chat"]["history"]["messages"].as_object_mut() {
        let ids: HashSet<_> = kept.iter().filter_map(|message| message["id"].as_str()).collect();
        tree.retain(|id, _| ids.contains(id.as_str()));
    }
    detail["chat"]["messages"] = Value::Array(kept);
}

fn late_title(plan: &mut Plan, _: &Call) {
    plan.title_delay = Some(std::time::Duration::from_secs(3));
}

fn spared(call: &Call) -> Option<Reply> {
    Some(Reply::success(call.id(), &json!({"status": true})))
}

fn toggled_back(call: &Call) -> Option<Reply> {
    Some(Reply::success(call.id(), &json!(true)))
}
