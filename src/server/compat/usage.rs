//! Counts of tokens: the upstream's own where it tells them, else an estimate.

use crate::domain::{Reply, Usage};
use crate::server::compat::cutter::estimate;

/// The counts for `reply`, whose told text is `text`; `prompt` is the estimate for what was sent.
pub(crate) fn of(reply: &Reply, text: &str, prompt: u64) -> Usage {
    reply.usage.filter(|usage| usage.total_tokens > 0).unwrap_or_else(|| {
        let output = estimate(text) + reply.thinking.as_deref().map_or(0, estimate);
        Usage {
            input_tokens: prompt,
            output_tokens: output,
            total_tokens: prompt + output,
            ..Usage::default()
        }
    })
}
