//! Who may use the local upstream. The head of a request decides, before its body is read.
//!
//! The port is on loopback, but other users of the machine reach it, and so do web pages: by simple
//! requests, which a browser sends to any address, and by a name of their own that they make point
//! here (DNS rebinding).

use std::io;

use hyper::header::{CONTENT_TYPE, GetAll, HOST, HeaderName, HeaderValue, ORIGIN};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Method, StatusCode};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::routes::BUCKET_PATH;
use crate::net::address;

/// The header that carries the secret of [`Access::Process`].
const SECRET: HeaderName = HeaderName::from_static("x-local-secret");

/// Who may use a local upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Only this process, by a secret in a header. There is no admin face.
    #[default]
    Process,
    /// Programs on this machine, but no web page. They may use the admin face.
    Programs,
}

/// Admits requests or refuses them.
#[derive(Debug)]
pub(super) enum Guard {
    /// Admits requests with this secret, which `Debug` does not show.
    Secret(HeaderValue),
    /// Admits requests that no web page can make.
    NoPages,
}

/// Why a request is refused: a status and a line about it.
pub(super) type Refusal = (StatusCode, &'static str);

impl Guard {
    /// A guard that lets these in, with a fresh secret if it needs one.
    pub(super) fn new(access: Access) -> io::Result<Self> {
        Ok(match access {
            Access::Process => Self::Secret(fresh_secret()?),
            Access::Programs => Self::NoPages,
        })
    }

    /// The header that opens the door; `None` where none is needed.
    pub(super) fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Secret(secret) => Some((SECRET, secret.clone())),
            Self::NoPages => None,
        }
    }

    /// Whether there is an admin face.
    pub(super) fn has_admin(&self) -> bool {
        matches!(self, Self::NoPages)
    }

    /// Admits a request, and takes the secret out of its head.
    ///
    /// # Errors
    /// Why it is refused.
    pub(super) fn admit(&self, head: &mut Parts) -> Result<(), Refusal> {
        match self {
            Self::Secret(secret) => {
                let given = head.headers.remove(SECRET);
                let is_right =
                    given.is_some_and(|given| given.as_bytes().ct_eq(secret.as_bytes()).into());
                is_right.then_some(()).ok_or((
                    StatusCode::FORBIDDEN,
                    "this upstream is private to the process that runs it",
                ))
            }
            Self::NoPages => refuse_pages(head),
        }
    }
}

/// 122 random bits.
fn fresh_secret() -> io::Result<HeaderValue> {
    let text = Uuid::new_v4().simple().to_string();
    let mut secret = HeaderValue::try_from(text).map_err(io::Error::other)?;
    secret.set_sensitive(true);
    Ok(secret)
}

fn refuse_pages(head: &Parts) -> Result<(), Refusal> {
    let forbidden = |why| Err((StatusCode::FORBIDDEN, why));
    let Some(host) = loopback_host(head) else {
        return forbidden("`Host` must be localhost or a loopback address");
    };
    if head.headers.get_all(ORIGIN).iter().any(|origin| !is_own(origin, &host))
        || address::is_cross_site(&head.headers)
    {
        return forbidden("web pages must not use the local upstream");
    }
    if head.method != Method::GET && head.method != Method::HEAD {
        let types = head.headers.get_all(CONTENT_TYPE);
        let is_missing = types.iter().next().is_none() && head.method == Method::POST;
        // Files have a type of their own, and a page cannot send a `PUT` without a preflight request.
        let is_file = head.method == Method::PUT && head.uri.path().starts_with(BUCKET_PATH);
        if !is_file && (is_missing || !all_json(&types)) {
            return Err((
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "`Content-Type` must be application/json",
            ));
        }
    }
    Ok(())
}

/// The one name by which the request calls this server, if it is one of loopback.
fn loopback_host(head: &Parts) -> Option<Authority> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
    let host: Authority = host.to_str().ok()?.parse().ok()?;
    let is_same = head.uri.authority().is_none_or(|target| *target == host);
    (is_same && is_loopback(&host)).then_some(host)
}

fn is_loopback(host: &Authority) -> bool {
    address::host_name(host)
        .is_some_and(|name| name == "localhost" || name.parse().is_ok_and(address::is_loopback))
}

/// Whether this is the origin that our own client sends: that of the address it calls.
fn is_own(origin: &HeaderValue, host: &Authority) -> bool {
    let text = origin.to_str().ok().and_then(|text| text.strip_prefix("http://"));
    text.and_then(|text| text.parse::<Authority>().ok())
        .is_some_and(|origin| is_loopback(&origin) && origin.port_u16() == host.port_u16())
}

fn all_json(types: &GetAll<'_, HeaderValue>) -> bool {
    types.iter().all(|value| {
        let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("application/json")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: (&str, &str) = ("host", "127.0.0.1:5055");
    const JSON: (&str, &str) = ("content-type", "application/json");

    fn private() -> Guard {
        Guard::new(Access::Process).expect("a secret")
    }

    fn verdict(guard: &Guard, method: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = hyper::Request::builder().method(method).uri("/__local/tokens");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut head, ()) = request.body(()).expect("a request").into_parts();
        guard.admit(&mut head).map_or_else(|(status, _)| status.as_u16(), |()| 200)
    }

    #[test]
    fn programs_use_a_loopback_name() {
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:5055", "[::1]", "[::1]:9"]
        {
            assert_eq!(verdict(&Guard::NoPages, "GET", &[("host", host)]), 200, "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:5055",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "localhost@evil.example",
            "evil.example@localhost",
            "10.0.0.1",
            "0.0.0.0",
            "",
        ] {
            assert_eq!(verdict(&Guard::NoPages, "GET", &[("host", host)]), 403, "{host}");
        }
        assert_eq!(verdict(&Guard::NoPages, "GET", &[]), 403);
        assert_eq!(verdict(&Guard::NoPages, "GET", &[HERE, HERE]), 403);
    }

    #[test]
    fn pages_are_refused() {
        let get = |header| verdict(&Guard::NoPages, "GET", &[HERE, header]);
        for origin in [
            "http://evil.example",
            "http://evil.example:5055",
            "http://127.0.0.1:8000",
            "http://localhost",
            "https://127.0.0.1:5055",
            "null",
            "",
        ] {
            assert_eq!(get(("origin", origin)), 403, "{origin}");
        }
        assert_eq!(get(("origin", "http://127.0.0.1:5055")), 200);
        assert_eq!(get(("origin", "http://localhost:5055")), 200);
        assert_eq!(get(("sec-fetch-site", "cross-site")), 403);
        assert_eq!(get(("sec-fetch-site", "same-site")), 403);
        assert_eq!(get(("sec-fetch-site", "none")), 200);
    }

    #[test]
    fn changes_need_json() {
        let send = |method, kind| verdict(&Guard::NoPages, method, &[HERE, ("content-type", kind)]);
        for kind in ["application/json", "Application/JSON; charset=utf-8"] {
            assert_eq!(send("POST", kind), 200, "{kind}");
        }
        for kind in
            ["text/plain", "application/x-www-form-urlencoded", "text/plain; application/json"]
        {
            assert_eq!(send("POST", kind), 415, "{kind}");
            assert_eq!(send("DELETE", kind), 415, "{kind}");
        }
        assert_eq!(verdict(&Guard::NoPages, "POST", &[HERE]), 415);
        let both = [HERE, JSON, ("content-type", "text/plain")];
        assert_eq!(verdict(&Guard::NoPages, "POST", &both), 415);
        assert_eq!(verdict(&Guard::NoPages, "DELETE", &[HERE]), 200);
    }

    #[test]
    fn only_the_secret_opens_a_private_upstream() {
        let (guard, other) = (private(), private());
        let secret = |guard: &Guard| {
            let (name, value) = guard.header().expect("a header");
            assert!(!format!("{guard:?}{value:?}").contains(value.to_str().expect("ASCII")));
            (name.to_string(), value.to_str().expect("ASCII").to_owned())
        };
        let ((name, right), (_, wrong)) = (secret(&guard), secret(&other));
        assert_eq!(verdict(&guard, "POST", &[HERE, JSON]), 403);
        assert_eq!(verdict(&guard, "POST", &[HERE, JSON, (&name, "")]), 403);
        assert_eq!(verdict(&guard, "POST", &[HERE, JSON, (&name, &wrong)]), 403);
        assert_eq!(verdict(&guard, "POST", &[HERE, JSON, (&name, &right[1..])]), 403);
        assert_eq!(verdict(&guard, "POST", &[HERE, JSON, (&name, &right)]), 200);
    }

    #[test]
    fn the_secret_goes_no_further() {
        let guard = private();
        let (name, value) = guard.header().expect("a header");
        let request = hyper::Request::builder().header(&name, value).body(()).expect("a request");
        let (mut head, ()) = request.into_parts();
        assert_eq!(guard.admit(&mut head), Ok(()));
        assert!(head.headers.is_empty());
    }
}
