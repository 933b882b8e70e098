//! Timeouts of a connection: idle clients and stalled readers.
//!
//! hyper has a deadline only for the head of an HTTP/1 request: an HTTP/2 peer that never ends a head, or
//! a reader that accepts no byte of a response, would hold a connection for ever. So each connection
//! keeps a few numbers, and `connection` checks them at intervals.

use std::io::{IoSlice, Result as IoResult};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// The bytes that a closing connection has to send within one timeout to stay open; more than a few
/// HTTP/2 pings.
const WORTH_WAITING: u64 = 4096;

/// The activity of one connection. Times are in milliseconds since its start.
#[derive(Debug)]
pub(super) struct Activity {
    began: Instant,
    /// Whether a request has arrived.
    begun: AtomicBool,
    /// Requests whose response has not been sent completely.
    open: AtomicUsize,
    /// Those of them without a response.
    unanswered: AtomicUsize,
    /// The last progress of a request.
    moved: AtomicU64,
    /// When the peer stopped accepting bytes, plus one; 0 while it accepts them.
    blocked: AtomicU64,
    /// Bytes sent.
    sent: AtomicU64,
}

/// What to do with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Alive,
    /// There is no request: close it gracefully.
    Idle,
    /// It makes no progress: cut it.
    Stuck,
}

/// The timeouts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For a client without a request.
    pub idle: Duration,
    /// For a reader that accepts no byte.
    pub reader: Duration,
}

impl Activity {
    /// The activity of a connection that starts now.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            begun: AtomicBool::new(false),
            open: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            moved: AtomicU64::new(0),
            blocked: AtomicU64::new(0),
            sent: AtomicU64::new(0),
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn note(&self) {
        self.moved.store(self.now(), Ordering::Relaxed);
    }

    /// Whether a request has arrived.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Records a new request.
    pub(super) fn request(self: &Arc<Self>) -> RunningRequest {
        self.begun.store(true, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        self.note();
        RunningRequest { activity: Arc::clone(self), answered: false }
    }

    /// What to do now.
    pub(super) fn verdict(&self, patience: Patience) -> Verdict {
        let since = |then: u64| Duration::from_millis(self.now().saturating_sub(then));
        let blocked = self.blocked.load(Ordering::Relaxed);
        if blocked > 0 && since(blocked - 1) >= patience.reader {
            return Verdict::Stuck;
        }
        let quiet = since(self.moved.load(Ordering::Relaxed));
        let open = self.open.load(Ordering::Relaxed);
        let unanswered = self.unanswered.load(Ordering::Relaxed);
        match (open, unanswered) {
            (0, _) if quiet >= patience.idle => Verdict::Idle,
            (1.., 0) if quiet >= patience.reader => Verdict::Stuck,
            _ => Verdict::Alive,
        }
    }

    /// Whether a request is running.
    fn is_working(&self) -> bool {
        self.open.load(Ordering::Relaxed) > 0
    }
}

/// A request, until its response has been sent or dropped.
pub(super) struct RunningRequest {
    activity: Arc<Activity>,
    answered: bool,
}

impl RunningRequest {
    /// Records the response; `body` is its body.
    pub(super) fn body<B>(mut self, body: B) -> MonitoredBody<B> {
        self.answer();
        MonitoredBody { body, request: self }
    }

    fn answer(&mut self) {
        if !std::mem::replace(&mut self.answered, true) {
            self.activity.unanswered.fetch_sub(1, Ordering::Relaxed);
            self.activity.note();
        }
    }
}

impl Drop for RunningRequest {
    fn drop(&mut self) {
        self.answer();
        self.activity.open.fetch_sub(1, Ordering::Relaxed);
        self.activity.note();
    }
}

/// The body of a response; each frame is progress.
pub(super) struct MonitoredBody<B> {
    body: B,
    request: RunningRequest,
}

impl<B: Body + Unpin> Body for MonitoredBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        self.request.activity.note();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket that records whether the peer accepts what is written.
pub(super) struct Monitored<T> {
    socket: T,
    activity: Arc<Activity>,
}

impl<T> Monitored<T> {
    /// `socket`, whose writes are recorded in `activity`.
    pub(super) fn new(socket: T, activity: Arc<Activity>) -> Self {
        Self { socket, activity }
    }

    fn note(&self, written: Poll<IoResult<usize>>) -> Poll<IoResult<usize>> {
        let Activity { blocked, sent, .. } = &*self.activity;
        match &written {
            Poll::Pending if blocked.load(Ordering::Relaxed) == 0 => {
                blocked.store(self.activity.now() + 1, Ordering::Relaxed);
            }
            Poll::Pending => {}
            Poll::Ready(result) => {
                blocked.store(0, Ordering::Relaxed);
                let bytes = result.as_ref().copied().unwrap_or_default();
                sent.fetch_add(bytes as u64, Ordering::Relaxed);
            }
        }
        written
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Monitored<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<IoResult<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Monitored<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<IoResult<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<IoResult<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(context, slices);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

/// A graceful close: the connection may finish its responses, not stay open.
#[derive(Debug)]
pub(super) struct Farewell {
    since: Instant,
    sent: u64,
}

impl Farewell {
    /// A close that starts now.
    pub(super) fn new(activity: &Activity) -> Self {
        Self { since: Instant::now(), sent: activity.sent.load(Ordering::Relaxed) }
    }

    /// Whether it takes too long.
    pub(super) fn is_over(&mut self, activity: &Activity, patience: Patience) -> bool {
        if self.since.elapsed() < patience.reader {
            return false;
        }
        let before = self.sent;
        *self = Self::new(activity);
        !activity.is_working() && self.sent - before < WORTH_WAITING
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const PATIENCE: Patience =
        Patience { idle: Duration::from_secs(30), reader: Duration::from_mins(1) };

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_request_becomes_idle() {
        let activity = Activity::new();
        advance(Duration::from_secs(29)).await;
        assert_eq!(activity.verdict(PATIENCE), Verdict::Alive);
        drop(activity.request());
        advance(Duration::from_secs(29)).await;
        assert_eq!(activity.verdict(PATIENCE), Verdict::Alive);
        advance(Duration::from_secs(1)).await;
        assert_eq!(activity.verdict(PATIENCE), Verdict::Idle);
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_may_take_long_but_its_reader_may_not_stall() {
        let activity = Activity::new();
        let request = activity.request();
        advance(Duration::from_hours(1)).await;
        assert_eq!(activity.verdict(PATIENCE), Verdict::Alive);
        let _body = request.body(());
        advance(Duration::from_secs(59)).await;
        assert_eq!(activity.verdict(PATIENCE), Verdict::Alive);
        advance(Duration::from_secs(1)).await;
        assert_eq!(activity.verdict(PATIENCE), Verdict::Stuck);
        let _another = activity.request();
        assert_eq!(activity.verdict(PATIENCE), Verdict::Alive, "another request makes progress");
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_accepts_no_byte_is_cut_off() {
        use tokio::io::AsyncWriteExt as _;
        let activity = Activity::new();
        let _request = activity.request();
        let (ours, _theirs) = tokio::io::duplex(1);
        let mut socket = Monitored::new(ours, Arc::clone(&activity));
        let blocked = tokio::time::timeout(Duration::from_secs(59), socket.write_all(b"ab"));
        assert!(blocked.await.is_err());
        assert_eq!(activity.verdict(PATIENCE), Verdict::Alive);
        advance(Duration::from_secs(2)).await;
        assert_eq!(activity.verdict(PATIENCE), Verdict::Stuck);
    }

    #[tokio::test(start_paused = true)]
    async fn a_close_lasts_while_much_is_sent() {
        let activity = Activity::new();
        let mut farewell = Farewell::new(&activity);
        for bytes in [WORTH_WAITING, WORTH_WAITING] {
            advance(PATIENCE.reader).await;
            activity.sent.fetch_add(bytes, Ordering::Relaxed);
            assert!(!farewell.is_over(&activity, PATIENCE));
        }
        activity.sent.fetch_add(17, Ordering::Relaxed);
        assert!(!farewell.is_over(&activity, PATIENCE), "not yet");
        advance(PATIENCE.reader).await;
        assert!(farewell.is_over(&activity, PATIENCE));
    }
}
