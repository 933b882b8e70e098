//! TLS: which certificate the server shows, and how it gets another one while it runs.
//!
//! What this module keeps true: TLS 1.2 and 1.3 and nothing older; a certificate is shown only with
//! its own key; a renewed pair counts for the next connection and touches no open one; one that
//! cannot be used changes nothing.

mod pair;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use self::pair::{Content, Fingerprint, Pair, moment};
use crate::domain::{Error, ErrorKind, Result};

pub use self::pair::TlsFiles;

/// What HTTP is offered, best first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// A certificate that is good for less than this is worth a warning, in seconds.
const SOON: i64 = 14 * 86_400;

/// A certificate with its key, and the files they come from.
pub struct Tls {
    files: TlsFiles,
    acceptor: TlsAcceptor,
    shown: Arc<Shown>,
    seen: Mutex<Fingerprint>,
}

/// What a look at the files led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// They hold what they held.
    Unchanged,
    /// Their certificate counts from now on.
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
    /// the certificate, or if that is not good at `now`.
    pub fn load(files: TlsFiles, now: i64) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let content = Content::read(&files)?;
        let shown = Arc::new(Shown(RwLock::new(content.pair(&files, &provider, now)?)));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|fault| Error::new(ErrorKind::Internal, "TLS cannot be had").caused_by(fault))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            seen: Mutex::new(content.fingerprint()),
            files,
            shown,
        })
    }

    /// Accepts connections with the certificate that counts at the time.
    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Looks at the files again, and takes what is new in them. Blocks.
    ///
    /// # Errors
    /// As [`Tls::load`], once for each content that cannot be used; the old pair goes on counting.
    pub fn renew(&self, now: i64) -> Result<Renewal> {
        let content = Content::read(&self.files)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let fingerprint = content.fingerprint();
        if std::mem::replace(&mut *seen, fingerprint) == fingerprint {
            return Ok(Renewal::Unchanged);
        }
        self.show(&content, now)
    }

    /// Takes what the files hold, whether it is new or not. Blocks.
    ///
    /// # Errors
    /// As [`Tls::load`]; the old pair goes on counting.
    pub fn reload(&self, now: i64) -> Result<Renewal> {
        let content = Content::read(&self.files)?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = content.fingerprint();
        self.show(&content, now)
    }

    fn show(&self, content: &Content, now: i64) -> Result<Renewal> {
        let pair = content.pair(&self.files, self.acceptor.config().crypto_provider(), now)?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = pair;
        Ok(Renewal::Renewed)
    }

    /// What is worth a warning at `now`: the certificate expires soon, or has expired.
    pub fn warning(&self, now: i64) -> Option<String> {
        let end = self.shown.read(|pair| pair.not_after)?;
        let path = self.files.certificate.display();
        let when = moment(end);
        match end.saturating_sub(now) {
            left if left < 0 => Some(format!("the certificate {path} expired on {when}: renew it")),
            left if left < SOON => {
                Some(format!("the certificate {path} expires on {when}: renew it"))
            }
            _ => None,
        }
    }
}

/// The pair that counts.
#[derive(Debug)]
struct Shown(RwLock<Pair>);

impl Shown {
    fn read<T>(&self, look: impl FnOnce(&Pair) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.read(|pair| Arc::clone(&pair.certified)))
    }
}
