//! Makes the description of the API.
//!
//! Paths, methods, security and failures follow from `table` and the error table; shapes are those of
//! the structs that the handlers parse and serialize. The shapes of the compatible APIs are defined
//! by others, and stand in `compatible.json`. A test compares real responses with all of them.

use std::collections::BTreeSet;

use hyper::StatusCode;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::app::documents::{
    ArchiveStateData, ArchiveStatsData, ChatData, ChatsDocument, DataDocument, DeletedDocument,
    DoneDocument, ErrorDocument, FileData, ImportDocument, LoginDocument, ModelsDocument,
    NewChatData, PlanData, QuickDocument, RefreshDocument, RenderData, ReplyData, RestoredData,
    SearchData, SearchDocument, StartData, StatsDocument, StoppedDocument, SyncStateData, TextData,
    TokenDocument, TrashDocument, UserStatusDocument,
};
use crate::app::export::Format as ExportFormat;
use crate::app::import::Format as ImportFormat;
use crate::domain::{ErrorKind, Project};
use crate::server::http::error_format::Shape;
use crate::server::http::response::status_of;
use crate::server::rest::account::{LoginRequest, SessionData, StoreTokenRequest};
use crate::server::rest::archive::{GROUPS, SyncRequest};
use crate::server::rest::chat::{PromptHistory, PromptRequest, PromptTarget};
use crate::server::rest::chats::{ChangeRequest, MAX_PAGE, NewChatRequest, chat_id_schema};
use crate::server::rest::deletions::DeletionRequest;
use crate::server::rest::export::IMPORTS;
use crate::server::rest::files::FORM;
use crate::server::rest::health::{Health, Readiness, ReadinessState};
use crate::server::rest::search::SearchQuery;
use crate::server::table::{Endpoint, Group, Handler, Need, RequestKind, endpoints};

/// The schemas of the compatible APIs.
const COMPATIBLE: &str = include_str!("compatible.json");

fn document() -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    for endpoint in endpoints().filter(|endpoint| endpoint.is_described()) {
        let item = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        item[endpoint.method.to_lowercase()] = operation(endpoint, &mut schemas);
    }
    schemas.of::<ErrorDocument>();
    schemas.0.extend(serde_json::from_str::<Map<_, _>>(COMPATIBLE).unwrap_or_default());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "qwenctl serve",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": "Your Qwen account over HTTP. Times are seconds since 1970. A slash at the end \
                of a path makes no difference. `HEAD` works wherever `GET` does. `OPTIONS` returns 204 and \
                `Allow`. A method that a path does not support returns 405, an unknown path 404, both in \
                the shape of `Failure`. The chat page at `/` and its files under `/assets/` are for \
                browsers and not described here, and `/mcp` is the Model Context Protocol.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.0,
            "responses": failures(),
            "headers": HEADERS.map(|(name, kind, about)| {
                (name.to_owned(), json!({"description": about, "schema": {"type": kind}}))
            }).into_iter().collect::<Map<_, _>>(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The access token of a Qwen account, a session token of \
                        `POST /api/login`, or an API key of this server. Without an access token the \
                        server uses its own, if it has one, for clients with an API key and for trusted \
                        clients: programs on the same machine, and the server's own page.",
                },
                "key": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "x-api-key",
                    "description": "An API key of this server",
                },
                "qwen_token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "x-qwen-token",
                    "description": "The access token of a Qwen account, alone or beside an API key",
                },
            },
        },
        "security": [
            {"token": []},
            {"key": []},
            {"qwen_token": []},
            {"token": [], "qwen_token": []},
            {"key": [], "qwen_token": []},
            {},
        ],
    })
}

/// The schemas that the document refers to, by name.
#[derive(Default)]
struct Schemas(Map<String, Value>);

impl Schemas {
    /// A reference to the schema of `T`.
    fn of<T: ToSchema>(&mut self) -> Value {
        self.named::<T>(&T::name())
    }

    /// A reference to the schema of `T` under this name. A generic type has no good one.
    fn named<T: ToSchema>(&mut self, name: &str) -> Value {
        let mut found = vec![(name.to_owned(), T::schema())];
        T::schemas(&mut found);
        for (name, schema) in found {
            self.0.insert(name, serde_json::to_value(schema).unwrap_or_default());
        }
        reference("schemas", name)
    }

    /// A reference to one event of a stream, of which the last is a `done` with this document.
    ///
    /// Version 3.1 of `OpenAPI` has no word for streams: the schema of `text/event-stream` describes one
    /// event, as tools that support streams read it.
    fn event(&mut self, name: &str, done: Value) -> Value {
        let events = [
            ("start", self.of::<StartData>()),
            ("thinking", self.of::<TextData>()),
            ("search", self.of::<SearchData>()),
            ("delta", self.of::<TextData>()),
            ("rewrite", self.of::<TextData>()),
            ("rewrite_thinking", self.of::<TextData>()),
            ("render", self.of::<RenderData>()),
            ("done", done),
            ("error", self.of::<ErrorDocument>()),
        ];
        let events = events.map(|(name, data)| {
            json!({
                "type": "object",
                "required": ["event", "data"],
                "properties": {
                    "event": {"type": "string", "enum": [name]},
                    "data": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "contentSchema": data,
                    },
                },
            })
        });
        let about = "One event of the stream. `delta` adds to the text so far, `thinking` to the thoughts. \
            `rewrite` and `rewrite_thinking` replace all of the one or the other. `render` (if requested) shows all of the text as HTML, and the thoughts if they have changed. The last event is `done`, with \
            the whole answer, or `error`.";
        self.0.insert(name.to_owned(), json!({"description": about, "oneOf": events}));
        reference("schemas", name)
    }
}

fn reference(component: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{component}/{name}")})
}

/// The types of exported files.
const FILES: [&str; 4] = ["text/markdown", "text/html", "application/json", "application/x-ndjson"];

/// What a request holds, and what a success holds.
struct Contents {
    parameters: Vec<Value>,
    body: Option<Value>,
    about: &'static str,
    /// Schemas by media type.
    success: Vec<(&'static str, Value)>,
}

impl Contents {
    fn new(about: &'static str, success: Value) -> Self {
        let success = vec![("application/json", success)];
        Self { parameters: Vec::new(), body: None, about, success }
    }

    /// With a JSON object as body.
    fn body(self, schema: Value) -> Self {
        Self { body: Some(schema), ..self }
    }

    /// With this parameter of the `path` or the `query`.
    fn parameter(mut self, place: &str, name: &str, about: &str, schema: &Value) -> Self {
        self.parameters.push(json!({
            "name": name,
            "in": place,
            "required": place == "path",
            "description": about,
            "schema": schema,
        }));
        self
    }

    /// Or, if the client asks for it, as a stream of this event.
    fn stream(mut self, event: Value) -> Self {
        self.success.push(("text/event-stream", event));
        self
    }
}

#[allow(clippy::too_many_lines, reason = "one arm for each route")]
fn contents(handler: Handler, schemas: &mut Schemas) -> Contents {
    const ANSWER: &str = "The answer: whole, or as server-sent events";
    let ours = |name| reference("schemas", name);
    let text = || json!({"type": "string"});
    let flag = || json!({"type": "boolean"});
    let formats = || json!({"type": "string", "enum": ExportFormat::ALL.map(|(name, _)| name)});
    let one_file = ExportFormat::ALL.map(|(name, _)| name);
    let one_file = one_file.into_iter().filter(|name| !["md", "html"].contains(name));
    let one_file = json!({"type": "string", "enum": one_file.collect::<Vec<_>>()});
    let branches = || json!({"type": "string", "enum": ["current", "all"]});
    let with_id = |contents: Contents| {
        let schema = serde_json::to_value(chat_id_schema()).unwrap_or_default();
        contents.parameter("path", "id", "The id of the chat", &schema)
    };
    match handler {
        Handler::Health => Contents::new("The server is up", schemas.of::<Health>()),
        Handler::Ready => {
            let about = "New requests are accepted; details are for API keys and trusted clients";
            let readiness = [schemas.of::<Readiness>(), schemas.of::<ReadinessState>()];
            Contents::new(about, json!({"anyOf": readiness}))
        }
        Handler::Metrics => Contents {
            success: vec![("text/plain", text()), ("application/openmetrics-text", text())],
            ..Contents::new(
                "The text format of Prometheus, or OpenMetrics if `Accept` asks for it",
                Value::Null,
            )
        },
        Handler::LogIn => {
            let about = "A session token. It has the scope of the API key, and expires with it";
            let body = schemas.of::<LoginRequest>();
            Contents::new(about, schemas.of::<LoginDocument>()).body(body)
        }
        Handler::ShowSession => {
            let about = "What a client may do without a token";
            Contents::new(about, schemas.named::<DataDocument<SessionData>>("SessionAnswer"))
        }
        Handler::ShowUserStatus => {
            let about = "Whether the upstream accepts the token";
            Contents::new(about, schemas.named::<UserStatusDocument<'static>>("UserStatus"))
        }
        Handler::RefreshToken => {
            let about = "A new token. Only a client that sent its own token receives the new one; the \
                server's own is stored, and shown masked";
            Contents::new(about, schemas.of::<RefreshDocument>())
        }
        Handler::ShowToken => {
            Contents::new("What is known about the token", schemas.of::<TokenDocument>())
        }
        Handler::StoreToken => {
            let about = "The token is stored as the server's own, which the server refreshes. It cannot be \
                read again. Only for trusted clients and API keys with the scope `admin`";
            Contents::new(about, schemas.of::<TokenDocument>())
                .body(schemas.of::<StoreTokenRequest>())
        }
        Handler::RemoveToken => {
            let about = "The server has no token of its own any more";
            Contents::new(about, schemas.of::<DoneDocument>())
        }
        Handler::ListChats => {
            let page =
                json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": MAX_PAGE});
            Contents::new("The chats, newest first", schemas.of::<ChatsDocument>())
                .parameter("query", "page", "From 1; 60 chats a page", &page)
                .parameter("query", "all", "All pages", &flag())
                .parameter("query", "pinned", "Only pinned chats", &flag())
                .parameter("query", "archived", "Only archived chats", &flag())
                .parameter("query", "project_id", "Only chats of this project", &text())
        }
        Handler::ListProjects => {
            let about = "The projects, whose chats are not on the list of chats";
            Contents::new(about, schemas.named::<DataDocument<Vec<Project>>>("Projects"))
        }
        Handler::NewChat => {
            let body = schemas.of::<NewChatRequest>();
            let chat = schemas.named::<DataDocument<NewChatData>>("NewChat");
            Contents::new("A new, empty chat", chat).body(body)
        }
        Handler::ShowChat => {
            let about = "The chat with its current branch, or with all branches";
            with_id(Contents::new(about, schemas.named::<DataDocument<ChatData>>("ChatAnswer")))
                .parameter("query", "render", "`html` adds sanitized HTML to each message", &text())
                .parameter(
                    "query",
                    "tree",
                    "All branches; `current_id` ends the current one",
                    &flag(),
                )
        }
        Handler::RenameChat => {
            let body = schemas.of::<ChangeRequest>();
            with_id(Contents::new("The chat was changed", schemas.of::<DoneDocument>())).body(body)
        }
        Handler::DeleteChat => {
            let about = "The chat is deleted, or will be after `grace`. While the archive of the server's own \
                account is in use, a copy is in the trash";
            with_id(Contents::new(about, schemas.of::<DeletedDocument>()))
                .parameter("query", "grace", "Time to undo it: `10`, `10s`", &text())
                .parameter("query", "archive", "`false` deletes without a copy", &flag())
        }
        Handler::ExportChat => with_id(Contents {
            success: FILES.map(|media_type| (media_type, json!({}))).into(),
            ..Contents::new("The chat as a file", Value::Null)
        })
        .parameter("query", "format", "The format; `md` if it is left out", &formats())
        .parameter("query", "branches", "`current` or `all`", &branches())
        .parameter("query", "thinking", "With the thoughts of the model", &flag())
        .parameter("query", "raw", "With what the service sent, in `ndjson`", &flag()),
        Handler::ExportArchive => Contents {
            success: FILES.map(|media_type| (media_type, json!({}))).into(),
            ..Contents::new(
                "The archived chats of the server's own account as one file, written as it is sent",
                Value::Null,
            )
        }
        .parameter(
            "query",
            "format",
            "The format, not `md` or `html`; `ndjson` if it is left out",
            &one_file,
        )
        .parameter(
            "query",
            "since",
            "With a message at or after this time",
            &json!({"type": "integer"}),
        )
        .parameter(
            "query",
            "until",
            "Without a message at or after this time",
            &json!({"type": "integer"}),
        )
        .parameter("query", "match", "In which this is found, as with the search", &text())
        .parameter("query", "branches", "`current` or `all`", &branches())
        .parameter("query", "thinking", "With the thoughts of the model", &flag())
        .parameter("query", "raw", "With what the service sent, in `ndjson`", &flag()),
        Handler::ImportArchive => {
            let names = ImportFormat::ALL.map(|(name, _)| name);
            let names: Vec<_> = ["auto"].into_iter().chain(names).collect();
            let formats = json!({"type": "string", "enum": names});
            let about = "What was imported. The body is a file, or a form with files, of at most 2 GiB; \
                chats are found by their shape. The archive is that of the server's own account";
            Contents::new(about, schemas.of::<ImportDocument>())
                .parameter("query", "format", "The format; `auto` if it is left out", &formats)
                .parameter("query", "dry_run", "Read the file, and change nothing", &flag())
        }
        Handler::UploadFile => {
            let about = "The file is kept for an hour, or for an hour after its last use. The body is a form with one file";
            Contents::new(about, schemas.named::<DataDocument<FileData<'static>>>("FileAnswer"))
        }
        Handler::ShowFile => {
            let about = "A file that is kept";
            Contents::new(about, schemas.named::<DataDocument<FileData<'static>>>("FileAnswer"))
                .parameter("path", "id", "The id of the file", &text())
        }
        Handler::StopChat => {
            let about = "None of these answers is being written in this chat any more";
            with_id(Contents::new(about, schemas.of::<StoppedDocument>()))
                .parameter("query", "prompt_id", "Only the answer to this prompt", &text())
                .parameter("query", "waiting", "`false` leaves prompts in the queue", &flag())
        }
        Handler::SendPrompt => {
            let parts = [schemas.of::<PromptTarget>(), schemas.of::<PromptRequest>()];
            let sent = schemas.named::<DataDocument<ReplyData>>("Sent");
            Contents::new(ANSWER, sent.clone())
                .body(json!({"allOf": parts}))
                .stream(schemas.event("SendEvent", sent))
        }
        Handler::QuickPrompt => {
            let body = schemas.of::<PromptRequest>();
            let quick = schemas.of::<QuickDocument>();
            Contents::new(ANSWER, quick.clone())
                .body(body)
                .stream(schemas.event("QuickEvent", quick))
        }
        Handler::TemporaryPrompt => {
            let parts = [schemas.of::<PromptHistory>(), schemas.of::<PromptRequest>()];
            let sent = schemas.named::<DataDocument<ReplyData>>("Sent");
            Contents::new(ANSWER, sent.clone())
                .body(json!({"allOf": parts}))
                .stream(schemas.event("SendEvent", sent))
        }
        Handler::SearchChats => {
            let about = "The hits: those of one chat follow each other. They come from the archive of the \
                server's own account, or from the upstream's own search";
            let body = schemas.of::<SearchQuery>();
            Contents::new(about, schemas.of::<SearchDocument>()).body(body)
        }
        Handler::PlanDeletion => {
            let about =
                "The plan: what the archive knows after a sync, without what is on its way out";
            let plan = schemas.named::<DataDocument<PlanData>>("PlanAnswer");
            Contents::new(about, plan).body(schemas.of::<DeletionRequest>())
        }
        Handler::ExecutePlan | Handler::ShowPlan => {
            let plan = schemas.named::<DataDocument<PlanData>>("PlanAnswer");
            Contents::new("The plan, or the progress of its execution", plan).parameter(
                "path",
                "id",
                "The id of a plan",
                &text(),
            )
        }
        Handler::CancelPlan => {
            let about = "The plan is forgotten, or what was not deleted yet stays";
            Contents::new(about, schemas.of::<DoneDocument>()).parameter(
                "path",
                "id",
                "The id of a plan",
                &text(),
            )
        }
        Handler::ListTrash => {
            let about = "Chats that will be deleted, then deleted ones that are kept, newest first";
            Contents::new(about, schemas.of::<TrashDocument>())
        }
        Handler::RestoreChat => {
            let about =
                "The deletion is cancelled or, if it was made, the chat is back in the archive";
            let restored = schemas.named::<DataDocument<RestoredData>>("RestoreAnswer");
            let as_new = "`true` also makes a new chat with the transcript, for one answer";
            with_id(Contents::new(about, restored))
                .parameter("query", "as_new", as_new, &flag())
                .parameter("query", "model", "The model of the new chat", &text())
        }
        Handler::PurgeChat => {
            with_id(Contents::new("No copy of the chat is left", schemas.of::<DoneDocument>()))
        }
        Handler::ShowArchive => {
            let about = "The archive of the server's own account, and its synchronization";
            Contents::new(about, schemas.named::<DataDocument<ArchiveStateData>>("ArchiveAnswer"))
        }
        Handler::SyncArchive => {
            let about =
                "The events of the synchronization: `progress`, and at last `done` or `error`";
            let body = schemas.of::<SyncRequest>();
            let state = schemas.named::<DataDocument<SyncStateData>>("SyncAnswer");
            Contents::new(about, state).body(body).stream(json!({"type": "string"}))
        }
        Handler::ShowArchiveStats => {
            let groups = json!({"type": "string", "enum": GROUPS.map(|(name, _)| name)});
            let answer =
                schemas.named::<DataDocument<ArchiveStatsData<'static>>>("ArchiveStatsAnswer");
            let time = json!({"type": "integer", "format": "int64"});
            Contents::new("Statistics of the archived messages", answer)
                .parameter("query", "by", "What to group by; `month` if it is left out", &groups)
                .parameter("query", "since", "Only since then, in seconds since 1970", &time)
        }
        Handler::ShowStats => {
            Contents::new("Statistics of the account", schemas.of::<StatsDocument>())
        }
        Handler::ListModels => {
            Contents::new("The models, default first", schemas.named::<ModelsDocument>("Models"))
        }
        Handler::DescribeApi => Contents::new("An OpenAPI 3.1 document", json!({"type": "object"})),
        Handler::ListOpenAiModels => {
            let about =
                "The models, then the aliases; as Anthropic has it with `anthropic-version`";
            let lists = json!({"anyOf": [ours("OpenAiModels"), ours("AnthropicModels")]});
            Contents::new(about, lists)
                .parameter("query", "limit", "At most so many, for Anthropic", &text())
                .parameter("query", "after_id", "Those after this one, for Anthropic", &text())
                .parameter("query", "before_id", "Those before this one, for Anthropic", &text())
        }
        Handler::ShowOpenAiModel => {
            let about = "A model of the account, or an alias";
            let model = json!({"anyOf": [ours("OpenAiModel"), ours("AnthropicModel")]});
            Contents::new("The model", model).parameter("path", "id", about, &text())
        }
        Handler::CountTokens => {
            Contents::new("An estimate", ours("TokenCount")).body(ours("TokenCountRequest"))
        }
        Handler::ChatCompletion => Contents::new(ANSWER, ours("ChatCompletion"))
            .body(ours("ChatRequest"))
            .stream(ours("ChatStream")),
        Handler::Response => Contents::new(ANSWER, ours("Response"))
            .body(ours("ResponsesRequest"))
            .stream(ours("ResponseStream")),
        Handler::Message => Contents::new(ANSWER, ours("MessageAnswer"))
            .body(ours("MessagesRequest"))
            .stream(ours("MessageStream")),
        Handler::Mcp
        | Handler::EndMcp
        | Handler::Page
        | Handler::PageFile
        | Handler::WrongMethod
        | Handler::NoRoute => Contents::new("Not described", Value::Null),
    }
}

fn operation(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let Contents { parameters, body, about, success } = contents(endpoint.handler, schemas);
    let content: Map<_, _> = success
        .into_iter()
        .map(|(media_type, schema)| (media_type.to_owned(), json!({"schema": schema})))
        .collect();
    let answer = |about| json!({"description": about, "content": content, "headers": success_headers(endpoint)});
    let mut responses = Map::new();
    responses.insert("200".to_owned(), answer(about));
    if endpoint.handler == Handler::Ready {
        responses.insert("503".to_owned(), answer("New requests are refused"));
    }
    if endpoint.handler == Handler::SyncArchive {
        responses.insert("202".to_owned(), answer("It has begun"));
    }
    for status in failure_statuses(endpoint, !parameters.is_empty()) {
        let failure = reference("responses", &failure_name(Shape::of(endpoint.path), status));
        responses.entry(status.to_string()).or_insert(failure);
    }
    let mut operation = json!({
        "tags": [format!("{:?}", endpoint.group).to_lowercase()],
        "operationId": operation_id(endpoint.handler),
        "summary": endpoint.about,
        "responses": responses,
    });
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if endpoint.handler == Handler::UploadFile {
        let file = json!({"type": "string", "format": "binary"});
        let form = json!({"type": "object", "properties": {"file": file}, "required": ["file"]});
        operation["requestBody"] = json!({"required": true, "content": {FORM: {"schema": form}}});
    }
    if endpoint.handler == Handler::ImportArchive {
        let content: Map<_, _> = IMPORTS
            .map(|media_type| (media_type.to_owned(), json!({"schema": {}})))
            .into_iter()
            .collect();
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    if let Some(schema) = body {
        let content = json!({"application/json": {"schema": schema}});
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    if endpoint.need == Need::Nothing || endpoint.handler == Handler::LogIn {
        operation["security"] = json!([{}]);
    }
    operation
}

/// The name of the handler as it is written in JSON: `listChats`.
fn operation_id(handler: Handler) -> String {
    let mut name = format!("{handler:?}");
    name[..1].make_ascii_lowercase();
    name
}

/// The statuses with which an operation can fail.
fn failure_statuses(endpoint: &Endpoint, has_parameters: bool) -> BTreeSet<u16> {
    let takes_body = matches!(endpoint.method, "POST" | "PUT" | "PATCH");
    let mut statuses = BTreeSet::from([431, status(ErrorKind::Internal)]);
    // Probes are answered to the very end of a shutdown, without a limit.
    if endpoint.need != Need::Nothing {
        statuses.extend([ErrorKind::Interrupted, ErrorKind::RateLimited].map(status));
    }
    if matches!(endpoint.need, Need::Scope(_)) {
        statuses.extend([ErrorKind::TokenMissing, ErrorKind::Forbidden].map(status));
    }
    // No key is required, but the one in the body must be valid.
    if endpoint.handler == Handler::LogIn {
        statuses.insert(status(ErrorKind::TokenInvalid));
    }
    if takes_body || has_parameters {
        statuses.insert(status(ErrorKind::InvalidRequest));
    }
    if takes_body {
        statuses.extend([408, 413, 415]);
    }
    if endpoint.group != Group::Server {
        statuses.extend(ErrorKind::ALL.map(status));
    }
    if endpoint.group == Group::Account {
        statuses.remove(&status(ErrorKind::ChatInProgress));
    }
    statuses
}

fn status(kind: ErrorKind) -> u16 {
    status_of(kind).as_u16()
}

/// Cases for which HTTP has a more specific status than the error table.
const SPECIFIC: [(u16, ErrorKind, &str); 5] = [
    (408, ErrorKind::InvalidRequest, "the rest of the body did not arrive in time"),
    (413, ErrorKind::InvalidRequest, "the body is longer than the server's `--max-body`"),
    (415, ErrorKind::InvalidRequest, "the body is not declared as `application/json`"),
    (431, ErrorKind::InvalidRequest, "the headers are too long"),
    (503, ErrorKind::RateLimited, "too many concurrent requests"),
];

/// The response of every failure, in the envelope and in the shapes of the compatible APIs.
fn failures() -> Map<String, Value> {
    let kinds = ErrorKind::ALL.map(status).into_iter();
    let statuses: BTreeSet<_> = kinds.chain(SPECIFIC.map(|(status, ..)| status)).collect();
    let mut failures = Map::new();
    for shape in [None, Some(Shape::OpenAi), Some(Shape::Anthropic)] {
        let schema = reference("schemas", &format!("{}Failure", prefix(shape)));
        for &status in &statuses {
            let headers = HEADERS.iter().map(|(name, ..)| *name);
            let failure = json!({
                "description": meaning(status),
                "content": {"application/json": {"schema": schema}},
                "headers": header_references(headers.filter(|name| comes_with(name, shape, status))),
            });
            failures.insert(failure_name(shape, status), failure);
        }
    }
    failures
}

/// The name of a failure among the components, such as `NotFound` or `OpenAiNotFound`.
fn failure_name(shape: Option<Shape>, status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("{}{}", prefix(shape), reason.unwrap_or("Failure").replace(' ', ""))
}

fn prefix(shape: Option<Shape>) -> &'static str {
    match shape {
        None => "",
        Some(Shape::OpenAi) => "OpenAi",
        Some(Shape::Anthropic) => "Anthropic",
    }
}

/// The codes with this status, and when they are sent.
fn meaning(wanted: u16) -> String {
    let kinds = ErrorKind::ALL.into_iter().filter(|kind| status(*kind) == wanted);
    let general = kinds.map(|kind| match kind {
        ErrorKind::Interrupted => (kind, "the server is shutting down"),
        kind => (kind, kind.when()),
    });
    let specific = SPECIFIC.into_iter().filter(|(status, ..)| *status == wanted);
    let all = general.chain(specific.map(|(_, kind, when)| (kind, when)));
    let all = all.map(|(kind, when)| format!("`{}`: {when}", kind.code()));
    all.collect::<Vec<_>>().join("; ")
}

const WARNING: &str = "x-qwenctl-warning";
const CHAT: &str = "x-qwen-chat-id";
const LIMITS: &str = "ratelimit-policy";
const REMAINING: &str = "ratelimit";

const HEADERS: [(&str, &str, &str); 10] = [
    (
        "x-request-id",
        "string",
        "The id of the request: the client's own if it is safe, else a new one",
    ),
    ("request-id", "string", "The same as `x-request-id`"),
    (WARNING, "string", "What was ignored (`ignored: temperature`), or that a request is large"),
    (CHAT, "string", "The chat of the answer, if it is kept"),
    ("retry-after", "integer", "Seconds to wait before the next attempt, if known"),
    ("retry-after-ms", "integer", "The same in milliseconds"),
    ("x-should-retry", "string", "`false` if another attempt cannot succeed"),
    ("www-authenticate", "string", "How to authenticate"),
    (LIMITS, "string", "The limits that apply to the client, such as `\"minute\";q=10;w=60`"),
    (REMAINING, "string", "What remains, and for how many seconds: `\"minute\";r=9;t=60`"),
];

/// Whether a response with `status` can have the header.
fn comes_with(header: &str, shape: Option<Shape>, status: u16) -> bool {
    match header {
        WARNING => status == 200,
        CHAT => shape.is_some() && status == 200,
        "request-id" => shape == Some(Shape::Anthropic),
        "retry-after" | "retry-after-ms" => matches!(status, 409 | 429 | 502 | 503 | 504),
        "x-should-retry" => status >= 500 || (shape.is_some() && status >= 400),
        "www-authenticate" => status == 401,
        // Refused before the request is counted.
        LIMITS | REMAINING => status != 431,
        _ => true,
    }
}

fn success_headers(endpoint: &Endpoint) -> Map<String, Value> {
    let has_limits = endpoint.need != Need::Nothing && endpoint.is_counted();
    let names = HEADERS.iter().map(|(name, ..)| *name).filter(|name| match *name {
        LIMITS | REMAINING => has_limits,
        WARNING if endpoint.kind != RequestKind::Prompt => false,
        WARNING | CHAT if endpoint.method != "POST" => false,
        name => comes_with(name, Shape::of(endpoint.path), 200),
    });
    header_references(names)
}

fn header_references<'a>(names: impl Iterator<Item = &'a str>) -> Map<String, Value> {
    names.map(|name| (name.to_owned(), reference("headers", name))).collect()
}

mod tests {
    use super::*;

    /// One line for each path and each component.
    fn in_lines(value: &Value, depth: usize) -> String {
        let members = match value {
            Value::Object(members) if depth > 0 => members,
            value => return value.to_string(),
        };
        let member = |(name, value)| format!("{}:{}", json!(name), in_lines(value, depth - 1));
        let members: Vec<_> = members.iter().map(member).collect();
        format!("{{\n{}\n}}", members.join(",\n"))
    }

    #[test]
    fn document_is_up_to_date() {
        let made = in_lines(&document(), 3) + "\n";
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write("src/server/openapi/document.json", &made).expect("a file");
            return;
        }
        let is_same = made == super::super::DOCUMENT.text();
        assert!(
            is_same,
            "the description of the API is stale: run `UPDATE_OPENAPI=1 cargo test --lib openapi`"
        );
    }

    #[test]
    fn no_schema_replaces_another() {
        let compatible: Map<String, Value> = serde_json::from_str(COMPATIBLE).expect("JSON");
        let mut ours = Schemas::default();
        for endpoint in endpoints() {
            operation(endpoint, &mut ours);
        }
        for name in compatible.keys() {
            assert!(!ours.0.contains_key(name), "{name}");
        }
    }

    #[test]
    fn chat_ids_have_the_same_pattern_in_all_apis() {
        let schema = serde_json::to_value(chat_id_schema()).expect("JSON");
        let pattern = schema["pattern"].as_str().expect("a pattern").trim_matches(['^', '$']);
        let described = COMPATIBLE.matches(&format!("\"^(new|{pattern})$\"")).count();
        assert_eq!(described, 3, "one for each route that takes a prompt");
    }

    #[test]
    fn every_operation_has_an_id_of_its_own() {
        let ids: BTreeSet<_> = endpoints().map(|route| operation_id(route.handler)).collect();
        assert_eq!(ids.len(), endpoints().count());
        assert!(ids.contains("listChats"), "{ids:?}");
    }

    #[test]
    fn every_failure_is_described_under_its_status() {
        for kind in ErrorKind::ALL {
            assert!(meaning(status(kind)).contains(&format!("`{}`", kind.code())), "{kind:?}");
        }
        assert_eq!(failure_name(None, 404), "NotFound");
        assert_eq!(failure_name(Some(Shape::Anthropic), 404), "AnthropicNotFound");
        assert_ne!(meaning(413), meaning(415));
        assert!(meaning(503).contains("`interrupted`") && meaning(503).contains("`rate_limited`"));
        assert!(comes_with("retry-after", None, 429) && !comes_with("retry-after", None, 404));
    }
}
