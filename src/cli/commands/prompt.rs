//! `send` and `quick`: one prompt, one answer.

use crate::app::send::{Opened, Prepared, SendRequest, Target, check_prompt, prepare, verdict};
use crate::cli::args::{PromptArgs, QuickArgs, SendArgs};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{ReplyKind, ReplyPrinter};
use crate::client::{ReplyStream, Session};
use crate::domain::{Error, ErrorKind};

/// Sends the next message of a chat.
pub async fn send(context: &Context, args: &SendArgs) -> Outcome {
    let target = Target::Chat(args.id.clone());
    run(context, &args.prompt, target, args.parent.clone(), ReplyKind::Send).await
}

/// Asks in the most recent chat, or in a new one.
pub async fn quick(context: &Context, args: &QuickArgs) -> Outcome {
    let target = match (args.new, args.ephemeral) {
        (false, false) => Target::Recent,
        (_, ephemeral) => Target::New { ephemeral },
    };
    run(context, &args.prompt, target, args.parent.clone(), ReplyKind::Quick).await
}

async fn run(
    context: &Context,
    args: &PromptArgs,
    target: Target,
    parent: Option<String>,
    kind: ReplyKind,
) -> Outcome {
    let loaded = context.settings(args.model.as_deref()).await?;
    let Some(prompt) = context.message(args.message.as_deref()).await? else { return Ok(()) };
    check_prompt(&prompt)?;
    let request = SendRequest {
        target,
        prompt,
        system: args.system.clone(),
        images: Vec::new(),
        model: loaded.settings.model.value.clone(),
        parent,
        thinking: args.think,
        search: args.search,
    };
    let session = context.interrupt.or(context.session(args.model.as_deref())).await?;
    let printer = ReplyPrinter::new(&context.output, kind, !args.no_stream);
    let prepared = context.interrupt.or(prepare(&session, &request)).await?;
    let opened = open(context, &session, prepared).await?;
    if kind == ReplyKind::Quick && !opened.is_ephemeral() && !context.output.policy().is_json() {
        context.output.note(&format!("chat: {}", opened.chat_id));
    }
    let outcome = answer(context, &session, &request, &opened, printer).await;
    close(context, &session, opened).await;
    outcome
}

/// An ephemeral chat that is being made is waited for also after Ctrl-C: only who knows its id can
/// delete it. What follows ends at once then.
async fn open(context: &Context, session: &Session, prepared: Prepared) -> Outcome<Opened> {
    if !prepared.is_ephemeral() {
        return context.interrupt.or(prepared.open(session)).await;
    }
    let tell = || context.output.note("waiting for the chat that is being made, to delete it");
    let Some(opened) = context.interrupt.bounded(prepared.open(session), tell).await else {
        context
            .output
            .warn("the upstream did not say whether it made a chat; it may still be there");
        return Err(Failure::interrupted());
    };
    Ok(opened?)
}

/// Deletes an ephemeral chat, however the answer ended, with time of its own.
async fn close(context: &Context, session: &Session, opened: Opened) {
    if !opened.is_ephemeral() {
        return;
    }
    let id = opened.chat_id.clone();
    let session = session.restarted();
    let tell = || context.output.note(&format!("deleting the chat {id}"));
    let fault = match context.interrupt.bounded(opened.close(&session), tell).await {
        Some(Ok(())) => return,
        Some(Err(error)) => error.to_string(),
        None => "the upstream took too long".to_owned(),
    };
    context.output.warn(&format!("the chat {id} could not be deleted: {fault}"));
}

async fn answer(
    context: &Context,
    session: &Session,
    request: &SendRequest,
    opened: &Opened,
    mut printer: ReplyPrinter,
) -> Outcome {
    let mut stream = match context.interrupt.or(opened.send(session, request)).await {
        Ok(stream) => stream,
        Err(Failure::Error(error)) => return Err(fail(&mut printer, error)),
        Err(failure) => return Err(failure),
    };
    loop {
        let event = tokio::select! {
            biased;
            () = context.interrupt.wait() => return Err(stopped(context, &mut stream, &mut printer).await),
            event = stream.next() => event,
        };
        match event {
            Some(Ok(event)) => {
                if let Err(failure) = printer.event(&event, &opened.model) {
                    return Err(unread(context, &mut stream, failure).await);
                }
            }
            Some(Err(error)) => return Err(fail(&mut printer, error)),
            None => return whole(&stream, printer),
        }
    }
}

fn whole(stream: &ReplyStream, mut printer: ReplyPrinter) -> Outcome {
    match verdict(stream.reply()) {
        Ok(()) => printer.done(stream.reply()),
        Err(error) => Err(fail(&mut printer, error)),
    }
}

/// Keeps what came of the answer; the error is told afterwards.
fn fail(printer: &mut ReplyPrinter, error: Error) -> Failure {
    if let Some(partial) = error.partial()
        && let Err(failure) = printer.keep(partial)
        && !matches!(failure, Failure::Unread)
    {
        return failure;
    }
    error.into()
}

/// The user pressed Ctrl-C: the model is stopped, and what came stays.
async fn stopped(
    context: &Context,
    stream: &mut ReplyStream,
    printer: &mut ReplyPrinter,
) -> Failure {
    let stopped = stream.stop().await;
    let error = Error::new(ErrorKind::Interrupted, "interrupted");
    let failure = fail(printer, error.with_partial(stream.reply().clone()));
    if let Err(error) = stopped {
        context.output.warn(&format!("the model could not be stopped: {error}"));
    }
    failure
}

/// Nobody reads the answer any more, so the model need not go on. An answer cut short is no success,
/// although nobody has to be told.
async fn unread(context: &Context, stream: &mut ReplyStream, failure: Failure) -> Failure {
    if let Err(error) = stream.stop().await {
        context.output.detail(&format!("the model could not be stopped: {error}"));
    }
    match failure {
        Failure::Unread => Failure::Told(ErrorKind::Interrupted),
        failure => failure,
    }
}
