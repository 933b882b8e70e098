//! Every route of the server, as data: what the banner, `Allow`, the log and the description of the
//! API go by. Who answers them stands in `routes`; a test holds the two together.

/// A route: a method and a path, where `{…}` stands for one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
    /// A few words for the banner.
    pub about: &'static str,
}

const fn on(method: &'static str, path: &'static str, about: &'static str) -> Endpoint {
    Endpoint { method, path, about }
}

const ENDPOINTS: &[Endpoint] = &[
    on("GET", "/health", "Health check"),
    on("GET", "/readyz", "Whether it can do its work"),
    on("GET", "/metrics", "Numbers for Prometheus"),
    on("POST", "/api/login", "API key to session token"),
    on("GET", "/api/session", "What a page may do without a token"),
    on("GET", "/api/user/status", "User status"),
    on("POST", "/api/token/refresh", "Refresh token"),
    on("GET", "/api/token/info", "Token info"),
    on("GET", "/api/chats", "List chats"),
    on("POST", "/api/chats", "New chat"),
    on("GET", "/api/chats/{id}", "Get chat history"),
    on("PATCH", "/api/chats/{id}", "Rename chat"),
    on("DELETE", "/api/chats/{id}", "Delete chat"),
    on("POST", "/api/chats/{id}/stop", "Stop the answer of a chat"),
    on("POST", "/api/chat/send", "Send message"),
    on("POST", "/api/chat/quick", "Quick chat"),
    on("GET", "/api/stats", "Get statistics"),
    on("GET", "/api/models", "List models"),
    on("GET", "/openapi.json", "Description of this API"),
];

/// What other people's programs know, in their shapes and not in the envelope.
const COMPATIBLE: &[Endpoint] = &[
    on("GET", "/v1/models", "List models (OpenAI)"),
    on("GET", "/v1/models/{id}", "Get model (OpenAI)"),
    on("POST", "/v1/chat/completions", "Chat completion (OpenAI)"),
    on("POST", "/v1/responses", "Response (OpenAI)"),
    on("POST", "/v1/messages", "Message (Anthropic)"),
];

/// The chat page, for people and not for programs.
const PAGE: &[Endpoint] =
    &[on("GET", "/", "Chat page"), on("GET", "/assets/{version}/{file}", "Files of the chat page")];

/// Every route of the API.
pub fn endpoints() -> &'static [Endpoint] {
    ENDPOINTS
}

/// Every route of the compatible APIs.
pub fn compatible_endpoints() -> &'static [Endpoint] {
    COMPATIBLE
}

/// Whether the route `template` asks only how the server is.
pub(super) fn is_probe(template: &str) -> bool {
    matches!(template, "/health" | "/readyz" | "/metrics")
}

/// The route at `path` as it stands in the table.
pub(super) fn template(path: &str) -> &'static str {
    fitting(path).next().map_or("(none)", |endpoint| endpoint.path)
}

/// The methods that `path` knows, as in `Allow`; `None` if there is no such path.
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

fn fitting(path: &str) -> impl Iterator<Item = &'static Endpoint> {
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    ENDPOINTS.iter().chain(COMPATIBLE).chain(PAGE).filter(move |endpoint| fits(endpoint.path, path))
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
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

    #[test]
    fn a_path_is_found_by_its_template() {
        assert_eq!(template("/api/chats"), "/api/chats");
        assert_eq!(template("/api/chats/"), "/api/chats");
        assert_eq!(template("/api/chats/abc/"), "/api/chats/{id}");
        for nothing in ["", "/api", "/api/chats//", "/api/chats/a/b", "api/chats", "//health"] {
            assert_eq!(template(nothing), "(none)", "{nothing}");
        }
        assert_eq!(methods("/api/chats").as_deref(), Some("GET, POST, HEAD, OPTIONS"));
        assert_eq!(methods("/api/chat/send").as_deref(), Some("POST, OPTIONS"));
        assert_eq!(methods("/nothing"), None);
    }
}
