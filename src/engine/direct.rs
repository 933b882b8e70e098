//! A request of a compatible API, handed on as it is: roles, tools, calls and results stay what they are.
//!
//! What it keeps true: each result follows the call that it belongs to, in the order of the calls, as
//! strict servers demand; nothing of a history is written into another message.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::request::Dialect;
use crate::tools::{
    Call, CallResult, Format, Input, Message, Offer, Part, Speaker, Tool, ToolChoice, ToolKind,
};

/// The most calls of one answer.
pub(super) const MAX_CALLS: usize = 128;

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The id of the model.
    pub model: String,
    /// The whole history.
    pub messages: Vec<Message>,
    /// The tools on offer.
    pub offer: Offer,
    /// Parameters with the names that the `OpenAI` API gives them.
    pub parameters: Map<String, Value>,
    /// The form of the answer.
    pub format: Option<Format>,
    /// Whether the model thinks first; `None` leaves it to the engine.
    pub thinking: Option<bool>,
    /// Whether to search the web.
    pub search: bool,
}

/// The body of a request.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: &'a [Value],
    stream: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Offered<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(flatten)]
    parameters: &'a Map<String, Value>,
    #[serde(flatten)]
    own: Map<String, Value>,
}

/// The form of the answer, as the `OpenAI` API writes it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ResponseFormat<'a> {
    JsonObject,
    JsonSchema { json_schema: JsonSchema<'a> },
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'a str,
    schema: &'a RawValue,
    strict: bool,
}

fn response_format(format: &Format) -> ResponseFormat<'_> {
    match format {
        Format::Json => ResponseFormat::JsonObject,
        Format::Schema { name, schema, strict } => {
            ResponseFormat::JsonSchema { json_schema: JsonSchema { name, schema, strict: *strict } }
        }
    }
}

/// A tool in a body.
#[derive(Serialize)]
struct Offered<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    parameters: Parameters<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    strict: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Parameters<'a> {
    Given(&'a RawValue),
    Own(Value),
}

impl Request {
    /// The body of the request to `model` with these `messages`. A `plain` one has no optional parameters of
    /// our own.
    pub(super) fn body<'a>(
        &'a self,
        model: &'a str,
        messages: &'a [Value],
        dialect: Dialect,
        plain: bool,
    ) -> Body<'a> {
        let is_open = self.offer.is_open();
        let choice = match &self.offer.choice {
            ToolChoice::Required => Some(json!("required")),
            ToolChoice::Named(name) => {
                Some(json!({"type": "function", "function": {"name": name}}))
            }
            ToolChoice::None | ToolChoice::Auto => None,
        };
        Body {
            model,
            messages,
            stream: true,
            tools: if is_open {
                self.offer.tools.iter().map(offered).collect()
            } else {
                Vec::new()
            },
            tool_choice: choice.filter(|_| is_open),
            parallel_tool_calls: (is_open && !self.offer.parallel).then_some(false),
            response_format: self.format.as_ref().map(response_format),
            parameters: &self.parameters,
            own: dialect.own(self.thinking, self.search, plain),
        }
    }
}

/// A tool as engines know it: a custom one is a function with one text.
fn offered(tool: &Tool) -> Offered<'_> {
    let (mut description, own) =
        (tool.description.clone(), json!({"type": "object", "properties": {}}));
    let parameters = match (&tool.kind, &tool.parameters) {
        (ToolKind::Custom { grammar }, _) => {
            if let Some(grammar) = grammar {
                let words = description.get_or_insert_default();
                words.push_str("\n\nThe input has to follow this grammar:\n");
                words.push_str(grammar);
            }
            let input = json!({"type": "string", "description": "The input, as plain text."});
            Parameters::Own(
                json!({"type": "object", "properties": {INPUT: input}, "required": [INPUT]}),
            )
        }
        (ToolKind::Function, Some(schema)) => Parameters::Given(schema),
        (ToolKind::Function, None) => Parameters::Own(own),
    };
    let function = Function { name: &tool.name, description, parameters, strict: tool.strict };
    Offered { r#type: "function", function }
}

/// The one parameter of a custom tool.
const INPUT: &str = "input";

/// The input of a call of `tool` with these arguments of an engine.
pub(super) fn input_of(tool: Option<&Tool>, arguments: String) -> Input {
    if !tool.is_some_and(|tool| matches!(tool.kind, ToolKind::Custom { .. })) {
        let is_empty = arguments.trim().is_empty();
        return Input::Json(if is_empty { "{}".to_owned() } else { arguments });
    }
    let read = serde_json::from_str::<Value>(&arguments).ok();
    let text = read.as_ref().and_then(|read| read.get(INPUT).unwrap_or(read).as_str());
    Input::Text(text.map_or_else(|| arguments.clone(), str::to_owned))
}

/// The messages of a request.
pub(super) fn messages(history: &[Message]) -> Vec<Value> {
    let mut writer = Writer::default();
    // Many templates take one system message, and only at the beginning.
    let system = history.iter().filter(|message| message.speaker == Speaker::System);
    let system: Vec<_> = system.map(Message::text).filter(|text| !text.is_empty()).collect();
    if !system.is_empty() {
        writer.messages.push(json!({"role": "system", "content": system.join("\n\n")}));
    }
    for message in history {
        match message.speaker {
            Speaker::System => {}
            Speaker::Assistant => writer.add_answer(message),
            Speaker::User | Speaker::Tool => writer.add_prompt(message),
        }
    }
    writer.close();
    writer.messages
}

/// Writes messages side by side: what follows an answer belongs to one turn until the next answer.
#[derive(Default)]
struct Writer<'a> {
    messages: Vec<Value>,
    /// The answer that is being written: its text and calls.
    texts: Vec<String>,
    calls: Vec<(String, &'a Call)>,
    /// What follows it.
    results: Vec<&'a CallResult>,
    parts: Vec<Value>,
    /// How many calls had no id.
    unnamed: usize,
}

impl<'a> Writer<'a> {
    fn add_answer(&mut self, message: &'a Message) {
        if !self.results.is_empty() || !self.parts.is_empty() {
            self.close();
        }
        for part in &message.parts {
            match part {
                Part::Text(text) if !text.is_empty() => self.texts.push(text.clone()),
                Part::Call(call) => {
                    let mut id = call.id.clone();
                    if id.is_empty() {
                        self.unnamed += 1;
                        id = format!("call_{}", self.unnamed);
                    }
                    self.calls.push((id, call));
                }
                Part::Text(_) | Part::Image(_) | Part::Result(_) => {}
            }
        }
    }

    fn add_prompt(&mut self, message: &'a Message) {
        for part in &message.parts {
            match part {
                Part::Text(text) => self.parts.push(text_part(text)),
                Part::Image(url) => self.parts.push(image_part(url)),
                Part::Result(result) => self.results.push(result),
                Part::Call(_) => {}
            }
        }
    }

    /// Ends an answer and the turn after it.
    fn close(&mut self) {
        let calls = std::mem::take(&mut self.calls);
        let texts = std::mem::take(&mut self.texts);
        if !texts.is_empty() || !calls.is_empty() {
            let text = Some(texts.join("\n\n")).filter(|text| !text.is_empty());
            let mut answer = json!({"role": "assistant", "content": text});
            if !calls.is_empty() {
                answer["tool_calls"] =
                    calls.iter().map(|(id, call)| call_value(id, call)).collect();
            }
            self.messages.push(answer);
        }
        let mut results = std::mem::take(&mut self.results);
        let mut parts = Vec::new();
        for (id, call) in &calls {
            let is_its = |result: &&CallResult| match result.id.as_str() {
                "" => result.name.as_ref().is_none_or(|name| *name == call.name),
                named => named == call.id,
            };
            let found = results.iter().position(is_its).map(|at| results.remove(at));
            let content = found.map_or_else(|| "(no result was given)".to_owned(), words);
            self.messages.push(json!({"role": "tool", "tool_call_id": id, "content": content}));
            let images = found.map(|result| result.images.as_slice()).unwrap_or_default();
            if !images.is_empty() {
                parts.push(text_part(&format!("The images in the result of {}:", call.name)));
                parts.extend(images.iter().map(|url| image_part(url)));
            }
        }
        for result in results {
            let name = result.name.as_deref().unwrap_or("a tool");
            parts.push(text_part(&format!("[the result of {name}] {}", words(result))));
            parts.extend(result.images.iter().map(|url| image_part(url)));
        }
        parts.append(&mut self.parts);
        if !parts.is_empty() {
            self.messages.push(json!({"role": "user", "content": content(parts)}));
        }
    }
}

fn call_value(id: &str, call: &Call) -> Value {
    let arguments = match &call.input {
        Input::Json(text) => text.clone(),
        Input::Text(text) => json!({ INPUT: text }).to_string(),
    };
    json!({"id": id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}

/// A result in words. The API has no mark for a failure.
fn words(result: &CallResult) -> String {
    match (result.is_error, result.text.as_str()) {
        (true, "") => "(the tool failed)".to_owned(),
        (true, text) => format!("(the tool failed)\n{text}"),
        (false, "") => "(empty)".to_owned(),
        (false, text) => text.to_owned(),
    }
}

fn text_part(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn image_part(url: &str) -> Value {
    json!({"type": "image_url", "image_url": {"url": url}})
}

/// A content: one text where there are only texts, which every server reads.
fn content(parts: Vec<Value>) -> Value {
    if parts.iter().all(|part| part["type"] == "text") {
        let texts: Vec<_> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
        return texts.join("\n\n").into();
    }
    parts.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str, name: &str) -> Part {
        let input = Input::Json(format!("{{\"n\":\"{name}\"}}"));
        Part::Call(Call { id: id.to_owned(), name: name.to_owned(), input })
    }

    fn result(id: &str, name: Option<&str>, text: &str) -> CallResult {
        let name = name.map(str::to_owned);
        CallResult { id: id.to_owned(), name, text: text.to_owned(), ..CallResult::default() }
    }

    fn says(speaker: Speaker, parts: Vec<Part>) -> Message {
        Message { speaker, parts }
    }

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    /// Roles and contents, in short.
    fn told(history: &[Message]) -> Vec<String> {
        let told = |message: &Value| {
            let calls = message["tool_calls"].as_array().map_or(String::new(), |calls| {
                let names = calls.iter().map(|call| {
                    format!("{}:{}", call["id"], call["function"]["name"]).replace('"', "")
                });
                format!(" calls {}", names.collect::<Vec<_>>().join(","))
            });
            let id = message["tool_call_id"].as_str().map_or(String::new(), |id| format!(" {id}"));
            format!("{}{id} {}{calls}", message["role"].as_str().unwrap_or(""), message["content"])
        };
        messages(history).iter().map(told).collect()
    }

    #[test]
    fn results_follow_their_calls_in_the_order_of_the_calls() {
        let history = [
            says(Speaker::System, vec![text("Be brief.")]),
            says(Speaker::User, vec![text("Read both")]),
            says(Speaker::Assistant, vec![text("I read."), call("a", "read"), call("b", "list")]),
            says(Speaker::Tool, vec![Part::Result(result("b", None, "two"))]),
            says(Speaker::Tool, vec![Part::Result(result("a", None, "one"))]),
            says(Speaker::Tool, vec![Part::Result(result("x", None, "stray"))]),
            says(Speaker::User, vec![text("Well?")]),
        ];
        let expected = [
            "system \"Be brief.\"",
            "user \"Read both\"",
            "assistant \"I read.\" calls a:read,b:list",
            "tool a \"one\"",
            "tool b \"two\"",
            "user \"[the result of a tool] stray\\n\\nWell?\"",
        ];
        assert_eq!(told(&history), expected);
    }

    #[test]
    fn a_missing_an_empty_and_a_failed_result_are_named() {
        let failed = CallResult { is_error: true, ..result("b", None, "no such file") };
        let history = [
            says(Speaker::Assistant, vec![call("a", "f"), call("b", "f"), call("c", "f")]),
            says(
                Speaker::User,
                vec![Part::Result(failed), Part::Result(result("c", None, "")), text("Go on")],
            ),
        ];
        let expected = [
            "assistant null calls a:f,b:f,c:f",
            "tool a \"(no result was given)\"",
            "tool b \"(the tool failed)\\nno such file\"",
            "tool c \"(empty)\"",
            "user \"Go on\"",
        ];
        assert_eq!(told(&history), expected);
    }

    #[test]
    fn items_of_one_answer_are_one_message_and_legacy_results_match_by_name() {
        let history = [
            says(Speaker::Assistant, vec![text("First.")]),
            says(Speaker::Assistant, vec![call("", "f")]),
            says(Speaker::Assistant, vec![call("", "g")]),
            says(Speaker::Tool, vec![Part::Result(result("", Some("g"), "of g"))]),
            says(Speaker::Tool, vec![Part::Result(result("", Some("f"), "of f"))]),
            says(Speaker::Assistant, Vec::new()),
            says(Speaker::Assistant, vec![text("Done.")]),
        ];
        let expected = [
            "assistant \"First.\" calls call_1:f,call_2:g",
            "tool call_1 \"of f\"",
            "tool call_2 \"of g\"",
            "assistant \"Done.\"",
        ];
        assert_eq!(told(&history), expected);
    }

    #[test]
    fn images_of_results_come_in_a_message_after_them() {
        let url = "data:image/png;base64,AA".to_owned();
        let seen = CallResult { images: vec![url.clone()], ..result("a", None, "[image]") };
        let history = [
            says(Speaker::Assistant, vec![call("a", "look")]),
            says(Speaker::User, vec![Part::Result(seen)]),
        ];
        let sent = messages(&history);
        assert_eq!(sent[1]["content"], "[image]");
        assert_eq!(sent[2]["content"][1]["image_url"]["url"], url);
    }

    #[test]
    fn a_custom_tool_is_a_function_with_one_text_there_and_back() {
        let kind = ToolKind::Custom { grammar: Some("start: /x/".to_owned()) };
        let tool = Tool {
            name: "patch".to_owned(),
            description: None,
            parameters: None,
            kind,
            strict: false,
        };
        let sent = serde_json::to_value(offered(&tool)).expect("JSON");
        assert_eq!(sent["function"]["parameters"]["required"], json!(["input"]));
        assert!(sent["function"]["description"].to_string().contains("start: /x/"));
        for (arguments, input) in [
            (r#"{"input":"a\nb"}"#, "a\nb"),
            ("\"a\"", "a"),
            ("raw", "raw"),
            ("{\"x\":1}", "{\"x\":1}"),
        ] {
            let read = input_of(Some(&tool), arguments.to_owned());
            assert_eq!(read, Input::Text(input.to_owned()), "{arguments}");
        }
        assert_eq!(input_of(None, " ".to_owned()), Input::Json("{}".to_owned()));
    }

    #[test]
    fn schemas_keep_the_order_of_their_members() {
        let schema =
            r#"{"type":"object","properties":{"z":{"type":"string"},"a":{"type":"integer"}}}"#;
        let tool = Tool {
            name: "f".to_owned(),
            description: Some("Does it.".to_owned()),
            parameters: RawValue::from_string(schema.to_owned()).ok(),
            kind: ToolKind::Function,
            strict: true,
        };
        let offer =
            Offer { tools: vec![tool], choice: ToolChoice::Named("f".to_owned()), parallel: false };
        let parameters = json!({"temperature": 0.5}).as_object().cloned().unwrap_or_default();
        let request = Request {
            model: "m".to_owned(),
            messages: Vec::new(),
            offer,
            parameters,
            format: None,
            thinking: None,
            search: false,
        };
        let body = request.body("m", &[], Dialect::Other, true);
        let body = serde_json::to_string(&body).expect("JSON");
        assert!(body.contains(schema) && body.contains("\"strict\":true"), "{body}");
        assert!(
            body.contains("\"temperature\":0.5") && body.contains("\"parallel_tool_calls\":false")
        );
        assert!(
            body.contains(r#""tool_choice":{"function":{"name":"f"},"type":"function"}"#),
            "{body}"
        );
    }
}
