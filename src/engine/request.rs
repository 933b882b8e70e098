//! What is sent to an engine. Only what is asked for, because strict servers refuse what they do not
//! know; what is merely useful is left out once a server has refused it.

use reqwest::Url;
use serde_json::{Value, json};

use super::failure;
use super::{Question, Refusal};
use crate::net::address::is_dashscope;

/// How an engine wants to be told what the standard has no words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// `enable_thinking` and `enable_search`.
    DashScope,
    /// `reasoning_effort`.
    Ollama,
    /// `chat_template_kwargs`, as llama.cpp, vLLM and `SGLang` have it.
    Other,
}

impl Manner {
    /// By the address.
    pub(super) fn of(url: &Url) -> Self {
        if is_dashscope(url) {
            Self::DashScope
        } else if url.port() == Some(11434) {
            Self::Ollama
        } else {
            Self::Other
        }
    }

    /// The kinds of chat that there are with such an engine (protocol 6.3).
    pub(super) fn chat_types(self) -> &'static [&'static str] {
        if self == Self::DashScope { &["t2t", "search"] } else { &["t2t"] }
    }

    /// How many tokens a model can look at, if nobody says.
    pub(super) fn context(self) -> u64 {
        if self == Self::DashScope { 32_768 } else { 8_192 }
    }

    /// Whether such an engine can do what is asked.
    ///
    /// # Errors
    /// If it cannot.
    pub(super) fn check(self, question: &Question, place: &str) -> Result<(), Refusal> {
        if question.image {
            return Err(failure::cannot(place, "make pictures"));
        }
        if question.search && self != Self::DashScope {
            return Err(failure::cannot(place, "search the web: ask without `--search`"));
        }
        Ok(())
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
    manner: Manner,
    plain: bool,
) -> Value {
    let mut body = json!({"model": model, "messages": messages, "stream": true});
    let thinks = question.thinking.is_some();
    if thinks || !(plain || question.thinks_freely) {
        let (name, value) = manner.thinking(thinks);
        body[name] = value;
    }
    if question.search {
        body["enable_search"] = json!(true);
    }
    if !plain {
        body["stream_options"] = json!({"include_usage": true});
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

    fn manner(url: &str) -> Manner {
        Manner::of(&Url::parse(url).expect("an address"))
    }

    #[test]
    fn engines_are_told_apart_by_their_address() {
        assert_eq!(
            manner("https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
            Manner::DashScope
        );
        assert_eq!(manner("http://127.0.0.1:11434/v1"), Manner::Ollama);
        for other in ["http://127.0.0.1:1234/v1", "http://dashscope.aliyuncs.com/v1"] {
            assert_eq!(manner(other), Manner::Other);
        }
    }

    #[test]
    fn each_is_asked_in_its_manner() {
        for (manner, thinking, member, value) in [
            (Manner::DashScope, true, "enable_thinking", json!(true)),
            (Manner::DashScope, false, "enable_thinking", json!(false)),
            (Manner::Ollama, true, "reasoning_effort", json!("medium")),
            (Manner::Ollama, false, "reasoning_effort", json!("none")),
            (Manner::Other, true, "chat_template_kwargs", json!({"enable_thinking": true})),
            (Manner::Other, false, "chat_template_kwargs", json!({"enable_thinking": false})),
        ] {
            let expected = json!({"model": "m", "messages": [], "stream": true, member: value,
                "stream_options": {"include_usage": true}});
            assert_eq!(body("m", &[], &question(thinking, false), manner, false), expected);
        }
    }

    #[test]
    fn a_plain_request_holds_what_was_asked_for_and_no_more() {
        let plain =
            |thinking, search| body("m", &[], &question(thinking, search), Manner::DashScope, true);
        assert_eq!(plain(false, false), json!({"model": "m", "messages": [], "stream": true}));
        assert_eq!(
            plain(true, true),
            json!({"model": "m", "messages": [], "stream": true, "enable_thinking": true, "enable_search": true})
        );
        let free = Question { thinks_freely: true, ..question(false, false) };
        assert_eq!(
            body("m", &[], &free, Manner::Other, false)["chat_template_kwargs"],
            Value::Null
        );
    }

    #[test]
    fn what_an_engine_cannot_do_is_refused() {
        let refused =
            Manner::Ollama.check(&question(false, true), "the engine").expect_err("no search");
        assert!(refused.details.contains("search") && refused.code == "Bad_Request");
        assert!(Manner::DashScope.check(&question(false, true), "").is_ok());
        let picture = Question { image: true, ..question(false, false) };
        assert!(Manner::DashScope.check(&picture, "").is_err());
    }
}
