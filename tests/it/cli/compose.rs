//! Around a prompt: editor, templates, where the answer goes, and the config file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use super::local;
use crate::support::cmd::Home;

/// The text in the file that the hint or the warning of a run names.
fn kept(stderr: &str) -> String {
    let (_, path) = stderr.split_once("the text is in ").expect(stderr);
    fs::read_to_string(path.lines().next().expect("a path")).expect("the text")
}

/// Asks in a new chat; returns the messages of that chat.
fn asked(home: &Home, arguments: &[&str], stdin: Option<&str>) -> Vec<Value> {
    let arguments = [&["quick", "--new", "--json"], arguments].concat();
    let mut run = home.run(&arguments);
    if let Some(stdin) = stdin {
        run = run.stdin(stdin);
    }
    let run = run.triple();
    assert_eq!(run.status, 0, "{run:?}");
    let id = run.json()["data"]["chat_id"].as_str().expect("a chat").to_owned();
    let chat = home.triple(&["chats", "show", &id, "--json"]).json();
    chat["data"]["messages"].as_array().expect("messages").clone()
}

fn write(path: PathBuf, text: &str) {
    fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    fs::write(path, text).expect("a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_edited_before_it_is_sent() {
    let (_upstream, mut home) = local().await;
    home.set("EDITOR", "sed -i s/hello/goodbye/");
    assert_eq!(asked(&home, &["-e", "say hello"], None)[0]["content"], "say goodbye");
    home.set("VISUAL", "printf 'from scratch' >");
    assert_eq!(asked(&home, &["-e"], None)[0]["content"], "from scratch");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_that_fails_or_empties_the_text_loses_nothing() {
    let (_upstream, mut home) = local().await;
    for editor in ["false", ": >", "exit 3;", "/nowhere/editor"] {
        home.set("EDITOR", editor);
        let run = home.triple(&["quick", "--new", "-e", "a long text"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{editor}: {}", run.stderr);
        assert_eq!(kept(&run.stderr), "a long text", "{editor}");
    }
    let run = home.triple(&["quick", "--new", "-e"]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    // A text that was edited and is refused is kept, too.
    home.set("EDITOR", "sed -i s/one/two/");
    let run = home.triple(&["quick", "--new", "-e", "[[fault:F38]] one"]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert_eq!(kept(&run.stderr), "[[fault:F38]] two");
    assert_eq!(home.triple(&["chats", "list"]).stderr, "no chats\n");
    // Also without an account.
    home.unset("QWEN_TOKEN");
    let run = home.triple(&["-q", "quick", "-e", "a letter from one"]);
    assert_eq!(run.status, 4, "{}", run.stderr);
    assert_eq!(kept(&run.stderr), "a letter from two");
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_filled_with_variables_and_the_message() {
    let (_upstream, home) = local().await;
    let templates = home.path().join(".config/qwenctl/templates");
    write(
        templates.join("review.toml"),
        "about = 'Review code'\nsystem = 'Be brief.'\nmodel = 'local-echo-plus'\nthink = true\n\
         prompt = '''\nReview this {{language}}:\n{{input}}\n'''\n[defaults]\nlanguage = 'Rust'\n",
    );
    write(templates.join("joke.toml"), "prompt = 'Tell a joke about {{topic}}.'\n");
    write(templates.join("broken.toml"), "prompt = 'x'\nmodle = 'y'\n");
    let messages = asked(&home, &["-t", "review"], Some("fn a() {}\n"));
    assert_eq!(messages[0]["content"], "Be brief.\n\nReview this Rust:\nfn a() {}");
    assert_eq!(messages[1]["model"], "local-echo-plus", "{messages:?}");
    assert!(messages[1]["thinking"].is_string(), "{messages:?}");
    let messages = asked(&home, &["-t", "joke", "--var", "topic=cats"], None);
    assert_eq!(messages[0]["content"], "Tell a joke about cats.");
    let list = home.triple(&["templates", "list"]);
    assert_eq!(list.stdout, "joke\t\ttopic\nreview\tReview code\tlanguage\n");
    assert!(list.stderr.contains("`broken` is broken at line 2"), "{}", list.stderr);
    for (arguments, status, message) in [
        (&["-t", "revew", "x"][..], 5, "did you mean `review`?"),
        (&["-t", "joke"], 2, "needs a value for `topic`"),
        (&["-t", "joke", "--var", "tpic=x"], 2, "no variable `tpic`"),
        (&["-t", "review"], 2, "message"),
        (&["-t", "broken", "x"], 2, "line 2"),
        (&["-t", "../review", "x"], 2, "not the name of a template"),
        (&["--var", "a=b", "x"], 2, "--template"),
    ] {
        let run = home.triple(&[&["quick", "--new"], arguments].concat());
        assert_eq!(run.status, status, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{arguments:?}: {}", run.stderr);
    }
    let unknown = home.triple(&["quick", "--new", "-t", "review", "-m", "nonsense", "x"]);
    assert_eq!(unknown.status, 2, "{}", unknown.stderr);
    assert!(unknown.stderr.contains("`nonsense`"), "{}", unknown.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_made_in_the_editor_and_checked() {
    let (_upstream, mut home) = local().await;
    let path = home.path().join(".config/qwenctl/templates/new.toml");
    home.set("EDITOR", "sed -i 's/^about.*/about = \"mine\"/'");
    let run = home.triple(&["templates", "edit", "new"]);
    assert_eq!(run.stdout, format!("{}\n", path.display()), "{}", run.stderr);
    assert!(home.triple(&["templates", "show", "new"]).stdout.contains("about = \"mine\""));
    home.set("EDITOR", "sed -i s/about/abuot/");
    let run = home.triple(&["templates", "edit", "new"]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(kept(&run.stderr).contains("abuot"));
    assert!(fs::read_to_string(&path).expect("a template").contains("about = \"mine\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_goes_into_a_file_once() {
    let (_upstream, home) = local().await;
    let file = home.path().join("answer.md");
    let prompt = "[[deltas:text\n\n```rust\nfn a() {}\n```\n\n```sh\necho\n```]]";
    let out = ["-q", "quick", "--new", "-O", "answer.md", prompt];
    home.run(&out).check();
    let text = fs::read_to_string(&file).expect("the answer");
    assert!(text.starts_with("text\n\n```rust") && text.ends_with("```\n"), "{text}");
    let run = home.triple(&out);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("already exists") && run.stderr.contains("--force"));
    home.run(&[&out[..], &["--force", "--extract=sh"]].concat()).check();
    assert_eq!(fs::read_to_string(&file).expect("the answer"), "echo\n");
    assert_eq!(home.triple(&["quick", "-O", "no/where", "x"]).status, 2);
    // One chat for each answer: what was refused has sent nothing.
    assert_eq!(home.triple(&["chats", "list"]).stdout.lines().count(), 2);
    let printed = home.triple(&["-q", "quick", "--new", "-O", "-", "[[deltas:words]]"]);
    assert_eq!((printed.status, printed.stdout.as_str()), (0, "words\n"));
    assert!(!home.path().join("-").exists());
    let refused = ["-q", "quick", "--new", "-O", "part.md", "[[fault:F38]] x"];
    assert_ne!(home.triple(&refused).status, 0);
    assert!(!home.path().join("part.md").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_code_block_is_extracted() {
    let (_upstream, home) = local().await;
    let prompt = "[[deltas:text\n\n```\nplain\n```\n\n1. a\n\n   ```rs\n   fn a() {}\n   ```]]";
    let quick = ["-q", "quick", "--new"];
    home.run(&[&quick[..], &["--extract", prompt]].concat()).stdout("plain\n").check();
    home.run(&[&quick[..], &["--extract=rust", prompt]].concat()).stdout("fn a() {}\n").check();
    let run = home.triple(&[&quick[..], &["--extract=python", prompt]].concat());
    assert_eq!((run.status, run.stdout.as_str()), (5, ""));
    assert!(run.stderr.contains("no code block in python"), "{}", run.stderr);
    assert!(run.stderr.contains("chats show"), "{}", run.stderr);
    let gone = home.triple(&["-q", "quick", "--ephemeral", "--extract", "[[deltas:words]]"]);
    assert_eq!((gone.status, gone.stdout.as_str()), (5, ""));
    assert!(gone.stderr.contains("words\n"), "{}", gone.stderr);
    let json = home.triple(&[&quick[..], &["--extract", "--json", prompt]].concat());
    assert_eq!((json.status, json.json()["code"].as_str()), (2, Some("invalid_request")));
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_printed_on_request() {
    let (_upstream, home) = local().await;
    let run = home.triple(&["quick", "--new", "--usage", "[[deltas:x]]"]);
    assert_eq!(run.stdout, "x\n");
    assert!(run.stderr.contains("local-echo-max · ") && run.stderr.contains(" tokens in, "));
    let run = home.triple(&["quick", "--new", "--notify", "[[deltas:x]]"]);
    assert!(!run.stderr.contains('\u{7}'), "no terminal, no bell: {run:?}");
}

#[test]
fn settings_are_changed_in_the_file_and_its_comments_stay() {
    let mut home = Home::new();
    let file = home.config_file();
    let set = |home: &Home, arguments: &[&str]| home.triple(&[&["config"], arguments].concat());
    let run = set(&home, &["set", "model", "qwen3-max"]);
    assert_eq!(run.stdout, format!("{}\n", file.display()), "{}", run.stderr);
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    write(file.clone(), "# mine\nmodel = \"qwen3-max\" # the best\n");
    assert_eq!(set(&home, &["set", "idle_timeout", "5m"]).status, 0);
    assert_eq!(set(&home, &["set", "model", "other"]).status, 0);
    let text = fs::read_to_string(&file).expect("a file");
    assert_eq!(text, "# mine\nmodel = \"other\" # the best\nidle_timeout = \"5m\"\n");
    assert_eq!(set(&home, &["get", "idle_timeout"]).stdout, "5m\n");
    assert_eq!(set(&home, &["unset", "model"]).status, 0);
    for (arguments, message) in [
        (&["set", "modle", "x"][..], "did you mean `model`?"),
        (&["set", "idle_timeout", "soon"], "idle_timeout"),
        (&["set", "token", "x"], "token"),
        (&["get", "nonsense"], "no setting `nonsense`"),
    ] {
        let run = set(&home, arguments);
        assert_eq!(run.status, 2, "{arguments:?}");
        assert!(run.stderr.contains(message), "{arguments:?}: {}", run.stderr);
    }
    let text = fs::read_to_string(&file).expect("a file");
    assert_eq!(text, "# mine\nidle_timeout = \"5m\"\n");
    home.set("EDITOR", "sed -i s/5m/never/");
    let run = set(&home, &["edit"]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    assert!(kept(&run.stderr).contains("never"));
    assert_eq!(fs::read_to_string(&file).expect("a file"), text);
    home.set("EDITOR", "sed -i s/5m/6m/");
    assert_eq!(set(&home, &["edit"]).status, 0);
    assert_eq!(set(&home, &["get", "idle-timeout"]).stdout, "6m\n");
}
