//! `serve`, over real sockets: its shapes, whom it trusts, what it refuses, its streams, and its end.

mod bad_input;
mod command;
mod concurrency;
mod cors;
mod gone;
mod http;
mod life;
mod openapi;
mod seed;
mod shapes;
mod streams;
mod trust;
pub mod world;
