//! Every route, in one list: the router, `Allow`, scopes, limits, labels of logs and metrics, and
//! `/openapi.json` follow from it.
//!
//! A row names its handler; `routes` binds the name to a function, and does not compile without one.

use hyper::Method;

use crate::domain::Scope;

/// A route: a method, and a path in which `{…}` stands for one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
    /// A few words about it.
    pub about: &'static str,
    /// What answers it.
    pub(crate) handler: Handler,
    /// The part of the API that it belongs to.
    pub(crate) group: Group,
    /// What it requires of the client.
    pub(crate) need: Need,
    /// How its requests are treated.
    pub(crate) kind: RequestKind,
}

impl Endpoint {
    /// Whether `/openapi.json` describes it.
    pub fn is_described(&self) -> bool {
        !matches!(self.group, Group::Mcp | Group::Page)
    }

    /// Whether its requests count towards the limits, and take a place among the concurrent ones. The
    /// collector of the metrics needs them most while others exceed the limits.
    pub(crate) fn is_counted(&self) -> bool {
        self.kind != RequestKind::Probe
    }
}

/// A part of the API; its name is the tag in `/openapi.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// The server itself: nothing is requested from the upstream.
    Server,
    /// The account.
    Account,
    /// Chats.
    Chats,
    /// Prompts.
    Chat,
    /// OpenAI-compatible.
    OpenAi,
    /// Anthropic-compatible.
    Anthropic,
    /// The Model Context Protocol, which is described elsewhere.
    Mcp,
    /// The chat page, which is for browsers and not described.
    Page,
}

/// What a route requires of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing, and no limit applies: probes and the files of the page.
    Nothing,
    /// No API key, but limits apply.
    NoKey,
    /// A key with at least this scope, where the server requires keys.
    Scope(Scope),
}

/// How requests are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestKind {
    /// As most are.
    Plain,
    /// It sends a prompt, which has limits of its own.
    Prompt,
    /// It reports the state of the server: answered to the very end of a shutdown, and not counted.
    Probe,
}

/// The path of a model.
const MODEL: &str = "/v1/models/{id}";

const OPEN: Need = Need::Nothing;
const NO_KEY: Need = Need::NoKey;
const READ: Need = Need::Scope(Scope::Read);
const SEND: Need = Need::Scope(Scope::Send);
const ADMIN: Need = Need::Scope(Scope::Admin);

macro_rules! endpoints {
    ($($handler:ident, $method:ident $path:literal, $group:ident, $need:ident, $kind:ident, $about:literal;)*) => {
        /// What answers a request.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Handler {
            $($handler,)*
            /// The path exists, but not with this method.
            WrongMethod,
            /// There is no such path.
            NoRoute,
        }

        const ENDPOINTS: &[Endpoint] = &[$(Endpoint {
            method: stringify!($method),
            path: $path,
            about: $about,
            handler: Handler::$handler,
            group: Group::$group,
            need: $need,
            kind: RequestKind::$kind,
        }),*];
    };
}

endpoints! {
    Health,          GET    "/health",                    Server,    OPEN,    Probe,  "Check health";
    Ready,           GET    "/readyz",                    Server,    OPEN,    Probe,  "Check readiness";
    Metrics,         GET    "/metrics",                   Server,    READ,    Probe,  "Get metrics for Prometheus";
    LogIn,           POST   "/api/login",                 Server,    NO_KEY,  Plain,  "Get a session token for an API key";
    ShowSession,     GET    "/api/session",               Server,    NO_KEY,  Plain,  "Get what the client may do";
    ShowUserStatus,  GET    "/api/user/status",           Account,   READ,    Plain,  "Get user status";
    RefreshToken,    POST   "/api/token/refresh",         Account,   ADMIN,   Plain,  "Refresh the token";
    ShowToken,       GET    "/api/token/info",            Account,   READ,    Plain,  "Get token info";
    StoreToken,      PUT    "/api/token",                 Account,   ADMIN,   Plain,  "Store the server's own token";
    RemoveToken,     DELETE "/api/token",                 Account,   ADMIN,   Plain,  "Remove the server's own token";
    ListChats,       GET    "/api/chats",                 Chats,     READ,    Plain,  "List chats";
    ListProjects,    GET    "/api/projects",              Chats,     READ,    Plain,  "List projects";
    NewChat,         POST   "/api/chats",                 Chats,     SEND,    Plain,  "Create a chat";
    ShowChat,        GET    "/api/chats/{id}",            Chats,     READ,    Plain,  "Get chat history";
    RenameChat,      PATCH  "/api/chats/{id}",            Chats,     SEND,    Plain,  "Rename a chat, mark it, or move it to a project";
    DeleteChat,      DELETE "/api/chats/{id}",            Chats,     ADMIN,   Plain,  "Delete a chat";
    ExportChat,      GET    "/api/chats/{id}/export",     Chats,     READ,    Plain,  "Download a chat";
    StopChat,        POST   "/api/chats/{id}/stop",       Chats,     SEND,    Plain,  "Stop the answer of a chat";
    SendPrompt,      POST   "/api/chat/send",             Chat,      SEND,    Prompt, "Send a message";
    QuickPrompt,     POST   "/api/chat/quick",            Chat,      SEND,    Prompt, "Send a message to the latest chat";
    TemporaryPrompt, POST   "/api/chat/temporary",        Chat,      SEND,    Prompt, "Send a message that is not kept";
    UploadFile,      POST   "/api/files",                 Chat,      SEND,    Plain,  "Upload a file for a prompt";
    ShowFile,        GET    "/api/files/{id}",            Chat,      READ,    Plain,  "Get what is known of an uploaded file";
    SearchChats,     POST   "/api/chat/search",           Chats,     READ,    Plain,  "Search the messages and titles of chats";
    ShowArchive,     GET    "/api/archive",               Chats,     READ,    Plain,  "Get the state of the archive";
    SyncArchive,     POST   "/api/archive/sync",          Chats,     SEND,    Plain,  "Synchronize the archive";
    ShowArchiveStats, GET   "/api/archive/stats",         Chats,     READ,    Plain,  "Get statistics of the archive";
    ExportArchive,   GET    "/api/archive/export",        Chats,     READ,    Plain,  "Download the archived chats";
    PlanDeletion,    POST   "/api/chats/deletions",       Chats,     ADMIN,   Plain,  "Plan to delete many chats";
    ExecutePlan,     POST   "/api/chats/deletions/{id}", Chats,    ADMIN,   Plain,  "Execute a plan";
    ShowPlan,        GET    "/api/chats/deletions/{id}", Chats,    READ,    Plain,  "Get a plan, or its progress";
    CancelPlan,      DELETE "/api/chats/deletions/{id}", Chats,    ADMIN,   Plain,  "Forget a plan, or cancel the rest";
    ListTrash,       GET    "/api/trash",                 Chats,     READ,    Plain,  "List deleted chats, and those that will be";
    RestoreChat,     POST   "/api/trash/{id}/restore",    Chats,     SEND,    Plain,  "Restore a chat from the trash";
    PurgeChat,       DELETE "/api/trash/{id}",            Chats,     ADMIN,   Plain,  "Purge a chat from the trash";
    ImportArchive,   POST   "/api/archive/import",        Chats,     ADMIN,   Plain,  "Import chats into the archive";
    ShowStats,       GET    "/api/stats",                 Account,   READ,    Plain,  "Get statistics";
    ListModels,      GET    "/api/models",                Account,   READ,    Plain,  "List models";
    DescribeApi,     GET    "/openapi.json",              Server,    NO_KEY,  Plain,  "Get the description of this API";
    ListOpenAiModels, GET   "/v1/models",                 OpenAi,    READ,    Plain,  "List models (OpenAI)";
    ShowOpenAiModel, GET    "/v1/models/{id}",            OpenAi,    READ,    Plain,  "Get a model (OpenAI)";
    ChatCompletion,  POST   "/v1/chat/completions",       OpenAi,    SEND,    Prompt, "Create a chat completion (OpenAI)";
    Response,        POST   "/v1/responses",              OpenAi,    SEND,    Prompt, "Create a response (OpenAI)";
    Message,         POST   "/v1/messages",               Anthropic, SEND,    Prompt, "Create a message (Anthropic)";
    CountTokens,     POST   "/v1/messages/count_tokens",  Anthropic, SEND,    Plain,  "Estimate the tokens of a message (Anthropic)";
    Mcp,             POST   "/mcp",                       Mcp,       READ,    Plain,  "Send a message of the Model Context Protocol";
    EndMcp,          DELETE "/mcp",                       Mcp,       READ,    Plain,  "End a session of the Model Context Protocol";
    Page,            GET    "/",                          Page,      OPEN,    Plain,  "Get the chat page";
    PageFile,        GET    "/assets/{version}/{file}",   Page,      OPEN,    Plain,  "Get a file of the chat page";
}

/// Every route but those of the chat page.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    ENDPOINTS.iter().filter(|endpoint| endpoint.group != Group::Page)
}

/// The route of a request. Without a row for it, this is a row of its own: it requires the scope
/// that its method suggests, so that nothing is open by oversight.
pub(super) fn find(method: &Method, path: &str) -> Endpoint {
    if let Some(found) = fitting(path).find(|endpoint| endpoint.method == method.as_str()) {
        return *found;
    }
    let need = match *method {
        Method::GET => READ,
        Method::DELETE => ADMIN,
        _ => SEND,
    };
    let unknown = Endpoint {
        method: "",
        path: "(none)",
        about: "",
        handler: Handler::NoRoute,
        group: Group::Server,
        need,
        kind: RequestKind::Plain,
    };
    match fitting(path).next() {
        None => unknown,
        Some(Endpoint { path, need: open @ (Need::Nothing | Need::NoKey), kind, .. }) => {
            Endpoint { path, handler: Handler::WrongMethod, need: *open, kind: *kind, ..unknown }
        }
        Some(Endpoint { path, .. }) => Endpoint { path, handler: Handler::WrongMethod, ..unknown },
    }
}

/// The methods of `path`, as in `Allow`; `None` if there is no such path.
pub(super) fn methods(path: &str) -> Option<String> {
    let mut methods: Vec<_> = fitting(path).map(|endpoint| endpoint.method).collect();
    if methods.is_empty() {
        return None;
    }
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    Some(methods.join(", "))
}

/// The segments of `path` for which `{…}` stands in `template`; still percent-encoded.
pub(super) fn parameters<'p>(template: &str, path: &'p str) -> impl Iterator<Item = &'p str> {
    let path = if template == MODEL { path.trim_end_matches('/') } else { path };
    let segments = template.split('/').zip(path.splitn(segments_of(template), '/'));
    segments.filter(|(wanted, _)| wanted.starts_with('{')).map(|(_, given)| given)
}

/// A slash at the end makes no difference. A path that is a template itself fits no other: `deletions`
/// is no chat.
fn fitting(path: &str) -> impl Iterator<Item = &'static Endpoint> {
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    let is_template = ENDPOINTS.iter().any(|endpoint| endpoint.path == path);
    let fits = move |template: &str| {
        if is_template { template == path } else { fits(template, path) }
    };
    ENDPOINTS.iter().filter(move |endpoint| fits(endpoint.path))
}

/// How many segments a path for `template` has. The ids of models hold slashes.
fn segments_of(template: &str) -> usize {
    if template == MODEL { template.split('/').count() } else { usize::MAX }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.splitn(segments_of(template), '/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &str, path: &str) -> Endpoint {
        find(&method.parse().expect("a method"), path)
    }

    #[test]
    fn path_is_matched_by_its_template() {
        let template = |path| route("GET", path).path;
        assert_eq!(template("/"), "/");
        assert_eq!(template("/api/chats"), "/api/chats");
        assert_eq!(template("/api/chats/"), "/api/chats");
        assert_eq!(template("/api/chats/abc/"), "/api/chats/{id}");
        for nothing in ["", "/api", "/api/chats//", "/api/chats/a/b", "api/chats", "//health"] {
            assert_eq!(template(nothing), "(none)", "{nothing}");
        }
        assert_eq!(methods("/api/chats").as_deref(), Some("GET, POST, HEAD, OPTIONS"));
        assert_eq!(methods("/api/chat/send").as_deref(), Some("POST, OPTIONS"));
        assert_eq!(methods("/nothing"), None);
        let found: Vec<_> = parameters("/assets/{version}/{file}", "/assets/a/b%2Fc/").collect();
        assert_eq!(found, ["a", "b%2Fc"]);
    }

    #[test]
    fn method_selects_the_handler() {
        for (method, path, expected) in [
            ("GET", "/api/chats", Handler::ListChats),
            ("POST", "/api/chats/", Handler::NewChat),
            ("PATCH", "/api/chats/c1", Handler::RenameChat),
            ("PUT", "/api/chats/c1", Handler::WrongMethod),
            ("GET", "/api/chats/c1/stop", Handler::WrongMethod),
            ("GET", "/nothing", Handler::NoRoute),
        ] {
            assert_eq!(route(method, path).handler, expected, "{method} {path}");
        }
    }

    #[test]
    fn no_route_is_listed_twice() {
        for endpoint in ENDPOINTS {
            assert_eq!(route(endpoint.method, endpoint.path).handler, endpoint.handler);
        }
    }

    #[test]
    fn reading_deleting_and_sending_need_different_scopes() {
        for (method, path, expected) in [
            ("GET", "/api/chats", READ),
            ("POST", "/api/chats", SEND),
            ("PATCH", "/api/chats/c1", SEND),
            ("DELETE", "/api/chats/c1", ADMIN),
            ("POST", "/api/token/refresh", ADMIN),
            ("POST", "/v1/anything", SEND),
            ("GET", "/nothing", READ),
            ("DELETE", "/health", OPEN),
            ("GET", "/", OPEN),
            ("GET", "/assets/v/app.js", OPEN),
            ("POST", "/api/login", NO_KEY),
        ] {
            assert_eq!(route(method, path).need, expected, "{method} {path}");
        }
        // A new route follows the same rule.
        for endpoint in endpoints() {
            let by_method = match (endpoint.method, endpoint.handler) {
                (_, Handler::Mcp | Handler::EndMcp) => READ,
                (
                    _,
                    Handler::RefreshToken
                    | Handler::StoreToken
                    | Handler::ImportArchive
                    | Handler::PlanDeletion
                    | Handler::ExecutePlan,
                )
                | ("DELETE", _) => ADMIN,
                (_, Handler::SearchChats) | ("GET", _) => READ,
                _ => SEND,
            };
            let is_open = !matches!(endpoint.need, Need::Scope(_));
            assert!(is_open || endpoint.need == by_method, "{endpoint:?}");
        }
    }

    #[test]
    fn few_routes_are_open() {
        let open = endpoints().filter(|route| !matches!(route.need, Need::Scope(_)));
        let paths: Vec<_> = open.map(|route| route.path).collect();
        assert_eq!(paths, ["/health", "/readyz", "/api/login", "/api/session", "/openapi.json"]);
    }

    #[test]
    fn prompts_are_those_of_the_chat_and_compatible_apis() {
        let prompts = endpoints().filter(|route| route.kind == RequestKind::Prompt);
        let paths: Vec<_> = prompts.map(|route| route.path).collect();
        let expected = [
            "/api/chat/send",
            "/api/chat/quick",
            "/api/chat/temporary",
            "/v1/chat/completions",
            "/v1/responses",
            "/v1/messages",
        ];
        assert_eq!(paths, expected);
    }
}
