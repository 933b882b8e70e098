//! The one driver of a prompt and its answer, for the command line, REST and `/v1`.
//!
//! The steps are [`Answering::open`] (the chat's turn, the chat itself), [`Answering::send`],
//! [`Answering::next`] until the answer ends, and [`Answering::finish`] (stop what still runs, delete an
//! ephemeral chat). A caller that formats the answer adds nothing but its own output between them.
//!
//! What this module keeps true:
//! - A prompt is sent once. Another chat is tried only before it is sent.
//! - Every early end except a disconnected client returns an error that holds the partial reply.
//! - Every step may be dropped: the upstream is stopped in the background, then the chat is free.
//! - An ephemeral chat is in the journal from before it is created until it is deleted. It is created
//!   to the end even if the answer has to end meanwhile: without its id it cannot be deleted.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Fuse};
use tokio_util::sync::CancellationToken;

use super::chats::choose_model;
use super::direct::{DirectAnswer, DirectRequest};
use super::ephemeral::{self, Entry, Journal, Recorded};
use super::quota::{Quotas, RECENT};
use crate::client::{
    ChatKind, FileSource, Hold, ReplyStream, Session, UploadSink, check_model, check_together,
};
use crate::domain::{
    Chat, ChatId, ChatSummary, Completeness, Conversation, Error, ErrorKind, Parent, Reply,
    ReplyEvent, Result, Role, Turn, UploadedFile,
};

/// The longest message that is sent, in bytes.
pub(crate) const MAX_MESSAGE_BYTES: usize = 10 << 20;

/// As a parent: before the first message, so that the prompt begins another branch of the chat.
pub(crate) const ROOT: &str = "root";

/// How many chats that are gone are skipped.
const MAX_SKIPPED: usize = 3;

/// How long a refusal waits for the deletion of the chat that was made for the prompt.
const DELETION_WAIT: Duration = Duration::from_secs(5);

/// A prompt and how to answer it. Its message is neither empty nor too long.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    message: String,
    /// The chat.
    pub target: Target,
    /// Instructions that precede the message.
    pub system: Option<String>,
    /// URLs of images that belong to the message; the upstream fetches them.
    pub images: Vec<String>,
    /// Files that go with the message.
    pub files: Vec<FileSource>,
    /// When a message goes as a file because it is long.
    pub long_as_file: LongAsFile,
    /// The same prompt taken apart, for an upstream that takes roles.
    pub conversation: Option<Conversation>,
    /// The requested or configured model. The default is the chat's own model, then the first one that
    /// the upstream offers.
    pub model: Option<String>,
    /// The message that the prompt follows, if not the current one; or `root`.
    pub parent: Option<String>,
    /// Whether the model thinks before it answers.
    pub thinking: bool,
    /// Whether the model searches the web.
    pub search: bool,
    /// What is held back until it will not change any more.
    pub hold: Hold,
    /// Whether the prompt is sent although a quota is known to be used up.
    pub force: bool,
    /// The request that an engine gets in place of all this.
    pub direct: Option<Box<DirectRequest>>,
}

impl Target {
    /// Its name among the targets of used-up quotas.
    fn key(&self) -> &str {
        match self {
            Self::Chat(id) => id.as_str(),
            Self::Recent => RECENT,
            Self::New { .. } => "new",
        }
    }
}

/// The chat that a prompt goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// This one.
    Chat(ChatId),
    /// The most recent one, or a new one if there is none.
    Recent,
    /// A new one.
    New {
        /// Whether it is deleted after the answer, and also after a failure.
        ephemeral: bool,
    },
}

impl Question {
    /// A prompt with no options set.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] if the message is empty or too long.
    pub(crate) fn new(target: Target, message: String) -> Result<Self> {
        if message.trim().is_empty() {
            return Err(Error::invalid("the message is empty"));
        }
        if message.len() > MAX_MESSAGE_BYTES {
            return Err(too_long(Some(message.len())));
        }
        Ok(Self {
            message,
            target,
            system: None,
            images: Vec::new(),
            files: Vec::new(),
            long_as_file: LongAsFile::Never,
            conversation: None,
            model: None,
            parent: None,
            thinking: false,
            search: false,
            hold: Hold::Nothing,
            force: false,
            direct: None,
        })
    }

    /// A request that an engine gets as it is; `message` stands for it in the log.
    pub(crate) fn direct(request: DirectRequest, message: String) -> Result<Self> {
        let direct = Some(Box::new(request));
        Ok(Self { direct, ..Self::new(Target::New { ephemeral: true }, message)? })
    }

    /// What the user says.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Puts the message, or its `part` that begins after so many bytes, into a file (protocol 6.1b). What is
    /// left says so.
    fn move_to_file(&mut self, part: usize) -> Result<()> {
        let text = self.message.split_off(part.min(self.message.len()));
        let millis = jiff::Timestamp::now().as_millisecond();
        let file = FileSource::pasted(text.trim_start_matches('\n').to_owned(), millis)?;
        if self.message.trim().is_empty() {
            self.message = format!("Read the message in the attached file {}.", file.name);
        } else {
            self.message.truncate(self.message.trim_end().len());
        }
        self.files.push(file);
        Ok(())
    }

    fn is_ephemeral(&self) -> bool {
        self.target == Target::New { ephemeral: true }
    }
}

/// When a message goes as a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum LongAsFile {
    /// If it is larger than the limit of a request. The part that follows so many bytes goes, if that is
    /// enough.
    Auto(usize),
    /// Always; the part that follows so many bytes.
    Always(usize),
    /// Never: a message that is too large is refused.
    #[default]
    Never,
}

/// The error for a message that is longer than [`MAX_MESSAGE_BYTES`]; `len` is its length in bytes, if
/// all of it has been read.
pub(crate) fn too_long(len: Option<usize>) -> Error {
    let most = format!("{MAX_MESSAGE_BYTES} bytes (10 MiB)");
    Error::invalid(match len {
        Some(len) => format!("the message has {len} bytes, and at most {most} are sent"),
        None => format!("the message is longer than {most}, which is the most that is sent"),
    })
    .with_hint("send it in parts, or put the text where the model can read it")
}

/// Why an answer ended before it was whole.
#[derive(Debug)]
pub(crate) enum Unfinished {
    /// The client disconnected, so nothing is reported.
    Gone,
    /// It was stopped: on request, by Ctrl-C, because the server ends or the API key is revoked. The
    /// error holds the partial reply if there is one.
    Stopped(Error),
    /// It failed. The error holds the partial reply if there is one.
    Failed(Error),
}

impl From<Error> for Unfinished {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Unfinished {
    fn with_partial(self, reply: &Reply) -> Self {
        match self {
            Self::Gone => Self::Gone,
            Self::Stopped(error) => Self::Stopped(error.with_partial(reply.clone())),
            Self::Failed(error) => Self::Failed(error.with_partial(reply.clone())),
        }
    }
}

impl From<Unfinished> for Error {
    fn from(unfinished: Unfinished) -> Self {
        match unfinished {
            Unfinished::Gone => Self::new(ErrorKind::Interrupted, "the client disconnected"),
            Unfinished::Stopped(error) | Unfinished::Failed(error) => error,
        }
    }
}

/// The error for an answer that was stopped on request.
pub(crate) fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "the answer was stopped")
}

/// The queue of prompts before each chat.
pub(crate) trait ChatQueue: Send + Sync {
    /// Waits until `session` may send a prompt to `chat`; `is_new` if the session has just created it.
    ///
    /// # Errors
    /// [`ErrorKind::ChatInProgress`] if the wait takes too long; [`stopped`].
    fn enter(
        &self,
        session: Session,
        chat: ChatId,
        is_new: bool,
    ) -> BoxFuture<'static, Result<QueueSlot>>;
}

/// A prompt's slot at the head of a [`ChatQueue`], until it is dropped.
pub(crate) struct QueueSlot {
    /// Cancelled when another request stops the answer.
    pub stop: CancellationToken,
    /// Leaves the queue when dropped.
    pub held: Box<dyn Send>,
}

/// Receives errors that do not end an answer.
pub(crate) type ErrorSink = Box<dyn Fn(&Error) + Send>;

/// What surrounds an answer: each part is optional.
pub(crate) struct Guards {
    /// Orders the prompts of a chat.
    pub queue: Option<Arc<dyn ChatQueue>>,
    /// Remembers used-up quotas.
    pub quotas: Option<Arc<Quotas>>,
    /// Keeps track of ephemeral chats.
    pub journal: Option<Journal>,
    /// The ephemeral chats of others, which are never the most recent one.
    pub recorded: Option<Recorded>,
    /// Receives failures of the journal. Without it they fail the prompt.
    pub on_journal_error: Option<ErrorSink>,
    /// Receives the steps of uploads.
    pub uploads: Option<UploadSink>,
    /// Resolves when the answer has to end early.
    pub end: BoxFuture<'static, Unfinished>,
    /// Dropped when the chat is free again.
    pub held: Option<Box<dyn Send>>,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            queue: None,
            quotas: None,
            journal: None,
            recorded: None,
            on_journal_error: None,
            uploads: None,
            end: std::future::pending().boxed(),
            held: None,
        }
    }
}

/// What ends an answer early, from the outside.
struct Ends {
    end: Fuse<BoxFuture<'static, Unfinished>>,
    stop: CancellationToken,
}

impl Ends {
    /// The result of `work`, unless the answer has to end before; then `work` is dropped.
    async fn or<T>(&mut self, work: impl Future<Output = Result<T>>) -> Result<T, Unfinished> {
        tokio::select! {
            biased;
            end = &mut self.end => Err(end),
            () = self.stop.cancelled() => Err(Unfinished::Stopped(stopped())),
            result = work => Ok(result?),
        }
    }
}

/// Whether a chat holds nothing, or only `prompt` and no word of an answer.
fn has_only(chat: &Chat, prompt: &str) -> bool {
    let (prompts, others): (Vec<_>, Vec<_>) =
        chat.messages.iter().partition(|message| message.role == Role::User);
    let is_ours = |content: &str| content.trim().ends_with(prompt.trim());
    others.iter().all(|message| message.content.is_empty() && message.images.is_empty())
        && prompts.len() <= 1
        && prompts.iter().all(|message| is_ours(&message.content))
}

/// A chat that is ready for the prompt.
struct Opened {
    chat_id: ChatId,
    plan: Plan,
    /// Whether it was created for this prompt.
    is_new: bool,
}

/// What the prompt follows, and which model answers it.
struct Plan {
    model: String,
    /// Whether it is the chat's own model.
    has_chat_model: bool,
    parent: Parent,
}

/// One prompt and its answer.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Answering {
    session: Session,
    question: Question,
    queue: Option<Arc<dyn ChatQueue>>,
    quotas: Option<Arc<Quotas>>,
    journal: Option<Journal>,
    recorded: Option<Recorded>,
    on_journal_error: Option<ErrorSink>,
    sink: Option<UploadSink>,
    /// The files of the question, once the upstream has them.
    uploaded: Vec<UploadedFile>,
    /// Whether files of earlier prompts were uploaded again.
    is_uploaded_again: bool,
    ends: Ends,
    /// The model that answers, once it is known.
    model: String,
    title: Option<String>,
    /// The warning of a large request.
    size_warning: Option<String>,
    opened: Option<Opened>,
    is_sent: bool,
    /// The refusal of the prompt after the stream had begun, until the chat is deleted.
    refusal: Option<Error>,
    is_over: bool,
    has_failed: bool,
    // In this order: the stream is closed before the next prompt's turn comes.
    stream: Option<ReplyStream>,
    /// The answer of an engine, in place of the stream.
    direct: Option<DirectAnswer>,
    held: Option<Box<dyn Send>>,
    slot: Option<Box<dyn Send>>,
    entry: Option<Entry>,
}

impl Answering {
    /// The answer to `question` on behalf of `session`. Does nothing yet.
    pub(crate) fn new(session: Session, question: Question, guards: Guards) -> Self {
        let Guards { queue, quotas, journal, recorded, on_journal_error, uploads, end, held } =
            guards;
        Self {
            session,
            question,
            queue,
            quotas,
            journal,
            recorded,
            on_journal_error,
            sink: uploads,
            uploaded: Vec::new(),
            is_uploaded_again: false,
            model: String::new(),
            ends: Ends { end: end.fuse(), stop: CancellationToken::new() },
            title: None,
            size_warning: None,
            opened: None,
            is_sent: false,
            refusal: None,
            is_over: false,
            has_failed: false,
            stream: None,
            direct: None,
            held,
            slot: None,
            entry: None,
        }
    }

    /// Waits for the chat's turn, and creates the chat if there is none.
    ///
    /// # Errors
    /// Those of the queue, the journal and the client; [`ErrorKind::RateLimited`] without any request if
    /// the quota is known to be used up.
    pub(crate) async fn open(&mut self) -> Result<(), Unfinished> {
        if let Some(direct) = &self.question.direct {
            self.model.clone_from(&direct.request.model);
            return Ok(());
        }
        self.shorten()?;
        self.check_size()?;
        self.check_quota(self.question.model.as_deref())?;
        // Before the chat's turn, and before a chat is made: nothing is sent without its files.
        self.attach().await?;
        let opened = self.open_chat().await;
        if let Err(Unfinished::Failed(error)) = &opened {
            self.note_quota(error).await;
        }
        opened
    }

    /// Puts a message into a file if it is too long, or if that is asked for.
    fn shorten(&mut self) -> Result<()> {
        let part = match self.question.long_as_file {
            LongAsFile::Never => return Ok(()),
            LongAsFile::Always(part) => part,
            LongAsFile::Auto(part) => {
                if self.check_size().is_ok() {
                    return Ok(());
                }
                part
            }
        };
        self.question.move_to_file(part)?;
        if self.question.long_as_file == LongAsFile::Auto(part) && self.check_size().is_err() {
            self.question.move_to_file(0)?;
        }
        let name = self.question.files.last().map_or("", |file| &file.name);
        self.session.warn(format!("the message is long: its text goes as the file {name}"));
        Ok(())
    }

    /// Checks the files of the question against each other and the model, then uploads them one by one.
    async fn attach(&mut self) -> Result<(), Unfinished> {
        if self.question.files.is_empty() {
            return Ok(());
        }
        check_together(&self.question.files)?;
        let check = async {
            let model = match (&self.question.model, &self.question.target) {
                (Some(model), _) => Some(model.clone()),
                (None, Target::Chat(id)) => self.session.chat(id).await?.model,
                (None, _) => None,
            };
            let models = self.session.models().await?;
            let model = model.or_else(|| models.first().map(|model| model.id.clone()));
            check_model(&self.question.files, &model.unwrap_or_default(), &models)
        };
        self.ends.or(Box::pin(check)).await?;
        self.upload().await
    }

    async fn upload(&mut self) -> Result<(), Unfinished> {
        self.uploaded.clear();
        for file in &self.question.files {
            let upload = Box::pin(self.session.upload(file, self.sink.as_ref()));
            let uploaded = self.ends.or(upload).await?;
            self.uploaded.push(uploaded);
        }
        Ok(())
    }

    /// Uploads the files of earlier prompts again after the upstream refused them (protocol F121), once.
    /// Returns whether the prompt may be sent again.
    async fn upload_again(&mut self, error: &Error) -> Result<bool, Unfinished> {
        let is_reused = self.uploaded.iter().any(|file| file.is_reused);
        let is_possible = is_reused && error.kind() == ErrorKind::InvalidRequest;
        if !is_possible || std::mem::replace(&mut self.is_uploaded_again, true) {
            return Ok(false);
        }
        for file in &self.question.files {
            self.session.forget_upload(file);
        }
        self.upload().await?;
        Ok(true)
    }

    /// Refuses a prompt whose quota is known to be used up; without a `model` by its target.
    fn check_quota(&self, model: Option<&str>) -> Result<()> {
        match &self.quotas {
            Some(quotas) if !self.question.force => {
                quotas.check(&self.session, model, Some(self.question.target.key()))
            }
            _ => Ok(()),
        }
    }

    /// Remembers a quota that is used up.
    async fn note_quota(&mut self, error: &Error) {
        let Some(quotas) = self.quotas.as_ref().filter(|_| error.is_quota()) else { return };
        let target = self.question.target.key().to_owned();
        let target = self.question.model.is_none().then_some(target);
        quotas.note(&self.session, &self.model, target, error).await;
    }

    async fn open_chat(&mut self) -> Result<(), Unfinished> {
        let mut skipped = Vec::new();
        loop {
            let target = self.question.target.clone();
            let (target, title) = {
                let resolve = resolve(&self.session, target, &skipped, self.recorded.as_ref());
                self.ends.or(resolve).await?
            };
            self.title = title;
            match self.open_in(&target).await {
                // The list still shows chats that are gone (protocol F21).
                Err(Unfinished::Failed(error))
                    if error.kind() == ErrorKind::NotFound
                        && self.question.target == Target::Recent
                        && skipped.len() < MAX_SKIPPED =>
                {
                    let Target::Chat(id) = target else { return Err(error.into()) };
                    skipped.push(id);
                    self.slot = None;
                }
                opened => return opened,
            }
        }
    }

    /// Refuses a prompt that is too large before a chat is made for it. The size of the ids and of the
    /// model, which may not be known yet, hardly matters.
    fn check_size(&self) -> Result<()> {
        const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";
        let chat = match &self.question.target {
            Target::Chat(id) => id.clone(),
            Target::Recent | Target::New { .. } => UNKNOWN.parse()?,
        };
        let plan = Plan {
            model: self.question.model.clone().unwrap_or_default(),
            has_chat_model: false,
            parent: Parent::Nothing,
        };
        let question = &self.question;
        let texts = question.system.iter().chain(&question.images).chain([&question.message]);
        let length = texts.map(String::len).sum();
        self.session.check_size(length, || turn(&chat, &plan, question, &[]))
    }

    async fn open_in(&mut self, target: &Target) -> Result<(), Unfinished> {
        if let Target::Chat(id) = target {
            self.enter(id, false).await?;
        }
        let prepare = Box::pin(prepare(&self.session, target, &self.question));
        let mut plan = self.ends.or(prepare).await?;
        self.model.clone_from(&plan.model);
        self.check_quota(Some(&plan.model))?;
        let chat_id = match target {
            Target::Chat(id) => id.clone(),
            Target::New { ephemeral: true } => self.create_ephemeral(&plan.model).await?,
            Target::New { .. } | Target::Recent => {
                let create = self.session.create_chat(&plan.model, self.kind(), None);
                let id = self.ends.or(create).await?;
                // It may already be the most recent chat for another prompt.
                if self.enter(&id, true).await? && plan.parent == Parent::Nothing {
                    plan.parent = Parent::Current;
                }
                id
            }
        };
        let is_new = !matches!(target, Target::Chat(_));
        self.opened = Some(Opened { chat_id, plan, is_new });
        Ok(())
    }

    fn kind(&self) -> ChatKind {
        ChatKind::for_prompt(self.question.search)
    }

    /// Enters the queue of the chat; returns whether it had to wait, so that others may have used the
    /// chat.
    async fn enter(&mut self, chat: &ChatId, is_new: bool) -> Result<bool, Unfinished> {
        let Some(queue) = &self.queue else { return Ok(false) };
        let mut entering = queue.enter(self.session.clone(), chat.clone(), is_new);
        let (slot, waited) = match (&mut entering).now_or_never() {
            Some(slot) => (slot?, false),
            None => (self.ends.or(entering).await?, true),
        };
        self.ends.stop = slot.stop;
        self.slot = Some(slot.held);
        Ok(waited)
    }

    /// Creates a chat that [`Answering::finish`] deletes. Waits for its id even if the answer has to end.
    async fn create_ephemeral(&mut self, model: &str) -> Result<ChatId> {
        if let Some(journal) = &self.journal {
            let entry = journal.begin(&self.session).await;
            self.entry = self.or_report(entry)?;
        }
        let title = self.entry.as_ref().map(Entry::title);
        match self.session.create_chat(model, self.kind(), title).await {
            Ok(id) => {
                if let Some(entry) = &self.entry {
                    // Set before anything can fail, so that the chat is deleted.
                    let plan = Plan {
                        model: model.to_owned(),
                        has_chat_model: false,
                        parent: Parent::Nothing,
                    };
                    self.opened = Some(Opened { chat_id: id.clone(), plan, is_new: true });
                    let recorded = entry.made(&id).await;
                    self.or_report(recorded)?;
                }
                Ok(id)
            }
            Err(error) => {
                if let Some(entry) = self.entry.take() {
                    entry.failed(&error).await;
                }
                Err(error)
            }
        }
    }

    /// A journal that cannot be written fails the prompt, or is only reported.
    fn or_report<T>(&self, result: Result<T>) -> Result<Option<T>> {
        match (result, &self.on_journal_error) {
            (Err(error), Some(report)) => {
                report(&error);
                Ok(None)
            }
            (result, _) => result.map(Some),
        }
    }

    /// Sends the prompt; returns when the upstream's first event arrives.
    ///
    /// # Errors
    /// Those of the client; [`ErrorKind::InvalidRequest`] for a model that the upstream does not offer.
    pub(crate) async fn send(&mut self) -> Result<(), Unfinished> {
        if let Some(direct) = self.question.direct.take() {
            self.is_sent = true;
            self.direct = Some(self.ends.or(DirectAnswer::begin(*direct)).await?);
            return Ok(());
        }
        let Some(opened) = &self.opened else { return Ok(()) };
        let is_sent = &mut self.is_sent;
        // Boxed, because it is large and part of every future above.
        let send = Box::pin(async {
            *is_sent = true;
            send(&self.session, opened, &self.question, &self.uploaded).await
        });
        match self.ends.or(send).await {
            Ok(mut stream) => {
                stream.hold(self.question.hold);
                self.size_warning = stream.size_warning();
                self.stream = Some(stream);
            }
            Err(Unfinished::Failed(error)) => {
                if self.upload_again(&error).await? {
                    return Box::pin(self.send()).await;
                }
                self.note_quota(&error).await;
                if error.is_refusal() {
                    self.delete_refused().await;
                }
                return Err(error.into());
            }
            Err(end) => return Err(end),
        }
        Ok(())
    }

    /// Sends a further prompt to the same chat, after an answer that has ended.
    ///
    /// # Errors
    /// As with [`Answering::send`].
    pub(crate) async fn again(&mut self, prompt: String) -> Result<(), Unfinished> {
        let parent = self.reply().and_then(|reply| reply.message_id.clone());
        if let (Some(opened), Some(parent)) = (&mut self.opened, parent) {
            opened.plan.parent = Parent::Seen { id: Some(parent), followers: HashSet::new() };
        }
        self.question.message = prompt;
        self.question.system = None;
        self.question.conversation = None;
        self.question.images.clear();
        drop(self.stream.take());
        self.is_over = false;
        self.send().await
    }

    /// Deletes the chat that a refused prompt leaves: one without any answer. It is read first: others may
    /// have used it meanwhile. The deletion goes on without a caller that leaves.
    async fn delete_refused(&mut self) {
        let is_kept = !self.question.is_ephemeral();
        let Some(opened) = self.opened.take_if(|opened| opened.is_new && is_kept) else { return };
        let (session, id) = (self.session.restarted(), opened.chat_id.clone());
        let prompt = self.question.message.clone();
        let delete = async move {
            if has_only(&session.chat(&id).await?, &prompt) {
                ephemeral::delete(&session, &id).await.map(|()| true)
            } else {
                Ok(false)
            }
        };
        let deletion = tokio::spawn(tokio::time::timeout(DELETION_WAIT, delete));
        // The refusal is what the caller has to know; a chat that stays is empty.
        let deleted = self.ends.or(async { Ok(matches!(deletion.await, Ok(Ok(Ok(true))))) }).await;
        if !matches!(deleted, Ok(true)) {
            self.opened = Some(opened);
        }
    }

    /// The next event; `None` at the end of a whole answer, and always after an error. May be dropped
    /// and called again without loss.
    ///
    /// # Errors
    /// If the answer is not whole.
    pub(crate) async fn next(&mut self) -> Result<Option<ReplyEvent>, Unfinished> {
        if self.is_over {
            return Ok(None);
        }
        let next = self.read().await;
        self.is_over = !matches!(next, Ok(Some(_)));
        next
    }

    async fn read(&mut self) -> Result<Option<ReplyEvent>, Unfinished> {
        if let Some(error) = self.refusal.clone() {
            self.note_quota(&error).await;
            let is_empty = self.reply().is_none_or(|reply| !reply.has_substance());
            if is_empty && self.upload_again(&error).await? {
                (self.refusal, self.stream) = (None, None);
                Box::pin(self.send()).await?;
                return Box::pin(self.read()).await;
            }
            if error.is_refusal() && is_empty {
                self.delete_refused().await;
            }
            return self.refusal.take().map_or(Ok(None), |error| Err(error.into()));
        }
        if let Some(direct) = &mut self.direct {
            let next = self.ends.or(direct.next()).await;
            return next.map_err(|unfinished| unfinished.with_partial(direct.reply()));
        }
        let Some(stream) = &mut self.stream else { return Ok(None) };
        if let Some(event) = stream.ready() {
            return Ok(Some(event));
        }
        let event = tokio::select! {
            biased;
            end = &mut self.ends.end => return Err(end.with_partial(stream.reply())),
            () = self.ends.stop.cancelled() => {
                // An upstream that does not answer the stop call changes nothing for the callers here.
                let _ = Box::pin(stream.stop()).await;
                None
            }
            event = stream.next() => event,
        };
        if let Some(event) = event {
            self.has_failed = event.is_err();
            match event {
                Err(error) if error.is_quota() || error.is_refusal() => {
                    self.refusal = Some(error);
                    return Box::pin(self.read()).await;
                }
                event => return Ok(Some(event?)),
            }
        }
        let verdict = verdict(stream.reply());
        self.free_chat();
        if let (Ok(()), Some(quotas)) = (&verdict, &self.quotas) {
            quotas.clear(&self.session, &self.model).await;
        }
        verdict.map(|()| None)
    }

    /// Whether the answer has ended, whole or not.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Lets the next prompt of the chat proceed. An ephemeral chat has no other.
    fn free_chat(&mut self) {
        if !self.question.is_ephemeral() {
            self.held = None;
        }
        self.slot = None;
    }

    /// Leaves out events with text from now on, and only collects the reply.
    pub(crate) fn hush(&mut self) {
        if let Some(stream) = &mut self.stream {
            stream.hush();
        }
    }

    /// Stops the upstream's generation if it still runs. The partial reply stays.
    ///
    /// # Errors
    /// If the upstream does not confirm it.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        match &mut self.stream {
            Some(stream) => stream.stop().await,
            // The client stops it in the background, and needs the chat for that.
            None if self.is_sent && self.direct.is_none() => {
                self.session.settle().await;
                Ok(())
            }
            None => {
                self.direct = None;
                Ok(())
            }
        }
    }

    /// Stops what still runs, and deletes an ephemeral chat.
    ///
    /// # Errors
    /// If the ephemeral chat could not be deleted. It stays in the journal then.
    pub(crate) async fn finish(mut self) -> Result<()> {
        // No end matters any more, and the future may hold the connection of the client open.
        self.ends.end = std::future::pending().boxed().fuse();
        // An answer that cannot be stopped is lost with its chat.
        let _ = self.stop().await;
        drop((self.stream.take(), self.direct.take()));
        self.free_chat();
        if !self.question.is_ephemeral() {
            return Ok(());
        }
        if self.has_failed {
            // The client may stop it in the background, and needs the chat for that.
            self.session.settle().await;
        }
        let deleted = match &self.opened {
            Some(opened) => ephemeral::delete(&self.session, &opened.chat_id).await.map(|()| true),
            // A chat without an id may exist if it was being created.
            None => Ok(false),
        };
        if let Some(entry) = self.entry.take() {
            if matches!(deleted, Ok(true)) { entry.done().await } else { entry.leave().await }
        }
        deleted.map(|_| ())
    }

    /// The chat, once it is open.
    pub(crate) fn chat_id(&self) -> Option<&ChatId> {
        self.opened.as_ref().map(|opened| &opened.chat_id)
    }

    /// Whether the prompt goes to a chat that existed before.
    pub(crate) fn continues_a_chat(&self) -> bool {
        self.opened.as_ref().is_some_and(|opened| !opened.is_new)
    }

    /// The title of the most recent chat, if the prompt goes there.
    pub(crate) fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The warning of a large request, once it is sent.
    pub(crate) fn size_warning(&self) -> Option<&str> {
        self.size_warning.as_deref()
    }

    /// The chat, once it is open, if it is kept.
    pub(crate) fn kept_chat(&self) -> Option<&ChatId> {
        self.chat_id().filter(|_| !self.question.is_ephemeral())
    }

    /// The model that answers; empty before the chat is open.
    pub(crate) fn model(&self) -> &str {
        self.opened.as_ref().map_or(&self.model, |opened| &opened.plan.model)
    }

    /// The reply so far, once there is an event of it.
    pub(crate) fn reply(&self) -> Option<&Reply> {
        let direct = self.direct.as_ref().map(DirectAnswer::reply);
        direct.or(self.stream.as_ref().map(ReplyStream::reply))
    }

    /// Whether the upstream may have received the prompt.
    pub(crate) fn is_sent(&self) -> bool {
        self.is_sent
    }
}

/// The chat that `target` stands for: the most recent one becomes a chat, or a new one.
/// Also returns the title of the most recent one.
async fn resolve(
    session: &Session,
    target: Target,
    skipped: &[ChatId],
    recorded: Option<&Recorded>,
) -> Result<(Target, Option<String>)> {
    if target != Target::Recent {
        return Ok((target, None));
    }
    let mut rows = session.chats(1).await?;
    rows.retain(|row| !skipped.contains(&row.id));
    if let Some(recorded) = recorded {
        recorded.leave_out(&mut rows).await;
    }
    Ok(match newest_text_chat(rows) {
        Some(row) => (Target::Chat(row.id), row.title),
        None => (Target::New { ephemeral: false }, None),
    })
}

/// Of chats that changed in the same second, the one that the upstream lists first.
fn newest_text_chat(rows: Vec<ChatSummary>) -> Option<ChatSummary> {
    // Of equal rows `max_by_key` takes the last one.
    rows.into_iter().rev().filter(is_text_chat).max_by_key(|row| row.updated_at)
}

/// A chat that makes pictures or videos would answer a question with one. A chat that is about to be
/// deleted is not one that a user means.
fn is_text_chat(row: &ChatSummary) -> bool {
    if row.title.as_deref().is_some_and(ephemeral::is_mark) {
        return false;
    }
    ChatKind::of(row).is_some()
}

/// The model to ask and what the prompt follows. Changes nothing upstream.
///
/// With a model given, the client looks up the current message. Otherwise the chat has to be read for
/// its model anyway, and has the current message too. So is the most recent one, which may be gone.
async fn prepare(session: &Session, target: &Target, question: &Question) -> Result<Plan> {
    let model = question.model.as_deref();
    let mut has_chat_model = false;
    let (model, current) = match (target, model) {
        (Target::Chat(_), Some(model)) if question.target != Target::Recent => {
            (model.to_owned(), Parent::Current)
        }
        (Target::Chat(id), _) => {
            let chat = session.chat(id).await?;
            let current = Parent::seen(&chat);
            has_chat_model = model.is_none() && chat.model.is_some();
            match model.map(str::to_owned).or(chat.model) {
                Some(model) => (model, current),
                // The chat may change while the models are read.
                None => (choose_model(session, [None]).await?, Parent::Current),
            }
        }
        (Target::New { .. } | Target::Recent, _) => {
            (choose_model(session, [model]).await?, Parent::Nothing)
        }
    };
    let parent = match question.parent.as_deref() {
        None => current,
        Some(ROOT) => Parent::Root,
        Some(parent) => Parent::Message(parent.to_owned()),
    };
    Ok(Plan { model, has_chat_model, parent })
}

async fn send(
    session: &Session,
    opened: &Opened,
    question: &Question,
    files: &[UploadedFile],
) -> Result<ReplyStream> {
    let Opened { chat_id, plan, .. } = opened;
    match session.send(turn(chat_id, plan, question, files)).await {
        Err(error) if may_be_the_model(error.kind()) => {
            Err(unknown_model(session, &plan.model).await.unwrap_or(error))
        }
        result => result,
    }
}

fn turn(chat_id: &ChatId, plan: &Plan, question: &Question, files: &[UploadedFile]) -> Turn {
    Turn {
        chat_id: chat_id.clone(),
        prompt: question.message.clone(),
        system: question.system.clone(),
        images: question.images.clone(),
        files: files.to_vec(),
        conversation: question.conversation.clone(),
        model: plan.model.clone(),
        has_chat_model: plan.has_chat_model,
        parent: plan.parent.clone(),
        thinking: question.thinking,
        search: question.search,
    }
}

fn may_be_the_model(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::InvalidRequest | ErrorKind::NotFound | ErrorKind::UpstreamProtocol)
}

/// The error that lists the models, if `model` is none of them. Only looked up after a refusal, so
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

/// Whether `reply`, whose stream has ended, is the whole answer.
///
/// # Errors
/// If it was stopped or cut short; the error holds the partial reply.
fn verdict(reply: &Reply) -> Result<(), Unfinished> {
    let unfinished = match reply.completeness {
        Completeness::Complete | Completeness::Doubtful => return Ok(()),
        Completeness::Stopped => Unfinished::Stopped(stopped()),
        Completeness::Partial => {
            let message = "the answer ended before it was whole";
            Unfinished::Failed(Error::new(ErrorKind::UpstreamProtocol, message))
        }
    };
    Err(unfinished.with_partial(reply))
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
            archived: false,
            chat_type: Some(chat_type.to_owned()),
            project_id: None,
        }
    }

    #[test]
    fn the_most_recent_chat_is_the_first_of_the_newest_text_chats() {
        let rows = vec![
            row("old-1", Some(1), "t2t"),
            row("picture-1", Some(9), "t2i"),
            row("first-1", Some(5), "t2t"),
            row("second-1", Some(5), "search"),
            row("undated-1", None, "t2t"),
        ];
        assert_eq!(
            newest_text_chat(rows).map(|row| row.id.to_string()).as_deref(),
            Some("first-1")
        );
        assert_eq!(
            newest_text_chat(vec![row("picture-1", Some(9), "t2i")]).map(|row| row.id),
            None
        );
    }

    #[test]
    fn empty_and_huge_messages_are_refused_with_the_numbers() {
        let question = |message: &str| Question::new(Target::Recent, message.to_owned());
        for empty in ["", " \n\t", "\u{3000}"] {
            let error = question(empty).expect_err("empty");
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
        assert!(question(&"x".repeat(MAX_MESSAGE_BYTES)).is_ok());
        let error = question(&"x".repeat(MAX_MESSAGE_BYTES + 1)).expect_err("too long");
        assert!(error.message().contains("10485761") && error.message().contains("10485760"));
    }
}
