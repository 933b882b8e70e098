//! The compatible APIs (`/v1`): what programs for OpenAI and Anthropic speak, over a Qwen account.
//!
//! Each API is a thin module that reads its request ([`chat_completions`], [`responses`], [`messages`]) into one
//! [`ask::Asked`], and a [`dialect::Dialect`] that writes what comes back. Between them is one core
//! ([`work`]): which chat, which model, one prompt out of a history, the stream, the limits, and the
//! deletion of the chat.
//!
//! What this module keeps true: what the upstream cannot do is honoured on our side, named in the
//! header `x-qwenctl-warning`, or refused ([`params`] decides which), never silently wrong; an answer
//! cut short by a failure ends in an error; a chat that was made for one answer is deleted however the
//! answer ended; no text of a message can pass for a message of somebody else ([`history`]).

pub(super) mod ask;
pub(super) mod caller;
pub(super) mod chat_completions;
pub(super) mod citations;
pub(super) mod cutter;
pub(super) mod dialect;
pub(super) mod failure;
pub(super) mod history;
pub(super) mod input;
pub(super) mod made;
pub(super) mod messages;
pub(super) mod models;
pub(super) mod params;
pub(super) mod responses;
pub(super) mod transcript;
pub(super) mod usage;
pub(super) mod work;
