//! HTTPS: supported versions, handshakes, and reload of the certificate.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use qwenctl::server::{Tls, TlsFiles, now};
use reqwest::Version;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::world::{PATIENCE, Served, read_until, with_empty_chat};
use crate::support::bodies::C1;
use crate::support::cmd::Home;
use crate::support::frames::{created, d, end, sse, whole};
use crate::support::http::client;
use crate::support::response::Gate;
use crate::support::tls::Authority;
use crate::support::upstream::Upstream;
use crate::support::world::COMPLETIONS;

/// An authority, and the files of a pair that it signed.
struct Pair {
    authority: Authority,
    directory: tempfile::TempDir,
}

impl Pair {
    fn new() -> Self {
        let pair =
            Self { authority: Authority::new(), directory: tempfile::tempdir().expect("a place") };
        pair.renew();
        pair
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn renew(&self) {
        let (certificate, key) = self.authority.pair();
        std::fs::write(self.file("cert.pem"), certificate).expect("a file");
        std::fs::write(self.file("key.pem"), key).expect("a file");
    }

    fn load(&self) -> Arc<Tls> {
        let files = TlsFiles { certificate: self.file("cert.pem"), key: self.file("key.pem") };
        Arc::new(Tls::load(files, now()).expect("a pair"))
    }

    fn client(&self) -> reqwest::ClientBuilder {
        let root = reqwest::Certificate::from_pem(&self.authority.pem()).expect("a certificate");
        client().tls_certs_only([root])
    }
}

async fn served(upstream: &Upstream, pair: &Pair) -> (Served, Arc<Tls>) {
    let tls = pair.load();
    let given = Arc::clone(&tls);
    let served = Served::configured(upstream, |options| {
        options.tls = Some(given);
        options.limits.patience = Duration::from_secs(2);
    })
    .await;
    (served, tls)
}

fn url(served: &Served, path: &str) -> String {
    format!("https://{}{path}", served.address)
}

#[tokio::test]
async fn tls_1_2_and_1_3_serve_http_1_and_2() {
    let upstream = Upstream::start().await;
    let pair = Pair::new();
    let (served, _) = served(&upstream, &pair).await;
    for tls in [reqwest::tls::Version::TLS_1_2, reqwest::tls::Version::TLS_1_3] {
        let exactly = || pair.client().tls_version_min(tls).tls_version_max(tls);
        for (client, http) in
            [(exactly(), Version::HTTP_2), (exactly().http1_only(), Version::HTTP_11)]
        {
            let client = client.build().expect("a client");
            let answer = client.get(url(&served, "/health")).send().await.expect("an answer");
            assert_eq!((answer.status().as_u16(), answer.version()), (200, http), "{tls:?}");
        }
    }
    let page = pair.client().build().expect("a client").get(url(&served, "/"));
    assert!(served.ask(page).await.header("content-security-policy").contains("default-src"));
}

#[tokio::test]
async fn the_own_page_may_use_the_servers_token_over_https() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.on(COMPLETIONS, whole("Hi"));
    let pair = Pair::new();
    let (served, _) = served(&upstream, &pair).await;
    let client = pair.client().build().expect("a client");
    let ask = |origin: &str| {
        client
            .post(url(&served, "/api/chat/send"))
            .header("origin", origin)
            .json(&json!({"chat_id": C1, "message": "m", "stream": true}))
    };
    let own = served.ask(ask(&url(&served, ""))).await;
    assert!(own.text.contains("event: done\n"), "{own:?}");
    served.ask(ask("https://evil.example")).await.failure(401, "token_missing");
}

/// The versions that RFC 8996 deprecates.
#[tokio::test]
async fn old_protocols_are_refused() {
    let upstream = Upstream::start().await;
    let pair = Pair::new();
    let (served, _) = served(&upstream, &pair).await;
    for minor in [0, 1, 2] {
        let mut stream = served.raw(client_hello(minor)).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        read.expect("the server closes").expect("an alert");
        // An alert (21) that is fatal (2): handshake_failure (40) or protocol_version (70).
        let &[21, 3, _, 0, 2, 2, alert] = answer.as_slice() else { panic!("{answer:?}") };
        assert!(alert == 40 || alert == 70, "SSL 3.{minor}: {answer:?}");
    }
}

/// The first message of a client that supports nothing newer than SSL 3.`minor` (RFC 5246, 7.4.1.2).
fn client_hello(minor: u8) -> Vec<u8> {
    let suites = [0xc0, 0x13, 0xc0, 0x14, 0x00, 0x2f, 0x00, 0x35];
    let mut hello = vec![3, minor];
    hello.extend([7; 32]);
    hello.extend([0, 0, u8::try_from(suites.len()).expect("few")]);
    hello.extend(suites);
    hello.extend([1, 0]);
    let length = u8::try_from(hello.len()).expect("short");
    let mut record = vec![22, 3, minor, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    record
}

#[tokio::test]
async fn a_reloaded_certificate_applies_to_new_connections_only() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    let gate = Gate::default();
    let answer = sse([created().as_str(), &d("Hal")]).gate(&gate).then(d("lo") + &end());
    upstream.on(COMPLETIONS, answer);
    let first = Pair::new();
    let (served, tls) = served(&upstream, &first).await;
    let mut stream = first
        .client()
        .build()
        .expect("a client")
        .post(url(&served, "/api/chat/send"))
        .json(&json!({"chat_id": C1, "message": "m", "stream": true}))
        .send()
        .await
        .expect("a stream");
    let begun = stream.chunk().await.expect("a piece").expect("a piece");

    let second = Pair::new();
    for name in ["cert.pem", "key.pem"] {
        std::fs::copy(second.file(name), first.file(name)).expect("a file");
    }
    tls.reload(now()).expect("a pair");

    let health = url(&served, "/health");
    let trusts_first = first.client().build().expect("a client");
    assert!(trusts_first.get(&health).send().await.is_err(), "the old one is not shown any more");
    let trusts_second = second.client().build().expect("a client");
    assert_eq!(trusts_second.get(&health).send().await.expect("an answer").status(), 200);
    gate.open();
    let mut text = begun.to_vec();
    while let Some(piece) = stream.chunk().await.expect("a piece") {
        text.extend_from_slice(&piece);
    }
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(text.contains("\"lo\"") && text.contains("event: done\n"), "{text}");
}

/// Requests continue while the certificate is reloaded again and again.
#[tokio::test(flavor = "multi_thread")]
async fn reloads_under_load_lose_no_request() {
    let upstream = Upstream::start().await;
    let pair = Pair::new();
    let (served, tls) = served(&upstream, &pair).await;
    let health = url(&served, "/health");
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (client, health) = (pair.client(), health.clone());
        // A new connection for each request.
        let client = client.pool_max_idle_per_host(0).build().expect("a client");
        asking.spawn(async move {
            for _ in 0..20 {
                let answer = client.get(&health).send().await.expect("an answer");
                assert_eq!(answer.status(), 200);
            }
        });
    }
    while !asking.is_empty() {
        pair.renew();
        tls.reload(now()).expect("a pair");
        if let Some(asked) = asking.try_join_next() {
            asked.expect("no request fails");
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn plain_http_on_a_tls_port_gets_a_hint() {
    let upstream = Upstream::start().await;
    let pair = Pair::new();
    let (served, _) = served(&upstream, &pair).await;
    let answer = served.raw_whole("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let body = answer.split_once("\r\n\r\n").expect("a body").1;
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!((&body["code"], &body["success"]), (&json!("invalid_request"), &json!(false)));
    assert!(body["hint"].as_str().is_some_and(|hint| hint.contains("https://")));
}

#[tokio::test]
async fn a_stalled_handshake_times_out() {
    let upstream = Upstream::start().await;
    let pair = Pair::new();
    let tls = pair.load();
    let served = Served::configured(&upstream, |options| {
        options.tls = Some(tls);
        options.limits.patience = Duration::from_millis(100);
    })
    .await;
    for start in [Vec::new(), client_hello(3)[..20].to_vec()] {
        let mut stream = served.raw(&start).await;
        let mut rest = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(read.is_ok(), "{} bytes and then silence are closed", start.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_serves_https_and_reloads_the_certificate_on_sighup() {
    let home = Home::new();
    let (first, second) = (Pair::new(), Pair::new());
    let (certificate, key) = (first.file("cert.pem"), first.file("key.pem"));
    let flags = ["--tls-cert", certificate.to_str().expect("UTF-8"), "--tls-key"];
    let serve = ["serve", "--local", "--port", "0", "--json"];
    let mut run = home.start(&[&serve[..], &flags, &[key.to_str().expect("UTF-8")]].concat());
    let line: serde_json::Value = serde_json::from_str(&run.line()).expect("JSON");
    let url = format!("{}/health", line["url"].as_str().expect("an address"));
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let get = async |pair: &Pair| {
        let client = pair.client().build().expect("a client");
        client.get(&url).send().await.map(|answer| answer.status().as_u16())
    };
    assert_eq!(get(&first).await.expect("an answer"), 200);
    assert!(run.error_line().contains(" GET /health 200 "));

    std::fs::write(&key, "no key").expect("a file");
    run.signal("HUP");
    let line = run.error_line();
    assert!(
        line.contains("certificate: ") || line.contains(" TLS: certificate not reloaded"),
        "{line}"
    );
    assert_eq!(get(&first).await.expect("an answer"), 200, "the current pair stays in use");

    for name in ["cert.pem", "key.pem"] {
        std::fs::copy(second.file(name), first.file(name)).expect("a file");
    }
    run.signal("HUP");
    while !run.error_line().contains("certificate: reloaded") {}
    assert_eq!(get(&second).await.expect("an answer"), 200);
    run.signal("HUP");
    loop {
        let line = run.error_line();
        assert!(!line.is_empty() && !line.contains("certificate: reloaded"), "{line}");
        if line.contains("certificate: unchanged") {
            break;
        }
    }
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
}

#[test]
fn unusable_files_are_refused_at_start() {
    let home = Home::new();
    let pair = Pair::new();
    let path = |name: &str| pair.file(name).to_str().expect("UTF-8").to_owned();
    let (certificate, key) = (path("cert.pem"), path("key.pem"));
    for (certificate, key, words) in [
        (&certificate, &certificate, "holds no private key"),
        (&key, &key, "holds no certificate"),
        (&path("none"), &key, "cannot be read"),
    ] {
        let end = home.triple(&[
            "serve",
            "--local",
            "--port",
            "0",
            "--tls-cert",
            certificate,
            "--tls-key",
            key,
        ]);
        assert_eq!(end.status, 2, "{}", end.stderr);
        assert!(end.stderr.contains(words) && end.stderr.contains("hint: "), "{}", end.stderr);
    }
    let end = home.triple(&["serve", "--local", "--tls-cert", &certificate]);
    assert_eq!(end.status, 2);
    assert!(end.stderr.contains("--tls-key"), "{}", end.stderr);
}

/// RSA (PKCS#1), ECDSA P-384 (SEC1) and Ed25519 (PKCS#8), made by `openssl`; valid from 2026 to 2126.
#[test]
fn rsa_ecdsa_and_ed25519_keys_are_supported() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls");
    for name in ["rsa-pkcs1", "ec-sec1", "ed25519-pkcs8"] {
        let certificate = directory.join(format!("{name}.crt"));
        let files = TlsFiles { certificate, key: directory.join(format!("{name}.key")) };
        let in_2033 = 2_000_000_000;
        let tls = Tls::load(files, in_2033).expect(name);
        assert_eq!(tls.warning(in_2033), None);
    }
}

#[tokio::test]
async fn an_endless_head_times_out_over_tls_too() {
    let upstream = Upstream::start().await;
    let pair = Pair::new();
    let tls = pair.load();
    let served = Served::configured(&upstream, |options| {
        options.tls = Some(tls);
        options.limits.patience = Duration::from_millis(300);
    })
    .await;
    let mut stream = pair.authority.connect(served.address).await;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await.expect("open");
    stream.flush().await.expect("open");
    read_until(&mut stream, "\"ok\"").await;
    stream.write_all(b"GET /hea").await.expect("open");
    stream.flush().await.expect("open");
    let mut rest = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "closed");
}
