//! Makes the files of the page smaller, and keeps what they mean.
//!
//! Comments, indentation and the spaces and line breaks between punctuation go. Texts, templates and regular
//! expressions stay to the letter; none of them has a line break. A name that a script declares for itself gets
//! a short one, everywhere in the file. Words that the page replaces by those of its language go from the
//! document.

use std::collections::{BTreeMap, HashSet};

/// The file `path` with this content, smaller.
pub(super) fn squeezed(path: &str, content: &str) -> String {
    match path.rsplit_once('.') {
        Some((_, "js")) => renamed(&script(content)),
        Some((_, "css")) => style(content),
        _ => content.lines().map(|line| line.trim().to_owned() + "\n").collect(),
    }
}

/// Lines without comments. A comment begins and ends with a line.
fn lines(content: &str) -> impl Iterator<Item = &str> {
    let mut is_comment = false;
    content.lines().map(str::trim).filter(move |line| {
        is_comment |= line.starts_with("/*");
        let is_kept = !is_comment && !line.is_empty() && !line.starts_with("//");
        is_comment &= !line.ends_with("*/");
        is_kept
    })
}

/// Marks with which a line or a space beside them is not needed.
const MARKS: &str = "{}()[];,:=<>?&|!*";

fn script(content: &str) -> String {
    let mut out = String::with_capacity(content.len());
    for line in lines(content) {
        let joins_before =
            out.ends_with(['{', '(', '[', ';', ',', ':', '=', '<', '>', '?', '&', '|', '*']);
        let joins_after = line.starts_with(['}', ')', ']', '.', ',', ';', '?', ':', '&', '|']);
        if !out.is_empty() && !joins_before && !joins_after {
            out.push('\n');
        }
        script_line(&mut out, line);
    }
    out.push('\n');
    out
}

fn script_line(out: &mut String, line: &str) {
    let start = out.len();
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        let size = match character {
            '"' | '\'' => quoted(rest, character),
            '`' => template(rest),
            '/' if rest.starts_with("//") => break,
            '/' if begins_expression(&out[start..]) => expression(rest),
            _ => character.len_utf8(),
        };
        let (piece, after) = rest.split_at(size);
        if character != ' ' || is_needed(out[start..].chars().last(), after.chars().next()) {
            out.push_str(piece);
        }
        rest = after;
    }
    out.truncate(out.trim_end().len());
}

/// Whether a space between these two is needed.
fn is_needed(before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let is_sign = |character| matches!(character, '+' | '-');
    if is_sign(before) || is_sign(after) {
        return is_sign(before) && is_sign(after);
    }
    !MARKS.contains(before) && !MARKS.contains(after)
}

/// The length of a text at the beginning of `rest`, with its `mark`s.
fn quoted(rest: &str, mark: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if character == mark && !is_escaped {
            return at + 1;
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    rest.len()
}

/// The length of a template at the beginning of `rest`.
fn template(rest: &str) -> usize {
    let mut at = 1;
    let mut depth = 0_usize;
    while let Some(character) = rest[at..].chars().next() {
        at += match character {
            '\\' => 1 + rest[at + 1..].chars().next().map_or(0, char::len_utf8),
            '`' if depth == 0 => return at + 1,
            '`' => template(&rest[at..]),
            '"' | '\'' if depth > 0 => quoted(&rest[at..], character),
            '$' if depth == 0 && rest[at..].starts_with("${") => {
                depth = 1;
                2
            }
            '{' if depth > 0 => {
                depth += 1;
                1
            }
            '}' if depth > 0 => {
                depth -= 1;
                1
            }
            _ => character.len_utf8(),
        };
    }
    rest.len()
}

/// The length of a regular expression at the beginning of `rest`.
fn expression(rest: &str) -> usize {
    let (mut is_escaped, mut is_set) = (false, false);
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => is_set = true,
            ']' => is_set = false,
            '/' if !is_set => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Whether a slash after `before` begins a regular expression, and does not divide.
fn begins_expression(before: &str) -> bool {
    let before = before.trim_end();
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    match before.chars().last() {
        None => true,
        Some(last) if last.is_alphanumeric() => matches!(word, "return" | "typeof" | "case" | "of"),
        Some(last) => !matches!(last, ')' | ']' | '}' | '_' | '$' | '"' | '\'' | '`'),
    }
}

/// A piece of a script.
#[derive(Clone, Copy, PartialEq)]
enum Token<'a> {
    /// A name or a word of the language.
    Word(&'a str),
    /// A text, a part of a template, a regular expression or a number.
    Literal(&'a str),
    Mark(char),
}

fn tokens(script: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    // How many braces are open, and where the expressions in templates began.
    let (mut depth, mut templates) = (0_usize, Vec::new());
    let mut rest = script;
    while let Some(character) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        let ends_expression = character == '}' && templates.last() == Some(&depth);
        let before = &script[..script.len() - rest.len()];
        let (size, is_literal) = match character {
            '"' | '\'' => (quoted(rest, character), true),
            '`' => (template_part(rest), true),
            '}' if ends_expression => (template_part(rest), true),
            '/' if begins_expression(before) => (expression(rest), true),
            _ if is_word(character) => {
                let size = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (size, character.is_ascii_digit())
            }
            _ => (character.len_utf8(), false),
        };
        let (piece, after) = rest.split_at(size);
        if ends_expression {
            templates.pop();
        }
        if (character == '`' || ends_expression) && piece.ends_with("${") {
            templates.push(depth);
        }
        match character {
            _ if is_literal => found.push(Token::Literal(piece)),
            _ if is_word(character) => found.push(Token::Word(piece)),
            _ => {
                depth += usize::from(character == '{');
                depth = depth.saturating_sub(usize::from(character == '}'));
                found.push(Token::Mark(character));
            }
        }
        rest = after;
    }
    found
}

/// The length of a template to its end or to the next expression in it; it begins at a mark or after an expression.
fn template_part(rest: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '`' => return at + 1,
            '$' if rest[at..].starts_with("${") => return at + 2,
            _ => {}
        }
    }
    rest.len()
}

/// Names that a browser or the language has as well: one file may use both.
const TAKEN: &str = "alert as async close event fetch find focus from get history length location name navigator of \
    open origin parent print scroll self set static status stop top";

/// Words of the language that are no longer than a short name.
const SHORT_WORDS: [&str; 6] = ["as", "do", "if", "in", "is", "of"];

/// `script` with short names for those that it declares with `const`, `let` or `function`, or as parameters, and
/// that are nowhere in it the name of a property, except after a dot, or known to other files.
fn renamed(script: &str) -> String {
    let tokens = tokens(script);
    let places: Vec<_> =
        (0..tokens.len()).filter(|at| !matches!(tokens[*at], Token::Mark(' ' | '\n'))).collect();
    let near = |place: usize, step: isize| {
        let at = places.get(place.checked_add_signed(step)?)?;
        tokens.get(*at).copied()
    };
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut declared, mut fixed) = (HashSet::new(), HashSet::new());
    fixed.extend(TAKEN.split_whitespace());
    for (place, at) in places.iter().enumerate() {
        if tokens[*at] == Token::Mark(')') && is_arrow(near(place, 1), near(place, 2)) {
            declared.extend(parameters(&tokens, &places[..place]));
        }
        let Token::Word(word) = tokens[*at] else { continue };
        if is_property(&near, place) {
            continue;
        }
        *uses.entry(word).or_default() += 1;
        let (before, after) = (near(place, -1), near(place, 1));
        let is_listed = matches!(before, Some(Token::Mark('{' | ',')));
        let is_ambiguous = match after {
            Some(Token::Mark(':')) => true,
            Some(Token::Mark(',' | '}' | '=' | '(')) => is_listed,
            _ => false,
        };
        match before {
            Some(Token::Word("const" | "let" | "function")) => {
                declared.insert(word);
                let outer = [near(place, -2), near(place, -3)];
                if outer.contains(&Some(Token::Word("export"))) {
                    fixed.insert(word);
                }
            }
            Some(Token::Word("async" | "get" | "set" | "static" | "class" | "import" | "as")) => {
                fixed.insert(word);
            }
            _ => {}
        }
        if is_ambiguous {
            fixed.insert(word);
        }
    }
    let mut chosen: Vec<_> = declared.difference(&fixed).copied().collect();
    chosen.sort_by_key(|word| (std::cmp::Reverse(uses[word] * word.len()), *word));
    let mut free = short_names().filter(|name| !uses.contains_key(name.as_str()));
    let names: BTreeMap<_, _> =
        chosen.into_iter().zip(&mut free).filter(|(word, name)| name.len() < word.len()).collect();
    let mut out = String::with_capacity(script.len());
    let mut place = 0;
    for token in &tokens {
        match token {
            Token::Word(word) if !is_property(&near, place) => {
                out.push_str(names.get(word).map_or(*word, String::as_str));
            }
            Token::Word(piece) | Token::Literal(piece) => out.push_str(piece),
            Token::Mark(mark) => out.push(*mark),
        }
        place += usize::from(!matches!(token, Token::Mark(' ' | '\n')));
    }
    out
}

fn is_arrow(first: Option<Token<'_>>, second: Option<Token<'_>>) -> bool {
    (first, second) == (Some(Token::Mark('=')), Some(Token::Mark('>')))
}

/// The parameters at the end of `places`, after which the list of them is closed. Only plain names are given.
fn parameters<'a>(tokens: &[Token<'a>], places: &[usize]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for at in places.iter().rev() {
        match tokens[*at] {
            Token::Word(word) => found.push(word),
            Token::Mark(',') => {}
            Token::Mark('(') => return found,
            _ => break,
        }
    }
    Vec::new()
}

/// Whether the token at `place` follows a dot, but not three.
fn is_property<'a>(near: &impl Fn(usize, isize) -> Option<Token<'a>>, place: usize) -> bool {
    let dot = Some(Token::Mark('.'));
    near(place, -1) == dot && near(place, -2) != dot
}

/// `a` to `z`, then `aa` to `zz`.
fn short_names() -> impl Iterator<Item = String> {
    let letters = || 'a'..='z';
    let pairs =
        letters().flat_map(move |first| letters().map(move |second| format!("{first}{second}")));
    letters().map(String::from).chain(pairs.filter(|name| !SHORT_WORDS.contains(&name.as_str())))
}

fn style(content: &str) -> String {
    let mut out = String::with_capacity(content.len());
    for line in lines(content) {
        if !out.is_empty() && !out.ends_with(['{', '}', ';', ',', '>']) {
            out.push(' ');
        }
        let mut rest = line;
        while let Some(character) = rest.chars().next() {
            let size = match character {
                '"' | '\'' => quoted(rest, character),
                _ => character.len_utf8(),
            };
            let (piece, after) = rest.split_at(size);
            // In a selector, what follows the space may be `:` or `[`.
            let is_needed = !out.ends_with(['{', '}', ';', ',', '>', ':'])
                && !after.starts_with(['{', '}', ';', ',', '>']);
            if piece == "}" && out.ends_with(';') {
                out.pop();
            }
            if character != ' ' || is_needed {
                out.push_str(piece);
            }
            rest = after;
        }
    }
    out
}

/// The document without the words that the page replaces before it shows them: the text of an element with
/// `data-t`, and a label beside `data-t-label`.
pub(super) fn document(content: &str) -> String {
    let mut out = String::with_capacity(content.len());
    for line in content.lines().map(str::trim) {
        let mut rest = line;
        while let Some((before, tag)) = rest.split_once('<') {
            let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
            let mut tag = tag.to_owned();
            if tag.contains(" data-t-label=")
                && let Some(at) = tag.find(" aria-label=\"")
            {
                let length = tag[at + 13..].find('"').map_or(0, |end| end + 14);
                tag.replace_range(at..at + length, "");
            }
            out.push_str(before);
            out.push('<');
            out.push_str(&tag);
            out.push('>');
            let text = after.find('<').unwrap_or(0);
            rest = if tag.contains(" data-t=\"") { &after[text..] } else { after };
        }
        out.push_str(rest);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_every_statement_stays() {
        let code = "// A file.\n\nimport { a } from \"./a.js\";\n\n/**\n * Says `b`\n */\nexport const b = () => {\n  \
                    // Why.\n  return a; // so\n};\n/* One line. */\nconst c = 1 / 2\nconst d = f(\n  c,\n);\n";
        assert_eq!(
            squeezed("a.js", code),
            "import{a}from \"./a.js\";export const b=()=>{return a;};const c=1 / 2\nconst d=f(c,);\n"
        );
    }

    #[test]
    fn texts_and_expressions_stay_to_the_letter() {
        for line in [
            "const a='b, \\' c // d';",
            "const a=`b, ${c ? `d , ${e({ f: \"}\" })}` : '`'} , // g`;",
            "a.split(/ , [/ ] \\/ /g)",
            "return / , /",
            "throw \"a, b : { c } \\\" , \"",
            "return typeof a+b- -c+ +d",
            "a / b / c",
            "x in y",
        ] {
            assert_eq!(squeezed("a.js", line), format!("{line}\n"));
        }
        let line = "if (a && !b) return f(\"c , d\", { e: [1, 2] }) ?? x in y; // g";
        assert_eq!(squeezed("a.js", line), "if(a&&!b)return f(\"c , d\",{e:[1,2]})??x in y;\n");
    }

    #[test]
    fn own_names_are_shortened_everywhere_and_others_nowhere() {
        let code = "import { other } from \"./a.js\";\nexport const known = 1;\nfunction helper(value) {\n  const total = value + known;\n  \
                    return `${total} total ${`${total.total} }`} total`;\n}\nlet shorthand = 1;\nconst label = 2;\nconst given = [...label2, ...total];\n\
                    use({ shorthand, label: helper(other), total() {} }, /total/, \"total\", x?.given, label ? 1 : 2);\nconst name = 3;\n";
        assert_eq!(
            squeezed("a.js", code),
            "import{other}from \"./a.js\";export const known=1;function a(value){const total=value+known;\
             return `${total} total ${`${total.total} }`} total`;}\nlet shorthand=1;const label=2;const b=[...label2,...total];\
             use({shorthand,label:a(other),total(){}},/total/,\"total\",x?.given,label?1:2);const name=3;\n"
        );
        let code =
            "use((first, { second }) => first + second, (third, fourth) => third - fourth);\n";
        let short = "use((first,{second})=>first+second,(b,a)=>b-a);\n";
        assert_eq!(squeezed("a.js", code), short);
        let code = "const total=1;use(`${total} total ${f([total])}`,total.total);\n";
        let short = "const a=1;use(`${a} total ${f([a])}`,a.total);\n";
        assert_eq!(squeezed("a.js", code), short);
    }

    #[test]
    fn styles_keep_their_selectors_and_sums() {
        let style = "a :is(b, c) > d[e] {\n  f: calc(1px + 2px) \"g, h\";\n  --i: 0;\n}\n/* j */\n\nk,\nl m { n: o }\n";
        assert_eq!(
            squeezed("a.css", style),
            "a :is(b,c)>d[e]{f:calc(1px + 2px) \"g, h\";--i:0}k,l m{n:o}"
        );
        let media =
            "@media (hover: none) and (min-width: 1rem) { a::before { content: \" ; \"; } }";
        assert_eq!(
            squeezed("a.css", media),
            "@media (hover:none) and (min-width:1rem){a::before{content:\" ; \"}}"
        );
    }

    #[test]
    fn document_keeps_what_the_page_does_not_replace() {
        let page = "<a data-t=\"b\">Word</a>\n  <p>Text <b>c</b></p>\n<i id=\"d\" data-t-label=\"e\" aria-label=\"F\" g>h</i>\n<u aria-label=\"I\">j</u>\n";
        assert_eq!(
            document(page),
            "<a data-t=\"b\"></a>\n<p>Text <b>c</b></p>\n<i id=\"d\" data-t-label=\"e\" g>h</i>\n<u aria-label=\"I\">j</u>\n"
        );
    }
}
