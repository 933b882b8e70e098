//! The terminal of a conversation between its prompts.
//!
//! What it keeps true: what is typed while an answer is printed is not shown, and belongs to the next
//! line; the terminal is given back however the program ends, except by SIGKILL.

use std::io;
use std::sync::Mutex;

use super::io::prompt_terminal;
use super::lock;

/// Switches bracketed paste on.
pub(crate) const PASTE_ON: &str = "\u{1b}[?2004h";
/// Switches bracketed paste off.
pub(crate) const PASTE_OFF: &str = "\u{1b}[?2004l";

/// The attributes of the terminal before a conversation.
#[cfg(unix)]
static BEFORE: Mutex<Option<rustix::termios::Termios>> = Mutex::new(None);
#[cfg(not(unix))]
static BEFORE: Mutex<Option<()>> = Mutex::new(None);

/// Gives the terminal back as it was before the conversation, if there is one.
pub(crate) fn restore() {
    let before = lock(&BEFORE).take();
    #[cfg(unix)]
    if let Some(before) = &before {
        use rustix::termios::{OptionalActions, tcsetattr};
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
    }
    if before.is_some() {
        let term = prompt_terminal();
        let _ = term.show_cursor();
        let _ = term.write_str(PASTE_OFF);
    }
}

/// Whether the terminal has been closed.
pub(crate) fn is_gone() -> bool {
    #[cfg(unix)]
    return rustix::termios::tcgetattr(io::stdin()).is_err();
    #[cfg(not(unix))]
    false
}

/// The terminal of a conversation: what is typed while an answer is printed is not shown, and is left
/// for the next line. Ctrl-C still is a signal. Dropping it gives the terminal back.
pub(crate) struct Quiet(());

impl Quiet {
    /// Takes the terminal.
    pub(crate) fn enter() -> Self {
        let quiet = Self(());
        quiet.resume();
        quiet
    }

    /// Takes it again, after another program or the line editor has used it.
    #[allow(clippy::unused_self, reason = "only its holder may take it again")]
    pub(crate) fn resume(&self) {
        #[cfg(unix)]
        {
            use rustix::termios::{
                InputModes, LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr,
            };
            let Ok(now) = tcgetattr(io::stdin()) else { return };
            let mut quiet = now.clone();
            quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::IEXTEN;
            quiet.local_modes |= LocalModes::ISIG | LocalModes::NOFLSH;
            // As the line editor: Enter is another key than Ctrl-J.
            quiet.input_modes -= InputModes::ICRNL;
            quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
            quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
            // A shell without a line editor of its own would stay without echo.
            quiet.special_codes[SpecialCodeIndex::VSUSP] = 0;
            lock(&BEFORE).get_or_insert(now);
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &quiet);
        }
        let _ = prompt_terminal().write_str(PASTE_ON);
    }

    /// Gives the terminal to another program.
    #[allow(clippy::unused_self, reason = "only its holder may lend it")]
    pub(crate) fn lend(&self) {
        restore();
    }

    /// Suspends this program and its group, as Ctrl-Z does; returns when it continues.
    pub(crate) fn suspend(&self) {
        self.lend();
        #[cfg(unix)]
        let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
        self.resume();
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        restore();
    }
}
