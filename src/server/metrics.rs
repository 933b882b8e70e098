//! The metrics of the server, for `GET /metrics`.
//!
//! What this module keeps true: the metrics are values of one registry, not global; every label has a
//! bounded set of values (route templates, methods, statuses, error codes, paths of upstream calls
//! without ids, models that have answered); nothing here identifies a client or a prompt.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::app::CallReport;
use crate::domain::time::now;
use crate::domain::{ErrorKind, Reply, ReplyEvent};

/// Upper bounds of the buckets of durations, in seconds: answers of models take minutes.
const SECONDS: [f64; 14] =
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0];
/// Models with a label of their own; more than the upstream offers.
const MAX_MODELS: usize = 48;
/// The longest name of a model as a label.
const MAX_MODEL_NAME: usize = 64;

/// Labels with fixed names and values.
type Labels<const N: usize> = [(&'static str, &'static str); N];
type Durations<L> = Family<L, Histogram, fn() -> Histogram>;

/// Declares the metrics: field, type, name, unit and help.
macro_rules! metrics {
    ($($field:ident: $kind:ty = $new:expr, $name:literal, $unit:expr, $help:literal;)*) => {
        /// The metrics of one server.
        pub(super) struct Metrics {
            registry: Registry,
            models: Models,
            $($field: $kind,)*
        }

        impl Default for Metrics {
            fn default() -> Self {
                let mut registry = Registry::default();
                let ours = registry.sub_registry_with_prefix("qwenctl");
                let build: Family<Labels<1>, Gauge> = Family::default();
                build.get_or_create(&[("version", env!("CARGO_PKG_VERSION"))]).set(1);
                ours.register("build_info", "The running version; always 1", build);
                $(
                    let $field: $kind = $new;
                    match $unit {
                        None => ours.register($name, $help, $field.clone()),
                        Some(unit) => ours.register_with_unit($name, $help, unit, $field.clone()),
                    }
                )*
                Self { registry, models: Models::default(), $($field,)* }
            }
        }
    };
}

const SECOND: Option<Unit> = Some(Unit::Seconds);

metrics! {
    requests: Family<Request, Counter> = Family::default(), "http_requests", None,
        "Completed requests; status 499 is a client that disconnected";
    request_seconds: Durations<Labels<2>> = by_label(), "http_request_duration", SECOND,
        "Time from the head of a request to the last byte of its response";
    response_bytes: Counter = Counter::default(), "http_response", Some(Unit::Bytes),
        "Bytes of responses that were sent";
    in_flight: Gauge = Gauge::default(), "http_requests_in_flight", None, "Running requests";
    upstream_calls: Family<Upstream, Counter> = Family::default(), "upstream_calls", None,
        "Upstream calls by result: ok, an error code, or abandoned";
    upstream_seconds: Durations<UpstreamPath> = by_label(), "upstream_call_duration", SECOND,
        "Time until the upstream responds, or until the first chunk of its stream";
    queue_seconds: Histogram = durations(), "queue_wait", SECOND,
        "How long prompts waited for earlier ones in the same chat";
    rate_limited: Family<Labels<1>, Counter> = Family::default(), "rate_limited", None,
        "Requests past a rate limit of this server or of the upstream";
    browser_checks: Counter = Counter::default(), "browser_checks", None,
        "Requests that failed because the upstream requires a browser check";
    cache: Family<Labels<2>, Counter> = Family::default(), "cache_requests", None,
        "Cache look-ups by result";
    token_expiry: Gauge = Gauge::default(), "token_expiry_timestamp", SECOND,
        "When the server's own access token expires, since 1970; 0 if there is none";
    token_left: Gauge = Gauge::default(), "token_left", SECOND,
        "How long the server's own access token is still valid; negative if it has expired";
    token_state: Family<Labels<1>, Gauge> = Family::default(), "token_state", None,
        "1 for the state of the server's own token: valid, refreshable, expired or none";
    log_lines_lost: Counter = Counter::default(), "log_lines_lost", None,
        "Lines of the log that could not be written in time";
    streams_active: Gauge = Gauge::default(), "streams_active", None, "Answers in progress";
    streams_lost: Family<Labels<1>, Counter> = Family::default(), "streams_lost", None,
        "Incomplete answers: the client disconnected, or the upstream failed";
    first_token: Durations<Model> = by_label(), "time_to_first_token", SECOND,
        "From a prompt to the first word of its answer or of its thinking";
    tokens: Family<Tokens, Counter> = Family::default(), "tokens", None,
        "Tokens that models read and wrote, as the upstream counts them";
    tool_repairs: Family<Labels<1>, Counter> = Family::default(), "tool_repairs", None,
        "Calls of tools that were read although the model wrote them wrongly, by repair";
}

/// A completed request.
pub(super) struct Finished<'a> {
    /// The method as sent.
    pub method: &'a str,
    /// The template of its route.
    pub route: &'static str,
    /// Its status; 499 if the client disconnected.
    pub status: u16,
    /// The error code, if it failed.
    pub code: Option<&'static str>,
    /// Bytes of the body that were sent.
    pub bytes: u64,
    /// From its head to the last byte of its response.
    pub took: Duration,
    /// Whether it called the upstream.
    pub asked_upstream: bool,
}

/// Durations by label.
fn by_label<L>() -> Durations<L>
where
    L: Clone + Debug + Hash + Eq + EncodeLabelSet + Send + Sync + 'static,
{
    Durations::new_with_constructor(durations as fn() -> Histogram)
}

fn durations() -> Histogram {
    Histogram::new(SECONDS)
}

impl Metrics {
    /// Updates the metrics that are kept elsewhere: state and expiry of the server's own token, and the lost
    /// lines of the log.
    pub(super) fn refresh(
        &self,
        (state, expires_at): (&'static str, Option<i64>),
        log_lines_lost: u64,
    ) {
        self.token_expiry.set(expires_at.unwrap_or(0));
        self.token_left.set(expires_at.map_or(0, |at| at.saturating_sub(now())));
        for known in ["valid", "refreshable", "expired", "none"] {
            self.token_state.get_or_create(&[("state", known)]).set(i64::from(known == state));
        }
        let known = self.log_lines_lost.get();
        self.log_lines_lost.inc_by(log_lines_lost.saturating_sub(known));
    }

    /// Counts a new request.
    pub(super) fn began(&self) {
        self.in_flight.inc();
    }

    /// Counts a completed request.
    pub(super) fn finished(&self, request: &Finished<'_>) {
        self.in_flight.dec();
        let &Finished { route, status, code, .. } = request;
        let method = method(request.method);
        self.requests
            .get_or_create(&Request { route, method, status, code: code.unwrap_or("ok") })
            .inc();
        self.request_seconds
            .get_or_create(&[("route", route), ("method", method)])
            .observe(request.took.as_secs_f64());
        self.response_bytes.inc_by(request.bytes);
        if code == Some(ErrorKind::RateLimited.code()) {
            let by = if request.asked_upstream { "upstream" } else { "server" };
            self.rate_limited.get_or_create(&[("by", by)]).inc();
        }
        if code == Some(ErrorKind::BrowserCheck.code()) {
            self.browser_checks.inc();
        }
    }

    /// Counts a completed upstream call.
    pub(super) fn called(&self, report: &CallReport) {
        let (path, method) = (report.path.clone(), report.method);
        let result = report.ending.word();
        self.upstream_calls.get_or_create(&Upstream { path: path.clone(), method, result }).inc();
        self.upstream_seconds
            .get_or_create(&UpstreamPath { path, method })
            .observe(report.took.as_secs_f64());
    }

    /// Records how long a prompt waited for its turn.
    pub(super) fn waited(&self, time: Duration) {
        self.queue_seconds.observe(time.as_secs_f64());
    }

    /// Counts a cache look-up; `result` is `hit`, `miss` or `coalesced`.
    pub(super) fn cache_asked(&self, cache: &'static str, result: &'static str) {
        self.cache.get_or_create(&[("cache", cache), ("result", result)]).inc();
    }

    /// Counts a repair of a call.
    pub(super) fn repaired(&self, repair: &'static str) {
        self.tool_repairs.get_or_create(&[("repair", repair)]).inc();
    }

    /// The content type and text of all metrics, in the format for this `Accept`.
    pub(super) fn text(&self, accept: &str) -> (&'static str, String) {
        let mut open = String::new();
        // Writing to a `String` does not fail.
        let _ = encode(&mut open, &self.registry);
        if accept.contains("application/openmetrics-text") {
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", open)
        } else {
            ("text/plain; version=0.0.4; charset=utf-8", classic(&open))
        }
    }
}

/// Converts `OpenMetrics` to the older text format, which `promtool check metrics` needs. It differs in the
/// comments: counters are named with their `_total`, and there are no units and no end mark.
fn classic(open: &str) -> String {
    let mut text = String::with_capacity(open.len());
    let mut help = None;
    for line in open.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("HELP"), Some(name), Some(words)) => help = Some((name, words)),
            (Some("#"), Some("TYPE"), Some(name), Some(kind)) => {
                let total = if kind == "counter" { "_total" } else { "" };
                if let Some((_, words)) = help.take().filter(|(of, _)| *of == name) {
                    push(&mut text, &["# HELP ", name, total, " ", words]);
                }
                push(&mut text, &["# TYPE ", name, total, " ", kind]);
            }
            (Some("#"), ..) => {}
            _ => push(&mut text, &[line]),
        }
    }
    text
}

fn push(text: &mut String, parts: &[&str]) {
    text.extend(parts.iter().copied());
    text.push('\n');
}

/// Why an answer is incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The client disconnected.
    Caller,
    /// The upstream failed.
    Upstream,
}

/// Measures one answer. Dropped before its end, it counts as lost by its client.
pub(crate) struct AnswerMeter {
    metrics: Arc<Metrics>,
    asked_at: Instant,
    has_begun: bool,
    is_over: bool,
}

impl AnswerMeter {
    /// Measures the answer to a prompt that was sent at `asked_at`.
    pub(crate) fn new(metrics: Arc<Metrics>, asked_at: Instant) -> Self {
        metrics.streams_active.inc();
        Self { metrics, asked_at, has_begun: false, is_over: false }
    }

    /// Records an event of the answer of `model`.
    pub(crate) fn note(&mut self, step: &ReplyEvent, model: &str) {
        if !self.has_begun && matches!(step, ReplyEvent::Delta(_) | ReplyEvent::Thinking(_)) {
            self.has_begun = true;
            let model = self.metrics.models.label(model);
            let first = self.metrics.first_token.get_or_create(&Model { model });
            first.observe(self.asked_at.elapsed().as_secs_f64());
        }
    }

    /// Records the complete answer.
    pub(crate) fn done(&mut self, reply: &Reply) {
        self.end();
        let Some(usage) = reply.usage else { return };
        let model = self.metrics.models.label(&reply.model);
        let tokens = &self.metrics.tokens;
        for (direction, count) in [("input", usage.input_tokens), ("output", usage.output_tokens)] {
            tokens.get_or_create(&Tokens { model: model.clone(), direction }).inc_by(count);
        }
    }

    /// Records that the answer remains incomplete.
    pub(crate) fn lost(&mut self, loss: Loss) {
        if !self.is_over {
            let reason = match loss {
                Loss::Caller => "caller_gone",
                Loss::Upstream => "upstream_failure",
            };
            self.metrics.streams_lost.get_or_create(&[("reason", reason)]).inc();
        }
        self.end();
    }

    fn end(&mut self) {
        if !std::mem::replace(&mut self.is_over, true) {
            self.metrics.streams_active.dec();
        }
    }
}

impl Drop for AnswerMeter {
    fn drop(&mut self) {
        self.lost(Loss::Caller);
    }
}

/// A completed request.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    route: &'static str,
    method: &'static str,
    status: u16,
    code: &'static str,
}

/// A completed upstream call. The number of paths is that of the calls in the client.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Upstream {
    path: String,
    method: &'static str,
    result: &'static str,
}

/// The path of an upstream call.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct UpstreamPath {
    path: String,
    method: &'static str,
}

/// The model of an answer.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Model {
    model: String,
}

/// Tokens that a model read or wrote.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Tokens {
    model: String,
    direction: &'static str,
}

/// The method as a label; clients may send any other.
fn method(name: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == name).unwrap_or("other")
}

/// The models that have answered. The name in a request is no label before that.
#[derive(Default)]
struct Models(Mutex<BTreeSet<String>>);

impl Models {
    /// The label of a model that has just answered.
    fn label(&self, model: &str) -> String {
        let mut known = self.0.lock();
        let is_new = !known.contains(model);
        if is_new && (known.len() >= MAX_MODELS || model.len() > MAX_MODEL_NAME) {
            return "other".to_owned();
        }
        if is_new {
            known.insert(model.to_owned());
        }
        model.to_owned()
    }
}

/// A metric, for the help.
#[derive(Debug)]
pub struct MetricInfo {
    /// Its name in `GET /metrics`.
    pub name: String,
    /// Its meaning.
    pub about: String,
    /// Its labels, in order.
    pub labels: Vec<String>,
}

/// Every metric, read from a registry with one sample of each family.
pub fn describe() -> Vec<MetricInfo> {
    let metrics = Metrics::default();
    let (route, method, path, model) = ("", "", String::new(), String::new());
    drop(metrics.requests.get_or_create(&Request { route, method, status: 0, code: "" }));
    drop(metrics.request_seconds.get_or_create(&[("route", route), ("method", method)]));
    drop(metrics.upstream_calls.get_or_create(&Upstream {
        path: path.clone(),
        method,
        result: "",
    }));
    drop(metrics.upstream_seconds.get_or_create(&UpstreamPath { path, method }));
    drop(metrics.rate_limited.get_or_create(&[("by", "")]));
    drop(metrics.cache.get_or_create(&[("cache", ""), ("result", "")]));
    drop(metrics.token_state.get_or_create(&[("state", "")]));
    drop(metrics.streams_lost.get_or_create(&[("reason", "")]));
    drop(metrics.first_token.get_or_create(&Model { model: model.clone() }));
    drop(metrics.tokens.get_or_create(&Tokens { model, direction: "" }));
    let (_, text) = metrics.text("");
    let mut infos: Vec<MetricInfo> = Vec::new();
    for line in text.lines() {
        if let Some((name, about)) =
            line.strip_prefix("# HELP ").and_then(|line| line.split_once(' '))
        {
            let (name, about) = (name.to_owned(), about.trim_end_matches('.').to_owned());
            infos.push(MetricInfo { name, about, labels: Vec::new() });
        } else if let (Some(info), Some((_, labels))) = (infos.last_mut(), line.split_once('{')) {
            let names = labels.split(',').filter_map(|label| label.split_once('='));
            let names = names.map(|(name, _)| name).filter(|name| *name != "le");
            info.labels = names.map(str::to_owned).collect();
        }
    }
    infos
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::CallEnding;
    use crate::domain::Usage;

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

    /// The metrics of a server that has done something of every kind.
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
        metrics.refresh(("valid", Some(1_800_000_000)), 3);
        let mut meter = AnswerMeter::new(Arc::clone(&metrics), Instant::now());
        meter.note(&ReplyEvent::Delta("x".to_owned()), "m");
        let mut reply = Reply::empty("c1".parse().expect("an id"), "m");
        reply.usage = Some(Usage { input_tokens: 2, output_tokens: 5, ..Usage::default() });
        meter.done(&reply);
        drop(meter);
        drop(AnswerMeter::new(Arc::clone(&metrics), Instant::now()));
        Arc::into_inner(metrics).expect("the only reference")
    }

    #[test]
    fn both_formats_hold_all_metrics() {
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
            r#"qwenctl_token_state{state="valid"} 1"#,
            r#"qwenctl_token_state{state="expired"} 0"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        let (kind, open) = metrics.text("application/openmetrics-text;version=1.0.0");
        assert!(kind.starts_with("application/openmetrics-text"));
        assert!(open.ends_with("# EOF\n") && open.contains("# TYPE qwenctl_http_requests counter"));
    }

    #[test]
    fn every_family_has_help_and_a_name_with_its_unit() {
        let (_, text) = busy().text("");
        let types: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
        assert!(types.len() >= 17, "{text}");
        for family in types {
            let (name, kind) = family.split_once(' ').expect("a name and a type");
            assert!(text.contains(&format!("# HELP {name} ")), "{name}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
            assert!(kind != "histogram" || name.ends_with("_seconds"), "{name}");
        }
    }

    #[test]
    fn labels_are_bounded() {
        assert_eq!(method("PATCH"), "PATCH");
        assert_eq!(method("BREW"), "other");
        let models = Models::default();
        assert_eq!(models.label(&"x".repeat(65)), "other");
        for number in 0..MAX_MODELS {
            let name = format!("m{number}");
            assert_eq!(models.label(&name), name);
        }
        assert_eq!(models.label("one more"), "other");
        assert_eq!(models.label("m0"), "m0");
    }

    #[test]
    fn the_older_format_differs_in_comments_only() {
        let open = "# HELP a_seconds What it is.\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\n\
                    a_seconds_total{b=\"# c d e\"} 1\n# HELP g G.\n# TYPE g gauge\ng 2\n# EOF\n";
        let expected = "# HELP a_seconds_total What it is.\n# TYPE a_seconds_total counter\n\
                        a_seconds_total{b=\"# c d e\"} 1\n# HELP g G.\n# TYPE g gauge\ng 2\n";
        assert_eq!(classic(open), expected);
    }
}
