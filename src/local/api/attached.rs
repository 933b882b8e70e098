//! The files of a message: what the made-up engine says about them, and what an engine receives.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::Connection;
use serde_json::Value;

use super::Call;
use crate::engine::{Exchange, Question};
use crate::local::reply::Reply;
use crate::local::routes::BUCKET_PATH;
use crate::local::store::StoreError;
use crate::local::store::turns::Stored;
use crate::local::store::uploads::{self, Upload};

/// The maximum number of images in a prompt; the web page accepts five.
const MAX_IMAGES: usize = 16;
/// How many files a message may have.
const MAX_FILES: usize = 20;
/// The largest file that an engine receives, in bytes.
const MAX_BYTES: usize = 20 << 20;
/// How many words of a document the made-up engine repeats.
const WORDS: usize = 12;

/// The uploaded files of a message.
#[derive(Debug, Default)]
pub(super) struct Attached {
    /// A text about each document, or its content.
    texts: String,
    /// The pictures, as data URLs.
    images: Vec<String>,
}

/// Whether a message has media of two kinds, which the service refuses (protocol 10.5).
pub(super) fn are_mixed(message: &Value) -> bool {
    let files = message["files"].as_array();
    let mut kinds: Vec<_> = files
        .into_iter()
        .flatten()
        .filter_map(|file| file["type"].as_str())
        .filter(|kind| matches!(*kind, "image" | "audio" | "video"))
        .collect();
    kinds.dedup();
    kinds.len() > 1
}

fn ids(message: &Value) -> Vec<String> {
    let files = message["files"].as_array().into_iter().flatten();
    files.filter_map(|file| file["id"].as_str().map(str::to_owned)).collect()
}

impl Attached {
    /// Reads the files of `message`. A file that is no upload here has an address of its own.
    pub(super) async fn read(
        call: &Call<'_>,
        message: &Value,
    ) -> Result<Result<Self, Reply>, StoreError> {
        let ids = ids(message);
        if ids.is_empty() {
            return Ok(Ok(Self::default()));
        }
        if ids.len() > MAX_FILES {
            return Ok(Err(call.failure("Bad_Request", "Too many files.")));
        }
        let is_made_up = call.state.engine.url().is_none();
        let read = move |connection: &Connection| {
            let mut attached = Self::default();
            for id in ids {
                let Some(upload) = uploads::by_id(connection, &id)? else { continue };
                if upload.size.is_none() {
                    return Ok(Err(format!("The file {} has not been uploaded.", upload.name)));
                }
                if let Err(error) = attached.add(connection, &upload, is_made_up)? {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(attached))
        };
        let read = call.state.store.call(read).await?;
        Ok(read.map_err(|details| call.failure("invalid_input", &details)))
    }

    fn add(
        &mut self,
        connection: &Connection,
        upload: &Upload,
        is_made_up: bool,
    ) -> rusqlite::Result<Result<(), String>> {
        let name = &upload.name;
        if is_made_up {
            let start = uploads::piece(connection, &upload.id, 0)?.unwrap_or_default();
            let _ = write!(self.texts, "\n\n{}", described(upload, &start).replace("[[", "[ ["));
            return Ok(Ok(()));
        }
        let Some(bytes) = uploads::bytes(connection, &upload.id, MAX_BYTES)? else {
            return Ok(Err(format!("The file {name} is too large for the engine.")));
        };
        if upload.kind == "image" {
            let data = STANDARD.encode(bytes);
            self.images.push(format!("data:{};base64,{data}", upload.media_type));
            return Ok(Ok(()));
        }
        match String::from_utf8(bytes) {
            Ok(text) if upload.kind == "file" => {
                let text = text.trim_start_matches('\u{feff}');
                let _ = write!(self.texts, "\n\nThe file `{name}`:\n\n{text}");
                Ok(Ok(()))
            }
            _ => Ok(Err(format!("The engine reads pictures and text files only, not {name}."))),
        }
    }

    /// Adds the files to a question.
    pub(super) fn add_to(self, question: &mut Question) {
        question.prompt.push_str(&self.texts);
        question.images.extend(self.images);
    }
}

/// An earlier exchange with the files of its prompt. A file that is gone by now is left out.
pub(super) fn exchange(connection: &Connection, stored: Stored) -> rusqlite::Result<Exchange> {
    let mut attached = Attached::default();
    for id in ids(&stored.message) {
        if let Some(upload) = uploads::by_id(connection, &id)? {
            let _ = attached.add(connection, &upload, false)?;
        }
    }
    let mut images = images(&stored.message);
    images.extend(attached.images);
    let prompt = stored.prompt + &attached.texts;
    Ok(Exchange { prompt, images, answer: stored.answer })
}

/// The addresses of the images of a message: among its parts, and among its files (protocol 6.1,
/// 10.4), except those that were uploaded.
pub(super) fn images(message: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let parts = list(&message["content"]).into_iter().map(|part| part["image"].clone());
    let files = list(&message["files"]).into_iter().filter(|file| file["type"] == "image");
    let urls = files.map(|file| file["url"].clone());
    let is_ours = |url: &Value| url.as_str().is_some_and(|url| url.contains(BUCKET_PATH));
    usable(parts.chain(urls.filter(|url| !is_ours(url))))
}

/// The image addresses that may be sent to an engine.
pub(super) fn usable(urls: impl Iterator<Item = Value>) -> Vec<String> {
    let urls = urls.filter_map(|url| url.as_str().map(str::to_owned));
    let starts = |url: &str, with: &str| {
        url.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    urls.filter(|url| ["http://", "https://", "data:image/"].iter().any(|with| starts(url, with)))
        .take(MAX_IMAGES)
        .collect()
}

/// What the made-up engine says about a file: that it has arrived, and what it is.
fn described(upload: &Upload, start: &[u8]) -> String {
    let Upload { name, kind, .. } = upload;
    let size = upload.size.unwrap_or_default();
    match kind.as_str() {
        "image" => match picture(start) {
            Some((format, Some((width, height)))) => {
                format!(
                    "The picture `{name}` is a {format} of {width} × {height} pixels, {size} bytes."
                )
            }
            Some((format, None)) => format!("The picture `{name}` is a {format}, {size} bytes."),
            None => format!("The picture `{name}` has an unknown format, {size} bytes."),
        },
        "file" => {
            let text = match std::str::from_utf8(start) {
                Ok(text) => Some(text),
                // A piece may end inside a character.
                Err(error) if error.error_len().is_none() => {
                    std::str::from_utf8(&start[..error.valid_up_to()]).ok()
                }
                Err(_) => None,
            };
            match text {
                Some(text) => {
                    let words: Vec<_> = text.split_whitespace().take(WORDS).collect();
                    format!(
                        "The document `{name}` has {size} bytes and begins: {}",
                        words.join(" ")
                    )
                }
                None => format!("The document `{name}` has {size} bytes and is no text."),
            }
        }
        kind => format!("The {kind} file `{name}` has {size} bytes."),
    }
}

/// The format of a picture and its size in pixels, by its first bytes.
fn picture(bytes: &[u8]) -> Option<(&'static str, Option<(u32, u32)>)> {
    let big = |at: usize, length: usize| {
        let bytes = bytes.get(at..at + length)?;
        Some(bytes.iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)))
    };
    let little = |at: usize| {
        let bytes = bytes.get(at..at + 2)?;
        Some(u32::from(bytes[0]) | (u32::from(bytes[1]) << 8))
    };
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(("PNG", big(16, 4).zip(big(20, 4))))
    } else if bytes.starts_with(b"GIF8") {
        Some(("GIF", little(6).zip(little(8))))
    } else if bytes.starts_with(b"BM") {
        Some(("BMP", little(18).zip(little(22))))
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some(("JPEG", jpeg_size(bytes)))
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(("WebP", None))
    } else {
        None
    }
}

fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let number =
        |at: usize| Some((u32::from(*bytes.get(at)?) << 8) | u32::from(*bytes.get(at + 1)?));
    let mut at = 2;
    while bytes.get(at) == Some(&0xff) {
        let marker = *bytes.get(at + 1)?;
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return Some((number(at + 7)?, number(at + 5)?));
        }
        at += 2 + usize::try_from(number(at + 2)?).ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pictures_are_found_in_parts_and_files() {
        let message = json!({"content": [{"type": "text", "text": "a"}, {"type": "image", "image": "https://a/1"}],
            "files": [{"type": "image", "url": "data:image/png;base64,AA=="}, {"type": "file", "url": "https://a/2"},
                      {"type": "image", "url": "file:///etc/passwd"}, {"type": "image"}]});
        assert_eq!(images(&message), ["https://a/1", "data:image/png;base64,AA=="]);
        assert!(images(&json!({"content": "text"})).is_empty());
    }

    #[test]
    fn formats_and_sizes_are_read_from_the_first_bytes() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 2, 128, 0, 0, 1, 224]);
        let jpeg = b"\xff\xd8\xff\xe0\0\x04xx\xff\xc0\0\x11\x08\x01\xe0\x02\x80";
        for (bytes, expected) in [
            (png.as_slice(), Some(("PNG", Some((640, 480))))),
            (b"GIF89a\x80\x02\xe0\x01", Some(("GIF", Some((640, 480))))),
            (jpeg, Some(("JPEG", Some((640, 480))))),
            (b"\xff\xd8\xff\xe0", Some(("JPEG", None))),
            (b"\x89PNG\r\n\x1a\n", Some(("PNG", None))),
            (b"<html>", None),
            (b"", None),
        ] {
            assert_eq!(picture(bytes), expected);
        }
    }
}
