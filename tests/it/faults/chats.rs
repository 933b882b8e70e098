//! F22–F30, F113: chats and their trees.

use qwenctl::client::{Batch, Mark};
use qwenctl::domain::{Chat, ChatId, ErrorKind, MessageState, Parent, Turn};
use serde_json::{Value, json};

use crate::support::bodies::{
    C1, R1, R2, U1, U2, answer, detail, envelope, gateway_page, gone, one_turn, part, prompt,
    refusal, reply, unfinished,
};
use crate::support::frames::whole;
use crate::support::response::Response;
use crate::support::world::{CHAT, COMPLETIONS, World, chat_id, drain, turn};

const RENAME: &str = "POST /api/v2/chats/c0000000-0000-4000-8000-0000000000c1";
const DELETE: &str = "DELETE /api/v2/chats/c0000000-0000-4000-8000-0000000000c1";

async fn read(answer: Response) -> Chat {
    let world = World::new().await;
    world.on(CHAT, answer);
    world.session.chat(&chat_id()).await.expect("a chat")
}

fn shown(chat: &Chat) -> Vec<&str> {
    chat.branch().iter().map(|message| message.id.as_str()).collect()
}

#[tokio::test]
async fn siblings_are_in_order_of_creation() {
    // The order of their ids differs, and all have the same timestamp.
    let (a, b, c, root) = ("z", "m", "a", "y");
    let parent = |id: &str, of: Option<&str>| prompt(id, of, id, &[]);
    let messages = [
        prompt(U1, None, "first", &[R1]),
        json!({"id": R1, "role": "assistant", "parentId": U1, "childrenIds": [a, b, "gone", c], "content": "x", "timestamp": 1}),
        parent(a, Some(R1)),
        parent(b, Some(R1)),
        parent(c, Some(R1)),
        parent(root, None),
        parent("x", None),
    ];
    let chat = read(envelope(detail(&messages))).await;
    let children = |of: Option<&str>| -> Vec<&str> {
        chat.children(of).map(|message| message.id.as_str()).collect()
    };
    assert_eq!(children(Some(R1)), [a, b, c]);
    assert_eq!(children(None), [U1, root, "x"]);
    assert_eq!(chat.messages.len(), messages.len());
}

#[tokio::test]
async fn f22_deleted_elsewhere() {
    let world = World::new().await;
    world.on(CHAT, gone()).on(RENAME, gone()).on(DELETE, gone()).on(COMPLETIONS, gone());

    let errors = [
        world.session.chat(&chat_id()).await.expect_err("an error"),
        world.session.rename_chat(&chat_id(), "x").await.expect_err("an error"),
        world.session.delete_chat(&chat_id()).await.expect_err("an error"),
        world.send().await.err().expect("an error"),
    ];

    for error in errors {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
        assert_eq!(error.request_id(), Some("Q1"));
    }
}

#[tokio::test]
async fn f22_a_real_404() {
    let world = World::new().await;
    world.on(CHAT, Response::new("application/json", "").status(404));

    let error = world.session.chat(&chat_id()).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
}

#[tokio::test]
async fn f23_empty_chat() {
    let whole_detail = |chat: Value| {
        let mut data = detail(&[]);
        data["chat"] = chat;
        envelope(data)
    };
    for chat in [
        json!({"history": {"messages": {}, "currentId": null}}),
        json!({"history": {}}),
        json!({"history": {"messages": null}}),
        json!({}),
    ] {
        let world = World::new().await;
        world.on(CHAT, whole_detail(chat.clone())).on(CHAT, whole_detail(chat.clone()));
        world.on(COMPLETIONS, whole("Hi"));

        let read = world.session.chat(&chat_id()).await;
        let read = read.unwrap_or_else(|error| panic!("{chat}: {error:?}"));
        assert!(read.messages.is_empty() && read.branch().is_empty());
        assert_eq!(read.current_id, None);
        let next = Turn { parent: Parent::Current, ..turn() };
        let stream = world.session.send(next).await.expect("a stream");

        assert_eq!(drain(stream).await.text(), "Hi");
        let body = world.upstream.request(COMPLETIONS).json();
        assert_eq!((&body["parent_id"], &body["parentId"]), (&json!(null), &json!("")));
        assert_eq!(body["messages"][0]["parent_id"], json!(null));
    }
}

#[tokio::test]
async fn f23_document_without_a_chat_is_an_error() {
    for data in [json!({}), json!({"status": true}), json!([]), json!(null)] {
        let world = World::new().await;
        world.on(CHAT, envelope(data.clone())).on(CHAT, envelope(data.clone()));

        let error = world.session.chat(&chat_id()).await.expect_err("not an empty chat");
        assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{data}: {error:?}");
        let next = Turn { parent: Parent::Current, ..turn() };
        let error = world.session.send(next).await.err().expect("nothing to follow");

        assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{data}: {error:?}");
    }
}

#[tokio::test]
async fn f23_next_prompt_follows_the_last_reply_where_no_message_is_current() {
    let world = World::new().await;
    let mut data = detail(&[prompt(U1, None, "Hello", &[R1]), answer(R1, U1, "Hi")]);
    data["chat"] = json!({"messages": data["chat"]["history"]["messages"]
        .as_object()
        .expect("messages")
        .values()
        .collect::<Vec<_>>()});
    data["currentId"] = json!(null);
    data["currentResponseIds"] = json!(null);
    world.on(CHAT, envelope(data)).on(COMPLETIONS, whole("Hi"));

    let next = Turn { parent: Parent::Current, ..turn() };
    drain(world.session.send(next).await.expect("a stream")).await;

    assert_eq!(world.upstream.request(COMPLETIONS).json()["parent_id"], json!(R1));
}

#[tokio::test]
async fn f23_next_prompt_follows_the_current_message() {
    let world = World::new().await;
    world.on(CHAT, one_turn(&answer(R1, U1, "Hi"))).on(COMPLETIONS, whole("Hi"));

    let next = Turn { parent: Parent::Current, ..turn() };
    drain(world.session.send(next).await.expect("a stream")).await;

    let body = world.upstream.request(COMPLETIONS).json();
    assert_eq!((&body["parent_id"], &body["parentId"]), (&json!(R1), &json!(R1)));
    assert_eq!(body["messages"][0]["parentId"], json!(R1));
}

#[tokio::test]
async fn f24_branches() {
    let (edited, regenerated) = (prompt("U1b", None, "Hullo", &[]), answer("R1b", U1, "Hi again"));
    let question = prompt(U1, None, "Hello", &[R1, "R1b"]);

    let chat = read(envelope(detail(&[question, answer(R1, U1, "Hi"), edited, regenerated]))).await;

    assert_eq!(shown(&chat), [U1, "R1b"]);
    assert_eq!(chat.messages.len(), 4, "the other branches are kept");
    assert_eq!(chat.children(None).count(), 2);
    assert_eq!(chat.children(Some(U1)).count(), 2);
}

#[tokio::test]
async fn f25_broken_tree() {
    let orphan = read(envelope(detail(&[answer(R2, "gone", "Hi")]))).await;
    assert_eq!(shown(&orphan), [R2]);

    let cycle = [prompt(U1, Some(R1), "Hello", &[R1]), answer(R1, U1, "Hi")];
    assert_eq!(shown(&read(envelope(detail(&cycle))).await), [U1, R1]);

    let mut nowhere = detail(&[prompt(U1, None, "Hello", &[])]);
    nowhere["currentId"] = json!("gone");
    nowhere["chat"]["history"]["currentId"] = json!("gone");
    assert_eq!(shown(&read(envelope(nowhere)).await), [U1]);
}

#[tokio::test]
async fn f26_text_in_content_list_and_in_content() {
    let list = json!([
        {"content": "", "phase": "thinking_summary", "status": "finished", "extra":
            {"summary_title": {"content": ["Plan"]}, "summary_thought": {"content": ["Greet."]}}},
        part("answer", "Let me look."),
        {"content": "", "phase": "web_search", "status": "finished", "extra": {"web_search_info":
            [{"url": "https://weather.example/oslo", "title": "Oslo", "snippet": "Rain"}]}},
        part("answer", "It rains."),
    ]);
    let mut old = reply(R2, U2, json!(null));
    old["content"] = json!("Hi");
    let mut older = old.clone();
    older["id"] = json!("R3");
    older.as_object_mut().expect("an object").remove("content_list");
    let parts = prompt(U2, Some(R1), "", &[R2]);
    let mut listed = parts;
    listed["content"] = json!([{"type": "text", "text": "And"}, {"type": "text", "text": " now?"}]);

    let chat = read(envelope(detail(&[
        prompt(U1, None, "Hello", &[R1]),
        reply(R1, U1, list),
        listed,
        older,
        old,
    ])))
    .await;

    let text = |id: &str| chat.message(id).expect(id).content.as_str();
    assert_eq!(text(R1), "Let me look.\n\nIt rains.");
    assert_eq!((text(R2), text("R3")), ("Hi", "Hi"));
    assert!(text(U2).contains("And") && text(U2).contains("now?"));
    let first = chat.message(R1).expect("a reply");
    assert!(first.thinking.as_deref().is_some_and(|text| text.contains("Greet.")));
    assert_eq!(first.citations[0].url, "https://weather.example/oslo");
    assert_eq!(
        (first.state, first.model.as_deref()),
        (MessageState::Done, Some("qwen-example-max"))
    );
}

#[tokio::test]
async fn f27_detail_of_a_chat_in_progress() {
    let state = |chat: &Chat| {
        let message = chat.message(R1).expect("a reply");
        (message.state, message.content.clone())
    };
    let typing = read(one_turn(&unfinished(R1, U1, "Hel"))).await;
    assert_eq!(state(&typing), (MessageState::InProgress, "Hel".to_owned()));

    let done = read(one_turn(&answer(R1, U1, "Hello"))).await;
    assert_eq!(state(&done), (MessageState::Done, "Hello".to_owned()));

    let mut stopped = answer(R1, U1, "Hel");
    stopped["is_stop"] = json!(true);
    assert_eq!(state(&read(one_turn(&stopped)).await).0, MessageState::Stopped);

    for error in [json!("boom"), json!({"code": "x", "details": "boom"})] {
        let mut failed = answer(R1, U1, "");
        failed["error"] = error;
        assert_eq!(state(&read(one_turn(&failed)).await).0, MessageState::Failed);
    }
}

#[tokio::test]
async fn f28_partial_history() {
    let mut data = detail(&[prompt("U9", Some("R8"), "And?", &["R9"]), answer("R9", "U9", "So.")]);
    data["chat"]["history"]["pagination"] = json!({"enabled": true, "oldest_id": "U9",
        "newest_id": "R9", "has_more_older": true, "has_more_newer": false, "path_count": 40});

    let chat = read(envelope(data)).await;

    assert!(chat.incomplete);
    assert_eq!(shown(&chat), ["U9", "R9"]);
    assert!(!read(one_turn(&answer(R1, U1, "Hi"))).await.incomplete);
}

#[tokio::test]
async fn f29_title_that_comes_later() {
    let world = World::new().await;
    let titled = |title: &str| {
        let mut data = detail(&[]);
        data["title"] = json!(title);
        envelope(data)
    };
    world.on(CHAT, titled("New chat")).on(CHAT, titled("Greeting"));

    let first = world.session.chat(&chat_id()).await.expect("a chat").title;
    let second = world.session.chat(&chat_id()).await.expect("a chat").title;

    assert_eq!((first.as_deref(), second.as_deref()), (Some("New chat"), Some("Greeting")));
}

#[tokio::test]
async fn f30_empty_id_never_becomes_a_request() {
    for id in ["", " ", "\n", "a/b", "..", "a..b", "a\\b", "\u{0}", &"x".repeat(129)] {
        assert_not_an_id(id);
    }
}

fn assert_not_an_id(id: &str) {
    let error = id.parse::<ChatId>().expect_err(id);
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(serde_json::from_value::<ChatId>(json!(id)).is_err(), "{id:?}");
}

#[tokio::test]
async fn f30_odd_id_never_becomes_a_request() {
    for id in
        ["a?b#c%2Fd", "1?x", "1#x", "%2e%2e1", "new;1", "1.", "1:2", "1&page=2", "chat-é1", "１"]
    {
        assert_not_an_id(id);
    }
}

#[tokio::test]
async fn f30_name_of_a_route_never_becomes_a_request() {
    for name in [
        "all",
        "archived",
        "batch_delete",
        "completions",
        "delete",
        "import",
        "messages",
        "new",
        "new-chat",
        "pinned",
        "search",
        "share",
        "stop",
        "tags",
        "NEW",
    ] {
        assert_not_an_id(name);
    }
}

#[tokio::test]
async fn ids_that_are_no_uuids_are_taken() {
    for id in ["c0000000-0000-4000-8000-0000000000c1", "C1", "chat_1", "0", "-1", &"1".repeat(128)]
    {
        assert_eq!(id.parse::<ChatId>().expect(id).as_str(), id);
        assert_eq!(serde_json::from_value::<ChatId>(json!(id)).expect(id).as_str(), id);
    }
}

#[tokio::test]
async fn f30_rows_without_a_usable_id_are_no_chats() {
    let world = World::new().await;
    let mut row = crate::support::bodies::row(1);
    row["id"] = json!("");
    world.on("GET /api/v2/chats/?page=1", envelope(json!([row])));

    match world.session.chats(1).await {
        Ok(chats) => assert!(chats.is_empty(), "{chats:?}"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{error:?}"),
    }
}

/// `U0`, `R0`, `U1`, `R1`, … each with its parent.
fn conversation(turns: usize) -> Vec<Value> {
    let turn = |n: usize| {
        let (user, reply) = (format!("U{n}"), format!("R{n}"));
        let before = n.checked_sub(1).map(|before| format!("R{before}"));
        let mut turn = [
            prompt(&user, before.as_deref(), &format!("question {n}"), &[&reply]),
            answer(&reply, &user, &format!("answer {n}")),
        ];
        for message in &mut turn {
            message["timestamp"] = json!(1_790_000_000 + n);
        }
        turn
    };
    (0..turns).flat_map(turn).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The tree of protocol 5.5.
    Tree,
    /// `data.messages`, oldest first.
    List,
    /// The same without parents and pagination, newest first.
    Bare,
}

/// The page of `form` with these messages of the conversation.
fn page(form: Form, messages: &[Value], has_older: bool) -> Response {
    let mut data = detail(messages);
    let pagination = json!({"enabled": true, "oldest_id": messages[0]["id"],
        "newest_id": messages.last().expect("messages")["id"], "has_more_older": has_older,
        "has_more_newer": false, "path_count": 40});
    if form == Form::Tree {
        data["chat"]["history"]["pagination"] = pagination;
        return envelope(data);
    }
    data["chat"].take();
    let mut messages = messages.to_vec();
    if form == Form::Bare {
        messages.reverse();
        for message in &mut messages {
            message["parentId"].take();
            message["childrenIds"].take();
        }
        data["currentId"].take();
    } else {
        data["pagination"] = pagination;
    }
    data["messages"] = json!(messages);
    envelope(data)
}

fn older(cursor: &str) -> String {
    format!("{CHAT}?cursor={cursor}&direction=up&limit=100")
}

fn archived(is: bool) -> Response {
    let mut data = detail(&[]);
    data["archived"] = json!(is);
    envelope(data)
}

#[tokio::test]
async fn f31_archiving_reads_the_chat_before_and_after_it_toggles() {
    let archive = format!("POST /api/v2/chats/{C1}/archive");
    let world = World::new().await;
    world.on(CHAT, archived(true));
    world.session.mark_chat(&chat_id(), Mark::Archived, true).await.expect("it is");
    assert_eq!(world.upstream.count(&archive), 0);

    world.on(CHAT, archived(true)).on(&archive, envelope(json!(true))).on(CHAT, archived(false));
    world.session.mark_chat(&chat_id(), Mark::Archived, false).await.expect("done");
    assert_eq!(world.upstream.request(&archive).body, b"");

    // Another client has toggled it meanwhile.
    world.on(CHAT, archived(true)).on(&archive, envelope(json!(true))).on(CHAT, archived(true));
    let error = world.session.mark_chat(&chat_id(), Mark::Archived, false).await.expect_err("not");
    assert!(error.message().contains("/archive`"), "{error:?}");
}

#[tokio::test]
async fn undocumented_call_that_the_service_lacks_is_named() {
    let pin = format!("POST /api/v2/chats/{C1}/pin");
    let missing = || Response::new("application/json", "{}").status(405);
    for refused in [refusal("Bad_Request", "?"), refusal("Weird", "?"), gone(), missing()] {
        let world = World::new().await;
        world.on(CHAT, archived(false)).on(&pin, refused);
        let error = world.session.mark_chat(&chat_id(), Mark::Pinned, true).await.expect_err("no");
        assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{error:?}");
        assert!(error.message().contains("/pin`") && error.hint().is_some(), "{error:?}");
        assert_eq!(world.upstream.count(&pin), 1);
    }
}

#[tokio::test]
async fn several_chats_are_deleted_by_one_request_where_the_service_has_it() {
    const BATCH: &str = "POST /api/v2/chats/batch_delete";
    let ids: Vec<ChatId> = ["c1", "c2"].map(|id| id.parse().expect("an id")).to_vec();
    for (response, expected) in [
        (envelope(json!({"status": true})), Batch::Gone),
        (envelope(json!(null)), Batch::Gone),
        (refusal("Not_Found", "no such route"), Batch::Refused),
        (refusal("Something", "?"), Batch::Refused),
        (
            Response::new("application/json", r#"{"detail":"Method Not Allowed"}"#).status(405),
            Batch::Refused,
        ),
        (envelope(json!({"status": false})), Batch::Refused),
        (gateway_page(504), Batch::Unsure),
    ] {
        let world = World::new().await;
        world.on(BATCH, response);
        assert_eq!(world.session.delete_chats(&ids).await.ok(), Some(expected));
        assert_eq!(world.upstream.request(BATCH).json(), json!({"ids": ["c1", "c2"]}));
    }
    let world = World::new().await;
    assert_eq!(world.session.delete_chats(&[]).await.ok(), Some(Batch::Gone));
}

#[tokio::test]
async fn f113_long_chat_is_read_page_by_page_in_every_form() {
    use Form::{Bare, List, Tree};
    let messages = conversation(12);
    let every: Vec<&str> = messages.iter().map(|m| m["id"].as_str().expect("an id")).collect();
    for forms in [
        [Tree, Tree, Tree],
        [List, List, List],
        [Bare, Bare, Bare],
        [Tree, List, Tree],
        [List, Tree, Bare],
        [Bare, Tree, List],
    ] {
        let world = World::new().await;
        world.on(CHAT, page(forms[0], &messages[16..], true));
        world.on(&older("U8"), page(forms[1], &messages[6..16], true));
        world.on(&older("U3"), page(forms[2], &messages[..6], false));
        // Only a list without parents does not show where the chat begins.
        if forms[2] == Bare {
            world.on(&older("U0"), page(Bare, &messages[..6], false));
        }

        let chat = world.session.whole_chat(&chat_id()).await.expect("a chat");

        assert_eq!(shown(&chat), every, "{forms:?}");
        assert!(!chat.incomplete, "{forms:?}");
        assert_eq!(chat.current(), Some("R11"));
        assert_eq!(chat.title.as_deref(), Some("Trip plan"));
        assert_eq!(world.upstream.count(CHAT), 3 + usize::from(forms[2] == Bare), "{forms:?}");
    }
}

#[tokio::test]
async fn f113_cursor_that_repeats_its_page_does_not_loop() {
    let messages = conversation(10);
    for form in [Form::Tree, Form::List] {
        let world = World::new().await;
        world.on(CHAT, page(form, &messages[10..], true));
        world.on(&older("U5"), page(form, &messages[10..], true));

        let chat = world.session.whole_chat(&chat_id()).await.expect("a chat");

        assert_eq!((shown(&chat).len(), chat.incomplete), (10, true), "{form:?}");
        assert_eq!(world.upstream.count(CHAT), 2, "{form:?}");
    }
}

#[tokio::test]
async fn f113_page_that_overlaps_the_one_before_adds_the_rest() {
    let messages = conversation(10);
    let world = World::new().await;
    world.on(CHAT, page(Form::Tree, &messages[10..], true));
    world.on(&older("U5"), page(Form::List, &messages[5..15], true));
    world.on(&older("R2"), page(Form::List, &messages[..8], false));

    let chat = world.session.whole_chat(&chat_id()).await.expect("a chat");

    assert_eq!((shown(&chat).len(), chat.messages.len(), chat.incomplete), (20, 20, false));
}

#[tokio::test]
async fn f113_upstream_without_cursors_leaves_the_chat_incomplete() {
    let messages = conversation(10);
    for refused in [gone(), envelope(json!(null))] {
        let world = World::new().await;
        world.on(CHAT, page(Form::Tree, &messages[10..], true));
        world.on(&older("U5"), refused);

        let chat = world.session.whole_chat(&chat_id()).await.expect("a chat");

        assert_eq!((shown(&chat).len(), chat.incomplete), (10, true));
    }
}

#[tokio::test]
async fn f113_branches_of_all_pages_are_one_tree() {
    let mut messages = conversation(10);
    let mut edited = prompt("X2", Some("R1"), "edited", &[]);
    edited["timestamp"] = json!(1_790_000_002);
    messages.insert(6, edited);
    let world = World::new().await;
    world.on(CHAT, page(Form::Tree, &messages[11..], true));
    world.on(&older("U5"), page(Form::Tree, &messages[..11], false));

    let chat = world.session.whole_chat(&chat_id()).await.expect("a chat");

    assert_eq!((chat.messages.len(), shown(&chat).len()), (21, 20));
    let children: Vec<_> = chat.children(Some("R1")).map(|message| message.id.as_str()).collect();
    assert_eq!(children, ["U2", "X2"]);
}

#[tokio::test]
async fn f113_prompt_to_a_long_chat_reads_one_page() {
    let messages = conversation(10);
    for form in [Form::Tree, Form::List, Form::Bare] {
        let world = World::new().await;
        world.on(CHAT, page(form, &messages[10..], true)).on(COMPLETIONS, whole("Hi"));

        let next = Turn { parent: Parent::Current, ..turn() };
        drain(world.session.send(next).await.expect("a stream")).await;

        assert_eq!(
            world.upstream.request(COMPLETIONS).json()["parent_id"],
            json!("R9"),
            "{form:?}"
        );
    }
}
