//! Writes the steps of an answer twice: as events of the stream, and as parts of the stored message.

use std::collections::VecDeque;

use serde_json::{Value, json};
use uuid::Uuid;

use super::frames::{self, Dialect, Usage};
use crate::engine::{Document, Refusal, Step};
use crate::local::clock;
use crate::local::store::turns::Progress;

/// The effect of a step on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Emission {
    /// These bytes.
    Bytes(String),
    /// Nothing for this many times the pace.
    Pause(u32),
    /// Nothing for this many milliseconds.
    Silence(u64),
}

/// The ids of a turn.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    pub chat: String,
    pub user: String,
    pub response: String,
}

/// The pause between the last function-call event and its result, in paces (about 9 s at a real
/// model's speed).
const SEARCH_PAUSE: u32 = 40;

/// An event without content (protocol F52). Besides `keep_alive` it tells our own client whether the text
/// so far may still turn out to be thoughts (`provisional`, `settled`), and that it has (`recast`).
const INFO: &str = "data: {\"response.info\": {\"action\": \"{A}\", \"chat_id\": \"{C1}\", \"response_id\": \"{R1}\", \"timestamp\": {T}}}\n\n";

/// The last event of an answer that has failed (protocol 8.2).
fn failure(refusal: &Refusal) -> String {
    let (code, details) = (json!(refusal.code), json!(refusal.details));
    format!(
        "data: {{\"error\": {{\"code\": {code}, \"details\": {details}}}, \"response_id\": \"{{R1}}\"}}\n\n"
    )
}

/// The writer of one answer.
#[derive(Debug)]
pub(crate) struct Writer {
    ids: Ids,
    dialect: Dialect,
    /// Whether it counts tokens: an engine does so itself, or not at all.
    counts: bool,
    usage: Usage,
    phase: Option<&'static str>,
    parts: Vec<Part>,
    /// The next free reference number of a search result.
    next_reference: usize,
    error: Value,
}

#[derive(Debug)]
struct Part {
    phase: &'static str,
    content: String,
    extra: Value,
    finished: bool,
    usage: Usage,
    timestamp: i64,
}

impl Writer {
    /// A writer for an answer to a prompt of `input` tokens; without them, tokens are not counted here.
    pub(crate) fn new(ids: Ids, dialect: Dialect, input: Option<u64>) -> Self {
        let usage = Usage { input: input.unwrap_or_default(), output: 0 };
        Self {
            ids,
            dialect,
            counts: input.is_some(),
            usage,
            phase: None,
            parts: Vec::new(),
            next_reference: 1,
            error: Value::Null,
        }
    }

    /// The first event of the stream.
    pub(crate) fn created(&self) -> String {
        self.dialect.created_event(&self.ids.chat, &self.ids.user, &self.ids.response)
    }

    /// Writes one step.
    pub(crate) fn write(&mut self, step: Step) -> VecDeque<Emission> {
        let mut out = VecDeque::new();
        match step {
            Step::Pause(paces) => out.push_back(Emission::Pause(paces)),
            Step::Silence(millis) => out.push_back(Emission::Silence(millis)),
            Step::Text(text) => self.piece("answer", &text, &mut out),
            Step::Think(text) if self.is_late_thought() => self.late_thought(&text, &mut out),
            Step::Think(text) => self.piece("think", &text, &mut out),
            Step::Summary { titles, thoughts } => self.summary(&titles, &thoughts, &mut out),
            Step::Search { queries, documents } => self.search(&queries, &documents, &mut out),
            Step::Image(url) => self.image(&self.filled(&url), &mut out),
            Step::Raw(bytes) => out.push_back(Emission::Bytes(self.filled(&bytes))),
            // No tools are offered here.
            Step::Call(_) => {}
            Step::Alive => out.push_back(self.info("keep_alive")),
            Step::Provisional(true) => out.push_back(self.info("provisional")),
            Step::Provisional(false) => out.push_back(self.info("settled")),
            Step::Recast => {
                self.recast();
                out.push_back(self.info("recast"));
            }
            Step::Failed(refusal) => {
                out.push_back(Emission::Bytes(self.filled(&failure(&refusal))));
                let Refusal { code, details, .. } = refusal;
                self.error = json!({"code": code, "details": details});
            }
            Step::Failure { bytes, stored } => {
                self.error = stored;
                out.push_back(Emission::Bytes(self.filled(&bytes)));
            }
            Step::Round { input, output } => self.usage = Usage { input, output },
            Step::Usage { input, output, .. } => {
                self.usage = Usage { input, output };
                if let Some(part) = self.parts.last_mut() {
                    part.usage = self.usage;
                }
            }
        }
        out
    }

    /// The end of an ordinary stream: two empty typing events and the terminal one.
    pub(crate) fn terminal(&mut self) -> Vec<String> {
        let phase = self.phase.unwrap_or("answer");
        let terminal = frames::delta(
            &frames::terminal_members(phase, self.dialect.phases),
            &self.ids.response,
            self.dialect.extra_member,
        );
        let mut events = Vec::new();
        if phase != "image_gen" {
            let text = self.shown("");
            let typing = frames::text_members(&text, phase, "typing", self.dialect.phases);
            events.extend(std::iter::repeat_n(self.delta_with_usage(&typing), 2));
        }
        events.push(self.dialect.last_event(&terminal));
        events
    }

    /// The last event after a stop call.
    pub(crate) fn stopped(&self) -> String {
        self.dialect.event(&format!(
            r#"{{"response.stopped": {{"response_id": "{}"}}}}"#,
            self.ids.response
        ))
    }

    /// The state of the answer, to be stored.
    pub(crate) fn progress(&self, done: bool, stopped: bool) -> Progress {
        let parts: Vec<_> =
            self.parts.iter().map(|part| part.json(&self.ids.response, done)).collect();
        Progress {
            chat_id: self.ids.chat.clone(),
            response_id: self.ids.response.clone(),
            content_list: Value::Array(parts),
            text: self.text(),
            error: self.error.clone(),
            done,
            stopped,
            title: None,
        }
    }

    /// The text of the answer so far, its parts joined as readers join them (protocol 5.5).
    pub(crate) fn text(&self) -> String {
        let answers = self.parts.iter().filter(|part| part.phase == "answer");
        answers.map(|part| part.content.as_str()).collect::<Vec<_>>().join("\n\n")
    }

    /// Whether the answer has failed.
    pub(crate) fn failed(&self) -> bool {
        !self.error.is_null()
    }

    /// Why the answer failed, as it is stored; null if it did not.
    pub(crate) fn error(&self) -> &Value {
        &self.error
    }

    fn piece(&mut self, phase: &'static str, text: &str, out: &mut VecDeque<Emission>) {
        self.enter(phase, out);
        if self.counts {
            self.usage.output += tokens(text);
        }
        let usage = self.usage;
        let part = self.part();
        part.content.push_str(text);
        part.usage = usage;
        let shown = self.shown(text);
        let members = frames::text_members(&shown, phase, "typing", self.dialect.phases);
        out.push_back(Emission::Bytes(self.delta_with_usage(&members)));
    }

    /// Whether a thought comes in the middle of the answer. A phase of its own would end the answer's
    /// part, and the parts of an answer are separate paragraphs.
    fn is_late_thought(&self) -> bool {
        self.phase == Some("answer") && self.dialect.phases && !self.dialect.cumulative
    }

    fn late_thought(&mut self, thought: &str, out: &mut VecDeque<Emission>) {
        self.usage.output += tokens(thought);
        let earlier = self.parts.iter_mut().rfind(|part| part.phase == "think");
        if let Some(part) = earlier {
            part.content.push_str(thought);
        } else {
            let part = Part {
                phase: "think",
                content: thought.to_owned(),
                extra: Value::Null,
                finished: true,
                usage: self.usage,
                timestamp: clock::seconds(),
            };
            self.parts.insert(0, part);
        }
        out.push_back(Emission::Bytes(self.delta_with_usage(&frames::thought_members(thought))));
    }

    fn summary(&mut self, titles: &[String], thoughts: &[String], out: &mut VecDeque<Emission>) {
        self.enter("thinking_summary", out);
        self.usage.output += 1;
        self.part().extra =
            json!({"summary_title": {"content": titles}, "summary_thought": {"content": thoughts}});
        let members = frames::summary_members(titles, thoughts);
        out.push_back(Emission::Bytes(self.delta_with_usage(&members)));
    }

    fn search(&mut self, queries: &[String], documents: &[Document], out: &mut VecDeque<Emission>) {
        self.enter("web_search", out);
        let call = format!("call_{}", &Uuid::new_v4().simple().to_string()[..24]);
        let whole = format!("{{\"queries\": \n{}\n\n}}", json!(queries));
        for arguments in ["", "{\"queries\": ", &whole, &whole] {
            let members = frames::call_members(arguments, &call);
            out.push_back(Emission::Bytes(self.delta_with_usage(&members)));
        }
        out.push_back(Emission::Pause(SEARCH_PAUSE));
        let members = frames::result_members(documents, queries.len(), self.next_reference, &call);
        out.push_back(Emission::Bytes(self.delta(&members, r#", "usage": {}"#)));
        let found: Vec<_> = documents.iter().map(document_json).collect();
        let used = self.next_reference + documents.len();
        let part = self.part();
        part.extra = json!({"function_id": call, "web_search_info": found, "display_position": "answer",
            "tool_result": {"docs": found, "used_id": used}});
        part.finished = true;
        self.next_reference = used;
        // The next round of the model reads what was found.
        self.usage = Usage { input: self.usage.input + 3_100, output: 0 };
        self.phase = None;
    }

    fn image(&mut self, url: &str, out: &mut VecDeque<Emission>) {
        self.enter("image_gen", out);
        url.clone_into(&mut self.part().content);
        let usage = r#", "usage": {"input_tokens": 0, "output_tokens": 0, "characters": 0, "width": 2688, "image_count": 1, "height": 1536}"#;
        out.push_back(Emission::Bytes(self.delta(&frames::image_members(url), usage)));
    }

    /// Begins a phase and finishes the one before (protocol 7.5 to 7.7).
    fn enter(&mut self, phase: &'static str, out: &mut VecDeque<Emission>) {
        if self.phase == Some(phase) {
            return;
        }
        if let Some(before) = self.phase.replace(phase) {
            self.part().finished = true;
            let members = frames::text_members("", before, "finished", self.dialect.phases);
            out.push_back(Emission::Bytes(self.delta(&members, "")));
        }
        let (usage, timestamp) = (self.usage, clock::seconds());
        self.parts.push(Part {
            phase,
            content: String::new(),
            extra: Value::Null,
            finished: false,
            usage,
            timestamp,
        });
    }

    /// The part that is being written.
    fn part(&mut self) -> &mut Part {
        if self.parts.is_empty() {
            let part = Part {
                phase: "answer",
                content: String::new(),
                extra: Value::Null,
                finished: false,
                usage: self.usage,
                timestamp: clock::seconds(),
            };
            self.parts.push(part);
        }
        let last = self.parts.len() - 1;
        &mut self.parts[last]
    }

    /// A piece as the request's mode shows it: itself, or all of the phase so far.
    fn shown(&self, piece: &str) -> String {
        if !self.dialect.cumulative {
            return piece.to_owned();
        }
        let phase = self.phase.unwrap_or("answer");
        self.parts
            .iter()
            .filter(|part| part.phase == phase)
            .map(|part| part.content.as_str())
            .collect()
    }

    fn delta_with_usage(&self, members: &str) -> String {
        self.delta(members, &format!(r#", "usage": {}"#, self.usage.python()))
    }

    fn delta(&self, members: &str, usage: &str) -> String {
        let tail =
            format!(r#"{usage}, "timestamp": {}{}"#, clock::seconds(), self.dialect.extra_member);
        self.dialect.event(&frames::delta(members, &self.ids.response, &tail))
    }

    fn info(&self, action: &str) -> Emission {
        Emission::Bytes(self.filled(&INFO.replace("{A}", action)))
    }

    /// All text so far was thoughts.
    fn recast(&mut self) {
        for part in self.parts.iter_mut().filter(|part| part.phase == "answer") {
            part.phase = "think";
        }
        if self.phase == Some("answer") {
            self.phase = Some("think");
        }
    }

    fn filled(&self, bytes: &str) -> String {
        bytes
            .replace("{C1}", &self.ids.chat)
            .replace("{U1}", &self.ids.user)
            .replace("{R1}", &self.ids.response)
            .replace("{T}", &clock::seconds().to_string())
    }
}

impl Part {
    fn json(&self, response: &str, done: bool) -> Value {
        let status = if self.finished || done { "finished" } else { "typing" };
        json!({
            "content": self.content, "phase": self.phase, "status": status, "extra": self.extra,
            "role": "assistant", "response_id": response,
            "usage": {"input_tokens": self.usage.input, "output_tokens": self.usage.output,
                      "total_tokens": self.usage.input + self.usage.output},
            "timestamp": self.timestamp,
        })
    }
}

fn document_json(document: &Document) -> Value {
    json!({"url": document.url, "title": document.title, "snippet": document.snippet, "hostname": "",
        "hostlogo": "", "date": document.date})
}

/// The approximate number of tokens: words, and punctuation by itself.
pub(crate) fn tokens(text: &str) -> u64 {
    let mut count = 0;
    let mut in_word = false;
    for character in text.chars() {
        let word = character.is_alphanumeric();
        let starts = if word { !in_word } else { !character.is_whitespace() };
        count += u64::from(starts);
        in_word = word;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_words_and_punctuation() {
        assert_eq!(tokens("Hello"), 1);
        assert_eq!(tokens(", wörld"), 2);
        assert_eq!(tokens(" \n"), 0);
    }
}
