//! Response bodies, read piece by piece under the timeouts and with a size limit.

use std::io::{BufReader, Read};
use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};

use super::config::Timeouts;
use super::failure::{Cause, Failure};

/// A timer that fires later than this was held up with the process, by a signal or a debugger.
const LATE: Duration = Duration::from_millis(500);
/// How long a process that was held up looks for what has arrived meanwhile.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// The timeouts of a response: between two pieces, and in total.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Between two pieces.
    pub idle: Duration,
    /// When the total timeout ends.
    pub deadline: Option<Instant>,
}

impl Patience {
    /// Starts the total timeout now.
    pub(super) fn start(timeouts: &Timeouts) -> Self {
        Self { idle: timeouts.idle, deadline: timeouts.total.map(|total| Instant::now() + total) }
    }

    /// Whether the total timeout ends within `delay`.
    pub(super) fn ends_within(&self, delay: Duration) -> bool {
        self.deadline.is_some_and(|deadline| deadline < Instant::now() + delay)
    }

    /// Runs `work` under both timeouts.
    pub(super) async fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        self.wait_since(Instant::now(), work).await
    }

    /// The same, where the last sign of life came at `last_sign`.
    async fn wait_since<T>(
        &self,
        last_sign: Instant,
        work: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        let idle_end = last_sign + self.idle;
        let (end, cause) = match self.deadline {
            Some(deadline) if deadline < idle_end => (deadline, Cause::Total),
            _ => (idle_end, Cause::Idle),
        };
        let mut work = pin!(work);
        if let Ok(done) = timeout_at(end, &mut work).await {
            return Ok(done);
        }
        // The process was stopped meanwhile: what has arrived since has not been read yet.
        let is_late = end.elapsed() > LATE;
        let arrived = async { if is_late { timeout(LAST_LOOK, work).await.ok() } else { None } };
        arrived.await.ok_or_else(|| Failure::new(cause))
    }
}

/// A body that is still being received.
pub(super) struct Body {
    response: reqwest::Response,
    /// Pieces that [`Body::peek`] has read ahead.
    ahead: Option<Bytes>,
    patience: Patience,
    /// When the last piece came. Kept here because a dropped wait is resumed.
    last_sign: Instant,
}

impl Body {
    /// The body of `response`.
    pub(super) fn new(response: reqwest::Response, patience: Patience) -> Self {
        Self { response, ahead: None, patience, last_sign: Instant::now() }
    }

    /// The next piece; `None` at the end. Safe to drop and call again.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, Failure> {
        if let Some(piece) = self.ahead.take() {
            return Ok(Some(piece));
        }
        let piece = self.patience.wait_since(self.last_sign, self.response.chunk()).await?;
        self.last_sign = Instant::now();
        piece.map_err(Failure::transport)
    }

    /// The start of the body without consuming it: as much as it takes to classify it, however it is cut.
    /// Empty only for an empty body.
    pub(super) async fn peek(&mut self) -> Result<Bytes, Failure> {
        const MAX_SPACE: usize = 8 << 10;
        let first = self.piece().await?.unwrap_or_default();
        if is_telling(&first) {
            self.ahead = Some(first.clone());
            return Ok(first);
        }
        let mut start = BytesMut::from(first);
        while !is_telling(&start) && start.len() < MAX_SPACE {
            match self.piece().await? {
                Some(piece) => start.extend_from_slice(&piece),
                None => break,
            }
        }
        let start = start.freeze();
        self.ahead = (!start.is_empty()).then(|| start.clone());
        Ok(start)
    }

    /// Collects the body up to `cap` bytes.
    pub(super) async fn collect(mut self, cap: usize) -> Result<Collected, Failure> {
        let Some(first) = self.piece().await? else { return Ok(Collected::All(Bytes::new())) };
        let mut whole = BytesMut::from(first);
        while whole.len() <= cap {
            match self.piece().await? {
                Some(piece) => whole.extend_from_slice(&piece),
                None => return Ok(Collected::All(whole.freeze())),
            }
        }
        self.ahead = Some(whole.freeze());
        Ok(Collected::TooLarge(self))
    }

    /// Parses the body as one JSON document while it arrives, without holding more than a few pieces.
    pub(super) async fn json<T>(mut self, cap: usize) -> Result<T, Failure>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let (pieces, received) = mpsc::channel(PIECES_AHEAD);
        let parsing = tokio::task::spawn_blocking(move || {
            serde_json::from_reader(BufReader::new(Pieces::new(received)))
        });
        let mut length = 0;
        while let Some(piece) = self.piece().await? {
            length += piece.len();
            if length > cap {
                return Err(Failure::shape(format!("its body is larger than {} MiB", cap >> 20)));
            }
            if pieces.send(piece).await.is_err() {
                break;
            }
        }
        drop(pieces);
        let parsed = parsing.await.map_err(|_| Failure::shape("a body that cannot be read"))?;
        parsed.map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Failure::shape(format!("data of an unknown shape (line {line}, column {column})"))
        })
    }

    /// The first `cap` bytes of the body, or fewer where it ends or breaks before.
    pub(super) async fn beginning(mut self, cap: usize) -> Bytes {
        let mut start = BytesMut::new();
        while start.len() < cap {
            match self.piece().await {
                Ok(Some(piece)) => start.extend_from_slice(&piece),
                Ok(None) | Err(_) => break,
            }
        }
        start.truncate(cap);
        start.freeze()
    }
}

/// What [`Body::collect`] returns.
pub(super) enum Collected {
    /// The whole body.
    All(Bytes),
    /// A body over the cap, unread.
    TooLarge(Body),
}

/// Number of pieces that may wait for the parser.
const PIECES_AHEAD: usize = 8;

/// The pieces as a reader, for a blocking thread.
struct Pieces {
    received: mpsc::Receiver<Bytes>,
    piece: Bytes,
    position: JsonPosition,
}

/// Where a byte stands in a JSON document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum JsonPosition {
    Outside,
    InString,
    AfterBackslash,
}

impl Pieces {
    fn new(received: mpsc::Receiver<Bytes>) -> Self {
        Self { received, piece: Bytes::new(), position: JsonPosition::Outside }
    }

    /// Replaces raw control characters inside strings with spaces (protocol F61): a document of this size is
    /// parsed only once.
    fn mend(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.position = match (self.position, *byte) {
                (JsonPosition::Outside, b'"') | (JsonPosition::AfterBackslash, _) => {
                    JsonPosition::InString
                }
                (JsonPosition::InString, b'"') => JsonPosition::Outside,
                (JsonPosition::InString, b'\\') => JsonPosition::AfterBackslash,
                (JsonPosition::InString, 0..0x20) => {
                    *byte = b' ';
                    JsonPosition::InString
                }
                (position, _) => position,
            };
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.piece.is_empty() {
            match self.received.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let length = buffer.len().min(self.piece.len());
        self.piece.split_to(length).copy_to_slice(&mut buffer[..length]);
        self.mend(&mut buffer[..length]);
        Ok(length)
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The field names that start a line of an event.
const EVENT_FIELDS: [&[u8]; 4] = [b"data:", b"event:", b"id:", b"retry:"];

/// The bytes after byte order mark and white space.
fn meaning(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii_start()
}

/// The first byte after byte order mark and white space.
pub(super) fn first_byte(bytes: &[u8]) -> Option<u8> {
    meaning(bytes).first().copied()
}

/// Whether `bytes` start like a stream of events.
pub(super) fn begins_an_event(bytes: &[u8]) -> bool {
    let text = meaning(bytes);
    text.starts_with(b":") || EVENT_FIELDS.iter().any(|field| text.starts_with(field))
}

/// Whether more bytes cannot change the classification.
fn is_telling(bytes: &[u8]) -> bool {
    let text = meaning(bytes);
    let may_become = |whole: &[u8]| text.len() < whole.len() && whole.starts_with(text);
    !may_become(BYTE_ORDER_MARK) && !EVENT_FIELDS.iter().any(|field| may_become(field))
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn response_that_came_while_the_process_was_stopped_is_read() {
        let patience = Patience { idle: Duration::from_millis(50), deadline: None };
        for (arrives_after, is_read) in [(Duration::from_millis(50), true), (LAST_LOOK * 3, false)]
        {
            let (sender, receiver) = oneshot::channel();
            tokio::spawn(async move {
                // Stops this runtime with its timers, which are set by now.
                std::thread::sleep(LATE * 2);
                sleep(arrives_after).await;
                let _ = sender.send(());
            });
            assert_eq!(patience.wait(receiver).await.is_ok(), is_read, "{arrives_after:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn timeout_of_a_running_process_is_exact() {
        let patience = Patience { idle: Duration::from_secs(2), deadline: None };
        let begun = Instant::now();
        assert!(patience.wait(std::future::pending::<()>()).await.is_err());
        assert!(begun.elapsed() < Duration::from_millis(2_010), "{:?}", begun.elapsed());
    }
}
