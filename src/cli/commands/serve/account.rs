//! The server's own account: found at the start, and again when somebody asks for it.

use std::net::IpAddr;
use std::sync::Arc;

use crate::app::{Client, connect};
use crate::cli::args::ServeArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::domain::{Error, ErrorKind, Result};
use crate::server::OwnAccount;
use crate::settings::find_tokens;

/// The client, and the server's own account if it may have one.
pub async fn find(
    context: &Context,
    args: &ServeArgs,
    ip: IpAddr,
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
    if session.is_some() && is_exposed(ip) {
        return Err(exposed(ip).into());
    }
    Ok((context.client().await?, Some(Arc::new(OwnAccount::new(session)))))
}

fn is_exposed(ip: IpAddr) -> bool {
    !ip.to_canonical().is_loopback()
}

fn exposed(ip: IpAddr) -> Error {
    let message = format!(
        "at {ip} other machines could use the server's own access token without one of theirs"
    );
    Error::invalid(message).with_hint(
        "add `--no-server-token`, so that every caller brings a token, or listen at a loopback \
         address (`--host 127.0.0.1`)",
    )
}

/// The way to find the account's tokens again; `None` if they cannot change.
pub async fn reload(
    context: &Context,
    client: &Client,
    account: &Arc<OwnAccount>,
    ip: IpAddr,
) -> Outcome<Option<impl Fn() -> Result<String> + Send + Sync + 'static>> {
    if context.is_local() || context.stdin_is_token().await? {
        return Ok(None);
    }
    let loaded = context.settings(None).await?;
    let (client, account) = (client.clone(), Arc::clone(account));
    let environment = context.environment.clone();
    Ok(Some(move || {
        let store = loaded.paths.credentials();
        let found = find_tokens(&loaded.settings.token_file, &environment, &store)?;
        let before = account.session().map(|session| session.tokens());
        let now = found.as_ref().map(|found| found.tokens.clone());
        if before == now {
            return Ok("the same as before".to_owned());
        }
        if now.is_some() && is_exposed(ip) {
            return Err(exposed(ip));
        }
        let words = if now.is_some() { "a new one" } else { "none any more" };
        account.replace(found.map(|found| connect::session(&client, Some(found))).transpose()?);
        Ok(words.to_owned())
    }))
}
