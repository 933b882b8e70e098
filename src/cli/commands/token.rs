//! `token …`

use crate::app::documents::{RefreshDocument, TokenDocument};
use crate::app::token::{self, TokenInfo, in_words};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::interrupt::beside;
use crate::cli::output::{Moment, StdinKind, View};
use crate::domain::time::now;
use crate::domain::{AccessToken, Error, RefreshToken, Result, Tokens, User};

/// `token set`
pub(super) async fn set(context: &Context, with_refresh: bool) -> Outcome {
    if context.is_local() {
        return Err(Error::invalid("the local upstream has its own token, which is not stored")
            .with_hint("leave out `--local` to store the token of your account")
            .into());
    }
    let loaded = context.settings().await?;
    let store = loaded.paths.credentials();
    let path = store.path()?.display().to_string();
    let Some((pasted, refresh)) = pasted(context, with_refresh).await? else {
        context.output.note("nothing was stored");
        return Ok(());
    };
    let save = move || token::set(&store, &pasted, refresh, now());
    let tokens = beside(save).await??;
    let info = token::info(&tokens, now());
    let document = TokenDocument::new(&info, ("stored", Some(path.clone())), None, None);
    context.output.result(&document, |view| rows(&info, None, &path, view))
}

/// The access token as pasted, and the refresh token; `None` for Ctrl-D at a prompt.
async fn pasted(
    context: &Context,
    with_refresh: bool,
) -> Outcome<Option<(String, Option<RefreshToken>)>> {
    if context.stdin_kind() != StdinKind::Terminal {
        let text = context.all_of_stdin().await?;
        return Ok(Some(if with_refresh { split(&text)? } else { (text, None) }));
    }
    let Some(pasted) = context.ask_secret("Access token", no_token()).await? else {
        return Ok(None);
    };
    // A wrong one is reported before the next prompt.
    AccessToken::parse(&pasted)?;
    if !with_refresh {
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
fn split(text: &str) -> Result<(String, Option<RefreshToken>)> {
    let (access, refresh) = text.trim_end().rsplit_once('\n').ok_or_else(|| {
        Error::invalid("`--with-refresh` needs two lines on standard input")
            .with_hint("the access token on the first line, the refresh token on the last")
    })?;
    Ok((access.to_owned(), Some(RefreshToken::parse(refresh)?)))
}

/// `token info`. Contacts the upstream only with `check`.
pub(super) async fn info(context: &Context, check: bool) -> Outcome {
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
    let document = TokenDocument::new(&info, source, user.as_ref(), failure.as_ref());
    context.output.result(&document, |view| rows(&info, user.as_ref(), &place, view))?;
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
pub(super) async fn refresh(context: &Context) -> Outcome {
    let found = context.tokens().await?;
    let session = context.session().await?;
    let (access, user) = token::refresh(&session).await?;
    let masked = access.masked();
    let document = RefreshDocument::new(&masked, access.claims().expires_at, &user);
    let tokens = Tokens { access, refresh: found.tokens().refresh.clone() };
    let info = token::info(&tokens, now());
    context.output.result(&document, |view| rows(&info, Some(&user), &found.place(), view))
}

/// The facts about a token, for people.
fn rows(info: &TokenInfo, user: Option<&User>, place: &str, view: &View) -> String {
    let mut rows = vec![("source", place.to_owned()), ("token", info.masked.clone())];
    if let Some(account) = &info.account_id {
        rows.push(("account", account.clone()));
    }
    if let Some(user) = user {
        rows.push(("name", user.name.clone()));
        rows.push(("email", user.email.clone()));
    }
    let expires = Moment(info.expires_at).show(view.width.is_some());
    rows.push(match info.expires_in {
        None => ("expires", "unknown".to_owned()),
        Some(seconds) if info.expired => {
            ("expired", format!("{expires} ({} ago)", in_words(-seconds)))
        }
        Some(seconds) => ("expires", format!("{expires} (in {})", in_words(seconds))),
    });
    rows.push(("refresh token", if info.refreshable { "yes" } else { "none" }.to_owned()));
    view.pairs(rows)
}
