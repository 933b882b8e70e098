//! Fetches a file from an address that a person, a program or a model named.
//!
//! What this module keeps true: only public addresses are connected to, whatever a name resolves to at
//! that moment, and the same goes for each redirect; neither cookies nor tokens go along; the size and the
//! time are limited. No proxy is used: it would resolve names by itself.

use std::fs::File;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode, Url};
use tokio::time::timeout;

use super::address::http_url;
use super::http::{self, Connections, Proxy};
use crate::domain::{Error, ErrorKind, Result};

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;
/// How long a download may take, and how long it may be silent.
const LONGEST: Duration = Duration::from_mins(5);
const SILENCE: Duration = Duration::from_secs(30);

/// What was fetched: a file without a name on this machine.
#[derive(Debug)]
pub(crate) struct Download {
    /// The last segment of the path of the address.
    pub name: String,
    /// The essence of its media type.
    pub media_type: Option<String>,
    /// The content, at its beginning.
    pub file: File,
}

/// Fetches `url`, up to `most` bytes. Private addresses only if `allows_private`.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] for an address that is not fetched, or a file that is too large;
/// [`ErrorKind::UpstreamUnreachable`] if it cannot be fetched.
pub(crate) async fn download(url: &str, most: u64, allows_private: bool) -> Result<Download> {
    let invalid = || Error::invalid("the address is not an http or https URL");
    let url = http_url(url).ok_or_else(invalid)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::invalid("an address with a password is not fetched"));
    }
    let shown = url.host_str().unwrap_or_default().to_owned();
    match timeout(LONGEST, fetch(url, most, allows_private)).await {
        Ok(fetched) => fetched,
        Err(_) => Err(Error::new(
            ErrorKind::Timeout,
            format!("fetching the file from {shown} took more than 5 minutes"),
        )),
    }
}

async fn fetch(mut url: Url, most: u64, allows_private: bool) -> Result<Download> {
    let connections = Connections {
        connect_timeout: Duration::from_secs(10),
        needs_tls: true,
        extra_ca_pem: None,
        proxy: Proxy::Direct,
    };
    let builder = connections.builder()?.dns_resolver(Arc::new(Guarded { allows_private }));
    let client = http::build(builder)?;
    for _ in 0..=MAX_REDIRECTS {
        check_literal(&url, allows_private)?;
        let shown = url.host_str().unwrap_or_default().to_owned();
        let unreachable = |error: reqwest::Error| unreachable(&shown, error);
        let request = client.get(url.clone()).header("user-agent", "qwenctl");
        let response = match timeout(SILENCE, request.send()).await {
            Ok(sent) => sent.map_err(unreachable)?,
            Err(_) => return Err(silent(&shown)),
        };
        if response.status().is_redirection() && response.status() != StatusCode::NOT_MODIFIED {
            let target = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let next = target.and_then(|to| url.join(to).ok());
            url =
                next.filter(|next| matches!(next.scheme(), "http" | "https")).ok_or_else(|| {
                    Error::invalid(format!("{shown} redirects to something that is no web address"))
                })?;
            continue;
        }
        if !response.status().is_success() {
            let status = response.status().as_u16();
            let text = format!("cannot fetch the file: {shown} answers with status {status}");
            return Err(Error::invalid(text));
        }
        return save(response, &url, &shown, most).await;
    }
    Err(Error::invalid("the address redirects too often"))
}

fn silent(host: &str) -> Error {
    Error::new(ErrorKind::Timeout, format!("{host} sent nothing for 30 seconds"))
}

fn unreachable(host: &str, error: reqwest::Error) -> Error {
    let mut cause: &(dyn std::error::Error + 'static) = &error;
    while let Some(inner) = cause.source() {
        if inner.is::<Refused>() {
            return refused(host);
        }
        cause = inner;
    }
    Error::new(
        ErrorKind::UpstreamUnreachable,
        format!("cannot fetch the file from {host}: {cause}"),
    )
    .caused_by(error.without_url())
}

async fn save(mut response: Response, url: &Url, host: &str, most: u64) -> Result<Download> {
    let too_large = || Error::invalid(format!("the file at {host} has more than {most} bytes"));
    if response.content_length().is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let media_type = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let media_type = media_type.and_then(|kind| kind.split(';').next());
    let media_type = media_type.map(|kind| kind.trim().to_ascii_lowercase());
    let unwritable =
        |fault| Error::new(ErrorKind::Internal, "cannot write a temporary file").caused_by(fault);
    let mut file = tempfile::tempfile().map_err(unwritable)?;
    let mut size = 0;
    loop {
        let piece = match timeout(SILENCE, response.chunk()).await {
            Ok(piece) => piece.map_err(|error| unreachable(host, error))?,
            Err(_) => return Err(silent(host)),
        };
        let Some(piece) = piece else { break };
        size += piece.len() as u64;
        if size > most {
            return Err(too_large());
        }
        let written = tokio::task::spawn_blocking(move || {
            file.write_all(&piece)?;
            Ok(file)
        });
        file = written.await.map_err(std::io::Error::other).flatten().map_err(unwritable)?;
    }
    let name =
        url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy();
    let name: String =
        name.chars().filter(|c| !c.is_control() && !matches!(c, '/' | '\\')).collect();
    let name = if name.trim_matches(['.', ' ']).is_empty() { "file".to_owned() } else { name };
    Ok(Download { name, media_type, file })
}

/// Refuses a host that is a private address. Names are judged when they are resolved.
fn check_literal(url: &Url, allows_private: bool) -> Result<()> {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    if !allows_private && literal.is_ok_and(|address| !is_public(address)) {
        return Err(refused(host));
    }
    Ok(())
}

fn refused(host: &str) -> Error {
    Error::invalid(format!("{host} is not a public address, so nothing is fetched from it"))
        .with_hint("save the file and attach it by its path, or set `private_urls` if you trust it")
}

/// Resolves names to public addresses only.
#[derive(Debug)]
struct Guarded {
    allows_private: bool,
}

/// The error for a name without a public address.
#[derive(Debug)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no public address")
    }
}

impl std::error::Error for Refused {}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let allows_private = self.allows_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> =
                found.filter(|address| allows_private || is_public(address.ip())).collect();
            if found.is_empty() {
                return Err(Refused.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether an address is one of the public internet (IANA's registries of special addresses).
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let inner = |at: usize| {
        let ([a, b], [c, d]) = (segments[at].to_be_bytes(), segments[at + 1].to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // An IPv4 address in a translated or tunnelled form.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => inner(6),
        [0x2002, ..] => inner(1),
        [0x2001, 0xdb8 | 0..0x200, ..] => false,
        // Of all others only global unicast.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        for text in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "::127.0.0.1",
        ] {
            assert!(!is_public(text.parse().expect("an address")), "{text}");
        }
        for text in ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
        {
            assert!(is_public(text.parse().expect("an address")), "{text}");
        }
    }

    #[tokio::test]
    async fn private_addresses_are_not_fetched() {
        for url in [
            "http://127.0.0.1:1/a.png",
            "http://localhost:1/a.png",
            "http://[::1]:1/a.png",
            "http://169.254.169.254/latest/meta-data",
            "http://2130706433/a.png",
            "http://0x7f.1/a.png",
            "http://[::ffff:10.0.0.1]/a.png",
        ] {
            let error = download(url, 10, false).await.expect_err("refused");
            assert!(error.message().contains("not a public address"), "{url}: {error}");
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
        for url in ["file:///etc/passwd", "ftp://a.example/", "http://u:p@a.example/", ""] {
            let error = download(url, 10, false).await.expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{url}");
        }
    }
}
