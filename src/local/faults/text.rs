//! F53 to F62, F72 to F77, F111, F112: streams with unusual events.

use super::{Call, Row};
use crate::engine::{Document, Step};
use crate::local::routes::Kind;
use crate::local::stream::{Ending, Plan};

const TURN: &[Kind] = &[Kind::Completions];

pub(super) const ROWS: &[Row] = &[
    Row::new("F53", "the answer finishes, searches and continues", TURN)
        .plan(finished_in_the_middle),
    Row::new("F54", "a tool's text in role function", TURN).plan(tool_text),
    Row::new("F55", "thinking in repeated and growing snapshots", TURN).plan(growing_thoughts),
    Row::new("F56", "thinking with a malformed extra", TURN).plan(malformed_thoughts),
    Row::new("F57", "deltas that look cumulative but are not: a, aa, a", TURN)
        .plan(looks_cumulative),
    Row::new("F58", "deltas without phase and status, and no last event", TURN).plan(no_phase),
    Row::new("F59", "events full of null, or not objects at all", TURN).plan(nulls),
    Row::new("F60", "an event that is broken JSON", TURN).plan(broken_json),
    Row::new("F61", "control characters, raw and escaped, and half a surrogate pair", TURN)
        .plan(control_characters),
    Row::new("F62", "a delta of another response", TURN).plan(other_response),
    Row::new("F72", "a citation that is cut into three deltas", TURN).plan(split_citation),
    Row::new("F73", "function arguments that grow, repeat and become an object", TURN)
        .plan(arguments),
    Row::new("F74", "a picture, by phase or by tool", TURN)
        .variants(&["phase", "tool"])
        .plan(picture),
    Row::new("F75", "deltas of nothing but white space", TURN).plan(white_space),
    Row::new("F76", "one line of N bytes (1048576)", TURN).variants(&["N"]).plan(long_line),
    Row::new("F77", "usage of two rounds, with an empty one between", TURN).plan(two_rounds),
    Row::new("F111", "thinking finishes N seconds (20) before the answer begins", TURN)
        .variants(&["N"])
        .plan(finished_thinking),
    Row::new("F112", "text of phases that are no answer", TURN).plan(noise),
];

/// The longest line that a fault makes.
const MAX_LINE: u64 = 64 * 1024 * 1024;

fn text(text: &str) -> Step {
    Step::Text(text.to_owned())
}

fn raw(json: &str) -> Step {
    Step::Raw(format!("data: {json}\n\n"))
}

/// A delta event with these members.
fn delta(members: &str) -> Step {
    raw(&format!(r#"{{"choices": [{{"delta": {{{members}}}}}], "response_id": "{{R1}}"}}"#))
}

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

fn finished_in_the_middle(plan: &mut Plan, _: &Call) {
    let document = Document {
        url: "https://weather.example/oslo".to_owned(),
        title: "Oslo weather".to_owned(),
        snippet: "Rain, 8 C".to_owned(),
        date: "3 days ago".to_owned(),
    };
    let search = Step::Search {
        queries: strings(&["weather oslo", "oslo rain"]),
        documents: vec![document],
    };
    plan.instead = Some(vec![text("Let me look."), search, text("It rains.")]);
}

fn tool_text(plan: &mut Plan, _: &Call) {
    let event = r#"{"choices": [{"delta": {"role": "function", "content": "SECRET TOOL TEXT", "phase": "web_search", "status": "finished", "name": "web_search", "extra": {"web_search_info": []}}}], "response_id": "{R1}", "usage": {}}"#;
    plan.amid.push(raw(event));
}

fn growing_thoughts(plan: &mut Plan, _: &Call) {
    let snapshots: [&[&str]; 4] = [&["Plan"], &["Plan"], &["Plan more"], &["Plan more", "Check"]];
    let steps = snapshots
        .map(|thoughts| Step::Summary { titles: strings(thoughts), thoughts: strings(thoughts) });
    plan.before.extend(steps);
}

fn malformed_thoughts(plan: &mut Plan, _: &Call) {
    let extras = [
        "null",
        r#""x""#,
        r#"{"summary_thought": "x"}"#,
        r#"{"summary_title": {"content": "x"}, "summary_thought": {"content": "x"}}"#,
        r#"{"summary_title": {"content": []}, "summary_thought": {"content": []}}"#,
        "[]",
        r#"{"summary_title": {"content": ["Plan", "Check"]}, "summary_thought": {"content": ["One thought"]}}"#,
    ];
    plan.before.extend(extras.map(|extra| {
        delta(&format!(
            r#""role": "assistant", "content": "", "phase": "thinking_summary", "extra": {extra}, "status": "typing""#
        ))
    }));
}

fn looks_cumulative(plan: &mut Plan, _: &Call) {
    plan.instead = Some(["a", "aa", "a"].map(text).into());
}

fn no_phase(plan: &mut Plan, _: &Call) {
    plan.dialect.phases = false;
    plan.ending = Ending::Bare;
}

fn nulls(plan: &mut Plan, _: &Call) {
    let events = [
        r#"{"choices": null}"#,
        r#"{"choices": []}"#,
        r#"{"choices": [{"delta": null}]}"#,
        r#"{"choices": [{}]}"#,
        r#"{"choices": [{"delta": {"role": null, "content": null, "phase": null, "status": null}}], "response_id": "{R1}", "usage": null}"#,
        "{}",
        "null",
        r#""text""#,
        "[1]",
    ];
    plan.amid.extend(events.map(raw));
}

fn broken_json(plan: &mut Plan, _: &Call) {
    plan.amid.push(raw(r#"{"choices": [{"delta": {"content": "x"#));
}

fn control_characters(plan: &mut Plan, _: &Call) {
    let contents = ["raw\ttab ", r"null \u0000 ", r"half \ud83d "];
    plan.amid.extend(contents.map(|content| {
        delta(&format!(
            r#""role": "assistant", "content": "{content}", "phase": "answer", "status": "typing""#
        ))
    }));
}

fn other_response(plan: &mut Plan, _: &Call) {
    let event = r#"{"choices": [{"delta": {"role": "assistant", "content": "OLD", "phase": "answer", "status": "typing"}}], "response_id": "b0000000-0000-4000-8000-0000000000b0"}"#;
    plan.amid.push(raw(event));
}

fn split_citation(plan: &mut Plan, _: &Call) {
    plan.instead = Some(["fact [[", "55,", "113]] end"].map(text).into());
}

fn arguments(plan: &mut Plan, _: &Call) {
    let call = |arguments: &str| {
        delta(&format!(
            r#""role": "assistant", "content": "", "phase": "web_search", "status": "typing", "function_call": {{"name": "web_search", "arguments": {arguments}}}, "function_id": "round_0_call_0123456789abcdef01234567""#
        ))
    };
    let whole = r#""{\"queries\": [\"a\"]}""#;
    plan.before.extend([r#""""#, r#""{\"queries\": ""#, whole, whole].map(call));
    plan.before.push(delta(
        r#""role": "assistant", "content": "", "phase": "code_interpreter", "status": "running", "function_call": {"name": "code_interpreter", "arguments": {"code": "print(1)"}}"#,
    ));
}

fn picture(plan: &mut Plan, call: &Call) {
    const URL: &str = "https://cdn.qwenlm.ai/output/USER/t2i/{R1}/1.png?key=EXAMPLE";
    if call.variant() != "tool" {
        plan.instead = Some(vec![Step::Image(URL.to_owned())]);
        return;
    }
    plan.before.push(delta(
        r#""role": "assistant", "content": "", "phase": "image_gen_tool", "status": "typing", "function_call": {"name": "image_gen", "arguments": "{\"prompt\": \"a\"}"}"#,
    ));
    plan.before.push(raw(&format!(
        r#"{{"choices": [{{"delta": {{"role": "function", "content": "", "phase": "image_gen_tool", "status": "finished", "extra": {{"image_list": [{{"image": "{URL}"}}], "tool_result": [{{"image": "{URL}"}}], "display_position": "answer"}}}}}}], "response_id": "{{R1}}", "usage": {{}}}}"#
    )));
}

fn white_space(plan: &mut Plan, _: &Call) {
    plan.instead = Some(["\n", "  ", "```", "\n"].map(text).into());
}

fn long_line(plan: &mut Plan, call: &Call) {
    let length = usize::try_from(call.number(0, 1_048_576).min(MAX_LINE)).unwrap_or_default();
    plan.before
        .push(Step::Summary { titles: strings(&["Plan"]), thoughts: vec!["x".repeat(length)] });
}

fn two_rounds(plan: &mut Plan, _: &Call) {
    plan.instead = Some(vec![
        Step::Round { input: 100, output: 29 },
        text("One"),
        delta(r#""role": "function", "content": "", "phase": "web_search", "status": "finished""#),
        raw(r#"{"choices": [], "response_id": "{R1}", "usage": {}}"#),
        Step::Round { input: 900, output: 4 },
        text("Two"),
    ]);
}

fn finished_thinking(plan: &mut Plan, call: &Call) {
    plan.before
        .push(Step::Summary { titles: strings(&["Plan"]), thoughts: strings(&["Before a pause"]) });
    plan.before.push(delta(
        r#""role": "assistant", "content": "", "phase": "thinking_summary", "status": "finished""#,
    ));
    plan.before.push(Step::Silence(call.number(0, 20).saturating_mul(1_000)));
}

fn noise(plan: &mut Plan, _: &Call) {
    for phase in ["local_tool", "bash", "read_file", "slides"] {
        for status in ["typing", "finished"] {
            plan.before.push(delta(&format!(
                r#""role": "assistant", "content": "NOISE", "phase": "{phase}", "status": "{status}""#
            )));
        }
    }
}
