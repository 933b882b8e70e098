//! The archive: `chats sync` and `chats search`.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{chat_with_a_turn, local};
use crate::support::bodies::{answer, detail, envelope, gone, prompt, quota, row};
use crate::support::cmd::{Home, Triple};
use crate::support::filters::assert_run;
use crate::support::response::Response;
use crate::support::upstream::Upstream;

/// The id of chat `n`.
fn id(n: usize) -> String {
    format!("c0000000-0000-4000-8000-{n:012}")
}

/// A chat of one turn, and its row in the list.
fn chat(n: usize) -> (Value, Value) {
    let (user, reply) = (format!("a{n}"), format!("b{n}"));
    let question = prompt(&user, None, &format!("question {n}"), &[&reply]);
    let mut chat = detail(&[question, answer(&reply, &user, "Đường này")]);
    let mut listed = row(n);
    let values = [
        ("id", json!(id(n))),
        ("title", json!(format!("Title {n}"))),
        ("updated_at", json!(1_790_000_000 + n)),
    ];
    for (name, value) in values {
        chat[name] = value.clone();
        listed[name] = value;
    }
    (chat, listed)
}

/// The list of an upstream.
#[derive(Clone, Default)]
struct List(Arc<Mutex<Vec<Value>>>);

impl List {
    /// The only list of `upstream`, with the chats `numbers`.
    fn of(upstream: &Upstream, numbers: &[usize]) -> Self {
        let list = Self::default();
        list.set(numbers);
        let rows = list.clone();
        upstream.always("GET /api/v2/chats/?page=1", move || envelope(rows.rows()));
        for rest in ["/chats/?page=2", "/chats/archived", "/projects/"] {
            upstream.always(&format!("GET /api/v2{rest}"), || envelope(json!([])));
        }
        list
    }

    fn set(&self, numbers: &[usize]) {
        *self.0.lock().expect("a lock") = numbers.iter().map(|n| chat(*n).1).collect();
    }

    fn rows(&self) -> Value {
        self.0.lock().expect("a lock").clone().into()
    }
}

fn detail_call(n: usize) -> String {
    format!("GET /api/v2/chats/{}", id(n))
}

fn has(upstream: &Upstream, numbers: impl IntoIterator<Item = usize>) {
    for n in numbers {
        upstream.on(&detail_call(n), envelope(chat(n).0));
    }
}

fn sync(home: &Home, arguments: &[&str]) -> (Value, Triple) {
    let arguments = [&["chats", "sync", "--json"], arguments].concat();
    let triple = home.triple(&arguments);
    (triple.json(), triple)
}

fn count(document: &Value, names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| document["data"][*name].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_are_synced_and_searched_offline() {
    let (upstream, mut home) = local().await;
    let chat = chat_with_a_turn(&home);
    home.triple(&["chats", "rename", &chat, "Đường đi Huế"]);
    let (first, _) = sync(&home, &[]);
    let names = ["listed", "new", "changed", "unchanged", "fetched", "gone", "failed", "full"];
    assert_eq!(
        count(&first, &names),
        [1.into(), 1.into(), 0.into(), 0.into(), 1.into(), 0.into(), json!([]), true.into()]
    );
    let (second, _) = sync(&home, &[]);
    assert_eq!(
        count(&second, &names),
        [1.into(), 0.into(), 0.into(), 1.into(), 0.into(), 0.into(), json!([]), false.into()]
    );
    upstream.shutdown().await;
    home.set("QWEN_TOKEN", &crate::support::tokens::token("none", 86_400));
    let found = home.triple(&["chats", "search", "duong", "--all-accounts", "--json"]).json();
    assert_eq!(found["results"][0]["chat_id"], json!(chat));
    assert_eq!(found["results"][0]["message_id"], Value::Null);
    assert_eq!(
        found["results"][0]["snippet"],
        json!([{"text": "Đường", "match": true}, {"text": " đi Huế"}])
    );
    assert_eq!((&found["total"], &found["total_is_exact"]), (&json!(1), &json!(true)));
    assert_eq!((&found["source"], &found["cursor"]), (&json!("archive"), &Value::Null));
    assert!(found["synced_at"].is_i64(), "{found}");
    let line = home.triple(&["chats", "search", "HELLO role:user", "--all-accounts"]).stdout;
    let cells: Vec<_> = line.trim_end().split('\t').collect();
    assert_eq!((cells.len(), cells[0], cells[3], cells[4]), (5, chat.as_str(), "user", "Hello"));
    // The account of this token has nothing.
    let none = home.triple(&["chats", "search", "duong", "-o", "ndjson"]);
    assert_eq!((none.status, none.stdout.as_str()), (0, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn archive_is_needed_for_a_search_and_bad_queries_are_refused() {
    let home = Home::new();
    assert_run!(home.run(&["chats", "search", "x"]), @r"
    exit: 5
    --- stdout
    --- stderr
    error: there is no archive yet
    hint: run `qwenctl chats sync` to make one
    ");
    for bad in ["++", "role:user", "x in:images", "x after:soon"] {
        assert_eq!(home.triple(&["chats", "search", bad]).status, 2, "{bad}");
    }
    assert_eq!(home.triple(&["chats", "search", "-E", "("]).status, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_broken_chat_does_not_stop_the_others() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    List::of(&upstream, &[5, 4, 3, 2, 1]);
    has(&upstream, [5, 3, 2, 1]);
    upstream.on(&detail_call(4), Response::new("text/html", "<html>hello</html>"));
    let (report, triple) = sync(&home, &[]);
    assert_eq!(triple.status, 8);
    assert_eq!(count(&report, &["fetched"]), [4]);
    let failed = &report["data"]["failed"];
    assert_eq!(
        (&failed[0]["id"], &failed[0]["code"]),
        (&json!(id(4)), &json!("upstream_protocol"))
    );
    assert!(failed[0]["next_try_at"].is_i64() && failed[1].is_null(), "{report}");
    assert_eq!((&report["success"], &report["code"]), (&json!(false), &json!("upstream_protocol")));
    // It waits for its time, and is still reported.
    let (again, triple) = sync(&home, &[]);
    assert_eq!((triple.status, count(&again, &["fetched"])), (8, vec![json!(0)]));
    upstream.on(&detail_call(4), envelope(chat(4).0));
    let (full, triple) = sync(&home, &["--full"]);
    assert_eq!(
        (triple.status, count(&full, &["fetched", "failed"])),
        (0, vec![json!(1), json!([])])
    );
    let found = home.triple(&["chats", "search", "duong", "--limit", "9", "--json"]).json();
    assert_eq!(found["total"], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn browser_check_ends_the_work_at_once() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    List::of(&upstream, &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    has(&upstream, [9]);
    let check = || Response::new("text/html", "<!--rgv587_flag:sm-->");
    for n in [8, 7, 6] {
        upstream.always(&detail_call(n), check);
    }
    let (report, triple) = sync(&home, &["--rate", "20/s"]);
    assert_eq!((triple.status, &report["code"]), (9, &json!("browser_check")));
    assert_eq!(count(&report, &["fetched", "failed"]), [json!(1), json!([])]);
    let asked: usize = (1..=8).map(|n| upstream.count(&detail_call(n))).sum();
    assert!(asked <= 3, "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rate_limit_ends_the_work_and_is_remembered() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    List::of(&upstream, &[1]);
    upstream.always(&detail_call(1), || crate::support::bodies::json(quota()));
    let (report, triple) = sync(&home, &[]);
    assert_eq!((triple.status, &report["code"]), (6, &json!("rate_limited")));
    assert_eq!(report["retry_after"], 3 * 3600);
    let asked = upstream.count("GET /api/v2/chats/?page=1");
    let (refused, triple) = sync(&home, &[]);
    assert_eq!((triple.status, upstream.count("GET /api/v2/chats/?page=1")), (6, asked));
    assert!(refused["retry_after"].as_i64().is_some_and(|seconds| seconds > 3 * 3500), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn vanished_chats_are_confirmed_marked_and_kept() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let list = List::of(&upstream, &[3, 2, 1]);
    has(&upstream, [3, 2, 1]);
    assert_eq!(sync(&home, &[]).1.status, 0);
    list.set(&[3]);
    upstream.on(&detail_call(2), gone());
    // Not listed, but there.
    has(&upstream, [1]);
    let (report, triple) = sync(&home, &["--full"]);
    assert_eq!(
        (triple.status, count(&report, &["fetched", "gone"])),
        (0, vec![json!(0), json!(1)])
    );
    let found = home.triple(&["chats", "search", "\"question 2\"", "--json"]).json();
    assert_eq!((&found["total"], &found["results"][0]["state"]), (&json!(1), &json!("gone")));
}

#[tokio::test(flavor = "multi_thread")]
async fn archived_copy_is_shown_when_the_upstream_cannot_be_read() {
    let (upstream, home) = local().await;
    let chat = chat_with_a_turn(&home);
    assert_eq!(sync(&home, &[]).1.status, 0);
    let online = home.triple(&["chats", "show", &chat, "--json"]).json();
    home.triple(&["chats", "delete", &chat, "--yes"]);
    let gone = home.triple(&["chats", "show", &chat[..8]]);
    assert_eq!(gone.status, 0, "{gone:?}");
    assert!(gone.stdout.contains("Hello"), "{gone:?}");
    assert!(gone.stderr.contains("this is the archived copy"), "{gone:?}");
    upstream.shutdown().await;
    let offline = home.triple(&["chats", "show", &chat, "--json"]);
    let document = offline.json();
    assert_eq!((offline.status, &document["data"]["source"]), (0, &json!("archive")));
    assert_eq!(document["data"]["messages"], online["data"]["messages"]);
    let other = home.triple(&["chats", "show", &id(1)]);
    assert_eq!(other.status, 7, "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn archive_is_checked_and_mended() {
    let (_upstream, home) = local().await;
    for command in ["status", "check", "rebuild"] {
        assert_eq!(home.triple(&["archive", command]).status, 5, "{command}");
    }
    let path = home.triple(&["archive", "path"]).stdout;
    assert!(!std::path::Path::new(path.trim_end()).exists(), "{path}");
    chat_with_a_turn(&home);
    sync(&home, &[]);
    let status = home.triple(&["archive", "status", "--json"]).json();
    let numbers = ["accounts", "chats", "messages", "gone", "failed", "waiting"];
    assert_eq!(count(&status, &numbers), [1, 1, 2, 0, 0, 0].map(|number: i64| json!(number)));
    assert_eq!(home.triple(&["archive", "check"]).stdout, "the archive is sound\n");
    assert_eq!(home.triple(&["archive", "rebuild"]).status, 0);
    assert_eq!(home.triple(&["chats", "search", "hello role:user", "--json"]).json()["total"], 1);
    std::fs::write(path.trim_end(), "no database".repeat(99)).expect("written");
    let damaged = home.triple(&["archive", "check"]);
    assert_eq!(damaged.status, 1);
    assert!(damaged.stderr.contains("is damaged"), "{damaged:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_list_marks_nothing() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let all: Vec<_> = (1..=30).rev().collect();
    let list = List::of(&upstream, &all);
    has(&upstream, 1..=30);
    assert_eq!(sync(&home, &[]).1.status, 0);
    list.set(&[]);
    let (report, triple) = sync(&home, &["--full"]);
    assert_eq!((triple.status, count(&report, &["gone"])), (8, vec![json!(0)]));
    for n in 1..=30 {
        upstream.on(&detail_call(n), gone());
    }
    let (report, triple) = sync(&home, &["--full", "--accept-gone"]);
    assert_eq!((triple.status, count(&report, &["gone"])), (0, vec![json!(30)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_changed_chats_are_fetched_again() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let list = List::of(&upstream, &[3, 2, 1]);
    has(&upstream, [3, 2, 1]);
    sync(&home, &[]);
    list.set(&[4, 3, 2, 1]);
    list.0.lock().expect("a lock")[1]["title"] = json!("Renamed");
    list.0.lock().expect("a lock")[3]["updated_at"] = json!(1_790_000_003);
    has(&upstream, [4, 3, 1]);
    let (report, triple) = sync(&home, &[]);
    let names = ["new", "changed", "unchanged", "fetched", "full"];
    let expected = [1.into(), 2.into(), 1.into(), 3.into(), false.into()];
    assert_eq!((triple.status, count(&report, &names)), (0, expected.into()));
    assert_eq!(upstream.count(&detail_call(2)), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sync_runs_at_a_time() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let data = home.path().join(".local/share/qwenctl");
    std::fs::create_dir_all(&data).expect("created");
    let lock = std::fs::File::create(data.join("archive.lock")).expect("created");
    lock.lock().expect("locked");
    let (report, triple) = sync(&home, &[]);
    assert_eq!((triple.status, &report["code"]), (10, &json!("chat_in_progress")));
    drop(lock);
    List::of(&upstream, &[]);
    assert_eq!(sync(&home, &[]).1.status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_sync_continues_where_it_ended() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    List::of(&upstream, &[3, 2, 1]);
    has(&upstream, [3]);
    upstream.on(&detail_call(2), Response::silence());
    upstream.on(&detail_call(1), Response::silence());
    let running = home.start(&["chats", "sync", "--json"]);
    upstream.until(&detail_call(1), 1).await;
    let search = || home.triple(&["chats", "search", "duong", "--json"]).json()["total"].clone();
    // Each look takes a while: the process that writes goes on beside it.
    while search() != json!(1) {}
    running.signal("KILL");
    running.end();
    has(&upstream, [2, 1]);
    let (report, triple) = sync(&home, &[]);
    assert_eq!((triple.status, count(&report, &["fetched"])), (0, vec![json!(2)]));
    assert_eq!(upstream.count(&detail_call(3)), 1);
    assert_eq!(search(), json!(3));
    // One chat by its id is fetched whatever the list says.
    has(&upstream, [1]);
    let (one, triple) = sync(&home, &[&id(1)]);
    assert_eq!((triple.status, count(&one, &["fetched"])), (0, vec![json!(1)]));
}
