//! `chat`: a conversation at a terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use rexpect::session::PtySession;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::terminal::{ends, sent, terminal};
use super::{chat_with_a_turn, local};
use crate::support::bodies::{self, C1};
use crate::support::cmd::{Home, binary};
use crate::support::frames;
use crate::support::response::{Ending, Response};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, COMPLETIONS, STOP};

/// A conversation, and what types into it.
struct Talk(PtySession);

impl Talk {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        Self::with(home, arguments, &[])
    }

    fn with(home: &Home, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = home.command(binary(), &[&["chat"], arguments].concat());
        command.envs(variables.iter().copied());
        let mut talk = Self(terminal(command));
        talk.sees("/help lists the commands");
        talk.sees("> ");
        talk
    }

    /// Types keys.
    fn types(&mut self, keys: &str) {
        self.0.send(keys).expect("keys");
        self.0.flush().expect("sent");
    }

    /// Types a line and Enter, and waits for `expected` and the next prompt.
    fn says(&mut self, line: &str, expected: &str) {
        self.types(&format!("{line}\r"));
        self.sees(expected);
        self.sees("> ");
    }

    fn sees(&mut self, text: &str) {
        if let Err(error) = self.0.exp_string(text) {
            panic!("{text:?}: {error}");
        }
    }

    /// Everything before `text`, without escape sequences.
    fn until(&mut self, text: &str) -> String {
        let before = self.0.exp_string(text).expect(text);
        let before: Vec<u8> = before.chars().map(|c| c as u8).collect();
        console::strip_ansi_codes(&String::from_utf8_lossy(&before)).into_owned()
    }

    /// Discards the line and leaves with Ctrl-D; returns the rest of the output and the exit code.
    fn leaves(mut self) -> (String, i32) {
        self.types("\u{15}");
        self.0.send_control('d').expect("Ctrl-D");
        ends(self.0)
    }
}

/// The messages of the most recent chat: its only branch, or all of them.
fn messages(home: &Home, tree: bool) -> Vec<Value> {
    let flags: &[&str] = if tree { &["--tree"] } else { &[] };
    let shown = home.triple(&[&["chats", "show", "last", "--json"], flags].concat()).json();
    shown["data"]["messages"].as_array().expect("messages").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_of_one_conversation_go_to_one_chat() {
    let (_upstream, home) = local().await;
    let mut talk = Talk::start(&home, &[]);
    talk.says("[[deltas:the **first**]]", "\u{1b}[1mfirst");
    talk.says("[[deltas:the **second**]]", "\u{1b}[1msecond");
    talk.says("/new", "new chat");
    talk.says("[[deltas:the **third**]]", "\u{1b}[1mthird");
    let (shown, status) = talk.leaves();
    assert_eq!(status, 0, "{shown}");
    assert!(shown.contains("continue with `qwenctl chat "), "{shown}");
    let list = home.triple(&["chats", "list", "--json"]).json();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2), "{list}");
    let mut sizes: Vec<_> = ["@1", "@2"]
        .iter()
        .map(|row| home.triple(&["chats", "show", row, "--json"]).json())
        .map(|chat| chat["data"]["messages"].as_array().map(Vec::len))
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [Some(2), Some(4)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_without_a_prompt_makes_no_chat() {
    let (_upstream, home) = local().await;
    let mut talk = Talk::start(&home, &[]);
    talk.says("/help", "/exit");
    talk.says("", "");
    assert_eq!(talk.leaves().1, 0);
    assert_eq!(home.triple(&["chats", "list"]).stderr, "no chats\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_edit_and_branch_make_and_switch_versions() {
    let (_upstream, home) = local().await;
    let mut talk = Talk::with(&home, &[], &[("EDITOR", "sed -i s/old/new/")]);
    talk.says("[[deltas:**one**]] old", "\u{1b}[1mone");
    talk.says("[[deltas:**two**]]", "\u{1b}[1mtwo");
    talk.says("/retry", "\u{1b}[1mtwo");
    talk.says("/edit 1", "\u{1b}[1mone");
    talk.types("/branch\r");
    talk.sees("/branch");
    let listed = talk.until("\u{1b}[?2004h");
    let line = listed.lines().find(|line| line.contains("two")).expect(&listed);
    let number = line.trim_start_matches(['*', ' ']).split(' ').next().expect("a number");
    assert_eq!(listed.lines().filter(|line| line.contains(" → ")).count(), 3, "{listed}");
    talk.sees("> ");
    talk.says(&format!("/branch {number}"), "\u{1b}[1mtwo");
    talk.says("[[deltas:**three**]]", "\u{1b}[1mthree");
    assert_eq!(talk.leaves().1, 0);
    let branch: Vec<_> = messages(&home, false).iter().map(|m| m["content"].clone()).collect();
    let prompt = |text: &str| json!(format!("[[deltas:**{text}**]]"));
    assert_eq!(
        branch,
        [
            json!("[[deltas:**one**]] old"),
            json!("**one**"),
            prompt("two"),
            json!("**two**"),
            prompt("three"),
            json!("**three**")
        ]
    );
    let all = messages(&home, true);
    assert_eq!(all.len(), 10, "{all:?}");
    assert!(all.iter().any(|m| m["content"] == "[[deltas:**one**]] new"), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn edit_without_an_editor_puts_the_prompt_into_the_line() {
    let (_upstream, home) = local().await;
    let mut talk = Talk::start(&home, &["--system", "Be brief."]);
    talk.says("[[deltas:**one**]] a", "\u{1b}[1mone");
    talk.types("/edit\r");
    talk.sees("edit the prompt");
    talk.says("b", "\u{1b}[1mone");
    assert_eq!(talk.leaves().1, 0);
    let all = messages(&home, true);
    let prompts: Vec<_> = all.iter().filter(|m| m["role"] == "user").collect();
    assert_eq!(prompts.len(), 2, "{all:?}");
    assert!(prompts[1]["content"].as_str().is_some_and(|text| text.ends_with("]] ab")), "{all:?}");
    let count = prompts[1]["content"].as_str().map(|text| text.matches("Be brief.").count());
    assert_eq!(count, Some(1), "the system prompt is sent once: {all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_is_edited_in_an_editor_and_not_sent_by_it() {
    let (_upstream, home) = local().await;
    let mut talk = Talk::with(&home, &[], &[("EDITOR", "sed -i s/old/new/")]);
    talk.types("[[deltas:**one**]] old\u{18}\u{5}");
    talk.sees("]] new");
    talk.says(" and more", "\u{1b}[1mone");
    assert_eq!(talk.leaves().1, 0);
    assert_eq!(sent(&home), ["[[deltas:**one**]] new and more"]);
    let mut talk = Talk::with(&home, &[], &[("EDITOR", "exit 1;")]);
    talk.types("kept\u{18}\u{5}");
    talk.sees("failed with exit code 1");
    talk.sees("kept");
    assert_eq!(talk.leaves().1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn copy_and_save_take_the_last_answer() {
    let (_upstream, home) = local().await;
    let mut talk = Talk::start(&home, &[]);
    talk.says("/copy", "there is no answer yet");
    talk.says("\u{15}[[deltas:**hi** `x`]]", "\u{1b}[1mhi");
    talk.says("/copy", "\u{1b}]52;c;KipoaSoqIGB4YA==\u{7}");
    talk.says("/save answer.md", "answer.md");
    talk.says("/save answer.md", "already exists");
    talk.says("\u{15}/copy code", "no code block");
    assert_eq!(talk.leaves().1, 0);
    assert_eq!(
        fs::read_to_string(home.path().join("answer.md")).ok().as_deref(),
        Some("**hi** `x`")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_with_the_next_prompt() {
    let (_upstream, home) = local().await;
    fs::write(home.path().join("notes.txt"), "six seven").expect("a file");
    let mut talk = Talk::start(&home, &[]);
    for text in ["explain @./other.txt", "/file other.txt"] {
        talk.types(&format!("\u{15}{text}\r"));
        talk.sees("there is no such file");
        talk.sees(text);
    }
    talk.says("\u{15}explain @notes.txt", "begins: six seven");
    talk.says("/file notes.txt", "attached to the next prompt: notes.txt");
    talk.says("and this", "begins: six seven");
    talk.says("/file", "no files are attached");
    talk.says("[[deltas:**fine**]] @decorator @types/node a@b.c", "\u{1b}[1mfine");
    assert_eq!(talk.leaves().1, 0);
    assert_eq!(sent(&home).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_that_fails_is_in_the_line_again() {
    let (_upstream, home) = local().await;
    let mut talk = Talk::start(&home, &[]);
    talk.says("/thnik", "did you mean `/think`?");
    talk.sees("/thnik");
    talk.types("\u{15}[[fault:F38]] one\r");
    talk.sees("error:");
    talk.sees("[[fault:F38]] one");
    talk.types("\u{15}/model nonsense\r");
    talk.sees("the upstream has no model `nonsense`");
    talk.sees("/model nonsense");
    talk.says("\u{15}[[deltas:**good**]]", "\u{1b}[1mgood");
    assert_eq!(talk.leaves().1, 0);
    assert_eq!(sent(&home), ["[[deltas:**good**]]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_prompt_that_fails_is_kept_beside_the_line() {
    let (_upstream, home) = local().await;
    let editor = ("EDITOR", "printf '[[deltas:**good**]]' >");
    let mut talk = Talk::with(&home, &[], &[editor]);
    let long = "a line of a paste\r".repeat(2000);
    talk.types(&format!("\u{1b}[200~[[fault:F38]]\r{long}end\u{1b}[201~"));
    talk.sees("end");
    for _ in 0..2 {
        talk.types("\r");
        talk.sees("error:");
        talk.sees("the text is kept: an empty line sends it, Ctrl-X Ctrl-E edits it");
        assert!(!talk.until("> ").contains("paste"));
    }
    talk.types("\u{18}\u{5}");
    talk.sees("[[deltas:**good**]]");
    talk.says("", "\u{1b}[1mgood");
    assert_eq!(talk.leaves().1, 0);
    assert_eq!(sent(&home), ["[[deltas:**good**]]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_stops_the_answer_and_not_the_conversation() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let half = Response::stream([frames::created(), frames::d("Hel")]).ending(Ending::Hang);
    upstream.on(CHAT, bodies::empty_chat());
    upstream.on(CHAT, bodies::empty_chat());
    upstream.on(COMPLETIONS, half);
    upstream.on(STOP, bodies::envelope(json!({"status": true})));
    let mut talk = Talk::start(&home, &[C1, "-m", "m"]);
    talk.types("hi\r");
    talk.sees("Hel");
    // What is typed meanwhile belongs to the next line, and is not in the answer.
    talk.types("later");
    talk.0.send_control('c').expect("Ctrl-C");
    talk.sees("stopped; the chat keeps the text so far");
    talk.sees("later");
    talk.0.send_control('c').expect("Ctrl-C");
    talk.sees("> ");
    talk.0.send_control('c').expect("Ctrl-C");
    talk.sees("Ctrl-D leaves the chat");
    let (shown, status) = talk.leaves();
    assert_eq!(status, 0, "{shown}");
    let body = upstream.request(STOP).json();
    assert_eq!((&body["chat_id"], &body["response_id"]), (&json!(C1), &json!(bodies::R1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn line_13a_a_paste_is_one_message_and_nothing_reaches_the_shell() {
    let (_upstream, home) = local().await;
    let line = "qwenctl chat; stty -icanon min 0 time 1; \
                printf 'left: %s.\\n' \"$(dd bs=99 count=1 2>/dev/null)\"";
    let mut talk = Talk(terminal(home.shell(line)));
    talk.sees("> ");
    talk.types("\u{1b}[200~one\rtwo\\\rthree\u{1b}[201~");
    talk.sees("three");
    talk.says("", "one");
    // Without bracketed paste each line is a message, in order.
    talk.types("/title\r[[deltas:**four**]]\r/exit\rls -d /etc\rtouch made\r");
    let (shown, _) = ends(talk.0);
    assert!(shown.contains("left: ."), "{shown:?}");
    assert_eq!(sent(&home), ["one\ntwo\\\nthree", "[[deltas:**four**]]"]);
    assert!(!home.path().join("made").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backslash_a_block_and_alt_enter_make_lines() {
    for (keys, message) in [
        ("one\\\rtwo", "one\ntwo"),
        ("a & b \\\\", "a & b \\\\"),
        ("one\u{1b}\rtwo", "one\ntwo"),
        ("\"\"\"one\r two\r\"\"\"", "one\n two"),
    ] {
        let (_upstream, home) = local().await;
        let mut talk = Talk::start(&home, &[]);
        talk.types(&format!("{keys}\r"));
        talk.sees("no model has read");
        talk.sees("> ");
        assert_eq!(talk.leaves().1, 0);
        assert_eq!(sent(&home), [message], "{keys:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_is_private_and_optional() {
    let (_upstream, home) = local().await;
    let file = home.path().join(".local/share/qwenctl/history");
    let mut talk = Talk::start(&home, &["--no-history"]);
    talk.says("[[deltas:**one**]]", "\u{1b}[1mone");
    assert_eq!(talk.leaves().1, 0);
    assert!(!file.exists());
    let mut talk = Talk::start(&home, &[]);
    talk.says(" [[deltas:**secret**]]", "\u{1b}[1msecret");
    talk.says("[[deltas:**two**]]\\\rlines", "\u{1b}[1mtwo");
    assert_eq!(talk.leaves().1, 0);
    let kept = fs::read_to_string(&file).expect("a history");
    assert!(kept.contains("[[deltas:**two**]]\\nlines") && !kept.contains("secret"), "{kept}");
    let mode = fs::metadata(&file).expect("a history").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let mut talk = Talk::start(&home, &[]);
    talk.says("\u{1b}[A", "\u{1b}[1mtwo");
    assert_eq!(talk.leaves().1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_are_opened_by_title_and_completed() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    home.triple(&["chats", "rename", &id, "Trip to Hue"]);
    let mut talk = Talk::start(&home, &[]);
    talk.says("/open hue", "Trip to Hue");
    talk.says("/new", "new chat");
    talk.types("/open trip\t");
    talk.sees(&id[..8]);
    talk.says("", "Trip to Hue");
    talk.types("/mo\tlocal-echo-pl\t");
    talk.sees("/model local-echo-plus");
    talk.says("", "the model is local-echo-plus");
    talk.says("/title Two days in Hue", "the title is changed");
    talk.says("/open nowhere", "no chat has the id or the title `nowhere`");
    talk.types("\u{15}/delete\r");
    talk.sees("Delete this chat? No copy is kept. [y/N]");
    talk.says("y", "new chat");
    assert_eq!(talk.leaves().1, 0);
    assert_eq!(home.triple(&["chats", "list"]).stderr, "no chats\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_terminal_leaves_the_chat_with_the_whole_answer() {
    let (_upstream, home) = local().await;
    let mut talk =
        Talk(terminal(home.shell("echo pid $$.; exec script -qc 'qwenctl chat' /dev/null")));
    talk.sees("pid ");
    let id = talk.until(".");
    talk.sees("> ");
    talk.types("[[slow:20]][[lorem:40]]\r");
    talk.sees("lorem");
    // The end of `script` closes the terminal of the conversation.
    let killed = std::process::Command::new("kill").args(["-KILL", &id]).status();
    assert!(killed.expect("kill").success());
    let state = || {
        let shown = home.triple(&["chats", "show", "last", "--json"]).json();
        shown["data"]["messages"][1].clone()
    };
    let mut last = state();
    for _ in 0..100 {
        if last["state"].is_null() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        last = state();
    }
    let words = last["content"].as_str().map(|text| text.split_whitespace().count());
    assert_eq!((&last["state"], words), (&Value::Null, Some(40)), "{last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn narrow_terminals_and_resizes_wrap_the_next_answer() {
    let (_upstream, home) = local().await;
    let mut talk = Talk(terminal(home.shell("stty cols 40 rows 20; exec qwenctl chat")));
    talk.sees("> ");
    talk.says("/help", "/exit");
    let widest = |talk: &mut Talk| {
        talk.types("[[lorem:30]]\r");
        talk.sees("\n");
        let answer = talk.until("> ");
        answer.split(['\r', '\n']).map(UnicodeWidthStr::width).max().unwrap_or_default()
    };
    let narrow = widest(&mut talk);
    let file = talk.0.process().get_file_handle().expect("the terminal");
    let size = rustix::termios::Winsize { ws_row: 30, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
    rustix::termios::tcsetwinsize(&file, size).expect("another size");
    let wide = widest(&mut talk);
    assert!((20..=40).contains(&narrow) && (80..=100).contains(&wide), "{narrow} {wide}");
    assert_eq!(talk.leaves().1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_between_two_prompts_do_not_end_the_conversation() {
    let (upstream, mut home) = local().await;
    home.set("QWEN_REFRESH_TOKEN", &upstream.refresh_token());
    let mut talk = Talk::start(&home, &[]);
    talk.says("[[fault:F34]][[deltas:**late**]]", "\u{1b}[1mlate");
    talk.says("[[fault:F66]][[deltas:**cut|off**]]", "cutoff");
    talk.says("[[fault:F8]][[deltas:**mine**]]", "\u{1b}[1mmine");
    talk.says("[[deltas:**after**]]", "\u{1b}[1mafter");
    assert_eq!(talk.leaves().1, 0);
}

/// A session as `script` would record it; this terminal does not echo what is typed.
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_terminal_gets_plain_lines() {
    let (_upstream, home) = local().await;
    let arguments = ["-m", "local-echo-max", "--no-history"];
    let mut talk = Talk::with(&home, &arguments, &[("TERM", "dumb")]);
    let mut record = String::new();
    for line in [
        "[[deltas:one **two**]]",
        "[[deltas:a]] more",
        "/retry",
        "/edit 9",
        "/file x",
        "/nonsense",
        "[[fault:F38]] refused",
        "/usage",
        "/copy",
    ] {
        talk.types(&format!("{line}\r"));
        record += &talk.until("\n> ");
        record += "\n> ";
    }
    let (shown, status) = talk.leaves();
    assert_eq!(status, 0, "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    assert_eq!(messages(&home, true).len(), 6);
    let record = record.replace('\r', "");
    let tokens = regex::Regex::new("[0-9]+ tokens in, [0-9]+ out").expect("a pattern");
    let record = tokens.replace_all(&record, "[N] tokens in, [N] out");
    insta::assert_snapshot!(record, @r"
    one **two**

    > a

    > a

    > error: there is no prompt 9
    hint: the prompts are 1 to 2
    > error: cannot read `x`: there is no such file
    > error: there is no command `/nonsense`
    hint: `/help` lists the commands; a space before the `/` sends it as text
    > error: the upstream's content filter refused: Input text data may contain
    inappropriate content
    an empty line sends the text again

    > last answer: [N] tokens in, [N] out
    3 answers: [N] tokens in, [N] out
    > error: this terminal has no clipboard
    hint: install `wl-copy` or `xclip`, or use `/save FILE`
    >
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_standard_input_is_one_prompt() {
    let (_upstream, home) = local().await;
    let run = home.run(&["-q", "chat"]).stdin("[[deltas:**a**]]\nline two\n").triple();
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "**a**\n", ""));
    assert_eq!(sent(&home), ["[[deltas:**a**]]\nline two\n"]);
    let run = home.run(&["chat", "-c", "--json"]).stdin("[[deltas:b]]").triple();
    assert_eq!(run.json()["data"]["content"], "b");
    assert_eq!(sent(&home).len(), 2);
    let run = home.run(&["chat"]).stdin("").triple();
    assert_eq!(run.status, 2, "{}", run.stderr);
}
