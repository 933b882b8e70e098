//! The server: the REST API, live streams and (in `page`) the chat page, on one port.
//!
//! A request goes one way: the socket (`listen`), what holds for every request (`gate`: its id, the
//! shutdown, CORS, panics, the log line), the table of routes (`routes`), a handler (`rest`), and the
//! one envelope (`reply`).
//!
//! What this module keeps true: every answer is JSON in the envelope of design 3 (under `/v1` in the
//! shapes that SDKs expect: `openai`), and has an `x-request-id`; the server's own token is used only
//! for a trusted caller (`guard`); one prompt at a time per chat (`queue`); when a caller goes away,
//! the upstream's generation is stopped; nothing is read, kept or waited for without a bound.

mod answer;
mod body;
mod call;
mod cors;
mod gate;
mod guard;
mod life;
mod listen;
mod log;
mod openai;
mod openapi;
mod options;
pub mod page;
mod painter;
mod queue;
mod reply;
mod rest;
mod routes;
mod sse;
mod state;

pub use listen::{bind, serve};
pub use log::LogSink;
pub use openai::params::{Fate, Param, parameters};
pub use options::{Limits, OpenAiOptions, OwnAccount, ServerOptions};
pub use routes::{Endpoint, compatible_endpoints, endpoints};
