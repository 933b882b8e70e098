//! Renders Markdown from a model as HTML that is safe in a page.
//!
//! What this module keeps true for any text:
//!
//! * Raw HTML is shown as text.
//! * Links lead only to `http`, `https` or `mailto`, open in a new tab and send no referrer. An image
//!   becomes a link: an image that loads by itself could send the conversation to another site.
//! * Time and size are bounded: text that is too long, too deep or too rich is shown as plain text.
//! * Control characters and characters that reorder text are removed, so that the code on the screen is
//!   the code that is copied.
//!
//! The events of the parser pass the filters (see `events`), and all output passes the sanitizer.

mod citations;
mod sanitize;
mod shape;

use pulldown_cmark::{Event, Options, Parser, TextMergeStream, html};

use crate::domain::Citation;

/// Texts longer than this many bytes are shown as plain text.
const MAX_BYTES: usize = 512 * 1024;
/// Texts with more parser events than this are shown as plain text. A table of a few hundred bytes
/// can have a quarter of a million cells.
const MAX_EVENTS: usize = 100_000;

/// Renders `text`. `[[7]]` becomes a link to the source with the number 7; a number without a source
/// stays as it is. Takes about 10 ms for 100 KB.
pub(crate) fn markdown_with(text: &str, sources: &[Citation]) -> String {
    if text.len() > MAX_BYTES {
        return plain(text);
    }
    let text = without_controls(text);
    let events: Vec<_> = events(&text, sources).take(MAX_EVENTS + 1).collect();
    if events.len() > MAX_EVENTS {
        return plain(&text);
    }
    let mut page = String::with_capacity(text.len() * 2);
    html::push_html(&mut page, events.into_iter());
    sanitize::clean(&page)
}

fn events<'a>(text: &'a str, sources: &'a [Citation]) -> impl Iterator<Item = Event<'a>> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let parsed = TextMergeStream::new(Parser::new_ext(text, options));
    let shaped = shape::Shaped::new(parsed);
    let linked = citations::Linked::new(TextMergeStream::new(shaped), sources);
    linked.map(|event| match event {
        Event::Text(text) => Event::Text(sanitize::shield(&text).into()),
        Event::Code(text) => Event::Code(sanitize::shield(&text).into()),
        event => event,
    })
}

/// `text` without formatting.
fn plain(text: &str) -> String {
    let text = sanitize::shield(&without_controls(text));
    sanitize::clean(&format!("<pre class=\"plain\">{text}</pre>"))
}

fn without_controls(text: &str) -> String {
    let kept = |c: &char| {
        let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        matches!(c, '\n' | '\t') || !(c.is_control() || reorders || sanitize::is_stand_in(*c))
    };
    text.replace("\r\n", "\n").chars().filter(kept).collect()
}

#[cfg(test)]
mod tests;
