//! The local upstream, driven by a client that knows nothing of ours and compared with
//! `tests/fixtures/protocol/`, which is copied out of the protocol by hand.

mod calls;
mod faults;
mod guard;
pub mod peer;
mod shapes;
mod sharing;
mod stream;
mod turns;
