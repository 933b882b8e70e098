//! What the handlers of one local upstream share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::clock;
use super::guard::Guard;
use super::journal::Journal;
use super::store::Store;
use super::store::account::{self, Account, Form};
use super::stream::chunking::Chunking;
use super::stream::runner::Running;
use crate::engine::Engine;
use crate::local::faults::armed::ArmedFaults;

/// The shared state.
#[derive(Debug)]
pub(super) struct State {
    pub address: SocketAddr,
    pub guard: Guard,
    pub store: Store,
    pub account: Account,
    pub engine: Arc<dyn Engine>,
    pub chunking: Chunking,
    pub pace: Duration,
    pub seed: u64,
    pub faults: ArmedFaults,
    pub journal: Arc<Journal>,
    pub running: Arc<Running>,
    /// Whether a `thinking_mode` outside the enum is never answered (protocol 6.2).
    pub hangs: AtomicBool,
}

impl State {
    /// A valid token of this form.
    pub(super) fn token(&self, form: Form) -> (String, i64) {
        self.token_for(form, form.lifetime())
    }

    /// A token that expires in so many seconds (in the past, if negative), and when that is.
    pub(super) fn token_for(&self, form: Form, seconds: i64) -> (String, i64) {
        let now = clock::seconds();
        let expires = now.saturating_add(seconds);
        (account::issue(&self.account.secret, &self.account.id, form, now, expires), expires)
    }
}
