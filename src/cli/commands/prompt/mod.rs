//! `send` and `quick`: one prompt, one answer.

mod ephemeral;

use self::ephemeral::Passing;
use crate::app::send::{Opened, SendRequest, Target, check_prompt, prepare, verdict};
use crate::cli::args::{PromptArgs, QuickArgs, SendArgs};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{ReplyKind, ReplyPrinter};
use crate::client::{ReplyStream, Session};
use crate::domain::{Error, ErrorKind};

/// Sends the next message of a chat.
pub(super) async fn send(context: &Context, args: &SendArgs) -> Outcome {
    let target = Target::Chat(args.id.clone());
    run(context, &args.prompt, target, args.parent.clone(), ReplyKind::Send).await
}

/// Asks in the most recent chat, or in a new one.
pub(super) async fn quick(context: &Context, args: &QuickArgs) -> Outcome {
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
    let loaded = context.settings().await?;
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
    let session = context.interrupt.or(context.session()).await?;
    let printer = ReplyPrinter::new(&context.output, kind, !args.no_stream);
    let prepared = context.interrupt.or(prepare(&session, &request)).await?;
    if prepared.is_ephemeral() {
        let passing = Passing::open(context, &loaded, &session, prepared).await?;
        let outcome = answer(context, &session, &request, passing.chat(), printer).await;
        passing.close(context, &session).await;
        return outcome;
    }
    let opened = context.interrupt.or(prepared.open(&session)).await?;
    if kind == ReplyKind::Quick && !context.output.policy().is_json() {
        context.output.note(&format!("chat: {}", opened.chat_id));
    }
    answer(context, &session, &request, &opened, printer).await
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
        Failure::Unread => Failure::Reported(ErrorKind::Interrupted),
        failure => failure,
    }
}
