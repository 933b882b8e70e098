//! The decoder and the fold together, on bytes.

use proptest::prelude::*;

use super::fold::{Ending, Fold};
use crate::client::wire::envelope::Refusal;
use crate::domain::{FinishReason, Reply, ReplyEvent};
use crate::net::sse::Decoder;

const CREATED: &str = "data: {\"response.created\":{\"chat_id\": \"C1\", \"parent_id\": \"U1\", \"response_id\":\"R1\", \"response_index\": \"0\"}} \n\n";
const END: &str = "data: {\"choices\": [{\"delta\": {\"content\": \"\", \"role\": \"assistant\", \"status\": \"finished\", \"phase\": \"answer\"}}], \"response_id\": \"R1\"}\n\n\n";

fn delta(text: &str) -> String {
    phase("answer", text)
}

fn phase(phase: &str, text: &str) -> String {
    format!(
        "data: {{\"choices\": [{{\"delta\": {{\"role\": \"assistant\", \"content\": {}, \"phase\": \"{phase}\", \"status\": \"typing\"}}}}], \"response_id\": \"R1\", \"usage\": {{\"input_tokens\": 20, \"output_tokens\": 1, \"total_tokens\": 21}}, \"timestamp\": 1790000002}}\n\n",
        serde_json::json!(text)
    )
}

struct Outcome {
    fold: Fold,
    events: Vec<ReplyEvent>,
    refusal: Option<Refusal>,
}

fn run<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut decoder = Decoder::default();
    let mut fold = Fold::new(Reply::empty("C1".parse().expect("an id"), "m"));
    let (mut events, mut refusal) = (Vec::new(), None);
    let mut take = |data: &[u8]| {
        if let Err(error) = fold.event(data, &mut |event| events.push(event)) {
            refusal.get_or_insert(error);
        }
    };
    for piece in pieces {
        decoder.feed(piece, &mut take).expect("short events");
    }
    decoder.finish(&mut take).expect("short events");
    fold.settle();
    Outcome { fold, events, refusal }
}

fn content_of(text: &str) -> String {
    run([text.as_bytes()]).fold.reply().content.clone()
}

#[test]
fn a_plain_answer_is_put_together() {
    let text = [CREATED, &delta("Hello"), &delta(", wörld"), &delta(""), END].concat();
    let outcome = run([text.as_bytes()]);
    let reply = outcome.fold.reply();
    assert_eq!(reply.content, "Hello, wörld");
    assert_eq!((reply.message_id.as_deref(), reply.prompt_id.as_deref()), (Some("R1"), Some("U1")));
    assert_eq!(reply.usage.map(|usage| usage.total_tokens), Some(21));
    assert_eq!(outcome.fold.ending(), Ending::Finished);
    assert!(matches!(
        outcome.events[..],
        [ReplyEvent::Start { .. }, ReplyEvent::Delta(_), ReplyEvent::Delta(_)]
    ));
}

#[test]
fn f57_pieces_are_increments_even_when_they_look_cumulative() {
    let text = [CREATED, &delta("a"), &delta("aa"), &delta("a"), END].concat();
    assert_eq!(content_of(&text), "aaaa");
}

#[test]
fn only_the_last_form_of_finished_ends_an_answer() {
    let finished = "data: {\"choices\": [{\"delta\": {\"role\": \"assistant\", \"content\": \"\", \"phase\": \"answer\", \"status\": \"finished\"}}], \"response_id\": \"R1\", \"timestamp\": 1790000003}\n\n";
    let head = [CREATED, &delta("Let me look."), finished].concat();
    assert_eq!(run([head.as_bytes()]).fold.ending(), Ending::Paused);
    let searched = [head.as_str(), &phase("web_search", ""), &delta("It rains.")].concat();
    let outcome = run([searched.as_bytes()]);
    assert_eq!(outcome.fold.ending(), Ending::Open);
    assert_eq!(outcome.fold.reply().content, "Let me look.\n\nIt rains.");
}

#[test]
fn the_last_finish_reason_is_kept() {
    let event = |reason: &str| {
        format!(
            "data: {{\"choices\": [{{\"delta\": {{\"content\": \"a\"}}, \"finish_reason\": {reason}}}]}}\n\n"
        )
    };
    for (reasons, expected) in [
        (&["null", "\"stop\""][..], Some(FinishReason::Stop)),
        (&["\"stop\"", "\"length\"", "null"], Some(FinishReason::Length)),
        (&["\"content_filter\""], Some(FinishReason::ContentFilter)),
        (&["\"tool_calls\""], Some(FinishReason::ToolCalls)),
        (&["\"eos\""], Some(FinishReason::Other("eos".to_owned()))),
        (&["null", "\"\""], None),
    ] {
        let text: String = reasons.iter().map(|reason| event(reason)).collect();
        let outcome = run([CREATED.as_bytes(), text.as_bytes()]);
        assert_eq!(outcome.fold.reply().finish_reason, expected, "{reasons:?}");
        assert_eq!(outcome.fold.ending(), Ending::Finished);
    }
}

#[test]
fn f59_odd_events_are_skipped() {
    for odd in [
        "null",
        "{}",
        "[1]",
        "\"text\"",
        "7",
        "{\"choices\": null}",
        "{\"choices\": []}",
        "{\"choices\": [{\"delta\": null}]}",
        "{\"choices\": [{}]}",
        "{\"choices\": \"x\", \"usage\": null}",
        "{\"choices\": [{\"delta\": {\"content\": null, \"phase\": null, \"status\": null, \"extra\": \"x\"}}]}",
        "{\"error\": null}",
        "{\"error\": {}}",
        "{\"response.info\": {\"action\": \"keep_alive\", \"chat_id\": \"C1\", \"response_id\": \"R1\"}}",
    ] {
        let text = format!("{CREATED}{}data: {odd}\n\n{}{END}", delta("a"), delta("b"));
        let outcome = run([text.as_bytes()]);
        assert_eq!(outcome.fold.reply().content, "ab", "{odd}");
        assert_eq!((outcome.refusal, outcome.fold.broken_events()), (None, 0), "{odd}");
    }
}

#[test]
fn f65_every_spelling_of_an_error_is_one() {
    for (error, code) in [
        ("{\"error\": \"boom\"}", None),
        ("{\"error\": {\"message\": \"boom\"}}", None),
        ("{\"code\": \"RateLimited\", \"detail\": \"x\"}", Some("RateLimited")),
        (
            "{\"success\": false, \"data\": {\"code\": \"Bad_Request\", \"details\": \"x\"}}",
            Some("Bad_Request"),
        ),
        (
            "{\"choices\": [{\"delta\": {\"content\": \"\", \"status\": \"error\", \"extra\": {\"error\": {\"code\": \"E\"}}}}]}",
            Some("E"),
        ),
    ] {
        let text = format!("{CREATED}{}data: {error}\n\n", delta("Hal"));
        let outcome = run([text.as_bytes()]);
        assert_eq!(outcome.refusal.expect(error).code.as_deref(), code, "{error}");
        assert_eq!(outcome.fold.reply().content, "Hal");
    }
}

proptest! {
    #[test]
    fn f49_cuts_change_nothing(text in "\\PC{0,40}", cuts in prop::collection::vec(0..4000_usize, 0..12)) {
        let whole = [CREATED, &delta("wörld 你好 🙂"), &delta(&text), END].concat();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (whole.len() + 1)).collect();
        cuts.extend([0, whole.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|ends| &whole.as_bytes()[ends[0]..ends[1]]);
        let cut = run(pieces);
        let uncut = run([whole.as_bytes()]);
        prop_assert_eq!(cut.events, uncut.events);
        prop_assert_eq!(cut.fold.reply(), uncut.fold.reply());
        prop_assert_eq!(&cut.fold.reply().content, &format!("wörld 你好 🙂{text}"));
    }

    #[test]
    fn line_ends_change_nothing(text in "\\PC{0,40}") {
        let lf = [CREATED, &delta(&text), END].concat();
        let expected = run([lf.as_bytes()]).events;
        prop_assert_eq!(&run([lf.replace('\n', "\r\n").as_bytes()]).events, &expected);
        prop_assert_eq!(&run([lf.replace('\n', "\r").as_bytes()]).events, &expected);
        let crlf = lf.replace('\n', "\r\n");
        prop_assert_eq!(&run(crlf.as_bytes().chunks(1)).events, &expected);
    }

    #[test]
    fn no_bytes_make_it_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..12)) {
        run(pieces.iter().map(Vec::as_slice));
    }

    #[test]
    fn no_json_makes_it_panic(json in "[\\[\\]{}:,\"a-e0-9\\\\u.\\- ]{0,80}") {
        run([format!("data: {json}\n\n").as_bytes()]);
    }
}
