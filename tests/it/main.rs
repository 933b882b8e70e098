//! The integration tests, one binary.

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
