//! `status`

use crate::app::documents::DataDocument;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::domain::ErrorKind;

/// Tells whether somebody is signed in. Without a token nobody is, and nobody has to be asked.
pub(super) async fn run(context: &Context) -> Outcome {
    let signed_in = match context.session(None).await {
        Ok(session) => session.is_signed_in().await?,
        Err(Failure::Error(error)) if error.kind() == ErrorKind::TokenMissing => false,
        Err(failure) => return Err(failure),
    };
    let words = if signed_in { "signed in\n" } else { "not signed in\n" };
    context.output.result(&DataDocument::new(signed_in), |_| words.to_owned())?;
    if signed_in { Ok(()) } else { Err(Failure::Told(ErrorKind::TokenInvalid)) }
}
