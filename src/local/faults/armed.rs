//! The armed faults, and the number of further requests that each applies to.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::Fault;
use crate::local::markers::Markers;
use crate::local::request::Request;
use crate::local::routes::Kind;

/// The maximum number of armed faults, and of counted prompts.
const LIMIT: usize = 256;

/// The armed faults of one local upstream.
#[derive(Debug, Default)]
pub(crate) struct ArmedFaults(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    armed: Vec<Armed>,
    /// How often a fault in a prompt has met that prompt: a fault with a limit counts per prompt.
    met: VecDeque<(u64, u32)>,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    left: Option<u32>,
    /// Only calls about this chat, if any.
    chat: Option<String>,
}

impl ArmedFaults {
    /// Arms a fault for every later request that it concerns, or for its number of requests.
    ///
    /// # Errors
    /// If too many are armed.
    pub(crate) fn arm(&self, fault: Fault) -> Result<(), String> {
        let left = fault.times();
        self.state().arm(Armed { fault, left, chat: None })
    }

    /// Disarms everything.
    pub(crate) fn clear(&self) {
        *self.state() = State::default();
    }

    /// The faults that apply to this request. Counts them.
    ///
    /// # Errors
    /// If the header names an unknown fault.
    pub(crate) fn meet(
        &self,
        kind: Kind,
        chat: &str,
        request: &Request,
    ) -> Result<Vec<Fault>, String> {
        let by_header = request.header("x-local-fault").map(str::parse::<Fault>).transpose()?;
        let mut state = self.state();
        let mut met = state.take_armed(kind, chat);
        met.extend(by_header.filter(|fault| fault.concerns(kind)));
        let Some(prompt) = request.prompt.as_ref().filter(|_| request.has_markers) else {
            return Ok(met);
        };
        let named = Markers::find(prompt).faults;
        for fault in named.iter().filter_map(|name| name.parse::<Fault>().ok()) {
            if !fault.concerns(kind) {
                // For a later call about this chat, such as reading it.
                let left = Some(fault.times().unwrap_or(1));
                let _ = state.arm(Armed { fault, left, chat: Some(chat.to_owned()) });
            } else if state.still_meets(&fault, chat, prompt) {
                met.push(fault);
            }
        }
        Ok(met)
    }

    /// The armed faults, for the admin API.
    pub(crate) fn json(&self) -> Value {
        let state = self.state();
        let armed: Vec<_> = state
            .armed
            .iter()
            .map(|armed| json!({"fault": armed.fault.to_string(), "left": armed.left, "chat_id": armed.chat}))
            .collect();
        Value::Array(armed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn arm(&mut self, armed: Armed) -> Result<(), String> {
        if self.armed.len() >= LIMIT {
            return Err(format!("{LIMIT} faults are armed already"));
        }
        self.armed.push(armed);
        Ok(())
    }

    fn take_armed(&mut self, kind: Kind, chat: &str) -> Vec<Fault> {
        let mut met = Vec::new();
        for armed in &mut self.armed {
            // A call that names no chat, a list for example, is about every chat.
            let here = armed.chat.as_deref().is_none_or(|only| chat.is_empty() || only == chat);
            if here && armed.fault.concerns(kind) && armed.left != Some(0) {
                met.push(armed.fault.clone());
                armed.left = armed.left.map(|left| left - 1);
            }
        }
        self.armed.retain(|armed| armed.left != Some(0));
        met
    }

    /// Whether a fault in a prompt still meets it: a fault with a limit of two meets the same prompt
    /// in the same chat twice, and then not again.
    fn still_meets(&mut self, fault: &Fault, chat: &str, prompt: &str) -> bool {
        let Some(times) = fault.times() else { return true };
        let mut hasher = DefaultHasher::new();
        (fault.to_string(), chat, prompt).hash(&mut hasher);
        let key = hasher.finish();
        let found = self.met.iter().position(|(known, _)| *known == key);
        let count = found.and_then(|at| self.met.remove(at)).map_or(0, |(_, count)| count);
        if count >= times {
            return false;
        }
        if self.met.len() >= LIMIT {
            self.met.pop_front();
        }
        self.met.push_back((key, count + 1));
        true
    }
}
