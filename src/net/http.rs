//! Connections to other servers. Redirects are never followed: a request carries a secret, and only
//! its own address may get it.

use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Client, ClientBuilder, NoProxy};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::{Error, ErrorKind, Result};

/// How connections are set up.
#[derive(Debug)]
pub(crate) struct Connections<'a> {
    /// How long a connection may take, TLS included.
    pub connect_timeout: Duration,
    /// Whether a request may need TLS. Without it system certificates are not read.
    pub needs_tls: bool,
    /// Certificates in PEM form to trust besides the system's own.
    pub extra_ca_pem: Option<&'a [u8]>,
    /// The proxy on the way.
    pub proxy: Proxy<'a>,
}

/// The proxy on the way to a server.
#[derive(Debug)]
pub(crate) enum Proxy<'a> {
    /// None, whatever the environment says.
    Direct,
    /// The one that the usual environment variables name.
    Environment,
    /// This one for every request.
    Always(&'a SecretString),
    /// This one, except for the hosts in `NO_PROXY`.
    WithExceptions(&'a SecretString),
}

impl Connections<'_> {
    /// A builder with these settings, for what else the caller needs.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] if the proxy or a certificate cannot be used.
    pub(crate) fn builder(&self) -> Result<ClientBuilder> {
        let mut builder = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(self.connect_timeout)
            .tcp_nodelay(true);
        // One provider for the process; it is no error if there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if !self.needs_tls {
            builder = builder.tls_certs_only([]);
        } else if let Some(pem) = self.extra_ca_pem {
            builder = builder.tls_certs_merge(certificates(pem)?);
        }
        Ok(match self.proxy {
            Proxy::Direct => builder.no_proxy(),
            Proxy::Environment => builder,
            Proxy::Always(url) => builder.proxy(proxy(url)?),
            Proxy::WithExceptions(url) => builder.proxy(proxy(url)?.no_proxy(NoProxy::from_env())),
        })
    }
}

/// The client of a finished builder. It opens no connection yet.
///
/// # Errors
/// [`ErrorKind::Internal`] if system certificates or its resolver cannot be used.
pub(crate) fn build(builder: ClientBuilder) -> Result<Client> {
    builder.build().map_err(|error| {
        Error::new(ErrorKind::Internal, "could not set up connections")
            .caused_by(error.without_url())
    })
}

/// A header value that `Debug` does not show; `None` if a header cannot carry the text.
pub(crate) fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn certificates(pem: &[u8]) -> Result<Vec<reqwest::Certificate>> {
    let unusable = |source: Box<dyn std::error::Error + Send + Sync>| {
        Error::invalid("the file of `--ca-file` holds no usable certificate")
            .with_hint("use PEM format: `-----BEGIN CERTIFICATE-----`")
            .caused_by(source)
    };
    let found =
        reqwest::Certificate::from_pem_bundle(pem).map_err(|error| unusable(error.into()))?;
    if found.is_empty() { Err(unusable("no certificate in it".into())) } else { Ok(found) }
}

fn proxy(url: &SecretString) -> Result<reqwest::Proxy> {
    reqwest::Proxy::all(url.expose_secret()).map_err(|_| {
        Error::invalid("the proxy is not a valid address")
            .with_hint("`--proxy` takes addresses such as `http://127.0.0.1:3128` or `socks5h://127.0.0.1:1080`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(proxy: Proxy<'_>, pem: Option<&[u8]>) -> Result<Client> {
        let connections = Connections {
            connect_timeout: Duration::from_secs(1),
            needs_tls: true,
            extra_ca_pem: pem,
            proxy,
        };
        connections.builder().and_then(build)
    }

    #[test]
    fn unusable_proxies_and_certificates_are_refused_without_their_secrets() {
        let secret = ["can", "ary"].concat();
        let wrong = SecretString::from(format!("http://u:{secret}@[::1"));
        for proxy in [Proxy::Always(&wrong), Proxy::WithExceptions(&wrong)] {
            let error = connections(proxy, None).expect_err("no address");
            assert!(error.message().contains("proxy"), "{error}");
            assert!(!format!("{error:?}").contains(&secret));
        }
        for pem in ["", "no certificate"] {
            let error = connections(Proxy::Direct, Some(pem.as_bytes())).expect_err("nothing");
            assert!(error.message().contains("--ca-file"), "{error}");
        }
        assert!(connections(Proxy::Direct, None).is_ok());
    }

    #[test]
    fn a_sensitive_value_is_not_shown() {
        let secret = ["can", "ary"].concat();
        let value = sensitive(&secret).expect("a header value");
        assert!(!format!("{value:?}").contains(&secret));
        assert!(sensitive("a\nb").is_none());
    }
}
