//! The branches of a chat: the prompts of one, and what a prompt has to follow to begin another.
//!
//! The upstream has no call that selects a branch: a prompt that names its parent continues the branch
//! of that message, which is the current one from then on.

use std::collections::HashSet;

use super::answer::ROOT;
use crate::domain::{Chat, Message, Role};

/// A prompt of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentPrompt {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// What a prompt that replaces it follows.
    pub parent: String,
}

/// A branch: one of the ways from the first message to a last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Branch {
    /// What the next prompt of the branch follows.
    pub parent: String,
    /// How many prompts it has.
    pub prompts: usize,
    /// The text of the last prompt.
    pub prompt: String,
    /// The text of the last reply.
    pub reply: String,
    /// The model of the last reply.
    pub model: Option<String>,
    /// Whether it is the current one.
    pub is_current: bool,
}

/// The prompts of the branch that ends at `leaf` (the current one for `None`), oldest first.
pub(crate) fn prompts(chat: &Chat, leaf: Option<&str>) -> Vec<SentPrompt> {
    let branch = chat.branch_to(leaf.or(chat.current_id.as_deref()));
    let prompts = branch.into_iter().filter(|message| message.role == Role::User);
    let prompt = |message: &Message| SentPrompt {
        id: message.id.clone(),
        text: message.content.clone(),
        parent: message.parent_id.clone().unwrap_or_else(|| ROOT.to_owned()),
    };
    prompts.map(prompt).collect()
}

/// All branches, in the order of their last messages. The current one is the one of `leaf`, or else of
/// the upstream.
pub(crate) fn branches(chat: &Chat, leaf: Option<&str>) -> Vec<Branch> {
    let parents: HashSet<&str> =
        chat.messages.iter().filter_map(|message| message.parent_id.as_deref()).collect();
    let current = chat.branch_to(leaf.or(chat.current_id.as_deref()));
    let current = current.last().map(|message| message.id.as_str());
    let leaves = chat.messages.iter().filter(|message| !parents.contains(message.id.as_str()));
    let mut leaves: Vec<_> = leaves.collect();
    leaves.sort_by_key(|leaf| leaf.timestamp);
    leaves.into_iter().map(|leaf| branch(chat, leaf, current)).collect()
}

fn branch(chat: &Chat, leaf: &Message, current: Option<&str>) -> Branch {
    let path = chat.branch_to(Some(&leaf.id));
    let last = |role: Role| path.iter().rev().find(|message| message.role == role);
    let (prompt, reply) = (last(Role::User), last(Role::Assistant));
    Branch {
        parent: reply.map_or_else(|| ROOT.to_owned(), |message| message.id.clone()),
        prompts: path.iter().filter(|message| message.role == Role::User).count(),
        prompt: prompt.map(|message| message.content.clone()).unwrap_or_default(),
        reply: reply.map(|message| message.content.clone()).unwrap_or_default(),
        model: reply.and_then(|message| message.model.clone()),
        is_current: current.is_some_and(|id| path.iter().any(|message| message.id == id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MessageState;

    fn message(id: &str, parent: Option<&str>, role: Role) -> Message {
        Message {
            id: id.to_owned(),
            parent_id: parent.map(str::to_owned),
            role,
            content: format!("text of {id}"),
            thinking: None,
            citations: Vec::new(),
            images: Vec::new(),
            files: Vec::new(),
            model: None,
            timestamp: None,
            state: MessageState::Done,
            error: None,
        }
    }

    /// Two prompts with an answer each, and another version of the second prompt.
    fn chat() -> Chat {
        Chat {
            id: "c1".parse().expect("an id"),
            title: None,
            model: None,
            created_at: None,
            updated_at: None,
            pinned: false,
            archived: false,
            project_id: None,
            current_id: Some("r2b".to_owned()),
            current_reply_ids: Vec::new(),
            messages: vec![
                message("u1", None, Role::User),
                message("r1", Some("u1"), Role::Assistant),
                message("u2", Some("r1"), Role::User),
                message("r2", Some("u2"), Role::Assistant),
                message("u2b", Some("r1"), Role::User),
                message("r2b", Some("u2b"), Role::Assistant),
            ],
            incomplete: false,
        }
    }

    #[test]
    fn prompts_name_what_another_version_follows() {
        let found = |leaf| -> Vec<(String, String)> {
            prompts(&chat(), leaf).into_iter().map(|prompt| (prompt.id, prompt.parent)).collect()
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(found(None), [pair("u1", "root"), pair("u2b", "r1")]);
        assert_eq!(found(Some("r2")), [pair("u1", "root"), pair("u2", "r1")]);
    }

    #[test]
    fn branches_end_at_the_messages_without_followers() {
        let found = branches(&chat(), None);
        let parents: Vec<_> = found.iter().map(|branch| branch.parent.as_str()).collect();
        assert_eq!(parents, ["r2", "r2b"]);
        assert_eq!(found.iter().map(|branch| branch.is_current).collect::<Vec<_>>(), [false, true]);
        assert_eq!((found[0].prompts, found[0].prompt.as_str()), (2, "text of u2"));
        assert!(branches(&chat(), Some("r2"))[0].is_current);
    }
}
