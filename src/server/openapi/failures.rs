//! Failures in the description: which statuses an operation can have, what they mean, and which
//! headers come with them.
//!
//! All of it follows from the error table and from what an operation does, so that a new case or a
//! new route needs no line here. What an operation says itself about a status stays.

use std::collections::BTreeSet;

use hyper::StatusCode;
use utoipa::Modify;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{
    Components, ContentBuilder, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::ErrorKind;
use crate::server::reply::status_of;

/// What HTTP has a finer status for than the row of the table, which is `invalid_request`.
const FINER: [(u16, &str); 4] = [
    (408, "the rest of the body did not come in time"),
    (413, "the body is longer than the server's `--max-body`"),
    (415, "the body is not declared to be `application/json`"),
    (431, "the headers are too long"),
];

/// Puts the failures of every operation into the description.
pub struct Failures;

impl Modify for Failures {
    fn modify(&self, api: &mut OpenApi) {
        let components = api.components.get_or_insert_with(Default::default);
        describe_all(components);
        for (path, item) in &mut api.paths.paths {
            for (takes_body, operation) in operations(item) {
                add_failures(path, takes_body, operation);
            }
        }
    }
}

/// The operations of a path, and whether they read a body.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let reading = [&mut item.get, &mut item.delete].into_iter().flatten();
    let taking = [&mut item.post, &mut item.put, &mut item.patch].into_iter().flatten();
    reading.map(|operation| (false, operation)).chain(taking.map(|operation| (true, operation)))
}

fn add_failures(path: &str, takes_body: bool, operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response.headers.insert(REQUEST_ID.to_owned(), RefOr::Ref(header_ref(REQUEST_ID)));
        }
    }
    for status in statuses(path, takes_body, operation) {
        let described = RefOr::Ref(Ref::from_response_name(name(status)));
        operation.responses.responses.entry(status.to_string()).or_insert(described);
    }
}

/// The statuses with which an operation can fail.
fn statuses(path: &str, takes_body: bool, operation: &Operation) -> BTreeSet<u16> {
    let has_tag = |wanted| operation.tags.iter().flatten().any(|tag| tag == wanted);
    let mut statuses = BTreeSet::from([431, status(ErrorKind::Internal)]);
    // Probes are answered until the very end.
    if !matches!(path, "/health" | "/readyz") {
        statuses.insert(status(ErrorKind::Interrupted));
    }
    if takes_body || operation.parameters.as_ref().is_some_and(|list| !list.is_empty()) {
        statuses.insert(status(ErrorKind::InvalidRequest));
    }
    if takes_body {
        statuses.extend([408, 413, 415]);
    }
    if !has_tag("server") {
        statuses.extend(ErrorKind::ALL.map(status));
    }
    if has_tag("account") {
        statuses.remove(&status(ErrorKind::ChatInProgress));
    }
    statuses
}

fn status(kind: ErrorKind) -> u16 {
    status_of(kind).as_u16()
}

/// The name of the response in the components, such as `NotFound`.
fn name(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.unwrap_or("Failure").replace(' ', "")
}

fn describe_all(components: &mut Components) {
    for (name, about, schema) in HEADERS {
        let header =
            HeaderBuilder::new().schema(Some(schema_of(schema))).description(Some(about)).build();
        components.headers.insert(name.to_owned(), header.into());
    }
    let statuses = ErrorKind::ALL.map(status).into_iter().chain(FINER.map(|(status, _)| status));
    for status in statuses.collect::<BTreeSet<_>>() {
        components.responses.insert(name(status), failure(status).into());
    }
}

fn failure(status: u16) -> Response {
    let schema = Some(Ref::from_schema_name("Failure"));
    let content = ContentBuilder::new().schema(schema).build();
    let response =
        ResponseBuilder::new().description(meaning(status)).content("application/json", content);
    let headers = HEADERS.iter().map(|(name, ..)| *name).filter(|name| comes_with(name, status));
    headers.fold(response, |response, name| response.header_ref(name, header_ref(name))).build()
}

/// The codes with this status, and when they come.
fn meaning(wanted: u16) -> String {
    if let Some((_, when)) = FINER.iter().find(|(status, _)| *status == wanted) {
        return format!("`{}`: {when}", ErrorKind::InvalidRequest.code());
    }
    let kinds = ErrorKind::ALL.into_iter().filter(|kind| status(*kind) == wanted);
    let lines = kinds.map(|kind| match kind {
        ErrorKind::Interrupted => format!("`{}`: the server is shutting down", kind.code()),
        kind => format!("`{}`: {}", kind.code(), kind.when()),
    });
    lines.collect::<Vec<_>>().join("; ")
}

const REQUEST_ID: &str = "x-request-id";

const HEADERS: [(&str, &str, Type); 5] = [
    (REQUEST_ID, "The id of the request: the caller's own, if it is harmless", Type::String),
    ("retry-after", "Seconds to wait before asking again, if that is known", Type::Integer),
    ("retry-after-ms", "The same in milliseconds", Type::Integer),
    ("x-should-retry", "`false` if asking again does not help", Type::String),
    ("www-authenticate", "How to sign in", Type::String),
];

/// Whether a failure with `status` can have the header.
fn comes_with(header: &str, status: u16) -> bool {
    match header {
        "retry-after" | "retry-after-ms" => matches!(status, 409 | 429 | 502 | 503 | 504),
        "x-should-retry" => status >= 500,
        "www-authenticate" => status == 401,
        _ => true,
    }
}

fn header_ref(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}

fn schema_of(kind: Type) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(kind).into()
}

/// The codes of the error table.
pub struct ErrorCode;

impl PartialSchema for ErrorCode {
    fn schema() -> RefOr<Schema> {
        let codes = ErrorKind::ALL.map(ErrorKind::code);
        let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes));
        text.description(Some("Stable, for programs")).into()
    }
}

impl ToSchema for ErrorCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_is_told_under_its_status() {
        for kind in ErrorKind::ALL {
            assert!(meaning(status(kind)).contains(&format!("`{}`", kind.code())), "{kind:?}");
            assert!(!name(status(kind)).is_empty());
        }
        assert_eq!(name(404), "NotFound");
        assert_ne!(meaning(413), meaning(415));
        assert!(comes_with("retry-after", 429) && !comes_with("retry-after", 404));
    }
}
