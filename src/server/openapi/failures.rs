//! Failures in the description: which statuses an operation can have, what they mean, and which
//! headers come with them.
//!
//! All of it follows from the error table and from what an operation does, so that a new case or a
//! new route needs no line here. What an operation says itself about a status stays.

use std::collections::BTreeSet;

use hyper::{Method, StatusCode};
use utoipa::Modify;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{
    Components, ContentBuilder, OpenApi, PathItem, Ref, RefOr, Required, Response, ResponseBuilder,
};

use crate::domain::ErrorKind;
use crate::server::auth::{Need, is_counted};
use crate::server::http::error_format::Shape;
use crate::server::http::response::status_of;

/// What HTTP has a finer status for than the row of the table.
const FINER: [(u16, ErrorKind, &str); 5] = [
    (408, ErrorKind::InvalidRequest, "the rest of the body did not come in time"),
    (413, ErrorKind::InvalidRequest, "the body is longer than the server's `--max-body`"),
    (415, ErrorKind::InvalidRequest, "the body is not declared to be `application/json`"),
    (431, ErrorKind::InvalidRequest, "the headers are too long"),
    (503, ErrorKind::RateLimited, "the server has too much to do at the moment"),
];

/// Puts the failures of every operation into the description.
pub(super) struct Failures;

impl Modify for Failures {
    fn modify(&self, api: &mut OpenApi) {
        let components = api.components.get_or_insert_with(Default::default);
        describe_all(components);
        for (path, item) in &mut api.paths.paths {
            for (method, operation) in operations(item) {
                add_failures(&method, path, operation);
            }
        }
    }
}

/// The operations of a path, with their methods.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let operations = [
        (Method::GET, &mut item.get),
        (Method::DELETE, &mut item.delete),
        (Method::POST, &mut item.post),
        (Method::PUT, &mut item.put),
        (Method::PATCH, &mut item.patch),
    ];
    operations.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn add_failures(method: &Method, path: &str, operation: &mut Operation) {
    let need = Need::of(method, path);
    let shape = Shape::of(path);
    let has_limits = need != Need::Nothing && is_counted(path);
    let counted = [POLICY, STANDING].into_iter().filter(|_| has_limits);
    let others = HEADERS.iter().map(|(name, ..)| *name).filter(|name| {
        ![POLICY, STANDING].contains(name)
            && comes_with(name, shape, 200)
            && (method == Method::POST || ![WARNING, CHAT].contains(name))
    });
    // What a schema stands for that has no type here, utoipa cannot know.
    if let (Some(_), Some(RefOr::T(body))) = (shape, &mut operation.request_body) {
        body.required = Some(Required::True);
    }
    for name in counted.chain(others) {
        for response in operation.responses.responses.values_mut() {
            if let RefOr::T(response) = response {
                response.headers.insert(name.to_owned(), RefOr::Ref(header_ref(name)));
            }
        }
    }
    for status in statuses(method, path, operation) {
        let described = RefOr::Ref(Ref::from_response_name(name(shape, status)));
        operation.responses.responses.entry(status.to_string()).or_insert(described);
    }
}

/// The statuses with which an operation can fail.
fn statuses(method: &Method, path: &str, operation: &Operation) -> BTreeSet<u16> {
    let takes_body = [Method::POST, Method::PUT, Method::PATCH].contains(method);
    let need = Need::of(method, path);
    let has_tag = |wanted| operation.tags.iter().flatten().any(|tag| tag == wanted);
    let mut statuses = BTreeSet::from([431, status(ErrorKind::Internal)]);
    // Probes are answered until the very end, however many there are.
    if need != Need::Nothing {
        statuses.extend([ErrorKind::Interrupted, ErrorKind::RateLimited].map(status));
    }
    if matches!(need, Need::Scope(_)) {
        statuses.extend([ErrorKind::TokenMissing, ErrorKind::Forbidden].map(status));
    }
    // Open to all, and for those with a good key.
    if path == "/api/login" {
        statuses.insert(status(ErrorKind::TokenInvalid));
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

/// The name of the response in the components, such as `NotFound` or `OpenAiNotFound`.
fn name(shape: Option<Shape>, status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("{}{}", whose(shape), reason.unwrap_or("Failure").replace(' ', ""))
}

/// What the names of a shape begin with.
fn whose(shape: Option<Shape>) -> &'static str {
    match shape {
        None => "",
        Some(Shape::OpenAi) => "OpenAi",
        Some(Shape::Anthropic) => "Anthropic",
    }
}

fn describe_all(components: &mut Components) {
    for (name, about, schema) in HEADERS {
        let header =
            HeaderBuilder::new().schema(Some(schema_of(schema))).description(Some(about)).build();
        components.headers.insert(name.to_owned(), header.into());
    }
    let statuses = ErrorKind::ALL.map(status).into_iter().chain(FINER.map(|(status, ..)| status));
    for status in statuses.collect::<BTreeSet<_>>() {
        for shape in [None, Some(Shape::OpenAi), Some(Shape::Anthropic)] {
            components.responses.insert(name(shape, status), failure(shape, status).into());
        }
    }
}

fn failure(shape: Option<Shape>, status: u16) -> Response {
    let schema = Some(Ref::from_schema_name(format!("{}Failure", whose(shape))));
    let content = ContentBuilder::new().schema(schema).build();
    let response =
        ResponseBuilder::new().description(meaning(status)).content("application/json", content);
    let headers =
        HEADERS.iter().map(|(name, ..)| *name).filter(|name| comes_with(name, shape, status));
    headers.fold(response, |response, name| response.header_ref(name, header_ref(name))).build()
}

/// The codes with this status, and when they come.
fn meaning(wanted: u16) -> String {
    let kinds = ErrorKind::ALL.into_iter().filter(|kind| status(*kind) == wanted);
    let coarse = kinds.map(|kind| match kind {
        ErrorKind::Interrupted => (kind, "the server is shutting down"),
        kind => (kind, kind.when()),
    });
    let finer = FINER.into_iter().filter(|(status, ..)| *status == wanted);
    let lines = coarse.chain(finer.map(|(_, kind, when)| (kind, when)));
    let lines = lines.map(|(kind, when)| format!("`{}`: {when}", kind.code()));
    lines.collect::<Vec<_>>().join("; ")
}

const REQUEST_ID: &str = "x-request-id";
/// The same, as Anthropic calls it.
const OTHER_REQUEST_ID: &str = "request-id";
const WARNING: &str = "x-qwenctl-warning";
const CHAT: &str = "x-qwen-chat-id";
const POLICY: &str = "ratelimit-policy";
const STANDING: &str = "ratelimit";

const HEADERS: [(&str, &str, Type); 10] = [
    (REQUEST_ID, "The id of the request: the caller's own, if it is harmless", Type::String),
    (OTHER_REQUEST_ID, "The same", Type::String),
    (WARNING, "The parameters that were ignored: `ignored: temperature`", Type::String),
    (CHAT, "The chat of the answer, if it is kept", Type::String),
    ("retry-after", "Seconds to wait before asking again, if that is known", Type::Integer),
    ("retry-after-ms", "The same in milliseconds", Type::Integer),
    ("x-should-retry", "`false` if asking again does not help", Type::String),
    ("www-authenticate", "How to sign in", Type::String),
    (POLICY, "The limits that hold for the caller, such as `\"minute\";q=10;w=60`", Type::String),
    (STANDING, "What is left, and for how many seconds: `\"minute\";r=9;t=60`", Type::String),
];

/// Whether an answer with `status` can have the header.
fn comes_with(header: &str, shape: Option<Shape>, status: u16) -> bool {
    match header {
        WARNING | CHAT => shape.is_some() && status == 200,
        OTHER_REQUEST_ID => shape == Some(Shape::Anthropic),
        "retry-after" | "retry-after-ms" => matches!(status, 409 | 429 | 502 | 503 | 504),
        "x-should-retry" => status >= 500 || (shape.is_some() && status >= 400),
        "www-authenticate" => status == 401,
        // It is refused before anything is counted.
        POLICY | STANDING => status != 431,
        _ => true,
    }
}

fn header_ref(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}

fn schema_of(kind: Type) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(kind).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_is_told_under_its_status() {
        for kind in ErrorKind::ALL {
            assert!(meaning(status(kind)).contains(&format!("`{}`", kind.code())), "{kind:?}");
            assert!(!name(None, status(kind)).is_empty());
        }
        assert_eq!(name(None, 404), "NotFound");
        assert_eq!(name(Some(Shape::Anthropic), 404), "AnthropicNotFound");
        assert_ne!(meaning(413), meaning(415));
        assert!(meaning(503).contains("`interrupted`") && meaning(503).contains("`rate_limited`"));
        assert!(comes_with("retry-after", None, 429) && !comes_with("retry-after", None, 404));
    }
}
