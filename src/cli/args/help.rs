//! The long texts of `--help`. Each line that starts with `  $ ` is an example that a test runs
//! against the local upstream, with `CHAT_ID` standing for a chat that exists.

use std::fmt::Write as _;

use crate::domain::ErrorKind;

pub(super) const ABOUT: &str = "A command line for your own Qwen account (chat.qwen.ai).

The result goes to standard output, everything else to standard error. With `--json` standard output \
holds exactly one JSON document, on success and on failure; `-o ndjson` prints the events of an answer \
one a line. In a pipe lists are tab-separated and answers are plain text.

To try it without an account or a network, add `--local`.";

pub(super) const SHORT_FOOTER: &str = "`qwenctl --help` tells more, with examples and exit codes.";

const EXAMPLES: &str = "Examples:
  $ qwenctl --local quick \"What is a monad?\"
  $ qwenctl --local chats list --json
  $ echo 'fn main() {}' | qwenctl --local quick 'Explain this program'
  $ qwenctl --local quick --new --model qwen3-max -o ndjson 'Hello'
  $ qwenctl config show --origin
";

/// The end of `qwenctl --help`: examples, and the exit codes from the one error table.
pub(super) fn footer() -> String {
    let mut text = format!("{EXAMPLES}\nExit codes:\n    0  it worked\n");
    for (code, whens) in exit_codes() {
        for (row, (kind, when)) in whens.iter().enumerate() {
            let shown = if row == 0 { code.to_string() } else { String::new() };
            let _ = writeln!(text, "  {shown:>3}  {kind:<20} {when}");
        }
    }
    text.push_str("\nAn answer that was cut short is never exit code 0; what came of it is kept.");
    text
}

/// The exit codes in rising order, each with the error codes and reasons that lead to it.
pub(super) fn exit_codes() -> Vec<(u8, Vec<(&'static str, &'static str)>)> {
    let mut codes = std::collections::BTreeMap::<u8, Vec<_>>::new();
    for kind in ErrorKind::ALL {
        codes.entry(kind.exit_code()).or_default().push((kind.code(), kind.when()));
    }
    codes.into_iter().collect()
}

pub(super) const SERVE_ABOUT: &str = "Serve the REST API and the chat page.

A caller's own access token (`Authorization: Bearer TOKEN`) always counts. Without one the server's own \
token (stored, or QWEN_TOKEN) is used, but only for callers with an API key (`qwenctl keys create`), and \
for those on this machine who call the server by its own name and are no page of another origin. \
Every answer has an `x-request-id`, under which the log \
on standard error has a line about it.

The first Ctrl-C or SIGTERM lets running requests go on for `--drain`; the second one ends them at once.";

pub(super) const SERVE: &str = "Examples:
  qwenctl serve
  qwenctl serve --local --port 0 --json
  curl http://127.0.0.1:5001/api/chats
  curl -N http://127.0.0.1:5001/api/chat/quick -H 'Content-Type: application/json' \\
       -d '{\"message\":\"Hello\",\"stream\":true}'";

pub(super) const KEYS: &str = "Keys are for callers of `qwenctl serve` on other machines, or for all of them with \
`--require-key`. They lie as hashes in a file beside the config file; a running server sees each change \
at once.

Examples:
  $ qwenctl keys create laptop --scope read --expires 90d
  $ qwenctl keys list
  $ qwenctl keys revoke laptop";

pub(super) const KEYS_CREATE_ABOUT: &str = "Make an API key and show it, once.

The key goes to standard output, what is known about it to standard error. It allows its holder to use \
the server's own Qwen token, within its scope:

  read   look at chats, models, numbers and the account
  send   also send prompts, and make and rename chats
  admin  also delete chats and refresh the token";

pub(super) const KEYS_CREATE: &str = "Examples:
  $ qwenctl keys create phone --limit '20 per minute' --limit '500 per day'
  $ qwenctl keys create ci --scope send --expires 12h --json";

pub(super) const CHATS: &str = "Examples:
  $ qwenctl chats list
  $ qwenctl chats show CHAT_ID";

pub(super) const CHATS_LIST: &str =
    "In a pipe the columns are id, title, created and updated, separated by \
tabs, with times as RFC 3339.

Examples:
  $ qwenctl chats list
  $ qwenctl chats list --all --since 30d --json
  $ qwenctl chats list | cut -f1";

pub(super) const CHATS_SHOW: &str = "Examples:
  $ qwenctl chats show CHAT_ID
  $ qwenctl chats show CHAT_ID --tree
  $ qwenctl chats show CHAT_ID --json";

pub(super) const CHATS_DELETE: &str =
    "Asks first, unless `--yes` is given. If one of several chats cannot be \
deleted, the others still are, and the exit code is that of the first failure.

Examples:
  $ qwenctl chats delete CHAT_ID --dry-run
  $ qwenctl chats delete CHAT_ID --yes";

pub(super) const CHATS_NEW: &str = "Examples:
  $ qwenctl chats new
  $ qwenctl chats new --title 'Trip to Huế' --json";

pub(super) const CHATS_RENAME: &str = "Examples:
  $ qwenctl chats rename CHAT_ID 'Trip to Huế'";

pub(super) const SEND_ABOUT: &str = "Send the next message of a chat and print the answer.

The answer goes to standard output as it comes: rendered on a terminal, plain in a pipe. Thinking, \
sources and notes go to standard error. Control characters in an answer are dropped, so that it cannot \
steer the terminal; `--json` keeps them, escaped.

A message and piped standard input are sent together: the message, a blank line, the input. With a \
message, standard input is only read if it is a pipe or a file, and a pipe that stays silent for five \
seconds is left alone (`--no-stdin` skips it at once). Without a message standard input is the message; \
on a terminal you are asked for it, and an empty line leaves.

The first Ctrl-C stops the model and keeps what came (exit code 130), the second one leaves at once.";

pub(super) const SEND: &str = "Examples:
  $ qwenctl send CHAT_ID 'And in French?'
  $ echo 'And in French?' | qwenctl send CHAT_ID -
  $ qwenctl send CHAT_ID 'And why?' --think -o ndjson";

pub(super) const QUICK_ABOUT: &str = "Ask in the most recent chat, or in a new one.

`--new` asks in a new chat, and so does `quick` if there is no chat yet. `--ephemeral` asks in a new \
chat and deletes it afterwards, also if the answer fails or is interrupted; one that was killed \
(`kill -9`) leaves that to the next. The line `chat: ID` on standard error says which chat it was.

Standard output, standard input and Ctrl-C are as with `qwenctl send`.";

pub(super) const QUICK: &str = "Examples:
  $ qwenctl quick 'What is AI?'
  $ qwenctl quick --new --search 'What happened today?'
  $ git --version | qwenctl quick --ephemeral 'Is this version current?' --json";

pub(super) const TOKEN: &str = "Tokens are never given as arguments, where other users could see them: they \
come from `--token-file`, QWEN_TOKEN (with QWEN_REFRESH_TOKEN), QWENCTL_TOKEN_FILE, or the file that \
`token set` writes.

Examples:
  $ qwenctl token info";

pub(super) const TOKEN_SET_ABOUT: &str = "Store an access token.

Sign in at https://chat.qwen.ai, open the browser's developer tools, and copy the value of `token` \
under Application > Local storage. `token set` asks for it without showing it, or reads it from \
standard input. Quotes, `Bearer`, cookie lines and line breaks round it are removed. The file that \
holds it is readable by you alone.";

pub(super) const TOKEN_SET: &str = "Examples:
  $ printf '%s' \"$QWEN_TOKEN\" | qwenctl token set";

pub(super) const TOKEN_INFO_ABOUT: &str = "Show where the token comes from and when it expires.

Asks nobody, unless `--check` is given. The exit code is 4 if the token has expired.";

pub(super) const TOKEN_INFO: &str = "Examples:
  $ qwenctl token info
  $ qwenctl token info --check --json";

pub(super) const TOKEN_REFRESH: &str =
    "The new token replaces the old one where that is stored; what is \
printed of it is masked.

Examples:
  $ qwenctl token refresh";

pub(super) const MODELS: &str = "Examples:
  $ qwenctl models
  $ qwenctl models --json";

pub(super) const STATUS: &str = "Examples:
  $ qwenctl status
  $ qwenctl status --json";

pub(super) const STATS: &str = "Examples:
  $ qwenctl stats
  $ qwenctl stats --json";

pub(super) const LOCAL_ABOUT: &str = "Run the local upstream alone, for other programs' tests, until Ctrl-C.

It stands in for chat.qwen.ai: the same calls and the same stream, made-up answers. Standard output \
names its URLs, one `NAME=value` a line as a shell can read them (one JSON document with `--json`). Its \
access token is written only if you ask for it: to a file of your own with `--write-token`, or to \
standard output with `--print-token`. `--chunking` and `--fault` say how its answers are cut and which \
faults it makes, `--engine` which server writes them instead.";

pub(super) const LOCAL: &str = "Examples:
  $ timeout -s INT 1 qwenctl local --port 0 --print-token || true";

pub(super) const DOCTOR_ABOUT: &str = "Look for what is wrong, and say what to do.

Checks the config file, the stored credentials, the token, the data directory, proxy and certificates, \
then the upstream's name, the connection to it, the clock, the browser check, and whether the account is \
signed in; with `--engine` also whether that answers. Each check ends in `ok`, `warn` or `fail`; the exit code is that of the worst failure. It works \
without a network, changes nothing, and takes no longer than 20 seconds.";

pub(super) const DOCTOR: &str = "Examples:
  $ qwenctl doctor
  $ qwenctl --local doctor --json";

pub(super) const CONFIG: &str = "Examples:
  $ qwenctl config path
  $ qwenctl config show --origin";

pub(super) const COMPLETIONS: &str = "Examples:
  $ qwenctl completions bash > /dev/null
  $ qwenctl completions fish > /dev/null";

pub(super) const MAN: &str = "Examples:
  $ qwenctl man > /dev/null";
