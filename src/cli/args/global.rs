//! The flags that every command takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args as ClapArgs, ValueEnum, ValueHint};

use crate::domain::AccessToken;
use crate::settings::{Overrides, parse_duration, parse_duration_or_off};

const HEADING: &str = "Global options";

/// The flags that every command takes.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = HEADING)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct GlobalArgs {
    /// How to print the result
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT", default_value_t = Format::Pretty)]
    pub output: Format,
    /// The same as `-o json`
    #[arg(long, global = true, conflicts_with = "output")]
    pub json: bool,
    /// When to use colour [default: auto]
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto, hide_default_value = true, hide_short_help = true)]
    pub color: ColorChoice,
    /// Only the result and errors: no notes, no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// More about what happens, and request ids with errors
    #[arg(short, long, global = true, action = ArgAction::SetTrue)]
    pub verbose: bool,
    /// Use the built-in local upstream: no account, no network
    #[arg(long, global = true)]
    pub local: bool,
    /// Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url, conflicts_with = "api_url")]
    pub engine: Option<String>,
    /// The engine's model for every name it does not know, or for one; repeatable
    #[arg(long, global = true, value_name = "[NAME=]MODEL", hide_short_help = true)]
    pub engine_model: Vec<String>,
    /// How many tokens the engine's model can look at [default: what the engine says]
    #[arg(long, global = true, value_name = "TOKENS", hide_short_help = true)]
    pub engine_context: Option<String>,
    /// Never ask anything
    #[arg(long, global = true, hide_short_help = true)]
    pub no_input: bool,
    /// Do not read standard input
    #[arg(long, global = true, hide_short_help = true)]
    pub no_stdin: bool,
    /// Print Markdown as it is, also on a terminal
    #[arg(long, global = true, hide_short_help = true)]
    pub raw: bool,
    /// Read the access token from this file; `-` is standard input
    #[arg(long, global = true, value_name = "FILE", value_parser = token_file, value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub token_file: Option<PathBuf>,
    /// The config file
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub config: Option<PathBuf>,
    /// Base of the API
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url, conflicts_with = "local", hide_short_help = true)]
    pub api_url: Option<String>,
    /// A proxy for everything: http, https, socks5 or socks5h
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url, hide_short_help = true)]
    pub proxy: Option<String>,
    /// Certificates (PEM) to trust besides the system's
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub ca_file: Option<PathBuf>,
    /// How long to wait for a connection [default: 10s]
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration, hide_short_help = true)]
    pub connect_timeout: Option<Duration>,
    /// How long the upstream may be silent [default: 3m]
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration, hide_short_help = true)]
    pub idle_timeout: Option<Duration>,
    /// How long the whole command may take [default: off]
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration_or_off, hide_short_help = true)]
    pub max_time: Option<Duration>,
    /// How the local upstream cuts its answers: event, byte, random, utf8, many
    #[arg(long, global = true, value_name = "MODE", hide_short_help = true)]
    pub chunking: Option<String>,
    /// A fault that the local upstream makes, such as `F66`; repeatable
    #[arg(long, global = true, value_name = "NAME[:ARG]", hide_short_help = true)]
    pub fault: Vec<String>,
}

/// Refuses a token where the name of its file belongs.
fn token_file(name: &str) -> Result<PathBuf, String> {
    if AccessToken::parse(name).is_ok() {
        return Err("this is a token; put it into a file, or set QWEN_TOKEN".to_owned());
    }
    Ok(PathBuf::from(name))
}

/// How to print the result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people; plain text or tab-separated columns in a pipe.
    #[default]
    Pretty,
    /// One JSON document.
    Json,
    /// One JSON document a line: the events of `send` and `quick` as they come.
    Ndjson,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise.
    #[default]
    Auto,
    /// Also in pipes.
    Always,
    /// Not at all.
    Never,
}

impl GlobalArgs {
    /// The format that counts.
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { self.output }
    }

    /// Whether the local upstream is meant: an engine is a part of it.
    pub fn is_local(&self) -> bool {
        self.local || self.engine.is_some()
    }

    /// What these flags say about the settings.
    pub fn overrides(&self, model: Option<&str>) -> Overrides {
        Overrides {
            config_file: self.config.clone(),
            api_url: self.api_url.clone(),
            proxy: self.proxy.clone(),
            ca_file: self.ca_file.clone(),
            connect_timeout: self.connect_timeout,
            idle_timeout: self.idle_timeout,
            max_time: self.max_time,
            model: model.map(str::to_owned),
            token_file: self.token_file.clone(),
            engine: self.engine.clone(),
            engine_model: self.engine_model.clone(),
            engine_context: self.engine_context.clone(),
            ..Overrides::default()
        }
    }
}
