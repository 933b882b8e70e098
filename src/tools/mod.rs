//! Tools of the client: what it offers, the calls that the model makes, and their results.
//!
//! The types are the same for all APIs and for every source of calls: an engine's own, or the text of
//! an answer. The server never runs a tool. Calls come from the answer alone, never from a history.

use serde_json::value::RawValue;

use crate::domain::{FinishReason, Usage};

/// A tool that the client offers.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    /// The name that a call has to give. Unique in an offer.
    pub name: String,
    /// What the tool does.
    pub description: Option<String>,
    /// The JSON schema of the arguments, as the client wrote it: members keep their order. `None` for a
    /// tool that declares none.
    pub parameters: Option<Box<RawValue>>,
    /// The form of the input.
    pub kind: ToolKind,
    /// Whether the arguments have to fit the schema.
    pub strict: bool,
}

/// The form of the input of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ToolKind {
    /// A JSON object.
    Function,
    /// Free text, perhaps with a grammar.
    Custom {
        /// The text of the grammar.
        grammar: Option<String>,
    },
}

/// Which tool the model has to call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    /// None: it may not call any.
    None,
    /// It decides by itself.
    #[default]
    Auto,
    /// At least one.
    Required,
    /// The one with this name.
    Named(String),
}

/// The tools of a request, and how the model may use them.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    /// The tools, in the order of the request.
    pub tools: Vec<Tool>,
    /// Which of them the model has to call.
    pub choice: ToolChoice,
    /// Whether one answer may hold several calls.
    pub parallel: bool,
}

impl Offer {
    /// Whether the model may call a tool.
    pub(crate) fn is_open(&self) -> bool {
        !self.tools.is_empty() && self.choice != ToolChoice::None
    }

    /// The tool with this name.
    pub(crate) fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Its id, unique in the conversation. Its result names it.
    pub id: String,
    /// The name of the tool.
    pub name: String,
    /// What the tool gets.
    pub input: Input,
}

/// What a tool gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// The text of a JSON object, as the model wrote it. In a history it may be any text.
    Json(String),
    /// Free text, for a custom tool.
    Text(String),
}

impl Input {
    /// The text, whatever its form.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Json(text) | Self::Text(text) => text,
        }
    }
}

/// The result of a call, from the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CallResult {
    /// The id of the call; empty if the client gives none.
    pub id: String,
    /// The name of the tool, if the client gives it.
    pub name: Option<String>,
    /// What the tool returned. May be empty.
    pub text: String,
    /// Addresses of images in it.
    pub images: Vec<String>,
    /// Whether the tool failed.
    pub is_error: bool,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// The program: `system` and `developer`.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// A tool of the client.
    Tool,
}

/// A piece of a message, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text.
    Text(String),
    /// The address of an image.
    Image(String),
    /// A call that the model has made.
    Call(Call),
    /// The result of a call.
    Result(CallResult),
}

/// A piece of an answer, whatever its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// More of what the model thinks.
    Thought(String),
    /// More of its text.
    Text(String),
    /// A call, whole and checked.
    Call(Call),
    /// The end of the answer; nothing comes after.
    End {
        /// Why the model stopped.
        finish: FinishReason,
        /// Token counts, if the source reports them.
        usage: Option<Usage>,
    },
}
