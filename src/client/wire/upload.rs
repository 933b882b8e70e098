//! Uploads: credentials for the bucket, the state of parsing, and the entry of a prompt (protocol 10).

use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::lenient::{Object, Owned};
use crate::domain::{FileKind, UploadedFile};
use crate::net::address;

/// The answer of `getstsToken`, bare or in an envelope.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireCredentials {
    data: Object<Box<WireCredentials>>,
    access_key_id: Owned,
    access_key_secret: Owned,
    security_token: Owned,
    bucketname: Owned,
    region: Owned,
    endpoint: Owned,
    file_path: Owned,
    file_id: Owned,
    file_url: Owned,
}

/// What allows one upload. Its secrets are for the signature only, so there is no `Debug`.
pub(crate) struct UploadCredentials {
    pub key_id: String,
    pub secret: String,
    pub token: String,
    pub bucket: String,
    pub region: String,
    /// The host of the bucket, in one of several forms.
    endpoint: Option<String>,
    /// The key of the file in the bucket.
    pub key: String,
    pub file_id: String,
    pub file_url: String,
}

impl WireCredentials {
    /// The credentials, if they are complete.
    pub(crate) fn complete(self) -> Option<UploadCredentials> {
        let Self { data, .. } = self;
        let inner = match data.0 {
            Some(data) => *data,
            None => Self { data: Object(None), ..self },
        };
        let bucket = inner.bucketname.non_empty()?;
        let path = inner.file_path.non_empty()?;
        let key = path.trim_start_matches('/');
        let key = key.strip_prefix(&format!("{bucket}/")).unwrap_or(key).to_owned();
        Some(UploadCredentials {
            key_id: inner.access_key_id.non_empty()?,
            secret: inner.access_key_secret.non_empty()?,
            token: inner.security_token.non_empty()?,
            region: inner.region.non_empty()?,
            endpoint: inner.endpoint.non_empty(),
            file_id: inner.file_id.non_empty()?,
            file_url: inner.file_url.non_empty().unwrap_or_default(),
            key,
            bucket,
        })
    }
}

impl UploadCredentials {
    /// The address that `path` (bucket and key, encoded) is uploaded to: a host of the object store, by
    /// HTTPS. An upstream on this machine may name itself; the user's own one (`is_own`) nothing else.
    ///
    /// # Errors
    /// The host, if it is another.
    pub(crate) fn url(&self, path: &str, api: &Url, is_own: bool) -> Result<Url, String> {
        let given = self.endpoint.as_deref().unwrap_or_default().trim().trim_end_matches('/');
        let (scheme, host) = given.split_once("://").unwrap_or(("", given));
        let host = host.strip_prefix(&format!("{}.", self.bucket)).unwrap_or(host);
        if address::is_local(api) {
            let here = api.origin().ascii_serialization();
            let is_here = here.split_once("://").is_some_and(|(_, authority)| authority == host);
            if is_here || host.is_empty() {
                return Url::parse(&format!("{here}{path}")).map_err(|_| here);
            }
        }
        let host =
            if host.is_empty() { format!("{}.aliyuncs.com", self.region) } else { host.to_owned() };
        let whole = format!("{}.{host}", self.bucket);
        let is_plain = |text: &str| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
        };
        let is_allowed = !is_own
            && matches!(scheme, "" | "https")
            && is_plain(&whole)
            && !self.bucket.contains('.')
            && whole.to_ascii_lowercase().ends_with(".aliyuncs.com");
        let key = path.split_once(&format!("/{}/", self.bucket)).map_or("", |(_, key)| key);
        let url = is_allowed.then(|| Url::parse(&format!("https://{whole}/{key}")).ok()).flatten();
        url.ok_or(host)
    }
}

/// The state of parsing a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parsing {
    /// It goes on, or has no row yet.
    Running,
    /// It is over.
    Done,
    /// It failed, with the reason if there is one.
    Failed(Option<String>),
}

/// The state of the file `id` in an answer of `parse/status`: rows in a list, or in a map by id.
pub(crate) fn parsing(data: &Value, id: &str) -> Parsing {
    let row = match data {
        Value::Array(rows) => rows.iter().find(|row| row["file_id"] == id),
        data => data.get(id),
    };
    let Some(row) = row else { return Parsing::Running };
    let status = row["status"].as_str().or(row.as_str()).unwrap_or_default();
    match status.to_ascii_lowercase().as_str() {
        "success" | "completed" | "done" => Parsing::Done,
        "failed" | "error" => {
            let reason = ["error_msg", "error_code"].iter().filter_map(|name| row[*name].as_str());
            Parsing::Failed(reason.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned))
        }
        _ => Parsing::Running,
    }
}

/// The value of `filetype` and `type` for a kind.
pub(crate) fn file_type(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Image => "image",
        FileKind::Document => "file",
        FileKind::Audio => "audio",
        FileKind::Video => "video",
    }
}

/// The entry of a file in a prompt, with all members of the page: one with fewer has given an empty answer
/// (protocol 10.4).
pub(crate) fn entry(file: &UploadedFile) -> Value {
    let millis = file.uploaded_at.saturating_mul(1000);
    let kind = file_type(file.kind);
    let class = match file.kind {
        FileKind::Image => "vision",
        FileKind::Document if file.is_pasted => "default",
        FileKind::Document => "document",
        FileKind::Audio => "audio",
        FileKind::Video => "video",
    };
    let UploadedFile { id, url, owner, name, media_type, size, .. } = file;
    let mut meta = json!({"name": name, "size": size, "content_type": media_type});
    if file.kind == FileKind::Document {
        meta["parse_meta"] = json!({"parse_status": "success"});
    }
    let mut entry = json!({
        "type": kind,
        "file": {
            "created_at": millis, "data": {}, "filename": name, "hash": null, "id": id,
            "user_id": owner, "meta": meta, "update_at": millis,
        },
        "id": id, "url": url, "name": name, "collection_name": "", "progress": 0,
        "status": "uploaded", "greenNet": "success", "size": size, "error": "",
        "itemId": Uuid::new_v4().to_string(), "file_type": media_type, "showType": kind,
        "file_class": class, "uploadTaskId": Uuid::new_v4().to_string(),
    });
    if file.is_pasted {
        entry["context"] = json!("full");
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(endpoint: &Value, path: &str) -> UploadCredentials {
        let json = json!({"access_key_id": "a", "access_key_secret": "b", "security_token": "c",
            "bucketname": "qwen-webui-prod", "region": "oss-ap-southeast-1", "endpoint": endpoint,
            "file_path": path, "file_id": "F1", "file_url": "https://x"});
        let wire: WireCredentials = serde_json::from_value(json).expect("credentials");
        wire.complete().expect("complete")
    }

    #[test]
    fn endpoints_in_every_form_name_one_address() {
        let api = Url::parse("https://chat.qwen.ai/api").expect("a URL");
        let path = "/qwen-webui-prod/USER/F1_a.png";
        let accelerated = "https://qwen-webui-prod.oss-accelerate.aliyuncs.com/USER/F1_a.png";
        for (endpoint, expected) in [
            (json!("oss-accelerate.aliyuncs.com"), accelerated),
            (json!("https://oss-accelerate.aliyuncs.com/"), accelerated),
            (json!("qwen-webui-prod.oss-accelerate.aliyuncs.com"), accelerated),
            (Value::Null, "https://qwen-webui-prod.oss-ap-southeast-1.aliyuncs.com/USER/F1_a.png"),
        ] {
            let url = credentials(&endpoint, "USER/F1_a.png").url(path, &api, false);
            assert_eq!(url.expect("an address").as_str(), expected);
        }
        assert_eq!(credentials(&Value::Null, "qwen-webui-prod/USER/F1_a.png").key, "USER/F1_a.png");
    }

    #[test]
    fn other_hosts_are_refused() {
        let api = Url::parse("https://chat.qwen.ai/api").expect("a URL");
        let path = "/qwen-webui-prod/k";
        for endpoint in [
            "evil.example",
            "http://oss-accelerate.aliyuncs.com",
            "evil.example/.aliyuncs.com",
            "evil.example#.aliyuncs.com",
            "u@evil.example?.aliyuncs.com",
            "aliyuncs.com.evil.example",
            "oss-accelerate.aliyuncs.com:81",
            "127.0.0.1:5055",
        ] {
            assert!(
                credentials(&json!(endpoint), "k").url(path, &api, false).is_err(),
                "{endpoint}"
            );
        }
        let local = Url::parse("http://127.0.0.1:5055/api").expect("a URL");
        let here = credentials(&json!("127.0.0.1:5055"), "k").url(path, &local, true);
        assert_eq!(here.expect("here").as_str(), "http://127.0.0.1:5055/qwen-webui-prod/k");
        for endpoint in ["127.0.0.1:5056", "oss-accelerate.aliyuncs.com"] {
            assert!(
                credentials(&json!(endpoint), "k").url(path, &local, true).is_err(),
                "{endpoint}"
            );
        }
    }

    #[test]
    fn credentials_come_bare_or_in_an_envelope() {
        let bare = json!({"access_key_id": "a", "access_key_secret": "b", "security_token": "c",
            "bucketname": "d", "region": "e", "file_path": "f", "file_id": "g"});
        for (json, is_complete) in [
            (bare.clone(), true),
            (json!({"success": true, "data": bare}), true),
            (json!({"data": {}}), false),
        ] {
            let wire: WireCredentials = serde_json::from_value(json).expect("an object");
            assert_eq!(wire.complete().is_some(), is_complete);
        }
    }

    #[test]
    fn states_are_read_from_lists_and_maps() {
        for (data, expected) in [
            (json!([{"file_id": "F1", "status": "running"}]), Parsing::Running),
            (json!([{"file_id": "F1", "status": "success"}]), Parsing::Done),
            (json!({"F1": {"status": "success"}}), Parsing::Done),
            (json!([]), Parsing::Running),
            (Value::Null, Parsing::Running),
            (json!([{"file_id": "F2", "status": "success"}]), Parsing::Running),
            (
                json!([{"file_id": "F1", "status": "failed", "error_msg": "unsupported"}]),
                Parsing::Failed(Some("unsupported".to_owned())),
            ),
        ] {
            assert_eq!(parsing(&data, "F1"), expected, "{data}");
        }
    }

    #[test]
    fn an_entry_has_the_members_of_the_page() {
        let file = UploadedFile {
            id: "F1".to_owned(),
            url: "https://x/a?k".to_owned(),
            owner: "USER".to_owned(),
            name: "a.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            size: 3,
            kind: FileKind::Document,
            is_pasted: true,
            uploaded_at: 1_790_000_000,
            is_reused: false,
        };
        let entry = entry(&file);
        assert_eq!((&entry["type"], &entry["file_class"]), (&json!("file"), &json!("default")));
        assert_eq!(
            (&entry["context"], &entry["file"]["user_id"]),
            (&json!("full"), &json!("USER"))
        );
        assert_eq!(entry["file"]["meta"]["parse_meta"]["parse_status"], "success");
        assert_eq!(entry["file"]["created_at"], 1_790_000_000_000_i64);
    }
}
