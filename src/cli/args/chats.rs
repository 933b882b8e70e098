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
    /// Create an empty chat and print its id
    #[command(after_long_help = help::CHATS_NEW)]
    New(NewArgs),
    /// Rename a chat
    #[command(after_long_help = help::CHATS_RENAME)]
    Rename(RenameArgs),
}

/// `chats list`
#[derive(Debug, ClapArgs)]
pub struct ListArgs {
    /// Page number, from 1; a page has up to 60 chats
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub page: u32,
    /// List all pages
    #[arg(long, conflicts_with = "page")]
    pub all: bool,
    /// Maximum number of chats
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Only chats changed since a date, or within a time such as `3d`
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
}

/// `chats show`
#[derive(Debug, ClapArgs)]
pub struct ShowArgs {
    /// Chat id (see `qwenctl chats list`)
    pub id: ChatId,
    /// Show all branches, indented, instead of the current one
    #[arg(long)]
    pub tree: bool,
}

/// `chats delete`
#[derive(Debug, ClapArgs)]
pub struct DeleteArgs {
    /// Chat ids
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<ChatId>,
    /// Delete without confirmation
    #[arg(short, long)]
    pub yes: bool,
    /// List the chats that would be deleted, and delete none
    #[arg(long)]
    pub dry_run: bool,
}

/// `chats new`
#[derive(Debug, ClapArgs)]
pub struct NewArgs {
    /// Title of the chat
    #[arg(long, value_name = "TITLE")]
    pub title: Option<String>,
    /// Model of the chat
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
}

/// `chats rename`
#[derive(Debug, ClapArgs)]
pub struct RenameArgs {
    /// Chat id
    pub id: ChatId,
    /// New title
    pub title: String,
}
