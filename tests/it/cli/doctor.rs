//! `doctor`: what it finds, what it says to do, and its exit code.

use serde_json::{Value, json};

use super::local;
use crate::support::bodies::{challenge, envelope, gateway_page, unauthorized};
use crate::support::cmd::Home;
use crate::support::response::Response;
use crate::support::tokens::{now, token, token_with};
use crate::support::upstream::Upstream;
use crate::support::world::{AUTHS, REFRESH};

const MODELS: &str = "GET /api/models";
const CONFIG: &str = "GET /api/config";
const STATUS: &str = "GET /api/v2/users/status";

/// The checks by name, of a run that has to end with this code.
struct Findings(Value);

impl Findings {
    #[track_caller]
    fn of(home: &Home, status: i32) -> Self {
        let end = home.triple(&["doctor", "--json"]);
        assert_eq!(end.status, status, "{}{}", end.stdout, end.stderr);
        let document: Value = serde_json::from_str(&end.stdout).expect("JSON");
        assert_eq!(document["success"], status == 0);
        Self(document)
    }

    #[track_caller]
    fn check(&self, name: &str) -> &Value {
        let checks = self.0["data"].as_array().expect("a list");
        let found = checks.iter().find(|check| check["name"] == name);
        found.unwrap_or_else(|| panic!("no {name}: {checks:?}"))
    }

    #[track_caller]
    fn is(&self, name: &str, status: &str, words: &str) {
        let check = self.check(name);
        assert_eq!(check["status"], status, "{check}");
        assert!(check["message"].as_str().is_some_and(|text| text.contains(words)), "{check}");
        if status == "fail" {
            assert!(check["hint"].is_string() && check["code"].is_string(), "{check}");
        }
    }
}

/// The header `Date` says when the upstream was written.
fn answer(date: &str) -> Response {
    Response::new("application/json", "{\"status\":true}").header("Date", date)
}

fn accepted(yes: bool) -> Response {
    envelope(Value::from(yes))
}

fn scripted(config: impl Fn() -> Response + Send + 'static, upstream: &Upstream) -> Home {
    upstream.always(CONFIG, config);
    upstream.always(MODELS, || envelope(Value::from(Vec::<Value>::new())));
    Home::with(upstream)
}

fn today() -> String {
    jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_check_passes_with_a_working_upstream() {
    let (_upstream, home) = local().await;
    let findings = Findings::of(&home, 0);
    for name in ["version", "config", "credentials", "token", "data_dir", "proxy", "ca_file"] {
        assert_eq!(findings.check(name)["status"], "ok", "{}", findings.check(name));
    }
    findings.is("dns", "ok", "is an IP address");
    findings.is("connection", "ok", "answered after");
    findings.is("browser_check", "ok", "not required");
    findings.is("account", "ok", "signed in");
    findings.is("network", "ok", "not refused");
    findings.is("refresh", "ok", "");
    findings.is("carrier", "ok", "as a cookie");
}

#[test]
fn every_check_passes_with_the_local_upstream_and_changes_nothing() {
    let home = Home::new();
    let end = home.triple(&["--local", "doctor"]);
    assert_eq!(end.status, 0, "{}{}", end.stdout, end.stderr);
    assert!(end.stdout.lines().all(|line| line.split('\t').count() == 4), "{}", end.stdout);
    assert!(end.stdout.contains("ok\taccount\tsigned in\t\n"), "{}", end.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_has_its_code_and_a_hint() {
    let upstream = Upstream::start().await;
    let home = scripted(challenge, &upstream);
    upstream.always(STATUS, challenge);
    let findings = Findings::of(&home, 9);
    findings.is("browser_check", "fail", "browser check");
    findings.is("connection", "ok", "");
    findings.is("account", "warn", "not checked");
    assert_eq!(findings.0["code"], "browser_check");

    let upstream = Upstream::start().await;
    let home = scripted(|| answer(&today()), &upstream);
    upstream.always(STATUS, unauthorized);
    let findings = Findings::of(&home, 4);
    findings.is("account", "fail", "");
    findings.is("clock", "ok", "in sync with the upstream");

    let upstream = Upstream::start().await;
    let home = scripted(|| answer("Sun, 06 Nov 1994 08:49:37 GMT"), &upstream);
    upstream.always(STATUS, || accepted(true));
    let findings = Findings::of(&home, 0);
    findings.is("clock", "warn", "ahead of the upstream");

    let upstream = Upstream::start().await;
    let home = scripted(|| gateway_page(502), &upstream);
    upstream.always(STATUS, || accepted(true));
    Findings::of(&home, 7).is("connection", "fail", "");

    let upstream = Upstream::start().await;
    let home = scripted(|| gateway_page(502), &upstream);
    upstream.always(STATUS, || gateway_page(502));
    let findings = Findings::of(&home, 7);
    findings.is("connection", "fail", "");
    findings.is("account", "warn", "not checked");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_refreshable_token_is_not_refreshed() {
    let upstream = Upstream::start().await;
    let mut home = scripted(|| answer(&today()), &upstream);
    home.set("QWEN_TOKEN", &token("old", -60));
    home.set("QWEN_REFRESH_TOKEN", "r1");
    let findings = Findings::of(&home, 0);
    findings.is("token", "ok", "will be refreshed");
    findings.is("account", "warn", "not checked");
    assert_eq!((upstream.count(REFRESH), upstream.count(AUTHS)), (0, 0));
}

#[test]
fn an_unreachable_network_is_reported() {
    // No process listens on port 1, and the name does not exist (RFC 6761).
    for (origin, status, dns) in
        [("http://127.0.0.1:1", 7, "ok"), ("http://upstream.invalid", 7, "fail")]
    {
        let mut home = Home::at(origin, &token("cli", 7 * 86_400));
        home.set("QWENCTL_CONNECT_TIMEOUT", "2s");
        let findings = Findings::of(&home, status);
        findings.is("dns", dns, "");
        findings.is("connection", "fail", "");
        findings.is("clock", "warn", "not checked");
        findings.is("account", "warn", "not checked");
        findings.is("token", "ok", "good for");
    }
}

#[test]
fn all_local_problems_are_reported_at_once() {
    let mut home = Home::at("http://127.0.0.1:1", &token("cli", -60));
    let file = home.config_file();
    let directory = file.parent().expect("a directory");
    std::fs::create_dir_all(directory).expect("a directory");
    std::fs::write(&file, "api_url = 1\n").expect("a file");
    std::fs::write(directory.join("credentials.toml"), "").expect("a file");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(directory.join("credentials.toml"), open).expect("a mode");
    home.set("QWENCTL_CA_FILE", "none.pem");
    home.set("QWENCTL_DATA_DIR", "/proc/nothing");
    home.set("HTTPS_PROXY", "http://user:canary@127.0.0.1:1");
    let end = home.triple(&["doctor", "--json"]);
    assert!(!end.stdout.contains("canary"), "{}", end.stdout);
    let findings = Findings::of(&home, 4);
    findings.is("config", "fail", "api_url");
    findings.is("credentials", "fail", "open to other users");
    findings.is("token", "fail", "expired");
    findings.is("data_dir", "fail", "cannot be written");
    findings.is("ca_file", "fail", "none.pem");
    findings.is("proxy", "ok", "HTTPS_PROXY");
    for name in ["config", "credentials", "token", "data_dir", "ca_file"] {
        let failed = findings.0["error"].as_str().expect("an error");
        assert!(failed.contains(name), "{failed}");
    }
}

#[test]
fn the_other_checks_run_without_a_token() {
    let mut home = Home::new();
    home.set("QWEN_API_URL", "http://127.0.0.1:1/api");
    let findings = Findings::of(&home, 7);
    findings.is("token", "fail", "no access token");
    findings.is("account", "warn", "no valid token");
}

#[test]
fn the_proxy_check_names_an_exception_of_the_api() {
    let mut home = Home::new();
    home.set("QWEN_API_URL", "http://127.0.0.1:1/api");
    home.set("HTTP_PROXY", "http://127.0.0.1:9");
    Findings::of(&home, 7).is("proxy", "ok", "using HTTP_PROXY");
    home.set("NO_PROXY", "127.0.0.0/8");
    Findings::of(&home, 7).is("proxy", "ok", "not for the API");
    home.set("QWENCTL_PROXY", "http://127.0.0.1:9");
    Findings::of(&home, 7).is("proxy", "ok", "not for the API");
    home.set("NO_PROXY", "other.example");
    Findings::of(&home, 7).is("proxy", "ok", "except for hosts in NO_PROXY");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_check_is_a_line_of_ndjson() {
    let (_upstream, home) = local().await;
    let run = home.triple(&["doctor", "-o", "ndjson"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let checks: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
    assert!(checks.len() > 5 && checks.iter().all(|check| check["name"].is_string()), "{checks:?}");
}

#[test]
fn a_local_upstream_without_a_writable_home_is_a_finding() {
    let home = Home::new();
    let mut command = home.command(crate::support::cmd::binary(), &["--local", "doctor", "--json"]);
    command.env("QWENCTL_DATA_DIR", "/dev/null/data");
    let end = command.output().expect("an end");
    let document: Value = serde_json::from_slice(&end.stdout).expect("JSON");
    let findings = Findings(document);
    findings.is("version", "ok", "qwenctl");
    findings.is("data_dir", "fail", "cannot be written");
    findings.is("upstream", "fail", "data directory");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kind_age_and_account_of_the_token_are_reported() {
    let upstream = Upstream::start().await;
    let mut home = scripted(|| answer(&today()), &upstream);
    upstream.always(STATUS, || accepted(true));
    let end = now() + 600;
    let claims = json!({"id": "u1", "type": "access_token", "iat": end - 900, "exp": end});
    let short = token_with(&claims, "short");
    home.set("QWEN_TOKEN", "");
    assert_eq!(home.run(&["token", "set"]).stdin(short.clone()).triple().status, 0);
    let findings = Findings::of(&home, 0);
    findings.is("token", "warn", "15-minute access token, 5 minutes old");
    findings.is("token", "warn", "(account default)");
    findings.is("refresh", "warn", "not possible");
    let details = &findings.check("token")["details"];
    assert_eq!((&details["kind"], &details["account"]), (&json!("access"), &json!("default")));
    assert_eq!(details["expires_at"], end);

    let line = format!("token={short}; refresh_token=r1");
    assert_eq!(home.run(&["token", "set"]).stdin(line).triple().status, 0);
    Findings::of(&home, 0).is("refresh", "ok", "possible");

    home.set(
        "QWEN_TOKEN",
        &token_with(&json!({"id": "u1", "iat": now(), "exp": now() + 900_000}), "s"),
    );
    Findings::of(&home, 0).is("token", "warn", "long session token");
    assert_eq!((upstream.count(REFRESH), upstream.count(AUTHS)), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_refresh_token_is_reported_until_the_next_sign_in() {
    let upstream = Upstream::start().await;
    let mut home = scripted(|| answer(&today()), &upstream);
    home.set("QWEN_TOKEN", "");
    upstream.always(STATUS, || accepted(true));
    let line = format!("token={}; refresh_token=r1", token("short", 600));
    assert_eq!(home.run(&["token", "set"]).stdin(line.clone()).triple().status, 0);
    upstream.on(REFRESH, Response::new("application/json", "{}").status(401));
    assert_eq!(home.triple(&["token", "refresh"]).status, 4);
    Findings::of(&home, 0).is("refresh", "warn", "the service refused the refresh token");
    assert_eq!(home.run(&["token", "set"]).stdin(line).triple().status, 0);
    Findings::of(&home, 0).is("refresh", "ok", "possible");
}

#[tokio::test(flavor = "multi_thread")]
async fn f105_refused_network_is_reported_and_leaves_the_token_alone() {
    let upstream = Upstream::start().await;
    let refused = || Response::new("text/html", "<html>405 Not Allowed</html>").status(405);
    let home = scripted(refused, &upstream);
    upstream.always(MODELS, refused);
    upstream.always(STATUS, refused);
    let post = STATUS.replace("GET", "POST");
    upstream.always(&post, refused);
    let findings = Findings::of(&home, 7);
    findings.is("network", "fail", "the service refuses this network");
    findings.is("token", "ok", "good for");
    findings.is("account", "warn", "the token is unaffected");
    findings.is("connection", "ok", "");
    let request = &upstream.requests(MODELS)[0];
    assert_eq!((request.header("cookie"), request.header("authorization")), (None, None));
}
