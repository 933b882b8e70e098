//! The integration tests, one binary.

mod connections;
mod faults;
mod layering;
mod settings;
mod support;
