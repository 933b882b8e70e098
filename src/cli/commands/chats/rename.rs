//! `chats rename`

use crate::app::chats;
use crate::app::documents::DoneDocument;
use crate::cli::args::RenameArgs;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;

/// Gives a chat another title.
pub(crate) async fn run(context: &Context, args: &RenameArgs) -> Outcome {
    let title = chats::usable_title(&args.title)?;
    let session = context.session(None).await?;
    chats::rename(&session, &args.id, &title).await?;
    context.output.result(&DoneDocument::chat_renamed(), |_| format!("renamed {}\n", args.id))
}
