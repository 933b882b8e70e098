//! The state of a local upstream, in `SQLite`: account, signing secret, chats and their trees.
//!
//! One thread owns the connection; other tasks send it closures through a bounded channel, so no
//! async code blocks on the disk. Several processes may open the same file: WAL, a busy timeout and
//! immediate transactions keep them apart, and a lease per chat (see [`turns`]) names the process
//! that answers.

pub(super) mod account;
pub(super) mod chats;
mod schema;
pub(super) mod turns;
pub(super) mod uploads;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

/// The maximum number of calls that wait for the connection.
const QUEUE: usize = 64;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle to the thread that owns the connection.
#[derive(Debug, Clone)]
pub(super) struct Store {
    jobs: mpsc::Sender<Job>,
}

/// The database failed; the text is for the log and the error reply.
#[derive(Debug)]
pub(super) struct StoreError(String);

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

impl Store {
    /// Opens or creates the database. The join handle ends once the last [`Store`] is gone.
    ///
    /// # Errors
    /// When the file cannot be opened, is not a database, belongs to another program or to a newer
    /// version of this one.
    pub(super) async fn open(path: Option<PathBuf>) -> io::Result<(Self, JoinHandle<()>)> {
        let (jobs, mut queue) = mpsc::channel::<Job>(QUEUE);
        let (opened, outcome) = oneshot::channel();
        let thread =
            std::thread::Builder::new().name("local-upstream-db".to_owned()).spawn(move || {
                match schema::open(path.as_deref()) {
                    Ok(mut connection) => {
                        let _ = opened.send(Ok(()));
                        while let Some(job) = queue.blocking_recv() {
                            job(&mut connection);
                        }
                    }
                    Err(error) => {
                        let _ = opened.send(Err(error));
                    }
                }
            })?;
        outcome.await.map_err(|_| io::Error::other("the database thread ended early"))??;
        Ok((Self { jobs }, thread))
    }

    /// Runs `work` in one immediate transaction on the database thread.
    ///
    /// # Errors
    /// When `SQLite` fails or the thread is gone; nothing is written then.
    pub(super) async fn call<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let _ = answer.send(in_transaction(connection, work));
        });
        let gone = || StoreError("the database thread has ended".to_owned());
        self.jobs.send(job).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?.map_err(StoreError::from)
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}
