//! Size and speed of the archive with many messages.
//!
//! `ARCHIVE_MESSAGES` says how many, 20,000 if it is not set; `ARCHIVE_DIRECTORY` names a directory for
//! the archive, which is kept there and used again. Compare numbers of one run only.
#![allow(clippy::print_stdout, reason = "prints its figures")]
#![allow(clippy::cast_precision_loss, reason = "figures with one digit")]

mod corpus;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use corpus::{Corpus, zipf};
use qwenctl::archive::fold::{fold, index_text};
use qwenctl::archive::search::{Mode, Order, Owner, Pattern, SearchRequest, search};
use qwenctl::archive::store::{AccountHash, Archive};
use rusqlite::Connection;

/// Messages of a chat.
const IN_CHAT: usize = 20;
/// Searches of each kind.
const SEARCHES: usize = 1000;

fn main() {
    let messages = std::env::var("ARCHIVE_MESSAGES").ok().and_then(|n| n.parse().ok());
    let messages = messages.unwrap_or(20_000);
    let temporary = tempfile::tempdir().expect("a directory");
    let directory = std::env::var_os("ARCHIVE_DIRECTORY").map(PathBuf::from);
    let path = directory.as_deref().unwrap_or(temporary.path()).join("archive.db");
    fold_speed();
    if !path.exists() {
        write(&path, messages);
    }
    sizes(&path);
    println!("resident: {} MiB", memory("VmRSS"));
    searches(&path);
    println!("resident after the searches: {} MiB", memory("VmRSS"));
}

fn hash() -> AccountHash {
    AccountHash::new("bench", "me")
}

fn fold_speed() {
    let mut corpus = Corpus::new(7);
    let text: String = (0..200)
        .flat_map(|n| corpus.chat(n, IN_CHAT).0.messages)
        .map(|message| message.content)
        .collect();
    let speed = |name: &str, work: &dyn Fn(&str) -> String| {
        let began = Instant::now();
        for _ in 0..5 {
            black_box(work(&text));
        }
        let megabytes = text.len() as f64 * 5.0 / 1e6;
        println!("{name}: {:.0} MB/s", megabytes / began.elapsed().as_secs_f64());
    };
    speed("fold", &fold);
    speed("fold and cut into tokens", &index_text);
}

fn write(path: &Path, messages: usize) {
    let mut corpus = Corpus::new(1);
    let mut archive = Archive::open(path).expect("opened");
    let account = archive.account(&hash(), "bench", 1).expect("added");
    let (mut spent, mut made) = (Duration::ZERO, Duration::ZERO);
    for number in 0..messages / IN_CHAT {
        let began = Instant::now();
        let (chat, raw) = corpus.chat(number, IN_CHAT);
        made += began.elapsed();
        let began = Instant::now();
        archive.store(account, &chat, &raw, 1_790_000_000).expect("stored");
        spent += began.elapsed();
    }
    let chats = (messages / IN_CHAT) as f64;
    println!("stored: {:.0} chats/s ({made:?} to make them)", chats / spent.as_secs_f64());
    let began = Instant::now();
    archive.compact().expect("compacted");
    println!("compacted: {:?}", began.elapsed());
    println!("memory at most: {} MiB", memory("VmHWM"));
}

fn sizes(path: &Path) {
    let connection = Connection::open(path).expect("opened");
    let number =
        |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect(sql) as f64;
    let text = number("SELECT sum(length(CAST(text AS BLOB))) FROM texts");
    let file = std::fs::metadata(path).expect("there").len() as f64;
    println!("messages: {}, text: {:.1} MB", number("SELECT count(*) FROM messages"), text / 1e6);
    println!("file: {:.1} MB, {:.2} of the text", file / 1e6, file / text);
    let index = number("SELECT sum(length(block)) FROM message_words_data");
    let lengths = number("SELECT sum(length(sz) + 6) FROM message_words_docsize");
    println!(
        "index: {:.1} MB, {:.2} of the text",
        (index + lengths) / 1e6,
        (index + lengths) / text
    );
}

/// Makes a query of one kind.
type Make = fn(&Corpus, &mut fastrand::Rng) -> String;

fn any(words: &[String], random: &mut fastrand::Rng) -> String {
    words[zipf(random, words.len())].clone()
}

const KINDS: [(&str, Make); 8] = [
    ("Vietnamese word", |corpus, random| any(&corpus.vietnamese, random)),
    ("English word", |corpus, random| any(&corpus.english, random)),
    ("phrase of two", |corpus, random| {
        format!("\"{} {}\"", any(&corpus.vietnamese, random), any(&corpus.vietnamese, random))
    }),
    ("two words", |corpus, random| {
        format!("{} {}", any(&corpus.english, random), any(&corpus.vietnamese, random))
    }),
    ("two Han characters", |corpus, random| {
        let word = any(&corpus.chinese, random) + &any(&corpus.chinese, random);
        word.chars().take(2).collect()
    }),
    ("one Han character", |corpus, random| any(&corpus.chinese, random).chars().take(1).collect()),
    ("prefix of 2 letters", |corpus, random| {
        any(&corpus.english, random).chars().take(2).collect()
    }),
    ("identifier", |corpus, random| any(&corpus.code, random)),
];

fn searches(path: &Path) {
    let corpus = Corpus::new(1);
    let mut random = fastrand::Rng::with_seed(3);
    for (name, order) in [("newest", Order::Newest), ("best", Order::Best)] {
        let mut all = Vec::new();
        for (kind, make) in KINDS {
            let queries: Vec<_> =
                (0..SEARCHES / KINDS.len()).map(|_| make(&corpus, &mut random)).collect();
            let mut times: Vec<_> =
                queries.iter().map(|query| time(path, query, Mode::Words, order)).collect();
            show(&format!("{name}, {kind}"), &mut times);
            all.extend(times);
        }
        show(&format!("{name}, all"), &mut all);
    }
    for (mode, query) in [(Mode::Literal, "nOwhere"), (Mode::Regex, "nOwhere[0-9]")] {
        let mut times: Vec<_> = (0..3).map(|_| time(path, query, mode, Order::Newest)).collect();
        show(&format!("{mode:?}, nothing found"), &mut times);
    }
}

fn time(path: &Path, query: &str, mode: Mode, order: Order) -> Duration {
    let (pattern, filters) = Pattern::parse(query, mode).expect(query);
    let request = SearchRequest {
        pattern,
        filters,
        order,
        offset: 0,
        limit: 20,
        owner: Owner::Account(hash()),
        time: Duration::from_secs(30),
        cancelled: Arc::default(),
    };
    let began = Instant::now();
    black_box(search(path, &request).expect(query).total);
    began.elapsed()
}

fn show(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at =
        |part: usize| times[(times.len() * part / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("{name}: p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms", at(50), at(99), at(100));
}

/// A figure of the kernel about this process in MiB.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) / 1024
}
