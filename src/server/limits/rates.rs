//! The limits that hold at the moment.

use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::RateLimit;

/// How often a caller may do what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    /// How often a caller may ask for anything. A key may have limits of its own instead.
    pub requests: Vec<RateLimit>,
    /// How often a caller may send a prompt, besides that.
    pub prompts: Vec<RateLimit>,
}

/// The [`Rates`] that hold at the moment. Others may take their place while the server runs; whoever
/// has used up a part of a limit that stays has still used it up.
#[derive(Debug, Default)]
pub struct CurrentRates(RwLock<Arc<Rates>>);

impl CurrentRates {
    /// These hold first.
    pub fn new(rates: Rates) -> Self {
        Self(RwLock::new(Arc::new(rates)))
    }

    /// Those that hold now.
    pub fn get(&self) -> Arc<Rates> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on these hold.
    pub fn replace(&self, rates: Rates) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rates);
    }
}
