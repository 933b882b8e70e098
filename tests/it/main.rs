//! The integration tests, one binary.

mod faults;
mod layering;
mod local_upstream;
mod settings;
mod support;
