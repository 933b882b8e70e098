//! `serve`, over real sockets: its shapes, whom it trusts, what it refuses, its streams, and its end.

mod bad_input;
mod cache;
mod command;
mod concurrency;
mod cors;
mod gone;
mod http;
mod life;
mod logs;
mod metrics;
mod openapi;
mod seed;
mod shapes;
mod streams;
mod trust;
mod world;
