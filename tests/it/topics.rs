//! The topics of `qwenctl help`: what the command and the manual pages print, and whether the topics
//! name everything that the program has.

use std::collections::BTreeSet;

use qwenctl::cli::args::tree;
use qwenctl::cli::{LOG_FIELDS, TOPICS, Topic};
use qwenctl::domain::{ErrorKind, Scope};
use qwenctl::settings::SETTINGS;
use serde_json::{Value, json};

use crate::support::cmd::Home;
use crate::support::http::client;

fn text(name: &str) -> String {
    Topic::named(name).expect("a topic").text(&tree())
}

#[test]
fn help_prints_a_topic_as_text_and_as_json() {
    let home = Home::new();
    for topic in TOPICS {
        let text = topic.text(&tree());
        home.run(&["help", topic.name]).stdout(&text).check();
        for arguments in [["--json", "help", topic.name], ["help", topic.name, "--json"]] {
            let run = home.triple(&arguments);
            let document: Value = serde_json::from_str(&run.stdout).expect("one document");
            assert_eq!(document, json!({"success": true, "data": {"text": text}}));
            assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        }
    }
}

#[test]
fn help_without_a_topic_is_the_help_of_a_command() {
    let home = Home::new();
    for (arguments, same) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "chats"], &["chats", "--help"]),
        (&["help", "chats", "list"], &["chats", "list", "--help"]),
        (&["chats", "help", "list"], &["chats", "list", "--help"]),
    ] {
        assert_eq!(home.triple(arguments), home.triple(same), "{arguments:?}");
    }
}

#[test]
fn a_misspelt_topic_gets_a_suggestion() {
    let home = Home::new();
    for (word, tip) in [("setings", "'settings'"), ("metric", "'metrics'"), ("chts", "'chats'")] {
        let run = home.triple(&["help", word]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{word}");
        assert!(run.stderr.contains(tip), "{}", run.stderr);
        let run = home.triple(&["help", word, "--json"]);
        let document: Value = serde_json::from_str(&run.stdout).expect("one document");
        assert_eq!((run.status, &document["code"]), (2, &json!("invalid_request")));
        assert!(document["hint"].as_str().is_some_and(|hint| hint.contains(tip)), "{document}");
    }
}

#[test]
fn the_help_of_the_program_names_every_topic() {
    let home = Home::new();
    for flag in ["-h", "--help"] {
        let help = home.triple(&[flag]).stdout;
        let (_, topics) = help.split_once("opics").expect("topics");
        for topic in TOPICS {
            assert!(topics.contains(topic.name), "{flag}: {}", topic.name);
        }
    }
}

#[test]
fn every_topic_is_a_manual_page() {
    let home = Home::new();
    assert_eq!(home.triple(&["man", "--all", "."]).status, 0);
    for topic in TOPICS {
        let page = std::fs::read_to_string(home.path().join(format!("qwenctl-{}.7", topic.name)));
        assert_eq!(page.expect("a page"), topic.man(&tree()));
    }
}

#[test]
fn settings_name_every_key_variable_flag_and_default() {
    let text = text("settings");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for spec in SETTINGS {
        let names = [spec.key(), Some(spec.variable), spec.flag];
        for name in names.into_iter().flatten() {
            assert!(words.contains(name), "{name}");
        }
        assert!(words.contains(&format!("{} ", spec.doc)), "{}", spec.doc);
        assert!(words.contains(&format!("default: {}", spec.default)), "{}", spec.default);
    }
}

#[test]
fn errors_name_every_code_with_its_numbers() {
    let text = text("errors");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for kind in ErrorKind::ALL {
        let numbers = format!("exit code {}, HTTP {}", kind.exit_code(), kind.http_status());
        let line = text.lines().find(|line| line.trim_start().starts_with(kind.code()));
        assert!(line.is_some_and(|line| line.contains(&numbers)), "{kind:?}");
        assert!(words.contains(kind.when()), "{kind:?}");
    }
}

#[test]
fn openai_names_every_parameter_with_what_becomes_of_it() {
    let text = text("openai");
    for (route, params) in qwenctl::server::parameters() {
        let (_, section) = text.split_once(&format!("POST {route}\n\n")).expect(route);
        let section = section.split("POST /").next().unwrap_or_default();
        for param in params.iter().copied().flatten() {
            let (_, group) =
                section.split_once(&format!("  {}:\n", param.fate.word())).expect(route);
            let group = group.split("\n\n  ").next().unwrap_or_default();
            let row = group.lines().find(|line| line.split_whitespace().next() == Some(param.name));
            assert!(row.is_some(), "{route} {}: {group}", param.name);
        }
    }
}

#[test]
fn rest_names_every_route() {
    let text = text("rest");
    for route in qwenctl::server::endpoints() {
        let path = route.path.replace("{id}", "ID");
        let row = format!("{:<7}{path}", route.method);
        assert!(text.contains(&row), "{row}");
    }
}

#[test]
fn limits_name_every_flag_that_bounds_something_and_every_scope() {
    let text = text("limits");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let tree = tree();
    let serve = tree.find_subcommand("serve").expect("serve");
    let mut flags = 0;
    for flag in serve.get_arguments().filter(|flag| !flag.is_global_set()) {
        let Some(default) = flag.get_default_values().first() else { continue };
        if matches!(flag.get_help_heading(), Some("Network" | "Logging")) {
            continue;
        }
        let default = default.to_str().expect("UTF-8");
        let help = flag.get_help().expect("help").to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = flag.get_long().expect("a flag");
        let (_, entry) = words.split_once(&format!("--{name} {help}")).expect(name);
        assert!(entry.split(" --").next().is_some_and(|entry| entry.contains(default)), "{name}");
        flags += 1;
    }
    assert!(flags >= 8, "only {flags} flags have a default");
    for scope in Scope::ALL {
        assert!(words.contains(&format!("{scope} {}", scope.about())), "{scope}");
    }
}

/// Does a few requests against `serve --local`; the metrics after them, and the log.
async fn metrics_and_log() -> (String, Vec<Value>) {
    let home = Home::new();
    let arguments = ["serve", "--local", "--port", "0", "--json", "-v", "--log-bodies"];
    let mut run = home.start(&[&arguments[..], &["--log-format", "json"]].concat());
    let line: Value = serde_json::from_str(&run.line()).expect("JSON");
    let url = line["url"].as_str().expect("an address").to_owned();
    let client = client().build().expect("a client");
    for message in ["Hello", "[[fault:F33]] used up"] {
        let body = json!({ "message": message });
        let answer = client.post(format!("{url}/api/chat/quick")).json(&body).send().await;
        answer.expect("an answer").text().await.expect("a text");
    }
    client.get(format!("{url}/api/models")).send().await.expect("an answer");
    let metrics = client.get(format!("{url}/metrics")).send().await.expect("an answer");
    let metrics = metrics.text().await.expect("a text");
    run.signal("TERM");
    let log = run.end().stderr;
    (metrics, log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn log_and_metrics_name_what_a_server_reports() {
    let (metrics, log) = metrics_and_log().await;

    let known: BTreeSet<&str> = LOG_FIELDS.iter().map(|(name, _)| *name).collect();
    // Nothing happens here that the operator has to read.
    let note = ["message"];
    let found: BTreeSet<&str> = log
        .iter()
        .filter_map(Value::as_object)
        .flatten()
        .map(|(name, _)| name.as_str())
        .chain(note)
        .collect();
    assert_eq!(found, known);
    let (text_of_log, text_of_metrics) = (text("log"), text("metrics"));
    assert!(known.iter().all(|name| text_of_log.contains(&format!("  {name} "))));

    let known = qwenctl::server::describe_metrics();
    for metric in &known {
        let entry = format!("  {}\n", metric.name);
        assert!(text_of_metrics.contains(&entry), "{entry}");
        for label in &metric.labels {
            assert!(text_of_metrics.contains(&format!("\n  {label} ")), "{label}");
        }
    }
    let mut samples = 0;
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let (name, labels) = line.split_once('{').unwrap_or((line, ""));
        let name = name.split(' ').next().unwrap_or_default();
        let labels = labels.split("\",").filter_map(|label| label.split_once('='));
        let labels: Vec<&str> = labels.map(|(name, _)| name).filter(|name| *name != "le").collect();
        let short = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end));
        let metric = known.iter().find(|metric| metric.name == short.unwrap_or(name));
        assert!(metric.is_some_and(|metric| metric.labels == labels), "{line}");
        samples += 1;
    }
    assert!(samples > 50, "{metrics}");
}
