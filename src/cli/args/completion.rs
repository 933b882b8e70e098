//! Completion: the generated scripts, and what the word at the cursor is.

use clap::builder::PossibleValue;
use clap::{Arg, Command, FromArgMatches as _, ValueEnum, ValueHint};
use clap_complete::Shell;

use super::{Args, GlobalArgs, tree};
use crate::cli::topics::TOPICS;
use crate::local::{Chunking, fault_names};
use crate::settings::engine_names;

/// A value that only a run of the program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum CompletedValue {
    /// The id of a chat.
    Chat,
    /// A model.
    Model,
    /// The name of a template.
    Template,
    /// The name of a stored account.
    Account,
    /// The name of an API key.
    Key,
    /// The name of a setting.
    Setting,
    /// A fault of the local upstream.
    Fault,
}

impl CompletedValue {
    /// That of `arg` of `command`.
    fn of(command: &Command, arg: &Arg) -> Option<Self> {
        Some(match (command.get_name(), arg.get_id().as_str()) {
            (_, "id" | "ids" | "chat") => Self::Chat,
            (_, "model") => Self::Model,
            (_, "template") | ("show" | "edit" | "path", "name") => Self::Template,
            (_, "account") | ("use" | "remove", "name") => Self::Account,
            ("revoke", "key") => Self::Key,
            ("get" | "set" | "unset", "key") => Self::Setting,
            (_, "fault") => Self::Fault,
            _ => return None,
        })
    }
}

impl Args {
    /// The global flags in the words of an incomplete command line.
    pub(in crate::cli) fn globals_of(words: &[String]) -> GlobalArgs {
        let before = words.split_last().map_or(&[][..], |(_, before)| before);
        let words = std::iter::once("qwenctl").chain(before.iter().map(String::as_str));
        let matches = tree().ignore_errors(true).try_get_matches_from(words);
        matches.ok().and_then(|m| GlobalArgs::from_arg_matches(&m).ok()).unwrap_or_default()
    }
}

/// What the last of `words` is the beginning of, and that beginning. The words are those after the name of
/// the program; Bash splits them at `=`.
pub(in crate::cli) fn completed_value(words: &[String]) -> Option<(CompletedValue, &str)> {
    let (current, before) = words.split_last()?;
    let mut root = tree();
    root.build();
    let mut command = &root;
    let mut expected: Option<&Arg> = None;
    let (mut positionals, mut only_positionals) = (0, false);
    for word in before {
        if word == "=" {
            continue;
        }
        if expected.take().is_some() {
            continue;
        }
        match word.strip_prefix("--").filter(|_| !only_positionals) {
            Some("") => only_positionals = true,
            Some(flag) => {
                let (name, value) =
                    flag.split_once('=').map_or((flag, None), |(n, v)| (n, Some(v)));
                expected = long(command, name).filter(|_| value.is_none());
            }
            None if word.len() > 1 && word.starts_with('-') && !only_positionals => {
                // In `-qm` the last letter takes the value.
                let mut letters = word.chars().skip(1);
                let taking = letters.find_map(|letter| short(command, letter));
                expected = taking.filter(|_| letters.next().is_none());
            }
            None => match command.find_subcommand(word) {
                Some(found) if positionals == 0 => command = found,
                _ => positionals += 1,
            },
        }
    }
    let current = if current == "=" { "" } else { current.as_str() };
    if let Some(arg) = expected {
        return Some((CompletedValue::of(command, arg)?, current));
    }
    if let Some(flag) = current.strip_prefix("--").filter(|_| !only_positionals) {
        let (name, value) = flag.split_once('=')?;
        return Some((CompletedValue::of(command, long(command, name)?)?, value));
    }
    if current.starts_with('-') && !only_positionals || command.has_subcommands() {
        return None;
    }
    let arg = command.get_positionals().nth(positionals).or_else(|| {
        let last = command.get_positionals().last()?;
        last.get_num_args().is_some_and(|range| range.max_values() > 1).then_some(last)
    })?;
    Some((CompletedValue::of(command, arg)?, current))
}

/// The flag of that name, if it takes a value.
fn long<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let mut args = command.get_arguments().filter(|arg| arg.get_action().takes_values());
    args.find(|arg| arg.get_long() == Some(name) && !arg.is_require_equals_set())
}

/// The same of that letter.
fn short(command: &Command, letter: char) -> Option<&Arg> {
    let mut args = command.get_arguments().filter(|arg| arg.get_action().takes_values());
    args.find(|arg| arg.get_short() == Some(letter))
}

/// The tree with the topics below `help`, where clap itself puts the commands only.
fn tree_with_topics() -> clap::Command {
    let mut tree = tree().bin_name("qwenctl");
    tree.build();
    let topics = TOPICS.map(|topic| {
        let command = clap::Command::new(topic.name).about(topic.about);
        let command = command.bin_name(format!("qwenctl help {}", topic.name));
        command.disable_help_flag(true).disable_version_flag(true)
    });
    with_values(tree.mut_subcommand("help", |help| help.subcommands(topics)))
}

/// Adds the values that a shell can offer. Others are no file names.
fn with_values(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let values: Vec<PossibleValue> = match arg.get_id().as_str() {
            "engine" => engine_names().map(PossibleValue::new).collect(),
            "chunking" => Chunking::ALL.iter().map(|(_, name)| PossibleValue::new(*name)).collect(),
            "fault" => fault_names().map(|(name, _)| PossibleValue::new(name)).collect(),
            _ => Vec::new(),
        };
        let takes_any = arg.get_action().takes_values() && arg.get_possible_values().is_empty();
        match arg.get_value_hint() {
            _ if !values.is_empty() => arg.value_parser(values),
            ValueHint::Unknown if takes_any => arg.value_hint(ValueHint::Other),
            _ => arg,
        }
    });
    command.mut_subcommands(with_values)
}

/// The shells with completions, and the names of their files under `completions/`.
pub fn completion_files() -> impl Iterator<Item = (Shell, String)> {
    use clap_complete::Generator as _;
    Shell::value_variants().iter().map(|shell| (*shell, shell.file_name("qwenctl")))
}

/// The completion script of `shell`.
pub fn completion_script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tree_with_topics(), "qwenctl", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Bash => {
            let script =
                without_eager_flags(&script).replace("-F _qwenctl ", "-F _qwenctl_values ");
            let at = script.rfind("if [[ \"${BASH_VERSINFO").unwrap_or(script.len());
            format!("{}{BASH}\n{}", &script[..at], &script[at..])
        }
        Shell::Zsh => script.replacen("\n_qwenctl() {\n", &format!("\n_qwenctl() {{\n{ZSH}\n"), 1),
        Shell::Fish => script + FISH,
        _ => script,
    }
}

/// Asks the program for values, and falls back to the generated function. A title is shown beside its id
/// while there are several.
const BASH: &str = r#"_qwenctl_values() {
    local line found=() IFS=$'\n'
    found=( $("$1" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) )
    if [[ ${#found[@]} -eq 0 ]]; then
        unset IFS
        _qwenctl "$@"
        return
    fi
    COMPREPLY=()
    for line in "${found[@]}"; do
        if [[ ${#found[@]} -gt 1 && ( ${COMP_TYPE} -eq 63 || ${COMP_TYPE} -eq 9 ) ]]; then
            COMPREPLY+=( "${line/$'\t'/  }" )
        else
            COMPREPLY+=( "${line%%$'\t'*}" )
        fi
    done
}
"#;

/// The same at the beginning of the function for zsh.
const ZSH: &str = r#"    local -a found
    found=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then
        found=("${(@)found//:/\\:}")
        found=("${(@)found/$'\t'/:}")
        _describe -V 'value' found && return
    fi"#;

/// The same for fish, where a flag that takes a value has completions of its own.
const FISH: &str = r"function __fish_qwenctl_values
    set -l words (commandline -opc) (commandline -ct)
    command $words[1] __complete -- $words[2..] 2>/dev/null
end

complete -c qwenctl -k -a '(__fish_qwenctl_values)'
complete -c qwenctl -s m -l model -r -f -k -a '(__fish_qwenctl_values)'
complete -c qwenctl -s t -l template -r -f -k -a '(__fish_qwenctl_values)'
complete -c qwenctl -l account -r -f -k -a '(__fish_qwenctl_values)'
complete -c qwenctl -l chat -r -f -k -a '(__fish_qwenctl_values)'
";

/// The script for Bash, which offers flags only after `-`: otherwise Tab after a command without
/// subcommands completes to `-`.
fn without_eager_flags(script: &str) -> String {
    const OFFER: &str = "COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )";
    let mut has_only_flags = false;
    let mut is_first = true;
    let lines = script.lines().map(|line| {
        let text = line.trim_start();
        if let Some(words) = text.strip_prefix("opts=\"") {
            let mut words = words.trim_end_matches('"').split_whitespace();
            has_only_flags = words.all(|word| word.starts_with(['-', '[', '<']));
            is_first = true;
        } else if has_only_flags && text.starts_with("if [[ ${cur} == -* ||") {
            return line.split(" || ").next().unwrap_or_default().to_owned() + " ]] ; then";
        } else if has_only_flags && text == OFFER && !std::mem::take(&mut is_first) {
            return line.replace(OFFER, "COMPREPLY=()");
        }
        line.to_owned()
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_at_the_cursor_is_known_by_its_place() {
        use CompletedValue::{Account, Chat, Key, Model, Setting, Template};
        for (line, expected) in [
            ("send |", Some((Chat, ""))),
            ("send 2b8|", Some((Chat, "2b8"))),
            ("--local send -m x --think 2b|", Some((Chat, "2b"))),
            ("chats delete a b |", Some((Chat, ""))),
            ("chats move |", Some((Chat, ""))),
            ("send x |", None),
            ("send -|", None),
            ("chats |", None),
            ("quick -m |", Some((Model, ""))),
            ("quick -qm q|", Some((Model, "q"))),
            ("quick --model=q|", Some((Model, "q"))),
            ("quick --model = q|", Some((Model, "q"))),
            ("quick -t |", Some((Template, ""))),
            ("templates edit r|", Some((Template, "r"))),
            ("quick hello |", None),
            ("--account |", Some((Account, ""))),
            ("account use |", Some((Account, ""))),
            ("keys revoke |", Some((Key, ""))),
            ("config set |", Some((Setting, ""))),
            ("config set model |", None),
        ] {
            let line = line.split_once('|').expect("a cursor").0;
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(completed_value(&words), expected, "{line}");
        }
    }

    #[test]
    fn global_flags_of_an_incomplete_line_apply() {
        let words = ["send", "--account", "work", "--local", ""].map(str::to_owned);
        let globals = Args::globals_of(&words);
        assert_eq!((globals.local, globals.account.as_deref()), (true, Some("work")));
    }
}
