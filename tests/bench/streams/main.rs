//! A thousand paced streams through `serve`: is every byte there and in order, how much later does a
//! delta arrive, and what does a stream cost in memory?
//!
//! The upstream here stamps each delta with the time at which it is written; the reader on the other
//! side of `serve`, in the same process and so with the same clock, takes the difference. The same
//! read from the upstream itself shows what the measuring costs; the budget is for what `serve` adds.
//! `cargo bench --bench streams` prints a table; with `-- --check` a missed budget is exit 1, and
//! with `-- --qwenctl FILE` another build is measured.

#![allow(unreachable_pub, reason = "a benchmark exports nothing")]
#![allow(clippy::print_stdout, reason = "the table is what it is for")]

mod reader;
mod serve;
mod upstream;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::reader::{From, Read, read_stream};
use crate::serve::Serve;
use crate::upstream::Upstream;

/// Deltas of one stream, and the time between two of them.
const DELTAS: u16 = 100;
const PACE: Duration = Duration::from_millis(50);
/// The longest that a stream may take: several times what the pace asks for.
const LONGEST: Duration = Duration::from_secs(30);

/// What the design allows.
const MEDIAN_MILLIS: f64 = 0.2;
const P99_MILLIS: f64 = 2.0;
const KIB_A_STREAM: u64 = 64;

fn main() -> ExitCode {
    let checks = std::env::args().any(|argument| argument == "--check");
    allow_many_connections();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let mut arguments = std::env::args().skip_while(|argument| argument != "--qwenctl").skip(1);
    let qwenctl =
        arguments.next().map_or_else(|| env!("CARGO_BIN_EXE_qwenctl").into(), PathBuf::from);
    let missed = runtime.block_on(measure(&qwenctl));
    if checks && missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn allow_many_connections() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    }
}

/// Prints the table; returns how often something was wrong, or a budget missed.
async fn measure(qwenctl: &Path) -> usize {
    let upstream = Upstream::start(DELTAS.into(), PACE).await;
    let serve = Serve::start(qwenctl, upstream.address());
    // What the first request costs once is no cost of a stream.
    Round::run(&upstream, From::Serve(serve.address()), 1).await;
    let idle = serve.resident_kib();
    println!("{DELTAS} deltas a stream, one each {} ms\n", PACE.as_millis());
    println!("from      streams  wrong   p50 ms   p99 ms   max ms  KiB a stream  CPU µs a delta");
    let direct = Round::run(&upstream, From::Upstream(upstream.address()), 100).await;
    println!("upstream      100 {direct}");
    let mut missed = 0;
    for streams in [1, 100, 1000] {
        let cpu = serve.cpu();
        let round = Round::run(&upstream, From::Serve(serve.address()), streams).await;
        let cpu = serve.cpu().saturating_sub(cpu).as_secs_f64() * 1e6
            / f64::from(streams)
            / f64::from(DELTAS);
        let each = serve.peak_kib().saturating_sub(idle) / u64::from(streams);
        println!("serve     {streams:>7} {round} {each:>13} {cpu:>15.1}");
        missed += round.wrong;
        missed += usize::from(streams == 100 && !round.adds_little(&direct));
        missed += usize::from(streams == 1000 && each > KIB_A_STREAM);
    }
    sleep(Duration::from_secs(2)).await;
    println!("\nserve: {idle} KiB resident before, {} KiB afterwards", serve.resident_kib());
    missed
}

/// So many streams at a time.
struct Round {
    /// How much later the deltas came, sorted.
    delays: Vec<Duration>,
    /// Streams that lost, doubled or mixed up anything, or did not come to their end.
    wrong: usize,
}

impl Round {
    async fn run(upstream: &Upstream, from: From, streams: u32) -> Self {
        let mut reading = JoinSet::new();
        let begin = Instant::now();
        for number in 0..streams {
            let chat = format!("chat-{streams}-{number}");
            reading.spawn(async move {
                // Spread over one beat, as those of many people are.
                sleep_until(begin + PACE * number / streams).await;
                let read = timeout(LONGEST, read_stream(from, &chat)).await;
                (chat, read.ok().and_then(Result::ok))
            });
        }
        let mut round = Self { delays: Vec::new(), wrong: 0 };
        for (chat, read) in reading.join_all().await {
            round.note(read, upstream.written(&chat).as_deref());
        }
        round.delays.sort_unstable();
        round
    }

    fn note(&mut self, read: Option<Read>, written: Option<&[u8]>) {
        match read {
            Some(read) if Some(read.hash.as_slice()) == written => self.delays.extend(read.delays),
            _ => self.wrong += 1,
        }
    }

    /// Whether its deltas came within the budget later than those of `direct`.
    fn adds_little(&self, direct: &Self) -> bool {
        let added = |percent| self.delay_millis(percent) - direct.delay_millis(percent);
        added(50) <= MEDIAN_MILLIS && added(99) <= P99_MILLIS
    }

    fn delay_millis(&self, percent: usize) -> f64 {
        let last = self.delays.len().saturating_sub(1);
        self.delays.get(last * percent / 100).map_or(f64::NAN, |delay| delay.as_secs_f64() * 1e3)
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, p99, max] = [50, 99, 100].map(|percent| self.delay_millis(percent));
        write!(f, "{:>6} {median:>8.3} {p99:>8.3} {max:>8.3}", self.wrong)
    }
}
