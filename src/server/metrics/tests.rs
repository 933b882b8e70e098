use super::*;
use crate::app::CallEnding;

fn finished(code: Option<&'static str>, asked_upstream: bool) -> Finished<'static> {
    Finished {
        method: "GET",
        route: "/api/chats/{id}",
        status: 200,
        code,
        bytes: 7,
        took: Duration::from_millis(3),
        asked_upstream,
    }
}

#[test]
fn what_happened_can_be_read_in_both_formats() {
    let metrics = Metrics::default();
    metrics.began();
    metrics.began();
    metrics.finished(&finished(None, true));
    metrics.began();
    metrics.finished(&finished(Some("rate_limited"), false));
    metrics.called(&CallReport {
        method: "GET",
        path: "v2/chats/{id}".to_owned(),
        status: Some(200),
        ending: CallEnding::Answered,
        took: Duration::from_millis(2),
    });
    metrics.cache_asked("models", "hit");
    metrics.refresh(Some(1_800_000_000), 3);
    let (kind, text) = metrics.text("");
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    for line in [
        "# TYPE qwenctl_http_requests_total counter",
        r#"qwenctl_http_requests_total{route="/api/chats/{id}",method="GET",status="200",code="ok"} 1"#,
        "qwenctl_http_requests_in_flight 1",
        "qwenctl_http_response_bytes_total 14",
        r#"qwenctl_upstream_calls_total{path="v2/chats/{id}",method="GET",result="ok"} 1"#,
        r#"qwenctl_rate_limited_total{by="server"} 1"#,
        r#"qwenctl_cache_requests_total{cache="models",result="hit"} 1"#,
        "qwenctl_log_lines_lost_total 3",
        "qwenctl_token_expiry_timestamp_seconds 1800000000",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    let (kind, open) = metrics.text("application/openmetrics-text;version=1.0.0");
    assert!(kind.starts_with("application/openmetrics-text"));
    assert!(open.ends_with("# EOF\n") && open.contains("# TYPE qwenctl_http_requests counter"));
}

#[test]
fn every_family_has_a_name_with_a_unit_or_a_plain_count_and_help() {
    let (_, text) = Metrics::default().text("");
    let types: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    assert!(types.len() >= 18, "{text}");
    for family in types {
        let (name, kind) = family.split_once(' ').expect("a name and a type");
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
        assert!(kind != "histogram" || name.ends_with("_seconds"), "{name}");
    }
}
