//! F53–F56, F73, F74, F77: thinking, tools and images around the answer.

use qwenctl::domain::{ReplyEvent, Usage};
use serde_json::{Value, json};

use crate::support::bodies::{R1, U1, one_turn, part, reply};
use crate::support::frames::{
    created, d, delta, end, event, finished, frame, search_call, search_result, sse, thoughts,
};
use crate::support::response::Response;
use crate::support::world::{CHAT, COMPLETIONS, Outcome, World};

async fn streamed(events: impl IntoIterator<Item = String>) -> Outcome {
    let world = World::new().await;
    world.on(COMPLETIONS, Response::stream(events));
    world.ask().await
}

fn searched(outcome: &Outcome) -> Vec<&[String]> {
    let events = outcome.events.iter();
    let queries = events.filter_map(|event| match event {
        ReplyEvent::Search { queries, .. } if !queries.is_empty() => Some(queries.as_slice()),
        _ => None,
    });
    queries.collect()
}

#[tokio::test]
async fn f53_finished_answer_in_the_middle() {
    let call = "{\"queries\": \n[\"weather oslo\", \"oslo rain\"]\n\n}";
    let pages = [("https://weather.example/oslo", "Oslo weather")];
    let outcome = streamed([
        created(),
        d("Let me look."),
        finished("answer"),
        search_call(""),
        search_call("{\"queries\": "),
        search_call(call),
        search_call(call),
        search_result(&pages, 2),
        d("It rains."),
        end(),
    ])
    .await;

    assert_eq!(outcome.text(), "Let me look.\n\nIt rains.");
    assert_eq!(searched(&outcome), [["weather oslo".to_owned(), "oslo rain".to_owned()]]);
    let [cited] = &outcome.reply().citations[..] else { panic!("{:?}", outcome.reply().citations) };
    assert_eq!((cited.number, cited.title.as_str()), (1, "Oslo weather"));
    assert_eq!(cited.snippet.as_deref(), Some("Rain, 8 C"));
}

#[tokio::test]
async fn f54_tool_result_is_not_the_answer() {
    let usage = json!({"input_tokens": 20, "output_tokens": 3, "total_tokens": 23});
    let say = json!({"role": "assistant", "content": "Hi", "phase": "answer", "status": "typing"});
    let tool = json!({"role": "function", "content": "SECRET TOOL TEXT", "phase": "web_search",
        "status": "finished", "name": "web_search", "extra": {"web_search_info": []}});

    let outcome = streamed([created(), frame(say, usage), frame(tool, json!({})), end()]).await;

    assert_eq!(outcome.text(), "Hi");
    assert_eq!(outcome.reply().usage.map(|usage| usage.total_tokens), Some(23), "not erased");
    assert!(!format!("{outcome:?}").contains("SECRET"));
}

#[tokio::test]
async fn f55_cumulative_thinking() {
    let outcome = streamed([
        created(),
        thoughts(&[], &["Plan"]),
        thoughts(&[], &["Plan"]),
        thoughts(&[], &["Plan more"]),
        thoughts(&[], &["Plan more", "Check"]),
        finished("thinking_summary"),
        d("Hi"),
        end(),
    ])
    .await;

    assert_eq!(outcome.text(), "Hi");
    let thinking = outcome.reply().thinking.clone().expect("thoughts");
    assert_eq!(thinking.matches("Plan").count(), 1, "{thinking:?}");
    assert!(thinking.starts_with("Plan more") && thinking.ends_with("Check"), "{thinking:?}");
    let streamed: String = outcome
        .events
        .iter()
        .filter_map(|event| match event {
            ReplyEvent::Thinking(piece) => Some(piece.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(streamed.trim_end(), thinking.trim_end(), "streamed and kept text are equal");
}

#[tokio::test]
async fn f56_malformed_thinking() {
    for extra in [
        json!(null),
        json!("x"),
        json!([]),
        json!({"summary_thought": "x"}),
        json!({"summary_thought": {"content": "x"}}),
        json!({"summary_thought": {"content": [null, 1, {"a": 1}]}}),
        json!({"summary_title": {"content": ["A", "B", "C"]}, "summary_thought": {"content": ["a"]}}),
        json!({"summary_title": null, "summary_thought": {"content": null}}),
    ] {
        let odd = json!({"role": "assistant", "content": "", "phase": "thinking_summary",
            "extra": extra, "status": "typing"});

        let outcome = streamed([created(), frame(odd, json!({})), d("Hi"), end()]).await;

        assert_eq!(outcome.text(), "Hi", "{extra}");
    }
}

#[tokio::test]
async fn f56_thinking_as_text() {
    let outcome = streamed([
        created(),
        delta("Hm", "think", "typing"),
        delta("m", "think", "typing"),
        finished("think"),
        d("Hi"),
        end(),
    ])
    .await;

    assert_eq!(outcome.text(), "Hi");
    assert_eq!(outcome.reply().thinking.as_deref(), Some("Hmm"));
}

#[tokio::test]
async fn f73_function_arguments() {
    let call = |phase: &str, status: &str, arguments: Value| {
        let delta = json!({"role": "assistant", "content": "", "phase": phase, "status": status,
            "function_call": {"name": phase, "arguments": arguments}});
        frame(delta, json!({}))
    };
    let whole = json!("{\"queries\": [\"q\"]}");
    let outcome = streamed([
        created(),
        call("web_search", "typing", json!("")),
        call("web_search", "typing", json!("{\"queries\": ")),
        call("web_search", "typing", whole.clone()),
        call("web_search", "typing", whole),
        call("code_interpreter", "running", json!({"code": "print(1)"})),
        call("code_interpreter", "running", json!(null)),
        d("Hi"),
        end(),
    ])
    .await;

    assert_eq!(outcome.text(), "Hi");
    assert_eq!(searched(&outcome), [["q".to_owned()]], "once, though it came twice");
}

#[tokio::test]
async fn f74_image_answer() {
    let url = "https://cdn.qwenlm.ai/output/USER/t2i/R1/1.png?key=EXAMPLE";
    let world = World::new().await;
    let last = event(json!({"choices": [{"delta": {"content": "", "role": "assistant",
        "status": "finished", "phase": "image_gen"}}], "response_id": R1}));
    let events = [created(), delta(url, "image_gen", "typing"), last];
    world.on(COMPLETIONS, Response::stream(events));

    let outcome = world.ask().await;

    assert_eq!(outcome.text(), "", "the link is no text");
    assert_eq!(outcome.reply().images, [url]);
    assert!(!format!("{:?}", world.notices.all()).contains("EXAMPLE"));
}

#[tokio::test]
async fn f74_image_answer_in_the_chat() {
    const URL: &str = "https://cdn.qwenlm.ai/output/USER/t2i/R1/1.png?key=EXAMPLE";
    let (one, list) = (json!({"image": URL}), json!([{"image": URL}]));
    for (phase, text, extra) in [
        ("image_gen", URL, json!(null)),
        ("image_gen_tool", "", json!({"image_list": list, "tool_result": list})),
        ("image_gen_tool", "", json!({"image_list": [one, null, "x"], "tool_result": "x"})),
        ("image_edit_tool", "", json!({"tool_result": list, "image_list": null})),
        ("generate_image", "", json!({"tool_result": {"file_path": URL}})),
    ] {
        let world = World::new().await;
        let mut image = part(phase, text);
        image["extra"] = extra;
        let stored = reply(R1, U1, json!([image, part("answer", "Here")]));
        world.on(COMPLETIONS, sse([created().as_str(), &d("He")])).on(CHAT, one_turn(&stored));

        let outcome = world.ask().await;

        assert_eq!(outcome.text(), "Here", "{phase}");
        assert_eq!(outcome.reply().images, [URL], "{phase}");
    }
}

#[tokio::test]
async fn f77_usage_of_two_rounds() {
    let round = |text: &str, usage: Value| {
        let say =
            json!({"role": "assistant", "content": text, "phase": "answer", "status": "typing"});
        frame(say, usage)
    };
    let outcome = streamed([
        created(),
        round("a", json!({"input_tokens": 100, "output_tokens": 30, "total_tokens": 130})),
        search_result(&[], 1),
        round("b", json!({})),
        round(
            "c",
            json!({"input_tokens": 900, "output_tokens": 5, "total_tokens": 905,
            "output_tokens_details": {"reasoning_tokens": 2},
            "prompt_tokens_details": {"cached_tokens": 512}}),
        ),
        end(),
    ])
    .await;

    let last = Usage {
        input_tokens: 900,
        output_tokens: 5,
        total_tokens: 905,
        reasoning_tokens: Some(2),
        cached_tokens: Some(512),
    };
    assert_eq!(outcome.reply().usage, Some(last));
}
