//! `chats …`, and the prompts that go to a chat: `send` and `quick`.

use clap::{Args as ClapArgs, Subcommand};

use super::help;
use crate::app::chats::ChatRef;

/// A number that counts from 1.
fn at_least_one(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "must be a whole number of at least 1".to_owned())
}

/// `chats …`
#[derive(Debug, Subcommand)]
pub enum ChatsCommand {
    /// List your chats, newest first
    #[command(alias = "ls", after_long_help = help::CHATS_LIST)]
    List(ListArgs),
    /// Show the messages of a chat
    #[command(after_long_help = help::CHATS_SHOW)]
    Show(ShowArgs),
    /// Delete chats
    #[command(alias = "rm", after_long_help = help::CHATS_DELETE)]
    Delete(DeleteArgs),
    /// Create an empty chat and print its id
    #[command(after_long_help = help::CHATS_NEW)]
    New(NewArgs),
    /// Rename a chat
    #[command(after_long_help = help::CHATS_RENAME)]
    Rename(RenameArgs),
    /// Pin a chat
    #[command(after_long_help = help::CHATS_MARK)]
    Pin(ChatArgs),
    /// Unpin a chat
    #[command(after_long_help = help::CHATS_MARK)]
    Unpin(ChatArgs),
    /// Archive a chat
    #[command(after_long_help = help::CHATS_MARK)]
    Archive(ChatArgs),
    /// Take a chat out of the archive
    #[command(after_long_help = help::CHATS_MARK)]
    Unarchive(ChatArgs),
    /// List your projects
    #[command(after_long_help = help::CHATS_PROJECTS)]
    Projects,
    /// Move a chat to a project, or out of its project
    #[command(after_long_help = help::CHATS_MOVE)]
    Move(MoveArgs),
}

/// A chat.
#[derive(Debug, ClapArgs)]
pub struct ChatArgs {
    /// Chat id, a unique beginning of it, `last`, or `@N` for row N of the list
    pub id: ChatRef,
}

/// `chats move`
#[derive(Debug, ClapArgs)]
pub struct MoveArgs {
    /// Chat id, a unique beginning of it, `last`, or `@N` for row N of the list
    pub id: ChatRef,
    /// Id or name of the project; leave it out to move the chat out of its project
    pub project: Option<String>,
}

/// `chats list`
#[derive(Debug, ClapArgs)]
pub struct ListArgs {
    /// Page number, from 1; a page has up to 60 chats
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = at_least_one)]
    pub page: u32,
    /// List all pages
    #[arg(long, conflicts_with = "page")]
    pub all: bool,
    /// Maximum number of chats
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = at_least_one)]
    pub limit: Option<u32>,
    /// Only chats changed since a date, or within a time such as `3d`
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only pinned chats
    #[arg(long, group = "list")]
    pub pinned: bool,
    /// Only archived chats
    #[arg(long, group = "list")]
    pub archived: bool,
    /// Only chats of this project (id or name)
    #[arg(long, value_name = "PROJECT", group = "list")]
    pub project: Option<String>,
}

/// `chats show`
#[derive(Debug, ClapArgs)]
pub struct ShowArgs {
    /// Chat id, a unique beginning of it, `last`, or `@N` for row N of the list
    pub id: ChatRef,
    /// Show all branches, indented, instead of the current one
    #[arg(long)]
    pub tree: bool,
}

/// `chats delete`
#[derive(Debug, ClapArgs)]
pub struct DeleteArgs {
    /// Chat ids, unique beginnings of them, `last`, or `@N` for row N of the list
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<ChatRef>,
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
    /// Chat id, a unique beginning of it, `last`, or `@N` for row N of the list
    pub id: ChatRef,
    /// New title
    pub title: String,
}

/// `send`
#[derive(Debug, ClapArgs)]
pub struct SendArgs {
    /// Chat id, a unique beginning of it, `last`, or `@N` for row N of the list
    pub id: ChatRef,
    /// The flags of both commands.
    #[command(flatten)]
    pub prompt: PromptArgs,
    /// Reply to this message instead of the current one; starts a branch
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
}

/// `quick`
#[derive(Debug, ClapArgs)]
pub struct QuickArgs {
    /// The flags of both commands.
    #[command(flatten)]
    pub prompt: PromptArgs,
    /// Reply to this message of the most recent chat instead of the current one
    #[arg(long, value_name = "ID", conflicts_with_all = ["new", "ephemeral"])]
    pub parent: Option<String>,
    /// Continue the most recent chat, whatever the setting `quick` says
    #[arg(short, long, conflicts_with_all = ["new", "ephemeral"])]
    pub r#continue: bool,
    /// Start a new chat
    #[arg(long)]
    pub new: bool,
    /// Start a new chat and delete it afterwards, even on failure
    #[arg(long)]
    pub ephemeral: bool,
}

/// The flags of `send` and `quick`.
#[derive(Debug, ClapArgs)]
pub struct PromptArgs {
    /// Message to send; `-` reads it from standard input
    pub message: Option<String>,
    /// Model to use (see `qwenctl models`)
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
    /// System prompt
    #[arg(long, value_name = "TEXT")]
    pub system: Option<String>,
    /// Enable thinking
    #[arg(long)]
    pub think: bool,
    /// Enable web search
    #[arg(long)]
    pub search: bool,
    /// Print the answer only when it is complete
    #[arg(long)]
    pub no_stream: bool,
}
