//! Tools of the client: what it offers, the calls that the model makes, and their results.
//!
//! The types are the same for all APIs and for every source of calls: an engine's own, or the text of
//! an answer. The server never runs a tool. Calls come from the answer alone, never from a history.

#[cfg(test)]
mod cases;
pub(crate) mod catalogue;
mod foreign;
pub(crate) mod json;
pub(crate) mod prompt;
pub(crate) mod reader;
pub(crate) mod resolve;
mod schema;
pub(crate) mod structured;
pub(crate) mod tags;
pub(crate) mod toolbox;

use std::borrow::Cow;

use serde_json::value::RawValue;

pub(crate) use crate::domain::{Call, Input};

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

/// The form that an answer has to have.
#[derive(Debug, Clone)]
pub(crate) enum Format {
    /// A JSON object.
    Json,
    /// JSON that fits a schema.
    Schema {
        /// The name of the schema.
        name: String,
        /// The schema, as the client wrote it.
        schema: Box<RawValue>,
        /// Whether an answer of another form is an error.
        strict: bool,
    },
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

impl Speaker {
    /// Its word, the same for people and for models.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// One message of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// Who wrote it. A message of the user may hold results of tools, too.
    pub speaker: Speaker,
    /// What it holds, in the order of the request.
    pub parts: Vec<Part>,
}

/// A piece of a message.
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

impl Message {
    /// A message that holds nothing yet.
    pub(crate) fn empty(speaker: Speaker) -> Self {
        Self { speaker, parts: Vec::new() }
    }

    /// A message that says `text`.
    pub(crate) fn new(speaker: Speaker, text: impl Into<String>) -> Self {
        Self { speaker, parts: vec![Part::Text(text.into())] }
    }

    /// All that it says, in words: also the calls and the results, for a model without tools.
    pub(crate) fn text(&self) -> String {
        let text = self.parts.iter().filter_map(Part::text);
        let text = text.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
        match self.images().count() {
            // An image alone is a message, and the upstream needs some text.
            1 if text.is_empty() => "[image]".to_owned(),
            2.. if text.is_empty() => "[images]".to_owned(),
            _ => text,
        }
    }

    /// Addresses of the images in it.
    pub(crate) fn images(&self) -> impl Iterator<Item = &String> {
        self.parts.iter().flat_map(|part| match part {
            Part::Image(url) => std::slice::from_ref(url),
            Part::Result(result) => &result.images,
            Part::Text(_) | Part::Call(_) => &[],
        })
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| match part {
            Part::Text(text) => text.is_empty(),
            Part::Result(result) => result.text.is_empty() && result.images.is_empty(),
            Part::Image(_) | Part::Call(_) => false,
        })
    }
}

impl Part {
    /// It in words; `None` for an image.
    fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(text.into()),
            Self::Image(_) => None,
            Self::Call(Call { name, input, .. }) => {
                Some(format!("[calls the tool {name} with {}]", input.as_str()).into())
            }
            Self::Result(result) => Some(result.text.as_str().into()),
        }
    }
}

/// The name of a tool within a namespace, where names stand by themselves.
pub(crate) fn flat(space: &str, name: &str) -> String {
    match space {
        _ if space.is_empty() || name.starts_with(space) => name.to_owned(),
        _ if space.ends_with("__") => format!("{space}{name}"),
        _ => format!("{space}__{name}"),
    }
}
