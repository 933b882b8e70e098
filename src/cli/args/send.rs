//! `send` and `quick`

use clap::Args as ClapArgs;

use crate::domain::ChatId;

/// `send`
#[derive(Debug, ClapArgs)]
pub struct SendArgs {
    /// Chat id (see `qwenctl chats list`)
    pub id: ChatId,
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
