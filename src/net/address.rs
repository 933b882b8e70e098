//! Rules about addresses that decide where a secret may go and whom to trust. Each stands here once.

use std::net::{IpAddr, Ipv6Addr};

use hyper::HeaderMap;
use hyper::http::uri::Authority;
use reqwest::Url;

/// The URL of an HTTP server; `None` if the text is not one.
pub(crate) fn http_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Whether the address belongs to the loopback interface. An IPv4 address that is written as an IPv6
/// one counts as IPv4.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Whether a URL names this machine: `localhost`, a name below it, or a loopback address.
pub(crate) fn is_local(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let literal = host.trim_matches(['[', ']']).parse();
    host == "localhost" || host.ends_with(".localhost") || literal.is_ok_and(is_loopback)
}

/// Whether a request to this URL crosses a network without encryption.
pub(crate) fn is_clear_text(url: &Url) -> bool {
    url.scheme() == "http" && !is_local(url)
}

/// Whether the URL is the official paid API, encrypted. Only there may the API's own key go: other
/// hosts of that domain belong to customers.
pub(crate) fn is_dashscope(url: &Url) -> bool {
    let label = url.host_str().and_then(|host| host.strip_suffix(".aliyuncs.com"));
    let is_official = |label: &str| {
        label == "dashscope" || (label.starts_with("dashscope-") && !label.contains('.'))
    };
    url.scheme() == "https" && label.is_some_and(is_official)
}

/// The name of a host, in lower case, without brackets and final dot; `None` if the authority is more than a
/// host and a port, as `Host` never is.
pub(crate) fn host_name(authority: &Authority) -> Option<String> {
    let (text, host) = (authority.as_str(), authority.host());
    let port = text.strip_prefix(host)?;
    let is_port = |port: &str| port.parse::<u16>().is_ok();
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return None;
    }
    let name = match host.strip_prefix('[') {
        // Only IPv6 addresses stand in brackets.
        Some(rest) => rest.strip_suffix(']').filter(|name| name.parse::<Ipv6Addr>().is_ok())?,
        None => host.strip_suffix('.').unwrap_or(host),
    };
    (!name.is_empty() && !name.ends_with('.')).then(|| name.to_ascii_lowercase())
}

/// Whether a browser marks the request as caused by a page of another site. It also does so where it
/// sends no `Origin`.
pub(crate) fn is_cross_site(headers: &HeaderMap) -> bool {
    let sites = headers.get_all("sec-fetch-site");
    sites.iter().any(|site| site == "cross-site" || site == "same-site")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn loopback_includes_mapped_addresses() {
        for text in ["127.0.0.1", "127.9.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(is_loopback(text.parse().expect("an address")), "{text}");
        }
        for text in ["10.0.0.1", "0.0.0.0", "::", "::ffff:10.0.0.1"] {
            assert!(!is_loopback(text.parse().expect("an address")), "{text}");
        }
    }

    #[test]
    fn plain_http_to_another_machine_is_clear_text() {
        for text in [
            "http://example.org",
            "http://10.0.0.1/api",
            "http://localhost.example",
            "http://notlocalhost/v1",
        ] {
            assert!(is_clear_text(&url(text)) && !is_local(&url(text)), "{text}");
        }
        for text in [
            "http://localhost:1",
            "http://llama.localhost:8080/v1",
            "http://[::1]:2",
            "http://[::ffff:127.0.0.1]",
            "http://127.9.0.1",
        ] {
            assert!(!is_clear_text(&url(text)) && is_local(&url(text)), "{text}");
        }
        assert!(!is_clear_text(&url("https://example.org")));
        assert!(!is_local(&url("https://localhost.example/v1")));
    }

    #[test]
    fn the_key_of_the_official_api_goes_to_its_own_hosts_only() {
        for text in [
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        ] {
            assert!(is_dashscope(&url(text)), "{text}");
        }
        for text in [
            "https://aliyuncs.com.example/v1",
            "https://my.oss.aliyuncs.com/v1",
            "https://dashscope.my.aliyuncs.com/v1",
            "https://dashscope-a.my.aliyuncs.com/v1",
            "https://mydashscope.aliyuncs.com/v1",
            "http://dashscope.aliyuncs.com/v1",
            "http://127.0.0.1:1234/v1",
        ] {
            assert!(!is_dashscope(&url(text)), "{text}");
        }
    }
}
