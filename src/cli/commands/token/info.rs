//! `token info`

use crate::app::documents::TokenDocument;
use crate::app::token;
use crate::cli::args::TokenInfoArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::now;

/// Tells what is known about the token; asks the upstream only with `--check`.
pub(crate) async fn run(context: &Context, args: &TokenInfoArgs) -> Outcome {
    let found = context.tokens().await?;
    let mut tokens = found.tokens().clone();
    let mut place = found.place();
    let mut user = None;
    let mut failure = None;
    if args.check {
        let session = context.session(None).await?;
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
    context.output.result(&document, |view| super::rows(&info, user.as_ref(), &place, view))?;
    match failure {
        None => Ok(()),
        Some(error) => {
            if !context.output.policy().is_json() {
                context.output.failure(&error, false);
            }
            Err(Failure::Told(error.kind()))
        }
    }
}
