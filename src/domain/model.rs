//! Models.

use std::fmt;

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

/// The names that map to models of an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelMap {
    /// Pairs of a requested name and the engine's name for it.
    pub pairs: Vec<(String, String)>,
    /// The engine's model for every name that neither it nor the pairs have.
    pub default: Option<String>,
}

impl fmt::Display for ModelMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.pairs.iter().map(|(name, model)| format!("{name}={model}"));
        f.write_str(&pairs.chain(self.default.clone()).collect::<Vec<_>>().join("; "))
    }
}
