//! Help, and errors in the command line.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind as Usage};
use serde_json::json;

use super::args::{ColorChoice, Format, GlobalArgs, OutputArg, tree};
use super::output::{Failure, Io, Outcome, Output};
use super::topics::{TOPICS, Topic};
use crate::app::documents::DataDocument;
use crate::domain::{AccessToken, Error, ErrorKind, Result};
use crate::settings::nearest;

/// Prints clap's result: help and version on standard output, an error in the output format. Returns
/// the exit code.
pub(super) fn report(mut error: clap::Error, arguments: &[OsString], io: Io) -> u8 {
    drop_distant_guesses(&mut error, arguments);
    hide_aliases(&mut error);
    suggest_quotes(&mut error);
    suggest_equals(&mut error, arguments);
    let word = word_after_help(&error, arguments);
    match &word {
        Some(word) => suggest_topic(&mut error, word),
        None => suggest_help_of_topic(&mut error),
    }
    let error = &error;
    let flags = guessed_flags(arguments);
    let (output, _) = Output::open(&flags, io);
    let outcome = match (error.kind(), word.as_deref()) {
        (Usage::DisplayHelp, _) => help(error, &output),
        (Usage::DisplayVersion, _) => version(error, &output),
        (_, Some("-h" | "--help")) => {
            let text = tree().render_long_help().to_string();
            output.result(&DataDocument::new(json!({ "text": text })), |_| text.clone())
        }
        (_, Some(word)) => match Topic::named(word) {
            Some(topic) => only_word(word, arguments)
                .map_err(Failure::from)
                .and_then(|()| show(&topic, &output)),
            None => Err(wrong(error, arguments, &output)),
        },
        (_, None) => Err(wrong(error, arguments, &output)),
    };
    match outcome {
        Ok(()) => 0,
        Err(failure) => {
            if let Failure::Error(error) = &failure {
                output.failure(error, false);
            }
            failure.exit_code()
        }
    }
}

/// Removes what clap guesses although it is another word: a wrong guess is worse than none.
fn drop_distant_guesses(error: &mut clap::Error, arguments: &[OsString]) {
    let text = |error: &clap::Error, kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    for (given, guess) in [
        (ContextKind::InvalidArg, ContextKind::SuggestedArg),
        (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand),
    ] {
        let Some(word) = text(error, given) else { continue };
        let guesses = match error.get(guess) {
            Some(ContextValue::String(name)) => vec![name.clone()],
            Some(ContextValue::Strings(names)) => names.clone(),
            _ => continue,
        };
        let near: Vec<_> = guesses.iter().filter(|name| is_near(&word, name)).cloned().collect();
        if near.is_empty() {
            error.remove(guess);
            if let Some(usage) = usage_of(arguments) {
                error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
            }
        } else if near.len() < guesses.len() {
            error.insert(guess, ContextValue::Strings(near));
        }
    }
    // `-f` is a flag that does not exist, hardly a message.
    let is_flag = |word: &str| word.len() == 2 && word.as_bytes()[1].is_ascii_alphabetic();
    if text(error, ContextKind::InvalidArg).is_some_and(|word| is_flag(&word)) {
        error.remove(ContextKind::Suggested);
    }
}

/// Other names of commands, which clap would list beside the command.
const ALIASES: [&str; 3] = ["ask", "ls", "rm"];

fn hide_aliases(error: &mut clap::Error) {
    if let Some(ContextValue::Strings(names)) = error.remove(ContextKind::ValidSubcommand) {
        let names = names.into_iter().filter(|name| !ALIASES.contains(&name.as_str())).collect();
        error.insert(ContextKind::ValidSubcommand, ContextValue::Strings(names));
    }
}

fn is_near(word: &str, name: &str) -> bool {
    let (word, name) = (word.trim_start_matches('-'), name.trim_start_matches('-'));
    strsim::osa_distance(word, name) <= (word.chars().count() / 3).max(1)
}

/// The usage of the command in `arguments`.
fn usage_of(arguments: &[OsString]) -> Option<clap::builder::StyledStr> {
    let mut tree = tree();
    tree.build();
    let mut command = &mut tree;
    for word in arguments.iter().skip(1).filter_map(|word| word.to_str()) {
        if command.find_subcommand(word).is_some() {
            command = command.find_subcommand_mut(word)?;
        }
    }
    Some(command.render_usage())
}

/// Refuses a second word after a topic.
fn only_word(topic: &str, arguments: &[OsString]) -> Result<()> {
    let words = arguments.iter().filter_map(|word| word.to_str()).skip_while(|word| *word != topic);
    let more = words.skip(1).find(|word| !word.starts_with('-') && Topic::named(word).is_some());
    more.map_or(Ok(()), |more| {
        Err(Error::invalid("`qwenctl help` takes one topic")
            .with_hint(format!("run `qwenctl help {topic}`, then `qwenctl help {more}`")))
    })
}

/// A topic in the place of a command.
fn suggest_help_of_topic(error: &mut clap::Error) {
    let word = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) => word.clone(),
        _ => return,
    };
    if Topic::named(&word).is_some() {
        let tip = format!("run `qwenctl help {word}`");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}

/// Adds a tip about quotes if a message was given as several words.
fn suggest_quotes(error: &mut clap::Error) {
    let names = |kind, part: fn(&str) -> bool| match error.get(kind) {
        Some(ContextValue::String(text)) => part(text),
        Some(ContextValue::StyledStr(text)) => part(&text.to_string()),
        _ => false,
    };
    let is_word = names(ContextKind::InvalidArg, |argument| !argument.starts_with('-'));
    if error.kind() == Usage::UnknownArgument
        && is_word
        && names(ContextKind::Usage, |usage| usage.contains("[MESSAGE]"))
    {
        let tip = "put a message of several words into quotes";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}

/// Adds a tip about the `=` if a word follows a flag whose value is optional.
fn suggest_equals(error: &mut clap::Error, arguments: &[OsString]) {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg) else { return };
    let before = arguments.windows(2).find(|pair| pair[1] == **word);
    let Some(flag) = before.and_then(|pair| pair[0].to_str()?.strip_prefix("--")) else { return };
    let tree = tree();
    let mut args = tree.get_subcommands().flat_map(clap::Command::get_arguments);
    if args.any(|arg| arg.is_require_equals_set() && arg.get_long() == Some(flag)) {
        let tip = format!("write `--{flag}={word}`");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}

/// The argument of `help`, if that is not a command: a topic, or a misspelt name.
fn word_after_help(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let follows = |pair: &[OsString]| pair[0] == "help" && pair[1] == **word;
    arguments.windows(2).any(follows).then(|| word.clone())
}

fn suggest_topic(error: &mut clap::Error, word: &str) {
    let commands = tree();
    let commands = commands.get_subcommands().map(clap::Command::get_name);
    let known = TOPICS.iter().map(|topic| topic.name).chain(commands);
    if let Some(name) = nearest(word, known) {
        let names = ContextValue::Strings(vec![name.to_owned()]);
        error.insert(ContextKind::SuggestedSubcommand, names);
    }
}

fn show(topic: &Topic, output: &Output) -> Outcome {
    let text = topic.text(&tree());
    output.result(&DataDocument::new(json!({ "text": text })), |_| text.clone())
}

fn help(error: &clap::Error, output: &Output) -> Outcome {
    let text = error.render();
    let plain = without_global_flags(&text.to_string());
    output.result(&DataDocument::new(json!({ "text": plain })), |view| {
        if view.color { without_global_flags(&text.ansi().to_string()) } else { plain.clone() }
    })
}

/// The long help of a command without the flags that all commands have.
fn without_global_flags(text: &str) -> String {
    const HEADING: &str = "Global options:";
    const LONGEST: usize = 20;
    let is_heading = |line: &str| console::strip_ansi_codes(line) == HEADING;
    let plain = console::strip_ansi_codes(text);
    let is_root = plain.contains("Usage: qwenctl [");
    let is_end = |line: &str| !line.is_empty() && !line.starts_with(' ');
    let (before, rest): (Vec<&str>, Vec<&str>) = {
        let mut lines = text.lines();
        let before = lines.by_ref().take_while(|line| !is_heading(line)).collect();
        (before, lines.collect())
    };
    let flags = rest.iter().position(|line| is_end(line)).unwrap_or(rest.len());
    if is_root || flags <= LONGEST {
        return text.to_owned();
    }
    let mut lines = before;
    lines.push("Global options, such as --json, -o, -q, -v and --local: see `qwenctl --help`");
    if flags < rest.len() {
        lines.push("");
    }
    lines.extend(&rest[flags..]);
    lines.join("\n") + "\n"
}

fn version(error: &clap::Error, output: &Output) -> Outcome {
    let text = error.render().to_string();
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let document = json!({ "text": text, "name": name, "version": version });
    output.result(&DataDocument::new(document), |_| text.clone())
}

fn wrong(error: &clap::Error, arguments: &[OsString], output: &Output) -> Failure {
    let rendered = error.render();
    if !output.policy().is_json() {
        let text = if output.policy().stderr_color {
            rendered.ansi().to_string()
        } else {
            rendered.to_string()
        };
        output.complaint(&without_tokens(text, arguments));
        return Failure::Reported(ErrorKind::InvalidRequest);
    }
    let text = without_tokens(rendered.to_string(), arguments);
    let (sentence, hint) = sentence_and_hint(&text);
    Failure::Error(Error::invalid(sentence).with_hint(hint))
}

/// The error is in clap's first paragraph, the hint in its tips.
fn sentence_and_hint(text: &str) -> (String, String) {
    let mut paragraphs = text.split("\n\n");
    let first = paragraphs.next().unwrap_or_default();
    let sentence =
        first.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ");
    let is_error = first.starts_with("error: ");
    let tips: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix("tip: ")).collect();
    let hint = if tips.is_empty() { "run `qwenctl --help`".to_owned() } else { tips.join("; ") };
    if is_error { (sentence, hint) } else { ("no command was given".to_owned(), hint) }
}

/// Hides tokens that were given as arguments.
fn without_tokens(mut text: String, arguments: &[OsString]) -> String {
    for argument in arguments.iter().filter_map(|argument| argument.to_str()) {
        let value = argument.split_once('=').map_or(argument, |(_, value)| value);
        if AccessToken::parse(value).is_ok() {
            text = text.replace(value, "(a token)");
        }
    }
    text
}

/// The flags that decide how an error is printed, from arguments that clap could not parse.
fn guessed_flags(arguments: &[OsString]) -> GlobalArgs {
    let words: Vec<&str> = arguments
        .iter()
        .skip(1)
        .filter_map(|argument| argument.to_str())
        .take_while(|word| *word != "--")
        .collect();
    let value = |names: &[&str]| {
        words.iter().enumerate().find_map(|(at, word)| {
            let name = names.iter().find(|name| word.starts_with(**name))?;
            let rest = &word[name.len()..];
            match rest.strip_prefix('=') {
                Some(value) => Some(value),
                None if rest.is_empty() => words.get(at + 1).copied(),
                None => (name.len() == 2).then_some(rest),
            }
        })
    };
    let format = match value(&["-o", "--output"]) {
        Some("json") => Format::Json,
        Some("ndjson") => Format::Ndjson,
        _ if words.contains(&"--json") => Format::Json,
        _ => Format::Pretty,
    };
    let color = match value(&["--color"]) {
        Some("always") => ColorChoice::Always,
        Some("never") => ColorChoice::Never,
        _ => ColorChoice::Auto,
    };
    GlobalArgs { output: OutputArg::Format(format), color, ..GlobalArgs::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_found_in_a_broken_command_line() {
        for (line, format) in [
            ("qwenctl chts --json", Format::Json),
            ("qwenctl -o json chts", Format::Json),
            ("qwenctl -ojson chts", Format::Json),
            ("qwenctl --output=ndjson chts", Format::Ndjson),
            ("qwenctl -o=json chts", Format::Json),
            ("qwenctl chts", Format::Pretty),
            ("qwenctl -o", Format::Pretty),
            ("qwenctl send x -- --json", Format::Pretty),
        ] {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(guessed_flags(&arguments).format(), format, "{line}");
        }
    }
}
