//! The format of the output, decided once from the flags, the environment and the two streams.

use super::Terminal;
use crate::cli::args::{ColorChoice, Format, GlobalArgs};
use crate::settings::Environment;

/// How everything is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent decisions")]
pub(crate) struct Policy {
    /// Format of the result.
    pub format: Format,
    /// No notes and no progress.
    pub quiet: bool,
    /// Print details.
    pub verbose: bool,
    /// Print Markdown unrendered.
    pub raw: bool,
    /// Render Markdown also in a pipe.
    pub forced: bool,
    /// Whether standard output is coloured.
    pub stdout_color: bool,
    /// Whether standard error is coloured.
    pub stderr_color: bool,
    /// Whether spinners and bars are shown on standard error.
    pub progress: bool,
    /// Whether the terminal on standard output can redraw rows.
    pub redraws: bool,
    /// Whether links are marked for the terminal on standard output.
    pub links: bool,
    /// Columns of the terminal on standard output; `None` without one.
    pub width: Option<usize>,
    /// Columns of the terminal on standard error; `None` without one.
    pub stderr_width: Option<usize>,
    /// Whether prompts are disabled.
    pub no_input: bool,
}

impl Policy {
    /// Decides from the flags, the environment and the streams (`None`: not a terminal).
    pub(crate) fn decide(
        flags: &GlobalArgs,
        environment: &Environment,
        stdout: Option<Terminal>,
        stderr: Option<Terminal>,
    ) -> Self {
        let format = flags.format();
        let color = |terminal: Option<Terminal>| wants_color(flags.color, environment, terminal);
        let calm = flags.quiet
            || format != Format::Pretty
            || environment.get("CI").is_some()
            || is_dumb(environment);
        Self {
            format,
            quiet: flags.quiet,
            verbose: flags.verbose,
            raw: flags.raw,
            forced: flags.color == ColorChoice::Always,
            stdout_color: format == Format::Pretty && color(stdout),
            stderr_color: format == Format::Pretty && color(stderr),
            progress: stderr.is_some() && !calm,
            redraws: stdout.is_some() && !is_dumb(environment),
            links: stdout.is_some()
                && format == Format::Pretty
                && color(stdout)
                && understands_links(environment),
            width: stdout.map(|terminal| terminal.width),
            stderr_width: stderr.map(|terminal| terminal.width),
            // A script that expects JSON must not hang in a prompt.
            no_input: flags.no_input || format != Format::Pretty,
        }
    }

    /// Whether the result is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.format != Format::Pretty
    }

    /// Whether Markdown is rendered.
    pub(crate) fn renders_markdown(&self) -> bool {
        (self.width.is_some() || self.forced) && !self.raw && !self.is_json()
    }
}

/// The flag, then a non-empty `NO_COLOR` (<https://no-color.org>), then `CLICOLOR_FORCE`
/// (<https://bixense.com/clicolors>), then the terminal.
fn wants_color(choice: ColorChoice, environment: &Environment, terminal: Option<Terminal>) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if environment.get("NO_COLOR").is_some() => false,
        ColorChoice::Auto if environment.get("CLICOLOR_FORCE").is_some_and(|v| v != "0") => true,
        ColorChoice::Auto => terminal.is_some() && !is_dumb(environment),
    }
}

/// Whether the terminal is known to understand links (OSC 8); others may print the sequence. No terminal can be
/// asked, and a multiplexer hides it. `FORCE_HYPERLINK` decides where it is set.
fn understands_links(environment: &Environment) -> bool {
    const PROGRAMS: [&str; 7] =
        ["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "Tabby"];
    const TERMS: [&str; 6] =
        ["xterm-kitty", "alacritty", "foot", "xterm-ghostty", "wezterm", "contour"];
    let get = |name: &str| environment.get(name).unwrap_or_default();
    if let Some(forced) = environment.get("FORCE_HYPERLINK") {
        return forced != "0";
    }
    let term = get("TERM");
    if is_dumb(environment) || term.starts_with("screen") || term.starts_with("tmux") {
        return false;
    }
    // Of GNOME Terminal and others with VTE, and of Konsole.
    let is_since =
        |name: &str, first: u32| get(name).parse().is_ok_and(|version: u32| version >= first);
    PROGRAMS.contains(&get("TERM_PROGRAM"))
        || TERMS.iter().any(|known| term.starts_with(known))
        || is_since("VTE_VERSION", 5000)
        || is_since("KONSOLE_VERSION", 201_200)
        || !get("WT_SESSION").is_empty()
}

fn is_dumb(environment: &Environment) -> bool {
    environment.get("TERM") == Some("dumb")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::Args;

    const TERMINAL: Option<Terminal> = Some(Terminal { width: 80 });

    fn decide(flags: &[&str], variables: &[(&str, &str)], terminal: Option<Terminal>) -> Policy {
        let arguments = ["qwenctl"].iter().chain(flags).chain(&["status"]);
        let args = Args::try_parse_from(arguments).expect("good flags");
        let environment = Environment::from_pairs(variables.iter().copied());
        Policy::decide(&args.global, &environment, terminal, terminal)
    }

    #[test]
    fn color_follows_flag_then_environment_then_terminal() {
        for (flags, variables, terminal, color) in [
            (&[][..], &[][..], TERMINAL, true),
            (&[], &[], None, false),
            (&[], &[("NO_COLOR", "1")], TERMINAL, false),
            (&[], &[("NO_COLOR", "")], TERMINAL, true),
            (&[], &[("CLICOLOR_FORCE", "1")], None, true),
            (&[], &[("CLICOLOR_FORCE", "0")], None, false),
            (&[], &[("TERM", "dumb")], TERMINAL, false),
            (&["--color", "always"], &[("NO_COLOR", "1")], None, true),
            (&["--color", "never"], &[("CLICOLOR_FORCE", "1")], TERMINAL, false),
            (&["--json"], &[("CLICOLOR_FORCE", "1")], TERMINAL, false),
        ] {
            let policy = decide(flags, variables, terminal);
            assert_eq!(policy.stdout_color, color, "{flags:?} {variables:?} {terminal:?}");
            assert_eq!(policy.stderr_color, color, "{flags:?} {variables:?} {terminal:?}");
        }
    }

    #[test]
    fn links_need_a_terminal_that_understands_them() {
        for (variables, terminal, links) in [
            (&[("VTE_VERSION", "7600")][..], TERMINAL, true),
            (&[("VTE_VERSION", "4999")], TERMINAL, false),
            (&[("TERM", "xterm-256color")], TERMINAL, false),
            (&[("TERM", "foot-extra")], TERMINAL, true),
            (&[("TERM_PROGRAM", "WezTerm")], TERMINAL, true),
            (&[("TERM_PROGRAM", "WezTerm")], None, false),
            (&[("TERM_PROGRAM", "WezTerm"), ("TERM", "tmux-256color")], TERMINAL, false),
            (&[("TERM_PROGRAM", "WezTerm"), ("NO_COLOR", "1")], TERMINAL, false),
            (&[("FORCE_HYPERLINK", "1")], TERMINAL, true),
            (&[("FORCE_HYPERLINK", "1")], None, false),
            (&[("FORCE_HYPERLINK", "0"), ("VTE_VERSION", "7600")], TERMINAL, false),
        ] {
            assert_eq!(decide(&[], variables, terminal).links, links, "{variables:?}");
        }
        assert!(!decide(&["--json"], &[("FORCE_HYPERLINK", "1")], TERMINAL).links);
    }

    #[test]
    fn progress_needs_a_terminal_and_no_quiet_flag() {
        assert!(decide(&[], &[], TERMINAL).progress);
        assert!(!decide(&[], &[], None).progress);
        assert!(!decide(&["-q"], &[], TERMINAL).progress);
        assert!(!decide(&["--json"], &[], TERMINAL).progress);
        assert!(!decide(&[], &[("CI", "true")], TERMINAL).progress);
        assert!(!decide(&[], &[("TERM", "dumb")], TERMINAL).progress);
    }

    #[test]
    fn json_disables_prompts() {
        assert!(decide(&["-o", "ndjson"], &[], TERMINAL).no_input);
        assert!(decide(&["--no-input"], &[], TERMINAL).no_input);
        assert!(!decide(&[], &[], TERMINAL).no_input);
    }
}
