//! What a local upstream is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::faults::Fault;
use super::guard::Access;
use super::stream::chunking::Chunking;
use crate::engine::EngineHandle;

/// The pause between two deltas that feels like a model.
const MODEL_PACE: Duration = Duration::from_millis(15);

/// How a local upstream is to behave. The default listens on a free loopback port for this process
/// alone, keeps its chats in memory, sends every event whole, paces like a model and has no fault armed.
#[derive(Debug, Clone)]
pub struct LocalOptions {
    /// Where to listen; port 0 lets the system choose.
    pub address: SocketAddr,
    /// Who may use it.
    pub access: Access,
    /// The `SQLite` file that keeps chats, account and signing secret between runs; `None` keeps
    /// them in memory.
    pub database: Option<PathBuf>,
    /// How the bytes of a stream are cut into writes.
    pub chunking: Chunking,
    /// The pause between two deltas; longer silences are multiples of it. Zero means as fast as
    /// possible, and then titles are written at once, too.
    pub pace: Duration,
    /// The engine that writes the answers, at its own pace; without one they are generated here.
    pub engine: Option<EngineHandle>,
    /// Faults that are armed from the start.
    pub faults: Vec<Fault>,
    /// Seeds what looks random in answers and cuts (ids are always fresh, they live in one
    /// database).
    pub seed: u64,
}

impl Default for LocalOptions {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            access: Access::default(),
            database: None,
            chunking: Chunking::Event,
            pace: MODEL_PACE,
            engine: None,
            faults: Vec::new(),
            seed: 0,
        }
    }
}
