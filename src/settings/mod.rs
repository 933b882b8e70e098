//! The settings: flag, then environment, then config file, then default.
//!
//! * [`SETTINGS`] lists every setting once, with its key, variable, flag and default.
//! * [`resolve()`] is a pure function to plain [`Settings`], each with its [`Origin`]; [`load()`] reads
//!   the config file first.
//! * [`CredentialStore`] stores the tokens and [`KeyStore`] the API keys; [`Loaded::find_tokens`] chooses
//!   the tokens of a run.
//!
//! What this module keeps true: reading and finding tokens never write (only `token set`, a refresh,
//! and the stamp of [`warn_once_a_day`] do); an invalid value is an error that names its origin; no
//! `Debug`, `Display` or error contains a secret; tokens never come from the config file.

mod credentials;
pub mod edit;
mod environment;
mod file;
mod keys;
mod parse;
mod paths;
mod private_file;
mod quotas;
mod reminder;
mod resolve;
mod schema;
mod show;
mod templates;
mod uploads;

pub use credentials::{AccountName, CredentialStore, FoundTokens, StoredAccount, TokenSource};
pub use environment::Environment;
pub use file::ConfigFile;
pub(crate) use file::nearest;
pub use keys::KeyStore;
pub use parse::{
    ArchiveMode, LongTexts, QuickChat, engine_names, parse_duration, parse_duration_or_off,
    show_duration,
};
pub use paths::Paths;
pub use quotas::{QuotaStore, SpentQuota};
pub use reminder::{Expiry, note_proxied, warn_once_a_day, was_proxied};
pub use resolve::{Loaded, Overrides, Settings, load, load_without_file, resolve};
pub use schema::{Form, SETTINGS, SettingSpec};
pub use show::{Origin, Setting, SettingRow};
pub use templates::{FilledTemplate, SKELETON, Template, Templates, parse_variable};

use crate::domain::Result;

impl Loaded {
    /// The store of the credentials of the account in the settings.
    pub fn credentials(&self) -> CredentialStore {
        self.paths.credentials().of_account(self.settings.account.value.clone())
    }

    /// The tokens of this run: `--token-file` or `--account`, then `QWEN_TOKEN` (with
    /// `QWEN_REFRESH_TOKEN`), then `QWENCTL_TOKEN_FILE`, then the stored account. May block.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::TokenInvalid`] if the first given one is unusable. There is no fallback
    /// to the next, which might be another account.
    pub fn find_tokens(&self, environment: &Environment) -> Result<Option<FoundTokens>> {
        let chosen = (&self.settings.token_file, &self.settings.account);
        credentials::find_tokens(chosen, environment, &self.credentials())
    }

    /// Whether [`Self::find_tokens`] reads standard input.
    ///
    /// # Errors
    /// If a deciding variable is not UTF-8.
    pub fn token_is_on_stdin(&self, environment: &Environment) -> Result<bool> {
        let chosen = (&self.settings.token_file, &self.settings.account);
        credentials::token_is_on_stdin(chosen, environment)
    }
}
