//! The integration tests, one binary.

mod connections;
mod faults;
mod layering;
mod local;
mod readme;
mod settings;
mod support;
