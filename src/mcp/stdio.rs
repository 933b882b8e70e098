//! The protocol over lines: one message a line, each way.
//!
//! Requests run at the same time. A cancelled one gets no response. After the end of the input those that
//! still run have a moment to finish, and are cancelled then.

use std::io::{BufRead as _, BufReader, Read};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{FutureExt as _, LocalBoxFuture, join_all, ready};
use futures_util::stream::FuturesUnordered;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::Host;
use super::message::{Fault, Id, Incoming, Message, Request, Version, parse, response};
use super::methods::{answer, negotiated};
use super::running::{Cancellable, Running};

/// The longest line, in bytes: more than the longest prompt.
const MAX_LINE: usize = 16 << 20;
/// The most requests that run at the same time; others wait.
const AT_ONCE: usize = 32;
/// The most requests that run or wait, and their length together, in bytes; others are refused.
const MAX_REQUESTS: usize = 512;
const MAX_WAITING: usize = 64 << 20;
/// The most messages whose response is not written yet.
const MAX_PENDING: usize = 2 * MAX_REQUESTS;
/// How long requests may run after the end of the input.
const GRACE: Duration = Duration::from_secs(3);

/// A line of the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Its bytes.
    Whole(Vec<u8>),
    /// It was too long.
    TooLong,
}

/// Reads lines to the end of `reader`, or until `pass` returns that nothing wants them. The end of a line
/// that is too long is skipped.
pub(crate) fn read_lines(reader: impl Read, mut pass: impl FnMut(Line) -> bool) {
    let mut reader = BufReader::with_capacity(64 << 10, reader);
    let mut line = Vec::new();
    let mut is_too_long = false;
    loop {
        let chunk = match reader.fill_buf() {
            Ok(chunk) => chunk,
            Err(fault) if fault.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => &[],
        };
        let is_end = chunk.is_empty();
        let end = memchr::memchr(b'\n', chunk);
        let taken = end.unwrap_or(chunk.len());
        is_too_long |= line.len() + taken > MAX_LINE;
        if is_too_long {
            line = Vec::new();
        } else {
            line.extend_from_slice(&chunk[..taken]);
        }
        reader.consume(taken + usize::from(end.is_some()));
        if end.is_none() && !is_end {
            continue;
        }
        let whole = std::mem::take(&mut line);
        let found = if std::mem::take(&mut is_too_long) {
            Some(Line::TooLong)
        } else {
            Some(Line::Whole(whole)).filter(|line| *line != Line::Whole(Vec::new()))
        };
        if found.is_some_and(|line| !pass(line)) || is_end {
            return;
        }
    }
}

/// Answers the messages of `lines` into `out` until they end, `out` is closed or `end` resolves.
pub(crate) async fn serve(
    host: &dyn Host,
    mut lines: mpsc::Receiver<Line>,
    out: mpsc::Sender<String>,
    end: impl Future<Output = ()>,
) {
    let connection = Connection {
        host,
        out: &out,
        running: Arc::default(),
        slots: Semaphore::new(AT_ONCE),
        room: Arc::new(Semaphore::new(MAX_WAITING)),
    };
    let mut version = Version::LAST_WITH_HANDSHAKE;
    let mut work: FuturesUnordered<LocalBoxFuture<'_, ()>> = FuturesUnordered::new();
    let mut end = std::pin::pin!(end);
    loop {
        tokio::select! {
            biased;
            () = &mut end => return,
            () = out.closed() => return,
            // A client that reads nothing is not read either.
            line = lines.recv(), if work.len() < MAX_PENDING => match line {
                Some(line) => work.extend(connection.take(&line, &mut version)),
                None => break,
            },
            Some(()) = work.next(), if !work.is_empty() => {}
        }
    }
    let rest = tokio::time::timeout(GRACE, async { while work.next().await.is_some() {} });
    tokio::select! {
        biased;
        () = end => {}
        () = out.closed() => {}
        _ = rest => {}
    }
}

struct Connection<'a> {
    host: &'a dyn Host,
    out: &'a mpsc::Sender<String>,
    running: Arc<Running>,
    slots: Semaphore,
    room: Arc<Semaphore>,
}

/// The name of the only session.
const SESSION: &str = "";

impl Connection<'_> {
    /// The work that a line brings, if any. `version` is the revision of the last handshake.
    fn take(&self, line: &Line, version: &mut Version) -> Option<LocalBoxFuture<'_, ()>> {
        let length = if let Line::Whole(bytes) = line { bytes.len() } else { 0 };
        // The longest line has room if nothing else waits.
        let room = u32::try_from(length).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(room).ok().map(Arc::new);
        let incoming = match line {
            Line::TooLong => {
                Err(Fault::invalid(format!("the message is longer than {MAX_LINE} bytes")))
            }
            Line::Whole(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) if text.trim().is_empty() => return None,
                Ok(text) => parse(text),
                Err(_) => Err(Fault::new(Fault::PARSE, "the message is not UTF-8")),
            },
        };
        match incoming {
            Err(fault) => Some(self.send(&response(None, Err(fault)))),
            Ok(Incoming::One(message)) => {
                if let Message::Request(Request { method, params, .. }) = &message
                    && method == "initialize"
                {
                    *version = negotiated(params);
                }
                let work = self.start(message, *version, room)?;
                let work = async {
                    if let Some(response) = work.await {
                        self.send(&response).await;
                    }
                };
                Some(work.boxed_local())
            }
            Ok(Incoming::Batch(_)) if *version != Version::WITH_BATCHES => {
                let fault = Fault::invalid("this revision of the protocol has no batches");
                Some(self.send(&response(None, Err(fault))))
            }
            Ok(Incoming::Batch(batch)) => {
                let work = batch
                    .into_iter()
                    .filter_map(|message| self.start(message, *version, room.clone()));
                let work = join_all(work.collect::<Vec<_>>());
                let work = async {
                    let responses: Vec<_> = work.await.into_iter().flatten().collect();
                    if !responses.is_empty() {
                        self.send(&Value::Array(responses)).await;
                    }
                };
                Some(work.boxed_local())
            }
        }
    }

    fn send(&self, message: &Value) -> LocalBoxFuture<'_, ()> {
        // A client that has left reads nothing.
        self.out.send(message.to_string()).map(drop).boxed_local()
    }

    /// The response to a message, if it gets one.
    fn start(
        &self,
        message: Message,
        version: Version,
        room: Option<Arc<OwnedSemaphorePermit>>,
    ) -> Option<LocalBoxFuture<'_, Option<Value>>> {
        let refuse =
            |id: Option<&Id>, fault| Some(ready(Some(response(id, Err(fault)))).boxed_local());
        match message {
            Message::Response => None,
            Message::Invalid(id, fault) => refuse(id.as_ref(), fault),
            Message::Notification { .. } => {
                self.running.take_note(SESSION, &message);
                None
            }
            Message::Request(request) => {
                let Some(room) = room.filter(|_| self.running.count() < MAX_REQUESTS) else {
                    let fault = Fault::new(Fault::INTERNAL, "too many requests are waiting");
                    return refuse(Some(&request.id), fault);
                };
                match self.running.begin(SESSION, &request.id) {
                    Some(running) => {
                        let work = self.run(request, version, running);
                        let work = async move {
                            let response = work.await;
                            drop(room);
                            response
                        };
                        Some(work.boxed_local())
                    }
                    None => refuse(Some(&request.id), Fault::still_running()),
                }
            }
        }
    }

    async fn run(&self, request: Request, version: Version, running: Cancellable) -> Option<Value> {
        let work = async {
            let _slot = self.slots.acquire().await;
            answer(self.host, version, &request, self.out).await
        };
        let work = AssertUnwindSafe(work).catch_unwind();
        let result = running.or(work).await?;
        let broken = |_| Err(Fault::new(Fault::INTERNAL, "something went wrong in the server"));
        Some(response(Some(&request.id), result.unwrap_or_else(broken)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        read_lines(bytes, |line| {
            lines.push(line);
            true
        });
        lines
    }

    fn whole(text: &str) -> Line {
        Line::Whole(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_end_with_a_line_feed_or_the_input() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"\n\n"), []);
        assert_eq!(lines(b"a\nb"), [whole("a"), whole("b")]);
        assert_eq!(lines(b"a\r\n"), [whole("a\r")]);
        let long = vec![b'x'; 300_000];
        assert_eq!(lines(&long), [Line::Whole(long.clone())]);
    }

    #[test]
    fn line_that_is_too_long_is_skipped() {
        let reader = std::io::repeat(b'x').take(100 << 20).chain(&b"\nnext\n"[..]);
        let mut found = Vec::new();
        read_lines(reader, |line| {
            found.push(line);
            true
        });
        assert_eq!(found, [Line::TooLong, whole("next")]);
        let most = [vec![b'x'; MAX_LINE], b"\n".to_vec()].concat();
        assert_eq!(lines(&most), [Line::Whole(vec![b'x'; MAX_LINE])]);
        let more = [vec![b'x'; MAX_LINE + 1], b"\n".to_vec()].concat();
        assert_eq!(lines(&more), [Line::TooLong]);
    }

    #[test]
    fn reading_ends_when_nothing_wants_more() {
        let mut count = 0;
        read_lines(&b"a\nb\nc\n"[..], |_| {
            count += 1;
            count < 2
        });
        assert_eq!(count, 2);
    }
}
