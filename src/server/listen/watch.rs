//! Looks after the certificate while the server runs: a renewed one is taken, an old one is told of.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::domain::time::now;
use crate::server::LogSink;
use crate::server::listen::tls::{Renewal, Tls};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(3);
/// How often somebody is told that a certificate has to be renewed.
const TELL_EVERY: Duration = Duration::from_hours(24);

/// Never ends.
pub(super) async fn certificate(tls: Option<&Arc<Tls>>, log: &LogSink) {
    let Some(tls) = tls else { return pending().await };
    let mut looks = interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Instant::now();
    let mut was_readable = true;
    loop {
        looks.tick().await;
        let looking = Arc::clone(tls);
        let Ok(looked) = tokio::task::spawn_blocking(move || looking.renew(now())).await else {
            continue;
        };
        match &looked {
            Ok(Renewal::Renewed) => log.note("TLS: the new certificate counts from now on"),
            // A file that is gone stays gone for many looks; it is told of once.
            Err(fault) if was_readable => {
                log.note(&format!("TLS: the old certificate goes on counting: {fault}"));
            }
            Ok(Renewal::Unchanged) | Err(_) => {}
        }
        was_readable = looked.is_ok();
        if told.elapsed() >= TELL_EVERY
            && let Some(warning) = tls.warning(now())
        {
            log.note(&format!("TLS: {warning}"));
            told = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rcgen::{CertificateParams, KeyPair};
    use tokio::sync::mpsc;

    use super::*;
    use crate::server::TlsFiles;

    fn write_pair(directory: &Path) -> TlsFiles {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        let files =
            TlsFiles { certificate: directory.join("cert.pem"), key: directory.join("key.pem") };
        std::fs::write(&files.certificate, pem).expect("a file");
        std::fs::write(&files.key, key.serialize_pem()).expect("a file");
        files
    }

    #[tokio::test(start_paused = true)]
    async fn a_renewed_pair_is_found_and_a_bad_one_is_told_of_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let files = write_pair(directory.path());
        let tls = Arc::new(Tls::load(files.clone(), now()).expect("a pair"));
        std::fs::write(&files.key, "no key").expect("a file");
        let (sender, mut lines) = mpsc::unbounded_channel();
        let log = LogSink::new(move |line| drop(sender.send(line)));
        let watching = tokio::spawn(async move { certificate(Some(&tls), &log).await });

        let line = lines.recv().await.expect("a line");
        assert!(
            line.contains("the old certificate goes on counting: the private key file"),
            "{line}"
        );
        let again = tokio::time::timeout(EVERY * 10, lines.recv()).await;
        assert!(again.is_err(), "{again:?}");

        write_pair(directory.path());
        let line = lines.recv().await.expect("a line");
        assert!(line.ends_with(" warn TLS: the new certificate counts from now on"), "{line}");
        watching.abort();
    }
}
