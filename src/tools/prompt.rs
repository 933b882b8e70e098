//! A history with tools as one prompt: how calls are written, which tools there are, what was said, called
//! and returned, and what the next answer has to hold.
//!
//! Every mark holds a code that occurs in no text of the request, so nothing that a person, a file or a tool
//! says can end a block or pass for a call or a message.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::catalogue::{Catalogue, cost, signature};
use super::json;
use super::toolbox::Toolbox;
use super::{Call, CallResult, Input, Message, Offer, Part, Speaker, ToolChoice};

/// The most that is sent in one message, by [`cost`].
pub(crate) const MAX_COST: usize = 110_000;

/// How much of a result is sent where all of it does not fit, in characters.
const CAPS: [usize; 4] = [usize::MAX, 50_000, 20_000, 6_000];

/// How often a call repeats before the model is told.
const MAX_REPEATS: usize = 3;

/// What letters and digits codes have. They begin with a digit, which texts rarely hold.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What a prompt is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// The whole history.
    pub messages: &'a [Message],
    pub offer: &'a Offer,
    pub toolbox: &'a Toolbox,
    /// The code of the marks.
    pub code: &'a str,
}

/// A prompt.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub text: String,
    /// What was left out, for a warning.
    pub notes: Vec<String>,
}

/// The cost of a prompt that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong(pub usize);

/// A code that none of `texts` holds.
pub(crate) fn new_code(messages: &[Message], offer: &Offer) -> String {
    loop {
        let random = *uuid::Uuid::new_v4().as_bytes();
        let first = char::from(b'2' + random[0] % 6);
        let rest = random[1..5].iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
        let code: String = std::iter::once(first).chain(rest).collect();
        if !holds_code(messages, offer, &code) {
            return code;
        }
    }
}

/// Whether a text of the request holds `code`.
pub(crate) fn holds_code(messages: &[Message], offer: &Offer, code: &str) -> bool {
    let holds = |text: &str| text.to_ascii_lowercase().contains(code);
    let in_tools = offer.tools.iter().any(|tool| {
        let schema = tool.parameters.as_ref().is_some_and(|schema| holds(schema.get()));
        schema || holds(&tool.name) || tool.description.as_deref().is_some_and(holds)
    });
    in_tools
        || messages.iter().flat_map(|message| &message.parts).any(|part| match part {
            Part::Text(text) => holds(text),
            Part::Image(url) => holds(url),
            Part::Call(call) => holds(&call.name) || holds(call.input.as_str()),
            Part::Result(result) => holds(&result.text),
        })
}

impl Scene<'_> {
    /// The prompt for a chat that knows the messages before the number `from`, with the tools.
    ///
    /// # Errors
    /// If it does not fit, however short the descriptions of the tools and the results are.
    pub(crate) fn taught(&self, from: usize) -> Result<Written, TooLong> {
        let is_system = |message: &&Message| message.speaker == Speaker::System;
        let leading = from + self.messages[from..].iter().take_while(is_system).count();
        let mut instructions = String::new();
        for text in self.messages[from..leading].iter().map(Message::text) {
            let _ = write!(instructions, "{text}\n\n");
        }
        instructions.push_str(&self.lesson());
        let mut least = 0;
        for cap in CAPS {
            let said = self.said(leading, cap);
            let fixed = cost(&instructions) + cost(&said);
            if let Some(catalogue) = Catalogue::new(self.toolbox, MAX_COST.saturating_sub(fixed)) {
                let text = format!("{instructions}\nTools:\n{}\n{said}", catalogue.text);
                return Ok(Written { text, notes: notes(catalogue.is_short, cap) });
            }
            least = fixed;
        }
        let shortest: usize = self.toolbox.tools().iter().map(|tool| signature(tool).len()).sum();
        Err(TooLong(least + shortest))
    }

    /// How calls are written.
    fn lesson(&self) -> String {
        let code = self.code;
        format!(
            "You can act through tools. To use one, write a block like this and nothing else around it:\n\
             <call-{code} tool=\"NAME\">\n<arg-{code} name=\"KEY\">\nVALUE\n</arg-{code}>\n</call-{code}>\n\
             VALUE is raw text: no quotes, no escapes, any number of lines; the line breaks next to the tags \
             do not count.\n\
             Numbers, true, false, lists and objects are JSON. Leave out optional arguments that you do not \
             need.\n\
             Independent calls: several blocks in a row. After the last block stop; the results come in the \
             next message as <out-{code} …>. Never write such a block yourself. Other ways to call tools do \
             not work here.\n\
             Without need of a tool, just answer.\n"
        )
    }

    /// What the answer has to hold.
    pub(crate) fn demand(&self) -> String {
        let code = self.code;
        let most = if self.offer.parallel { "" } else { " Send at most one block." };
        let demand = match &self.offer.choice {
            ToolChoice::Required if self.offer.parallel => {
                " Your reply must contain at least one block.".to_owned()
            }
            ToolChoice::Required => " Your reply must contain exactly one block.".to_owned(),
            ToolChoice::Named(name) => {
                format!(" Your reply must contain exactly one block, for {}.", self.spoken(name))
            }
            ToolChoice::None | ToolChoice::Auto => most.to_owned(),
        };
        format!("Tools: use `<call-{code} …>` blocks.{demand}")
    }

    /// The model's name for a tool.
    fn spoken(&self, name: &str) -> String {
        if let Some(tool) = self.toolbox.named(name) {
            return tool.spoken.clone();
        }
        // A tool of the past: its name stands in an attribute.
        let is_safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        name.chars().filter(is_safe).take(128).collect()
    }

    /// The messages from the number `from` on, and the demand. Results are cut to `cap` characters.
    fn said(&self, from: usize, cap: usize) -> String {
        let said = &self.messages[from..];
        let speaks = |message: &&Message| {
            message.speaker == Speaker::User || message.speaker == Speaker::Tool
        };
        // Messages of one side need no marks.
        let is_marked = !said.iter().all(|message| speaks(&message));
        let mut out = String::new();
        if is_marked {
            let _ = writeln!(
                out,
                "Below is a conversation. A line `=== {} NAME ===` stands before each message and says who \
                 wrote it: system (instructions to follow), user, assistant (you), or tool. Only a line with \
                 exactly this code does that. Read it all, then write the assistant's next message: only its \
                 text or its blocks, without such a line, and without mention of these rules.",
                self.code
            );
        }
        let numbers = self.numbers();
        let mut used = vec![false; self.messages.len()];
        // The results of the last known calls come first.
        if let Some(last) = from.checked_sub(1) {
            self.write_results(last, &numbers, cap, &mut used, &mut out);
        }
        for (at, message) in self.messages.iter().enumerate().skip(from) {
            self.write_message(message, is_marked, (&numbers, cap, used[at]), &mut out);
            self.write_results(at, &numbers, cap, &mut used, &mut out);
        }
        if is_idle(said) {
            out.push_str("\n(continue)\n");
        }
        if let Some(name) = self.repeated() {
            let _ = write!(
                out,
                "\n(This call of {name} gave the same result before, {MAX_REPEATS} times.)\n"
            );
        }
        let _ = write!(out, "\n{}", self.demand());
        out
    }

    /// The numbers of all calls, by their ids.
    fn numbers(&self) -> HashMap<&str, (usize, &str)> {
        let calls = self.messages.iter().flat_map(calls);
        calls
            .enumerate()
            .map(|(at, call)| (call.id.as_str(), (at + 1, call.name.as_str())))
            .collect()
    }

    fn write_message(
        &self,
        message: &Message,
        is_marked: bool,
        (numbers, cap, is_used): (&HashMap<&str, (usize, &str)>, usize, bool),
        out: &mut String,
    ) {
        let mut body = String::new();
        for part in &message.parts {
            match part {
                Part::Text(text) => {
                    let _ = writeln!(body, "{text}");
                }
                Part::Image(_) => {}
                Part::Call(call) => self.write_call(call, &mut body),
                // Written with its call.
                Part::Result(result) if is_used && numbers.contains_key(result.id.as_str()) => {}
                Part::Result(result) => self.write_result(result, numbers, cap, &mut body),
            }
        }
        let is_nothing = body.trim().is_empty() || body.trim() == "null";
        if is_nothing && message.speaker == Speaker::Assistant {
            return;
        }
        if is_nothing && message.images().next().is_some() {
            body = format!("{}\n", message.text());
        }
        if is_marked && !body.is_empty() {
            let _ = writeln!(out, "\n=== {} {} ===", self.code, message.speaker.word());
        } else if !body.is_empty() {
            out.push('\n');
        }
        out.push_str(&body);
    }

    /// Writes the results of the calls in the message number `at`, in their order.
    fn write_results(
        &self,
        at: usize,
        numbers: &HashMap<&str, (usize, &str)>,
        cap: usize,
        used: &mut [bool],
        out: &mut String,
    ) {
        let calls: Vec<_> = calls(&self.messages[at]).collect();
        let later = self.messages.iter().enumerate().skip(at + 1);
        let later: Vec<_> =
            later.take_while(|(_, other)| other.speaker != Speaker::Assistant).collect();
        if calls.is_empty() || later.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n=== {} tool ===", self.code);
        for call in calls {
            let found = later.iter().find_map(|(at, message)| {
                let result = results(message).find(|result| result.id == call.id)?;
                Some((*at, result))
            });
            let missing = || CallResult {
                id: call.id.clone(),
                text: "(no result was given)".to_owned(),
                ..CallResult::default()
            };
            let result = found.map_or_else(missing, |(_, result)| result.clone());
            self.write_result(&result, numbers, cap, out);
        }
        for (at, _) in later {
            used[at] = true;
        }
    }

    fn write_result(
        &self,
        result: &CallResult,
        numbers: &HashMap<&str, (usize, &str)>,
        cap: usize,
        out: &mut String,
    ) {
        let code = self.code;
        let known = numbers.get(result.id.as_str());
        let name = result.name.as_deref().or(known.map(|(_, name)| *name)).unwrap_or("unknown");
        let number = known.map_or_else(|| "?".to_owned(), |(number, _)| number.to_string());
        let error = if result.is_error { "yes" } else { "no" };
        let text = match result.text.as_str() {
            "" if result.images.is_empty() => "(empty)".into(),
            "" => "[image]".into(),
            text => shortened(text, cap),
        };
        let name = self.spoken(name);
        let _ = writeln!(
            out,
            "<out-{code} call=\"{number}\" tool=\"{name}\" error=\"{error}\">\n{text}\n</out-{code}>"
        );
    }

    /// Writes a call in the form that is taught.
    pub(crate) fn write_call(&self, call: &Call, out: &mut String) {
        let code = self.code;
        let _ = writeln!(out, "<call-{code} tool=\"{}\">", self.spoken(&call.name));
        let argument = |name: &str, value: &str, out: &mut String| {
            let _ = writeln!(out, "<arg-{code} name=\"{name}\">\n{value}\n</arg-{code}>");
        };
        match &call.input {
            Input::Text(text) => argument("input", text, out),
            Input::Json(text) => match json::repaired(text) {
                Some((json::Json::Object(members), _))
                    if members.iter().all(|(key, _)| is_safe(key)) =>
                {
                    for (key, value) in &members {
                        argument(
                            key,
                            &value.as_text().map_or_else(|| value.text(), str::to_owned),
                            out,
                        );
                    }
                }
                _ => {
                    let _ = writeln!(out, "{text}");
                }
            },
        }
        let _ = writeln!(out, "</call-{code}>");
    }

    /// The name of the tool whose last calls were all the same, with the same result.
    fn repeated(&self) -> Option<String> {
        let results: HashMap<&str, &CallResult> = self
            .messages
            .iter()
            .flat_map(results)
            .map(|result| (result.id.as_str(), result))
            .collect();
        let calls: Vec<_> = self.messages.iter().flat_map(calls).collect();
        let last = calls.len().checked_sub(MAX_REPEATS)?;
        let seen = |call: &Call| {
            Some((
                call.name.clone(),
                call.input.clone(),
                results.get(call.id.as_str())?.text.clone(),
            ))
        };
        let first = seen(calls[last])?;
        let is_same = calls[last..].iter().all(|call| seen(call).as_ref() == Some(&first));
        is_same.then(|| self.spoken(&first.0))
    }
}

/// What is said of a prompt that lacks something.
fn notes(is_short: bool, cap: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if is_short {
        notes.push("descriptions of tools (shortened)".to_owned());
    }
    if cap < usize::MAX {
        notes.push(format!("results of tools beyond {cap} characters"));
    }
    notes
}

fn calls(message: &Message) -> impl Iterator<Item = &Call> {
    message
        .parts
        .iter()
        .filter_map(|part| if let Part::Call(call) = part { Some(call) } else { None })
}

fn results(message: &Message) -> impl Iterator<Item = &CallResult> {
    message
        .parts
        .iter()
        .filter_map(|part| if let Part::Result(result) = part { Some(result) } else { None })
}

/// Whether a key can stand in an attribute.
fn is_safe(key: &str) -> bool {
    !key.is_empty() && !key.contains(['"', '<', '>', '\n', '\r'])
}

/// Whether nothing is said that asks for an answer: no text, or notes of the program alone.
fn is_idle(said: &[Message]) -> bool {
    let Some(last) = said.last().filter(|last| last.speaker == Speaker::User) else { return false };
    if last.images().next().is_some() || results(last).next().is_some() {
        return false;
    }
    let text = last.text();
    let text = text.trim();
    text.is_empty()
        || (text.starts_with("<system-reminder>")
            && text.ends_with("</system-reminder>")
            && text.matches("<system-reminder>").count()
                == text.matches("</system-reminder>").count()
            && text.split("</system-reminder>").all(|part| {
                let part = part.trim();
                part.is_empty() || part.starts_with("<system-reminder>")
            }))
}

/// The beginning and the end of a text, with what is between them counted.
fn shortened(text: &str, cap: usize) -> std::borrow::Cow<'_, str> {
    let length = text.chars().count();
    if length <= cap {
        return text.into();
    }
    let half = cap / 2;
    let at = |number: usize| text.char_indices().nth(number).map_or(text.len(), |(at, _)| at);
    let (head, tail) = (&text[..at(half)], &text[at(length - half)..]);
    format!("{head}\n[… {} characters are left out here …]\n{tail}", length - 2 * half).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::tools::cases;
    use crate::tools::reader::{End, Output, Reader, Rules};
    use crate::tools::resolve::resolve;

    const CODE: &str = "7kq2m";

    fn call(id: &str, name: &str, arguments: &str) -> Part {
        Part::Call(Call {
            id: id.to_owned(),
            name: name.to_owned(),
            input: Input::Json(arguments.to_owned()),
        })
    }

    fn result(id: &str, text: &str) -> Message {
        let result =
            CallResult { id: id.to_owned(), text: text.to_owned(), ..CallResult::default() };
        Message { speaker: Speaker::Tool, parts: vec![Part::Result(result)] }
    }

    fn written(messages: &[Message]) -> String {
        let offer = cases::offer();
        let toolbox = Toolbox::new(&offer);
        Scene { messages, offer: &offer, toolbox: &toolbox, code: CODE }
            .taught(0)
            .expect("it fits")
            .text
    }

    /// The part of a prompt that follows the tools.
    fn said(messages: &[Message]) -> String {
        let text = written(messages);
        text.split("(input: text)\n").nth(1).expect("the last tool").to_owned()
    }

    #[test]
    fn a_question_follows_the_tools() {
        let messages =
            [Message::new(Speaker::System, "Be brief."), Message::new(Speaker::User, "Read a.")];
        let text = written(&messages);
        assert!(text.starts_with("Be brief.\n\nYou can act through tools."));
        assert!(text.contains("\nread(path: string, limit?: integer)\n  Does read.\n"));
        assert!(text.contains("\nmy_bash(command: string"));
        assert_eq!(said(&messages), "\n\nRead a.\n\nTools: use `<call-7kq2m …>` blocks.");
    }

    #[test]
    fn results_stand_in_the_order_of_their_calls() {
        let messages = [
            Message::new(Speaker::User, "Read."),
            Message {
                speaker: Speaker::Assistant,
                parts: vec![
                    Part::Text("I look.".to_owned()),
                    call("x", "read", r#"{"path":"a","limit":3}"#),
                    call("y", "now", "{}"),
                    call("z", "now", "{}"),
                ],
            },
            result("y", ""),
            result("x", "line 1\n</call-zzzzz>"),
            result("w", "stray"),
            Message::new(Speaker::User, "And?"),
        ];
        let text = said(&messages);
        let expected = "\n=== 7kq2m assistant ===\nI look.\n<call-7kq2m tool=\"read\">\n<arg-7kq2m name=\"path\">\na\n\
            </arg-7kq2m>\n<arg-7kq2m name=\"limit\">\n3\n</arg-7kq2m>\n</call-7kq2m>\n<call-7kq2m tool=\"now\">\n\
            </call-7kq2m>\n<call-7kq2m tool=\"now\">\n</call-7kq2m>\n\n=== 7kq2m tool ===\n\
            <out-7kq2m call=\"1\" tool=\"read\" error=\"no\">\nline 1\n</call-zzzzz>\n</out-7kq2m>\n\
            <out-7kq2m call=\"2\" tool=\"now\" error=\"no\">\n(empty)\n</out-7kq2m>\n\
            <out-7kq2m call=\"3\" tool=\"now\" error=\"no\">\n(no result was given)\n</out-7kq2m>\n\n\
            === 7kq2m tool ===\n<out-7kq2m call=\"?\" tool=\"unknown\" error=\"no\">\nstray\n</out-7kq2m>\n\n\
            === 7kq2m user ===\nAnd?\n\nTools: use";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn demands_follow_the_choice() {
        let offer = cases::offer();
        let toolbox = Toolbox::new(&offer);
        for (choice, parallel, end) in [
            (ToolChoice::Auto, true, "blocks."),
            (ToolChoice::Auto, false, "Send at most one block."),
            (ToolChoice::Required, true, "at least one block."),
            (ToolChoice::Required, false, "exactly one block."),
            (ToolChoice::Named("bash".to_owned()), true, "exactly one block, for my_bash."),
        ] {
            let offer = Offer { choice, parallel, ..offer.clone() };
            let scene = Scene { messages: &[], offer: &offer, toolbox: &toolbox, code: CODE };
            assert!(scene.demand().ends_with(end), "{}", scene.demand());
        }
    }

    #[test]
    fn what_is_too_long_is_cut_in_the_middle_or_refused() {
        let turn = |text: String| {
            let asked = Message {
                speaker: Speaker::Assistant,
                parts: vec![call("x", "read", r#"{"path":"a"}"#)],
            };
            [Message::new(Speaker::User, "Read."), asked, result("x", &text)]
        };
        let offer = cases::offer();
        let toolbox = Toolbox::new(&offer);
        let scene = |messages| Scene { messages, offer: &offer, toolbox: &toolbox, code: CODE };
        let long = turn(format!("first{}last", "x".repeat(1 << 20)));
        let written = scene(&long).taught(0).expect("it fits");
        assert!(cost(&written.text) <= MAX_COST);
        assert!(written.text.contains("first") && written.text.contains("last\n</out-"));
        assert!(written.text.contains(&format!("[… {} characters", (1 << 20) + 9 - 50_000)));
        assert_eq!(written.notes, ["results of tools beyond 50000 characters"]);
        let news = scene(&long).taught(2).expect("it fits").text;
        assert!(news.contains(
            "

=== 7kq2m tool ===
<out-7kq2m call=\"1\" tool=\"read\""
        ));
        let fits = turn("x".repeat(90_000));
        assert_eq!(scene(&fits).taught(0).expect("it fits").notes, Vec::<String>::new());
        let question = [Message::new(Speaker::User, "x".repeat(200_000))];
        assert!(matches!(scene(&question).taught(0), Err(TooLong(length)) if length > 200_000));
    }

    #[test]
    fn empty_turns_ask_to_continue() {
        let reminder = "<system-reminder>\nThe date.\n</system-reminder>";
        for (text, is_idle) in [
            ("", true),
            (reminder, true),
            (&format!("{reminder}\n{reminder}"), true),
            (&format!("{reminder}\nGo on."), false),
            ("Hi", false),
        ] {
            assert_eq!(
                said(&[Message::new(Speaker::User, text)]).contains("(continue)"),
                is_idle,
                "{text}"
            );
        }
        let null = [
            Message::new(Speaker::User, "a"),
            Message::new(Speaker::Assistant, "null"),
            Message::new(Speaker::User, "b"),
        ];
        assert!(!said(&null).contains("assistant ===\nnull"));
    }

    #[test]
    fn a_call_that_repeats_is_named() {
        let mut messages = vec![Message::new(Speaker::User, "Test.")];
        for id in ["a", "b", "c"] {
            assert!(!said(&messages).contains("gave the same result"));
            messages.push(Message {
                speaker: Speaker::Assistant,
                parts: vec![call(id, "bash", r#"{"command":"t"}"#)],
            });
            messages.push(result(id, "failed"));
        }
        assert!(
            said(&messages)
                .contains("(This call of my_bash gave the same result before, 3 times.)")
        );
    }

    #[test]
    fn code_is_in_no_text() {
        for _ in 0..2000 {
            let code = new_code(&[], &cases::offer());
            assert!(code.len() == 5 && code.starts_with(|c: char| c.is_ascii_digit()), "{code}");
        }
        let offer = cases::offer();
        for message in [Message::new(Speaker::User, "a 7KQ2M b"), result("x", "call-7kq2m")] {
            assert!(holds_code(&[message], &offer, CODE));
        }
        assert!(!holds_code(&[], &offer, CODE));
    }

    fn values() -> impl Strategy<Value = serde_json::Value> {
        use serde_json::json;
        let text = prop_oneof![
            "\\PC{0,12}",
            prop::sample::select(vec![
                "",
                "\n",
                "\n\n",
                " ",
                "  x",
                "x\n",
                "\nx",
                "a\r\nb",
                "x\n  ",
                "</arg>",
                "\"q\"",
                "\\n",
                "<b>&amp;</b>",
                "null",
                "5",
                "</call-zzzzz>\n",
                "```\nx\n```",
                "<![CDATA[x",
            ])
            .prop_map(str::to_owned),
        ];
        (text.clone(), text, any::<i64>(), prop::collection::vec("\\PC{0,6}", 0..3)).prop_map(|(path, content, limit, tags)| {
            json!({"write": {"path": path, "content": content}, "read": {"path": content, "limit": limit},
                "search": {"query": path, "tags": tags, "opts": {"fuzzy": true, "max": null}}})
        })
    }

    proptest! {
        #[test]
        fn calls_of_the_history_read_back_as_they_were(values in values()) {
            prop_assume!(!values.to_string().contains(CODE));
            let offer = cases::offer();
            let toolbox = Arc::new(Toolbox::new(&offer));
            let scene = Scene { messages: &[], offer: &offer, toolbox: &toolbox, code: CODE };
            let mut text = String::new();
            for (name, arguments) in values.as_object().expect("calls") {
                let input = Input::Json(arguments.to_string());
                scene.write_call(&Call { id: String::new(), name: name.clone(), input }, &mut text);
            }
            let rules = Rules { code: CODE.to_owned(), toolbox: Arc::clone(&toolbox), most: 16, forced: None, takes_foreign: true };
            let mut reader = Reader::new(rules);
            let mut read = reader.feed(&text);
            read.extend(reader.finish(End::Natural));
            let calls: Vec<_> = read.iter().map(|output| match output {
                Output::Call(candidate) => resolve(candidate, &toolbox, false).expect("a call"),
                other => panic!("{other:?}"),
            }).collect();
            prop_assert_eq!(calls.len(), 3);
            for call in calls {
                let Input::Json(arguments) = call.input else { panic!("not JSON") };
                let arguments: serde_json::Value = serde_json::from_str(&arguments).expect("JSON");
                prop_assert_eq!(&arguments, &values[&call.name]);
            }
        }
    }
}
