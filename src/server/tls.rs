//! The server's certificate: read at the start, watched while the server runs, reloaded on SIGHUP.
//!
//! What this module keeps true: TLS 1.2 and 1.3 and nothing older; a certificate is shown only with its
//! own key and within its validity; a reloaded pair applies to new connections and touches no open
//! one; a pair that cannot be used changes nothing.

use std::fmt;
use std::fs::File;
use std::future::pending;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, RootCertStore, ServerConfig};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_rustls::TlsAcceptor;

use crate::domain::time::now;
use crate::domain::{Error, ErrorKind, Result};
use crate::net::pem;
use crate::server::LogSink;

/// ALPN protocols, best first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// A certificate that expires within this many seconds causes a warning.
const SOON: i64 = 14 * 86_400;
/// A chain of certificates takes a few KiB.
const MAX_BYTES: u64 = 1 << 20;
/// The last second of the year 9999, after which no certificate is valid (RFC 5280, 4.1.2.5).
const END_OF_TIME: u64 = 253_402_300_799;
/// How often the files are checked.
const CHECK_EVERY: Duration = Duration::from_secs(30);
/// How often an expiring certificate is reported.
const WARN_EVERY: Duration = Duration::from_hours(24);

/// The files of the certificate and its key, both in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, followed by the intermediate ones.
    pub certificate: PathBuf,
    /// The private key: PKCS#8, PKCS#1 or SEC1, not encrypted.
    pub key: PathBuf,
}

/// The certificate in use, with its key, and the files they come from.
pub struct Tls {
    files: TlsFiles,
    acceptor: TlsAcceptor,
    current: Arc<Current>,
}

/// What a reload found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The same files as before.
    Unchanged,
    /// Another certificate, which is now in use.
    Renewed,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads `files`. `now` is in seconds since 1970. Blocks.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] if a file cannot be read or used, if the key does not belong to
    /// the certificate, or if that is not valid at `now`.
    pub fn load(files: TlsFiles, now: i64) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let content = Content::read(&files)?;
        let current = Arc::new(Current(RwLock::new(content.pair(&files, &provider, now)?)));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|fault| {
                Error::new(ErrorKind::Internal, "TLS is not available").caused_by(fault)
            })?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Self { files, acceptor: TlsAcceptor::from(Arc::new(config)), current })
    }

    /// Accepts connections with the certificate in use at the time.
    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Reads the files again and uses what they hold, if that is not in use already. Blocks.
    ///
    /// # Errors
    /// As [`Tls::load`]; the current pair stays in use.
    pub fn reload(&self, now: i64) -> Result<Renewal> {
        let content = Content::read(&self.files)?;
        if content.fingerprint() == self.current.0.read().fingerprint {
            return Ok(Renewal::Unchanged);
        }
        let pair = content.pair(&self.files, self.acceptor.config().crypto_provider(), now)?;
        *self.current.0.write() = pair;
        Ok(Renewal::Renewed)
    }

    /// A warning if the certificate expires soon, or has expired, at `now`.
    pub fn warning(&self, now: i64) -> Option<String> {
        let end = self.current.0.read().not_after?;
        let verb = match end.saturating_sub(now) {
            left if left < 0 => "expired",
            left if left < SOON => "expires",
            _ => return None,
        };
        let path = self.files.certificate.display();
        Some(format!("the certificate {path} {verb} on {}: renew it", date(end)))
    }
}

/// Watches the files of `tls` and reports expiry. Never returns.
pub(super) async fn watch(tls: Option<&Arc<Tls>>, log: &LogSink) {
    let Some(tls) = tls else { return pending().await };
    let mut checks = interval(CHECK_EVERY);
    checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut warned = Instant::now();
    let mut reported = None;
    loop {
        checks.tick().await;
        let reloading = Arc::clone(tls);
        let reload = tokio::task::spawn_blocking(move || reloading.reload(now())).await;
        let Ok(reloaded) = reload else { continue };
        if let Ok(Renewal::Renewed) = reloaded {
            log.note("TLS: certificate reloaded");
        }
        let fault = reloaded.err().map(|fault| fault.to_string());
        if let Some(fault) = fault.as_ref().filter(|_| fault != reported) {
            log.note(&format!("TLS: certificate not reloaded, keeping the current one: {fault}"));
        }
        reported = fault;
        if warned.elapsed() >= WARN_EVERY
            && let Some(warning) = tls.warning(now())
        {
            log.note(&format!("TLS: {warning}"));
            warned = Instant::now();
        }
    }
}

/// The pair in use.
#[derive(Debug)]
struct Current(RwLock<Pair>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().certified))
    }
}

/// A valid certificate with its key.
struct Pair {
    certified: Arc<CertifiedKey>,
    /// The last second of the validity, since 1970; `None` if it cannot be read.
    not_after: Option<i64>,
    /// Recognises the same content of the files.
    fingerprint: [u8; 32],
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair").field("not_after", &self.not_after).finish_non_exhaustive()
    }
}

/// The bytes of the two files.
struct Content {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Content {
    fn read(files: &TlsFiles) -> Result<Self> {
        Ok(Self {
            certificate: read(&files.certificate, "certificate")?,
            key: read(&files.key, "private key")?,
        })
    }

    fn fingerprint(&self) -> [u8; 32] {
        let digest = Sha256::new()
            .chain_update(self.certificate.len().to_le_bytes())
            .chain_update(&self.certificate)
            .chain_update(&self.key);
        digest.finalize().into()
    }

    /// The pair, if it is usable at `now`.
    fn pair(&self, files: &TlsFiles, provider: &Arc<CryptoProvider>, now: i64) -> Result<Pair> {
        let chain = self.chain(&files.certificate)?;
        let key = self.key(&files.key)?;
        let (not_before, not_after) = validity(&chain[0], provider);
        let certified = CertifiedKey::from_der(chain, key, provider)
            .map_err(|fault| mismatch(files, &fault).caused_by(fault))?;
        check_validity(not_before, not_after, now, &files.certificate)?;
        let fingerprint = self.fingerprint();
        Ok(Pair { certified: Arc::new(certified), not_after, fingerprint })
    }

    /// At least one certificate.
    fn chain(&self, path: &Path) -> Result<Vec<CertificateDer<'static>>> {
        let refused = |what: &str| {
            Error::invalid(format!("the certificate file {} {what}", path.display())).with_hint(
                "the file needs the server's certificate and the intermediate ones in PEM form \
                 (`-----BEGIN CERTIFICATE-----`)",
            )
        };
        let chain = pem::certificates(&self.certificate).map_err(|_| refused("is damaged"))?;
        if chain.is_empty() {
            return Err(refused("holds no certificate"));
        }
        Ok(chain.into_iter().map(CertificateDer::from).collect())
    }

    fn key(&self, path: &Path) -> Result<PrivateKeyDer<'static>> {
        let path = path.display();
        PrivateKeyDer::from_pem_slice(pem::without_mark(&self.key)).map_err(|_| {
            let is_encrypted = String::from_utf8_lossy(&self.key).contains("ENCRYPTED");
            let (what, hint) = if is_encrypted {
                ("is encrypted", format!("decrypt it with `openssl pkey -in '{path}' -out FILE`"))
            } else {
                (
                    "holds no private key",
                    "use a PKCS#8, RSA or EC key in PEM form (`-----BEGIN PRIVATE KEY-----`)"
                        .to_owned(),
                )
            };
            Error::invalid(format!("the private key file {path} {what}")).with_hint(hint)
        })
    }
}

fn read(path: &Path, what: &str) -> Result<Vec<u8>> {
    let refused = |fault: String| {
        Error::invalid(format!("the {what} file {} {fault}", path.display()))
            .with_hint("`--tls-cert` and `--tls-key` need readable files in PEM form")
    };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|fault| refused(format!("cannot be read: {fault}")).caused_by(fault))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(refused("is over 1 MiB".to_owned()));
    }
    Ok(bytes)
}

fn mismatch(files: &TlsFiles, fault: &rustls::Error) -> Error {
    let (certificate, key) = (files.certificate.display(), files.key.display());
    match fault {
        rustls::Error::InconsistentKeys(_) => Error::invalid(format!(
            "the key {key} does not belong to the certificate {certificate}"
        ))
        .with_hint("the server's own certificate comes first in the file; use the key made for it"),
        rustls::Error::InvalidCertificate(_) => {
            Error::invalid(format!("the first certificate of {certificate} is damaged: {fault}"))
                .with_hint("check it with `openssl x509 -noout -text -in FILE`")
        }
        _ => Error::invalid(format!("{certificate} with {key} cannot be used: {fault}"))
            .with_hint("use an RSA (2048 bits or more), ECDSA (P-256, P-384) or Ed25519 key"),
    }
}

fn check_validity(
    not_before: Option<i64>,
    not_after: Option<i64>,
    now: i64,
    path: &Path,
) -> Result<()> {
    let path = path.display();
    if let Some(end) = not_after.filter(|end| now > *end) {
        let message = format!("the certificate {path} expired on {}", date(end));
        return Err(Error::invalid(message)
            .with_hint("renew it (`certbot renew`, or your authority) and start again"));
    }
    if let Some(begin) = not_before.filter(|begin| now < *begin) {
        let message = format!("the certificate {path} is not valid before {}", date(begin));
        return Err(
            Error::invalid(message).with_hint("check the clock of this machine (`date`), or wait")
        );
    }
    Ok(())
}

/// The first and the last second of the validity of `certificate`. rustls does not expose them, but it
/// names them when it verifies the certificate at a time outside; it checks the time first.
fn validity(
    certificate: &CertificateDer<'static>,
    provider: &Arc<CryptoProvider>,
) -> (Option<i64>, Option<i64>) {
    let verify = |at| {
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).ok()?;
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
                .build()
                .ok()?;
        let name = ServerName::try_from("localhost").ok()?;
        let at = UnixTime::since_unix_epoch(Duration::from_secs(at));
        match verifier.verify_server_cert(certificate, &[], &name, &[], at) {
            Err(rustls::Error::InvalidCertificate(error)) => Some(error),
            _ => None,
        }
    };
    let seconds = |time: UnixTime| i64::try_from(time.as_secs()).ok();
    let not_before = match verify(0) {
        Some(CertificateError::NotValidYetContext { not_before, .. }) => seconds(not_before),
        _ => None,
    };
    let not_after = match verify(END_OF_TIME + 1) {
        Some(CertificateError::ExpiredContext { not_after, .. }) => seconds(not_after),
        _ => None,
    };
    (not_before, not_after)
}

fn date(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d, %H:%M UTC").to_string(),
        Err(_) => format!("second {seconds}"),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, date_time_ymd};
    use tokio::sync::mpsc;

    use super::*;

    /// The middle of the validity of [`certificate`].
    const NOW: i64 = 1_767_225_600;
    const DAY: i64 = 86_400;

    fn certificate(key: &KeyPair) -> String {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        params.not_before = date_time_ymd(2025, 7, 1);
        params.not_after = date_time_ymd(2026, 7, 1);
        params.self_signed(key).expect("a certificate").pem()
    }

    /// A directory with a pair in it.
    fn pair() -> (tempfile::TempDir, TlsFiles) {
        let directory = tempfile::tempdir().expect("a directory");
        let files = TlsFiles {
            certificate: directory.path().join("cert.pem"),
            key: directory.path().join("key.pem"),
        };
        let key = KeyPair::generate().expect("a key");
        write(&files.certificate, &certificate(&key));
        write(&files.key, &key.serialize_pem());
        (directory, files)
    }

    fn write(path: &Path, text: &str) {
        std::fs::write(path, text).expect("a file");
    }

    #[track_caller]
    fn refused(files: &TlsFiles, now: i64, words: &str) {
        let error = Tls::load(files.clone(), now).expect_err(words);
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.message().contains(words), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }

    #[test]
    fn unusable_files_are_refused_with_the_reason() {
        let (_directory, files) = pair();
        assert!(Tls::load(files.clone(), NOW).is_ok());
        refused(&files, NOW + 400 * DAY, "cert.pem expired on 2026-07-01, 00:00 UTC");
        refused(&files, NOW - 400 * DAY, "cert.pem is not valid before 2025-07-01");

        let other = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).expect("a key");
        let own = std::fs::read_to_string(&files.key).expect("a key");
        write(&files.key, &other.serialize_pem());
        refused(&files, NOW, "key.pem does not belong to the certificate");
        write(
            &files.key,
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
        );
        refused(&files, NOW, "key.pem is encrypted");
        write(&files.key, "");
        refused(&files, NOW, "key.pem holds no private key");
        std::fs::remove_file(&files.key).expect("a file");
        refused(&files, NOW, "key.pem cannot be read");

        write(&files.key, &own);
        write(&files.certificate, &own);
        refused(&files, NOW, "cert.pem holds no certificate");
        write(&files.certificate, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n");
        refused(&files, NOW, "cert.pem is damaged");
        write(&files.certificate, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
        refused(&files, NOW, "the first certificate of ");
        write(&files.certificate, &"x".repeat(2 << 20));
        refused(&files, NOW, "cert.pem is over 1 MiB");
    }

    #[test]
    fn files_may_begin_with_a_mark_and_have_other_line_ends() {
        let (_directory, files) = pair();
        for path in [&files.certificate, &files.key] {
            let text = std::fs::read_to_string(path).expect("a file");
            write(path, &format!("\u{feff}{}", text.replace('\n', "\r\n")));
        }
        assert!(Tls::load(files, NOW).is_ok());
    }

    #[test]
    fn a_certificate_that_expires_soon_causes_a_warning() {
        let (_directory, files) = pair();
        let tls = Tls::load(files, NOW).expect("a pair");
        let end = 1_782_864_000;
        assert_eq!(tls.warning(end - SOON), None);
        let warning = tls.warning(end - DAY).expect("a warning");
        assert!(warning.contains("expires on 2026-07-01, 00:00 UTC"), "{warning}");
        assert!(tls.warning(end + 1).is_some_and(|warning| warning.contains("expired")));
    }

    #[test]
    fn a_bad_pair_keeps_the_current_one_and_a_good_one_replaces_it() {
        let (_directory, files) = pair();
        let tls = Tls::load(files.clone(), NOW).expect("a pair");
        let shown = |tls: &Tls| tls.current.0.read().certified.cert[0].clone();
        let first = shown(&tls);
        assert_eq!(tls.reload(NOW).ok(), Some(Renewal::Unchanged));

        let key = KeyPair::generate().expect("a key");
        write(&files.certificate, &certificate(&key));
        assert!(tls.reload(NOW).is_err(), "the key is still the old one");
        assert_eq!(shown(&tls), first);
        assert!(tls.reload(NOW).is_err(), "reported to each caller");
        write(&files.key, &key.serialize_pem());
        assert_eq!(tls.reload(NOW).ok(), Some(Renewal::Renewed));
        assert_ne!(shown(&tls), first);
        assert_eq!(tls.reload(NOW).ok(), Some(Renewal::Unchanged));
    }

    #[tokio::test(start_paused = true)]
    async fn the_watch_finds_a_new_pair_and_reports_a_bad_one_once() {
        let (_directory, files) = pair();
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        let renewed = params.self_signed(&key).expect("a certificate").pem();
        let tls = Arc::new(Tls::load(files.clone(), NOW).expect("a pair"));
        write(&files.key, "no key");
        let (sender, mut lines) = mpsc::unbounded_channel();
        let log = LogSink::new(move |line| drop(sender.send(line)));
        let watching = tokio::spawn(async move { watch(Some(&tls), &log).await });

        let line = lines.recv().await.expect("a line");
        assert!(line.contains("keeping the current one: the private key file"), "{line}");
        let again = tokio::time::timeout(CHECK_EVERY * 10, lines.recv()).await;
        assert!(again.is_err(), "{again:?}");

        write(&files.certificate, &renewed);
        write(&files.key, &key.serialize_pem());
        let line = lines.recv().await.expect("a line");
        assert!(line.ends_with(" warn TLS: certificate reloaded"), "{line}");
        watching.abort();
    }
}
