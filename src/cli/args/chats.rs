//! `chats …`

use clap::{Args as ClapArgs, Subcommand};

use super::help;
use crate::domain::ChatId;

/// `chats …`
#[derive(Debug, Subcommand)]
pub enum ChatsCommand {
    /// List your chats, newest first
    #[command(after_long_help = help::CHATS_LIST)]
    List(ListArgs),
    /// Show the messages of a chat
    #[command(after_long_help = help::CHATS_SHOW)]
    Show(ShowArgs),
    /// Delete chats
    #[command(after_long_help = help::CHATS_DELETE)]
    Delete(DeleteArgs),
    /// Make an empty chat and print its id
    #[command(after_long_help = help::CHATS_NEW)]
    New(NewArgs),
    /// Give a chat another title
    #[command(after_long_help = help::CHATS_RENAME)]
    Rename(RenameArgs),
}

/// `chats list`
#[derive(Debug, ClapArgs)]
pub struct ListArgs {
    /// The page, from 1; a page has up to 60 chats
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub page: u32,
    /// All pages
    #[arg(long, conflicts_with = "page")]
    pub all: bool,
    /// At most so many chats
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Only chats that changed since then: `2026-09-01`, `2026-09-01T08:00:00Z`, or how long ago (`3d`, `12h`)
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
}

/// `chats show`
#[derive(Debug, ClapArgs)]
pub struct ShowArgs {
    /// The chat (`qwenctl chats list` shows the ids)
    pub id: ChatId,
    /// All branches, indented, not only the one that is shown
    #[arg(long)]
    pub tree: bool,
}

/// `chats delete`
#[derive(Debug, ClapArgs)]
pub struct DeleteArgs {
    /// The chats
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<ChatId>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Only list what would be deleted
    #[arg(long)]
    pub dry_run: bool,
}

/// `chats new`
#[derive(Debug, ClapArgs)]
pub struct NewArgs {
    /// Its title
    #[arg(long, value_name = "TITLE")]
    pub title: Option<String>,
    /// The model that it is made for
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
}

/// `chats rename`
#[derive(Debug, ClapArgs)]
pub struct RenameArgs {
    /// The chat
    pub id: ChatId,
    /// Its new title
    pub title: String,
}
