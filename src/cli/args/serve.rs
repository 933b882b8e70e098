//! `serve` and the API keys of its clients.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args as ClapArgs, Subcommand, ValueEnum, ValueHint};
use ipnet::IpNet;

use super::help;
use crate::domain::{RateLimit, Scope};
use crate::server::ToolsMode;
use crate::settings::parse_duration;

const NETWORK: &str = "Network";
const TLS: &str = "TLS";
const ACCESS: &str = "Access";
const LIMITS: &str = "Limits";
const CACHING: &str = "Caching";
const LOGGING: &str = "Logging";

/// `serve`
#[derive(Debug, ClapArgs)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct ServeArgs {
    /// Model for prompts that name none
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Alias for a model in `/v1` requests; repeatable
    #[arg(long, value_name = "NAME=MODEL", value_parser = alias)]
    pub model_alias: Vec<(String, String)>,
    /// Use the default model for unknown model names in `/v1` requests
    #[arg(long)]
    pub any_model: bool,
    /// Reject `/v1` requests with unsupported parameters
    #[arg(long)]
    pub strict: bool,
    /// Client tools in `/v1`: `text` (in the prompt; also `auto`) or `off`
    #[arg(long, value_name = "MODE", default_value = "text", value_parser = ToolsMode::from_str)]
    pub tools: ToolsMode,
    /// Search the archive of your account (see `qwenctl chats sync`)
    #[arg(long)]
    pub archive: bool,
    /// Sync the archive at the start and after each interval; implies `--archive`
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub sync_every: Option<Duration>,
    /// Let clients at `/mcp` also send prompts
    #[arg(long)]
    pub mcp_allow_ask: bool,
    /// Grace period for running requests after the first Ctrl-C or SIGTERM
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "30s")]
    pub drain: Duration,
    /// Print a systemd unit for this command line and exit
    #[arg(long, value_name = "KIND", value_enum, num_args = 0..=1, default_missing_value = "systemd")]
    pub print_unit: Option<UnitKind>,

    /// Address to listen on; any but a loopback address is open to the network
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", help_heading = NETWORK)]
    pub host: String,
    /// Port to listen on; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 5001, help_heading = NETWORK)]
    pub port: u16,
    /// Additional host name to accept in the `Host` header; repeatable
    #[arg(long, value_name = "NAME", help_heading = NETWORK)]
    pub allow_host: Vec<String>,
    /// Trust `X-Forwarded-For` and `Forwarded` from this proxy; repeatable
    ///
    /// The value is an address or a network. Without a value, loopback addresses are trusted.
    #[arg(long, value_name = "NETWORK", num_args = 0..=1, require_equals = true, default_missing_value = "loopback", value_parser = proxy, help_heading = NETWORK)]
    pub trust_proxy: Vec<Proxy>,

    /// Certificate chain in PEM format; enables HTTPS
    #[arg(long, value_name = "FILE", requires = "tls_key", value_hint = ValueHint::FilePath, help_heading = TLS)]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate in PEM format
    #[arg(long, value_name = "FILE", requires = "tls_cert", value_hint = ValueHint::FilePath, help_heading = TLS)]
    pub tls_key: Option<PathBuf>,

    /// Require an API key from every client, even on this machine
    #[arg(long, help_heading = ACCESS)]
    pub require_key: bool,
    /// Never use the server's own access token; clients must send their own
    #[arg(long, help_heading = ACCESS)]
    pub no_server_token: bool,
    /// Lifetime of a login session
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "1h", help_heading = ACCESS)]
    pub session_time: Duration,

    /// Request limit per client, such as "100 per day"; repeatable
    ///
    /// A client is an API key, else an account, else an address.
    #[arg(long, value_name = "LIMIT", help_heading = LIMITS)]
    pub rate_limit: Vec<RateLimit>,
    /// Prompt limit per client, such as "20 per minute"; repeatable
    #[arg(long, value_name = "LIMIT", help_heading = LIMITS)]
    pub rate_limit_send: Vec<RateLimit>,
    /// Maximum number of concurrent requests; more are queued (see --max-queue)
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = LIMITS)]
    pub max_inflight: Option<usize>,
    /// Maximum number of queued requests; more are refused with status 503
    #[arg(long, value_name = "N", default_value_t = 64, help_heading = LIMITS)]
    pub max_queue: usize,
    /// Maximum time a prompt is queued behind earlier ones of the same chat
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "60s", help_heading = LIMITS)]
    pub chat_wait: Duration,
    /// Maximum time until a streamed response begins, with heartbeats
    ///
    /// A prompt that fails before has its HTTP status; later it is an event.
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value = "10s", help_heading = LIMITS, hide_short_help = true)]
    pub stream_wait: Duration,
    /// Maximum size of a request body, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20, value_parser = max_body, help_heading = LIMITS)]
    pub max_body: usize,
    /// Maximum number of connections; a remote address may hold a quarter
    #[arg(long, value_name = "N", default_value_t = 8192, value_parser = max_connections, help_heading = LIMITS, hide_short_help = true)]
    pub max_connections: usize,
    /// Timeout for a TLS handshake, a request head and an idle connection
    ///
    /// It is also the timeout between two pieces of a request body.
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value = "30s", help_heading = LIMITS, hide_short_help = true)]
    pub client_timeout: Duration,
    /// Timeout for a whole request body
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value = "2m", help_heading = LIMITS, hide_short_help = true)]
    pub body_timeout: Duration,
    /// Timeout for a client that stops reading an answer; stops the model
    #[arg(long, value_name = "TIME", value_parser = some_time, default_value = "1m", help_heading = LIMITS, hide_short_help = true)]
    pub reader_timeout: Duration,

    /// Cache chat lists, chats and statistics for this long
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = CACHING)]
    pub cache_lists: Option<Duration>,
    /// Reuse the answer to an identical `quick` prompt for this long
    #[arg(long, value_name = "TIME", value_parser = parse_duration, help_heading = CACHING)]
    pub cache_answers: Option<Duration>,
    /// Maximum size of all caches together, in bytes; 0 disables caching
    #[arg(long, value_name = "BYTES", default_value_t = 32 << 20, help_heading = CACHING, hide_short_help = true)]
    pub cache_size: usize,

    /// Format of the log lines
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormatArg::Text, help_heading = LOGGING)]
    pub log_format: LogFormatArg,
    /// Write the log to this file instead of standard error
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = LOGGING)]
    pub log_file: Option<PathBuf>,
    /// Log prompts and answers
    #[arg(long, help_heading = LOGGING, hide_short_help = true)]
    pub log_bodies: bool,
    /// Removed: use logrotate
    #[arg(long, value_name = "BYTES", hide = true)]
    pub log_max_size: Option<String>,
    /// Removed: use logrotate
    #[arg(long, value_name = "N", hide = true)]
    pub log_keep: Option<String>,
}

/// Format of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormatArg {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// What `--print-unit` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UnitKind {
    /// A systemd service.
    Systemd,
    /// The systemd socket of that service.
    Socket,
    /// Refused: replaced by `tests/release/Containerfile`.
    #[value(hide = true)]
    Container,
}

/// Trusted proxies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// Those on this machine.
    Loopback,
    /// Those in a network.
    Network(IpNet),
}

impl Proxy {
    /// The trusted networks.
    pub fn networks(&self) -> Vec<IpNet> {
        match self {
            Self::Network(network) => vec![*network],
            Self::Loopback => {
                let loopback = ["127.0.0.0/8", "::1/128"].iter();
                loopback.filter_map(|network| network.parse().ok()).collect()
            }
        }
    }
}

fn proxy(text: &str) -> Result<Proxy, String> {
    if text == "loopback" {
        return Ok(Proxy::Loopback);
    }
    let network = text.parse::<IpNet>().ok();
    let network = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    network
        .map(Proxy::Network)
        .ok_or_else(|| "must be an address or a network, such as 10.0.0.1 or 10.0.0.0/8".to_owned())
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "must be a whole number of at least 1".to_owned())
}

/// A zero timeout would close every connection at once.
fn some_time(text: &str) -> Result<Duration, String> {
    let time = parse_duration(text)?;
    if time.is_zero() { Err("must be longer than zero".to_owned()) } else { Ok(time) }
}

fn max_connections(text: &str) -> Result<usize, String> {
    const MOST: usize = 1 << 20;
    let count = text.parse().ok().filter(|count| (1..=MOST).contains(count));
    count.ok_or_else(|| format!("must be a whole number from 1 to {MOST}"))
}

/// The upper bound is what a machine can hold for many clients at a time.
fn max_body(text: &str) -> Result<usize, String> {
    const MOST: usize = 64 << 20;
    let bytes = text.parse().ok().filter(|bytes| (1..=MOST).contains(bytes));
    bytes.ok_or_else(|| format!("must be a whole number of bytes from 1 to {MOST}"))
}

/// An alias and its model.
fn alias(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').map(|(name, model)| (name.trim(), model.trim()));
    let parts = parts.filter(|(name, model)| !name.is_empty() && !model.is_empty());
    let (name, model) = parts.ok_or("must be NAME=MODEL, such as gpt-4o=qwen3-max")?;
    Ok((name.to_owned(), model.to_owned()))
}

/// `keys …`
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Create an API key and print it once
    #[command(long_about = help::keys_create_about(), after_long_help = help::KEYS_CREATE)]
    Create(CreateKeyArgs),
    /// List the API keys, without the keys themselves
    List,
    /// Revoke an API key and its login sessions immediately
    Revoke(RevokeKeyArgs),
}

/// `keys create`
#[derive(Debug, ClapArgs)]
pub struct CreateKeyArgs {
    /// Name of the key
    pub name: String,
    /// Expiry date or lifetime: `2027-01-01`, `2027-01-01T08:00:00Z`, `90d`, `12h`
    #[arg(long, value_name = "TIME")]
    pub expires: Option<String>,
    /// Request limit that replaces the server's `--rate-limit`; repeatable
    #[arg(long, value_name = "LIMIT")]
    pub limit: Vec<RateLimit>,
    /// Scope: `read`, `send` (read and prompt) or `admin` (also delete)
    #[arg(long, value_name = "SCOPE", default_value = "send", value_parser = scope())]
    pub scope: Scope,
}

/// `keys revoke`
#[derive(Debug, ClapArgs)]
pub struct RevokeKeyArgs {
    /// Name or id of the key
    #[arg(value_name = "NAME|ID")]
    pub key: String,
}

fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.map(Scope::name)).try_map(|name| name.parse::<Scope>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trusted_proxies_are_addresses_networks_or_loopback() {
        let networks = |text: &str| -> Vec<String> {
            let proxy = proxy(text).expect(text);
            proxy.networks().iter().map(ToString::to_string).collect()
        };
        assert_eq!(networks("loopback"), ["127.0.0.0/8", "::1/128"]);
        assert_eq!(networks("10.0.0.0/8"), ["10.0.0.0/8"]);
        assert_eq!(networks("10.1.2.3"), ["10.1.2.3/32"]);
        assert_eq!(networks("2001:db8::1"), ["2001:db8::1/128"]);
        assert!(proxy("proxy.example").is_err() && proxy("10.0.0.0/64").is_err());
    }
}
