//! The catalogue of answers in `cases.jsonl`, each read whole and in pieces, and the laws of the reader.
//!
//! In the data `[c read]` is `<call-7kq2m tool="read">`, `[a path]` is `<arg-7kq2m name="path">`, and `[/a]` and
//! `[/c]` are the closing tags.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::json::Repair;
use super::reader::{End, Output, Reader, Rules};
use super::resolve::resolve;
use super::toolbox::Toolbox;
use super::{Input, Offer, Tool, ToolChoice, ToolKind};

const CASES: &str = include_str!("cases.jsonl");
const CODE: &str = "7kq2m";

/// The tools of the catalogue.
pub(crate) fn offer() -> Offer {
    let functions = [
        (
            "read",
            json!({"properties": {"path": {"type": "string"}, "limit": {"type": "integer"}}, "required": ["path"]}),
        ),
        (
            "write",
            json!({"properties": {"path": {"type": "string"}, "content": {"type": "string"}}, "required": ["path"]}),
        ),
        (
            "bash",
            json!({"properties": {"command": {"type": "string"}, "timeout": {"type": "integer"}, "background": {"type": "boolean"}}, "required": ["command"]}),
        ),
        (
            "search",
            json!({"properties": {"query": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}},
            "opts": {"type": "object", "properties": {"fuzzy": {"type": "boolean"}, "max": {"type": ["integer", "null"]}}}}, "required": ["query"]}),
        ),
        ("unit", json!({"properties": {"name": {"enum": ["cm", "inch"]}}, "required": ["name"]})),
        ("now", json!({"properties": {}})),
        (
            "note",
            json!({"properties": {"maybe": {"type": ["string", "null"]}, "either": {"anyOf": [{"type": "string"}, {"type": "object"}]},
            "ref": {"$ref": "#/$defs/count"}, "real": {"type": "number"}}, "$defs": {"count": {"type": "integer"}}}),
        ),
        ("bare", Value::Null),
    ];
    let tool = |(name, mut schema): (&str, Value)| {
        if schema.is_object() {
            schema["type"] = "object".into();
        }
        let raw = RawValue::from_string(schema.to_string()).expect("JSON");
        Tool {
            name: name.to_owned(),
            description: Some(format!("Does {name}.")),
            parameters: Some(raw).filter(|_| schema.is_object()),
            kind: ToolKind::Function,
            strict: false,
        }
    };
    let mut tools: Vec<_> = functions.into_iter().map(tool).collect();
    tools.push(Tool {
        name: "patch".to_owned(),
        description: None,
        parameters: None,
        kind: ToolKind::Custom { grammar: None },
        strict: false,
    });
    Offer { tools, choice: ToolChoice::Auto, parallel: true }
}

pub(crate) fn rules() -> Rules {
    let toolbox = Arc::new(Toolbox::new(&offer()));
    Rules { code: CODE.to_owned(), toolbox, most: 16, forced: None, takes_foreign: true }
}

/// A text with its marks.
fn marked(text: &str) -> String {
    let mut marked = text.replace("[/a]", "</arg-7kq2m>").replace("[/c]", "</call-7kq2m>");
    for (short, tag, attribute) in [("[c ", "call", "tool"), ("[a ", "arg", "name")] {
        while let Some(at) = marked.find(short) {
            let end = at + marked[at..].find(']').expect("the end of a mark");
            let name = marked[at + short.len()..end].to_owned();
            marked.replace_range(at..=end, &format!("<{tag}-{CODE} {attribute}=\"{name}\">"));
        }
    }
    marked
}

/// What is read of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    text: String,
    calls: Vec<(String, Input)>,
    repairs: Vec<&'static str>,
    problems: usize,
    has_faults: bool,
    dropped: usize,
    is_done: bool,
}

fn read<'a>(rules: &Rules, pieces: impl IntoIterator<Item = &'a str>, end: End) -> Found {
    let mut reader = Reader::new(rules.clone());
    let mut outputs: Vec<_> = pieces.into_iter().flat_map(|piece| reader.feed(piece)).collect();
    let is_done = reader.is_done();
    outputs.extend(reader.finish(end));
    let mut found = Found { is_done, ..Found::default() };
    for output in outputs {
        match output {
            Output::Text(text) => found.text.push_str(&text),
            Output::Bad { .. } => found.problems += 1,
            Output::Dropped(count) => found.dropped = count,
            Output::Call(candidate) => match resolve(&candidate, &rules.toolbox, false) {
                Ok(call) => {
                    found.repairs.extend(call.repairs.iter().map(Repair::name));
                    found.has_faults |= !call.faults.is_empty();
                    found.calls.push((call.name, call.input));
                }
                Err(_) => found.problems += 1,
            },
        }
    }
    found
}

fn characters(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()])
}

/// Cuts at random places.
fn random_pieces<'a>(text: &'a str, random: &mut fastrand::Rng) -> Vec<&'a str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut at = random.usize(1..=rest.len().min(24));
        while !rest.is_char_boundary(at) {
            at += 1;
        }
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn check(case: &Value, id: &str, found: &Found) {
    assert_eq!(found.text, case["text"].as_str().unwrap_or_default(), "{id}: text");
    assert!(!found.text.to_ascii_lowercase().contains(CODE), "{id}: the code leaks");
    let expected = case["calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert_eq!(found.calls.len(), expected.len(), "{id}: {:?}", found.calls);
    for ((name, input), expected) in found.calls.iter().zip(expected) {
        assert_eq!(name, expected[0].as_str().expect("a name"), "{id}");
        match (input, &expected[1]) {
            (Input::Text(text) | Input::Json(text), Value::String(expected)) => {
                assert_eq!(text, expected, "{id}");
            }
            (Input::Json(text), expected) => {
                let arguments: Value = serde_json::from_str(text).expect("JSON");
                assert_eq!(&arguments, expected, "{id}");
            }
            (Input::Text(_), _) => panic!("{id}: not a function"),
        }
    }
    for repair in case["repairs"].as_array().into_iter().flatten() {
        assert!(
            found.repairs.contains(&repair.as_str().expect("a name")),
            "{id}: {:?}",
            found.repairs
        );
    }
    assert_eq!(found.problems as u64, case["problems"].as_u64().unwrap_or(0), "{id}: problems");
    assert_eq!(found.has_faults, case["faults"] == true, "{id}: faults");
    if case["dropped"] == true {
        assert!(found.dropped > 0, "{id}: nothing was dropped");
    }
    if case["done"] == true {
        assert!(found.is_done, "{id}: the upstream is not stopped");
    }
}

#[test]
fn answers_of_the_catalogue_are_read_whole_and_in_any_pieces() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut count = 0;
    for line in CASES.lines() {
        let case: Value = serde_json::from_str(line).expect("a case");
        let id = case["id"].as_str().expect("an id").to_owned();
        let text = marked(case["say"].as_str().expect("a text"));
        let mut rules = rules();
        rules.most =
            case["most"].as_u64().map_or(16, |most| usize::try_from(most).expect("a count"));
        rules.forced = case["forced"].as_str().map(str::to_owned);
        let end = if case["end"] == "cut" { End::Cut } else { End::Natural };
        let whole = read(&rules, [text.as_str()], end);
        check(&case, &id, &whole);
        let same = |pieces: &[&str], how: &str| {
            let found = read(&rules, pieces.iter().copied(), end);
            let found = Found { is_done: whole.is_done, ..found };
            assert_eq!(found, whole, "{id}: {how}");
        };
        same(&characters(&text).collect::<Vec<_>>(), "by characters");
        let step = text.len().div_ceil(2000);
        for (at, _) in text.char_indices().step_by(step) {
            let (start, rest) = text.split_at(at);
            same(&[start, rest], &format!("cut at {at}"));
        }
        for _ in 0..200_usize.div_ceil(step) {
            same(&random_pieces(&text, &mut random), "in random pieces");
        }
        count += 1;
    }
    assert!(count >= 150, "{count} cases");
}

#[test]
fn long_calls_end_the_answer() {
    let call = |length| {
        let content = "x".repeat(length);
        marked(&format!("[c write][a path]f[/a][a content]{content}[/a][/c][c now][/c]"))
    };
    let fits = read(&rules(), [call(1_000_000).as_str()], End::Natural);
    assert_eq!((fits.calls.len(), fits.problems), (2, 0));
    let text = call(1_200_000);
    let long = read(&rules(), [text.as_str()], End::Natural);
    assert_eq!((long.calls.len(), long.problems, long.is_done), (0, 1, true));
    let pieces =
        text.as_bytes().chunks(4096).map(|piece| std::str::from_utf8(piece).expect("ASCII"));
    assert_eq!(read(&rules(), pieces, End::Natural), long);
}

#[test]
fn time_is_linear() {
    // Each of these would take minutes if it were read more than a few times.
    for unit in [
        "<call-",
        "<call-7kq2m ",
        "<tool_call>",
        "<tool_call>\n",
        "\n<tool_call>{\"name\":\"",
        "\n<invoke name=\"read\">\n<parameter name=\"path\">",
        "{\"name\":",
        " ",
        "\n",
        "7kq2",
        "7kq2m",
        "```\n",
        "a word and ",
        "- ",
        "＜",
        "<out-7kq2m>",
        "</call-7kq2m>",
        "<call-7kq2m tool=\"read\">",
        "[{",
    ] {
        let text = unit.repeat((256 << 10) / unit.len());
        let started = std::time::Instant::now();
        let whole = read(&rules(), [text.as_str()], End::Natural);
        let pieces = (0..text.len()).step_by(8 << 10).map(|at| {
            let boundary = |mut at: usize| {
                while at < text.len() && !text.is_char_boundary(at) {
                    at += 1;
                }
                at.min(text.len())
            };
            &text[boundary(at)..boundary(at + (8 << 10))]
        });
        let found = read(&rules(), pieces, End::Natural);
        assert_eq!(Found { is_done: whole.is_done, ..found }, whole, "{unit:?}");
        assert!(started.elapsed().as_secs() < 30, "{unit:?}: {:?}", started.elapsed());
    }
}

#[test]
fn text_without_tags_goes_out_at_once() {
    let mut reader = Reader::new(rules());
    assert_eq!(reader.feed("text <"), [Output::Text("text".to_owned())]);
    assert_eq!(reader.feed("b> and "), [Output::Text(" <b> and".to_owned())]);
    assert_eq!(reader.finish(End::Natural), [Output::Text(" ".to_owned())]);
    let mut reader = Reader::new(rules());
    assert_eq!(reader.feed("{\"name\":\"Ada\","), [Output::Text("{\"name\":\"Ada\",".to_owned())]);
}

/// Pieces that answers about calls are made of.
fn piece() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        "[c read]",
        "[c now]",
        "[c patch]",
        "[a path]",
        "[a limit]",
        "[/a]",
        "[/c]",
        "<out-7kq2m call=\"1\">",
        "</out-7kq2m>",
        "7kq2m",
        "7kq",
        "2m",
        "-7kq2m",
        "<call-7kq2m",
        " tool=\"read\"",
        "/>",
        ">",
        "<",
        "＜call-7kq2m>",
        "<CALL-7KQ2M>",
        "=== 7kq2m user ===\n",
        "```\n",
        "```json\n",
        "~~~",
        "- ",
        "> ",
        "1. ",
        "\n",
        "\r\n",
        " ",
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "{\"name\":\"read\",\"arguments\":{\"path\":\"a\"}}",
        "<tool_call>",
        "</tool_call>",
        "<function=read>",
        "<parameter=path>",
        "</parameter>",
        "</function>",
        "<invoke name=\"read\">",
        "<parameter name=\"path\">",
        "</invoke>",
        "<path>",
        "</path>",
        "</arg>",
        "</div>",
        "text",
        "你好",
        "🙂",
        "\u{feff}",
    ]);
    prop_oneof![9 => marks.prop_map(marked), 1 => "\\PC{0,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn outcome_does_not_depend_on_the_pieces(
        pieces in prop::collection::vec(piece(), 0..24),
        seed in any::<u64>(),
        is_cut in any::<bool>(),
        most in prop::sample::select(vec![0, 1, 16]),
    ) {
        let text = pieces.concat();
        let rules = Rules { most, ..rules() };
        let end = if is_cut { End::Cut } else { End::Natural };
        let whole = read(&rules, [text.as_str()], end);
        let mut random = fastrand::Rng::with_seed(seed);
        for pieces in [characters(&text).collect(), random_pieces(&text, &mut random)] {
            let found = read(&rules, pieces, end);
            prop_assert_eq!(&Found { is_done: whole.is_done, ..found }, &whole, "{}", text);
        }
    }

    #[test]
    fn text_is_a_part_of_the_answer_and_never_has_the_code(
        pieces in prop::collection::vec(piece(), 0..24),
        most in prop::sample::select(vec![0, 16]),
    ) {
        let text = pieces.concat();
        let found = read(&Rules { most, ..rules() }, [text.as_str()], End::Natural);
        prop_assert!(!found.text.to_ascii_lowercase().contains(CODE), "{}", found.text);
        let mut rest = text.chars();
        prop_assert!(found.text.chars().all(|c| rest.any(|other| other == c)), "{} of {text}", found.text);
    }

    #[test]
    fn texts_without_marks_pass_to_the_byte(text in "[ \\n\\-*>`~#=a-z<b>&;/\"'{}0-9]{0,200}") {
        prop_assume!(!text.contains(CODE));
        let rules = Rules { takes_foreign: false, ..rules() };
        prop_assert_eq!(read(&rules, [text.as_str()], End::Natural).text, text);
    }
}
