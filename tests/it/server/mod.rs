//! `serve`, over real sockets: its shapes, whom it trusts, what it refuses, its streams, and its end.

mod archive;
mod bad_input;
mod cache;
mod command;
mod concurrency;
mod cors;
mod export;
mod files;
mod gone;
mod http;
pub mod keys;
mod lasting;
mod life;
mod limits;
mod logs;
mod mcp;
mod metrics;
mod openapi;
mod quota;
mod rates;
mod search;
mod seed;
mod shapes;
#[cfg(target_os = "linux")]
mod side_door;
mod stop;
mod streams;
mod supervise;
mod tls;
mod token;
mod trash;
mod trust;
mod unit;
pub mod world;
