//! `chats …`

pub mod delete;
pub mod list;
pub mod new;
pub mod rename;
pub mod show;
