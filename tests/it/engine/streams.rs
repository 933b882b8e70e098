//! The streams made from the engine's answers.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{ASK, DONE, World, delta, error, finish, says, text};
use crate::local_upstream::peer::{answer_text, events, turn_body};
use crate::support::response::{Ending, Gate, Response};

/// The text of a phase, in the stream.
fn phase(body: &str, name: &str) -> String {
    let deltas = events(body).into_iter().map(|event| event["choices"][0]["delta"].clone());
    let deltas = deltas.filter(|delta| delta["phase"] == name);
    deltas.filter_map(|delta| delta["content"].as_str().map(str::to_owned)).collect()
}

/// Whether a stream has the event that completes an answer.
fn is_whole(body: &str) -> bool {
    let mut all = events(body);
    let last = all.pop().unwrap_or_default();
    last["choices"][0]["delta"]["status"] == "finished"
}

/// The error in a stream.
fn failure(body: &str) -> Value {
    let found = events(body).into_iter().find(|event| event["error"].is_object());
    found.unwrap_or_else(|| panic!("an error in: {body}"))["error"].clone()
}

/// One turn with this answer of the engine.
async fn turn_with(response: Response) -> (World, String, String) {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(response);
    let reply = world.turn(&turn_body(&chat, None, "Hi")).await;
    (world, chat, reply)
}

#[tokio::test]
async fn an_answer_is_the_same_wherever_its_bytes_are_cut() {
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 31, "completion_tokens": 9}});
    let whole = [
        "\u{feff}: ping\n\n".to_owned(),
        delta(&json!({"role": "assistant", "content": null})),
        delta(&json!({"reasoning_content": "Hmm 思"})),
        delta(&json!({"reasoning": " why?"})),
        text("Xin chào ").replace("data: ", "data:").replace('\n', "\r\n"),
        "event: x\nid: 3\n".to_owned() + &text("你好 ").replace("\n\n", "\n"),
        text("🙂"),
        "data: {\"choices\":null}\n\ndata: {}\n\ndata: ping\n\n".to_owned(),
        finish("stop"),
        format!("data: {usage}\n\ndata: [DONE]"),
    ]
    .concat();
    let bytes = whole.as_bytes();
    let cuts: Vec<Vec<&[u8]>> =
        [1, 2, 3, 7, 64, bytes.len()].map(|size| bytes.chunks(size).collect()).into();
    for pieces in cuts {
        let (world, chat, reply) = turn_with(Response::stream(pieces)).await;
        assert_eq!(answer_text(&reply), "Xin chào 你好 🙂");
        assert_eq!(phase(&reply, "think"), "Hmm 思 why?");
        assert!(is_whole(&reply));
        let counts =
            events(&reply).into_iter().filter_map(|event| event.get("usage").cloned()).next_back();
        let counts = counts.expect("counts");
        assert_eq!((&counts["input_tokens"], &counts["output_tokens"]), (&json!(31), &json!(9)));
        let answer = world.peer.answer(&chat).await;
        assert_eq!(
            (&answer["done"], &answer["is_stop"], &answer["error"]),
            (&json!(true), &json!(false), &Value::Null)
        );
        assert_eq!(answer["content_list"][1]["content"], "Xin chào 你好 🙂");
        assert_eq!(answer["content_list"][1]["usage"]["output_tokens"], 9);
    }
}

#[tokio::test]
async fn text_between_think_tags_is_thinking() {
    let pieces = ["<th", "ink>Is it", "?</thi", "nk>\n\nIt ", "is <think>"].map(text);
    let (_, _, reply) = turn_with(Response::stream(pieces).then(finish("stop"))).await;
    assert_eq!(
        (phase(&reply, "think").as_str(), answer_text(&reply).as_str()),
        ("Is it?", "It is <think>")
    );
}

#[tokio::test]
async fn pieces_are_relayed_as_they_arrive() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    let gate = Gate::default();
    world
        .on(Response::stream([text("first")]).gate(&gate).then(text(" last")).then(finish("stop")));
    let mut response = world.peer.begin(&chat, "Hi").await;
    let mut read = String::new();
    while !read.contains("first") {
        let piece = response.chunk().await.expect("a stream").expect("a piece");
        read.push_str(&String::from_utf8_lossy(&piece));
    }
    gate.open();
    read.push_str(&response.text().await.expect("the rest"));
    assert_eq!(answer_text(&read), "first last");
}

#[tokio::test]
async fn an_answer_without_streaming_is_accepted() {
    let document = json!({"choices": [{"message": {"role": "assistant", "content": "<think>hm</think>Hello"},
        "finish_reason": "stop"}], "usage": {"prompt_tokens": 3, "completion_tokens": 2}});
    let (_, _, reply) =
        turn_with(Response::new("application/json; charset=utf-8", document.to_string())).await;
    assert_eq!((phase(&reply, "think").as_str(), answer_text(&reply).as_str()), ("hm", "Hello"));
    assert!(is_whole(&reply));
}

#[tokio::test]
async fn the_first_byte_determines_the_form_of_an_answer() {
    let stream = [text("Hel"), text("lo"), finish("stop"), DONE.to_owned()].concat();
    let (_, _, body) = turn_with(Response::new("application/json", format!("\n{stream}"))).await;
    assert_eq!((answer_text(&body).as_str(), is_whole(&body)), ("Hello", true));
    let document = json!({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]});
    let bytes = format!("\u{feff} {document}").into_bytes();
    let (_, _, body) = turn_with(Response::stream(bytes.chunks(1))).await;
    assert_eq!((answer_text(&body).as_str(), is_whole(&body)), ("Hello", true));
    let error = json!({"error": {"message": "CUDA out of memory"}});
    let (_, _, body) = turn_with(Response::stream([error.to_string()])).await;
    assert!(failure(&body)["details"].as_str().expect("words").contains("CUDA"), "{body}");
}

#[tokio::test]
async fn thinking_without_an_answer_is_a_failure() {
    for thoughts in [delta(&json!({"reasoning_content": "Hmm"})), text("<think>Hmm</think>\n")] {
        let (_, _, body) = turn_with(Response::stream([thoughts, finish("stop")])).await;
        assert_eq!((phase(&body, "think").as_str(), is_whole(&body)), ("Hmm", false));
        let details = failure(&body)["details"].clone();
        assert!(details.as_str().expect("words").contains("before the first word"), "{details}");
    }
}

#[tokio::test]
async fn bytes_after_the_end_do_not_delay_it() {
    let pings = Response::stream([text("Hello"), finish("stop")]).endless(b": ping\n\n".to_vec());
    let (world, _, body) = turn_with(pings).await;
    assert_eq!((answer_text(&body).as_str(), is_whole(&body)), ("Hello", true));
    world.engine.until_left(1).await;
}

#[tokio::test]
async fn a_finish_reason_or_done_ends_an_answer() {
    for ends in [
        vec![finish("stop")],
        vec![DONE.to_owned()],
        vec![finish("eos"), DONE.to_owned()],
        vec![finish("stop").trim_end().to_owned()],
    ] {
        let pieces = [vec![text("Hello")], ends.clone()].concat();
        let (_, _, body) = turn_with(Response::stream(pieces)).await;
        assert!(is_whole(&body) && answer_text(&body) == "Hello", "{ends:?}: {body}");
    }
    // A server that sends a finish reason and leaves the connection open.
    let (_, _, body) =
        turn_with(Response::stream([text("Hello"), finish("stop")]).ending(Ending::Fin)).await;
    assert!(is_whole(&body));
}

#[tokio::test]
async fn a_truncated_answer_is_a_failure() {
    for ending in [Ending::Whole, Ending::Fin, Ending::Reset] {
        let pieces = [text("Hal"), text("lo")];
        let (world, chat, body) = turn_with(Response::stream(pieces).ending(ending)).await;
        assert!(!is_whole(&body), "{body}");
        let error = failure(&body);
        assert_eq!(error["code"], "Unexpected_Response");
        assert!(error["details"].as_str().expect("words").contains("before the end"), "{error}");
        let answer = world.peer.answer(&chat).await;
        assert_eq!(
            (&answer["content_list"][0]["content"], &answer["done"]),
            (&json!("Hallo"), &json!(true))
        );
        assert_eq!(answer["error"]["code"], "Unexpected_Response");
        // The chat is free again.
        world.on(says("Hello"));
        assert!(is_whole(&world.turn(&turn_body(&chat, None, "again")).await));
    }
}

#[tokio::test]
async fn a_broken_connection_after_a_finish_reason_beside_words_is_a_failure() {
    let beside = || {
        let choice = json!({"index": 0, "delta": {"content": "Hallo"}, "finish_reason": "stop"});
        vec![format!("data: {}\n\n", json!({"choices": [choice]}))]
    };
    let own = || vec![text("Hallo"), finish("stop")];
    for (pieces, ending, whole) in [
        (beside(), Ending::Reset, false),
        (beside(), Ending::Whole, true),
        (own(), Ending::Reset, true),
        (own(), Ending::Whole, true),
    ] {
        let (_, _, body) = turn_with(Response::stream(pieces).ending(ending)).await;
        assert_eq!((answer_text(&body).as_str(), is_whole(&body)), ("Hallo", whole), "{body}");
    }
}

#[tokio::test]
async fn an_event_of_many_megabytes_is_read() {
    let image = json!({"content": "", "images": [{"image_url": {"url": "A".repeat(3 << 20)}}]});
    let pieces = [text("Hal"), delta(&image), text("lo"), finish("stop"), DONE.to_owned()];
    let (_, _, body) = turn_with(Response::stream(pieces)).await;
    assert_eq!((answer_text(&body).as_str(), is_whole(&body)), ("Hallo", true));
}

#[tokio::test]
async fn other_finish_reasons_are_failures_with_their_codes() {
    for (reason, code) in [
        ("length", "Output_Limit_Reached"),
        ("content_filter", "data_inspection_failed"),
        ("abort", "Unexpected_Response"),
    ] {
        let pieces = [text("Hal"), finish(reason), DONE.to_owned()];
        let (world, chat, body) = turn_with(Response::stream(pieces)).await;
        assert_eq!(
            (failure(&body)["code"].as_str(), is_whole(&body)),
            (Some(code), false),
            "{reason}"
        );
        assert_eq!(world.peer.answer(&chat).await["content_list"][0]["content"], "Hal");
    }
}

#[tokio::test]
async fn an_error_in_a_stream_keeps_the_partial_answer() {
    let broken =
        format!("data: {}\n\n", json!({"error": {"message": "CUDA out of memory", "code": 500}}));
    for (end, code) in [
        (broken, "Internal_Server_Error"),
        ("data: {\"choices\": [{\"del\n\n".to_owned(), "Unexpected_Response"),
    ] {
        let (world, chat, body) = turn_with(Response::stream([text("Hal"), end])).await;
        assert_eq!(
            (failure(&body)["code"].as_str(), answer_text(&body).as_str()),
            (Some(code), "Hal")
        );
        assert_eq!(world.peer.answer(&chat).await["content_list"][0]["content"], "Hal");
    }
}

#[tokio::test]
async fn a_failure_before_the_first_piece_is_a_refusal_and_leaves_no_trace() {
    let first =
        format!("data: {}\n\n", json!({"error": {"message": "no", "code": "rate_limit_exceeded"}}));
    for (response, code) in [
        (Response::stream([first]), "Too_Many_Requests"),
        (Response::stream([finish("content_filter")]), "data_inspection_failed"),
        (error(503, &json!({"message": "x"})), "Server_Busy"),
    ] {
        let world = World::new().await;
        let chat = world.peer.new_chat().await;
        let before = world.peer.detail(&chat).await;
        world.on(response);
        let reply: Value = serde_json::from_str(&world.turn(&turn_body(&chat, None, "Hi")).await)
            .expect("a refusal");
        assert_eq!(
            (&reply["success"], reply["data"]["code"].as_str()),
            (&json!(false), Some(code))
        );
        assert_eq!(world.peer.detail(&chat).await, before);
    }
}

#[tokio::test]
async fn a_failure_after_possible_work_is_reported_in_the_stream() {
    let broken = format!("data: {}\n\n", json!({"error": {"message": "no", "code": 500}}));
    for (response, code) in [
        (Response::stream([broken]), "Internal_Server_Error"),
        (Response::stream([finish("stop"), DONE.to_owned()]), "Unexpected_Response"),
        (Response::stream([""]).ending(Ending::Reset), "Unexpected_Response"),
        (Response::silence().ending(Ending::Fin), "Internal_Server_Error"),
        (Response::silence().ending(Ending::Reset), "Internal_Server_Error"),
        (error(408, &json!({"message": "x"})), "Timed_Out"),
        (error(500, &json!({"message": "x"})), "Internal_Server_Error"),
        (error(502, &json!({"message": "x"})), "Internal_Server_Error"),
        (error(504, &json!({"message": "x"})), "Timed_Out"),
    ] {
        let (world, chat, body) = turn_with(response).await;
        let error = failure(&body);
        assert_eq!(error["code"], code);
        let details = error["details"].as_str().expect("words");
        assert!(details.contains(&world.engine.origin()), "{details}");
        assert!(!details.contains("cannot be reached"), "{details}");
        assert_eq!(world.engine.count(ASK), 1);
        assert_eq!(world.peer.answer(&chat).await["error"]["code"], code);
    }
}

#[tokio::test]
async fn a_stop_closes_the_connection_at_once() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(Response::stream([text("Hal")]).ending(Ending::Hang));
    let mut response = world.peer.begin(&chat, "Hi").await;
    let mut read = String::new();
    while !read.contains("Hal") {
        read.push_str(&String::from_utf8_lossy(
            &response.chunk().await.expect("a stream").expect("a piece"),
        ));
    }
    let id = events(&read)[0]["response.created"]["response_id"].clone();
    let begin = Instant::now();
    let path = format!("/api/v2/chat/completions/stop?chat_id={chat}");
    let reply = world.peer.post(&path, json!({"chat_id": chat, "response_id": id})).await;
    assert_eq!(reply["data"]["status"], true);
    world.engine.until_left(1).await;
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    assert!(response.text().await.expect("the rest").contains("response.stopped"));
    let answer = world.peer.answer(&chat).await;
    assert_eq!(
        (&answer["is_stop"], &answer["content_list"][0]["content"]),
        (&json!(true), &json!("Hal"))
    );
}

#[tokio::test]
async fn a_stop_before_the_first_piece_closes_the_connection_too() {
    for response in [Response::silence(), Response::stream([": ping\n\n"]).ending(Ending::Hang)] {
        let world = World::new().await;
        let chat = world.peer.new_chat().await;
        world.on(response);
        let asking = world.peer.turn(&chat, &turn_body(&chat, None, "Hi"));
        let asking =
            tokio::spawn(async move { asking.send().await.expect("an answer").text().await });
        world.engine.until(ASK, 1).await;
        let path = format!("/api/v2/chat/completions/stop?chat_id={chat}");
        let reply = world.peer.post(&path, json!({"chat_id": chat})).await;
        assert_eq!(reply["data"]["status"], true);
        world.engine.until_left(1).await;
        let body = asking.await.expect("no panic").expect("a whole body");
        assert!(body.contains("response.created") && body.contains("response.stopped"), "{body}");
    }
}

#[tokio::test]
async fn a_disconnect_before_the_first_piece_closes_the_connection() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(Response::silence());
    let asking = world.peer.turn(&chat, &turn_body(&chat, None, "Hi"));
    let asking = tokio::spawn(asking.send());
    world.engine.until(ASK, 1).await;
    asking.abort();
    world.engine.until_left(1).await;
}

#[tokio::test]
async fn the_end_of_the_local_upstream_closes_the_connection() {
    let World { engine, peer } = World::new().await;
    let chat = peer.new_chat().await;
    engine.on(ASK, Response::stream([text("Hal")]).ending(Ending::Hang));
    let _response = peer.begin(&chat, "Hi").await;
    peer.upstream.shutdown().await;
    engine.until_left(1).await;
}

#[tokio::test]
async fn a_silent_engine_times_out() {
    let patience = Duration::from_millis(200);
    for (response, kept) in
        [(Response::silence(), ""), (Response::stream([text("Hal")]).ending(Ending::Hang), "Hal")]
    {
        let world = World::with(|options| options.idle = patience).await;
        let chat = world.peer.new_chat().await;
        world.on(response);
        let body = world.turn(&turn_body(&chat, None, "Hi")).await;
        let details = failure(&body)["details"].clone();
        assert_eq!(answer_text(&body), kept);
        assert!(details.as_str().expect("words").contains("sent nothing for 0.2 s"), "{details}");
        world.engine.until_left(1).await;
    }
}

#[tokio::test]
async fn comments_of_the_engine_become_keep_alive_events() {
    let world = World::with(|options| options.idle = Duration::from_secs(2)).await;
    let chat = world.peer.new_chat().await;
    let mut response = Response::stream([": ping\n\n"]);
    for _ in 0..4 {
        response = response.pause(Duration::from_millis(700)).then(": ping\n\n");
    }
    world.on(response.then(text("Hello")).then(finish("stop")));
    let body = world.turn(&turn_body(&chat, None, "Hi")).await;
    assert_eq!((answer_text(&body).as_str(), is_whole(&body)), ("Hello", true));
    let all = events(&body);
    let alive = all.iter().filter(|event| event["response.info"]["action"] == "keep_alive");
    assert!(alive.count() >= 2, "{body}");
}

#[tokio::test]
async fn an_endless_answer_is_cancelled() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(Response::stream([""]).endless(text(&"x".repeat(900_000)).into_bytes()));
    let body = world.turn(&turn_body(&chat, None, "Hi")).await;
    assert!(failure(&body)["details"].as_str().expect("words").contains("without an end"));
    world.engine.until_left(1).await;
}

#[tokio::test]
async fn an_endless_line_is_cancelled() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(Response::stream([text("Hal")]).endless(vec![b'x'; 100_000]));
    let body = world.turn(&turn_body(&chat, None, "Hi")).await;
    assert!(failure(&body)["details"].as_str().expect("words").contains("too long"), "{body}");
    world.engine.until_left(1).await;
}

#[tokio::test]
async fn an_answer_in_one_document_fails_like_a_stream() {
    let world = World::new().await;
    let chat = world.peer.new_chat().await;
    world.on(says("Hello")).on(Response::stream([text("Hal"), finish("length")]));
    let mut body = turn_body(&chat, None, "Hi");
    body["stream"] = json!(false);
    let reply: Value = serde_json::from_str(&world.turn(&body).await).expect("a document");
    assert_eq!(reply["data"]["choices"][0]["message"]["content"], "Hello");
    let reply: Value = serde_json::from_str(&world.turn(&body).await).expect("a document");
    assert_eq!(
        (&reply["success"], &reply["data"]["code"]),
        (&json!(false), &json!("Output_Limit_Reached"))
    );
}

#[tokio::test]
async fn tokens_that_the_engine_does_not_count_are_not_made_up() {
    let whole = text("Four words are here") + &finish("stop") + "data: [DONE]\n\n";
    let (_world, _, reply) = turn_with(Response::stream([whole.as_bytes()])).await;
    assert_eq!(answer_text(&reply), "Four words are here");
    let counts: Vec<Value> =
        events(&reply).into_iter().filter_map(|event| event.get("usage").cloned()).collect();
    let is_zero = |usage: &Value| usage["total_tokens"].as_u64().unwrap_or_default() == 0;
    assert!(!counts.is_empty() && counts.iter().all(is_zero), "{counts:?}");
}
