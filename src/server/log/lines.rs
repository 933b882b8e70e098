//! What the lines of the log look like.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::LogFormat;
use crate::domain::LogLevel;

/// A line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Line<'a> {
    /// A request is over.
    Request(&'a Access<'a>),
    /// A call to the upstream is over.
    Upstream(&'a UpstreamCall<'a>),
    /// Something else.
    Note(Note<'a>),
    /// A prompt or an answer.
    Body(Body<'a>),
}

/// A request that is over. Times are in milliseconds.
#[derive(Serialize)]
pub struct Access<'a> {
    pub request_id: &'a str,
    pub method: &'a str,
    pub route: &'static str,
    pub status: u16,
    pub bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_byte_ms: Option<f64>,
    pub total_ms: f64,
    pub upstream_ms: f64,
    pub upstream_calls: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'a str>,
}

/// A call to the upstream that is over.
#[derive(Serialize)]
pub struct UpstreamCall<'a> {
    pub request_id: &'a str,
    /// Which call of its request it was, from 1.
    pub call: u32,
    pub method: &'a str,
    pub path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    pub result: &'static str,
    pub total_ms: f64,
}

/// Words for the operator.
#[derive(Serialize)]
pub(super) struct Note<'a> {
    pub message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'a str>,
}

/// A prompt or an answer.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    pub what: &'static str,
    pub text: &'a str,
    pub request_id: &'a str,
}

#[derive(Serialize)]
struct Document<'a> {
    time: &'a str,
    level: &'static str,
    #[serde(flatten)]
    line: &'a Line<'a>,
}

/// In milliseconds, to the microsecond.
pub(crate) fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// The line of a note that belongs to no request, as it is written now.
pub(crate) fn note_line(message: &str, format: LogFormat) -> String {
    let note = Note { message, request_id: None };
    render(Timestamp::now(), LogLevel::Warn, &Line::Note(note), format)
}

/// The line as it is written, without its end. It never holds a line break.
pub(super) fn render(at: Timestamp, level: LogLevel, line: &Line<'_>, format: LogFormat) -> String {
    let time = format!("{at:.3}");
    let level = level.word();
    if format == LogFormat::Json {
        return serde_json::to_string(&Document { time: &time, level, line }).unwrap_or_default();
    }
    let mut text = format!("{time} {level} ");
    // Writing to a `String` does not fail.
    let _ = match line {
        Line::Request(access) => access.write(&mut text),
        Line::Upstream(call) => call.write(&mut text),
        Line::Note(Note { message, request_id: Some(id) }) => {
            write!(text, "{} id={id}", message.escape_debug())
        }
        Line::Note(Note { message, request_id: None }) => {
            write!(text, "{}", message.escape_debug())
        }
        Line::Body(Body { what, text: body, request_id }) => {
            write!(text, "{what} id={request_id} {body:?}")
        }
    };
    text
}

impl Access<'_> {
    fn write(&self, text: &mut String) -> std::fmt::Result {
        let Self { method, route, status, bytes, total_ms, .. } = self;
        // The method is the caller's own word.
        let method = method.escape_debug();
        write!(text, "{method} {route} {status} {bytes}B total={total_ms:.1}ms")?;
        if let Some(first) = self.first_byte_ms {
            write!(text, " first={first:.1}ms")?;
        }
        if self.upstream_calls > 0 {
            write!(text, " upstream={:.1}ms calls={}", self.upstream_ms, self.upstream_calls)?;
        }
        if let Some(who) = self.who {
            write!(text, " who={who}")?;
        }
        write!(text, " id={}", self.request_id)?;
        self.code.map_or(Ok(()), |code| write!(text, " {code}"))?;
        self.cause.map_or(Ok(()), |cause| write!(text, " cause={cause:?}"))
    }
}

impl UpstreamCall<'_> {
    fn write(&self, text: &mut String) -> std::fmt::Result {
        let Self { method, path, call, total_ms, request_id, result, .. } = self;
        write!(text, "upstream {method} {path} ")?;
        match self.status {
            Some(status) => write!(text, "{status}")?,
            None => text.push('-'),
        }
        write!(text, " {result} total={total_ms:.1}ms call={call} id={request_id}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access<'static> {
        Access {
            request_id: "r1",
            method: "GET",
            route: "/api/chats/{id}",
            status: 502,
            bytes: 12,
            first_byte_ms: Some(1.25),
            total_ms: 2.5,
            upstream_ms: 2.0,
            upstream_calls: 1,
            who: Some("account:0123abcd"),
            code: Some("timeout"),
            cause: None,
        }
    }

    fn lines(line: &Line<'_>) -> [String; 2] {
        let at = Timestamp::from_millisecond(1_790_000_000_123).expect("a time");
        [LogFormat::Text, LogFormat::Json].map(|format| render(at, LogLevel::Error, line, format))
    }

    #[test]
    fn a_request_is_a_line_in_either_format() {
        let request = Access { cause: Some("no \"route\""), ..access() };
        let [text, json] = lines(&Line::Request(&request));
        assert_eq!(
            text,
            "2026-09-21T14:13:20.123Z error GET /api/chats/{id} 502 12B total=2.5ms first=1.2ms \
             upstream=2.0ms calls=1 who=account:0123abcd id=r1 timeout cause=\"no \\\"route\\\"\""
        );
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["time"], "2026-09-21T14:13:20.123Z");
        assert_eq!((&json["event"], &json["level"]), (&"request".into(), &"error".into()));
        assert_eq!((&json["status"], &json["code"]), (&502.into(), &"timeout".into()));
        assert_eq!(json["cause"], "no \"route\"");
    }

    #[test]
    fn no_word_of_others_breaks_a_line() {
        let evil = "a\nb\u{1b}[31m\r";
        let body = Line::Body(Body { what: "prompt", text: evil, request_id: "r" });
        let note = Line::Note(Note { message: evil, request_id: Some("r") });
        let request = Access { method: evil, cause: Some(evil), ..access() };
        for line in [body, note, Line::Request(&request)] {
            for written in lines(&line) {
                assert!(!written.contains(['\n', '\r', '\u{1b}']), "{written}");
            }
        }
    }
}
