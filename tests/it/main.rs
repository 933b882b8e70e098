//! The integration tests, one binary.

#![allow(unreachable_pub, reason = "a test binary exports nothing")]

mod browser;
mod cli;
mod completions;
mod connections;
mod decoder;
mod engine;
mod faults;
mod layering;
mod local_upstream;
mod openai;
mod readme;
mod server;
mod settings;
mod support;
mod topics;
