//! Which requests go through a proxy, and through which one: by a setting or by the variables of the
//! environment, with the exceptions of `NO_PROXY` as curl understands them.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use reqwest::Url;

/// Schemes of proxies.
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// The proxies of a client.
#[derive(Clone)]
pub(crate) struct Proxies {
    /// For `http` addresses.
    plain: Option<Url>,
    /// For `https` addresses.
    secure: Option<Url>,
    exceptions: Exceptions,
}

impl Proxies {
    /// `url` for every address but the exceptions of `NO_PROXY`; `None` if it is not the address of a
    /// proxy. `variable` gives the variables of the environment, such as [`variable`].
    pub(crate) fn given(url: &str, variable: &impl Fn(&str) -> Option<String>) -> Option<Self> {
        let url = proxy_url(url)?;
        Some(Self::new(Some(url.clone()), Some(url), variable))
    }

    /// The proxies that the environment names, if any.
    pub(crate) fn of(variable: &impl Fn(&str) -> Option<String>) -> Option<Self> {
        // A CGI program gets the request header `Proxy` as HTTP_PROXY.
        if variable("REQUEST_METHOD").is_some() {
            return None;
        }
        let named = |names: [&str; 2]| proxy_url(&names.into_iter().find_map(variable)?);
        let all = named(["ALL_PROXY", "all_proxy"]);
        let plain = named(["HTTP_PROXY", "http_proxy"]).or_else(|| all.clone());
        let secure = named(["HTTPS_PROXY", "https_proxy"]).or(all);
        (plain.is_some() || secure.is_some()).then(|| Self::new(plain, secure, variable))
    }

    fn new(
        plain: Option<Url>,
        secure: Option<Url>,
        variable: &impl Fn(&str) -> Option<String>,
    ) -> Self {
        let list = ["no_proxy", "NO_PROXY"].into_iter().find_map(variable).unwrap_or_default();
        Self { plain, secure, exceptions: Exceptions::parse(&list) }
    }

    /// The proxy for requests to `url`.
    pub(crate) fn of_url(&self, url: &Url) -> Option<&Url> {
        let proxy = if url.scheme() == "https" { &self.secure } else { &self.plain };
        proxy.as_ref().filter(|_| !self.exceptions.contain(url))
    }
}

/// A variable of this process, unless it is empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The address of a proxy, which is an HTTP proxy if it has no scheme.
fn proxy_url(text: &str) -> Option<Url> {
    let text = text.trim();
    let url = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&url).ok()?;
    (SCHEMES.contains(&url.scheme()) && url.has_host()).then_some(url)
}

/// The addresses that are reached without a proxy.
#[derive(Debug, Clone, Default)]
struct Exceptions(Vec<Exception>);

#[derive(Debug, Clone)]
struct Exception {
    hosts: Hosts,
    /// Only at this port.
    port: Option<u16>,
}

#[derive(Debug, Clone)]
enum Hosts {
    All,
    /// A name, and all names below it.
    Name(String),
    Network(IpNet),
}

impl Exceptions {
    /// A list separated by commas or white space. Entries that make no sense are skipped.
    fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace());
        Self(entries.filter_map(Exception::parse).collect())
    }

    fn contain(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let (address, port) = (address(host), url.port_or_known_default());
        let name = host.trim_end_matches('.');
        self.0.iter().any(|exception| {
            let is_host = match &exception.hosts {
                Hosts::All => true,
                Hosts::Name(below) => {
                    let rest = name.strip_suffix(below.as_str());
                    address.is_none()
                        && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                }
                Hosts::Network(network) => {
                    address.is_some_and(|address| network.contains(&address))
                }
            };
            is_host && (exception.port.is_none() || exception.port == port)
        })
    }
}

impl Exception {
    fn parse(entry: &str) -> Option<Self> {
        let (host, port) = split_port(entry)?;
        let bare = host.replace(['[', ']'], "");
        let network = bare.parse().ok().map(canonical).or_else(|| address(&bare).map(IpNet::from));
        let hosts = match network {
            Some(network) => Hosts::Network(network),
            None if host == "*" => Hosts::All,
            None => {
                let name = host.trim_start_matches('*').trim_matches('.');
                // As in the URL of a request: in lower case, and in ASCII.
                match Url::parse(&format!("http://{name}/")).ok()?.host_str()? {
                    host if address(host).is_some() => Hosts::Network(address(host)?.into()),
                    host => Hosts::Name(host.to_owned()),
                }
            }
        };
        Some(Self { hosts, port })
    }
}

/// An entry without its port. An IPv6 address needs brackets only before a port.
fn split_port(entry: &str) -> Option<(&str, Option<u16>)> {
    match entry.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            Some((host, Some(port.parse().ok()?)))
        }
        _ => Some((entry, None)),
    }
}

/// A network of IPv4 addresses also if it is written as one of IPv6.
fn canonical(network: IpNet) -> IpNet {
    const MAPPED: u8 = 96;
    let mapped = match network {
        IpNet::V6(v6) if v6.prefix_len() >= MAPPED => v6.addr().to_ipv4_mapped(),
        _ => None,
    };
    let ipv4 = mapped.map(|addr| Ipv4Net::new(addr, network.prefix_len() - MAPPED));
    ipv4.and_then(Result::ok).map_or(network, IpNet::V4)
}

/// An IP address, an IPv4 one also if it is written as an IPv6 one.
fn address(host: &str) -> Option<IpAddr> {
    let address: IpAddr = host.trim_matches(['[', ']']).parse().ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxied(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, value)| *known == name && !value.is_empty());
            found.map(|(_, value)| (*value).to_owned())
        };
        let url = Url::parse(url).expect("a URL");
        Proxies::of(&variable)?.of_url(&url).map(Url::to_string)
    }

    #[test]
    fn no_proxy_is_understood_as_by_curl() {
        let here = "http://127.0.0.1:5055/api";
        for (list, url, is_direct) in [
            ("*", here, true),
            ("localhost,*", here, true),
            ("127.0.0.1", here, true),
            ("127.0.0.1:5055", here, true),
            ("127.0.0.1:5056", here, false),
            ("127.0.0.0/8", here, true),
            ("10.0.0.0/8 , 127.0.0.0/8", here, true),
            ("10.0.0.0/8", here, false),
            ("127.0.0.0/8", "http://127.example/", false),
            ("::ffff:127.0.0.1", here, true),
            ("127.0.0.1", "http://[::ffff:127.0.0.1]/", true),
            ("::ffff:127.0.0.0/104", here, true),
            ("[::ffff:127.0.0.0]/104", "http://[::ffff:127.0.0.1]/", true),
            ("::ffff:10.0.0.0/104", here, false),
            ("::ffff:0.0.0.0/96", here, true),
            ("0.0.1", here, false),
            ("test", "http://qwen.test/api", true),
            (".test", "http://qwen.test/api", true),
            ("*.test", "http://qwen.test/api", true),
            ("test.", "http://qwen.test/api", true),
            ("TEST", "http://qwen.test/api", true),
            ("qwen.test", "http://QWEN.test./api", true),
            (".qwen.test", "http://qwen.test/api", true),
            ("wen.test", "http://qwen.test/api", false),
            ("qwen.test", "http://test/", false),
            ("qwen.test:80", "http://qwen.test/api", true),
            ("qwen.test:443", "https://qwen.test/api", true),
            ("qwen.test:8080", "http://qwen.test/api", false),
            ("qwen.test:x", "http://qwen.test/api", false),
            ("bücher.example", "http://xn--bcher-kva.example/", true),
            ("::1", "http://[::1]:5055/", true),
            ("[::1]", "http://[::1]:5055/", true),
            ("[::1]:5055", "http://[::1]:5055/", true),
            ("[::1]:80", "http://[::1]:5055/", false),
            ("fe80::/10", "http://[fe80::1]/", true),
            ("[fe80::]/10", "http://[fe80::1]/", true),
            ("fe80::/10", "http://[fc00::1]/", false),
            ("a.example b.example\tc.example", "http://c.example/", true),
            (",, ,", here, false),
            ("", here, false),
        ] {
            let variables = [
                ("HTTP_PROXY", "http://p.example:1"),
                ("HTTPS_PROXY", "s.example"),
                ("NO_PROXY", list),
            ];
            assert_eq!(proxied(&variables, url).is_none(), is_direct, "{list}: {url}");
        }
    }

    #[test]
    fn the_scheme_of_a_request_selects_the_proxy() {
        let all = [("ALL_PROXY", "socks5h://a.example:1080"), ("https_proxy", "s.example:3128")];
        let through = |url| proxied(&all, url);
        assert_eq!(through("http://x.example").as_deref(), Some("socks5h://a.example:1080"));
        assert_eq!(through("https://x.example").as_deref(), Some("http://s.example:3128/"));
        let both =
            [("HTTP_PROXY", "p.example"), ("NO_PROXY", "x.example"), ("no_proxy", "y.example")];
        assert!(proxied(&both, "http://x.example").is_some(), "lower case comes first");
        assert!(proxied(&both, "http://y.example").is_none());
        let in_cgi = [("HTTP_PROXY", "p.example"), ("REQUEST_METHOD", "GET")];
        assert_eq!(proxied(&in_cgi, "http://x.example"), None);
        assert_eq!(proxied(&[("HTTP_PROXY", "ftp://p.example")], "http://x.example"), None);
    }
}
