//! What the handlers say of themselves in the description of the API. The document that is made of it
//! knows the handlers, and stands in `openapi`.

pub mod events;
pub mod schemas;
pub mod texts;
