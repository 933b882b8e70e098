//! `serve`, over real sockets: its shapes, whom it trusts, what it refuses, its streams, and its end.

mod bad_input;
mod command;
mod concurrency;
mod cors;
mod gone;
mod http;
mod keys;
mod lasting;
mod life;
mod limits;
mod openapi;
mod seed;
mod shapes;
mod stop;
mod streams;
mod trust;
mod world;
