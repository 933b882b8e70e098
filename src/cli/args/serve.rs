//! `serve`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum, ValueHint};

use crate::settings::parse_duration;

/// `serve`
#[derive(Debug, ClapArgs)]
pub struct ServeArgs {
    /// The address to listen at; anything but a loopback address opens the server to the network
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: String,
    /// The port; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 5001)]
    pub port: u16,
    /// Another name of this server that may stand in `Host`; repeatable
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<String>,
    /// Never use a token of the server's own: every caller brings one
    #[arg(long)]
    pub no_server_token: bool,
    /// The model for prompts that do not name one
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
    /// How long running requests may go on after the first Ctrl-C or SIGTERM
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "30s")]
    pub drain: Duration,
    /// How long a prompt waits for earlier ones of the same chat
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "60s")]
    pub chat_wait: Duration,
    /// The longest request body, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20, value_parser = max_body)]
    pub max_body: usize,
    /// Keep lists of chats, chats and statistics for this long
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub cache_lists: Option<Duration>,
    /// Answer equal questions to `quick` with the same answer for this long; no chat gets it twice
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub cache_answers: Option<Duration>,
    /// What all caches may take together, in bytes; 0 keeps nothing
    #[arg(long, value_name = "BYTES", default_value_t = 32 << 20)]
    pub cache_size: usize,
    /// How the lines of the log look
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormatArg::Text)]
    pub log_format: LogFormatArg,
    /// Write the log to this file instead of standard error
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub log_file: Option<PathBuf>,
    /// Begin a new log file when the old one has this many bytes; 0 never does
    #[arg(long, value_name = "BYTES", default_value_t = 10 << 20)]
    pub log_max_size: u64,
    /// How many old log files to keep
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub log_keep: u32,
    /// Write prompts and answers into the log
    #[arg(long)]
    pub log_bodies: bool,
}

/// How the lines of the log look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormatArg {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

/// At least something, and not more than a machine can hold for many callers at a time.
fn max_body(text: &str) -> Result<usize, String> {
    const MOST: usize = 64 << 20;
    let bytes = text.parse().ok().filter(|bytes| (1..=MOST).contains(bytes));
    bytes.ok_or_else(|| format!("a whole number of bytes, from 1 to {MOST}"))
}
