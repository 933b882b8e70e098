//! `chats …`, and the prompts that go to a chat: `send`, `quick` and `chat`.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{
    NonEmptyStringValueParser, PathBufValueParser, PossibleValuesParser, TypedValueParser,
};
use clap::{ArgGroup, Args as ClapArgs, Subcommand, ValueEnum, ValueHint};

use super::global::OutputArg;
use super::help;
use crate::app::chats::ChatRef;
use crate::app::export::Format as ExportFormat;
use crate::app::import::Format as ImportFormat;
use crate::domain::RateLimit;
use crate::settings::{parse_duration, parse_duration_or_off, parse_variable};

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
    /// Copy your chats into the local archive
    #[command(long_about = help::CHATS_SYNC_ABOUT, after_long_help = help::CHATS_SYNC)]
    Sync(SyncArgs),
    /// Search the local archive for words
    #[command(long_about = help::CHATS_SEARCH_ABOUT, after_long_help = help::CHATS_SEARCH)]
    Search(SearchArgs),
    /// Export chats to files, or to standard output
    #[command(long_about = help::CHATS_EXPORT_ABOUT, after_long_help = help::CHATS_EXPORT)]
    Export(ExportArgs),
    /// Import chats of other programs into the local archive
    #[command(long_about = help::CHATS_IMPORT_ABOUT, after_long_help = help::CHATS_IMPORT)]
    Import(ImportArgs),
    /// Show the messages of a chat
    #[command(after_long_help = help::CHATS_SHOW)]
    Show(ShowArgs),
    /// Delete chats
    #[command(alias = "rm", after_long_help = help::CHATS_DELETE)]
    Delete(DeleteArgs),
    /// List, restore and purge deleted chats
    #[command(subcommand, after_long_help = help::CHATS_TRASH)]
    Trash(TrashCommand),
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
#[allow(clippy::struct_excessive_bools, reason = "each is a flag")]
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
    /// The chats in the local archive, without asking the upstream
    #[arg(long, group = "list", conflicts_with_all = ["all", "page"])]
    pub archived_locally: bool,
    /// Only chats of this project (id or name)
    #[arg(long, value_name = "PROJECT", group = "list")]
    pub project: Option<String>,
}

fn rate(text: &str) -> Result<RateLimit, String> {
    text.parse::<RateLimit>().map_err(|error| error.to_string())
}

/// `chats sync`
#[derive(Debug, ClapArgs)]
pub struct SyncArgs {
    /// Only these chats: ids, unique beginnings of them, `last`, or `@N`
    #[arg(value_name = "ID")]
    pub ids: Vec<ChatRef>,
    /// List all chats and retry all failed ones, not only what has changed
    #[arg(long, conflicts_with = "ids")]
    pub full: bool,
    /// Accept that many chats are deleted upstream
    #[arg(long, requires = "full")]
    pub accept_gone: bool,
    /// Maximum rate of requests [default: 3/second]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<RateLimit>,
    /// Repeat after a pause such as `5m`, until Ctrl-C
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub watch: Option<Duration>,
}

/// The order of search results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SearchOrder {
    /// By the last activity of the chat
    Newest,
    /// By relevance
    Best,
}

/// `chats search`
#[derive(Debug, ClapArgs)]
pub struct SearchArgs {
    /// Words, "phrases", -excluded words, OR, and filters
    #[arg(required = true)]
    pub query: Vec<String>,
    /// Where to search: titles, messages, thinking; comma-separated
    #[arg(long, value_name = "PARTS")]
    pub r#in: Option<String>,
    /// Only messages with this role
    #[arg(long, value_parser = ["user", "assistant", "system"])]
    pub role: Option<String>,
    /// Only messages of this model
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub model: Option<String>,
    /// Only since a date, or within a time such as `3d`
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only before a date, or before an age such as `3d`
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only this chat: its id, or the beginning of it
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub chat: Option<String>,
    /// Order of the results
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = SearchOrder::Newest)]
    pub sort: SearchOrder,
    /// Search for the text exactly as it is
    #[arg(short = 'F', long, conflicts_with = "regex")]
    pub literal: bool,
    /// Search for a regular expression
    #[arg(short = 'E', long)]
    pub regex: bool,
    /// Maximum number of results
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Search the archived chats of all accounts
    #[arg(long)]
    pub all_accounts: bool,
}

fn export_format() -> impl TypedValueParser<Value = ExportFormat> {
    PossibleValuesParser::new(ExportFormat::ALL.map(|(name, _)| name)).map(|given| {
        let found = ExportFormat::ALL.into_iter().find(|(name, _)| *name == given);
        found.map_or(ExportFormat::Json, |(_, format)| format)
    })
}

fn destination() -> impl TypedValueParser<Value = OutputArg> {
    PathBufValueParser::new().map(OutputArg::Path)
}

/// Which messages are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BranchesArg {
    /// Those of the current branch
    Current,
    /// All
    All,
}

/// Where the files of an export stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LayoutArg {
    /// All in one directory
    Flat,
    /// In directories for years and months
    #[value(name = "year/month")]
    YearMonth,
}

/// `chats export`
#[derive(Debug, ClapArgs)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct ExportArgs {
    /// Chat ids, unique beginnings of them, `last`, or `@N` for row N of the list
    #[arg(value_name = "ID")]
    pub ids: Vec<ChatRef>,
    /// Export all archived chats
    #[arg(long, conflicts_with = "ids")]
    pub all: bool,
    /// Only chats active since a date, or within a time such as `3d`
    #[arg(long, value_name = "TIME", conflicts_with = "ids")]
    pub since: Option<String>,
    /// Only chats not active since a date, or within a time such as `90d`
    #[arg(long, value_name = "TIME", conflicts_with = "ids")]
    pub until: Option<String>,
    /// Only chats that match a query of `chats search`
    #[arg(long, value_name = "QUERY", conflicts_with = "ids")]
    pub r#match: Option<String>,
    /// Format of the export
    #[arg(long, value_name = "FORMAT", value_parser = export_format())]
    pub format: ExportFormat,
    /// Directory or file to write; `-` is standard output [default: -]
    #[arg(short, long, value_name = "PATH", value_parser = destination(), value_hint = ValueHint::AnyPath)]
    pub output: Option<OutputArg>,
    /// Messages to export [default: as the format has them]
    #[arg(long, value_enum, value_name = "WHICH")]
    pub branches: Option<BranchesArg>,
    /// Include the model's thoughts in md, html, sharegpt and openai-jsonl
    #[arg(long)]
    pub thinking: bool,
    /// Include what the service sent, in ndjson
    #[arg(long)]
    pub raw: bool,
    /// Write only files that have changed; rename those of renamed chats
    #[arg(long)]
    pub update: bool,
    /// Directories for the files
    #[arg(long, value_enum, default_value_t = LayoutArg::Flat)]
    pub layout: LayoutArg,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Export archived chats of all accounts
    #[arg(long, conflicts_with = "ids")]
    pub all_accounts: bool,
}

fn import_format() -> impl TypedValueParser<Value = Option<ImportFormat>> {
    let names = ImportFormat::ALL.map(|(name, _)| name);
    PossibleValuesParser::new(["auto"].into_iter().chain(names)).map(|given| {
        let found = ImportFormat::ALL.into_iter().find(|(name, _)| *name == given);
        found.map(|(_, format)| format)
    })
}

/// `chats import`
#[derive(Debug, ClapArgs)]
pub struct ImportArgs {
    /// Files to import, also ZIP archives; `-` is standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Format of the files
    #[arg(long, value_name = "FORMAT", default_value = "auto", value_parser = import_format())]
    pub format: std::option::Option<ImportFormat>,
    /// Read the files, and change nothing
    #[arg(long)]
    pub dry_run: bool,
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
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("selection").multiple(true))]
pub struct DeleteArgs {
    /// Chat ids, unique beginnings of them, `last`, or `@N` for row N of the list
    #[arg(value_name = "ID", required_unless_present = "selection")]
    pub ids: Vec<ChatRef>,
    /// Chats whose last message is older than a time such as `90d`
    #[arg(long, value_name = "TIME", group = "selection", conflicts_with = "ids")]
    pub older_than: Option<String>,
    /// Chats that this search finds (see `qwenctl chats search`)
    #[arg(long, value_name = "QUERY", group = "selection", conflicts_with = "ids")]
    pub r#match: Option<String>,
    /// Chats of this model
    #[arg(long, value_name = "MODEL", group = "selection", conflicts_with = "ids")]
    pub model: Option<String>,
    /// Chats without messages
    #[arg(long, group = "selection", conflicts_with = "ids")]
    pub empty: bool,
    /// Pinned chats, too
    #[arg(long, requires = "selection")]
    pub pinned: bool,
    /// Do not sync the archive before chats are selected
    #[arg(long, requires = "selection", conflicts_with = "no_archive")]
    pub no_sync: bool,
    /// Maximum number of chats with `--yes` [default: 500]
    #[arg(long, value_name = "N", requires = "selection", value_parser = at_least_one)]
    pub max: Option<u32>,
    /// Delete without confirmation
    #[arg(short, long)]
    pub yes: bool,
    /// List the chats that would be deleted, and delete none
    #[arg(long)]
    pub dry_run: bool,
    /// Delete after this time, until which it can be undone
    #[arg(long, value_name = "TIME", value_parser = parse_duration_or_off)]
    pub grace: Option<Duration>,
    /// Keep no copy in the archive
    #[arg(long, conflicts_with = "grace")]
    pub no_archive: bool,
}

/// `chats trash …`
#[derive(Debug, Subcommand)]
pub enum TrashCommand {
    /// List deleted chats, and those that will be
    #[command(alias = "ls")]
    List,
    /// Show the messages of a chat in the trash
    Show(TrashShowArgs),
    /// Cancel a deletion, or put a deleted chat back into the archive
    #[command(after_long_help = help::CHATS_TRASH_RESTORE)]
    Restore(RestoreArgs),
    /// Remove the copies of deleted chats for good
    #[command(after_long_help = help::CHATS_TRASH_PURGE)]
    Purge(PurgeArgs),
}

/// `chats trash show`
#[derive(Debug, ClapArgs)]
pub struct TrashShowArgs {
    /// Chat id, or a unique beginning of it
    pub id: String,
    /// Show all branches, indented, instead of the current one
    #[arg(long)]
    pub tree: bool,
}

/// `chats trash restore`
#[derive(Debug, ClapArgs)]
pub struct RestoreArgs {
    /// Chat id, or a unique beginning of it
    pub id: String,
    /// Make a new chat with the transcript; costs one answer
    #[arg(long)]
    pub as_new: bool,
    /// Model of the new chat
    #[arg(short, long, value_name = "MODEL", requires = "as_new")]
    pub model: Option<String>,
    /// Make the new chat without confirmation
    #[arg(short, long, requires = "as_new")]
    pub yes: bool,
}

/// `chats trash purge`
#[derive(Debug, ClapArgs)]
pub struct PurgeArgs {
    /// Chat ids, or unique beginnings of them
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    pub ids: Vec<String>,
    /// All deleted chats of the trash
    #[arg(long)]
    pub all: bool,
    /// Purge without confirmation
    #[arg(short, long)]
    pub yes: bool,
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

/// `chat`
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, ClapArgs)]
pub struct ConversationArgs {
    /// Chat to continue: id, beginning of it, `last`, `@N` [default: a new chat]
    pub id: Option<ChatRef>,
    /// Continue the most recent chat
    #[arg(short, long, conflicts_with = "id")]
    pub r#continue: bool,
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
    /// Attach a file: a path, a URL, or `-` for standard input; repeatable
    #[arg(short, long, value_name = "PATH|URL|-", value_hint = ValueHint::FilePath)]
    pub file: Vec<String>,
    /// When to send a long message as a file [default: auto]
    #[arg(long, value_name = "WHEN", value_parser = ["auto", "always", "never"])]
    pub long_as_file: Option<String>,
    /// Print the tokens and the time of each answer
    #[arg(long)]
    pub usage: bool,
    /// Notify at the end of an answer that takes more than 10 seconds
    #[arg(long)]
    pub notify: bool,
    /// Begin with this template (see `qwenctl templates`)
    #[arg(short, long, value_name = "NAME")]
    pub template: Option<String>,
    /// Value of a variable of the template; repeatable
    #[arg(long, value_name = "NAME=VALUE", requires = "template", value_parser = parse_variable)]
    pub var: Vec<(String, String)>,
    /// Do not read or write the history of prompts
    #[arg(long)]
    pub no_history: bool,
    /// Send prompts although the quota is known to be used up
    #[arg(long)]
    pub force: bool,
}

/// The flags of `send` and `quick`.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
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
    /// Attach a file: a path, a URL, or `-` for standard input; repeatable
    #[arg(short, long, value_name = "PATH|URL|-", value_hint = ValueHint::FilePath)]
    pub file: Vec<String>,
    /// When to send a long message as a file [default: auto]
    #[arg(long, value_name = "WHEN", value_parser = ["auto", "always", "never"])]
    pub long_as_file: Option<String>,
    /// Print the answer only when it is complete
    #[arg(long)]
    pub no_stream: bool,
    /// Edit the message in $VISUAL or $EDITOR before it is sent
    #[arg(short, long)]
    pub edit: bool,
    /// Use this template (see `qwenctl templates`)
    #[arg(short, long, value_name = "NAME")]
    pub template: Option<String>,
    /// Value of a variable of the template; repeatable
    #[arg(long, value_name = "NAME=VALUE", requires = "template", value_parser = parse_variable)]
    pub var: Vec<(String, String)>,
    /// Write the answer to a new file instead of standard output
    #[arg(short = 'O', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Print only the first code block, in a language if given
    #[arg(long, value_name = "LANG", num_args = 0..=1, require_equals = true)]
    pub extract: Option<Option<String>>,
    /// Print the tokens and the time of the answer
    #[arg(long)]
    pub usage: bool,
    /// Notify at the end of an answer that takes more than 10 seconds
    #[arg(long)]
    pub notify: bool,
    /// Overwrite the file of `--out`, and send even if the quota is used up
    #[arg(long)]
    pub force: bool,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl PromptArgs {
    /// Those of a conversation whose only prompt is standard input.
    pub(in crate::cli) fn of_conversation(args: &ConversationArgs) -> Self {
        Self {
            message: None,
            model: args.model.clone(),
            system: args.system.clone(),
            think: args.think,
            search: args.search,
            file: args.file.clone(),
            long_as_file: args.long_as_file.clone(),
            no_stream: false,
            edit: false,
            template: args.template.clone(),
            var: args.var.clone(),
            out: None,
            extract: None,
            usage: args.usage,
            notify: args.notify,
            force: args.force,
            dry_run: false,
        }
    }
}
