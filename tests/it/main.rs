//! The integration tests, one binary.

mod connections;
mod faults;
mod support;
