//! The integration tests, one binary.

mod browser;
mod cli;
mod completions;
mod connections;
mod faults;
mod layering;
mod local_upstream;
mod readme;
mod server;
mod settings;
mod support;
