//! F10–F21: envelopes, models and lists.

use qwenctl::client::ChatKind;
use qwenctl::domain::ErrorKind;
use serde_json::{Value, json};

use crate::support::bodies::{C1, detail, envelope, gone, json as body, part, prompt, reply, row};
use crate::support::bodies::{R1, U1};
use crate::support::frames::{created, end, event, frame, sse};
use crate::support::response::Response;
use crate::support::world::{CHAT, CHATS, COMPLETIONS, STOP, World, chat_id};

const NEW: &str = "POST /api/v2/chats/new";
const DELETE: &str = "DELETE /api/v2/chats/c0000000-0000-4000-8000-0000000000c1";

async fn models(answer: &str) -> qwenctl::domain::Result<Vec<qwenctl::domain::Model>> {
    let world = World::new().await;
    let answer = answer.to_owned();
    let wrapped = answer.clone();
    world.upstream.always("GET /api/models", move || body(answer.clone()));
    world.upstream.always("GET /api/v2/models/", move || body(wrapped.clone()));
    world.session.models().await
}

#[tokio::test]
async fn f10_success_with_an_error_code() {
    let world = World::new().await;
    let refused = || envelope(json!({"code": "Internal_Server_Error", "details": "x"}));
    world.upstream.always(NEW, refused);

    let error = world
        .session
        .create_chat("qwen-example-max", ChatKind::Text, None)
        .await
        .expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::UpstreamUnreachable, "{error:?}");
    assert_eq!(error.request_id(), Some("Q1"));
    assert_eq!(world.upstream.count(NEW), 3, "an empty chat more does no harm");
}

#[tokio::test]
async fn f10_success_without_an_id() {
    for data in [json!({}), json!({"id": ""}), json!(null), json!("x")] {
        let world = World::new().await;
        world.on(NEW, envelope(data));

        let error =
            world.session.create_chat("m", ChatKind::Text, None).await.expect_err("an error");

        assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{error:?}");
    }
}

#[tokio::test]
async fn f11_missing_data_is_an_error_only_for_a_list() {
    let world = World::new().await;
    let bare = || body(r#"{"success":true,"request_id":"Q1"}"#);
    world.on(DELETE, bare()).on(CHATS, bare());

    world.session.delete_chat(&chat_id()).await.expect("deleted");
    let error = world.session.chats(1).await.expect_err("not an empty list");

    assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{error:?}");
    assert_eq!(error.request_id(), Some("Q1"));
}

#[tokio::test]
async fn f11_false_means_that_a_change_failed() {
    const CHANGE: &str = "POST /api/v2/chats/c0000000-0000-4000-8000-0000000000c1";
    for (data, is_made) in [
        (json!(true), true),
        (json!({"status": true}), true),
        (json!(null), true),
        (detail(&[]), true),
        (json!(false), false),
        (json!({"status": false}), false),
    ] {
        let world = World::new().await;
        world.on(DELETE, envelope(data.clone())).on(CHANGE, envelope(data.clone()));

        let deleted = world.session.delete_chat(&chat_id()).await;
        let renamed = world.session.rename_chat(&chat_id(), "Other").await;

        assert_eq!((deleted.is_ok(), renamed.is_ok()), (is_made, is_made), "{data}");
        for error in [deleted.err(), renamed.err()].into_iter().flatten() {
            assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{error:?}");
        }
    }
}

#[tokio::test]
async fn change_without_a_proof_of_success_is_an_error() {
    const CHANGE: &str = "POST /api/v2/chats/c0000000-0000-4000-8000-0000000000c1";
    for (text, is_made) in [
        (r#"{"success":true}"#, true),
        (r#"{"success":true,"data":"renamed"}"#, true),
        ("true", false),
        (r#"{"status":true}"#, true),
        (r#"{"id":"c1","title":"Other"}"#, true),
        ("{}", false),
        ("[]", false),
        ("null", false),
        ("false", false),
        ("1", false),
        (r#""ok""#, false),
        (r#"{"success":null}"#, false),
        (r#"{"success":0}"#, false),
        (r#"{"success":1}"#, false),
        (r#"{"success":"false"}"#, false),
        (r#"{"success":true,"data":{"status":"failed"}}"#, false),
        (r#"{"message":"no"}"#, false),
        (r#"{"status":"failed"}"#, false),
        (r#"{"status":"ok"}"#, false),
        (r#"{"data":null}"#, false),
        (r#"{"id":"","title":"Other"}"#, false),
    ] {
        let world = World::new().await;
        world.on(DELETE, body(text)).on(CHANGE, body(text)).on(STOP, body(text));

        let deleted = world.session.delete_chat(&chat_id()).await;
        let renamed = world.session.rename_chat(&chat_id(), "Other").await;
        let stopped = world.session.stop(&chat_id(), "r1").await;

        let done = [deleted.is_ok(), renamed.is_ok()];
        assert_eq!(done, [is_made; 2], "{text}");
        // An answer that has ended is no error.
        let has_ended = text.contains("failed");
        assert_eq!(stopped.is_ok(), is_made || has_ended, "{text}");
        for error in [deleted.err(), renamed.err(), stopped.err()].into_iter().flatten() {
            assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{error:?}");
        }
    }
}

#[tokio::test]
async fn f11_other_shapes_than_a_list_are_errors() {
    for answer in [
        envelope(json!(null)),
        envelope(json!("x")),
        envelope(json!({"status": true})),
        body("[1"),
        body("not json"),
        body("null"),
        Response::new("text/html", "<html><body>Hello</body></html>"),
    ] {
        let world = World::new().await;
        world.on(CHATS, answer);

        let error = world.session.chats(1).await.expect_err("not an empty list");

        assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{error:?}");
    }
}

#[tokio::test]
async fn f11_empty_body_is_no_list() {
    let world = World::new().await;
    world.upstream.always(CHATS, || body(""));

    let error = world.session.chats(1).await.expect_err("not an empty list");

    assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{error:?}");
    assert_eq!(world.upstream.count(CHATS), 3);
}

#[tokio::test]
async fn f12_models_in_three_wrappings() {
    let model = json!({"id": "m1", "name": "M1", "info": {"meta": {
        "short_description": "Short.", "max_context_length": 262_144,
        "capabilities": {"vision": true, "thinking": true}, "chat_type": ["t2t", "search"]}}});
    for wrapped in [
        json!({"data": [model]}),
        json!({"success": true, "request_id": "Q1", "data": {"data": [model]}}),
        json!({"success": true, "data": {"models": [model]}}),
    ] {
        let models = models(&wrapped.to_string()).await.expect("models");

        let [model] = &models[..] else { panic!("{models:?}") };
        assert_eq!((model.id.as_str(), model.name.as_str()), ("m1", "M1"));
        assert_eq!(model.max_context_length, Some(262_144));
        assert!(model.abilities.vision && model.abilities.thinking);
        assert!(model.abilities.search, "by its chat types (protocol 4.2)");
        assert!(!model.abilities.audio);
    }
}

#[tokio::test]
async fn f13_no_models_is_an_upstream_problem() {
    for answer in
        [r#"{"data":[]}"#, r#"{"success":true,"data":{"data":[]}}"#, r#"{"data":[{"name":"x"}]}"#]
    {
        let error = models(answer).await.expect_err("not an empty list");

        assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{error:?}");
    }
}

#[tokio::test]
async fn f14_models_with_missing_members() {
    let answer = json!({"data": [{"id": "m1", "name": "M1", "info": {"meta": {}}}, {"id": "m2"},
        {"id": "m3", "info": {"is_active": false}}, {"id": ""}, {"name": "M4"}, null]});

    let models = models(&answer.to_string()).await.expect("models");

    let ids: Vec<_> = models.iter().map(|model| (model.id.as_str(), model.name.as_str())).collect();
    assert_eq!(ids, [("m1", "M1"), ("m2", "m2")]);
    assert!(models.iter().all(|model| model.max_context_length.is_none()));
}

#[tokio::test]
async fn f15_timestamps_as_strings() {
    let world = World::new().await;
    world.on(
        CHATS,
        envelope(json!([{"id": "C1", "title": null, "updated_at": "1790000100",
            "created_at": "1790000000", "chat_type": null}])),
    );

    let chats = world.session.chats(1).await.expect("chats");

    assert_eq!(chats[0].id.as_str(), "C1");
    assert_eq!(
        (chats[0].created_at, chats[0].updated_at),
        (Some(1_790_000_000), Some(1_790_000_100))
    );
    assert_eq!((chats[0].title.as_deref(), chats[0].chat_type.as_deref()), (None, None));
}

#[tokio::test]
async fn f16_no_project_is_spelled_in_two_ways() {
    let world = World::new().await;
    let in_project = |project: Value| {
        let mut row = row(1);
        row["project_id"] = project;
        row
    };
    let rows = json!([in_project(json!("")), in_project(json!(null)), in_project(json!("P1"))]);
    world.on(CHATS, envelope(rows));

    let chats = world.session.chats(1).await.expect("chats");

    let projects: Vec<_> = chats.iter().map(|chat| chat.project_id.as_deref()).collect();
    assert_eq!(projects, [None, None, Some("P1")]);
}

#[tokio::test]
async fn f17_unknown_members_and_phases() {
    let world = World::new().await;
    let new = json!({"a": [1]});
    let mut row = row(1);
    row["x_new"] = new.clone();
    let mut message = reply(R1, U1, json!([part("quantum_tool", "spin"), part("answer", "Hi")]));
    message["x_new"] = new.clone();
    let mut chat = detail(&[prompt(U1, None, "Hello", &[R1]), message]);
    chat["x_new"] = new.clone();
    chat["chat"]["history"]["x_new"] = new.clone();
    let strange = frame(
        json!({"role": "assistant", "content": "spin", "phase": "quantum_tool",
            "status": "typing", "x_new": new}),
        json!({"x_new": new}),
    );
    let plain = frame(
        json!({"role": "assistant", "content": "Hi", "phase": "answer", "status": "typing"}),
        json!({"input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "x_new": new}),
    );
    let other = event(json!({"response.x_new": new}));
    world.on(CHATS, envelope(json!([row]))).on(CHAT, envelope(chat));
    world.on(COMPLETIONS, sse([created().as_str(), &strange, &other, &plain, &end()]));

    assert_eq!(world.session.chats(1).await.expect("chats").len(), 1);
    let chat = world.session.chat(&chat_id()).await.expect("a chat");
    assert_eq!(chat.message(R1).expect("a reply").content, "Hi");
    let outcome = world.ask().await;

    assert_eq!(outcome.text(), "Hi");
    let other: Vec<_> =
        outcome.reply().other.iter().map(|part| (&*part.phase, &*part.content)).collect();
    assert_eq!(other, [("quantum_tool", "spin")], "kept aside, not in the text");
}

#[tokio::test]
async fn f18_tail_of_the_list() {
    let world = World::new().await;
    let mut next = 0;
    for (page, rows) in [(1, 60), (2, 59), (3, 13), (4, 0)] {
        let rows: Vec<Value> = (next..next + rows).map(row).collect();
        next += rows.len();
        world.on(&format!("GET /api/v2/chats/?page={page}"), envelope(json!(rows)));
    }

    let mut all = Vec::new();
    for page in 1.. {
        let rows = world.session.chats(page).await.expect("a page");
        if rows.is_empty() {
            break;
        }
        all.extend(rows);
    }

    assert_eq!(all.len(), 132);
    let ids: std::collections::HashSet<_> = all.iter().map(|chat| chat.id.as_str()).collect();
    assert_eq!(ids.len(), 132);
}

#[tokio::test]
async fn f19_page_is_ignored() {
    let world = World::new().await;
    let same: Vec<Value> = (0..60).map(row).collect();
    world.on(CHATS, envelope(json!(same)));
    world.on("GET /api/v2/chats/?page=2", envelope(json!(same)));

    let first = world.session.chats(1).await.expect("a page");
    let second = world.session.chats(2).await.expect("a page");

    assert_eq!(first, second, "the walk over the pages sees that nothing is new");
}

#[tokio::test]
async fn f20_list_moves_while_paging() {
    let world = World::new().await;
    let page = |rows: std::ops::Range<usize>| envelope(rows.map(row).collect());
    world.on(CHATS, page(0..60)).on("GET /api/v2/chats/?page=2", page(59..80));

    let first = world.session.chats(1).await.expect("a page");
    let second = world.session.chats(2).await.expect("a page");

    assert_eq!(first[59], second[0], "the walk over the pages sees that it is the same");
    assert_eq!(second.len(), 21);
}

#[tokio::test]
async fn f21_list_that_lags_behind() {
    let world = World::new().await;
    let mut stale = row(1);
    stale["id"] = C1.into();
    world.on(CHATS, envelope(json!([stale]))).on(CHAT, gone());

    let listed = world.session.chats(1).await.expect("chats");
    let error = world.session.chat(&listed[0].id).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
}
