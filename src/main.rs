//! The `qwenctl` binary: hands the arguments to the library and exits with its code.

use std::process::ExitCode;

use qwenctl::cli;

fn main() -> ExitCode {
    ExitCode::from(cli::run(std::env::args_os(), cli::Io::process()))
}
