//! Uploads: credentials, the bucket's checks, parsing, and what the answer says about a file.

use qwenctl::local::LocalOptions;
use reqwest::{Method, StatusCode};
use ring::{digest, hmac};
use serde_json::{Value, json};

use super::peer::{Peer, answer_text, quick, turn_body};

const STS: &str = "/api/v2/files/getstsToken";

/// A PNG of 640 × 480 pixels, as far as its header tells.
pub fn png() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([0, 0, 2, 128, 0, 0, 1, 224, 8, 6, 0, 0, 0]);
    png.resize(200, 7);
    png
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// A request to the bucket, and what a test changes of it.
struct Put {
    path: String,
    region: String,
    media_type: &'static str,
    sent_type: &'static str,
    content: &'static str,
    date: String,
}

impl Put {
    fn new(sts: &Value) -> Self {
        let path = sts["file_path"].as_str().expect("a path");
        Self {
            path: format!("/qwen-webui-prod/{path}"),
            region: "ap-southeast-1".to_owned(),
            media_type: "image/png",
            sent_type: "image/png",
            content: "UNSIGNED-PAYLOAD",
            date: jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string(),
        }
    }

    /// Sends it with a V4 signature (protocol 10.2).
    async fn send(&self, peer: &Peer, sts: &Value, body: Vec<u8>) -> (StatusCode, String) {
        let text = |name: &str| sts[name].as_str().expect("text").to_owned();
        let (date, token) = (&self.date, text("security_token"));
        let canonical = format!(
            "PUT\n{}\n\ncontent-type:{}\nx-oss-content-sha256:{}\nx-oss-date:{date}\nx-oss-security-token:{token}\n\n\n{}",
            self.path, self.media_type, self.content, self.content
        );
        let scope = format!("{}/{}/oss/aliyun_v4_request", &date[..8], self.region);
        let hashed = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let to_sign = format!("OSS4-HMAC-SHA256\n{date}\n{scope}\n{hashed}");
        let mut key = format!("aliyun_v4{}", text("access_key_secret")).into_bytes();
        for part in [&date[..8], &self.region, "oss", "aliyun_v4_request", &to_sign] {
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes());
            key = tag.as_ref().to_vec();
        }
        let id = text("access_key_id");
        let authorization =
            format!("OSS4-HMAC-SHA256 Credential={id}/{scope},Signature={}", hex(&key));
        let url = format!("{}{}", peer.upstream.auth_url(), self.path);
        let sent = peer.http.put(url).header("content-type", self.sent_type).body(body);
        let sent = sent.header("x-oss-content-sha256", self.content).header("x-oss-date", date);
        let sent =
            sent.header("x-oss-security-token", token).header("authorization", authorization);
        let response = sent.send().await.expect("a response");
        (response.status(), response.text().await.expect("text"))
    }
}

async fn credentials(peer: &Peer, name: &str, kind: &str) -> Value {
    let body = json!({"filename": name, "filesize": "200", "filetype": kind});
    peer.post(STS, body).await["data"].take()
}

fn turn_with(chat: &str, files: Value) -> Value {
    let mut body = turn_body(chat, None, "What is this?");
    body["messages"][0]["files"] = files;
    body
}

#[tokio::test]
async fn files_arrive_and_the_answer_describes_them() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let mut files = Vec::new();
    for (name, kind, bytes) in
        [("a.png", "image", png()), ("notes.txt", "file", "one two\nthree".into())]
    {
        let sts = credentials(&peer, name, kind).await;
        let (status, text) = Put::new(&sts).send(&peer, &sts, bytes.clone()).await;
        assert_eq!((status, text.as_str()), (StatusCode::OK, ""));
        let link = peer.http.get(sts["file_url"].as_str().expect("a link")).send().await;
        assert_eq!(link.expect("a response").bytes().await.expect("bytes"), bytes);
        files.push(
            json!({"type": kind, "id": sts["file_id"], "url": sts["file_url"], "name": name}),
        );
    }
    let id = &files[1]["id"];
    assert_eq!(
        peer.post("/api/v2/files/parse", json!({"file_id": id})).await["data"]["file_id"],
        *id
    );
    let rows = peer.post("/api/v2/files/parse/status", json!({"file_id_list": [id]})).await;
    assert_eq!(rows["data"][0]["status"], "success");
    let body = turn_with(&chat, json!(files));
    let answer = peer.turn(&chat, &body).send().await.expect("sent").text().await.expect("whole");
    let text = answer_text(&answer);
    assert!(
        text.contains("The picture `a.png` is a PNG of 640 × 480 pixels, 200 bytes."),
        "{text}"
    );
    assert!(
        text.contains("The document `notes.txt` has 13 bytes and begins: one two three"),
        "{text}"
    );
    let detail = peer.detail(&chat).await;
    let messages = detail["chat"]["history"]["messages"].as_object().expect("messages");
    let asked = messages.values().find(|message| message["role"] == "user").expect("a prompt");
    assert_eq!(asked["files"][1]["name"], "notes.txt");
    let log = peer.get("/__local/requests").await;
    let sent = log["requests"]
        .as_array()
        .expect("a log")
        .iter()
        .find(|entry| entry.get("files").is_some());
    assert_eq!(sent.expect("a completion")["files"], 2);
}

#[tokio::test]
async fn only_a_correct_signature_for_the_own_key_passes() {
    let peer = Peer::quick().await;
    let sts = credentials(&peer, "a.png", "image").await;
    let other = credentials(&peer, "b.png", "image").await;
    let put = || Put::new(&sts);
    let refused = async |put: Put| put.send(&peer, &sts, png()).await;
    for (put, code) in [
        (Put { content: "0000", ..put() }, "x-oss-content-sha256 only supports UNSIGNED-PAYLOAD"),
        (Put { region: "oss-ap-southeast-1".to_owned(), ..put() }, "Invalid signing region"),
        (Put { sent_type: "image/jpeg", ..put() }, "SignatureDoesNotMatch"),
        (Put { path: Put::new(&other).path, ..put() }, "AccessDenied"),
        (Put { date: "20200101T000000Z".to_owned(), ..put() }, "RequestTimeTooSkewed"),
    ] {
        let (status, text) = refused(put).await;
        assert!(status.is_client_error() && text.contains(code), "{status} {text}");
    }
    let link = sts["file_url"].as_str().expect("a link");
    let sent = peer.http.put(link).body(png()).send().await.expect("a response");
    assert_eq!(sent.status(), StatusCode::FORBIDDEN);
    assert!(sent.text().await.expect("text").contains("SignatureDoesNotMatch"));
    let url = format!("{}{}", peer.upstream.auth_url(), put().path);
    let sent = peer.http.put(url).bearer_auth("x").body(png()).send().await.expect("a response");
    assert_eq!(sent.status(), StatusCode::BAD_REQUEST, "the account's token does not belong here");
    peer.post("/__local/clock", json!({"advance": 301})).await;
    let date = jiff::Timestamp::now() + std::time::Duration::from_secs(301);
    let date = date.strftime("%Y%m%dT%H%M%SZ").to_string();
    assert!(refused(Put { date, ..put() }).await.1.contains("SecurityTokenExpired"));
    let chat = peer.new_chat().await;
    let files = json!([{"type": "image", "id": sts["file_id"], "url": link}]);
    let answer = peer.turn(&chat, &turn_with(&chat, files)).send().await.expect("a response");
    assert_eq!(answer.json::<Value>().await.expect("JSON")["data"]["code"], "invalid_input");
}

#[tokio::test]
async fn a_name_is_part_of_the_key_and_encoded_once() {
    let peer = Peer::quick().await;
    let sts = credentials(&peer, "my photo ü#1%20.png", "image").await;
    let path = sts["file_path"].as_str().expect("a path");
    assert!(path.ends_with("_my photo ü#1%20.png"), "{path}");
    let encoded = Put {
        path: Put::new(&sts).path.replace("my photo ü#1%20", "my%20photo%20%C3%BC%231%2520"),
        ..Put::new(&sts)
    };
    assert_eq!(encoded.send(&peer, &sts, png()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn f116_checks_the_file_information() {
    let peer = Peer::quick().await;
    for body in [
        json!({"filename": "a.png", "filesize": "1", "filetype": "image/png"}),
        json!({"filename": "a.png", "filesize": "0", "filetype": "image"}),
        json!({"filename": "", "filesize": 1, "filetype": "image"}),
        json!({"filename": "../a", "filesize": 1, "filetype": "image"}),
    ] {
        let refused = peer.post(STS, body).await;
        assert_eq!(refused["data"]["details"], "Invalid file information!");
    }
}

#[tokio::test]
async fn f114_frees_the_budget_after_75_seconds() {
    let faults = vec!["F114:2*9".parse().expect("a fault")];
    let peer = Peer::with(LocalOptions { faults, ..quick() }).await;
    for code in [Value::Null, Value::Null, json!("RateLimited")] {
        assert_eq!(credentials(&peer, "a.png", "image").await["code"], code);
    }
    peer.post("/__local/clock", json!({"advance": 76})).await;
    assert!(credentials(&peer, "a.png", "image").await["file_id"].is_string());
}

#[tokio::test]
async fn faults_of_uploads_change_the_shape() {
    let peer = Peer::quick().await;
    let ask = async |fault: &str| {
        let body = json!({"filename": "a.png", "filesize": 1, "filetype": "image"});
        let sent = peer.request(Method::POST, STS).header("x-local-fault", fault).json(&body);
        sent.send().await.expect("a response").json::<Value>().await.expect("JSON")
    };
    let bare = ask("F79").await;
    assert!(bare["file_id"].is_string() && bare.get("endpoint").is_none(), "{bare}");
    assert!(ask("F115").await["file_id"].is_string());
    assert_eq!(ask("F115:empty").await["data"], json!({}));
    assert_eq!(ask("F117:evil").await["data"]["endpoint"], "evil.example");
    assert_eq!(ask("F114").await["data"]["code"], "RateLimited");
    let old = peer.post(
        "/api/v1/files/getstsToken",
        json!({"filename": "a", "filesize": 1, "filetype": "file"}),
    );
    assert!(old.await["file_id"].is_string());
    let models =
        peer.request(Method::GET, "/api/models").header("x-local-fault", "F123").send().await;
    let models: Value = models.expect("a response").json().await.expect("JSON");
    assert!(models["data"][0]["info"]["meta"]["capabilities"].get("vision").is_none());
}
