//! `chats …`

pub(super) mod delete;
pub(super) mod list;
pub(super) mod new;
pub(super) mod rename;
pub(super) mod show;
