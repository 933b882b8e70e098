//! The topics of `qwenctl help`: the reference that `--help` has no room for, as plain text and as
//! manual pages of section 7.
//!
//! The prose is in the `.txt` files beside this one. A line `{{NAME}}` in them stands for a list that
//! is generated from the code it describes, so that the two cannot differ. Every line fits a terminal
//! of 80 columns, also with the margin of `man`.

use std::fmt::Write as _;

use crate::domain::{ErrorKind, RetryAdvice, Scope};
use crate::server::{self, Fate};
use crate::settings::{SETTINGS, SettingSpec};

/// The longest line: `man` puts a margin of 7 columns before it.
const WIDTH: usize = 73;

/// Makes a list of a topic; it gets the tree of commands.
type List = fn(&clap::Command) -> String;

/// A topic.
#[derive(Debug, Clone, Copy)]
pub struct Topic {
    /// The word after `qwenctl help`.
    pub name: &'static str,
    /// A few words about it.
    pub about: &'static str,
    prose: &'static str,
    lists: &'static [(&'static str, List)],
}

macro_rules! topic {
    ($name:literal, $about:literal, $lists:expr) => {
        Topic {
            name: $name,
            about: $about,
            prose: include_str!(concat!($name, ".txt")),
            lists: $lists,
        }
    };
}

/// Every topic, in the order of the help.
pub const TOPICS: [Topic; 8] = [
    topic!(
        "settings",
        "Flags, environment variables and the config file",
        &[("config file", config_file), ("environment", environment)]
    ),
    topic!("errors", "Exit codes, error codes and partial answers", &[("errors", errors)]),
    topic!("rest", "REST API of `serve`", &[("routes", routes)]),
    topic!("openai", "OpenAI and Anthropic APIs of `serve`", &[("parameters", parameters)]),
    topic!(
        "limits",
        "API keys, rate limits, timeouts and caches of `serve`",
        &[("serve flags", serve_flags), ("scopes", scopes)]
    ),
    topic!("log", "Log format and log fields of `serve`", &[("fields", log_fields)]),
    topic!("metrics", "Prometheus metrics of `serve`", &[("metrics", metrics), ("labels", labels)]),
    topic!("engine", "Models on your own machine, and Qwen's paid API", &[]),
];

impl Topic {
    /// The topic of that name.
    pub fn named(name: &str) -> Option<Self> {
        TOPICS.into_iter().find(|topic| topic.name == name)
    }

    /// The text, as `qwenctl help NAME` prints it. `commands` is the tree of commands.
    pub fn text(&self, commands: &clap::Command) -> String {
        format!("{}\n\n{}", self.about, self.body(commands))
    }

    /// The text without its heading.
    fn body(&self, commands: &clap::Command) -> String {
        self.lists.iter().fold(self.prose.to_owned(), |text, (name, list)| {
            text.replace(&format!("{{{{{name}}}}}\n"), &list(commands))
        })
    }

    /// The text as a manual page (roff).
    pub fn man(&self, commands: &clap::Command) -> String {
        let Self { name, about, .. } = self;
        let version = env!("CARGO_PKG_VERSION");
        let mut page = format!(".TH qwenctl-{name} 7 \"\" \"qwenctl {version}\"\n.SH NAME\n");
        let _ = writeln!(page, "{}", roff(&format!("qwenctl-{name} - {about}")));
        page.push_str(".SH DESCRIPTION\n");
        let mut verbatim = false;
        for line in self.body(commands).lines() {
            let indented = line.starts_with("  ");
            if indented != verbatim && !line.is_empty() {
                page.push_str(if indented { ".nf\n" } else { ".fi\n" });
                verbatim = indented;
            }
            match line {
                "" if verbatim => page.push('\n'),
                "" => page.push_str(".PP\n"),
                line if is_heading(line) => {
                    let _ = writeln!(page, ".SH {}", roff(line));
                }
                line => {
                    let _ = writeln!(page, "{}", roff(line));
                }
            }
        }
        if verbatim {
            page.push_str(".fi\n");
        }
        page + &see_also(["qwenctl(1)".to_owned()])
    }
}

/// The last section of a manual page: the names of other pages, such as `qwenctl(1)`.
pub(super) fn see_also(names: impl IntoIterator<Item = String>) -> String {
    let bold = |name: String| {
        name.split_once('(').map(|(name, section)| format!("\\fB{}\\fR({section}", roff(name)))
    };
    let names: Vec<_> = names.into_iter().filter_map(bold).collect();
    format!(".SH \"SEE ALSO\"\n{}\n", names.join(",\n"))
}

fn is_heading(line: &str) -> bool {
    line.starts_with(|first: char| first.is_ascii_uppercase())
        && line.chars().all(|letter| letter.is_ascii_uppercase() || letter == ' ')
}

/// A line without what roff would take for a command.
fn roff(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-");
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
}

/// The words of `text` in lines of at most `width` characters.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Appends a term with its meaning, which starts at `column`: beside the term where that fits.
fn define(list: &mut String, column: usize, term: &str, meaning: &str) {
    let mut head = format!("  {term}");
    for line in wrap(meaning, WIDTH - column) {
        if head.chars().count() + 2 > column && !head.is_empty() {
            list.push_str(&head);
            list.push('\n');
            head.clear();
        }
        let _ = writeln!(list, "{head:column$}{line}");
        head.clear();
    }
}

fn config_file(_: &clap::Command) -> String {
    settings(|spec| spec.key().is_some())
}

fn environment(_: &clap::Command) -> String {
    settings(|spec| spec.key().is_none())
}

fn settings(wanted: fn(&SettingSpec) -> bool) -> String {
    let mut list = String::new();
    for spec in SETTINGS.iter().filter(|spec| wanted(spec)) {
        let SettingSpec { variable, flag, default, doc, .. } = spec;
        define(&mut list, 6, spec.key().unwrap_or(variable), doc);
        let names: Vec<&str> = flag.iter().chain(spec.key().map(|_| variable)).copied().collect();
        if !names.is_empty() {
            define(&mut list, 6, "", &names.join(", "));
        }
        define(&mut list, 6, "", &format!("default: {default}"));
    }
    list
}

fn errors(_: &clap::Command) -> String {
    let mut list = String::new();
    for kind in ErrorKind::ALL {
        let retry = match kind.retry() {
            RetryAdvice::Never => "",
            RetryAdvice::Later => ", retry later",
            RetryAdvice::UnlessAccepted => ", retry after a check",
        };
        let numbers = format!("exit code {}, HTTP {}{retry}", kind.exit_code(), kind.http_status());
        define(&mut list, 24, kind.code(), &numbers);
        define(&mut list, 6, "", kind.when());
    }
    list
}

fn routes(_: &clap::Command) -> String {
    let mut list = String::new();
    for route in server::endpoints() {
        let path = route.path.replace(['{', '}'], "").replace("/id", "/ID");
        define(&mut list, 36, &format!("{:<7}{path}", route.method), route.about);
    }
    list
}

/// The parameters of the compatible APIs, by what becomes of them.
fn parameters(_: &clap::Command) -> String {
    let mut list = String::new();
    for (route, params) in server::parameters() {
        let _ = writeln!(list, "POST {route}");
        for fate in [
            "honoured",
            "passed to an engine, else ignored, with a warning",
            "ignored, with a warning",
            "no effect",
        ] {
            let _ = writeln!(list, "\n  {fate}:\n");
            let rows = params.iter().copied().flatten();
            for param in rows.filter(|param| Fate::word(param.fate) == fate) {
                define(&mut list, 30, &format!("  {}", param.name), param.about);
            }
        }
        list.push('\n');
    }
    list.pop();
    list
}

/// The flags of `serve` that bound something: those under these headings, and those without a
/// heading that have a default.
fn serve_flags(commands: &clap::Command) -> String {
    let mut list = String::new();
    let serve = commands.find_subcommand("serve");
    for flag in serve.into_iter().flat_map(clap::Command::get_arguments) {
        let default = flag.get_default_values().first().and_then(|value| value.to_str());
        let is_bound = match flag.get_help_heading() {
            Some(heading) => BOUNDS.contains(&heading),
            None => default.is_some(),
        };
        if !is_bound || flag.is_global_set() || flag.is_hide_set() {
            continue;
        }
        let about = flag.get_long_help().or_else(|| flag.get_help());
        let about = about.map(ToString::to_string).unwrap_or_default().replace("\n\n", ". ");
        let name = flag.get_long().unwrap_or_default();
        let default = default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
        define(&mut list, 6, &format!("--{name}"), &format!("{about}{default}"));
    }
    list
}

/// The headings of `serve --help` whose flags are in `qwenctl help limits`.
const BOUNDS: [&str; 3] = ["Access", "Limits", "Caching"];

fn scopes(_: &clap::Command) -> String {
    let mut list = String::new();
    for scope in Scope::ALL {
        define(&mut list, 10, scope.name(), scope.about());
    }
    list
}

/// The members of a log line with `--log-format json`.
pub const LOG_FIELDS: [(&str, &str); 20] = [
    ("time", "RFC 3339, in UTC"),
    ("level", "error, warn, info or debug"),
    ("event", "request, upstream, note or body"),
    ("request_id", "`x-request-id` of the response; sent upstream if it is a UUID"),
    ("method", "HTTP method"),
    ("route", "route template, without ids"),
    ("status", "HTTP status; 499 if the client disconnected"),
    ("bytes", "size of the response body"),
    ("first_byte_ms", "time to the first byte of the response body"),
    ("total_ms", "time to the last byte"),
    ("upstream_ms", "total time of the upstream calls"),
    ("upstream_calls", "number of upstream calls"),
    ("who", "API key, or a short hash of the account"),
    ("code", "error code (see `qwenctl help errors`)"),
    ("path", "upstream: path without ids"),
    ("call", "upstream: number of the call in its request, from 1"),
    ("result", "upstream: ok, an error code, or abandoned"),
    ("message", "note: a sentence for the operator"),
    ("what", "body: prompt or answer"),
    ("text", "body: the text itself"),
];

fn log_fields(_: &clap::Command) -> String {
    let mut list = String::new();
    for (name, about) in LOG_FIELDS {
        define(&mut list, 18, name, about);
    }
    list
}

fn metrics(_: &clap::Command) -> String {
    let mut list = String::new();
    for metric in server::describe_metrics() {
        define(&mut list, 6, &metric.name, &metric.about);
        if !metric.labels.is_empty() {
            define(&mut list, 6, "", &format!("labels: {}", metric.labels.join(", ")));
        }
    }
    list
}

fn labels(_: &clap::Command) -> String {
    let mut list = String::new();
    for (name, about) in [
        ("route", "route template, such as /api/chats/{id}"),
        ("method", "HTTP method"),
        ("status", "HTTP status; 499 if the client disconnected"),
        ("code", "error code, or ok"),
        ("path", "path of the upstream call, without ids"),
        ("result", "ok, an error code, or abandoned; for caches hit, miss or coalesced"),
        ("model", "model that the upstream has answered with"),
        ("direction", "input or output"),
        ("reason", "caller_gone or upstream_failure"),
        ("state", "valid, refreshable, expired or none"),
        ("by", "server or upstream"),
        ("cache", "name of the cache"),
        ("version", "version of qwenctl"),
    ] {
        define(&mut list, 13, name, about);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::tree;

    #[test]
    fn topics_fit_80_columns_and_leave_no_placeholder() {
        for topic in TOPICS {
            let text = topic.text(&tree());
            assert!(!text.contains("{{"), "{}", topic.name);
            for line in text.lines() {
                assert!(line.chars().count() <= WIDTH, "{}: {line}", topic.name);
                assert_eq!(line, line.trim_end(), "{}", topic.name);
            }
        }
    }

    #[test]
    fn a_topic_is_not_the_name_of_a_command() {
        for command in tree().get_subcommands() {
            assert!(Topic::named(command.get_name()).is_none(), "{}", command.get_name());
        }
    }

    #[test]
    fn a_long_term_has_its_meaning_below() {
        let mut list = String::new();
        define(&mut list, 6, "ab", "short");
        define(&mut list, 6, "abc", "long");
        assert_eq!(list, "  ab  short\n  abc\n      long\n");
    }

    #[test]
    fn the_manual_page_keeps_every_line() {
        let page = Topic { prose: "One.\n\nTWO WORDS\n\n  .x\\y\n", ..TOPICS[7] }.man(&tree());
        let (_, body) = page.split_once(".SH DESCRIPTION\n").expect("a body");
        let body = body.strip_suffix(".fi\n.SH \"SEE ALSO\"\n\\fBqwenctl\\fR(1)\n");
        assert_eq!(body, Some("One.\n.PP\n.SH TWO WORDS\n.PP\n.nf\n  .x\\ey\n"));
    }
}
