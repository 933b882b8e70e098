//! Help, and errors in the command line.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind as Usage};
use serde_json::json;

use super::args::{ColorChoice, Format, GlobalArgs, tree};
use super::failure::{Failure, Outcome};
use super::output::{Io, Output};
use super::topics::{TOPICS, Topic};
use crate::app::documents::DataDocument;
use crate::domain::{AccessToken, Error, ErrorKind};
use crate::settings::nearest;

/// Prints clap's result: help and version on standard output, an error in the output format. Returns
/// the exit code.
pub(super) fn report(mut error: clap::Error, arguments: &[OsString], io: Io) -> u8 {
    suggest_quotes(&mut error);
    let word = word_after_help(&error, arguments);
    if let Some(word) = &word {
        suggest_topic(&mut error, word);
    }
    let error = &error;
    let flags = guessed_flags(arguments);
    let (output, _) = Output::open(&flags, io);
    let outcome = match error.kind() {
        Usage::DisplayHelp | Usage::DisplayVersion => help(error, &output),
        _ => match word.as_deref().and_then(Topic::named) {
            Some(topic) => show(&topic, &output),
            None => Err(wrong(error, arguments, &output)),
        },
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
    output.result(&DataDocument::new(json!({ "text": text.to_string() })), |view| {
        if view.color { text.ansi().to_string() } else { text.to_string() }
    })
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
    GlobalArgs { output: format, color, ..GlobalArgs::default() }
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
            assert_eq!(guessed_flags(&arguments).output, format, "{line}");
        }
    }
}
