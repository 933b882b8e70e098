//! `--file`: what goes with a prompt, and what is refused before anything is sent.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::local;
use crate::local_upstream::files::png;
use crate::support::cmd::Home;

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

async fn requests(upstream: &qwenctl::local::LocalUpstream) -> Value {
    let url = format!("{}/__local/requests", upstream.auth_url());
    client().get(url).send().await.expect("a response").json().await.expect("JSON")
}

fn write(home: &Home, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = home.path().join(name);
    fs::write(&path, content).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_standard_input_go_with_a_prompt() {
    let (upstream, home) = local().await;
    let (photo, report) =
        (write(&home, "photo.png", png()), write(&home, "report.md", "# One two\nthree"));
    let sent = home
        .run(&["quick", "--json", "--new", "-f", &photo, "-f", &report, "-", "What is this?"])
        .stdin("notes four five")
        .triple();
    assert_eq!(sent.status, 0, "{}", sent.stderr);
    let answer = sent.json()["data"]["content"].as_str().expect("an answer").to_owned();
    for part in [
        "What is this?",
        "notes four five",
        "`photo.png` is a PNG of 640 × 480",
        "begins: # One two",
    ] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
    let id = sent.json()["chat_id"].as_str().expect("an id").to_owned();
    let piped = home.run(&["send", &id, "And this?", "-f", "-"]).stdin("six seven").triple();
    assert_eq!(piped.status, 0, "{}", piped.stderr);
    assert!(
        piped.stdout.contains("`stdin.txt` has 9 bytes and begins: six seven"),
        "{}",
        piped.stdout
    );
    let shown = home.triple(&["chats", "show", &id, "--json"]).json();
    let files = &shown["data"]["messages"][0]["files"];
    assert_eq!(
        files[0],
        json!({"name": "photo.png", "type": "image/png", "size": 200, "kind": "image"})
    );
    assert_eq!(files[1]["kind"], "document");
    let attached = "photo.png (image/png, 200 bytes)";
    let shown = home.triple(&["chats", "show", &id]).stdout;
    assert!(shown.contains(&format!("Attached: {attached}\n")), "{shown}");
    for (format, expected) in [
        ("md", format!("Attached: ` {attached} `")),
        ("html", format!("<p>Attached: {attached}</p>")),
    ] {
        let exported = home.triple(&["chats", "export", &id, "--format", format, "-o", "-"]);
        assert!(exported.stdout.contains(&expected), "{exported:?}");
    }
    let log = requests(&upstream).await;
    let sent = log["requests"]
        .as_array()
        .expect("a log")
        .iter()
        .filter_map(|entry| entry["files"].as_u64());
    assert_eq!(sent.collect::<Vec<_>>(), [2, 1]);
    assert_eq!(log["counts"]["POST /api/v2/files/getstsToken"], 3);
    // The same file again costs no upload.
    assert_eq!(home.triple(&["send", &id, "Again", "-f", &photo]).status, 0);
    let log = requests(&upstream).await;
    assert_eq!(log["counts"]["POST /api/v2/files/getstsToken"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_files_are_refused_before_anything_is_sent() {
    let (upstream, home) = local().await;
    let large = [png(), vec![0; 21_000_000]].concat();
    let names = |count: usize| {
        let each = (0..count).map(|n| write(&home, &format!("{n}.png"), [png(), vec![1]].concat()));
        each.flat_map(|path| ["-f".to_owned(), path]).collect::<Vec<_>>()
    };
    let one = |path: &str| vec!["-f".to_owned(), path.to_owned()];
    let fifo = home.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
    let six = names(6);
    let mut mixed = one(&write(&home, "s.mp3", "ID3\u{4}sound"));
    mixed.extend(names(1));
    for (arguments, words) in [
        (one(&write(&home, "empty.txt", "")), "is empty"),
        (one(&write(&home, "empty.png", "")), "is empty"),
        (one(&write(&home, "large.png", large)), "20971520"),
        (one(&write(&home, "page.png", "<!doctype html><p>")), "not what its name says"),
        (one(&write(&home, "script.svg", "<svg><script>a()</script></svg>")), "with scripts"),
        (one(&write(&home, "a.bin", b"\0\x01\x02")), "not supported"),
        (one(home.path().to_str().expect("UTF-8")), "is a directory"),
        (one(fifo.to_str().expect("UTF-8")), "not a regular file"),
        (one("/dev/zero"), "not a regular file"),
        (one("/none/such.png"), "no such file"),
        (one("http://169.254.169.254/latest"), "not a public address"),
        (one("http://localhost:1/a.png"), "not a public address"),
        (six, "too many"),
        (mixed, "media of one kind"),
    ] {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let refused = home.triple(&[&["quick", "--new", "Hello"], arguments.as_slice()].concat());
        assert_eq!(refused.status, 2, "{arguments:?} {}", refused.stderr);
        assert!(refused.stderr.contains(words), "{arguments:?} {}", refused.stderr);
        assert_eq!(refused.stdout, "");
    }
    let log = requests(&upstream).await;
    assert_eq!(log["total"], 0, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_upload_sends_no_prompt_and_makes_no_chat() {
    let (upstream, home) = local().await;
    let file = write(&home, "a.txt", "text");
    let client = client();
    let faults = format!("{}/__local/faults", upstream.auth_url());
    for (fault, status) in [
        ("F80", 8),
        ("F115:empty", 8),
        ("F116", 2),
        ("F117:evil", 8),
        ("F118", 8),
        ("F82", 2),
        ("F120:failed", 2),
        ("F80:skew", 2),
        ("F123", 2),
    ] {
        client.post(&faults).json(&json!({"fault": fault})).send().await.expect("armed");
        let file = if fault == "F123" { write(&home, "a.png", png()) } else { file.clone() };
        let refused = home.triple(&["quick", "--new", "Hello", "-f", &file]);
        assert_eq!(refused.status, status, "{fault}: {}", refused.stderr);
        client.delete(&faults).send().await.expect("disarmed");
    }
    let log = requests(&upstream).await;
    for path in ["POST /api/v2/chat/completions", "POST /api/v2/chats/new"] {
        assert_eq!(log["counts"].get(path), None, "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_without_eyes_is_named_with_one_that_sees() {
    let (_upstream, home) = local().await;
    let file = write(&home, "a.png", png());
    let refused = home.triple(&["quick", "--new", "-m", "local-echo-flash", "Hello", "-f", &file]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("`local-echo-flash` reads no pictures"), "{}", refused.stderr);
    assert!(refused.stderr.contains("`local-echo-max`"), "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_would_be_sent() {
    let (upstream, home) = local().await;
    let file = write(&home, "a.png", png());
    let shown = home.triple(&["quick", "--dry-run", "Hello", "-f", &file]);
    assert_eq!((shown.status, shown.stderr.as_str()), (0, ""));
    assert_eq!(
        shown.stdout,
        "a message of 5 bytes\npicture: a.png (image/png, 200 bytes)\nnothing was sent\n"
    );
    let shown = home.triple(&["quick", "--dry-run", "--json", "Hello", "-f", &file]).json();
    assert_eq!(shown["data"]["files"][0]["name"], "a.png");
    assert_eq!(requests(&upstream).await["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_message_goes_as_a_file() {
    let (upstream, home) = local().await;
    let words = "word ".repeat(60_000);
    let sent = home.run(&["quick", "--new", "Sum up:"]).stdin(words.clone()).triple();
    assert_eq!(sent.status, 0, "{}", sent.stderr);
    assert!(sent.stderr.contains("its text goes as the file Pasted_Text_"), "{}", sent.stderr);
    assert!(
        sent.stdout.contains("Sum up:") && sent.stdout.contains("begins: word word"),
        "{}",
        sent.stdout
    );
    let refused =
        home.run(&["quick", "--new", "--long-as-file", "never", "Sum up:"]).stdin(words).triple();
    assert_eq!(refused.status, 3, "{}", refused.stderr);
    let short = home.triple(&["quick", "--new", "--long-as-file", "always", "Hello"]);
    assert!(short.stdout.contains("has 5 bytes and begins: Hello"), "{}", short.stdout);
    let log = requests(&upstream).await;
    assert_eq!(log["counts"]["POST /api/v2/chat/completions"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_file_that_is_refused_is_uploaded_again() {
    let (upstream, home) = local().await;
    let file = write(&home, "a.png", png());
    let first = home.triple(&["quick", "--new", "Hello", "-f", &file]);
    assert_eq!(first.status, 0, "{}", first.stderr);
    let again = home.triple(&["quick", "--new", "[[fault:F121]] Hello", "-f", &file]);
    assert_eq!(again.status, 0, "{}", again.stderr);
    assert!(again.stdout.contains("640 × 480"), "{}", again.stdout);
    let log = requests(&upstream).await;
    assert_eq!(log["counts"]["POST /api/v2/files/getstsToken"], 2);
    assert_eq!(log["counts"]["POST /api/v2/chat/completions"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_remembered_in_a_private_file_without_secrets() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_upstream, home) = local().await;
    let file = write(&home, "a.png", png());
    assert_eq!(home.triple(&["quick", "--new", "Hello", "-f", &file]).status, 0);
    let found = find(home.path(), "uploads.json").expect("a file");
    assert_eq!(fs::metadata(&found).expect("there").permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(found).expect("text");
    assert!(text.contains("a.png") && !text.contains("STS."), "{text}");
}

fn find(directory: &Path, name: &str) -> Option<std::path::PathBuf> {
    fs::read_dir(directory).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() { find(&path, name) } else { path.ends_with(name).then_some(path) }
    })
}
