//! Models.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A model that the account may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Model {
    /// The id for `--model`.
    pub id: String,
    /// The display name.
    pub name: String,
    /// A short description.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub description: Option<String>,
    /// Maximum length of the input, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub max_context_length: Option<u64>,
    /// Maximum length of the answer, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub max_generation_length: Option<u64>,
    /// Its abilities.
    pub abilities: ModelAbilities,
    /// The kinds of chat that it supports: `t2t` (text), `search`, `t2i`, …
    pub chat_types: Vec<String>,
}

/// The abilities of a model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Abilities)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts, named as the upstream names them"
)]
pub struct ModelAbilities {
    /// Thinks before it answers.
    pub thinking: bool,
    /// Searches the web.
    pub search: bool,
    /// Reads images.
    pub vision: bool,
    /// Reads documents.
    pub document: bool,
    /// Reads video.
    pub video: bool,
    /// Reads audio.
    pub audio: bool,
}
