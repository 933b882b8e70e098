//! The driver of a prompt and its answer: every way to end, in every kind of chat. Afterwards the upstream
//! is stopped, the text that arrived is kept, the chat takes the next prompt or is deleted, and the journal
//! of ephemeral chats is empty.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use qwenctl::app::ephemeral::Journal;
use qwenctl::app::keys::revoke;
use qwenctl::client::Client;
use qwenctl::domain::Scope;
use qwenctl::server::OwnAccount;
use serde_json::{Value, json};

use super::{DELETE, NEW, chat, upstream, with};
use crate::server::keys::Keys;
use crate::server::world::{PATIENCE, Served, post, read_until, with_empty_chat};
use crate::support::bodies::{C1, envelope, json as body, quota};
use crate::support::frames::{created, d, end, sse, whole};
use crate::support::response::{Ending, Gate, Response};
use crate::support::tokens::{token, tokens};
use crate::support::upstream::Upstream;
use crate::support::world::{COMPLETIONS, STOP, config};

const PATH: &str = "/v1/chat/completions";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Kept,
    New,
    Ephemeral,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The answer is whole.
    Answer,
    /// The upstream breaks it off.
    Partial,
    /// The upstream refuses the prompt.
    Refused,
    /// It reaches a limit of the request.
    Cut,
    /// Another request stops it.
    Stopped,
    /// The client disconnects.
    Gone,
    /// The API key is revoked.
    Revoked,
    /// The upstream keeps silent for too long.
    Deadline,
    /// The server ends.
    Shutdown,
}

const ENDS: [End; 9] = [
    End::Answer,
    End::Partial,
    End::Refused,
    End::Cut,
    End::Stopped,
    End::Gone,
    End::Revoked,
    End::Deadline,
    End::Shutdown,
];

/// One prompt on its way.
struct Case {
    kind: Kind,
    end: End,
    upstream: Upstream,
    served: Served,
    keys: Keys,
    journal: tempfile::TempDir,
    /// Lets the upstream finish.
    gate: Gate,
}

impl Case {
    async fn new(kind: Kind, end: End) -> Self {
        let upstream = upstream().await;
        with_empty_chat(&upstream);
        if kind != Kind::Kept {
            upstream.on(NEW, envelope(json!({"id": C1})));
        }
        if kind == Kind::Ephemeral {
            upstream.on(DELETE, envelope(json!({"status": true})));
        }
        let journal = tempfile::tempdir().expect("a directory");
        let opened = Journal::open(journal.path(), "scripted").await.expect("a journal");
        let keys = Keys::new();
        let served = Served::configured(&upstream, |options| {
            keys.in_options(options);
            options.openai.journal = Some(opened);
            if end == End::Deadline {
                let mut config = config(&upstream);
                config.timeouts.idle = Duration::from_secs(1);
                let client = Client::new(config).expect("a client");
                let session = client.session(tokens(&token("server", 7 * 86_400), None), None);
                options.client = client;
                options.account = Some(Arc::new(OwnAccount::new(session)));
            }
        })
        .await;
        let case = Self { kind, end, upstream, served, keys, journal, gate: Gate::default() };
        case.upstream.on(COMPLETIONS, case.response());
        if (kind, end) == (Kind::New, End::Refused) {
            case.upstream.on(DELETE, envelope(json!(true)));
        }
        if case.is_stopped_upstream() {
            case.upstream.on(STOP, envelope(json!({"status": true})));
        }
        case
    }

    /// What the upstream answers to the prompt.
    fn response(&self) -> Response {
        let hal = || sse([created().as_str(), &d("Hal")]);
        match self.end {
            End::Answer => whole("Hallo"),
            End::Partial => hal().ending(Ending::Reset),
            End::Refused => body(quota()),
            // An ephemeral chat is not known to other requests.
            End::Stopped if self.kind == Kind::Ephemeral => {
                hal().gate(&self.gate).then(d("lo") + &end())
            }
            End::Cut | End::Stopped | End::Gone | End::Revoked | End::Deadline | End::Shutdown => {
                hal().ending(Ending::Hang)
            }
        }
    }

    fn is_stopped_upstream(&self) -> bool {
        match self.end {
            End::Answer | End::Partial | End::Refused => false,
            End::Stopped => self.kind != Kind::Ephemeral,
            End::Cut | End::Gone | End::Revoked | End::Deadline | End::Shutdown => true,
        }
    }

    fn request(&self) -> String {
        let mut members = with(chat("Hi"), &json!({"stream": true}));
        match self.kind {
            Kind::Kept => members["metadata"] = json!({"chat_id": C1}),
            Kind::New => members["metadata"] = json!({"chat_id": "new"}),
            Kind::Ephemeral => {}
        }
        if self.end == End::Cut {
            members["max_tokens"] = json!(0);
        }
        let request = post(PATH, &members);
        if self.end != End::Revoked {
            return request;
        }
        let key = self.keys.make("revoked", Scope::Send);
        request.replacen("\r\n", &format!("\r\nx-api-key: {key}\r\n"), 1)
    }

    /// Runs the prompt to its end; returns what the client got.
    async fn run(&mut self) -> String {
        let mut stream = self.served.raw(self.request()).await;
        match self.end {
            End::Answer | End::Cut => read_until(&mut stream, "[DONE]").await,
            End::Refused => read_until(&mut stream, "\"error\"").await,
            _ => {
                let begun = read_until(&mut stream, "Hal").await;
                self.end_early(stream, begun).await
            }
        }
    }

    /// Ends a stream that has `begun`; returns all of it.
    async fn end_early(&mut self, mut stream: tokio::net::TcpStream, begun: String) -> String {
        let last = match self.end {
            End::Stopped => {
                let path = format!("/api/chats/{C1}/stop");
                let request = self.served.http.post(self.served.url(&path));
                let stopped = self.served.ask(request).await.json()["stopped"].clone();
                assert_eq!(stopped, Value::Bool(self.kind != Kind::Ephemeral));
                self.gate.open();
                if self.kind == Kind::Ephemeral { "[DONE]" } else { "interrupted" }
            }
            End::Gone => {
                drop(stream);
                return begun;
            }
            End::Revoked => {
                revoke(&self.keys.store, "revoked").expect("revoked");
                "revoked"
            }
            End::Deadline => "timeout",
            End::Shutdown => {
                self.served.signal();
                self.served.signal_again();
                "shutting down"
            }
            _ => "\"error\"",
        };
        if begun.contains(last) {
            return begun;
        }
        begun + &read_until(&mut stream, last).await
    }

    async fn check(mut self) {
        let case = format!("{:?} in a chat that is {:?}", self.end, self.kind);
        let run = tokio::time::timeout(PATIENCE, self.run()).await;
        let text = run.unwrap_or_else(|_| panic!("{case} does not end"));
        let is_whole = match self.end {
            End::Answer | End::Cut => true,
            End::Stopped => self.kind == Kind::Ephemeral,
            _ => false,
        };
        assert_eq!(text.contains("[DONE]"), is_whole, "{case}: {text}");
        assert_eq!(text.contains("\"length\""), self.end == End::Cut, "{case}: {text}");
        if self.is_stopped_upstream() {
            self.upstream.until(STOP, 1).await;
        }
        if self.kind == Kind::Ephemeral {
            self.upstream.until(DELETE, 1).await;
        } else if self.end != End::Shutdown {
            self.upstream.on(COMPLETIONS, whole("next"));
            let next = with(chat("Again"), &json!({"metadata": {"chat_id": C1}}));
            let next = self.served.post(PATH, next).await;
            assert_eq!(next.status, 200, "{case}: the chat is free: {next:?}");
        }
        // The end of the server waits for all that is left to do.
        self.served.signal();
        self.served.ended().await;
        assert_eq!(entries(self.journal.path()), Vec::<String>::new(), "{case}");
        assert_eq!(self.upstream.count(STOP), usize::from(self.is_stopped_upstream()), "{case}");
        let is_second = self.kind != Kind::Ephemeral && self.end != End::Shutdown;
        assert_eq!(self.upstream.count(COMPLETIONS), 1 + usize::from(is_second), "{case}");
    }
}

/// The chats in the journals below `directory`.
fn entries(directory: &Path) -> Vec<String> {
    let runs = std::fs::read_dir(directory.join("ephemeral")).into_iter().flatten().flatten();
    let files = runs.flat_map(|run| std::fs::read_dir(run.path()).into_iter().flatten().flatten());
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    names.filter(|name| name != "lock").collect()
}

async fn check(kind: Kind) {
    for end in ENDS {
        Case::new(kind, end).await.check().await;
    }
}

#[tokio::test]
async fn every_end_frees_a_kept_chat() {
    check(Kind::Kept).await;
}

#[tokio::test]
async fn every_end_frees_a_new_chat() {
    check(Kind::New).await;
}

#[tokio::test]
async fn every_end_deletes_an_ephemeral_chat() {
    check(Kind::Ephemeral).await;
}
