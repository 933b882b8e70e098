//! The messages sent to an engine: the branch of a chat with its roles, and the system prompt as a
//! message of its own.

use serde_json::{Value, json};

use super::command::{data, local, world};
use super::{ASK, error, says};
use crate::local_upstream::peer::{response_id, turn_body};
use crate::support::cmd::Home;
use crate::support::http::client;
use crate::support::upstream::Upstream;

/// The messages of the last request to the engine, as `role: content`.
#[track_caller]
fn messages(engine: &Upstream) -> Vec<String> {
    let request = engine.requests(ASK).pop().expect("a request").json();
    let messages = request["messages"].as_array().expect("messages");
    let line = |message: &Value| {
        let (role, content) = (&message["role"], &message["content"]);
        format!("{}: {}", role.as_str().expect("a role"), content.as_str().expect("a text"))
    };
    messages.iter().map(line).collect()
}

/// Everything that the commands show of a chat.
fn shown(home: &Home, chat: &str) -> (Value, String) {
    let detail = data(&local(home, &["chats", "show", chat]));
    (detail.clone(), format!("{detail} {}", data(&local(home, &["chats", "list"]))))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_prompt_is_a_message_of_its_own_and_is_never_shown() {
    let (engine, home) = world().await;
    engine.on(ASK, says("Chào"));
    let first = data(&local(&home, &["quick", "--new", "--system", "Be brief.", "Tôi là Linh"]));
    assert_eq!(messages(&engine), ["system: Be brief.", "user: Tôi là Linh"]);
    let chat = first["chat_id"].as_str().expect("an id");
    let (detail, all) = shown(&home, chat);
    assert_eq!(detail["messages"][0]["content"], "Tôi là Linh");
    assert_eq!(detail["title"], "Tôi là Linh");
    assert!(!all.contains("Be brief."), "{all}");
    // It applies to the whole chat, until another one replaces it.
    engine.on(ASK, says("7"));
    data(&local(&home, &["send", chat, "Nhớ số 7"]));
    let second = ["system: Be brief.", "user: Tôi là Linh", "assistant: Chào", "user: Nhớ số 7"];
    assert_eq!(messages(&engine), second);
    engine.on(ASK, says("Linh"));
    data(&local(&home, &["send", chat, "--system", "Be kind.", "Who?"]));
    let third = [&["system: Be kind."], &second[1..], &["assistant: 7", "user: Who?"]].concat();
    assert_eq!(messages(&engine), third);
    let (_, all) = shown(&home, chat);
    assert!(!all.contains("Be brief.") && !all.contains("Be kind."), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_or_regenerated_prompt_keeps_the_system_prompt_and_its_own_branch() {
    let (engine, home) = world().await;
    engine.on(ASK, says("one"));
    let first = data(&local(&home, &["quick", "--new", "--system", "Be brief.", "a"]));
    let chat = first["chat_id"].as_str().expect("an id");
    let one = first["message_id"].as_str().expect("an id");
    engine.on(ASK, says("two"));
    data(&local(&home, &["send", chat, "b"]));
    engine.on(ASK, says("three"));
    data(&local(&home, &["send", chat, "--parent", one, "c"]));
    let branch = ["system: Be brief.", "user: a", "assistant: one", "user: c"];
    assert_eq!(messages(&engine), branch);
    engine.on(ASK, says("four"));
    data(&local(&home, &["send", chat, "--parent", "root", "d"]));
    assert_eq!(messages(&engine), ["system: Be brief.", "user: d"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_prompt_leaves_the_system_prompt_as_it_was() {
    let (engine, home) = world().await;
    engine.on(ASK, says("one"));
    let first = data(&local(&home, &["quick", "--new", "--system", "Be brief.", "a"]));
    let chat = first["chat_id"].as_str().expect("an id");
    engine.on(ASK, error(401, &json!({"message": "no"})));
    let refused = local(&home, &["send", chat, "--system", "Be kind.", "b"]);
    assert_eq!(refused.status, 2, "{refused:?}");
    engine.on(ASK, says("two"));
    data(&local(&home, &["send", chat, "c"]));
    let expected = ["system: Be brief.", "user: a", "assistant: one", "user: c"];
    assert_eq!(messages(&engine), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_engine_the_system_prompt_is_sent_as_to_chat_qwen_ai() {
    let home = Home::new();
    let run = data(&local(&home, &["quick", "--new", "--system", "Be brief.", "a"]));
    let text = run["content"].as_str().expect("a text");
    assert!(text.contains("Be brief.\n\na"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_the_compatible_apis_arrive_with_their_roles() {
    let (engine, home) = world().await;
    let mut run = home.start(&["--local", "--json", "-q", "serve", "--port", "0"]);
    let announced: Value = serde_json::from_str(&run.line()).expect("a document");
    let url = format!("{}/v1/chat/completions", announced["url"].as_str().expect("an address"));
    let http = client().build().expect("a client");
    let ask = async |messages: Value, chat: Option<&str>| {
        engine.on(ASK, says("Hello"));
        let body = json!({"model": "small", "messages": messages, "metadata": chat.map(|chat| json!({"chat_id": chat}))});
        let response = http.post(&url).json(&body).send().await.expect("an answer");
        let id = response.headers().get("x-qwen-chat-id").cloned();
        let answer: Value = response.json().await.expect("JSON");
        assert_eq!(answer["choices"][0]["message"]["content"], "Hello", "{answer}");
        id.and_then(|id| id.to_str().ok().map(str::to_owned))
    };
    let said = |pairs: &[(&str, &str)]| -> Value {
        pairs.iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
    };
    let turns = [("system", "Be brief."), ("user", "a"), ("assistant", "one"), ("user", "b")];
    let lines = ["system: Be brief.", "user: a", "assistant: one", "user: b"];
    let chat = ask(said(&turns), Some("new")).await.expect("the id of the chat");
    assert_eq!(messages(&engine), lines);
    ask(said(&turns[..2]), None).await;
    assert_eq!(messages(&engine), lines[..2]);
    ask(said(&turns[1..]), None).await;
    assert_eq!(messages(&engine), lines[1..]);
    // Consecutive messages of one role are merged: many models accept only alternating roles.
    ask(said(&[("user", "a"), ("user", "b")]), None).await;
    assert_eq!(messages(&engine), ["user: a\n\nb"]);
    // A kept chat continues with all earlier messages.
    let longer = [&turns[..], &[("assistant", "Hello"), ("user", "c")]].concat();
    ask(said(&longer), Some(&chat)).await;
    assert_eq!(messages(&engine), [&lines[..], &["assistant: Hello", "user: c"]].concat());
    // Prompts without an answer between them leave the stored context of a kept chat as it is.
    let kept = [&lines[..], &["assistant: Hello", "user: c", "assistant: Hello"]].concat();
    ask(said(&[("user", "d"), ("user", "e")]), Some(&chat)).await;
    assert_eq!(messages(&engine), [&kept[..], &["user: d\n\ne"]].concat());
    // A new system prompt replaces the stored one only.
    let kept = [&kept[..], &["user: d\n\ne", "assistant: Hello"]].concat();
    ask(said(&[("system", "Be kind."), ("user", "f"), ("user", "g")]), Some(&chat)).await;
    let replaced = [&["system: Be kind."], &kept[1..], &["user: f\n\ng"]].concat();
    assert_eq!(messages(&engine), replaced);
    // Models want their instructions first.
    ask(said(&[("user", "a"), ("system", "b"), ("user", "c")]), None).await;
    assert_eq!(messages(&engine), ["system: b", "user: a\n\nc"]);
    run.signal("INT");
    run.end();
    let (detail, all) = shown(&home, &chat);
    assert!(!all.contains("Be brief.") && !all.contains("Below is"), "{all}");
    assert_eq!((&detail["title"], &detail["messages"][0]["content"]), (&json!("b"), &json!("b")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_or_a_retry_of_the_page_goes_to_the_engine_without_what_it_replaces() {
    let (engine, home) = world().await;
    let mut run = home.start(&["--local", "--json", "-q", "serve", "--port", "0"]);
    let announced: Value = serde_json::from_str(&run.line()).expect("a document");
    let url = announced["url"].as_str().expect("an address").to_owned();
    let http = client().build().expect("a client");
    let call = async |path: &str, body: Value| -> Value {
        let response = http.post(format!("{url}{path}")).json(&body).send().await;
        let answer: Value = response.expect("an answer").json().await.expect("JSON");
        assert_eq!(answer["success"], true, "{answer}");
        answer["data"].clone()
    };
    let chat = call("/api/chats", json!({})).await["id"].clone();
    let send = async |message: &str, parent: Value, answer: &str| -> String {
        engine.on(ASK, says(answer));
        let mut body = json!({"chat_id": chat, "message": message});
        if !parent.is_null() {
            body["parent_id"] = parent;
        }
        let sent = call("/api/chat/send", body).await;
        sent["message_id"].as_str().expect("an id").to_owned()
    };
    let one = send("a", Value::Null, "one").await;
    send("b", Value::Null, "two").await;
    // A retry of the last prompt.
    send("b", json!(one), "three").await;
    assert_eq!(messages(&engine), ["user: a", "assistant: one", "user: b"]);
    // An edit of the last prompt, and what follows it.
    send("c", json!(one), "four").await;
    assert_eq!(messages(&engine), ["user: a", "assistant: one", "user: c"]);
    send("d", Value::Null, "five").await;
    let edited = ["user: a", "assistant: one", "user: c", "assistant: four", "user: d"];
    assert_eq!(messages(&engine), edited);
    // An edit of the first prompt.
    send("A", json!("root"), "six").await;
    assert_eq!(messages(&engine), ["user: A"]);
    run.signal("INT");
    run.end();
}

#[tokio::test]
async fn a_regenerated_answer_goes_to_the_engine_without_the_first_one() {
    let world = super::World::new().await;
    let chat = world.peer.new_chat().await;
    let ask = async |parent: Option<&str>, prompt: &str, action: &str, answer: &str| {
        let mut body = turn_body(&chat, parent, prompt);
        body["model"] = json!("small");
        body["messages"][0]["user_action"] = json!(action);
        world.on(says(answer));
        response_id(&world.turn(&body).await)
    };
    let one = ask(None, "a", "chat", "one").await;
    ask(Some(&one), "b", "chat", "two").await;
    ask(Some(&one), "b", "regenerate", "three").await;
    assert_eq!(messages(&world.engine), ["user: a", "assistant: one", "user: b"]);
    let detail = world.peer.detail(&chat).await;
    let tree = detail["chat"]["history"]["messages"].as_object().expect("a tree");
    let asked = tree.values().filter(|message| message["content"] == "b");
    let asked: Vec<_> = asked.collect();
    assert_eq!(asked.len(), 1, "the same question");
    assert_eq!(asked[0]["childrenIds"].as_array().map(Vec::len), Some(2), "two answers");
}
