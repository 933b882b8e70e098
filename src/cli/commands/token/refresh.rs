//! `token refresh`

use crate::app::documents::RefreshDocument;
use crate::app::token;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::output::now;
use crate::domain::Tokens;

/// Gets a new token and stores it where the old one was. It is never printed: it is a secret, and it
/// is where it belongs already.
pub(crate) async fn run(context: &Context) -> Outcome {
    let found = context.tokens().await?;
    let session = context.session(None).await?;
    let (access, user) = token::refresh(&session).await?;
    let masked = access.masked();
    let document = RefreshDocument::new(&masked, access.claims().expires_at, &user);
    let tokens = Tokens { access, refresh: found.tokens().refresh.clone() };
    let info = token::info(&tokens, now());
    context.output.result(&document, |view| super::rows(&info, Some(&user), &found.place(), view))
}
