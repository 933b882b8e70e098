//! Under a service manager: notifications, passed sockets and reloads.

use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;

use serde_json::Value;

use super::world::PATIENCE;
use crate::support::cmd::{Home, Running};
use crate::support::http::client;
use crate::support::tokens::token;

const SERVE: [&str; 5] = ["serve", "--local", "--port", "0", "--json"];

/// The socket on which a service manager listens.
struct Manager(UnixDatagram);

impl Manager {
    /// Listens, and sets the address for every run of `home`.
    fn new(home: &mut Home) -> Self {
        let path = home.path().join("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        home.set("NOTIFY_SOCKET", path.to_str().expect("UTF-8"));
        Self(socket)
    }

    /// The same with an abstract socket, which has no file.
    #[cfg(target_os = "linux")]
    fn abstract_one(home: &mut Home) -> Self {
        use std::os::linux::net::SocketAddrExt as _;
        let name = format!("qwenctl-test{}", home.path().display());
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).expect("a name");
        let socket = UnixDatagram::bind_addr(&address).expect("a socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        home.set("NOTIFY_SOCKET", &format!("@{name}"));
        Self(socket)
    }

    fn next(&self) -> String {
        let mut bytes = [0; 1024];
        let length = self.0.recv(&mut bytes).expect("a notification");
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    }
}

#[test]
fn the_manager_is_notified_of_start_reload_and_end() {
    let mut home = Home::new();
    let manager = Manager::new(&mut home);
    let mut run = home.start(&SERVE);
    run.line();
    assert_eq!(manager.next(), "READY=1\n");
    run.signal("HUP");
    let reloading = manager.next();
    let since = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").expect("a reload");
    assert!(since.trim_end().parse::<u64>().is_ok_and(|time| time > 0), "{reloading}");
    assert_eq!(manager.next(), "READY=1\n");
    run.signal("TERM");
    assert_eq!(manager.next(), "STOPPING=1\n");
    assert_eq!(run.end().status, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_manager_with_an_abstract_socket_is_notified() {
    let mut home = Home::new();
    let manager = Manager::abstract_one(&mut home);
    let run = home.start(&SERVE);
    assert_eq!(manager.next(), "READY=1\n");
    run.signal("TERM");
    assert_eq!(manager.next(), "STOPPING=1\n");
    assert_eq!(run.end().status, 0);
}

#[test]
fn a_manager_that_cannot_be_notified_is_named() {
    let mut home = Home::new();
    home.set("NOTIFY_SOCKET", "vsock:2:1234");
    let mut run = home.start(&SERVE);
    run.line();
    run.signal("TERM");
    let end = run.end();
    assert_eq!(end.status, 0);
    assert!(end.stderr.contains("NOTIFY_SOCKET is `vsock:2:1234`"), "{}", end.stderr);
}

#[test]
fn the_watchdog_is_notified() {
    let mut home = Home::new();
    let manager = Manager::new(&mut home);
    home.set("WATCHDOG_USEC", "100000");
    let run = home.start(&SERVE);
    assert_eq!(manager.next(), "READY=1\n");
    for _ in 0..3 {
        assert_eq!(manager.next(), "WATCHDOG=1\n");
    }
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
}

/// Starts `line` in a shell; its standard input is `stdin`.
fn start(home: &Home, line: &str, stdin: impl Into<Stdio>) -> Running {
    let mut command = home.shell(line);
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    Running(command.spawn().expect("a shell"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passed_socket_is_used() {
    let home = Home::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // The first descriptor that a service manager passes is 3.
    let line = "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec qwenctl serve --local --json";
    let mut run = start(&home, line, std::os::fd::OwnedFd::from(listener));
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    assert_eq!(line["address"], address.to_string());
    let client = client().build().expect("a client");
    let health = client.get(format!("http://{address}/health")).send().await;
    assert_eq!(health.expect("an answer").status(), 200);
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_written_is_reported_once_and_the_server_works() {
    for (redirection, log) in [("", "--log-file /dev/full"), ("2>&-", ""), ("2>/dev/full", "")] {
        let home = Home::new();
        let line = format!("exec qwenctl serve --local --port 0 --json {log} {redirection}");
        let mut run = start(&home, &line, Stdio::null());
        let announced: Value = serde_json::from_str(&run.line()).expect("JSON");
        let url = format!("{}/health", announced["url"].as_str().expect("a URL"));
        let client = client().build().expect("a client");
        for _ in 0..3 {
            let health = client.get(&url).send().await.expect("an answer");
            assert_eq!(health.status(), 200, "{line}");
        }
        run.signal("TERM");
        let end = run.end();
        assert_eq!(end.status, 0, "{line}: {end:?}");
        let reports = end.stderr.matches("cannot write the log file /dev/full").count();
        assert_eq!(reports, usize::from(redirection.is_empty()), "{line}: {}", end.stderr);
    }
}

#[test]
fn a_passed_socket_that_is_no_listener_is_refused() {
    let home = Home::new();
    let line = "exec 3</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec qwenctl serve --local";
    let end = start(&home, line, Stdio::null()).end();
    assert_eq!(end.status, 2, "{}", end.stderr);
    assert!(end.stderr.contains("socket"), "{}", end.stderr);
}

#[test]
fn sockets_for_another_process_are_ignored() {
    let home = Home::new();
    let line = "exec 3</dev/null; LISTEN_FDS=1 LISTEN_PID=1 \
                exec qwenctl serve --local --port 0 --json";
    let mut run = start(&home, line, Stdio::null());
    assert!(run.line().contains("http://127.0.0.1:"));
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
}

#[test]
fn journal_lines_have_a_priority() {
    let home = Home::new();
    let line = "touch log; exec 2>log; JOURNAL_STREAM=$(stat -c %d:%i log) \
                exec timeout -s INT 30 qwenctl --local chats show no-such-chat-1";
    let end = start(&home, line, Stdio::null()).end();
    let log = std::fs::read_to_string(home.path().join("log")).expect("a log");
    assert_eq!(end.status, 5, "{log}");
    assert!(log.lines().all(|line| line.starts_with("<6>") || line.starts_with("<3>")), "{log}");
    assert!(log.contains("<3>error: "), "{log}");
    let plain = home.shell("JOURNAL_STREAM=1:1 qwenctl --local chats show no-such-chat-1").output();
    let plain = String::from_utf8(plain.expect("a shell").stderr).expect("UTF-8");
    assert!(!plain.contains("<3>"), "redirected since: {plain}");
}

/// Sends SIGHUP and waits for a log line about `part` with `words`.
fn hangup(run: &mut Running, part: &str, words: &str) {
    run.signal("HUP");
    let part = format!(" reload: {part}: ");
    loop {
        let line = run.error_line();
        assert!(!line.is_empty(), "`{words}` does not come");
        if let Some((_, line)) = line.split_once(&part) {
            assert!(line.starts_with(words), "{line}");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_access_token_is_read_on_sighup() {
    let home = Home::new();
    let file = home.path().join("token");
    let in_a_week = token("first", 7 * 86_400);
    std::fs::write(&file, &in_a_week).expect("a file");
    let mut run = home.start(&[
        "serve",
        "--port",
        "0",
        "--json",
        "--token-file",
        "token",
        "--api-url",
        "http://127.0.0.1:9/api",
    ]);
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    let ready = format!("{}/readyz", line["url"].as_str().expect("an address"));
    let client = client().build().expect("a client");
    let state = async || {
        let answer: Value =
            client.get(&ready).send().await.expect("an answer").json().await.expect("JSON");
        answer["server_token"].clone()
    };
    let first = state().await;
    hangup(&mut run, "access token", "unchanged");
    let in_a_month = token("second", 30 * 86_400);
    std::fs::write(&file, in_a_month).expect("a file");
    hangup(&mut run, "access token", "replaced");
    let second = state().await;
    let expires = |state: &Value| state["expires_at"].as_i64().expect("a time");
    assert!(expires(&second) > expires(&first) + 86_400);
    std::fs::write(&file, "nonsense").expect("a file");
    hangup(&mut run, "access token", "not reloaded, keeping the current one");
    assert_eq!(state().await, second);
    run.signal("TERM");
    let end = run.end();
    assert_eq!(end.status, 0);
    let body = in_a_week.split('.').nth(1).expect("a token").to_owned();
    assert!(!end.stderr.contains(&body));
}

#[tokio::test(flavor = "multi_thread")]
async fn new_limits_apply_from_sighup_and_keep_what_was_used() {
    let home = Home::new();
    let file = home.path().join("limits.toml");
    let write = |text: &str| std::fs::write(&file, text).expect("a file");
    write("rate_limit = [\"2 per day\"]");
    let mut run =
        home.start(&["--config", "limits.toml", "serve", "--local", "--port", "0", "--json"]);
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    let chats = format!("{}/api/chats", line["url"].as_str().expect("an address"));
    let client = client().build().expect("a client");
    let statuses = async |count: usize| {
        let mut statuses = Vec::new();
        for _ in 0..count {
            let answer = client.get(&chats).send().await.expect("an answer");
            statuses.push(answer.status().as_u16());
        }
        statuses
    };
    let mut stream = client
        .post(format!("{}/api/chat/quick", line["url"].as_str().expect("an address")))
        .json(&serde_json::json!({"message": "one of the two", "stream": true}))
        .send()
        .await
        .expect("a stream");
    assert_eq!(statuses(2).await, [200, 429]);
    hangup(&mut run, "rate limits", "unchanged");
    write("rate_limit = \"2 per day; 4 per hour\"\nrate_limit_send = [\"1 per minute\"]");
    hangup(&mut run, "rate limits", "2 per day; 4 per hour, for prompts 1 per minute");
    assert_eq!(statuses(1).await, [429], "what was used stays used");
    write("rate_limit = [\"3 per hour\"]");
    hangup(&mut run, "rate limits", "3 per hour, for prompts none");
    assert_eq!(statuses(4).await, [200, 200, 200, 429]);
    write("rate_limit = [\"3 per moon\"]");
    hangup(&mut run, "rate limits", "not reloaded, keeping the current one: `rate_limit` in ");
    assert_eq!(statuses(1).await, [429]);
    write("");
    hangup(&mut run, "rate limits", "none, for prompts none");
    assert_eq!(statuses(3).await, [200, 200, 200]);
    let mut events = String::new();
    while let Some(piece) = stream.chunk().await.expect("the stream continues") {
        events.push_str(&String::from_utf8_lossy(&piece));
    }
    assert!(events.contains("event: done"), "{events}");
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
}

#[test]
fn flags_override_the_limits_of_the_config_file() {
    let home = Home::new();
    std::fs::write(home.path().join("limits.toml"), "rate_limit = [\"2 per day\"]")
        .expect("a file");
    let mut run = home.start(&[
        "--config",
        "limits.toml",
        "serve",
        "--local",
        "--port",
        "0",
        "--json",
        "--rate-limit",
        "9 per day",
    ]);
    run.line();
    std::fs::write(home.path().join("limits.toml"), "rate_limit = [\"3 per day\"]")
        .expect("a file");
    hangup(&mut run, "rate limits", "unchanged");
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
}

#[test]
fn without_a_manager_sighup_reloads_all_the_same() {
    let home = Home::new();
    let mut run = home.start(&SERVE);
    run.line();
    run.signal("HUP");
    run.signal("TERM");
    let end = run.end();
    assert_eq!(end.status, 0, "{}", end.stderr);
}
