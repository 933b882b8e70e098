//! Notices a caller who has gone away where hyper does not look.
//!
//! While an HTTP/1.1 request is at work, hyper reads on to see the end of the connection; but not if
//! it has bytes in hand already, such as a second request that was sent behind the first one. Then the
//! system is asked now and then. Whoever half-closes the connection counts as gone, as for hyper.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// How often the system is asked.
const PERIOD: Duration = Duration::from_millis(300);

/// A connection that is looked after.
pub(super) struct Watched(Arc<Shared>);

/// Looks after a connection.
pub(super) struct Lookout(Arc<Shared>);

struct Shared {
    /// Both sides live in one task, so nobody ever waits for it.
    stream: Mutex<TcpStream>,
    /// Whether the reader waits for bytes, and so will see the end by itself.
    reader_waits: AtomicBool,
}

impl Shared {
    fn stream(&self) -> MutexGuard<'_, TcpStream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes `stream` apart into the connection and who looks after it.
pub(super) fn watch(stream: TcpStream) -> (Watched, Lookout) {
    let shared =
        Arc::new(Shared { stream: Mutex::new(stream), reader_waits: AtomicBool::new(false) });
    (Watched(Arc::clone(&shared)), Lookout(shared))
}

impl Lookout {
    /// Waits until the other side has closed the connection unseen by the reader. To be polled by the
    /// same task as the reader, after it.
    pub(super) async fn gone(&self) {
        let mut timer = pin!(sleep(PERIOD));
        let mut runs = true;
        poll_fn(|context| {
            loop {
                if self.0.reader_waits.load(Ordering::Relaxed) {
                    runs = false;
                    return Poll::Pending;
                }
                if !runs {
                    timer.as_mut().reset(Instant::now() + PERIOD);
                    runs = true;
                }
                ready!(timer.as_mut().poll(context));
                runs = false;
                if self.is_closed() {
                    return Poll::Ready(());
                }
            }
        })
        .await;
    }

    fn is_closed(&self) -> bool {
        let state = self.0.stream().ready(Interest::READABLE).now_or_never();
        state.is_some_and(|state| state.map_or(true, Ready::is_read_closed))
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut *self.0.stream()).poll_read(context, buffer);
        self.0.reader_waits.store(read.is_pending(), Ordering::Relaxed);
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0.stream()).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0.stream()).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.stream().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.stream()).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.stream()).poll_shutdown(context)
    }
}
