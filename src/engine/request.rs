//! The body of a request to an engine. It holds only what the question needs, because strict servers
//! refuse unknown parameters; optional ones are left out once a server has refused them.

use reqwest::Url;
use serde_json::{Map, Value, json};

use super::failure;
use super::{Question, Refusal};
use crate::net::address::is_dashscope;

/// The parameters of an engine that the `OpenAI` API does not define.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `enable_thinking` and `enable_search`.
    DashScope,
    /// `reasoning_effort`.
    Ollama,
    /// `chat_template_kwargs`, as llama.cpp, vLLM and `SGLang` have it.
    Other,
}

impl Dialect {
    /// The dialect of the engine at this address.
    pub(super) fn of(url: &Url) -> Self {
        if is_dashscope(url) {
            Self::DashScope
        } else if url.port() == Some(11434) {
            Self::Ollama
        } else {
            Self::Other
        }
    }

    /// The kinds of chat of such an engine (protocol 6.3).
    pub(super) fn chat_types(self) -> &'static [&'static str] {
        if self == Self::DashScope { &["t2t", "search"] } else { &["t2t"] }
    }

    /// The context window of a model that lists none, in tokens.
    pub(super) fn context(self) -> u64 {
        if self == Self::DashScope { 32_768 } else { 8_192 }
    }

    /// Refuses a question that such an engine cannot answer.
    ///
    /// # Errors
    /// For a picture or a search that it cannot make.
    pub(super) fn check(self, question: &Question, place: &str) -> Result<(), Refusal> {
        if question.image {
            return Err(failure::cannot(place, "make pictures"));
        }
        self.check_search(question.search, place)
    }

    /// Refuses a search that such an engine cannot make.
    ///
    /// # Errors
    /// If it is requested.
    pub(super) fn check_search(self, search: bool, place: &str) -> Result<(), Refusal> {
        if search && self != Self::DashScope {
            return Err(failure::cannot(place, "search the web: ask without `--search`"));
        }
        Ok(())
    }

    /// The parameters of our own. A `plain` request has no optional ones.
    pub(super) fn own(self, thinks: Option<bool>, search: bool, plain: bool) -> Map<String, Value> {
        let mut own = Map::new();
        if let Some(thinks) = thinks.filter(|thinks| *thinks || !plain) {
            let (name, value) = self.thinking(thinks);
            own.insert(name.to_owned(), value);
        }
        if search {
            own.insert("enable_search".to_owned(), json!(true));
        }
        if !plain {
            own.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
        own
    }

    fn thinking(self, wanted: bool) -> (&'static str, Value) {
        match self {
            Self::DashScope => ("enable_thinking", json!(wanted)),
            Self::Ollama => ("reasoning_effort", json!(if wanted { "medium" } else { "none" })),
            Self::Other => ("chat_template_kwargs", json!({"enable_thinking": wanted})),
        }
    }
}

/// The body of a request. A `plain` one leaves out what can be left out.
pub(super) fn body(
    model: &str,
    messages: &[Value],
    question: &Question,
    dialect: Dialect,
    plain: bool,
) -> Value {
    let mut body = json!({"model": model, "messages": messages, "stream": true});
    let thinks = question.thinking.is_some();
    let thinks = (thinks || !question.thinks_freely).then_some(thinks);
    for (name, value) in dialect.own(thinks, question.search, plain) {
        body[name] = value;
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Thinking;

    fn question(thinking: bool, search: bool) -> Question {
        Question {
            model: "m".to_owned(),
            system: None,
            prompt: "Hi".to_owned(),
            images: Vec::new(),
            history: Vec::new(),
            thinking: thinking.then_some(Thinking::Summary),
            thinks_freely: false,
            search,
            image: false,
        }
    }

    fn dialect(url: &str) -> Dialect {
        Dialect::of(&Url::parse(url).expect("an address"))
    }

    #[test]
    fn the_address_decides_the_dialect() {
        assert_eq!(
            dialect("https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
            Dialect::DashScope
        );
        assert_eq!(dialect("http://127.0.0.1:11434/v1"), Dialect::Ollama);
        for other in ["http://127.0.0.1:1234/v1", "http://dashscope.aliyuncs.com/v1"] {
            assert_eq!(dialect(other), Dialect::Other);
        }
    }

    #[test]
    fn each_dialect_has_its_own_parameters() {
        for (dialect, thinking, member, value) in [
            (Dialect::DashScope, true, "enable_thinking", json!(true)),
            (Dialect::DashScope, false, "enable_thinking", json!(false)),
            (Dialect::Ollama, true, "reasoning_effort", json!("medium")),
            (Dialect::Ollama, false, "reasoning_effort", json!("none")),
            (Dialect::Other, true, "chat_template_kwargs", json!({"enable_thinking": true})),
            (Dialect::Other, false, "chat_template_kwargs", json!({"enable_thinking": false})),
        ] {
            let expected = json!({"model": "m", "messages": [], "stream": true, member: value,
                "stream_options": {"include_usage": true}});
            assert_eq!(body("m", &[], &question(thinking, false), dialect, false), expected);
        }
    }

    #[test]
    fn a_plain_request_has_no_optional_parameters() {
        let plain = |thinking, search| {
            body("m", &[], &question(thinking, search), Dialect::DashScope, true)
        };
        assert_eq!(plain(false, false), json!({"model": "m", "messages": [], "stream": true}));
        assert_eq!(
            plain(true, true),
            json!({"model": "m", "messages": [], "stream": true, "enable_thinking": true, "enable_search": true})
        );
        let free = Question { thinks_freely: true, ..question(false, false) };
        assert_eq!(
            body("m", &[], &free, Dialect::Other, false)["chat_template_kwargs"],
            Value::Null
        );
    }

    #[test]
    fn searches_and_pictures_are_refused_where_they_cannot_be_made() {
        let refused =
            Dialect::Ollama.check(&question(false, true), "the engine").expect_err("no search");
        assert!(refused.details.contains("search") && refused.code == "Bad_Request");
        assert!(Dialect::DashScope.check(&question(false, true), "").is_ok());
        let picture = Question { image: true, ..question(false, false) };
        assert!(Dialect::DashScope.check(&picture, "").is_err());
    }
}
