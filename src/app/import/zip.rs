//! Reads the files of a ZIP archive: stored or deflated, also in the 64-bit format.
//!
//! What this module keeps true: nothing is extracted, so that the names of files mean nothing; sizes that
//! an archive claims are not believed.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::read::DeflateDecoder;

use super::invalid;

/// The most files of an archive that may hold chats.
const MAX_ENTRIES: usize = 10_000;
/// The longest directory, in bytes.
const MAX_DIRECTORY: u64 = 32 << 20;
/// The longest end of an archive: a record and its comment.
const MAX_END: u64 = 22 + 65_535;

/// A file of an archive.
pub(super) struct Entry {
    /// Its name.
    pub name: String,
    /// Its size in the archive.
    pub packed: u64,
    method: u16,
    is_encrypted: bool,
    offset: u64,
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> io::Result<u64> {
    let found = bytes.get(at..at + N).ok_or_else(broken)?;
    Ok(found.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn broken() -> io::Error {
    invalid("the ZIP archive is damaged")
}

fn read_at(file: &mut File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The files of an archive with such names.
pub(super) fn entries(file: &mut File, is_wanted: impl Fn(&str) -> bool) -> io::Result<Vec<Entry>> {
    let length = file.metadata()?.len();
    let start = length.saturating_sub(MAX_END);
    let end = read_at(file, start, MAX_END)?;
    let at = memchr::memmem::rfind(&end, b"PK\x05\x06").ok_or_else(broken)?;
    let (mut size, mut offset) = (number::<4>(&end, at + 12)?, number::<4>(&end, at + 16)?);
    if size == u64::from(u32::MAX) || offset == u64::from(u32::MAX) {
        let locator = at.checked_sub(20).ok_or_else(broken)?;
        if end[locator..].get(..4) != Some(b"PK\x06\x07") {
            return Err(broken());
        }
        let record = read_at(file, number::<8>(&end, locator + 8)?, 56)?;
        if record.get(..4) != Some(b"PK\x06\x06") {
            return Err(broken());
        }
        (size, offset) = (number::<8>(&record, 40)?, number::<8>(&record, 48)?);
    }
    if size > MAX_DIRECTORY || offset > length {
        return Err(broken());
    }
    let directory = read_at(file, offset, size)?;
    let mut entries = Vec::new();
    let mut at = 0;
    while at < directory.len() {
        let (entry, next) = entry(&directory, at)?;
        at = next;
        if !is_wanted(&entry.name) {
            continue;
        }
        if entries.len() == MAX_ENTRIES {
            return Err(invalid("the ZIP archive has more than 10,000 JSON files"));
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// The entry at `at` in the directory, and where the next one is.
fn entry(directory: &[u8], at: usize) -> io::Result<(Entry, usize)> {
    let header = directory.get(at..).ok_or_else(broken)?;
    if header.get(..4) != Some(b"PK\x01\x02") {
        return Err(broken());
    }
    let length =
        |place| number::<2>(header, place).map(|length| usize::try_from(length).unwrap_or(0));
    let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
    let mut packed = number::<4>(header, 20)?;
    let size = number::<4>(header, 24)?;
    let mut offset = number::<4>(header, 42)?;
    let mut rest = header.get(46 + name..46 + name + extra).ok_or_else(broken)?;
    // The 64-bit numbers stand in place of those that are too large, in this order.
    while let (Ok(kind), Ok(length)) = (number::<2>(rest, 0), number::<2>(rest, 2)) {
        let end = 4 + usize::try_from(length).unwrap_or(0);
        let field = rest.get(4..end).ok_or_else(broken)?;
        if kind == 1 {
            let mut place = if size == u64::from(u32::MAX) { 8 } else { 0 };
            for value in [&mut packed, &mut offset] {
                if *value == u64::from(u32::MAX) {
                    *value = number::<8>(field, place)?;
                    place += 8;
                }
            }
        }
        rest = &rest[end..];
    }
    let bytes = header.get(46..46 + name).ok_or_else(broken)?;
    let entry = Entry {
        name: String::from_utf8_lossy(bytes).into_owned(),
        packed,
        method: u16::try_from(number::<2>(header, 10)?).unwrap_or(u16::MAX),
        is_encrypted: number::<2>(header, 8)? & 1 == 1,
        offset,
    };
    Ok((entry, at + 46 + name + extra + comment))
}

/// Opens a file of the archive.
pub(super) fn open<'a>(file: &'a mut File, entry: &Entry) -> io::Result<Box<dyn Read + 'a>> {
    if entry.is_encrypted {
        return Err(invalid("the ZIP archive is encrypted"));
    }
    let header = read_at(file, entry.offset, 30)?;
    if header.get(..4) != Some(b"PK\x03\x04") {
        return Err(broken());
    }
    let before = 30 + number::<2>(&header, 26)? + number::<2>(&header, 28)?;
    file.seek(SeekFrom::Start(entry.offset.checked_add(before).ok_or_else(broken)?))?;
    let packed = BufReader::new(file.take(entry.packed));
    match entry.method {
        0 => Ok(Box::new(packed)),
        8 => Ok(Box::new(DeflateDecoder::new(packed))),
        _ => Err(invalid("the ZIP archive has a compression that is not supported")),
    }
}
