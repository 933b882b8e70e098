//! The command line.
pub mod args;
pub mod failure;
pub mod output;
