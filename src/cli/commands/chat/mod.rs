//! `chat`: a conversation at the terminal.
//!
//! It owns only the line and the screen; prompts and chats are the use cases that all faces share. What it
//! keeps true: a text that was typed is never lost (a prompt that failed is in the line again, or kept if it
//! is too long to see what precedes it); Ctrl-C ends the answer and keeps what came of it; a terminal that is closed in the middle of an answer leaves the
//! chat with all of it.

mod clipboard;
mod commands;
mod complete;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::FutureExt as _;

use self::commands::parse;
use self::complete::Completer;
use super::prompt::{self, To};
use crate::app::answer::{Answering, Guards, Question, Target, Unfinished};
use crate::app::attach;
use crate::app::branches::prompts;
use crate::app::chats;
use crate::app::quota::Quotas;
use crate::cli::args::{ConversationArgs, PromptArgs};
use crate::cli::attachments::{home_path, mentioned, pasted_path, upload_bars};
use crate::cli::context::Context;
use crate::cli::editor;
use crate::cli::output::{
    Failure, Outcome, Output, Quiet, ReplyKind, ReplyPrinter, Role, StdinKind, clean, cut,
    interrupted, is_gone, one_line, wrap,
};
use crate::cli::terminal::{Input, LONGEST_KEPT, LineReader};
use crate::client::{FileSource, Hold, Session, check_together};
use crate::domain::{self, Chat, ChatId, Error, ErrorKind, Reply, Result};
use crate::files;
use crate::settings::{Loaded, Template};

const PROMPT: &str = "> ";

/// A text of more rows is not put back into the line: it would scroll the error away.
const MOST_ROWS: usize = 12;

/// The most prompts whose text is remembered as it was typed.
const MOST_TYPED: usize = 1000;

const ADVICE: &str = "wait, or choose another model with `/model`";

/// `chat`
pub(super) async fn run(context: &Context, args: &ConversationArgs) -> Outcome {
    let loaded = context.settings().await?;
    if context.stdin_kind() != StdinKind::Terminal {
        return one_prompt(context, args).await;
    }
    if !context.can_ask {
        return Err(Error::invalid("`chat` needs a terminal that it can prompt on")
            .with_hint("for scripts there are `qwenctl quick` and `qwenctl send`")
            .into());
    }
    let session = context.interrupt.or(context.session()).await?;
    let id = match (&args.id, args.r#continue) {
        (Some(named), _) => Some(context.interrupt.or(chats::find(&session, named)).await?),
        (None, true) => {
            let last = "last".parse::<chats::ChatRef>()?;
            Some(context.interrupt.or(chats::find(&session, &last)).await?)
        }
        (None, false) => None,
    };
    let attachments = context.attachments(&args.file).await?;
    let mut conversation = Conversation::new(context, &loaded, session, args)?;
    conversation.attachments = attachments.files;
    match id {
        Some(id) => {
            if let Err(error) = conversation.open(&id).await {
                return Err(error.into());
            }
        }
        None => conversation.greet("new chat"),
    }
    let outcome = Box::pin(conversation.talk()).await;
    conversation.leave();
    outcome
}

/// Without a terminal all of standard input is one prompt, as with `quick` and `send`.
async fn one_prompt(context: &Context, args: &ConversationArgs) -> Outcome {
    let prompt = PromptArgs::of_conversation(args);
    let last = if args.r#continue { Some("last".parse()?) } else { None };
    let to = match args.id.as_ref().or(last.as_ref()) {
        Some(named) => To::Chat(named),
        None => To::Target(Target::New { ephemeral: false }),
    };
    prompt::run(context, &prompt, to, None).await
}

/// What comes after a line.
pub(super) enum Next {
    /// The next line.
    Go,
    /// The end.
    Leave,
    /// A prompt is sent; `parent` is what it follows, if not the current message.
    Ask { text: String, parent: Option<String> },
}

/// The tokens of a conversation.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    answers: u32,
    input: u64,
    output: u64,
}

/// A conversation.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
struct Conversation<'a> {
    context: &'a Context,
    loaded: Arc<Loaded>,
    session: Session,
    quotas: Option<Arc<Quotas>>,
    output: Output,
    line: LineReader,
    /// Not on a plain terminal.
    quiet: Option<Quiet>,
    chat: Option<ChatId>,
    /// What the next prompt follows, if not the current message of the chat.
    parent: Option<String>,
    model: Option<String>,
    system: Option<String>,
    think: bool,
    search: bool,
    /// The files of the next prompt.
    attachments: Vec<FileSource>,
    force: bool,
    shows_usage: bool,
    notifies: bool,
    /// What the next line begins with.
    initial: String,
    /// A text that is too long for the line; an empty line sends it.
    kept: Option<String>,
    /// What the text in the line follows, if it is an edited prompt.
    edited: Option<String>,
    last: Option<Reply>,
    spent: Spent,
    /// The prompts by their ids, as they were typed.
    typed: HashMap<String, String>,
}

impl<'a> Conversation<'a> {
    fn new(
        context: &'a Context,
        loaded: &Arc<Loaded>,
        session: Session,
        args: &ConversationArgs,
    ) -> Outcome<Self> {
        let policy = context.output.policy();
        let is_plain = context.has_plain_terminal();
        let history = if args.no_history { None } else { history(loaded) };
        let completer = Arc::new(Completer::new(session.clone()));
        let line = LineReader::new(is_plain, policy.stderr_color, history, completer)?;
        let output = context.output.clone();
        let quotas = context.quotas(loaded, ADVICE, move |error| output.warn(error.message()));
        let template = match &args.template {
            Some(name) => Some(loaded.paths.templates()?.load(name)?),
            None => None,
        };
        let filled = template.as_ref().map(|template| template.fill(&args.var, Some("")));
        let filled = filled.transpose()?;
        let (initial, system) =
            filled.map(|filled| (filled.prompt, filled.system)).unwrap_or_default();
        let is_on = |switch: fn(&Template) -> bool| template.as_ref().is_some_and(switch);
        let (think, search) = (is_on(|template| template.think), is_on(|template| template.search));
        let model = args.model.clone().or_else(|| template?.model);
        context.interrupt.converse();
        context.has_prompted.store(true, Ordering::Relaxed);
        Ok(Self {
            context,
            loaded: Arc::clone(loaded),
            session,
            quotas: quotas.map(Arc::new),
            output: context.output.clone(),
            line,
            quiet: (!is_plain).then(Quiet::enter),
            chat: None,
            parent: None,
            model: model.or_else(|| loaded.settings.model.value.clone()),
            system: args.system.clone().or(system),
            think: args.think || think,
            search: args.search || search,
            attachments: Vec::new(),
            force: args.force,
            shows_usage: args.usage,
            notifies: args.notify,
            initial,
            kept: None,
            edited: None,
            last: None,
            spent: Spent::default(),
            typed: HashMap::new(),
        })
    }

    /// Reads lines and acts on them until the end.
    async fn talk(&mut self) -> Outcome {
        loop {
            let Some(mut text) = self.read().await? else { return Ok(()) };
            let edited = self.edited.take();
            if text.trim().is_empty() {
                let Some(kept) = self.kept.take() else { continue };
                text = kept;
            }
            self.line.remember(&text);
            let command = parse(&text);
            if command.is_none() {
                self.release();
            }
            // A plain terminal cannot show what is in the line: a command is typed again.
            let is_put_back = command.is_none() || !self.line.is_plain();
            let next = match command {
                Some((name, argument)) => {
                    let (name, argument) = (name.to_owned(), argument.to_owned());
                    self.command(&name, &argument).await
                }
                None => match pasted_path(&text) {
                    Some(path) => self.attach(&path).await.map(|()| Next::Go),
                    None => Ok(Next::Ask { text: text.clone(), parent: edited.clone() }),
                },
            };
            let next = next.unwrap_or_else(|error| {
                self.fail(&error);
                if error.kind() != ErrorKind::Interrupted && is_put_back {
                    self.put_back(text);
                }
                Next::Go
            });
            match next {
                Next::Go => {}
                Next::Leave => return Ok(()),
                Next::Ask { text, parent } => {
                    let parent = parent.or_else(|| self.parent.clone());
                    Box::pin(self.ask(text, parent)).await?;
                }
            }
            if self.context.interrupt.wait().now_or_never().is_some() {
                return if is_gone() { Ok(()) } else { Err(Failure::interrupted()) };
            }
        }
    }

    /// The next text; `None` at the end.
    async fn read(&mut self) -> Outcome<Option<String>> {
        let mut has_hinted = false;
        loop {
            if let Some(quiet) = &self.quiet {
                quiet.resume();
            }
            let initial = std::mem::take(&mut self.initial);
            match self.input(PROMPT, initial).await? {
                Input::Text(text) => {
                    self.output = self.context.output.measured();
                    return Ok(Some(text));
                }
                Input::Open(text) => {
                    let kept = if text.trim().is_empty() { self.kept.take() } else { None };
                    let text = kept.unwrap_or(text);
                    match self.open_editor(&text).await {
                        Ok(edited) => self.put_back(edited.unwrap_or_default()),
                        Err(error) => {
                            self.fail(&error);
                            self.put_back(text);
                        }
                    }
                }
                Input::Suspend(text) => {
                    if let Some(quiet) = &self.quiet {
                        quiet.suspend();
                    }
                    self.initial = text;
                }
                Input::Cancelled(has_text) => {
                    if has_text || self.kept.is_none() {
                        self.edited = None;
                    }
                    if !has_text && !std::mem::replace(&mut has_hinted, true) {
                        self.say("Ctrl-D leaves the chat");
                    }
                }
                Input::End => return Ok(None),
            }
        }
    }

    async fn input(&mut self, prompt: &'static str, initial: String) -> Outcome<Input> {
        let interrupt = &self.context.interrupt;
        interrupt.forget_keys();
        let mut reading = std::pin::pin!(self.line.read(prompt, initial));
        loop {
            tokio::select! {
                biased;
                () = interrupt.wait() => {
                    return if is_gone() { Ok(Input::End) } else { Err(Failure::interrupted()) };
                }
                // Only without the line editor, which reads it as a key.
                () = interrupt.key() => {
                    self.output.complaint(&format!("\nCtrl-D leaves the chat\n{prompt}"));
                }
                read = &mut reading => return match read {
                    Err(_) if is_gone() => Ok(Input::End),
                    read => read,
                },
            }
        }
    }

    /// Sends a prompt and prints the answer.
    ///
    /// # Errors
    /// If standard output cannot be written.
    async fn ask(&mut self, text: String, parent: Option<String>) -> Outcome {
        let target = self.chat.clone().map_or(Target::New { ephemeral: false }, Target::Chat);
        let mut question = match Question::new(target, text.clone()) {
            Ok(question) => question,
            Err(error) => {
                self.fail(&error);
                self.put_back(text);
                return Ok(());
            }
        };
        question.files.clone_from(&self.attachments);
        for path in mentioned(&self.context.environment, &text) {
            match self.file(&path).await {
                Ok(file) => question.files.push(file),
                Err(error) => {
                    let hint = "a space after the `@` sends it as text";
                    self.fail(&if error.hint().is_some() { error } else { error.with_hint(hint) });
                    self.put_back(text);
                    return Ok(());
                }
            }
        }
        question.long_as_file = self.context.long_as_file(0).await?;
        question.system.clone_from(&self.system);
        question.model.clone_from(&self.model);
        question.parent.clone_from(&parent);
        question.thinking = self.think;
        question.search = self.search;
        question.force = self.force;
        let is_seen = self.output.policy().width.is_some();
        question.hold = if is_seen { Hold::Thoughts } else { Hold::Everything };
        prompt::warn_of_unknown_faults(self.context, &text);
        let mut printer = ReplyPrinter::new(&self.output, ReplyKind::Send, true)
            .with_usage(self.shows_usage)
            .notifying(self.notifies);
        let guards = Guards {
            quotas: self.quotas.clone(),
            uploads: Some(upload_bars(&self.output)),
            end: self.end(),
            ..Guards::default()
        };
        let mut answering = Answering::new(self.session.restarted(), question, guards);
        let result = Box::pin(stream(&mut answering, &mut printer)).await;
        let outcome = match result {
            Ok(()) => {
                let reply = answering.reply().cloned();
                let done = reply.as_ref().map_or(Ok(()), |reply| printer.done(reply));
                self.note_reply(reply, &text);
                done
            }
            Err(Ended::Unprinted(failure)) => {
                // The chat gets the whole answer, read or not.
                prompt::unread(&mut answering).await?;
                Err(failure)
            }
            Err(Ended::Unfinished(unfinished)) => {
                self.unfinished(&mut answering, &mut printer, unfinished, &text, parent.as_deref())
                    .await
            }
        };
        if let Some(chat) = answering.kept_chat() {
            self.chat = Some(chat.clone());
        }
        if answering.reply().is_some_and(Reply::has_substance) {
            self.parent = None;
            self.attachments.clear();
        }
        if is_gone() { Ok(()) } else { outcome.and_then(|()| self.output.text("\n")) }
    }

    /// A file by its path or address.
    async fn file(&self, named: &str) -> Result<FileSource> {
        if attach::is_url(named) {
            let spinner = self.output.spinner("fetching the file");
            let fetched = attach::from_url(named, self.loaded.settings.private_urls.value).await;
            drop(spinner);
            return fetched;
        }
        attach::from_path(home_path(&self.context.environment, named)).await
    }

    /// Adds a file to the next prompt.
    async fn attach(&mut self, named: &str) -> Result<()> {
        let file = self.file(named).await?;
        self.attachments.push(file);
        if let Err(error) = check_together(&self.attachments) {
            self.attachments.pop();
            return Err(error);
        }
        self.list_attachments();
        Ok(())
    }

    fn list_attachments(&self) {
        let names: Vec<_> = self.attachments.iter().map(|file| clean(&file.name)).collect();
        self.say(&match names.as_slice() {
            [] => "no files are attached; `/file PATH` attaches one".to_owned(),
            names => format!("attached to the next prompt: {}", names.join(", ")),
        });
    }

    /// Stops the model, and prints what came of the answer and why it ended. What got no answer is in
    /// the line again.
    async fn unfinished(
        &mut self,
        answering: &mut Answering,
        printer: &mut ReplyPrinter,
        unfinished: Unfinished,
        text: &str,
        parent: Option<&str>,
    ) -> Outcome {
        let interrupt = &self.context.interrupt;
        interrupt.forget_keys();
        let stopped = tokio::select! {
            biased;
            // The client goes on to stop it.
            () = interrupt.key() => Ok(()),
            stopped = answering.stop() => stopped,
        };
        let error = Error::from(unfinished);
        let reply = answering.reply().filter(|reply| reply.has_substance()).cloned();
        if error.kind() == ErrorKind::Interrupted {
            printer.erase_interrupt();
        }
        if let Some(reply) = &reply {
            printer.keep(reply)?;
        } else {
            printer.end();
        }
        match (error.kind(), reply.is_some()) {
            (ErrorKind::Interrupted, true) => self.say("stopped; the chat keeps the text so far"),
            (ErrorKind::Interrupted, false) => self.say("stopped"),
            _ => self.fail(&error),
        }
        if let Err(error) = stopped {
            self.output.warn(&format!("the model could not be stopped: {error}"));
        }
        if reply.is_none() {
            self.put_back(text.to_owned());
            self.edited = parent.map(str::to_owned);
        }
        self.note_reply(reply, text);
        Ok(())
    }

    fn note_reply(&mut self, reply: Option<Reply>, text: &str) {
        let Some(reply) = reply else { return };
        if let Some(usage) = reply.usage {
            self.spent.input += usage.input_tokens;
            self.spent.output += usage.output_tokens;
        }
        self.spent.answers += 1;
        if let (Some(id), true) = (&reply.prompt_id, self.typed.len() < MOST_TYPED) {
            self.typed.insert(id.clone(), text.to_owned());
        }
        self.last = Some(reply);
    }

    /// What ends an answer: Ctrl-C, or the end of the process. A terminal that is closed does not.
    fn end(&self) -> futures_util::future::BoxFuture<'static, Unfinished> {
        let interrupt = self.context.interrupt.clone();
        interrupt.forget_keys();
        let end = async move {
            let hung_up = async {
                interrupt.wait().await;
                if is_gone() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = hung_up => {}
                () = interrupt.key() => {}
            }
            Unfinished::Stopped(interrupted())
        };
        end.boxed()
    }

    /// Does `work`, unless Ctrl-C ends it.
    async fn unless_cancelled<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let interrupt = &self.context.interrupt;
        interrupt.forget_keys();
        tokio::select! {
            biased;
            () = interrupt.wait() => Err(interrupted()),
            () = interrupt.key() => Err(interrupted()),
            result = work => result,
        }
    }

    /// Starts a new chat, which is made by its first prompt.
    fn begin(&mut self) {
        (self.chat, self.parent, self.last) = (None, None, None);
        self.say("new chat");
    }

    /// Opens a chat, and shows how it ends.
    async fn open(&mut self, id: &ChatId) -> Result<()> {
        let spinner = self.output.spinner("reading the chat");
        let chat = self.unless_cancelled(chats::show(&self.session, id)).await?;
        drop(spinner);
        (self.chat, self.parent, self.last) = (Some(id.clone()), None, None);
        self.greet(&one_line(chat.title.as_deref().unwrap_or("(no title)")));
        self.show_last(&chat);
        Ok(())
    }

    fn greet(&self, title: &str) {
        if self.output.policy().quiet {
            return;
        }
        let parts = [Some(title.to_owned()), self.model.as_deref().map(one_line)];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        self.say(&format!("{} · /help lists the commands, Ctrl-D ends", parts.join(" · ")));
    }

    /// Shows the last prompt and reply of the branch.
    fn show_last(&mut self, chat: &Chat) {
        let branch = chat.branch_to(self.parent.as_deref().or(chat.current_id.as_deref()));
        let prompt = prompts(chat, self.parent.as_deref()).pop();
        if let Some(prompt) = prompt {
            let text = one_line(&prompt_of(&prompt.text, self.system.as_deref()));
            self.say(&self.cut(&format!("{PROMPT}{text}")));
        }
        let Some(reply) = branch.last().filter(|last| last.role == domain::Role::Assistant) else {
            return;
        };
        let mut last = Reply::empty(chat.id.clone(), reply.model.clone().unwrap_or_default());
        last.content.clone_from(&reply.content);
        last.message_id = Some(reply.id.clone());
        self.last = Some(last);
        // The next line fails, too, if it cannot be printed.
        let _ = self.output.rendered(&clean(&reply.content));
    }

    /// Puts a text back into the line, or keeps it if it is too long.
    fn put_back(&mut self, text: String) {
        let width = self.output.policy().stderr_width.unwrap_or(80).max(1);
        if self.line.is_plain() {
            self.say("an empty line sends the text again");
            self.initial = text;
        } else if text.lines().map(|line| 1 + line.len() / width).sum::<usize>() > MOST_ROWS {
            self.say("the text is kept: an empty line sends it, Ctrl-X Ctrl-E edits it");
            self.release();
            self.kept = Some(text);
        } else {
            self.initial = clean(&text);
        }
    }

    /// Drops the text that is kept; one that the history does not have goes into a file.
    fn release(&mut self) {
        if let Some(text) = self.kept.take().filter(|text| text.len() > LONGEST_KEPT) {
            editor::keep(&self.output, &text);
        }
    }

    /// Prints a remark.
    fn say(&self, text: &str) {
        let policy = self.output.policy();
        let text =
            policy.stderr_width.map_or_else(|| text.to_owned(), |width| wrap(text, 0, width));
        let lines = text.lines().map(|line| Role::Muted.paint(line, policy.stderr_color) + "\n");
        self.output.complaint(&lines.collect::<String>());
    }

    fn fail(&self, error: &Error) {
        if error.kind() == ErrorKind::Interrupted {
            self.say("cancelled");
        } else {
            self.output.failure(error, false);
        }
    }

    /// A line, cut to the width of the terminal.
    fn cut(&self, line: &str) -> String {
        self.output.policy().stderr_width.map_or_else(|| line.to_owned(), |width| cut(line, width))
    }

    fn clear_screen(&self) {
        if !self.line.is_plain() {
            self.output.complaint("\u{1b}[H\u{1b}[2J");
        }
    }

    /// Prompts for yes or no.
    async fn confirm(&mut self, question: &'static str) -> bool {
        let Ok(Input::Text(answer)) = self.input(question, String::new()).await else {
            return false;
        };
        matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    }

    /// Opens `text` in the editor; `None` if it was emptied.
    async fn open_editor(&self, text: &str) -> Result<Option<String>> {
        if let Some(quiet) = &self.quiet {
            quiet.lend();
        }
        let edited = editor::edit(&self.context.environment, text).await;
        if let Some(quiet) = &self.quiet {
            quiet.resume();
        }
        edited.map(|text| Some(text).filter(|text| !text.trim().is_empty()))
    }

    /// Says where the chat is.
    fn leave(&mut self) {
        self.quiet = None;
        self.release();
        if let Some(chat) = &self.chat
            && !is_gone()
        {
            let id: String = chat.as_str().chars().take(ChatId::SHORT).collect();
            let flag = if self.context.globals.local { "--local " } else { "" };
            self.output.aside(&format!("continue with `qwenctl {flag}chat {id}`"));
        }
    }
}

/// Why an answer was not printed to its end.
enum Ended {
    Unfinished(Unfinished),
    Unprinted(Failure),
}

impl From<Unfinished> for Ended {
    fn from(unfinished: Unfinished) -> Self {
        Self::Unfinished(unfinished)
    }
}

async fn stream(answering: &mut Answering, printer: &mut ReplyPrinter) -> Result<(), Ended> {
    answering.open().await?;
    answering.send().await?;
    while let Some(event) = answering.next().await? {
        printer.event(&event, answering.model()).map_err(Ended::Unprinted)?;
    }
    Ok(())
}

/// The file of the history, in the data directory. Without one there is no history on disk.
fn history(loaded: &Loaded) -> Option<PathBuf> {
    let directory = loaded.paths.data_dir().ok()?;
    files::secure_private_directory(directory).ok()?;
    Some(directory.join("history"))
}

/// A prompt of the upstream without the system prompt, which precedes it there.
fn prompt_of(content: &str, system: Option<&str>) -> String {
    let rest = system.and_then(|system| content.strip_prefix(system));
    rest.map_or_else(|| content.to_owned(), |rest| rest.trim_start().to_owned())
}

/// The error for a file that cannot be written.
fn unwritable(path: &Path, fault: &io::Error, hint: &'static str) -> Error {
    let shown = path.display();
    match fault.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::invalid(format!("{shown} already exists")).with_hint(hint)
        }
        _ => Error::invalid(format!("cannot write {shown}: {fault}")),
    }
}
