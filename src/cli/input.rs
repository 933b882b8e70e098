//! The message of `send` and `quick`: argument, standard input, or both, or the answer to a prompt.

use std::io::{self, Read};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::context::Context;
use super::interrupt::beside;
use super::output::{Outcome, Stdin, StdinKind};
use super::terminal::{LONGEST_LINE, truncated_line};
use crate::app::answer::{MAX_MESSAGE_BYTES, too_long};
use crate::domain::Error;

/// How long a pipe may be silent before a notice.
const NOTICE_AFTER: Duration = Duration::from_secs(1);

/// How long a pipe may be silent before it is ignored, if there is a message.
const GIVE_UP_AFTER: Duration = Duration::from_secs(5);

impl Context {
    /// The message to send. `None` for an empty answer to the prompt.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::InvalidRequest`] if there is no message, or it is not UTF-8, or too long.
    pub(super) async fn message(&self, argument: Option<&str>) -> Outcome<Option<String>> {
        if self.stdin_is_token().await? {
            return match argument {
                Some("-") | None => Err(no_room_for_a_message().into()),
                Some(text) => Ok(Some(text.to_owned())),
            };
        }
        match argument {
            Some("-") => self.all_of_stdin().await.map(Some),
            Some(text) => self.with_stdin(text).await.map(Some),
            None if self.stdin_kind() == StdinKind::Terminal || self.globals.no_stdin => {
                self.ask_line("Message", no_message()).await
            }
            None => match self.all_of_stdin().await? {
                text if text.trim().is_empty() => Err(no_message().into()),
                text => Ok(Some(text)),
            },
        }
    }

    /// The same where a message may be left out: prompts for nothing, and does not wait for a silent pipe.
    ///
    /// # Errors
    /// As with [`Context::message`].
    pub(super) async fn optional_message(&self, argument: Option<&str>) -> Outcome<Option<String>> {
        if argument.is_some() || self.stdin_is_token().await? {
            return match argument {
                Some(_) => self.message(argument).await,
                None => Ok(None),
            };
        }
        let text = self.with_stdin("").await?;
        Ok(Some(text.trim_start_matches('\n').to_owned()).filter(|text| !text.is_empty()))
    }

    /// All of standard input, as text. Waits without limit.
    ///
    /// # Errors
    /// As with [`Context::message`].
    pub(super) async fn all_of_stdin(&self) -> Outcome<String> {
        let stdin = self.take_stdin().ok_or_else(no_message)?;
        let is_person = stdin.kind == StdinKind::Terminal;
        let mut reading = Reading::start(stdin);
        if !is_person && timeout(NOTICE_AFTER, &mut reading.begun).await.is_err() {
            self.output.note("reading standard input until it ends (Ctrl-C cancels)");
        }
        let text = self.interrupt.or(reading.text()).await?;
        if is_person && text.lines().any(|line| line.len() >= LONGEST_LINE) {
            return Err(truncated_line().into());
        }
        Ok(text)
    }

    /// The argument, followed by a blank line and the pipe or file on standard input.
    async fn with_stdin(&self, argument: &str) -> Outcome<String> {
        let stdin = match self.stdin_kind() {
            StdinKind::PipeOrFile if !self.globals.no_stdin => self.take_stdin(),
            _ => None,
        };
        let Some(stdin) = stdin else { return Ok(argument.to_owned()) };
        let mut reading = Reading::start(stdin);
        if !self.interrupt.or(self.has_begun(&mut reading)).await? {
            self.output.warn("standard input stayed silent; sending only the message");
            return Ok(argument.to_owned());
        }
        let text = self.interrupt.or(reading.text()).await?;
        let text = text.trim_end_matches(['\r', '\n']);
        if text.trim().is_empty() {
            return Ok(argument.to_owned());
        }
        // In a loop (`while read …`) this is the rest of the input of the loop.
        let added = text.len();
        self.output.aside(&format!("added {added} bytes of standard input to the message"));
        Ok(format!("{argument}\n\n{text}"))
    }

    /// Waits a bounded time for the first byte or the end.
    async fn has_begun(&self, reading: &mut Reading) -> Outcome<bool> {
        if timeout(NOTICE_AFTER, &mut reading.begun).await.is_ok() {
            return Ok(true);
        }
        self.output.note("waiting for standard input, an open pipe (`--no-stdin` skips it)");
        let rest = GIVE_UP_AFTER.saturating_sub(NOTICE_AFTER);
        Ok(timeout(rest, &mut reading.begun).await.is_ok())
    }
}

fn no_message() -> Error {
    Error::invalid("no message given")
        .with_hint("give the message as an argument, or `-` to read it from standard input")
}

fn no_room_for_a_message() -> Error {
    Error::invalid("no message given: standard input holds the access token")
        .with_hint("give the message as an argument")
}

/// Standard input, read on a thread of its own.
struct Reading {
    /// Resolves at the first byte or the end.
    begun: oneshot::Receiver<()>,
    all: BoxFuture<'static, Outcome<io::Result<Vec<u8>>>>,
}

impl Reading {
    fn start(stdin: Stdin) -> Self {
        let (sender, begun) = oneshot::channel();
        let all = Box::pin(beside(move || read_bounded(stdin.reader, sender)));
        Self { begun, all }
    }

    async fn text(self) -> Outcome<String> {
        let bytes = self
            .all
            .await?
            .map_err(|fault| Error::invalid(format!("cannot read standard input: {fault}")))?;
        Ok(decode(bytes)?)
    }
}

/// Reads a little more than the limit, so that an excess is detected and memory is bounded.
fn read_bounded(
    mut reader: Box<dyn Read + Send>,
    begun: oneshot::Sender<()>,
) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 64 << 10];
    let first = loop {
        match reader.read(&mut bytes) {
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
            first => break first,
        }
    };
    let _ = begun.send(());
    bytes.truncate(first?);
    if !bytes.is_empty() {
        let room = (MAX_MESSAGE_BYTES + BOM.len() + 1 - bytes.len()) as u64;
        reader.take(room).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

const BOM: &str = "\u{feff}";

/// Text without a byte order mark.
fn decode(bytes: Vec<u8>) -> Result<String, Error> {
    let text = String::from_utf8(bytes).map_err(|fault| {
        let at = fault.utf8_error().valid_up_to();
        if fault.as_bytes().len() > MAX_MESSAGE_BYTES && fault.utf8_error().error_len().is_none() {
            // Cut within a character because it is too long anyway.
            return too_long(None);
        }
        Error::invalid(format!("standard input is not valid UTF-8 at byte offset {at}"))
            .with_hint("convert it first, for example with `iconv -t UTF-8`")
    })?;
    let text = text.strip_prefix(BOM).unwrap_or(&text);
    if text.len() > MAX_MESSAGE_BYTES { Err(too_long(None)) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ErrorKind;

    #[test]
    fn a_byte_order_mark_is_removed() {
        assert_eq!(decode("\u{feff}hi".into()).ok().as_deref(), Some("hi"));
        assert_eq!(decode("h\u{feff}i".into()).ok().as_deref(), Some("h\u{feff}i"));
    }

    #[test]
    fn invalid_utf8_is_refused_with_its_offset() {
        let error = decode(b"abc\xffdef".to_vec()).expect_err("not UTF-8");
        assert!(error.message().contains("at byte offset 3"), "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }

    #[test]
    fn an_excess_is_detected_and_not_read() {
        struct Endless(usize);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += buffer.len();
                assert!(self.0 < 2 * MAX_MESSAGE_BYTES, "reads for ever");
                buffer.fill(b'x');
                Ok(buffer.len())
            }
        }
        let (sender, _begun) = oneshot::channel();
        let bytes = read_bounded(Box::new(Endless(0)), sender).expect("bytes");
        let error = decode(bytes).expect_err("too long");
        assert!(error.message().contains("10485760"), "{error}");
    }

    #[test]
    fn input_of_the_maximum_size_is_accepted() {
        assert!(decode(vec![b'x'; MAX_MESSAGE_BYTES]).is_ok());
        let with_mark = [BOM.as_bytes(), &vec![b'x'; MAX_MESSAGE_BYTES]].concat();
        assert!(decode(with_mark).is_ok());
        let cut_letter = [vec![b'x'; MAX_MESSAGE_BYTES], b"\xe4\xbd".to_vec()].concat();
        assert!(decode(cut_letter).is_err_and(|error| error.message().contains("10485760")));
    }
}
