//! The global flags.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{EnumValueParser, TypedValueParser};
use clap::{ArgAction, Args as ClapArgs, ValueEnum, ValueHint};

use crate::domain::AccessToken;
use crate::settings::{Overrides, parse_duration, parse_duration_or_off, show_duration};

const HEADING: &str = "Global options";

/// The global flags. `Debug` shows no values: a URL may hold a password.
#[derive(Default, ClapArgs)]
#[command(next_help_heading = HEADING)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct GlobalArgs {
    /// Output format
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = "pretty", hide_default_value = true, value_parser = format())]
    pub output: OutputArg,
    /// Same as `-o json`
    #[arg(long, global = true, conflicts_with = "output")]
    pub json: bool,
    /// When to use colours [default: auto]
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto, hide_default_value = true, hide_short_help = true)]
    pub color: ColorChoice,
    /// Print only the result and errors, no notes or progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more details, such as causes and request ids
    #[arg(short, long, global = true, action = ArgAction::SetTrue)]
    pub verbose: bool,
    /// Use the built-in local upstream: no account, no network
    #[arg(long, global = true)]
    pub local: bool,
    /// Model server behind `--local`: its URL, or a name
    ///
    /// The names are ollama, lmstudio, dashscope and dashscope-intl. Implies `--local`: the local upstream keeps the chats, the engine writes the answers.
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url, conflicts_with = "api_url", hide_short_help = true)]
    pub engine: Option<String>,
    /// Engine model to use for NAME, or for every unknown model name; repeatable
    #[arg(long, global = true, value_name = "[NAME=]MODEL", hide_short_help = true)]
    pub engine_model: Vec<String>,
    /// Context window of the engine's model [default: reported by the engine]
    #[arg(long, global = true, value_name = "TOKENS", hide_short_help = true)]
    pub engine_context: Option<String>,
    /// Never prompt for input
    #[arg(long, global = true, hide_short_help = true)]
    pub no_input: bool,
    /// Do not read standard input
    #[arg(long, global = true, hide_short_help = true)]
    pub no_stdin: bool,
    /// Print Markdown unrendered, even on a terminal
    #[arg(long, global = true, hide_short_help = true)]
    pub raw: bool,
    /// Do not colour code by its language
    #[arg(long, global = true, hide_short_help = true)]
    pub no_highlight: bool,
    /// Use this stored account instead of the default one
    #[arg(long, global = true, value_name = "NAME", conflicts_with_all = ["token_file", "local", "engine"], hide_short_help = true)]
    pub account: Option<String>,
    /// Read the access token from this file; `-` is standard input
    #[arg(long, global = true, value_name = "FILE", value_parser = token_file, value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub token_file: Option<PathBuf>,
    /// Config file
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub config: Option<PathBuf>,
    /// Base URL of the API
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url, conflicts_with = "local", hide_short_help = true)]
    pub api_url: Option<String>,
    /// Proxy for all requests: an http, https, socks5 or socks5h URL
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url, hide_short_help = true)]
    pub proxy: Option<String>,
    /// Additional CA certificates to trust, in PEM format
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub ca_file: Option<PathBuf>,
    /// Timeout for connecting [default: 10s]
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration, hide_short_help = true)]
    pub connect_timeout: Option<Duration>,
    /// Timeout for a silent upstream [default: 3m]
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration, hide_short_help = true)]
    pub idle_timeout: Option<Duration>,
    /// Timeout for the whole command [default: off]
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_duration_or_off, hide_short_help = true)]
    pub max_time: Option<Duration>,
    /// How the local upstream splits answers: event, byte, random, utf8, many
    #[arg(long, global = true, value_name = "MODE", hide_short_help = true)]
    pub chunking: Option<String>,
    /// Make the local upstream fail in this way, such as `F66`; repeatable
    #[arg(long, global = true, value_name = "NAME[:ARG]", hide_short_help = true)]
    pub fault: Vec<String>,
}

impl fmt::Debug for GlobalArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GlobalArgs").finish_non_exhaustive()
    }
}

/// Refuses a token in place of a file name.
fn token_file(name: &str) -> Result<PathBuf, String> {
    if AccessToken::parse(name).is_ok() {
        return Err("this is a token; write it to a file, or set QWEN_TOKEN".to_owned());
    }
    Ok(PathBuf::from(name))
}

/// A repeatable flag as one text.
pub(super) fn list<T: ToString>(values: &[T]) -> Option<OsString> {
    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
    (!values.is_empty()).then(|| values.join("; ").into())
}

/// Output format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The default, for people; plain text or tab-separated columns in a pipe.
    #[default]
    Pretty,
    /// One JSON document.
    Json,
    /// One JSON document per line: the events of `send` and `quick` as they come.
    Ndjson,
}

/// The value of `-o`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputArg {
    /// A format.
    Format(Format),
    /// The destination of an export, which has a flag of this name of its own.
    Path(PathBuf),
}

impl Default for OutputArg {
    fn default() -> Self {
        Self::Format(Format::default())
    }
}

fn format() -> impl TypedValueParser<Value = OutputArg> {
    EnumValueParser::<Format>::new().map(OutputArg::Format)
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise.
    #[default]
    Auto,
    /// Also in pipes.
    Always,
    /// Not at all.
    Never,
}

impl GlobalArgs {
    /// The effective format.
    pub fn format(&self) -> Format {
        match self.output {
            _ if self.json => Format::Json,
            OutputArg::Format(format) => format,
            OutputArg::Path(_) => Format::default(),
        }
    }

    /// Whether the local upstream is used: an engine implies it.
    pub fn is_local(&self) -> bool {
        self.local || self.engine.is_some()
    }

    /// The settings that these flags override.
    pub(in crate::cli) fn overrides(&self) -> Overrides {
        Overrides {
            config_file: self.config.clone(),
            api_url: self.api_url.clone().map(Into::into),
            proxy: self.proxy.clone().map(Into::into),
            ca_file: self.ca_file.clone().map(Into::into),
            connect_timeout: self.connect_timeout.map(|time| show_duration(time).into()),
            idle_timeout: self.idle_timeout.map(|time| show_duration(time).into()),
            max_time: self.max_time.map(|time| show_duration(time).into()),
            highlight: self.no_highlight.then(|| "false".into()),
            account: self.account.clone().map(Into::into),
            token_file: self.token_file.clone().map(Into::into),
            engine: self.engine.clone().map(Into::into),
            engine_model: list(&self.engine_model),
            engine_context: self.engine_context.clone().map(Into::into),
            ..Overrides::default()
        }
    }
}
