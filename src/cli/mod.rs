//! The command line: arguments, commands, and the only code that prints.
//!
//! [`run`] parses the arguments ([`args`]), sets up the output and the settings (`context`), runs the
//! command (`commands`) and reports a failure. It can be called many times in one process.

pub mod args;
mod attachments;
mod commands;
mod complete;
mod context;
mod editor;
mod input;
mod interrupt;
mod output;
mod terminal;
mod topics;
mod upstream;
mod usage;

use std::ffi::OsString;

use clap::FromArgMatches as _;

use self::args::{Args, Command, GivenFlag, given_flags};
use self::context::Context;
use self::output::{Failure, Outcome};
pub use self::output::{Io, report_panic};
pub use self::topics::{LOG_FIELDS, TOPICS, Topic};
use crate::domain::{Error, ErrorKind};

/// Runs the program with `arguments` (the first one is its name). Returns the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>, io: Io) -> u8 {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    join_stdin(&mut arguments);
    if arguments.get(1).is_some_and(|word| word == complete::COMMAND) {
        return complete::run(&arguments[2..], io);
    }
    let parsed = args::tree().try_get_matches_from(&arguments).and_then(|matches| {
        let args = Args::from_arg_matches(&matches).map_err(|e| e.format(&mut args::tree()))?;
        Ok((args, given_flags(&matches)))
    });
    let (args, given) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return usage::report(error, &arguments, io),
    };
    let overrides = args.overrides();
    let is_stream = matches!(args.command, Command::Send(_) | Command::Quick(_) | Command::Chat(_));
    let context = Context::new(args.global, overrides, io);
    let outcome = in_runtime(&context, args.command, &given).and_then(|()| context.output.finish());
    let Err(failure) = outcome else { return 0 };
    if let Failure::Error(error) = &failure {
        context.output.failure(error, is_stream);
    }
    failure.exit_code()
}

/// Reads `- MESSAGE` as `MESSAGE`, which standard input is added to anyway.
fn join_stdin(arguments: &mut Vec<OsString>) {
    let is_flag = |word: &OsString| word.as_encoded_bytes().starts_with(b"-");
    let is_prompt = arguments.iter().any(|word| word == "quick" || word == "send");
    // After a flag it may be the flag's value.
    if let [.., before, dash, message] = arguments.as_slice()
        && is_prompt
        && dash == "-"
        && !is_flag(before)
        && !is_flag(message)
    {
        arguments.remove(arguments.len() - 2);
    }
}

/// A command needs one thread; a server uses all of them.
fn in_runtime(context: &Context, command: Command, given: &[GivenFlag]) -> Outcome {
    use tokio::runtime::Builder;
    let mut builder = match command {
        Command::Serve(_) => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    };
    let runtime = builder.enable_all().build().map_err(|fault| {
        Error::new(ErrorKind::Internal, "cannot start the runtime").caused_by(fault)
    })?;
    let outcome = runtime.block_on(async {
        let outcome = Box::pin(commands::run(context, command, given)).await;
        context.close().await;
        outcome
    });
    // A thread that is stuck in a read or a lock must not delay the exit.
    runtime.shutdown_background();
    outcome
}
