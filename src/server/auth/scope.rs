//! What a route asks of its caller, by the method and the path: to look needs `read`, to delete and to
//! refresh the token `admin`, all else `send`. So a new route is never open by oversight.

use hyper::Method;

use crate::domain::Scope;

/// What a route asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing, not even a limit: probes, and the files of the page.
    Nothing,
    /// Nothing but to keep to the limits.
    Anybody,
    /// A key of at least this scope, where a key is asked for.
    Scope(Scope),
}

impl Need {
    /// What the route `template` asks for. `(none)` is no route.
    pub(crate) fn of(method: &Method, template: &str) -> Self {
        match template {
            "/health" | "/readyz" | "/" => Self::Nothing,
            _ if template.starts_with("/assets/") => Self::Nothing,
            "/api/login" | "/api/session" | "/openapi.json" => Self::Anybody,
            "/api/token/refresh" => Self::Scope(Scope::Admin),
            "/api/chat/search" => Self::Scope(Scope::Read),
            _ if method == Method::GET => Self::Scope(Scope::Read),
            _ if method == Method::DELETE => Self::Scope(Scope::Admin),
            _ => Self::Scope(Scope::Send),
        }
    }
}

/// Whether requests for the route `template` are counted, and need a place. Whoever collects the
/// numbers has to get them just when others ask too much.
pub(crate) fn is_counted(template: &str) -> bool {
    template != "/metrics"
}

/// Whether the route `template` sends a prompt.
pub(crate) fn is_prompt(method: &Method, template: &str) -> bool {
    let sends = template.starts_with("/api/chat/") || template.starts_with("/v1/");
    method == Method::POST && sends && template != "/api/chat/search"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::table::endpoints;

    fn need(method: &str, path: &str) -> Need {
        Need::of(&method.parse().expect("a method"), path)
    }

    #[test]
    fn scopes_follow_from_method_and_path() {
        for (method, path, expected) in [
            ("GET", "/api/chats", Need::Scope(Scope::Read)),
            ("POST", "/api/chats", Need::Scope(Scope::Send)),
            ("PATCH", "/api/chats/{id}", Need::Scope(Scope::Send)),
            ("DELETE", "/api/chats/{id}", Need::Scope(Scope::Admin)),
            ("POST", "/api/token/refresh", Need::Scope(Scope::Admin)),
            ("POST", "/v1/anything", Need::Scope(Scope::Send)),
            ("GET", "(none)", Need::Scope(Scope::Read)),
            ("GET", "/", Need::Nothing),
            ("GET", "/assets/{version}/{file}", Need::Nothing),
            ("POST", "/api/login", Need::Anybody),
        ] {
            assert_eq!(need(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn few_routes_are_open() {
        let open = endpoints()
            .iter()
            .filter(|route| !matches!(need(route.method, route.path), Need::Scope(_)))
            .map(|route| route.path);
        let known = ["/health", "/readyz", "/api/session", "/api/login", "/openapi.json"];
        assert!(open.clone().all(|path| known.contains(&path)), "{:?}", open.collect::<Vec<_>>());
    }

    #[test]
    fn prompts_are_known() {
        for (method, path, is) in [
            (Method::POST, "/api/chat/send", true),
            (Method::POST, "/api/chat/quick", true),
            (Method::POST, "/v1/chat/completions", true),
            (Method::POST, "/api/chat/search", false),
            (Method::POST, "/api/chats", false),
            (Method::GET, "/v1/models", false),
        ] {
            assert_eq!(is_prompt(&method, path), is, "{path}");
        }
    }
}
