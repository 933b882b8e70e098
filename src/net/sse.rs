//! Server-sent events, decoded on bytes.
//!
//! A small decoder of our own, because the libraries lack what real streams need: a cap on the
//! length of a line (F76), a last event without a blank line (F50, F51), events without any blank
//! line between them ([`Decoder::splitting`]), and work that is linear in the bytes whatever the
//! cuts (F49). `data` and the name of an event are kept; no other field means anything (protocol 7.1).
//! Bytes stay bytes here, so a cut inside a character does no harm; the reader of an event decodes it whole.

/// The default longest event, in bytes (protocol F76 asks for at least 8 MiB).
pub const MAX_EVENT: usize = 8 << 20;

/// How much is kept of lines that are no fields, in bytes.
const MAX_STRAY: usize = 4 << 10;

/// An event was longer than the cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// The cap, in bytes.
    pub cap: usize,
}

/// Cuts a stream of bytes into the data of its events.
#[derive(Debug)]
pub struct Decoder {
    /// The beginning of a line whose end has not arrived yet.
    line: Vec<u8>,
    /// The data of the event whose end has not arrived yet.
    data: Vec<u8>,
    /// Whether that event has a data line at all.
    has_data: bool,
    /// The last byte was CR: a LF that follows belongs to it.
    after_cr: bool,
    at_start: bool,
    cap: usize,
    is_event: Option<fn(&[u8]) -> bool>,
    /// The name of the event whose end has not arrived yet.
    name: Vec<u8>,
    /// The beginning of the lines that are no fields.
    stray: Vec<u8>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::with_cap(MAX_EVENT)
    }
}

impl Decoder {
    /// A decoder that refuses events of more than `cap` bytes.
    pub fn with_cap(cap: usize) -> Self {
        Self {
            line: Vec::new(),
            data: Vec::new(),
            has_data: false,
            after_cr: false,
            at_start: true,
            cap,
            is_event: None,
            name: Vec::new(),
            stray: Vec::new(),
        }
    }

    /// The lines so far that belong to no stream of events, or the beginning of them: a server may send
    /// an error as plain text or as a page. Kept by a [splitting](Self::splitting) decoder only.
    pub(crate) fn stray(&self) -> &[u8] {
        self.stray.trim_ascii()
    }

    /// Takes a data line for which `is_event` holds as an event by itself, also where the server
    /// leaves out the blank line after it, or the name of the field before it. A field `error` is an
    /// event of that name.
    #[must_use]
    pub fn splitting(self, is_event: fn(&[u8]) -> bool) -> Self {
        Self { is_event: Some(is_event), ..self }
    }

    /// Takes the next bytes and calls `event` with the data of each event that they complete.
    ///
    /// # Errors
    /// [`TooLong`] if an event exceeds the cap. The decoder is of no use after that.
    pub fn feed(&mut self, bytes: &[u8], mut event: impl FnMut(&[u8])) -> Result<(), TooLong> {
        self.feed_named(bytes, |_, data| event(data))
    }

    /// As [`Decoder::feed`]; `event` gets the name of the event, too.
    ///
    /// # Errors
    /// As with [`Decoder::feed`].
    pub(crate) fn feed_named(
        &mut self,
        mut bytes: &[u8],
        mut event: impl FnMut(&[u8], &[u8]),
    ) -> Result<(), TooLong> {
        if self.after_cr && bytes.first() == Some(&b'\n') {
            bytes = &bytes[1..];
        }
        if !bytes.is_empty() {
            self.after_cr = false;
        }
        while let Some(end) = memchr::memchr2(b'\n', b'\r', bytes) {
            let (line, rest) = bytes.split_at(end);
            bytes = match rest {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                rest => &rest[1..],
            };
            if self.line.is_empty() {
                self.line_ends(line, &mut event)?;
            } else {
                let mut whole = std::mem::take(&mut self.line);
                self.check(whole.len() + line.len())?;
                whole.extend_from_slice(line);
                self.line_ends(&whole, &mut event)?;
                whole.clear();
                self.line = whole;
            }
        }
        self.check(self.line.len() + bytes.len())?;
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    /// Ends the stream. The last event needs no blank line.
    ///
    /// # Errors
    /// [`TooLong`] if it exceeds the cap.
    pub fn finish(&mut self, mut event: impl FnMut(&[u8])) -> Result<(), TooLong> {
        self.finish_named(|_, data| event(data))
    }

    /// As [`Decoder::finish`]; `event` gets the name of the event, too.
    ///
    /// # Errors
    /// As with [`Decoder::finish`].
    pub(crate) fn finish_named(
        &mut self,
        mut event: impl FnMut(&[u8], &[u8]),
    ) -> Result<(), TooLong> {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.line_ends(&line, &mut event)?;
        }
        self.line_ends(&[], &mut event)
    }

    fn line_ends(
        &mut self,
        line: &[u8],
        event: &mut impl FnMut(&[u8], &[u8]),
    ) -> Result<(), TooLong> {
        let line = if std::mem::take(&mut self.at_start) {
            line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
        } else {
            line
        };
        if line.is_empty() {
            if std::mem::take(&mut self.has_data) {
                event(&self.name, &self.data);
                self.data.clear();
            }
            self.name.clear();
            return Ok(());
        }
        let Some(value) = field(line, b"data") else {
            self.other(line, event);
            return Ok(());
        };
        self.check(self.data.len() + usize::from(self.has_data) + value.len())?;
        if !self.has_data && self.is_event.is_some_and(|is_event| is_event(value)) {
            event(&self.name, value);
            return Ok(());
        }
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        Ok(())
    }

    /// A line without data.
    fn other(&mut self, line: &[u8], event: &mut impl FnMut(&[u8], &[u8])) {
        if let Some(name) = field(line, b"event") {
            self.name.clear();
            self.name.extend_from_slice(name.trim_ascii());
        } else if let Some(is_event) = self.is_event {
            if let Some(error) = field(line, b"error") {
                event(b"error", error);
            } else if is_event(line) {
                event(&self.name, line);
            } else if !is_field(line) && self.stray.len() < MAX_STRAY {
                let length = line.len().min(MAX_STRAY - self.stray.len());
                self.stray.extend_from_slice(&line[..length]);
                self.stray.push(b'\n');
            }
        }
    }

    fn check(&self, length: usize) -> Result<(), TooLong> {
        if length > self.cap { Err(TooLong { cap: self.cap }) } else { Ok(()) }
    }
}

/// Whether a line is a comment, or a field that has no meaning here.
fn is_field(line: &[u8]) -> bool {
    line.first() == Some(&b':')
        || [b"event".as_slice(), b"id", b"retry"].iter().any(|name| field(line, name).is_some())
}

/// The value of a line of the field `name`, without the one space that may follow the colon.
fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    match line.strip_prefix(name)? {
        [] => Some(&[]),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        let mut keep = |event: &[u8]| events.push(String::from_utf8_lossy(event).into_owned());
        for piece in pieces {
            decoder.feed(piece, &mut keep).expect("within the cap");
        }
        decoder.finish(&mut keep).expect("within the cap");
        events
    }

    #[test]
    fn takes_every_spelling_of_a_line_and_of_its_end() {
        for text in [
            "data: a\n\ndata: b\n\n",
            "data:a\n\ndata:b",
            "data: a\r\n\r\ndata: b\r\n\r\n",
            "data: a\r\rdata: b\r\r",
            "\u{feff}data: a\n\nid: 7\nevent: message\ndata: b\n",
            ": comment\n\ndata: a\n\n\n\n: x\ndata: b\n\n",
        ] {
            assert_eq!(decode([text.as_bytes()]), ["a", "b"], "{text:?}");
        }
    }

    #[test]
    fn joins_the_data_lines_of_an_event() {
        assert_eq!(decode([b"data: a\ndata:\ndata: b\n\n".as_slice()]), ["a\n\nb"]);
        assert_eq!(decode([b"data\n\ndata: \n\n".as_slice()]), ["", ""]);
        assert_eq!(decode([b"database: x\n\ndata:  y\n\n".as_slice()]), [" y"]);
    }

    #[test]
    fn a_splitting_decoder_needs_no_blank_lines() {
        let mut events = Vec::new();
        let mut decoder = Decoder::default().splitting(|line| line.ends_with(b"}"));
        let text = b"data: {1}\ndata: {2}\n\ndata: {\ndata: 3}\n\ndata: {4}";
        for byte in text.chunks(1) {
            decoder.feed(byte, |event| events.push(event.to_vec())).expect("within the cap");
        }
        decoder.finish(|event| events.push(event.to_vec())).expect("within the cap");
        assert_eq!(events, [b"{1}".as_slice(), b"{2}", b"{\n3}", b"{4}"]);
    }

    #[test]
    fn lines_that_are_no_fields_are_kept_within_bounds() {
        let mut decoder = Decoder::default().splitting(|line| line.starts_with(b"{"));
        let text = b": x\nid: 7\nretry: 5\ndata: {1}\n{2}\n\n<html>\n502 Bad gateway";
        decoder.feed(text, |_| {}).expect("within the cap");
        decoder.finish(|_| {}).expect("within the cap");
        assert_eq!(decoder.stray(), b"<html>\n502 Bad gateway");
        decoder.feed(&b"x\n".repeat(2 * MAX_STRAY), |_| {}).expect("within the cap");
        assert!(decoder.stray.len() <= MAX_STRAY + 1);
    }

    #[test]
    fn events_have_names() {
        let mut events = Vec::new();
        let mut keep = |name: &[u8], data: &[u8]| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            events.push((text(name), text(data)));
        };
        let mut decoder = Decoder::default().splitting(|line| line.starts_with(b"{"));
        let text = "event: error\ndata: x\n\ndata: y\n\nevent:a\ndata: {1}\ndata: {2}\n\nerror: {3}\n\n{4}\n: {5}\nid: {6}\n";
        for byte in text.as_bytes().chunks(1) {
            decoder.feed_named(byte, &mut keep).expect("within the cap");
        }
        decoder.finish_named(&mut keep).expect("within the cap");
        let expected =
            [("error", "x"), ("", "y"), ("a", "{1}"), ("a", "{2}"), ("error", "{3}"), ("", "{4}")];
        assert_eq!(events, expected.map(|(name, data)| (name.to_owned(), data.to_owned())));
    }

    #[test]
    fn refuses_an_event_over_the_cap_however_it_is_cut() {
        for size in [1, 7, 64] {
            let mut decoder = Decoder::with_cap(32);
            let line = format!("data: {}\n\n", "x".repeat(40));
            let result: Result<Vec<()>, _> =
                line.as_bytes().chunks(size).map(|piece| decoder.feed(piece, |_| {})).collect();
            assert_eq!(result, Err(TooLong { cap: 32 }));
        }
        let mut decoder = Decoder::with_cap(32);
        let lines = "data: 0123456789\n".repeat(4);
        assert_eq!(decoder.feed(lines.as_bytes(), |_| {}), Err(TooLong { cap: 32 }));
    }
}
