//! `token`, `account`, `models`, `stats` and `status`: the way into the account, and what it offers and holds.

use super::archive;
use crate::app::archive::Statistics;
use crate::app::documents::{
    AccountDocument, DataDocument, DoneDocument, ModelsDocument, RefreshDocument, StatsDocument,
    StatusDocument, TokenDocument,
};
use crate::app::quota::rounded_up;
use crate::app::token::{self, TokenInfo, in_words};
use crate::app::{self, chats};
use crate::cli::context::{Context, FoundOrLocal, notices};
use crate::cli::interrupt::beside;
use crate::cli::output::{Failure, Moment, Outcome, StdinKind, Table, View, one_line};
use crate::domain::time::now;
use crate::domain::{Error, ErrorKind, Model, Pasted, RefreshToken, Result, Stats, Tokens, User};
use crate::settings::{AccountName, CredentialStore, SpentQuota};

/// How many months `stats` shows.
const MONTHS: usize = 6;
/// How many models `stats` shows.
const MODELS: usize = 5;

/// `models`
pub(super) async fn models(context: &Context) -> Outcome {
    let session = context.session().await?;
    let models = session.models().await?;
    let document = ModelsDocument::new(models.as_slice());
    context.output.list(&document, &models, |view| models_table(&models, view))
}

fn models_table(models: &[Model], view: &View) -> String {
    let mut table = Table::new(&["ID", "NAME", "CONTEXT", "ABILITIES"], 1);
    for model in models {
        table.row([
            model.id.clone(),
            model.name.clone(),
            model.max_context_length.map(|tokens| tokens.to_string()).unwrap_or_default(),
            abilities(model),
        ]);
    }
    table.render(view)
}

fn abilities(model: &Model) -> String {
    let abilities = model.abilities;
    let named = [
        (abilities.thinking, "thinking"),
        (abilities.search, "search"),
        (abilities.vision, "vision"),
        (abilities.document, "document"),
        (abilities.video, "video"),
        (abilities.audio, "audio"),
    ];
    let named: Vec<_> = named.into_iter().filter(|(has, _)| *has).map(|(_, name)| name).collect();
    named.join(",")
}

/// `stats`
pub(super) async fn stats(context: &Context) -> Outcome {
    let session = context.session().await?;
    let progress = context.output.counter("chats counted:");
    let stats = chats::stats(&session, |count| progress.set(count)).await?;
    drop(progress);
    let document = StatsDocument::new(&stats, context.is_local());
    // The list has neither messages nor models.
    let archived = archive::by_model(context).await;
    context
        .output
        .result(&document, |view| stats_rows(&stats, archived.as_ref(), context.is_local(), view))
}

fn stats_rows(stats: &Stats, archived: Option<&Statistics>, is_local: bool, view: &View) -> String {
    let expires = Moment(stats.token_expires_at).show(view.width.is_some());
    let mut rows = vec![("chats", stats.total_chats.to_string())];
    let months = stats.months.iter().rev().take(MONTHS);
    rows.extend(months.map(|(month, chats)| ("chats in", format!("{month}: {chats}"))));
    if let Some(archived) = archived {
        rows.push(("messages archived", archived.messages.to_string()));
        let models = archived.groups.iter().filter(|group| !group.name.is_empty()).take(MODELS);
        rows.extend(models.map(|group| {
            ("messages of", format!("{}: {}", one_line(&group.name), group.messages))
        }));
    }
    rows.extend([
        ("name", stats.user.name.clone()),
        ("email", stats.user.email.clone()),
        ("token expires", expires),
    ]);
    if is_local {
        rows.push(("upstream", "local".to_owned()));
    }
    view.pairs(rows)
}

/// `status`. Without a token the upstream is not contacted.
pub(super) async fn status(context: &Context) -> Outcome {
    let (signed_in, quotas, tokens) = match context.session().await {
        Ok(session) => {
            let signed_in = session.is_signed_in().await?;
            let quotas = context.own_quotas(&*context.settings().await?).filter(|_| signed_in);
            let quotas = quotas.map(|quotas| quotas.list(&session)).unwrap_or_default();
            // They may have been refreshed.
            (signed_in, quotas, Some(session.tokens()))
        }
        Err(Failure::Error(error)) if error.kind() == ErrorKind::TokenMissing => {
            (false, Vec::new(), None)
        }
        Err(failure) => return Err(failure),
    };
    let found = context.tokens().await.ok();
    let now = now();
    let info = tokens.as_ref().map(|tokens| token::info(tokens, now));
    let account = found.as_ref().and_then(FoundOrLocal::account);
    let document = StatusDocument::new(signed_in, account, info.as_ref()).with_quotas(&quotas, now);
    context.output.result(&document, |view| {
        let text = if signed_in { "signed in\n" } else { "not signed in\n" };
        let mut rows: Vec<_> =
            account.map(|name| ("account", name.to_owned())).into_iter().collect();
        if let Some(info) = &info {
            rows.push(("kind", info.kind.about().to_owned()));
            rows.push(expiry_row(info, view));
        }
        rows.extend(quotas.iter().map(|quota| ("quota", quota_words(quota, now, view))));
        format!("{text}{}", view.pairs(rows))
    })?;
    if signed_in { Ok(()) } else { Err(Failure::Reported(ErrorKind::TokenInvalid)) }
}

/// What is used up, and until when.
fn quota_words(quota: &SpentQuota, now: i64, view: &View) -> String {
    let left = quota.seconds_left(now).unwrap_or_default();
    let until = Moment(Some(now.saturating_add(left))).show(view.width.is_some());
    let SpentQuota { model, message, .. } = quota;
    let about = if quota.is_estimate() { "about " } else { "" };
    let left = in_words(rounded_up(left));
    format!("{model} used up until {about}{until} (in {about}{left}): {message}")
}

/// The store of the accounts, which `--local` does not use.
async fn store(context: &Context) -> Outcome<CredentialStore> {
    if context.is_local() {
        return Err(Error::invalid("the local upstream has its own token, which is not stored")
            .with_hint("leave out `--local` to store the token of your account")
            .into());
    }
    Ok(context.settings().await?.credentials())
}

/// `account list`
pub(super) async fn list(context: &Context) -> Outcome {
    let store = store(context).await?;
    let accounts = beside(move || store.accounts()).await??;
    let documents: Vec<_> =
        accounts.iter().map(|account| AccountDocument::new(account, now())).collect();
    let document = DataDocument::new(documents.as_slice());
    context.output.list(&document, &documents, |view| accounts_table(&documents, view))
}

fn accounts_table(accounts: &[AccountDocument<'_>], view: &View) -> String {
    let headings = ["NAME", "DEFAULT", "TOKEN", "EXPIRES", "REFRESH", "STORAGE", "ACCOUNT"];
    let mut table = Table::new(&headings, 2);
    for account in accounts {
        table.row([
            account.name.to_owned(),
            if account.is_default { "yes" } else { "no" }.to_owned(),
            account.token_state().to_owned(),
            Moment(account.expires_at).show(view.width.is_some()),
            if account.refreshable { "yes" } else { "no" }.to_owned(),
            account.storage.to_owned(),
            account.account_id.clone().unwrap_or_default(),
        ]);
    }
    table.render(view)
}

/// `account use`
pub(super) async fn select(context: &Context, name: AccountName) -> Outcome {
    let store = store(context).await?;
    let message = format!("the default account is `{name}`");
    beside(move || store.make_default(&name)).await??;
    done(context, &message)
}

/// `token remove` without a name, `account remove` with one.
pub(super) async fn remove(context: &Context, name: Option<AccountName>) -> Outcome {
    let store = store(context).await?;
    let removed = beside(move || {
        let name = name.map_or_else(|| store.current(), |name| Ok(Some(name)))?;
        name.map(|name| store.remove(&name).map(|is_gone| (name, is_gone))).transpose()
    });
    let Some((name, is_gone)) = removed.await?? else {
        return done(context, "no credentials are stored");
    };
    if context.environment.get("QWEN_TOKEN").is_some() {
        context.output.note("QWEN_TOKEN is still set, and applies");
    }
    if !is_gone {
        context.output.warn(&format!(
            "the keyring cannot be reached; if it has an item `qwenctl account {name}`, remove that there"
        ));
    }
    let message = format!(
        "removed the credentials of `{name}` from this machine; the browser stays signed in"
    );
    done(context, &message)
}

fn done(context: &Context, message: &str) -> Outcome {
    let document = DoneDocument::new(message);
    context.output.result(&document, |_| format!("{message}\n"))
}

/// `token set`
pub(super) async fn set_token(context: &Context, with_refresh: bool, keyring: bool) -> Outcome {
    let store = store(context).await?;
    let path = store.path()?.display().to_string();
    let Some((text, refresh)) = pasted_token(context, with_refresh).await? else {
        context.output.note("nothing was stored");
        return Ok(());
    };
    let pasted = token::read_pasted(&text, refresh, now())?;
    let loaded = context.settings().await?;
    let client = app::client(&loaded.settings, notices(&context.output))?;
    // A refresh token may work only once, so it is not used before its successor can be stored.
    let writable = store.clone();
    beside(move || writable.check_writable(keyring)).await??;
    let tokens = token::sign_in(&client, pasted).await?;
    let saved = tokens.clone();
    let save = beside(move || {
        let before = store.load().ok().flatten();
        let name = if keyring { store.save_in_keyring(&saved) } else { store.save(&saved) };
        Ok::<_, Error>((name?, before))
    });
    let (name, before) = save.await??;
    let ids = [Some(&tokens), before.as_ref()]
        .map(|tokens| tokens.and_then(|tokens| tokens.access.claims().account_id.as_ref()));
    if let [Some(new), Some(old)] = ids
        && new != old
    {
        context.output.note(&format!(
            "`{name}` was another account before; `--account NAME` keeps several side by side"
        ));
    }
    let (note, warning) = token::advice(&tokens, now());
    if let Some(warning) = warning {
        context.output.warn(warning);
    }
    if let Some(note) = note {
        context.output.note(&note);
    }
    let info = token::info(&tokens, now());
    let source = ("stored", Some(path.clone()));
    let document = TokenDocument::new(&info, source, None, None).of_account(Some(name.as_str()));
    let place = format!("{path} (account {name})");
    context.output.result(&document, |view| token_rows(&info, None, &place, view))
}

/// The pasted text, and the refresh token if it was given apart; `None` for Ctrl-D at a prompt.
async fn pasted_token(
    context: &Context,
    with_refresh: bool,
) -> Outcome<Option<(String, Option<RefreshToken>)>> {
    if context.stdin_kind() != StdinKind::Terminal {
        let text = context.all_of_stdin().await?;
        return Ok(Some(if with_refresh { split_lines(&text)? } else { (text, None) }));
    }
    let question = "Access token or copied request";
    let Some(pasted) = context.ask_secret(question, no_token()).await? else {
        return Ok(None);
    };
    if !with_refresh {
        return Ok(Some((pasted, None)));
    }
    // A wrong one is reported before the next prompt, which a paste of both makes needless.
    if Pasted::parse(&pasted)?.refresh.is_some() {
        return Ok(Some((pasted, None)));
    }
    let refresh = context.ask_secret("Refresh token", no_token()).await?;
    refresh.map(|refresh| Ok((pasted, Some(RefreshToken::parse(&refresh)?)))).transpose()
}

fn no_token() -> Error {
    Error::invalid("no token given")
        .with_hint("pipe it in, such as `qwenctl token set < FILE`, or set QWEN_TOKEN")
}

/// The last line is the refresh token, everything before it the access token.
fn split_lines(text: &str) -> Result<(String, Option<RefreshToken>)> {
    let (access, refresh) = text.trim_end().rsplit_once('\n').ok_or_else(|| {
        Error::invalid("`--with-refresh` needs two lines on standard input")
            .with_hint("the access token on the first line, the refresh token on the last")
    })?;
    Ok((access.to_owned(), Some(RefreshToken::parse(refresh)?)))
}

/// `token info`. Contacts the upstream only with `check`.
pub(super) async fn token_info(context: &Context, check: bool) -> Outcome {
    let found = context.tokens().await?;
    let mut tokens = found.tokens().clone();
    let mut place = found.place();
    let mut user = None;
    let mut failure = None;
    if check {
        let session = context.session().await?;
        match token::check(&session).await {
            Ok(known) => user = Some(known),
            Err(error) => failure = Some(error),
        }
        if session.access_token() != tokens.access {
            tokens.access = session.access_token();
            place += " (refreshed)";
        }
    }
    let info = token::info(&tokens, now());
    if let (None, true, Some(seconds)) = (&failure, info.expired, info.expires_in) {
        failure = Some(token::expired(-seconds));
    }
    let source = (found.word(), Some(place.clone()));
    let document = TokenDocument::new(&info, source, user.as_ref(), failure.as_ref())
        .of_account(found.account());
    context.output.result(&document, |view| token_rows(&info, user.as_ref(), &place, view))?;
    match failure {
        None => Ok(()),
        Some(error) => {
            if !context.output.policy().is_json() {
                context.output.failure(&error, false);
            }
            Err(Failure::Reported(error.kind()))
        }
    }
}

/// `token refresh`. Stores the new token in place of the old one; prints it masked.
pub(super) async fn refresh_token(context: &Context) -> Outcome {
    let found = context.tokens().await?;
    let session = context.session().await?;
    let (access, user) = token::refresh(&session).await?;
    let masked = access.masked();
    let document = RefreshDocument::new(&masked, access.claims().expires_at, &user);
    let tokens = Tokens { access, ..found.tokens().clone() };
    let info = token::info(&tokens, now());
    context.output.result(&document, |view| token_rows(&info, Some(&user), &found.place(), view))
}

/// The facts about a token, for people.
fn token_rows(info: &TokenInfo, user: Option<&User>, place: &str, view: &View) -> String {
    let mut rows = vec![("source", place.to_owned()), ("token", info.masked.clone())];
    if let Some(account) = &info.account_id {
        rows.push(("account", account.clone()));
    }
    if let Some(user) = user {
        rows.push(("name", user.name.clone()));
        rows.push(("email", user.email.clone()));
    }
    rows.push(("kind", info.kind.about().to_owned()));
    rows.push(expiry_row(info, view));
    rows.push(("refresh token", if info.refreshable { "yes" } else { "none" }.to_owned()));
    view.pairs(rows)
}

fn expiry_row(info: &TokenInfo, view: &View) -> (&'static str, String) {
    let expires = Moment(info.expires_at).show(view.width.is_some());
    match info.expires_in {
        None => ("expires", "unknown".to_owned()),
        Some(seconds) if info.expired => {
            ("expired", format!("{expires} ({} ago)", in_words(-seconds)))
        }
        Some(seconds) => ("expires", format!("{expires} (in {})", in_words(seconds))),
    }
}
