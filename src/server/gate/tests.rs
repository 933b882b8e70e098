//! Panics, wherever they may come from.

use std::future::poll_fn;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::StreamExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use warp::reply::Reply as _;

use super::*;
use crate::server::{AccessOptions, Limits, LogSink, ServerOptions};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);
const PEER: &str = "127.0.0.1:9";
const SECRET: &str = "what only the log may know";

#[derive(Clone, Copy)]
enum Routes {
    PanicAtOnce,
    PanicLater,
    PanicInTheBody,
    Answer,
}

impl<B: Send + 'static> Service<Request<B>> for Routes {
    type Response = warp::reply::Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        match self {
            Self::PanicAtOnce => panic!("{SECRET}"),
            Self::PanicLater => Box::pin(async {
                tokio::task::yield_now().await;
                panic!("{SECRET}")
            }),
            Self::PanicInTheBody => Box::pin(async { Ok(broken_body()) }),
            Self::Answer => Box::pin(async { Ok("fine".into_response()) }),
        }
    }
}

/// Begins well.
fn broken_body() -> warp::reply::Response {
    let pieces = futures_util::stream::iter([0, 1]).map(|number| match number {
        0 => Ok::<_, Infallible>(Bytes::from_static(b"begun")),
        _ => panic!("{SECRET}"),
    });
    warp::reply::stream(pieces).into_response()
}

type Lines = Arc<Mutex<Vec<String>>>;

fn state() -> (Arc<State>, Lines) {
    let lines = Lines::default();
    let kept = Arc::clone(&lines);
    let options = ServerOptions {
        client: crate::app::connect::idle_client(),
        account: None,
        model: None,
        is_local: true,
        allowed_hosts: Vec::new(),
        limits: Limits::default(),
        access: AccessOptions::default(),
        openai: crate::server::OpenAiOptions::default(),
        cache: crate::server::CacheOptions::default(),
        tls: None,
        log: LogSink::new(move |line| kept.lock().expect("no panic").push(line)),
    };
    (Arc::new(State::new(options, PEER.parse().expect("an address"))), lines)
}

/// The head and the body of the answer to a request.
async fn ask(state: &Arc<State>, routes: Routes) -> (hyper::http::response::Parts, Vec<u8>) {
    let request = Request::get("/api/chats").body(()).expect("a request");
    let peer = PEER.parse().expect("an address");
    let work = TaskTracker::new();
    let response = respond(Arc::clone(state), work, peer, routes, request).await;
    let (head, body) = response.expect("an answer").into_parts();
    let mut body = std::pin::pin!(body);
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        bytes.extend_from_slice(&frame.expect("a frame").into_data().expect("data"));
    }
    (head, bytes)
}

#[tokio::test]
async fn a_panic_is_an_answer_in_the_envelope_and_the_server_lives_on() {
    let (state, lines) = state();
    for routes in [Routes::PanicAtOnce, Routes::PanicLater] {
        let (head, body) = ask(&state, routes).await;
        assert_eq!(head.status, 500);
        let id = head.headers["x-request-id"].to_str().expect("a text");
        assert_eq!(head.headers["content-type"], "application/json");
        assert_eq!(head.headers["access-control-allow-origin"], "*");
        let text = String::from_utf8(body).expect("a text");
        assert!(!text.contains(SECRET), "{text}");
        let body: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((&body["success"], &body["code"]), (&false.into(), &"internal".into()));
        assert_eq!(body["request_id"], id);
        let said: Vec<_> = lines.lock().expect("no panic").drain(..).collect();
        let [.., note, line] = said.as_slice() else { panic!("two lines: {said:?}") };
        assert!(note.contains("a handler panicked") && note.contains(id), "{note}");
        assert!(line.contains(" error GET /api/chats 500 "), "{line}");
        assert!(line.ends_with(&format!("id={id} internal")), "{line}");

        let (head, body) = ask(&state, Routes::Answer).await;
        assert_eq!((head.status.as_u16(), body.as_slice()), (200, &b"fine"[..]));
    }
}

/// The connection ends without the end of the body, so that nobody takes what came for all of it.
#[tokio::test]
async fn a_panic_in_a_body_ends_the_connection_and_nothing_is_left_of_the_request() {
    let (state, lines) = state();
    let work = TaskTracker::new();
    let (mut client, server) = tokio::io::duplex(1 << 16);
    let tracker = work.clone();
    let connection = tokio::spawn(async move {
        let service = service_fn(|request: Request<Incoming>| {
            let peer = PEER.parse().expect("an address");
            respond(Arc::clone(&state), tracker.clone(), peer, Routes::PanicInTheBody, request)
        });
        hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(server), service)
            .await
    });
    let request = b"GET /api/chats HTTP/1.1\r\nHost: localhost\r\n\r\n";
    client.write_all(request).await.expect("written");
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, client.read_to_end(&mut answer)).await;
    read.expect("the connection ends").expect("read");

    let answer = String::from_utf8(answer).expect("a text");
    assert!(!answer.contains("\r\n0\r\n\r\n") && !answer.contains(SECRET), "{answer}");
    assert!(connection.await.is_err_and(|end| end.is_panic()));
    work.close();
    timeout(PATIENCE, work.wait()).await.expect("no work is left");
    let lines = lines.lock().expect("no panic");
    assert!(lines[0].ends_with(" internal"), "{lines:?}");
}
