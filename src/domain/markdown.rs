//! The Markdown that models write, read by a parser of `CommonMark`.
//!
//! Models write what that standard does not know, for the page and for the terminal alike:
//!
//! * Formulas (`\(…\)`, `\[…\]`, `$…$`, `$$…$$`) keep every backslash, brace and star: the parser sees
//!   one character in place of each. They are events of their own, delimiters included.
//! * Emphasis may touch punctuation on one side and a letter on the other (`**注意：**请`), where the
//!   standard sees none.
//! * Bare URLs are links, without the full stop behind them.
//! * A link that leads nowhere (`f[0](x)`) is text.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream,
};

/// What stands for the formulas, in their order: characters of a private area.
const FIRST_STAND_IN: u32 = 0xf_0000;
const STAND_INS: usize = 0xfff0;
/// Longer URLs are no links, in bytes.
const MAX_URL: usize = 2048;
/// A character between punctuation and a delimiter of emphasis that makes the latter one.
const JOINER: char = '\u{ffffd}';

/// A text that is ready to be parsed.
#[derive(Debug)]
pub(crate) struct Markdown<'a> {
    text: String,
    hidden: Vec<&'a str>,
}

/// Longest name of an environment.
const MAX_ENVIRONMENT: usize = 32;
/// How many kinds of delimiters may lack their end; each is looked for in the whole paragraph.
const MAX_UNCLOSED: usize = 64;

impl<'a> Markdown<'a> {
    /// Prepares `source`, in linear time.
    pub(crate) fn new(source: &'a str) -> Self {
        let mut scanner = Scanner {
            source,
            at: 0,
            paragraph_end: 0,
            open: [false; 3],
            unclosed: HashMap::new(),
            markdown: Self { text: String::with_capacity(source.len() + 16), hidden: Vec::new() },
        };
        scanner.run();
        scanner.markdown
    }

    /// The events of the parser, with the original text.
    pub(crate) fn events(&self) -> impl Iterator<Item = Event<'_>> {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_GFM;
        Events {
            parser: TextMergeStream::new(Parser::new_ext(&self.text, options)),
            markdown: self,
            inside: 0,
            links: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// The formula that `c` stands for.
    fn formula(&self, c: char) -> Option<&'a str> {
        let index = u32::from(c).checked_sub(FIRST_STAND_IN)?;
        let hidden = *self.hidden.get(usize::try_from(index).ok()?)?;
        let begins = ["$", "\\(", "\\[", "\\begin"].iter().any(|begin| hidden.starts_with(begin));
        (begins && hidden.len() > 2).then_some(hidden)
    }

    /// `text` with the formulas in place of what stands for them.
    fn restore<'t>(&self, text: CowStr<'t>) -> CowStr<'t> {
        if !text.chars().any(is_stand_in) {
            return text;
        }
        let mut restored = String::with_capacity(text.len() * 2);
        for c in text.chars() {
            let index = (u32::from(c).checked_sub(FIRST_STAND_IN))
                .and_then(|index| usize::try_from(index).ok());
            match index.and_then(|index| self.hidden.get(index)) {
                Some(hidden) => restored.push_str(hidden),
                None if c == JOINER => {}
                None => restored.push(c),
            }
        }
        restored.into()
    }
}

/// Whether the character may stand for something else.
fn is_stand_in(c: char) -> bool {
    ('\u{f0000}'..=JOINER).contains(&c)
}

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    /// Where the next blank line begins.
    paragraph_end: usize,
    /// Whether `*`, `**` and `~~` are open in this paragraph.
    open: [bool; 3],
    /// For each closing delimiter, up to where there is none.
    unclosed: HashMap<Cow<'static, str>, usize>,
    markdown: Markdown<'a>,
}

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            let is_line_start = self.at == 0 || self.source[..self.at].ends_with('\n');
            if is_line_start {
                if let Some(length) = fenced(self.rest()) {
                    self.copy(length);
                    continue;
                }
                self.enter_paragraph();
            }
            match c {
                '\\' => self.backslash(),
                '$' => self.dollar(),
                '`' => self.code(),
                '*' | '~' => self.emphasis(c),
                c if is_stand_in(c) => self.hide(c.len_utf8()),
                _ => {
                    let plain = self.rest().char_indices().skip(1);
                    let mut plain = plain.skip_while(|(_, c)| {
                        !matches!(c, '\\' | '$' | '`' | '*' | '~' | '\n') && !is_stand_in(*c)
                    });
                    let length = match plain.next() {
                        // The end of the line belongs to it.
                        Some((at, '\n')) => at + 1,
                        Some((at, _)) => at,
                        None => self.rest().len(),
                    };
                    self.copy(if c == '\n' { 1 } else { length });
                }
            }
        }
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn copy(&mut self, length: usize) {
        self.markdown.text.push_str(&self.rest()[..length]);
        self.at += length;
    }

    fn hide(&mut self, length: usize) {
        let index = self.markdown.hidden.len();
        let stand_in = u32::try_from(index).ok().filter(|_| index < STAND_INS);
        match stand_in.and_then(|index| char::from_u32(FIRST_STAND_IN + index)) {
            Some(stand_in) => {
                self.markdown.hidden.push(&self.rest()[..length]);
                self.markdown.text.push(stand_in);
                self.at += length;
            }
            None => self.copy(length),
        }
    }

    fn enter_paragraph(&mut self) {
        if self.at < self.paragraph_end {
            return;
        }
        let mut end = self.at;
        for line in self.rest().split_inclusive('\n') {
            if line.trim().is_empty() && end > self.at {
                break;
            }
            end += line.len();
        }
        self.paragraph_end = end;
        self.open = [false; 3];
    }

    /// The text before the next `close` in this paragraph, after `skipped` bytes.
    fn until(&mut self, skipped: usize, close: impl Into<Cow<'static, str>>) -> Option<&'a str> {
        let close = close.into();
        let from = self.at + skipped;
        if self.unclosed.get(&close).is_some_and(|end| from < *end) {
            return None;
        }
        let paragraph = self.source.get(from..self.paragraph_end)?;
        let found = paragraph.find(&*close);
        if found.is_none() {
            self.unclosed.insert(close, self.paragraph_end);
        }
        Some(&paragraph[..found?])
    }

    fn backslash(&mut self) {
        if self.rest().starts_with("\\begin{") {
            return self.environment();
        }
        let close = match self.rest()[1..].chars().next() {
            Some('(') => "\\)",
            Some('[') => "\\]",
            Some(c) => return self.copy(1 + c.len_utf8()),
            None => return self.copy(1),
        };
        let formula = self.until(2, close);
        // `\[text\](…)` is a link that is none.
        let is_link = |formula: &str| self.rest()[formula.len() + 4..].starts_with('(');
        match formula {
            Some(formula) if is_formula(formula) && !is_link(formula) => {
                self.hide(formula.len() + 4);
            }
            Some(formula) => self.refuse(close, 2 + formula.len()),
            // The end may still be missing.
            None => self.hide(2),
        }
    }

    /// `\begin{align}…\end{align}`.
    fn environment(&mut self) {
        let rest = &self.rest()["\\begin{".len()..];
        let is_part = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'*';
        let length = rest.bytes().take(MAX_ENVIRONMENT).take_while(is_part).count();
        if length == 0 || !rest[length..].starts_with('}') {
            return self.copy(1);
        }
        let name = &rest[..length];
        let end = format!("\\end{{{name}}}");
        if self.unclosed.len() >= MAX_UNCLOSED && !self.unclosed.contains_key(end.as_str()) {
            return self.copy(1);
        }
        match self.until(1, end.clone()).map(str::len) {
            Some(length) => self.hide(1 + length + end.len()),
            None => self.copy(1),
        }
    }

    /// Copies an opening delimiter that is none, and remembers that those before the closing one,
    /// which is `length` bytes away, are none either.
    fn refuse(&mut self, close: &'static str, length: usize) {
        self.unclosed.insert(close.into(), self.at + length);
        self.copy(close.len());
    }

    fn dollar(&mut self) {
        let signs = self.rest().bytes().take_while(|byte| *byte == b'$').count();
        let formula = match signs {
            1 => self.until(1, "$").filter(|formula| {
                let before = self.source[..self.at].chars().next_back();
                let after = self.rest()[formula.len() + 2..].chars().next();
                let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                // `$5 and $6` are prices.
                !is_word(before)
                    && !is_word(after)
                    && after != Some('$')
                    && !formula.starts_with(char::is_whitespace)
                    && !formula.ends_with(|c: char| c.is_whitespace() || c == '\\')
            }),
            2 => self.until(2, "$$"),
            _ => None,
        };
        match formula {
            Some(formula) if is_formula(formula) => self.hide(formula.len() + 2 * signs),
            Some(formula) if signs == 2 => self.refuse("$$", 2 + formula.len()),
            _ => self.copy(signs),
        }
    }

    fn code(&mut self) {
        let ticks = self.rest().bytes().take_while(|byte| *byte == b'`').count();
        let mut length = ticks;
        // A run of more backticks closes nothing.
        while let Some(code) = self.until(length, "`".repeat(ticks)) {
            let end = length + code.len();
            let run = self.rest()[end..].bytes().take_while(|byte| *byte == b'`').count();
            length = end + run;
            if run == ticks {
                return self.copy(length);
            }
        }
        self.copy(ticks);
    }

    fn emphasis(&mut self, mark: char) {
        let length = self.rest().chars().take_while(|c| *c == mark).count();
        let before = self.source[..self.at].chars().next_back();
        let after = self.rest()[length..].chars().next();
        let kind = match (mark, length) {
            ('*', 1) => 0,
            ('*', 2) => 1,
            ('~', 2) => 2,
            _ => return self.copy(length),
        };
        let is_blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_mark = |c: Option<char>| !is_blank(c) && !is_letter(c);
        // A single star is often a product.
        let is_sure = length == 2 || [before, after].into_iter().flatten().any(is_cjk);
        let is_open = self.open[kind];
        let closes = is_open && !is_blank(before);
        let opens = !is_open && !is_blank(after);
        self.open[kind] = (is_open || opens) && !closes;
        if closes && is_sure && is_mark(before) && is_letter(after) {
            self.markdown.text.push(JOINER);
        }
        self.copy(length);
        if opens && is_sure && is_letter(before) && is_mark(after) {
            self.markdown.text.push(JOINER);
        }
    }
}

/// The length of the fenced code block at the start of `text`.
fn fenced(text: &str) -> Option<usize> {
    let line = text.lines().next()?.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    if length < 3 || mark == '`' && line[length..].contains('`') {
        return None;
    }
    let mut lines = text.split_inclusive('\n');
    let mut end = lines.next()?.len();
    for line in lines {
        end += line.len();
        let line = line.trim();
        if line.len() >= length && line.chars().all(|c| c == mark) {
            break;
        }
    }
    Some(end)
}

fn is_formula(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains("```")
}

/// Whether `c` is of a script without spaces between words, or its punctuation.
fn is_cjk(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

struct Events<'m, I> {
    parser: I,
    markdown: &'m Markdown<'m>,
    /// How many links, images and code blocks are open.
    inside: usize,
    /// For each open link, the text that ends it if it leads nowhere.
    links: Vec<Option<String>>,
    ready: VecDeque<Event<'m>>,
}

impl<'m, I: Iterator<Item = Event<'m>>> Iterator for Events<'m, I> {
    type Item = Event<'m>;

    fn next(&mut self) -> Option<Event<'m>> {
        if let Some(event) = self.ready.pop_front() {
            return Some(event);
        }
        let restore = |text| self.markdown.restore(text);
        Some(match self.parser.next()? {
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let (dest_url, title) = (restore(dest_url), restore(title));
                if link_type == LinkType::Inline && !has_scheme(&dest_url) {
                    self.links.push(Some(format!("]({dest_url})")));
                    return Some(Event::Text("[".into()));
                }
                self.links.push(None);
                self.inside += 1;
                Event::Start(Tag::Link { link_type, dest_url, title, id })
            }
            Event::End(TagEnd::Link) => {
                if let Some(Some(end)) = self.links.pop() {
                    return Some(Event::Text(end.into()));
                }
                self.inside -= 1;
                Event::End(TagEnd::Link)
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                self.inside += 1;
                let (dest_url, title) = (restore(dest_url), restore(title));
                Event::Start(Tag::Image { link_type, dest_url, title, id })
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                self.inside += 1;
                Event::Start(Tag::CodeBlock(match kind {
                    CodeBlockKind::Fenced(info) => CodeBlockKind::Fenced(restore(info)),
                    CodeBlockKind::Indented => CodeBlockKind::Indented,
                }))
            }
            Event::End(end @ (TagEnd::Image | TagEnd::CodeBlock)) => {
                self.inside -= 1;
                Event::End(end)
            }
            Event::Text(text) if self.inside == 0 => {
                self.split(text);
                return self.next();
            }
            Event::FootnoteReference(name) => Event::FootnoteReference(restore(name)),
            Event::Start(Tag::FootnoteDefinition(name)) => {
                Event::Start(Tag::FootnoteDefinition(restore(name)))
            }
            Event::Text(text) => Event::Text(restore(text)),
            Event::Code(text) => Event::Code(restore(text)),
            Event::Html(text) => Event::Html(restore(text)),
            Event::InlineHtml(text) => Event::InlineHtml(restore(text)),
            event => event,
        })
    }
}

impl<'m, I> Events<'m, I> {
    /// Text, with formulas apart; those in a URL belong to it.
    fn split(&mut self, text: CowStr<'m>) {
        let (mut from, mut read, mut in_url) = (0, 0, false);
        let mut events = Vec::new();
        for (at, c) in text.char_indices().filter(|(_, c)| is_stand_in(*c)) {
            let between = &text[read..at];
            let word = between.rsplit(char::is_whitespace).next().unwrap_or_default();
            in_url = word.contains("://") || (in_url && word.len() == between.len());
            read = at + c.len_utf8();
            let Some(formula) = self.markdown.formula(c).filter(|_| !in_url) else { continue };
            events.push((from..at, formula));
            from = read;
        }
        if events.is_empty() {
            return self.link_urls(self.markdown.restore(text));
        }
        for (before, formula) in events {
            self.link_urls(self.markdown.restore(text[before].to_owned().into()));
            let is_dollar = formula.starts_with('$') && !formula.starts_with("$$");
            let is_inline = is_dollar || formula.starts_with("\\(");
            let formula = CowStr::Borrowed(formula);
            let event =
                if is_inline { Event::InlineMath(formula) } else { Event::DisplayMath(formula) };
            self.ready.push_back(event);
        }
        self.link_urls(self.markdown.restore(text[from..].to_owned().into()));
    }

    fn link_urls(&mut self, text: CowStr<'m>) {
        if !text.contains("://") {
            if !text.is_empty() {
                self.ready.push_back(Event::Text(text));
            }
            return;
        }
        let mut rest = &*text;
        let mut at = 0;
        while let Some(found) = rest[at..].find("http") {
            let start = at + found;
            let is_word = rest[..start].ends_with(char::is_alphanumeric);
            let length = if is_word { 0 } else { url_length(&rest[start..]) };
            if length == 0 {
                at = start + "http".len();
                continue;
            }
            let (url, after) = rest[start..].split_at(length);
            self.text(&rest[..start]);
            let url: CowStr<'m> = url.to_owned().into();
            self.ready.push_back(Event::Start(Tag::Link {
                link_type: LinkType::Autolink,
                dest_url: url.clone(),
                title: "".into(),
                id: "".into(),
            }));
            self.ready.push_back(Event::Text(url));
            self.ready.push_back(Event::End(TagEnd::Link));
            (rest, at) = (after, 0);
        }
        self.text(rest);
    }

    fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.ready.push_back(Event::Text(text.to_owned().into()));
        }
    }
}

fn has_scheme(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// The length of the URL at the start of `text`, without the punctuation behind it; 0 if there is none.
fn url_length(text: &str) -> usize {
    let Some(host) = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme))
    else {
        return 0;
    };
    let scheme = text.len() - host.len();
    let ends = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(
                c,
                '<' | '>' | '"' | '`' | '|' | '\\' | '^' | '{' | '}' | '“' | '”' | '‘' | '’' | '…'
            )
            || is_stand_in(c)
            || is_cjk(c) && !c.is_alphanumeric()
    };
    if !host.starts_with(|c: char| c.is_alphanumeric() || c == '[') {
        return 0;
    }
    let length = host.char_indices().take_while(|(at, c)| *at <= MAX_URL && !ends(*c));
    let mut url = &host[..length.last().map_or(0, |(at, c)| at + c.len_utf8())];
    if url.len() > MAX_URL {
        return 0;
    }
    while let Some(last) = url.chars().next_back() {
        let is_loose = |open: char| url.matches(last).count() > url.matches(open).count();
        let is_outside = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '*' | '_' | '~' | '\'' => true,
            ')' => is_loose('('),
            ']' => is_loose('['),
            _ => false,
        };
        if !is_outside {
            break;
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    scheme + url.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::html;

    use super::*;

    fn page(text: &str) -> String {
        let mut page = String::new();
        let as_text = |event| match event {
            Event::InlineMath(text) | Event::DisplayMath(text) => Event::Text(text),
            event => event,
        };
        html::push_html(&mut page, Markdown::new(text).events().map(as_text));
        page.trim_end().to_owned()
    }

    fn paragraph(text: &str) -> String {
        page(text).trim_start_matches("<p>").trim_end_matches("</p>").to_owned()
    }

    #[test]
    fn formulas_keep_every_character() {
        for formula in [
            r"\(S=\{x_1, x_2\}\)",
            r"\[\begin{pmatrix}1 \\ 2\end{pmatrix}\]",
            "$a*b$",
            "$$\nx_1^{*} \\, y\n$$",
            r"\(a\_b\)",
            "\\begin{align}\na_1 = *b* \\\\\n\\end{align}",
        ] {
            assert_eq!(
                paragraph(&format!("a {formula} *b* {formula}。")),
                format!("a {formula} <em>b</em> {formula}。")
            );
        }
        assert_eq!(paragraph("$a*b$ và $c*d$"), "$a*b$ và $c*d$");
        // Beginnings without an end take no more than their own length.
        let open = "\\begin{".repeat(100_000);
        assert_eq!(paragraph(&open), open);
        assert_eq!(paragraph(r"\begin{a b} *c*"), r"\begin{a b} <em>c</em>");
        assert_eq!(page("# $a_1$ _b_"), "<h1>$a_1$ <em>b</em></h1>");
        assert_eq!(
            paragraph(r"**\(x\)** [\(a\)](https://a.example/$b$)"),
            r#"<strong>\(x\)</strong> <a href="https://a.example/$b$">\(a\)</a>"#
        );
    }

    #[test]
    fn formulas_are_events_of_their_own() {
        let formulas = |text: &str| -> Vec<String> {
            let found = |event| match event {
                Event::InlineMath(text) => Some(format!("i {text}")),
                Event::DisplayMath(text) => Some(format!("d {text}")),
                _ => None,
            };
            Markdown::new(text).events().filter_map(found).collect()
        };
        assert_eq!(
            formulas(r"a $x$ \(y\) **$$z$$** \[w\] \begin{align}a\end{align}"),
            ["i $x$", r"i \(y\)", "d $$z$$", r"d \[w\]", r"d \begin{align}a\end{align}"]
        );
        for text in
            ["https://a.example/$b$", "`$a$`", "[$a$](https://a.example)", r"\(a", "\u{f0000}"]
        {
            assert_eq!(formulas(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn prices_and_code_are_no_formulas() {
        for (text, html) in [
            ("$5 *and* $6", "$5 <em>and</em> $6"),
            ("US$5*6* and 7$", "US$5<em>6</em> and 7$"),
            ("`$` *and* `$`", "<code>$</code> <em>and</em> <code>$</code>"),
            ("``a`\\(`` *b* \\)", "<code>a`\\(</code> <em>b</em> )"),
            (r"\[*a*", r"\[<em>a</em>"),
            (r"\*a\* \\(b\\)", r"*a* \(b\)"),
            (r"\[a\](b)", "[a](b)"),
        ] {
            assert_eq!(paragraph(text), html, "{text}");
        }
        assert_eq!(page("\\(a\n\n*b*\\)"), "<p>\\(a</p>\n<p><em>b</em>)</p>");
        assert_eq!(
            page("```\n$a\n```\n*b* $"),
            "<pre><code>$a\n</code></pre>\n<p><em>b</em> $</p>"
        );
    }

    #[test]
    fn emphasis_may_touch_punctuation() {
        for (text, html) in [
            (
                "**注意：**请先保存，这是**“重点”**内容。**Lưu ý:**đọc trước.",
                "<strong>注意：</strong>请先保存，这是<strong>“重点”</strong>内容。<strong>Lưu ý:</strong>đọc trước.",
            ),
            ("这是*“重点”*内容", "这是<em>“重点”</em>内容"),
            ("~~旧。~~新", "<del>旧。</del>新"),
            ("2*(3+4)*5", "2*(3+4)*5"),
            (
                "a **b** (**c**) d**e**f",
                "a <strong>b</strong> (<strong>c</strong>) d<strong>e</strong>f",
            ),
            ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ] {
            assert_eq!(paragraph(text), html, "{text}");
        }
    }

    #[test]
    fn bare_urls_are_links() {
        for (text, url) in [
            ("Xem https://docs.example/a。", "https://docs.example/a"),
            ("(see http://a.example/b_(c)).", "http://a.example/b_(c)"),
            ("https://a.example/?x=1_2_3, b", "https://a.example/?x=1_2_3"),
            ("“https://a.example”", "https://a.example"),
            ("https://a.example/中文。", "https://a.example/中文"),
            ("*https://a.example/b*", "https://a.example/b"),
        ] {
            let html = page(text);
            assert!(html.contains(&format!(">{url}</a>")), "{html}");
            assert_eq!(html.matches("</a>").count(), 1, "{html}");
        }
        let long = format!("https://a.example/{}", "x".repeat(MAX_URL));
        for text in [
            long.as_str(),
            "https://",
            "https://.",
            "xhttps://a.example",
            "`https://a.example`",
            "http:a",
        ] {
            assert!(!page(text).contains("<a "), "{text}");
        }
        assert_eq!(page("[a https://b.example](https://c.example)").matches("<a ").count(), 1);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_text() {
        assert_eq!(paragraph("f[0](x) [*a*](b/c.md)"), "f[0](x) [<em>a</em>](b/c.md)");
    }

    #[test]
    fn private_characters_of_the_text_stay() {
        assert_eq!(paragraph("\u{f0000}$a$\u{ffffd}"), "\u{f0000}$a$\u{ffffd}");
    }

    #[test]
    fn odd_texts_take_linear_time() {
        for text in ["\\(", "$", "$$ ", "`", "**：a", "http", "https://(", "`a``b```c"] {
            let text = text.repeat(100_000 / text.len());
            assert!(Markdown::new(&text).events().count() > 0);
        }
    }

    proptest! {
        #[test]
        fn letters_and_digits_stay(text in "[ab0 *_`~$\\\\()\\[\\]{}|#>。：h/\n-]{0,200}") {
            let kept = |text: &str| text.chars().filter(|c| matches!(c, 'a' | 'b')).collect::<String>();
            let mut shown = String::new();
            for event in Markdown::new(&text).events() {
                if let Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text)
                    | Event::InlineMath(text) | Event::DisplayMath(text) = event
                {
                    shown.push_str(&text);
                }
            }
            // The parser itself drops the name of a code block's language, and definitions of links.
            if !text.contains("```") && !text.contains("~~~") && !text.contains("]:") && !text.contains("](") {
                prop_assert_eq!(kept(&shown), kept(&text));
            }
        }
    }
}
