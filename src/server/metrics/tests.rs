use std::sync::Arc;
use std::time::Instant;

use super::*;
use crate::app::CallEnding;
use crate::domain::{Reply, ReplyEvent, Usage};

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

/// Numbers of a server that has done something of every kind.
fn busy() -> Metrics {
    let metrics = Arc::new(Metrics::default());
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
    metrics.waited(Duration::ZERO);
    metrics.refresh(Some(1_800_000_000), 3);
    let mut meter = AnswerMeter::new(Arc::clone(&metrics), Instant::now());
    meter.note(&ReplyEvent::Delta("x".to_owned()), "m");
    let mut reply = Reply::empty("c1".parse().expect("an id"), "m");
    reply.usage = Some(Usage { input_tokens: 2, output_tokens: 5, ..Usage::default() });
    meter.done(&reply);
    drop(meter);
    drop(AnswerMeter::new(Arc::clone(&metrics), Instant::now()));
    Arc::into_inner(metrics).expect("nobody else has it")
}

#[test]
fn what_happened_can_be_read_in_both_formats() {
    let metrics = busy();
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
        "qwenctl_streams_active 0",
        r#"qwenctl_streams_lost_total{reason="caller_gone"} 1"#,
        r#"qwenctl_time_to_first_token_seconds_count{model="m"} 1"#,
        r#"qwenctl_tokens_total{model="m",direction="output"} 5"#,
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
    let (_, text) = busy().text("");
    let types: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    assert!(types.len() >= 18, "{text}");
    for family in types {
        let (name, kind) = family.split_once(' ').expect("a name and a type");
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
        assert!(kind != "histogram" || name.ends_with("_seconds"), "{name}");
    }
}
