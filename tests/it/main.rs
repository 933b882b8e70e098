//! The integration tests, one binary.

mod browser;
mod connections;
mod faults;
mod layering;
mod local_upstream;
mod readme;
mod settings;
mod support;
