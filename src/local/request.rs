//! A complete request, as handlers and faults read it.

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName};
use hyper::{Method, Uri};
use serde_json::Value;
use uuid::Uuid;

use crate::net::json;

/// A request with its body.
#[derive(Debug)]
pub(super) struct Request {
    /// The method.
    pub method: Method,
    /// The path as sent: the trailing slash is part of it (protocol 2.3, 5.6).
    pub path: String,
    /// The raw query, without `?`.
    pub query: String,
    /// The headers as sent.
    pub headers: HeaderMap,
    /// The body; empty when there was none.
    pub body: Bytes,
    /// The client's `X-Request-Id`, or one of ours.
    pub id: String,
    /// The text of the prompt, when this is a completion.
    pub prompt: Option<String>,
    /// Whether markers in the prompt have an effect.
    pub has_markers: bool,
}

impl Request {
    /// A request of these parts.
    pub(super) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let id = text(&headers, "x-request-id")
            .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        let query = uri.query().unwrap_or_default().to_owned();
        Self {
            method,
            path: uri.path().to_owned(),
            query,
            headers,
            body,
            id,
            prompt: None,
            has_markers: false,
        }
    }

    /// The decoded value of the first query parameter with this name.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// A header as text.
    pub(super) fn header(&self, name: &'static str) -> Option<&str> {
        text(&self.headers, name)
    }

    /// The token in `Authorization`.
    pub(super) fn bearer(&self) -> Option<&str> {
        self.header("authorization").and_then(|value| value.strip_prefix("Bearer "))
    }

    /// The bearer token, or else the one in cookie `token` (protocol 1.2).
    pub(super) fn token(&self) -> Option<&str> {
        self.bearer().or_else(|| self.cookie("token"))
    }

    /// One cookie.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies(name).next()
    }

    /// Every cookie with this name: there should be one.
    pub(super) fn cookies(&self, name: &str) -> impl Iterator<Item = &str> {
        let pairs = self.header("cookie").unwrap_or_default().split(';');
        let pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(move |(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The body as JSON; `Null` when there is none or it is something else.
    pub(super) fn json(&self) -> Value {
        json::read(&self.body).unwrap_or_default()
    }

    /// Whether the client accepts this content coding.
    pub(super) fn accepts(&self, coding: &str) -> bool {
        let offered = self.header("accept-encoding").unwrap_or_default();
        offered.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            parts.next() == Some(coding) && parts.next() != Some("q=0")
        })
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Option<&'a str> {
    headers.get(HeaderName::from_static(name)).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &'static str, headers: &[(&'static str, &str)]) -> Request {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a header value"));
        }
        Request::new(Method::GET, &Uri::from_static(uri), map, Bytes::new())
    }

    #[test]
    fn query_values_are_decoded() {
        let request = request("/x?text=%C3%B6+a%2&page=2", &[]);
        assert_eq!(request.query("text").as_deref(), Some("ö a%2"));
        assert_eq!(request.query("page").as_deref(), Some("2"));
        assert_eq!(request.query("none"), None);
    }

    #[test]
    fn a_bearer_comes_before_the_cookie() {
        let both = request("/", &[("authorization", "Bearer A"), ("cookie", "x=1; token=B")]);
        assert_eq!(both.token(), Some("A"));
        let cookie = request("/", &[("cookie", "x=1; token=B")]);
        assert_eq!(cookie.token(), Some("B"));
    }

    #[test]
    fn a_refused_coding_is_not_accepted() {
        let request = request("/", &[("accept-encoding", "gzip;q=0, br")]);
        assert!(request.accepts("br") && !request.accepts("gzip"));
    }
}
