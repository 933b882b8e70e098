//! The commands, one file for each noun. [`run`] turns the arguments into plain values; below it no
//! command sees how it was called.

mod account;
mod archive;
mod chat;
mod chats;
mod config;
mod deletion;
mod doctor;
mod export;
mod generate;
mod keys;
mod local;
mod mcp;
mod prompt;
mod serve;
mod templates;
mod trash;

use self::local::LocalRun;
use self::serve::{LogFlags, ServeOptions};
use super::args::{
    AccountCommand, ChatsCommand, Command, ConfigCommand, GivenFlag, KeysCommand, LogFormatArg,
    Proxy, ServeArgs, TemplatesCommand, TokenCommand,
};
use super::context::Context;
use super::output::Outcome;
use super::upstream::LocalFlags;
use crate::client::Mark;
use crate::domain::{Error, Result};
use crate::server::{CacheOptions, Limits, LogFormat, TlsFiles};

/// Runs `command`. Commands that must clean up after an interrupt handle it themselves; the others
/// are dropped.
pub(super) async fn run(context: &Context, command: Command, given: &[GivenFlag]) -> Outcome {
    if !context.is_local() && !matches!(command, Command::Local(_)) {
        LocalFlags::of(&context.globals).refuse_without_local()?;
    }
    match command {
        Command::Send(args) => prompt::send(context, &args).await,
        Command::Quick(args) => prompt::quick(context, &args).await,
        Command::Chat(args) => chat::run(context, &args).await,
        Command::Chats(ChatsCommand::Delete(args)) => {
            let outcome = deletion::delete(context, &args).await;
            trash::finish_due(context).await;
            outcome
        }
        Command::Serve(args) => {
            refuse_removed(given)?;
            let print_unit = args.print_unit;
            let options = serve_options(*args);
            match print_unit {
                Some(kind) => serve::unit::print(context, &options, kind, given),
                None => Box::pin(serve::run(context, options)).await,
            }
        }
        Command::Mcp(args) => mcp::run(context, args.allow_ask).await,
        Command::Local(args) if args.list_faults => local::list_faults(context),
        Command::Local(args) => {
            let args = LocalRun {
                port: args.port,
                database: args.database,
                seed: args.seed,
                no_pace: args.no_pace,
                print_token: args.print_token,
                write_token: args.write_token,
            };
            local::run(context, &args).await
        }
        command => {
            let opens_archive = opens_archive(&command);
            // Boxed, because it is large.
            let outcome = context.interrupt.or(Box::pin(run_plain(context, command))).await;
            if opens_archive {
                trash::finish_due(context).await;
            }
            outcome
        }
    }
}

/// Whether a command finishes the deletions that are due.
fn opens_archive(command: &Command) -> bool {
    use ChatsCommand::{Search, Sync, Trash};
    matches!(command, Command::Archive(_) | Command::Chats(Search(_) | Sync(_) | Trash(_)))
}

async fn run_plain(context: &Context, command: Command) -> Outcome {
    match command {
        Command::Chats(command) => Box::pin(run_chats(context, command)).await,
        Command::Archive(command) => archive::upkeep(context, command).await,
        Command::Keys(KeysCommand::Create(args)) => {
            let expires = args.expires.as_deref();
            keys::create(context, args.name, args.scope, args.limit, expires).await
        }
        Command::Keys(KeysCommand::List) => keys::list(context).await,
        Command::Keys(KeysCommand::Revoke(args)) => keys::revoke(context, args.key).await,
        Command::Token(TokenCommand::Set(args)) => {
            account::set_token(context, args.with_refresh, args.keyring).await
        }
        Command::Token(TokenCommand::Info(args)) => account::token_info(context, args.check).await,
        Command::Token(TokenCommand::Refresh) => account::refresh_token(context).await,
        Command::Token(TokenCommand::Remove) => account::remove(context, None).await,
        Command::Account(AccountCommand::List) => account::list(context).await,
        Command::Account(AccountCommand::Use(args)) => account::select(context, args.name).await,
        Command::Account(AccountCommand::Remove(args)) => {
            account::remove(context, Some(args.name)).await
        }
        Command::Models => account::models(context).await,
        Command::Status => account::status(context).await,
        Command::Stats(args) if args.archive || args.by.is_some() || args.since.is_some() => {
            archive::statistics(context, &args).await
        }
        Command::Stats(_) => account::stats(context).await,
        Command::Doctor => Box::pin(doctor::run(context)).await,
        Command::Config(ConfigCommand::Path) => config::path(context).await,
        Command::Config(ConfigCommand::Show(args)) => config::show(context, args.origin).await,
        Command::Config(ConfigCommand::Get(args)) => config::get(context, &args.key).await,
        Command::Config(ConfigCommand::Set(args)) => {
            config::change(context, &args.key, Some(&args.value))
        }
        Command::Config(ConfigCommand::Unset(args)) => config::change(context, &args.key, None),
        Command::Config(ConfigCommand::Edit) => config::edit(context).await,
        Command::Templates(TemplatesCommand::List) => templates::list(context).await,
        Command::Templates(TemplatesCommand::Show(args)) => {
            templates::show(context, &args.name).await
        }
        Command::Templates(TemplatesCommand::Edit(args)) => {
            templates::edit(context, &args.name).await
        }
        Command::Templates(TemplatesCommand::Path(args)) => {
            templates::path(context, args.name.as_deref()).await
        }
        Command::Completions(args) => generate::completions(context, args.shell),
        Command::Man(args) => generate::man(context, args.all.as_deref()),
        Command::Send(_)
        | Command::Quick(_)
        | Command::Chat(_)
        | Command::Serve(_)
        | Command::Local(_)
        | Command::Mcp(_) => Ok(()),
    }
}

async fn run_chats(context: &Context, command: ChatsCommand) -> Outcome {
    match command {
        ChatsCommand::List(args) => chats::list(context, &args).await,
        ChatsCommand::Sync(args) => archive::sync(context, &args).await,
        ChatsCommand::Search(args) => archive::search(context, &args).await,
        ChatsCommand::Export(args) => export::export(context, &args).await,
        ChatsCommand::Import(args) => export::import(context, &args).await,
        ChatsCommand::Show(args) => chats::show(context, &args.id, args.tree).await,
        ChatsCommand::Trash(command) => Box::pin(trash::run(context, command)).await,
        ChatsCommand::New(args) => chats::new(context, args.title.as_deref()).await,
        ChatsCommand::Rename(args) => chats::rename(context, &args.id, &args.title).await,
        ChatsCommand::Pin(args) => chats::mark(context, &args.id, Mark::Pinned, true).await,
        ChatsCommand::Unpin(args) => chats::mark(context, &args.id, Mark::Pinned, false).await,
        ChatsCommand::Archive(args) => chats::mark(context, &args.id, Mark::Archived, true).await,
        ChatsCommand::Unarchive(args) => {
            chats::mark(context, &args.id, Mark::Archived, false).await
        }
        ChatsCommand::Projects => chats::projects(context).await,
        ChatsCommand::Move(args) => {
            chats::move_chat(context, &args.id, args.project.as_deref()).await
        }
        ChatsCommand::Delete(_) => Ok(()),
    }
}

/// Refuses flags that were removed, with their replacement.
fn refuse_removed(given: &[GivenFlag]) -> Result<()> {
    let removed =
        given.iter().find(|flag| ["log_max_size", "log_keep"].contains(&flag.id.as_str()));
    removed.map_or(Ok(()), |flag| {
        Err(Error::invalid(format!("`{}` was removed", flag.name)).with_hint(
            "rotate the log file with logrotate: it is reopened after a rename and on SIGHUP",
        ))
    })
}

fn serve_options(args: ServeArgs) -> ServeOptions {
    ServeOptions {
        host: args.host,
        port: args.port,
        allowed_hosts: args.allow_host,
        no_server_token: args.no_server_token,
        require_key: args.require_key,
        session_time: args.session_time,
        trusted_proxies: args.trust_proxy.iter().flat_map(Proxy::networks).collect(),
        max_inflight: args.max_inflight,
        max_queue: args.max_queue,
        aliases: args.model_alias,
        any_model: args.any_model,
        strict: args.strict,
        tools: args.tools,
        archive: args.archive || args.sync_every.is_some(),
        sync_every: args.sync_every,
        mcp_may_ask: args.mcp_allow_ask,
        limits: Limits {
            body: args.max_body,
            chat_wait: args.chat_wait,
            drain: args.drain,
            connections: args.max_connections,
            patience: args.client_timeout,
            upload: args.body_timeout,
            reader: args.reader_timeout,
            stream_wait: args.stream_wait,
            ..Limits::default()
        },
        cache: CacheOptions {
            lists: args.cache_lists,
            answers: args.cache_answers,
            size: args.cache_size,
            ..CacheOptions::default()
        },
        log: LogFlags {
            file: args.log_file,
            format: match args.log_format {
                LogFormatArg::Text => LogFormat::Text,
                LogFormatArg::Json => LogFormat::Json,
            },
            bodies: args.log_bodies,
        },
        tls: args
            .tls_cert
            .zip(args.tls_key)
            .map(|(certificate, key)| TlsFiles { certificate, key }),
    }
}
