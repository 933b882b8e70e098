//! Templates of prompts: plain TOML files in the directory `templates` beside the config file.
//!
//! ```toml
//! about = "Review code"
//! system = "You are a careful reviewer."
//! model = "qwen3-max"
//! think = true
//! prompt = """
//! Review this {{language}} code:
//!
//! {{input}}
//! """
//! [defaults]
//! language = "Rust"
//! ```
//!
//! What it keeps true: a variable without a value and a value without a variable are errors that name
//! both; a value is text, whatever it contains.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Paths, nearest};
use crate::domain::{Error, ErrorKind, Result};

/// The variable for the message.
const INPUT: &str = "input";

/// The largest file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

const SUFFIX: &str = "toml";

/// A new template.
pub const SKELETON: &str =
    "# {{input}} is the message of the command; other variables are set with `--var`.
about = \"\"
# system = \"\"
# model = \"\"
# think = true
# search = true
prompt = \"\"\"
{{input}}
\"\"\"

# [defaults]
# language = \"English\"
";

/// A template.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its name.
    #[serde(skip)]
    pub name: String,
    /// A few words about it.
    #[serde(default)]
    pub about: String,
    /// The prompt.
    #[serde(default)]
    prompt: String,
    /// The system prompt.
    system: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Whether the model thinks first.
    #[serde(default)]
    pub think: bool,
    /// Whether the model searches the web.
    #[serde(default)]
    pub search: bool,
    /// Values of variables that are not given.
    #[serde(default)]
    defaults: BTreeMap<String, String>,
}

/// A template with values in place of its variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledTemplate {
    /// The prompt.
    pub prompt: String,
    /// The system prompt.
    pub system: Option<String>,
}

impl Template {
    /// Parses the text of the file of the template called `name`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] naming the line.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let template: Self = toml::from_str(text).map_err(|fault| {
            let before = fault.span().map_or("", |span| text.get(..span.start).unwrap_or(text));
            let line = before.matches('\n').count() + 1;
            let fault = fault.message().lines().next().unwrap_or_default().to_owned();
            Error::invalid(format!("the template `{name}` is broken at line {line}: {fault}"))
                .with_hint(format!("correct it with `qwenctl templates edit {name}`"))
        })?;
        Ok(Self { name: name.to_owned(), ..template })
    }

    /// Whether the message goes into the prompt.
    pub fn takes_input(&self) -> bool {
        self.all_variables().any(|name| name == INPUT)
    }

    /// The variables, without the message, in their order.
    pub fn variables(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.all_variables().filter(|name| *name != INPUT) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn all_variables(&self) -> impl Iterator<Item = &str> {
        let texts = [self.system.as_deref().unwrap_or_default(), self.prompt.as_str()];
        texts.into_iter().flat_map(pieces).filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name),
            Piece::Text(_) => None,
        })
    }

    /// The template with `values` and the message. A message that the prompt has no place for follows it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] for an unknown variable, one without a value, or a missing message.
    pub fn fill(&self, values: &[(String, String)], input: Option<&str>) -> Result<FilledTemplate> {
        let known = self.variables();
        if let Some((name, _)) = values.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            let error =
                Error::invalid(format!("the template `{}` has no variable `{name}`", self.name));
            return Err(error.with_hint(match known.as_slice() {
                [] => "it has no variables; `{{input}}` is the message".to_owned(),
                known => format!("it has {}", quoted(known)),
            }));
        }
        let value = |name: &str| {
            if name == INPUT {
                return input;
            }
            let given = values.iter().rev().find(|(given, _)| given == name);
            given.map(|(_, value)| value).or_else(|| self.defaults.get(name)).map(String::as_str)
        };
        let missing: Vec<_> = known.into_iter().filter(|name| value(name).is_none()).collect();
        if !missing.is_empty() {
            let message =
                format!("the template `{}` needs a value for {}", self.name, quoted(&missing));
            let hint = missing.iter().map(|name| format!("`--var {name}=VALUE`"));
            return Err(Error::invalid(message)
                .with_hint(format!("add {}", hint.collect::<Vec<_>>().join(" "))));
        }
        if self.takes_input() && input.is_none() {
            let message = format!("the template `{}` needs a message", self.name);
            return Err(
                Error::invalid(message).with_hint("give it as an argument or on standard input")
            );
        }
        let filled = |text: &str| -> String {
            let piece = |piece| match piece {
                Piece::Text(text) => text,
                Piece::Variable(name) => value(name).unwrap_or_default(),
            };
            pieces(text).map(piece).collect()
        };
        let mut prompt = filled(&self.prompt).trim().to_owned();
        if let (Some(input), false) = (input, self.takes_input()) {
            let gap = if prompt.is_empty() { "" } else { "\n\n" };
            prompt = format!("{prompt}{gap}{input}");
        }
        let system = self.system.as_deref().map(filled);
        Ok(FilledTemplate { prompt, system: system.filter(|text| !text.trim().is_empty()) })
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A piece of a text.
enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// The text and the variables (`{{name}}`). Other braces are text.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut from = 0;
        while let Some(at) = rest[from..].find("{{").map(|at| from + at) {
            let Some(end) = rest[at..].find("}}").map(|end| at + end) else { break };
            let name = rest[at + 2..end].trim();
            if is_variable(name) {
                if at > 0 {
                    let (piece, after) = rest.split_at(at);
                    rest = after;
                    return Some(Piece::Text(piece));
                }
                rest = &rest[end + 2..];
                return Some(Piece::Variable(name));
            }
            from = at + 1;
        }
        Some(Piece::Text(std::mem::take(&mut rest)))
    })
}

/// Whether it can be the name of a variable.
fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// A variable and its value, as in `--var NAME=VALUE`.
///
/// # Errors
/// What is wrong with it.
pub fn parse_variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    match name.trim() {
        INPUT => Err("`input` is the message itself".to_owned()),
        name if is_variable(name) => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a name has letters, digits, `-` and `_`, and begins with a letter".to_owned()),
    }
}

/// The directory of the templates.
#[derive(Debug, Clone)]
pub struct Templates {
    directory: PathBuf,
}

impl Paths {
    /// The templates, beside the config file.
    ///
    /// # Errors
    /// Without a home directory and a named config file.
    pub fn templates(&self) -> Result<Templates> {
        Ok(Templates { directory: self.config_file()?.with_file_name("templates") })
    }
}

impl Templates {
    /// The directory; it need not exist.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The file of the template called `name`; it need not exist.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] if no template can have that name.
    pub fn path(&self, name: &str) -> Result<PathBuf> {
        const LONGEST: usize = 64;
        let is_usual = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.chars().count() > LONGEST || !name.chars().all(is_usual) {
            let message = format!("`{name}` is not the name of a template");
            return Err(Error::invalid(message)
                .with_hint(format!("a name has 1 to {LONGEST} letters, digits, `-` and `_`")));
        }
        Ok(self.directory.join(name).with_extension(SUFFIX))
    }

    /// The names of all templates, in order.
    pub fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.directory) else { return Vec::new() };
        let paths = entries.flatten().map(|entry| entry.path());
        let templates = paths.filter(|path| path.extension().is_some_and(|end| end == SUFFIX));
        let mut names: Vec<String> = templates
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .filter(|name| self.path(name).is_ok())
            .collect();
        names.sort();
        names
    }

    /// The text of the file of the template called `name`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] with the names that there are; if it cannot be read.
    pub fn text(&self, name: &str) -> Result<String> {
        let path = self.path(name)?;
        let unreadable = |fault: &str| {
            Error::invalid(format!("cannot read the template {}: {fault}", path.display()))
        };
        match fs::metadata(&path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Err(self.unknown(name)),
            Err(fault) => Err(unreadable(&fault.to_string())),
            Ok(found) if !found.is_file() => Err(unreadable("it is not a file")),
            Ok(found) if found.len() > MAX_BYTES => Err(unreadable("it is larger than 1 MiB")),
            Ok(_) => fs::read_to_string(&path).map_err(|fault| unreadable(&fault.to_string())),
        }
    }

    /// The template called `name`.
    ///
    /// # Errors
    /// Those of [`Templates::text`] and [`Template::parse`].
    pub fn load(&self, name: &str) -> Result<Template> {
        Template::parse(name, &self.text(name)?)
    }

    fn unknown(&self, name: &str) -> Error {
        let names = self.names();
        let near = nearest(name, names.iter().map(String::as_str));
        let hint = match (near, names.as_slice()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) => format!("there are none yet; `qwenctl templates edit {name}` makes it"),
            (None, names) => format!("there are {}", names.join(", ")),
        };
        let message = format!("there is no template `{name}`");
        Error::new(ErrorKind::NotFound, message).with_hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::parse("t", text).expect("a template")
    }

    fn set(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn values_take_the_place_of_variables_and_are_not_read_again() {
        let template = template(
            "prompt = \"{{a}} {{ b }} {{a}} {{ 1 }} {{}} { {{\\n{{input}}\"\nsystem = \"In {{b}}\"\n\
             [defaults]\nb = \"B\"\n",
        );
        assert_eq!(template.variables(), ["b", "a"]);
        let filled = template.fill(&set(&[("a", "{{b}}")]), Some("{{a}}")).expect("filled");
        assert_eq!(filled.prompt, "{{b}} B {{b}} {{ 1 }} {{}} { {{\n{{a}}");
        assert_eq!(filled.system.as_deref(), Some("In B"));
    }

    #[test]
    fn a_message_without_a_place_follows_the_prompt() {
        let filled = template("prompt = 'Translate:'").fill(&[], Some("x")).expect("filled");
        assert_eq!(filled.prompt, "Translate:\n\nx");
        let filled = template("system = 's'").fill(&[], Some("x")).expect("filled");
        assert_eq!((filled.prompt.as_str(), filled.system.as_deref()), ("x", Some("s")));
    }

    #[test]
    fn unknown_and_missing_values_are_named() {
        let template = template("prompt = '{{lang}} {{tone}} {{input}}'");
        let fault = |values: &[(&str, &str)], input| {
            let error = template.fill(&set(values), input).expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            format!("{}; {}", error.message(), error.hint().unwrap_or_default())
        };
        let text = fault(&[("long", "x")], Some("m"));
        assert!(text.contains("no variable `long`") && text.contains("`lang`, `tone`"), "{text}");
        let text = fault(&[("lang", "x")], Some("m"));
        assert!(text.contains("value for `tone`") && text.contains("--var tone="), "{text}");
        let text = fault(&[("lang", "x"), ("tone", "y")], None);
        assert!(text.contains("needs a message"), "{text}");
    }

    #[test]
    fn a_broken_file_is_reported_with_its_line() {
        for (text, line) in [("prompt = 'a'\nmodle = 'b'\n", 2), ("a = \n", 1), ("think = 1", 1)] {
            let error = Template::parse("t", text).expect_err("broken");
            assert!(error.message().contains(&format!("line {line}")), "{error}");
        }
        assert!(Template::parse("t", SKELETON).is_ok_and(|template| template.takes_input()));
    }

    #[test]
    fn names_stay_in_the_directory() {
        let templates = Templates { directory: PathBuf::from("/t") };
        assert_eq!(templates.path("dịch-1").ok(), Some("/t/dịch-1.toml".into()));
        for bad in ["", "a/b", "..", ".hidden", "a.b", "a b", &"x".repeat(65)] {
            assert!(templates.path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn variables_are_given_as_pairs() {
        assert_eq!(parse_variable("a=b=c").ok(), Some(("a".to_owned(), "b=c".to_owned())));
        for bad in ["a", "=b", "1=b", "input=x", "a b=c"] {
            assert!(parse_variable(bad).is_err(), "{bad}");
        }
    }
}
