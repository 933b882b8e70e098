//! Which faults are armed, and for how many more requests.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::Fault;
use crate::local::engine::markers::Markers;
use crate::local::request::Request;
use crate::local::routes::Kind;

/// How many armed faults, and how many counted prompts, are kept.
const LIMIT: usize = 256;

/// The armed faults of one local upstream.
#[derive(Debug, Default)]
pub(crate) struct Armory(Mutex<Racks>);

#[derive(Debug, Default)]
struct Racks {
    armed: Vec<Armed>,
    /// How often a fault in a prompt has met that prompt: those that happen a few times count per
    /// prompt.
    met: VecDeque<(u64, u32)>,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    left: Option<u32>,
    /// Only calls about this chat, if any.
    chat: Option<String>,
}

impl Armory {
    /// Arms a fault for every later request that it concerns, or as many as it says.
    ///
    /// # Errors
    /// When too many are armed.
    pub(crate) fn arm(&self, fault: Fault) -> Result<(), String> {
        let left = fault.times();
        self.racks().arm(Armed { fault, left, chat: None })
    }

    /// Disarms everything.
    pub(crate) fn clear(&self) {
        *self.racks() = Racks::default();
    }

    /// The faults that this request meets. Counts them.
    ///
    /// # Errors
    /// When the header names a fault that is not known.
    pub(crate) fn meet(
        &self,
        kind: Kind,
        chat: &str,
        request: &Request,
    ) -> Result<Vec<Fault>, String> {
        let by_header = request.header("x-local-fault").map(str::parse::<Fault>).transpose()?;
        let mut racks = self.racks();
        let mut met = racks.take_armed(kind, chat);
        met.extend(by_header.filter(|fault| fault.concerns(kind)));
        let Some(prompt) = request.prompt.as_ref().filter(|_| request.has_markers) else {
            return Ok(met);
        };
        for fault in Markers::find(prompt).faults {
            if !fault.concerns(kind) {
                // Meant for a later call about this chat, reading it back for example.
                let left = Some(fault.times().unwrap_or(1));
                let _ = racks.arm(Armed { fault, left, chat: Some(chat.to_owned()) });
            } else if racks.still_meets(&fault, chat, prompt) {
                met.push(fault);
            }
        }
        Ok(met)
    }

    /// What is armed, for the admin face.
    pub(crate) fn json(&self) -> Value {
        let racks = self.racks();
        let armed: Vec<_> = racks
            .armed
            .iter()
            .map(|armed| json!({"fault": armed.fault.to_string(), "left": armed.left, "chat_id": armed.chat}))
            .collect();
        Value::Array(armed)
    }

    fn racks(&self) -> MutexGuard<'_, Racks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Racks {
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

    /// Whether a fault that stands in a prompt still meets it: one that happens twice meets the
    /// same prompt in the same chat twice, and then starts anew.
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
