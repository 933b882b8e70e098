//! The command line as typed. Data only: nothing here reads a file or the environment, or fails for a
//! reason outside the arguments.

mod chats;
mod completion;
mod global;
mod help;
mod serve;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{
    ArgMatches, Args as ClapArgs, CommandFactory, Parser, Subcommand, ValueEnum, ValueHint,
};
use clap_complete::Shell;

use crate::settings::{AccountName, Overrides};

pub use chats::{
    BranchesArg, ChatArgs, ChatsCommand, ConversationArgs, DeleteArgs, ExportArgs, ImportArgs,
    LayoutArg, ListArgs, MoveArgs, NewArgs, PromptArgs, PurgeArgs, QuickArgs, RenameArgs,
    RestoreArgs, SearchArgs, SearchOrder, SendArgs, ShowArgs, SyncArgs, TrashCommand,
};
pub(super) use completion::{CompletedValue, completed_value};
pub use completion::{completion_files, completion_script};
pub use global::{ColorChoice, Format, GlobalArgs, OutputArg};
pub use serve::{
    CreateKeyArgs, KeysCommand, LogFormatArg, Proxy, RevokeKeyArgs, ServeArgs, UnitKind,
};

/// Command-line client and local server for your Qwen account (chat.qwen.ai)
#[derive(Debug, Parser)]
#[command(
    name = "qwenctl",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 80,
    long_about = help::ABOUT,
    after_help = help::short_footer(),
    after_long_help = help::footer(),
)]
pub struct Args {
    /// The global flags.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List, show, create, change and delete chats
    #[command(subcommand, after_long_help = help::CHATS)]
    Chats(ChatsCommand),
    /// Show, check and mend the local archive of your chats
    #[command(subcommand, after_long_help = help::ARCHIVE)]
    Archive(ArchiveCommand),
    /// Send a message to a chat and print the answer
    #[command(long_about = help::SEND_ABOUT, after_long_help = help::SEND)]
    Send(SendArgs),
    /// Send a message to the most recent chat, or to a new one
    #[command(alias = "ask", long_about = help::QUICK_ABOUT, after_long_help = help::QUICK)]
    Quick(QuickArgs),
    /// Talk to a model at the terminal
    #[command(long_about = help::CHAT_ABOUT, after_long_help = help::CHAT)]
    Chat(ConversationArgs),
    /// Store, check, refresh and remove the access token
    #[command(subcommand, after_long_help = help::TOKEN)]
    Token(TokenCommand),
    /// List, choose and remove stored accounts
    #[command(subcommand, after_long_help = help::ACCOUNT)]
    Account(AccountCommand),
    /// List the models and their capabilities
    #[command(after_long_help = help::MODELS)]
    Models,
    /// Show whether you are signed in (exit code 4 if not)
    #[command(after_long_help = help::STATUS)]
    Status,
    /// Show statistics of your account
    #[command(after_long_help = help::STATS)]
    Stats(StatsArgs),
    /// Serve the REST API and the chat page
    #[command(long_about = help::SERVE_ABOUT, after_long_help = help::SERVE)]
    Serve(Box<ServeArgs>),
    /// Create, list and revoke API keys for `serve`
    #[command(subcommand, after_long_help = help::KEYS)]
    Keys(KeysCommand),
    /// Run the local upstream on its own, to test other programs
    #[command(long_about = help::LOCAL_ABOUT, after_long_help = help::LOCAL)]
    Local(LocalArgs),
    /// Let other programs read your chats (Model Context Protocol)
    #[command(long_about = help::MCP_ABOUT, after_long_help = help::MCP, term_width = 80)]
    Mcp(McpArgs),
    /// Diagnose problems and suggest fixes
    #[command(long_about = help::DOCTOR_ABOUT, after_long_help = help::DOCTOR)]
    Doctor,
    /// Show and change the settings
    #[command(subcommand, after_long_help = help::CONFIG)]
    Config(ConfigCommand),
    /// List, show and edit templates of prompts
    #[command(subcommand, long_about = help::TEMPLATES_ABOUT, after_long_help = help::TEMPLATES)]
    Templates(TemplatesCommand),
    /// Print the completion script for a shell
    // Lines that are copied into a shell are not wrapped.
    #[command(after_long_help = help::COMPLETIONS, term_width = 80)]
    Completions(CompletionsArgs),
    /// Print the man page (roff), or write the pages of all commands
    #[command(after_long_help = help::MAN, term_width = 80)]
    Man(ManArgs),
}

impl Args {
    /// The settings that the flags override.
    pub(super) fn overrides(&self) -> Overrides {
        let mut overrides = self.global.overrides();
        let model = match &self.command {
            Command::Send(args) => args.prompt.model.as_deref(),
            Command::Quick(args) => args.prompt.model.as_deref(),
            Command::Chat(args) => args.model.as_deref(),
            Command::Chats(ChatsCommand::New(args)) => args.model.as_deref(),
            Command::Serve(args) => args.model.as_deref(),
            Command::Mcp(args) => args.model.as_deref(),
            _ => None,
        };
        overrides.model = model.map(Into::into);
        let long_as_file = match &self.command {
            Command::Send(args) => args.prompt.long_as_file.as_deref(),
            Command::Quick(args) => args.prompt.long_as_file.as_deref(),
            Command::Chat(args) => args.long_as_file.as_deref(),
            _ => None,
        };
        overrides.long_as_file = long_as_file.map(Into::into);
        if let Command::Serve(args) = &self.command {
            overrides.rate_limit = global::list(&args.rate_limit);
            overrides.rate_limit_send = global::list(&args.rate_limit_send);
        }
        overrides
    }
}

/// A flag that was given on the command line of a subcommand, with its values as typed. `Debug` shows
/// only the name: a value may hold a password.
#[derive(Clone)]
pub(super) struct GivenFlag {
    /// clap's id.
    pub id: String,
    /// With dashes, such as `--host`.
    pub name: String,
    /// Its values; none for a switch.
    pub values: Vec<OsString>,
    /// Whether a value must follow `=`.
    pub needs_equals: bool,
    /// What its values are.
    pub hint: ValueHint,
}

impl fmt::Debug for GivenFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivenFlag").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The flags of the subcommand in `matches` that were given on the command line, its own ones and
/// the global ones, in the order of `--help`. Defaults and the environment are left out.
pub(super) fn given_flags(matches: &ArgMatches) -> Vec<GivenFlag> {
    let mut tree = tree();
    tree.build();
    let Some((name, matches)) = matches.subcommand() else { return Vec::new() };
    let Some(command) = tree.find_subcommand(name) else { return Vec::new() };
    let mut flags = Vec::new();
    for arg in command.get_arguments() {
        let id = arg.get_id().as_str();
        // `help` and `version` have no value.
        let source = matches.try_contains_id(id).is_ok().then(|| matches.value_source(id));
        let (Some(Some(ValueSource::CommandLine)), Some(long)) = (source, arg.get_long()) else {
            continue;
        };
        let values = if arg.get_action().takes_values() {
            matches.get_raw(id).into_iter().flatten().map(OsStr::to_os_string).collect()
        } else {
            Vec::new()
        };
        flags.push(GivenFlag {
            id: id.to_owned(),
            name: format!("--{long}"),
            values,
            needs_equals: arg.is_require_equals_set(),
            hint: arg.get_value_hint(),
        });
    }
    flags
}

/// `token …`
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Store your credentials (hidden prompt or standard input)
    #[command(long_about = help::TOKEN_SET_ABOUT, after_long_help = help::TOKEN_SET)]
    Set(TokenSetArgs),
    /// Show the token's origin and expiry (exit code 4 if expired)
    #[command(long_about = help::TOKEN_INFO_ABOUT, after_long_help = help::TOKEN_INFO)]
    Info(TokenInfoArgs),
    /// Refresh the access token and store it
    #[command(after_long_help = help::TOKEN_REFRESH)]
    Refresh,
    /// Remove the stored credentials; the browser stays signed in
    #[command(after_long_help = help::TOKEN_REMOVE)]
    Remove,
}

/// `account …`
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// List the stored accounts and the state of their tokens
    #[command(alias = "ls", after_long_help = help::ACCOUNT_LIST)]
    List,
    /// Make an account the default one
    #[command(after_long_help = help::ACCOUNT_USE)]
    Use(AccountArgs),
    /// Remove an account and its credentials from this machine
    #[command(alias = "rm", after_long_help = help::ACCOUNT_REMOVE)]
    Remove(AccountArgs),
}

/// `account use`, `account remove`
#[derive(Debug, ClapArgs)]
pub struct AccountArgs {
    /// Name of the account
    pub name: AccountName,
}

/// `token set`
#[derive(Debug, ClapArgs)]
pub struct TokenSetArgs {
    /// Also read the refresh token (second line of standard input)
    #[arg(long)]
    pub with_refresh: bool,
    /// Store the credentials in the keyring of the desktop instead of a file
    #[arg(long)]
    pub keyring: bool,
}

/// `token info`
#[derive(Debug, ClapArgs)]
pub struct TokenInfoArgs {
    /// Check whether the upstream accepts the token
    #[arg(long)]
    pub check: bool,
}

/// `mcp`
#[derive(Debug, ClapArgs)]
pub struct McpArgs {
    /// Let clients also send prompts, which use your quota
    #[arg(long)]
    pub allow_ask: bool,
    /// Model for prompts that name none
    #[arg(short, long, value_name = "MODEL", requires = "allow_ask")]
    pub model: Option<String>,
}

/// `local`
#[derive(Debug, ClapArgs)]
pub struct LocalArgs {
    /// Port to listen on at 127.0.0.1; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub port: u16,
    /// Print the access token on standard output
    #[arg(long)]
    pub print_token: bool,
    /// Write the access token to this file (mode 0600)
    #[arg(long, value_name = "FILE", conflicts_with = "print_token", value_hint = ValueHint::FilePath)]
    pub write_token: Option<PathBuf>,
    /// Database file [default: a temporary one]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub database: Option<PathBuf>,
    /// Seed of random chunking and generated ids
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Answer immediately, without simulated pauses
    #[arg(long)]
    pub no_pace: bool,
    /// List the faults of `--fault` and `[[fault:NAME]]`, and exit
    #[arg(long)]
    pub list_faults: bool,
}

/// `stats`
#[derive(Debug, ClapArgs)]
pub struct StatsArgs {
    /// Count the messages in the local archive, without asking the upstream
    #[arg(long)]
    pub archive: bool,
    /// Group the messages; implies `--archive`
    #[arg(long, value_enum, value_name = "GROUP")]
    pub by: Option<StatsBy>,
    /// Only since a date, or within a time such as `30d`; implies `--archive`
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
}

/// What statistics are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatsBy {
    /// By month
    Month,
    /// By the model that answered
    Model,
    /// By the day of the week
    Weekday,
    /// The chats with the most messages
    Chat,
}

/// `archive …`
#[derive(Debug, Clone, Subcommand)]
pub enum ArchiveCommand {
    /// Show the size of the archive, its last sync and failures
    Status,
    /// Check the file and its index
    Check,
    /// Make the search index anew
    Rebuild,
    /// Write a copy of the archive to a new file
    Backup {
        /// The new file; only you can read it
        file: PathBuf,
    },
    /// Delete the archived chats of the account; upstream they stay
    Forget {
        /// Delete the archived chats of all accounts
        #[arg(long)]
        all_accounts: bool,
        /// Delete without confirmation
        #[arg(short, long)]
        yes: bool,
    },
    /// Print the path of the archive
    Path,
}

/// `config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the paths of config file, credentials and data
    Path,
    /// Print the effective settings
    Show(ConfigShowArgs),
    /// Print the effective value of a setting
    Get(KeyArgs),
    /// Change a setting in the config file, and keep the rest of the file
    Set(ConfigSetArgs),
    /// Remove a setting from the config file
    Unset(KeyArgs),
    /// Edit the config file in $VISUAL or $EDITOR
    Edit,
}

/// `config get`, `config unset`
#[derive(Debug, ClapArgs)]
pub struct KeyArgs {
    /// Name of the setting
    pub key: String,
}

/// `config set`
#[derive(Debug, ClapArgs)]
pub struct ConfigSetArgs {
    /// Name of the setting
    pub key: String,
    /// Value; the items of a list are separated by `;`
    #[arg(allow_hyphen_values = true)]
    pub value: String,
}

/// `templates …`
#[derive(Debug, Subcommand)]
pub enum TemplatesCommand {
    /// List the templates and their variables
    #[command(alias = "ls")]
    List,
    /// Print a template
    Show(TemplateArgs),
    /// Edit a template in $VISUAL or $EDITOR, or make a new one
    Edit(TemplateArgs),
    /// Print the path of a template, or of the directory
    Path(TemplatePathArgs),
}

/// `templates show`, `templates edit`
#[derive(Debug, ClapArgs)]
pub struct TemplateArgs {
    /// Name of the template
    pub name: String,
}

/// `templates path`
#[derive(Debug, ClapArgs)]
pub struct TemplatePathArgs {
    /// Name of the template
    pub name: Option<String>,
}

/// `config show`
#[derive(Debug, ClapArgs)]
pub struct ConfigShowArgs {
    /// Print the origin of each value
    #[arg(long)]
    pub origin: bool,
}

/// `completions`
#[derive(Debug, ClapArgs)]
pub struct CompletionsArgs {
    /// Shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `man`
#[derive(Debug, ClapArgs)]
pub struct ManArgs {
    /// Write the pages of all commands and topics to this directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub all: Option<PathBuf>,
}

/// The clap tree, for completions, the man page and tests.
pub fn tree() -> clap::Command {
    Args::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command and subcommand.
    fn commands() -> Vec<clap::Command> {
        let mut root = tree();
        root.build();
        let mut open = vec![root];
        let mut all = Vec::new();
        while let Some(command) = open.pop() {
            open.extend(command.get_subcommands().cloned());
            all.push(command);
        }
        all
    }

    #[test]
    fn the_tree_is_sound() {
        tree().debug_assert();
    }

    #[test]
    fn help_lines_have_at_most_80_characters() {
        for mut command in commands() {
            for text in [command.render_help(), command.render_long_help()] {
                for line in text.to_string().lines() {
                    let length = line.chars().count();
                    assert!(length <= 80, "{}: {line}", command.get_name());
                }
            }
            for arg in command.get_arguments() {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.chars().count() <= 80, "{}: {help}", command.get_name());
                assert!(!help.is_empty(), "{}: {}", command.get_name(), arg.get_id());
            }
        }
    }

    #[test]
    fn the_flags_of_serve_are_listed_by_topic() {
        let tree = tree();
        let serve = tree.find_subcommand("serve").expect("serve");
        let flags_of = |heading: Option<&str>| -> Vec<_> {
            let arguments = serve.get_arguments();
            let listed =
                arguments.filter(|arg| arg.get_help_heading() == heading && !arg.is_hide_set());
            listed.filter_map(clap::Arg::get_long).collect()
        };
        assert_eq!(
            flags_of(None),
            [
                "model",
                "model-alias",
                "any-model",
                "strict",
                "tools",
                "archive",
                "sync-every",
                "mcp-allow-ask",
                "drain",
                "print-unit"
            ]
        );
        assert_eq!(flags_of(Some("Network")), ["host", "port", "allow-host", "trust-proxy"]);
        assert_eq!(flags_of(Some("TLS")), ["tls-cert", "tls-key"]);
        let access = ["require-key", "no-server-token", "session-time"];
        assert_eq!(flags_of(Some("Access")), access);
        assert!(flags_of(Some("Limits")).iter().all(|flag| {
            ["limit", "max", "wait", "timeout"].iter().any(|word| flag.contains(word))
        }));
        assert!(flags_of(Some("Caching")).iter().all(|flag| flag.starts_with("cache-")));
        assert!(flags_of(Some("Logging")).iter().all(|flag| flag.starts_with("log-")));
        let topics = ["Network", "TLS", "Access", "Limits", "Caching", "Logging"];
        let listed: usize = topics.iter().map(|topic| flags_of(Some(topic)).len()).sum();
        let shown = serve.get_arguments().filter(|arg| !arg.is_hide_set()).count();
        assert_eq!(listed + flags_of(None).len(), shown);
    }

    #[test]
    fn debug_shows_no_values_of_flags() {
        let proxy = "http://user:canary@proxy.example:8080";
        let words = ["qwenctl", "serve", "--proxy", proxy];
        let args = Args::try_parse_from(words).expect("flags");
        assert!(!format!("{args:?}").contains("canary"), "{args:?}");
        let flags = given_flags(&tree().get_matches_from(words));
        assert_eq!(flags[0].values, [proxy]);
        let shown = format!("{flags:?}");
        assert!(shown.contains("--proxy") && !shown.contains("canary"), "{shown}");
    }

    #[test]
    fn a_flag_of_any_command_reaches_the_settings() {
        for line in [
            "send chat-1 hi --model m",
            "quick hi -m m",
            "chats new -m m",
            "serve -m m",
            "mcp --allow-ask -m m",
        ] {
            let words = ["qwenctl", "--proxy", "http://p:1"].into_iter().chain(line.split(' '));
            let overrides = Args::try_parse_from(words).expect(line).overrides();
            assert_eq!(overrides.model, Some("m".into()), "{line}");
            assert_eq!(overrides.proxy, Some("http://p:1".into()), "{line}");
        }
        let words =
            ["qwenctl", "serve", "--rate-limit", "1 per day", "--rate-limit-send", "2 per day"];
        let overrides = Args::try_parse_from(words).expect("limits").overrides();
        assert_eq!(overrides.rate_limit, Some("1 per day".into()));
        assert_eq!(overrides.rate_limit_send, Some("2 per day".into()));
    }
}
