//! `GET /openapi.json`: the description of the API. Paths stand as attributes on the handlers, shapes
//! in `description`; a test walks the table of routes and this document both ways, and compares real
//! answers with the shapes. Those of the compatible APIs are other people's, and stand in
//! `compatible.json`.

mod failures;

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};
use utoipa::openapi::SecurityRequirement;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use self::failures::Failures;
use super::rest::{chat, chats, health, login, metrics, models, session, stats, token, user};
use crate::server::compat;
use crate::server::http::response::{Outcome, json};
use crate::server::request::RequestContext;
use crate::server::rest::documents;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "qwenctl serve",
        description = "A person's own Qwen account over HTTP. Times are seconds since 1970. A final \
            slash of a path makes no difference. `HEAD` is answered wherever `GET` is; `OPTIONS` \
            with 204 and `Allow`; a method that a route does not know with 405, an unknown path with \
            404, both in the shape of `Failure`. The chat page at `/` and its files below `/assets/` \
            are for browsers and not described here."
    ),
    paths(
        health::health, health::ready, metrics::show, login::login, session::show, user::status, token::info,
        token::refresh, chats::list, chats::new, chats::show, chats::rename, chats::delete, chats::stop,
        chat::send, chat::quick,
        stats::show, models::list, describe, compat::models::list, compat::models::show,
        compat::chat_completions::complete, compat::responses::respond, compat::messages::message,
    ),
    components(schemas(
        documents::Failure, documents::StreamStart, documents::StreamPiece, documents::StreamSearch,
        documents::StreamPicture,
    )),
    modifiers(&Failures, &Bearer),
)]
struct Api;

/// A token of the caller's own, a session token or an API key, or one of these and a token beside it;
/// trusted callers may do without.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let about = "The access token of a Qwen account, a session token of `POST /api/login`, or an \
            API key of this server. Without an access token the server's own is used, if it has one \
            and the caller has an API key or is trusted: a program on the same machine, or the \
            server's own page.";
        let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        let scheme = SecurityScheme::Http(http.description(Some(about)).build());
        let components = api.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", scheme);
        for (name, header, about) in HEADER_SCHEMES {
            let value = ApiKeyValue::with_description(header, about);
            components.add_security_scheme(name, SecurityScheme::ApiKey(ApiKey::Header(value)));
        }
        let all = |names: &[&str]| {
            names.iter().fold(SecurityRequirement::default(), |requirement, name| {
                requirement.add(*name, Vec::<String>::new())
            })
        };
        let ways: [&[&str]; 6] = [
            &["token"],
            &["key"],
            &["qwen_token"],
            &["token", "qwen_token"],
            &["key", "qwen_token"],
            &[],
        ];
        api.security = Some(ways.map(all).into());
    }
}

/// What goes by a header of its own: name, header, what it is.
const HEADER_SCHEMES: [(&str, &str, &str); 2] = [
    ("key", "x-api-key", "An API key of this server"),
    ("qwen_token", "x-qwen-token", "The access token of a Qwen account, also beside an API key"),
];

/// The document, made once.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = serde_json::to_value(Api::openapi()).unwrap_or_default();
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.extend(serde_json::from_str::<Map<_, _>>(COMPATIBLE).unwrap_or_default());
    }
    document
});

/// The schemas of the compatible APIs.
const COMPATIBLE: &str = include_str!("compatible.json");

/// `GET /openapi.json`: this description.
#[utoipa::path(get, path = "/openapi.json", tag = "server",
    responses((status = 200, description = "An OpenAPI 3.1 document", body = Object)))]
pub(super) async fn describe(_: Arc<RequestContext>) -> Outcome {
    json(&*DOCUMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_schema_takes_the_place_of_another() {
        let ours = serde_json::to_value(Api::openapi()).expect("JSON");
        let compatible: Map<String, Value> = serde_json::from_str(COMPATIBLE).expect("JSON");
        let schemas = ours["components"]["schemas"].as_object().expect("schemas");
        for name in compatible.keys() {
            assert!(!schemas.contains_key(name), "{name}");
        }
    }
}
