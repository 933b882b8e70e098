//! The stream of an answer: events to frames (`frame`), frames to a reply ([`fold`]). Pure: no
//! I/O and no clock.

pub mod fold;
mod search;
#[cfg(test)]
mod tests;
mod thinking;

pub use crate::client::wire::frame::{Document, Image};
pub use crate::client::wire::repair::repair;
pub use fold::is_image;
pub use search::number;
pub use thinking::render as render_steps;
