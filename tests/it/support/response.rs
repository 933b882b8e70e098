//! What the scripted upstream answers: exact bytes, in pieces, with an ending.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::Notify;

/// Holds a response back until the test opens it.
#[derive(Clone, Default)]
pub struct Gate(Arc<Notify>);

impl Gate {
    /// Releases the waiting response, or one that will wait later.
    pub fn open(&self) {
        self.0.notify_one();
    }

    /// Waits until it is opened: for a test that waits for the upstream.
    pub async fn opened(&self) {
        let opened = tokio::time::timeout(Duration::from_secs(20), self.0.notified());
        opened.await.expect("the response comes so far");
    }
}

enum Step {
    Bytes(Vec<u8>),
    Endless(Vec<u8>),
    Wait(Gate),
    Tell(Gate),
    /// Only for tests of timers, such as the idle timeout.
    Pause(Duration),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length,
    /// Every piece is one chunk, so a client sees the cuts where the test made them.
    Chunked,
}

/// What happens to the connection after the last piece.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The body ends as HTTP says, and the connection stays open for the next request.
    Whole,
    /// FIN without the end of the body.
    Fin,
    /// RST.
    Reset,
    /// Nothing more comes, and the connection stays open.
    Hang,
}

/// One scripted response.
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    steps: Vec<Step>,
    framing: Framing,
    ending: Ending,
    /// Whether not even a head is sent.
    is_silent: bool,
}

impl Response {
    /// A response of known length.
    pub fn new(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            steps: vec![Step::Bytes(body.into())],
            framing: Framing::Length,
            ending: Ending::Whole,
            is_silent: false,
        }
        .header("Content-Type", content_type)
    }

    /// A chunked event stream with the head of protocol 7.1; each piece is a chunk.
    pub fn stream<P: Into<Vec<u8>>>(pieces: impl IntoIterator<Item = P>) -> Self {
        let mut response = Self::new("text/event-stream; charset=utf-8", "")
            .header("x-request-id", "Q1")
            .header("cache-control", "no-cache")
            .header("x-actual-status-code", "200");
        response.framing = Framing::Chunked;
        response.steps.clear();
        pieces.into_iter().fold(response, Self::then)
    }

    /// The request is read, and not a byte comes back; the connection is kept unless an ending is set.
    pub fn silence() -> Self {
        Self { is_silent: true, ending: Ending::Hang, ..Self::new("text/plain", "") }
    }

    /// Sets the status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sets a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        // Each cookie has a line of its own.
        let is_cookie = name.eq_ignore_ascii_case("set-cookie");
        self.headers.retain(|(known, _)| is_cookie || !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The next piece.
    pub fn then(mut self, piece: impl Into<Vec<u8>>) -> Self {
        self.steps.push(Step::Bytes(piece.into()));
        self
    }

    /// What follows waits for `gate`.
    pub fn gate(mut self, gate: &Gate) -> Self {
        self.steps.push(Step::Wait(gate.clone()));
        self
    }

    /// Opens `gate` when the client has read what came before: more than any buffer on the way holds
    /// is sent first, as comments.
    pub fn when_read(mut self, gate: &Gate) -> Self {
        let comment = format!(": {}\n", "x".repeat(64 << 10));
        self.steps.extend((0..256).map(|_| Step::Bytes(comment.clone().into_bytes())));
        self.steps.push(Step::Tell(gate.clone()));
        self
    }

    /// What follows comes after `pause`.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.steps.push(Step::Pause(pause));
        self
    }

    /// The body comes after `pause`.
    pub fn slow_start(mut self, pause: Duration) -> Self {
        self.steps.insert(0, Step::Pause(pause));
        self
    }

    /// What follows is `piece`, again and again until the client goes away.
    pub fn endless(mut self, piece: Vec<u8>) -> Self {
        self.steps.push(Step::Endless(piece));
        self
    }

    /// Sets the ending.
    pub fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// Sends it; returns whether the connection can take another request.
    pub async fn write(
        self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ) -> std::io::Result<Ending> {
        if self.is_silent && self.ending != Ending::Hang {
            return Ok(self.ending);
        }
        if self.is_silent {
            return until_closed(stream).await;
        }
        stream.write_all(self.head_bytes().as_bytes()).await?;
        for step in &self.steps {
            match step {
                Step::Bytes(bytes) => stream.write_all(&self.framed(bytes)).await?,
                Step::Wait(gate) => gate.0.notified().await,
                Step::Tell(gate) => gate.open(),
                Step::Pause(pause) => tokio::time::sleep(*pause).await,
                Step::Endless(piece) => loop {
                    stream.write_all(&self.framed(piece)).await?;
                },
            }
            stream.flush().await?;
        }
        match self.ending {
            Ending::Whole if self.framing == Framing::Chunked => {
                stream.write_all(b"0\r\n\r\n").await?;
            }
            Ending::Hang => return until_closed(stream).await,
            _ => {}
        }
        stream.flush().await?;
        Ok(self.ending)
    }

    fn head_bytes(&self) -> String {
        let length: usize = self.steps.iter().map(Step::len).sum();
        // A body without an end is announced one byte longer than it is.
        let missing = usize::from(self.ending != Ending::Whole);
        let body = match self.framing {
            Framing::Chunked => "Transfer-Encoding: chunked".to_owned(),
            Framing::Length => format!("Content-Length: {}", length + missing),
        };
        let headers: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("HTTP/1.1 {} Scripted\r\n{}{body}\r\n\r\n", self.status, headers.concat())
    }

    fn framed(&self, bytes: &[u8]) -> Vec<u8> {
        match self.framing {
            Framing::Length => bytes.to_vec(),
            // An empty chunk would be the end of the body.
            Framing::Chunked if bytes.is_empty() => Vec::new(),
            Framing::Chunked => {
                [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
            }
        }
    }
}

impl Step {
    fn len(&self) -> usize {
        if let Self::Bytes(bytes) = self { bytes.len() } else { 0 }
    }
}

/// Waits until the client closes the connection.
async fn until_closed(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Ending> {
    let mut sink = [0; 64];
    while stream.read(&mut sink).await? > 0 {}
    Ok(Ending::Hang)
}
