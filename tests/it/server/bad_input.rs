//! Invalid requests to every route return a failure in the envelope and send nothing upstream.

use serde_json::{Value, json};

use super::world::{Served, api};
use crate::support::upstream::Upstream;

/// Routes that take a JSON object, each with a valid one.
fn bodies() -> [(&'static str, &'static str, Value); 5] {
    [
        ("POST", "/api/chats", json!({})),
        ("PATCH", "/api/chats/c1", json!({"title": "T"})),
        ("POST", "/api/chat/send", json!({"chat_id": "c1", "message": "m"})),
        ("POST", "/api/chat/quick", json!({"message": "m"})),
        ("POST", "/api/chat/temporary", json!({"message": "m"})),
    ]
}

async fn send(
    served: &Served,
    method: &str,
    path: &str,
    kind: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> super::world::Answer {
    let method = method.parse().expect("a method");
    let mut request = served.http.request(method, served.url(path)).body(body);
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    served.ask(request).await
}

#[tokio::test]
async fn names_of_upstream_routes_are_refused_as_chat_ids() {
    const ROUTES: [&str; 8] =
        ["new", "delete", "batch_delete", "pinned", "archived", "search", "import", "all"];
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let json = Some("application/json");
    for name in ROUTES {
        let path = format!("/api/chats/{name}");
        let stop = format!("{path}/stop");
        let member = json!({"chat_id": name, "message": "m"}).to_string();
        for (method, path, kind, body) in [
            ("GET", path.as_str(), None, String::new()),
            ("DELETE", &path, None, String::new()),
            ("PATCH", &path, json, r#"{"title":"X"}"#.to_owned()),
            ("POST", &stop, json, "{}".to_owned()),
            ("POST", "/api/chat/send", json, member),
        ] {
            let answer = send(&served, method, path, kind, body).await;
            answer.failure(400, "invalid_request");
        }
    }
    // There `new` is the documented word for a new chat.
    for name in &ROUTES[1..] {
        let messages = json!([{"role": "user", "content": "m"}]);
        let body = json!({"model": "m", "messages": messages, "metadata": {"chat_id": name}});
        let answer = send(&served, "POST", "/v1/chat/completions", json, body.to_string()).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.text.contains("is not a chat id"), "{answer:?}");
    }
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test]
async fn body_must_be_a_json_object() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_member = format!("{{\"message\":{deep}}}");
    for (method, path, _) in bodies() {
        for body in [
            &b""[..],
            b"{",
            b"null",
            b"[]",
            b"\"text\"",
            b"message=hello",
            b"{\"message\":\"\xff\xfe\"}",
            b"{\"message\":\"a\nb\"}",
            b"{\"message\":\"a\"} trailing",
            deep.as_bytes(),
            deep_member.as_bytes(),
        ] {
            let answer = send(&served, method, path, Some("application/json"), body.to_vec()).await;
            answer.failure(400, "invalid_request");
        }
    }
}

#[tokio::test]
async fn body_must_be_declared_as_json() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for (method, path, body) in bodies() {
        for kind in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("application/jsonx"),
        ] {
            let answer = send(&served, method, path, kind, body.to_string()).await;
            answer.failure(415, "invalid_request");
        }
    }
    let form = send(&served, "POST", "/api/token/refresh", Some("text/plain"), "x").await;
    form.failure(415, "invalid_request");
    let undeclared = send(&served, "POST", "/api/token/refresh", None, "x").await;
    undeclared.failure(415, "invalid_request");
}

#[tokio::test]
async fn body_that_is_too_long_is_refused() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let long = json!({"message": "x".repeat(2 << 20)}).to_string();
    for (method, path, _) in bodies() {
        let answer = send(&served, method, path, Some("application/json"), long.clone()).await;
        let body = answer.failure(413, "invalid_request");
        assert!(body["error"].as_str().is_some_and(|text| text.contains("1048576")), "{body}");
    }
}

#[tokio::test]
async fn error_names_the_invalid_member() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for (path, change, named) in [
        ("/api/chat/send", json!({"message": null}), "`message`"),
        ("/api/chat/send", json!({"message": ""}), "`message`"),
        ("/api/chat/send", json!({"message": 7}), "`message`"),
        ("/api/chat/send", json!({"message": ["a"]}), "`message`"),
        ("/api/chat/send", json!({"message": " \n\t"}), "message"),
        ("/api/chat/send", json!({"chat_id": null}), "`chat_id`"),
        ("/api/chat/send", json!({"chat_id": ""}), "`chat_id`"),
        ("/api/chat/send", json!({"chat_id": {}}), "`chat_id`"),
        ("/api/chat/send", json!({"chat_id": "../a"}), "chat id"),
        ("/api/chat/send", json!({"chat_id": "a/b"}), "chat id"),
        ("/api/chat/send", json!({"chat_id": "a\r\nX: y"}), "chat id"),
        ("/api/chat/send", json!({"chat_id": " "}), "chat id"),
        ("/api/chat/send", json!({"chat_id": "x".repeat(200)}), "chat id"),
        ("/api/chat/send", json!({"stream": "yes"}), "`stream`"),
        ("/api/chat/send", json!({"model": 1}), "`model`"),
        ("/api/chat/send", json!({"system_prompt": false}), "`system_prompt`"),
        ("/api/chat/send", json!({"thinking_enabled": 1}), "`thinking_enabled`"),
        ("/api/chat/send", json!({"search_enabled": "on"}), "`search_enabled`"),
        ("/api/chat/send", json!({"parent_id": []}), "`parent_id`"),
        ("/api/chat/quick", json!({"message": {}}), "`message`"),
        ("/api/chat/temporary", json!({"history": {}}), "`history`"),
        ("/api/chats", json!({"title": 1}), "`title`"),
        ("/api/chats", json!({"title": "a\u{1b}[0m"}), "title"),
        ("/api/chats", json!({"model": true}), "`model`"),
    ] {
        let (_, _, mut body) =
            bodies().into_iter().find(|(_, known, _)| *known == path).expect("a route");
        for (name, value) in change.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let answer = served.post(path, body).await.failure(400, "invalid_request");
        assert!(answer["error"].as_str().is_some_and(|text| text.contains(named)), "{answer}");
    }
}

#[tokio::test]
async fn invalid_chat_ids_are_refused() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for id in ["..%2fa", "a%2Fb", "%00", "a%0d%0aX:%20y", "%20", "%ff", "a%5Cb", "%2F"] {
        let path = format!("/api/chats/{id}");
        for method in ["GET", "DELETE"] {
            send(&served, method, &path, None, "").await.failure(400, "invalid_request");
        }
        let body = r#"{"title":"T"}"#;
        let renamed = send(&served, "PATCH", &path, Some("application/json"), body).await;
        renamed.failure(400, "invalid_request");
    }
}

#[tokio::test]
async fn invalid_pages_are_refused() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for query in [
        "page=0",
        "page=-1",
        "page=x",
        "page=",
        "page=1.5",
        "page=99999999999999999999",
        "all=maybe",
        "page=x&all=true",
        "page=1%0d%0a",
        "page=4294967295",
    ] {
        served.get(&format!("/api/chats?{query}")).await.failure(400, "invalid_request");
    }
}

#[tokio::test]
async fn unsupported_methods_return_405_with_allow() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let known = |path: &str, method: &str| {
        api().any(|endpoint| endpoint.path == path && endpoint.method == method)
    };
    for endpoint in api() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "BREW", "TRACE"] {
            if known(endpoint.path, method) {
                continue;
            }
            for slash in ["", "/"] {
                let path = endpoint.path.replace("{id}", "c1") + slash;
                let answer = send(&served, method, &path, None, "").await;
                answer.failure(405, "invalid_request");
                let allowed: Vec<_> = answer.header("allow").split(", ").collect();
                assert!(allowed.contains(&endpoint.method) && allowed.contains(&"OPTIONS"));
                assert_eq!(allowed.contains(&"HEAD"), known(endpoint.path, "GET"));
            }
        }
    }
}

#[tokio::test]
async fn unknown_paths_return_404() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for path in [
        "/api",
        "/api/",
        "/api/chat",
        "/api/chats/a/b",
        "/api//chats",
        "/API/chats",
        "/health/x",
        "/api/chats//",
        "/../health",
        "/%2e%2e/x",
        "/healthz",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let line =
                format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            let answer = served.raw_whole(line).await;
            assert!(answer.starts_with("HTTP/1.1 404 "), "{method} {path}: {answer}");
            assert!(answer.contains("\"code\":\"not_found\""), "{answer}");
        }
    }
}

#[tokio::test]
async fn safe_request_ids_are_kept() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let long = "x".repeat(128);
    for (sent, kept) in [
        ("abc-1._X", true),
        (long.as_str(), true),
        ("", false),
        ("a b", false),
        ("a\"b", false),
        ("ümlaut", false),
        (&format!("{long}x"), false),
    ] {
        let request = served.http.get(served.url("/nope")).header("x-request-id", sent);
        let answer = served.ask(request).await;
        answer.failure(404, "not_found");
        assert_eq!(answer.header("x-request-id") == sent, kept, "{sent}");
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn page_is_read_only_and_has_no_other_files() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for path in ["/assets/", "/assets/0/style.css", "/assets/style.css", "/assets/0/../style.css"] {
        send(&served, "GET", path, None, "").await.failure(404, "not_found");
    }
    send(&served, "POST", "/", None, "").await.failure(405, "invalid_request");
    let head = send(&served, "HEAD", "/", None, "").await;
    assert_eq!((head.status, head.header("content-type")), (200, "text/html; charset=utf-8"));
}

/// A body in each content coding that the server accepts.
async fn coded(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    use async_compression::tokio::write::{
        BrotliEncoder, DeflateEncoder, GzipEncoder, ZlibEncoder, ZstdEncoder,
    };
    use tokio::io::AsyncWriteExt as _;
    macro_rules! encoded {
        ($encoder:ident) => {{
            let mut encoder = $encoder::new(Vec::new());
            encoder.write_all(text.as_bytes()).await.expect("bytes");
            encoder.shutdown().await.expect("bytes");
            encoder.into_inner()
        }};
    }
    vec![
        ("gzip", encoded!(GzipEncoder)),
        ("X-GZIP", encoded!(GzipEncoder)),
        ("deflate", encoded!(ZlibEncoder)),
        ("deflate", encoded!(DeflateEncoder)),
        ("br", encoded!(BrotliEncoder)),
        ("zstd", encoded!(ZstdEncoder)),
        ("identity", text.as_bytes().to_vec()),
    ]
}

#[tokio::test]
async fn encoded_bodies_are_decoded_within_the_limit() {
    let (served, _local) = Served::local(|_| {}).await;
    let post = |coding: &str, kind: &str, body: Vec<u8>| {
        let request = served.http.post(served.url("/v1/responses")).body(body);
        served.ask(request.header("content-type", kind).header("content-encoding", coding))
    };
    for (coding, body) in coded(r#"{"input":"xin chào"}"#).await {
        let answer = post(coding, "application/json", body).await;
        assert!(answer.status == 200 && answer.text.contains("xin chào"), "{coding} {answer:?}");
    }
    for (coding, mut body) in coded(r#"{"input":"hi"}"#).await {
        body.extend_from_slice(b"junk");
        let answer = post(coding, "application/json", body).await;
        assert_eq!(answer.status, 400, "{coding} {answer:?}");
    }
    let bomb = json!({"input": " ".repeat(3 << 20)}).to_string();
    for (coding, body) in coded(&bomb).await {
        let answer = post(coding, "application/json", body).await;
        assert_eq!(answer.status, 413, "{coding} {answer:?}");
    }
    for (coding, status) in [("gzip", 400), ("compress", 415), ("gzip, br, zstd", 415)] {
        let answer = post(coding, "application/json", b"{}".to_vec()).await;
        assert_eq!(answer.status, status, "{coding} {answer:?}");
        let accepted = if status == 415 { "gzip, deflate, br, zstd" } else { "" };
        assert_eq!(answer.header("accept-encoding"), accepted);
    }
    for (charset, body, status) in [
        ("iso-8859-1", &b"{\"input\":\"\xe9t\xe9\"}"[..], 200),
        ("\"UTF-8\"", "{\"input\":\"été\"}".as_bytes(), 200),
        ("utf-16le", b"{\0\"\0i\0n\0p\0u\0t\0\"\0:\0\"\0\xe9\0t\0\xe9\0\"\0}\0", 200),
        ("us-ascii", b"{\"input\":\"\xe9t\xe9\"}", 400),
        ("made-up", b"{}", 415),
    ] {
        let kind = format!("application/json; charset={charset}");
        let answer = post("identity", &kind, body.to_vec()).await;
        assert_eq!(answer.status, status, "{charset} {answer:?}");
        assert_eq!(answer.text.contains("été"), status == 200, "{charset} {answer:?}");
    }
}

#[tokio::test]
async fn halves_of_characters_and_a_byte_order_mark_are_accepted() {
    let (served, _local) = Served::local(|_| {}).await;
    for body in [
        r#"{"input":"half \ud83d"}"#,
        r#"{"input":"\ude00 half "}"#,
        "\u{feff}{\"input\":\"half \u{fffd}\"}",
    ] {
        let answer = send(&served, "POST", "/v1/responses", Some("application/json"), body).await;
        assert!(answer.status == 200 && answer.text.contains('\u{fffd}'), "{body} {answer:?}");
    }
    for body in [
        "{\"input\":\"half \\ud83d\",}",
        "{\"input\":\"half \\ud83d\ta\"}",
        "{\"input\":\"half \\ud83d\",\"top_p\":NaN}",
        "{\"input\":\"half \\ud83d\"} x",
    ] {
        let body = body.replace("\\t", "\t");
        let answer =
            send(&served, "POST", "/v1/responses", Some("application/json"), body.clone()).await;
        assert!(answer.status == 400 && answer.text.contains("not JSON"), "{body} {answer:?}");
    }
}

#[tokio::test]
async fn a_long_method_is_cut_in_the_answer_and_in_the_log() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let method = "M".repeat(5000);
    let request =
        format!("{method} /api/chats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let answer = served.raw_whole(request).await;
    assert!(answer.starts_with("HTTP/1.1 405 ") && !answer.contains(&"M".repeat(100)), "{answer}");
    assert!(!served.log.lines().concat().contains(&"M".repeat(100)));
}
