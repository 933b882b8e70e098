//! Plans to delete many chats that are not executed yet, bounded in number and time.

use std::collections::HashMap;

use parking_lot::Mutex;

use crate::app::deletion::Selected;
use crate::domain::time::now;

/// The most plans that are kept; a further one replaces the oldest.
const MAX_PLANS: usize = 16;

/// The plans that are not executed yet.
#[derive(Default)]
pub(super) struct Plans(Mutex<HashMap<String, Plan>>);

/// A plan to delete chats.
pub(super) struct Plan {
    /// The account for which it was made.
    pub account: Option<String>,
    /// When it is forgotten, in seconds since 1970.
    pub expires_at: i64,
    /// Its chats.
    pub selected: Vec<Selected>,
}

impl Plans {
    /// Keeps a plan.
    pub(super) fn add(&self, id: String, plan: Plan) {
        let mut plans = self.0.lock();
        plans.retain(|_, plan| plan.expires_at > now());
        if plans.len() >= MAX_PLANS
            && let Some(oldest) =
                plans.iter().min_by_key(|(_, plan)| plan.expires_at).map(|(id, _)| id.clone())
        {
            plans.remove(&oldest);
        }
        plans.insert(id, plan);
    }

    /// Takes a plan of this account.
    pub(super) fn take(&self, id: &str, account: Option<&String>) -> Option<Plan> {
        let mut plans = self.0.lock();
        find(&mut plans, id, account)?;
        plans.remove(id)
    }

    /// Reads a plan of this account, which stays.
    pub(super) fn read<T>(
        &self,
        id: &str,
        account: Option<&String>,
        read: impl FnOnce(&Plan) -> T,
    ) -> Option<T> {
        find(&mut self.0.lock(), id, account).map(read)
    }
}

fn find<'a>(
    plans: &'a mut HashMap<String, Plan>,
    id: &str,
    account: Option<&String>,
) -> Option<&'a Plan> {
    plans.retain(|_, plan| plan.expires_at > now());
    plans.get(id).filter(|plan| plan.account.as_ref() == account)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(expires_at: i64) -> Plan {
        Plan { account: Some("a".to_owned()), expires_at, selected: Vec::new() }
    }

    #[test]
    fn plans_are_bounded_and_expire() {
        let plans = Plans::default();
        let account = "a".to_owned();
        for n in 0..=MAX_PLANS {
            plans.add(n.to_string(), plan(now() + 100 + i64::try_from(n).unwrap_or(0)));
        }
        assert!(plans.take("0", Some(&account)).is_none());
        assert!(plans.take("1", Some(&"b".to_owned())).is_none());
        let expires_at = plans.read("1", Some(&account), |plan| plan.expires_at);
        assert!(expires_at.is_some_and(|at| at > now()));
        assert!(plans.read("1", None, |_| ()).is_none());
        assert!(plans.take("1", Some(&account)).is_some());
        assert!(plans.take("1", Some(&account)).is_none());
        plans.add("old".to_owned(), plan(now()));
        assert!(plans.take("old", Some(&account)).is_none());
    }
}
