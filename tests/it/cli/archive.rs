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
pub(super) fn id(n: usize) -> String {
    format!("c0000000-0000-4000-8000-{n:012}")
}

/// A chat of one turn, and its row in the list.
pub(super) fn chat(n: usize) -> (Value, Value) {
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
pub(super) struct List(Arc<Mutex<Vec<Value>>>);

impl List {
    /// The only list of `upstream`, with the chats `numbers`.
    pub(super) fn of(upstream: &Upstream, numbers: &[usize]) -> Self {
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

pub(super) fn detail_call(n: usize) -> String {
    format!("GET /api/v2/chats/{}", id(n))
}

pub(super) fn has(upstream: &Upstream, numbers: impl IntoIterator<Item = usize>) {
    for n in numbers {
        upstream.on(&detail_call(n), envelope(chat(n).0));
    }
}

pub(super) fn sync(home: &Home, arguments: &[&str]) -> (Value, Triple) {
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
    assert_eq!((triple.status, &report["code"]), (10, &json!("sync_in_progress")));
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

#[tokio::test(flavor = "multi_thread")]
async fn rows_with_unusable_ids_are_reported_and_do_not_stop_the_others() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let list = List::of(&upstream, &[2, 1]);
    list.0.lock().expect("a lock")[0]["id"] = json!("../delete");
    has(&upstream, [1]);
    let (report, triple) = sync(&home, &[]);
    assert_eq!((triple.status, count(&report, &["fetched", "listed"])), (8, vec![json!(1); 2]));
    let failed = &report["data"]["failed"];
    assert_eq!(
        (&failed[0]["id"], &failed[0]["code"], &failed[1]),
        (&json!("../delete"), &json!("upstream_protocol"), &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn moved_chat_is_updated_from_the_list_and_not_fetched() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let list = List::of(&upstream, &[2, 1]);
    has(&upstream, [2, 1]);
    assert_eq!(sync(&home, &[]).1.status, 0);
    list.0.lock().expect("a lock")[0]["project_id"] = json!("p1");
    let (report, triple) = sync(&home, &[]);
    assert_eq!(
        (triple.status, count(&report, &["changed", "fetched"])),
        (0, vec![json!(1), json!(0)])
    );
    let rows = home.triple(&["chats", "list", "--archived-locally", "--json"]).json();
    let ids: Vec<_> = (0..2).map(|n| rows["data"][n]["id"].clone()).collect();
    assert_eq!(ids, [json!(id(2)), json!(id(1))]);
    assert_eq!(rows["data"][0]["project_id"], json!("p1"));
}

#[test]
fn filters_of_a_search_are_checked() {
    let home = Home::new();
    for (arguments, expected) in [
        (&["--role", "model"][..], "[possible values: user, assistant, system]"),
        (&["--chat", ""], "a value is required for"),
        (&["--model", ""], "a value is required for"),
        (&["role:model"], "needs `user`, `assistant` or `system`"),
    ] {
        let refused = home.triple(&[&["chats", "search", "word"], arguments].concat());
        assert_eq!(refused.status, 2, "{arguments:?}");
        assert!(refused.stderr.contains(expected), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn archive_is_counted_copied_and_forgotten() {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    for command in [
        &["stats", "--archive"][..],
        &["archive", "backup", "x.db"],
        &["archive", "forget", "--yes"],
    ] {
        assert_eq!(home.triple(command).status, 5, "{command:?}");
    }
    List::of(&upstream, &[2, 1]);
    has(&upstream, [2, 1]);
    assert_eq!(sync(&home, &[]).1.status, 0);
    let stats = home.triple(&["stats", "--by", "model", "--json"]).json();
    assert_eq!(count(&stats, &["chats", "messages", "by"]), [json!(2), json!(4), json!("model")]);
    assert_eq!(stats["data"]["groups"][0]["messages"], 2);
    let months = home.triple(&["stats", "--archive"]).stdout;
    assert_eq!(months.split('\t').nth(1), Some("4"), "{months}");
    let none = home.triple(&["stats", "--since", "2020-01-01", "--json"]).json();
    assert_eq!(none["data"]["messages"], 4);
    let copy = home.path().join("copy.db");
    let copy = copy.to_str().expect("UTF-8");
    assert_eq!(home.triple(&["archive", "backup", copy]).status, 0);
    let again = home.triple(&["archive", "backup", copy]);
    assert_eq!(again.status, 2);
    assert!(again.stderr.contains("exists"), "{again:?}");
    assert_eq!(home.triple(&["archive", "forget"]).status, 2);
    let forgotten = home.triple(&["archive", "forget", "--yes"]);
    assert_eq!((forgotten.status, forgotten.stdout.as_str()), (0, "archived chats deleted: 2\n"));
    assert_eq!(home.triple(&["chats", "search", "duong", "--json"]).json()["total"], 0);
    let bytes = archive_bytes(&home);
    assert!(memchr::memmem::find(&bytes, "Đường này".as_bytes()).is_none());
    let bytes = std::fs::read(copy).expect("read");
    assert!(memchr::memmem::find(&bytes, "Đường này".as_bytes()).is_some());
}

/// Every byte of the archive's files.
fn archive_bytes(home: &Home) -> Vec<u8> {
    let data = home.path().join(".local/share/qwenctl");
    let files = std::fs::read_dir(data).expect("listed").map(|file| file.expect("a file").path());
    let is_archive = |path: &std::path::PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("archive"))
    };
    files.filter(is_archive).flat_map(|path| std::fs::read(path).expect("read")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn archive_has_no_secret_and_no_ephemeral_chat() {
    let upstream = Upstream::start().await;
    let mut home = Home::with(&upstream);
    home.set("QWEN_COOKIE", "session=canarycookie");
    let token = crate::support::tokens::token("canaryaccount", 86_400);
    home.set("QWEN_TOKEN", &token);
    let list = List::of(&upstream, &[3, 2, 1]);
    let title = "qwenctl-ephemeral-0a1b2c3d-0000-4000-8000-ca1a12e9e3e2";
    list.0.lock().expect("a lock")[0]["title"] = json!(title);
    has(&upstream, [2, 1]);
    let (report, triple) = sync(&home, &[]);
    assert_eq!((triple.status, count(&report, &["fetched"])), (0, vec![json!(2)]), "{report}");
    home.triple(&["chats", "search", "duong"]);
    assert_eq!(upstream.count(&detail_call(3)), 0);
    let bytes = archive_bytes(&home);
    assert!(memchr::memmem::find(&bytes, b"question 2").is_some());
    let parts: Vec<_> = token.split('.').collect();
    let secrets =
        [token.as_str(), parts[1], parts[2], "canarycookie", "ca1a12e9e3e2", "canaryaccount"];
    for secret in secrets {
        assert!(memchr::memmem::find(&bytes, secret.as_bytes()).is_none(), "{secret}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_private_file_is_refused_at_once() {
    use std::os::unix::fs::PermissionsExt as _;
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    List::of(&upstream, &[1]);
    has(&upstream, [1]);
    let path = home.path().join(".local/share/qwenctl/archive.db");
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
    let refused = |expected: &str| {
        for command in [&["chats", "sync"][..], &["chats", "search", "x"], &["archive", "check"]] {
            let triple = home.triple(command);
            assert_eq!(triple.status, 2, "{command:?}");
            assert!(triple.stderr.contains(expected), "{triple:?}");
        }
    };
    assert!(
        home.command("mkfifo", &[path.to_str().expect("UTF-8")]).status().expect("run").success()
    );
    refused("is not a file");
    std::fs::remove_file(&path).expect("removed");
    std::fs::create_dir(&path).expect("created");
    refused("is not a file");
    std::fs::remove_dir(&path).expect("removed");
    std::fs::write(&path, "").expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("set");
    refused("other users can read");
    // An empty file is a new archive.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("set");
    assert_eq!(home.triple(&["chats", "search", "x"]).status, 5);
    assert_eq!(sync(&home, &[]).1.status, 0);
    assert_eq!(home.triple(&["archive", "check"]).status, 0);
}

/// `QWENCTL_TEST_KILLS` says how often; 12 times if it is not set.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn archive_is_sound_whenever_a_sync_is_killed() {
    let kills = std::env::var("QWENCTL_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let all: Vec<usize> = (1..=40).rev().collect();
    let list = List::of(&upstream, &all);
    for n in all.iter().copied() {
        upstream.always(&detail_call(n), move || envelope(chat(n).0));
    }
    let mut random = fastrand::Rng::with_seed(kills);
    for kill in 0..kills {
        for row in list.0.lock().expect("a lock").iter_mut().step_by(3) {
            row["updated_at"] = json!(1_790_001_000 + kill);
        }
        let running = home.start(&["chats", "sync", "--json"]);
        tokio::time::sleep(std::time::Duration::from_millis(random.u64(1..600))).await;
        running.signal("KILL");
        running.end();
        let checked = home.triple(&["archive", "check"]);
        assert!([0, 5].contains(&checked.status), "kill {kill}: {checked:?}");
    }
    let (report, triple) = sync(&home, &["--full"]);
    assert_eq!((triple.status, count(&report, &["failed"])), (0, vec![json!([])]));
    assert_eq!(home.triple(&["archive", "check"]).status, 0);
    let status = home.triple(&["archive", "status", "--json"]).json();
    assert_eq!(count(&status, &["chats", "messages", "waiting"]), [json!(40), json!(80), json!(0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_name_archived_messages_and_models() {
    let (_upstream, home) = local().await;
    chat_with_a_turn(&home);
    let before = home.triple(&["stats"]).stdout;
    assert!(before.contains("chats\t1") && !before.contains("archived"), "{before}");
    sync(&home, &[]);
    let shown = home.triple(&["stats"]).stdout;
    assert!(shown.contains("messages archived\t2\n"), "{shown}");
    assert!(shown.contains("messages of\tlocal-"), "{shown}");
}
