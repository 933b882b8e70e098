//! What only a terminal shows: prompts, colour, width, Markdown, Ctrl-C at a question.

use std::io::Write as _;
use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use serde_json::Value;

use super::{chat_with_a_turn, local};
use crate::support::bodies::C1;
use crate::support::cmd::{Home, binary};
use crate::support::tokens::token;

/// Longer than anything takes; only a test that fails waits for it.
const PATIENCE: Option<u64> = Some(20_000);

pub(super) fn terminal(command: Command) -> PtySession {
    spawn_command(command, PATIENCE).expect("a terminal")
}

fn start(home: &Home, arguments: &[&str]) -> PtySession {
    terminal(home.command(binary(), arguments))
}

/// Everything that it shows until its end, and its exit code.
pub(super) fn ends(mut session: PtySession) -> (String, i32) {
    // It takes every byte for a letter.
    let bytes = session.exp_eof().expect("the end").chars().map(|c| c as u8).collect();
    let shown = String::from_utf8(bytes).expect("UTF-8");
    // The type of the status is not public; its text is `Exited(Pid(7), 130)`.
    let status = format!("{:?}", session.process().wait().expect("a status"));
    let code = status.strip_prefix("Exited(").and_then(|rest| rest.rsplit_once(", "));
    let code = code.and_then(|(_, code)| code.trim_end_matches(')').parse().ok());
    (shown, code.unwrap_or_else(|| panic!("{status}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_message_is_prompted_for() {
    let (_upstream, home) = local().await;
    let mut session = start(&home, &["quick"]);
    session.exp_string("Message:").expect("a prompt");
    session.send_line("[[deltas:the **answer**]]").expect("an answer");
    let (shown, status) = ends(session);
    assert_eq!(status, 0, "{shown}");
    assert!(shown.contains("the \u{1b}[1manswer\u{1b}[0m"), "{shown:?}");
}

/// The messages of the user in the most recent chat.
pub(super) fn sent(home: &Home) -> Vec<String> {
    let list = home.triple(&["chats", "list", "--json"]).stdout;
    let list: Value = serde_json::from_str(&list).expect("a list");
    let id = list["data"][0]["id"].as_str().expect("a chat");
    let chat = home.triple(&["chats", "show", id, "--json"]).stdout;
    let chat: Value = serde_json::from_str(&chat).expect("a chat");
    let messages = chat["data"]["messages"].as_array().expect("messages").iter();
    let messages = messages.filter(|message| message["role"] == "user");
    messages.map(|message| message["content"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn line_13a_a_message_is_edited_and_no_key_is_part_of_it() {
    for (keys, message) in [
        ("Helo\u{1b}[D\u{1b}[Dl", "Hello"),
        ("orld\u{1b}[Hw\u{1b}[F!\u{1b}OA\u{1b}[15~", "world!"),
        ("b\u{1}a\u{5}c d\u{17}\u{7f}e", "abce"),
        ("Việt你🙂\u{7f}\u{7f}x", "Việtx"),
        ("one\u{1b}\rtwo", "one\ntwo"),
    ] {
        let (_upstream, home) = local().await;
        let mut session = start(&home, &["quick", "--new"]);
        session.exp_string("Message:").expect("a prompt");
        session.send(&format!("{keys}\r")).expect("keys");
        session.flush().expect("sent");
        let (shown, status) = ends(session);
        assert_eq!((status, sent(&home)), (0, vec![message.to_owned()]), "{shown:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_shows_what_is_in_it() {
    let (_upstream, home) = local().await;
    let mut session = start(&home, &["quick", "--new"]);
    session.exp_string("Message:").expect("a prompt");
    session.send("a你🙂").expect("keys");
    session.flush().expect("sent");
    session.exp_string("\u{9f}\u{99}\u{82}").expect("the last character");
    session.send_control('h').expect("Backspace");
    // The cursor is behind the prompt (9 columns) and three columns of text, and the rest is erased.
    session.exp_string("\u{1b}[K").expect("an erased line");
    session.send("\r").expect("Enter");
    session.flush().expect("sent");
    let (_, status) = ends(session);
    assert_eq!((status, sent(&home)), (0, vec!["a你".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn line_13a_pasted_lines_are_one_message() {
    let (_upstream, home) = local().await;
    let mut session = start(&home, &["quick", "--new"]);
    session.exp_string("Message:").expect("a prompt");
    session.send("\u{1b}[200~Please review this:\rls -d /etc/hos*\r").expect("a paste");
    session.send("thank \u{1b}[31myou\u{1b}[201~").expect("a paste");
    session.flush().expect("sent");
    session.exp_string("you").expect("the end of the paste");
    session.send("\r").expect("Enter");
    session.flush().expect("sent");
    let (shown, status) = ends(session);
    let message = "Please review this:\nls -d /etc/hos*\nthank you".to_owned();
    assert_eq!((status, sent(&home)), (0, vec![message]), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_13a_input_that_is_left_never_reaches_the_shell() {
    for term in ["xterm", "dumb"] {
        let (_upstream, home) = local().await;
        // `dd` reads what the shell would run.
        let line = format!(
            "TERM={term} qwenctl -q quick --new >answer; \
             stty -icanon min 0 time 1; printf 'left: %s.\\n' \"$(dd bs=99 count=1 2>/dev/null)\""
        );
        let mut session = terminal(home.shell(&line));
        session.exp_string("Message:").expect("a prompt");
        session.send("first\rsecond\rthird\r").expect("a paste");
        session.flush().expect("sent");
        let (shown, _) = ends(session);
        assert!(shown.contains("left: ."), "{term}: {shown:?}");
        // Without a line editor the lines of a paste are one message.
        let message = if term == "dumb" { "first\nsecond\nthird" } else { "first" };
        assert_eq!(sent(&home), [message], "{term}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_do_not_end_the_prompt() {
    for term in ["xterm", "dumb"] {
        let (_upstream, home) = local().await;
        let mut command = home.command(binary(), &["quick", "--new"]);
        command.env("TERM", term);
        let mut session = terminal(command);
        session.exp_string("Message:").expect("a prompt");
        let mut keys = session.process().get_file_handle().expect("the terminal");
        keys.write_all(b"caf\xff").expect("keys");
        if term == "xterm" {
            session.exp_string("\u{ef}\u{bf}\u{bd}").expect("a replacement");
        }
        keys.write_all(b" x\r").expect("keys");
        let (shown, status) = ends(session);
        assert_eq!((status, sent(&home)), (0, vec!["caf\u{fffd} x".to_owned()]), "{shown:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_input_at_a_prompt_ends_the_command() {
    let (_upstream, home) = local().await;
    let mut session = start(&home, &["quick"]);
    session.exp_string("Message:").expect("a prompt");
    session.send_control('d').expect("Ctrl-D");
    let (shown, status) = ends(session);
    assert_eq!(status, 0);
    assert!(shown.ends_with('\n'), "the prompt of the shell would stand behind it: {shown:?}");
    let chats = home.triple(&["chats", "list"]);
    assert_eq!(chats.stderr, "no chats\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_at_a_prompt_restores_the_terminal() {
    let (_upstream, home) = local().await;
    let line = "trap : INT; stty echo; before=$(stty -g); qwenctl token set; echo \"left: $?\"; \
                [ \"$(stty -g)\" = \"$before\" ] && echo the same";
    let mut session = terminal(home.shell(line));
    session.exp_string("Access token").expect("a prompt");
    session.send_control('c').expect("Ctrl-C");
    let (shown, _) = ends(session);
    assert!(shown.contains("left: 130"), "{shown:?}");
    assert!(shown.contains("the same"), "{shown:?}");
}

#[test]
fn a_token_is_prompted_for_without_echo() {
    let home = Home::new();
    let value = token("typed", 7 * 86_400);
    let mut session = start(&home, &["token", "set"]);
    session.exp_string("Access token").expect("a prompt");
    session.send_line(&value).expect("an answer");
    let (shown, status) = ends(session);
    assert_eq!(status, 0, "{shown}");
    assert!(!shown.contains(&value[..20]), "{shown}");
    assert!(shown.contains("credentials.toml"), "{shown}");
}

#[test]
fn a_token_line_may_be_longer_than_a_terminal_takes() {
    let home = Home::new();
    let value = token("long", 7 * 86_400);
    let cookies = format!("a={}; token={value}; b={}", "x".repeat(8192), "y".repeat(200));
    let request = format!("curl 'https://chat.qwen.ai/' \\\r  -b '{cookies}' \\\r  -H 'a: b'\r");
    for keys in [format!("{cookies}\r"), format!("\u{1b}[200~{cookies}\n\u{1b}[201~\r"), request] {
        let mut session = start(&home, &["token", "set"]);
        session.exp_string("Access token").expect("a prompt");
        session.send(&keys).expect("a paste");
        session.flush().expect("sent");
        let (shown, status) = ends(session);
        assert_eq!(status, 0, "{shown}");
        assert!(!shown.contains("xxx") && shown.contains("credentials.toml"), "{shown}");
    }
}

#[test]
fn the_end_of_input_at_a_hidden_prompt_stores_nothing() {
    let home = Home::new();
    let mut session = start(&home, &["token", "set"]);
    session.exp_string("Access token").expect("a prompt");
    session.send_control('d').expect("Ctrl-D");
    let (shown, status) = ends(session);
    assert_eq!(status, 0, "{shown}");
    assert!(shown.contains("nothing was stored"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_13_a_deletion_is_confirmed() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    let count = || home.triple(&["chats", "list"]).stdout.lines().count();
    for (answer, left) in [("n", 1), ("", 1), ("y", 0)] {
        let mut session = start(&home, &["chats", "delete", &id]);
        session.exp_string("Delete the chat \"Hello\" (").expect("a question");
        session.send_line(answer).expect("an answer");
        let (shown, status) = ends(session);
        assert_eq!((status, count()), (0, left), "{answer:?}: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_unknown_chat_prompts_for_nothing() {
    let (_upstream, home) = local().await;
    let (shown, status) = ends(start(&home, &["chats", "delete", C1]));
    assert_eq!(status, 5, "{shown}");
    assert!(!shown.contains("[y/N]"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_12_no_input_disables_prompts_on_a_terminal() {
    let (_upstream, home) = local().await;
    let (shown, status) = ends(start(&home, &["quick", "--no-input"]));
    assert_eq!(status, 2);
    assert!(shown.contains("give the message as an argument"), "{shown}");
    let (shown, status) = ends(start(&home, &["quick", "--json"]));
    assert_eq!(status, 2);
    assert!(shown.starts_with("{\"success\":false"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_3_color_follows_the_terminal_and_the_environment() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    let show = |variable: Option<(&str, &str)>, flag: &[&str]| {
        let mut command = home.command(binary(), &[&["chats", "show", &id], flag].concat());
        command.envs(variable);
        ends(terminal(command)).0.contains("\u{1b}[1m")
    };
    assert!(show(None, &[]));
    assert!(!show(Some(("NO_COLOR", "1")), &[]));
    assert!(show(Some(("NO_COLOR", "")), &[]));
    assert!(!show(Some(("TERM", "dumb")), &[]));
    assert!(!show(None, &["--color", "never"]));
    assert!(show(Some(("NO_COLOR", "1")), &["--color", "always"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn line_6_a_table_is_cut_to_the_width_of_the_terminal() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    let title = "a very long title 你好 ".repeat(10);
    assert_eq!(home.triple(&["chats", "rename", &id, &title]).status, 0);
    for width in [1, 20, 60, 100, 200] {
        let line = format!("stty cols {width} rows 20; NO_COLOR=1 CI=1 qwenctl chats list");
        let (shown, status) = ends(terminal(home.shell(&line)));
        assert_eq!(status, 0);
        for line in shown.lines() {
            let columns = unicode_columns(line);
            assert!(columns <= width, "{columns} of {width}: {line:?}");
        }
    }
}

/// Good enough for the letters of this test.
fn unicode_columns(line: &str) -> usize {
    line.chars().map(|c| if ('\u{4e00}'..='\u{9fff}').contains(&c) { 2 } else { 1 }).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn line_9_markdown_is_rendered_on_a_terminal_and_raw_on_request() {
    let (_upstream, home) = local().await;
    let prompt = "[[deltas:# Title\n\n- **one**\n]]";
    let (shown, _) = ends(start(&home, &["-q", "quick", prompt]));
    assert!(shown.contains("\u{1b}[1m# Title\u{1b}[0m") && shown.contains("• "), "{shown:?}");
    let (shown, _) = ends(start(&home, &["-q", "--raw", "quick", prompt]));
    assert!(shown.contains("- **one**"), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_4_a_spinner_needs_a_terminal() {
    let (_upstream, home) = local().await;
    let prompt = "[[deltas:x]]";
    let spins = |arguments: &[&str], variable: Option<(&str, &str)>| {
        let mut command = home.command(binary(), arguments);
        command.envs(variable);
        ends(terminal(command)).0.contains("waiting for the answer")
    };
    assert!(spins(&["quick", prompt], None));
    assert!(!spins(&["-q", "quick", prompt], None));
    assert!(!spins(&["--json", "quick", prompt], None));
    assert!(!spins(&["quick", prompt], Some(("CI", "1"))));
    assert!(!spins(&["quick", prompt], Some(("TERM", "dumb"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_names_the_chat_that_it_continues() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    home.triple(&["chats", "rename", &id, "About my tax"]);
    let note = "continuing the most recent chat: About my tax";
    let (shown, _) = ends(start(&home, &["quick", "[[deltas:x]]"]));
    assert!(shown.find(note).is_some_and(|at| at < shown.find("x\r\n").unwrap_or(0)), "{shown}");
    for fresh in [&["quick", "--new", "x"][..], &["-q", "quick", "x"], &["send", &id, "x"]] {
        let (shown, _) = ends(start(&home, fresh));
        assert!(!shown.contains("continuing"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_during_an_answer_keeps_the_text() {
    let (_upstream, home) = local().await;
    let mut session = start(&home, &["quick", "--raw", "[[slow:100]] [[lorem:2000]]"]);
    session.exp_string("lorem").expect("a beginning");
    session.send_control('c').expect("Ctrl-C");
    let (shown, status) = ends(session);
    assert_eq!(status, 130, "{shown}");
    assert!(shown.contains("error:") && shown.contains("interrupted"), "{shown:?}");
    let next = home.triple(&["-q", "quick", "[[deltas:at once]]"]);
    assert_eq!((next.status, next.stdout.as_str()), (0, "at once\n"), "{}", next.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_shown_as_they_arrive() {
    let (_upstream, home) = local().await;
    let slow = "[[slow:500]] [[deltas:- an item|of **three| words**]]";
    let mut session = start(&home, &["quick", "--new", slow]);
    session.exp_string("an item").expect("the first words");
    session.exp_string("three").expect("the next word");
    let (shown, status) = ends(session);
    assert_eq!(status, 0, "{shown}");
    assert!(shown.contains(" words"), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_leaves_no_mark_in_the_answer() {
    let (_upstream, home) = local().await;
    let line =
        "trap : INT; stty echo echoctl; qwenctl quick '[[slow:100]] [[lorem:2000]]'; echo code: $?";
    let mut session = terminal(home.shell(line));
    session.exp_string("lorem").expect("a beginning");
    session.send_control('c').expect("Ctrl-C");
    let (shown, _) = ends(session);
    assert!(shown.contains("code: 130"), "{shown}");
    let (_, after) = shown.split_once("^C").expect("an echo");
    assert!(after.starts_with("\r\u{1b}["), "the row is erased: {shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_terminal_gets_the_words_alone() {
    let (_upstream, home) = local().await;
    let mut command = home.command(binary(), &["quick", "--new", "[[deltas:one|- **two**]]"]);
    command.env("TERM", "dumb");
    let (shown, status) = ends(terminal(command));
    assert!(status == 0 && !shown.contains('\u{1b}') && shown.contains("**two**"), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_short_in_lists_and_notes_on_a_terminal() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    let (shown, _) = ends(start(&home, &["chats", "list"]));
    assert!(shown.contains(&id[..8]) && !shown.contains(&id[..9]), "{shown}");
    let (shown, _) = ends(start(&home, &["quick", "[[deltas:x]]"]));
    assert!(shown.contains(&format!("chat: {}", &id[..8])) && !shown.contains(&id), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_chats_are_named_before_they_are_deleted() {
    let (_upstream, home) = local().await;
    let ids = [chat_with_a_turn(&home), chat_with_a_turn(&home)];
    let title = "a title that is much longer than the question has room for, to be cut";
    home.triple(&["chats", "rename", &ids[0], "First trip"]);
    home.triple(&["chats", "rename", &ids[1], title]);
    let mut session = start(&home, &["chats", "delete", &ids[0], &ids[1]]);
    session.exp_string("First trip").expect("a title");
    session.exp_string("question has room for").expect("a cut title");
    session.exp_string("Delete 2 chats? [y/N]").expect("a question");
    session.send_line("n").expect("an answer");
    let (shown, status) = ends(session);
    assert!(status == 0 && shown.contains("nothing was deleted"), "{shown}");
    // A question of two lines is printed once.
    let line = format!("stty cols 40 rows 20; qwenctl chats delete {}", ids[1]);
    let mut session = terminal(home.shell(&line));
    session.exp_string("[y/N]").expect("a question");
    session.send_line("n").expect("an answer");
    let (shown, _) = ends(session);
    assert!(!shown.contains("Delete"), "{shown}");
    // No row is longer than the terminal, and no word is cut.
    let mut session = terminal(home.shell(&line));
    let asked = session.exp_string("[y/N]").expect("a question") + "[y/N]";
    session.send_line("n").expect("an answer");
    ends(session);
    let rows = asked.lines().map(|row| row.trim_start_matches("\r\u{1b}[K").chars().count());
    assert!(rows.max() <= Some(60) && asked.contains(&ids[1]), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_wrapped_on_a_narrow_terminal() {
    let (_upstream, home) = local().await;
    for command in ["stats", "doctor"] {
        let line = format!("stty cols 40 rows 20; NO_COLOR=1 qwenctl {command}");
        let (shown, _) = ends(terminal(home.shell(&line)));
        // What a spinner has shown is erased.
        let shown = shown.rsplit("\u{1b}[2K").next().unwrap_or_default();
        let fits = |row: &str| row.chars().count() <= 40 || !row.trim().contains(' ');
        assert!(shown.lines().all(fits), "{command}: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_shown_with_its_authors_and_sources() {
    let (_upstream, home) = local().await;
    let id = home.triple(&["chats", "new"]).stdout.trim().to_owned();
    home.triple(&["send", &id, "--search", "[[search]] x"]);
    let mut command = home.command(binary(), &["chats", "show", &id]);
    command.env("NO_COLOR", "1");
    let (shown, _) = ends(terminal(command));
    assert!(shown.contains("\r\nYou · 20"), "{shown}");
    assert!(shown.contains("\r\n\r\nSources:\r\n  [1][3] Page 1 "), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_chat_goes_to_the_pager() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    for (rows, paged) in [(5, true), (200, false)] {
        let line =
            format!("stty cols 80 rows {rows}; PAGER='sed s/^/page:/' qwenctl chats show {id}");
        let (shown, status) = ends(terminal(home.shell(&line)));
        assert_eq!((status, shown.contains("page:Hello")), (0, paged), "{shown}");
    }
}

#[test]
fn long_hints_are_wrapped_at_spaces() {
    let home = Home::new();
    let line = "stty cols 30 rows 20; NO_COLOR=1 qwenctl chats list";
    let (shown, status) = ends(terminal(home.shell(line)));
    assert_eq!(status, 4);
    let short = |line: &str| line.chars().count() <= 30 || !line.trim().contains(' ');
    assert!(shown.lines().count() > 5 && shown.lines().all(short), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn details_name_model_tokens_and_time() {
    let (_upstream, home) = local().await;
    let run = home.triple(&["-v", "quick", "[[deltas:x]]"]);
    let line = run.stderr.lines().find(|line| line.starts_with("local-echo-max · "));
    assert!(line.is_some_and(|line| line.contains(" out · ") && line.ends_with(" s")), "{run:?}");
}

#[test]
fn commands_to_install_are_not_wrapped() {
    let home = Home::new();
    for (command, line) in [
        (
            "completions",
            "qwenctl completions bash > ~/.local/share/bash-completion/completions/qwenctl",
        ),
        ("man", "cd ~/.local/share/man && mkdir -p man7 && mv man1/*.7 man7"),
    ] {
        let run = format!("stty cols 40 rows 20; qwenctl {command} --help");
        let (shown, status) = ends(terminal(home.shell(&run)));
        assert!(status == 0 && shown.contains(line), "{shown}");
    }
}
