//! The command line as it was typed. Data only: nothing here reads a file, asks the environment or
//! can fail for a reason outside the arguments.

mod access;
mod chats;
mod global;
mod help;
mod keys;
mod send;
mod serve;

use clap::{Args as ClapArgs, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::topics::TOPICS;

pub use access::{AccessArgs, Proxy};
pub use chats::{ChatsCommand, DeleteArgs, ListArgs, NewArgs, RenameArgs, ShowArgs};
pub use global::{ColorChoice, Format, GlobalArgs};
pub use keys::{CreateKeyArgs, KeysCommand, RevokeKeyArgs};
pub use send::{PromptArgs, QuickArgs, SendArgs};
pub use serve::{LogFormatArg, ServeArgs, UnitKind};

/// A command line for your own Qwen account (chat.qwen.ai).
#[derive(Debug, Parser)]
#[command(
    name = "qwenctl",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 100,
    long_about = help::ABOUT,
    after_help = help::short_footer(),
    after_long_help = help::footer(),
)]
pub struct Args {
    /// The flags that every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List, show, make, rename and delete chats
    #[command(subcommand, after_long_help = help::CHATS)]
    Chats(ChatsCommand),
    /// Send the next message of a chat and print the answer
    #[command(long_about = help::SEND_ABOUT, after_long_help = help::SEND)]
    Send(SendArgs),
    /// Ask in the most recent chat, or in a new one
    #[command(long_about = help::QUICK_ABOUT, after_long_help = help::QUICK)]
    Quick(QuickArgs),
    /// Store, check and refresh the access token
    #[command(subcommand, after_long_help = help::TOKEN)]
    Token(TokenCommand),
    /// List the models and what they can do
    #[command(after_long_help = help::MODELS)]
    Models,
    /// Tell whether you are signed in (exit code 4 if not)
    #[command(after_long_help = help::STATUS)]
    Status,
    /// Count your chats, over all pages
    #[command(after_long_help = help::STATS)]
    Stats,
    /// Serve the REST API and the chat page
    #[command(long_about = help::SERVE_ABOUT, after_long_help = help::SERVE)]
    Serve(Box<ServeArgs>),
    /// Make, list and revoke API keys for `serve`
    #[command(subcommand, after_long_help = help::KEYS)]
    Keys(KeysCommand),
    /// Run the local upstream alone, for other programs' tests
    #[command(long_about = help::LOCAL_ABOUT, after_long_help = help::LOCAL)]
    Local(LocalArgs),
    /// Look for what is wrong, and say what to do
    #[command(long_about = help::DOCTOR_ABOUT, after_long_help = help::DOCTOR)]
    Doctor,
    /// Show where the settings come from
    #[command(subcommand, after_long_help = help::CONFIG)]
    Config(ConfigCommand),
    /// Print the completion script for a shell
    #[command(after_long_help = help::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print the manual page (roff), or write the pages of all commands
    #[command(after_long_help = help::MAN)]
    Man(ManArgs),
}

/// `token …`
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Store an access token (hidden prompt, or standard input)
    #[command(long_about = help::TOKEN_SET_ABOUT, after_long_help = help::TOKEN_SET)]
    Set(TokenSetArgs),
    /// Show where the token comes from and when it expires (exit code 4 if it has)
    #[command(long_about = help::TOKEN_INFO_ABOUT, after_long_help = help::TOKEN_INFO)]
    Info(TokenInfoArgs),
    /// Get a new token and store it
    #[command(after_long_help = help::TOKEN_REFRESH)]
    Refresh,
}

/// `token set`
#[derive(Debug, ClapArgs)]
pub struct TokenSetArgs {
    /// Ask for the refresh token too (the second line of standard input)
    #[arg(long)]
    pub with_refresh: bool,
}

/// `token info`
#[derive(Debug, ClapArgs)]
pub struct TokenInfoArgs {
    /// Ask the upstream whether it accepts the token
    #[arg(long)]
    pub check: bool,
}

/// `local`
#[derive(Debug, ClapArgs)]
pub struct LocalArgs {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
    /// Print the access token on standard output
    #[arg(long)]
    pub print_token: bool,
    /// Write the access token to this file (mode 0600)
    #[arg(long, value_name = "FILE", conflicts_with = "print_token", value_hint = clap::ValueHint::FilePath)]
    pub write_token: Option<std::path::PathBuf>,
    /// The database; a temporary one without it
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub database: Option<std::path::PathBuf>,
    /// What random chunking and made-up ids start from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Answer at once, without the pauses of a model
    #[arg(long)]
    pub no_pace: bool,
}

/// `config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print where the config file, the credentials and the data lie
    Path,
    /// Print every setting that counts
    Show(ConfigShowArgs),
}

/// `config show`
#[derive(Debug, ClapArgs)]
pub struct ConfigShowArgs {
    /// Say of each setting where its value comes from
    #[arg(long)]
    pub origin: bool,
}

/// `completions`
#[derive(Debug, ClapArgs)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `man`
#[derive(Debug, ClapArgs)]
pub struct ManArgs {
    /// Write one page for each command into this directory
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub all: Option<std::path::PathBuf>,
}

/// The clap tree, for completions, the man page and the tests that hold README against it.
pub fn tree() -> clap::Command {
    Args::command()
}

/// The tree with the topics below `help`, where clap itself puts the commands only.
fn tree_with_topics() -> clap::Command {
    let mut tree = tree().bin_name("qwenctl");
    tree.build();
    let topics = TOPICS.map(|topic| {
        let command = clap::Command::new(topic.name).about(topic.about);
        let command = command.bin_name(format!("qwenctl help {}", topic.name));
        command.disable_help_flag(true).disable_version_flag(true)
    });
    tree.mut_subcommand("help", |help| help.subcommands(topics))
}

/// The shells that there are completions for, with the names of the files under `completions/`.
pub fn completion_files() -> impl Iterator<Item = (Shell, String)> {
    use clap_complete::Generator as _;
    Shell::value_variants().iter().map(|shell| (*shell, shell.file_name("qwenctl")))
}

/// The completion script for `shell`.
pub fn completion_script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tree_with_topics(), "qwenctl", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_is_sound() {
        super::tree().debug_assert();
    }
}
