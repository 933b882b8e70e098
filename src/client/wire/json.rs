//! JSON from bytes.

use serde::Deserialize;

/// Reads one JSON document.
///
/// That the bytes are UTF-8 is found out once for all of them: string by string, as `serde_json` does
/// with bytes, costs a tenth of the whole reading.
///
/// # Errors
/// If they are not one, or not a `T`.
pub(crate) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> serde_json::Result<T> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        // Tells where, and takes what is only broken in members that nobody reads.
        Err(_) => serde_json::from_slice(bytes),
    }
}
