//! Blocking work beside the runtime.

use tokio::sync::oneshot;

use super::failure::{Failure, Outcome};
use crate::domain::{Error, ErrorKind};

/// Does `work` on a thread of its own, from now on. Unlike the runtime's own threads for blocking
/// work, nobody waits for it at the end: a read from a terminal or a silent pipe may never return.
///
/// # Errors
/// If there can be no such thread, or it panicked.
pub(super) fn beside<T, F>(work: F) -> impl Future<Output = Outcome<T>> + Send + use<T, F>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    let thread = std::thread::Builder::new().spawn(move || {
        let _ = sender.send(work());
    });
    async move {
        thread.map_err(|fault| {
            Error::new(ErrorKind::Internal, "cannot start a thread").caused_by(fault)
        })?;
        let ended_early = |_| Error::new(ErrorKind::Internal, "a thread ended early");
        receiver.await.map_err(ended_early).map_err(Failure::from)
    }
}
