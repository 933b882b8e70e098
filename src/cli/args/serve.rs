//! `serve`.

use std::time::Duration;

use clap::Args as ClapArgs;

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
