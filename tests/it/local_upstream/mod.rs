//! The local upstream, tested with an independent client and compared with
//! `tests/fixtures/protocol/`, which is copied from the protocol by hand.

mod calls;
mod faults;
pub mod files;
mod guard;
pub mod peer;
mod shapes;
mod sharing;
mod stream;
mod turns;
