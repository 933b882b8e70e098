//! Connections to other servers. Redirects are never followed: a request carries a secret, and only
//! its own address may get it.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder};
use secrecy::{ExposeSecret, SecretString};

use super::pem;
use super::proxy::{Proxies, variable};
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

/// The proxy on the way to a server. No proxy is used for what `NO_PROXY` excepts.
#[derive(Debug)]
pub(crate) enum Proxy<'a> {
    /// None, whatever the environment says.
    Direct,
    /// The one that the usual environment variables name.
    Environment,
    /// This one.
    Given(&'a SecretString),
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
        let proxies = match self.proxy {
            Proxy::Direct => return Ok(builder.no_proxy()),
            Proxy::Environment => Proxies::of(&variable),
            Proxy::Given(url) => Some(given(url)?),
        };
        Ok(match proxies {
            Some(proxies) => {
                builder.proxy(reqwest::Proxy::custom(move |url| proxies.of_url(url).cloned()))
            }
            // Some systems have a setting of their own.
            None => builder,
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

/// The header `Date` (RFC 9110, 5.6.7) in seconds since 1970.
pub(crate) fn server_time(headers: &HeaderMap) -> Option<i64> {
    date(headers.get(DATE)?.to_str().ok()?).map(Timestamp::as_second)
}

/// How long a server asks to wait before another request, in any of the fields that servers use for it.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let now = text(DATE.as_str()).and_then(date).unwrap_or_else(Timestamp::now);
    let millis = text("retry-after-ms").and_then(|text| text.parse::<f64>().ok());
    millis
        .and_then(|millis| seconds(millis / 1000.0))
        .or_else(|| wait_from(text("retry-after")?, now))
        .or_else(|| {
            let fields = [
                "ratelimit-reset",
                "x-ratelimit-reset",
                "x-ratelimit-reset-requests",
                "x-ratelimit-reset-tokens",
            ];
            fields.into_iter().filter_map(|name| wait_from(text(name)?, now)).max()
        })
        .or_else(|| reset(text("ratelimit")?, text("ratelimit-policy").unwrap_or_default(), now))
}

/// The wait that the field `RateLimit` means, in the form of any of its drafts: `"default";r=0;t=30`, or
/// `limit=10, remaining=0, reset=30`. A limit that still has requests left means none. Without a time it is the
/// window of the policy with its name.
fn reset(standing: &str, policies: &str, now: Timestamp) -> Option<Duration> {
    fn parameter<'a>(item: &'a str, names: [&str; 2]) -> Option<&'a str> {
        item.split([';', ',']).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            names.contains(&name.trim()).then(|| value.trim().trim_matches('"'))
        })
    }
    // The older form is one limit with commas inside.
    let is_old = !standing.contains(';') && standing.contains("reset=");
    let limits: Vec<&str> = if is_old { vec![standing] } else { standing.split(',').collect() };
    let name = |item: &str| item.split(';').next().map(|name| name.trim().to_owned());
    let wait = |item: &&str| {
        let left = parameter(item, ["r", "remaining"]).and_then(|left| left.parse::<f64>().ok());
        if left.is_some_and(|left| left > 0.0) {
            return None;
        }
        let time = parameter(item, ["t", "reset"]).or_else(|| {
            let of_it = |policy: &&str| name(policy) == name(item);
            left?;
            policies.split(',').find(of_it).and_then(|policy| parameter(policy, ["w", "window"]))
        });
        wait_from(time?, now)
    };
    limits.iter().filter_map(wait).max()
}

/// How long to wait, in any of the forms that servers use: see [`retry_after`].
pub(crate) fn wait(text: &str) -> Option<Duration> {
    wait_from(text, Timestamp::now())
}

/// A number of seconds, a time span such as `6m0.5s`, a date, or a Unix time.
fn wait_from(text: &str, now: Timestamp) -> Option<Duration> {
    /// Larger numbers are no time spans: about 30 years, and the same in milliseconds.
    const SPANS: f64 = 1e9;
    const SECONDS: f64 = 1e12;
    if let Some(number) = text.parse::<f64>().ok().filter(|number| number.is_finite()) {
        let now = now.as_duration().as_secs_f64();
        return seconds(match number {
            span if span < SPANS => span,
            time if time < SECONDS => (time - now).max(0.0),
            millis => (millis / 1000.0 - now).max(0.0),
        });
    }
    let span = || Duration::try_from(text.parse::<jiff::SignedDuration>().ok()?).ok();
    let until = || {
        let wait = date(text)?.duration_since(now);
        Some(Duration::try_from(wait).unwrap_or_default())
    };
    span().or_else(until)
}

/// A date of HTTP.
fn date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp())
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

/// Converts a body to UTF-8 while it arrives, if its sender names another character set.
pub(crate) struct Charset(Option<encoding_rs::Decoder>);

impl Charset {
    /// The one that `headers` name. A set that is not known counts as UTF-8.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let kind =
            headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let name = kind.split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("charset")
                .then(|| value.trim().trim_matches(['"', '\'']))
        });
        let found = name.and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
        let other = found.filter(|encoding| *encoding != encoding_rs::UTF_8);
        Self(other.map(encoding_rs::Encoding::new_decoder_with_bom_removal))
    }

    /// The next bytes in UTF-8.
    pub(crate) fn decode<'a>(&mut self, bytes: &'a [u8], is_last: bool) -> Cow<'a, [u8]> {
        let Some(decoder) = &mut self.0 else { return Cow::Borrowed(bytes) };
        let most = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(0);
        let mut text = String::with_capacity(most);
        let _ = decoder.decode_to_string(bytes, &mut text, is_last);
        Cow::Owned(text.into_bytes())
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<reqwest::Certificate>> {
    let unusable = |source: Box<dyn std::error::Error + Send + Sync>| {
        Error::invalid("the file of `--ca-file` holds no usable certificate")
            .with_hint("use PEM format: `-----BEGIN CERTIFICATE-----`")
            .caused_by(source)
    };
    let found = pem::certificates(pem).map_err(|fault| unusable(fault.into()))?;
    if found.is_empty() {
        return Err(unusable("no certificate in it".into()));
    }
    let parsed = found.into_iter().map(|der| {
        let certificate = reqwest::Certificate::from_der(&der)?;
        rustls::RootCertStore::empty().add(der.into())?;
        Ok(certificate)
    });
    parsed.collect::<Result<_, Box<dyn std::error::Error + Send + Sync>>>().map_err(unusable)
}

fn given(url: &SecretString) -> Result<Proxies> {
    Proxies::given(url.expose_secret(), &variable).ok_or_else(|| {
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
        let error = connections(Proxy::Given(&wrong), None).expect_err("no address");
        assert!(error.message().contains("proxy"), "{error}");
        assert!(!format!("{error:?}").contains(&secret));
        let garbage = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        for pem in ["", "no certificate", garbage] {
            let error = connections(Proxy::Direct, Some(pem.as_bytes())).expect_err("nothing");
            assert!(error.message().contains("--ca-file"), "{error}");
        }
        assert!(connections(Proxy::Direct, None).is_ok());
    }

    #[test]
    fn waits_are_read_in_every_form() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (name, value, millis) in [
            ("retry-after", "120", Some(120_000)),
            ("retry-after", " 2.5 ", Some(2_500)),
            ("retry-after", "0", Some(0)),
            ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT", Some(30_000)),
            ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("retry-after", "soon", None),
            ("retry-after", "-3", None),
            ("retry-after", "NaN", None),
            ("retry-after", "1e300", None),
            ("retry-after-ms", "1500", Some(1_500)),
            ("retry-after-ms", "0.5", Some(0)),
            ("ratelimit-reset", "7", Some(7_000)),
            ("x-ratelimit-reset", "784111787", Some(784_111_787_000)),
            ("x-ratelimit-reset-requests", "6m0s", Some(360_000)),
            ("x-ratelimit-reset-tokens", "20ms", Some(20)),
            ("x-ratelimit-reset-tokens", "1h2m3.5s", Some(3_723_500)),
            ("ratelimit", "\"default\";r=0;t=9", Some(9_000)),
            ("ratelimit", "\"default\"; r=0; t=9", Some(9_000)),
            ("ratelimit", "\"hour\";r=5;t=3000, \"minute\";r=0;t=9", Some(9_000)),
            ("ratelimit", "\"a\";r=0;t=4, \"b\";r=0;t=9", Some(9_000)),
            ("ratelimit", "\"default\";r=3;t=9", None),
            ("ratelimit", "\"default\";r=0;t=soon", None),
            ("ratelimit", "limit=5, remaining=0", None),
            ("ratelimit", "limit=5, remaining=0, reset=30", Some(30_000)),
            ("ratelimit", "limit=5,remaining=0,reset=30", Some(30_000)),
            ("ratelimit", "limit=5, remaining=2, reset=30", None),
            ("ratelimit", "r=0", None),
            ("ratelimit", "", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, HeaderValue::from_static(date));
            headers.insert(name, HeaderValue::from_static(value));
            let wait = retry_after(&headers).map(|wait| wait.as_millis());
            assert_eq!(wait, millis, "{name}: {value}");
        }
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            let pairs = pairs.iter().map(|(name, value)| {
                (name.parse().expect("a name"), HeaderValue::from_static(value))
            });
            pairs.collect()
        };
        let wait = |pairs| retry_after(&headers(pairs)).map(|wait| wait.as_millis());
        assert_eq!(wait(&[("retry-after", "2"), ("retry-after-ms", "1100")]), Some(1_100));
        assert_eq!(wait(&[("retry-after", "soon"), ("ratelimit-reset", "5")]), Some(5_000));
        let policy = "\"minute\";q=10;w=60, \"day\";q=100;w=86400";
        let exhausted = [("ratelimit", "\"minute\";r=0"), ("ratelimit-policy", policy)];
        assert_eq!(wait(&exhausted), Some(60_000));
        let alone = [("ratelimit-policy", policy)];
        assert_eq!(wait(&alone), None);
        let both = [("x-ratelimit-reset-requests", "1s"), ("x-ratelimit-reset-tokens", "3s")];
        assert_eq!(wait(&both), Some(3_000));
        let later = Timestamp::now().as_second() + 100;
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-reset", HeaderValue::from(later));
        let wait = retry_after(&headers).expect("a wait").as_secs();
        assert!((98..=100).contains(&wait), "{wait}");
        headers.insert("x-ratelimit-reset", HeaderValue::from(later * 1000));
        assert!((98..=100).contains(&retry_after(&headers).expect("a wait").as_secs()));
    }

    #[test]
    fn other_character_sets_are_converted_wherever_they_are_cut() {
        for (kind, bytes, expected) in [
            ("text/plain; charset=GBK", b"\xc4\xe3\xba\xc3".as_slice(), "你好"),
            ("text/plain;Charset=\"iso-8859-1\"", b"d\xe9j\xe0", "déjà"),
            ("application/json; charset=utf-16le", b"\xff\xfeh\0i\0", "hi"),
            ("application/json; charset=utf-8", "é".as_bytes(), "é"),
            ("application/json; charset=klingon", "é".as_bytes(), "é"),
            ("application/json", "é".as_bytes(), "é"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            let mut charset = Charset::of(&headers);
            assert_eq!(charset.decode(bytes, true).as_ref(), expected.as_bytes(), "{kind}");
            let mut charset = Charset::of(&headers);
            let pieces = bytes.iter().map(std::slice::from_ref);
            let text: Vec<u8> =
                pieces.flat_map(|piece| charset.decode(piece, false).into_owned()).collect();
            assert_eq!(text, expected.as_bytes(), "{kind}");
        }
    }

    #[test]
    fn a_sensitive_value_is_not_shown() {
        let secret = ["can", "ary"].concat();
        let value = sensitive(&secret).expect("a header value");
        assert!(!format!("{value:?}").contains(&secret));
        assert!(sensitive("a\nb").is_none());
    }
}
