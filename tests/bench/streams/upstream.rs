//! An upstream that answers each prompt with a paced stream and stamps every delta with its time.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{MissedTickBehavior, interval};

/// A chat of one turn, as far as a prompt needs it.
const CHAT: &str = r#"{"success":true,"request_id":"Q1","data":{"id":"C1","chat":{"history":{"messages":{"R0":{"id":"R0","role":"assistant","content":"Hi","parentId":null,"done":true}},"currentId":"R0"},"models":["m"]},"currentId":"R0"}}"#;

/// Microseconds since the first call.
pub fn now() -> u128 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_micros()
}

/// An upstream on a free port; it ends with the process.
pub struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    deltas: usize,
    pace: Duration,
    /// Hashes of the texts that were written, by chat.
    written: Mutex<HashMap<String, Vec<u8>>>,
}

impl Upstream {
    /// Answers with so many deltas, `pace` apart.
    pub async fn start(deltas: usize, pace: Duration) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared { deltas, pace, written: Mutex::default() });
        let sharing = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&sharing);
                // An error is a connection that was closed.
                tokio::spawn(async move { shared.connection(stream).await.ok() });
            }
        });
        Self { address, shared }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The hash of what was written as the answer in `chat`.
    pub fn written(&self, chat: &str) -> Option<Vec<u8>> {
        self.shared.written.lock().expect("no panic").get(chat).cloned()
    }
}

impl Shared {
    async fn connection(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut stream = BufReader::new(stream);
        loop {
            let (mut target, mut length, mut line) = (String::new(), 0, String::new());
            while line != "\r\n" {
                line.clear();
                if stream.read_line(&mut line).await? == 0 {
                    return Ok(());
                }
                if target.is_empty() {
                    target = line.split(' ').nth(1).unwrap_or_default().to_owned();
                } else if let Some(value) =
                    line.to_ascii_lowercase().strip_prefix("content-length:")
                {
                    length = value.trim().parse().unwrap_or(0);
                }
            }
            stream.read_exact(&mut vec![0; length]).await?;
            match target.split_once("/completions?chat_id=") {
                Some((_, chat)) => self.answer(chat, stream.get_mut()).await?,
                None => document(stream.get_mut()).await?,
            }
        }
    }

    async fn answer(&self, chat: &str, stream: &mut TcpStream) -> std::io::Result<()> {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await?;
        let created =
            r#"{"response.created":{"chat_id": "C1", "parent_id": "U1", "response_id":"R1"}} "#;
        event(stream, created).await?;
        let mut hash = Sha256::new();
        let mut beat = interval(self.pace);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for number in 0..self.deltas {
            beat.tick().await;
            let text =
                format!("{number} {} wörds that a model might well have written down ", now());
            hash.update(&text);
            event(stream, &format!(r#"{{"choices": [{{"delta": {{"role": "assistant", "content": "{text}", "phase": "answer", "status": "typing"}}}}], "response_id": "R1", "usage": {{"input_tokens": 20, "output_tokens": {number}, "total_tokens": 21}}, "timestamp": 1790000003}}"#)).await?;
        }
        self.written.lock().expect("no panic").insert(chat.to_owned(), hash.finalize().to_vec());
        event(stream, r#"{"choices": [{"delta": {"content": "", "role": "assistant", "status": "finished", "phase": "answer"}}], "response_id": "R1"}"#).await?;
        stream.write_all(b"0\r\n\r\n").await
    }
}

async fn document(stream: &mut TcpStream) -> std::io::Result<()> {
    let length = CHAT.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{CHAT}").as_bytes()).await
}

async fn event(stream: &mut TcpStream, data: &str) -> std::io::Result<()> {
    let length = "data: \n\n".len() + data.len();
    stream.write_all(format!("{length:x}\r\ndata: {data}\n\n\r\n").as_bytes()).await
}
