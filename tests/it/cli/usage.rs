//! Conventions 1.15 and 1.23: wrong command lines, and help.

use qwenctl::domain::ErrorKind;
use serde_json::Value;

use crate::support::cmd::Home;
use crate::support::filters::assert_run;

#[test]
fn line_15_misspelled_names_get_a_suggestion() {
    let home = Home::new();
    for (arguments, tip) in [
        (&["chts"][..], "'chats'"),
        (&["chats", "lst"], "'list'"),
        (&["chats", "list", "--al"], "'--all'"),
        (&["quick", "--epehmeral", "x"], "'--ephemeral'"),
        (&["-o", "jsn", "status"], "'json'"),
        (&["completions", "fisch"], "'fish'"),
    ] {
        let run = home.triple(arguments);
        assert_eq!(run.status, 2, "{arguments:?}");
        assert!(run.stderr.contains("similar") && run.stderr.contains(tip), "{}", run.stderr);
        let json = home.triple(&[arguments, &["--json"]].concat());
        let document: Value = serde_json::from_str(&json.stdout).expect("a document");
        assert_eq!((json.status, &document["code"]), (2, &Value::from("invalid_request")));
        let hint = document["hint"].as_str().expect("a hint");
        assert!(arguments[0] == "-o" || hint.contains(tip), "{document}");
    }
}

#[test]
fn an_unquoted_message_gets_a_tip_about_quotes() {
    let home = Home::new();
    for arguments in [&["quick", "What", "is", "AI?"][..], &["send", "c1", "And", "why?"]] {
        let run = home.triple(arguments);
        assert_eq!(run.status, 2, "{arguments:?}");
        assert!(run.stderr.contains("tip: put a message of several words into quotes"), "{run:?}");
    }
    for arguments in [&["quick", "Why?", "--epehmeral"][..], &["status", "now"]] {
        assert!(!home.triple(arguments).stderr.contains("quotes"), "{arguments:?}");
    }
}

#[test]
fn a_separate_value_of_extract_gets_a_tip_about_the_equals_sign() {
    let run = Home::new().triple(&["quick", "hi", "--extract", "rust"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("tip: write `--extract=rust`"), "{run:?}");
    assert!(!run.stderr.contains("quotes"), "{run:?}");
}

#[test]
fn usage_errors_are_printed_in_the_output_format() {
    let home = Home::new();
    assert_run!(home.run(&["chts"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: unrecognized subcommand 'chts'

      tip: a similar subcommand exists: 'chats'

    Usage: qwenctl [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    assert_run!(home.run(&["chts", "--json"]), @r#"
    exit: 2
    --- stdout
    {"success":false,"error":"unrecognized subcommand 'chts'","code":"invalid_request","hint":"a similar subcommand exists: 'chats'"}
    --- stderr
    "#);
    assert_run!(home.run(&["--json"]), @r#"
    exit: 2
    --- stdout
    {"success":false,"error":"'qwenctl' requires a subcommand but one was not provided [subcommands: chats, archive, send, quick, chat, token, account, models, status, stats, serve, keys, local, mcp, doctor, config, templates, completions, man, help]","code":"invalid_request","hint":"run `qwenctl --help`"}
    --- stderr
    "#);
    assert_run!(home.run(&["--idle-timeout", "soon", "status", "--json"]), @r#"
    exit: 2
    --- stdout
    {"success":false,"error":"invalid value 'soon' for '--idle-timeout <TIME>': must be a duration, for example `10s`, `1500ms`, `3m` or `1m30s`; a plain number is seconds","code":"invalid_request","hint":"run `qwenctl --help`"}
    --- stderr
    "#);
    assert_run!(home.run(&["--fault", "F33", "quick", "hi"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: `--fault` only works with `--local`
    hint: add `--local`, or leave out `--fault`
    ");
    assert_run!(home.run(&["chats", "list", "--all", "--page", "2", "--json"]), @r#"
    exit: 2
    --- stdout
    {"success":false,"error":"the argument '--all' cannot be used with '--page <N>'","code":"invalid_request","hint":"run `qwenctl --help`"}
    --- stderr
    "#);
}

#[test]
fn line_23_short_help_is_short_and_long_help_is_long() {
    let home = Home::new();
    let (short, long) = (home.triple(&["-h"]), home.triple(&["--help"]));
    assert_eq!((short.status, long.status, short.stderr.as_str()), (0, 0, ""));
    assert!(short.stdout.lines().count() <= 40, "{}", short.stdout);
    assert!(long.stdout.lines().count() > 2 * short.stdout.lines().count());
    assert!(long.stdout.contains("Examples:") && long.stdout.contains("--idle-timeout"));
    assert_run!("help_short", home.run(&["-h"]));
}

#[test]
fn the_exit_codes_of_the_error_table_are_in_the_help() {
    let help = Home::new().triple(&["--help"]).stdout;
    let table = help.split("Exit codes:").nth(1).expect("the table");
    for kind in ErrorKind::ALL {
        assert!(
            table.contains(kind.code()) && table.contains(&kind.exit_code().to_string()),
            "{kind:?}"
        );
    }
}

#[test]
fn an_empty_command_line_is_a_usage_error() {
    let run = Home::new().triple(&[]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("Usage: qwenctl"), "{}", run.stderr);
}

#[test]
fn a_distant_word_is_no_suggestion() {
    let home = Home::new();
    for arguments in [
        &["quick", "--no-think", "x"][..],
        &["quick", "-f", "x"],
        &["send", "last", "--continue", "x"],
        &["tell"],
    ] {
        let run = home.triple(arguments);
        assert_eq!(run.status, 2, "{run:?}");
        assert!(!run.stderr.contains("tip:"), "{}", run.stderr);
        for guess in ["--no-stdin", "--config"] {
            assert!(!run.stderr.contains(guess), "{}", run.stderr);
        }
    }
    // A message may begin with a dash.
    let run = home.triple(&["quick", "-5 plus 3"]);
    assert!(run.stderr.contains("'-- -5'"), "{}", run.stderr);
}

#[test]
fn a_topic_in_place_of_a_command_gets_a_suggestion() {
    let run = Home::new().triple(&["metrics"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("tip: run `qwenctl help metrics`"), "{}", run.stderr);
    assert!(!run.stderr.contains("completions"), "{}", run.stderr);
}

#[test]
fn help_has_a_help_and_takes_one_topic() {
    let home = Home::new();
    assert_eq!(home.triple(&["help", "--help"]), home.triple(&["--help"]));
    let run = home.triple(&["help", "errors", "rest"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("`qwenctl help rest`"), "{}", run.stderr);
    assert_eq!(home.triple(&["help", "errors", "--color", "never"]).status, 0);
}

#[test]
fn a_number_below_one_is_refused_in_words() {
    for flag in ["--limit", "--page"] {
        let run = Home::new().triple(&["chats", "list", flag, "-1"]);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains("must be a whole number of at least 1"), "{}", run.stderr);
    }
}

#[test]
fn the_help_of_a_command_refers_to_the_global_flags() {
    let home = Home::new();
    for command in [&["quick"][..], &["chats", "list"], &["serve"]] {
        let help = home.triple(&[command, &["--help"]].concat()).stdout;
        assert!(!help.contains("--ca-file") && help.contains("see `qwenctl --help`"), "{help}");
        assert!(help.contains("Examples:"), "{help}");
    }
    assert!(home.triple(&["--help"]).stdout.contains("--ca-file"));
}
