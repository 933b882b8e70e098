//! `doctor`: the checks of `app::doctor`, printed.

use std::fmt::Write as _;

use serde::Serialize;

use crate::app;
use crate::app::doctor::{self, Check, Status, Upstream};
use crate::cli::context::Context;
use crate::cli::interrupt::beside;
use crate::cli::output::{Failure, Outcome, Role, View, one_line, wrap};
use crate::client::{Client, NoticeSink, Session};
use crate::domain::time::now;
use crate::domain::{ErrorKind, Result, TokenState, Tokens};
use crate::settings::{AccountName, FoundTokens, Loaded, load, load_without_file};

/// The least room for findings beside the names of the checks, in columns.
const LEAST_ROOM: usize = 30;

/// The findings as JSON, with the members of every success or failure.
#[derive(Serialize)]
struct Findings<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    data: &'a [Check],
}

/// `doctor`. The exit code is that of the worst finding.
pub(super) async fn run(context: &Context) -> Outcome {
    let checks = if context.is_local() { local(context).await? } else { examine(context).await? };
    let worst = doctor::worst(&checks);
    let failed: Vec<&str> = checks
        .iter()
        .filter(|check| matches!(check.status, Status::Fail(_)))
        .map(|check| check.name)
        .collect();
    let findings = Findings {
        success: worst.is_none(),
        error: worst.map(|_| format!("failed: {}", failed.join(", "))),
        code: worst.map(ErrorKind::code),
        data: &checks,
    };
    context.output.list(&findings, &checks, |view| show(&checks, view))?;
    worst.map_or(Ok(()), |kind| Err(Failure::Reported(kind)))
}

/// The checks of the user's own account.
async fn examine(context: &Context) -> Outcome<Vec<Check>> {
    let (overrides, environment) = (context.overrides.clone(), &context.environment);
    let loaded = load(&overrides, environment);
    let mut checks = vec![doctor::version(), doctor::config(&loaded)];
    // A broken config file does not end the diagnosis.
    let Ok(loaded) = loaded.or_else(|_| load_without_file(&overrides, environment)) else {
        return Ok(checks);
    };
    let found = find(context, &loaded).await?;
    let known =
        found.as_ref().map(|found| found.as_ref().map(|found| (&found.tokens, found.to_string())));
    let store = loaded.clone();
    let credentials = beside(move || {
        let refused = store.credentials().refresh_was_refused().unwrap_or_default();
        (doctor::credentials(&store), refused)
    });
    let (credentials, refused) = credentials.await?;
    let stored = found.as_ref().ok().and_then(Option::as_ref);
    let account = stored.and_then(|found| found.account.as_ref()).map(AccountName::as_str);
    let tokens = stored.map(|found| &found.tokens);
    checks.extend([
        credentials,
        doctor::token(known, account, now()),
        doctor::refresh(tokens, refused && account.is_some()),
        doctor::data_dir(&loaded),
        doctor::proxy(&loaded.settings, environment),
        doctor::certificates(&loaded.settings),
    ]);
    checks.extend(doctor::serve(&loaded, now()));
    // Settings that it rejects have failed a check above.
    if let Ok(client) = app::client(&loaded.settings, NoticeSink::default()) {
        let session =
            found.ok().flatten().and_then(|found| read_only_session(&client, found.tokens));
        let upstream = Upstream {
            api_url: &loaded.settings.api_url.value,
            has_proxy: doctor::is_proxied(&loaded.settings, environment),
            client: &client,
            session,
        };
        checks.extend(doctor::reach(upstream).await);
    }
    Ok(checks)
}

/// A session with the access token alone, unless it has expired: a refresh would use up the stored
/// refresh token.
fn read_only_session(client: &Client, tokens: Tokens) -> Option<Session> {
    let is_expired = matches!(tokens.access.state(now()), TokenState::Expired { .. });
    (!is_expired).then(|| client.session(Tokens { refresh: None, ..tokens }, None))
}

/// May read standard input or a slow disk.
async fn find(context: &Context, loaded: &Loaded) -> Outcome<Result<Option<FoundTokens>>> {
    let (loaded, environment) = (loaded.clone(), context.environment.clone());
    beside(move || loaded.find_tokens(&environment)).await
}

/// The checks of the local upstream, which needs neither credentials nor a network.
async fn local(context: &Context) -> Outcome<Vec<Check>> {
    let loaded = context.settings().await?;
    let mut checks = vec![
        doctor::version(),
        Check::ok("config", "settings of the real account are not used with `--local`"),
        doctor::data_dir(&loaded),
    ];
    let session = match context.session().await {
        Ok(session) => session,
        Err(Failure::Error(error)) => {
            checks.push(Check::fail("upstream", &error));
            return Ok(checks);
        }
        Err(failure) => return Err(failure),
    };
    let tokens = session.tokens();
    let place = "the local upstream".to_owned();
    checks.push(doctor::token(Ok(Some((&tokens, place))), None, now()));
    checks.push(doctor::refresh(Some(&tokens), false));
    let client = context.client().await?;
    let api_url = "http://127.0.0.1/api";
    let session = Some(session);
    let models = session.clone();
    let upstream = Upstream { api_url, has_proxy: false, client: &client, session };
    checks.extend(doctor::reach(upstream).await);
    if let (Some(url), Some(session)) = (&loaded.settings.engine.value, models) {
        checks.push(doctor::engine(url, &session).await);
    }
    Ok(checks)
}

/// A line for each check, and its hint below it.
fn show(checks: &[Check], view: &View) -> String {
    let name_width = checks.iter().map(|check| check.name.len()).max().unwrap_or_default();
    checks.iter().map(|check| line(check, name_width, view)).collect()
}

fn line(check: &Check, name_width: usize, view: &View) -> String {
    let Check { name, status, message, hint, .. } = check;
    let (word, message) = (status.word(), one_line(message));
    let hint = hint.as_deref().map(one_line);
    if view.width.is_none() {
        return format!("{word}\t{name}\t{message}\t{}\n", hint.unwrap_or_default());
    }
    let (sign, role) = match status {
        Status::Ok => ("✓", Role::Success),
        Status::Warn => ("!", Role::Warning),
        Status::Fail(_) => ("✗", Role::Error),
    };
    let sign = view.paint(role, &format!("{sign} {word:<4}"));
    let (width, aligned) = (view.width.unwrap_or(usize::MAX), name_width + 10);
    // Where little room is left beside the names, the findings stand below them.
    let is_narrow = width < aligned + LEAST_ROOM;
    let indent = if is_narrow { 4 } else { aligned };
    let gap = if is_narrow { format!("\n{:indent$}", "") } else { "  ".to_owned() };
    let name_width = if is_narrow { 0 } else { name_width };
    let room = width.saturating_sub(indent);
    let below = |text: &str| wrap(text, 0, room).replace('\n', &format!("\n{:indent$}", ""));
    let mut text = format!("{sign}  {name:<name_width$}{gap}{}\n", below(&message));
    if let Some(hint) = hint {
        let _ = writeln!(text, "{:indent$}{}", "", below(&format!("hint: {hint}")));
    }
    text
}
