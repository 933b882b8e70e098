//! From events to the bytes of an HTTP body: content coding with a flush per event, cuts, endings.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_compression::Level;
use async_compression::tokio::write::GzipEncoder;
use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::chunking::Chunking;
use super::{Cut, OddCoding};
use crate::local::journal::{Journal, StreamState};
use crate::local::request::Request;

/// How many events may wait for a slow reader.
pub(crate) const QUEUE: usize = 32;
/// How many events one write carries in [`Chunking::Many`].
const MANY: usize = 16;

/// What a runner sends to a body.
#[derive(Debug)]
pub(crate) enum Chunk {
    /// The bytes of one event.
    Bytes(String),
    /// The connection is cut here.
    Cut(Cut),
}

/// The body of a streamed response: the receiving end of a runner.
#[derive(Debug)]
pub(crate) struct ChunkedBody {
    chunks: mpsc::Receiver<Chunk>,
    chunking: Chunking,
    coding: Option<OddCoding>,
    seed: u64,
    report: Report,
}

impl ChunkedBody {
    /// A body whose end is reported to the journal under `number`.
    pub(crate) fn new(
        chunks: mpsc::Receiver<Chunk>,
        chunking: Chunking,
        coding: Option<OddCoding>,
        seed: u64,
        journal: Arc<Journal>,
        number: u64,
    ) -> Self {
        Self { chunks, chunking, coding, seed, report: Report { journal, number } }
    }

    /// The content coding for this client, if any.
    pub(crate) fn content_coding(&self, request: &Request) -> Option<&'static str> {
        let wanted = self.coding.is_some() || self.chunking.keeps_events_whole();
        (wanted && request.accepts("gzip")).then_some("gzip")
    }

    /// The pieces to write, each by itself. Sets `reset` if the connection has to end with a reset.
    pub(crate) fn into_pieces(
        self,
        coding: Option<&'static str>,
        reset: Arc<AtomicBool>,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send {
        let chunking = if coding.is_some() && !self.chunking.keeps_events_whole() {
            Chunking::Event
        } else {
            self.chunking
        };
        let encoder = Encoder {
            coder: Coder::new(coding),
            held: self.coding == Some(OddCoding::Held),
            truncated: self.coding == Some(OddCoding::Truncated),
            random: fastrand::Rng::with_seed(self.seed),
            pieces: VecDeque::new(),
            chunks: self.chunks,
            report: self.report,
            chunking,
            reset,
            waiting: 0,
            over: false,
        };
        stream::unfold(encoder, |mut encoder| async move {
            encoder.next().await.map(|piece| (piece, encoder))
        })
    }
}

/// Reports to the journal how a stream ended. Dropped before that, it reports that the client has
/// gone.
#[derive(Debug)]
struct Report {
    journal: Arc<Journal>,
    number: u64,
}

impl Drop for Report {
    fn drop(&mut self) {
        self.journal.stream_is(self.number, StreamState::ClientGone);
    }
}

struct Encoder {
    chunks: mpsc::Receiver<Chunk>,
    coder: Coder,
    chunking: Chunking,
    held: bool,
    truncated: bool,
    random: fastrand::Rng,
    pieces: VecDeque<Bytes>,
    /// Events written to the coder since the last flush.
    waiting: usize,
    over: bool,
    reset: Arc<AtomicBool>,
    report: Report,
}

impl Encoder {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(piece) = self.pieces.pop_front() {
                if !self.chunking.keeps_events_whole() {
                    // Sends the previous piece by itself.
                    tokio::task::yield_now().await;
                }
                return Some(Ok(piece));
            }
            if self.over {
                return None;
            }
            match self.chunks.recv().await {
                Some(Chunk::Bytes(bytes)) => {
                    if let Err(error) = self.take(bytes.as_bytes()).await {
                        return Some(Err(error));
                    }
                }
                Some(Chunk::Cut(cut)) => match self.cut(cut).await {
                    Some(error) => return Some(Err(error)),
                    None => self.over = true,
                },
                None => {
                    self.over = true;
                    if let Err(error) = self.close().await {
                        return Some(Err(error));
                    }
                    self.report.journal.stream_is(self.report.number, StreamState::Ended);
                }
            }
        }
    }

    async fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.coder.write(bytes).await?;
        self.waiting += 1;
        let enough = if self.chunking == Chunking::Many { MANY } else { 1 };
        if !self.held && self.waiting >= enough {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.waiting = 0;
        let ready = self.coder.flushed().await?;
        cut_up(&ready, self.chunking, &mut self.random, &mut self.pieces);
        Ok(())
    }

    async fn close(&mut self) -> io::Result<()> {
        if self.truncated {
            return Ok(());
        }
        let rest = self.coder.closed().await?;
        cut_up(&rest, self.chunking, &mut self.random, &mut self.pieces);
        Ok(())
    }

    /// Ends the body early, after all that was written before.
    async fn cut(&mut self, cut: Cut) -> Option<io::Error> {
        self.report.journal.stream_is(self.report.number, StreamState::Ended);
        tokio::task::yield_now().await;
        if cut == Cut::EndOfBody {
            return None;
        }
        self.reset.store(cut == Cut::Reset, Ordering::Relaxed);
        Some(io::Error::new(io::ErrorKind::ConnectionAborted, "cut on purpose"))
    }
}

/// Appends the pieces of `bytes` to `pieces`.
fn cut_up(
    bytes: &[u8],
    chunking: Chunking,
    random: &mut fastrand::Rng,
    pieces: &mut VecDeque<Bytes>,
) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = match chunking {
            Chunking::Event | Chunking::Many => rest.len(),
            Chunking::Byte => 1,
            Chunking::Random => random.usize(1..=24).min(rest.len()),
            Chunking::Utf8 => within_character(rest),
        };
        let (piece, after) = rest.split_at(length);
        pieces.push_back(Bytes::copy_from_slice(piece));
        rest = after;
    }
}

/// The length up to the next cut that breaks a careless reader: behind the first byte of a long
/// character, between `data` and its colon, between two line ends (F49).
fn within_character(bytes: &[u8]) -> usize {
    let trips = |at: &usize| {
        let rest = &bytes[at - 1..];
        rest[0] >= 0xC0
            || rest.starts_with(b"\n\n")
            || bytes[..*at].ends_with(b"data") && bytes[*at] == b':'
    };
    (1..bytes.len()).find(trips).unwrap_or(bytes.len())
}

enum Coder {
    Identity(Vec<u8>),
    Gzip(GzipEncoder<Vec<u8>>),
}

impl Coder {
    fn new(coding: Option<&'static str>) -> Self {
        match coding {
            Some(_) => Self::Gzip(GzipEncoder::with_quality(Vec::new(), Level::Fastest)),
            None => Self::Identity(Vec::new()),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Identity(ready) => ready.extend_from_slice(bytes),
            Self::Gzip(encoder) => encoder.write_all(bytes).await?,
        }
        Ok(())
    }

    async fn flushed(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity(_) => {}
            Self::Gzip(encoder) => encoder.flush().await?,
        }
        Ok(self.ready())
    }

    async fn closed(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity(_) => {}
            Self::Gzip(encoder) => encoder.shutdown().await?,
        }
        Ok(self.ready())
    }

    fn ready(&mut self) -> Vec<u8> {
        std::mem::take(match self {
            Self::Identity(ready) => ready,
            Self::Gzip(encoder) => encoder.get_mut(),
        })
    }
}

/// A complete document in gzip.
pub(crate) async fn gzipped(text: &str) -> io::Result<Vec<u8>> {
    let mut coder = Coder::new(Some("gzip"));
    coder.write(text.as_bytes()).await?;
    coder.closed().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, chunking: Chunking) -> Vec<Bytes> {
        let mut pieces = VecDeque::new();
        cut_up(text.as_bytes(), chunking, &mut fastrand::Rng::with_seed(1), &mut pieces);
        pieces.into()
    }

    #[test]
    fn cuts_change_no_byte() {
        let text = "data: wörld 你好 🙂\n\n".repeat(9);
        for chunking in [Chunking::Event, Chunking::Byte, Chunking::Random, Chunking::Utf8] {
            assert_eq!(cut(&text, chunking).concat(), text.as_bytes(), "{chunking}");
        }
    }

    #[test]
    fn utf8_mode_cuts_inside_every_long_character() {
        let pieces = cut("aö你🙂b", Chunking::Utf8);
        assert_eq!(pieces.len(), 4);
        assert!(pieces[..3].iter().all(|piece| std::str::from_utf8(piece).is_err()));
    }
}
