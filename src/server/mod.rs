//! The server: the REST API, live streams and (in `page`) the chat page, on one port.
//!
//! A request goes one way: the socket (`listen`), what holds for every request (`gate`: its id, the
//! shutdown, CORS, panics, the log line), who may come in and how often
//! (`admission`, `access`), the routes (`table`, `routes`), a handler (`rest`), and the one envelope
//! (`reply`).
//!
//! What this module keeps true: every answer is JSON in the envelope of every failure (under `/v1` in the
//! shapes that SDKs expect: `reply::shape`), and has an `x-request-id`; the server's own token is used only
//! for a trusted caller (`guard`); one prompt at a time per chat (`shared`); when a caller goes away
//! (`listen`), the upstream's generation is stopped, unless they asked for it to go on (`answer`), and
//! then others can stop it (`running`); nothing is read, kept or waited for without a bound.

mod access;
mod admission;
mod answer;
mod body;
mod cache;
mod call;
mod clock;
mod cors;
mod description;
mod gate;
mod guard;
mod life;
mod listen;
mod log;
mod metrics;
mod openai;
mod openapi;
mod options;
pub mod page;
mod painter;
mod reload;
mod reply;
mod rest;
mod routes;
mod running;
mod shared;
mod sse;
mod state;
mod table;
mod tls;
mod trace;

pub use access::{AccessOptions, CurrentRates, Rates};
pub use cache::CacheOptions;
pub use clock::now;
pub use listen::{bind, serve};
pub use log::{LogFormat, LogHealth, LogOptions, LogSink, note_line};
pub use openai::params::{Fate, Param, parameters};
pub use options::{Limits, OpenAiOptions, OwnAccount, ServerOptions};
pub use reload::Reload;
pub use table::{Endpoint, compatible_endpoints, endpoints};
pub use tls::{Tls, TlsFiles};
