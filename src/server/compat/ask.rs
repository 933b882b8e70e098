//! What a caller of one of the APIs asks, in terms that all three have in common.

use super::failure::{bad, unsupported};
use super::history::{Message, Prompt, news, whole};
use super::models::choose;
use super::transcript::Transcript;
use crate::app::Session;
use crate::app::send::{SendRequest, Target, check_prompt};
use crate::domain::ChatId;
use crate::server::compat::cutter::estimate;
use crate::server::http::response::ErrorResponse;
use crate::server::request::RequestContext;

/// As a chat: a new one that is kept.
const NEW: &str = "new";

/// What a caller asks.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The model, as the caller calls it.
    pub model: Option<String>,
    /// The whole history.
    pub messages: Vec<Message>,
    /// The parameter that holds it, for errors.
    pub field: &'static str,
    /// The chat to go on in.
    pub place: Place,
    /// Whether the model shall think first.
    pub thinking: bool,
    /// Whether it shall search the web.
    pub search: bool,
    /// Sequences that end the answer.
    pub stop: Vec<String>,
    /// How long it may be, in tokens.
    pub max_tokens: Option<u64>,
    /// Whether it is told as it comes.
    pub streams: bool,
    /// Parameters that are not honoured.
    pub ignored: Vec<String>,
}

/// Where a prompt goes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// Into a chat of its own, which is deleted after the answer.
    #[default]
    Ephemeral,
    /// Into a new chat, which is kept.
    New,
    /// Into this chat, after this message or the current one.
    Chat(ChatId, Option<String>),
}

/// What is sent, and how the answer is told.
pub(crate) struct Plan {
    /// For the upstream.
    pub request: SendRequest,
    /// An estimate of its length, in tokens.
    pub prompt_tokens: u64,
    /// The limits of the answer.
    pub transcript: Transcript,
    /// Whether the answer is told as it comes.
    pub streams: bool,
    /// Parameters that are not honoured.
    pub ignored: Vec<String>,
}

impl Place {
    /// The place that the header `X-Qwen-Chat-Id` or `metadata.chat_id` names; the header counts.
    ///
    /// # Errors
    /// If it names no chat.
    pub(crate) fn named(
        call: &RequestContext,
        metadata: Option<&str>,
    ) -> Result<Self, ErrorResponse> {
        match call.chat.as_deref().or(metadata) {
            None => Ok(Self::Ephemeral),
            Some(NEW) => Ok(Self::New),
            Some(id) => Ok(Self::Chat(id.parse()?, None)),
        }
    }

    fn target(&self) -> Target {
        match self {
            Self::Ephemeral => Target::New { ephemeral: true },
            Self::New => Target::New { ephemeral: false },
            Self::Chat(id, _) => Target::Chat(id.clone()),
        }
    }
}

impl Asked {
    /// Works out what is sent for this.
    ///
    /// # Errors
    /// If there is no such model, if it cannot see the images, or if there is nothing to send.
    pub(crate) async fn plan(
        self,
        call: &RequestContext,
        session: &Session,
    ) -> Result<Plan, ErrorResponse> {
        let goes_on = matches!(self.place, Place::Chat(..));
        let target = self.place.target();
        let Prompt { system, text, images } =
            if goes_on { news(self.messages) } else { whole(&self.messages) };
        check_prompt(&text).map_err(|error| bad(self.field, error.message()))?;
        let model = choose(&call.state, session, self.model.as_deref()).await?;
        if !images.is_empty() && model.sees == Some(false) {
            let why = format!("hold an image, and the model `{}` reads none", model.id);
            return Err(unsupported(self.field, &why));
        }
        let prompt_tokens = estimate(&text) + system.as_deref().map_or(0, estimate);
        let parent = match self.place {
            Place::Chat(_, parent) => parent,
            _ => None,
        };
        Ok(Plan {
            request: SendRequest {
                target,
                prompt: text,
                system,
                images,
                model: Some(model.id),
                parent,
                thinking: self.thinking,
                search: self.search,
            },
            prompt_tokens,
            transcript: Transcript::new(self.stop, self.max_tokens),
            streams: self.streams,
            ignored: self.ignored,
        })
    }
}
