//! Reads the parts of a request that the three APIs have in common: texts, numbers, and messages with
//! their parts. An error names the parameter as OpenAI does: `messages[2].content[0].type`.

use serde_json::{Map, Value};

use super::history::{Message, Speaker};
use crate::domain::Error;
use crate::server::http::error_format::Detail;
use crate::server::http::response::ErrorResponse;

/// The most images in one prompt (protocol 10.4).
const MAX_IMAGES: usize = 5;

/// The largest count: every JSON parser reads the whole numbers up to it exactly.
const MAX_COUNT: u64 = (1 << 53) - 1;

/// An object in a request.
pub(crate) type Object = Map<String, Value>;

/// A parameter that cannot be used.
pub(crate) fn bad(param: impl Into<String>, fault: &str) -> ErrorResponse {
    let param = param.into();
    let error = Error::invalid(format!("`{param}` {fault}"));
    ErrorResponse::from(error).with_detail(Detail { param: Some(param), ..Detail::default() })
}

/// A parameter that requests something impossible.
pub(crate) fn unsupported(param: &str, why: &str) -> ErrorResponse {
    let error = Error::invalid(format!("`{param}` {why}"));
    let param = Some(param.to_owned());
    let code = Some("unsupported_parameter");
    ErrorResponse::from(error).with_detail(Detail { param, code, ..Detail::default() })
}

/// A member that is optional; `null` is the same.
pub(crate) fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// A text that is optional.
pub(crate) fn text<'a>(object: &'a Object, name: &str) -> Result<Option<&'a str>, ErrorResponse> {
    let text = |value: &'a Value| value.as_str().ok_or_else(|| bad(name, "must be a string"));
    member(object, name).map(text).transpose()
}

/// A switch that is optional.
pub(crate) fn flag(object: &Object, name: &str) -> Result<Option<bool>, ErrorResponse> {
    let flag = |value: &Value| value.as_bool().ok_or_else(|| bad(name, "must be true or false"));
    member(object, name).map(flag).transpose()
}

/// A count that is optional.
pub(crate) fn count(object: &Object, name: &str) -> Result<Option<u64>, ErrorResponse> {
    let fault = || bad(name, &format!("must be a whole number from 0 to {MAX_COUNT}"));
    let count = |value: &Value| {
        value.as_u64().or_else(|| whole(value)).filter(|n| *n <= MAX_COUNT).ok_or_else(fault)
    };
    member(object, name).map(count).transpose()
}

/// A number such as `10.0`, which for JSON is as whole as `10`.
fn whole(value: &Value) -> Option<u64> {
    // The sum has no sign if it is 0.
    let number = value.as_f64().filter(|number| number.fract() == 0.0)? + 0.0;
    format!("{number:.0}").parse().ok()
}

/// One text or a list of them; none if it is missing.
pub(crate) fn texts(object: &Object, name: &str) -> Result<Vec<String>, ErrorResponse> {
    let fault = || bad(name, "must be a string or a list of strings");
    match member(object, name) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(Value::Array(list)) => {
            list.iter().map(|item| Ok(item.as_str().ok_or_else(fault)?.to_owned())).collect()
        }
        Some(_) => Err(fault()),
    }
}

/// `metadata.chat_id`.
pub(crate) fn chat_of_metadata(object: &Object) -> Result<Option<&str>, ErrorResponse> {
    match member(object, "metadata") {
        None => Ok(None),
        Some(Value::Object(metadata)) => match member(metadata, "chat_id") {
            None => Ok(None),
            Some(Value::String(id)) => Ok(Some(id)),
            Some(_) => Err(bad("metadata.chat_id", "must be a string")),
        },
        Some(_) => Err(bad("metadata", "must be an object")),
    }
}

/// The messages in the required list `name`.
pub(crate) fn messages(object: &Object, name: &str) -> Result<Vec<Message>, ErrorResponse> {
    match member(object, name) {
        None => Err(bad(name, "is missing")),
        Some(Value::Array(list)) if list.is_empty() => Err(bad(name, "is empty")),
        Some(Value::Array(list)) => message_list(list, name),
        Some(_) => Err(bad(name, "must be a list of messages")),
    }
}

/// The messages of a list. Items without text for the prompt (such as a model's reasoning) are left out.
pub(crate) fn message_list(list: &[Value], name: &str) -> Result<Vec<Message>, ErrorResponse> {
    let mut messages = Vec::with_capacity(list.len());
    for (number, item) in list.iter().enumerate() {
        let at = || format!("{name}[{number}]");
        let item = item.as_object().ok_or_else(|| bad(at(), "must be an object"))?;
        messages.extend(message(item, &at)?);
    }
    if messages.iter().map(|message| message.images.len()).sum::<usize>() > MAX_IMAGES {
        return Err(bad(name, &format!("holds more than {MAX_IMAGES} images")));
    }
    Ok(messages)
}

/// One message with the content of the parameter `name`.
pub(crate) fn one_message(
    speaker: Speaker,
    content: &Value,
    name: &str,
) -> Result<Message, ErrorResponse> {
    let mut message = Message { speaker, text: String::new(), images: Vec::new() };
    add_content(&mut message, content, &|| name.to_owned())?;
    Ok(message)
}

fn message(item: &Object, at: &dyn Fn() -> String) -> Result<Option<Message>, ErrorResponse> {
    let Some(role) = member(item, "role") else { return item_without_role(item, at) };
    let speaker = match role.as_str() {
        Some("system" | "developer") => Speaker::System,
        Some("user") => Speaker::User,
        Some("assistant") => Speaker::Assistant,
        Some("tool" | "function") => Speaker::Tool,
        _ => {
            let known = "must be system, developer, user, assistant or tool";
            return Err(bad(format!("{}.role", at()), known));
        }
    };
    let mut message = Message { speaker, text: String::new(), images: Vec::new() };
    let in_content = || format!("{}.content", at());
    if let Some(content) = member(item, "content") {
        add_content(&mut message, content, &in_content)?;
    } else if speaker != Speaker::Assistant {
        return Err(bad(in_content(), "is missing"));
    }
    if let Some(Value::String(refusal)) = member(item, "refusal") {
        add_text(&mut message, refusal);
    }
    for call in member(item, "tool_calls").and_then(Value::as_array).into_iter().flatten() {
        let function = &call["function"];
        add_call(&mut message, &function["name"], &function["arguments"]);
    }
    Ok(Some(message))
}

/// An item of the Responses API that is not a message.
fn item_without_role(
    item: &Object,
    at: &dyn Fn() -> String,
) -> Result<Option<Message>, ErrorResponse> {
    let mut message = Message { speaker: Speaker::Tool, text: String::new(), images: Vec::new() };
    match item.get("type").and_then(Value::as_str) {
        Some("reasoning") => return Ok(None),
        Some("function_call") => {
            message.speaker = Speaker::Assistant;
            add_call(&mut message, &item["name"], item.get("arguments").unwrap_or(&Value::Null));
        }
        Some("function_call_output") => {
            let output = item.get("output").unwrap_or(&Value::Null);
            add_content(&mut message, output, &|| format!("{}.output", at()))?;
        }
        _ => return Err(bad(format!("{}.role", at()), "is missing")),
    }
    Ok(Some(message))
}

/// Adds a content: a text, or a list of parts.
fn add_content(
    message: &mut Message,
    content: &Value,
    at: &dyn Fn() -> String,
) -> Result<(), ErrorResponse> {
    match content {
        Value::String(text) => add_text(message, text),
        Value::Array(parts) => {
            for (number, part) in parts.iter().enumerate() {
                add_part(message, part, &|| format!("{}[{number}]", at()))?;
            }
        }
        _ => return Err(bad(at(), "must be a string or a list of parts")),
    }
    Ok(())
}

fn add_part(
    message: &mut Message,
    part: &Value,
    at: &dyn Fn() -> String,
) -> Result<(), ErrorResponse> {
    let member = |name: &str| {
        let fault = || bad(format!("{}.{name}", at()), "must be a string");
        part.get(name).and_then(Value::as_str).ok_or_else(fault)
    };
    match member("type")? {
        "text" | "input_text" | "output_text" => add_text(message, member("text")?),
        "refusal" => add_text(message, member("refusal")?),
        // Reasoning is not part of the answer.
        "thinking" | "redacted_thinking" => {}
        "image_url" => {
            let image = &part["image_url"];
            add_image(message, image.get("url").unwrap_or(image), &|| {
                format!("{}.image_url", at())
            })?;
        }
        "input_image" => {
            add_image(message, &part["image_url"], &|| format!("{}.image_url", at()))?;
        }
        "image" => add_image(message, &part["source"]["url"], &|| format!("{}.source.url", at()))?,
        "tool_use" => add_call(message, &part["name"], &part["input"]),
        "tool_result" => {
            if let Some(content) = part.get("content").filter(|content| !content.is_null()) {
                add_content(message, content, &|| format!("{}.content", at()))?;
            }
        }
        kind => {
            let fault = format!("is `{kind}`, and only text and images by URL can be passed on");
            return Err(unsupported(&format!("{}.type", at()), &fault));
        }
    }
    Ok(())
}

fn add_text(message: &mut Message, text: &str) {
    if !message.text.is_empty() && !text.is_empty() {
        message.text.push('\n');
    }
    message.text.push_str(text);
}

/// A tool call of the model, described in words.
fn add_call(message: &mut Message, name: &Value, arguments: &Value) {
    let name = name.as_str().unwrap_or("?");
    let arguments = arguments.as_str().map_or_else(|| arguments.to_string(), str::to_owned);
    add_text(message, &format!("[calls the tool {name} with {arguments}]"));
}

/// An image. The upstream fetches it, so it must be a public URL.
fn add_image(
    message: &mut Message,
    url: &Value,
    at: &dyn Fn() -> String,
) -> Result<(), ErrorResponse> {
    let url = url.as_str().unwrap_or_default();
    if url.starts_with("data:") {
        let why = "is a data URL, and images are not uploaded: give an https URL that the upstream \
                   can fetch";
        return Err(unsupported(&at(), why));
    }
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(bad(at(), "must be an http or https URL"));
    }
    message.images.push(url.to_owned());
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(list: &Value) -> Result<Vec<Message>, ErrorResponse> {
        let object = json!({"messages": list});
        messages(object.as_object().expect("an object"), "messages")
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
        let texts: Vec<_> = read.iter().map(|m| (m.speaker.word(), m.text.as_str())).collect();
        assert_eq!(
            texts,
            [
                ("system", "a"),
                ("user", "b\nc"),
                ("assistant", "[calls the tool f with {}]"),
                ("tool", "d"),
                ("tool", "e")
            ]
        );
        assert_eq!(read[1].images.len(), 3);
    }

    #[test]
    fn counts_are_whole_however_they_are_written() {
        let read = |value: Value| {
            let object = json!({"n": value});
            count(object.as_object().expect("an object"), "n").map_err(|_| ())
        };
        assert_eq!(read(json!(null)), Ok(None));
        for (value, number) in
            [(json!(7), 7), (json!(7.0), 7), (json!(-0.0), 0), (json!(1e3), 1000)]
        {
            assert_eq!(read(value), Ok(Some(number)));
        }
        for value in
            [json!(-1), json!(-1.0), json!(0.5), json!(1e20), json!(1_u64 << 53), json!("7")]
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
}
