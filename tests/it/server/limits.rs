//! Limits against abuse: slow senders, stalled readers, too many connections, HTTP/2 attacks.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::world::{PATIENCE, Served, post, read_until, with_empty_chat};
use crate::support::bodies::{C1, envelope};
use crate::support::frames::{created, d, sse};
use crate::support::upstream::Upstream;
use crate::support::world::{CHATS, COMPLETIONS, STOP};

/// Far more than any of the short timeouts below, and far less than the defaults of a server.
const SOON: Duration = Duration::from_secs(8);
const SHORT: Duration = Duration::from_millis(200);

/// Waits until the server closes and returns what it sent before.
async fn closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    let reading = async {
        // A reset is an end as well.
        while matches!(stream.read_buf(&mut said).await, Ok(1..)) {}
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("the server closes");
    said
}

#[tokio::test]
async fn two_hundred_incomplete_requests_delay_no_other() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || envelope(json!([])));
    let served = Served::new(&upstream).await;
    let mut slow = Vec::new();
    for number in 0..200 {
        let half = format!("POST /api/chat/send HTTP/1.1\r\nHost: localhost\r\nX-{number}: ");
        slow.push(served.raw(half).await);
    }
    let began = Instant::now();
    for _ in 0..5 {
        assert_eq!(served.get("/api/chats").await.status, 200);
    }
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    for stream in &mut slow {
        stream.write_all(b"x").await.expect("still open, and not answered");
    }
}

/// Writes one byte after another until the server closes.
async fn trickle(stream: &mut TcpStream, byte: u8) -> String {
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    let mut said = Vec::new();
    let trickling = async {
        loop {
            tokio::select! {
                read = stream.read_buf(&mut said) => {
                    if !matches!(read, Ok(1..)) {
                        return;
                    }
                }
                _ = ticks.tick() => {
                    if stream.try_write(&[byte]).is_err() {
                        return;
                    }
                }
            }
        }
    };
    tokio::time::timeout(PATIENCE, trickling).await.expect("the server has enough");
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn a_byte_at_a_time_does_not_keep_a_request_alive() {
    let upstream = Upstream::start().await;
    let served = Served::configured(&upstream, |options| {
        options.limits.patience = Duration::from_millis(500);
        options.limits.upload = SHORT;
    })
    .await;
    let mut head = served.raw("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await;
    assert_eq!(trickle(&mut head, b'x').await, "");
    let mut body = served
        .raw(
            "POST /api/chat/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: 100000\r\n\r\n",
        )
        .await;
    // Bytes that arrive when the server closes may reset the connection before the response is read.
    let answer = trickle(&mut body, b' ').await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    let lines = served.log.lines();
    assert!(lines.iter().any(|line| line.contains(" POST /api/chat/send 408 ")), "{lines:?}");
}

#[tokio::test]
async fn a_stalled_reader_of_a_stream_stops_the_model() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let piece = d(&"x".repeat(16_000)).into_bytes();
    upstream.on(COMPLETIONS, sse([created().as_str()]).endless(piece));
    upstream.on(STOP, envelope(json!({"status": true})));
    let served = Served::configured(&upstream, |options| {
        options.limits.reader = SHORT;
        options.limits.heartbeat = SHORT / 4;
    })
    .await;
    let mut stream = narrow(&served).await;
    let ask = post("/api/chat/send", &json!({"chat_id": C1, "message": "m", "stream": true}));
    stream.write_all(ask.as_bytes()).await.expect("open");
    upstream.until(STOP, 1).await;
    let said = closed(&mut stream).await;
    assert!(!String::from_utf8_lossy(&said).contains("event: done"));
}

/// A connection with small buffers.
async fn narrow(served: &Served) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    socket.connect(served.address).await.expect("a connection")
}

#[tokio::test]
async fn a_stalled_reader_of_whole_responses_is_cut_off() {
    let upstream = Upstream::start().await;
    let served = Served::configured(&upstream, |options| {
        options.limits.reader = SHORT;
        options.limits.heartbeat = SHORT / 4;
    })
    .await;
    let mut stream = narrow(&served).await;
    let asks = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2000);
    let _ = tokio::time::timeout(SHORT, stream.write_all(asks.as_bytes())).await;
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    let cut = async {
        while !is_broken(&stream) {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, cut).await.expect("the server closes");
    assert!(served.log.lines().len() < 2000, "not all of them were answered");
}

/// Whether the connection is closed, not just full.
fn is_broken(stream: &TcpStream) -> bool {
    let written = stream.try_write(b"x");
    written.is_err_and(|fault| fault.kind() != std::io::ErrorKind::WouldBlock)
}

#[tokio::test]
async fn a_new_connection_waits_until_an_old_one_ends() {
    let upstream = Upstream::start().await;
    let served = Served::configured(&upstream, |options| options.limits.connections = 2).await;
    let ask = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut first = served.raw(ask).await;
    let mut second = served.raw(ask).await;
    read_until(&mut first, "\"ok\"").await;
    read_until(&mut second, "\"ok\"").await;
    let mut third = served.raw(ask).await;
    // The first two are served; the third waits.
    for _ in 0..3 {
        first.write_all(ask.as_bytes()).await.expect("open");
        read_until(&mut first, "\"ok\"").await;
    }
    let mut byte = [0];
    let waiting = tokio::time::timeout(Duration::from_millis(50), third.peek(&mut byte)).await;
    assert!(waiting.is_err(), "not served yet");
    drop(second);
    read_until(&mut third, "\"ok\"").await;
}

/// A frame of HTTP/2 (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `GET` of `path` over `http`, by HPACK without compression (RFC 7541, 6.2.2 and appendix A).
fn get(path: &str) -> Vec<u8> {
    let length = u8::try_from(path.len()).expect("a short path");
    let authority = b"localhost";
    [&[0x82, 0x86, 0x04, length], path.as_bytes(), &[0x01, 9], authority].concat()
}

/// The kinds and payloads of the frames in `bytes`.
fn frames(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [a, b, c, kind, _, _, _, _, _, rest @ ..] = bytes {
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let Some((payload, rest)) = rest.split_at_checked(length) else { break };
        frames.push((*kind, payload.to_vec()));
        bytes = rest;
    }
    frames
}

/// The error code of the last GOAWAY in `bytes`.
fn goodbye(bytes: &[u8]) -> Option<u32> {
    let frames = frames(bytes);
    let (_, payload) = frames.iter().rev().find(|(kind, _)| *kind == GOAWAY)?;
    Some(u32::from_be_bytes(payload.get(4..8)?.try_into().ok()?))
}

#[tokio::test]
async fn rapid_resets_close_the_connection() {
    const ENHANCE_YOUR_CALM: u32 = 11;
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let mut bytes = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    for number in 0..1000 {
        let stream = 2 * number + 1;
        bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &get("/health")));
        bytes.extend(frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]));
    }
    let mut stream = served.raw("").await;
    let _ = stream.write_all(&bytes).await;
    assert_eq!(goodbye(&closed(&mut stream).await), Some(ENHANCE_YOUR_CALM));
    assert_eq!(served.get("/health").await.status, 200);
}

#[tokio::test]
async fn an_idle_or_incomplete_http_2_connection_is_closed() {
    let upstream = Upstream::start().await;
    let served = Served::configured(&upstream, |options| {
        options.limits.patience = SHORT;
        options.limits.reader = SHORT;
        options.limits.heartbeat = SHORT / 4;
    })
    .await;
    let begin = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    let whole = frame(HEADERS, END_HEADERS | END_STREAM, 1, &get("/health"));
    let half = frame(HEADERS, END_STREAM, 3, &get("/health"));
    for said in [vec![], whole.clone(), half.clone(), [whole, half].concat()] {
        let mut stream = served.raw([&begin[..], &said].concat()).await;
        closed(&mut stream).await;
    }
}

#[tokio::test]
async fn an_http_2_reader_without_a_window_is_cut_off() {
    const INITIAL_WINDOW_SIZE: [u8; 6] = [0, 4, 0, 0, 0, 0];
    let upstream = Upstream::start().await;
    let served = Served::configured(&upstream, |options| {
        options.limits.reader = SHORT;
        options.limits.heartbeat = SHORT / 4;
    })
    .await;
    let bytes = [
        PREFACE,
        &frame(SETTINGS, 0, 0, &INITIAL_WINDOW_SIZE),
        &frame(HEADERS, END_HEADERS | END_STREAM, 1, &get("/openapi.json")),
    ];
    let mut stream = served.raw(bytes.concat()).await;
    let said = closed(&mut stream).await;
    let kinds: Vec<u8> = frames(&said).iter().map(|(kind, _)| *kind).collect();
    assert!(kinds.contains(&HEADERS) && !kinds.contains(&DATA), "{kinds:?}");
}
