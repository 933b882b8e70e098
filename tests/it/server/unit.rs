//! `serve --print-unit`: what systemd and a container need, held against what they read.

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
             --tls-cert %d/certificate --tls-key %d/key --token-file %d/token \
             --allow-host chat.example",
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
fn a_server_without_a_token_of_its_own_gets_no_credential() {
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
fn the_container_knows_the_port() {
    let text = printed(&["--print-unit", "container", "--port", "8080"]);
    assert!(text.contains("\nEXPOSE 8080\n") && text.contains("127.0.0.1:8080:8080"), "{text}");
    let json = printed(&["--print-unit", "container", "--port", "8080", "--json"]);
    let document: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(document["data"]["kind"], "container");
    assert_eq!(document["data"]["text"], text);
}

/// The line of a Containerfile that begins so.
fn instruction<'a>(text: &'a str, begin: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(begin));
    line.unwrap_or_else(|| panic!("no {begin}: {text}")).trim()
}

#[test]
fn the_container_starts_this_server_without_a_token_of_its_own() {
    let text = printed(&["--print-unit", "container", "--port", "8080"]);
    let words = |begin: &str| -> Vec<String> {
        serde_json::from_str(instruction(&text, begin)).expect("a list of words")
    };
    let command = [words("ENTRYPOINT "), words("CMD ")].concat();
    assert!(command.contains(&"--no-server-token".to_owned()), "{command:?}");
    let known = qwenctl::cli::args::tree().try_get_matches_from(&command);
    assert!(known.is_ok(), "{known:?}");
    // It is the program that the first stage has built, run by the user that the second one makes.
    assert_eq!(command[0], env!("CARGO_PKG_NAME"));
    let copied = instruction(&text, "COPY --from=build ");
    assert_eq!(copied, format!("/src/target/release/{0} /usr/local/bin/{0}", command[0]));
    let user = instruction(&text, "USER ");
    assert!(text.contains(&format!("--uid {user} ")) && text.contains(&format!("uid={user},")));
    let home = instruction(&text, "ENV HOME=");
    assert!(text.contains(&format!("--home-dir {home} ")));
    assert!(text.contains(&format!("\"{home}:uid=")), "a comma ends an unquoted item: {text}");
}

#[test]
fn the_health_check_of_the_container_tells_a_server_from_none() {
    let home = Home::new();
    let run = home.start(&["serve", "--no-server-token", "--no-input", "--port", "0", "--json"]);
    let mut run = run;
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    let address = line["address"].as_str().expect("an address");
    let (_, port) = address.rsplit_once(':').expect("a port");
    let text = printed(&["--print-unit", "container", "--port", port]);
    let check = instruction(&text, "HEALTHCHECK ");
    let (_, command) = check.split_once(" CMD ").expect("a command");
    let healthy = || home.shell(command).status().expect("a shell").success();
    assert!(healthy(), "{command}");
    run.signal("TERM");
    assert_eq!(run.end().status, 0);
    assert!(!healthy(), "{command}");
}

#[test]
fn what_cannot_stand_in_a_unit_is_refused() {
    for bad in [&["--host", "a b"][..], &["--allow-host", "x\ny"], &["--model", "$(id)"]] {
        let end = Home::new().triple(&[&["serve", "--print-unit"], bad].concat());
        assert_eq!((end.status, end.stdout.as_str()), (2, ""), "{bad:?}");
    }
}

#[test]
#[ignore = "needs systemd-analyze: .ci/run installs it and runs it"]
fn systemd_finds_nothing_wrong_with_the_units() {
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
