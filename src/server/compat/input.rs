//! Reads the parts of a request that the three APIs have in common: numbers, texts, and messages with
//! their parts. An error names the parameter as OpenAI does: `messages[2].content[0].type`.
//!
//! What a history may hold is an open list. A part or an item of an unknown kind never ends the request:
//! its text is read where it has some, and it is left out otherwise, with a warning that names it.

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

use crate::app::history::{Message, Part, Speaker};
use crate::domain::Error;
use crate::server::body::{Members, member_error as bad};
use crate::server::http::error_format::Detail;
use crate::server::http::response::ErrorResponse;
use crate::tools::{self, Call, CallResult, Input};

/// The most images in one prompt (protocol 10.4).
const MAX_IMAGES: usize = 5;

/// The largest count: every JSON parser reads the whole numbers up to it exactly.
const MAX_COUNT: u64 = (1 << 53) - 1;

/// The most parts that a warning names.
const MAX_NAMED: usize = 8;

/// Why a part cannot be sent.
const ONLY_TEXT: &str = "and only text and images by URL can be passed on";

/// The calls of the Responses API that have no name of their own, and the tools that they call.
const OWN_CALLS: [(&str, &str); 3] = [
    ("local_shell_call", "local_shell"),
    ("shell_call", "shell"),
    ("apply_patch_call", "apply_patch"),
];

type Object = Map<String, Value>;

/// A parameter that requests something impossible.
pub(crate) fn unsupported(param: &str, why: &str) -> ErrorResponse {
    let error = Error::invalid(format!("`{param}` {why}"));
    let param = Some(param.to_owned());
    let code = Some("unsupported_parameter");
    ErrorResponse::from(error).with_detail(Detail { param, code, ..Detail::default() })
}

/// A name from a request, made safe for a header.
pub(crate) fn shown(name: &str) -> String {
    let safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    name.chars().filter(safe).take(64).collect()
}

/// Reads an optional count, for `deserialize_with` together with `default`. -1 is none, as for many
/// servers.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let Some(value) = Option::<Value>::deserialize(deserializer)? else { return Ok(None) };
    if value.as_f64() == Some(-1.0) {
        return Ok(None);
    }
    let count = value.as_u64().or_else(|| whole(&value)).filter(|count| *count <= MAX_COUNT);
    let fault = || de::Error::custom(format!("expected a whole number from 0 to {MAX_COUNT}"));
    count.map(Some).ok_or_else(fault)
}

/// A number such as `10.0`, which for JSON is as whole as `10`.
fn whole(value: &Value) -> Option<u64> {
    // The sum has no sign if it is 0.
    let number = value.as_f64().filter(|number| number.fract() == 0.0)? + 0.0;
    format!("{number:.0}").parse().ok()
}

/// One text or a list of them.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or a list of strings")]
pub(crate) enum Texts {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl From<Texts> for Vec<String> {
    fn from(texts: Texts) -> Self {
        match texts {
            Texts::One(text) => vec![text],
            Texts::Many(texts) => texts,
        }
    }
}

/// The place of a part in the request.
type Place<'a> = &'a dyn Fn() -> String;

/// The messages of a request.
#[derive(Default)]
pub(crate) struct Reader {
    messages: Vec<Message>,
    left_out: Vec<LeftOut>,
    /// Whether the parts belong to a result of a tool, where images may be left out.
    is_nested: bool,
    /// Whether images may be data.
    takes_data: bool,
}

/// A part that was left out.
struct LeftOut {
    /// The number of its message.
    message: usize,
    place: String,
    kind: String,
    /// Whether it belongs to a result of a tool.
    is_nested: bool,
}

/// What the kinds of parts with files have in their names.
const FILES: [&str; 7] = ["audio", "document", "file", "image", "pdf", "upload", "video"];

impl LeftOut {
    /// Whether it is a file of the message itself.
    fn is_attached(&self) -> bool {
        !self.is_nested && FILES.iter().any(|name| self.kind.contains(name))
    }
}

impl Reader {
    /// A reader whose images may be data, if a model gets them with the request.
    pub(crate) fn taking_data(takes_data: bool) -> Self {
        Self { takes_data, ..Self::default() }
    }

    /// Adds the content of the parameter `name`, if there is one, as a message.
    ///
    /// # Errors
    /// If it cannot be used.
    pub(crate) fn add(
        &mut self,
        speaker: Speaker,
        content: Option<&Value>,
        name: &str,
    ) -> Result<(), ErrorResponse> {
        let Some(content) = content else { return Ok(()) };
        let mut message = Message::empty(speaker);
        self.content(&mut message, content, &|| name.to_owned())?;
        self.messages.push(message);
        Ok(())
    }

    /// Adds the messages in the required list `name`.
    ///
    /// # Errors
    /// If one of them cannot be used.
    pub(crate) fn add_list(&mut self, members: &Members, name: &str) -> Result<(), ErrorResponse> {
        let list = match members.get(name) {
            None => return Err(bad(name, "is missing")),
            Some(Value::Array(list)) if list.is_empty() => return Err(bad(name, "is empty")),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(bad(name, "must be a list of messages")),
        };
        for (number, item) in list.iter().enumerate() {
            let at = || format!("{name}[{number}]");
            let item = item.as_object().ok_or_else(|| bad(&at(), "must be an object"))?;
            let kind = item.get("type").and_then(Value::as_str).filter(|kind| *kind != "message");
            let has_content = item.get("content").is_some_and(|content| !content.is_null());
            let message = match (item.get("role").filter(|role| !role.is_null()), kind) {
                (Some(role), None) => self.message(role, item, &at)?,
                (Some(role), Some(_)) if has_content => self.message(role, item, &at)?,
                (_, Some(kind)) => match self.item(kind, item, &at)? {
                    Some(message) => message,
                    None => continue,
                },
                (None, None) => return Err(bad(&format!("{}.role", at()), "is missing")),
            };
            self.messages.push(message);
        }
        let images = self.messages.iter().flat_map(Message::images).count();
        if images > MAX_IMAGES && !self.takes_data {
            return Err(bad(name, &format!("holds more than {MAX_IMAGES} images")));
        }
        Ok(())
    }

    /// The messages. What was left out joins the `ignored` parameters.
    ///
    /// # Errors
    /// If something was left out and the server is `strict`, if nothing is left of the last message, or
    /// if that is sent by the user and would lose a file.
    pub(crate) fn finish(
        self,
        strict: bool,
        ignored: &mut Vec<String>,
    ) -> Result<Vec<Message>, ErrorResponse> {
        let last = self.messages.len().saturating_sub(1);
        let is_empty = self.messages.last().is_some_and(Message::is_empty);
        let is_prompt = self.messages.last().is_some_and(|m| m.speaker == Speaker::User);
        let fatal = |left_out: &&LeftOut| {
            let is_lost = is_empty || (is_prompt && left_out.is_attached());
            strict || (is_lost && left_out.message == last)
        };
        if let Some(LeftOut { place, kind, .. }) = self.left_out.iter().find(fatal) {
            return Err(unsupported(
                &format!("{place}.type"),
                &format!("is `{kind}`, {ONLY_TEXT}"),
            ));
        }
        let rest = self.left_out.len().saturating_sub(MAX_NAMED);
        let named = self.left_out.iter().take(MAX_NAMED);
        ignored.extend(named.map(|LeftOut { place, kind, .. }| format!("{place} ({kind})")));
        if rest > 0 {
            ignored.push(format!("{rest} more parts"));
        }
        Ok(self.messages)
    }

    fn leave_out(&mut self, place: String, kind: &str) {
        let (message, kind) = (self.messages.len(), shown(kind));
        let is_nested = self.is_nested;
        self.left_out.push(LeftOut { message, place, kind, is_nested });
    }

    fn message(
        &mut self,
        role: &Value,
        item: &Object,
        at: Place<'_>,
    ) -> Result<Message, ErrorResponse> {
        let speaker = match role.as_str() {
            Some("system" | "developer") => Speaker::System,
            Some("user") => Speaker::User,
            Some("assistant") => Speaker::Assistant,
            Some("tool" | "function") => Speaker::Tool,
            _ => {
                let known = "must be system, developer, user, assistant or tool";
                return Err(bad(&format!("{}.role", at()), known));
            }
        };
        let mut message = Message::empty(speaker);
        let in_content = || format!("{}.content", at());
        match item.get("content").filter(|content| !content.is_null()) {
            Some(content) if speaker == Speaker::Tool => {
                // A list of results of Anthropic's API names the calls itself.
                let mut inner = Message::empty(speaker);
                self.content(&mut inner, content, &in_content)?;
                let is_result = |part: &Part| matches!(part, Part::Result(_));
                if inner.parts.iter().any(is_result) {
                    message = inner;
                } else {
                    let name = item.get("name").and_then(Value::as_str).map(str::to_owned);
                    let result = result(item.get("tool_call_id"), name, &inner);
                    message.parts.push(Part::Result(result));
                }
            }
            Some(content) => self.content(&mut message, content, &in_content)?,
            None if speaker == Speaker::Assistant => {}
            None => return Err(bad(&in_content(), "is missing")),
        }
        if let Some(Value::String(refusal)) = item.get("refusal") {
            add_text(&mut message, refusal);
        }
        for call in item.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            let called = [&call["function"], &call["custom"]];
            let called = called.into_iter().find(|called| called.is_object()).unwrap_or(call);
            message.parts.push(Part::Call(call_of(&call["id"], called)));
        }
        if let Some(call) = item.get("function_call").filter(|call| call.is_object()) {
            message.parts.push(Part::Call(call_of(&Value::Null, call)));
        }
        Ok(message)
    }

    /// An item of the Responses API that is not a message.
    fn item(
        &mut self,
        kind: &str,
        item: &Object,
        at: Place<'_>,
    ) -> Result<Option<Message>, ErrorResponse> {
        let mut message = Message::empty(Speaker::Tool);
        let arguments = ["arguments", "input", "action", "operation", "code"].iter();
        let arguments = arguments.filter_map(|name| item.get(*name)).find(|value| !value.is_null());
        let is_call = kind.ends_with("_call");
        if let Some(output) = item.get("output").filter(|_| !is_call) {
            let was_nested = std::mem::replace(&mut self.is_nested, true);
            let read = self.content(&mut message, output, &|| format!("{}.output", at()));
            self.is_nested = was_nested;
            read?;
            let mut result = result(item.get("call_id"), None, &message);
            result.is_error = item.get("status").is_some_and(|status| status == "failed");
            message = Message::empty(Speaker::Tool);
            message.parts.push(Part::Result(result));
        } else if let Some(arguments) = arguments.filter(|_| is_call) {
            message.speaker = Speaker::Assistant;
            let own = OWN_CALLS.iter().find(|(of, _)| *of == kind).map(|(_, name)| *name);
            let named = item.get("name").and_then(Value::as_str).or(own);
            let name = named.map_or_else(|| shown(kind), str::to_owned);
            let name = match item.get("namespace").and_then(Value::as_str) {
                Some(space) => tools::flat(space, &name),
                None => name,
            };
            let output = item.get("output");
            if let (Some(Value::String(id)), None) = (item.get("call_id"), output) {
                let input = input(arguments, kind == "custom_tool_call");
                message.parts.push(Part::Call(Call { id: id.clone(), name, input }));
            } else {
                add_call(&mut message, &name.into(), arguments);
                // A call that the server of the API made has its result beside it.
                if let Some(Value::String(output)) = output {
                    add_text(&mut message, &format!("[the tool answers {output}]"));
                }
            }
        } else {
            // Reasoning is not part of the answer.
            if kind != "reasoning" {
                // It is no part of the message that follows.
                let was_nested = std::mem::replace(&mut self.is_nested, true);
                self.leave_out(at(), kind);
                self.is_nested = was_nested;
            }
            return Ok(None);
        }
        Ok(Some(message))
    }

    /// Adds a content: a text, a part, or a list of parts.
    fn content(
        &mut self,
        message: &mut Message,
        content: &Value,
        at: Place<'_>,
    ) -> Result<(), ErrorResponse> {
        match content {
            Value::String(text) => add_text(message, text),
            Value::Array(parts) => {
                for (number, part) in parts.iter().enumerate() {
                    self.part(message, part, &|| format!("{}[{number}]", at()))?;
                }
            }
            Value::Object(_) if self.is_nested => self.part(message, content, at)?,
            _ if self.is_nested => self.leave_out(at(), "value"),
            _ => return Err(bad(&at(), "must be a string or a list of parts")),
        }
        Ok(())
    }

    fn part(
        &mut self,
        message: &mut Message,
        part: &Value,
        at: Place<'_>,
    ) -> Result<(), ErrorResponse> {
        let member = |name: &str| {
            let fault = || bad(&format!("{}.{name}", at()), "must be a string");
            part.get(name).and_then(Value::as_str).ok_or_else(fault)
        };
        match (part, member("type")) {
            (Value::String(text), _) => add_text(message, text),
            (_, Err(fault)) => match part["text"].as_str() {
                Some(text) => add_text(message, text),
                None if self.is_nested => self.leave_out(at(), "part"),
                None => return Err(fault),
            },
            (_, Ok("text" | "input_text" | "output_text")) => add_text(message, member("text")?),
            (_, Ok("refusal")) => add_text(message, member("refusal")?),
            // Reasoning is not part of the answer.
            (_, Ok("thinking" | "redacted_thinking" | "reasoning")) => {}
            (_, Ok(kind @ ("image_url" | "input_image"))) => {
                let image = &part["image_url"];
                let url = image.get("url").unwrap_or(image);
                self.image(message, (kind, url), at, "image_url")?;
            }
            (_, Ok("image")) => {
                let source = &part["source"];
                let data = source["data"].as_str().map(|data| {
                    let kind = source["media_type"].as_str().unwrap_or_default();
                    Value::from(format!("data:{kind};base64,{data}"))
                });
                let url = data.as_ref().unwrap_or(&source["url"]);
                self.image(message, ("image", url), at, "source.url")?;
            }
            (_, Ok("tool_use")) => message.parts.push(Part::Call(call_of(&part["id"], part))),
            (_, Ok("tool_result")) => {
                let mut inner = Message::empty(Speaker::Tool);
                self.nested(&mut inner, part.get("content"), &|| format!("{}.content", at()))?;
                let mut result = result(part.get("tool_use_id"), None, &inner);
                result.is_error = part["is_error"] == true;
                message.parts.push(Part::Result(result));
            }
            (_, Ok(kind)) => self.unknown(message, kind, part, at)?,
        }
        Ok(())
    }

    /// Adds what is within a part.
    fn nested(
        &mut self,
        message: &mut Message,
        content: Option<&Value>,
        at: Place<'_>,
    ) -> Result<(), ErrorResponse> {
        let Some(content) = content.filter(|content| !content.is_null()) else { return Ok(()) };
        let was_nested = std::mem::replace(&mut self.is_nested, true);
        let read = self.content(message, content, at);
        self.is_nested = was_nested;
        read
    }

    /// Adds a part of an unknown kind by the shape that it has.
    fn unknown(
        &mut self,
        message: &mut Message,
        kind: &str,
        part: &Value,
        at: Place<'_>,
    ) -> Result<(), ErrorResponse> {
        let source = &part["source"];
        let inner = [
            (&part["content"], "content"),
            (&part["text"], "text"),
            (&source["content"], "source.content"),
        ];
        let title = [&part["title"], source, &part["url"]].into_iter().filter_map(Value::as_str);
        let title = title.collect::<Vec<_>>().join("\n");
        let is_link = part["url"].is_string();
        let arguments = [&part["input"], &part["arguments"]].into_iter().find(|a| !a.is_null());
        if let Some((content, name)) = inner.into_iter().find(|(inner, _)| !inner.is_null()) {
            add_text(message, &title);
            self.nested(message, Some(content), &|| format!("{}.{name}", at()))?;
        } else if let ("text", Some(text)) =
            (source["type"].as_str().unwrap_or_default(), source["data"].as_str())
        {
            add_text(message, &title);
            add_text(message, text);
        } else if let Some(arguments) = arguments {
            add_call(message, &part["name"], arguments);
        } else if is_link {
            add_text(message, &title);
        } else {
            self.leave_out(at(), kind);
        }
        Ok(())
    }

    /// Adds an image. The upstream fetches it, so it must be a public URL.
    fn image(
        &mut self,
        message: &mut Message,
        (kind, url): (&str, &Value),
        at: Place<'_>,
        member: &str,
    ) -> Result<(), ErrorResponse> {
        let url = url.as_str().unwrap_or_default();
        let place = || format!("{}.{member}", at());
        let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        if message.speaker == Speaker::Assistant {
            self.leave_out(at(), kind);
        } else if matches!(scheme.as_deref(), Some("http" | "https"))
            || (self.takes_data && url.starts_with("data:image/"))
        {
            message.parts.push(Part::Image(url.to_owned()));
        } else if self.is_nested {
            self.leave_out(at(), kind);
        } else if url.starts_with("data:") {
            let why = "is a data URL, and images are not uploaded: give an https URL that the \
                       upstream can fetch";
            return Err(unsupported(&place(), why));
        } else {
            return Err(bad(&place(), "must be an http or https URL"));
        }
        Ok(())
    }
}

fn add_text(message: &mut Message, text: &str) {
    message.parts.push(Part::Text(text.to_owned()));
}

/// A call in a history, from an object with its name and arguments.
fn call_of(id: &Value, called: &Value) -> Call {
    let arguments = [&called["arguments"], &called["input"]];
    let arguments = arguments.into_iter().find(|arguments| !arguments.is_null());
    let is_text = called["arguments"].is_null();
    Call {
        id: id.as_str().unwrap_or_default().to_owned(),
        name: called["name"].as_str().unwrap_or("?").to_owned(),
        input: input(arguments.unwrap_or(&Value::Null), is_text),
    }
}

/// The input of a call; a text is free text if `is_text`, else JSON.
fn input(arguments: &Value, is_text: bool) -> Input {
    match arguments {
        Value::String(text) if is_text => Input::Text(text.clone()),
        Value::String(text) => Input::Json(text.clone()),
        arguments => Input::Json(arguments.to_string()),
    }
}

/// The result of the call with this id.
fn result(id: Option<&Value>, name: Option<String>, inner: &Message) -> CallResult {
    let id = id.and_then(Value::as_str).unwrap_or_default().to_owned();
    let images = inner.images().cloned().collect();
    CallResult { id, name, text: inner.text(), images, is_error: false }
}

/// A call of a tool that is not the client's, described in words.
fn add_call(message: &mut Message, name: &Value, arguments: &Value) {
    let name = name.as_str().unwrap_or("?");
    let arguments = arguments.as_str().map_or_else(|| arguments.to_string(), str::to_owned);
    add_text(message, &format!("[calls the tool {name} with {arguments}]"));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_all(list: &Value) -> Result<(Vec<Message>, Vec<String>), ErrorResponse> {
        let members = Members::of(json!({"messages": list}));
        let (mut reader, mut ignored) = (Reader::default(), Vec::new());
        reader.add_list(&members, "messages")?;
        Ok((reader.finish(false, &mut ignored)?, ignored))
    }

    fn read(list: &Value) -> Result<Vec<Message>, ErrorResponse> {
        read_all(list).map(|(messages, _)| messages)
    }

    #[test]
    fn contents_of_all_three_apis_are_read() {
        let read = read(&json!([
            {"role": "developer", "content": "a"},
            {"role": "user", "content": [{"type": "text", "text": "b"}, {"type": "input_text", "text": "c"},
                {"type": "image_url", "image_url": {"url": "https://pages.example/1.png"}},
                {"type": "image", "source": {"type": "url", "url": "https://pages.example/2.png"}},
                {"type": "input_image", "image_url": "https://pages.example/3.png"}]},
            {"role": "assistant", "content": null,
                "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "content": [{"type": "tool_result", "content": "d"}]},
            {"type": "reasoning", "summary": []},
            {"type": "function_call_output", "output": "e"},
        ]))
        .expect("messages");
        let texts: Vec<_> = read.iter().map(|m| (m.speaker.word(), m.text())).collect();
        assert_eq!(
            texts,
            [
                ("system", "a".to_owned()),
                ("user", "b\nc".to_owned()),
                ("assistant", "[calls the tool f with {}]".to_owned()),
                ("tool", "d".to_owned()),
                ("tool", "e".to_owned())
            ]
        );
        assert_eq!(read[1].images().count(), 3);
    }

    #[test]
    fn counts_are_whole_however_they_are_written() {
        let read = |value: Value| count(value).map_err(|_| ());
        assert_eq!(
            (read(json!(null)), read(json!(-1)), read(json!(-1.0))),
            (Ok(None), Ok(None), Ok(None))
        );
        for (value, number) in
            [(json!(7), 7), (json!(7.0), 7), (json!(-0.0), 0), (json!(1e3), 1000)]
        {
            assert_eq!(read(value), Ok(Some(number)));
        }
        for value in
            [json!(-2), json!(-0.5), json!(0.5), json!(1e20), json!(1_u64 << 53), json!("7")]
        {
            assert_eq!(read(value.clone()), Err(()), "{value}");
        }
    }

    #[test]
    fn an_error_names_the_place() {
        let image = |url: &str| json!({"type": "image_url", "image_url": {"url": url}});
        for (list, place) in [
            (json!([]), "`messages` is empty"),
            (json!("x"), "`messages` must"),
            (json!([1]), "`messages[0]` must"),
            (json!([{"content": "x"}]), "`messages[0].role` is missing"),
            (json!([{"role": "x", "content": "x"}]), "`messages[0].role` must"),
            (json!([{"role": "user"}]), "`messages[0].content` is missing"),
            (json!([{"role": "user", "content": 1}]), "`messages[0].content` must"),
            (json!([{"role": "user", "content": [{}]}]), "`messages[0].content[0].type` must"),
            (
                json!([{"role": "user", "content": [{"type": "input_audio"}]}]),
                "`messages[0].content[0].type` is `input_audio`",
            ),
            (
                json!([{"role": "user", "content": [image("data:image/png;base64,AA")]}]),
                "`messages[0].content[0].image_url` is a data URL",
            ),
            (
                json!([{"role": "user", "content": [image("file:///etc/passwd")]}]),
                "`messages[0].content[0].image_url` must",
            ),
            (
                json!([{"role": "user", "content": vec![image("https://pages.example/"); 6]}]),
                "`messages` holds more than 5",
            ),
        ] {
            let refusal = read(&list).expect_err("refused");
            assert!(refusal.error.message().starts_with(place), "{refusal}");
        }
    }

    #[test]
    fn unknown_parts_and_items_are_read_by_their_shape_or_left_out() {
        let (messages, ignored) = read_all(&json!([
            {"type": "additional_tools", "role": "developer", "tools": []},
            {"role": "user", "content": [
                {"type": "document", "title": "T", "source": {"type": "text", "data": "D"}},
                {"type": "document", "source": {"type": "base64", "data": "AA"}},
                {"type": "search_result", "source": "https://pages.example/", "title": "S",
                    "content": [{"type": "text", "text": "found"}]}]},
            {"role": "assistant", "content": [
                {"type": "server_tool_use", "name": "web_search", "input": {"query": "q"}},
                {"type": "web_search_tool_result", "content": [
                    {"type": "web_search_result", "title": "R", "url": "https://pages.example/r"}]},
                {"type": "tool_reference", "tool_name": "f"}]},
            {"type": "tool_search_call", "call_id": "c", "arguments": {}},
            {"type": "tool_search_output", "call_id": "c", "tools": []},
            {"type": "local_shell_call", "action": {"command": ["ls"]}},
            {"type": "local_shell_call_output", "output": "a.txt"},
            {"type": "item_reference", "id": "x"},
            {"role": "user", "content": [{"type": "tool_result", "content": [
                {"type": "image", "source": {"type": "base64", "data": "AA"}}, {"type": "text", "text": "seen"}]}]},
        ]))
        .expect("messages");
        let texts: Vec<_> = messages.iter().map(Message::text).collect();
        assert_eq!(
            texts,
            [
                "T\nD\nS\nhttps://pages.example/\nfound",
                "[calls the tool web_search with {\"query\":\"q\"}]\nR\nhttps://pages.example/r",
                "[calls the tool tool_search_call with {}]",
                "[calls the tool local_shell with {\"command\":[\"ls\"]}]",
                "a.txt",
                "seen",
            ]
        );
        assert_eq!(
            ignored,
            [
                "messages[0] (additional_tools)",
                "messages[1].content[1] (document)",
                "messages[2].content[2] (tool_reference)",
                "messages[4] (tool_search_output)",
                "messages[7] (item_reference)",
                "messages[8].content[0].content[0] (image)",
            ]
        );
    }

    #[test]
    fn a_prompt_never_loses_a_file() {
        let pdf = json!({"type": "document", "source": {"type": "base64", "data": "AA"}});
        let text = json!({"type": "text", "text": "Read it"});
        let user = |parts: &[&Value]| json!({"role": "user", "content": parts});
        let refusal = read(&json!([user(&[&pdf, &text])])).expect_err("refused");
        let message = "`messages[0].content[0].type` is `document`";
        assert!(refusal.error.message().starts_with(message), "{refusal}");
        // In a history, or before another item, it is named.
        let item = json!({"type": "image_generation_call", "result": "AA"});
        for list in [json!([user(&[&pdf, &text]), user(&[&text])]), json!([item, user(&[&text])])] {
            assert_eq!(read_all(&list).expect("messages").1.len(), 1, "{list}");
        }
    }

    #[test]
    fn calls_in_all_their_forms_stay_in_the_history() {
        let image = json!({"type": "image_url", "image_url": "https://pages.example/1.png"});
        let custom = json!({"type": "custom", "custom": {"name": "sh", "input": "ls"}});
        let (messages, ignored) = read_all(&json!([
            {"role": "assistant", "tool_calls": [custom]},
            {"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}},
            {"type": "mcp_call", "name": "g", "arguments": "{}", "output": "found"},
            {"role": "assistant", "content": [{"type": "text", "text": "seen"}, image]},
            {"role": "user", "content": "x"},
        ]))
        .expect("messages");
        let texts: Vec<_> = messages.iter().map(Message::text).collect();
        assert_eq!(
            texts,
            [
                "[calls the tool sh with ls]",
                "[calls the tool f with {}]",
                "[calls the tool g with {}]\n[the tool answers found]",
                "seen",
                "x",
            ]
        );
        assert_eq!(ignored, ["messages[3].content[1] (image_url)"]);
    }

    #[test]
    fn images_need_no_text_and_their_scheme_may_be_in_capitals() {
        let image = json!({"type": "image_url", "image_url": "HTTPS://pages.example/1.png"});
        let messages = read(&json!([{"role": "user", "content": [image]}])).expect("messages");
        assert_eq!((messages[0].text().as_str(), messages[0].images().count()), ("[image]", 1));
    }

    mod fuzz {
        use proptest::prelude::*;

        use super::*;

        /// JSON from the words of the three APIs.
        fn document() -> impl Strategy<Value = Value> {
            let words = "type|text|role|user|assistant|system|tool|content|image|image_url|url|source|data\
                         |output|input|name|arguments|tool_calls|tool_use|tool_result|function_call|refusal\
                         |https://a.example/b|document|thinking|[a-z_]{0,9}|\\PC{0,5}";
            let leaf = prop_oneof![
                Just(Value::Null),
                any::<bool>().prop_map(Value::from),
                any::<i64>().prop_map(Value::from),
                words.prop_map(Value::from),
            ];
            leaf.prop_recursive(5, 40, 6, move |inner| {
                prop_oneof![
                    prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                    prop::collection::btree_map(words, inner, 0..6)
                        .prop_map(|members| members.into_iter().collect::<Object>().into()),
                ]
            })
        }

        proptest! {
            #[test]
            fn histories_are_read_or_refused_by_name(list in prop::collection::vec(document(), 0..6)) {
                if let Err(fault) = read(&list.into()) {
                    let told = fault.error.message();
                    prop_assert!(told.starts_with("`messages"), "{told}");
                }
            }

            #[test]
            fn unknown_kinds_never_end_a_history(
                kind in "[a-z]{1,8}_(result|block|output|thing)",
                names in prop::collection::btree_map("[a-z_]{1,9}", "\\PC{0,9}", 0..5),
                is_part in any::<bool>(),
            ) {
                let mut unknown: Object =
                    names.into_iter().map(|(name, value)| (name, value.into())).collect();
                unknown.remove("role");
                unknown.insert("type".to_owned(), kind.into());
                let user = |content: Value| json!({"role": "user", "content": content});
                let list = if is_part {
                    json!([user(json!([unknown, {"type": "text", "text": "first"}])), user("last".into())])
                } else {
                    json!([user("first".into()), unknown, user("last".into())])
                };
                let messages = read(&list).map_err(|fault| TestCaseError::fail(fault.error.message().to_owned()))?;
                let words: Vec<_> = messages.iter().map(Message::text).collect();
                prop_assert!(words[0].contains("first") && words.last().map(String::as_str) == Some("last"), "{words:?}");
            }
        }
    }
}
