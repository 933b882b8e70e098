//! The code blocks of an answer.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// A fenced code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// The language that it names, in lower case; empty if it names none.
    pub language: String,
    /// The code.
    pub text: String,
}

/// Names of one language.
const SAME: [&[&str]; 8] = [
    &["bash", "sh", "shell", "zsh", "console"],
    &["python", "py", "python3"],
    &["javascript", "js"],
    &["typescript", "ts"],
    &["rust", "rs"],
    &["c++", "cpp"],
    &["yaml", "yml"],
    &["markdown", "md"],
];

impl Block {
    /// Whether it is in `language`, under any of its names.
    pub(crate) fn is_in(&self, language: &str) -> bool {
        let language = language.to_lowercase();
        let is_same = |names: &&[&str]| {
            names.contains(&self.language.as_str()) && names.contains(&language.as_str())
        };
        self.language == language || SAME.iter().any(is_same)
    }
}

/// The fenced code blocks of `answer`, in their order; one in a list or a quotation without its
/// indentation. An open one ends with the answer.
pub(crate) fn blocks(answer: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for event in Parser::new(answer) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let language = info.split([' ', ',', '{']).next().unwrap_or_default();
                open = Some(Block { language: language.to_lowercase(), text: String::new() });
            }
            Event::Text(text) => {
                if let Some(block) = &mut open {
                    block.text += &text;
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_their_language() {
        let answer = "One:\n\n```Rust,ignore\nfn a() {}\n```\n\n- in a list\n\n  ~~~\n  ``` \n    b\n  ~~~\n\n    indented\n\n```sh\necho";
        let found = blocks(answer);
        let pair = |a: &str, b: &str| Block { language: a.to_owned(), text: b.to_owned() };
        assert_eq!(
            found,
            [pair("rust", "fn a() {}\n"), pair("", "``` \n  b\n"), pair("sh", "echo")]
        );
        assert!(found[0].is_in("RS") && found[2].is_in("bash") && !found[1].is_in("sh"));
    }
}
