//! The server's own account: found at the start, and again when somebody asks for it.

use std::net::IpAddr;
use std::sync::Arc;

use super::access::check;
use crate::app::{Client, connect};
use crate::cli::args::ServeArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::domain::{ErrorKind, Result};
use crate::server::OwnAccount;
use crate::settings::find_tokens;

/// The client, and the server's own account if it may have one.
pub(super) async fn find(
    context: &Context,
    args: &ServeArgs,
) -> Outcome<(Client, Option<Arc<OwnAccount>>)> {
    if args.no_server_token {
        return Ok((context.client().await?, None));
    }
    let session = match context.session(args.model.as_deref()).await {
        Ok(session) => Some(session),
        Err(Failure::Error(error)) if error.kind() == ErrorKind::TokenMissing => {
            context.output.note("no access token of its own: callers have to bring one");
            None
        }
        Err(failure) => return Err(failure),
    };
    Ok((context.client().await?, Some(Arc::new(OwnAccount::new(session)))))
}

/// The way to find the account's tokens again; `None` if they cannot change.
pub(super) async fn reload(
    context: &Context,
    client: &Client,
    account: &Arc<OwnAccount>,
    args: &ServeArgs,
    ip: IpAddr,
) -> Outcome<Option<impl Fn() -> Result<String> + Send + Sync + 'static>> {
    if context.is_local() || context.stdin_is_token().await? {
        return Ok(None);
    }
    let loaded = context.settings(None).await?;
    let (client, account) = (client.clone(), Arc::clone(account));
    let require_key = args.access.require_key;
    let environment = context.environment.clone();
    Ok(Some(move || {
        let store = loaded.paths.credentials();
        let found = find_tokens(&loaded.settings.token_file, &environment, &store)?;
        let before = account.session().map(|session| session.tokens());
        let now = found.as_ref().map(|found| found.tokens.clone());
        if before == now {
            return Ok("the same as before".to_owned());
        }
        check(&loaded.paths.keys(), require_key, now.is_some().then_some(ip))?;
        let words = if now.is_some() { "a new one" } else { "none any more" };
        account.replace(found.map(|found| connect::session(&client, Some(found))).transpose()?);
        Ok(words.to_owned())
    }))
}
