//! Texts that are not just any string: what is true of them, as far as a schema can tell.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::app::chats::MAX_TITLE;
use crate::domain::{self, ErrorKind};

/// The codes of the error table.
pub(crate) struct ErrorCode;

/// The id of a chat, as [`domain::ChatId`] takes it.
pub(crate) struct ChatId;

/// A prompt: not only white space.
pub(crate) struct Prompt;

/// A title: without control characters, and not only white space.
pub(crate) struct Title;

/// A title, or nothing.
pub(crate) struct AnyTitle;

const CHAT_ID: &str = r"^[A-Za-z_-]*[0-9][0-9A-Za-z_-]*$";
const NOT_BLANK: &str = r"[^\s\x85]";
const NOT_BLANK_ONE_LINE: &str =
    r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
const EMPTY_OR_ONE_LINE: &str =
    r"^([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*)?$";

// The words stand here and not at the members: there they would make a schema of their own.
const ONE_LINE: &str = "Without control characters, and not only white space";

fn text(pattern: &str, about: &str) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.pattern(Some(pattern)).description(Some(about))
}

impl PartialSchema for ChatId {
    fn schema() -> RefOr<Schema> {
        text(CHAT_ID, "The id of a chat")
            .min_length(Some(1))
            .max_length(Some(domain::ChatId::MAX_LEN))
            .into()
    }
}

impl PartialSchema for Prompt {
    fn schema() -> RefOr<Schema> {
        text(NOT_BLANK, "Not only white space").min_length(Some(1)).into()
    }
}

impl PartialSchema for Title {
    fn schema() -> RefOr<Schema> {
        text(NOT_BLANK_ONE_LINE, ONE_LINE).min_length(Some(1)).max_length(Some(MAX_TITLE)).into()
    }
}

impl PartialSchema for AnyTitle {
    fn schema() -> RefOr<Schema> {
        text(EMPTY_OR_ONE_LINE, ONE_LINE).max_length(Some(MAX_TITLE)).into()
    }
}

impl PartialSchema for ErrorCode {
    fn schema() -> RefOr<Schema> {
        let codes = ErrorKind::ALL.map(ErrorKind::code);
        let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes));
        text.description(Some("Stable, for programs")).into()
    }
}

impl ToSchema for ErrorCode {}
impl ToSchema for ChatId {}
impl ToSchema for Prompt {}
impl ToSchema for Title {}
impl ToSchema for AnyTitle {}
