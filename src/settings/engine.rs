//! Checks of the settings of an engine: its address, its models, its key. Like [`super::parse`],
//! nothing here repeats a value in an error.

use std::fmt;

use reqwest::Url;
use secrecy::SecretString;

use super::nearest;
use super::parse::{self, Checked};
use crate::net::address;

/// Names for the addresses of widespread engines.
const ENGINES: [(&str, &str); 4] = [
    ("ollama", "http://127.0.0.1:11434/v1"),
    ("lmstudio", "http://127.0.0.1:1234/v1"),
    ("dashscope", "https://dashscope.aliyuncs.com/compatible-mode/v1"),
    ("dashscope-intl", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
];

/// The models of an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineModels {
    /// Pairs of a requested name and the engine's name for it.
    pub pairs: Vec<(String, String)>,
    /// The engine's model for every name that neither it nor the pairs have.
    pub default: Option<String>,
}

impl fmt::Display for EngineModels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.pairs.iter().map(|(name, model)| format!("{name}={model}"));
        f.write_str(&pairs.chain(self.default.clone()).collect::<Vec<_>>().join("; "))
    }
}

/// The address of an engine, or a name for one; `echo` means no engine.
pub(super) fn engine_url(text: &str) -> Checked<Option<String>> {
    let name = text.trim().to_ascii_lowercase();
    if name == "echo" {
        return Ok(None);
    }
    if let Some((_, url)) = ENGINES.iter().find(|(preset, _)| *preset == name) {
        return Ok(Some((*url).to_owned()));
    }
    if !name.contains("://") {
        let names: Vec<_> = ENGINES.iter().map(|(preset, _)| *preset).collect();
        let guess = nearest(&name, names.iter().copied());
        let guess = guess.map(|guess| format!("; did you mean `{guess}`?")).unwrap_or_default();
        return Err(format!(
            "must be a URL such as http://127.0.0.1:8080/v1, or one of {}, echo{guess}",
            names.join(", ")
        ));
    }
    parse::base_url(text).map(Some)
}

/// Whether an engine is the official paid API.
pub(super) fn is_dashscope(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| address::is_dashscope(&url))
}

/// The models of an engine, separated by `;` or `,`: pairs of names, and at most one model for all
/// other names.
pub(super) fn models(text: &str) -> Checked<EngineModels> {
    const FORM: &str = "must be models such as `qwen3-max=llama3.2; llama3.2`, each name once";
    let mut models = EngineModels::default();
    for part in text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            None if models.default.is_none() => models.default = Some(checked_model(part, FORM)?),
            None => return Err(FORM.to_owned()),
            Some((name, wanted)) => {
                let name = checked_model(name, FORM)?;
                if models.pairs.iter().any(|(known, _)| *known == name) {
                    return Err(FORM.to_owned());
                }
                models.pairs.push((name, checked_model(wanted, FORM)?));
            }
        }
    }
    Ok(models)
}

fn checked_model(text: &str, form: &str) -> Checked<String> {
    parse::model(text).map_err(|_| form.to_owned())
}

/// A key that a header can carry.
pub(super) fn key(text: &str) -> Checked<SecretString> {
    parse::header_value(text).map(SecretString::from)
}

/// A number of tokens.
pub(super) fn tokens(text: &str) -> Checked<u64> {
    let number = text.trim().parse().ok().filter(|number| (1..=100_000_000).contains(number));
    number.ok_or_else(|| "must be a number of tokens, such as 8192".to_owned())
}
