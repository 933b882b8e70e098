//! `serve`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueEnum, ValueHint};

use super::AccessArgs;
use crate::settings::parse_duration;

/// `serve`
#[derive(Debug, ClapArgs)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
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
    /// What `/v1` callers may say instead of a model's name; repeatable
    #[arg(long, value_name = "NAME=MODEL", value_parser = alias)]
    pub model_alias: Vec<(String, String)>,
    /// Let any other name of a model in `/v1` stand for the default one
    #[arg(long)]
    pub any_model: bool,
    /// Refuse `/v1` requests with parameters that cannot be honoured
    #[arg(long)]
    pub strict: bool,
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
    /// Who may come in, and how often.
    #[command(flatten)]
    pub access: AccessArgs,
    /// The server's certificate with those up to its authority (PEM): the server speaks HTTPS
    #[arg(long, value_name = "FILE", requires = "tls_key", value_hint = ValueHint::FilePath)]
    pub tls_cert: Option<PathBuf>,
    /// The private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert", value_hint = ValueHint::FilePath)]
    pub tls_key: Option<PathBuf>,
    /// Connections at a time; one address of another machine gets a quarter of them
    #[arg(long, value_name = "NUMBER", default_value_t = 8192, value_parser = max_connections, hide_short_help = true)]
    pub max_connections: usize,
    /// For a TLS handshake, for the head of a request, and between two pieces of its body; also how long an idle connection is kept
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value = "30s", hide_short_help = true)]
    pub client_timeout: Duration,
    /// For the whole body of a request
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value = "2m", hide_short_help = true)]
    pub body_timeout: Duration,
    /// How long a reader may take no byte of an answer before the model is stopped
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value = "1m", hide_short_help = true)]
    pub reader_timeout: Duration,
    /// Print how to run this server as a service, and end
    #[arg(long, value_name = "KIND", value_enum, num_args = 0..=1, default_missing_value = "systemd")]
    pub print_unit: Option<UnitKind>,
}

/// How the lines of the log look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormatArg {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

/// How a server is run for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UnitKind {
    /// A service of systemd.
    Systemd,
    /// The socket that systemd opens for that service.
    Socket,
    /// A Containerfile, and a compose file for it.
    Container,
}

/// A length of time that is not zero, which here would close everything at once.
fn some_time(text: &str) -> Result<Duration, String> {
    let time = parse_duration(text)?;
    if time.is_zero() { Err("must be longer than zero".to_owned()) } else { Ok(time) }
}

fn max_connections(text: &str) -> Result<usize, String> {
    const MOST: usize = 1 << 20;
    let count = text.parse().ok().filter(|count| (1..=MOST).contains(count));
    count.ok_or_else(|| format!("a whole number from 1 to {MOST}"))
}

/// At least something, and not more than a machine can hold for many callers at a time.
fn max_body(text: &str) -> Result<usize, String> {
    const MOST: usize = 64 << 20;
    let bytes = text.parse().ok().filter(|bytes| (1..=MOST).contains(bytes));
    bytes.ok_or_else(|| format!("a whole number of bytes, from 1 to {MOST}"))
}

/// A name and the model that it stands for.
fn alias(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').map(|(name, model)| (name.trim(), model.trim()));
    let parts = parts.filter(|(name, model)| !name.is_empty() && !model.is_empty());
    let (name, model) = parts.ok_or("a name, `=` and a model, such as gpt-4o=qwen3-max")?;
    Ok((name.to_owned(), model.to_owned()))
}
