//! Shutdown: running requests may finish, the others end with an error, and no new one starts.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::cache::MODELS;
use super::world::{Served, post, read_until, with_empty_chat};
use crate::support::bodies::{C1, envelope};
use crate::support::frames::{created, d, end, sse};
use crate::support::response::{Ending, Gate, Response};
use crate::support::upstream::Upstream;
use crate::support::world::{COMPLETIONS, STOP};

fn ask(streams: bool) -> String {
    post("/api/chat/send", &json!({"chat_id": C1, "message": "m", "stream": streams}))
}

fn hanging(upstream: &Upstream) {
    with_empty_chat(upstream);
    upstream.on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).ending(Ending::Hang));
    upstream.on(STOP, envelope(json!({"status": true})));
}

/// A connection that has been used and stays open.
async fn kept(served: &Served) -> TcpStream {
    let mut kept = served.raw("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(read_until(&mut kept, "}}}").await.starts_with("HTTP/1.1 200 "));
    kept
}

#[tokio::test]
async fn running_requests_finish_and_no_new_one_starts() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let gate = Gate::default();
    upstream
        .on(COMPLETIONS, sse([created().as_str(), &d("Hal")]).gate(&gate).then(d("lo") + &end()));
    let mut served = Served::new(&upstream).await;
    let (mut first, mut second) = (kept(&served).await, kept(&served).await);
    let mut stream = served.raw(ask(true)).await;
    read_until(&mut stream, "Hal").await;

    served.signal();
    refuses_connections(&served).await;
    first.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("open");
    let answer = read_until(&mut first, "\"status\":\"draining\"").await;
    assert!(
        answer.starts_with("HTTP/1.1 503 ") && answer.contains("connection: close"),
        "{answer}"
    );
    second.write_all(ask(false).as_bytes()).await.expect("open");
    let answer = read_until(&mut second, "\"code\":\"interrupted\"").await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: "), "{answer}");

    gate.open();
    let rest = read_until(&mut stream, "event: done").await;
    assert!(rest.contains("\"content\":\"lo\""), "{rest}");
    served.ended().await;
}

/// Another task handles the signal; until then connections are accepted.
async fn refuses_connections(served: &Served) {
    for _ in 0..1000 {
        if TcpStream::connect(served.address).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("still listening");
}

#[tokio::test]
async fn a_stream_past_the_drain_ends_with_an_error() {
    let upstream = Upstream::start().await;
    hanging(&upstream);
    let mut served = Served::configured(&upstream, |options| {
        options.limits.drain = Duration::from_millis(20);
    })
    .await;
    let mut stream = served.raw(ask(true)).await;
    read_until(&mut stream, "Hal").await;
    served.signal();
    let rest =
        read_until(&mut stream, "event: error").await + &read_until(&mut stream, "0\r\n\r\n").await;
    assert!(rest.contains("\"code\":\"interrupted\""), "{rest}");
    assert!(rest.contains("\"partial\":{\"content\":\"Hal\""), "{rest}");
    served.ended().await;
    assert_eq!(upstream.count(STOP), 1, "stopped before the server is gone");
}

#[tokio::test]
async fn a_second_signal_ends_the_drain_at_once() {
    let upstream = Upstream::start().await;
    hanging(&upstream);
    let mut served = Served::new(&upstream).await;
    let mut stream = served.raw(ask(true)).await;
    read_until(&mut stream, "Hal").await;
    served.signal();
    refuses_connections(&served).await;
    assert!(!served.task.is_finished());
    served.signal_again();
    read_until(&mut stream, "\"code\":\"interrupted\"").await;
    served.ended().await;
}

#[tokio::test]
async fn a_whole_answer_past_the_drain_is_a_503() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let read = Gate::default();
    let answer = sse([created().as_str(), &d("Hal")]).when_read(&read).ending(Ending::Hang);
    upstream.on(COMPLETIONS, answer);
    upstream.on(STOP, envelope(json!({"status": true})));
    let mut served =
        Served::configured(&upstream, |options| options.limits.drain = Duration::ZERO).await;
    let mut stream = served.raw(ask(false)).await;
    read.opened().await;
    served.signal();
    let answer = read_until(&mut stream, "\"code\":\"interrupted\"").await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    served.ended().await;
    assert_eq!(upstream.count(STOP), 1);
}

#[tokio::test]
async fn a_prompt_cut_off_by_shutdown_is_not_retried() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.always(MODELS, || envelope(json!({"data": [{"id": "m"}]})));
    let read = Gate::default();
    let answer = sse([created().as_str(), &d("Hal")]).when_read(&read).ending(Ending::Hang);
    upstream.on(COMPLETIONS, answer);
    upstream.on(STOP, envelope(json!({"status": true})));
    let mut served =
        Served::configured(&upstream, |options| options.limits.drain = Duration::ZERO).await;
    let body = json!({"model": "m", "metadata": {"chat_id": C1},
        "messages": [{"role": "user", "content": "m"}]});
    let mut stream = served.raw(post("/v1/chat/completions", &body)).await;
    read.opened().await;
    served.signal();
    let answer = read_until(&mut stream, "\"code\":\"interrupted\"").await;
    assert!(answer.contains("\r\nx-should-retry: false\r\n"), "{answer}");
    served.ended().await;
}

#[tokio::test]
async fn an_idle_server_ends_at_once_and_closes_idle_connections() {
    let upstream = Upstream::start().await;
    let mut served = Served::new(&upstream).await;
    let _silent = served.raw("").await;
    let _half = served.raw("GET /hea").await;
    let _kept = kept(&served).await;
    served.signal();
    served.ended().await;
}

#[tokio::test]
async fn each_request_has_a_log_line_without_chat_ids_or_tokens() {
    let upstream = Upstream::start().await;
    upstream.always("GET /api/v2/chats/c-secret", || Response::new("text/html", "x").status(500));
    upstream.always(crate::support::world::WHOAMI, crate::support::bodies::unauthorized);
    let served = Served::new(&upstream).await;
    let canary = crate::support::tokens::token("canary", 86_400);
    served.get("/api/chats/%2F?token=secret").await;
    served.ask(served.http.get(served.url("/api/stats")).bearer_auth(&canary)).await;
    served.ask(served.http.get(served.url("/api/stats")).bearer_auth("canary-garbage")).await;
    served.get("/secret-path").await;
    let lines = served.log.lines();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[0].contains("Z info GET /api/chats/{id} 400 "), "{lines:?}");
    assert!(lines[0].ends_with(" invalid_request"), "{lines:?}");
    assert!(lines[3].contains(" GET (none) 404 "), "{lines:?}");
    for secret in [canary.as_str(), "canary", "secret"] {
        assert!(lines.iter().all(|line| !line.contains(secret)), "{lines:?}");
    }
}
