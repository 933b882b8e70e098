//! The local upstream: a stand-in for chat.qwen.ai in this process, on loopback.
//!
//! It speaks the wire format of `protocol.md` and shares no wire types with the client: of this crate
//! it imports only `engine` and `net`. A field misspelled in shared code would be wrong on both sides,
//! and every test would pass. Its shapes are compared with the documented ones in `tests/it/local_upstream/`.
//!
//! What it keeps true: chats, account and signing secret live in one `SQLite` file (or in memory)
//! that several processes may share; one generation per chat; a generation continues when its client
//! disconnects, and ends at once when stopped; every list, queue, body and log is bounded; its port serves
//! only this process or, with [`Access::Programs`], programs on this machine, but never a web page.
//!
//! Answers are made up by an engine of our own, or come from a server that speaks the `OpenAI` API
//! ([`LocalOptions::engine`]): then its models are on offer, the whole branch of the chat goes along,
//! markers in prompts mean nothing, and a stopped generation closes the connection to it.
//!
//! # Markers in a prompt
//!
//! | marker | effect |
//! |---|---|
//! | `[[lorem:N]]` | the answer is N words, one delta each (at most 200,000) |
//! | `[[deltas:a\|b]]` | the answer is exactly these deltas |
//! | `[[slow:MS]]` | this pause between deltas (at most a minute) |
//! | `[[think]]`, `[[search]]`, `[[image]]` | thinks, searches the web, answers with a picture, whatever the request says |
//! | `[[fault:NAME[:ARG]]]` | meets this request with that fault; a fault of another call (a list, say) meets the next such call |
//!
//! # Faults
//!
//! Every fault of protocol 16 that makes sense over this wire, by its number: `F33`, `F32:429`,
//! `F66:rst:500` (how, then milliseconds), and `*N` for the next N requests only, `F1*1`. They are
//! armed by [`LocalOptions::faults`], by a marker, by a request header `x-local-fault`, or through
//! the admin face.
//!
//! # Admin face
//!
//! It exists with [`Access::Programs`] only.
//!
//! | call | gives |
//! |---|---|
//! | `GET /__local/` | what this is |
//! | `GET /__local/requests` | `total`, `counts` by `"METHOD path"`, and the newest requests |
//! | `GET /__local/stops` | the stop calls |
//! | `GET /__local/streams` | the streams: `open`, `ended`, `client_gone` |
//! | `GET /__local/wait?for=stops&count=1&timeout_ms=5000` | waits until `requests`, `stops`, `client_gone` or `ended` reach a count |
//! | `GET`, `POST`, `DELETE /__local/faults` | what is armed and known; arms `{"fault":"F33","times":1}`; disarms all |
//! | `POST /__local/tokens` | a token: `{"form":"legacy"\|"short","expires_in":-60}` |
//! | `POST /__local/options` | `{"hang_on_odd_thinking_mode":false}` |

mod api;
mod clock;
mod echo;
mod faults;
mod guard;
mod journal;
mod markers;
mod options;
mod reply;
mod request;
mod routes;
mod server;
mod state;
mod store;
mod stream;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use hyper::header::{HeaderName, HeaderValue};
use tokio::task::JoinHandle;

pub use self::faults::Fault;
pub use self::guard::Access;
pub use self::options::LocalOptions;
pub use self::stream::chunking::Chunking;

use self::echo::Echo;
use self::faults::armed::ArmedFaults;
use self::guard::Guard;
use self::state::State;
use self::store::Store;
use self::store::account::{self, Form};
use crate::engine::Engine;

/// A running local upstream. Dropping it ends it abruptly, [`LocalUpstream::shutdown`] in good
/// order.
#[derive(Debug)]
pub struct LocalUpstream {
    state: Arc<State>,
    token: String,
    refresh_token: String,
    server: JoinHandle<()>,
    database: Option<thread::JoinHandle<()>>,
}

/// Starts a local upstream on the current runtime.
///
/// # Errors
/// When the address cannot be bound, or the database cannot be opened or is not one of ours; the
/// text names which.
pub async fn start(options: LocalOptions) -> io::Result<LocalUpstream> {
    let engine: Arc<dyn Engine> = match options.engine {
        Some(engine) => engine.0,
        None => Arc::new(Echo { seed: options.seed }),
    };
    let pace = if engine.url().is_none() { options.pace } else { Duration::ZERO };
    let listener = server::bind(options.address).await?;
    let address = listener.local_addr()?;
    let (store, database) = Store::open(options.database).await?;
    let account = store.call(account::read).await.map_err(io_error)?;
    let refresh_token = store.call(account::new_refresh_token).await.map_err(io_error)?;
    let state = Arc::new(State {
        address,
        guard: Guard::new(options.access)?,
        store,
        account,
        engine,
        chunking: options.chunking,
        pace,
        seed: options.seed,
        faults: ArmedFaults::default(),
        journal: Arc::default(),
        running: Arc::default(),
        hangs: AtomicBool::new(true),
    });
    for fault in options.faults {
        state.faults.arm(fault).map_err(io::Error::other)?;
    }
    let (token, _) = state.token(Form::Legacy);
    let server = tokio::spawn(server::serve(listener, Arc::clone(&state)));
    Ok(LocalUpstream { state, token, refresh_token, server, database: Some(database) })
}

/// The known faults: number and a line about each.
pub fn fault_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    faults::names()
}

impl LocalUpstream {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.state.address
    }

    /// What stands for `https://chat.qwen.ai/api`.
    pub fn api_url(&self) -> String {
        format!("{}/api", self.auth_url())
    }

    /// The origin that stands for `https://auth.qwen.ai`.
    pub fn auth_url(&self) -> String {
        format!("http://{}", self.state.address)
    }

    /// The header that every request must carry, where only this process has access
    /// ([`Access::Process`]). Its value is a secret.
    pub fn private_header(&self) -> Option<(HeaderName, HeaderValue)> {
        self.state.guard.header()
    }

    /// A valid access token of the legacy, seven-day form (protocol 2.1).
    pub fn token(&self) -> String {
        self.token.clone()
    }

    /// A refresh token that has not been used.
    pub fn refresh_token(&self) -> String {
        self.refresh_token.clone()
    }

    /// Stops running generations (what they had written is kept), closes every connection and the
    /// database.
    pub async fn shutdown(mut self) {
        self.state.running.stop_all().await;
        self.server.abort();
        let _ = (&mut self.server).await;
        let database = self.database.take();
        drop(self);
        if let Some(database) = database {
            // The thread ends once the last connection task has let go of the store.
            let _ = tokio::task::spawn_blocking(move || database.join()).await;
        }
    }
}

impl Drop for LocalUpstream {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn io_error(error: store::StoreError) -> io::Error {
    io::Error::other(error)
}
