//! The cache: lifetimes, invalidation, and concurrent requests.

use std::time::Duration;

use serde_json::{Value, json};

use super::world::{Served, events, post, read_until, with_empty_chat};
use crate::support::bodies::{C1, envelope, json as body, quota, row, unauthorized};
use crate::support::frames::{created, d, end, sse, whole};
use crate::support::response::{Ending, Gate};
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{CHATS, COMPLETIONS, STOP};

pub const MODELS: &str = "GET /api/v2/models/";
const STATUS: &str = "GET /api/v2/users/status";
const HOUR: Duration = Duration::from_hours(1);

/// A server that caches answers, for an account with one chat.
async fn caching_answers() -> (Served, Upstream) {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.always(CHATS, || {
        envelope(json!([{"id": C1, "title": "T", "updated_at": 5, "chat_type": "t2t"}]))
    });
    let served = Served::configured(&upstream, |options| options.cache.answers = Some(HOUR)).await;
    (served, upstream)
}

fn question() -> Value {
    json!({"message": "What is it?"})
}

fn content(answer: &super::world::Answer) -> String {
    answer.json()["data"]["content"].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn an_answer_that_is_still_being_written_is_not_shared() {
    let (served, upstream) = caching_answers().await;
    let gate = Gate::default();
    upstream
        .on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).gate(&gate).then(d("lo") + &end()));
    upstream.on(COMPLETIONS, whole("Hallo again"));
    let ask = post("/api/chat/quick", &json!({"message": "What is it?", "stream": true}));
    let mut first = served.raw(&ask).await;
    read_until(&mut first, "Hal").await;
    let second = served.post("/api/chat/quick", question());
    let opening = async {
        while in_flight(&served).await < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(upstream.count(COMPLETIONS), 1, "the second prompt waits for the chat");
        gate.open();
    };
    let (second, ()) = tokio::join!(second, opening);
    assert_eq!((second.header("x-cache"), content(&second).as_str()), ("miss", "Hallo again"));
    read_until(&mut first, "event: done").await;
    let third = served.post("/api/chat/quick", question()).await;
    assert_eq!((third.header("x-cache"), content(&third).as_str()), ("hit", "Hallo again"));
    assert_eq!(upstream.count(COMPLETIONS), 2);
}

/// Requests in flight, except the one that reads the number.
async fn in_flight(served: &Served) -> usize {
    let text = served.get("/metrics").await.text;
    let line = text.lines().find(|line| line.starts_with("qwenctl_http_requests_in_flight "));
    let count = line.and_then(|line| line.split_once(' ')).expect("a number").1;
    count.parse::<usize>().expect("a number") - 1
}

#[tokio::test]
async fn a_cached_answer_is_sent_whole_and_as_a_stream() {
    let (served, upstream) = caching_answers().await;
    upstream.on(COMPLETIONS, whole("It is *this*."));
    let first = served.post("/api/chat/quick", question()).await;
    assert_eq!((first.header("x-cache"), content(&first).as_str()), ("miss", "It is *this*."));
    let second = served.post("/api/chat/quick", question()).await;
    assert_eq!(second.header("x-cache"), "hit");
    assert_eq!(second.json(), first.json());
    let exposed = second.header("access-control-expose-headers").to_owned();
    assert!(exposed.contains("x-cache"), "{exposed}");

    let stream = json!({"message": "What is it?", "stream": true});
    let stream = served.post("/api/chat/quick", stream).await;
    assert_eq!(stream.header("x-cache"), "hit");
    let events = events(&stream.text);
    let names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["start", "delta", "done"]);
    assert_eq!(events[2].1["data"], first.json()["data"]);
    assert_eq!(upstream.count(COMPLETIONS), 1);
}

#[tokio::test]
async fn another_prompt_is_sent() {
    let (served, upstream) = caching_answers().await;
    upstream.always(COMPLETIONS, || whole("one"));
    let other = token("other", 86_400);
    let asked = |change: Value| {
        let mut members = question();
        let all = members.as_object_mut().expect("an object");
        all.extend(change.as_object().expect("an object").clone());
        served.http.post(served.url("/api/chat/quick")).json(&members)
    };
    let requests = [
        asked(json!({})),
        asked(json!({"message": "What is it"})),
        asked(json!({"model": "another"})),
        asked(json!({"system_prompt": "Be brief"})),
        asked(json!({"thinking_enabled": true})),
        asked(json!({"search_enabled": true})),
        asked(json!({})).bearer_auth(&other),
    ];
    for (number, request) in requests.into_iter().enumerate() {
        let answer = served.ask(request).await;
        assert_eq!((answer.status, answer.header("x-cache")), (200, "miss"), "{number}");
        assert_eq!(upstream.count(COMPLETIONS), number + 1);
    }
}

#[tokio::test]
async fn a_prompt_in_a_chat_is_always_sent() {
    let (served, upstream) = caching_answers().await;
    upstream.always(COMPLETIONS, || whole("one"));
    for count in 1..3 {
        let members = json!({"chat_id": C1, "message": "Go on"});
        let answer = served.post("/api/chat/send", members).await;
        assert_eq!((answer.status, answer.header("x-cache")), (200, ""));
        assert_eq!(upstream.count(COMPLETIONS), count);
    }
    let again = json!({"chat_id": C1, "message": "Go on", "parent_id": "root"});
    assert_eq!(served.post("/api/chat/send", again.clone()).await.header("x-cache"), "miss");
    assert_eq!(served.post("/api/chat/send", again).await.header("x-cache"), "hit");
    assert_eq!(upstream.count(COMPLETIONS), 3);
}

#[tokio::test]
async fn a_client_that_disconnects_stops_only_its_own_answer() {
    let (served, upstream) = caching_answers().await;
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).ending(Ending::Hang));
    upstream.on(STOP, envelope(json!({"status": true})));
    let ask = post("/api/chat/quick", &json!({"message": "What is it?", "stream": true}));
    let mut first = served.raw(&ask).await;
    read_until(&mut first, "Hal").await;
    let second = served.post("/api/chat/quick", question());
    let leaving = async {
        while in_flight(&served).await < 2 {
            tokio::task::yield_now().await;
        }
        upstream.on(COMPLETIONS, whole("next"));
        drop(first);
        upstream.until(STOP, 1).await;
    };
    let (second, ()) = tokio::join!(second, leaving);
    assert_eq!((content(&second).as_str(), second.header("x-cache")), ("next", "miss"));
    assert_eq!((upstream.count(COMPLETIONS), upstream.count(STOP)), (2, 1));
}

#[tokio::test]
async fn errors_are_not_cached() {
    let (served, upstream) = caching_answers().await;
    upstream.on(COMPLETIONS, body(quota()));
    served.post("/api/chat/quick", question()).await.failure(429, "rate_limited");
    upstream.on(COMPLETIONS, whole("now"));
    assert_eq!(content(&served.post("/api/chat/quick", question()).await), "now");
}

#[tokio::test]
async fn deleting_a_chat_invalidates_its_answers() {
    let (served, upstream) = caching_answers().await;
    upstream.always(COMPLETIONS, || whole("one"));
    upstream.on(&format!("DELETE /api/v2/chats/{C1}"), envelope(json!({"status": true})));
    served.post("/api/chat/quick", question()).await;
    let delete = served.http.delete(served.url(&format!("/api/chats/{C1}")));
    assert_eq!(served.ask(delete).await.status, 200);
    let again = served.post("/api/chat/quick", question()).await;
    assert_eq!((again.header("x-cache"), upstream.count(COMPLETIONS)), ("miss", 2));
}

#[tokio::test]
async fn models_and_valid_tokens_are_cached_per_token() {
    let upstream = Upstream::start().await;
    upstream.always(MODELS, || body(r#"{"success":true,"data":{"data":[{"id":"m","name":"M"}]}}"#));
    upstream.always(STATUS, || envelope(json!(true)));
    let served = Served::new(&upstream).await;
    for (path, call) in [("/api/models", MODELS), ("/api/user/status", STATUS)] {
        let first = served.get(path).await;
        let second = served.get(path).await;
        assert_eq!((first.header("x-cache"), second.header("x-cache")), ("miss", "hit"));
        assert_eq!(first.json(), second.json());
        let other = served.http.get(served.url(path)).bearer_auth(token("other", 86_400));
        assert_eq!(served.ask(other).await.header("x-cache"), "miss");
        assert_eq!(upstream.count(call), 2, "{path}");
    }
}

#[tokio::test]
async fn a_refused_token_is_not_cached() {
    let upstream = Upstream::start().await;
    upstream.always(STATUS, unauthorized);
    let served = Served::new(&upstream).await;
    for _ in 0..2 {
        let answer = served.get("/api/user/status").await;
        assert_eq!((answer.header("x-cache"), &answer.json()["data"]), ("miss", &json!(false)));
    }
}

#[tokio::test]
async fn lists_are_cached_on_request_and_invalidated_by_a_change() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || envelope(json!([row(1)])));
    let rename = format!("POST /api/v2/chats/{C1}");
    upstream.always(&rename, || envelope(json!({"id": C1})));
    let plain = Served::new(&upstream).await;
    assert_eq!(plain.get("/api/chats").await.header("x-cache"), "");
    assert_eq!(plain.get("/api/chats").await.header("x-cache"), "");

    let served = Served::configured(&upstream, |options| options.cache.lists = Some(HOUR)).await;
    let list = async || served.get("/api/chats").await.header("x-cache").to_owned();
    assert_eq!([list().await, list().await], ["miss", "hit"]);
    let patch = served.http.patch(served.url(&format!("/api/chats/{C1}")));
    assert_eq!(served.ask(patch.json(&json!({"title": "New"}))).await.status, 200);
    assert_eq!([list().await, list().await], ["miss", "hit"]);

    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, whole("one"));
    served.post("/api/chat/send", json!({"chat_id": C1, "message": "m"})).await;
    assert_eq!([list().await, list().await], ["miss", "hit"]);
}

#[tokio::test]
async fn a_cache_of_size_0_is_disabled() {
    let upstream = Upstream::start().await;
    upstream.always(STATUS, || envelope(json!(true)));
    let served = Served::configured(&upstream, |options| options.cache.size = 0).await;
    for _ in 0..2 {
        assert_eq!(served.get("/api/user/status").await.header("x-cache"), "");
    }
    assert_eq!(upstream.count(STATUS), 2);
}

#[tokio::test]
async fn a_model_found_by_its_name_is_listed_at_once() {
    let upstream = Upstream::start().await;
    let offers = |ids: &[&str]| {
        let models: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        upstream.on(MODELS, envelope(json!({"data": models})));
    };
    let served = Served::new(&upstream).await;
    let listed = async || {
        let answer = served.get("/v1/models").await;
        let rows = answer.json()["data"].as_array().expect("rows").len();
        (rows, answer.header("x-cache").to_owned())
    };
    offers(&["old"]);
    assert_eq!(listed().await, (1, "miss".to_owned()));
    assert_eq!(listed().await, (1, "hit".to_owned()));
    offers(&["old", "new"]);
    assert_eq!(served.get("/v1/models/new").await.status, 200);
    assert_eq!(listed().await, (2, "hit".to_owned()));
    assert_eq!(upstream.count(MODELS), 2);
}
