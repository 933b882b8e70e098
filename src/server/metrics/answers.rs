//! Numbers about answers while they come from the upstream.

use std::sync::Arc;
use std::time::Instant;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::labels::{Model, Reason, Tokens};
use super::{Durations, Metrics, durations};
use crate::domain::{Reply, ReplyEvent};

/// The families of this file.
pub(super) struct Answers {
    active: Gauge,
    lost: Family<Reason, Counter>,
    first_token: Durations<Model>,
    tokens: Family<Tokens, Counter>,
}

impl Answers {
    /// Puts them into the registry.
    pub(super) fn register(ours: &mut Registry) -> Self {
        let answers = Self {
            active: Gauge::default(),
            lost: Family::default(),
            first_token: Family::new_with_constructor(durations),
            tokens: Family::default(),
        };
        ours.register(
            "streams_active",
            "Answers that are coming from the upstream",
            answers.active.clone(),
        );
        ours.register(
            "streams_lost",
            "Answers that were not whole: the caller went away, or the upstream failed",
            answers.lost.clone(),
        );
        ours.register_with_unit(
            "time_to_first_token",
            "From a prompt to the first word of its answer, or of the thoughts before it",
            Unit::Seconds,
            answers.first_token.clone(),
        );
        ours.register(
            "tokens",
            "Tokens that models read and wrote, as the upstream counts them",
            answers.tokens.clone(),
        );
        answers
    }

    /// Creates one sample of each family with labels.
    pub(super) fn sample(&self, model: String) {
        drop(self.lost.get_or_create(&Reason { reason: "" }));
        drop(self.first_token.get_or_create(&Model { model: model.clone() }));
        drop(self.tokens.get_or_create(&Tokens { model, direction: "" }));
    }
}

/// Why an answer was not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Nobody waited for it any more.
    Caller,
    /// The upstream broke it off.
    Upstream,
}

/// Measures one answer. Dropped before its end, the answer counts as lost by its caller.
pub(crate) struct AnswerMeter {
    metrics: Arc<Metrics>,
    asked_at: Instant,
    has_begun: bool,
    is_over: bool,
}

impl AnswerMeter {
    /// For the answer to a prompt that was asked at `asked_at`, and is coming now.
    pub(crate) fn new(metrics: Arc<Metrics>, asked_at: Instant) -> Self {
        metrics.answers.active.inc();
        Self { metrics, asked_at, has_begun: false, is_over: false }
    }

    /// Takes note of a step of the answer of `model`.
    pub(crate) fn note(&mut self, step: &ReplyEvent, model: &str) {
        if !self.has_begun && matches!(step, ReplyEvent::Delta(_) | ReplyEvent::Thinking(_)) {
            self.has_begun = true;
            let model = self.metrics.models.label(model);
            let first = self.metrics.answers.first_token.get_or_create(&Model { model });
            first.observe(self.asked_at.elapsed().as_secs_f64());
        }
    }

    /// The answer is whole.
    pub(crate) fn done(&mut self, reply: &Reply) {
        self.end();
        let Some(usage) = reply.usage else { return };
        let model = self.metrics.models.label(&reply.model);
        let tokens = &self.metrics.answers.tokens;
        for (direction, count) in [("input", usage.input_tokens), ("output", usage.output_tokens)] {
            tokens.get_or_create(&Tokens { model: model.clone(), direction }).inc_by(count);
        }
    }

    /// There will be no more of it.
    pub(crate) fn lost(&mut self, loss: Loss) {
        if !self.is_over {
            let reason = match loss {
                Loss::Caller => "caller_gone",
                Loss::Upstream => "upstream_failure",
            };
            self.metrics.answers.lost.get_or_create(&Reason { reason }).inc();
        }
        self.end();
    }

    fn end(&mut self) {
        if !std::mem::replace(&mut self.is_over, true) {
            self.metrics.answers.active.dec();
        }
    }
}

impl Drop for AnswerMeter {
    fn drop(&mut self) {
        self.lost(Loss::Caller);
    }
}
