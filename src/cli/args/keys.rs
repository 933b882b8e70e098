//! `keys …`

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args as ClapArgs, Subcommand};

use super::help;
use crate::domain::{RateLimit, Scope};

/// `keys …`
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make an API key and show it, once
    #[command(long_about = help::keys_create_about(), after_long_help = help::KEYS_CREATE)]
    Create(CreateKeyArgs),
    /// List the API keys, without the keys themselves
    List,
    /// Revoke an API key, and the sessions that were begun with it, at once
    Revoke(RevokeKeyArgs),
}

/// `keys create`
#[derive(Debug, ClapArgs)]
pub struct CreateKeyArgs {
    /// What to call it
    pub name: String,
    /// When it ends: `90d`, `12h`, `2027-01-01` or `2027-01-01T08:00:00Z`; never without it
    #[arg(long, value_name = "TIME")]
    pub expires: Option<String>,
    /// How often it may be used, instead of the server's `--rate-limit`; repeatable
    #[arg(long, value_name = "LIMIT")]
    pub limit: Vec<RateLimit>,
    /// What it allows: `read` to look, `send` to prompt as well, `admin` to delete as well
    #[arg(long, value_name = "SCOPE", default_value = "send", value_parser = scope())]
    pub scope: Scope,
}

/// `keys revoke`
#[derive(Debug, ClapArgs)]
pub struct RevokeKeyArgs {
    /// Its name or id
    #[arg(value_name = "NAME|ID")]
    pub key: String,
}

fn scope() -> impl clap::builder::TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.map(Scope::name)).try_map(|name| name.parse::<Scope>())
}
