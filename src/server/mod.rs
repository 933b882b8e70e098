//! The HTTP face: the REST API and the chat page.

pub mod page;
