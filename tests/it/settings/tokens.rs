//! Which tokens count, and what becomes of them when they are refreshed.

use std::fs;

use qwenctl::settings::{Environment, Overrides, TokenSource, load};

use super::{Home, token_text, tokens};

#[test]
fn settings_and_tokens_work_without_a_home_directory() {
    let text = token_text("u", 9);
    for home in [None, Some("relative"), Some("/dev/null/nowhere")] {
        let home = home.map(|home| ("HOME", home));
        let pairs = home.into_iter().chain([("QWEN_TOKEN", text.as_str())]);
        let environment = Environment::from_pairs(pairs);
        let loaded = load(&Overrides::default(), &environment).expect("settings");
        let found = loaded.find_tokens(&environment);
        let found = found.expect("no error").expect("the token of the environment");
        assert_eq!(found.source, TokenSource::Environment);
        let renewed = tokens("u", 10, None);
        Home::rotate(&found, &renewed);
        let kept = found.store.lock().expect("a lock").read().expect("a read");
        assert_eq!(kept, Some(renewed));
    }
}

#[test]
fn a_refresh_token_is_not_used_if_the_new_one_cannot_be_stored() {
    let text = token_text("u", 9);
    let environment = Environment::from_pairs([
        ("HOME", "/dev/null/nowhere"),
        ("QWEN_TOKEN", &text),
        ("QWEN_REFRESH_TOKEN", "r1"),
    ]);
    let loaded = load(&Overrides::default(), &environment).expect("settings");
    let found = loaded.find_tokens(&environment);
    let found = found.expect("no error").expect("tokens");
    let Err(error) = found.store.lock() else { panic!("the lock must fail") };
    assert!(error.message().contains("cannot store the tokens"), "{error}");
}

#[test]
fn flag_precedes_environment_precedes_stored_tokens() {
    let home = Home::new();
    home.store().save(&tokens("stored", 9, None)).expect("a write");
    let file = home.directory.path().join("token.txt");
    fs::write(&file, format!("Cookie: token={}; refresh_token=r9\n", token_text("file", 9)))
        .expect("a token file");
    let by_flag = Overrides { token_file: Some(file.clone().into()), ..Overrides::default() };
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
fn an_unusable_token_is_an_error_without_fallback() {
    let home = Home::new();
    home.store().save(&tokens("stored", 9, None)).expect("a write");
    let cut = format!("{}…", &token_text("env", 9)[..30]);
    for (pairs, words) in [
        (vec![("QWEN_TOKEN", cut.as_str())], "`QWEN_TOKEN` is not an access token: it was cut"),
        (vec![("QWEN_REFRESH_TOKEN", "r1")], "QWEN_TOKEN is not"),
        (
            vec![("QWENCTL_TOKEN_FILE", "/nonexistent/t")],
            "cannot read the token from QWENCTL_TOKEN_FILE",
        ),
    ] {
        let environment = home.environment(&pairs);
        let loaded = load(&Overrides::default(), &environment).expect("settings");
        let error = loaded.find_tokens(&environment).expect_err(words);
        assert!(error.message().contains(words), "{error}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn refreshed_tokens_replace_those_of_the_environment() {
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
fn a_new_token_in_the_environment_replaces_refreshed_ones() {
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
fn refreshed_tokens_of_several_accounts_are_kept() {
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
fn debug_and_display_of_credentials_contain_no_token() {
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
