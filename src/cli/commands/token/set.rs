//! `token set`

use crate::app::documents::TokenDocument;
use crate::app::token;
use crate::cli::args::TokenSetArgs;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::output::{StdinKind, now};
use crate::cli::threads::beside;
use crate::domain::{AccessToken, Error, RefreshToken, Result};

/// Stores an access token.
pub(crate) async fn run(context: &Context, args: &TokenSetArgs) -> Outcome {
    if context.is_local() {
        return Err(Error::invalid("the local upstream has its own token, which is not stored")
            .with_hint("leave out `--local` to store the token of your account")
            .into());
    }
    let loaded = context.settings(None).await?;
    let store = loaded.paths.credentials();
    let path = store.path()?.display().to_string();
    let (pasted, refresh) = pasted(context, args.with_refresh).await?;
    let save = move || token::set(&store, &pasted, refresh, now());
    let tokens = beside(save).await??;
    let info = token::info(&tokens, now());
    let document = TokenDocument::new(&info, ("stored", Some(path.clone())), None, None);
    context.output.result(&document, |view| super::rows(&info, None, &path, view))
}

async fn pasted(context: &Context, with_refresh: bool) -> Outcome<(String, Option<RefreshToken>)> {
    if context.stdin_kind() != StdinKind::Terminal {
        let text = context.all_of_stdin().await?;
        return Ok(if with_refresh { split(&text)? } else { (text, None) });
    }
    let pasted = context.ask_secret("Access token", no_token()).await?;
    // What is wrong with it is told before the next question.
    AccessToken::parse(&pasted)?;
    if !with_refresh {
        return Ok((pasted, None));
    }
    let refresh = context.ask_secret("Refresh token", no_token()).await?;
    Ok((pasted, Some(RefreshToken::parse(&refresh)?)))
}

fn no_token() -> Error {
    Error::invalid("no token was given")
        .with_hint("pipe it in, such as `qwenctl token set < FILE`, or set QWEN_TOKEN")
}

/// The last line is the refresh token, what stands before it the access token.
fn split(text: &str) -> Result<(String, Option<RefreshToken>)> {
    let (access, refresh) = text.trim_end().rsplit_once('\n').ok_or_else(|| {
        Error::invalid("with `--with-refresh` standard input must have two lines")
            .with_hint("the access token on the first line, the refresh token on the last")
    })?;
    Ok((access.to_owned(), Some(RefreshToken::parse(refresh)?)))
}
