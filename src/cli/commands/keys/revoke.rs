//! `keys revoke`

use crate::app::documents::DoneDocument;
use crate::app::keys::revoke;
use crate::cli::args::RevokeKeyArgs;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::threads::beside;

/// Revokes a key. A running server knows at once.
pub(crate) async fn run(context: &Context, args: &RevokeKeyArgs) -> Outcome {
    let store = context.settings(None).await?.paths.keys();
    let wanted = args.key.clone();
    let key = beside(move || revoke(&store, &wanted)).await??;
    let document = DoneDocument::new("API key revoked");
    context.output.result(&document, |_| format!("revoked {} ({})\n", key.name, key.id))
}
