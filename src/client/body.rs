//! Bodies of answers: read piece by piece under the timers, and never without a bound.

use std::io::{BufReader, Read};

use bytes::{Buf, Bytes, BytesMut};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::config::Timeouts;
use super::failure::{Cause, Failure};

/// How long an answer may take: between two pieces, and in all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Between two pieces.
    pub idle: std::time::Duration,
    /// The end of all patience.
    pub deadline: Option<Instant>,
}

impl Patience {
    /// Begins the total timer now.
    pub(super) fn start(timeouts: &Timeouts) -> Self {
        Self { idle: timeouts.idle, deadline: timeouts.total.map(|total| Instant::now() + total) }
    }

    /// Whether the total timer ends before `delay` is over.
    pub(super) fn ends_within(&self, delay: std::time::Duration) -> bool {
        self.deadline.is_some_and(|deadline| deadline < Instant::now() + delay)
    }

    /// Waits for `work`, but not longer than either timer allows.
    pub(super) async fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        self.wait_since(Instant::now(), work).await
    }

    /// The same when the upstream last gave a sign of life at `last_sign`.
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
        tokio::time::timeout_at(end, work).await.map_err(|_| Failure::new(cause))
    }
}

/// A body that is still coming.
pub(super) struct Body {
    response: reqwest::Response,
    /// Pieces that were looked at, and not yet taken.
    ahead: Option<Bytes>,
    patience: Patience,
    /// When the last piece came. Kept here because a wait may be dropped and begun again.
    last_sign: Instant,
}

impl Body {
    /// The body of `response`.
    pub(super) fn new(response: reqwest::Response, patience: Patience) -> Self {
        Self { response, ahead: None, patience, last_sign: Instant::now() }
    }

    /// The next piece; `None` at the end. A wait that was dropped goes on where it was.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, Failure> {
        if let Some(piece) = self.ahead.take() {
            return Ok(Some(piece));
        }
        let piece = self.patience.wait_since(self.last_sign, self.response.chunk()).await?;
        self.last_sign = Instant::now();
        piece.map_err(Failure::transport)
    }

    /// The beginning of the body without taking it: as much as it takes to know what it is, however
    /// it was cut. Empty only if the body is.
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

    /// All of the body, if it is no larger than `cap` bytes; else the body as it was.
    pub(super) async fn whole(mut self, cap: usize) -> Result<Result<Bytes, Self>, Failure> {
        let Some(first) = self.piece().await? else { return Ok(Ok(Bytes::new())) };
        let mut whole = BytesMut::from(first);
        while whole.len() <= cap {
            match self.piece().await? {
                Some(piece) => whole.extend_from_slice(&piece),
                None => return Ok(Ok(whole.freeze())),
            }
        }
        self.ahead = Some(whole.freeze());
        Ok(Err(self))
    }

    /// Reads the body as one JSON document without ever holding more than a few pieces of it.
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

    /// The first `cap` bytes of the body, however it goes on or breaks.
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

/// How many pieces may wait for the parser.
const PIECES_AHEAD: usize = 8;

/// Pieces as a reader, for a thread of its own.
struct Pieces {
    received: mpsc::Receiver<Bytes>,
    piece: Bytes,
    place: Place,
}

/// Where in a JSON document a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    InString,
    AfterBackslash,
}

impl Pieces {
    fn new(received: mpsc::Receiver<Bytes>) -> Self {
        Self { received, piece: Bytes::new(), place: Place::Outside }
    }

    /// Turns raw control characters inside strings into spaces (protocol F61): in a document of this
    /// size there is no second reading.
    fn mend(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.place = match (self.place, *byte) {
                (Place::Outside, b'"') | (Place::AfterBackslash, _) => Place::InString,
                (Place::InString, b'"') => Place::Outside,
                (Place::InString, b'\\') => Place::AfterBackslash,
                (Place::InString, 0..0x20) => {
                    *byte = b' ';
                    Place::InString
                }
                (place, _) => place,
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

/// How the lines of an event begin.
const EVENT_FIELDS: [&[u8]; 4] = [b"data:", b"event:", b"id:", b"retry:"];

/// What comes first and means something.
fn meaning(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii_start()
}

/// The first byte that means something.
pub(super) fn first_byte(bytes: &[u8]) -> Option<u8> {
    meaning(bytes).first().copied()
}

/// Whether it begins as events do.
pub(super) fn begins_an_event(bytes: &[u8]) -> bool {
    let text = meaning(bytes);
    text.starts_with(b":") || EVENT_FIELDS.iter().any(|field| text.starts_with(field))
}

/// Whether it cannot become anything else than it looks like now.
fn is_telling(bytes: &[u8]) -> bool {
    let text = meaning(bytes);
    let may_become = |whole: &[u8]| text.len() < whole.len() && whole.starts_with(text);
    !may_become(BYTE_ORDER_MARK) && !EVENT_FIELDS.iter().any(|field| may_become(field))
}
