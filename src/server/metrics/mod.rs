//! Numbers about the work of the server, for `GET /metrics`.
//!
//! What this module keeps true: the numbers live in a registry value, not in a global; every label
//! has a bounded set of values (route templates, methods, statuses, error codes, paths of upstream
//! calls without ids, models that the upstream has answered with); nothing here tells who asked or
//! what.

mod answers;
mod labels;
mod process;
mod text;

use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use self::answers::Answers;
pub(super) use self::answers::{AnswerMeter, Loss};
use self::labels::{
    Build, CacheUse, Models, Origin, Request, Route, Upstream, UpstreamPath, method,
};
use self::process::Process;
use crate::app::CallReport;
use crate::domain::ErrorKind;

/// Bounds of the buckets of durations, in seconds: answers of models take minutes.
const SECONDS: [f64; 14] =
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0];

/// A histogram of durations.
fn durations() -> Histogram {
    Histogram::new(SECONDS)
}

type Durations<L> = Family<L, Histogram, fn() -> Histogram>;

/// The numbers of one server.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    request_seconds: Durations<Route>,
    response_bytes: Counter,
    in_flight: Gauge,
    upstream_calls: Family<Upstream, Counter>,
    upstream_seconds: Durations<UpstreamPath>,
    queue_seconds: Histogram,
    rate_limited: Family<Origin, Counter>,
    browser_checks: Counter,
    cache: Family<CacheUse, Counter>,
    token_expiry: Gauge,
    log_lines_lost: Counter,
    answers: Answers,
    models: Models,
    process: Process,
}

/// A request, when it is over.
pub(super) struct Finished<'a> {
    /// The method as it came.
    pub method: &'a str,
    /// The template of its route.
    pub route: &'static str,
    /// Its status; 499 if the caller went away.
    pub status: u16,
    /// The error code, if it failed.
    pub code: Option<&'static str>,
    /// Bytes of the body that were handed out.
    pub bytes: u64,
    /// From its head to the last byte of its answer.
    pub took: Duration,
    /// Whether the upstream was asked for it.
    pub asked_upstream: bool,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let process = Process::register(&mut registry);
        let ours = registry.sub_registry_with_prefix("qwenctl");
        let metrics = Self {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(durations),
            response_bytes: Counter::default(),
            in_flight: Gauge::default(),
            upstream_calls: Family::default(),
            upstream_seconds: Family::new_with_constructor(durations),
            queue_seconds: durations(),
            rate_limited: Family::default(),
            browser_checks: Counter::default(),
            cache: Family::default(),
            token_expiry: Gauge::default(),
            log_lines_lost: Counter::default(),
            answers: Answers::register(ours),
            models: Models::default(),
            process,
            registry: Registry::default(),
        };
        metrics.register(ours);
        Self { registry, ..metrics }
    }
}

impl Metrics {
    fn register(&self, ours: &mut Registry) {
        let build = Family::<Build, Gauge>::default();
        build.get_or_create(&Build::default()).set(1);
        ours.register("build_info", "The version that runs; always 1", build);
        ours.register(
            "http_requests",
            "Requests that are over; status 499 is a caller who went away",
            self.requests.clone(),
        );
        ours.register_with_unit(
            "http_request_duration",
            "From the head of a request to the last byte of its answer",
            Unit::Seconds,
            self.request_seconds.clone(),
        );
        ours.register_with_unit(
            "http_response",
            "Bytes of answers that were handed out",
            Unit::Bytes,
            self.response_bytes.clone(),
        );
        ours.register(
            "http_requests_in_flight",
            "Requests that are not over",
            self.in_flight.clone(),
        );
        ours.register(
            "upstream_calls",
            "Calls to the upstream by result: ok, an error code, or abandoned",
            self.upstream_calls.clone(),
        );
        ours.register_with_unit(
            "upstream_call_duration",
            "Until an answer of the upstream, or the first piece of its stream",
            Unit::Seconds,
            self.upstream_seconds.clone(),
        );
        ours.register_with_unit(
            "queue_wait",
            "How long prompts waited for earlier ones of the same chat",
            Unit::Seconds,
            self.queue_seconds.clone(),
        );
        ours.register(
            "rate_limited",
            "Requests refused for their number: by this server, or by the upstream",
            self.rate_limited.clone(),
        );
        ours.register(
            "browser_checks",
            "Requests that ended because the upstream wants a browser check",
            self.browser_checks.clone(),
        );
        ours.register("cache_requests", "Look-ups in the caches by result", self.cache.clone());
        ours.register_with_unit(
            "token_expiry_timestamp",
            "When the server's own access token expires, since 1970; 0 without one",
            Unit::Seconds,
            self.token_expiry.clone(),
        );
        ours.register(
            "log_lines_lost",
            "Lines of the log that could not be written, or that nobody took in time",
            self.log_lines_lost.clone(),
        );
    }

    /// What is not counted here is read just before it is told. `token_expires_at` is about the
    /// server's own token, `log_lines_lost` about the log.
    pub(super) fn refresh(&self, token_expires_at: Option<i64>, log_lines_lost: u64) {
        self.token_expiry.set(token_expires_at.unwrap_or(0));
        let known = self.log_lines_lost.get();
        self.log_lines_lost.inc_by(log_lines_lost.saturating_sub(known));
        self.process.read();
    }

    /// A request has come.
    pub(super) fn began(&self) {
        self.in_flight.inc();
    }

    /// A request is over.
    pub(super) fn finished(&self, request: &Finished<'_>) {
        self.in_flight.dec();
        let &Finished { route, status, code, .. } = request;
        let method = method(request.method);
        self.requests
            .get_or_create(&Request { route, method, status, code: code.unwrap_or("ok") })
            .inc();
        self.request_seconds
            .get_or_create(&Route { route, method })
            .observe(request.took.as_secs_f64());
        self.response_bytes.inc_by(request.bytes);
        if code == Some(ErrorKind::RateLimited.code()) {
            let by = if request.asked_upstream { "upstream" } else { "server" };
            self.rate_limited.get_or_create(&Origin { by }).inc();
        }
        if code == Some(ErrorKind::BrowserCheck.code()) {
            self.browser_checks.inc();
        }
    }

    /// A call to the upstream is over.
    pub(super) fn called(&self, report: &CallReport) {
        let (path, method) = (report.path.clone(), report.method);
        let result = report.ending.word();
        self.upstream_calls.get_or_create(&Upstream { path: path.clone(), method, result }).inc();
        self.upstream_seconds
            .get_or_create(&UpstreamPath { path, method })
            .observe(report.took.as_secs_f64());
    }

    /// A prompt has waited for its turn.
    pub(super) fn waited(&self, time: Duration) {
        self.queue_seconds.observe(time.as_secs_f64());
    }

    /// A cache was asked; `result` is `hit`, `miss` or `coalesced`.
    pub(super) fn cache_asked(&self, cache: &'static str, result: &'static str) {
        self.cache.get_or_create(&CacheUse { cache, result }).inc();
    }

    /// All of it as text, in the format for this `Accept`.
    pub(super) fn text(&self, accept: &str) -> (&'static str, String) {
        let mut open = String::new();
        // Writing to a `String` does not fail.
        let _ = encode(&mut open, &self.registry);
        if accept.contains("application/openmetrics-text") {
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", open)
        } else {
            ("text/plain; version=0.0.4; charset=utf-8", text::classic(&open))
        }
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
    drop(metrics.request_seconds.get_or_create(&Route { route, method }));
    drop(metrics.upstream_calls.get_or_create(&Upstream {
        path: path.clone(),
        method,
        result: "",
    }));
    drop(metrics.upstream_seconds.get_or_create(&UpstreamPath { path, method }));
    drop(metrics.rate_limited.get_or_create(&Origin { by: "" }));
    drop(metrics.cache.get_or_create(&CacheUse { cache: "", result: "" }));
    metrics.answers.sample(model);
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
mod tests;
