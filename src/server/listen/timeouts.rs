//! Whether a connection still gets anywhere.
//!
//! hyper has a deadline for the head of an HTTP/1 request and for nothing else: an HTTP/2 peer that
//! never ends a head, or a reader who takes no byte of an answer, would hold a connection for ever.
//! So each connection keeps a few numbers, and somebody looks at them from time to time.

use std::io::{IoSlice, Result as IoResult};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// What a connection that is to be closed has to send in one period of patience, in bytes. More than
/// a few pings of HTTP/2.
const WORTH_WAITING: u64 = 4096;

/// The numbers of one connection. Times are milliseconds since it began.
#[derive(Debug)]
pub(super) struct Activity {
    began: Instant,
    /// Whether a first request has come.
    begun: AtomicBool,
    /// Requests whose answer has not been handed out to its end.
    open: AtomicUsize,
    /// Those of them that have no answer yet.
    unanswered: AtomicUsize,
    /// When something last happened to a request.
    moved: AtomicU64,
    /// Since when the peer's side takes no byte, plus one; 0 if it does.
    blocked: AtomicU64,
    /// Bytes sent.
    sent: AtomicU64,
}

/// What there is to be done with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Alive,
    /// Nobody asks for anything: say good-bye.
    Idle,
    /// It gets nowhere: cut it.
    Stuck,
}

/// How much patience there is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// With a client who asks for nothing.
    pub idle: Duration,
    /// With a reader who takes nothing.
    pub reader: Duration,
}

impl Activity {
    /// Of a connection that begins now.
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

    /// Whether there has been a request.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// A request has come.
    pub(super) fn request(self: &Arc<Self>) -> Underway {
        self.begun.store(true, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        self.note();
        Underway { activity: Arc::clone(self), answered: false }
    }

    /// What there is to be done.
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

    /// Whether any request is under way.
    fn is_working(&self) -> bool {
        self.open.load(Ordering::Relaxed) > 0
    }
}

/// A request, until its answer has been handed out or given up.
pub(super) struct Underway {
    activity: Arc<Activity>,
    answered: bool,
}

impl Underway {
    /// There is an answer, and `body` is what is handed out of it.
    pub(super) fn answered<B>(mut self, body: B) -> Handed<B> {
        self.answer();
        Handed { body, underway: self }
    }

    fn answer(&mut self) {
        if !std::mem::replace(&mut self.answered, true) {
            self.activity.unanswered.fetch_sub(1, Ordering::Relaxed);
            self.activity.note();
        }
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.answer();
        self.activity.open.fetch_sub(1, Ordering::Relaxed);
        self.activity.note();
    }
}

/// The body of an answer, each piece of which is a sign of life.
pub(super) struct Handed<B> {
    body: B,
    underway: Underway,
}

impl<B: Body + Unpin> Body for Handed<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        self.underway.activity.note();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket that notes whether what is written gets away.
pub(super) struct Watched<T> {
    socket: T,
    activity: Arc<Activity>,
}

impl<T> Watched<T> {
    /// `socket`, whose writes are noted in `activity`.
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

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<IoResult<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
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

/// The end of a connection that was asked to close: it may finish what it sends, not stay.
#[derive(Debug)]
pub(super) struct Farewell {
    since: Instant,
    sent: u64,
}

impl Farewell {
    /// Begins now.
    pub(super) fn new(activity: &Activity) -> Self {
        Self { since: Instant::now(), sent: activity.sent.load(Ordering::Relaxed) }
    }

    /// Whether it has taken too long.
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
    async fn a_connection_without_a_request_is_idle_after_a_while() {
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
    async fn an_answer_may_take_its_time_but_its_reader_may_not() {
        let activity = Activity::new();
        let request = activity.request();
        advance(Duration::from_hours(1)).await;
        assert_eq!(activity.verdict(PATIENCE), Verdict::Alive);
        let _body = request.answered(());
        advance(Duration::from_secs(59)).await;
        assert_eq!(activity.verdict(PATIENCE), Verdict::Alive);
        advance(Duration::from_secs(1)).await;
        assert_eq!(activity.verdict(PATIENCE), Verdict::Stuck);
        let _another = activity.request();
        assert_eq!(activity.verdict(PATIENCE), Verdict::Alive, "something else gets on");
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_who_takes_no_byte_is_cut_off() {
        use tokio::io::AsyncWriteExt as _;
        let activity = Activity::new();
        let _request = activity.request();
        let (ours, _theirs) = tokio::io::duplex(1);
        let mut watched = Watched::new(ours, Arc::clone(&activity));
        let blocked = tokio::time::timeout(Duration::from_secs(59), watched.write_all(b"ab"));
        assert!(blocked.await.is_err());
        assert_eq!(activity.verdict(PATIENCE), Verdict::Alive);
        advance(Duration::from_secs(2)).await;
        assert_eq!(activity.verdict(PATIENCE), Verdict::Stuck);
    }

    #[tokio::test(start_paused = true)]
    async fn a_farewell_lasts_as_long_as_there_is_much_to_send() {
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
