//! What the engine refuses, and how that is reported.

use qwenctl::engine::{self, EngineOptions};
use qwenctl::local::{Access, LocalOptions};
use reqwest::Method;
use serde_json::{Value, json};

use super::{ASK, DONE, MODELS, World, error, finish, models, says, text};
use crate::local_upstream::peer::{Peer, answer_text, events, turn_body};
use crate::support::frames::Coding;
use crate::support::response::{Ending, Response};

/// The refusal of a turn, or the failure in its stream, which is not retried.
async fn failed(world: &World) -> Value {
    let chat = world.peer.new_chat().await;
    let body = world.turn(&turn_body(&chat, None, "Hi")).await;
    if let Ok(reply) = serde_json::from_str::<Value>(&body) {
        return reply["data"].clone();
    }
    let found = events(&body).into_iter().find(|event| event["error"].is_object());
    found.unwrap_or_else(|| panic!("an error in: {body}"))["error"].clone()
}

/// The refusal of a turn.
async fn refused(world: &World) -> Value {
    let chat = world.peer.new_chat().await;
    let body = world.turn(&turn_body(&chat, None, "Hi")).await;
    let reply: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("a refusal: {body}"));
    assert_eq!(reply["success"], false);
    reply["data"].clone()
}

#[tokio::test]
async fn each_refusal_has_the_upstreams_code_and_names_engine_and_next_step() {
    let message = |text: &str| json!({"message": text});
    for (response, code, words) in [
        (error(401, &message("Incorrect API key provided")), "Bad_Request", "QWENCTL_ENGINE_KEY"),
        (error(403, &message("no")), "Bad_Request", "QWENCTL_ENGINE_KEY"),
        (error(404, &message("model 'small' not found")), "Bad_Request", "has no model `small`"),
        (Response::new("text/plain", "404 page not found").status(404), "Bad_Request", "/v1"),
        (
            error(500, &message("boom\nat line 3")),
            "Internal_Server_Error",
            "failed (status 500): boom at line 3",
        ),
        (error(503, &message("Loading model")), "Server_Busy", "Loading model"),
        (
            Response::new("text/html", "<html>502</html>").status(502),
            "Internal_Server_Error",
            "status 502",
        ),
        (
            error(
                400,
                &json!({"message": "too many", "type": "exceed_context_size_error", "n_ctx": 9}),
            ),
            "ContextLengthExceeded",
            "--engine-context",
        ),
        (
            error(400, &json!({"code": "data_inspection_failed", "message": "x"})),
            "data_inspection_failed",
            "filter",
        ),
        (
            error(429, &json!({"code": "insufficient_quota", "message": "x"})),
            "Too_Many_Requests",
            "reports that its quota is used up",
        ),
        (
            Response::new("text/plain", "").status(307).header("Location", "http://127.0.0.1:1/"),
            "Bad_Request",
            "--engine",
        ),
    ] {
        let world = World::new().await;
        world.on(response);
        let reply = failed(&world).await;
        let details = reply["details"].as_str().expect("words");
        assert_eq!(reply["code"], code, "{details}");
        assert!(details.contains(words) && details.contains(&world.engine.origin()), "{details}");
    }
}

#[tokio::test]
async fn a_rate_limit_reports_the_time_to_wait() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(error(429, &json!({"message": "slow"})).header("Retry-After", "7"));
    let response = world.peer.begin(&chat, "Hi").await;
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(response.headers()["x-actual-status-code"], "429");
    let reply: Value = response.json().await.expect("a refusal");
    assert_eq!(reply["data"]["code"], "Too_Many_Requests");
}

#[tokio::test]
async fn a_wait_in_the_words_of_a_refusal_is_reported() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(error(429, &json!({"message": "Rate limit reached. Please try again in 27.5s."})));
    let response = world.peer.begin(&chat, "Hi").await;
    assert_eq!(response.headers()["retry-after"], "28");
}

#[tokio::test]
async fn compressed_responses_are_decoded_although_none_are_accepted() {
    for coding in [Coding::Gzip, Coding::Brotli] {
        let coded = async |kind: &str, text: String| {
            let body = coding.compress(&[text], false).await.concat();
            Response::new(kind, body).header("Content-Encoding", coding.name())
        };
        let world = World::new().await;
        let refusal = json!({"error": {"message": "no such parameter"}}).to_string();
        let refusal = coded("application/json", refusal).await.status(409);
        world.on(refusal);
        let reply = refused(&world).await;
        assert!(
            reply["details"].as_str().expect("words").ends_with(": no such parameter"),
            "{reply}"
        );
        let stream = [text("Hello"), finish("stop"), DONE.to_owned()].concat();
        world.on(coded("text/event-stream", stream).await);
        let chat = world.peer.new_chat().await;
        let body = world.turn(&turn_body(&chat, None, "Hi")).await;
        assert_eq!(answer_text(&body), "Hello", "{body}");
        for request in world.engine.requests(ASK) {
            assert_eq!(request.header("accept-encoding"), Some("identity"));
        }
    }
}

#[tokio::test]
async fn the_words_of_a_refusal_that_is_cut_are_reported() {
    let world = World::new().await;
    let refusal = Response::new("application/json", "{\"error\":{\"message\":\"out of memo");
    world.on(refusal.status(409).ending(Ending::Fin));
    let reply = refused(&world).await;
    assert!(reply["details"].as_str().expect("words").ends_with(": out of memo"), "{reply}");
}

#[tokio::test]
async fn a_refusal_does_not_repeat_the_key() {
    let key = ["sk-", "canary"].concat();
    let words = json!({"message": format!("Incorrect API key provided: {key}")});
    let in_stream = format!("data: {}\n\n", json!({"error": words}));
    for response in
        [error(401, &words), error(409, &words), error(500, &words), Response::stream([in_stream])]
    {
        let world = World::with(|options| options.key = Some(key.clone().into())).await;
        world.on(response);
        let reply = failed(&world).await.to_string();
        assert!(!reply.contains("canary") && reply.contains('…'), "{reply}");
    }
}

#[tokio::test]
async fn the_error_of_an_unreachable_engine_names_it() {
    let (_port, address) = crate::support::http::closed_port();
    let options = EngineOptions { url: format!("http://{address}/v1"), ..EngineOptions::default() };
    let url = options.url.clone();
    let opened = engine::open(options).expect("an engine");
    let options =
        LocalOptions { engine: Some(opened), access: Access::Programs, ..LocalOptions::default() };
    let peer = Peer::with(options).await;
    let chat = peer.new_chat().await;
    let turn = peer.turn(&chat, &turn_body(&chat, None, "Hi")).send().await.expect("a response");
    let models = peer.request(Method::GET, "/api/v2/models/").send().await.expect("a response");
    for response in [turn, models] {
        let reply: Value = response.json().await.expect("a refusal");
        let details = reply["data"]["details"].as_str().expect("words");
        assert_eq!(reply["data"]["code"], "Internal_Server_Error");
        assert!(details.contains(&url) && details.contains("cannot be reached"), "{details}");
        assert!(details.contains("start it, or correct `--engine`"), "{details}");
    }
    assert_eq!(peer.detail(&chat).await["currentId"], Value::Null);
}

#[tokio::test]
async fn an_engine_that_comes_back_is_used() {
    let world = World::bare(|_| {}).await;
    world.engine.on(MODELS, Response::new("text/html", "<html>").status(502));
    let reply = refused(&world).await;
    assert_eq!(reply["code"], "Internal_Server_Error");
    // A failure is not kept for long.
    world.engine.always(MODELS, || models(&["small"]));
    world.on(says("Hello"));
    let chat = world.peer.new_chat().await;
    let mut body = String::new();
    while !body.contains("Hello") {
        assert!(body.is_empty() || body.contains("Internal_Server_Error"), "{body}");
        body = world.turn(&turn_body(&chat, None, "Hi")).await;
    }
    assert_eq!(world.engine.count(ASK), 1);
}

#[tokio::test]
async fn an_invalid_list_of_models_is_refused() {
    for response in [
        Response::new("text/html", "<html>hello</html>"),
        Response::new("application/json", "x".repeat(5 << 20)),
    ] {
        let world = World::bare(|_| {}).await;
        world.engine.on(MODELS, response);
        let reply = world.peer.get("/api/models").await;
        assert!(
            reply["data"]["details"].as_str().expect("words").contains("list of models"),
            "{reply}"
        );
    }
}

#[test]
fn an_invalid_key_or_address_is_refused_at_the_start() {
    let refusal = |change: fn(&mut EngineOptions)| {
        let mut options = EngineOptions::default();
        change(&mut options);
        engine::open(options).expect_err("a refusal").to_string()
    };
    assert!(refusal(|options| options.url = "ftp://x".to_owned()).contains("address"));
    let refused = refusal(|options| options.key = Some("a\nb".to_owned().into()));
    assert!(refused.contains("key") && !refused.contains("a\nb"), "{refused}");
}
