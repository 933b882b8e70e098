//! Reads one streamed answer, and notes when each delta came.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::upstream::now;

/// What came.
pub struct Read {
    /// How much later than it was written each delta came.
    pub delays: Vec<Duration>,
    /// The hash of all deltas together.
    pub hash: Vec<u8>,
}

#[derive(Deserialize)]
struct Delta {
    content: String,
}

#[derive(Deserialize)]
struct Done {
    data: Delta,
}

/// Who is asked for a stream.
#[derive(Clone, Copy)]
pub enum From {
    /// `serve`.
    Serve(SocketAddr),
    /// The upstream itself: what it costs to measure.
    Upstream(SocketAddr),
}

/// Sends a prompt to `chat` and reads the answer to its end.
///
/// # Errors
/// If it has no end, is no stream, or its end says another text than its deltas.
pub async fn read_stream(from: From, chat: &str) -> Result<Read> {
    let (address, path) = match from {
        From::Serve(address) => (address, "/api/chat/send".to_owned()),
        From::Upstream(address) => (address, format!("/api/v2/chat/completions?chat_id={chat}")),
    };
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let body = format!(r#"{{"chat_id":"{chat}","message":"Hello","model":"m","stream":true}}"#);
    // To HTTP/1.0 the body comes as it is, without chunks.
    let head = format!(
        "POST {path} HTTP/1.0\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    let mut reading = Reading::default();
    let mut waiting = Vec::with_capacity(8 << 10);
    while reading.hash_at_end.is_none() && stream.read_buf(&mut waiting).await? > 0 {
        let came = now();
        while let Some(end) = waiting.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = waiting.drain(..end + 2).collect();
            reading.event(std::str::from_utf8(&event).map_err(wrong)?, came)?;
        }
    }
    let whole = reading.hash.finalize().to_vec();
    if reading.hash_at_end.as_ref() != Some(&whole) {
        return Err(wrong("the end is missing, or has another text"));
    }
    Ok(Read { delays: reading.delays, hash: whole })
}

#[derive(Default)]
struct Reading {
    delays: Vec<Duration>,
    hash: Sha256,
    /// The hash of the text in the last event.
    hash_at_end: Option<Vec<u8>>,
}

impl Reading {
    fn event(&mut self, event: &str, came: u128) -> Result<()> {
        // The head of the response stands before the first event.
        let Some((_, event)) = event.split_once("event: ") else { return self.raw(event, came) };
        let (name, data) = event.split_once("\ndata: ").ok_or_else(|| wrong("no data"))?;
        match name {
            "delta" => {
                let delta: Delta = serde_json::from_str(data)?;
                self.delta(&delta.content, came)?;
            }
            "done" => {
                let done: Done = serde_json::from_str(data)?;
                self.hash_at_end = Some(Sha256::digest(done.data.content).to_vec());
            }
            "start" => {}
            _ => return Err(wrong(data)),
        }
        Ok(())
    }

    fn delta(&mut self, content: &str, came: u128) -> Result<()> {
        self.hash.update(content);
        let stamp = content.split(' ').nth(1).and_then(|stamp| stamp.parse().ok());
        let delay = came.saturating_sub(stamp.ok_or_else(|| wrong("no stamp"))?);
        self.delays.push(Duration::from_micros(u64::try_from(delay).map_err(wrong)?));
        Ok(())
    }

    /// An event as the upstream writes it; the one without text is its last.
    fn raw(&mut self, event: &str, came: u128) -> Result<()> {
        let Some((_, rest)) = event.split_once(r#""content": ""#) else { return Ok(()) };
        match rest.split('"').next() {
            None | Some("") => self.hash_at_end = Some(self.hash.clone().finalize().to_vec()),
            Some(content) => self.delta(content, came)?,
        }
        Ok(())
    }
}

fn wrong(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}
