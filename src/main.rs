//! The `qwenctl` binary: hands the arguments to the library and exits with its code.

use std::process::ExitCode;

use qwenctl::cli;

fn main() -> ExitCode {
    keep_no_core();
    std::panic::set_hook(Box::new(cli::report_panic));
    ExitCode::from(cli::run(std::env::args_os(), cli::Io::process()))
}

/// A core file would hold the access token.
fn keep_no_core() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Where this is not allowed, the limit is not ours to set.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}
