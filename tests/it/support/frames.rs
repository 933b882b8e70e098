//! The events of a stream, byte for byte as protocol 7 shows them.

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::bodies::{C1, R1, U1};
use super::response::Response;

/// The first event, with its own spacing.
pub fn created() -> String {
    format!(
        "data: {{\"response.created\":{{\"chat_id\": \"{C1}\", \"parent_id\": \"{U1}\", \"response_id\":\"{R1}\", \"response_index\": \"0\"}}}} \n\n"
    )
}

/// A piece of the answer.
pub fn d(content: &str) -> String {
    delta(content, "answer", "typing")
}

/// A piece of `phase`.
pub fn delta(content: &str, phase: &str, status: &str) -> String {
    let content = Value::from(content);
    format!(
        "data: {{\"choices\": [{{\"delta\": {{\"role\": \"assistant\", \"content\": {content}, \"phase\": \"{phase}\", \"status\": \"{status}\"}}}}], \"response_id\": \"{R1}\", \"usage\": {{\"input_tokens\": 20, \"output_tokens\": 1, \"total_tokens\": 21, \"characters\": 0}}, \"timestamp\": 1790000002}}\n\n"
    )
}

/// The end of a phase that more may follow: it has a `timestamp`.
pub fn finished(phase: &str) -> String {
    format!(
        "data: {{\"choices\": [{{\"delta\": {{\"role\": \"assistant\", \"content\": \"\", \"phase\": \"{phase}\", \"status\": \"finished\"}}}}], \"response_id\": \"{R1}\", \"timestamp\": 1790000003}}\n\n"
    )
}

/// The last event, with its own order of keys and a third line feed.
pub fn end() -> String {
    format!(
        "data: {{\"choices\": [{{\"delta\": {{\"content\": \"\", \"role\": \"assistant\", \"status\": \"finished\", \"phase\": \"answer\"}}}}], \"response_id\": \"{R1}\"}}\n\n\n"
    )
}

/// An event with this JSON.
#[allow(clippy::needless_pass_by_value, reason = "reads better with `json!` at the call")]
pub fn event(data: Value) -> String {
    raw(&data.to_string())
}

/// An event with this text.
pub fn raw(data: &str) -> String {
    format!("data: {data}\n\n")
}

/// An event whose delta is `delta`, with usage `usage`.
#[allow(clippy::needless_pass_by_value, reason = "reads better with `json!` at the call")]
pub fn frame(delta: Value, usage: Value) -> String {
    event(json!({"choices": [{"delta": delta}], "response_id": R1, "usage": usage,
        "timestamp": 1_790_000_003}))
}

/// A cumulative snapshot of thoughts (protocol 7.5).
pub fn thoughts(titles: &[&str], thoughts: &[&str]) -> String {
    let extra =
        json!({"summary_title": {"content": titles}, "summary_thought": {"content": thoughts}});
    let delta = json!({"role": "assistant", "content": "", "phase": "thinking_summary",
        "extra": extra, "status": "typing"});
    frame(delta, json!({"input_tokens": 20, "output_tokens": 1, "total_tokens": 21}))
}

/// A call of the search tool with its arguments so far (protocol 7.7).
pub fn search_call(arguments: &str) -> String {
    let delta = json!({"role": "assistant", "content": "", "phase": "web_search",
        "status": "typing", "function_call": {"name": "web_search", "arguments": arguments},
        "function_id": "round_0_call_0123456789abcdef01234567",
        "extra": {"display_position": "answer"}});
    frame(delta, json!({"input_tokens": 1400, "output_tokens": 29, "total_tokens": 1429}))
}

/// The result of the search tool: these pages, of which the last has number `used_id - 1`.
pub fn search_result(pages: &[(&str, &str)], used_id: usize) -> String {
    let docs: Vec<Value> = pages
        .iter()
        .map(|(url, title)| {
            json!({"url": url, "title": title, "snippet": "Rain, 8 C", "hostname": "",
                "hostlogo": "", "date": "3 days ago"})
        })
        .collect();
    let extra = json!({"function_id": "call_0123456789abcdef01234567",
        "tool_result": {"docs": docs, "used_id": used_id,
            "tool_call_metrics": {"success": [1, 1]}, "tool_observation": "SECRET TOOL TEXT"},
        "web_search_info": docs, "display_position": "answer"});
    let delta = json!({"role": "function", "content": "", "phase": "web_search",
        "status": "finished", "name": "web_search", "extra": extra,
        "function_id": "round_0_call_0123456789abcdef01234567"});
    frame(delta, json!({}))
}

/// A stream of these events, and its end as the upstream ends it.
pub fn sse<'a>(events: impl IntoIterator<Item = &'a str>) -> Response {
    Response::stream(events)
}

/// A whole answer with this text.
pub fn whole(content: &str) -> Response {
    sse([created().as_str(), &d(content), &end()])
}

/// How a stream is compressed.
#[derive(Debug, Clone, Copy)]
pub enum Coding {
    Gzip,
    Brotli,
}

impl Coding {
    /// Its name in `Content-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    /// Compresses `pieces`; with `flush`, each can be read as soon as it is there.
    pub async fn compress(self, pieces: &[String], flush: bool) -> Vec<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut encoder = GzipEncoder::new(Vec::new());
                compress!(encoder, pieces, flush)
            }
            Self::Brotli => {
                let mut encoder = BrotliEncoder::new(Vec::new());
                compress!(encoder, pieces, flush)
            }
        }
    }
}

/// The encoders have no trait in common that would let a function see their output.
macro_rules! compress {
    ($encoder:ident, $pieces:expr, $flush:expr) => {{
        let mut out: Vec<Vec<u8>> = Vec::new();
        for piece in $pieces {
            $encoder.write_all(piece.as_bytes()).await.expect("compressed");
            if $flush {
                $encoder.flush().await.expect("flushed");
            }
            out.push(std::mem::take($encoder.get_mut()));
        }
        $encoder.shutdown().await.expect("finished");
        out.push($encoder.into_inner());
        out
    }};
}
use compress;
