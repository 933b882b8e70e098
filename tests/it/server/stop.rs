//! `POST /api/chats/<id>/stop`: stops answers of other requests of the same account.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cache::MODELS;
use super::world::{Answer, Served, post, read_until, with_empty_chat};
use crate::support::bodies::{C1, R1, empty_chat, envelope, gone};
use crate::support::frames::{created, d, end, sse, whole};
use crate::support::response::{Ending, Gate, Response};
use crate::support::tokens::{token, token_of};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, COMPLETIONS, STOP};

const AT_MOST: Duration = Duration::from_secs(1);

fn ask(streams: bool, on_disconnect: &str) -> String {
    let body = json!({"chat_id": C1, "message": "m", "stream": streams,
        "on_disconnect": on_disconnect});
    post("/api/chat/send", &body)
}

async fn stop(served: &Served, token: Option<&str>) -> Answer {
    let request = served.http.post(served.url(&format!("/api/chats/{C1}/stop")));
    served.ask(token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth)).await
}

fn stopped(yes: bool) -> Value {
    json!({"success": true, "stopped": yes})
}

/// An upstream that begins an answer and never ends it.
async fn hanging(read: &Gate) -> (Upstream, Served) {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let hal = sse([created().as_str(), &d("Hal")]).when_read(read);
    upstream.on(COMPLETIONS, hal.ending(Ending::Hang));
    upstream.on(STOP, envelope(json!({"status": true})));
    let served = Served::new(&upstream).await;
    (upstream, served)
}

/// The upstream is stopped before the stop request is answered, and the next prompt is answered.
async fn stops_at_once(served: &Served, upstream: &Upstream) {
    let began = Instant::now();
    assert_eq!(stop(served, None).await.json(), stopped(true));
    assert!(began.elapsed() < AT_MOST, "{:?}", began.elapsed());
    assert_eq!(upstream.request(STOP).json()["response_id"], R1);
    assert_eq!(stop(served, None).await.json(), stopped(false), "it is over");
    upstream.on(COMPLETIONS, whole("next"));
    let next = served.post("/api/chat/send", json!({"chat_id": C1, "message": "Again"})).await;
    assert_eq!(next.json()["data"]["content"], "next");
    assert_eq!(upstream.count(STOP), 1);
}

#[tokio::test]
async fn a_stopped_stream_ends_in_an_error_event() {
    let read = Gate::default();
    let (upstream, served) = hanging(&read).await;
    let mut stream = served.raw(ask(true, "stop")).await;
    read_until(&mut stream, "Hal").await;
    stops_at_once(&served, &upstream).await;
    let text = read_until(&mut stream, "event: error\ndata: ").await;
    let rest = read_until(&mut stream, "0\r\n\r\n").await;
    let error = (text + &rest).replace("\r\n", "");
    assert!(error.contains("\"code\":\"interrupted\""), "{error}");
    assert!(error.contains("\"content\":\"Hal\""), "the failure holds what came: {error}");
}

#[tokio::test]
async fn stop_ends_an_answer_of_the_compatible_api() {
    let read = Gate::default();
    let (upstream, served) = hanging(&read).await;
    upstream.always(MODELS, || envelope(json!({"data": [{"id": "m"}]})));
    let body = json!({"model": "m", "stream": true, "metadata": {"chat_id": C1},
        "messages": [{"role": "user", "content": "m"}]});
    let mut stream = served.raw(post("/v1/chat/completions", &body)).await;
    read_until(&mut stream, "Hal").await;
    stops_at_once(&served, &upstream).await;
    let text = read_until(&mut stream, "0\r\n\r\n").await;
    assert!(text.contains("\"code\":\"interrupted\""), "{text}");
}

#[tokio::test]
async fn a_stopped_whole_answer_is_an_error_with_the_partial_answer() {
    let read = Gate::default();
    let (upstream, served) = hanging(&read).await;
    let body = json!({"chat_id": C1, "message": "m"});
    let (answer, ()) = tokio::join!(served.post("/api/chat/send", body), async {
        read.opened().await;
        stops_at_once(&served, &upstream).await;
    });
    let failure = answer.failure(503, "interrupted");
    assert_eq!(failure["partial"]["content"], "Hal");
    assert_eq!(answer.header("x-should-retry"), "false", "a stopped prompt is not sent again");
}

#[tokio::test]
async fn a_stopped_prompt_of_the_compatible_api_forbids_sdk_retries() {
    let body = json!({"model": "m", "metadata": {"chat_id": C1},
        "messages": [{"role": "user", "content": "m"}]});
    let read = Gate::default();
    let (upstream, served) = hanging(&read).await;
    upstream.always(MODELS, || envelope(json!({"data": [{"id": "m"}]})));
    let (answer, ()) = tokio::join!(served.post("/v1/chat/completions", body), async {
        read.opened().await;
        stops_at_once(&served, &upstream).await;
    });
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.json()["error"]["code"], "interrupted");
    assert_eq!(answer.header("x-should-retry"), "false");
}

#[tokio::test]
async fn stop_ends_an_answer_whose_client_has_disconnected() {
    for streams in [true, false] {
        let read = Gate::default();
        let (upstream, served) = hanging(&read).await;
        let stream = served.raw(ask(streams, "continue")).await;
        read.opened().await;
        drop(stream);
        stops_at_once(&served, &upstream).await;
    }
}

#[tokio::test]
async fn stop_ends_an_answer_before_its_first_event() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, Response::silence());
    let served = Served::new(&upstream).await;
    let body = json!({"chat_id": C1, "message": "m", "stream": true});
    let (answer, ()) = tokio::join!(served.post("/api/chat/send", body), async {
        upstream.until(COMPLETIONS, 1).await;
        assert_eq!(stop(&served, None).await.json(), stopped(true));
    });
    answer.failure(503, "interrupted");
}

#[tokio::test]
async fn stop_ends_a_prompt_in_the_queue_before_it_is_sent() {
    let read = Gate::default();
    let (upstream, served) = hanging(&read).await;
    let _first = served.raw(ask(true, "continue")).await;
    read.opened().await;
    let mut second = served.raw(ask(false, "continue")).await;
    // Requests are read in the order in which they come, on a single thread.
    assert_eq!(served.get("/health").await.status, 200);
    assert_eq!(served.get("/health").await.status, 200);
    stops_at_once(&served, &upstream).await;
    read_until(&mut second, "\"code\":\"interrupted\"").await;
    assert_eq!(upstream.count(COMPLETIONS), 2, "the first and the next");
}

#[tokio::test]
async fn stop_of_a_waiting_prompt_leaves_the_running_one() {
    let (read, gate) = (Gate::default(), Gate::default());
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let first = sse([created().as_str(), &d("Hal")]).when_read(&read).gate(&gate).then(end());
    upstream.on(COMPLETIONS, first);
    let served = Served::new(&upstream).await;
    let ask = |name: &str| {
        let body = json!({"chat_id": C1, "message": "m", "stream": true, "prompt_id": name});
        post("/api/chat/send", &body)
    };
    let stop = async |query: &str| {
        let url = served.url(&format!("/api/chats/{C1}/stop?{query}"));
        served.ask(served.http.post(url)).await.json()
    };
    let mut running = served.raw(ask("first")).await;
    read.opened().await;
    let mut waiting = served.raw(ask("second")).await;
    assert_eq!(served.get("/health").await.status, 200);
    assert_eq!(served.get("/health").await.status, 200);
    assert_eq!(stop("prompt_id=third").await, stopped(false));
    assert_eq!(stop("prompt_id=second").await, stopped(true));
    read_until(&mut waiting, "\"code\":\"interrupted\"").await;
    assert_eq!(upstream.count(STOP), 0, "the running answer goes on");
    gate.open();
    read_until(&mut running, "event: done").await;
    assert_eq!(upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn stop_of_the_running_answer_leaves_the_queue() {
    let read = Gate::default();
    let (upstream, served) = hanging(&read).await;
    let mut running = served.raw(ask(true, "continue")).await;
    read.opened().await;
    let mut waiting = served.raw(ask(true, "continue")).await;
    assert_eq!(served.get("/health").await.status, 200);
    assert_eq!(served.get("/health").await.status, 200);
    upstream.on(COMPLETIONS, whole("next"));
    let url = served.url(&format!("/api/chats/{C1}/stop?waiting=false"));
    assert_eq!(served.ask(served.http.post(url)).await.json(), stopped(true));
    read_until(&mut running, "\"code\":\"interrupted\"").await;
    read_until(&mut waiting, "event: done").await;
    assert_eq!(upstream.count(STOP), 1);
}

#[tokio::test]
async fn stop_does_not_end_answers_of_another_account() {
    let upstream = Upstream::start().await;
    upstream.on(CHAT, empty_chat());
    let gate = Gate::default();
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).gate(&gate).then(end()));
    let served = Served::new(&upstream).await;
    let mut stream = served.raw(ask(true, "stop")).await;
    read_until(&mut stream, "Hal").await;
    upstream.on(CHAT, gone());

    let foreign = token_of("22222222-2222-4222-8222-222222222222", "foreign", 86_400);
    assert_eq!(stop(&served, Some(&foreign)).await.json(), stopped(false));
    // It names the account, but what it opens is not that chat.
    let forged = token("forged", 86_400);
    stop(&served, Some(&forged)).await.failure(404, "not_found");

    gate.open();
    read_until(&mut stream, "event: done").await;
    assert_eq!(upstream.count(STOP), 0);
}

#[tokio::test]
async fn stop_accepts_another_token_of_the_same_account() {
    let read = Gate::default();
    let (upstream, served) = hanging(&read).await;
    let mut stream = served.raw(ask(true, "stop")).await;
    read_until(&mut stream, "Hal").await;
    let newer = token("newer", 86_400);
    assert_eq!(stop(&served, Some(&newer)).await.json(), stopped(true));
    assert_eq!(upstream.count(STOP), 1);
}

#[tokio::test]
async fn stop_reports_that_no_answer_runs() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    assert_eq!(stop(&served, None).await.json(), stopped(false));
    let evil = served.http.post(served.url(&format!("/api/chats/{C1}/stop")));
    let evil = evil.header("origin", "https://evil.example");
    served.ask(evil).await.failure(401, "token_missing");
    let form = served.http.post(served.url(&format!("/api/chats/{C1}/stop"))).body("a=b");
    served.ask(form).await.failure(415, "invalid_request");
    let wrong = served.http.post(served.url("/api/chats/..%2Fx/stop"));
    served.ask(wrong).await.failure(400, "invalid_request");
    assert_eq!(upstream.requests(COMPLETIONS).len() + upstream.requests(STOP).len(), 0);
}
