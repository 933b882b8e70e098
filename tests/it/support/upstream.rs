//! A scripted upstream on a loopback port: it answers what the test says, in the order in which the
//! test says it, and remembers every request. When it is dropped, a test that asked too little or too
//! much has failed.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::http::{Request, read_request};
use super::response::{Ending, Response};

/// Longer than anything in a test takes; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// The scripted upstream.
pub struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    script: Mutex<Script>,
    /// How many requests have been read.
    arrived: watch::Sender<usize>,
    /// How many answers the client has left before their end.
    left: watch::Sender<usize>,
}

#[derive(Default)]
struct Script {
    expected: Vec<Expected>,
    requests: Vec<Request>,
    unexpected: Vec<String>,
    connections: usize,
    /// Whether a connection is given up when a second request comes on it.
    gives_up_kept: bool,
}

struct Expected {
    /// `GET /path` or `GET /path?query`; without a query any will do.
    request: String,
    answer: Answer,
}

enum Answer {
    Once(Option<Response>),
    Always(Box<dyn Fn() -> Response + Send>),
}

impl Upstream {
    /// Begins to listen on a free port of the loopback interface.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            script: Mutex::default(),
            arrived: watch::Sender::default(),
            left: watch::Sender::default(),
        });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Self { address, shared, accepting }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Expects `request` (`GET /path` or `GET /path?query`) once more, and answers it so.
    pub fn on(&self, request: &str, response: Response) {
        self.expect(request, Answer::Once(Some(response)));
    }

    /// Answers `request` whenever it comes, if it comes, and nothing scripted with `on` is left.
    pub fn always(&self, request: &str, response: impl Fn() -> Response + Send + 'static) {
        self.expect(request, Answer::Always(Box::new(response)));
    }

    fn expect(&self, request: &str, answer: Answer) {
        self.shared.script().expected.push(Expected { request: request.to_owned(), answer });
    }

    /// From now on every connection is good for one request: what comes on one that the client has
    /// kept is not read, and the connection is reset, as by a proxy that has forgotten it.
    pub fn give_up_kept_connections(&self) {
        self.shared.script().gives_up_kept = true;
    }

    /// The requests so far that `on(request, …)` would answer.
    pub fn requests(&self, request: &str) -> Vec<Request> {
        let script = self.shared.script();
        script.requests.iter().filter(|made| matches(request, made)).cloned().collect()
    }

    /// The only such request.
    pub fn request(&self, request: &str) -> Request {
        let mut made = self.requests(request);
        assert_eq!(made.len(), 1, "requests `{request}`");
        made.remove(0)
    }

    /// How many of them there were.
    pub fn count(&self, request: &str) -> usize {
        self.requests(request).len()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.shared.script().connections
    }

    /// Waits until `request` has come `count` times.
    pub async fn until(&self, request: &str, count: usize) {
        let mut arrived = self.shared.arrived.subscribe();
        let enough = arrived.wait_for(|_| self.count(request) >= count);
        tokio::time::timeout(PATIENCE, enough)
            .await
            .unwrap_or_else(|_| panic!("`{request}` did not come {count} times"))
            .expect("the upstream lives");
    }
}

impl Upstream {
    /// Waits until the client has closed `count` connections on which an answer was not at its end.
    pub async fn until_left(&self, count: usize) {
        let mut left = self.shared.left.subscribe();
        let enough = left.wait_for(|left| *left >= count);
        tokio::time::timeout(PATIENCE, enough)
            .await
            .unwrap_or_else(|_| panic!("{count} connections were not closed"))
            .expect("the upstream lives");
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
        let script = self.shared.script();
        let missing: Vec<&str> = script
            .expected
            .iter()
            .filter(|expected| matches!(expected.answer, Answer::Once(Some(_))))
            .map(|expected| expected.request.as_str())
            .collect();
        if missing.is_empty() && script.unexpected.is_empty() {
            return;
        }
        let made: Vec<String> = script.requests.iter().map(Request::line).collect();
        let report = format!(
            "missing requests: {missing:?}; unexpected requests: {:?}; all: {made:?}",
            script.unexpected
        );
        drop(script);
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "explains a test that fails anyway")]
            {
                eprintln!("{report}");
            }
        } else {
            panic!("{report}");
        }
    }
}

impl Shared {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Remembers a request and finds its answer.
    fn take(&self, request: &Request) -> Response {
        let mut script = self.script();
        script.requests.push(request.clone());
        let mut fitting =
            script.expected.iter_mut().filter(|expected| matches(&expected.request, request));
        let once = fitting.find_map(|expected| match &mut expected.answer {
            Answer::Once(response) => response.take(),
            Answer::Always(_) => None,
        });
        if let Some(response) = once {
            return response;
        }
        let always = script.expected.iter().find_map(|expected| match &expected.answer {
            Answer::Always(make) if matches(&expected.request, request) => Some(make()),
            _ => None,
        });
        always.unwrap_or_else(|| {
            if is_resume(request) {
                // An upstream without that call.
                return Response::new("application/json", r#"{"detail":"Not Found"}"#).status(404);
            }
            script.unexpected.push(request.line());
            Response::new(
                "application/json",
                r#"{"error":"a request that the test did not expect"}"#,
            )
            .status(400)
        })
    }
}

fn matches(pattern: &str, request: &Request) -> bool {
    let line = request.line();
    line == pattern
        || (!pattern.contains('?')
            && !is_resume(request)
            && line.split('?').next().is_some_and(|line| line == pattern))
}

/// Whether it is a resume call (protocol 7), which only a pattern with its query matches.
fn is_resume(request: &Request) -> bool {
    request.line().starts_with("POST /api/v2/chat/completions?")
        && request.query.contains("response_id=")
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        shared.script().connections += 1;
        connections.spawn(serve(stream, shared.clone()));
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let mut is_kept = false;
    while let Some(request) = read_request(&mut stream).await {
        if std::mem::replace(&mut is_kept, true) && shared.script().gives_up_kept {
            let _ = stream.set_zero_linger();
            return;
        }
        let response = shared.take(&request);
        shared.arrived.send_modify(|count| *count += 1);
        match response.write(&mut stream).await {
            Ok(Ending::Whole) => {}
            Ok(Ending::Reset) => {
                let _ = stream.set_zero_linger();
                return;
            }
            Ok(Ending::Hang) | Err(_) => {
                shared.left.send_modify(|count| *count += 1);
                return;
            }
            Ok(Ending::Fin) => return,
        }
    }
}
