//! One event of an engine, read leniently: servers differ in all that is not essential.

use serde_json::Value;

/// The content of one event.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Chunk {
    /// A piece of the model's thoughts.
    pub thought: String,
    /// A piece of its text.
    pub text: String,
    /// Why the answer ends.
    pub finish: Option<Finish>,
    /// The token counts so far: input, output.
    pub usage: Option<(u64, u64)>,
    /// An error in place of all else.
    pub error: Option<Value>,
}

/// Why an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finish {
    /// It is complete.
    Whole,
    /// It has reached its limit of tokens.
    Length,
    /// A filter has cut it off.
    Filtered,
    /// The engine has cut it off.
    Broken,
}

impl Chunk {
    /// Reads an event of a stream, or a whole answer.
    pub(super) fn read(event: &Value) -> Self {
        if let Some(error) = error_of(event) {
            return Self { error: Some(error.clone()), ..Self::default() };
        }
        let choice = &event["choices"][0];
        let said = if choice["delta"].is_object() { &choice["delta"] } else { &choice["message"] };
        let thoughts = ["reasoning_content", "reasoning", "thinking"];
        let mut thoughts = thoughts.into_iter().filter_map(|name| said[name].as_str());
        Self {
            thought: thoughts.find(|text| !text.is_empty()).unwrap_or_default().to_owned(),
            text: text_of(&said["content"]),
            finish: choice["finish_reason"].as_str().and_then(finish),
            usage: usage(&event["usage"]),
            error: None,
        }
    }
}

/// The error in a document, if there is one.
pub(super) fn error_of(document: &Value) -> Option<&Value> {
    let error = &document["error"];
    let is_error = match error {
        Value::Object(members) => !members.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => false,
    };
    if is_error {
        return Some(error);
    }
    (document["object"] == "error").then_some(document)
}

/// A text, or a list of parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

fn finish(reason: &str) -> Option<Finish> {
    match reason.to_ascii_lowercase().as_str() {
        "" | "null" => None,
        "length" | "max_tokens" => Some(Finish::Length),
        "content_filter" | "safety" => Some(Finish::Filtered),
        "error" | "abort" | "cancelled" => Some(Finish::Broken),
        _ => Some(Finish::Whole),
    }
}

fn usage(usage: &Value) -> Option<(u64, u64)> {
    let input = usage["prompt_tokens"].as_u64()?;
    Some((input, usage["completion_tokens"].as_u64().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(event: &Value) -> Chunk {
        Chunk::read(event)
    }

    #[test]
    fn pieces_are_read_whatever_else_is_there() {
        for delta in [
            json!({"content": "a", "role": "assistant", "tool_calls": []}),
            json!({"content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}),
            json!({"content": "a", "reasoning_content": null, "reasoning": ""}),
        ] {
            let chunk =
                read(&json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]}));
            assert_eq!((chunk.text.as_str(), chunk.finish), ("a", None), "{delta}");
        }
        for name in ["reasoning_content", "reasoning", "thinking"] {
            let chunk = read(&json!({"choices": [{"delta": {name: "t", "content": null}}]}));
            assert_eq!((chunk.thought.as_str(), chunk.text.as_str()), ("t", ""), "{name}");
        }
        for event in [
            json!({}),
            json!(null),
            json!([1]),
            json!({"choices": []}),
            json!({"choices": [{}]}),
            json!({"choices": null, "error": null}),
            json!({"error": {}}),
        ] {
            assert_eq!(read(&event), Chunk::default());
        }
    }

    #[test]
    fn both_thoughts_are_the_same_thoughts() {
        let chunk =
            read(&json!({"choices": [{"delta": {"reasoning_content": "t", "reasoning": "t"}}]}));
        assert_eq!(chunk.thought, "t");
    }

    #[test]
    fn ends_are_told_apart() {
        for (reason, finish) in [
            ("stop", Finish::Whole),
            ("tool_calls", Finish::Whole),
            ("eos", Finish::Whole),
            ("length", Finish::Length),
            ("content_filter", Finish::Filtered),
            ("abort", Finish::Broken),
        ] {
            let chunk = read(&json!({"choices": [{"delta": {}, "finish_reason": reason}]}));
            assert_eq!(chunk.finish, Some(finish), "{reason}");
        }
    }

    #[test]
    fn a_chunk_of_usage_alone_has_no_choices() {
        let chunk =
            read(&json!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}));
        assert_eq!(chunk.usage, Some((3, 4)));
    }

    #[test]
    fn errors_come_in_several_forms() {
        for event in [
            json!({"error": {"message": "m"}}),
            json!({"error": "m"}),
            json!({"object": "error", "message": "m", "code": 400}),
        ] {
            assert!(read(&event).error.is_some(), "{event}");
        }
    }
}
