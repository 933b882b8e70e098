//! `GET /openapi.json`: the description of the API. Paths stand as attributes on the handlers, shapes
//! in [`schemas`]; a test walks the table of routes and this document both ways, and compares real
//! answers with the shapes.

pub mod schemas;

use std::sync::{Arc, LazyLock};

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder, SecurityRequirement};
use utoipa::{Modify, OpenApi};

use super::call::Call;
use super::reply::{Outcome, json};
use super::rest::{chat, chats, health, login, models, session, stats, token, user};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "qwenctl serve",
        description = "A person's own Qwen account over HTTP. Times are seconds since 1970."
    ),
    paths(
        health::health, health::ready, login::login, session::show, user::status, token::info, token::refresh,
        chats::list, chats::new, chats::show, chats::rename, chats::delete, chat::send, chat::quick,
        stats::show, models::list, describe,
    ),
    components(schemas(schemas::Failure)),
    modifiers(&Failures, &Bearer),
)]
struct Api;

/// Every route can fail, in one envelope.
struct Failures;

impl Modify for Failures {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Failure"))).build();
        let failure = ResponseBuilder::new()
            .description("A failure; `code` is stable, `error` is a sentence for people")
            .content("application/json", content)
            .build();
        for operation in operations(api) {
            operation.responses.responses.insert("default".to_owned(), failure.clone().into());
        }
    }
}

/// A token of the caller's own, a session token or an API key; trusted callers may do without.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = api.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", scheme);
        let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("x-api-key")));
        components.add_security_scheme("key", key);
        let one = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
        api.security = Some(vec![one("token"), one("key"), SecurityRequirement::default()]);
    }
}

fn operations(api: &mut utoipa::openapi::OpenApi) -> impl Iterator<Item = &mut Operation> {
    api.paths.paths.values_mut().flat_map(|item| {
        [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete].into_iter().flatten()
    })
}

/// The document, made once.
static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(Api::openapi);

/// `GET /openapi.json`: this description.
#[utoipa::path(get, path = "/openapi.json", tag = "server",
    responses((status = 200, description = "An OpenAPI 3.1 document", body = Object)))]
pub async fn describe(_: Arc<Call>) -> Outcome {
    json(&*DOCUMENT)
}
