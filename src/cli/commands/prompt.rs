//! `send` and `quick`: one prompt, one answer.

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt as _;

use crate::app::answer::{Answering, Guards, Question, Target, Unfinished};
use crate::app::chats::{self, ChatRef};
use crate::app::code;
use crate::app::ephemeral::{Journal, Recorded};
use crate::cli::args::{Format, PromptArgs, QuickArgs, SendArgs};
use crate::cli::attachments;
use crate::cli::context::Context;
use crate::cli::editor;
use crate::cli::output::{
    Failure, Outcome, Policy, ReplyKind, ReplyPrinter, clean, interrupted, one_line,
};
use crate::client::{Hold, Session};
use crate::domain::{ChatId, Error, ErrorKind, Reply, Result};
use crate::files;
use crate::local::Fault;
use crate::settings::{Loaded, QuickChat, Template};

/// Sends the next message of a chat.
pub(super) async fn send(context: &Context, args: &SendArgs) -> Outcome {
    run(context, &args.prompt, To::Chat(&args.id), args.parent.clone()).await
}

/// Asks in the most recent chat, or in a new one.
pub(super) async fn quick(context: &Context, args: &QuickArgs) -> Outcome {
    let loaded = context.settings().await?;
    // A parent belongs to a chat that exists.
    let is_recent = args.r#continue || args.parent.is_some();
    let by_default = loaded.settings.quick.value == QuickChat::New && !is_recent;
    let target = match (args.new || by_default, args.ephemeral) {
        (false, false) => Target::Recent,
        (_, ephemeral) => Target::New { ephemeral },
    };
    run(context, &args.prompt, To::Target(target), args.parent.clone()).await
}

/// Where a prompt goes.
pub(super) enum To<'a> {
    /// The chat that `send` names.
    Chat(&'a ChatRef),
    /// The chat of `quick`.
    Target(Target),
}

pub(super) async fn run(
    context: &Context,
    args: &PromptArgs,
    to: To<'_>,
    parent: Option<String>,
) -> Outcome {
    let loaded = context.settings().await?;
    let delivery = Delivery::of(context, args)?;
    let template = match &args.template {
        Some(name) => Some(loaded.paths.templates()?.load(name)?),
        None => None,
    };
    // First: standard input may be one of the files.
    let attachments = context.attachments(&args.file).await?;
    let Some(Composed { message, system, is_edited }) =
        compose(context, args, template.as_ref()).await?
    else {
        return Ok(());
    };
    let (kind, named, target) = match to {
        To::Chat(named) => (ReplyKind::Send, Some(named), Target::Recent),
        To::Target(target) => (ReplyKind::Quick, None, target),
    };
    let typed = args.message.as_deref().filter(|_| template.is_none() && !is_edited);
    let typed = typed.filter(|typed| message.starts_with(typed) && message.len() > typed.len());
    let mut question = Question::new(target, message)?;
    attachments.add_to(&mut question);
    question.long_as_file = context.long_as_file(typed.map_or(0, str::len)).await?;
    question.system = args.system.clone().or(system);
    question.model.clone_from(&loaded.settings.model.value);
    if let (Some(template), None) = (&template, &args.model) {
        question.model = template.model.clone().or(question.model);
    }
    question.parent = parent;
    question.thinking = args.think || template.as_ref().is_some_and(|template| template.think);
    question.search = args.search || template.as_ref().is_some_and(|template| template.search);
    question.force = args.force;
    // A terminal shows text at once, and a correction after it. A pipe gets the answer alone.
    question.hold = match context.output.policy() {
        Policy { format: Format::Json | Format::Ndjson, .. } => Hold::Nothing,
        Policy { width: Some(_), .. } => Hold::Thoughts,
        Policy { width: None, .. } => Hold::Everything,
    };
    if args.dry_run {
        return attachments::dry_run(&context.output, &question);
    }
    let written = is_edited.then(|| question.message().to_owned());
    let mut has_answer = false;
    let asked = Asked { question, kind, named, delivery };
    // Boxed, because it is large.
    let outcome = Box::pin(ask(context, args, &loaded, asked, &mut has_answer)).await;
    if let (Err(_), Some(text), false) = (&outcome, written, has_answer) {
        editor::keep(&context.output, &text);
    }
    outcome
}

/// A prompt, where it goes, and where its answer goes.
struct Asked<'a> {
    question: Question,
    kind: ReplyKind,
    named: Option<&'a ChatRef>,
    delivery: Option<Delivery<'a>>,
}

/// Sends a prompt and prints the answer; says whether there is any.
async fn ask(
    context: &Context,
    args: &PromptArgs,
    loaded: &Loaded,
    asked: Asked<'_>,
    has_answer: &mut bool,
) -> Outcome {
    let Asked { mut question, kind, named, delivery } = asked;
    let is_ephemeral = question.target == Target::New { ephemeral: true };
    let session = context.interrupt.or(context.session()).await?;
    let quotas = context.own_quotas(loaded).map(Arc::new);
    if let Some(named) = named {
        if let (Some(quotas), false) = (&quotas, args.force) {
            quotas.check(&session, question.model.as_deref(), named.beginning())?;
        }
        question.target = Target::Chat(context.interrupt.or(chats::find(&session, named)).await?);
    }
    warn_of_unknown_faults(context, question.message());
    let streams = !args.no_stream && (delivery.is_none() || context.output.policy().is_json());
    let printer = ReplyPrinter::new(&context.output, kind, streams)
        .with_usage(args.usage)
        .notifying(args.notify);
    let (guards, journal) = guards(context, loaded, is_ephemeral).await;
    let guards = Guards { quotas, ..guards };
    let mut answering = Answering::new(session.clone(), question, guards);
    // Boxed, because they are large.
    let outcome = Box::pin(answer(context, &mut answering, printer, kind, delivery)).await;
    *has_answer = answering.reply().is_some_and(Reply::has_substance);
    if kind == ReplyKind::Quick
        && let Some(chat) = answering.kept_chat()
    {
        let is_seen = context.output.policy().stderr_width.is_some();
        let length = if is_seen { ChatId::SHORT } else { usize::MAX };
        let id: String = chat.as_str().chars().take(length).collect();
        context.output.aside(&format!("chat: {id}"));
    }
    if is_ephemeral {
        Box::pin(delete(context, answering, &session, journal)).await;
    }
    outcome
}

/// Warns about a marker that the local upstream would take for ordinary text.
pub(super) fn warn_of_unknown_faults(context: &Context, message: &str) {
    if !context.is_local() {
        return;
    }
    let markers = message.split("[[fault:").skip(1).filter_map(|rest| rest.split_once("]]"));
    for fault in markers.filter_map(|(name, _)| name.parse::<Fault>().err()) {
        let fault = fault.split("; known are").next().unwrap_or_default();
        context.output.warn(&format!("{fault}; `qwenctl local --list-faults` lists all"));
    }
}

/// Ctrl-C ends the answer. An ephemeral chat is recorded on disk, so that a killed process leaves
/// nothing for good; without a place to write it goes unrecorded.
async fn guards(
    context: &Context,
    loaded: &Loaded,
    is_ephemeral: bool,
) -> (Guards, Option<Journal>) {
    let interrupt = context.interrupt.clone();
    let end = async move {
        interrupt.wait().await;
        Unfinished::Stopped(interrupted())
    };
    let output = context.output.clone();
    let report = move |error: &Error| output.detail(&error.to_string());
    let mut journal = None;
    if is_ephemeral {
        let upstream = context.upstream_name(loaded);
        let opened = match loaded.paths.data_dir() {
            Ok(data) => Journal::open(data, upstream).await,
            Err(error) => Err(error),
        };
        journal = opened.inspect_err(&report).ok();
    }
    let guards = Guards {
        journal: journal.clone(),
        recorded: loaded.paths.data_dir().ok().map(Recorded::under),
        on_journal_error: Some(Box::new(report)),
        uploads: Some(attachments::upload_bars(&context.output)),
        end: end.boxed(),
        ..Guards::default()
    };
    (guards, journal)
}

async fn answer(
    context: &Context,
    answering: &mut Answering,
    mut printer: ReplyPrinter,
    kind: ReplyKind,
    delivery: Option<Delivery<'_>>,
) -> Outcome {
    // Only the creation of an ephemeral chat outlasts an interrupt.
    let waiting = || context.output.note("waiting for the chat that is being made, to delete it");
    let Some(opened) = context.interrupt.bounded(answering.open(), waiting).await else {
        context
            .output
            .warn("the upstream did not say whether it made a chat; it may still be there");
        return Err(Failure::interrupted());
    };
    opened.map_err(Error::from)?;
    let is_seen = context.output.policy().stderr_width.is_some();
    if kind == ReplyKind::Quick && answering.continues_a_chat() && is_seen {
        let title = one_line(answering.title().unwrap_or_default());
        let title = if title.is_empty() { "without a title".to_owned() } else { title };
        context.output.aside(&format!("continuing the most recent chat: {title}"));
    }
    if let Err(unfinished) = answering.send().await {
        return Err(unfinished_answer(context, answering, &mut printer, unfinished).await);
    }
    loop {
        match answering.next().await {
            Ok(Some(event)) => match printer.event(&event, answering.model()) {
                Ok(()) => {}
                Err(Failure::Unread) => return unread(answering).await,
                Err(failure) => {
                    let _ = answering.stop().await;
                    return Err(failure);
                }
            },
            Ok(None) => break,
            Err(unfinished) => {
                return Err(unfinished_answer(context, answering, &mut printer, unfinished).await);
            }
        }
    }
    match (answering.reply(), delivery) {
        (None, _) => Ok(()),
        (Some(reply), None) => printer.done(reply),
        (Some(reply), Some(delivery)) => {
            let chat = answering.kept_chat();
            delivery.hand_over(context, reply, printer, chat)
        }
    }
}

/// A message that is ready to be sent.
struct Composed {
    message: String,
    /// The system prompt of the template.
    system: Option<String>,
    is_edited: bool,
}

/// The message from the argument and standard input, in the template, and edited. `None` for an empty
/// answer to the prompt.
async fn compose(
    context: &Context,
    args: &PromptArgs,
    template: Option<&Template>,
) -> Outcome<Option<Composed>> {
    let argument = args.message.as_deref();
    let needs_message =
        template.map_or(!args.edit, |template| template.takes_input() && !args.edit);
    let given = if needs_message {
        let Some(message) = context.message(argument).await? else { return Ok(None) };
        Some(message)
    } else {
        context.optional_message(argument).await?
    };
    let (mut message, mut system) = (given.clone().unwrap_or_default(), None);
    if let Some(template) = template {
        // What is edited may be completed there.
        let input = if args.edit { Some(message.as_str()) } else { given.as_deref() };
        let filled = template.fill(&args.var, input)?;
        (message, system) = (filled.prompt, filled.system);
    }
    if args.edit {
        if context.globals.no_input {
            return Err(
                Error::invalid("`--edit` prompts for input, and `--no-input` is given").into()
            );
        }
        message = context.interrupt.or(editor::edit(&context.environment, &message)).await?;
    }
    Ok(Some(Composed { message, system, is_edited: args.edit }))
}

/// Where an answer goes, if not to standard output as it is.
struct Delivery<'a> {
    file: Option<&'a Path>,
    overwrites: bool,
    /// Only the first code block, in this language if given.
    extract: Option<Block<'a>>,
}

/// The code block that is printed.
#[derive(Clone, Copy)]
struct Block<'a> {
    /// Its language, if given.
    language: Option<&'a str>,
}

impl<'a> Delivery<'a> {
    /// Refuses what cannot work before the prompt is sent.
    fn of(context: &Context, args: &'a PromptArgs) -> Result<Option<Self>> {
        let extract = args.extract.as_ref().map(|language| Block { language: language.as_deref() });
        let file = args.out.as_deref().filter(|file| file.as_os_str() != "-");
        if extract.is_some() && file.is_none() && context.output.policy().is_json() {
            return Err(Error::invalid("`--extract` prints code, and JSON holds the whole answer")
                .with_hint("leave out one of them, or add `--out FILE`"));
        }
        if let Some(file) = file {
            let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
            if let Some(parent) = parent.filter(|parent| !parent.is_dir()) {
                let parent = parent.display();
                return Err(Error::invalid(format!("the directory {parent} does not exist")));
            }
            if file.is_dir() {
                return Err(Error::invalid(format!("{} is a directory", file.display())));
            }
            if file.is_file() && !args.force {
                return Err(Error::invalid(format!("{} already exists", file.display()))
                    .with_hint("choose another name, or add `--force`"));
            }
        }
        let delivery = Self { file, overwrites: args.force, extract };
        Ok((file.is_some() || extract.is_some()).then_some(delivery))
    }

    /// Writes the answer, or what is extracted from it. An answer that cannot be written is printed.
    fn hand_over(
        self,
        context: &Context,
        reply: &Reply,
        mut printer: ReplyPrinter,
        chat: Option<&ChatId>,
    ) -> Outcome {
        let mut text = reply.content.clone();
        if let Some(Block { language }) = self.extract {
            let fits = |block: &code::Block| language.is_none_or(|language| block.is_in(language));
            let Some(block) = code::blocks(&text).into_iter().find(fits) else {
                printer.keep_aside(reply, chat.is_none());
                let kind = language.map_or_else(String::new, |language| format!(" in {language}"));
                let error = format!("the answer has no code block{kind}");
                let hint = chat.map(|chat| format!("`qwenctl chats show {chat}` shows the answer"));
                let error = Error::new(ErrorKind::NotFound, error);
                return Err(hint.map_or(error.clone(), |hint| error.with_hint(hint)).into());
            };
            text = block.text;
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let Some(file) = self.file else {
            printer.finish_instead(reply);
            return context.output.text(&clean(&text));
        };
        if let Err(fault) = files::write_whole(file, text.as_bytes(), self.overwrites) {
            printer.keep(reply)?;
            let message = format!("cannot write {}: {fault}", file.display());
            return Err(Error::invalid(message).into());
        }
        if context.output.policy().is_json() {
            return printer.done(reply);
        }
        printer.finish_instead(reply);
        context.output.note(&format!("the answer is in {}", file.display()));
        Ok(())
    }
}

/// Stops the model and keeps what came of the answer; the error is printed afterwards.
async fn unfinished_answer(
    context: &Context,
    answering: &mut Answering,
    printer: &mut ReplyPrinter,
    unfinished: Unfinished,
) -> Failure {
    let stopped = answering.stop().await;
    let mut error = Error::from(unfinished);
    if error.kind() == ErrorKind::Interrupted {
        printer.erase_interrupt();
    }
    if let Some(reply) = answering.reply() {
        error = error.with_partial(reply.clone());
        if let (ErrorKind::Interrupted, Some(chat)) = (error.kind(), answering.kept_chat()) {
            let hint =
                format!("the chat keeps the text so far; continue with `qwenctl send {chat}`");
            error = error.with_hint(hint);
        }
    }
    let failure = keep_partial(printer, error);
    if let Err(error) = stopped {
        context.output.warn(&format!("the model could not be stopped: {error}"));
    }
    failure
}

fn keep_partial(printer: &mut ReplyPrinter, error: Error) -> Failure {
    if let Some(partial) = error.partial()
        && let Err(failure) = printer.keep(partial)
        && !matches!(failure, Failure::Unread)
    {
        return failure;
    }
    error.into()
}

/// Standard output is closed: the answer is read to its end, so that the chat gets all of it. There is
/// nothing to report, but an answer cut short is no success.
pub(super) async fn unread(answering: &mut Answering) -> Outcome {
    answering.hush();
    loop {
        match answering.next().await {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            Err(unfinished) => {
                let _ = answering.stop().await;
                return Err(Failure::Reported(Error::from(unfinished).kind()));
            }
        }
    }
}

/// Deletes an ephemeral chat, with a timer of its own, then those that killed processes left.
async fn delete(
    context: &Context,
    answering: Answering,
    session: &Session,
    journal: Option<Journal>,
) {
    let Some(chat) = answering.chat_id().cloned() else {
        // Only leaves a note of a chat that may exist.
        let _ = answering.finish().await;
        return;
    };
    let note = || context.output.note(&format!("deleting the chat {chat}"));
    let fault = match context.interrupt.bounded(Box::pin(answering.finish()), note).await {
        Some(Ok(())) => {
            if let Some(journal) = journal {
                sweep(context, &journal, &session.restarted()).await;
            }
            return;
        }
        Some(Err(error)) => error.to_string(),
        None => "the upstream took too long".to_owned(),
    };
    context.output.warn(&format!("the chat {chat} could not be deleted: {fault}"));
}

/// Ends at once after Ctrl-C; the next sweep does the rest.
async fn sweep(context: &Context, journal: &Journal, session: &Session) {
    match context.interrupt.or(journal.sweep(session)).await {
        Ok(swept) if swept.deleted > 0 => {
            let s = if swept.deleted == 1 { "" } else { "s" };
            context
                .output
                .detail(&format!("{} chat{s} of killed processes deleted", swept.deleted));
        }
        Err(Failure::Error(error)) => context.output.detail(&error.to_string()),
        Ok(_) | Err(_) => {}
    }
}
