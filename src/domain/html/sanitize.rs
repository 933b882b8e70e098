//! The sanitizer behind the Markdown writer: only listed elements and attributes pass.
//!
//! The parser in it takes quadratic time over character references (a minute for 200 KB of `&amp;`), so
//! text passes it with placeholders for the three characters that need one. The placeholders are
//! noncharacters of Unicode, and are removed from the input ([`is_stand_in`]).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

pub(super) const TAGS: [&str; 54] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "details",
    "div",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "kbd",
    "li",
    "math",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// What the elements of a formula may say about its layout.
pub(super) const MATH_ATTRIBUTES: [&str; 19] = [
    "accent",
    "accentunder",
    "alttext",
    "columnspan",
    "display",
    "displaystyle",
    "form",
    "largeop",
    "linethickness",
    "lspace",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "rspace",
    "scriptlevel",
    "stretchy",
    "symmetric",
    "width",
];

const ALERTS: [&str; 5] = [
    "markdown-alert-caution",
    "markdown-alert-important",
    "markdown-alert-note",
    "markdown-alert-tip",
    "markdown-alert-warning",
];

/// The classes of tables in formulas.
const CELLS: [&str; 12] = [
    "cell-left",
    "cell-right",
    "menv-align",
    "menv-alignlike",
    "menv-arraylike",
    "menv-cases",
    "menv-cells-left",
    "menv-cells-right",
    "menv-hline",
    "menv-left-solid",
    "menv-right-solid",
    "menv-with-eqn",
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
    let math = TAGS.into_iter().filter(|tag| tag.starts_with('m'));
    let mut attributes: HashMap<_, _> =
        math.map(|tag| (tag, HashSet::from(MATH_ATTRIBUTES))).collect();
    attributes.extend([
        ("a", HashSet::from(["href", "title"])),
        ("code", HashSet::from(["class"])),
        ("ol", HashSet::from(["start"])),
        ("td", HashSet::from(["align"])),
        ("th", HashSet::from(["align"])),
    ]);
    rules
        .tags(HashSet::from(TAGS))
        .tag_attributes(attributes)
        .allowed_classes(HashMap::from([
            ("a", HashSet::from(["cite"])),
            ("blockquote", HashSet::from(ALERTS)),
            ("div", HashSet::from(["table"])),
            ("mo", HashSet::from(["mop-negated"])),
            ("mrow", HashSet::from(["boxed", "mop-negated"])),
            ("mtable", HashSet::from(CELLS)),
            ("mtd", HashSet::from(CELLS)),
            ("mtr", HashSet::from(CELLS)),
            ("ol", HashSet::from(["notes"])),
            ("pre", HashSet::from(["plain"])),
            ("sup", HashSet::from(["note"])),
        ]))
        .set_tag_attribute_value("a", "target", "_blank")
        .link_rel(Some("noopener noreferrer nofollow"))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .clean_content_tags(HashSet::from(["script", "style"]))
        .strip_comments(true);
    rules
}
