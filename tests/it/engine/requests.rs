//! The requests to the engine.

use qwenctl::engine::ModelMap;
use serde_json::{Value, json};

use super::{ASK, MODELS, World, error, models, says};
use crate::local_upstream::peer::{answer_text, events, turn_body};
use crate::support::response::Response;

/// Sends a prompt to `chat` after the answer `parent`; returns the id of the new answer.
async fn ask(world: &World, chat: &str, parent: Option<&str>, prompt: &str) -> String {
    let body = world.turn(&turn_body(chat, parent, prompt)).await;
    let created = &events(&body)[0]["response.created"];
    created["response_id"].as_str().unwrap_or_else(|| panic!("an answer: {body}")).to_owned()
}

fn messages(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
}

#[tokio::test]
async fn the_whole_branch_is_sent_and_the_key_only_to_the_engine() {
    let key = ["sk-", "canary"].concat();
    let world = World::with(|options| options.key = Some(key.clone().into())).await;
    let chat = world.peer.new_chat().await;
    world.on(says("Chào Linh")).on(says("Số 7")).on(says("Linh, 7"));
    let first = ask(&world, &chat, None, "Tôi là Linh 🙂").await;
    let second = ask(&world, &chat, Some(&first), "你好, 7").await;
    ask(&world, &chat, Some(&second), "Who, what?").await;
    let request = world.engine.requests(ASK).pop().expect("three requests");
    let expected = json!({
        "model": "small",
        "messages": messages(&[
            ("user", "Tôi là Linh 🙂"), ("assistant", "Chào Linh"), ("user", "你好, 7"),
            ("assistant", "Số 7"), ("user", "Who, what?"),
        ]),
        "stream": true,
        "stream_options": {"include_usage": true},
        "chat_template_kwargs": {"enable_thinking": false},
    });
    assert_eq!(request.json(), expected);
    assert_eq!(request.header("authorization"), Some(format!("Bearer {key}").as_str()));
    let mut names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let known = [
        "accept",
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ];
    assert_eq!(names, known);
    for request in world.engine.requests(ASK).iter().chain(&world.engine.requests(MODELS)) {
        let others = request.headers.iter().filter(|(name, _)| name != "authorization");
        assert!(!format!("{:?}", others.collect::<Vec<_>>()).contains("canary"));
        assert!(!request.line().contains("canary"));
        assert!(!String::from_utf8_lossy(&request.body).contains("canary"));
        let token = world.peer.upstream.token();
        assert!(
            !format!("{request:?}").contains(&token),
            "the account's token is not the engine's"
        );
    }
    let detail = world.peer.detail(&chat).await;
    assert!(!detail.to_string().contains("canary"));
    assert_eq!(detail["title"], "Tôi là Linh 🙂");
}

#[tokio::test]
async fn another_branch_is_left_out() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(says("one")).on(says("two")).on(says("three"));
    let first = ask(&world, &chat, None, "a").await;
    ask(&world, &chat, Some(&first), "b").await;
    ask(&world, &chat, Some(&first), "c").await;
    let expected = messages(&[("user", "a"), ("assistant", "one"), ("user", "c")]);
    assert_eq!(world.asked()[2]["messages"], expected);
}

#[tokio::test]
async fn unanswered_prompts_are_not_sent() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    let half = Response::stream([super::text("half"), super::finish("length")]);
    world.on(half).on(says("two"));
    let failed = ask(&world, &chat, None, "a").await;
    ask(&world, &chat, Some(&failed), "b").await;
    let expected = messages(&[("user", "a"), ("assistant", "half"), ("user", "b")]);
    assert_eq!(world.asked()[1]["messages"], expected);
}

#[tokio::test]
async fn a_small_context_drops_the_oldest_exchanges() {
    let world = World::with(|options| options.context = Some(400)).await;
    let chat = world.peer.new_chat().await;
    let mut parent: Option<String> = None;
    for name in ["a", "b", "c", "d", "e"] {
        let words = if name == "a" { "short".to_owned() } else { name.repeat(300) };
        world.on(says(&words));
        parent = Some(ask(&world, &chat, parent.as_deref(), name).await);
    }
    let asked = world.asked();
    let prompts: Vec<_> =
        asked[4]["messages"].as_array().expect("messages").iter().step_by(2).collect();
    let prompts: Vec<_> = prompts.iter().map(|message| message["content"].as_str()).collect();
    assert_eq!(prompts, [Some("a"), Some("c"), Some("d"), Some("e")]);
}

#[tokio::test]
async fn a_history_that_the_engine_finds_too_long_is_truncated_again() {
    let world = World::with(|options| options.context = Some(2_000)).await;
    let chat = world.peer.new_chat().await;
    let mut parent: Option<String> = None;
    for name in ["a", "b", "c"] {
        world.on(says(&name.repeat(900)));
        parent = Some(ask(&world, &chat, parent.as_deref(), name).await);
    }
    let too_long = || error(400, &json!({"type": "exceed_context_size_error", "message": "no"}));
    world.on(too_long()).on(says("Hello"));
    let parent = Some(ask(&world, &chat, parent.as_deref(), "d").await);
    let lengths: Vec<_> =
        world.asked().iter().map(|body| body["messages"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(lengths, [1, 3, 5, 7, 3]);
    // If nothing is left to drop, the prompt is too long.
    world.engine.always(ASK, too_long);
    let reply = world.turn(&turn_body(&chat, parent.as_deref(), "e")).await;
    assert!(reply.contains("ContextLengthExceeded"), "{reply}");
    let asked = world.asked();
    assert_eq!(asked.last().expect("a request")["messages"], messages(&[("user", "e")]));
    assert!(asked.len() <= 5 + 7, "{}", asked.len());
}

#[tokio::test]
async fn a_refused_history_is_truncated_whatever_the_configured_context() {
    let reply = json!({"type": "exceed_context_size_error", "message": "no"});
    let in_stream = format!("data: {}\n\n", json!({"error": reply}));
    for too_long in [error(400, &reply), Response::stream([in_stream])] {
        let world = World::with(|options| options.context = Some(1_000_000)).await;
        let chat = world.peer.new_chat().await;
        let mut parent: Option<String> = None;
        for name in ["a", "b", "c"] {
            world.on(says(&name.repeat(900)));
            parent = Some(ask(&world, &chat, parent.as_deref(), name).await);
        }
        world.on(too_long).on(says("Hello"));
        assert!(world.turn(&turn_body(&chat, parent.as_deref(), "d")).await.contains("Hello"));
        let asked = world.asked();
        let lengths = asked.iter().map(|body| body["messages"].as_array().map_or(0, Vec::len));
        assert_eq!(lengths.collect::<Vec<_>>(), [1, 3, 5, 7, 3]);
    }
}

#[tokio::test]
async fn a_fault_that_replaces_the_answer_sends_the_engine_nothing() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.peer.post("/__local/faults", json!({"fault": "F57"})).await;
    let reply = world.turn(&turn_body(&chat, None, "Hi")).await;
    assert_eq!(answer_text(&reply), "aaaa");
    assert_eq!(world.engine.count(ASK), 0);
}

#[tokio::test]
async fn the_context_is_the_size_that_the_engine_reports() {
    let world = World::bare(|_| {}).await;
    let list = json!({"data": [{"id": "m", "max_model_len": 4096}, {"id": "n", "meta": {"n_ctx_train": 99}}]});
    world.engine.on(MODELS, Response::new("application/json", list.to_string()));
    let shown = world.peer.get("/api/models").await;
    let context = |at: usize| shown["data"][at]["info"]["meta"]["max_context_length"].clone();
    assert_eq!((context(0), context(1)), (json!(4096), json!(99)));
    assert_eq!(shown["data"][0]["info"]["meta"]["chat_type"], json!(["t2t"]));
}

#[tokio::test]
async fn images_are_sent_as_parts() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(says("a cat")).on(says("black"));
    let mut body = turn_body(&chat, None, "What is this?");
    body["messages"][0]["files"] =
        json!([{"type": "image", "url": "https://pages.example/cat.png"}]);
    let reply = world.turn(&body).await;
    let parent = events(&reply)[0]["response.created"]["response_id"].clone();
    ask(&world, &chat, parent.as_str(), "Which colour?").await;
    let parts = json!([{"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://pages.example/cat.png"}}]);
    let asked = world.asked();
    assert_eq!(asked[0]["messages"], json!([{"role": "user", "content": parts}]));
    assert_eq!(asked[1]["messages"][0]["content"], parts);
}

#[tokio::test]
async fn names_are_mapped_to_models_of_the_engine() {
    let map =
        ModelMap { pairs: vec![("gpt".to_owned(), "large:latest".to_owned())], default: None };
    for (default, name, expected) in [
        (None, "small", Some("small")),
        (None, "large", Some("large:latest")),
        (None, "gpt", Some("large:latest")),
        (None, "qwen3-max", Some("small")),
        (None, "other", None),
        (Some("huge"), "other", Some("huge")),
        (Some("huge"), "qwen3-max", Some("huge")),
        (Some("huge"), "small", Some("small")),
    ] {
        let map = ModelMap { default: default.map(str::to_owned), ..map.clone() };
        let world = World::with(|options| options.models = map).await;
        let chat = world.peer.new_chat().await;
        let mut body = turn_body(&chat, None, "Hi");
        body["model"] = json!(name);
        if expected.is_some() {
            world.on(says("Hello"));
        }
        let reply = world.turn(&body).await;
        assert_eq!(
            world.asked().first().and_then(|asked| asked["model"].as_str()),
            expected,
            "{name}"
        );
        if expected.is_none() {
            assert!(reply.contains("Model other is not available."), "{reply}");
        } else {
            assert_eq!(world.peer.answer(&chat).await["modelName"], json!(expected));
        }
    }
}

#[tokio::test]
async fn a_named_model_is_requested_from_an_engine_without_a_list() {
    for status in [404, 405, 501, 200] {
        let world = World::bare(|_| {}).await;
        world.engine.always(MODELS, move || models(&[]).status(status));
        world.on(says("Hello"));
        let chat = world.peer.new_chat().await;
        let mut body = turn_body(&chat, None, "Hi");
        body["model"] = json!("other");
        world.turn(&body).await;
        assert_eq!(world.asked()[0]["model"], "other");
        assert_eq!(world.peer.answer(&chat).await["modelName"], "other");
    }
}

#[tokio::test]
async fn the_default_is_listed_first_and_the_map_last() {
    let map = ModelMap {
        pairs: vec![("gpt".to_owned(), "small".to_owned())],
        default: Some("large:latest".to_owned()),
    };
    let world = World::with(|options| options.models = map).await;
    let shown = world.peer.get("/api/v2/models/").await;
    let ids: Vec<_> = shown["data"]["data"]
        .as_array()
        .expect("models")
        .iter()
        .map(|model| &model["id"])
        .collect();
    assert_eq!(ids, ["large:latest", "small", "gpt"]);
    world.peer.get("/api/models").await;
    assert_eq!(world.engine.count(MODELS), 1, "a list is good for a while");
}

#[tokio::test]
async fn a_server_without_a_list_gets_the_configured_model() {
    let map = ModelMap { pairs: Vec::new(), default: Some("only".to_owned()) };
    let world = World::bare(|options| options.models = map).await;
    world.engine.on(MODELS, Response::new("text/plain", "404 page not found").status(404));
    let chat = world.peer.new_chat().await;
    world.on(says("Hello"));
    assert_eq!(answer_text(&world.turn(&turn_body(&chat, None, "Hi")).await), "Hello");
    assert_eq!(world.asked()[0]["model"], "only");
}

#[tokio::test]
async fn thinking_is_requested() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(says("Hello"));
    let mut body = turn_body(&chat, None, "Hi");
    body["messages"][0]["feature_config"] = json!({"thinking_enabled": true, "thinking_mode": "Thinking",
        "thinking_format": "summary", "auto_thinking": false, "output_schema": "phase"});
    world.turn(&body).await;
    assert_eq!(world.asked()[0]["chat_template_kwargs"], json!({"enable_thinking": true}));
}

#[tokio::test]
async fn a_strict_server_gets_plain_requests_after_its_first_refusal() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    let strict = json!({"message": "Unrecognized request argument supplied: chat_template_kwargs"});
    world.on(error(400, &strict)).on(says("one")).on(says("two"));
    let first = ask(&world, &chat, None, "a").await;
    ask(&world, &chat, Some(&first), "b").await;
    let members: Vec<Vec<String>> = world
        .asked()
        .iter()
        .map(|body| body.as_object().expect("an object").keys().cloned().collect())
        .collect();
    let plain = ["messages", "model", "stream"];
    assert_eq!(
        members[0],
        ["chat_template_kwargs", "messages", "model", "stream", "stream_options"]
    );
    assert_eq!(
        (members[1].as_slice(), members[2].as_slice()),
        (plain.map(String::from).as_slice(), plain.map(String::from).as_slice())
    );
}

#[tokio::test]
async fn what_the_engine_cannot_do_is_refused_without_a_request() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    for kind in ["search", "t2i"] {
        let mut body = turn_body(&chat, None, "Hi");
        body["messages"][0]["chat_type"] = json!(kind);
        let reply: Value = serde_json::from_str(&world.turn(&body).await).expect("a refusal");
        assert_eq!(
            (&reply["success"], &reply["data"]["code"]),
            (&json!(false), &json!("Bad_Request"))
        );
        assert!(reply["data"]["details"].as_str().expect("words").contains("cannot"), "{reply}");
    }
    assert_eq!(world.engine.count(ASK), 0);
}

#[tokio::test]
async fn markers_in_a_prompt_are_plain_text() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(says("Hello"));
    let prompt = "[[fault:F33]] [[lorem:3]] [[think]]";
    let reply = world.turn(&turn_body(&chat, None, prompt)).await;
    assert_eq!(answer_text(&reply), "Hello");
    assert_eq!(world.asked()[0]["messages"][0]["content"], prompt);
    assert_eq!(world.peer.detail(&chat).await["title"], prompt);
    // An armed fault still applies.
    world.peer.post("/__local/faults", json!({"fault": "F37"})).await;
    assert!(world.turn(&turn_body(&chat, None, "again")).await.contains("ContextLengthExceeded"));
}

#[tokio::test]
async fn an_engine_without_models_is_reported() {
    let world = World::bare(|_| {}).await;
    world.engine.on(MODELS, models(&[]));
    let reply = world.peer.get("/api/models").await;
    assert!(
        reply["data"]["details"].as_str().expect("words").contains("load one first"),
        "{reply}"
    );
}
