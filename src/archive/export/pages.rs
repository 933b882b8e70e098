//! Chats to read: Markdown and HTML.
//!
//! What this module keeps true: no message can end its own place: an open code block is closed, and a fence
//! is longer than any in its text; HTML passes the sanitizer of the chat page, has no script and loads
//! nothing; the name of a file depends on its chat alone.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::Range;

use jiff::Timestamp;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag};

use super::{Options, Shown, rfc3339, shown};
use crate::archive::record::Record;
use crate::domain::html::{markdown_with, plain};
use crate::domain::{Citation, Message, MessageState, Role};

/// Texts longer than this many bytes are not parsed: they stand in a fence.
const MAX_PARSED: usize = 512 * 1024;
/// The longest mark of a citation, in bytes.
const LONGEST_MARK: usize = 200;
/// The longest title in a file name, in characters and in bytes.
const MAX_SLUG: (usize, usize) = (60, 150);
/// How much of an id is in a file name.
const SHORT_ID: usize = 8;

/// The name of the file of a chat without its extension: `2026-09-21 title [c0000000]`.
pub fn file_name(record: &Record) -> String {
    let chat = &record.chat;
    let first = chat.messages.iter().filter_map(|message| message.timestamp).min();
    let day = chat
        .created_at
        .or(first)
        .or(chat.updated_at)
        .and_then(|at| Timestamp::from_second(at).ok());
    let day = day.map_or_else(|| "undated".to_owned(), |at| at.strftime("%Y-%m-%d").to_string());
    let id = chat.id.as_str();
    // All imported chats begin alike.
    let id = id.strip_prefix("imp-").unwrap_or(id);
    let short: String = id.chars().take(SHORT_ID).collect();
    format!("{day} {} [{short}]", slug(chat.title.as_deref().unwrap_or_default()))
}

/// Letters and digits of any script, joined by dashes: safe on every file system.
fn slug(title: &str) -> String {
    let title =
        icu_normalizer::ComposingNormalizerBorrowed::new_nfc().normalize(title).to_lowercase();
    let mut slug = String::new();
    let mut is_gap = false;
    for (count, c) in title.chars().enumerate() {
        // Marks belong to the letter before them.
        if !c.is_alphanumeric() && !is_mark(c) {
            is_gap = true;
            continue;
        }
        let gap = if is_gap && !slug.is_empty() { "-" } else { "" };
        is_gap = false;
        if count >= MAX_SLUG.0 || slug.len() + gap.len() + c.len_utf8() > MAX_SLUG.1 {
            break;
        }
        slug += gap;
        slug.push(c);
    }
    if slug.is_empty() { "untitled".to_owned() } else { slug }
}

/// Whether `c` is a mark of a letter, as in Thai and Hindi.
fn is_mark(c: char) -> bool {
    use icu_properties::props::GeneralCategory;
    let category = icu_properties::CodePointMapData::<GeneralCategory>::new().get(c);
    matches!(category, GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark)
}

/// The chat in Markdown.
pub fn markdown(record: &Record, options: Options) -> String {
    let messages = shown(&record.chat, options.branches);
    let mut out = front_matter(record, messages.len());
    let title = line(record.chat.title.as_deref().unwrap_or("Untitled"));
    let _ = writeln!(out, "\n# {}", if title.is_empty() { "Untitled" } else { &title });
    if record.chat.incomplete {
        out += "\n*Older messages are missing.*\n";
    }
    for (number, shown) in (1..).zip(&messages) {
        markdown_message(&mut out, number, shown, options);
    }
    out
}

fn front_matter(record: &Record, messages: usize) -> String {
    let chat = &record.chat;
    let text = |text: &str| serde_json::Value::from(line(text)).to_string();
    let mut out = format!("---\nid: {}\n", text(chat.id.as_str()));
    let title = chat.title.as_deref().unwrap_or_default();
    let _ = writeln!(out, "title: {}", text(title));
    for (name, at) in [("created", chat.created_at), ("updated", chat.updated_at)] {
        if let Some(at) = at {
            let _ = writeln!(out, "{name}: {}", rfc3339(at));
        }
    }
    if let Some(model) = &chat.model {
        let _ = writeln!(out, "model: {}", text(model));
    }
    let _ = writeln!(out, "messages: {messages}");
    let _ = writeln!(out, "source: {}", text(record.source.as_deref().unwrap_or("qwen")));
    if let Some(url) = &record.url {
        let _ = writeln!(out, "url: {}", text(url));
    }
    out + "---\n"
}

fn markdown_message(out: &mut String, number: usize, shown: &Shown<'_>, options: Options) {
    let message = shown.message;
    let _ = write!(out, "\n## {}\n", heading(shown));
    if let Some(thinking) = message.thinking.as_deref().filter(|_| options.thinking) {
        let _ = write!(
            out,
            "\n<details>\n<summary>Thinking</summary>\n\n{}\n\n</details>\n",
            fenced(&cleaned(thinking))
        );
    }
    let body = body(&cleaned(&message.content), &message.citations, number);
    if !body.trim().is_empty() {
        let _ = write!(out, "\n{}\n", body.trim_end_matches('\n'));
    }
    for (at, image) in (1..).zip(&message.images) {
        let _ = match link(image) {
            Some(url) => write!(out, "\n[Image {at}](<{url}>)\n"),
            None => write!(out, "\nImage {at}: {}\n", code(image)),
        };
    }
    for file in &message.files {
        let _ = write!(out, "\nAttached: {}\n", code(&file.to_string()));
    }
    if let Some(note) = note(message) {
        let _ = write!(out, "\n*{}*\n", escaped(&note));
    }
    if !message.citations.is_empty() {
        out.push('\n');
    }
    for source in &message.citations {
        let title = escaped(&line(&source.title));
        let _ = match link(&source.url) {
            Some(url) => writeln!(out, "[^{number}-{}]: [{title}](<{url}>)", source.number),
            None => writeln!(out, "[^{number}-{}]: {title} {}", source.number, code(&source.url)),
        };
    }
}

/// `User`, or `Assistant (model, time)`.
fn heading(shown: &Shown<'_>) -> String {
    let message = shown.message;
    let mut text = match &message.role {
        Role::User => "User".to_owned(),
        Role::Assistant => {
            let at = message.timestamp.map(rfc3339);
            let details: Vec<_> =
                message.model.as_deref().map(line).into_iter().chain(at).collect();
            match details.as_slice() {
                [] => "Assistant".to_owned(),
                details => format!("Assistant ({})", details.join(", ")),
            }
        }
        Role::Other(role) => line(role),
    };
    if let Some((number, count)) = shown.sibling {
        let _ = write!(text, " · branch {number} of {count}");
    }
    text
}

/// Why a message is not whole.
fn note(message: &Message) -> Option<String> {
    let error = message.error.as_ref().map(|error| line(&error.to_string()));
    match (message.state, error) {
        (MessageState::Stopped, None) => Some("Stopped".to_owned()),
        (MessageState::InProgress, None) => Some("Not finished".to_owned()),
        (MessageState::Failed, None) => Some("Failed".to_owned()),
        (_, Some(error)) => Some(format!("Failed: {error}")),
        (MessageState::Done, None) => None,
    }
}

/// A text in which nothing reaches beyond its end; citations become footnotes.
fn body(text: &str, citations: &[Citation], number: usize) -> String {
    if text.len() > MAX_PARSED {
        return fenced(text);
    }
    let Parsed { code, forged, open_fence, open_html } = parse(text);
    if open_html {
        return fenced(text);
    }
    let mut edits: Vec<(Range<usize>, String)> =
        forged.into_iter().map(|at| (at..at, "\\".to_owned())).collect();
    let is_code = |at: usize| {
        let next = code.partition_point(|range| range.end <= at);
        code.get(next).is_some_and(|range| range.contains(&at))
    };
    let sources: HashSet<u32> = citations.iter().map(|source| source.number).collect();
    for (at, _) in text.match_indices("[[") {
        let near = &text.as_bytes()[at..text.len().min(at + LONGEST_MARK)];
        let end = memchr::memmem::find(near, b"]]").filter(|_| !is_code(at));
        let Some(end) = end else { continue };
        let numbers = text[at + 2..at + end].split(',').map(|number| number.trim().parse().ok());
        let Some(numbers) = numbers.collect::<Option<Vec<u32>>>() else { continue };
        let known = numbers.iter().filter(|n| sources.contains(n));
        let mut marks = String::new();
        for n in known {
            let _ = write!(marks, "[^{number}-{n}]");
        }
        if !marks.is_empty() {
            edits.push((at..at + end + 2, marks));
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len() + 64);
    let mut from = 0;
    for (range, new) in edits {
        if range.start >= from {
            out += &text[from..range.start];
            out += &new;
            from = range.end;
        }
    }
    out += &text[from..];
    if let Some(at) = open_fence {
        let mark = text[at..].chars().next().unwrap_or('`');
        let length = text[at..].chars().take_while(|c| *c == mark).count();
        out = format!("{}\n{}", out.trim_end_matches('\n'), mark.to_string().repeat(length));
        let closed = parse(&out);
        if closed.open_fence.is_some() || closed.open_html {
            return fenced(text);
        }
    }
    out
}

/// What matters in a text that is written between others.
struct Parsed {
    /// Where code is.
    code: Vec<Range<usize>>,
    /// Where a heading looks like that of a message.
    forged: Vec<usize>,
    /// Where a code block begins that does not end.
    open_fence: Option<usize>,
    /// Whether a block of HTML does not end.
    open_html: bool,
}

fn parse(text: &str) -> Parsed {
    let mut parsed =
        Parsed { code: Vec::new(), forged: Vec::new(), open_fence: None, open_html: false };
    // What follows is not part of any block that ends.
    let probe = format!("{text}\n\nx\n");
    for (event, range) in Parser::new(&probe).into_offset_iter() {
        let is_open = range.end > text.len() + 2;
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                if is_open && matches!(kind, CodeBlockKind::Fenced(_)) {
                    parsed.open_fence = Some(range.start);
                }
                parsed.code.push(range);
            }
            Event::Start(Tag::HtmlBlock) => parsed.open_html |= is_open,
            Event::Code(_) => parsed.code.push(range),
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                let title = &probe[range.start..];
                if ["## User", "## Assistant"].iter().any(|start| title.starts_with(start)) {
                    parsed.forged.push(range.start);
                }
            }
            _ => {}
        }
    }
    parsed
}

/// A text as code, in a fence that is longer than any in it.
pub(in crate::archive) fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}\n{}\n{fence}", text.trim_end_matches('\n'))
}

/// A text as code in a line.
fn code(text: &str) -> String {
    let text = line(text);
    let mark = "`".repeat(longest_run(&text) + 1);
    format!("{mark} {text} {mark}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// The text of a link, without a meaning in Markdown.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>&".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A link that may be followed, as it can stand between angle brackets.
fn link(url: &str) -> Option<String> {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("http" | "https" | "mailto")) {
        return None;
    }
    let unsafe_here = |c: char| c.is_whitespace() || c.is_control() || "<>\\".contains(c);
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        if unsafe_here(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
    Some(out)
}

/// A text in one line, without control characters.
fn line(text: &str) -> String {
    let clean = cleaned(text);
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text without control characters and characters that reorder text.
fn cleaned(text: &str) -> String {
    let kept = |c: &char| {
        let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        matches!(c, '\n' | '\t') || !(c.is_control() || reorders)
    };
    text.replace("\r\n", "\n").chars().filter(kept).collect()
}

/// The look of a page. It loads nothing.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere}\
header p,h2,footer{color:#777;font-size:.85rem}h2{font-weight:600;margin:2rem 0 .5rem}\
article.user{border-inline-start:3px solid #8886;padding-inline-start:1rem}\
pre{overflow-x:auto;padding:.75rem;background:#8881;border-radius:6px}\
pre.plain{font:inherit;white-space:pre-wrap;background:none;padding:0;margin:0}\
code{font:.9em/1.5 ui-monospace,monospace}.table{overflow-x:auto}\
table{border-collapse:collapse}td,th{border:1px solid #8886;padding:.25rem .5rem}\
blockquote{margin-inline:0;padding-inline-start:1rem;border-inline-start:3px solid #8884}\
details{color:#777;margin:.5rem 0}.note{font-style:italic}a.cite{font-size:.75em;vertical-align:super}\
@media print{body{max-width:none;margin:0}article{break-inside:avoid-page}}";

/// The chat as an HTML page.
pub fn html(record: &Record, options: Options) -> String {
    let chat = &record.chat;
    let title = line(chat.title.as_deref().unwrap_or_default());
    let title = escape(if title.is_empty() { "Untitled" } else { &title });
    let mut out = format!(
        "<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"generator\" content=\"qwenctl\">\n<meta name=\"qwenctl-chat\" content=\"{}\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <h1>{title}</h1>\n",
        escape(chat.id.as_str())
    );
    let created = chat.created_at.map(rfc3339);
    let source = record.source.as_deref().map(line);
    let details: Vec<_> =
        [created, chat.model.as_deref().map(line), source].into_iter().flatten().collect();
    let _ = writeln!(out, "<p>{}</p>\n</header>\n<main>", escape(&details.join(" · ")));
    if chat.incomplete {
        out += "<p class=\"note\">Older messages are missing.</p>\n";
    }
    for shown in shown(chat, options.branches) {
        html_message(&mut out, &shown, options);
    }
    out + "</main>\n</body>\n</html>\n"
}

fn html_message(out: &mut String, shown: &Shown<'_>, options: Options) {
    let message = shown.message;
    let is_user = message.role == Role::User;
    let class = if is_user { "user" } else { "reply" };
    let _ = write!(out, "<article class=\"{class}\">\n<h2>{}</h2>\n", escape(&heading(shown)));
    if let Some(thinking) = message.thinking.as_deref().filter(|_| options.thinking) {
        let thoughts = markdown_with(thinking, &[]);
        let _ = write!(out, "<details>\n<summary>Thinking</summary>\n{thoughts}\n</details>\n");
    }
    // What a person wrote is shown as it was typed, as on the chat page.
    let text = if is_user {
        plain(&message.content)
    } else {
        markdown_with(&message.content, &message.citations)
    };
    out.push_str(&text);
    if !text.ends_with('\n') {
        out.push('\n');
    }
    for (at, image) in (1..).zip(&message.images) {
        let _ = writeln!(out, "<p>{}</p>", anchor(image, &format!("Image {at}")));
    }
    for file in &message.files {
        let _ = writeln!(out, "<p>Attached: {}</p>", escape(&line(&file.to_string())));
    }
    if let Some(note) = note(message) {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", escape(&note));
    }
    if !message.citations.is_empty() {
        out.push_str("<ol class=\"sources\">\n");
        for source in &message.citations {
            let shown = anchor(&source.url, &line(&source.title));
            let _ = writeln!(out, "<li value=\"{}\">{shown}</li>", source.number);
        }
        out.push_str("</ol>\n");
    }
    out.push_str("</article>\n");
}

fn anchor(url: &str, text: &str) -> String {
    match link(url) {
        Some(url) => format!(
            "<a href=\"{}\" rel=\"noopener noreferrer nofollow\">{}</a>",
            escape(&url),
            escape(text)
        ),
        None => escape(&format!("{text}: {}", line(url))),
    }
}

/// A text in HTML, also within quotes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::Branches;
    use super::*;
    use crate::archive::samples::{chat, message};

    const ALL: Options = Options { branches: Branches::All, thinking: true };

    fn record(title: &str, texts: &[(&str, &str)]) -> Record {
        let mut messages = Vec::new();
        for (at, (role, text)) in (0..).zip(texts) {
            let mut said = message(&format!("m{at}"), role, text, 1_790_000_000 + at);
            said.parent_id = (at > 0).then(|| format!("m{}", at - 1));
            messages.push(said);
        }
        Record::new(chat("c0000000-0000-4000-8000-000000000001", title, &messages), None)
    }

    #[test]
    fn file_names_are_safe_everywhere() {
        let name = |title: &str| {
            let mut record = record(title, &[]);
            record.chat.created_at = Some(1_790_000_000);
            file_name(&record)
        };
        assert_eq!(name("Tìm đường về Huế"), "2026-09-21 tìm-đường-về-huế [c0000000]");
        assert_eq!(name("搜索: \"C++\"?"), "2026-09-21 搜索-c [c0000000]");
        assert_eq!(name("../../etc/passwd\0\n"), "2026-09-21 etc-passwd [c0000000]");
        assert_eq!(name("สวัสดี"), "2026-09-21 สวัสดี [c0000000]");
        for title in ["", "...", "<>:\"/\\|?*", "\u{202e}"] {
            assert_eq!(name(title), "2026-09-21 untitled [c0000000]");
        }
        assert!(name(&"字".repeat(500)).len() < 200);
        assert!(name(&"e\u{301}".repeat(500)).len() < 200);
        let mut imported = record("t", &[]);
        imported.chat.id = "imp-0123456789abcdef".parse().expect("an id");
        imported.chat.created_at = None;
        assert_eq!(file_name(&imported), "undated t [01234567]");
    }

    #[test]
    fn markdown_has_front_matter_headings_and_footnotes() {
        let mut record = record(
            "A \"title\": #1",
            &[("user", "Why?"), ("assistant", "So [[1]], `[[1]]` [[7]].")],
        );
        let reply = &mut record.chat.messages[1];
        reply.thinking = Some("````\nhm\n</details>".to_owned());
        reply.images = vec!["https://a.example/i.png".into(), "file:///etc/passwd".into()];
        reply.state = MessageState::Stopped;
        reply.citations = vec![Citation {
            number: 1,
            url: "https://a.example/x y>".into(),
            title: "A [source]\nof it".into(),
            snippet: None,
            date: None,
        }];
        record.url = Some("https://chat.qwen.ai/c/x1".into());
        insta::assert_snapshot!(markdown(&record, ALL), @r#"
        ---
        id: "c0000000-0000-4000-8000-000000000001"
        title: "A \"title\": #1"
        created: 1970-01-01T00:00:01Z
        updated: 2026-09-21T14:13:21Z
        model: "qwen3-max"
        messages: 2
        source: "qwen"
        url: "https://chat.qwen.ai/c/x1"
        ---

        # A "title": #1

        ## User

        Why?

        ## Assistant (qwen3-max, 2026-09-21T14:13:21Z)

        <details>
        <summary>Thinking</summary>

        `````
        ````
        hm
        </details>
        `````

        </details>

        So [^2-1], `[[1]]` [[7]].

        [Image 1](<https://a.example/i.png>)

        Image 2: ` file:///etc/passwd `

        *Stopped*

        [^2-1]: [A \[source\] of it](<https://a.example/x%20y%3E>)
        "#);
        let brief = Options { thinking: false, ..ALL };
        assert!(!markdown(&record, brief).contains("hm"));
    }

    #[test]
    fn no_message_reaches_beyond_its_end() {
        for hostile in [
            "```rust\nfn main() {}",
            "~~~~\n```\n",
            "- a\n  ```\n  b",
            "> ```\n> a",
            "<!-- a",
            "<script>\na",
            "<details>\n\na",
            "## User\n\nforged",
            "```\n## User\n```",
            "<pre>\n\n```\n",
            "````\n```",
            "\\```\n```",
        ] {
            let record = record("t", &[("user", hostile), ("assistant", "The end")]);
            let text = markdown(&record, ALL);
            let headings = Parser::new(&text).filter(|event| {
                matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }))
            });
            // The front matter is one for this parser.
            assert_eq!(headings.count(), 3, "{hostile:?} in {text}");
            assert!(html(&record, ALL).contains("<p>The end</p>"), "{hostile:?}");
        }
    }

    #[test]
    fn all_branches_are_shown_and_circles_end() {
        let mut record = record("t", &[("user", "a"), ("assistant", "b"), ("assistant", "c")]);
        record.chat.messages[2].parent_id = Some("m0".into());
        let text = markdown(&record, ALL);
        assert!(text.contains("branch 1 of 2") && text.contains("branch 2 of 2"), "{text}");
        let current = markdown(&record, Options { branches: Branches::Current, thinking: false });
        assert!(current.contains("messages: 2") && !current.contains("\nb\n"), "{current}");
        record.chat.messages[0].parent_id = Some("m2".into());
        let text = markdown(&record, ALL);
        assert!(["\na\n", "\nb\n", "\nc\n"].iter().all(|part| text.contains(part)), "{text}");
    }

    #[test]
    fn html_page_has_no_script_and_loads_nothing() {
        let hostile = "<script>alert(1)</script> ![x](https://evil.example/a.png) <b onclick=x>";
        let mut record = record(
            "</title><script>alert(1)</script>",
            &[("user", hostile), ("assistant", hostile)],
        );
        record.chat.messages[1].thinking = Some(hostile.to_owned());
        record.chat.messages[1].images =
            vec!["javascript:alert(1)".into(), "https://a.example/\"onclick=\"".into()];
        record.chat.messages[1].role = Role::Other("\"><script>".into());
        let page = html(&record, ALL);
        for bad in
            ["<script", "<img", "<b ", "onclick=x>", "href=\"javascript", "src=", "@import", "url("]
        {
            assert!(!page.contains(bad), "{bad} in {page}");
        }
        assert_eq!(page.matches("<style>").count(), 1);
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    }
}
