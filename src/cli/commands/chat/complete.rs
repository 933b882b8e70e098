//! The completion of commands, chats, models and files in a conversation.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use rustyline::completion::{Candidate as _, FilenameCompleter};
use tokio::runtime::Handle;

use super::commands::{COMMANDS, Words};
use crate::cli::output::{clean, cut, lock, one_line};
use crate::cli::terminal::{Completions, Suggestion};
use crate::client::Session;
use crate::domain::ChatId;

/// How long Tab may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long what was read is used again.
const FRESH: Duration = Duration::from_mins(1);

/// The longest title that is shown, in columns.
const LONGEST_TITLE: usize = 50;

/// What is read from the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    Models,
    Chats,
}

/// Completes words with what the account has.
pub(super) struct Completer {
    runtime: Handle,
    session: Session,
    read: Mutex<HashMap<Source, (Instant, Vec<Suggestion>)>>,
    files: FilenameCompleter,
}

impl Completer {
    pub(super) fn new(session: Session) -> Self {
        let files = FilenameCompleter::new();
        Self { runtime: Handle::current(), session, read: Mutex::default(), files }
    }

    /// The models or chats. Nothing if they cannot be read in time.
    fn listed(&self, source: Source) -> Vec<Suggestion> {
        if let Some((at, listed)) = lock(&self.read).get(&source)
            && at.elapsed() < FRESH
        {
            return listed.clone();
        }
        let (sender, receiver) = sync_channel(1);
        let session = self.session.restarted();
        self.runtime.spawn(async move {
            let _ = sender.try_send(read(&session, source).await);
        });
        let Ok(Some(listed)) = receiver.recv_timeout(PATIENCE) else { return Vec::new() };
        lock(&self.read).insert(source, (Instant::now(), listed.clone()));
        listed
    }

    fn files(&self, before: &str) -> (usize, Vec<Suggestion>) {
        let Ok((at, pairs)) = self.files.complete_path(before, before.len()) else {
            return (before.len(), Vec::new());
        };
        let suggestion = |pair: rustyline::completion::Pair| Suggestion {
            word: pair.replacement().to_owned(),
            shown: pair.display().to_owned(),
        };
        let pairs = pairs.into_iter().filter(|pair| is_harmless(pair.replacement()));
        (at, pairs.map(suggestion).collect())
    }
}

async fn read(session: &Session, source: Source) -> Option<Vec<Suggestion>> {
    Some(match source {
        Source::Models => {
            let models = session.models().await.ok()?;
            let known = models.iter().filter(|model| is_harmless(&model.id));
            known.map(|model| plain(&model.id)).collect()
        }
        Source::Chats => {
            let chats = session.chats(1).await.ok()?;
            let suggestion = |row: crate::domain::ChatSummary| {
                let id: String = row.id.as_str().chars().take(ChatId::SHORT).collect();
                let title = cut(&one_line(row.title.as_deref().unwrap_or_default()), LONGEST_TITLE);
                Suggestion { shown: format!("{id}  {title}"), word: id }
            };
            chats.into_iter().map(suggestion).collect()
        }
    })
}

/// Whether a terminal shows the word as it is.
fn is_harmless(word: &str) -> bool {
    !word.contains(char::is_control) && clean(word) == word
}

fn plain(word: &str) -> Suggestion {
    Suggestion { word: word.to_owned(), shown: word.to_owned() }
}

/// Where the last word begins.
fn last_word(before: &str) -> usize {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    before.len() - word.len()
}

impl Completions for Completer {
    fn complete(&self, before: &str) -> (usize, Vec<Suggestion>) {
        let last = last_word(before);
        if before[last..].starts_with('@') {
            return self.files(before);
        }
        let Some(line) = before.strip_prefix('/') else { return (last, Vec::new()) };
        let Some((name, argument)) = line.split_once(' ') else {
            let commands = COMMANDS.iter().filter(|command| command.name.starts_with(line));
            let suggestion = |command: &super::commands::Command| Suggestion {
                word: format!(
                    "/{}{}",
                    command.name,
                    if command.takes.is_empty() { "" } else { " " }
                ),
                shown: format!("/{:<9}{}", command.name, command.about),
            };
            return (0, commands.map(suggestion).collect());
        };
        let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
            return (last, Vec::new());
        };
        let at = before.len() - argument.trim_start().len();
        let wanted = argument.trim().to_lowercase();
        let fitting = |all: Vec<Suggestion>| {
            let fits = |one: &Suggestion| {
                let is_title = command.words == Words::Chats;
                one.word.to_lowercase().starts_with(&wanted)
                    || is_title && one.shown.to_lowercase().contains(&wanted)
            };
            all.into_iter().filter(fits).collect()
        };
        match command.words {
            Words::None => (last, Vec::new()),
            Words::Switch => (at, fitting(["on", "off"].map(plain).to_vec())),
            Words::Models => (at, fitting(self.listed(Source::Models))),
            Words::Chats => (at, fitting(self.listed(Source::Chats))),
            Words::Files => self.files(before),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_begin_after_spaces_of_any_width() {
        for (before, word) in [("", ""), ("a @b", "@b"), ("a\u{a0}@b", "@b"), ("你\u{3000}", "")] {
            assert_eq!(&before[last_word(before)..], word);
        }
    }
}
