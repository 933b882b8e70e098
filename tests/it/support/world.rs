//! A client that talks to a scripted upstream, with waits of milliseconds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use qwenctl::client::{
    Client, ClientConfig, Notice, NoticeSink, ReplyStream, Session, Timeouts, Timing,
};
use qwenctl::domain::{
    ChatId, Completeness, Error, ErrorKind, Parent, Reply, ReplyEvent, Result, TokenStore, Tokens,
    Turn,
};

use super::bodies::C1;
use super::response::Response;
use super::tokens::{token, tokens};
use super::upstream::Upstream;

/// The completions of the test chat.
pub const COMPLETIONS: &str = "POST /api/v2/chat/completions";
/// The resume call for its answer.
pub const RESUME: &str = "POST /api/v2/chat/completions?chat_id=c0000000-0000-4000-8000-0000000000c1&response_id=b0000000-0000-4000-8000-0000000000b1";
/// The stop call.
pub const STOP: &str = "POST /api/v2/chat/completions/stop";
/// The detail of the test chat.
pub const CHAT: &str = "GET /api/v2/chats/c0000000-0000-4000-8000-0000000000c1";
/// The first page of chats.
pub const CHATS: &str = "GET /api/v2/chats/?page=1";
/// The old way to a new token.
pub const AUTHS: &str = "GET /api/v1/auths/";
/// The account.
pub const WHOAMI: &str = "GET /api/v2/auths/";
/// The new way to a new token.
pub const REFRESH: &str = "GET /api/v2/auths/refresh";

/// An upstream and a session with it.
pub struct World {
    pub upstream: Upstream,
    pub client: Client,
    pub session: Session,
    pub notices: Notices,
}

/// What the client reported.
#[derive(Clone, Default)]
pub struct Notices(Arc<Mutex<Vec<Notice>>>);

impl Notices {
    /// So far.
    pub fn all(&self) -> Vec<Notice> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many of them fit.
    pub fn count(&self, fits: impl Fn(&Notice) -> bool) -> usize {
        self.all().iter().filter(|notice| fits(notice)).count()
    }

    fn sink(&self) -> NoticeSink {
        let kept = self.0.clone();
        NoticeSink::new(move |notice| {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
        })
    }
}

impl World {
    /// With a token that is good for a week, and no way to another but the old call on request.
    pub async fn new() -> Self {
        Self::configured(|_| {}).await
    }

    /// The same after a change to the configuration.
    pub async fn configured(change: impl FnOnce(&mut ClientConfig)) -> Self {
        Self::with(tokens(&token("first", 7 * 86_400), None), None, change).await
    }

    /// With these tokens.
    pub async fn with(
        tokens: Tokens,
        store: Option<Arc<dyn TokenStore>>,
        change: impl FnOnce(&mut ClientConfig),
    ) -> Self {
        let upstream = Upstream::start().await;
        let notices = Notices::default();
        let mut config = config(&upstream);
        config.notices = notices.sink();
        change(&mut config);
        let client = Client::new(config).expect("a client");
        let session = client.session(tokens, store);
        Self { upstream, client, session, notices }
    }

    /// Expects `request` once more, and answers it so.
    pub fn on(&self, request: &str, response: Response) -> &Self {
        self.upstream.on(request, response);
        self
    }

    /// Sends [`turn`].
    pub async fn send(&self) -> Result<ReplyStream> {
        self.session.send(turn()).await
    }

    /// Sends [`turn`] and reads the reply to its end. An unexpected stop call fails the test.
    pub async fn ask(&self) -> Outcome {
        let outcome = match self.send().await {
            Ok(stream) => drain(stream).await,
            Err(error) => Outcome { events: Vec::new(), end: Err(error) },
        };
        self.client.settle().await;
        outcome
    }
}

/// A configuration for `upstream`.
pub fn config(upstream: &Upstream) -> ClientConfig {
    let moment = Duration::from_millis(1);
    ClientConfig {
        api_url: format!("{}/api", upstream.origin()),
        auth_url: upstream.origin(),
        ignore_environment_proxy: true,
        timeouts: Timeouts {
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(10),
            total: Some(Duration::from_secs(30)),
        },
        timing: Timing {
            backoff: moment,
            in_progress: moment,
            recheck: moment,
            resume: moment,
            poll: moment,
            recovery: Duration::from_millis(100),
            grace: Duration::from_millis(50),
            stop: Duration::from_secs(5),
            upload_window: moment,
            parse_poll: moment,
            parse_limit: Duration::from_secs(1),
        },
        ..ClientConfig::default()
    }
}

/// The test chat.
pub fn chat_id() -> ChatId {
    C1.parse().expect("a chat id")
}

/// `Hello` as the first message of the test chat.
pub fn turn() -> Turn {
    Turn {
        chat_id: chat_id(),
        prompt: "Hello".to_owned(),
        system: None,
        images: Vec::new(),
        files: Vec::new(),
        conversation: None,
        model: "qwen-example-max".to_owned(),
        has_chat_model: false,
        parent: Parent::Nothing,
        thinking: false,
        search: false,
    }
}

/// What became of a prompt.
#[derive(Debug)]
pub struct Outcome {
    /// Every step.
    pub events: Vec<ReplyEvent>,
    /// How it ended.
    pub end: Result<Reply>,
}

impl Outcome {
    /// The reply; panics if there was an error instead.
    #[track_caller]
    pub fn reply(&self) -> &Reply {
        self.end.as_ref().unwrap_or_else(|error| panic!("{error:?} {:?}", error.hint()))
    }

    /// The error, which has to be of `kind`.
    #[track_caller]
    pub fn error(&self, kind: ErrorKind) -> &Error {
        let error = self.end.as_ref().expect_err("an error");
        assert_eq!(error.kind(), kind, "{error:?}");
        error
    }

    /// The text of a reply, which has to be whole.
    #[track_caller]
    pub fn text(&self) -> &str {
        let reply = self.reply();
        assert_eq!(reply.completeness, Completeness::Complete);
        &reply.content
    }

    /// What an error kept of the answer.
    #[track_caller]
    pub fn partial(&self, kind: ErrorKind) -> &str {
        self.error(kind).partial().map_or("", |reply| reply.content.as_str())
    }
}

/// Reads a reply to its end. The streamed pieces must add up to the text that is kept.
pub async fn drain(stream: ReplyStream) -> Outcome {
    drain_after(stream, "").await
}

/// The same, of which the text `seen` has been read already.
pub async fn drain_after(mut stream: ReplyStream, seen: &str) -> Outcome {
    let mut events = Vec::new();
    let mut end = Ok(());
    while let Some(step) = stream.next().await {
        match step {
            Ok(event) => events.push(event),
            Err(error) => {
                end = Err(error);
                assert!(stream.next().await.is_none(), "an error is the last item");
                break;
            }
        }
    }
    let reply = stream.reply().clone();
    assert_eq!(streamed(seen, &events), reply.content, "{events:?}");
    if seen.is_empty() {
        let thoughts = reply.thinking.as_deref().unwrap_or_default();
        assert_eq!(streamed_thoughts(&events), thoughts, "{events:?}");
    }
    let starts = events.iter().filter(|event| matches!(event, ReplyEvent::Start { .. })).count();
    assert!(starts <= 1, "{events:?}");
    Outcome { events, end: end.map(|()| reply) }
}

/// The text that a reader has before them after `seen` and `events`.
fn streamed(seen: &str, events: &[ReplyEvent]) -> String {
    let mut text = seen.to_owned();
    for event in events {
        match event {
            ReplyEvent::Delta(piece) => text.push_str(piece),
            ReplyEvent::Rewrite(whole) => text.clone_from(whole),
            _ => {}
        }
    }
    text
}

/// The thoughts that a reader has before them after `events`.
fn streamed_thoughts(events: &[ReplyEvent]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            ReplyEvent::Thinking(piece) => text.push_str(piece),
            ReplyEvent::RewriteThinking(whole) => text.clone_from(whole),
            _ => {}
        }
    }
    text
}

/// The next piece of the answer; panics if anything else ends the wait.
pub async fn next_delta(stream: &mut ReplyStream) -> String {
    loop {
        match stream.next().await {
            Some(Ok(ReplyEvent::Delta(piece))) => return piece,
            Some(Ok(_)) => {}
            other => panic!("no piece of the answer but {other:?}"),
        }
    }
}
