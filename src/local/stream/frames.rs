//! The events of a stream as bytes, exactly as protocol 7 shows them: Python-style spacing, raw
//! UTF-8, the keys in the captured order. Templates rather than serialised structs, so that they
//! can be compared with the captures at a glance.

use serde_json::Value;

use crate::engine::Document;

/// The format of events. The default is the captured one; faults change it (F48, F51).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    /// What stands before the JSON of an event.
    pub prefix: &'static str,
    /// The end of a line.
    pub line_end: &'static str,
    /// What the stream starts with.
    pub opening: &'static str,
    /// Whether the last event is followed by a blank line.
    pub last_blank: bool,
    /// The form of the first event.
    pub created: Created,
    /// Whether deltas name phase and status.
    pub phases: bool,
    /// Whether each delta repeats the text so far (`incremental_output: false`).
    pub cumulative: bool,
    /// A member that is added to every delta event, `, "x": 1` say.
    pub extra_member: &'static str,
}

/// The form of the first event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Created {
    /// As in 2026, with `response_index`.
    Now,
    /// As in 2025, without.
    Year2025,
    /// With ordinary spacing.
    Tidy,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            prefix: "data: ",
            line_end: "\n",
            opening: "",
            last_blank: true,
            created: Created::Now,
            phases: true,
            cumulative: false,
            extra_member: "",
        }
    }
}

impl Dialect {
    /// One event.
    pub(crate) fn event(&self, json: &str) -> String {
        let Self { prefix, line_end, .. } = self;
        format!("{prefix}{json}{line_end}{line_end}")
    }

    /// The last event and the extra line end that follows it (protocol 7.1).
    pub(crate) fn last_event(&self, json: &str) -> String {
        let Self { prefix, line_end, .. } = self;
        let blank = if self.last_blank { line_end.repeat(2) } else { String::new() };
        format!("{prefix}{json}{line_end}{blank}")
    }

    /// The first event, with the space before its line end.
    pub(crate) fn created_event(&self, chat: &str, user: &str, response: &str) -> String {
        let json = match self.created {
            Created::Now => format!(
                r#"{{"response.created":{{"chat_id": "{chat}", "parent_id": "{user}", "response_id":"{response}", "response_index": "0"}}}} "#
            ),
            Created::Year2025 => format!(
                r#"{{"response.created":{{"chat_id": "{chat}", "parent_id": "{user}", "response_id":"{response}"}}}} "#
            ),
            Created::Tidy => format!(
                r#"{{"response.created": {{"chat_id": "{chat}", "parent_id": "{user}", "response_id": "{response}", "response_index": "0"}}}}"#
            ),
        };
        format!("{}{}", self.opening, self.event(&json))
    }
}

/// Token counts of one round (protocol 7.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub input: u64,
    pub output: u64,
}

impl Usage {
    /// As it stands in an event.
    pub(crate) fn python(self) -> String {
        let Self { input, output } = self;
        let total = input + output;
        format!(
            r#"{{"input_tokens": {input}, "output_tokens": {output}, "total_tokens": {total}, "characters": 0}}"#
        )
    }
}

/// A delta event: `members` are the members of `choices[0].delta`, `tail` those after
/// `response_id`.
pub(crate) fn delta(members: &str, response: &str, tail: &str) -> String {
    format!(r#"{{"choices": [{{"delta": {{{members}}}}}], "response_id": "{response}"{tail}}}"#)
}

/// The members of a piece of text in a phase.
pub(crate) fn text_members(content: &str, phase: &str, status: &str, phases: bool) -> String {
    let content = quoted(content);
    if phases {
        format!(
            r#""role": "assistant", "content": {content}, "phase": "{phase}", "status": "{status}""#
        )
    } else {
        format!(r#""role": "assistant", "content": {content}"#)
    }
}

/// The members of a thought beside the answer, which does not end the answer's part.
pub(crate) fn thought_members(thought: &str) -> String {
    let thought = quoted(thought);
    format!(
        r#""role": "assistant", "content": "", "reasoning_content": {thought}, "phase": "answer", "status": "typing""#
    )
}

/// The members of the terminal event: another order, see protocol 7.1.
pub(crate) fn terminal_members(phase: &str, phases: bool) -> String {
    if phases {
        format!(r#""content": "", "role": "assistant", "status": "finished", "phase": "{phase}""#)
    } else {
        r#""content": "", "role": "assistant""#.to_owned()
    }
}

/// The members of a thinking summary (protocol 7.5).
pub(crate) fn summary_members(titles: &[String], thoughts: &[String]) -> String {
    format!(
        r#""role": "assistant", "content": "", "phase": "thinking_summary", "extra": {{"summary_title": {{"content": {}}}, "summary_thought": {{"content": {}}}}}, "status": "typing""#,
        list(titles),
        list(thoughts)
    )
}

/// The members of a function call whose arguments have come so far (protocol 7.7).
pub(crate) fn call_members(arguments: &str, call: &str) -> String {
    format!(
        r#""role": "assistant", "content": "", "phase": "web_search", "status": "typing", "function_call": {{"name": "web_search", "arguments": {}}}, "function_id": "round_0_{call}", "extra": {{"display_position": "answer"}}"#,
        quoted(arguments)
    )
}

/// The members of the result of a search (protocol 7.7).
pub(crate) fn result_members(
    documents: &[Document],
    queries: usize,
    first: usize,
    call: &str,
) -> String {
    let docs: Vec<_> = documents.iter().map(document).collect();
    let docs = format!("[{}]", docs.join(", "));
    let success = vec!["1"; queries].join(", ");
    let used = first + documents.len();
    let observation = quoted(&observation(documents, first));
    format!(
        r#""role": "function", "content": "", "phase": "web_search", "status": "finished", "name": "web_search", "extra": {{"function_id": "{call}", "tool_result": {{"docs": {docs}, "used_id": {used}, "tool_call_metrics": {{"success": [{success}]}}, "tool_observation": {observation}}}, "web_search_info": {docs}, "display_position": "answer"}}, "function_id": "round_0_{call}""#
    )
}

/// The members of a picture (protocol 7.9).
pub(crate) fn image_members(url: &str) -> String {
    format!(
        r#""role": "assistant", "content": {}, "phase": "image_gen", "extra": {{"output_image_hw": [[1536, 2688]]}}, "status": "typing""#,
        quoted(url)
    )
}

fn document(document: &Document) -> String {
    let Document { url, title, snippet, date } = document;
    format!(
        r#"{{"url": {}, "title": {}, "snippet": {}, "hostname": "", "hostlogo": "", "date": {}}}"#,
        quoted(url),
        quoted(title),
        quoted(snippet),
        quoted(date)
    )
}

fn observation(documents: &[Document], first: usize) -> String {
    let lines = documents.iter().enumerate().map(|(index, document)| {
        let Document { url, title, snippet, date } = document;
        format!("[{}] {url} \"{title}\n{snippet}\" {date}\n", first + index)
    });
    format!("```\n{}```", lines.collect::<String>())
}

fn list(items: &[String]) -> String {
    let items: Vec<_> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}

/// A JSON string with raw UTF-8.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_event_is_the_captured_one() {
        let document = Document {
            url: "https://weather.example/oslo".to_owned(),
            title: "Oslo weather".to_owned(),
            snippet: "Rain, 8 C".to_owned(),
            date: "3 days ago".to_owned(),
        };
        let members = result_members(&[document], 2, 1, "call_0123456789abcdef01234567");
        let event = delta(&members, "R1", r#", "usage": {}, "timestamp": 1790000014"#);
        let captured = r#"{"choices": [{"delta": {"role": "function", "content": "", "phase": "web_search", "status": "finished", "name": "web_search", "extra": {"function_id": "call_0123456789abcdef01234567", "tool_result": {"docs": [{"url": "https://weather.example/oslo", "title": "Oslo weather", "snippet": "Rain, 8 C", "hostname": "", "hostlogo": "", "date": "3 days ago"}], "used_id": 2, "tool_call_metrics": {"success": [1, 1]}, "tool_observation": "```\n[1] https://weather.example/oslo \"Oslo weather\nRain, 8 C\" 3 days ago\n```"}, "web_search_info": [{"url": "https://weather.example/oslo", "title": "Oslo weather", "snippet": "Rain, 8 C", "hostname": "", "hostlogo": "", "date": "3 days ago"}], "display_position": "answer"}, "function_id": "round_0_call_0123456789abcdef01234567"}}], "response_id": "R1", "usage": {}, "timestamp": 1790000014}"#;
        assert_eq!(event, captured);
    }

    #[test]
    fn the_summary_event_is_the_captured_one() {
        let members = summary_members(
            &["Understand the question".to_owned()],
            &["The user greets me.".to_owned()],
        );
        assert_eq!(
            members,
            r#""role": "assistant", "content": "", "phase": "thinking_summary", "extra": {"summary_title": {"content": ["Understand the question"]}, "summary_thought": {"content": ["The user greets me."]}}, "status": "typing""#
        );
    }
}
