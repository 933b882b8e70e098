//! `send` and `quick`: one prompt, one answer.

use std::sync::Arc;

use futures_util::FutureExt as _;

use crate::app::answer::{Answering, Guards, Question, Target, Unfinished};
use crate::app::chats::{self, ChatRef};
use crate::app::ephemeral::Journal;
use crate::cli::args::{Format, PromptArgs, QuickArgs, SendArgs};
use crate::cli::context::Context;
use crate::cli::output::{
    Failure, Outcome, Policy, ReplyKind, ReplyPrinter, interrupted, one_line,
};
use crate::client::{Hold, Session};
use crate::domain::{ChatId, Error, ErrorKind};
use crate::local::Fault;
use crate::settings::{Loaded, QuickChat};

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
enum To<'a> {
    /// The chat that `send` names.
    Chat(&'a ChatRef),
    /// The chat of `quick`.
    Target(Target),
}

async fn run(context: &Context, args: &PromptArgs, to: To<'_>, parent: Option<String>) -> Outcome {
    let loaded = context.settings().await?;
    let Some(message) = context.message(args.message.as_deref()).await? else { return Ok(()) };
    let (kind, named, target) = match to {
        To::Chat(named) => (ReplyKind::Send, Some(named), Target::Recent),
        To::Target(target) => (ReplyKind::Quick, None, target),
    };
    let is_ephemeral = target == Target::New { ephemeral: true };
    let mut question = Question::new(target, message)?;
    question.system.clone_from(&args.system);
    question.model.clone_from(&loaded.settings.model.value);
    question.parent = parent;
    question.thinking = args.think;
    question.search = args.search;
    question.force = args.force;
    // A terminal shows text at once, and a correction after it. A pipe gets the answer alone.
    question.hold = match context.output.policy() {
        Policy { format: Format::Json | Format::Ndjson, .. } => Hold::Nothing,
        Policy { width: Some(_), .. } => Hold::Thoughts,
        Policy { width: None, .. } => Hold::Everything,
    };
    let session = context.interrupt.or(context.session()).await?;
    let quotas = context.own_quotas(&loaded).map(Arc::new);
    if let Some(named) = named {
        if let (Some(quotas), false) = (&quotas, args.force) {
            quotas.check(&session, question.model.as_deref(), named.beginning())?;
        }
        question.target = Target::Chat(context.interrupt.or(chats::find(&session, named)).await?);
    }
    warn_of_unknown_faults(context, question.message());
    let printer = ReplyPrinter::new(&context.output, kind, !args.no_stream);
    let (guards, journal) = guards(context, &loaded, is_ephemeral).await;
    let guards = Guards { quotas, ..guards };
    let mut answering = Answering::new(session.clone(), question, guards);
    // Boxed, because they are large.
    let outcome = Box::pin(answer(context, &mut answering, printer, kind)).await;
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
fn warn_of_unknown_faults(context: &Context, message: &str) {
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
        on_journal_error: Some(Box::new(report)),
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
    answering.reply().map_or(Ok(()), |reply| printer.done(reply))
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
async fn unread(answering: &mut Answering) -> Outcome {
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
