//! The integration tests, one binary.

mod layering;
mod settings;
mod faults;
mod support;
