//! The commands of a conversation.

use std::borrow::Cow;

use rustyline::completion::unescape;

use super::{Conversation, Next, clipboard, prompt_of, unwritable};
use crate::app::branches::{self, branches, prompts};
use crate::app::{chats, code};
use crate::cli::attachments::home_path;
use crate::cli::commands::archive;
use crate::cli::editor;
use crate::cli::output::{clean, cut, one_line};
use crate::domain::{ChatId, Error, ErrorKind, Result};
use crate::files;
use crate::settings::nearest;

/// A command.
pub(super) struct Command {
    /// Its name, without the slash.
    pub name: &'static str,
    /// What follows it.
    pub takes: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What completes it.
    pub words: Words,
}

/// What completes the argument of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Nothing.
    None,
    /// `on` or `off`.
    Switch,
    /// A model.
    Models,
    /// A chat.
    Chats,
    /// A file.
    Files,
}

macro_rules! command {
    ($name:literal, $takes:literal, $about:literal, $words:ident) => {
        Command { name: $name, takes: $takes, about: $about, words: Words::$words }
    };
}

/// Every command, in the order of the help.
pub(super) const COMMANDS: [Command; 19] = [
    command!("help", "", "list the commands and keys", None),
    command!("new", "", "start a new chat", None),
    command!("open", "[CHAT]", "open a chat: id, title, `last`; none lists them", Chats),
    command!("model", "[NAME]", "choose the model, or list the models", Models),
    command!("think", "[on|off]", "switch thinking", Switch),
    command!("search", "[on|off]", "switch web search", Switch),
    command!("system", "[TEXT|off]", "set, show or remove the system prompt", None),
    command!("file", "[PATH|off]", "attach a file to the next prompt; `off` detaches all", Files),
    command!("image", "[PATH]", "attach a picture to the next prompt", Files),
    command!("retry", "[MODEL]", "answer the last prompt again", Models),
    command!("edit", "[N]", "edit the last prompt, or prompt N; makes a branch", None),
    command!("branch", "[N]", "list the branches, or switch to one", None),
    command!("copy", "[code]", "copy the last answer, or its last code block", None),
    command!("save", "FILE", "write the last answer to a new file", Files),
    command!("title", "[TEXT]", "show or change the title", None),
    command!("delete", "", "delete this chat", None),
    command!("usage", "", "show the tokens of this conversation", None),
    command!("clear", "", "clear the screen, and start a new chat", None),
    command!("exit", "", "leave the chat (or Ctrl-D)", None),
];

/// How many chats `/open` lists.
const MOST_LISTED: usize = 15;

/// The longest quotation of a message, in columns.
const LONGEST_QUOTE: usize = 40;

/// Other names, as similar programs have them.
const ALIASES: [(&str, &str); 7] = [
    ("?", "help"),
    ("h", "help"),
    ("bye", "exit"),
    ("quit", "exit"),
    ("q", "exit"),
    ("load", "open"),
    ("regenerate", "retry"),
];

const KEYS: [(&str, &str); 7] = [
    ("Enter", "send"),
    ("Alt-Enter", "new line; so does a `\\` at the end of the line"),
    ("\"\"\"", "begin and end a text of several lines"),
    ("Ctrl-C", "stop the answer, or discard the line"),
    ("Ctrl-R", "search the earlier prompts"),
    ("Ctrl-X Ctrl-E", "edit the line in $VISUAL or $EDITOR"),
    ("Ctrl-L", "clear the screen"),
];

/// A line that is a command: its name and its argument. A path (`/etc/hosts`) is none, and neither is a
/// text of several lines, except for a system prompt.
pub(super) fn parse(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    if matches!(text, "exit" | "quit") {
        return Some(("exit", ""));
    }
    let line = text.strip_prefix('/')?;
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let is_name = name == "?" || name.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_line = !text.contains('\n') || name == "system";
    (is_name && is_line && !name.is_empty()).then(|| (name, argument.trim()))
}

/// The command of that name.
fn named(name: &str) -> Result<&'static Command> {
    let lower = name.to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == lower).map(|(_, name)| *name);
    let wanted = alias.unwrap_or(&lower);
    if let Some(found) = COMMANDS.iter().find(|command| command.name == wanted) {
        return Ok(found);
    }
    let error = Error::invalid(format!("there is no command `/{name}`"));
    Err(match nearest(&lower, COMMANDS.iter().map(|command| command.name)) {
        Some(near) => error.with_hint(format!("did you mean `/{near}`? `/help` lists all")),
        None => {
            error.with_hint("`/help` lists the commands; a space before the `/` sends it as text")
        }
    })
}

/// The path that an argument names: as it is, in quotes, or with the backslashes of a completion.
fn path_in(argument: &str) -> Cow<'_, str> {
    for quote in ['"', '\''] {
        let inner = argument.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
            return inner.into();
        }
    }
    if cfg!(unix) { unescape(argument, Some('\\')) } else { argument.into() }
}

/// Reads `on` or `off`; nothing is the opposite of `now`.
fn switch(argument: &str, now: bool) -> Result<bool> {
    match argument.to_ascii_lowercase().as_str() {
        "" => Ok(!now),
        "on" | "yes" | "1" | "true" => Ok(true),
        "off" | "no" | "0" | "false" => Ok(false),
        _ => Err(Error::invalid("say `on` or `off`")),
    }
}

impl Conversation<'_> {
    /// Runs a command.
    ///
    /// # Errors
    /// If it failed; nothing has changed then.
    pub(super) async fn command(&mut self, name: &str, argument: &str) -> Result<Next> {
        let Command { name, takes, .. } = named(name)?;
        if takes.is_empty() && !argument.is_empty() && *name != "help" {
            return Err(Error::invalid(format!("`/{name}` takes no argument")));
        }
        match *name {
            "help" => self.help(),
            "new" => self.begin(),
            "open" if argument.is_empty() => self.list_chats().await?,
            "open" => {
                let spinner = self.output.spinner("opening the chat");
                let find = chats::find_by_title(&self.session, argument);
                let id = self.unless_cancelled(find).await?;
                drop(spinner);
                self.open(&id).await?;
            }
            "model" => self.choose_model(argument).await?,
            "think" => {
                self.think = switch(argument, self.think)?;
                self.say(if self.think { "thinking is on" } else { "thinking is off" });
            }
            "search" => {
                self.search = switch(argument, self.search)?;
                self.say(if self.search { "web search is on" } else { "web search is off" });
            }
            "system" => self.set_system(argument),
            "file" | "image" => match path_in(argument).as_ref() {
                "" => self.list_attachments(),
                "off" => {
                    self.attachments.clear();
                    self.list_attachments();
                }
                path => self.attach(path).await?,
            },
            "retry" => return self.retry(argument).await,
            "edit" => return self.edit(argument).await,
            "branch" => self.branch(argument).await?,
            "copy" => self.copy(argument).await?,
            "save" => self.save(argument)?,
            "title" => self.set_title(argument).await?,
            "delete" => self.delete().await?,
            "usage" => self.usage(),
            "clear" => {
                self.clear_screen();
                self.begin();
            }
            _ => return Ok(Next::Leave),
        }
        Ok(Next::Go)
    }

    fn help(&self) {
        let row = |(name, about): (String, &str)| {
            let width = self.output.policy().stderr_width.unwrap_or(80);
            if width < 60 {
                format!("{name}\n    {about}\n")
            } else {
                format!("{name:<20} {about}\n")
            }
        };
        let commands = COMMANDS.iter().map(|command| {
            row((
                format!("/{} {}", command.name, command.takes).trim_end().to_owned(),
                command.about,
            ))
        });
        let keys = KEYS.iter().map(|(key, about)| row(((*key).to_owned(), about)));
        let text: String = commands.chain(["\n".to_owned()]).chain(keys).collect();
        self.say(text.trim_end());
    }

    async fn list_chats(&self) -> Result<()> {
        let rows = self.unless_cancelled(self.session.chats(1)).await?;
        if rows.is_empty() {
            self.say("no chats");
        }
        for row in rows.iter().take(MOST_LISTED) {
            let id: String = row.id.as_str().chars().take(ChatId::SHORT).collect();
            let mark = if self.chat.as_ref() == Some(&row.id) { '*' } else { ' ' };
            let title = one_line(row.title.as_deref().unwrap_or_default());
            self.say(&self.cut(&format!("{mark} {id}  {title}")));
        }
        Ok(())
    }

    async fn choose_model(&mut self, argument: &str) -> Result<()> {
        let models = self.unless_cancelled(self.session.models()).await?;
        if argument.is_empty() {
            for model in &models {
                let current = self.model.as_ref().or(self.last.as_ref().map(|last| &last.model));
                let mark = if current == Some(&model.id) { '*' } else { ' ' };
                self.say(&self.cut(&format!("{mark} {}", one_line(&model.id))));
            }
            return Ok(());
        }
        let known: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
        let same = known.iter().find(|known| known.eq_ignore_ascii_case(argument));
        let mut begun = known.iter().filter(|known| known.starts_with(argument));
        let found = same.or_else(|| begun.next().filter(|_| begun.next().is_none()));
        let Some(model) = found else {
            let error = Error::invalid(format!("the upstream has no model `{argument}`"));
            return Err(match nearest(argument, known.iter().copied()) {
                Some(near) => error.with_hint(format!("did you mean `{near}`? `/model` lists all")),
                None => error.with_hint("`/model` lists the models"),
            });
        };
        self.model = Some((*model).to_owned());
        self.say(&format!("the model is {}", one_line(model)));
        Ok(())
    }

    fn set_system(&mut self, argument: &str) {
        match (argument, &self.system) {
            ("", Some(text)) => self.say(&clean(text)),
            ("", None) => self.say("there is no system prompt; `/system TEXT` sets one"),
            ("off" | "none", _) => {
                self.system = None;
                self.say("the system prompt is removed");
            }
            (text, _) => {
                self.system = Some(text.to_owned());
                self.say("the system prompt goes with each prompt from now on");
            }
        }
    }

    /// The chat, for a command that needs one.
    fn this_chat(&self) -> Result<ChatId> {
        self.chat.clone().ok_or_else(|| {
            Error::invalid("this chat is still empty").with_hint("send a prompt, or `/open` a chat")
        })
    }

    async fn retry(&mut self, argument: &str) -> Result<Next> {
        let id = self.this_chat()?;
        let chat = self.unless_cancelled(chats::show(&self.session, &id)).await?;
        let prompt = prompts(&chat, self.parent.as_deref()).pop();
        let prompt = prompt.ok_or_else(|| Error::invalid("there is no prompt to answer again"))?;
        let text = self.text_of(&prompt);
        if !argument.is_empty() {
            self.choose_model(argument).await?;
        }
        Ok(Next::Ask { text, parent: Some(prompt.parent) })
    }

    /// Edits a prompt: in an editor if there is one, else in the line.
    async fn edit(&mut self, argument: &str) -> Result<Next> {
        let id = self.this_chat()?;
        let chat = self.unless_cancelled(chats::show(&self.session, &id)).await?;
        let mut all = prompts(&chat, self.parent.as_deref());
        let at = match argument {
            "" => all.len(),
            number => {
                number.parse().ok().filter(|at| (1..=all.len()).contains(at)).ok_or_else(|| {
                    let error = Error::invalid(format!("there is no prompt {argument}"));
                    error.with_hint(format!("the prompts are 1 to {}", all.len()))
                })?
            }
        };
        let Some(at) = at.checked_sub(1) else {
            return Err(Error::invalid("there is no prompt to edit"));
        };
        let prompt = all.swap_remove(at);
        let text = self.text_of(&prompt);
        if editor::is_set(&self.context.environment) || self.line.is_plain() {
            return Ok(match self.open_editor(&text).await? {
                Some(edited) if edited.trim() == text.trim() => {
                    self.say("the prompt is unchanged; `/retry` answers it again");
                    Next::Go
                }
                Some(text) => Next::Ask { text, parent: Some(prompt.parent) },
                None => {
                    self.say("nothing is sent");
                    Next::Go
                }
            });
        }
        self.say("edit the prompt and press Enter; Ctrl-C cancels");
        self.initial = clean(&text);
        self.edited = Some(prompt.parent);
        Ok(Next::Go)
    }

    /// The text of a prompt as it was typed: the upstream has the system prompt in front of it.
    fn text_of(&self, prompt: &branches::SentPrompt) -> String {
        let known = self.typed.get(&prompt.id).cloned();
        known.unwrap_or_else(|| prompt_of(&prompt.text, self.system.as_deref()))
    }

    async fn branch(&mut self, argument: &str) -> Result<()> {
        let id = self.this_chat()?;
        let chat = self.unless_cancelled(chats::show(&self.session, &id)).await?;
        let all = branches(&chat, self.parent.as_deref());
        if argument.is_empty() {
            if all.len() < 2 {
                self.say("there is one branch; `/edit` and `/retry` make others");
                return Ok(());
            }
            for (at, branch) in all.iter().enumerate() {
                let mark = if branch.is_current { '*' } else { ' ' };
                let model = branch.model.as_deref().map(one_line).unwrap_or_default();
                let text = one_line(&prompt_of(&branch.prompt, self.system.as_deref()));
                let text = cut(&text, LONGEST_QUOTE);
                let line = format!(
                    "{mark} {}  {text} → {} ({model})",
                    at + 1,
                    cut(&one_line(&branch.reply), LONGEST_QUOTE),
                );
                self.say(&self.cut(&line));
            }
            return Ok(());
        }
        let chosen = argument.parse::<usize>().ok().and_then(|at| all.get(at.checked_sub(1)?));
        let chosen = chosen.ok_or_else(|| {
            let error = Error::invalid(format!("there is no branch {argument}"));
            error.with_hint(format!("the branches are 1 to {}; `/branch` lists them", all.len()))
        })?;
        self.parent = Some(chosen.parent.clone());
        self.show_last(&chat);
        Ok(())
    }

    async fn copy(&self, argument: &str) -> Result<()> {
        let answer = self.last_answer()?;
        let text = match argument {
            "" => answer.to_owned(),
            "code" => {
                let block = code::blocks(answer).pop();
                block.ok_or_else(|| Error::invalid("the last answer has no code block"))?.text
            }
            _ => return Err(Error::invalid("`/copy` takes `code`, or nothing")),
        };
        let copying = clipboard::copy(&self.context.environment, &text);
        let done = self.unless_cancelled(copying).await?;
        let count = text.chars().count();
        self.say(&format!("{count} characters copied{done}"));
        Ok(())
    }

    fn save(&self, argument: &str) -> Result<()> {
        let answer = self.last_answer()?;
        if argument.is_empty() {
            return Err(Error::invalid("`/save` needs the name of a file"));
        }
        let path = home_path(&self.context.environment, &path_in(argument));
        files::write_whole(&path, answer.as_bytes(), false)
            .map_err(|fault| unwritable(&path, &fault, "choose another name"))?;
        self.say(&format!("the answer is in {}", path.display()));
        Ok(())
    }

    /// The text of the last answer.
    fn last_answer(&self) -> Result<&str> {
        let answer = self.last.as_ref().map(|reply| reply.content.as_str());
        answer
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Error::invalid("there is no answer yet"))
    }

    async fn set_title(&mut self, argument: &str) -> Result<()> {
        let id = self.this_chat()?;
        if argument.is_empty() {
            let chat = self.unless_cancelled(self.session.chat(&id)).await?;
            let title = one_line(chat.title.as_deref().unwrap_or("(no title)"));
            self.say(&format!("{title} · {id}"));
            return Ok(());
        }
        self.unless_cancelled(chats::rename(&self.session, &id, argument)).await?;
        self.say("the title is changed");
        Ok(())
    }

    /// Deletes the chat, after a copy is in the trash, if there is one.
    async fn delete(&mut self) -> Result<()> {
        let id = self.this_chat()?;
        let place = archive::place(self.context, &self.loaded)?;
        let trash = self.unless_cancelled(place.open(&self.session)).await?;
        let question = match &trash {
            Some(_) => "Delete this chat? The trash keeps a copy. [y/N] ",
            None => "Delete this chat? No copy is kept. [y/N] ",
        };
        if !self.confirm(question).await {
            self.say("nothing was deleted");
            return Ok(());
        }
        let mut deleted = None;
        if let Some(trash) = &trash {
            let chats = vec![(id.clone(), None)];
            trash.delete(chats, place.grace, |deletion| deleted = Some(deletion)).await?;
        } else {
            let ids = std::slice::from_ref(&id);
            chats::delete(
                &self.session,
                ids,
                async |ids| Ok(ids),
                |deletion| deleted = Some(deletion),
            )
            .await;
        }
        match deleted.map(|deletion| deletion.result) {
            Some(Err(error)) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ if trash.is_some() => {
                self.say(&format!("`qwenctl chats trash restore {id}` brings it back"));
            }
            _ => {}
        }
        self.begin();
        Ok(())
    }

    fn usage(&self) {
        let usage = |name: &str, input: u64, output: u64| {
            self.say(&format!("{name}: {input} tokens in, {output} out"));
        };
        match self.last.as_ref().and_then(|reply| reply.usage) {
            Some(last) => usage("last answer", last.input_tokens, last.output_tokens),
            None => self.say("the upstream reported no tokens for the last answer"),
        }
        let spent = self.spent;
        let s = if spent.answers == 1 { "" } else { "s" };
        usage(&format!("{} answer{s}", spent.answers), spent.input, spent.output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_with_a_slash_and_a_name_is_a_command() {
        for (line, expected) in [
            ("/help", Some(("help", ""))),
            (" /open  my chat ", Some(("open", "my chat"))),
            ("/?", Some(("?", ""))),
            ("/system one\ntwo", Some(("system", "one\ntwo"))),
            ("exit", Some(("exit", ""))),
            ("/etc/hosts explains what?", None),
            ("/save this\nand that", None),
            ("/ 2", None),
            ("//help", None),
            ("exit now", None),
            ("", None),
        ] {
            assert_eq!(parse(line), expected, "{line:?}");
        }
    }

    #[test]
    fn other_names_and_near_misses_are_known() {
        let name = |typed| named(typed).map(|command| command.name);
        assert_eq!(name("bye").ok(), Some("exit"));
        assert_eq!(name("HELP").ok(), Some("help"));
        let error = name("modle").expect_err("unknown");
        assert!(error.hint().is_some_and(|hint| hint.contains("`/model`")), "{error}");
        assert!(switch("", false).is_ok_and(|on| on) && switch("maybe", true).is_err());
    }

    #[test]
    fn the_help_names_every_command_that_works() {
        let mut tree = crate::cli::args::tree();
        let chat = tree.find_subcommand_mut("chat").expect("chat");
        let help = chat.render_long_help().to_string();
        for command in COMMANDS.iter().filter(|command| !command.about.contains("not available")) {
            assert!(help.contains(&format!("/{}", command.name)), "{}", command.name);
        }
    }

    #[cfg(unix)]
    #[test]
    fn paths_may_be_quoted_or_escaped() {
        for (argument, path) in [
            ("a b.md", "a b.md"),
            ("\"a b.md\"", "a b.md"),
            ("'a b.md'", "a b.md"),
            ("a\\ b.md", "a b.md"),
            ("\"a", "\"a"),
            ("\"\"", "\"\""),
            ("\"", "\""),
        ] {
            assert_eq!(path_in(argument), path);
        }
    }

    #[test]
    fn every_alias_is_the_name_of_a_command() {
        for (alias, name) in ALIASES {
            assert!(COMMANDS.iter().any(|command| command.name == name), "{alias}");
            assert!(COMMANDS.iter().all(|command| command.name != alias), "{alias}");
        }
    }
}
