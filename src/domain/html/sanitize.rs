//! The sanitizer behind the Markdown writer: only listed elements and attributes pass.
//!
//! The parser in it takes quadratic time over character references (a minute for 200 KB of `&amp;`), so
//! text passes it with placeholders for the three characters that need one. The placeholders are
//! noncharacters of Unicode, and are removed from the input ([`is_stand_in`]).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

pub(super) const TAGS: [&str; 27] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

const STAND_INS: [(char, char, &str); 3] =
    [('&', '\u{fdd0}', "&amp;"), ('<', '\u{fdd1}', "&lt;"), ('>', '\u{fdd2}', "&gt;")];

static RULES: LazyLock<Builder<'static>> = LazyLock::new(rules);

/// Whether text must not contain `c`, because it has a meaning here.
pub(super) fn is_stand_in(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}')
}

/// `text` for [`clean`], with the stand-ins.
pub(super) fn shield(text: &str) -> String {
    let stand_in = |c| STAND_INS.iter().find(|(plain, ..)| *plain == c).map_or(c, |row| row.1);
    text.chars().map(stand_in).collect()
}

/// `html` without anything that is not on the list, and with the references for the stand-ins: they
/// mean the same in a text and in an attribute, and neither can end by them.
pub(super) fn clean(html: &str) -> String {
    let clean = RULES.clean(html).to_string();
    let mut whole = String::with_capacity(clean.len() * 2);
    for c in clean.chars() {
        match STAND_INS.iter().find(|(_, stand_in, _)| *stand_in == c) {
            Some((.., reference)) => whole.push_str(reference),
            None => whole.push(c),
        }
    }
    whole
}

fn rules() -> Builder<'static> {
    let mut rules = Builder::empty();
    rules
        .tags(HashSet::from(TAGS))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("code", HashSet::from(["class"])),
            ("ol", HashSet::from(["start"])),
            ("td", HashSet::from(["align"])),
            ("th", HashSet::from(["align"])),
        ]))
        .allowed_classes(HashMap::from([
            ("a", HashSet::from(["cite"])),
            ("div", HashSet::from(["table"])),
            ("pre", HashSet::from(["plain"])),
        ]))
        .set_tag_attribute_value("a", "target", "_blank")
        .link_rel(Some("noopener noreferrer nofollow"))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .clean_content_tags(HashSet::from(["script", "style"]))
        .strip_comments(true);
    rules
}
