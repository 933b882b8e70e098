//! Files that go with a prompt: from `--file`, from standard input, and from what is typed or pasted in a
//! conversation.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::context::Context;
use super::interrupt::beside;
use super::output::{Outcome, Output, Progress, clean, lock};
use crate::app::answer::{LongAsFile, Question};
use crate::app::attach;
use crate::app::documents::{DataDocument, DryRunData};
use crate::client::{FileSource, UploadSink, UploadStep, check_together};
use crate::domain::{Error, FileKind};
use crate::settings::{Environment, LongTexts};

/// The files of a prompt.
#[derive(Default)]
pub(super) struct Attachments {
    pub files: Vec<FileSource>,
    /// Addresses of pictures that the upstream reads by itself.
    pub images: Vec<String>,
}

impl Attachments {
    /// Adds them to a prompt.
    pub(super) fn add_to(self, question: &mut Question) {
        question.files.extend(self.files);
        question.images.extend(self.images);
    }
}

impl Context {
    /// Reads or fetches what `given` names: paths, addresses, and `-` for standard input.
    ///
    /// # Errors
    /// For anything that cannot go with a prompt. Nothing is sent then.
    pub(super) async fn attachments(&self, given: &[String]) -> Outcome<Attachments> {
        let mut attachments = Attachments::default();
        let allows_private = self.settings().await?.settings.private_urls.value;
        for named in given {
            if named == "-" {
                attachments.files.push(self.standard_input().await?);
            } else if attach::is_own_address(named) {
                attachments.images.push(named.clone());
            } else if attach::is_url(named) {
                let spinner = self.output.spinner("fetching the file");
                let fetch = attach::from_url(named, allows_private);
                attachments.files.push(self.interrupt.or(fetch).await?);
                drop(spinner);
            } else {
                let path = home_path(&self.environment, named);
                attachments.files.push(self.interrupt.or(attach::from_path(path)).await?);
            }
        }
        check_together(&attachments.files)?;
        Ok(attachments)
    }

    /// Standard input as a file.
    async fn standard_input(&self) -> Outcome<FileSource> {
        let no_input =
            || Error::invalid("`--file -` reads standard input, which is used for something else");
        if self.stdin_is_token().await? {
            return Err(no_input().into());
        }
        let stdin = self.take_stdin().ok_or_else(no_input)?;
        let read = beside(move || FileSource::read("stdin", stdin.reader));
        Ok(self.interrupt.or(read).await??)
    }

    /// When a message goes as a file; the part after `typed` bytes does.
    pub(super) async fn long_as_file(&self, typed: usize) -> Outcome<LongAsFile> {
        Ok(match self.settings().await?.settings.long_as_file.value {
            LongTexts::Auto => LongAsFile::Auto(typed),
            LongTexts::Always => LongAsFile::Always(typed),
            LongTexts::Never => LongAsFile::Never,
        })
    }
}

/// Prints what would be sent.
///
/// # Errors
/// If standard output cannot be written.
pub(super) fn dry_run(output: &Output, question: &Question) -> Outcome {
    let data = DryRunData::new(question.message(), &question.files, &question.images);
    output.result(&DataDocument::new(data), |_| {
        let mut text = format!("a message of {} bytes\n", question.message().len());
        for file in &question.files {
            let FileSource { name, media_type, size, kind, .. } = file;
            let _ = writeln!(text, "{kind}: {} ({media_type}, {size} bytes)", clean(name));
        }
        for image in &question.images {
            let _ = writeln!(text, "{}: {}", FileKind::Image, clean(image));
        }
        text + "nothing was sent\n"
    })
}

/// Shows the progress of each upload on standard error.
pub(super) fn upload_bars(output: &Output) -> UploadSink {
    let output = output.clone();
    let shown: Mutex<Option<(String, bool, Progress)>> = Mutex::new(None);
    Arc::new(move |file, step| {
        let mut shown = lock(&shown);
        let is_parsing = step == UploadStep::Parsing;
        if step == UploadStep::Done {
            *shown = None;
            return;
        }
        let is_shown = shown
            .as_ref()
            .is_some_and(|(name, parsing, _)| *name == file.name && *parsing == is_parsing);
        if !is_shown {
            // The old one leaves the screen first.
            *shown = None;
            let name = clean(&file.name);
            let progress = if is_parsing {
                output.spinner(&format!("the service reads {name}"))
            } else {
                output.byte_bar(&format!("uploading {name}"), file.size)
            };
            *shown = Some((file.name.clone(), is_parsing, progress));
        }
        if let (UploadStep::Sent(bytes), Some((.., progress))) = (step, &*shown) {
            progress.set(usize::try_from(bytes).unwrap_or(usize::MAX));
        }
    })
}

/// The path that a person types, in which `~/` is the home directory.
pub(super) fn home_path(environment: &Environment, typed: &str) -> PathBuf {
    match (typed.strip_prefix("~/"), environment.get("HOME")) {
        (Some(rest), Some(home)) => Path::new(home).join(rest),
        _ => PathBuf::from(typed),
    }
}

/// The paths that words `@PATH` name: of files that exist, or that are paths by their look.
pub(super) fn mentioned(environment: &Environment, text: &str) -> Vec<String> {
    let words = text.split_whitespace().filter_map(|word| word.strip_prefix('@'));
    let is_path = |path: &str| {
        ["/", "./", "../", "~/"].iter().any(|start| path.starts_with(start))
            || home_path(environment, path).is_file()
    };
    let paths = words.filter(|path| !path.is_empty() && !path.starts_with('@'));
    paths.filter(|path| is_path(path)).map(str::to_owned).collect()
}

/// The file that a terminal has pasted as a line of its own: an absolute path, quoted or escaped.
pub(super) fn pasted_path(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = [('\'', '\''), ('"', '"')]
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close));
    let path = inner.map_or_else(|| text.replace('\\', ""), str::to_owned);
    let path = path.strip_prefix("file://").unwrap_or(&path).to_owned();
    (!path.contains('\n') && path.starts_with('/') && Path::new(&path).is_file()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_path_is_recognised_however_it_is_quoted() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("my picture.png");
        std::fs::write(&path, "x").expect("written");
        let path = path.to_str().expect("UTF-8");
        let escaped = path.replace(' ', "\\ ");
        for text in [path, &format!("'{path}' "), &escaped, &format!("file://{path}")] {
            assert_eq!(pasted_path(text).as_deref(), Some(path), "{text}");
        }
        for text in ["my picture.png", "/none/such.png", &format!("look at {path}")] {
            assert_eq!(pasted_path(text), None, "{text}");
        }
    }
}
