//! The settings on a real disk: which files are read, which are refused, and that two processes
//! which refresh at once leave one valid file.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use qwenctl::client::ClientConfig;
use qwenctl::domain::{AccessToken, ErrorKind, RefreshToken, TokenStore, Tokens};
use qwenctl::settings::{
    CredentialStore, Environment, FoundTokens, Overrides, Paths, TokenSource, load,
};
use tempfile::TempDir;

const CHILD_STORE: &str = "QWENCTL_TEST_STORE";
const ROUNDS: i64 = 25;

/// Composed at run time; the account makes two of them differ.
fn token_text(account: &str, exp: i64) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let payload = format!(r#"{{"id":"{account}","exp":{exp}}}"#);
    format!("{}.{}.{}", part(r#"{"alg":"HS256"}"#), part(&payload), part("canary-signature"))
}

fn tokens(account: &str, exp: i64, refresh: Option<&str>) -> Tokens {
    Tokens {
        access: AccessToken::parse(&token_text(account, exp)).expect("a token"),
        refresh: refresh.map(|text| RefreshToken::parse(text).expect("a refresh token")),
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
        loaded
            .paths
            .find_tokens(&loaded.settings.token_file, &environment)
            .expect("no error about tokens")
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
fn without_a_home_everything_works_that_needs_none() {
    let text = token_text("u", 9);
    for home in [None, Some("relative"), Some("/dev/null/nowhere")] {
        let home = home.map(|home| ("HOME", home));
        let pairs = home.into_iter().chain([("QWEN_TOKEN", text.as_str())]);
        let environment = Environment::from_pairs(pairs);
        let loaded = load(&Overrides::default(), &environment).expect("settings");
        let found = loaded.paths.find_tokens(&loaded.settings.token_file, &environment);
        let found = found.expect("no error").expect("the token of the environment");
        assert_eq!(found.source, TokenSource::Environment);
        let renewed = tokens("u", 10, None);
        Home::rotate(&found, &renewed);
        let kept = found.store.lock().expect("a lock").read().expect("a read");
        assert_eq!(kept, Some(renewed));
    }
}

#[test]
fn a_refresh_token_is_not_spent_where_its_successor_cannot_be_kept() {
    let text = token_text("u", 9);
    let environment = Environment::from_pairs([
        ("HOME", "/dev/null/nowhere"),
        ("QWEN_TOKEN", &text),
        ("QWEN_REFRESH_TOKEN", "r1"),
    ]);
    let loaded = load(&Overrides::default(), &environment).expect("settings");
    let found = loaded.paths.find_tokens(&loaded.settings.token_file, &environment);
    let found = found.expect("no error").expect("tokens");
    let Err(error) = found.store.lock() else { panic!("the lock must fail") };
    assert!(error.message().contains("cannot store the tokens"), "{error}");
}

#[test]
fn a_named_config_file_must_exist_and_another_need_not() {
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
fn a_config_file_that_cannot_be_used_says_why() {
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
    assert!(error.message().contains("over 1 MiB"), "{error}");
}

#[test]
fn secrets_in_an_open_config_file_are_warned_of() {
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
fn the_data_directory_can_be_named_in_the_config_file() {
    let home = Home::new();
    home.write_config("data_dir = \"chats\"");
    let loaded = load(&Overrides::default(), &home.environment(&[])).expect("settings");
    let expected = home.config().with_file_name("chats");
    assert_eq!(loaded.paths.data_dir().expect("a place"), expected);
}

#[test]
fn stored_tokens_come_back_and_only_their_owner_can_read_them() {
    let home = Home::new();
    let store = home.store();
    let stored = tokens("u", 1_800_000_000, Some("r1"));
    store.save(&stored).expect("a write");
    assert_eq!(store.load().expect("a read"), Some(stored.clone()));
    assert_eq!(mode(&home.credentials()), 0o600);
    assert_eq!(mode(home.credentials().parent().expect("a directory")), 0o700);
    let names: Vec<_> = fs::read_dir(home.credentials().parent().expect("a directory"))
        .expect("a listing")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .collect();
    assert_eq!(names.len(), 2, "nothing but the file and its lock: {names:?}");
    let found = home.find(&Overrides::default(), &[]).expect("tokens");
    assert_eq!(found.source, TokenSource::Stored(home.credentials()));
    assert!(store.remove().expect("a removal") && !store.remove().expect("nothing to remove"));
    assert_eq!(store.load().expect("a read"), None);
}

#[test]
fn a_file_that_others_can_read_is_refused_with_the_chmod_to_run() {
    let home = Home::new();
    home.store().save(&tokens("u", 9, None)).expect("a write");
    for wide in [0o640, 0o604, 0o660, 0o777] {
        set_mode(&home.credentials(), wide);
        let error = home.store().load().expect_err("an open file");
        assert_eq!(error.kind(), ErrorKind::TokenInvalid);
        assert!(error.message().contains(&format!("{wide:04o}")), "{error}");
        let command = format!("chmod 600 '{}'", home.credentials().display());
        assert!(error.hint().is_some_and(|hint| hint.contains(&command)), "{error:?}");
        assert!(home.store().save(&tokens("u", 10, None)).is_err());
    }
    set_mode(&home.credentials(), 0o600);
    assert!(home.store().load().is_ok());
}

#[test]
fn what_is_not_a_file_of_ones_own_is_refused() {
    let home = Home::new();
    home.store().save(&tokens("u", 9, None)).expect("a write");
    let path = home.credentials();
    let kept = path.with_file_name("kept");
    fs::rename(&path, &kept).expect("a rename");

    symlink(&kept, &path).expect("a link");
    let error = home.store().load().expect_err("a link");
    assert!(error.message().contains("symbolic link") && error.hint().is_some(), "{error}");
    fs::remove_file(&path).expect("a removal");

    fs::create_dir(&path).expect("a directory");
    let error = home.store().load().expect_err("a directory");
    assert!(error.message().contains("is a directory") && error.hint().is_some(), "{error}");
    assert!(home.store().save(&tokens("u", 9, None)).is_err());
    fs::remove_dir(&path).expect("a removal");

    fs::rename(&kept, &path).expect("a rename");
    // Only root can give a file away; others can at least not read what is not theirs.
    if chown(&path, Some(12_345), None).is_ok() {
        let error = home.store().load().expect_err("somebody else's file");
        assert!(error.message().contains("uid 12345"), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("chown")), "{error:?}");
    }
}

#[test]
fn broken_content_is_refused_without_being_repeated() {
    let home = Home::new();
    home.store().save(&tokens("u", 9, None)).expect("a write");
    let good = token_text("u", 9);
    for (content, words) in [
        (format!("[account]\naccess_token = \"{good}\nx"), "is broken at line"),
        (format!("account = \"{good}\""), "is broken at line 1"),
        (format!("[account]\nrefresh_token = \"{good}\""), "is broken at line 1"),
        (
            format!("[account]\naccess_token = \"{}\"", &good[..40]),
            "is broken: not an access token",
        ),
        (
            format!("[account]\naccess_token = \"{good}\"\ncolour = 1"),
            "unknown key `account.colour`",
        ),
        (format!("\"{good}\" = 1"), "unknown key"),
        ("version = 2".to_owned(), "newer qwenctl"),
    ] {
        fs::write(home.credentials(), &content).expect("a write");
        let error = home.store().load().expect_err(words);
        assert_eq!(error.kind(), ErrorKind::TokenInvalid);
        assert!(error.message().contains(words), "{error}");
        let shown = format!("{error} {error:?} {:?}", error.hint());
        assert!(!shown.contains(&good[30..40]), "{shown}");
        assert!(shown.contains("credentials.toml") && error.hint().is_some());
    }
    fs::write(home.credentials(), [0xff, 0xfe]).expect("a write");
    assert!(home.store().load().expect_err("no text").message().contains("is not text"));
    fs::write(home.credentials(), "").expect("a write");
    assert_eq!(home.store().load().expect("an empty file"), None);
}

#[test]
fn a_place_that_cannot_hold_the_file_says_so() {
    let home = Home::new();
    fs::write(home.directory.path().join(".config"), "").expect("a file in the way");
    let error = home.store().save(&tokens("u", 9, None)).expect_err("no directory");
    assert!(error.message().contains("is not a directory"), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn a_temporary_file_of_a_killed_process_is_cleared_away() {
    let home = Home::new();
    home.store().save(&tokens("u", 9, None)).expect("a write");
    let leftover = home.credentials().with_file_name(".credentials-dead");
    fs::write(&leftover, "secret").expect("a leftover");
    home.store().save(&tokens("u", 10, None)).expect("a write");
    assert!(!leftover.exists());
}

#[test]
fn waiting_for_the_lock_is_bounded() {
    let home = Home::new();
    let held = home.store().lock().expect("a lock");
    let hasty = home.store().with_lock_wait(Duration::from_millis(30));
    let error = hasty.save(&tokens("u", 9, None)).expect_err("a held lock");
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("30ms") && error.message().contains("credentials.toml.lock"));
    drop(held);
    hasty.save(&tokens("u", 9, None)).expect("a free lock");
}

/// Adds one to the expiry, `ROUNDS` times, as a refresh would: under the lock, from what it reads.
fn refresh_often(store: &CredentialStore) {
    for _ in 0..ROUNDS {
        let mut lock = store.lock().expect("a lock");
        let current = lock.read().expect("a read").expect("tokens");
        lock.write(&tokens("u", expiry(&current) + 1, Some("r"))).expect("a write");
    }
}

#[test]
fn two_threads_that_refresh_at_once_lose_nothing() {
    let home = Home::new();
    home.store().save(&tokens("u", 1000, Some("r"))).expect("a write");
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| refresh_often(&home.store()));
        }
        // Reading takes no lock and must see a whole file at any moment.
        for _ in 0..200 {
            assert!(home.store().load().expect("a whole file").is_some());
        }
    });
    let last = home.store().load().expect("a read").expect("tokens");
    assert_eq!(expiry(&last), 1000 + 2 * ROUNDS);
}

#[test]
fn two_processes_that_refresh_at_once_lose_nothing() {
    let home = Home::new();
    home.store().save(&tokens("u", 1000, Some("r"))).expect("a write");
    let start = || {
        Command::new(std::env::current_exe().expect("the test binary"))
            .args(["--exact", "settings::refreshes_in_a_child_process", "--ignored"])
            .env(CHILD_STORE, home.credentials())
            .stdout(Stdio::null())
            .spawn()
            .expect("a process")
    };
    let children = [start(), start()];
    for mut child in children {
        assert!(child.wait().expect("an end").success());
    }
    let last = home.store().load().expect("a read").expect("tokens");
    assert_eq!(expiry(&last), 1000 + 2 * ROUNDS);
}

#[test]
#[ignore = "started by two_processes_that_refresh_at_once_lose_nothing"]
fn refreshes_in_a_child_process() {
    let path = std::env::var_os(CHILD_STORE).expect("the path of the store");
    refresh_often(&CredentialStore::at(path));
}

#[test]
fn the_flag_beats_the_environment_and_that_the_stored_tokens() {
    let home = Home::new();
    home.store().save(&tokens("stored", 9, None)).expect("a write");
    let file = home.directory.path().join("token.txt");
    fs::write(&file, format!("Cookie: token={}; refresh_token=r9\n", token_text("file", 9)))
        .expect("a token file");
    let by_flag = Overrides { token_file: Some(file.clone()), ..Overrides::default() };
    let none = Overrides::default();
    let in_environment = token_text("env", 9);
    let path = file.to_str().expect("a plain path");
    let (value, named) = (("QWEN_TOKEN", in_environment.as_str()), ("QWENCTL_TOKEN_FILE", path));
    for (overrides, pairs, account, word) in [
        (&by_flag, vec![value], "file", "flag"),
        (&none, vec![value, named], "env", "environment"),
        (&none, vec![named], "file", "environment"),
        (&none, vec![], "stored", "stored"),
    ] {
        let found = home.find(overrides, &pairs).expect("tokens");
        assert_eq!(found.tokens.access.claims().account_id.as_deref(), Some(account));
        assert_eq!(found.source.word(), word);
        assert_eq!(found.tokens.refresh.is_some(), account == "file");
    }
}

#[test]
fn a_token_that_is_given_and_cannot_be_used_is_an_error_not_the_next_one() {
    let home = Home::new();
    home.store().save(&tokens("stored", 9, None)).expect("a write");
    let paths = Paths::find(&home.environment(&[]), None);
    let cut = format!("{}…", &token_text("env", 9)[..30]);
    for (pairs, words) in [
        (vec![("QWEN_TOKEN", cut.as_str())], "QWEN_TOKEN: not an access token"),
        (vec![("QWEN_REFRESH_TOKEN", "r1")], "QWEN_TOKEN is not"),
        (
            vec![("QWENCTL_TOKEN_FILE", "/nonexistent/t")],
            "cannot read the token from QWENCTL_TOKEN_FILE",
        ),
    ] {
        let environment = home.environment(&pairs);
        let settings = load(&Overrides::default(), &environment).expect("settings").settings;
        let error = paths.find_tokens(&settings.token_file, &environment).expect_err(words);
        assert!(error.message().contains(words), "{error}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn after_a_rotation_the_descendants_of_the_environment_count() {
    let home = Home::new();
    home.store().save(&tokens("stored", 9, Some("own"))).expect("a write");
    let given = token_text("env", 1000);
    let pairs = [("QWEN_TOKEN", given.as_str()), ("QWEN_REFRESH_TOKEN", "r1")];
    let first = home.find(&Overrides::default(), &pairs).expect("tokens");
    assert!(!first.refreshed);
    Home::rotate(&first, &tokens("env", 2000, Some("r2")));

    let second = home.find(&Overrides::default(), &pairs).expect("tokens");
    assert_eq!(second.tokens, tokens("env", 2000, Some("r2")));
    assert!(second.refreshed && second.source == TokenSource::Environment);
    Home::rotate(&second, &tokens("env", 3000, Some("r3")));
    let third = home.find(&Overrides::default(), &pairs).expect("tokens");
    assert_eq!(third.tokens, tokens("env", 3000, Some("r3")));

    let content = fs::read_to_string(home.credentials()).expect("the file");
    assert!(!content.contains(&given) && !content.contains("\"r1\""), "the seed is not kept");
    assert_eq!(home.store().load().expect("a read"), Some(tokens("stored", 9, Some("own"))));
}

#[test]
fn a_new_value_in_the_environment_counts_itself() {
    let home = Home::new();
    let old = token_text("env", 1000);
    let pairs = |token| [("QWEN_TOKEN", token), ("QWEN_REFRESH_TOKEN", "r1")];
    let found = home.find(&Overrides::default(), &pairs(&old)).expect("tokens");
    Home::rotate(&found, &tokens("env", 2000, Some("r2")));

    let replaced = [("QWEN_TOKEN", old.as_str()), ("QWEN_REFRESH_TOKEN", "new")];
    let found = home.find(&Overrides::default(), &replaced).expect("tokens");
    assert_eq!(found.tokens, tokens("env", 1000, Some("new")));

    // Only the access token was renewed by hand: the refresh token beside it is still used up.
    let newer = token_text("env", 5000);
    let found = home.find(&Overrides::default(), &pairs(&newer)).expect("tokens");
    assert_eq!(found.tokens, tokens("env", 5000, Some("r2")));
}

#[test]
fn accounts_in_the_environment_do_not_push_each_other_out() {
    let home = Home::new();
    let (one, two) = (token_text("one", 1000), token_text("two", 1000));
    for (text, account) in [(&one, "one"), (&two, "two")] {
        let found = home.find(&Overrides::default(), &[("QWEN_TOKEN", text)]).expect("tokens");
        Home::rotate(&found, &tokens(account, 2000, None));
    }
    for (text, account) in [(&one, "one"), (&two, "two")] {
        let found = home.find(&Overrides::default(), &[("QWEN_TOKEN", text)]).expect("tokens");
        assert_eq!(found.tokens, tokens(account, 2000, None));
    }
}

#[test]
fn no_debug_or_display_of_credentials_holds_a_token() {
    let home = Home::new();
    let given = token_text("env", 1000);
    let pairs = [("QWEN_TOKEN", given.as_str()), ("QWEN_REFRESH_TOKEN", "canary-refresh")];
    let found = home.find(&Overrides::default(), &pairs).expect("tokens");
    Home::rotate(&found, &tokens("env", 2000, Some("canary-refresh-2")));
    let environment = home.environment(&pairs);
    let loaded = load(&Overrides::default(), &environment).expect("settings");
    let shown = format!(
        "{found:?} {} {environment:?} {loaded:?} {:?} {:?}",
        found.source,
        home.store(),
        home.store().load(),
    );
    let signature = given.rsplit('.').next().expect("a signature");
    for secret in [signature, "canary"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
