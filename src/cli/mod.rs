//! The command line: arguments, commands, and the only code that prints.
//!
//! A run goes one way: parse ([`args`]), decide how to print (`output`), do the command
//! (`commands`), report how it ended, exit code. [`run`] does all of it and can be called many times
//! in one process.

pub mod args;
mod commands;
mod context;
mod failure;
mod input;
mod interrupt;
mod moment;
mod output;
mod prompts;
mod threads;
mod topics;
mod upstream;
mod usage;

use std::ffi::OsString;

use clap::Parser as _;

use self::args::{Args, Command};
use self::context::Context;
use self::failure::{Failure, Outcome};
pub use self::output::{Io, report_panic};
pub use self::topics::{LOG_FIELDS, TOPICS, Topic};
use crate::domain::{Error, ErrorKind};

/// Runs the program with `arguments` (the first one is its name). Returns the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>, io: Io) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let args = match Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return usage::report(error, &arguments, io),
    };
    let context = Context::new(args.global, io);
    let outcome = in_runtime(&context, &args.command);
    report(outcome, &context, &args.command)
}

/// One command needs no more than one thread; a server has work for all of them.
fn in_runtime(context: &Context, command: &Command) -> Outcome {
    use tokio::runtime::Builder;
    let mut builder = match command {
        Command::Serve(_) => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    };
    let runtime = builder.enable_all().build().map_err(|fault| {
        Error::new(ErrorKind::Internal, "cannot start the runtime").caused_by(fault)
    })?;
    let outcome = runtime.block_on(async {
        let outcome = commands::run(context, command).await;
        context.close().await;
        outcome
    });
    // A thread that is stuck in a read or a lock must not hold the process.
    runtime.shutdown_background();
    outcome
}

fn report(outcome: Outcome, context: &Context, command: &Command) -> u8 {
    let Err(failure) = outcome else { return 0 };
    if let Failure::Error(error) = &failure {
        let is_stream = matches!(command, Command::Send(_) | Command::Quick(_));
        context.output.failure(error, is_stream);
    }
    failure.exit_code()
}
