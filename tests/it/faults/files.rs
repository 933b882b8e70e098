//! F79–F82 and F114–F123: uploads between the client and the local upstream.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use qwenctl::client::{
    ChatKind, Client, ClientConfig, FileSource, NoticeSink, Session, Timing, UploadSink, UploadStep,
};
use qwenctl::domain::{Error, ErrorKind, Parent, Turn, UploadedFile};
use serde_json::json;

use crate::local_upstream::files::png;
use crate::local_upstream::peer::Peer;
use crate::support::tokens::tokens;
use crate::support::world::{drain, turn};

/// A client in front of a local upstream, and the notices of the client.
struct Both {
    peer: Peer,
    session: Session,
    notices: Arc<Mutex<Vec<String>>>,
}

impl Both {
    async fn new() -> Self {
        let peer = Peer::quick().await;
        let moment = Duration::from_millis(1);
        let notices: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&notices);
        let config = ClientConfig {
            api_url: peer.upstream.api_url(),
            auth_url: peer.upstream.auth_url(),
            ignore_environment_proxy: true,
            timing: Timing {
                backoff: moment,
                recheck: moment,
                upload_window: Duration::from_millis(50),
                parse_poll: moment,
                parse_limit: Duration::from_secs(1),
                ..Timing::default()
            },
            notices: NoticeSink::new(move |notice| {
                seen.lock().expect("no panic").push(notice.to_string());
            }),
            ..ClientConfig::default()
        };
        let client = Client::new(config).expect("a client");
        let session = client.session(tokens(&peer.upstream.token(), None), None);
        Self { peer, session, notices }
    }

    /// Uploads a file while `fault` is armed.
    async fn upload(&self, fault: &str, file: &FileSource) -> Result<UploadedFile, Error> {
        if !fault.is_empty() {
            self.peer.post("/__local/faults", json!({"fault": fault})).await;
        }
        let uploaded = self.session.upload(file, None).await;
        self.peer.delete("/__local/faults").await;
        uploaded
    }

    /// How many requests had this method and path.
    async fn count(&self, name: &str) -> u64 {
        self.peer.get("/__local/requests").await["counts"][name].as_u64().unwrap_or(0)
    }

    async fn counts(&self) -> (u64, u64, u64, u64) {
        (
            self.count("POST /api/v2/files/getstsToken").await,
            self.count("PUT /qwen-webui-prod/{key}").await,
            self.count("POST /api/v2/files/parse").await,
            self.count("POST /api/v2/files/parse/status").await,
        )
    }

    /// The answer to a prompt with this file.
    async fn ask(&self, file: UploadedFile) -> String {
        let chat_id = self.session.create_chat("local-echo-max", ChatKind::Text, None);
        let (chat_id, model) = (chat_id.await.expect("a chat"), "local-echo-max".to_owned());
        let files = vec![file];
        let turn = Turn { chat_id, model, files, parent: Parent::Current, ..turn() };
        let stream = self.session.send(turn).await.expect("an answer");
        drain(stream).await.end.expect("a whole answer").content
    }
}

fn picture() -> FileSource {
    FileSource::of_bytes("my photo ü#1.png", png().into()).expect("a picture")
}

fn text() -> FileSource {
    FileSource::of_bytes("notes.txt", "one two three".into()).expect("a text")
}

#[tokio::test]
async fn a_file_arrives_whatever_the_form_of_the_answers() {
    for fault in [
        "",
        "F79",
        "F81",
        "F115:bare",
        "F115:enveloped",
        "F117:scheme",
        "F117:bucket",
        "F117:missing",
        "F117:prefixed",
    ] {
        let both = Both::new().await;
        let uploaded =
            both.upload(fault, &picture()).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(both.counts().await, (1, 1, 0, 0), "{fault}");
        let answer = both.ask(uploaded).await;
        assert!(
            answer.contains("`my photo ü#1.png` is a PNG of 640 × 480 pixels"),
            "{fault}: {answer}"
        );
    }
}

#[tokio::test]
async fn the_bucket_gets_neither_token_nor_cookies() {
    let both = Both::new().await;
    both.upload("", &picture()).await.expect("uploaded");
    let log = both.peer.get("/__local/requests").await;
    let log = log["requests"].as_array().expect("a log").iter();
    let put = log.clone().find(|entry| entry["method"] == "PUT").expect("an upload");
    let headers = put["headers"].as_object().expect("headers");
    assert!(
        !headers.contains_key("cookie") && headers.contains_key("authorization"),
        "{headers:?}"
    );
    assert_eq!(headers["content-length"], "200");
    assert_eq!(headers["x-oss-content-sha256"], "UNSIGNED-PAYLOAD");
}

#[tokio::test]
async fn refusals_of_an_upload_say_which() {
    use ErrorKind::{InvalidRequest, RateLimited, UpstreamProtocol};
    for (fault, kind, words, counts) in [
        ("F80", UpstreamProtocol, "SignatureDoesNotMatch", (1, 1)),
        ("F80:AccessDenied", UpstreamProtocol, "AccessDenied", (2, 2)),
        ("F80:skew", InvalidRequest, "the clock of this machine is wrong", (1, 1)),
        ("F114*9", RateLimited, "too many uploads", (2, 0)),
        ("F115:empty", UpstreamProtocol, "upload credentials", (1, 0)),
        ("F116", InvalidRequest, "Invalid file information", (1, 0)),
        ("F117:evil", UpstreamProtocol, "foreign host", (1, 0)),
        ("F118", UpstreamProtocol, "InvalidArgument", (1, 1)),
        ("F118:region", UpstreamProtocol, "InvalidArgument", (1, 1)),
        ("F118:key", UpstreamProtocol, "AccessDenied", (2, 2)),
        ("F118:type", UpstreamProtocol, "SignatureDoesNotMatch", (1, 1)),
        ("F119*9", UpstreamProtocol, "SecurityTokenExpired", (2, 2)),
    ] {
        let both = Both::new().await;
        let error = both.upload(fault, &picture()).await.expect_err(fault);
        assert_eq!(error.kind(), kind, "{fault}: {error}");
        assert!(error.message().contains(words), "{fault}: {error}");
        let (sts, put, ..) = both.counts().await;
        assert_eq!((sts, put), counts, "{fault}: {error}");
        assert!(!error.is_quota(), "{fault}");
        assert_eq!(both.count("POST /api/v2/chat/completions").await, 0, "{fault}");
    }
}

#[tokio::test]
async fn a_used_up_budget_and_stale_credentials_are_passed_once() {
    let both = Both::new().await;
    let uploaded = both.upload("F114", &picture()).await.expect("uploaded after a wait");
    assert_eq!(both.counts().await, (2, 1, 0, 0));
    assert!(both.notices.lock().expect("no panic")[0].contains("too many uploads"));
    assert!(both.ask(uploaded).await.contains("640 × 480"));

    let both = Both::new().await;
    let uploaded = both.upload("F119", &picture()).await.expect("uploaded with new credentials");
    assert_eq!(both.counts().await, (2, 2, 0, 0));
    // The ids are those of the second answer, which the upstream knows as uploaded.
    assert!(both.ask(uploaded).await.contains("640 × 480"));
}

#[tokio::test]
async fn documents_are_parsed_and_trouble_is_told_apart() {
    for (fault, polls, warning) in [("", 1, false), ("F120*1", 1, false), ("F120:map", 1, false)] {
        let both = Both::new().await;
        let uploaded =
            both.upload(fault, &text()).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        let (sts, put, _, status) = both.counts().await;
        assert_eq!((sts, put, status), (1, 1, polls), "{fault}");
        let is_warned =
            both.notices.lock().expect("no panic").iter().any(|notice| notice.contains("still"));
        assert_eq!(is_warned, warning, "{fault}");
        assert!(both.ask(uploaded).await.contains("begins: one two three"), "{fault}");
    }
    for fault in ["F120:running", "F120:missing"] {
        let both = Both::new().await;
        both.upload(fault, &text()).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        let notices = both.notices.lock().expect("no panic");
        assert!(
            notices.iter().any(|notice| notice.contains("still reading")),
            "{fault}: {notices:?}"
        );
    }
    for (fault, words) in [("F82", "unsupported"), ("F120:failed", "unsupported")] {
        let both = Both::new().await;
        let error = both.upload(fault, &text()).await.expect_err(fault);
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{fault}");
        assert!(
            error.message().contains(words) && error.message().contains("notes.txt"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn the_same_file_is_uploaded_once() {
    let both = Both::new().await;
    let first = both.upload("", &picture()).await.expect("uploaded");
    let again = both.upload("", &picture()).await.expect("remembered");
    assert_eq!((&first.id, first.is_reused, again.is_reused), (&again.id, false, true));
    assert_eq!(both.counts().await, (1, 1, 0, 0));
    let renamed = FileSource::of_bytes("other.png", png().into()).expect("a picture");
    assert_ne!(both.upload("", &renamed).await.expect("uploaded").id, first.id);
    both.session.forget_upload(&picture());
    assert_ne!(both.upload("", &picture()).await.expect("uploaded").id, first.id);
}

#[tokio::test]
async fn a_file_that_changes_is_noticed_and_not_stored() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("a.txt");
    for change in [&b"three four"[..], b"one", b"one two or more"] {
        std::fs::write(&path, "one two or").expect("written");
        let file = FileSource::open(&path).expect("a text");
        std::fs::write(&path, change).expect("written");
        let both = Both::new().await;
        let uploaded = both.upload("", &file).await;
        if change.starts_with(b"one two or") {
            // What was appended later is not part of what was checked.
            assert_eq!(uploaded.expect("uploaded").size, 10);
            continue;
        }
        let error = uploaded.expect_err("changed");
        assert!(error.message().contains("`a.txt` changed while it was read"), "{error}");
        assert_eq!(both.count("POST /api/v2/files/parse").await, 0);
    }
}

#[tokio::test]
async fn steps_of_an_upload_are_reported() {
    let both = Both::new().await;
    let steps: Arc<Mutex<Vec<UploadStep>>> = Arc::default();
    let seen = Arc::clone(&steps);
    let sink: UploadSink = Arc::new(move |_, step| seen.lock().expect("no panic").push(step));
    both.session.upload(&text(), Some(&sink)).await.expect("uploaded");
    let steps = steps.lock().expect("no panic");
    assert_eq!(steps.last(), Some(&UploadStep::Done));
    assert!(steps.contains(&UploadStep::Parsing));
}

#[tokio::test]
async fn a_dropped_upload_sends_nothing_more() {
    let both = Both::new().await;
    both.peer.post("/__local/faults", json!({"fault": "F120:running"})).await;
    let file = text();
    let upload = both.session.upload(&file, None);
    let dropped = tokio::time::timeout(Duration::from_millis(300), upload).await;
    assert!(dropped.is_err(), "parsing never ends");
    let counts = both.counts().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(both.counts().await, counts);
    assert_eq!(both.count("POST /api/v2/chat/completions").await, 0);
}
