//! A certificate and its key, read from two PEM files and looked at before anybody is served with
//! them: they have to be readable, belong together, and be good today.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, RootCertStore};
use sha2::{Digest as _, Sha256};

use crate::domain::{Error, Result};

/// A chain of certificates takes a few KiB.
const MAX_BYTES: u64 = 1 << 20;
/// The last second of the year 9999, after which no certificate can be good (RFC 5280, 4.1.2.5).
const END_OF_TIME: u64 = 253_402_300_799;

/// Where the certificate and its key lie, both in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, followed by those between it and its authority's.
    pub certificate: PathBuf,
    /// The private key: PKCS#8, PKCS#1 or SEC1, not encrypted.
    pub key: PathBuf,
}

/// What the two files hold.
pub(super) struct Content {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// By what the same content is recognised later.
pub(super) type Fingerprint = [u8; 32];

/// A certificate that fits its key.
pub(super) struct Pair {
    /// Both, ready for use.
    pub certified: Arc<CertifiedKey>,
    /// The last second in which the certificate is good, since 1970; `None` if it does not say so in
    /// a way that can be read.
    pub not_after: Option<i64>,
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair").field("not_after", &self.not_after).finish_non_exhaustive()
    }
}

impl Content {
    /// Reads both files. Blocks.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::InvalidRequest`] naming the file that cannot be read.
    pub(super) fn read(files: &TlsFiles) -> Result<Self> {
        Ok(Self {
            certificate: read(&files.certificate, "certificate")?,
            key: read(&files.key, "private key")?,
        })
    }

    /// By what it is recognised.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let digest = Sha256::new()
            .chain_update(self.certificate.len().to_le_bytes())
            .chain_update(&self.certificate)
            .chain_update(&self.key);
        digest.finalize().into()
    }

    /// The pair, if it can be used at `now` (seconds since 1970).
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::InvalidRequest`]: there is no certificate or no key, they do not
    /// belong together, or the certificate is not good at `now`.
    pub(super) fn pair(
        &self,
        files: &TlsFiles,
        provider: &Arc<CryptoProvider>,
        now: i64,
    ) -> Result<Pair> {
        let chain = self.chain(&files.certificate)?;
        let key = self.key(&files.key)?;
        let is_good = Validity::of(&chain, provider);
        let certified = CertifiedKey::from_der(chain, key, provider)
            .map_err(|fault| mismatch(files, &fault).caused_by(fault))?;
        is_good.check(now, &files.certificate)?;
        Ok(Pair { certified: Arc::new(certified), not_after: is_good.not_after })
    }

    fn chain(&self, path: &Path) -> Result<Vec<CertificateDer<'static>>> {
        let refused = |what: &str| {
            Error::invalid(format!("the certificate file {} {what}", path.display())).with_hint(
                "it has to hold the certificate and those between it and its authority, in PEM \
                 form (`-----BEGIN CERTIFICATE-----`)",
            )
        };
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|_| refused("is damaged"))?;
        if chain.is_empty() {
            return Err(refused("holds no certificate"));
        }
        Ok(chain)
    }

    fn key(&self, path: &Path) -> Result<PrivateKeyDer<'static>> {
        let path = path.display();
        PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| {
            let encrypted = String::from_utf8_lossy(&self.key).contains("ENCRYPTED");
            let (what, hint) = if encrypted {
                (
                    "is encrypted",
                    format!("decrypt it: `openssl pkey -in '{path}' -out FILE`, and keep that readable by you alone"),
                )
            } else {
                (
                    "holds no private key",
                    "it has to be in PEM form: `-----BEGIN PRIVATE KEY-----`, or that of an RSA or EC key".to_owned(),
                )
            };
            Error::invalid(format!("the private key file {path} {what}")).with_hint(hint)
        })
    }
}

fn read(path: &Path, what: &str) -> Result<Vec<u8>> {
    let refused = |fault: String| {
        Error::invalid(format!("the {what} file {} {fault}", path.display())).with_hint(
            "`--tls-cert` and `--tls-key` name files in PEM form that the server may read",
        )
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
        .with_hint(
            "the first certificate of the file has to be the server's own; name the key \
                     that it was made for",
        ),
        rustls::Error::InvalidCertificate(_) => {
            Error::invalid(format!("the first certificate of {certificate} is damaged: {fault}"))
                .with_hint("`openssl x509 -noout -text -in FILE` shows whether it can be read")
        }
        _ => Error::invalid(format!("{certificate} with {key} cannot be used: {fault}"))
            .with_hint("RSA (2048 bits or more), ECDSA (P-256, P-384) and Ed25519 keys can"),
    }
}

/// When a certificate is good. Either end is `None` if it cannot be read.
struct Validity {
    not_before: Option<i64>,
    not_after: Option<i64>,
}

impl Validity {
    /// Of the first certificate of `chain`. rustls has no way to ask for it; but it says both ends
    /// when it is to judge the certificate at a time that lies outside.
    fn of(chain: &[CertificateDer<'static>], provider: &Arc<CryptoProvider>) -> Self {
        Self {
            not_before: match verdict(chain, provider, 0) {
                Some(CertificateError::NotValidYetContext { not_before, .. }) => {
                    seconds(not_before)
                }
                _ => None,
            },
            not_after: match verdict(chain, provider, END_OF_TIME + 1) {
                Some(CertificateError::ExpiredContext { not_after, .. }) => seconds(not_after),
                _ => None,
            },
        }
    }

    fn check(&self, now: i64, path: &Path) -> Result<()> {
        let path = path.display();
        if let Some(end) = self.not_after.filter(|end| now > *end) {
            return Err(Error::invalid(format!(
                "the certificate {path} expired on {}",
                moment(end)
            ))
            .with_hint(
                "renew it where it came from (`certbot renew`, or your authority), and start again",
            ));
        }
        if let Some(begin) = self.not_before.filter(|begin| now < *begin) {
            return Err(Error::invalid(format!(
                "the certificate {path} is not good before {}",
                moment(begin)
            ))
            .with_hint("check the clock of this machine (`date`), or wait"));
        }
        Ok(())
    }
}

/// What rustls says about the certificate at a time. It looks at the time first, before it asks who
/// signed the certificate.
fn verdict(
    chain: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
    at: u64,
) -> Option<CertificateError> {
    let own = chain.first()?;
    let mut roots = RootCertStore::empty();
    roots.add(own.clone()).ok()?;
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    let name = ServerName::try_from("localhost").ok()?;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(at));
    match verifier.build().ok()?.verify_server_cert(own, &[], &name, &[], at) {
        Err(rustls::Error::InvalidCertificate(error)) => Some(error),
        _ => None,
    }
}

fn seconds(time: UnixTime) -> Option<i64> {
    i64::try_from(time.as_secs()).ok()
}

/// A time as people write it.
pub(super) fn moment(seconds: i64) -> String {
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d, %H:%M UTC").to_string(),
        Err(_) => format!("second {seconds}"),
    }
}
