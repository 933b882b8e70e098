//! Import: chats of other programs, and of ours, into the archive.
//!
//! What this module keeps true: a file is read piece by piece, and one chat is held at a time; a chat that
//! cannot be read does not stop the others, and is reported; what is compressed cannot grow without bound;
//! nothing is ever extracted to a path that a file names.

mod pieces;
mod zip;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use encoding_rs::{Decoder, Encoding};
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use self::pieces::{MAX_CHAT, Piece, Pieces};
use super::archive::{Leaving, beside};
pub(crate) use crate::archive::import::Format;
use crate::archive::import::record;
use crate::archive::record::{Imported, Incoming};
use crate::archive::store::{Account, AccountHash, Archive};
use crate::client::read_detail;
use crate::domain::time::now;
use crate::domain::{Error, ErrorKind, Result};
use crate::net::json;

/// How many chats are written at a time, and of how many bytes.
const BATCH: (usize, usize) = (64, 8 << 20);
/// What is compressed may grow by this factor, or to the size beside it.
const MAX_GROWTH: (u64, u64) = (250, 64 << 20);
/// The compressed length that a stream is taken to have.
const UNKNOWN_LENGTH: u64 = 256 << 20;
/// The most chats that are reported as left out, each.
const MAX_SKIPPED: usize = 1_000;

/// What to import.
pub(crate) struct ImportRequest {
    /// The files; a stream has a name all the same.
    pub files: Vec<Source>,
    /// Their format; `None` is found by its shape.
    pub format: Option<Format>,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// The account that gets the chats, and the name of its upstream; `None` is the only one of the archive.
    pub account: Option<(AccountHash, String)>,
}

/// A file to read.
pub(crate) struct Source {
    /// Its name in reports.
    pub name: String,
    /// Where it is.
    pub place: SourcePlace,
}

/// Where a file is.
pub(crate) enum SourcePlace {
    /// At a path.
    Path(PathBuf),
    /// An open file, at its start.
    File(File),
    /// Open.
    Stream(Box<dyn Read + Send>),
}

/// What an import did.
#[derive(Debug, Default)]
pub(crate) struct ImportReport {
    /// Chats that were read.
    pub read: usize,
    /// Chats that are new in the archive.
    pub made: usize,
    /// Chats that have changed.
    pub changed: usize,
    /// Chats that were in the archive as they are.
    pub unchanged: usize,
    /// The number of pieces that are not in the archive now.
    pub skipped: usize,
    /// Why, for the first of them.
    pub reasons: Vec<Skipped>,
    /// Files of a ZIP archive without chats.
    pub ignored: Vec<String>,
    /// Files that could not be read to their end.
    pub failed: Vec<(String, Error)>,
}

impl ImportReport {
    /// The failure of the import: of the first file, or because nothing could be read.
    pub(crate) fn error(&self) -> Option<Error> {
        match self.failed.first() {
            Some((file, error)) => {
                Some(Error::new(error.kind(), format!("{file}: {}", error.message())).with_hint(
                    if self.read > 0 { "the chats before that are imported" } else { HINT },
                ))
            }
            None if self.read == 0 => {
                let reason = self.reasons.first().map(|skipped| skipped.reason.as_str());
                let reason = reason.unwrap_or("there are none");
                Some(Error::invalid(format!("no chat could be read: {reason}")).with_hint(HINT))
            }
            None => None,
        }
    }
}

/// What can be imported.
const HINT: &str =
    "exports of ChatGPT, Claude, Open WebUI, chat.qwen.ai and qwenctl can be imported";

/// A piece of a file that was left out.
#[derive(Debug)]
pub(crate) struct Skipped {
    /// The file.
    pub file: String,
    /// Its place in the file, from 1.
    pub number: usize,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Why.
    pub reason: String,
}

/// Imports `request` into the archive at `path`. `progress` receives the number of chats read so far. Ends
/// with its caller, between two batches.
///
/// # Errors
/// Those of the archive. Faults of files are in the report.
pub(crate) async fn import(
    path: PathBuf,
    request: ImportRequest,
    progress: impl Fn(usize) + Send + 'static,
) -> Result<ImportReport> {
    let leaving = Leaving(Arc::default());
    let is_over = Arc::clone(&leaving.0);
    beside(move || {
        let ImportRequest { files, format, dry_run, account } = request;
        let (archive, account) = open(&path, account, dry_run)?;
        let (pending, size, report) = (Vec::new(), 0, ImportReport::default());
        let mut import =
            Import { archive, account, format, dry_run, progress, is_over, pending, size, report };
        for source in files {
            let name = source.name.clone();
            match import.source(source) {
                Err(Stop::File(error)) => import.report.failed.push((name, error)),
                Err(Stop::Archive(error)) => return Err(error),
                Ok(()) => {}
            }
            import.write()?;
        }
        Ok(import.report)
    })
    .await
}

/// The archive and the account in it. Without writing, either may be missing.
fn open(
    path: &Path,
    account: Option<(AccountHash, String)>,
    dry_run: bool,
) -> Result<(Option<Archive>, Option<Account>)> {
    if dry_run && !path.exists() {
        return Ok((None, None));
    }
    let mut archive = Archive::open(path)?;
    let account = match account {
        Some((hash, _)) if dry_run => archive.accounts(Some(&hash))?.pop(),
        Some((hash, upstream)) => Some(archive.account(&hash, &upstream, now())?),
        None => match archive.only_account()? {
            None if dry_run => None,
            None => {
                let upstream = AccountHash::UNASSIGNED;
                Some(archive.account(&AccountHash::unassigned(), upstream, now())?)
            }
            only => only,
        },
    };
    Ok((Some(archive), account))
}

/// Why the work ends.
enum Stop {
    /// This file cannot be read on.
    File(Error),
    /// The archive cannot be written, or the caller has left.
    Archive(Error),
}

impl From<io::Error> for Stop {
    fn from(fault: io::Error) -> Self {
        let message = match fault.kind() {
            io::ErrorKind::UnexpectedEof => "the file ends in the middle of a chat".to_owned(),
            io::ErrorKind::InvalidData => fault.to_string(),
            _ => format!("the file cannot be read: {fault}"),
        };
        Self::File(Error::invalid(message))
    }
}

struct Import<P> {
    archive: Option<Archive>,
    account: Option<Account>,
    format: Option<Format>,
    dry_run: bool,
    progress: P,
    is_over: Arc<AtomicBool>,
    /// Chats that are to be written.
    pending: Vec<Incoming>,
    /// Their size in bytes.
    size: usize,
    report: ImportReport,
}

impl<P: Fn(usize)> Import<P> {
    fn source(&mut self, source: Source) -> Result<(), Stop> {
        let Source { name, place } = source;
        match place {
            SourcePlace::Stream(stream) => self.bytes(&name, stream, None),
            SourcePlace::Path(path) => self.file(&name, open_to_read(&path).map_err(Stop::File)?),
            SourcePlace::File(file) => self.file(&name, file),
        }
    }

    fn file(&mut self, name: &str, mut file: File) -> Result<(), Stop> {
        let found = file.metadata()?;
        if !found.is_file() {
            return self.bytes(name, Box::new(file), None);
        }
        let mut head = [0; 4];
        if read_up_to(&mut file, &mut head)? == 4 && head == *b"PK\x03\x04" {
            return self.zip(name, file);
        }
        file.rewind()?;
        self.bytes(name, Box::new(file), Some(found.len()))
    }

    /// Reads the files of a ZIP archive that may hold chats.
    fn zip(&mut self, name: &str, mut file: File) -> Result<(), Stop> {
        let before = self.report.read;
        let may_hold_chats = |name: &str| {
            let end = name.rsplit_once('.').map_or("", |(_, end)| end);
            ["json", "ndjson", "jsonl"].iter().any(|one| end.eq_ignore_ascii_case(one))
        };
        for entry in zip::entries(&mut file, may_hold_chats)? {
            let known = (self.report.read, self.report.skipped, self.report.reasons.len());
            let input = Bounded { input: zip::open(&mut file, &entry)?, left: bound(entry.packed) };
            let result = self.text(&format!("{name}: {}", entry.name), BufReader::new(input));
            // Other files of an export hold no chats.
            if self.report.read == known.0 && !matches!(result, Err(Stop::Archive(_))) {
                self.report.skipped = known.1;
                self.report.reasons.truncate(known.2);
                self.report.ignored.push(entry.name);
                continue;
            }
            result?;
        }
        if self.report.read == before {
            return Err(Stop::File(Error::invalid("the ZIP archive holds no chats")));
        }
        Ok(())
    }

    /// Reads a stream, which may be compressed. `length` is its length, if known.
    fn bytes(
        &mut self,
        name: &str,
        stream: Box<dyn Read + Send>,
        length: Option<u64>,
    ) -> Result<(), Stop> {
        let mut input = BufReader::with_capacity(64 << 10, stream);
        match input.fill_buf()? {
            [0x1f, 0x8b, ..] => {
                let left = bound(length.unwrap_or(UNKNOWN_LENGTH));
                let input = Bounded { input: MultiGzDecoder::new(input), left };
                self.text(name, BufReader::new(input))
            }
            [b'P', b'K', 3, 4, ..] => {
                Err(Stop::File(Error::invalid("a ZIP archive must be a file, not a stream")))
            }
            _ => self.text(name, input),
        }
    }

    /// Reads text of any Unicode encoding.
    fn text(&mut self, name: &str, mut input: impl BufRead) -> Result<(), Stop> {
        let head = input.fill_buf()?;
        match Encoding::for_bom(head) {
            Some((encoding, _)) if encoding != encoding_rs::UTF_8 => {
                let decoder = encoding.new_decoder_with_bom_removal();
                self.chats(name, BufReader::new(Transcoded::new(input, decoder)))
            }
            Some((_, mark)) => {
                input.consume(mark);
                self.chats(name, input)
            }
            None => self.chats(name, input),
        }
    }

    fn chats(&mut self, name: &str, input: impl BufRead) -> Result<(), Stop> {
        let mut pieces = Pieces::new(input)?;
        let mut number = 0;
        while let Some(piece) = pieces.next()? {
            number += 1;
            match piece {
                Piece::TooLong => {
                    let limit = MAX_CHAT >> 20;
                    self.skip(name, number, None, format!("it is longer than {limit} MiB"));
                }
                Piece::Chat(given) => self.chat(name, number, given)?,
            }
        }
        if number == 0 {
            return Err(Stop::File(Error::invalid("the file holds no chats")));
        }
        Ok(())
    }

    fn chat(&mut self, name: &str, number: usize, given: Vec<u8>) -> Result<(), Stop> {
        if self.is_over.load(Ordering::Relaxed) {
            return Err(Stop::Archive(Error::new(
                ErrorKind::Interrupted,
                "the import was interrupted",
            )));
        }
        if !pieces::is_moderate(&given) {
            self.skip(name, number, None, "it has too many values".to_owned());
            return Ok(());
        }
        let mut document: Value = match json::read(&given) {
            Ok(document) => document,
            Err(fault) => {
                self.skip(name, number, None, format!("it is not JSON: {fault}"));
                return Ok(());
            }
        };
        let mut given = given;
        if Format::of(&document).is_none() && document["data"].is_object() {
            document = document["data"].take();
            given = document.to_string().into_bytes();
        }
        let title = document["title"].as_str().or(document["name"].as_str()).map(str::to_owned);
        let found = match (self.format, Format::of(&document)) {
            (None, Some(found)) => Ok(found),
            (Some(format), Some(found)) if found == format || is_alike(found, format) => Ok(format),
            (Some(_), Some(found)) => Err(format!("its format is {}", found.name())),
            (_, None) => Err("it is not a chat of a known format".to_owned()),
        };
        let read = found.and_then(|format| record(&document, format, &given, read_detail));
        drop(document);
        match read {
            Err(reason) => self.skip(name, number, title, reason),
            Ok(record) => {
                self.report.read += 1;
                (self.progress)(self.report.read);
                self.size += given.len() * 2;
                self.pending.push(Incoming { record, given });
                if self.pending.len() >= BATCH.0 || self.size >= BATCH.1 {
                    self.write().map_err(Stop::Archive)?;
                }
            }
        }
        Ok(())
    }

    fn skip(&mut self, file: &str, number: usize, title: Option<String>, reason: String) {
        self.report.skipped += 1;
        if self.report.reasons.len() < MAX_SKIPPED {
            self.report.reasons.push(Skipped { file: file.to_owned(), number, title, reason });
        }
    }

    /// Writes what is pending.
    fn write(&mut self) -> Result<()> {
        let chats = std::mem::take(&mut self.pending);
        self.size = 0;
        let results = match (&mut self.archive, self.account) {
            (Some(archive), Some(account)) => {
                archive.import(account, &chats, now(), self.dry_run)?
            }
            _ => vec![Imported::Made; chats.len()],
        };
        for result in results {
            let count = match result {
                Imported::Made => &mut self.report.made,
                Imported::Changed => &mut self.report.changed,
                Imported::Unchanged => &mut self.report.unchanged,
            };
            *count += 1;
        }
        Ok(())
    }
}

/// Whether two formats have the same shape.
fn is_alike(one: Format, other: Format) -> bool {
    [one, other].iter().all(|format| matches!(format, Format::Qwen | Format::OpenWebUi))
}

/// How much may come out of `length` compressed bytes.
fn bound(length: u64) -> u64 {
    length.saturating_mul(MAX_GROWTH.0).max(MAX_GROWTH.1)
}

/// Opens a file; a pipe that nothing writes to is empty.
fn open_to_read(path: &Path) -> Result<File> {
    let unusable = |fault: io::Error| {
        Error::invalid(format!("cannot read {}: {fault}", path.display())).caused_by(fault)
    };
    if fs::metadata(path).map_err(unusable)?.is_dir() {
        return Err(Error::invalid(format!("{} is a directory", path.display()))
            .with_hint("name the files in it"));
    }
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
        options.custom_flags(nonblocking);
    }
    let file = options.open(path).map_err(unusable)?;
    #[cfg(unix)]
    rustix::fs::fcntl_setfl(&file, rustix::fs::OFlags::empty())
        .map_err(|fault| unusable(fault.into()))?;
    Ok(file)
}

fn read_up_to(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match input.read(&mut buffer[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// Ends a stream that is longer than it should be.
struct Bounded<R> {
    input: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(invalid("the compressed file grows out of proportion")),
        }
        Ok(read)
    }
}

/// Another encoding as UTF-8.
struct Transcoded<R> {
    input: R,
    decoder: Decoder,
    out: Vec<u8>,
    at: usize,
    is_over: bool,
}

impl<R: BufRead> Transcoded<R> {
    fn new(input: R, decoder: Decoder) -> Self {
        Self { input, decoder, out: Vec::new(), at: 0, is_over: false }
    }
}

impl<R: BufRead> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.out.len() && !self.is_over {
            let input = self.input.fill_buf()?;
            self.is_over = input.is_empty();
            self.out.resize(input.len() * 3 + 16, 0);
            let (_, read, written, _) =
                self.decoder.decode_to_utf8(input, &mut self.out, self.is_over);
            self.input.consume(read);
            self.out.truncate(written);
            self.at = 0;
        }
        let rest = &self.out[self.at..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        Ok(length)
    }
}
