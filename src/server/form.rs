//! The files of a form (RFC 7578).
//!
//! What this module keeps true: a file of any length is copied piece by piece; the names in a form are
//! shown and never used as paths.

use std::fs::File;
use std::io::{self, Read, Seek as _, Write as _};
use std::path::Path;

use memchr::memmem;

/// The longest head of a part, in bytes.
const MAX_HEAD: usize = 16 << 10;
/// The most files of a form.
const MAX_FILES: usize = 100;
/// The most parts of a form.
const MAX_PARTS: usize = 1000;
/// How much is read at a time.
const CHUNK: usize = 64 << 10;

fn broken(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// The rest of a form that is read.
struct Rest<R> {
    input: R,
    buffer: Vec<u8>,
}

impl<R: Read> Rest<R> {
    /// Reads on; returns whether there was more.
    fn fill(&mut self) -> io::Result<bool> {
        let length = self.buffer.len();
        self.buffer.resize(length + CHUNK, 0);
        let read = self.input.read(&mut self.buffer[length..])?;
        self.buffer.truncate(length + read);
        Ok(read > 0)
    }

    /// Copies up to `mark` to `out`, and passes over the mark.
    fn copy_until(
        &mut self,
        mark: &[u8],
        mut out: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        loop {
            if let Some(at) = memmem::find(&self.buffer, mark) {
                out(&self.buffer[..at])?;
                self.buffer.drain(..at + mark.len());
                return Ok(());
            }
            // A part of the mark may be at the end.
            let certain = self.buffer.len().saturating_sub(mark.len() - 1);
            out(&self.buffer[..certain])?;
            self.buffer.drain(..certain);
            if !self.fill()? {
                return Err(broken("it ends in the middle"));
            }
        }
    }

    /// Takes the next `length` bytes.
    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < length {
            if !self.fill()? {
                return Err(broken("it ends in the middle"));
            }
        }
        Ok(self.buffer.drain(..length).collect())
    }
}

/// The files of the form in `file`, each with its name, as files without a name in `directory`. Blocks.
///
/// # Errors
/// If it is not a form with this boundary, or a file cannot be written.
pub(super) fn files(
    file: impl Read,
    boundary: &[u8],
    directory: &Path,
) -> io::Result<Vec<(String, File)>> {
    // The first boundary begins a line, too.
    let mut rest = Rest { input: file, buffer: b"\r\n".to_vec() };
    let mark = [b"\r\n--", boundary].concat();
    rest.copy_until(&mark, |_| Ok(()))?;
    let mut files = Vec::new();
    for _ in 0..=MAX_PARTS {
        match rest.take(2)?.as_slice() {
            b"--" => return Ok(files),
            b"\r\n" => {}
            _ => return Err(broken("a boundary is followed by something else")),
        }
        // A head without lines.
        rest.buffer.splice(..0, *b"\r\n");
        let mut head = Vec::new();
        rest.copy_until(b"\r\n\r\n", |piece| {
            head.extend_from_slice(piece);
            if head.len() > MAX_HEAD {
                Err(broken("the head of a part is too long"))
            } else {
                Ok(())
            }
        })?;
        let Some(name) = file_name(&String::from_utf8_lossy(&head)) else {
            rest.copy_until(&mark, |_| Ok(()))?;
            continue;
        };
        if files.len() == MAX_FILES {
            return Err(broken("it has too many files"));
        }
        let mut file = tempfile::tempfile_in(directory)?;
        rest.copy_until(&mark, |piece| file.write_all(piece))?;
        file.rewind()?;
        files.push((name, file));
    }
    Err(broken("it has too many parts"))
}

/// The name of the file in a part; `None` if it is another field.
fn file_name(head: &str) -> Option<String> {
    let line = head.lines().find(|line| {
        line.get(..20).is_some_and(|name| name.eq_ignore_ascii_case("content-disposition:"))
    })?;
    let value = |name: &str| {
        let (_, rest) = line.split_once(name)?;
        Some(
            rest.split('"')
                .next()
                .unwrap_or_default()
                .chars()
                .filter(|c| !c.is_control())
                .collect(),
        )
    };
    let named: Option<String> = value("filename=\"");
    named.or_else(|| value(" name=\"").filter(|name: &String| name == "file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &[u8]) -> io::Result<Vec<(String, String)>> {
        let directory = tempfile::tempdir()?;
        let found = files(form, b"xx", directory.path())?;
        let text = |(name, file): (String, File)| Ok((name, io::read_to_string(file)?));
        found.into_iter().map(text).collect()
    }

    #[test]
    fn files_of_a_form_are_found() {
        let form = "before\r\n--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nfield\r\n--xx\r\n\
            content-disposition: form-data; name=\"f\"; filename=\"../a.json\"\r\nContent-Type: x/y\r\n\r\n\
            one\r\n--x\r\ntwo\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\r\n--xx--\r\n";
        let found = read(form.as_bytes()).expect("a form");
        let expected = [("../a.json", "one\r\n--x\r\ntwo"), ("file", "")];
        assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
        let long = "y".repeat(3 * CHUNK + 5);
        let form = format!(
            "--xx\r\nContent-Disposition: form-data; filename=\"b\"\r\n\r\n{long}\r\n--xx--"
        );
        assert_eq!(read(form.as_bytes()).expect("a form")[0].1, long);
    }

    #[test]
    fn broken_forms_are_refused() {
        let head = "--xx\r\nContent-Disposition: form-data; filename=\"b\"\r\n";
        for broken in [
            "",
            "--yy--",
            "--xx",
            "--xxx\r\n",
            head,
            &format!("{head}\r\nabc"),
            &format!("{head}{}", "a: b\r\n".repeat(10_000)),
            &format!("{}--xx--", "--xx\r\n\r\n\r\n".repeat(MAX_PARTS + 1)),
        ] {
            assert!(read(broken.as_bytes()).is_err(), "{broken:.80}");
        }
        assert!(read(b"--xx--").expect("a form").is_empty());
        let most = format!("{}--xx--", "--xx\r\n\r\n\r\n".repeat(MAX_PARTS));
        assert!(read(most.as_bytes()).expect("a form").is_empty());
    }
}
