//! The settings on a real disk.

mod store;
mod tokens;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use qwenctl::client::ClientConfig;
use qwenctl::domain::{AccessToken, RefreshToken, Tokens};
use qwenctl::settings::{CredentialStore, Environment, FoundTokens, Overrides, load};
use tempfile::TempDir;

/// Composed at run time; the account makes two of them differ.
fn token_text(account: &str, exp: i64) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let payload = format!(r#"{{"id":"{account}","exp":{exp}}}"#);
    format!("{}.{}.{}", part(r#"{"alg":"HS256"}"#), part(&payload), part("canary-signature"))
}

fn tokens(account: &str, exp: i64, refresh: Option<&str>) -> Tokens {
    Tokens {
        refresh: refresh.map(|text| RefreshToken::parse(text).expect("a refresh token")),
        ..AccessToken::parse(&token_text(account, exp)).expect("a token").into()
    }
}

fn expiry(tokens: &Tokens) -> i64 {
    tokens.access.claims().expires_at.expect("an expiry")
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("a file").mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a change of mode");
}

/// A home directory of its own, with the environment that names it.
struct Home {
    directory: TempDir,
}

impl Home {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    fn environment(&self, pairs: &[(&str, &str)]) -> Environment {
        let home = self.directory.path().to_str().expect("a plain path");
        Environment::from_pairs([("HOME", home)].into_iter().chain(pairs.iter().copied()))
    }

    fn config(&self) -> PathBuf {
        self.directory.path().join(".config/qwenctl/config.toml")
    }

    fn credentials(&self) -> PathBuf {
        self.config().with_file_name("credentials.toml")
    }

    fn store(&self) -> CredentialStore {
        CredentialStore::at(self.credentials())
    }

    fn write_config(&self, text: &str) {
        fs::create_dir_all(self.config().parent().expect("a directory")).expect("a directory");
        fs::write(self.config(), text).expect("a config file");
    }

    fn find(&self, overrides: &Overrides, pairs: &[(&str, &str)]) -> Option<FoundTokens> {
        let environment = self.environment(pairs);
        let loaded = load(overrides, &environment).expect("settings");
        loaded.find_tokens(&environment).expect("no error about tokens")
    }

    /// Plays what the client does after a refresh.
    fn rotate(found: &FoundTokens, to: &Tokens) {
        found.store.lock().expect("a lock").write(to).expect("a write");
    }
}

#[test]
fn the_defaults_are_those_of_the_client() {
    let loaded = load(&Overrides::default(), &Environment::default()).expect("settings");
    let client = ClientConfig::default();
    let settings = loaded.settings;
    assert_eq!(settings.api_url.value, client.api_url);
    assert_eq!(settings.auth_url.value, client.auth_url);
    assert_eq!(settings.web_version.value, client.web_version);
    assert_eq!(settings.user_agent.value, client.user_agent);
    assert_eq!(settings.connect_timeout.value, client.timeouts.connect);
    assert_eq!(settings.idle_timeout.value, client.timeouts.idle);
    assert_eq!(settings.max_time.value, client.timeouts.total);
}

#[test]
fn reading_settings_and_tokens_creates_nothing() {
    let home = Home::new();
    assert!(home.find(&Overrides::default(), &[]).is_none());
    assert_eq!(fs::read_dir(home.directory.path()).expect("the home").count(), 0);
}

#[test]
fn a_named_config_file_must_exist() {
    let home = Home::new();
    let missing = home.directory.path().join("missing.toml");
    let overrides = Overrides { config_file: Some(missing.clone()), ..Overrides::default() };
    let error = load(&overrides, &home.environment(&[])).expect_err("a missing file");
    assert!(error.message().contains("missing.toml (named by --config) does not exist"), "{error}");
    let named = missing.to_str().expect("a plain path");
    let by_variable = home.environment(&[("QWENCTL_CONFIG", named)]);
    let error = load(&Overrides::default(), &by_variable).expect_err("a missing file");
    assert!(error.message().contains("QWENCTL_CONFIG"), "{error}");
    fs::write(&missing, "model = \"m\"").expect("a config file");
    let loaded = load(&Overrides::default(), &by_variable).expect("settings");
    assert_eq!(loaded.settings.model.value.as_deref(), Some("m"));
    assert_eq!(loaded.config_path, Some(missing));
}

#[test]
fn an_unusable_config_file_is_reported_with_the_reason() {
    let home = Home::new();
    fs::create_dir_all(home.config()).expect("a directory in its place");
    let error = load(&Overrides::default(), &home.environment(&[])).expect_err("a directory");
    assert!(error.message().contains("cannot read the config file"), "{error}");
    fs::remove_dir(home.config()).expect("a removal");
    fs::write(home.config(), b"model = \"a\"\n\nproxy = \"\xff\"").expect("a config file");
    let error = load(&Overrides::default(), &home.environment(&[])).expect_err("not UTF-8");
    assert!(error.message().contains("line 3, column 10"), "{error}");
    fs::write(home.config(), "#".repeat((1 << 20) + 1)).expect("a config file");
    let error = load(&Overrides::default(), &home.environment(&[])).expect_err("too long");
    assert!(error.message().contains("larger than 1 MiB"), "{error}");
}

#[test]
fn secrets_in_a_readable_config_file_are_warned_about() {
    let home = Home::new();
    home.write_config("cookie = \"a=b\"");
    set_mode(&home.config(), 0o644);
    let loaded = load(&Overrides::default(), &home.environment(&[])).expect("settings");
    assert!(loaded.warnings.iter().any(|text| text.contains("chmod 600")), "{loaded:?}");
    set_mode(&home.config(), 0o600);
    let loaded = load(&Overrides::default(), &home.environment(&[])).expect("settings");
    assert!(loaded.warnings.is_empty());
}

#[test]
fn the_config_file_can_set_the_data_directory() {
    let home = Home::new();
    home.write_config("data_dir = \"chats\"");
    let loaded = load(&Overrides::default(), &home.environment(&[])).expect("settings");
    let expected = home.config().with_file_name("chats");
    assert_eq!(loaded.paths.data_dir().expect("a place"), expected);
}
