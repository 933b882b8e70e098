//! One event of an engine, read leniently: servers differ in all that is not essential.

use serde_json::Value;

use crate::domain::FinishReason;

/// The members that hold thoughts. Some servers send the same thoughts in two of them.
const THOUGHTS: [&str; 6] =
    ["reasoning_content", "reasoning", "thinking", "thought", "thoughts", "reasoning_details"];
/// The types of parts of a content that hold thoughts.
const THOUGHT_PARTS: [&str; 4] = ["thinking", "reasoning", "thought", "reasoning_text"];
/// The members that describe an error, the most telling first.
const WORDS: [&str; 15] = [
    "message",
    "detail",
    "details",
    "msg",
    "error_message",
    "error_msg",
    "errorMessage",
    "error",
    "errors",
    "reason",
    "exception",
    "description",
    "title",
    "status_msg",
    "base_resp",
];
/// What an event says that ends an answer early.
const ALARMS: [&str; 11] = [
    "abort",
    "cancel",
    "crash",
    "died",
    "error",
    "exception",
    "fail",
    "killed",
    "lost",
    "terminat",
    "timeout",
];
/// Signs of life.
const PINGS: [&str; 7] =
    ["ping", "pong", "heartbeat", "keep-alive", "keepalive", "keep_alive", "processing"];
/// How deep a description is searched for.
const DEPTH: usize = 4;
/// How many descriptions of a list are joined.
const MAX_JOINED: usize = 8;

/// The content of one event.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Chunk {
    /// What it adds.
    pub added: Said,
    /// The whole message, from a server that repeats it or does not stream.
    pub whole: Option<Said>,
    /// Why the answer ends.
    pub finish: Option<FinishReason>,
    /// The token counts so far.
    pub usage: Option<Counts>,
    /// Pieces of calls of tools, or whole calls if the message is whole.
    pub calls: Vec<CallPiece>,
    /// An error in place of all else.
    pub error: Option<Value>,
    /// Whether it is an event of a chat completion at all.
    pub is_known: bool,
}

/// The token counts of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub input: u64,
    pub output: u64,
    /// How many of the output were thoughts.
    pub reasoning: Option<u64>,
    /// How many of the input the engine had in its cache.
    pub cached: Option<u64>,
}

/// A piece of a call of a tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CallPiece {
    /// The number of the call in the answer.
    pub index: Option<u64>,
    /// Its id.
    pub id: String,
    /// The name of the tool; empty in most later pieces.
    pub name: String,
    /// More of its arguments.
    pub arguments: String,
}

/// Thoughts and text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The thoughts.
    pub thought: String,
    /// The text.
    pub text: String,
}

impl Said {
    /// Whether there is neither.
    pub(super) fn is_empty(&self) -> bool {
        self.thought.is_empty() && self.text.is_empty()
    }

    /// Reads a `delta` or a `message`.
    fn of(message: &Value) -> Self {
        let mut said = Self::default();
        if let Some(thought) =
            THOUGHTS.iter().map(|name| text_of(&message[*name])).find(|text| !text.is_empty())
        {
            said.thought = thought;
        }
        let mut text = String::new();
        match &message["content"] {
            Value::Array(parts) => {
                for part in parts {
                    let kind = part["type"].as_str().unwrap_or_default();
                    let piece = text_of(part);
                    if THOUGHT_PARTS.contains(&kind) || is_thought(part) {
                        said.thought.push_str(&piece);
                    } else {
                        text.push_str(&piece);
                    }
                }
            }
            Value::Number(number) => text = number.to_string(),
            Value::Bool(flag) => text = flag.to_string(),
            content => text = text_of(content),
        }
        if text.is_empty() {
            text = text_of(&message["refusal"]);
        }
        if is_thought(message) {
            said.thought.push_str(&text);
        } else {
            said.text = text;
        }
        said
    }
}

impl Chunk {
    /// Reads an event of a stream, or a whole answer. Of several choices only the first one is asked for.
    pub(super) fn read(event: &Value) -> Self {
        let choices = event["choices"].as_array().map(Vec::as_slice);
        let choice = choices.unwrap_or_default().iter().enumerate();
        let choice = choice
            .filter(|(at, choice)| choice["index"].as_u64().map_or(*at == 0, |index| index == 0))
            .map(|(_, choice)| choice)
            .next()
            .unwrap_or(&Value::Null);
        if let Some(error) = error_of(event).or_else(|| {
            [choice, &choice["delta"], &choice["message"]].into_iter().find_map(own_error)
        }) {
            return Self { error: Some(error.clone()), ..Self::default() };
        }
        let mut added = Said::of(&choice["delta"]);
        if added.is_empty() {
            added.text = text_of(&choice["text"]);
        }
        let message = &choice["message"];
        let mut calls = calls(&choice["delta"]);
        let whole = message.is_object() && added.is_empty() && calls.is_empty();
        if whole {
            calls = self::calls(message);
        }
        let finish =
            [&choice["finish_reason"], &choice["finishReason"]].into_iter().find_map(reason);
        Self {
            added,
            whole: whole.then(|| Said::of(message)),
            finish,
            usage: usage(&event["usage"]),
            calls,
            error: None,
            is_known: choices.is_some(),
        }
    }
}

/// The error in a document, if there is one: in the form of `OpenAI`, or in that of a gateway or of
/// another API.
pub(super) fn error_of(document: &Value) -> Option<&Value> {
    if let Value::Array(items) = document {
        return items.iter().find_map(error_of);
    }
    if let Some(error) = own_error(document) {
        return Some(error);
    }
    let is_answer = !document["choices"].is_null();
    (!is_answer && is_error(document)).then_some(document)
}

/// The member `error`.
fn own_error(document: &Value) -> Option<&Value> {
    let error = &document["error"];
    let is_error = match error {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::String(text) => !text.trim().is_empty(),
        // The words are beside it.
        Value::Bool(true) => return Some(document),
        Value::Number(code) => return (code.as_u64() != Some(0)).then_some(document),
        _ => false,
    };
    is_error.then_some(error)
}

/// Whether a document without a member `error` and without an answer is an error all the same.
fn is_error(document: &Value) -> bool {
    let is = |name: &str, values: &[&str]| {
        document[name]
            .as_str()
            .is_some_and(|value| values.contains(&value.to_ascii_lowercase().as_str()))
    };
    let code = ["code", "error_code", "status_code", "statusCode"].map(|name| &document[name]);
    let is_failure = |code: &Value| match code {
        Value::Number(code) => code.as_i64().is_none_or(|code| !matches!(code, 0 | 200)),
        Value::String(code) => {
            !matches!(code.to_ascii_lowercase().as_str(), "" | "0" | "200" | "ok" | "success")
        }
        _ => false,
    };
    is("object", &["error"])
        || is("type", &["error"])
        || is("status", &["error", "failed", "failure"])
        || document["success"] == false
        || ["detail", "errors", "error_message", "error_msg", "errorMessage"]
            .into_iter()
            .any(|name| !words_of(&document[name]).is_empty())
        || (code.into_iter().any(is_failure) && !words_of(document).is_empty())
}

/// The words of an event that is neither a piece of an answer nor a sign of life.
pub(super) fn alien(text: &str, value: Option<&Value>) -> Option<String> {
    let is_ping = |text: &str| PINGS.contains(&text.trim().to_ascii_lowercase().as_str());
    let Some(value) = value else {
        return (!text.is_empty() && !is_ping(text)).then(|| text.to_owned());
    };
    let is_piece = ["choices", "usage"].iter().any(|name| !value[*name].is_null())
        || value["object"].as_str().is_some_and(|object| object.starts_with("chat.completion"));
    let is_fine = ["code", "status"].iter().any(|name| match &value[*name] {
        Value::Number(code) => matches!(code.as_u64(), Some(0 | 200)),
        Value::String(code) => {
            matches!(code.to_ascii_lowercase().as_str(), "0" | "200" | "ok" | "success")
        }
        _ => false,
    });
    let is_ping =
        ["type", "event", "status"].iter().any(|name| value[*name].as_str().is_some_and(is_ping))
            || value.as_str().is_some_and(is_ping);
    let is_fine = is_fine || value["base_resp"]["status_code"] == 0;
    if is_piece || is_fine || is_ping {
        return None;
    }
    let words = words_of(value);
    if !words.is_empty() {
        return Some(words);
    }
    if value["error"].is_object() || value["error"].is_array() {
        return Some("an error without a description".to_owned());
    }
    let mut members = value.as_object().into_iter().flatten();
    let is_alarm = members.any(|(_, member)| {
        let member = member.as_str().unwrap_or_default().to_ascii_lowercase();
        ALARMS.iter().any(|alarm| member.contains(alarm))
    });
    is_alarm.then(|| value.to_string())
}

/// The description in an error of any shape; empty if there is none.
pub(super) fn words_of(error: &Value) -> String {
    let words = words_within(error, DEPTH);
    match provider(&error["metadata"]) {
        cause if cause.is_empty() || words.contains(&cause) => words,
        cause if words.is_empty() => cause,
        cause => format!("{words} ({cause})"),
    }
}

/// What a gateway passes on of the error of a provider, which may be JSON in a text.
fn provider(metadata: &Value) -> String {
    let raw = &metadata["raw"];
    let cause = match raw.as_str().and_then(|raw| serde_json::from_str::<Value>(raw).ok()) {
        Some(inner) => Some(words_within(&inner, DEPTH)).filter(|words| !words.is_empty()),
        None => None,
    };
    let cause = cause.unwrap_or_else(|| words_within(raw, DEPTH));
    match metadata["provider_name"].as_str().unwrap_or_default() {
        "" => cause,
        name if cause.is_empty() => name.to_owned(),
        name => format!("{name}: {cause}"),
    }
}

fn words_within(error: &Value, depth: usize) -> String {
    match error {
        Value::String(text) => text.trim().to_owned(),
        _ if depth == 0 => String::new(),
        Value::Array(items) => {
            let words = items.iter().map(|item| words_within(item, depth - 1));
            let words: Vec<_> = words.filter(|words| !words.is_empty()).take(MAX_JOINED).collect();
            words.join("; ")
        }
        Value::Object(_) => {
            let words = WORDS.iter().map(|name| words_within(&error[*name], depth - 1));
            let words = words.into_iter().find(|words| !words.is_empty()).unwrap_or_default();
            match place(&error["loc"]) {
                place if place.is_empty() || words.is_empty() => words,
                place => format!("{place}: {words}"),
            }
        }
        _ => String::new(),
    }
}

/// Where the fault is, in an error of a validator.
fn place(place: &Value) -> String {
    let steps = place.as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let steps = steps.filter_map(|step| match step {
        Value::String(name) => Some(name.clone()),
        Value::Number(index) => Some(index.to_string()),
        _ => None,
    });
    steps.take(MAX_JOINED).collect::<Vec<_>>().join(".")
}

/// A text, a part with a text, or a list of them.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text_of).collect(),
        Value::Object(_) => {
            let members = ["text", "thinking", "reasoning", "summary", "content", "refusal"];
            members
                .iter()
                .map(|name| text_of(&content[*name]))
                .find(|text| !text.is_empty())
                .unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// Whether a server marks what is beside this as a thought.
fn is_thought(message: &Value) -> bool {
    message["thought"] == true || message["extra_content"]["google"]["thought"] == true
}

/// A finish reason, also in an object.
fn reason(value: &Value) -> Option<FinishReason> {
    FinishReason::read(value.as_str().or_else(|| value["type"].as_str())?)
}

/// The calls of tools in a `delta` or a `message`.
fn calls(message: &Value) -> Vec<CallPiece> {
    let list = message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    let legacy = Some(&message["function_call"]).filter(|call| call.is_object());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let piece = |call: &Value| {
        let called = [&call["function"], &call["custom"]];
        let called = called.into_iter().find(|called| called.is_object()).unwrap_or(call);
        let arguments = [&called["arguments"], &called["input"], &called["parameters"]];
        let arguments = arguments.into_iter().find(|arguments| !arguments.is_null());
        CallPiece {
            // The legacy form has only one.
            index: call["index"].as_u64().or(list.is_empty().then_some(0)),
            id: text(&call["id"]),
            name: text(&called["name"]).trim().to_owned(),
            arguments: match arguments {
                None => String::new(),
                Some(Value::String(text)) => text.clone(),
                Some(object) => object.to_string(),
            },
        }
    };
    let pieces = list.iter().chain(legacy.filter(|_| list.is_empty())).map(piece);
    pieces
        .filter(|piece| *piece != CallPiece { index: piece.index, ..CallPiece::default() })
        .collect()
}

fn usage(usage: &Value) -> Option<Counts> {
    let count = |names: [&str; 2]| names.into_iter().find_map(|name| usage[name].as_u64());
    let detail = |of: [&str; 2], name: &str| of.into_iter().find_map(|of| usage[of][name].as_u64());
    Some(Counts {
        input: count(["prompt_tokens", "input_tokens"])?,
        output: count(["completion_tokens", "output_tokens"]).unwrap_or_default(),
        reasoning: detail(
            ["completion_tokens_details", "output_tokens_details"],
            "reasoning_tokens",
        ),
        cached: detail(["prompt_tokens_details", "input_tokens_details"], "cached_tokens"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(event: &Value) -> Chunk {
        Chunk::read(event)
    }

    fn said(delta: &Value) -> (String, String) {
        let Said { thought, text } =
            read(&json!({"choices": [{"index": 0, "delta": delta}]})).added;
        (thought, text)
    }

    #[test]
    fn pieces_are_read_whatever_else_is_there() {
        for delta in [
            json!({"content": "a", "role": "assistant", "tool_calls": []}),
            json!({"content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "u"}}]}),
            json!({"content": "a", "reasoning_content": null, "reasoning": ""}),
            json!({"content": null, "refusal": "a"}),
        ] {
            assert_eq!(said(&delta), (String::new(), "a".to_owned()), "{delta}");
        }
        for event in [
            json!({}),
            json!(null),
            json!([1]),
            json!({"choices": null, "error": null}),
            json!({"error": {}}),
            json!({"type": "ping"}),
            json!({"message": "hello"}),
            json!({"code": 0, "message": "ok"}),
            json!({"code": "200", "message": "success", "request_id": "r"}),
        ] {
            assert_eq!(read(&event), Chunk::default());
        }
        for event in [json!({"choices": []}), json!({"choices": [{}]}), json!({"choices": [7]})] {
            assert_eq!(read(&event), Chunk { is_known: true, ..Chunk::default() });
        }
    }

    #[test]
    fn thoughts_are_read_in_every_spelling() {
        for delta in [
            json!({"reasoning_content": "t", "content": null}),
            json!({"reasoning": "t"}),
            json!({"reasoning_content": "t", "reasoning": "t"}),
            json!({"thinking": "t"}),
            json!({"thinking": {"content": "t"}}),
            json!({"reasoning": {"summary": [{"text": "t"}]}}),
            json!({"reasoning": null, "reasoning_details": [{"type": "reasoning.text", "text": "t"}]}),
            json!({"reasoning_details": [{"type": "reasoning.summary", "summary": "t"},
                {"type": "reasoning.encrypted", "data": "x"}], "content": ""}),
            json!({"content": [{"type": "thinking", "thinking": "t"}]}),
            json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "t"}]}]}),
            json!({"content": [{"type": "reasoning", "text": "t"}]}),
            json!({"content": [{"type": "text", "text": "t", "thought": true}]}),
            json!({"content": "t", "extra_content": {"google": {"thought": true}}}),
            json!({"content": "t", "thought": true}),
        ] {
            assert_eq!(said(&delta), ("t".to_owned(), String::new()), "{delta}");
        }
        let mixed = json!({"content": [{"type": "thinking", "thinking": "t"}, {"type": "text", "text": "a"}]});
        assert_eq!(said(&mixed), ("t".to_owned(), "a".to_owned()));
    }

    #[test]
    fn only_the_first_choice_is_read() {
        let choice = |index: Option<u64>, text: &str| {
            let mut choice = json!({"delta": {"content": text}, "finish_reason": "stop"});
            if let Some(index) = index {
                choice["index"] = json!(index);
            }
            choice
        };
        for (choices, expected) in [
            (json!([choice(Some(1), "b"), choice(Some(0), "a")]), "a"),
            (json!([choice(Some(1), "b")]), ""),
            (json!([choice(None, "a"), choice(None, "b")]), "a"),
        ] {
            let chunk = read(&json!({"choices": choices}));
            assert_eq!(chunk.added.text, expected, "{choices}");
            assert_eq!(chunk.finish.is_some(), !expected.is_empty(), "{choices}");
        }
    }

    #[test]
    fn a_whole_message_is_kept_apart() {
        let chunk = read(&json!({"choices": [{"message": {"content": "a", "reasoning": "t"}}]}));
        assert!(chunk.added.is_empty());
        assert_eq!(chunk.whole, Some(Said { thought: "t".to_owned(), text: "a".to_owned() }));
        let both = json!({"choices": [{"delta": {"content": "b"}, "message": {"content": "ab"}}]});
        assert_eq!((read(&both).whole, read(&both).added.text.as_str()), (None, "b"));
        let text = json!({"choices": [{"index": 0, "text": "a"}]});
        assert_eq!(read(&text).added.text, "a");
    }

    #[test]
    fn finish_reasons_are_read_in_several_forms() {
        for (choice, expected) in [
            (json!({"finish_reason": "stop"}), Some(FinishReason::Stop)),
            (json!({"finish_reason": "STOP"}), Some(FinishReason::Stop)),
            (json!({"finish_reason": null, "finishReason": "stop"}), Some(FinishReason::Stop)),
            (json!({"finish_reason": {"type": "length", "length": 9}}), Some(FinishReason::Length)),
            (json!({"finish_reason": "function_call"}), Some(FinishReason::ToolCalls)),
            (json!({"finish_reason": "abort"}), Some(FinishReason::Other("abort".to_owned()))),
            (json!({"finish_reason": "null"}), None),
            (json!({"finish_reason": ""}), None),
        ] {
            assert_eq!(read(&json!({"choices": [choice]})).finish, expected, "{choice}");
        }
    }

    #[test]
    fn a_chunk_of_usage_alone_has_no_choices() {
        let chunk =
            read(&json!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}));
        assert_eq!(chunk.usage.map(|counts| (counts.input, counts.output)), Some((3, 4)));
    }

    #[test]
    fn errors_come_in_several_forms() {
        for event in [
            json!({"error": {"message": "m"}}),
            json!({"error": "m"}),
            json!({"error": ["m"]}),
            json!({"error": true, "message": "m"}),
            json!({"error": 500, "msg": "m"}),
            json!([{"error": {"message": "m"}}]),
            json!({"object": "error", "message": "m", "code": 400}),
            json!({"type": "error", "message": "m"}),
            json!({"detail": "m"}),
            json!({"detail": [{"msg": "m"}]}),
            json!({"errors": [{"message": "m"}]}),
            json!({"code": "InvalidParameter", "message": "m", "request_id": "r"}),
            json!({"error_code": 18, "error_msg": "m"}),
            json!({"status": "failed", "reason": "m"}),
            json!({"success": false, "message": "m"}),
            json!({"choices": [{"index": 0, "delta": {"content": ""}, "error": {"message": "m"}, "finish_reason": "error"}]}),
        ] {
            let error = read(&event).error.unwrap_or_else(|| panic!("no error: {event}"));
            assert_eq!(words_of(&error), "m", "{event}");
        }
        let fields = json!([{"loc": ["body", "messages", 0], "msg": "field required"}, {"msg": "too short"}]);
        assert_eq!(words_of(&fields), "body.messages.0: field required; too short");
    }
}
