//! `doctor`

use owo_colors::Style;
use serde::Serialize;

use crate::app::connect;
use crate::app::doctor::{self, Check, Status, Upstream};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{View, now, one_line};
use crate::cli::threads::beside;
use crate::client::{Client, NoticeSink, Session};
use crate::domain::{ErrorKind, Result, TokenState, Tokens};
use crate::settings::{FoundTokens, Loaded, find_tokens, load, load_without_file};

/// The findings as JSON; `success` and the members of an error are those of every failure.
#[derive(Serialize)]
struct Findings<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    data: &'a [Check],
}

/// Looks at everything, and tells what is wrong. The exit code is that of the worst of it.
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
    context.output.result(&findings, |view| show(&checks, view))?;
    worst.map_or(Ok(()), |kind| Err(Failure::Told(kind)))
}

/// For the user's own account.
async fn examine(context: &Context) -> Outcome<Vec<Check>> {
    let (overrides, environment) = (context.globals.overrides(None), &context.environment);
    let loaded = load(&overrides, environment);
    let mut checks = vec![doctor::version(), doctor::config(&loaded)];
    // What else is wrong is worth knowing even if the config file is.
    let Ok(loaded) = loaded.or_else(|_| load_without_file(&overrides, environment)) else {
        return Ok(checks);
    };
    let found = find(context, &loaded).await?;
    let known = found
        .as_ref()
        .map(|found| found.as_ref().map(|found| (&found.tokens, found.source.to_string())));
    checks.extend([
        doctor::credentials(&loaded),
        doctor::token(known, now()),
        doctor::data_dir(&loaded),
        doctor::proxy(&loaded.settings, environment),
        doctor::certificates(&loaded.settings),
    ]);
    // What it does not accept has failed above.
    if let Ok(client) = connect::client(&loaded.settings, NoticeSink::default()) {
        let session = found.ok().flatten().and_then(|found| only_to_ask(&client, found.tokens));
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

/// With the access token alone, if it is good: getting a new one would use up what is stored.
fn only_to_ask(client: &Client, tokens: Tokens) -> Option<Session> {
    let is_expired = matches!(tokens.access.state(now()), TokenState::Expired { .. });
    (!is_expired).then(|| client.session(Tokens { refresh: None, ..tokens }, None))
}

/// May have to read standard input, or a slow disk.
async fn find(context: &Context, loaded: &Loaded) -> Outcome<Result<Option<FoundTokens>>> {
    let store = loaded.paths.credentials();
    let (token_file, environment) =
        (loaded.settings.token_file.clone(), context.environment.clone());
    beside(move || find_tokens(&token_file, &environment, &store)).await
}

/// For the local upstream, which needs neither credentials nor a network.
async fn local(context: &Context) -> Outcome<Vec<Check>> {
    let loaded = context.settings(None).await?;
    let session = context.session(None).await?;
    let tokens = session.tokens();
    let place = "the local upstream".to_owned();
    let mut checks = vec![
        doctor::version(),
        Check::ok("config", "what belongs to the real account does not count"),
        doctor::token(Ok(Some((&tokens, place))), now()),
        doctor::data_dir(&loaded),
    ];
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

/// A line for each check, and one below it about what to do.
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
    let (sign, style) = match status {
        Status::Ok => ("✓", Style::new().green()),
        Status::Warn => ("!", Style::new().yellow()),
        Status::Fail(_) => ("✗", Style::new().red()),
    };
    let sign = view.styled(&format!("{sign} {word:<4}"), style);
    let mut text = format!("{sign}  {name:<name_width$}  {message}\n");
    if let Some(hint) = hint {
        let indent = " ".repeat(name_width + 10);
        text.extend([&indent, "hint: ", &hint, "\n"]);
    }
    text
}
