//! The integration tests, one binary.

mod faults;
mod layering;
mod settings;
mod support;
