use std::path::Path;

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, date_time_ymd};

use super::*;

/// The middle of the time in which [`certificate`] is good.
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
fn what_cannot_be_used_is_refused_with_the_reason() {
    let (_directory, files) = pair();
    assert!(Tls::load(files.clone(), NOW).is_ok());
    refused(&files, NOW + 400 * DAY, "cert.pem expired on 2026-07-01, 00:00 UTC");
    refused(&files, NOW - 400 * DAY, "cert.pem is not good before 2025-07-01");

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
fn a_certificate_that_expires_soon_is_warned_of() {
    let (_directory, files) = pair();
    let tls = Tls::load(files, NOW).expect("a pair");
    let end = 1_782_864_000;
    assert_eq!(tls.warning(end - SOON), None);
    let warning = tls.warning(end - DAY).expect("a warning");
    assert!(warning.contains("expires on 2026-07-01, 00:00 UTC"), "{warning}");
    assert!(tls.warning(end + 1).is_some_and(|warning| warning.contains("expired")));
}

#[test]
fn a_bad_pair_keeps_the_old_one_and_a_good_one_replaces_it() {
    let (_directory, files) = pair();
    let tls = Tls::load(files.clone(), NOW).expect("a pair");
    let shown = |tls: &Tls| tls.shown.read(|pair| pair.certified.cert[0].clone());
    let first = shown(&tls);
    assert_eq!(tls.renew(NOW).ok(), Some(Renewal::Unchanged));

    let key = KeyPair::generate().expect("a key");
    write(&files.certificate, &certificate(&key));
    assert!(tls.renew(NOW).is_err(), "the key is still the old one");
    assert_eq!(shown(&tls), first);
    assert_eq!(tls.renew(NOW).ok(), Some(Renewal::Unchanged), "said once");
    assert!(tls.reload(NOW).is_err(), "said again to who asks");
    write(&files.key, &key.serialize_pem());
    assert_eq!(tls.renew(NOW).ok(), Some(Renewal::Renewed));
    assert_ne!(shown(&tls), first);
    assert!(tls.reload(NOW).is_ok());
}
