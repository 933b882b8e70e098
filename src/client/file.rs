//! Files before they are uploaded: what they are, and whether a prompt may carry them (protocol 10.5).
//!
//! What this module keeps true: the content decides what a file is, not its name alone; only regular
//! files are read, and at most as much as their kind allows; a file that changes between its check and its
//! upload is noticed, because its hash does.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use ring::digest::{Context, SHA256};

use crate::domain::{Error, FileKind, Model, Result, hex};

/// How much is read at a time, and looked at to recognise a file.
pub(super) const PIECE: usize = 64 << 10;
/// The longest name, in bytes: that of most file systems.
const MAX_NAME: usize = 255;
/// The largest SVG picture that is searched for scripts, in bytes.
const MAX_SVG: u64 = 4 << 20;
/// How much larger than the archive the files of a ZIP archive may be, and how large in any case.
const MAX_RATIO: u64 = 200;
const MAX_UNPACKED: u64 = 64 << 20;

/// What the first bytes of a file show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Magic {
    Image(&'static str),
    Svg,
    Pdf,
    Zip,
    Ole,
    Text,
    Audio(&'static str),
    Video(&'static str),
    /// MP4 and its relatives: sound or film.
    Mp4,
    /// No known format.
    Unknown,
}

use FileKind::{Audio, Document, Image, Video};

/// The media type of a name's extension, and the kind of file.
const TYPES: &[(&str, FileKind, &str)] = &[
    ("png", Image, "image/png"),
    ("apng", Image, "image/apng"),
    ("jpg", Image, "image/jpeg"),
    ("jpeg", Image, "image/jpeg"),
    ("gif", Image, "image/gif"),
    ("webp", Image, "image/webp"),
    ("bmp", Image, "image/bmp"),
    ("tif", Image, "image/tiff"),
    ("tiff", Image, "image/tiff"),
    ("ico", Image, "image/x-icon"),
    ("svg", Image, "image/svg+xml"),
    ("pdf", Document, "application/pdf"),
    ("doc", Document, "application/msword"),
    ("docx", Document, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xls", Document, "application/vnd.ms-excel"),
    ("xlsx", Document, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("pptx", Document, "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("epub", Document, "application/epub+zip"),
    ("ofd", Document, "application/ofd"),
    ("csv", Document, "text/csv"),
    ("md", Document, "text/markdown"),
    ("txt", Document, "text/plain"),
    ("mp3", Audio, "audio/mpeg"),
    ("wav", Audio, "audio/wav"),
    ("aac", Audio, "audio/aac"),
    ("m4a", Audio, "audio/mp4"),
    ("amr", Audio, "audio/amr"),
    ("mp4", Video, "video/mp4"),
    ("mov", Video, "video/quicktime"),
    ("avi", Video, "video/x-msvideo"),
    ("wmv", Video, "video/x-ms-wmv"),
    ("flv", Video, "video/x-flv"),
    ("mkv", Video, "video/x-matroska"),
];

/// The largest file of a kind in bytes, and how many of them a prompt takes (protocol 10.5).
const fn limits(kind: FileKind) -> (u64, usize) {
    match kind {
        Image | Document => (20 << 20, 5),
        Audio => (100 << 20, 1),
        Video => (500 << 20, 1),
    }
}

/// The largest file of any kind, in bytes.
pub const MAX_FILE_BYTES: u64 = limits(Video).0;

/// A file that can be uploaded. Cheap to clone; equal to another of the same name and content.
#[derive(Clone)]
pub struct FileSource {
    /// Its name, which is no path.
    pub name: String,
    /// Its kind.
    pub kind: FileKind,
    /// Its media type.
    pub media_type: &'static str,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it holds text that is too long for a prompt.
    pub is_pasted: bool,
    /// The SHA-256 of its content.
    pub(super) digest: [u8; 32],
    content: Content,
}

#[derive(Clone)]
enum Content {
    Memory(Bytes),
    /// An open file, so that its name may be gone by now.
    Disk(Arc<Mutex<File>>),
}

impl fmt::Debug for FileSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileSource")
            .field("name", &self.name)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl PartialEq for FileSource {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.digest == other.digest
    }
}

impl Eq for FileSource {}

impl FileSource {
    /// The file at `path`. Blocks.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::InvalidRequest`] for anything that cannot go with a prompt.
    pub fn open(path: &Path) -> Result<Self> {
        let shown = path.display();
        let unreadable = |fault: io::Error| {
            let why = match fault.kind() {
                io::ErrorKind::NotFound => "there is no such file".to_owned(),
                io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
                _ => fault.to_string(),
            };
            Error::invalid(format!("cannot read `{shown}`: {why}"))
        };
        // The type is checked before opening: opening a FIFO waits for its writer.
        let metadata = fs::metadata(path).map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(Error::invalid(format!("`{shown}` is a directory"))
                .with_hint("attach its files one by one, for example `-f src/a.rs -f src/b.rs`"));
        }
        if !metadata.is_file() {
            return Err(Error::invalid(format!(
                "`{shown}` is not a regular file (a device, a socket or a pipe)"
            )));
        }
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or_else(|| Error::invalid(format!("the name of `{shown}` is not valid UTF-8")))?;
        let file = File::open(path).map_err(unreadable)?;
        if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err(Error::invalid(format!("`{shown}` is not a regular file")));
        }
        Self::of_file(name, file)
    }

    /// An open file. Blocks.
    ///
    /// # Errors
    /// As with [`FileSource::open`].
    pub fn of_file(name: &str, mut file: File) -> Result<Self> {
        let name = checked_name(name)?;
        let fault = |fault: io::Error| Error::invalid(format!("cannot read `{name}`: {fault}"));
        let length = file.metadata().map_err(fault)?.len();
        let mut head = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(fault)?;
        (&mut file).take(PIECE as u64).read_to_end(&mut head).map_err(fault)?;
        let (name, kind, media_type) = recognised(&name, &head, length)?;
        let fault = |fault: io::Error| Error::invalid(format!("cannot read `{name}`: {fault}"));
        if media_type == "image/svg+xml" {
            file.seek(SeekFrom::Start(0)).map_err(fault)?;
            check_svg(&name, &mut file, length)?;
        }
        if head.starts_with(b"PK") {
            check_zip(&name, &mut file, length).map_err(fault)??;
        }
        file.seek(SeekFrom::Start(0)).map_err(fault)?;
        let (digest, size) = hashed(&mut file, length).map_err(fault)?;
        if size != length {
            return Err(changed(&name));
        }
        let content = Content::Disk(Arc::new(Mutex::new(file)));
        Ok(Self { name, kind, media_type, size, is_pasted: false, digest, content })
    }

    /// Everything of `input`, kept in a file without a name meanwhile. Blocks.
    ///
    /// # Errors
    /// As with [`FileSource::open`].
    pub fn read(name: &str, input: impl Read) -> Result<Self> {
        let fault = |fault: io::Error| Error::invalid(format!("cannot read `{name}`: {fault}"));
        let mut file = tempfile::tempfile().map_err(fault)?;
        let mut input = input.take(MAX_FILE_BYTES + 1);
        io::copy(&mut input, &mut file).map_err(fault)?;
        file.flush().map_err(fault)?;
        Self::of_file(name, file)
    }

    /// Bytes in memory.
    ///
    /// # Errors
    /// As with [`FileSource::open`].
    pub fn of_bytes(name: &str, bytes: Bytes) -> Result<Self> {
        let name = checked_name(name)?;
        let length = bytes.len() as u64;
        let head = &bytes[..bytes.len().min(PIECE)];
        let (name, kind, media_type) = recognised(&name, head, length)?;
        let fault = |fault: io::Error| Error::invalid(format!("cannot read `{name}`: {fault}"));
        if media_type == "image/svg+xml" {
            check_svg(&name, &mut &bytes[..], length)?;
        }
        if head.starts_with(b"PK") {
            check_zip(&name, &mut io::Cursor::new(&bytes), length).map_err(fault)??;
        }
        let (digest, size) = hashed(&mut &bytes[..], length).map_err(fault)?;
        let content = Content::Memory(bytes);
        Ok(Self { name, kind, media_type, size, is_pasted: false, digest, content })
    }

    /// A text that is too long for a prompt, named as the service's page does.
    ///
    /// # Errors
    /// If it is too long for a file, too.
    pub fn pasted(text: String, millis: i64) -> Result<Self> {
        let name = format!("Pasted_Text_{millis}.txt");
        let source = Self::of_bytes(&name, text.into())?;
        // Whatever it looks like: it was typed as text.
        Ok(Self { kind: Document, media_type: "text/plain", is_pasted: true, ..source })
    }

    /// A hash of its content in hexadecimal, and its name.
    pub fn fingerprint(&self) -> String {
        format!("{} {}", hex(&self.digest), self.name)
    }

    /// The content from `at` on, up to a piece. Blocks.
    pub(super) fn piece(&self, at: u64) -> io::Result<Bytes> {
        match &self.content {
            Content::Memory(bytes) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(at..bytes.len().min(at + PIECE)))
            }
            Content::Disk(file) => {
                let mut file = file.lock();
                file.seek(SeekFrom::Start(at))?;
                let mut piece = Vec::with_capacity(PIECE);
                (&mut *file).take(PIECE as u64).read_to_end(&mut piece)?;
                Ok(piece.into())
            }
        }
    }
}

/// The error for a file whose content is not what it was.
pub(super) fn changed(name: &str) -> Error {
    Error::invalid(format!("`{name}` changed while it was read"))
        .with_hint("send it again once nothing writes to it any more")
}

fn hashed(input: &mut impl Read, most: u64) -> io::Result<([u8; 32], u64)> {
    let (mut context, mut size) = (Context::new(&SHA256), 0);
    let mut buffer = vec![0; PIECE];
    // One byte more shows that a file grows.
    let mut input = input.take(most.saturating_add(1));
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                context.update(&buffer[..count]);
                size += count as u64;
            }
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Ok((digest, size))
}

/// The name of a file, if it is one.
///
/// # Errors
/// If it is a path, empty or too long, or has control characters.
pub fn checked_name(name: &str) -> Result<String> {
    let fault = if name.trim().is_empty() {
        "is empty"
    } else if name.len() > MAX_NAME {
        "is longer than 255 bytes"
    } else if name.contains(['/', '\\']) {
        "contains a slash"
    } else if name == "." || name == ".." {
        "names a directory"
    } else if name.chars().any(char::is_control) {
        "contains a line break or another control character"
    } else {
        return Ok(name.to_owned());
    };
    Err(Error::invalid(format!("the name of the file {fault}")))
}

/// The name (completed if it has no extension), the kind and the media type of a file.
fn recognised(name: &str, head: &[u8], length: u64) -> Result<(String, FileKind, &'static str)> {
    if length == 0 {
        return Err(Error::invalid(format!("`{name}` is empty")));
    }
    let extension = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    let extension = extension.filter(|end| !end.is_empty() && end.len() <= 10);
    let magic = magic(head);
    let named = TYPES.iter().find(|(end, ..)| extension.as_deref() == Some(*end));
    let by_type = |media: &str| TYPES.iter().find(|(_, _, known)| *known == media);
    let found = match (named, magic) {
        // A picture of another format than its name says is shown all the same.
        (Some((_, Image, media)), Magic::Image(actual)) => {
            let is_same = *media == actual || (*media == "image/apng" && actual == "image/png");
            Some((Image, if is_same { *media } else { actual }))
        }
        (Some((_, Image, "image/svg+xml")) | None, Magic::Svg) => Some((Image, "image/svg+xml")),
        (Some((_, Document, media)), magic) if is_document(media, magic) => {
            Some((Document, *media))
        }
        (Some((_, Audio, media)), Magic::Audio(_)) => Some((Audio, *media)),
        (Some((_, kind @ (Audio | Video), media)), Magic::Mp4) => Some((*kind, *media)),
        (Some((_, Video, media)), Magic::Video(_)) => Some((Video, *media)),
        // Source code has many extensions.
        (None, Magic::Text) => Some((Document, "text/plain")),
        (None, Magic::Image(media)) => Some((Image, media)),
        (None, Magic::Pdf) => Some((Document, "application/pdf")),
        (None, Magic::Audio(media)) => Some((Audio, media)),
        (None, Magic::Video(media)) => Some((Video, media)),
        (None, Magic::Mp4) => Some((Video, "video/mp4")),
        _ => None,
    };
    let Some((kind, media_type)) = found else {
        return Err(unusable(name, named.map(|(_, kind, _)| *kind), magic));
    };
    let (most, _) = limits(kind);
    if length > most {
        return Err(Error::invalid(format!(
            "`{name}` has {length} bytes, and a {kind} may have at most {most} ({} MiB)",
            most >> 20
        )));
    }
    let name = match (&extension, by_type(media_type)) {
        (None, Some((end, ..))) if magic != Magic::Text => format!("{name}.{end}"),
        (None, _) => format!("{name}.txt"),
        _ => name.to_owned(),
    };
    Ok((name, kind, media_type))
}

fn unusable(name: &str, named: Option<FileKind>, magic: Magic) -> Error {
    let holds = match magic {
        Magic::Text => "text",
        Magic::Svg => "an SVG picture",
        Magic::Image(_) => "a picture",
        Magic::Pdf => "a PDF document",
        Magic::Zip => "a ZIP archive",
        Magic::Ole => "an office document",
        Magic::Audio(_) => "sound",
        Magic::Video(_) | Magic::Mp4 => "a video",
        Magic::Unknown => "an unknown format",
    };
    match named {
        Some(kind) => Error::invalid(format!(
            "`{name}` is not what its name says: it should be a {kind}, and holds {holds}"
        )),
        None => Error::invalid(format!("the type of `{name}` is not supported: it holds {holds}"))
            .with_hint(
                "pictures (png, jpg, gif, webp, bmp, tiff, ico, svg), documents (pdf, doc, docx, xls, xlsx, \
                 pptx, csv, md, epub, text, source code), audio (mp3, wav, aac, m4a, amr) and video (mp4, \
                 mov, avi, wmv, flv, mkv) are supported",
            ),
    }
}

fn is_document(media: &str, magic: Magic) -> bool {
    match media {
        "application/pdf" => magic == Magic::Pdf,
        // Old programs write many formats under these names.
        "application/msword" | "application/vnd.ms-excel" => {
            matches!(magic, Magic::Ole | Magic::Zip | Magic::Text)
        }
        media if media.starts_with("text/") => matches!(magic, Magic::Text | Magic::Svg),
        _ => magic == Magic::Zip,
    }
}

fn magic(head: &[u8]) -> Magic {
    let at = |at: usize, text: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(text));
    let starts = |text: &[u8]| head.starts_with(text);
    if starts(b"\x89PNG\r\n\x1a\n") {
        Magic::Image("image/png")
    } else if starts(b"\xff\xd8\xff") {
        Magic::Image("image/jpeg")
    } else if starts(b"GIF87a") || starts(b"GIF89a") {
        Magic::Image("image/gif")
    } else if starts(b"RIFF") && at(8, b"WEBP") {
        Magic::Image("image/webp")
    } else if starts(b"BM") && head.len() >= 26 && at(6, &[0; 4]) {
        Magic::Image("image/bmp")
    } else if starts(b"II*\0") || starts(b"MM\0*") {
        Magic::Image("image/tiff")
    } else if starts(b"\0\0\x01\0") {
        Magic::Image("image/x-icon")
    } else if starts(b"%PDF-") {
        Magic::Pdf
    } else if starts(b"PK\x03\x04") {
        Magic::Zip
    } else if starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        Magic::Ole
    } else if starts(b"ID3")
        || (starts(b"\xff") && matches!(head.get(1), Some(0xfa | 0xfb | 0xf2 | 0xf3)))
    {
        Magic::Audio("audio/mpeg")
    } else if starts(b"\xff\xf1") || starts(b"\xff\xf9") {
        Magic::Audio("audio/aac")
    } else if starts(b"RIFF") && at(8, b"WAVE") {
        Magic::Audio("audio/wav")
    } else if starts(b"#!AMR") {
        Magic::Audio("audio/amr")
    } else if at(4, b"ftyp") {
        Magic::Mp4
    } else if starts(b"RIFF") && at(8, b"AVI ") {
        Magic::Video("video/x-msvideo")
    } else if starts(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11") {
        Magic::Video("video/x-ms-wmv")
    } else if starts(b"FLV\x01") {
        Magic::Video("video/x-flv")
    } else if starts(b"\x1a\x45\xdf\xa3") {
        Magic::Video("video/x-matroska")
    } else {
        text(head)
    }
}

/// Whether the bytes are text: in UTF-8, UTF-16 with a mark, or an older character set.
fn text(head: &[u8]) -> Magic {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Magic::Text;
    }
    let is_odd = |byte: &u8| *byte < 0x20 && !matches!(*byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    if head.iter().any(is_odd) {
        return Magic::Unknown;
    }
    let start = String::from_utf8_lossy(&head[..head.len().min(4096)]);
    let start = start.trim_start_matches('\u{feff}').trim_start();
    let is_svg = start.starts_with("<svg")
        || ((start.starts_with("<?xml") || start.starts_with("<!")) && start.contains("<svg"));
    if is_svg { Magic::Svg } else { Magic::Text }
}

/// Refuses an SVG picture that can run scripts or load something.
fn check_svg(name: &str, input: &mut impl Read, length: u64) -> Result<()> {
    if length > MAX_SVG {
        return Err(Error::invalid(format!(
            "`{name}` has {length} bytes, and an SVG picture may have at most {MAX_SVG} (4 MiB)"
        )));
    }
    let mut bytes = Vec::new();
    let read = input.take(MAX_SVG).read_to_end(&mut bytes);
    read.map_err(|fault| Error::invalid(format!("cannot read `{name}`: {fault}")))?;
    let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let has_handler = text.split_ascii_whitespace().any(|word| {
        word.strip_prefix("on").and_then(|rest| rest.split_once('=')).is_some_and(|(event, _)| {
            !event.is_empty() && event.bytes().all(|byte| byte.is_ascii_lowercase())
        })
    });
    let marks = ["<script", "javascript:", "<foreignobject", "<!entity", "<iframe"];
    if has_handler || marks.iter().any(|mark| text.contains(mark)) {
        return Err(Error::invalid(format!("`{name}` is an SVG picture with scripts"))
            .with_hint("convert it to PNG first"));
    }
    Ok(())
}

/// Refuses a ZIP archive whose files are far larger than itself. A damaged one is not looked into.
fn check_zip(name: &str, file: &mut (impl Read + io::Seek), length: u64) -> io::Result<Result<()>> {
    const END: u64 = 22 + 65_535;
    const MAX_DIRECTORY: u64 = 8 << 20;
    let mut read = |from: u64, most: u64| -> io::Result<Vec<u8>> {
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        (&mut *file).take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let number = |bytes: &[u8], at: usize, length: usize| -> u64 {
        let found = bytes.get(at..at + length).unwrap_or_default();
        found.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
    };
    let end = read(length.saturating_sub(END), END)?;
    let Some(at) = memchr::memmem::rfind(&end, b"PK\x05\x06") else {
        return Ok(Err(Error::invalid(format!("`{name}` is a damaged archive"))));
    };
    let directory = read(number(&end, at + 16, 4), number(&end, at + 12, 4).min(MAX_DIRECTORY))?;
    let (mut at, mut unpacked) = (0, 0_u64);
    while directory.get(at..at + 4) == Some(b"PK\x01\x02") {
        unpacked = unpacked.saturating_add(number(&directory, at + 24, 4));
        let parts = [28, 30, 32].map(|part| number(&directory, at + part, 2));
        at += 46 + usize::try_from(parts.iter().sum::<u64>()).unwrap_or(usize::MAX - at - 46);
    }
    if unpacked > MAX_UNPACKED && unpacked / length.max(1) > MAX_RATIO {
        return Ok(Err(Error::invalid(format!(
            "`{name}` would unpack to {unpacked} bytes, {} times its size",
            unpacked / length.max(1)
        ))));
    }
    Ok(Ok(()))
}

/// Refuses files that do not go together.
///
/// # Errors
/// [`crate::domain::ErrorKind::InvalidRequest`] for too many, or media of two kinds.
pub fn check_together(files: &[FileSource]) -> Result<()> {
    for kind in [Image, Document, Audio, Video] {
        let (_, most) = limits(kind);
        let count = files.iter().filter(|file| file.kind == kind).count();
        if count > most {
            let s = if most == 1 { "" } else { "s" };
            return Err(Error::invalid(format!(
                "{count} {kind}s are too many: a message takes {most} {kind}{s}"
            )));
        }
    }
    let media: Vec<_> = files.iter().filter(|file| file.kind.is_media()).collect();
    if let Some(other) = media.iter().find(|file| file.kind != media[0].kind) {
        return Err(Error::invalid(format!(
            "a message takes media of one kind, not a {} and a {}",
            media[0].kind, other.kind
        ))
        .with_hint("send them in two messages"));
    }
    Ok(())
}

/// Refuses files that `model` cannot read. One that `models` does not list is not judged.
///
/// # Errors
/// [`crate::domain::ErrorKind::InvalidRequest`] with a model that can.
pub fn check_model(files: &[FileSource], model: &str, models: &[Model]) -> Result<()> {
    let reads = |model: &Model, kind| match kind {
        Image => model.abilities.vision,
        Document => model.abilities.document,
        Audio => model.abilities.audio,
        Video => model.abilities.video,
    };
    let Some(known) = models.iter().find(|known| known.id == model) else { return Ok(()) };
    let Some(file) = files.iter().find(|file| !reads(known, file.kind)) else { return Ok(()) };
    let kind = file.kind;
    let error = Error::invalid(format!("the model `{model}` reads no {kind}s"));
    let others: Vec<_> = models
        .iter()
        .filter(|other| files.iter().all(|file| reads(other, file.kind)))
        .take(3)
        .map(|other| format!("`{}`", other.id))
        .collect();
    Err(if others.is_empty() {
        error.with_hint("no model of this upstream does")
    } else {
        error.with_hint(format!("choose a model that does: {}", others.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, bytes: &[u8]) -> Result<FileSource> {
        FileSource::of_bytes(name, Bytes::copy_from_slice(bytes))
    }

    fn refusal(name: &str, bytes: &[u8]) -> String {
        source(name, bytes).expect_err("refused").message().to_owned()
    }

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn content_and_name_decide_the_type() {
        for (name, bytes, kind, media, shown) in [
            ("a.png", PNG, Image, "image/png", "a.png"),
            ("a.jpg", PNG, Image, "image/png", "a.jpg"),
            ("a", PNG, Image, "image/png", "a.png"),
            ("a.rs", b"fn main() {}".as_slice(), Document, "text/plain", "a.rs"),
            ("Makefile", b"all:\n\ttrue", Document, "text/plain", "Makefile.txt"),
            ("a.CSV", b"a;b\n1;\xe9", Document, "text/csv", "a.CSV"),
            ("a.pdf", b"%PDF-1.7", Document, "application/pdf", "a.pdf"),
            ("a.svg", b"<svg xmlns='x'/>", Image, "image/svg+xml", "a.svg"),
            ("a.mp3", b"ID3\x04", Audio, "audio/mpeg", "a.mp3"),
            ("a.m4a", b"\0\0\0\x20ftypM4A ", Audio, "audio/mp4", "a.m4a"),
            ("a.mp4", b"\0\0\0\x20ftypisom", Video, "video/mp4", "a.mp4"),
            ("🙂.png", PNG, Image, "image/png", "🙂.png"),
        ] {
            let file = source(name, bytes).expect(name);
            assert_eq!((file.kind, file.media_type, file.name.as_str()), (kind, media, shown));
        }
    }

    #[test]
    fn unusable_files_are_refused_with_the_reason() {
        for (name, bytes, part) in [
            ("a.png", b"".as_slice(), "is empty"),
            ("a.png", b"<!doctype html><html>", "not what its name says"),
            ("a.pdf", PNG, "not what its name says"),
            ("a.exe", b"MZ\0\0\0", "not supported"),
            ("a.zip", b"PK\x03\x04\0\0", "not supported"),
            ("a.docx", b"PK\x03\x04\0\0", "damaged archive"),
            ("a.svg", b"<svg><script>x</script></svg>", "with scripts"),
            ("a.svg", b"<svg onload=\"x()\"/>", "with scripts"),
            ("../a.png", PNG, "a slash"),
            ("..", PNG, "names a directory"),
            ("a\n.png", PNG, "line break"),
            ("", PNG, "is empty"),
        ] {
            assert!(refusal(name, bytes).contains(part), "{name}: {}", refusal(name, bytes));
        }
        assert!(refusal(&format!("{}.png", "a".repeat(300)), PNG).contains("longer than 255"));
        let mut large = PNG.to_vec();
        large.resize(21_000_000, 0);
        assert!(refusal("a.png", &large).contains("20971520"));
    }

    #[test]
    fn an_archive_that_unpacks_to_far_more_is_refused() {
        let mut zip = b"PK\x03\x04".to_vec();
        zip.resize(1000, 0);
        let mut entry = b"PK\x01\x02".to_vec();
        entry.resize(46, 0);
        entry[24..28].copy_from_slice(&0xf000_0000_u32.to_le_bytes());
        let at = u32::try_from(zip.len()).expect("short");
        zip.extend(&entry);
        let mut end = b"PK\x05\x06".to_vec();
        end.resize(22, 0);
        end[12..16].copy_from_slice(&46_u32.to_le_bytes());
        end[16..20].copy_from_slice(&at.to_le_bytes());
        zip.extend(end);
        assert!(refusal("a.docx", &zip).contains("unpack"));
        zip[1000 + 24..1000 + 28].copy_from_slice(&5000_u32.to_le_bytes());
        assert!(source("a.docx", &zip).is_ok());
    }

    #[test]
    fn files_must_go_together_and_fit_the_model() {
        let png = |n: usize| source(&format!("{n}.png"), PNG).expect("a picture");
        let sound = source("a.mp3", b"ID3\x04").expect("a sound");
        let text = source("a.txt", b"a").expect("a text");
        let five: Vec<_> = (0..5).map(png).collect();
        assert!(check_together(&five).is_ok());
        assert!(check_together(&[five[0].clone(), text.clone()]).is_ok());
        let six: Vec<_> = (0..6).map(png).collect();
        assert!(check_together(&six).expect_err("many").message().contains("too many"));
        let mixed = check_together(&[png(0), sound]).expect_err("mixed");
        assert!(mixed.message().contains("media of one kind"), "{mixed}");
        let model = |id: &str, vision| Model {
            id: id.to_owned(),
            name: id.to_owned(),
            description: None,
            max_context_length: None,
            max_generation_length: None,
            abilities: crate::domain::ModelAbilities { vision, ..Default::default() },
            chat_types: Vec::new(),
        };
        let models = [model("blind", false), model("seeing", true)];
        let refused = check_model(&[png(0)], "blind", &models).expect_err("blind");
        assert!(refused.hint().is_some_and(|hint| hint.contains("`seeing`")), "{refused:?}");
        assert!(check_model(&[png(0)], "seeing", &models).is_ok());
        assert!(check_model(&[png(0)], "unknown", &models).is_ok());
    }

    #[test]
    fn only_regular_files_are_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let refused =
            |path: &Path| FileSource::open(path).expect_err("refused").message().to_owned();
        assert!(refused(directory.path()).contains("is a directory"));
        assert!(refused(&directory.path().join("none")).contains("no such file"));
        #[cfg(unix)]
        assert!(refused(Path::new("/dev/zero")).contains("not a regular file"));
        let path = directory.path().join("a.png");
        fs::write(&path, PNG).expect("written");
        let file = FileSource::open(&path).expect("a picture");
        assert_eq!((file.size, file.piece(0).expect("read")), (PNG.len() as u64, PNG.into()));
    }
}
