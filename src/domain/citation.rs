//! Sources of answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A source that an answer cites as `[[number]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// The number by which the text refers to it.
    pub number: u32,
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// A few words of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub snippet: Option<String>,
    /// When it was published, in the upstream's own words ("3 days ago").
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub date: Option<String>,
}
