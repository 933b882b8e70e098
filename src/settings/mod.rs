//! The settings: flag, then environment, then config file, then default.
//!
//! * [`SETTINGS`] lists every setting once, with its key, variable, flag and default.
//! * [`resolve()`] is a pure function to plain [`Settings`], each with its [`Origin`]; [`load()`] reads
//!   the config file first.
//! * [`CredentialStore`] stores the tokens and [`KeyStore`] the API keys; [`find_tokens`] chooses the
//!   tokens of a run.
//!
//! What this module keeps true: reading and finding tokens never write (only `token set`, a refresh,
//! and the stamp of [`warn_once_a_day`] do); an invalid value is an error that names its origin; no
//! `Debug`, `Display` or error contains a secret; tokens never come from the config file.

mod credentials;
mod environment;
mod file;
mod keys;
mod parse;
mod paths;
mod private_file;
mod reminder;
mod resolve;
mod schema;
mod show;

pub use credentials::{CredentialStore, FoundTokens, TokenSource, find_tokens, token_is_on_stdin};
pub use environment::Environment;
pub use file::ConfigFile;
pub(crate) use file::nearest;
pub use keys::KeyStore;
pub use parse::{QuickChat, engine_names, parse_duration, parse_duration_or_off, show_duration};
pub use paths::Paths;
pub use reminder::{Expiry, warn_once_a_day};
pub use resolve::{Loaded, Overrides, Settings, load, load_without_file, resolve};
pub use schema::{Form, SETTINGS, SettingSpec};
pub use show::{Origin, Setting, SettingRow};
