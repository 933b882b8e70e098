//! One verb, one file: its options, what it does, how its result looks.

mod account;
mod chats;
mod config;
mod doctor;
mod generate;
mod keys;
mod local;
mod man;
mod models;
mod prompt;
mod serve;
mod status;
mod token;

use super::args::{ChatsCommand, Command, ConfigCommand, KeysCommand, TokenCommand};
use super::context::Context;
use super::failure::Outcome;
use super::upstream::LocalFlags;

/// Does `command`. Those that have something to keep or to undo when they are interrupted see to it
/// themselves; the others are just dropped.
pub(super) async fn run(context: &Context, command: &Command) -> Outcome {
    if !context.is_local() && !matches!(command, Command::Local(_)) {
        LocalFlags::of(&context.globals).refuse_without_local()?;
    }
    match command {
        Command::Send(args) => prompt::send(context, args).await,
        Command::Quick(args) => prompt::quick(context, args).await,
        Command::Chats(ChatsCommand::Delete(args)) => chats::delete::run(context, args).await,
        Command::Serve(args) => serve::run(context, args).await,
        Command::Local(args) => local::run(context, args).await,
        command => context.interrupt.or(run_plain(context, command)).await,
    }
}

async fn run_plain(context: &Context, command: &Command) -> Outcome {
    match command {
        Command::Chats(command) => run_chats(context, command).await,
        Command::Keys(KeysCommand::Create(args)) => keys::create::run(context, args).await,
        Command::Keys(KeysCommand::List) => keys::list::run(context).await,
        Command::Keys(KeysCommand::Revoke(args)) => keys::revoke::run(context, args).await,
        Command::Token(TokenCommand::Set(args)) => token::set::run(context, args).await,
        Command::Token(TokenCommand::Info(args)) => token::info::run(context, args).await,
        Command::Token(TokenCommand::Refresh) => token::refresh::run(context).await,
        Command::Models => models::run(context).await,
        Command::Status => status::run(context).await,
        Command::Stats => crate::cli::commands::account::run(context).await,
        Command::Doctor => Box::pin(doctor::run(context)).await,
        Command::Config(ConfigCommand::Path) => config::path::run(context).await,
        Command::Config(ConfigCommand::Show(args)) => config::show::run(context, args).await,
        Command::Completions(args) => crate::cli::commands::generate::run(context, args),
        Command::Man(args) => man::run(context, args),
        Command::Send(_) | Command::Quick(_) | Command::Serve(_) | Command::Local(_) => Ok(()),
    }
}

async fn run_chats(context: &Context, command: &ChatsCommand) -> Outcome {
    match command {
        ChatsCommand::List(args) => chats::list::run(context, args).await,
        ChatsCommand::Show(args) => chats::show::run(context, args).await,
        ChatsCommand::New(args) => chats::new::run(context, args).await,
        ChatsCommand::Rename(args) => chats::rename::run(context, args).await,
        ChatsCommand::Delete(args) => chats::delete::run(context, args).await,
    }
}
