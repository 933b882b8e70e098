//! `serve --print-unit` and the container files, held against what systemd and Docker read.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::cmd::Home;

fn printed(flags: &[&str]) -> String {
    let end = Home::new().triple(&[&["serve"], flags].concat());
    assert_eq!((end.status, end.stderr.as_str()), (0, ""), "{flags:?}");
    assert!(!end.stdout.contains("@FLAGS@") && !end.stdout.contains("@STOP@"), "{}", end.stdout);
    end.stdout
}

/// The settings of a unit by section and name; each may be given several times.
fn parse(unit: &str) -> BTreeMap<(String, String), Vec<String>> {
    let mut section = String::new();
    let mut settings: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let lines = unit.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
            continue;
        }
        let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("no setting: {line}"));
        assert!(!section.is_empty(), "{line} stands outside of a section");
        settings.entry((section.clone(), name.to_owned())).or_default().push(value.to_owned());
    }
    settings
}

#[test]
fn the_service_is_hardened_and_starts_this_server() {
    let unit = printed(&[
        "--print-unit",
        "--port",
        "8443",
        "--drain",
        "40s",
        "--allow-host",
        "chat.example",
        "--tls-cert",
        "/etc/pki/100%.pem",
        "--tls-key",
        "/etc/pki/key.pem",
    ]);
    let settings = parse(&unit);
    let service = |name: &str| {
        let values = settings.get(&("Service".to_owned(), name.to_owned()));
        values.unwrap_or_else(|| panic!("no {name}: {unit}")).join(" ")
    };
    for (name, value) in [
        ("Type", "notify"),
        ("DynamicUser", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("TimeoutStopSec", "55s"),
        (
            "LoadCredential",
            "certificate:/etc/pki/100%%.pem key:/etc/pki/key.pem token:/etc/qwenctl/token",
        ),
        (
            "ExecStart",
            "/usr/local/bin/qwenctl serve --no-input --host 127.0.0.1 --port 8443 \
             --drain 40s --allow-host chat.example --tls-cert %d/certificate \
             --tls-key %d/key --token-file %d/token",
        ),
    ] {
        assert_eq!(service(name), value, "{name}");
    }
    assert!(service("ExecReload").contains("-HUP"));
    // The flags are ones that this program knows.
    let start = service("ExecStart").replace("%d", "/run/credentials");
    let words = start.split_whitespace().skip(1);
    let known =
        qwenctl::cli::args::tree().try_get_matches_from(["qwenctl"].into_iter().chain(words));
    assert!(known.is_ok(), "{known:?}");
}

#[test]
fn a_server_without_its_own_token_gets_no_credential() {
    for flags in [&["--no-server-token"][..], &["--local"]] {
        let unit = printed(&[flags, &["--print-unit", "systemd"]].concat());
        assert!(!unit.contains("LoadCredential=") && !unit.contains("--token-file"), "{unit}");
        assert!(unit.contains(flags[0]), "{unit}");
    }
}

#[test]
fn the_socket_listens_where_the_server_would() {
    let socket = printed(&["--print-unit", "socket", "--host", "::1", "--port", "5002"]);
    let settings = parse(&socket);
    let address = &settings[&("Socket".to_owned(), "ListenStream".to_owned())];
    assert_eq!(address, &["[::1]:5002"]);
}

#[test]
fn safety_flags_are_kept_in_the_service() {
    let unit = printed(&[
        "--require-key",
        "--rate-limit",
        "100 per day",
        "--rate-limit",
        "10 per minute",
        "--trust-proxy",
        "--drain",
        "40s",
        "--print-unit",
    ]);
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command");
    assert!(start.contains(" --require-key"), "{start}");
    assert!(
        start.contains(" --rate-limit \"100 per day\" --rate-limit \"10 per minute\""),
        "{start}"
    );
    assert!(start.contains(" --trust-proxy=loopback") && start.contains(" --drain 40s"), "{start}");
}

/// A value that `argument` accepts.
fn sample(argument: &clap::Arg) -> String {
    use clap::ValueHint;
    let named = argument.get_possible_values().first().map(|value| value.get_name().to_owned());
    let id = argument.get_id().as_str();
    named.unwrap_or_else(|| match (id, argument.get_value_hint()) {
        (_, ValueHint::FilePath) => "some/file".to_owned(),
        (_, ValueHint::Url) => "http://127.0.0.1:9".to_owned(),
        ("model_alias", _) => "a=b".to_owned(),
        ("rate_limit" | "rate_limit_send", _) => "7 per hour".to_owned(),
        ("trust_proxy", _) => "10.0.0.1".to_owned(),
        ("fault", _) => "F66".to_owned(),
        ("tools", _) => "off".to_owned(),
        _ => "77".to_owned(),
    })
}

#[test]
fn every_flag_of_serve_is_kept_in_the_service() {
    let mut tree = qwenctl::cli::args::tree();
    tree.build();
    let serve = tree.find_subcommand("serve").expect("serve");
    // They concern the output of this command, or stand in every unit.
    let left_out = ["output", "json", "color", "no-input", "print-unit", "help", "version"];
    let mut seen = 0;
    for argument in serve.get_arguments() {
        let name = argument.get_long().expect("a flag");
        if left_out.contains(&name) || argument.is_hide_set() {
            continue;
        }
        let mut flags = vec![format!("--{name}")];
        if argument.get_action().takes_values() {
            flags[0] = format!("--{name}={}", sample(argument));
        }
        flags.extend(match name {
            "tls-cert" => Some("--tls-key=k".to_owned()),
            "tls-key" => Some("--tls-cert=c".to_owned()),
            "engine-model" | "engine-context" => Some("--engine=ollama".to_owned()),
            "chunking" | "fault" => Some("--local".to_owned()),
            _ => None,
        });
        flags.push("--print-unit".to_owned());
        let unit = printed(&flags.iter().map(String::as_str).collect::<Vec<_>>());
        let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a line");
        let kept = start.split([' ', '=']).filter(|word| *word == format!("--{name}")).count();
        assert_eq!(kept, 1, "--{name} is missing: {start}");
        assert!(!start.contains("some/file") || start.contains("/some/file"), "{start}");
        seen += 1;
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn a_service_may_write_its_log_and_listen_on_a_low_port() {
    let unit =
        printed(&["--log-file", "/var/log/qwenctl/serve.log", "--port", "80", "--print-unit"]);
    for line in [
        "LogsDirectory=qwenctl",
        "AmbientCapabilities=CAP_NET_BIND_SERVICE",
        "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
    ] {
        assert!(unit.lines().any(|known| known == line), "{line}: {unit}");
    }
    let unit = printed(&["--log-file", "/srv/logs/serve.log", "--print-unit"]);
    assert!(unit.contains("\nReadWritePaths=/srv/logs\n"), "{unit}");
    assert!(!unit.contains("CAP_NET_BIND_SERVICE"), "{unit}");
    assert!(!unit.contains("@LOG@") && !unit.contains("@CAPABILITIES@"), "{unit}");
    let end = Home::new().triple(&["serve", "--log-file", "/var/log/x.log", "--print-unit"]);
    assert_eq!(end.status, 2, "{end:?}");
}

#[test]
fn no_secret_gets_into_a_unit() {
    let secret = ["hun", "ter2"].concat();
    let proxy = format!("http://u:{secret}@proxy:8080");
    let end = Home::new().triple(&["serve", "--proxy", &proxy, "--print-unit"]);
    assert_eq!((end.status, end.stdout.as_str()), (2, ""));
    assert!(end.stderr.contains("`--proxy`") && !end.stderr.contains(&secret), "{}", end.stderr);
    let from_stdin = Home::new().triple(&["serve", "--token-file", "-", "--print-unit"]);
    assert_eq!((from_stdin.status, from_stdin.stdout.as_str()), (2, ""));
    let mut home = Home::new();
    home.set("QWEN_TOKEN", &secret);
    assert!(!home.triple(&["serve", "--print-unit"]).stdout.contains(&secret));
}

#[test]
fn placeholders_in_values_are_not_replaced() {
    let flags = ["--allow-host", "@CREDENTIALS@", "--allow-host", "@STOP@"];
    let files = ["--tls-cert", "/etc/@FLAGS@.pem", "--tls-key", "/etc/@STOP@.pem"];
    let end = Home::new().triple(&[&["serve", "--print-unit"][..], &flags, &files].concat());
    assert_eq!((end.status, end.stderr.as_str()), (0, ""));
    let settings = parse(&end.stdout);
    let service = |name: &str| &settings[&("Service".to_owned(), name.to_owned())];
    let start = &service("ExecStart")[0];
    assert!(start.contains(" --allow-host @CREDENTIALS@ --allow-host @STOP@ "), "{start}");
    assert_eq!(
        service("LoadCredential")[..2],
        ["certificate:/etc/@FLAGS@.pem", "key:/etc/@STOP@.pem"]
    );
}

#[test]
fn the_container_unit_is_refused_with_its_replacement() {
    let end = Home::new().triple(&["serve", "--print-unit", "container"]);
    assert_eq!((end.status, end.stdout.as_str()), (2, ""));
    assert!(end.stderr.contains("tests/release/Containerfile"), "{}", end.stderr);
    assert!(end.stderr.contains("source repository"), "{}", end.stderr);
    let help = Home::new().triple(&["serve", "--help"]).stdout;
    assert!(!help.contains("container"), "{help}");
}

/// A file under `tests/release/`.
fn packaged(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/release").join(name);
    std::fs::read_to_string(path).expect("a file")
}

/// The rest of the line of a Containerfile that begins so.
fn instruction<'a>(text: &'a str, begin: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(begin));
    line.unwrap_or_else(|| panic!("no {begin}: {text}")).trim()
}

#[test]
fn the_container_starts_this_server_without_a_server_token() {
    let (text, compose) = (packaged("Containerfile"), packaged("compose.yaml"));
    assert!(text.contains("\nEXPOSE 5001\n") && compose.contains("127.0.0.1:5001:5001"));
    let words = |begin: &str| -> Vec<String> {
        serde_json::from_str(instruction(&text, begin)).expect("a list of words")
    };
    let command = [words("ENTRYPOINT "), words("CMD ")].concat();
    assert!(command.contains(&"--no-server-token".to_owned()), "{command:?}");
    let known = qwenctl::cli::args::tree().try_get_matches_from(&command);
    assert!(known.is_ok(), "{known:?}");
    // The program is the one of the first stage, and its user the one of the second stage.
    assert_eq!(command[0], env!("CARGO_PKG_NAME"));
    let copied = instruction(&text, "COPY --from=build ");
    assert_eq!(copied, format!("/src/target/release/{0} /usr/local/bin/{0}", command[0]));
    let user = instruction(&text, "USER ");
    assert!(text.contains(&format!("--uid {user} ")) && compose.contains(&format!("uid={user},")));
    let home = instruction(&text, "ENV HOME=");
    assert!(text.contains(&format!("--home-dir {home} ")));
    assert!(compose.contains(&format!("\"{home}:uid=")), "a comma ends an unquoted item");
}

#[test]
fn the_health_check_of_the_container_succeeds_only_while_the_server_runs() {
    let home = Home::new();
    let run = home.start(&["serve", "--no-server-token", "--no-input", "--port", "0", "--json"]);
    let mut run = run;
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    let address = line["address"].as_str().expect("an address");
    let (_, port) = address.rsplit_once(':').expect("a port");
    let text = packaged("Containerfile");
    let check = instruction(&text, "HEALTHCHECK ");
    let (_, command) = check.split_once(" CMD ").expect("a command");
    let command = &command.replace("/5001 ", &format!("/{port} "));
    let healthy = || home.shell(command).status().expect("a shell").success();
    assert!(healthy(), "{command}");
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
    assert!(!healthy(), "{command}");
}

#[test]
fn values_that_a_unit_cannot_hold_are_refused() {
    for bad in [&["--host", "a b"][..], &["--allow-host", "x\ny"], &["--model", "$(id)"]] {
        let end = Home::new().triple(&[&["serve", "--print-unit"], bad].concat());
        assert_eq!((end.status, end.stdout.as_str()), (2, ""), "{bad:?}");
    }
}

#[test]
#[ignore = "needs systemd-analyze: .ci/run installs it and runs it"]
fn systemd_accepts_the_units() {
    let home = Home::new();
    // It looks whether the program of `ExecStart` is there.
    let program = crate::support::cmd::binary();
    let service = printed(&["--print-unit", "systemd", "--no-server-token"])
        .replace("/usr/local/bin/qwenctl", program.to_str().expect("UTF-8"));
    std::fs::write(home.path().join("qwenctl.service"), service).expect("a file");
    let socket = printed(&["--print-unit", "socket"]);
    std::fs::write(home.path().join("qwenctl.socket"), socket).expect("a file");
    let check = home.shell("systemd-analyze verify --man=no ./qwenctl.service ./qwenctl.socket");
    let output = { check }.output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}
