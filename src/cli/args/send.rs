//! `send` and `quick`

use clap::Args as ClapArgs;

use crate::domain::ChatId;

/// `send`
#[derive(Debug, ClapArgs)]
pub struct SendArgs {
    /// The chat (`qwenctl chats list` shows the ids)
    pub id: ChatId,
    /// What both commands take.
    #[command(flatten)]
    pub prompt: PromptArgs,
    /// Answer this message instead of the current one, which starts a branch
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
}

/// `quick`
#[derive(Debug, ClapArgs)]
pub struct QuickArgs {
    /// What both commands take.
    #[command(flatten)]
    pub prompt: PromptArgs,
    /// Answer this message of the most recent chat instead of the current one
    #[arg(long, value_name = "ID", conflicts_with_all = ["new", "ephemeral"])]
    pub parent: Option<String>,
    /// Ask in a new chat
    #[arg(long)]
    pub new: bool,
    /// Ask in a new chat and delete it afterwards, whatever happens
    #[arg(long)]
    pub ephemeral: bool,
}

/// What `send` and `quick` take.
#[derive(Debug, ClapArgs)]
pub struct PromptArgs {
    /// The message; `-` reads it from standard input
    pub message: Option<String>,
    /// The model to ask (`qwenctl models` lists them)
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Instructions to put in front of the message
    #[arg(long, value_name = "TEXT")]
    pub system: Option<String>,
    /// Let the model think first
    #[arg(long)]
    pub think: bool,
    /// Let the model search the web
    #[arg(long)]
    pub search: bool,
    /// Print the answer when it is whole
    #[arg(long)]
    pub no_stream: bool,
}
