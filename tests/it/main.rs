//! The integration tests, one binary.

mod cli;
mod completions;
mod faults;
mod layering;
mod settings;
mod support;
