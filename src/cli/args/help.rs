//! The long texts of `--help`. Each line that starts with `  $ ` is an example; a test runs it against
//! the local upstream, with an existing chat in place of `CHAT_ID`.

use std::fmt::Write as _;

use crate::cli::topics::{TOPICS, wrap};
use crate::domain::{ErrorKind, Scope};

pub(super) const ABOUT: &str = "A command line for your own Qwen account (chat.qwen.ai).

The result goes to standard output, everything else to standard error. With `--json` standard output \
holds exactly one JSON document, on success and on failure; `-o ndjson` prints one event per line. In a \
pipe, lists are tab-separated and answers are plain text.

To try it without an account or a network, add `--local`.";

/// The end of `qwenctl -h`.
pub(super) fn short_footer() -> String {
    let names = TOPICS.map(|topic| topic.name).join(", ");
    format!("More: `qwenctl --help`, and `qwenctl help TOPIC`. Topics:\n{names}")
}

const EXAMPLES: &str = "Examples:
  $ qwenctl --local quick \"What is a monad?\"
  $ qwenctl --local chats list --json
  $ echo 'fn main() {}' | qwenctl --local quick 'Explain this program'
  $ qwenctl --local quick --new --model qwen3-max -o ndjson 'Hello'
  $ qwenctl config show --origin
";

/// The end of `qwenctl --help`: examples, and the exit codes from the one error table.
pub(super) fn footer() -> String {
    let mut text = format!("{EXAMPLES}\nTopics of `qwenctl help`:\n");
    for topic in TOPICS {
        let _ = writeln!(text, "  {:<10} {}", topic.name, topic.about);
    }
    text.push_str("\nExit codes:\n    0  success\n");
    for (code, whens) in exit_codes() {
        for (row, (kind, when)) in whens.iter().enumerate() {
            let shown = if row == 0 { code.to_string() } else { String::new() };
            let mut head = format!("  {shown:>3}  {kind:<20}");
            for line in wrap(when, 52) {
                let _ = writeln!(text, "{head:27} {line}");
                head.clear();
            }
        }
    }
    text.push_str("\nA truncated answer never exits with 0; the text received so far is kept.");
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

A client can send its own Qwen token (`Authorization: Bearer TOKEN`), from any origin. Requests without \
a token use the server's token (stored, or QWEN_TOKEN) only if they carry an API key (`qwenctl keys \
create`) or come from a local program (loopback connection, expected `Host`, no foreign `Origin`).

`--tls-cert` and `--tls-key` enable HTTPS: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1, with RSA, ECDSA or \
Ed25519 keys in PEM format. A renewed pair of files is loaded within 30 seconds, and at once on SIGHUP; \
open connections are not interrupted. A pair that cannot be used is reported in the log, and the current \
one stays in use.

SIGHUP also reloads the access token, the rate limits of the config file, and the log file. Under systemd \
the server reports readiness, reloads and shutdown (`Type=notify`), feeds the watchdog, and takes the \
socket that systemd opened.

The first Ctrl-C or SIGTERM lets running requests finish for `--drain`; the second one ends them at once.

See also `qwenctl help rest`, `openai`, `limits`, `log` and `metrics`.";

pub(super) const SERVE: &str = "Examples:
  qwenctl serve
  qwenctl serve --local --port 0 --json
  curl http://127.0.0.1:5001/api/chats
  curl -N http://127.0.0.1:5001/api/chat/quick \\
       -H 'Content-Type: application/json' \\
       -d '{\"message\":\"Hello\",\"stream\":true}'";

pub(super) const KEYS: &str = "API keys are for clients of `qwenctl serve` on other machines, or for all clients with \
`--require-key`. They are stored as hashes in a file beside the config file; a running server applies \
each change at once.

Examples:
  $ qwenctl keys create laptop --scope read --expires 90d
  $ qwenctl keys list
  $ qwenctl keys revoke laptop";

/// The beginning of `qwenctl keys create --help`, with the scopes.
pub(super) fn keys_create_about() -> String {
    let mut text = "Create an API key and print it, once.

The key goes to standard output, its properties to standard error. It lets its holder use the server's \
own Qwen token, within its scope:
"
    .to_owned();
    for scope in Scope::ALL {
        let _ = write!(text, "\n  {:<6} {}", scope.name(), scope.about());
    }
    text
}

pub(super) const KEYS_CREATE: &str = "Examples:
  $ qwenctl keys create phone --limit '20 per minute' --limit '500 per day'
  $ qwenctl keys create ci --scope send --expires 12h --json";

pub(super) const CHATS: &str = "Examples:
  $ qwenctl chats list
  $ qwenctl chats show CHAT_ID";

pub(super) const CHATS_LIST: &str =
    "Chats of projects and archived chats are listed only with `--project` and `--archived`. On a terminal \
`*` marks pinned chats. In a pipe the columns are id, title, created and updated, separated by \
tabs, with RFC 3339 times.

Examples:
  $ qwenctl chats list
  $ qwenctl chats list --all --since 30d --json
  $ qwenctl chats list | cut -f1";

pub(super) const CHATS_SYNC_ABOUT: &str = "Copy your chats into the local archive.

The archive is one file in the data directory. Only you can read it, but it is not encrypted: use an \
encrypted disk. A repeated sync fetches only what has changed. Chats that are deleted upstream stay in the \
archive, marked as gone.";

pub(super) const CHATS_SYNC: &str =
    "The exit code is that of the first failure. Ctrl-C loses nothing: the next sync continues.

Examples:
  $ qwenctl chats sync
  $ qwenctl chats sync --full --json
  $ qwenctl chats sync CHAT_ID
  qwenctl chats sync --watch 5m";

pub(super) const CHATS_SEARCH_ABOUT: &str = "Search the local archive for words.

All words are required, in any order; case and accents do not matter (`duong` finds `Đường`), and the last \
word can be the beginning of one. Also: \"a phrase\", -word, one OR another, role:user, model:NAME, chat:ID, \
after:2026-01, before:2026-06-01, in:title. A word with punctuation, such as C++ or x->y, must appear \
exactly so.";

pub(super) const CHATS_SEARCH: &str =
    "Run `qwenctl chats sync` first. In a pipe the columns are chat id, message id, time, role and excerpt, \
separated by tabs; titles have no message id.

Examples:
  $ qwenctl chats search monad
  $ qwenctl chats search 'tim kiem role:assistant' --sort best --json
  $ qwenctl chats search -F 'fn main()' --since 30d -o ndjson";

pub(super) const CHATS_EXPORT_ABOUT: &str = "Export chats to files, or to standard output.

The chats come from the archive, also those that are deleted upstream; a chat named by its id that is not \
archived is fetched. `md`, `html` and `json` make one file for each chat, the others one file with all \
of them:

  ndjson        everything, for `qwenctl chats import`: one chat per line
  json          the document of the REST API
  md, html      to read and to print
  qwen          as chat.qwen.ai exports chats
  openwebui     for Open WebUI
  chatgpt       for programs that read exports from ChatGPT
  sharegpt, openai-jsonl   to train models";

pub(super) const CHATS_EXPORT: &str =
    "The archive is as of the last `qwenctl chats sync`. A file appears whole or not at all, and a file that \
is not an export of this format by qwenctl is never replaced. (qwen, sharegpt and openai-jsonl have no mark \
of their author: a file is replaced only by `-o - > FILE`.)

Examples:
  $ qwenctl chats export CHAT_ID --format md
  $ qwenctl chats export CHAT_ID --format html -o chat.html
  qwenctl chats export --all --format md -o notes --update
  qwenctl chats export --all --format ndjson | age -p > chats.age";

pub(super) const CHATS_IMPORT_ABOUT: &str = "Import chats of other programs into the local archive.

Formats: exports of ChatGPT and Claude (the ZIP archive, or the JSON files in it), of Open WebUI, of \
chat.qwen.ai, and of `qwenctl chats export` (ndjson, json). The format is found by the shape of a file, not \
by its name; gzip is undone.

Imported chats are searched, shown and exported like the others. They are not sent to the account, their ids \
begin with `imp-`, and a sync leaves them alone.";

pub(super) const CHATS_IMPORT: &str =
    "The same file can be imported again: what has not changed stays as it is. Chats that cannot be read are \
reported with the reason; the exit code is 2 if a file cannot be read to its end, or if it holds no chats.

Examples:
  qwenctl chats import chatgpt-export.zip --dry-run
  qwenctl chats import conversations.json
  age -d chats.age | qwenctl chats import -";

pub(super) const ARCHIVE: &str =
    "The archive is made by `qwenctl chats sync` and searched by `qwenctl chats search`. \
Only you can read it, but it is not encrypted.

Examples:
  qwenctl archive status --json
  qwenctl archive check";

pub(super) const CHATS_SHOW: &str = "Examples:
  $ qwenctl chats show CHAT_ID
  $ qwenctl chats show CHAT_ID --tree
  $ qwenctl chats show CHAT_ID --json";

pub(super) const CHATS_DELETE: &str =
    "Asks for confirmation, unless `--yes` is given. If one of several chats \
cannot be deleted, the others still are; the exit code is that of the first failure.

Once `qwenctl chats sync` has run, a deleted chat stays in the trash of the archive for 30 days (setting \
`trash_keep`). Without a whole copy nothing is deleted. A deletion with `--grace` is made by `qwenctl serve`, \
or by the next command that opens the archive; until then `qwenctl chats trash restore` undoes it.

Filters select chats in the archive, which is synced first; all of them have to apply. A chat that gets a new \
message meanwhile is left out.

Examples:
  qwenctl chats delete --older-than 90d --match 'weather' --dry-run
  $ qwenctl chats delete CHAT_ID --dry-run
  $ qwenctl chats delete CHAT_ID --yes
  qwenctl chats delete CHAT_ID --yes --grace 1h";

pub(super) const CHATS_TRASH: &str =
    "Deleted chats stay here for 30 days (setting `trash_keep`), and are then \
purged.

Examples:
  $ qwenctl chats trash list
  qwenctl chats trash restore CHAT_ID
  $ qwenctl chats trash purge --all --yes";

pub(super) const CHATS_TRASH_RESTORE: &str =
    "Before a deletion is due, restoring cancels it. Afterwards the chat cannot go back into the account: it \
is in the archive again, to be read, searched and exported. `--as-new` makes a new chat whose first \
prompt is the transcript.

Examples:
  qwenctl chats trash restore CHAT_ID
  qwenctl chats trash restore CHAT_ID --as-new --yes";

pub(super) const CHATS_TRASH_PURGE: &str =
    "No byte of the archive has the words of a purged chat. Chats that are not deleted yet are left alone.

Examples:
  qwenctl chats trash purge CHAT_ID --yes
  $ qwenctl chats trash purge --all --yes";

pub(super) const CHATS_NEW: &str = "Examples:
  $ qwenctl chats new
  $ qwenctl chats new --title 'Trip to Huế' --json";

pub(super) const CHATS_RENAME: &str = "Examples:
  $ qwenctl chats rename CHAT_ID 'Trip to Huế'";

pub(super) const CHATS_MARK: &str =
    "The service does not document this call. If it does not change the mark, the command fails and \
names the call.

Examples:
  $ qwenctl chats pin CHAT_ID
  $ qwenctl chats unarchive CHAT_ID";

pub(super) const CHATS_PROJECTS: &str = "Examples:
  $ qwenctl chats projects
  $ qwenctl chats list --project Travel";

pub(super) const CHATS_MOVE: &str = "Examples:
  $ qwenctl chats move CHAT_ID Travel
  $ qwenctl chats move CHAT_ID";

pub(super) const SEND_ABOUT: &str = "Send the next message of a chat and print the answer.

The answer is streamed to standard output: rendered on a terminal, plain in a pipe. Thinking, sources \
and notes go to standard error. Control characters in an answer are removed, so that it cannot control \
the terminal; `--json` keeps them, escaped.

A message and piped standard input are sent together: the message, a blank line, the input. With a \
message, standard input is read only if it is a pipe or a file, and a pipe that stays silent for five \
seconds is ignored (`--no-stdin` ignores it at once). Without a message, standard input is the message; \
a terminal shows a prompt with a line editor: a paste may have several lines, Alt-Enter starts a new line, \
and an empty line or Ctrl-D quits.

The first Ctrl-C stops the model and keeps the partial answer (exit code 130); the second one exits at \
once. If the reader of a pipe leaves (`| head`), the printing ends, and the chat still gets the whole \
answer (exit code 0).";

pub(super) const SEND: &str = "Examples:
  $ qwenctl send CHAT_ID 'And in French?'
  $ echo 'And in French?' | qwenctl send CHAT_ID -
  $ qwenctl send CHAT_ID 'And why?' --think -o ndjson";

pub(super) const QUICK_ABOUT: &str = "Send a prompt to the most recent chat, or to a new one.

`--new` creates a chat; so does `quick` if there is no chat yet. The setting `quick = \"new\"` makes that the \
default, and `--continue` then selects the most recent chat. A new chat is deleted again if its prompt is \
refused. `--ephemeral` creates a chat and deletes it afterwards, even if the answer fails or is \
interrupted; after `kill -9` the next command deletes it. The line `chat: ID` on standard error names the \
chat.

Standard output, standard input and Ctrl-C work as with `qwenctl send`.";

pub(super) const QUICK: &str = "Examples:
  $ qwenctl quick 'What is AI?'
  $ qwenctl quick --new --search 'What happened today?'
  $ git --version | qwenctl quick --ephemeral 'Is this version current?' --json";

pub(super) const CHAT_ABOUT: &str = "Talk to a model at the terminal, in a new chat or in an existing one.

Enter sends the text; Alt-Enter, or a backslash at the end of the line, starts a new line, and \"\"\" begins \
and ends a text of several lines. A paste is one text, however many lines it has. Lines that begin with a \
slash are commands, which Tab completes: /help, /new, /open, /model, /think, /search, /system, /file, /image, \
/retry, /edit, /branch, /copy, /save, /title, /delete, /usage, /clear and /exit. `/retry` and `/edit` make branches of the \
chat, and `/branch` switches between them.

`@PATH` in a text, or a line that is the path of a file, attaches the file; so does `/file PATH`.

Ctrl-C stops the answer and keeps what came of it. A prompt that fails before the first word of the \
answer returns to the line, or is kept if it is long; `/retry` sends any other again. Ctrl-D leaves. \
The prompts are kept in the file `history` of the data directory, which only you can read, unless \
`--no-history` is given or they begin with a space.

If standard input is not a terminal, all of it is one prompt, as with `qwenctl quick --new`.";

pub(super) const CHAT: &str = "Examples:
  qwenctl --local chat
  qwenctl chat last --think
  $ echo 'What is a monad?' | qwenctl chat";

pub(super) const TOKEN: &str = "Tokens are never arguments, which other users could see. They come from \
`--token-file`, QWEN_TOKEN (with QWEN_REFRESH_TOKEN), QWENCTL_TOKEN_FILE, or the account that `token set` \
stores. `--account` selects one of several stored accounts.

Examples:
  $ qwenctl token info";

pub(super) const TOKEN_SET_ABOUT: &str = "Store the credentials of your account.

`token set` asks for them without showing them, or reads them from standard input. To stay signed in, paste a \
copied request; it has the refresh token:

  1. Open a private window, sign in at https://chat.qwen.ai, and press F12.
  2. Select Network, and reload the page.
  3. Right-click a request to chat.qwen.ai, and choose Copy > Copy as cURL
     (Firefox: Copy Value > Copy as cURL).
  4. Paste it. Then close the window without logging out: two holders of one
     refresh token can log each other out.

These work as well:

  - a `Cookie:` line, a cookies.txt, a JSON export or the table under
    Application > Cookies, with `token` and `refresh_token`
    (Firefox: Storage > Cookies)
  - an access token, and the refresh token on the next line
  - the value of `qwen_access_token_state`, which is valid for 15 minutes:
    Application > Local storage > https://chat.qwen.ai
    (Firefox: Storage > Local Storage)

Only you can read the file that stores them. `--account NAME` stores another account beside the default \
one. `--keyring` stores them in the keyring of the desktop (GNOME Keyring, KWallet, KeePassXC) from now on; \
an absent or locked keyring is an error. `token remove` ends that.";

pub(super) const TOKEN_SET: &str = "Examples:
  $ printf '%s' \"$QWEN_TOKEN\" | qwenctl token set
  $ printf '%s' \"$QWEN_TOKEN\" | qwenctl token set --account work";

pub(super) const TOKEN_INFO_ABOUT: &str = "Show where the token comes from and when it expires.

Makes no request, unless `--check` is given. The exit code is 4 if the token has expired.";

pub(super) const TOKEN_INFO: &str = "Examples:
  $ qwenctl token info
  $ qwenctl token info --check --json";

pub(super) const TOKEN_REFRESH: &str =
    "The new token replaces the stored one; the output shows it masked.

Examples:
  $ qwenctl token refresh";

pub(super) const TOKEN_REMOVE: &str =
    "Removes the credentials of the default account, or of `--account`, from this machine. The browser \
stays signed in: log out there to end the session itself.

Examples:
  $ printf '%s' \"$QWEN_TOKEN\" | qwenctl token set
  $ qwenctl token remove";

pub(super) const ACCOUNT: &str = "An account is what `token set --account NAME` stores: the credentials of one user of \
chat.qwen.ai. The first one is the default. `--account NAME`, QWENCTL_ACCOUNT or the setting `account` \
selects another one for a command.

Examples:
  $ qwenctl account list";

pub(super) const ACCOUNT_LIST: &str =
    "In a pipe the columns are name, default, token, expires, refresh token, storage and account id, \
separated by tabs. Makes no request.

Examples:
  $ qwenctl account list
  $ qwenctl account list --json";

pub(super) const ACCOUNT_USE: &str = "Examples:
  $ printf '%s' \"$QWEN_TOKEN\" | qwenctl token set --account work
  $ qwenctl account use work";

pub(super) const ACCOUNT_REMOVE: &str =
    "The browser stays signed in: log out there to end the session itself.

Examples:
  $ printf '%s' \"$QWEN_TOKEN\" | qwenctl token set --account work
  $ qwenctl account remove work";

pub(super) const MODELS: &str = "Examples:
  $ qwenctl models
  $ qwenctl models --json";

pub(super) const STATUS: &str = "Examples:
  $ qwenctl status
  $ qwenctl status --json";

pub(super) const STATS: &str = "Examples:
  $ qwenctl stats
  $ qwenctl stats --json";

pub(super) const LOCAL_ABOUT: &str = "Run the local upstream on its own, until Ctrl-C, to test other programs.

It stands in for chat.qwen.ai: the same calls and the same stream, with generated answers. Standard \
output lists its URLs as `NAME=value` lines for a shell (one JSON document with `--json`). The access \
token is printed only on request: to a file with `--write-token`, or to standard output with \
`--print-token`. `--chunking` sets how the stream is split, `--fault` arms a fault for all answers, and \
`--engine` lets a model server answer. Programs on this machine can use it, under a loopback name and with \
JSON bodies; web pages cannot.

Markers in a message control its answer:

  [[lorem:200]]    200 words
  [[slow:50]]      a pause of 50 ms between the pieces
  [[think]]        think first
  [[search]]       search the web first
  [[fault:F66]]    one of the faults known from the real upstream";

pub(super) const LOCAL: &str = "Examples:
  $ timeout -s INT 1 qwenctl local --port 0 --print-token || true";

pub(super) const MCP_ABOUT: &str = "Let other programs search, list and read your chats.

This is a server of the Model Context Protocol for one client, which starts it and talks to it on the \
standard streams. Its tools are `search_chats`, `list_chats` and `read_chat`; `--allow-ask` adds `ask`. \
Nothing can be changed or deleted. Searches use the archive of `qwenctl chats sync`, or else the search of \
the account. `qwenctl serve` has the same tools at `/mcp`.

What a client reads goes to the model that it uses. Text in your chats may try to instruct that model, so \
confirm what it wants to do.";

pub(super) const MCP: &str = "Claude Code:
  claude mcp add qwen -- qwenctl mcp

Claude Desktop (claude_desktop_config.json), Cursor (.cursor/mcp.json):
  {\"mcpServers\": {\"qwen\": {\"command\": \"qwenctl\", \"args\": [\"mcp\"]}}}

VS Code (.vscode/mcp.json):
  {\"servers\": {\"qwen\": {\"command\": \"qwenctl\", \"args\": [\"mcp\"]}}}

Use the whole path of the program if the client does not find it. Global flags go before `mcp`, such as \
\"args\": [\"--account\", \"work\", \"mcp\"]. To try it without an account: \"args\": [\"--local\", \"mcp\"].";

pub(super) const DOCTOR_ABOUT: &str = "Check the setup and suggest what to fix.

Checks the config file, the stored credentials, the token and its refresh, the data directory, proxy and \
certificates, then the upstream: its host name, the connection, whether it refuses the network, the clock, the \
browser check, the account, and how the token is sent; with `--engine` also the engine. Each check ends in `ok`, `warn` or `fail`; the exit code is that of the worst \
failure. `doctor` works without a network, changes nothing, and takes at most 20 seconds.";

pub(super) const DOCTOR: &str = "Examples:
  $ qwenctl doctor
  $ qwenctl --local doctor --json";

pub(super) const CONFIG: &str = "`set`, `unset` and `edit` check the file before they replace it.

Examples:
  $ qwenctl config path
  $ qwenctl config show --origin
  $ qwenctl config set idle_timeout 5m
  $ qwenctl config get idle_timeout
  $ qwenctl config unset idle_timeout";

pub(super) const TEMPLATES_ABOUT: &str = "List, show and edit templates of prompts.

A template is a TOML file in the directory `templates` beside the config file. `qwenctl quick --template \
NAME` sends its prompt, with its system prompt, model and switches. In the prompt `{{input}}` is the message \
(the argument, standard input, or both), and other `{{variables}}` are set with `--var NAME=VALUE` or have a \
default in the table `defaults`.";

pub(super) const TEMPLATES: &str = "A template `templates/review.toml`:

  about = \"Review code\"
  system = \"You are a careful reviewer.\"
  think = true
  prompt = \"\"\"
  Review this {{language}} code:

  {{input}}
  \"\"\"
  [defaults]
  language = \"Rust\"

Examples:
  $ qwenctl templates list
  $ qwenctl templates path
  git diff | qwenctl quick --new --template review --var language=C";

pub(super) const COMPLETIONS: &str =
    "To load them in every new shell, run the line of your shell once:

  qwenctl completions bash > ~/.local/share/bash-completion/completions/qwenctl
  qwenctl completions zsh > \"${fpath[1]}/_qwenctl\"
  qwenctl completions fish > ~/.config/fish/completions/qwenctl.fish
  qwenctl completions powershell >> $PROFILE
  qwenctl completions elvish >> ~/.config/elvish/rc.elv

Bash needs the package bash-completion; zsh needs `autoload -U compinit && compinit` in ~/.zshrc.

Examples:
  $ qwenctl completions bash > qwenctl.bash";

pub(super) const MAN: &str = "To install the pages for `man qwenctl` and `man 7 qwenctl-settings`:

  qwenctl man --all ~/.local/share/man/man1
  cd ~/.local/share/man && mkdir -p man7 && mv man1/*.7 man7

Examples:
  $ qwenctl man > qwenctl.1
  $ qwenctl man --all pages";
