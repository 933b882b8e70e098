//! `chats new`

use crate::app::chats;
use crate::app::documents::{DataDocument, NewChatData};
use crate::cli::args::NewArgs;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;

/// Makes an empty chat.
pub(crate) async fn run(context: &Context, args: &NewArgs) -> Outcome {
    let title = args.title.as_deref().map(chats::usable_title).transpose()?;
    let loaded = context.settings(args.model.as_deref()).await?;
    let session = context.session(args.model.as_deref()).await?;
    let model = loaded.settings.model.value.as_deref();
    let id = chats::new(&session, model, title.as_deref()).await?;
    context.output.result(&DataDocument::new(NewChatData { id: &id }), |_| format!("{id}\n"))
}
