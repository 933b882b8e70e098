//! The credentials file: which files are refused, and that two processes which refresh at once leave
//! one valid file.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use qwenctl::domain::{ErrorKind, TokenStore};
use qwenctl::settings::{AccountName, CredentialStore, Overrides, TokenSource, load};

use super::{Home, expiry, mode, set_mode, token_text, tokens};

const CHILD_STORE: &str = "QWENCTL_TEST_STORE";
const ROUNDS: i64 = 25;

#[test]
fn stored_tokens_are_loaded_and_private() {
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
fn anything_but_a_regular_file_of_the_user_is_refused() {
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
        let error = home.store().load().expect_err("another user's file");
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
            "is broken: the access token does not have three parts",
        ),
        (
            format!("[account]\naccess_token = \"{good}\"\ncolour = 1"),
            "unknown key `account.colour`",
        ),
        (format!("\"{good}\" = 1"), "unknown key"),
        ("version = 3".to_owned(), "newer qwenctl"),
        (
            "[accounts.default]\nrefresh_token = \"r\"".to_owned(),
            "is broken: the access token is empty",
        ),
        (format!("[accounts.\"a b\"]\naccess_token = \"{good}\""), "is broken at line 1"),
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
fn an_unusable_directory_is_reported() {
    let home = Home::new();
    fs::write(home.directory.path().join(".config"), "").expect("a file in the way");
    let error = home.store().save(&tokens("u", 9, None)).expect_err("no directory");
    assert!(error.message().contains("is not a directory"), "{error}");
    assert!(error.hint().is_some());
}

/// Modes do not bind root, so root runs this as another user, with a copy of the test binary that
/// everyone may run.
#[test]
fn system_errors_are_distinguished() {
    const NOBODY: u32 = 65_534;
    let place = tempfile::tempdir().expect("a directory");
    let own = std::env::current_exe().expect("the test binary");
    let mut child = if fs::metadata(place.path()).expect("a directory").uid() == 0 {
        let copy = place.path().join("it");
        fs::copy(own, &copy).expect("a copy");
        set_mode(place.path(), 0o755);
        let mut command = Command::new(copy);
        command.uid(NOBODY).gid(NOBODY);
        command
    } else {
        Command::new(own)
    };
    let ended = child
        .args(["--exact", "settings::store::modes_bind_in_a_child_process", "--ignored"])
        .current_dir("/")
        .stdout(Stdio::null())
        .status()
        .expect("a process");
    assert!(ended.success());
}

#[test]
#[ignore = "started by system_errors_are_distinguished"]
fn modes_bind_in_a_child_process() {
    let home = Home::new();
    home.store().save(&tokens("u", 9, Some("r1"))).expect("a write");
    let directory = home.credentials().parent().expect("a directory").to_owned();

    set_mode(&home.credentials(), 0o000);
    let error = home.store().load().expect_err("an unreadable file");
    assert!(error.message().contains("is not readable by you"), "{error}");
    set_mode(&home.credentials(), 0o600);

    set_mode(&directory, 0o500);
    assert!(home.store().load().is_ok());
    let error = home.store().save(&tokens("u", 9, None)).expect_err("an unwritable directory");
    assert!(error.message().contains("is not writable by you"), "{error}");
    assert!(error.hint().is_some());
    let Err(error) = home.store().lock() else { panic!("a refresh would be lost") };
    assert!(error.message().contains("is not writable by you"), "{error}");
    set_mode(&directory, 0o700);

    fs::write(home.config(), "").expect("a config file");
    set_mode(&home.config(), 0o000);
    let error = load(&Overrides::default(), &home.environment(&[])).expect_err("unreadable");
    assert!(error.message().contains("cannot read the config file"), "{error}");
}

#[test]
fn the_temporary_file_of_a_killed_process_is_removed() {
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
            .args(["--exact", "settings::store::refreshes_in_a_child_process", "--ignored"])
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
fn without_a_refresh_token_the_file_is_locked_only_to_write() {
    let home = Home::new();
    let store = home.store();
    store.save(&tokens("u", 9, None)).expect("a write");
    let lock_file = home.credentials().with_file_name("credentials.toml.lock");
    fs::remove_file(&lock_file).expect("a lock file");
    let mut late = store.lock().expect("a right");
    assert_eq!(late.read().expect("a read"), Some(tokens("u", 9, None)));
    assert!(!lock_file.exists());
    late.write(&tokens("u", 10, None)).expect("a write");
    assert!(lock_file.exists());
    assert_eq!(store.load().expect("a read"), Some(tokens("u", 10, None)));
}

fn named(name: &str) -> AccountName {
    name.parse().expect("a name")
}

#[test]
fn a_store_in_use_stays_with_its_account() {
    let home = Home::new();
    home.store().save(&tokens("u", 9, Some("r1"))).expect("a write");
    let work = home.store().of_account(Some(named("work")));
    work.save(&tokens("v", 9, Some("r2"))).expect("a write");
    let found = home.find(&Overrides::default(), &[]).expect("tokens");
    assert_eq!(found.account, Some(named("default")));

    home.store().make_default(&named("work")).expect("a write");
    assert_eq!(home.find(&Overrides::default(), &[]).expect("tokens").account, Some(named("work")));
    Home::rotate(&found, &tokens("u", 10, Some("r3")));
    assert_eq!(work.load().expect("a read"), Some(tokens("v", 9, Some("r2"))));
    let default = home.store().of_account(Some(named("default")));
    assert_eq!(default.load().expect("a read"), Some(tokens("u", 10, Some("r3"))));
}

#[test]
fn a_removed_account_is_not_stored_again_by_a_refresh() {
    let home = Home::new();
    for (name, others) in [("default", 1), ("work", 0)] {
        let store = home.store().of_account(Some(named(name)));
        store.save(&tokens("u", 9, Some("r1"))).expect("a write");
        if others == 1 {
            home.store()
                .of_account(Some(named("work")))
                .save(&tokens("v", 9, None))
                .expect("a write");
        }
        let overrides = Overrides { account: Some(name.into()), ..Overrides::default() };
        let found = home.find(&overrides, &[]).expect("tokens");
        store.remove(&named(name)).expect("a removal");
        let written = found.store.lock().and_then(|mut lock| lock.write(&tokens("u", 10, None)));
        let error = written.expect_err("a removed account");
        assert!(error.message().contains("has been removed"), "{error}");
        assert_eq!(error.kind(), ErrorKind::TokenMissing);
    }
    assert!(home.store().accounts().expect("a read").is_empty());
}

#[test]
fn a_refused_refresh_token_is_remembered_until_the_next_sign_in() {
    let home = Home::new();
    let store = home.store();
    store.save(&tokens("u", 9, Some("r1"))).expect("a write");
    assert!(!store.refresh_was_refused().expect("a read"));
    // What the client does after a refusal.
    store.lock().expect("a lock").write(&tokens("u", 9, None)).expect("a write");
    assert!(store.refresh_was_refused().expect("a read"));
    store.save(&tokens("u", 10, Some("r2"))).expect("a write");
    assert!(!store.refresh_was_refused().expect("a read"));
}

#[test]
fn a_refresh_never_replaces_the_credentials_of_another_user() {
    let home = Home::new();
    let store = home.store();
    store.save(&tokens("u", 9, Some("r1"))).expect("a write");
    let found = home.find(&Overrides::default(), &[]).expect("tokens");
    let other = tokens("v", 20, Some("r2"));
    store.save(&other).expect("a sign-in under the same name");
    for refreshed in [tokens("u", 10, Some("r3")), tokens("u", 9, None)] {
        let written = found.store.lock().and_then(|mut lock| lock.write(&refreshed));
        let error = written.expect_err("another user");
        assert!(error.message().contains("signed in as another user"), "{error}");
        assert_eq!(store.load().expect("a read").as_ref(), Some(&other));
    }
}

#[test]
fn a_damaged_account_leaves_the_others_usable() {
    let home = Home::new();
    home.store().save(&tokens("u", 9, None)).expect("a write");
    let text = fs::read_to_string(home.credentials()).expect("the file");
    let damaged = format!("{text}\n[accounts.work]\naccess_token = \"x\"\n");
    fs::write(home.credentials(), damaged).expect("a write");
    assert_eq!(home.store().load().expect("a read"), Some(tokens("u", 9, None)));
    let work = home.store().of_account(Some(named("work")));
    let error = work.load().expect_err("a damaged account");
    assert!(error.message().contains("the account `work`"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("token set --account work")));
    assert_eq!(home.store().accounts().expect("a list").len(), 2);
    work.save(&tokens("v", 9, None)).expect("a write");
    assert_eq!(work.load().expect("a read"), Some(tokens("v", 9, None)));
}
