//! From bytes to the data of events. A decoder of our own, because it has to be more tolerant than
//! the standard: servers leave out the space behind `data:`, the blank line between two events or at
//! the end, and send keep-alives of several kinds. Bytes are only read as UTF-8 where a line is whole.

/// The longest line, in bytes: a piece of an answer is a few words.
const MAX_LINE: usize = 1 << 20;

/// A line or an event is longer than this many bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// The decoder.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The beginning of a line.
    line: Vec<u8>,
    /// `data` lines that are no JSON by themselves.
    data: String,
    begun: bool,
}

impl Events {
    /// Takes the next bytes; `event` gets the data of each event that is whole.
    ///
    /// # Errors
    /// If a line is too long.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        event: &mut impl FnMut(&str),
    ) -> Result<(), TooLong> {
        let mut rest = bytes;
        while let Some(at) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at(at);
            self.append(line)?;
            self.end_line(event)?;
            rest = &after[1..];
        }
        self.append(rest)
    }

    /// The end of the bytes: what has no line end is whole all the same.
    ///
    /// # Errors
    /// If an event is too long.
    pub(super) fn finish(&mut self, event: &mut impl FnMut(&str)) -> Result<(), TooLong> {
        self.end_line(event)?;
        self.dispatch(event);
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + bytes.len() > MAX_LINE {
            return Err(TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, event: &mut impl FnMut(&str)) -> Result<(), TooLong> {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let text = text.strip_suffix('\r').unwrap_or(&text);
        let text = if self.begun { text } else { text.strip_prefix('\u{feff}').unwrap_or(text) };
        self.begun = true;
        if text.is_empty() {
            self.dispatch(event);
        } else if let Some(data) = text.strip_prefix("data:") {
            let data = data.strip_prefix(' ').unwrap_or(data);
            if self.data.is_empty() && is_whole(data) {
                event(data);
            } else if self.data.len() + data.len() > MAX_LINE {
                return Err(TooLong);
            } else {
                self.data.push_str(data);
                self.data.push('\n');
            }
        }
        // Comments and other fields are no data. The buffer is kept for the next line.
        self.line = line;
        self.line.clear();
        Ok(())
    }

    fn dispatch(&mut self, event: &mut impl FnMut(&str)) {
        let data = std::mem::take(&mut self.data);
        if !data.trim().is_empty() {
            event(data.trim_end());
        }
    }
}

/// Whether a line is an event by itself, also where no blank line follows.
fn is_whole(data: &str) -> bool {
    data.trim() == "[DONE]" || serde_json::from_str::<serde::de::IgnoredAny>(data).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut events = Events::default();
        let mut found = Vec::new();
        for piece in pieces {
            events.feed(piece, &mut |data| found.push(data.to_owned())).expect("short lines");
        }
        events.finish(&mut |data| found.push(data.to_owned())).expect("short lines");
        found
    }

    #[test]
    fn all_forms_are_read_wherever_they_are_cut() {
        let text = "\u{feff}: ping\n\ndata: {\"a\":\"xin chào 你好 🙂\"}\n\ndata:{\"b\":1}\r\n\r\n\
                    event: x\nid: 7\nretry: 5\ndata: {\"c\":2}\ndata: {\"d\":3}\n\ndata: {\ndata: \"e\":4}\n\n\
                    data: \n\ndata: [DONE]";
        let expected = [
            "{\"a\":\"xin chào 你好 🙂\"}",
            "{\"b\":1}",
            "{\"c\":2}",
            "{\"d\":3}",
            "{\n\"e\":4}",
            "[DONE]",
        ];
        assert_eq!(read(&[text.as_bytes()]), expected);
        for at in 0..text.len() {
            let (before, after) = text.as_bytes().split_at(at);
            assert_eq!(read(&[before, after]), expected, "cut at {at}");
        }
        assert_eq!(read(&text.as_bytes().chunks(1).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn what_is_too_long_is_refused() {
        let mut events = Events::default();
        let half = vec![b'x'; MAX_LINE / 2 + 1];
        assert_eq!(events.feed(&half, &mut |_| {}), Ok(()));
        assert_eq!(events.feed(&half, &mut |_| {}), Err(TooLong));
        let mut events = Events::default();
        let line = format!("data: {}\n", "x".repeat(MAX_LINE / 2));
        assert_eq!(events.feed(line.as_bytes(), &mut |_| {}), Ok(()));
        assert_eq!(events.feed(line.as_bytes(), &mut |_| {}), Err(TooLong));
    }
}
