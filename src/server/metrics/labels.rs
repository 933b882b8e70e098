//! The labels, each with its bound.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;

/// Models that get a label of their own; more than the upstream offers.
const MOST_MODELS: usize = 48;
/// The longest name of a model that gets a label.
const LONGEST_NAME: usize = 64;

/// A request that is over.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Request {
    pub route: &'static str,
    pub method: &'static str,
    pub status: u16,
    pub code: &'static str,
}

/// Where a request went.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Route {
    pub route: &'static str,
    pub method: &'static str,
}

/// A call to the upstream that is over. There are as many paths as kinds of calls in the client.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Upstream {
    pub path: String,
    pub method: &'static str,
    pub result: &'static str,
}

/// Where a call to the upstream went.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct UpstreamPath {
    pub path: String,
    pub method: &'static str,
}

/// Who refused.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Origin {
    pub by: &'static str,
}

/// What a cache said.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct CacheUse {
    pub cache: &'static str,
    pub result: &'static str,
}

/// Who answered.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Model {
    pub model: String,
}

/// Tokens that a model read or wrote.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Tokens {
    pub model: String,
    pub direction: &'static str,
}

/// Why an answer was lost.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Reason {
    pub reason: &'static str,
}

/// What runs.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct Build {
    pub version: &'static str,
}

impl Default for Build {
    fn default() -> Self {
        Self { version: env!("CARGO_PKG_VERSION") }
    }
}

/// The method as a label: callers may make up others.
pub(super) fn method(name: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == name).unwrap_or("other")
}

/// The models that have answered. What a caller writes as a model is no label before that.
#[derive(Default)]
pub(super) struct Models(Mutex<BTreeSet<String>>);

impl Models {
    /// The label for a model that has just answered.
    pub(super) fn label(&self, model: &str) -> String {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !known.contains(model);
        if is_new && (known.len() >= MOST_MODELS || model.len() > LONGEST_NAME) {
            return "other".to_owned();
        }
        if is_new {
            known.insert(model.to_owned());
        }
        model.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_bounded() {
        assert_eq!(method("PATCH"), "PATCH");
        assert_eq!(method("BREW"), "other");
        let models = Models::default();
        assert_eq!(models.label(&"x".repeat(65)), "other");
        for number in 0..MOST_MODELS {
            let name = format!("m{number}");
            assert_eq!(models.label(&name), name);
        }
        assert_eq!(models.label("one more"), "other");
        assert_eq!(models.label("m0"), "m0");
    }
}
