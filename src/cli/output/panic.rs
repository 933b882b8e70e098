//! What is told about a panic: where it was, and none of its words. They may quote a prompt (a slice
//! that cuts a letter does) or a token.

use std::io::Write as _;
use std::panic::{Location, PanicHookInfo};

/// Tells on standard error where `panic` was. For [`std::panic::set_hook`].
pub fn report_panic(panic: &PanicHookInfo<'_>) {
    // What cannot be written to standard error has nowhere else to go.
    let _ = writeln!(std::io::stderr(), "{}", sentence(panic.location()));
}

fn sentence(location: Option<&Location<'_>>) -> String {
    let place = location.map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
    format!("error: a fault of qwenctl itself (panic{place})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_has_a_place() {
        let told = sentence(Some(Location::caller()));
        assert!(told.starts_with("error: ") && told.contains("panic.rs:"), "{told}");
        assert!(sentence(None).ends_with("(panic)"));
    }
}
