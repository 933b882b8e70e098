//! `GET /metrics` and the checks of `GET /readyz`.

use serde_json::json;

use super::world::{Served, with_empty_chat};
use crate::support::bodies::{C1, challenge, envelope, json as body, quota};
use crate::support::frames::whole;
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, CHATS, COMPLETIONS};

#[tokio::test]
async fn all_work_is_counted() {
    let upstream = Upstream::start().await;
    with_empty_chat(&upstream);
    upstream.on(CHATS, challenge());
    upstream.on(COMPLETIONS, whole("one"));
    upstream.on(COMPLETIONS, body(quota()));
    let served = Served::new(&upstream).await;
    let members = json!({"chat_id": C1, "message": "m"});
    assert_eq!(served.post("/api/chat/send", members.clone()).await.status, 200);
    assert_eq!(served.post("/api/chat/send", members).await.status, 429);
    assert_eq!(served.get("/api/chats").await.status, 503);
    assert_eq!(served.get("/nothing/here").await.status, 404);

    let answer = served.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for line in [
        r#"qwenctl_http_requests_total{route="/api/chat/send",method="POST",status="200",code="ok"} 1"#,
        r#"qwenctl_http_requests_total{route="(none)",method="GET",status="404",code="not_found"} 1"#,
        r#"qwenctl_http_request_duration_seconds_count{route="/api/chat/send",method="POST"} 2"#,
        r#"qwenctl_upstream_calls_total{path="v2/chats/{id}",method="GET",result="ok"} 2"#,
        r#"qwenctl_upstream_calls_total{path="v2/chat/completions",method="POST",result="rate_limited"} 1"#,
        r#"qwenctl_rate_limited_total{by="upstream"} 1"#,
        "qwenctl_browser_checks_total 1",
        "qwenctl_http_requests_in_flight 1",
        "qwenctl_queue_wait_seconds_count 2",
        "qwenctl_streams_active 0",
    ] {
        assert!(answer.text.lines().any(|found| found == line), "{line}: {}", answer.text);
    }
    assert!(!answer.text.contains(C1) && !answer.text.contains("nothing/here"));
    let open = served.http.get(served.url("/metrics"));
    let open = served.ask(open.header("accept", "application/openmetrics-text")).await;
    assert!(open.text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn only_trusted_clients_see_the_metrics() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("x-forwarded-for", "192.0.2.1"),
        ("host", "evil.example"),
    ] {
        let request = served.http.get(served.url("/metrics")).header(name, value);
        served.ask(request).await.failure(403, "forbidden");
    }
}

#[tokio::test]
async fn readiness_names_its_checks() {
    let upstream = Upstream::start().await;
    upstream.on(CHATS, envelope(json!([])));
    upstream.on(CHATS, challenge());
    upstream.always(CHAT, crate::support::bodies::gone);
    let served = Served::new(&upstream).await;
    let upstream_check = async || {
        let ready = served.get("/readyz").await;
        assert_eq!((ready.status, &ready.json()["checks"]["serving"]["ok"]), (200, &json!(true)));
        ready.json()["checks"]["upstream"].clone()
    };
    let check = |ok: bool, detail: &str| json!({"ok": ok, "required": false, "detail": detail});
    assert_eq!(upstream_check().await, check(true, "not asked yet"));
    served.get("/api/chats").await;
    assert_eq!(upstream_check().await, check(true, "answers"));
    served.get(&format!("/api/chats/{C1}")).await.failure(404, "not_found");
    assert_eq!(upstream_check().await, check(true, "not_found"));
    served.get("/api/chats").await.failure(503, "browser_check");
    assert_eq!(upstream_check().await, check(false, "browser_check"));
}
