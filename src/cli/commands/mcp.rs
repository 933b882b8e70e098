//! `mcp`: the chats of the account for other programs, on the standard streams.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, OnceCell, mpsc};

use super::archive;
use crate::app;
use crate::app::answer::{Answering, Guards, Question};
use crate::app::archive::{AccountHash, Owner, path};
use crate::app::deletion::Hidden;
use crate::app::quota::Quotas;
use crate::cli::context::Context;
use crate::cli::interrupt::beside;
use crate::cli::output::{Failure, Outcome, StdinKind};
use crate::client::{Client, Session};
use crate::domain::{Error, ErrorKind, Reply, Result, Tokens};
use crate::mcp::{Host, KeptChats, stdio};

/// How many messages wait in each direction.
const QUEUE: usize = 64;

/// `mcp`
pub(super) async fn run(context: &Context, may_ask: bool) -> Outcome {
    if context.stdin_is_token().await? {
        let message = "standard input carries the protocol, so the token cannot come from there";
        return Err(Error::invalid(message)
            .with_hint("store it with `qwenctl token set`, or use a file")
            .into());
    }
    let loaded = context.settings().await?;
    if context.stdin_kind() == StdinKind::Terminal {
        context.output.note("waiting for a client of the Model Context Protocol (see `--help`)");
    }
    let host = Local {
        context,
        may_ask,
        model: loaded.settings.model.value.clone(),
        quotas: context.own_quotas(&loaded).map(Arc::new),
        session: Mutex::default(),
        client: OnceCell::new(),
        kept: KeptChats::default(),
    };
    let (from_client, lines) = mpsc::channel(1);
    let (to_client, mut responses) = mpsc::channel::<String>(QUEUE);
    let input = context.take_stdin();
    let reading = beside(move || {
        let Some(input) = input else { return };
        stdio::read_lines(input.reader, |line| from_client.blocking_send(line).is_ok());
    });
    let output = context.output.clone();
    let writing = beside(move || {
        while let Some(response) = responses.blocking_recv() {
            output.text(&(response + "\n"))?;
        }
        Ok(())
    });
    stdio::serve(&host, lines, to_client, context.interrupt.wait()).await;
    if let Some(client) = host.client.get() {
        client.settle().await;
    }
    drop(reading);
    match context.interrupt.bounded(writing, || ()).await.transpose()? {
        // The client has left, or reads nothing more.
        None | Some(Err(Failure::Unread) | Ok(())) => Ok(()),
        Some(Err(failure)) => Err(failure),
    }
}

/// The account of this run.
struct Local<'a> {
    context: &'a Context,
    may_ask: bool,
    model: Option<String>,
    quotas: Option<Arc<Quotas>>,
    /// It keeps refreshed tokens.
    session: Mutex<Option<Used>>,
    client: OnceCell<Client>,
    kept: KeptChats,
}

/// The session in use, and the tokens in the store for which it was made or that it has stored since.
struct Used {
    stored: Tokens,
    session: Session,
}

impl Local<'_> {
    /// The session of the tokens that are stored now: the user may sign in while this program runs.
    async fn current(&self) -> Outcome<Session> {
        if self.context.is_local() {
            return self.context.session().await;
        }
        let found = self.context.current_tokens().await?.ok_or_else(app::token_missing)?;
        let mut used = self.session.lock().await;
        let stored = found.tokens.clone();
        let session = match used.take() {
            Some(used) if used.stored == stored || used.session.tokens() == stored => used.session,
            _ => {
                let client = self.client.get_or_try_init(|| self.context.client()).await?;
                app::session(client, Some(found))?
            }
        };
        *used = Some(Used { stored, session: session.clone() });
        Ok(session)
    }

    /// The account of the tokens, as the archive knows it; `None` without one.
    async fn account(&self) -> Result<Option<AccountHash>> {
        let session = match self.current().await.map_err(error_of) {
            Err(error) if error.kind() == ErrorKind::TokenMissing => return Ok(None),
            session => session?,
        };
        let loaded = self.context.settings().await.map_err(error_of)?;
        let id = session.access_token().claims().account_id.clone();
        Ok(id.map(|id| AccountHash::new(self.context.upstream_name(&loaded), &id)))
    }
}

impl Host for Local<'_> {
    fn session(&self) -> BoxFuture<'_, Result<Session>> {
        async { Ok(self.current().await.map_err(error_of)?.restarted()) }.boxed()
    }

    fn archive(&self) -> BoxFuture<'_, Result<Option<(PathBuf, Owner)>>> {
        async {
            let loaded = self.context.settings().await.map_err(error_of)?;
            let path = path(loaded.paths.data_dir()?);
            if !path.exists() {
                return Ok(None);
            }
            Ok(Some((path, self.account().await?.map_or(Owner::Only, Owner::Account))))
        }
        .boxed()
    }

    fn hidden(&self) -> BoxFuture<'_, Hidden> {
        async {
            let account = self.account().await.ok().flatten();
            archive::hidden(self.context, account).await
        }
        .boxed()
    }

    fn kept(&self) -> &KeptChats {
        &self.kept
    }

    fn ask_refusal(&self) -> Option<Error> {
        let refusal = || {
            Error::new(ErrorKind::Forbidden, "this server only reads chats")
                .with_hint("the user can start it as `qwenctl mcp --allow-ask`")
        };
        (!self.may_ask).then(refusal)
    }

    fn model(&self) -> Option<String> {
        self.model.clone()
    }

    fn ask<'a>(
        &'a self,
        session: Session,
        question: Question,
        progress: &'a mut (dyn FnMut(usize) + Send),
    ) -> BoxFuture<'a, Result<Reply>> {
        let guards = Guards { quotas: self.quotas.clone(), ..Guards::default() };
        // Dropping it stops the model; the end of the run waits for that.
        let mut answering = Answering::new(session, question, guards);
        async move {
            answering.open().await?;
            answering.send().await?;
            while answering.next().await?.is_some() {
                progress(answering.reply().map_or(0, Reply::text_length));
            }
            let reply = answering.reply().cloned();
            reply.ok_or_else(|| Error::new(ErrorKind::Internal, "the answer has no text"))
        }
        .boxed()
    }

    fn note(&self, failure: &Error) {
        self.context.output.detail(&failure.to_string());
    }
}

fn error_of(failure: Failure) -> Error {
    match failure {
        Failure::Error(error) => error,
        other => Error::new(ErrorKind::Internal, format!("the command failed: {other:?}")),
    }
}
