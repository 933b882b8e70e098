//! Every parameter of the compatible APIs, and how it is handled. README shows this table.

use serde_json::{Map, Value};

use super::input::{shown, unsupported};
use crate::server::http::response::ErrorResponse;

/// How a parameter is handled.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    /// It is honoured.
    Honoured,
    /// An engine gets it as it is; without one it is as [`Fate::Unsupported`].
    Engine(fn(&Value) -> bool),
    /// It does not affect the answer, and is accepted without effect.
    Accepted,
    /// It cannot be honoured: ignored with a warning, or refused. Values that request nothing (this
    /// decides which) are accepted.
    Unsupported(fn(&Value) -> bool),
}

impl Fate {
    /// One word for tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Honoured => "honoured",
            Self::Engine(_) => "passed to an engine, else ignored, with a warning",
            Self::Accepted => "no effect",
            Self::Unsupported(_) => "ignored, with a warning",
        }
    }
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// How it is handled.
    pub fate: Fate,
    /// A few words about it.
    pub about: &'static str,
}

const fn honoured(name: &'static str, about: &'static str) -> Param {
    Param { name, fate: Fate::Honoured, about }
}

const fn accepted(name: &'static str, about: &'static str) -> Param {
    Param { name, fate: Fate::Accepted, about }
}

const fn for_engines(
    name: &'static str,
    neutral: fn(&Value) -> bool,
    about: &'static str,
) -> Param {
    Param { name, fate: Fate::Engine(neutral), about }
}

const fn unsupported_unless(
    name: &'static str,
    neutral: fn(&Value) -> bool,
    about: &'static str,
) -> Param {
    Param { name, fate: Fate::Unsupported(neutral), about }
}

const TOOLS: &str = "those of the client; of hosted ones `web_search`, if it is the only tool";
const CHOICE: &str = "which tool the model has to call, in all forms";
const FORMAT: &str = "`json_object` and `json_schema`";
const SAMPLING: &str = "the upstream has no such control; 1 is accepted";

/// The parameters of a route, in groups.
pub(crate) type Table = &'static [&'static [Param]];

/// Parameters of all routes.
const COMMON: &[Param] = &[
    honoured("model", "a model of the account, or an alias; without it the default"),
    honoured("stream", "server-sent events"),
    honoured("metadata", "`chat_id` continues a chat; the rest has no effect"),
];

/// Parameters of both OpenAI routes.
const OPENAI: &[Param] = &[
    for_engines("temperature", is_one, SAMPLING),
    for_engines("top_p", is_one, SAMPLING),
    unsupported_unless("top_logprobs", is_nothing, "the upstream does not report them"),
    honoured("tools", TOOLS),
    honoured("tool_choice", CHOICE),
    honoured("parallel_tool_calls", "`false` allows one call"),
    unsupported_unless("moderation", never, "the upstream's own filter applies"),
    accepted("user", "the account is the user"),
    accepted("safety_identifier", "the account is the user"),
    accepted("prompt_cache_key", "the upstream decides about its cache"),
    accepted("prompt_cache_retention", "the upstream decides about its cache"),
    accepted("prompt_cache_options", "the upstream decides about its cache"),
    accepted("service_tier", "there is one tier"),
];

/// `POST /v1/chat/completions`.
pub(crate) const CHAT: Table = &[
    COMMON,
    &[
        honoured("messages", "text, and images by URL; a history becomes one prompt"),
        honoured("stream_options", "`include_usage`"),
        honoured("stop", "the answer is cut here, and the upstream is stopped"),
        honoured("max_tokens", "the same; tokens are estimated"),
        honoured("max_completion_tokens", "as `max_tokens`; thinking does not count"),
        honoured(
            "reasoning_effort",
            "`none` and `minimal` switch thinking off, other values switch it on",
        ),
        honoured("thinking", "`true`, or `{\"type\":\"enabled\"}`"),
        honoured("enable_thinking", "as in DashScope's API"),
        honoured("web_search_options", "switches the search on; its members have no effect"),
        honoured("enable_search", "as in DashScope's API"),
        unsupported_unless("n", is_one, "one choice is given"),
        for_engines("top_k", never, "the upstream has no such control"),
        for_engines("min_p", never, "the upstream has no such control"),
        for_engines("seed", never, "the upstream has no such control"),
        for_engines(
            "frequency_penalty",
            is_nothing,
            "the upstream has no such control; 0 is accepted",
        ),
        for_engines(
            "presence_penalty",
            is_nothing,
            "the upstream has no such control; 0 is accepted",
        ),
        for_engines("repetition_penalty", is_one, SAMPLING),
        for_engines("logit_bias", is_nothing, "the upstream has no such control"),
        unsupported_unless("logprobs", is_nothing, "the upstream does not report them"),
        honoured("functions", "as `tools`, answered in the same old form"),
        honoured("function_call", CHOICE),
        honoured("response_format", FORMAT),
        unsupported_unless("verbosity", is_medium, "say so in the prompt"),
        unsupported_unless("modalities", is_text_only, "answers are text"),
        unsupported_unless("audio", never, "answers are text"),
        unsupported_unless("prediction", never, "not supported by the upstream"),
        accepted("store", "nothing is stored; see `X-Qwen-Chat-Id`"),
    ],
    OPENAI,
];

/// `POST /v1/responses`.
pub(crate) const RESPONSES: Table = &[
    COMMON,
    &[
        honoured("input", "text, or a list of messages"),
        honoured("instructions", "placed before the messages"),
        honoured("max_output_tokens", "the answer is cut here, and the upstream is stopped"),
        honoured(
            "reasoning",
            "`effort`: `none` and `minimal` switch thinking off, other values switch it on",
        ),
        honoured("previous_response_id", "of a response with `\"store\":true`: continues its chat"),
        honoured("store", "`true` keeps the chat; without it the chat is deleted"),
        accepted("max_tool_calls", "it limits hosted tools"),
        unsupported_unless(
            "text",
            has_medium_verbosity,
            "`format`: `json_object` and `json_schema`",
        ),
        unsupported_unless("background", is_nothing, "background mode is not supported"),
        unsupported_unless("conversation", never, "use `metadata.chat_id`"),
        unsupported_unless("prompt", never, "there are no stored prompts"),
        unsupported_unless("context_management", never, "the whole input is sent"),
        accepted("include", "everything available is always included"),
        accepted("truncation", "a prompt that is too long is refused"),
        accepted("stream_options", "obfuscation is never used"),
    ],
    OPENAI,
];

/// `POST /v1/messages`.
pub(crate) const MESSAGES: Table = &[
    COMMON,
    &[
        honoured("messages", "text, and images by URL; a history becomes one prompt"),
        honoured("system", "placed before the messages"),
        honoured("max_tokens", "the answer is cut here, and the upstream is stopped; optional"),
        honoured("stop_sequences", "the same"),
        honoured("thinking", "`enabled` and `adaptive` switch it on; the budget has no effect"),
        honoured("tools", TOOLS),
        honoured("tool_choice", CHOICE),
        for_engines("temperature", is_one, SAMPLING),
        for_engines("top_p", is_one, SAMPLING),
        for_engines("top_k", never, "the upstream has no such control"),
        unsupported_unless("output_config", has_only_format, "`format`: `json_schema`"),
        honoured("output_format", "`json_schema`"),
        unsupported_unless("mcp_servers", is_nothing, "there are no tools"),
        unsupported_unless("container", never, "there are no tools"),
        unsupported_unless("context_management", never, "all messages are sent"),
        accepted("cache_control", "the upstream decides about its cache"),
        accepted("service_tier", "there is one tier"),
        accepted("inference_geo", "the upstream decides"),
    ],
];

/// The parameters of each route.
pub fn parameters() -> [(&'static str, Table); 3] {
    [("/v1/chat/completions", CHAT), ("/v1/responses", RESPONSES), ("/v1/messages", MESSAGES)]
}

/// The rows of a table.
pub(crate) fn rows(table: Table) -> impl Iterator<Item = &'static Param> {
    table.iter().copied().flatten()
}

/// The parameters of a request that an engine gets.
pub(crate) fn for_engine(table: Table, members: &Map<String, Value>) -> Map<String, Value> {
    let is_passed = |name: &str| {
        rows(table).any(|param| param.name == name && matches!(param.fate, Fate::Engine(_)))
    };
    let passed = members.iter().filter(|(name, value)| !value.is_null() && is_passed(name));
    passed.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The names of the parameters of a request that are ignored; `has_engine` if an engine gets the request.
///
/// # Errors
/// If there is one and the server is `strict`.
pub(crate) fn ignored(
    table: Table,
    members: &Map<String, Value>,
    strict: bool,
    has_engine: bool,
) -> Result<Vec<String>, ErrorResponse> {
    let mut names = Vec::new();
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let fate = rows(table).find(|param| param.name == name).map(|param| param.fate);
        let is_ignored = match fate {
            Some(Fate::Honoured | Fate::Accepted) => false,
            Some(Fate::Engine(_)) if has_engine => false,
            Some(Fate::Unsupported(neutral) | Fate::Engine(neutral)) => !neutral(value),
            None => true,
        };
        if is_ignored && strict {
            return Err(unsupported(name, "is not supported, and this server is strict"));
        }
        if is_ignored {
            names.push(shown(name));
        }
    }
    Ok(names)
}

fn never(_: &Value) -> bool {
    false
}

fn is_one(value: &Value) -> bool {
    value.as_f64() == Some(1.0)
}

/// `false`, 0, and what is empty.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

fn is_text_only(value: &Value) -> bool {
    value.as_array().is_some_and(|kinds| kinds.iter().all(|kind| kind == "text"))
}

fn has_medium_verbosity(value: &Value) -> bool {
    value["verbosity"].is_null() || is_medium(&value["verbosity"])
}

fn has_only_format(value: &Value) -> bool {
    value.as_object().is_some_and(|members| members.keys().all(|name| name == "format"))
}

fn is_medium(value: &Value) -> bool {
    value == "medium"
}

/// Whether a tool is the web search.
pub(crate) fn searches(tool: &Value) -> bool {
    tool["type"].as_str().is_some_and(|kind| kind.starts_with("web_search"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(body: &Value, strict: bool) -> Result<Vec<String>, ErrorResponse> {
        ignored(CHAT, body.as_object().expect("an object"), strict, false)
    }

    #[test]
    fn no_parameter_stands_twice() {
        for (route, table) in parameters() {
            for param in rows(table) {
                let count = rows(table).filter(|other| other.name == param.name).count();
                assert_eq!(count, 1, "{route} {}", param.name);
            }
        }
    }

    #[test]
    fn what_asks_for_nothing_is_no_reason_to_warn() {
        let quiet = json!({"n": 1, "temperature": 1.0, "logprobs": false, "tools": [], "stop": "x",
            "response_format": {"type": "text"}, "logit_bias": {}, "seed": null, "user": "u",
            "tool_choice": "auto"});
        assert_eq!(check(&quiet, true).ok(), Some(Vec::new()));
    }

    #[test]
    fn what_cannot_be_done_is_named_or_refused() {
        for (name, value) in [
            ("n", json!(2)),
            ("temperature", json!(0)),
            ("seed", json!(7)),
            ("unheard_of", json!(1)),
        ] {
            let body = json!({ name: value });
            assert_eq!(check(&body, false).ok(), Some(vec![name.to_owned()]));
            let refusal = check(&body, true).expect_err("refused");
            assert!(refusal.error.message().contains(name));
        }
        let passed = json!({"temperature": 0, "seed": null, "n": 2});
        let passed = passed.as_object().expect("an object");
        assert_eq!(ignored(CHAT, passed, false, true).ok(), Some(vec!["n".to_owned()]));
        assert_eq!(for_engine(CHAT, passed).keys().collect::<Vec<_>>(), ["temperature"]);
        assert_eq!(check(&json!({"a\r\nb": 1}), false).ok(), Some(vec!["ab".to_owned()]));
    }
}
