//! Where the program's settings come from: flag, then environment, then config file, then default.
//!
//! * [`SETTINGS`] lists every setting once, with its key, variable, flag and default.
//! * [`resolve()`] is a pure function from what was found to plain [`Settings`], each with its
//!   [`Origin`]; [`load()`] finds and reads the config file first.
//! * [`CredentialStore`] keeps the tokens and [`KeyStore`] the API keys, in files of their own; [`find_tokens`] says which tokens
//!   count and where they came from.
//!
//! What this module keeps true: reading never writes, and finding tokens neither (only `token set`, a
//! refresh, and the stamp of [`warn_once_a_day`] do); a value that cannot be used is an error that
//! names where it was written; no `Debug`, `Display` or error holds a secret; tokens never come from
//! the config file.

mod certificates;
mod credentials;
mod duration;
mod engine;
mod environment;
mod file;
mod home;
mod keys;
mod load;
mod paths;
mod private_file;
mod reminder;
mod resolve;
mod suggest;
mod table;
mod value;
mod values;

pub use credentials::{CredentialStore, FoundTokens, TokenSource, find_tokens, token_is_on_stdin};
pub use duration::{parse_duration, parse_duration_or_off, show_duration};
pub use engine::EngineModels;
pub use environment::Environment;
pub use file::ConfigFile;
pub use keys::KeyStore;
pub use load::{Loaded, load, load_without_file};
pub use paths::Paths;
pub use reminder::{Expiry, warn_once_a_day};
pub use resolve::{Overrides, resolve};
pub(crate) use suggest::nearest;
pub use table::{Form, SETTINGS, SettingSpec};
pub use values::{Origin, Setting, SettingRow, Settings};
