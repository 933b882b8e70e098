//! One prompt: which chat, which model, what it follows, and what becomes of the chat afterwards.
//!
//! A turn is made in steps, so that a caller can stop between them and always knows what was made:
//! [`prepare`] finds out what is needed and changes nothing, [`Prepared::open`] makes the chat if there
//! is none ([`open_found`] does both), [`Opened::send`] sends the prompt, and [`Opened::close`] deletes
//! an ephemeral chat, whatever happened in between.

use super::{ephemeral, models};
pub(crate) use crate::client::ReplyStream;
use crate::client::{ChatKind, Session};
use crate::domain::{
    ChatId, ChatSummary, Completeness, Error, ErrorKind, Parent, Reply, Result, Turn,
};

/// The longest prompt that is sent, in bytes.
pub(crate) const MAX_PROMPT_BYTES: usize = 10 << 20;

/// As a parent: before the first message, so that the prompt begins another branch of the chat.
pub(crate) const ROOT: &str = "root";

/// A prompt and how it is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SendRequest {
    /// The chat.
    pub target: Target,
    /// What the user says.
    pub prompt: String,
    /// Instructions to go before it.
    pub system: Option<String>,
    /// Addresses of images that go with it; the upstream fetches them.
    pub images: Vec<String>,
    /// The model that was asked for or configured. Without one the chat's own counts, then the first
    /// one that the upstream offers.
    pub model: Option<String>,
    /// The message that the prompt follows, if not the current one; or [`ROOT`].
    pub parent: Option<String>,
    /// Whether the model shall think first.
    pub thinking: bool,
    /// Whether the model shall search the web.
    pub search: bool,
}

/// Which chat a prompt goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// This one.
    Chat(ChatId),
    /// The most recent one, or a new one if there is none.
    Recent,
    /// A new one.
    New {
        /// Whether it is deleted after the answer, and also if there is none.
        ephemeral: bool,
    },
}

/// Refuses a prompt that is empty, or too long to be worth a try.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`].
pub(crate) fn check_prompt(prompt: &str) -> Result<()> {
    if prompt.trim().is_empty() {
        return Err(Error::invalid("the message is empty"));
    }
    if prompt.len() > MAX_PROMPT_BYTES {
        return Err(too_long(Some(prompt.len())));
    }
    Ok(())
}

/// The error for a prompt that is longer than [`MAX_PROMPT_BYTES`]; `len` is its length in bytes, if
/// all of it has been read.
pub(crate) fn too_long(len: Option<usize>) -> Error {
    let most = format!("{MAX_PROMPT_BYTES} bytes (10 MiB)");
    Error::invalid(match len {
        Some(len) => format!("the message has {len} bytes, and at most {most} are sent"),
        None => format!("the message is longer than {most}, which is the most that is sent"),
    })
    .with_hint("send it in parts, or put the text where the model can read it")
}

/// What a prompt needs, before anything is made.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    place: Place,
    model: String,
    parent: Parent,
}

#[derive(Debug, Clone)]
enum Place {
    Chat(ChatId),
    New { kind: ChatKind, ephemeral: bool, title: Option<String> },
}

/// A chat that is ready for the prompt.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    /// The chat.
    pub chat_id: ChatId,
    /// The model that will be asked.
    pub model: String,
    parent: Parent,
    ephemeral: bool,
}

/// How many chats that are gone are passed over.
const MAX_GHOSTS: usize = 3;

/// Chats that the list still shows although they are gone: it lags behind (protocol F21).
#[derive(Debug, Default)]
pub(crate) struct Ghosts(Vec<ChatId>);

impl Ghosts {
    /// Whether `error` says that `found` is one, where the most recent chat was `wished` for; the next
    /// [`resolve`] passes it over. Who names a chat is told that it is gone.
    pub(crate) fn adds(&mut self, wished: &Target, found: &Target, error: &Error) -> bool {
        let (Target::Recent, Target::Chat(id)) = (wished, found) else { return false };
        let is_ghost = error.kind() == ErrorKind::NotFound && self.0.len() < MAX_GHOSTS;
        if is_ghost {
            self.0.push(id.clone());
        }
        is_ghost
    }
}

/// The chat that `target` stands for: the most recent one becomes a chat, or a new one if there is
/// none. For callers that have to know the chat before it is opened.
///
/// # Errors
/// Those of the client.
pub(crate) async fn resolve(session: &Session, target: Target, ghosts: &Ghosts) -> Result<Target> {
    match target {
        Target::Recent => {
            let recent = most_recent(session, ghosts).await?;
            Ok(recent.map_or(Target::New { ephemeral: false }, Target::Chat))
        }
        target => Ok(target),
    }
}

/// Whether `reply`, whose stream is at its end, may be told as the answer.
///
/// # Errors
/// If it was stopped, or is not whole; the error holds what there is of it.
pub(crate) fn verdict(reply: &Reply) -> Result<()> {
    let fault = match reply.completeness {
        Completeness::Complete | Completeness::Doubtful => return Ok(()),
        Completeness::Stopped => stopped(),
        Completeness::Partial => {
            Error::new(ErrorKind::UpstreamProtocol, "the answer ended before it was whole")
        }
    };
    Err(fault.with_partial(reply.clone()))
}

/// The error for an answer that somebody stopped.
pub(crate) fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "the answer was stopped")
}

/// Finds or makes the chat for `request`, whose target [`resolve`] has found to be `found`.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] for the prompt; those of the client.
pub(crate) async fn open_found(
    session: &Session,
    found: Target,
    request: &SendRequest,
) -> Result<Opened> {
    check_prompt(&request.prompt)?;
    let prepared = prepare_in(session, found, request).await?;
    prepared.following(request.parent.as_deref()).open(session).await
}

/// Finds out what `request` needs. Checks the prompt before any request is made; makes nothing, so it
/// can be dropped at any time.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] for the prompt; those of the client.
pub(crate) async fn prepare(session: &Session, request: &SendRequest) -> Result<Prepared> {
    check_prompt(&request.prompt)?;
    let mut ghosts = Ghosts::default();
    let prepared = loop {
        let target = resolve(session, request.target.clone(), &ghosts).await?;
        match prepare_in(session, target.clone(), request).await {
            Err(error) if ghosts.adds(&request.target, &target, &error) => {}
            prepared => break prepared?,
        }
    };
    Ok(prepared.following(request.parent.as_deref()))
}

async fn prepare_in(session: &Session, target: Target, request: &SendRequest) -> Result<Prepared> {
    match target {
        Target::Chat(id) => prepare_chat(session, id, request).await,
        Target::New { ephemeral } => prepare_new(session, request, ephemeral).await,
        Target::Recent => prepare_new(session, request, false).await,
    }
}

/// With a model wished for, the client looks up the current message; otherwise the chat has to be
/// read for its model anyway, and tells the current message too. So is the most recent one, which may
/// be gone.
async fn prepare_chat(session: &Session, id: ChatId, request: &SendRequest) -> Result<Prepared> {
    if let Some(model) = request.model.as_ref().filter(|_| request.target != Target::Recent) {
        let (model, parent) = (model.clone(), Parent::Current);
        return Ok(Prepared { place: Place::Chat(id), model, parent });
    }
    let chat = session.chat(&id).await?;
    let wished = [request.model.as_deref(), chat.model.as_deref()];
    let model = models::choose(session, wished).await?;
    Ok(Prepared { place: Place::Chat(id), model, parent: Parent::seen(&chat) })
}

async fn prepare_new(
    session: &Session,
    request: &SendRequest,
    ephemeral: bool,
) -> Result<Prepared> {
    let model = models::choose(session, [request.model.as_deref()]).await?;
    let kind = ChatKind::for_prompt(request.search);
    Ok(Prepared {
        place: Place::New { kind, ephemeral, title: None },
        model,
        parent: Parent::Nothing,
    })
}

/// The chat that changed last, of those that talk: a chat that makes pictures or videos would answer
/// a question with one. One that is about to be deleted is none that a person could mean.
async fn most_recent(session: &Session, ghosts: &Ghosts) -> Result<Option<ChatId>> {
    let mut rows = session.chats(1).await?;
    rows.retain(|row| !ghosts.0.contains(&row.id));
    Ok(newest_that_talks(rows).map(|row| row.id))
}

/// Of those that changed in the same second, the one that the upstream lists first.
fn newest_that_talks(rows: Vec<ChatSummary>) -> Option<ChatSummary> {
    // Of equal rows `max_by_key` takes the last one.
    rows.into_iter().rev().filter(talks).max_by_key(|row| row.updated_at)
}

fn talks(row: &ChatSummary) -> bool {
    if row.title.as_deref().is_some_and(ephemeral::is_mark) {
        return false;
    }
    ChatKind::of(row).is_some()
}

impl Prepared {
    /// The prompt follows `parent`, if one is named.
    fn following(mut self, parent: Option<&str>) -> Self {
        match parent {
            None => {}
            Some(ROOT) => self.parent = Parent::Root,
            Some(parent) => self.parent = Parent::Message(parent.to_owned()),
        }
        self
    }

    /// Whether [`Prepared::open`] makes a chat that has to be deleted again.
    pub(crate) fn is_ephemeral(&self) -> bool {
        matches!(self.place, Place::New { ephemeral: true, .. })
    }

    /// A new chat gets this title instead of the usual one.
    pub(crate) fn set_title(&mut self, new: &str) {
        if let Place::New { title, .. } = &mut self.place {
            *title = Some(new.to_owned());
        }
    }

    /// Makes the chat if there is none.
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn open(self, session: &Session) -> Result<Opened> {
        let ephemeral = self.is_ephemeral();
        let Self { place, model, parent } = self;
        let chat_id = match place {
            Place::Chat(id) => id,
            Place::New { kind, title, .. } => {
                session.create_chat(&model, kind, title.as_deref()).await?
            }
        };
        Ok(Opened { chat_id, model, parent, ephemeral })
    }
}

impl Opened {
    /// Whether the chat is deleted by [`Opened::close`].
    pub(crate) fn is_ephemeral(&self) -> bool {
        self.ephemeral
    }

    /// Sends the prompt; returns when the upstream's first event is there.
    ///
    /// # Errors
    /// Those of the client; for a model that the upstream does not offer, [`ErrorKind::InvalidRequest`].
    pub(crate) async fn send(
        &self,
        session: &Session,
        request: &SendRequest,
    ) -> Result<ReplyStream> {
        let turn = Turn {
            chat_id: self.chat_id.clone(),
            prompt: request.prompt.clone(),
            system: request.system.clone(),
            images: request.images.clone(),
            model: self.model.clone(),
            parent: self.parent.clone(),
            thinking: request.thinking,
            search: request.search,
        };
        match session.send(turn).await {
            Err(error) if may_be_the_model(error.kind()) => {
                Err(unknown_model(session, &self.model).await.unwrap_or(error))
            }
            result => result,
        }
    }

    /// Deletes an ephemeral chat; leaves any other alone.
    ///
    /// # Errors
    /// Those of the client. A chat that is gone already is none.
    pub(crate) async fn close(self, session: &Session) -> Result<()> {
        if !self.ephemeral {
            return Ok(());
        }
        match session.delete_chat(&self.chat_id).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}

fn may_be_the_model(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::InvalidRequest | ErrorKind::NotFound | ErrorKind::UpstreamProtocol)
}

/// The error that names the models, if `model` is none of them. Only looked up after a refusal, so
/// that a good prompt costs no request for it.
async fn unknown_model(session: &Session, model: &str) -> Option<Error> {
    let models = session.models().await.ok()?;
    if models.iter().any(|known| known.id == model) {
        return None;
    }
    let known: Vec<_> = models.iter().take(8).map(|known| format!("`{}`", known.id)).collect();
    Some(
        Error::invalid(format!("the upstream has no model `{model}`"))
            .with_hint(format!("choose one of {}; `qwenctl models` lists all", known.join(", "))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, updated_at: Option<i64>, chat_type: &str) -> ChatSummary {
        ChatSummary {
            id: id.parse().expect("an id"),
            title: None,
            created_at: None,
            updated_at,
            pinned: false,
            chat_type: Some(chat_type.to_owned()),
            project_id: None,
        }
    }

    #[test]
    fn the_most_recent_chat_is_the_first_of_the_newest_that_talk() {
        let rows = vec![
            row("old-1", Some(1), "t2t"),
            row("picture-1", Some(9), "t2i"),
            row("first-1", Some(5), "t2t"),
            row("second-1", Some(5), "search"),
            row("undated-1", None, "t2t"),
        ];
        assert_eq!(
            newest_that_talks(rows).map(|row| row.id.to_string()).as_deref(),
            Some("first-1")
        );
        assert_eq!(
            newest_that_talks(vec![row("picture-1", Some(9), "t2i")]).map(|row| row.id),
            None
        );
    }

    #[test]
    fn empty_and_huge_prompts_are_refused_with_the_numbers() {
        for empty in ["", " \n\t", "\u{3000}"] {
            assert_eq!(check_prompt(empty).map_err(|e| e.kind()), Err(ErrorKind::InvalidRequest));
        }
        assert!(check_prompt(&"x".repeat(MAX_PROMPT_BYTES)).is_ok());
        let error = check_prompt(&"x".repeat(MAX_PROMPT_BYTES + 1)).expect_err("too long");
        assert!(error.message().contains("10485761") && error.message().contains("10485760"));
    }
}
