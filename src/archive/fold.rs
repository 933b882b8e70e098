//! Folding: what a text is reduced to before it is indexed, searched and highlighted.
//!
//! What this module keeps true: index, queries and highlights use the same fold; folding a folded
//! text changes nothing; the place of a token is a range of whole characters of the original; every
//! part of at least two characters of a Chinese, Japanese, Korean, Thai, Lao, Khmer or Burmese text
//! finds it. No tokenizer of `SQLite` folds `đ`, or finds a Chinese word of two characters.
//!
//! A text is cut into clusters, each a character with the marks that follow it, and each is folded
//! by itself: compatibility forms, case, marks of Latin, Greek and Cyrillic letters, and letters
//! without a decomposition. The result is cut into tokens: words, pairs of characters where a script
//! has no spaces, and single emoji.

use std::ops::Range;
use std::sync::LazyLock;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::props::{
    ExtendedPictographic, GeneralCategory, GeneralCategoryGroup, RegionalIndicator, Script,
};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed, CodePointSetData};

/// The version of the fold. An index that was made with another one has to be rebuilt.
pub const FOLD: i64 = 1;

/// The longest token in characters; a longer one is truncated (base64, hashes).
const MAX_TOKEN: usize = 64;

/// The most parts of one identifier.
const MAX_PARTS: usize = 16;

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
const NFD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfd();
const CATEGORY: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::new();
const SCRIPT: CodePointMapDataBorrowed<'static, Script> = CodePointMapData::new();

/// The folds of single characters that are frequent: Latin with marks.
static FREQUENT: LazyLock<Vec<Box<str>>> = LazyLock::new(|| {
    let fold = |code| {
        let mut folded = String::new();
        if let Some(c) = char::from_u32(code) {
            fold_cluster(c.encode_utf8(&mut [0; 4]), &mut folded);
        }
        folded.into_boxed_str()
    };
    FREQUENT_RANGES.into_iter().flatten().map(fold).collect()
});

const FREQUENT_RANGES: [Range<u32>; 2] = [0x80..0x250, 0x1e00..0x1f00];

fn frequent(c: char) -> Option<&'static str> {
    let [first, second] = FREQUENT_RANGES;
    let code = u32::from(c);
    let at = match code {
        _ if first.contains(&code) => code - first.start,
        _ if second.contains(&code) => code - second.start + (first.end - first.start),
        _ => return None,
    };
    FREQUENT.get(at as usize).map(AsRef::as_ref)
}

/// Folds a text without cutting it into tokens.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    clusters(text, |cluster, _| folded.push_str(cluster));
    folded
}

/// A folded text that knows where each of its bytes comes from.
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// The end of each cluster in the folded text, and its place in the original.
    clusters: Vec<(usize, Range<usize>)>,
}

impl Folded {
    /// Folds `text`.
    pub fn new(text: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(text.len()), clusters: Vec::new() };
        clusters(text, |cluster, place| {
            folded.text.push_str(cluster);
            folded.clusters.push((folded.text.len(), place));
        });
        folded
    }

    /// The place in the original of a part of the folded text: whole characters.
    pub fn place(&self, part: Range<usize>) -> Range<usize> {
        let at = |byte: usize| self.clusters.partition_point(|(end, _)| *end <= byte);
        let first = self.clusters.get(at(part.start));
        let last = self.clusters.get(at(part.end.saturating_sub(1).max(part.start)));
        match (first, last) {
            (Some((_, first)), Some((_, last))) => first.start..last.end,
            _ => 0..0,
        }
    }
}

/// Passes the folded clusters of `text` on, each with its place.
fn clusters(text: &str, mut pass: impl FnMut(&str, Range<usize>)) {
    let mut buffer = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        let mut is_single = true;
        while let Some((_, next)) = chars.next_if(|(_, next)| continues(*next)) {
            end += next.len_utf8();
            is_single = false;
        }
        if is_single && c.is_ascii() {
            let lower = [c.to_ascii_lowercase() as u8];
            pass(std::str::from_utf8(&lower).unwrap_or_default(), start..end);
        } else if let Some(folded) = is_single.then(|| frequent(c)).flatten() {
            pass(folded, start..end);
        } else if is_single && is_folded(c) {
            pass(&text[start..end], start..end);
        } else {
            buffer.clear();
            fold_cluster(&text[start..end], &mut buffer);
            pass(&buffer, start..end);
        }
    }
}

/// Frequent characters that fold to themselves.
fn is_folded(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '、' | '。')
}

/// Whether a character belongs to the cluster of the one before it.
fn continues(c: char) -> bool {
    match c {
        '\0'..='\u{2ff}' => c == '\u{ad}',
        // Vowels and final consonants of Hangul, in three encodings; half-width marks of kana.
        '\u{1160}'..='\u{11ff}'
        | '\u{d7b0}'..='\u{d7fb}'
        | '\u{3131}'..='\u{318e}'
        | '\u{ff9e}'..='\u{ffdc}' => true,
        '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => false,
        _ => is_dropped(c) || is_mark(c),
    }
}

fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(CATEGORY.get(c))
}

/// Marks and invisible characters that do not count: those of Latin, Greek and Cyrillic, variation
/// selectors, skin tones, joiners. Not those of kana, Hangul and Thai, which distinguish words.
fn is_dropped(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}')
}

fn fold_cluster(cluster: &str, folded: &mut String) {
    let lower: String = NFKC.normalize(cluster).chars().flat_map(char::to_lowercase).collect();
    let mut plain = String::with_capacity(cluster.len());
    for c in NFD.normalize(&lower).chars().filter(|c| !is_dropped(*c)) {
        match c {
            'đ' | 'ð' => plain.push('d'),
            'ł' => plain.push('l'),
            'ø' => plain.push('o'),
            'ħ' => plain.push('h'),
            'ı' => plain.push('i'),
            'ς' => plain.push('σ'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'þ' => plain.push_str("th"),
            '‘' | '’' | 'ʼ' => plain.push('\''),
            c => plain.push(c),
        }
    }
    folded.push_str(&NFC.normalize(&plain));
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A run of letters and digits, or an emoji.
    Word,
    /// Two characters of a run in a script without spaces.
    Pair,
    /// The last character of such a run; `alone` if it is the only one.
    Last {
        /// Whether the run has no other character.
        alone: bool,
    },
}

/// The class of a folded character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Paired,
    Emoji,
    Mark,
    Separator,
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Class::Word } else { Class::Separator };
    }
    let is_mark = is_mark(c);
    if is_mark || c.is_alphanumeric() {
        return match SCRIPT.get(c) {
            Script::Han
            | Script::Hiragana
            | Script::Katakana
            | Script::Hangul
            | Script::Thai
            | Script::Lao
            | Script::Khmer
            | Script::Myanmar => Class::Paired,
            _ if c == '\u{30fc}' => Class::Paired,
            _ if is_mark => Class::Mark,
            _ => Class::Word,
        };
    }
    let is_emoji = CodePointSetData::new::<ExtendedPictographic>().contains(c)
        || CodePointSetData::new::<RegionalIndicator>().contains(c);
    if is_emoji { Class::Emoji } else { Class::Separator }
}

/// Passes the tokens of `text` on, each with its place in it.
pub fn tokens(text: &str, pass: impl FnMut(&str, Range<usize>, TokenKind)) {
    let mut cutter = Cutter::new(pass);
    clusters(text, |cluster, place| {
        for c in cluster.chars() {
            cutter.take(c, place.clone());
        }
    });
    cutter.end_run();
}

/// Cuts folded characters into tokens.
struct Cutter<F> {
    pass: F,
    token: String,
    /// Characters in `token`.
    length: usize,
    place: Range<usize>,
    /// The last character of a run of pairs, its place, and whether it is the first one.
    last: Option<(char, Range<usize>, bool)>,
}

impl<F: FnMut(&str, Range<usize>, TokenKind)> Cutter<F> {
    fn new(pass: F) -> Self {
        Self { pass, token: String::new(), length: 0, place: 0..0, last: None }
    }

    fn take(&mut self, c: char, place: Range<usize>) {
        match class(c) {
            Class::Paired => self.pair(c, place),
            Class::Mark if self.last.is_some() => self.pair(c, place),
            Class::Word | Class::Mark => self.letter(c, &place),
            Class::Emoji => {
                self.end_run();
                (self.pass)(c.encode_utf8(&mut [0; 4]), place, TokenKind::Word);
            }
            Class::Separator => self.end_run(),
        }
    }

    fn letter(&mut self, c: char, place: &Range<usize>) {
        if self.last.is_some() {
            self.end_run();
        }
        if self.length == 0 {
            self.place = place.clone();
        }
        self.place.end = place.end;
        if self.length < MAX_TOKEN {
            self.token.push(c);
        }
        self.length += 1;
    }

    fn pair(&mut self, c: char, place: Range<usize>) {
        if self.length > 0 {
            self.end_run();
        }
        let last = self.last.take();
        if let Some((before, start, _)) = &last {
            self.token.push(*before);
            self.token.push(c);
            (self.pass)(&self.token, start.start..place.end, TokenKind::Pair);
            self.token.clear();
        }
        self.last = Some((c, place, last.is_none()));
    }

    fn end_run(&mut self) {
        if self.length > 0 {
            (self.pass)(&self.token, self.place.clone(), TokenKind::Word);
            self.token.clear();
            self.length = 0;
        }
        if let Some((c, place, alone)) = self.last.take() {
            (self.pass)(c.encode_utf8(&mut [0; 4]), place, TokenKind::Last { alone });
        }
    }
}

/// The tokens of `text` as they go into the index.
pub fn index_text(text: &str) -> String {
    let mut joined = String::with_capacity(text.len() + text.len() / 4);
    tokens(text, |token, _, _| {
        joined.push_str(token);
        joined.push(' ');
    });
    joined
}

/// The ends of the identifiers in `text`, from each of their parts on: `RwLockReadGuard` gives
/// `lockreadguard readguard guard`, and `get_user_name` gives `getusername username name`. With a
/// prefix every piece that begins at a part is found.
pub fn index_parts(text: &str) -> String {
    let mut joined = String::new();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for identifier in text.split(|c| !is_part(c)).filter(|word| word.len() > 2) {
        let parts = parts(identifier.as_bytes());
        let from = usize::from(!identifier.trim_matches('_').contains('_'));
        for start in from..parts.len().min(MAX_PARTS) {
            let end: String = parts[start..].concat();
            joined.extend(end.chars().take(MAX_TOKEN).map(|c| c.to_ascii_lowercase()));
            joined.push(' ');
        }
    }
    joined
}

fn parts(identifier: &[u8]) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for at in 1..=identifier.len() {
        let is_end = identifier.get(at).is_none_or(|byte| {
            let before = identifier[at - 1];
            let begins_word = byte.is_ascii_uppercase()
                && (!before.is_ascii_uppercase()
                    || identifier.get(at + 1).is_some_and(u8::is_ascii_lowercase));
            begins_word || *byte == b'_' || before == b'_'
        });
        if is_end {
            let part = std::str::from_utf8(&identifier[start..at]).unwrap_or_default();
            parts.extend(Some(part).filter(|part| *part != "_"));
            start = at;
        }
    }
    if parts.len() < 2 { Vec::new() } else { parts }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> Vec<String> {
        index_text(text).split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn marks_case_and_compatibility_forms_are_folded() {
        for (text, folded) in [
            ("Đường phố", "duong pho"),
            ("Đà Nẵng", "da nang"),
            ("e\u{302}\u{301} ế", "e e"),
            ("ＡＢＣ ｶﾞ", "abc ガ"),
            ("Straße STRASSE ẞ", "strasse strasse ss"),
            ("Ørsted Łódź æther ﬁn", "orsted lodz aether fin"),
            ("İstanbul ısı ΣΟΦΌΣ", "istanbul isi σοφοσ"),
            ("が か", "が か"),
            ("한국 \u{1112}\u{1161}\u{11ab}", "한국 한"),
            ("❤\u{fe0f} 👍\u{1f3fd} don’t", "❤ 👍 don't"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn text_is_cut_into_words_pairs_and_emoji() {
        for (text, expected) in [
            ("std::sync x->y C++", &["std", "sync", "x", "y", "c"][..]),
            ("搜索引擎", &["搜索", "索引", "引擎", "擎"]),
            ("跑gen-itgc后", &["跑", "gen", "itgc", "后"]),
            ("第3章", &["第", "3", "章"]),
            ("hi👍🇻🇳", &["hi", "👍", "🇻", "🇳"]),
            ("검색 データ", &["검색", "색", "デー", "ータ", "タ"]),
            (
                "ที่นี่",
                &[
                    "ท\u{e35}",
                    "\u{e35}\u{e48}",
                    "\u{e48}น",
                    "น\u{e35}",
                    "\u{e35}\u{e48}",
                    "\u{e48}",
                ],
            ),
            ("नमस्ते", &["नमस्ते"]),
            ("", &[]),
            (" -- ", &[]),
        ] {
            assert_eq!(all(text), expected, "{text}");
        }
        let long = "x".repeat(100);
        assert_eq!(all(&long), [&long[..MAX_TOKEN]]);
    }

    #[test]
    fn identifiers_are_indexed_from_each_of_their_parts() {
        for (text, expected) in [
            ("a RwLockReadGuard.", "lockreadguard readguard guard "),
            ("get_user_name", "getusername username name "),
            ("parseHTTPServer", "httpserver server "),
            ("__init__ ok Word UPPER sha256", ""),
        ] {
            assert_eq!(index_parts(text), expected, "{text}");
        }
        let many = "Ab".repeat(5000);
        assert!(index_parts(&many).len() <= MAX_PARTS * (MAX_TOKEN + 1));
    }

    /// Text in the scripts and with the marks for which there are rules.
    fn mixed() -> impl Strategy<Value = String> {
        let char = prop_oneof![
            any::<char>(),
            proptest::char::ranges(
                vec![' '..='~', 'À'..='ɏ', '\u{300}'..='\u{36f}', 'Ạ'..='ỹ', '一'..='丿'].into()
            ),
            proptest::char::ranges(
                vec!['ぁ'..='ヿ', '\u{1100}'..='\u{11ff}', 'ㄱ'..='ㆎ', '\u{ff61}'..='\u{ffdc}']
                    .into()
            ),
            proptest::char::ranges(vec!['ก'..='๛', '😀'..='😏', '🏻'..='🏿'].into()),
        ];
        proptest::collection::vec(char, 0..24).prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in mixed()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
            prop_assert_eq!(index_text(&once), index_text(&text));
        }

        #[test]
        fn places_are_on_the_borders_of_characters(text in mixed()) {
            let mut last = 0;
            tokens(&text, |_, place, _| {
                assert!(text.get(place.clone()).is_some_and(|part| !part.is_empty()), "{place:?}");
                assert!(place.start >= last, "in order");
                last = place.start;
            });
            let folded = Folded::new(&text);
            for (at, c) in folded.text.char_indices() {
                let place = folded.place(at..at + c.len_utf8());
                prop_assert!(text.get(place).is_some_and(|part| !part.is_empty()));
            }
        }

        #[test]
        fn every_pair_of_a_text_without_spaces_is_indexed(
            chars in proptest::collection::vec(proptest::char::range('一', '龥'), 2..12),
        ) {
            let text: String = chars.iter().collect();
            let indexed = all(&format!("a {text}。"));
            for pair in chars.windows(2) {
                prop_assert!(indexed.contains(&pair.iter().collect()));
            }
        }

        #[test]
        fn nothing_that_separates_is_in_a_token(text in mixed()) {
            tokens(&text, |token, _, _| {
                assert!(!token.is_empty() && token.chars().count() <= MAX_TOKEN);
                assert!(token.bytes().all(|b| !b.is_ascii() || b.is_ascii_alphanumeric()), "{token}");
            });
        }
    }
}
