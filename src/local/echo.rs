//! The made-up engine: deterministic Markdown that contains the prompt verbatim.

use std::borrow::Cow;

use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use futures_util::stream::{self, StreamExt};

use crate::engine::{
    Answer, Document, EXAMPLE_MODEL, Engine, MADE_UP, Model, Question, Refusal, Step, Thinking,
};
use crate::local::markers::Markers;

/// How many tokens a prompt may have.
const MAX_CONTEXT: u64 = 262_144;

/// An echo is cut into at most about this many deltas, however long the prompt.
const MAX_DELTAS: usize = 400;

const LOREM: [&str; 16] = [
    "lorem",
    "ipsum",
    "dolor",
    "sit",
    "amet",
    "consectetur",
    "adipiscing",
    "elit",
    "sed",
    "do",
    "eiusmod",
    "tempor",
    "wörld",
    "你好",
    "🙂",
    "labore",
];

/// Repeats the prompt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Echo {
    /// Varies where deltas are cut.
    pub seed: u64,
}

impl Engine for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    fn url(&self) -> Option<&str> {
        None
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<Model>, Refusal>> {
        future::ready(Ok(models())).boxed()
    }

    fn model_name<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<String>, Refusal>> {
        let mut models = models().into_iter();
        let found = models.find(|model| id == EXAMPLE_MODEL || model.id == id);
        future::ready(Ok(found.map(|model| model.name))).boxed()
    }

    fn answer(&self, question: Question) -> BoxFuture<'static, Result<Answer, Refusal>> {
        future::ready(Ok(self.say(&question))).boxed()
    }
}

impl Echo {
    fn say(self, question: &Question) -> Answer {
        let code = taught_code(&question.prompt).unwrap_or_default().to_owned();
        let prompt = newest(&question.prompt);
        let markers = Markers::find(&prompt);
        let mut opening = Vec::new();
        match question.thinking {
            Some(Thinking::Summary) => opening.extend(summary(&prompt)),
            Some(Thinking::Detail) => opening.extend(detail(&prompt)),
            None => opening.push(Step::Pause(4)),
        }
        if question.image {
            opening.push(Step::Pause(10));
            opening.push(Step::Image(
                "https://cdn.qwenlm.ai/output/local/t2i/{R1}/1.png?key=EXAMPLE".to_owned(),
            ));
            return stream::iter(opening).boxed();
        }
        if question.search {
            opening.extend(search(&prompt));
        }
        if let Some(deltas) = markers.deltas {
            let deltas =
                deltas.into_iter().map(move |delta| Step::Text(delta.replace("{code}", &code)));
            return stream::iter(opening).chain(stream::iter(deltas)).boxed();
        }
        if let Some(words) = markers.lorem {
            return stream::iter(opening).chain(stream::iter((0..words).map(lorem))).boxed();
        }
        let text = markdown(&prompt, question.search);
        let mut random = fastrand::Rng::with_seed(self.seed ^ fingerprint(&prompt));
        opening.extend(pieces(&text, &mut random).into_iter().map(Step::Text));
        stream::iter(opening).boxed()
    }
}

/// The code of the marks in a prompt that teaches a model to call tools: it stands in the last line.
fn taught_code(prompt: &str) -> Option<&str> {
    let (_, demand) = prompt.rsplit_once("\nTools: use `<call-")?;
    demand.get(..5).filter(|_| demand.get(5..).is_some_and(|rest| rest.starts_with(" …>` blocks.")))
}

/// The newest message in a prompt that teaches a model to call tools; any other prompt as it is.
fn newest(prompt: &str) -> Cow<'_, str> {
    let Some(code) = taught_code(prompt) else { return prompt.into() };
    let said = prompt.rsplit_once("\nTools: use `<call-").map_or(prompt, |(said, _)| said);
    if said.starts_with("Not done: ") {
        return "a call that cannot be used".into();
    }
    let said = said.rsplit_once("\nTools:\n").map_or(said, |(_, rest)| {
        // The tools end before two blank lines, or before the first mark.
        rest.split_once("\n\n\n").map_or(rest, |(_, said)| said)
    });
    let mark = format!("=== {code} ");
    let said = said
        .rsplit_once(&mark)
        .map_or(said, |(_, last)| last.split_once('\n').map_or(last, |(_, text)| text));
    let tags = [format!("<out-{code} "), format!("</out-{code}>")];
    let is_text = |line: &&str| !tags.iter().any(|tag| line.starts_with(tag.as_str()));
    said.lines().filter(is_text).collect::<Vec<_>>().join("\n").trim().to_owned().into()
}

/// In the order of the picker: the first is the default.
fn models() -> Vec<Model> {
    let model = |size: &str, description: &str, chat_types, thinks, sees| Model {
        id: format!("{MADE_UP}{}", size.to_lowercase()),
        name: format!("Local-Echo-{size}"),
        description: description.to_owned(),
        chat_types,
        thinks,
        sees,
        context: MAX_CONTEXT,
    };
    vec![
        model(
            "Max",
            "Repeats the prompt; thinks and searches on request.",
            &["t2t", "t2i", "search"],
            true,
            true,
        ),
        model("Plus", "Repeats the prompt; thinks on request.", &["t2t", "search"], true, false),
        model("Flash", "Repeats the prompt.", &["t2t"], false, false),
    ]
}

fn lorem(index: usize) -> Step {
    let word = LOREM[index % LOREM.len()];
    let end = if index % 12 == 11 { "\n\n" } else { " " };
    Step::Text(format!("{word}{end}"))
}

/// The answer: a heading, the prompt verbatim, a list, code, and a table for every third prompt.
fn markdown(prompt: &str, cites: bool) -> String {
    let (characters, words) = (prompt.chars().count(), prompt.split_whitespace().count());
    let (bytes, lines) = (prompt.len(), prompt.lines().count());
    let citation = if cites { "Two pages say so [[1,2]].\n\n" } else { "" };
    let table = if fingerprint(prompt).is_multiple_of(3) {
        format!("\n| unit | count |\n|---|---:|\n| lines | {lines} |\n| words | {words} |\n")
    } else {
        String::new()
    };
    format!(
        "# You wrote\n\n{prompt}\n\n{citation}What I can say about it:\n\n\
         - characters: **{characters}**\n- words: **{words}**\n- bytes: **{bytes}**\n\n\
         ```rust\nassert_eq!(prompt.chars().count(), {characters});\n```\n{table}\n\
         This is the local upstream: no model has read your message."
    )
}

/// Cuts a text into pieces of a few characters, as a model's tokens are.
fn pieces(text: &str, random: &mut fastrand::Rng) -> Vec<String> {
    let at_least = text.chars().count() / MAX_DELTAS + 1;
    let mut pieces = Vec::new();
    let mut rest = text.chars().peekable();
    while rest.peek().is_some() {
        let length = at_least + random.usize(0..6);
        pieces.push(rest.by_ref().take(length).collect());
    }
    pieces
}

fn summary(prompt: &str) -> Vec<Step> {
    let about = shortened(prompt);
    let snapshot = |titles: &[&str], thoughts: &[&str]| Step::Summary {
        titles: titles.iter().map(ToString::to_string).collect(),
        thoughts: thoughts.iter().map(ToString::to_string).collect(),
    };
    let first = format!("The user writes: {about}");
    vec![
        Step::Pause(10),
        snapshot(&["Understand"], &["The user writes"]),
        Step::Pause(10),
        snapshot(&["Understand the message"], &[&first]),
        snapshot(&["Understand the message"], &[&first]),
        Step::Pause(20),
        snapshot(
            &["Understand the message", "Answer"],
            &[&first, "I will say it back and count it."],
        ),
    ]
}

fn detail(prompt: &str) -> Vec<Step> {
    let about = shortened(prompt);
    ["The user writes: ", &about, ".\n", "I will say it back", " and count it."]
        .into_iter()
        .map(|piece| Step::Think(piece.to_owned()))
        .collect()
}

fn search(prompt: &str) -> Vec<Step> {
    let about = shortened(prompt);
    let document = |number: u32, date: &str| Document {
        url: format!("https://pages.example/{number}"),
        title: format!("Page {number}"),
        snippet: format!("What page {number} says about it"),
        date: date.to_owned(),
    };
    vec![
        Step::Text("Let me look.".to_owned()),
        Step::Search {
            queries: vec![about, "local upstream".to_owned()],
            documents: vec![document(1, "3 days ago"), document(2, ""), document(1, "3 days ago")],
        },
    ]
}

fn shortened(prompt: &str) -> String {
    prompt.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect()
}

/// FNV-1a: the same prompt always looks the same.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_that_teaches_tools_is_its_newest_message() {
        let taught = |said: &str| {
            format!(
                "Be brief.\n\nYou can act through tools.\n<call-7kq2m tool=\"NAME\">\n\nTools:\nnow()\n  Does \
                 now.\n\n{said}\n\nTools: use `<call-7kq2m …>` blocks. Send at most one block."
            )
        };
        for (said, expected) in [
            ("\nWhat is it?\n\n\nTell.\n", "What is it?\n\n\nTell."),
            (
                "Below.\n\n=== 7kq2m user ===\nA?\n\n=== 7kq2m assistant ===\nB.\n\n=== 7kq2m user ===\nC?\n",
                "C?",
            ),
            (
                "\nA?\n\n=== 7kq2m tool ===\n<out-7kq2m call=\"1\" tool=\"now\" error=\"no\">\nnoon\n</out-7kq2m>\n",
                "noon",
            ),
        ] {
            assert_eq!(newest(&taught(said)), expected);
        }
        assert_eq!(newest("Tools: use `<call-N>`"), "Tools: use `<call-N>`");
    }

    async fn text_of(prompt: &str) -> (String, usize) {
        let question = Question {
            model: "local-echo-max".to_owned(),
            system: None,
            prompt: prompt.to_owned(),
            images: Vec::new(),
            history: Vec::new(),
            thinking: None,
            thinks_freely: false,
            search: false,
            image: false,
        };
        let steps: Vec<Step> = Echo { seed: 7 }.say(&question).collect().await;
        let texts: Vec<_> = steps
            .into_iter()
            .filter_map(|step| match step {
                Step::Text(text) => Some(text),
                _ => None,
            })
            .collect();
        (texts.concat(), texts.len())
    }

    #[tokio::test]
    async fn the_prompt_comes_back_verbatim_and_the_same_each_time() {
        let prompt = "Xin chào 你好 🙂\n  indented\ttext";
        let (first, _) = text_of(prompt).await;
        assert!(first.contains(prompt));
        assert_eq!(first, text_of(prompt).await.0);
    }

    #[tokio::test]
    async fn lorem_has_as_many_deltas_as_asked() {
        assert_eq!(text_of("[[lorem:25]]").await.1, 25);
    }

    #[tokio::test]
    async fn a_long_prompt_makes_no_more_deltas() {
        let (text, deltas) = text_of(&"word ".repeat(50_000)).await;
        assert!(text.len() > 250_000 && deltas <= MAX_DELTAS + 1, "{deltas}");
    }
}
