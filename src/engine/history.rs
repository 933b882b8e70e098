//! The messages of a request: the system prompt, the earlier exchanges, the prompt.
//!
//! A history that exceeds the context window loses its oldest exchanges, always as a whole. A short
//! first exchange stays: it often holds the task of a chat.

use serde_json::{Value, json};

use super::{Exchange, Question};

/// The cost of a message besides its text, in tokens.
const PER_MESSAGE: u64 = 8;
/// The approximate cost of a picture, in tokens.
const PER_IMAGE: u64 = 1_000;
/// The most that is kept free for the answer; otherwise it is a quarter of the context.
const MOST_FOR_ANSWER: u64 = 4_096;

/// The messages of a request to a model with this context window, and their size in tokens.
pub(super) fn messages(question: &Question, context: u64) -> (Vec<Value>, u64) {
    let system = question.system.as_ref();
    let prompt =
        cost(&question.prompt, question.images.len()) + system.map_or(0, |system| cost(system, 0));
    let room = context.saturating_sub((context / 4).min(MOST_FOR_ANSWER)).saturating_sub(prompt);
    let mut messages: Vec<_> =
        system.map(|system| message("system", system, &[])).into_iter().collect();
    let mut size = prompt;
    for exchange in kept(&question.history, room) {
        size += of_exchange(exchange);
        messages.push(message("user", &exchange.prompt, &exchange.images));
        messages.push(message("assistant", &exchange.answer, &[]));
    }
    messages.push(message("user", &question.prompt, &question.images));
    (messages, size)
}

fn kept(history: &[Exchange], mut room: u64) -> impl Iterator<Item = &Exchange> {
    let costs: Vec<u64> = history.iter().map(of_exchange).collect();
    let mut head = 0;
    if let Some(first) = costs.first().filter(|first| **first <= room / 4) {
        head = 1;
        room -= first;
    }
    let mut from = history.len();
    while from > head && costs[from - 1] <= room {
        from -= 1;
        room -= costs[from];
    }
    history[..head].iter().chain(&history[from..])
}

fn of_exchange(exchange: &Exchange) -> u64 {
    cost(&exchange.prompt, exchange.images.len()) + cost(&exchange.answer, 0)
}

/// About three ASCII letters, or one other letter, are a token.
fn cost(text: &str, images: usize) -> u64 {
    let ascii = text.bytes().filter(u8::is_ascii).count() as u64;
    let others = text.chars().filter(|c| !c.is_ascii()).count() as u64;
    ascii.div_ceil(3) + others + PER_MESSAGE + PER_IMAGE * images as u64
}

fn message(role: &str, text: &str, images: &[String]) -> Value {
    if images.is_empty() {
        return json!({"role": role, "content": text});
    }
    let mut parts = vec![json!({"type": "text", "text": text})];
    parts.extend(images.iter().map(|url| json!({"type": "image_url", "image_url": {"url": url}})));
    json!({"role": role, "content": parts})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(name: &str, length: usize) -> Exchange {
        let answer = name.repeat(length);
        Exchange { prompt: name.to_owned(), images: Vec::new(), answer }
    }

    fn prompts(history: Vec<Exchange>, context: u64) -> Vec<String> {
        let question = Question {
            model: "m".to_owned(),
            system: None,
            prompt: "now".to_owned(),
            images: Vec::new(),
            history,
            thinking: None,
            thinks_freely: false,
            search: false,
            image: false,
        };
        let (messages, _) = messages(&question, context);
        let sent = messages.iter().filter(|message| message["role"] == "user");
        sent.map(|message| message["content"].as_str().expect("a text").to_owned()).collect()
    }

    #[test]
    fn everything_goes_along_where_there_is_room() {
        assert_eq!(prompts(vec![exchange("a", 90), exchange("b", 90)], 8192), ["a", "b", "now"]);
        assert_eq!(prompts(Vec::new(), 0), ["now"]);
    }

    #[test]
    fn the_oldest_exchanges_are_dropped_except_a_short_first_one() {
        let history = |first| {
            let mut history = vec![exchange("a", first)];
            history.extend(["b", "c", "d"].map(|name| exchange(name, 300)));
            history
        };
        // 400 tokens, 300 of them for messages: about two exchanges of 117 and the prompt.
        assert_eq!(prompts(history(300), 400), ["c", "d", "now"]);
        assert_eq!(prompts(history(30), 400), ["a", "c", "d", "now"]);
        assert_eq!(prompts(history(30), 10), ["now"]);
    }

    #[test]
    fn roles_always_alternate() {
        for context in (0..2_000).step_by(50) {
            let history = (0..9).map(|n| exchange(&n.to_string(), 100)).collect();
            let question = Question {
                model: String::new(),
                system: None,
                prompt: "p".to_owned(),
                images: Vec::new(),
                history,
                thinking: None,
                thinks_freely: false,
                search: false,
                image: false,
            };
            for (at, message) in messages(&question, context).0.iter().enumerate() {
                let role = if at % 2 == 0 { "user" } else { "assistant" };
                assert_eq!(message["role"], role);
            }
        }
    }

    #[test]
    fn chinese_costs_a_token_a_letter() {
        assert_eq!(cost("你好", 0), 2 + PER_MESSAGE);
        assert_eq!(cost("abcdef", 1), 2 + PER_MESSAGE + PER_IMAGE);
    }
}
