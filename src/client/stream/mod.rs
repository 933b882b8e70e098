//! The stream of an answer: events to frames, frames to a reply ([`fold`]). Pure: no I/O and no clock.

pub mod fold;
mod thinking;
