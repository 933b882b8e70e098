//! The server: REST API, OpenAI- and Anthropic-compatible APIs, live streams and the chat page, on one port.
//!
//! A request passes `listen` (sockets, TLS, timeouts), `middleware` (request id, identity, limits, log line),
//! `routes`, a handler in `rest`, `compat` or `page`, and `http::response`.
//!
//! What this module keeps true: every response is JSON in one envelope (under `/v1` in the shapes that
//! SDKs expect: `http::error_format`) and has an `x-request-id`; the server's own token is used only for a
//! trusted client (`auth::trust`); a chat answers one prompt at a time (`shared`); when a client disconnects,
//! the upstream's generation is stopped unless the client asked to keep it running (`answer`); every wait,
//! read and buffer is bounded.

mod answer;
mod auth;
mod body;
mod cache;
mod compat;
mod files;
mod form;
mod http;
mod limits;
mod listen;
mod log;
mod mcp;
mod metrics;
mod middleware;
mod openapi;
mod options;
mod page;
mod plans;
mod request;
mod rest;
mod routes;
mod shared;
mod state;
mod stream;
mod table;
mod tls;

pub use crate::app::deletion::Trash;
pub use crate::domain::time::now;
pub use crate::server::auth::AccessOptions;
pub use crate::server::compat::params::{Fate, Param, parameters};
pub use crate::server::limits::rate::{CurrentRates, Rates};
pub use crate::server::listen::{bind, serve};
pub use crate::server::tls::{Renewal, Tls, TlsFiles};
pub use cache::CacheOptions;
pub(crate) use log::note_line;
pub use log::{LogFormat, LogHealth, LogOptions, LogSink};
pub use metrics::{MetricInfo, describe as describe_metrics};
pub use options::{
    AccountStore, ArchivePlace, FileOptions, Limits, OpenAiOptions, OwnAccount, Reload,
    ServerOptions, ToolsMode,
};

pub use table::{Endpoint, endpoints};
