//! Export: chats of the archive, or of the account, in the formats of people and of other programs.
//!
//! What this module keeps true: one chat is held at a time; a file appears whole or not at all; a file that
//! this program did not write is never replaced.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::Serialize;
use tempfile::NamedTempFile;

use super::archive::{Leaving, Mode, Order, Owner, beside};
use super::documents::{ChatData, DataDocument};
use crate::archive::export::{self, Options};
pub(crate) use crate::archive::export::{Branches, Format, file_name};
use crate::archive::record::{self, Reader};
pub(crate) use crate::archive::record::{Place, Record, Selection};
use crate::archive::search::{Pattern, SearchRequest};
use crate::client::Session;
use crate::domain::{ChatId, Error, ErrorKind, Result};

/// How much of a file shows who wrote it, in bytes.
const HEAD: usize = 64 * 1024;

/// The archive, to export from.
#[derive(Clone)]
pub(crate) struct Shelf {
    reader: Option<Arc<Mutex<Reader>>>,
    owner: Owner,
}

impl Shelf {
    /// Opens the archive at `path`, if there is one, for the chats of `owner`.
    ///
    /// # Errors
    /// Those of the archive.
    pub(crate) async fn open(path: PathBuf, owner: Owner) -> Result<Self> {
        let reader = beside(move || Reader::open(&path)).await?;
        Ok(Self { reader: reader.map(|reader| Arc::new(Mutex::new(reader))), owner })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Reader, Owner) -> Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let Some(reader) = self.reader.clone() else { return Ok(None) };
        let owner = self.owner;
        beside(move || work(&reader.lock(), owner)).await.map(Some)
    }

    /// The chat whose id begins like this.
    ///
    /// # Errors
    /// Those of the archive; [`ErrorKind::InvalidRequest`] if there are several.
    pub(crate) async fn named(&self, id: String) -> Result<Option<Place>> {
        Ok(self.run(move |reader, owner| reader.named(owner, &id)).await?.flatten())
    }

    /// The selected chats, those with the newest message first; `None` without an archive. A search for
    /// them ends with its caller.
    ///
    /// # Errors
    /// Those of the archive.
    pub(crate) async fn select(&self, mut selection: Selection) -> Result<Option<Vec<Place>>> {
        let leaving = Leaving(Arc::default());
        if let Some(request) = &mut selection.matching {
            request.owner = self.owner;
            request.cancelled = Arc::clone(&leaving.0);
        }
        self.run(move |reader, owner| reader.select(owner, &selection)).await
    }

    /// Everything about a chat; `None` if it is no longer there.
    ///
    /// # Errors
    /// Those of the archive.
    pub(crate) async fn record(&self, place: Place, with_raw: bool) -> Result<Option<Record>> {
        Ok(self.run(move |reader, _| reader.record(&place, with_raw)).await?.flatten())
    }
}

/// The search for a query that takes no longer than `time`, for [`Selection::matching`].
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] for the query.
pub(crate) fn matching(query: &str, time: Duration) -> Result<SearchRequest> {
    let (pattern, filters) = Pattern::parse(query, Mode::Words)?;
    Ok(SearchRequest {
        pattern,
        filters,
        order: Order::Newest,
        offset: 0,
        limit: 0,
        owner: Owner::Only,
        time,
        cancelled: Arc::default(),
    })
}

/// A chat of the account.
///
/// # Errors
/// Those of the client.
pub(crate) async fn fetch(session: &Session, id: &ChatId) -> Result<Record> {
    let (chat, raw) = session.chat_as_sent(id).await?;
    Ok(Record::new(chat, Some(raw)))
}

/// How chats are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// The format.
    pub format: Format,
    /// Which messages; `None` is what suits the format.
    pub branches: Option<Branches>,
    /// Whether thoughts are written where the format has no place of its own for them.
    pub thinking: bool,
    /// Whether our own format holds what the upstream sent.
    pub raw: bool,
}

impl Style {
    /// Refuses what a format cannot have.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`].
    pub(crate) fn check(self) -> Result<()> {
        let one_branch = matches!(self.format, Format::ShareGpt | Format::OpenAiJsonl);
        let every_branch = matches!(self.format, Format::Ndjson | Format::Qwen);
        let fault = match self.branches {
            Some(Branches::All) if one_branch => "has one branch of a chat",
            Some(Branches::Current) if every_branch => "has all branches of a chat",
            _ if self.raw && self.format != Format::Ndjson => {
                return Err(Error::invalid("only the format `ndjson` has a raw document"));
            }
            _ => return Ok(()),
        };
        Err(Error::invalid(format!("this format always {fault}")))
    }

    /// Whether the raw document of a chat is needed.
    pub(crate) fn needs_raw(self) -> bool {
        self.raw || self.format == Format::Qwen
    }

    fn options(self) -> Options {
        let is_whole = matches!(
            self.format,
            Format::Ndjson | Format::Qwen | Format::OpenWebUi | Format::ChatGpt
        );
        let usual = if is_whole { Branches::All } else { Branches::Current };
        Options { branches: self.branches.unwrap_or(usual), thinking: self.thinking }
    }
}

/// Writes chats one after another, with what stands between them.
#[derive(Clone, Copy)]
pub(crate) struct Encoder {
    style: Style,
    /// Whether there is one chat, and not a list.
    is_single: bool,
    /// How many chats were written.
    pub written: usize,
}

impl Encoder {
    /// Writes chats in this style: one, or a list.
    pub(crate) fn new(style: Style, is_single: bool) -> Self {
        Self { style, is_single, written: 0 }
    }

    /// The bytes of a chat; `None` if the format has nothing of it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn chat(&mut self, record: &Record) -> Result<Option<Vec<u8>>> {
        let Some(item) = self.item(record).map_err(|fault| {
            Error::new(ErrorKind::Internal, "a chat cannot be exported").caused_by(fault)
        })?
        else {
            return Ok(None);
        };
        let mut out = Vec::with_capacity(item.len() + 32);
        out.extend_from_slice(match (self.layout(), self.written) {
            (Layout::Array, 0) => b"[\n",
            (Layout::Document, 0) => br#"{"success":true,"data":["#,
            (Layout::Array, _) => b",\n",
            (Layout::Document, _) => b",",
            (Layout::Plain | Layout::Lines, _) => b"",
        });
        out.extend_from_slice(&item);
        if self.layout() == Layout::Lines {
            out.push(b'\n');
        }
        self.written += 1;
        Ok(Some(out))
    }

    /// The same beside the runtime: a text may be long.
    ///
    /// # Errors
    /// As for [`Encoder::chat`].
    pub(crate) async fn encode(&mut self, record: Record) -> Result<Option<Vec<u8>>> {
        let mut encoder = *self;
        let (encoder, bytes) = beside(move || {
            let bytes = encoder.chat(&record)?;
            Ok((encoder, bytes))
        })
        .await?;
        *self = encoder;
        Ok(bytes)
    }

    /// The bytes at the end.
    pub(crate) fn end(&self) -> Vec<u8> {
        let total = self.written;
        match (self.layout(), total) {
            (Layout::Array, 0) => b"[]\n".to_vec(),
            (Layout::Array, _) => b"\n]\n".to_vec(),
            (Layout::Document, 0) => b"{\"success\":true,\"data\":[],\"total\":0}\n".to_vec(),
            (Layout::Document, _) => format!("],\"total\":{total}}}\n").into_bytes(),
            (Layout::Plain | Layout::Lines, _) => Vec::new(),
        }
    }

    fn layout(&self) -> Layout {
        match self.style.format {
            Format::Ndjson | Format::OpenAiJsonl => Layout::Lines,
            Format::Json if !self.is_single => Layout::Document,
            Format::Json | Format::Markdown | Format::Html => Layout::Plain,
            Format::Qwen | Format::OpenWebUi | Format::ChatGpt | Format::ShareGpt => Layout::Array,
        }
    }

    fn item(&self, record: &Record) -> serde_json::Result<Option<Vec<u8>>> {
        let options = self.style.options();
        let is_current = options.branches == Branches::Current;
        let branch = || {
            let mut record = record.clone();
            record.chat.messages = record.chat.branch().into_iter().cloned().collect();
            record
        };
        Ok(Some(match self.style.format {
            Format::Ndjson if record.raw.is_some() && !self.style.raw => {
                Record { raw: None, ..record.clone() }.line()?
            }
            Format::Ndjson => record.line()?,
            Format::Markdown => export::markdown(record, options).into_bytes(),
            Format::Html => export::html(record, options).into_bytes(),
            Format::Json => self.json(&if is_current {
                ChatData::branch(&record.chat)
            } else {
                ChatData::new(&record.chat, &record.chat.messages)
            })?,
            Format::Qwen => export::qwen(record)?,
            Format::OpenWebUi if is_current => to_vec(&export::openwebui(&branch()))?,
            Format::OpenWebUi => to_vec(&export::openwebui(record))?,
            Format::ChatGpt if is_current => to_vec(&export::chatgpt(&branch()))?,
            Format::ChatGpt => to_vec(&export::chatgpt(record))?,
            Format::ShareGpt => {
                return export::sharegpt(record, options.thinking)
                    .map(|item| to_vec(&item))
                    .transpose();
            }
            Format::OpenAiJsonl => {
                return export::openai(record, options.thinking)
                    .map(|item| to_vec(&item))
                    .transpose();
            }
        }))
    }

    fn json(&self, data: &ChatData<'_>) -> serde_json::Result<Vec<u8>> {
        if !self.is_single {
            return to_vec(data);
        }
        let mut document = to_vec(&DataDocument::new(data))?;
        document.push(b'\n');
        Ok(document)
    }
}

fn to_vec(document: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(document)
}

/// What stands between chats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Nothing.
    Plain,
    /// A line break after each.
    Lines,
    /// A JSON array.
    Array,
    /// The document of a list in the REST API.
    Document,
}

/// Where the file of a chat stands in a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folders {
    /// In the directory itself.
    Flat,
    /// In folders for years and months.
    YearMonth,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// It is new, or has another content.
    Yes,
    /// It had this content already.
    Unchanged,
}

/// A directory with one file for each chat.
pub(crate) struct Directory {
    path: PathBuf,
    format: Format,
    folders: Folders,
    /// Whether the file of a chat that has another name by now is removed.
    update: bool,
    /// The files that were there, by the short id in their names.
    known: HashMap<String, Vec<PathBuf>>,
    /// The files of this run.
    made: HashMap<PathBuf, ChatId>,
}

impl Directory {
    /// The directory at `path`, which is made if it does not exist. Blocks.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] if it cannot be used.
    pub(crate) fn open(
        path: &Path,
        format: Format,
        folders: Folders,
        update: bool,
    ) -> Result<Self> {
        create(path)?;
        let mut known = HashMap::new();
        if update {
            read_names(path, format, 0, &mut known).map_err(|fault| unusable(path, &fault))?;
        }
        let (path, made) = (path.to_owned(), HashMap::new());
        Ok(Self { path, format, folders, update, known, made })
    }

    /// Writes the file of a chat. Blocks.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] if it cannot be written, or is another's.
    pub(crate) fn write(&mut self, record: &Record, content: &[u8]) -> Result<Written> {
        let id = &record.chat.id;
        let short = file_name(record);
        let extension = self.format.extension();
        let folder = self.folder(&short);
        let mut path = folder.join(format!("{short}.{extension}"));
        let is_taken = |path: &Path| {
            self.made.get(path).is_some_and(|other| other != id)
                || author(path, self.format).is_some_and(|other| other != id.as_str())
        };
        // Another chat of the same day, title and beginning of its id.
        if is_taken(&path) {
            let stem = short.rsplit_once('[').map_or(short.as_str(), |(stem, _)| stem);
            path = folder.join(format!("{stem}[{id}].{extension}"));
        }
        create(&folder)?;
        let written = replace(&path, self.format, content, Some(id))?;
        self.made.insert(path.clone(), id.clone());
        if self.update {
            self.remove_earlier(&path, id);
        }
        Ok(written)
    }

    fn folder(&self, name: &str) -> PathBuf {
        match (self.folders, name.get(..4), name.get(5..7)) {
            (Folders::YearMonth, Some(year), Some(month))
                if year.bytes().all(|b| b.is_ascii_digit()) =>
            {
                self.path.join(year).join(month)
            }
            (Folders::YearMonth, ..) => self.path.join("undated"),
            (Folders::Flat, ..) => self.path.clone(),
        }
    }

    /// Removes the file that this chat had under an earlier title.
    fn remove_earlier(&self, path: &Path, id: &ChatId) {
        let short = path.file_stem().and_then(|stem| short_id(stem.to_str()?));
        let earlier = short.and_then(|short| self.known.get(short)).into_iter().flatten();
        for old in earlier.filter(|old| *old != path && !self.made.contains_key(*old)) {
            if author(old, self.format).is_some_and(|author| author == id.as_str()) {
                // It stays if it cannot be removed: the new file is there.
                let _ = fs::remove_file(old);
            }
        }
    }
}

/// The short id at the end of a name without its extension.
fn short_id(stem: &str) -> Option<&str> {
    Some(stem.strip_suffix(']')?.rsplit_once('[')?.1)
}

fn read_names(
    path: &Path,
    format: Format,
    depth: usize,
    known: &mut HashMap<String, Vec<PathBuf>>,
) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let path = entry.path();
        let is_ours = path.extension().is_some_and(|found| found == format.extension());
        if entry.file_type()?.is_dir() && depth < 2 {
            read_names(&path, format, depth + 1, known)?;
        } else if let Some(short) = path.file_stem().and_then(|stem| short_id(stem.to_str()?))
            && is_ours
        {
            known.entry(short.to_owned()).or_default().push(path);
        }
    }
    Ok(())
}

/// The id of the chat in a file that this program wrote; empty for a file of several chats. `None` if there
/// is no such file, or it is another's.
fn author(path: &Path, format: Format) -> Option<String> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(HEAD as u64).read_to_end(&mut head).ok()?;
    let text = String::from_utf8_lossy(&head);
    let value = |from: &str, to: char| {
        let (_, rest) = text.split_once(from)?;
        Some(rest.split_once(to)?.0.to_owned())
    };
    match format {
        Format::Markdown => {
            let front = text.strip_prefix("---\n")?.split_once("\n---\n")?.0;
            let has = |name: &str| front.lines().any(|line| line.starts_with(name));
            (has("messages: ") && has("source: ")).then(|| value("---\nid: \"", '"'))?
        }
        Format::Html => value("<meta name=\"qwenctl-chat\" content=\"", '"'),
        Format::Json => match text.strip_prefix(r#"{"success":true,"data":"#)? {
            list if list.starts_with('[') => Some(String::new()),
            _ => value(r#"{"success":true,"data":{"id":""#, '"'),
        },
        Format::Ndjson => (record::is_line(&head)).then(String::new),
        Format::OpenWebUi | Format::ChatGpt => {
            text.starts_with("[\n{\"_exported_by\":\"qwenctl\"").then(String::new)
        }
        // There is no place for a mark.
        Format::Qwen | Format::ShareGpt | Format::OpenAiJsonl => None,
    }
    .or_else(|| (text == "[]\n").then(String::new))
}

/// Writes a whole file, unless it has this content. With `id`, a file of another chat is not replaced.
fn replace(path: &Path, format: Format, content: &[u8], id: Option<&ChatId>) -> Result<Written> {
    if is_same(path, content) {
        return Ok(Written::Unchanged);
    }
    let mut file = Upload::new(path, format, id)?;
    file.write(content)?;
    file.finish()
}

fn is_same(path: &Path, content: &[u8]) -> bool {
    let length = content.len() as u64;
    let is_candidate =
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == length);
    is_candidate && fs::read(path).is_ok_and(|found| found == content)
}

/// A file on its way: it takes its place when it is whole.
pub(crate) struct Upload {
    path: PathBuf,
    file: Destination,
}

enum Destination {
    /// Beside its place.
    New(NamedTempFile),
    /// A pipe or a device.
    Open(File),
}

impl Upload {
    /// A file for `path`. With `id`, a file of another chat is not replaced. Blocks.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] if it cannot be written, or is another's.
    pub(crate) fn new(path: &Path, format: Format, id: Option<&ChatId>) -> Result<Self> {
        let unusable = |fault: io::Error| unusable(path, &fault);
        let is_there = match fs::metadata(path) {
            Ok(found) if found.is_dir() => {
                return Err(Error::invalid(format!("{} is a directory", path.display())));
            }
            Ok(found) => Some(found),
            Err(_) => None,
        };
        if is_there.as_ref().is_some_and(|found| !found.is_file()) {
            let file = File::options().write(true).open(path).map_err(unusable)?;
            return Ok(Self { path: path.to_owned(), file: Destination::Open(file) });
        }
        if is_there.is_some_and(|found| found.len() > 0) {
            let author = author(path, format);
            let is_ours = author.is_some_and(|author| {
                id.is_none_or(|id| author == id.as_str()) || author.is_empty()
            });
            if !is_ours {
                let shown = path.display();
                return Err(Error::invalid(format!(
                    "{shown} is not an export of this format by qwenctl"
                ))
                .with_hint("choose another name, or remove it first"));
            }
        }
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let file = NamedTempFile::new_in(directory.unwrap_or(Path::new("."))).map_err(unusable)?;
        Ok(Self { path: path.to_owned(), file: Destination::New(file) })
    }

    /// Adds to the file. Blocks.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn write(&mut self, content: &[u8]) -> Result<()> {
        let written = match &mut self.file {
            Destination::New(file) => file.write_all(content),
            Destination::Open(file) => file.write_all(content),
        };
        written.map_err(|fault| unusable(&self.path, &fault))
    }

    /// Puts the file in its place. Blocks.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn finish(self) -> Result<Written> {
        let path = self.path;
        match self.file {
            Destination::Open(mut file) => {
                file.flush().map_err(|fault| unusable(&path, &fault))?;
            }
            Destination::New(file) => {
                if is_equal(file.path(), &path).unwrap_or(false) {
                    return Ok(Written::Unchanged);
                }
                file.as_file().sync_all().map_err(|fault| unusable(&path, &fault))?;
                file.persist(&path).map_err(|fault| unusable(&path, &fault.error))?;
            }
        }
        Ok(Written::Yes)
    }
}

/// Where chats are written to.
pub(crate) enum Sink {
    /// One file.
    File(Upload),
    /// A file for each.
    Directory(Box<Directory>),
}

impl Sink {
    /// Writes the bytes of a chat beside the runtime.
    ///
    /// # Errors
    /// Those of [`Upload::write`] and [`Directory::write`].
    pub(crate) async fn put(mut self, record: Record, bytes: Vec<u8>) -> Result<(Self, Written)> {
        beside(move || {
            let written = match &mut self {
                Self::File(file) => file.write(&bytes).map(|()| Written::Yes)?,
                Self::Directory(directory) => directory.write(&record, &bytes)?,
            };
            Ok((self, written))
        })
        .await
    }

    /// Writes the end of a file, and puts it in its place.
    ///
    /// # Errors
    /// Those of [`Upload::finish`].
    pub(crate) async fn finish(self, end: Vec<u8>) -> Result<Written> {
        match self {
            Self::Directory(_) => Ok(Written::Unchanged),
            Self::File(mut file) => {
                beside(move || {
                    file.write(&end)?;
                    file.finish()
                })
                .await
            }
        }
    }
}

/// Makes a directory. Blocks.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] if that is not possible.
pub(crate) fn create(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|fault| unusable(path, &fault))
}

/// Whether two files have the same content.
fn is_equal(one: &Path, other: &Path) -> io::Result<bool> {
    let (length, mut one, mut other) =
        (fs::metadata(one)?.len(), File::open(one)?, File::open(other)?);
    if other.metadata()?.len() != length {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; HEAD], vec![0; HEAD]);
    loop {
        let read = one.read(&mut left)?;
        if read == 0 {
            return Ok(true);
        }
        other.read_exact(&mut right[..read])?;
        if left[..read] != right[..read] {
            return Ok(false);
        }
    }
}

fn unusable(path: &Path, fault: &io::Error) -> Error {
    let shown = path.display();
    let hint = match fault.kind() {
        io::ErrorKind::StorageFull => "free some space; files that were there are unchanged",
        _ => "choose another place with `-o`",
    };
    Error::invalid(format!("cannot write {shown}: {fault}")).with_hint(hint)
}
