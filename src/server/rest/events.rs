//! The events of a streamed answer: each has a name and, as its data, a JSON document of its own.
//!
//! Version 3.1 of `OpenAPI` has no word for streams. The schema of `text/event-stream` describes one event, as
//! tools that know streams read it.

use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// An event of a streamed `send`.
pub(crate) struct SendEvent;

/// An event of a streamed `quick`.
pub(crate) struct QuickEvent;

impl PartialSchema for SendEvent {
    fn schema() -> RefOr<Schema> {
        one_of_the_events("Sent")
    }
}

impl PartialSchema for QuickEvent {
    fn schema() -> RefOr<Schema> {
        one_of_the_events("Quick")
    }
}

impl ToSchema for SendEvent {}
impl ToSchema for QuickEvent {}

/// The events with the schemas of their data; the last one is `done` or `error`.
fn one_of_the_events(done: &str) -> RefOr<Schema> {
    let events = [
        ("start", "StreamStart"),
        ("thinking", "StreamPiece"),
        ("search", "StreamSearch"),
        ("delta", "StreamPiece"),
        ("rewrite", "StreamPiece"),
        ("render", "StreamPicture"),
        ("done", done),
        ("error", "Failure"),
    ];
    let about = "One event of the stream. `delta` and `thinking` add to what was there, `rewrite` \
                 replaces the content so far, `render` (if asked for) shows all of it as HTML. \
                 The last event is `done`, with the whole answer, or `error`.";
    let either = OneOfBuilder::new().description(Some(about));
    events.into_iter().fold(either, |either, (name, data)| either.item(event(name, data))).into()
}

fn event(name: &str, data: &str) -> Schema {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let data = text()
        .content_media_type("application/json")
        .content_schema(Some(Ref::from_schema_name(data)));
    ObjectBuilder::new()
        .property("event", text().enum_values(Some([name])))
        .property("data", data)
        .required("event")
        .required("data")
        .into()
}
