//! Conventions 1.10 to 1.13: where a message comes from, and what is asked.

use serde_json::json;

use crate::support::bodies::{self, C1};
use crate::support::cmd::Home;
use crate::support::frames;
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, COMPLETIONS};

async fn world() -> (Upstream, Home) {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    upstream.always(CHAT, bodies::empty_chat);
    upstream.always(COMPLETIONS, || frames::whole("ok"));
    (upstream, home)
}

/// What the upstream was sent.
fn prompt(upstream: &Upstream) -> String {
    let body = upstream.request(COMPLETIONS).json();
    body["messages"][0]["content"].as_str().expect("a prompt").to_owned()
}

const SEND: [&str; 5] = ["-q", "send", C1, "--model", "m"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SEND[..], more].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn line_10_the_message_comes_from_the_argument_from_stdin_or_from_both() {
    for (arguments, stdin, sent) in [
        (&["hi"][..], None, "hi"),
        (&["-"], Some("from a pipe\n"), "from a pipe\n"),
        (&[], Some("from a pipe"), "from a pipe"),
        (&["look at this:"], Some("line 1\nline 2\n\n"), "look at this:\n\nline 1\nline 2"),
        (&["hi"], Some(""), "hi"),
        (&["hi"], Some(" \n"), "hi"),
        (&["hi", "--no-stdin"], Some("not read"), "hi"),
        (&["-"], Some("\u{feff}marked"), "marked"),
    ] {
        let (upstream, home) = world().await;
        let arguments = with(arguments);
        let mut run = home.run(&arguments).stdout("ok\n");
        if let Some(stdin) = stdin {
            run = run.stdin(stdin);
        }
        run.check();
        assert_eq!(prompt(&upstream), sent, "{arguments:?} {stdin:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn line_10_a_file_on_stdin_is_read_and_dev_null_is_ignored() {
    let (upstream, home) = world().await;
    std::fs::write(home.path().join("notes"), "a note\n").expect("a file");
    let line = format!("qwenctl -q send {C1} --model m 'see:' < notes");
    let run = home.shell(&line).output().expect("a shell");
    assert!(run.status.success());
    assert_eq!(prompt(&upstream), "see:\n\na note");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_10_an_open_silent_pipe_does_not_hang_the_command() {
    let (upstream, home) = world().await;
    let mut run = home.start_with_stdin(&["send", C1, "--model", "m", "hi"]);
    let open = run.0.stdin.take();
    let end = run.end();
    drop(open);
    assert_eq!((end.status, end.stdout.as_str()), (0, "ok\n"));
    assert!(
        end.stderr.contains("--no-stdin") && end.stderr.contains("stayed silent"),
        "{}",
        end.stderr
    );
    assert_eq!(prompt(&upstream), "hi");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_messages_are_refused_before_any_request() {
    let (upstream, home) = world().await;
    let too_long = vec![b'x'; (10 << 20) + 1];
    for (arguments, stdin, message) in [
        (&["-"][..], b"abc\xffdef".to_vec(), "byte offset 3"),
        (&["-"], too_long, "10485760 bytes (10 MiB)"),
        (&["-"], Vec::new(), "the message is empty"),
        (&[], b" \n".to_vec(), "give the message as an argument"),
        (&[""], Vec::new(), "the message is empty"),
        (&[" \n\t"], Vec::new(), "the message is empty"),
        (&["hi"], b"\xc3".to_vec(), "byte offset 0"),
    ] {
        let run = home.run(&with(arguments)).stdin(stdin).triple();
        assert_eq!(run.status, 2, "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(message), "{}", run.stderr);
    }
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_chat_ids_are_refused_before_any_request() {
    let (upstream, home) = world().await;
    let long = "x".repeat(129);
    // The last ones are names of routes.
    let routes = ["new", "delete", "batch_delete", "pinned", "archived", "search", "import", "all"];
    let odd = ["", " ", "a/b", "..", "a\tb", "a\\b", &long, "new;1", "1?x"];
    for id in odd.into_iter().chain(routes) {
        for arguments in [
            &["chats", "show", id][..],
            &["chats", "rename", id, "X"],
            &["chats", "delete", id, "--yes"],
            &["send", id, "hi"],
        ] {
            let run = home.triple(arguments);
            assert_eq!(run.status, 2, "{arguments:?}");
            assert!(run.stderr.contains("chat id"), "{}", run.stderr);
        }
    }
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn line_12_an_impossible_prompt_names_the_flag() {
    let (upstream, home) = world().await;
    let run = home.triple(&["chats", "delete", C1]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("hint: add `--yes`"), "{}", run.stderr);
    let run = home.triple(&["chats", "delete", C1, "--json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("a document");
    assert_eq!((run.status, &document["code"]), (2, &json!("invalid_request")));
    let run = home.triple(&["quick", "--no-stdin"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("give the message as an argument"), "{}", run.stderr);
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_reach_the_upstream() {
    let (upstream, home) = world().await;
    home.run(&with(&["hi", "--system", "Be brief.", "--think", "--parent", bodies::R1]))
        .stdout("ok\n")
        .check();
    let body = upstream.request(COMPLETIONS).json();
    assert_eq!((&body["model"], &body["parent_id"]), (&json!("m"), &json!(bodies::R1)));
    assert_eq!(body["messages"][0]["feature_config"]["thinking_enabled"], true);
    let prompt = prompt(&upstream);
    assert!(prompt.starts_with("Be brief.") && prompt.ends_with("hi"), "{prompt}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_is_the_flag_then_the_setting_then_the_chats_own() {
    for (flag, variable, model) in [
        (Some("flagged"), Some("set"), "flagged"),
        (None, Some("set"), "set"),
        (None, None, "qwen-example-max"),
    ] {
        let (upstream, home) = world().await;
        let mut arguments = vec!["-q", "send", C1, "hi"];
        arguments.extend(flag.iter().flat_map(|flag| ["--model", flag]));
        let mut run = home.run(&arguments).stdout("ok\n");
        if let Some(variable) = variable {
            run = run.env("QWENCTL_MODEL", variable);
        }
        run.check();
        assert_eq!(upstream.request(COMPLETIONS).json()["model"], model);
        assert_eq!(upstream.count(CHAT), 1, "the chat was read more than once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_input_beside_a_message_is_noted() {
    let (_upstream, home) = world().await;
    let run = home.run(&["send", C1, "--model", "m", "say one"]).stdin("two\nthree\n").triple();
    assert_eq!(run.stderr, "added 9 bytes of standard input to the message\n");
}
