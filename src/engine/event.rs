//! The bytes of an answer, cut into events. The first byte that is not blank decides whether the
//! answer is a stream of events or one document, not what the server calls it.

use serde::de::IgnoredAny;

use crate::net::sse::{Decoder, TooLong};

/// The byte order mark of UTF-8, which may precede everything else.
const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];
/// The longest event and the longest document, in bytes: either may hold a picture or the data of a tool.
const MAX_EVENT: usize = 16 << 20;

/// The form of an answer.
pub(super) enum Form {
    /// A stream of events.
    Events(Box<Decoder>),
    /// One document, from a server that does not stream.
    Whole(Vec<u8>),
}

/// One event of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// Whether its name is that of an error.
    pub is_error: bool,
    /// Its data, trimmed.
    pub data: Vec<u8>,
}

impl Event {
    /// The event with this name and data.
    pub(super) fn new(name: &[u8], data: &[u8]) -> Self {
        let mut data = data.trim_ascii();
        // Some servers send the name of the field twice.
        while let Some(rest) = data.strip_prefix(b"data:") {
            data = rest.trim_ascii_start();
        }
        Self { is_error: name.eq_ignore_ascii_case(b"error"), data: data.to_vec() }
    }

    /// Whether it is JSON that ends too early.
    pub(super) fn is_cut(&self) -> bool {
        self.data.starts_with(b"{")
            && serde_json::from_slice::<IgnoredAny>(&self.data).is_err_and(|fault| fault.is_eof())
    }
}

/// Whether a byte may precede everything else.
pub(super) fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || BOM.contains(&byte)
}

/// Whether data ends the answer: `[DONE]`, in any case.
pub(super) fn is_done(text: &[u8]) -> bool {
    text.trim_ascii().eq_ignore_ascii_case(b"[DONE]")
}

/// Whether data that is no JSON tells of an error.
pub(super) fn is_alarm(text: &[u8]) -> bool {
    let start = text.strip_prefix(b"[").unwrap_or(text);
    start.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"error"))
}

impl Form {
    /// The first byte that is not blank decides, not what the server calls it; `None` before there is one.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        Some(match bytes.first()? {
            b'{' | b'[' => Self::Whole(Vec::new()),
            _ => Self::Events(Box::new(Decoder::with_cap(MAX_EVENT).splitting(is_event))),
        })
    }

    /// Takes the next bytes; `found` gets the data of each event that is whole.
    pub(super) fn feed(&mut self, bytes: &[u8], found: &mut Vec<Event>) -> Result<(), TooLong> {
        match self {
            Self::Events(events) => {
                events.feed_named(bytes, |name, data| found.push(Event::new(name, data)))
            }
            Self::Whole(document) if document.len() + bytes.len() > MAX_EVENT => {
                Err(TooLong { cap: MAX_EVENT })
            }
            Self::Whole(document) => {
                document.extend_from_slice(bytes);
                Ok(())
            }
        }
    }
}

/// Whether a line is an event by itself: some servers send no blank line after it.
fn is_event(line: &[u8]) -> bool {
    is_done(line) || serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut form = Form::of(b":").expect("a byte");
        let mut found = Vec::new();
        for piece in pieces {
            form.feed(piece, &mut found).expect("short events");
        }
        let Form::Events(mut events) = form else { panic!("no document") };
        events.finish_named(|name, data| found.push(Event::new(name, data))).expect("short events");
        let found = found.into_iter().map(|event| String::from_utf8(event.data).expect("text"));
        found.filter(|data| !data.trim().is_empty()).collect()
    }

    #[test]
    fn all_forms_of_events_are_read_wherever_they_are_cut() {
        let text = "\u{feff}: ping\n\ndata: {\"a\":\"xin chào 你好 🙂\"}\n\ndata:{\"b\":1}\r\n\r\n\
                    event: x\nid: 7\nretry: 5\ndata: {\"c\":2}\ndata: {\"d\":3}\n\ndata: {\ndata: \"e\":4}\n\n\
                    data: \n\ndata: [DONE]";
        let expected = [
            "{\"a\":\"xin chào 你好 🙂\"}",
            "{\"b\":1}",
            "{\"c\":2}",
            "{\"d\":3}",
            "{\n\"e\":4}",
            "[DONE]",
        ];
        assert_eq!(read(&[text.as_bytes()]), expected);
        assert_eq!(read(&[b"data: data: {}\n\ndata: data: [done]\n\n"]), ["{}", "[done]"]);
        for at in 0..text.len() {
            let (before, after) = text.as_bytes().split_at(at);
            assert_eq!(read(&[before, after]), expected, "cut at {at}");
        }
        assert_eq!(read(&text.as_bytes().chunks(1).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn an_event_that_is_too_long_is_refused() {
        let mut form = Form::of(b":").expect("a byte");
        let half = vec![b'x'; MAX_EVENT / 2 + 1];
        assert!(form.feed(&half, &mut Vec::new()).is_ok());
        assert!(form.feed(&half, &mut Vec::new()).is_err());
        let mut form = Form::of(b":").expect("a byte");
        let line = format!("data: {}\n", "x".repeat(MAX_EVENT / 2));
        assert!(form.feed(line.as_bytes(), &mut Vec::new()).is_ok());
        assert!(form.feed(line.as_bytes(), &mut Vec::new()).is_err());
    }
}
