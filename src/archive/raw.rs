//! What the upstream sent, packed.
//!
//! A text that is stored with its message is not stored twice: a JSON string with that content becomes a
//! reference to the message, before the rest is compressed. So the texts of a chat and what was sent are
//! written together, and a hash tells whether they still belong together.

use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use memchr::{memchr, memchr2};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use sha2::{Digest as _, Sha256};

/// Stands first where there may be references; the magic number of gzip begins otherwise.
const WITH_REFERENCES: u8 = 1;
/// Encloses a reference; no UTF-8 text has this byte.
const MARK: u8 = 0xff;
/// Shorter texts are not worth a reference, in bytes.
const SHORTEST: usize = 16;

/// Stores what was sent for a chat, after its texts.
pub(super) fn write(
    change: &Transaction<'_>,
    chat: i64,
    (raw, sha256): (&[u8], [u8; 32]),
) -> rusqlite::Result<()> {
    let packed = pack(raw, &texts(change, chat)?)
        .map_err(|fault| rusqlite::Error::ToSqlConversionFailure(fault.into()))?;
    let sql = "REPLACE INTO raw (chat, json, sha256) VALUES (?1, ?2, ?3)";
    change.execute(sql, params![chat, packed, sha256]).map(drop)
}

/// What was sent for a chat. `None` if it is not there, or damaged.
pub(super) fn read(connection: &Connection, chat: i64) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = "SELECT json, sha256 FROM raw WHERE chat = ?1";
    let found = connection.query_row(sql, [chat], |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((packed, sha256)): Option<(Vec<u8>, Vec<u8>)> = found.optional()? else {
        return Ok(None);
    };
    let raw = unpack(&packed, &texts(connection, chat)?);
    Ok(raw.filter(|raw| Sha256::digest(raw).as_slice() == sha256))
}

/// The texts and thoughts of a chat, each as it stands inside of a JSON string.
fn texts(connection: &Connection, chat: i64) -> rusqlite::Result<Vec<Vec<u8>>> {
    let mut find = connection.prepare(
        "SELECT text, thinking FROM messages JOIN texts ON message = n WHERE chat = ?1 ORDER BY n",
    )?;
    let mut rows = find.query([chat])?;
    let mut texts = Vec::new();
    while let Some(row) = rows.next()? {
        for column in 0..2 {
            let text = row.get_ref(column)?.as_str_or_null()?.unwrap_or_default();
            let json = serde_json::to_vec(text).unwrap_or_default();
            let inside = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
            texts.push(inside.to_vec());
        }
    }
    Ok(texts)
}

fn pack(raw: &[u8], texts: &[Vec<u8>]) -> io::Result<Vec<u8>> {
    if memchr(MARK, raw).is_some() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(raw)?;
        return packed.finish();
    }
    let places: HashMap<&[u8], usize> = texts
        .iter()
        .enumerate()
        .filter(|(_, text)| text.len() >= SHORTEST)
        .map(|(place, text)| (text.as_slice(), place))
        .collect();
    let mut packed = GzEncoder::new(vec![WITH_REFERENCES], Compression::default());
    let mut rest = raw;
    while let Some(start) = memchr(b'"', rest) {
        let (before, string) = rest.split_at(start + 1);
        packed.write_all(before)?;
        let end = end_of_string(string);
        match places.get(&string[..end]) {
            Some(place) => {
                packed.write_all(&[MARK])?;
                write!(packed, "{place}")?;
                packed.write_all(&[MARK])?;
            }
            None => packed.write_all(&string[..end])?,
        }
        // The quote at the end is no beginning.
        let after = (end + 1).min(string.len());
        packed.write_all(&string[end..after])?;
        rest = &string[after..];
    }
    packed.write_all(rest)?;
    packed.finish()
}

/// Where the string ends whose content `json` begins with.
fn end_of_string(json: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = json.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        if json[at + found] == b'"' {
            return at + found;
        }
        at += found + 2;
    }
    json.len()
}

fn unpack(packed: &[u8], texts: &[Vec<u8>]) -> Option<Vec<u8>> {
    let packed_with = packed.strip_prefix(&[WITH_REFERENCES]);
    let mut plain = Vec::new();
    GzDecoder::new(packed_with.unwrap_or(packed)).read_to_end(&mut plain).ok()?;
    if packed_with.is_none() {
        return Some(plain);
    }
    let mut raw = Vec::with_capacity(plain.len() * 4);
    for (at, part) in plain.split(|byte| *byte == MARK).enumerate() {
        if at % 2 == 0 {
            raw.extend_from_slice(part);
        } else {
            let place: usize = std::str::from_utf8(part).ok()?.parse().ok()?;
            raw.extend_from_slice(texts.get(place)?);
        }
    }
    Some(raw)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(texts: &[&str]) -> Vec<Vec<u8>> {
        let inside = |text: &&str| {
            let json = serde_json::to_string(text).expect("JSON");
            json.as_bytes()[1..json.len() - 1].to_vec()
        };
        texts.iter().map(inside).collect()
    }

    #[test]
    fn texts_are_not_stored_twice() {
        let text: String = (0..3000)
            .map(|n| format!("\"word\\{}\"\n", n * 7919 % 3001))
            .collect::<Vec<_>>()
            .concat();
        let raw =
            serde_json::json!({"a": text, "b": [text], "c": "short", "d": "Đường đi Huế dài"});
        let raw = raw.to_string().into_bytes();
        let texts = escaped(&["", &text, "Đường đi Huế dài"]);
        let packed = pack(&raw, &texts).expect("packed");
        assert!(packed.len() < 150, "{}", packed.len());
        assert!(unpack(&packed, &texts).as_deref() == Some(&raw[..]));
        assert!(unpack(&packed, &texts[..1]).is_none());
        let plain = pack(&raw, &[]).expect("packed");
        assert!(unpack(&plain, &texts).as_deref() == Some(&raw[..]));
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked_byte_by_byte(
            raw in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..200),
                "([\"\\\\a,]|\"aaaaaaaaaaaaaaaaaa\"|\"\\\\\"bbbbbbbbbbbbbbbbbb\"){0,20}"
                    .prop_map(String::into_bytes),
            ],
        ) {
            let texts = escaped(&["aaaaaaaaaaaaaaaaaa", "\"bbbbbbbbbbbbbbbbbb", "x"]);
            let packed = pack(&raw, &texts).expect("packed");
            prop_assert!(unpack(&packed, &texts).as_deref() == Some(&raw[..]));
        }
    }
}
