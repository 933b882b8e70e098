//! Reads an answer as it arrives, and knows whether it is whole.

use std::collections::VecDeque;
use std::time::Duration;

use reqwest::Response;
use serde::de::IgnoredAny;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::Step;
use super::chunk::{Chunk, Finish};
use super::failure::{self, Failure};
use super::http::Connection;
use super::think_tags::{Said, Splitter};
use crate::net::sse::{Decoder, TooLong};

/// How long to wait after the last piece for the token counts and the end.
const GRACE: Duration = Duration::from_secs(2);
/// The shortest time between two signs of life from a silent engine. It may read a long prompt for
/// minutes, and our own client has an idle timeout, too.
const ALIVE: Duration = Duration::from_secs(10);
/// The byte order mark of UTF-8, which may precede everything else.
const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];
/// The longest event, in bytes: a piece of an answer is a few words.
const MAX_EVENT: usize = 1 << 20;
/// The longest answer, in bytes.
const MAX_ANSWER: usize = 8 << 20;

/// Reads one answer. Dropping it closes the connection.
pub(super) struct Reader {
    response: Response,
    /// Known from the first byte.
    form: Option<Form>,
    place: String,
    idle: Duration,
    key: Conceal,
    splitter: Splitter,
    queue: VecDeque<Result<Step, Failure>>,
    finish: Option<Finish>,
    /// The deadline for the rest, set by the finish reason.
    ends_by: Option<Instant>,
    usage: Option<(u64, u64)>,
    /// Bytes of text and thoughts.
    said: usize,
    /// Whether there was text among them.
    has_text: bool,
    /// The time of the last step.
    passed_on: Instant,
    /// Whether bytes have arrived since then.
    is_alive: bool,
    over: bool,
}

/// The form of an answer.
enum Form {
    Events(Box<Decoder>),
    /// One document, from a server that does not stream.
    Whole(Vec<u8>),
}

type Conceal = Box<dyn Fn(&str) -> String + Send>;

impl Reader {
    /// A reader of an answer that has begun.
    pub(super) fn new(response: Response, connection: &Connection) -> Self {
        Self {
            response,
            form: None,
            place: connection.place().to_owned(),
            idle: connection.idle(),
            key: connection.concealer(),
            splitter: Splitter::default(),
            queue: VecDeque::new(),
            finish: None,
            ends_by: None,
            usage: None,
            said: 0,
            has_text: false,
            passed_on: Instant::now(),
            is_alive: false,
            over: false,
        }
    }

    /// The next step; `None` at the end of a whole answer. A failure is the last item.
    pub(super) async fn next(&mut self) -> Option<Result<Step, Failure>> {
        loop {
            if let Some(item) = self.queue.pop_front() {
                self.passed_on = Instant::now();
                return Some(item);
            }
            if self.over {
                return None;
            }
            if self.is_alive {
                self.is_alive = false;
                if self.passed_on.elapsed() >= ALIVE.min(self.idle / 4) {
                    self.queue.push_back(Ok(Step::Alive));
                    continue;
                }
            }
            let now = Instant::now();
            if self.ends_by.is_some_and(|ends_by| ends_by <= now) {
                self.end();
                continue;
            }
            let patience = self.ends_by.unwrap_or(now + self.idle);
            match timeout_at(patience, self.response.chunk()).await {
                Ok(Ok(Some(bytes))) => {
                    self.is_alive = true;
                    self.take(&bytes);
                }
                Ok(Ok(None)) => self.end(),
                // The answer is complete; how the connection ends does not matter.
                Ok(Err(_)) | Err(_) if self.finish.is_some() => self.end(),
                Ok(Err(_)) => self.fail(failure::cut(&self.place)),
                Err(_) => self.fail(failure::stalled(&self.place, self.idle)),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let mut found = Vec::new();
        if self.form.is_none() {
            self.form = Form::of(bytes);
        }
        let taken = self.form.as_mut().map_or(Ok(()), |form| form.feed(bytes, &mut found));
        self.events(&found);
        if taken.is_err() {
            self.fail(failure::odd(&self.place, "an event that is too long"));
        }
    }

    /// The end of the bytes.
    fn end(&mut self) {
        let mut found = Vec::new();
        match &mut self.form {
            None => {}
            // An event that is too long has been refused before.
            Some(Form::Events(events)) => {
                let _ = events.finish(|data| found.push(text(data)));
            }
            Some(Form::Whole(document)) => {
                found.push(String::from_utf8_lossy(document).into_owned());
                self.finish = Some(Finish::Whole);
            }
        }
        self.events(&found);
        if self.over {
            return;
        }
        match self.finish {
            Some(_) => self.complete(),
            None => self.fail(failure::cut(&self.place)),
        }
    }

    fn events(&mut self, found: &[String]) {
        for data in found {
            if self.over {
                return;
            }
            self.event(data);
        }
    }

    fn event(&mut self, data: &str) {
        if data.trim() == "[DONE]" {
            return self.complete();
        }
        let Ok(event) = serde_json::from_str::<Value>(data) else {
            // Broken JSON means lost text; anything else was no piece of the answer.
            if data.trim_start().starts_with('{') {
                self.fail(failure::odd(&self.place, "an event that is broken"));
            }
            return;
        };
        let chunk = Chunk::read(&event);
        if let Some(error) = chunk.error {
            let error = serde_json::from_str(&(self.key)(&error.to_string())).unwrap_or(error);
            return self.fail(failure::in_stream(&self.place, &error));
        }
        self.said += chunk.thought.len() + chunk.text.len();
        if self.said > MAX_ANSWER {
            return self.fail(failure::odd(&self.place, "an answer without an end"));
        }
        if !chunk.thought.is_empty() {
            self.splitter.rest_is_answer();
            self.queue.push_back(Ok(Step::Think(chunk.thought)));
        }
        if !chunk.text.is_empty() {
            for said in self.splitter.take(&chunk.text) {
                self.say(said);
            }
        }
        self.usage = chunk.usage.or(self.usage);
        self.finish = chunk.finish.or(self.finish);
        if self.finish.is_some() {
            self.ends_by.get_or_insert_with(|| Instant::now() + GRACE);
        }
    }

    fn say(&mut self, said: Said) {
        self.has_text |= matches!(&said, Said::Text(text) if !text.trim().is_empty());
        self.queue.push_back(Ok(match said {
            Said::Text(text) => Step::Text(text),
            Said::Thought(text) => Step::Think(text),
        }));
    }

    /// Passes on the text that was held back.
    fn say_rest(&mut self) {
        if let Some(said) = self.splitter.finish() {
            self.say(said);
        }
    }

    /// Ends the answer.
    fn complete(&mut self) {
        self.say_rest();
        if let Some((input, output)) = self.usage {
            self.queue.push_back(Ok(Step::Usage { input, output }));
        }
        match self.finish.unwrap_or(Finish::Whole) {
            Finish::Length => self.fail(failure::too_long_answer(&self.place)),
            Finish::Filtered => self.fail(failure::filtered(&self.place)),
            Finish::Broken => self.fail(failure::cut(&self.place)),
            Finish::Whole if !self.has_text => self.fail(failure::empty(&self.place)),
            Finish::Whole => self.over = true,
        }
    }

    fn fail(&mut self, failed: Failure) {
        if !self.over {
            self.say_rest();
            self.queue.push_back(Err(failed));
            self.over = true;
        }
    }
}

impl Form {
    /// The first byte decides, not what the server calls it; `None` before there is one.
    fn of(bytes: &[u8]) -> Option<Self> {
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() || BOM.contains(byte);
        Some(match bytes.iter().find(|byte| !is_blank(byte))? {
            b'{' | b'[' => Self::Whole(Vec::new()),
            _ => Self::Events(Box::new(Decoder::with_cap(MAX_EVENT).splitting(is_event))),
        })
    }

    /// Takes the next bytes; `found` gets the data of each event that is whole.
    fn feed(&mut self, bytes: &[u8], found: &mut Vec<String>) -> Result<(), TooLong> {
        match self {
            Self::Events(events) => events.feed(bytes, |data| found.push(text(data))),
            Self::Whole(document) if document.len() + bytes.len() > MAX_ANSWER => {
                Err(TooLong { cap: MAX_ANSWER })
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
    line.trim_ascii() == b"[DONE]" || serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
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
        events.finish(|data| found.push(text(data))).expect("short events");
        found.retain(|data| !data.trim().is_empty());
        found
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
