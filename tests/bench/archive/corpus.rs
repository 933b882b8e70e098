//! Made-up chats in several languages: words by Zipf's law, messages of log-normal length.

use icu_normalizer::ComposingNormalizerBorrowed;
use qwenctl::domain::{Chat, Message, MessageState, Role};
use serde_json::{Map, Value, json};

const ONSETS: [&str; 26] = [
    "", "b", "c", "ch", "d", "đ", "g", "gi", "h", "k", "kh", "l", "m", "n", "ng", "nh", "ph", "qu",
    "r", "s", "t", "th", "tr", "v", "x", "p",
];
const RHYMES: [&str; 36] = [
    "a", "an", "ang", "anh", "ao", "ăn", "ăng", "âm", "ân", "âu", "e", "ê", "en", "ên", "i", "in",
    "inh", "iên", "o", "ô", "ơ", "on", "ông", "ơi", "oan", "u", "ư", "un", "ung", "ưng", "ươ",
    "ương", "ươi", "uyên", "y", "yêu",
];
const TONES: [&str; 6] = ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"];
const PIECES: [&str; 24] = [
    "er", "in", "re", "con", "st", "al", "ing", "ti", "on", "de", "pre", "ly", "ma", "or", "us",
    "te", "ver", "ble", "un", "so", "ca", "ro", "ment", "y",
];

/// A language, and its words from the most frequent one to the rarest.
pub(crate) struct Corpus {
    pub(crate) vietnamese: Vec<String>,
    pub(crate) english: Vec<String>,
    pub(crate) chinese: Vec<String>,
    pub(crate) code: Vec<String>,
    random: fastrand::Rng,
}

impl Corpus {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut vietnamese: Vec<String> = Vec::new();
        for (onset, rhyme) in ONSETS.iter().flat_map(|onset| RHYMES.map(|rhyme| (onset, rhyme))) {
            for tone in TONES {
                let vowel = rhyme.find(|c: char| !c.is_ascii() || "aeiouy".contains(c));
                let end =
                    vowel.map_or(0, |at| at + rhyme[at..].chars().next().map_or(0, char::len_utf8));
                let (start, rest) = rhyme.split_at(end);
                let syllable = format!("{onset}{start}{tone}{rest}");
                vietnamese
                    .push(ComposingNormalizerBorrowed::new_nfc().normalize(&syllable).into_owned());
            }
        }
        random.shuffle(&mut vietnamese);
        let word = |random: &mut fastrand::Rng| -> String {
            (0..random.usize(1..4)).map(|_| PIECES[random.usize(..PIECES.len())]).collect()
        };
        let english = (0..40_000).map(|_| word(&mut random)).collect();
        let chinese = (0..20_000)
            .map(|_| {
                let length = [1, 2, 2, 2, 3][random.usize(..5)];
                let rank = |random: &mut fastrand::Rng| zipf(random, 4000);
                let code = |rank| char::from_u32(0x4e00 + u32::try_from(rank * 5).unwrap_or(0));
                (0..length).filter_map(|_| code(rank(&mut random))).collect()
            })
            .collect();
        let code = (0..4000)
            .map(|_| {
                let (one, two) = (word(&mut random), word(&mut random));
                let upper = |word: &str| word[..1].to_uppercase() + &word[1..];
                match random.usize(..3) {
                    0 => format!("{}{}", upper(&one), upper(&two)),
                    1 => format!("{one}_{two}"),
                    _ => format!("{one}{}({two})", upper(&two)),
                }
            })
            .collect();
        Self { vietnamese, english, chinese, code, random }
    }

    /// A text of about 80 words, in sentences of one language each.
    fn text(&mut self, mean: f64) -> String {
        let (one, two) = (self.random.f64().max(1e-9), self.random.f64());
        let normal = (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * two).cos();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small number"
        )]
        let words = ((mean.ln() - 0.4 + 0.9 * normal).exp() as usize).clamp(1, 5000);
        let mut text = String::new();
        let mut left = words;
        while left > 0 {
            let length = self.random.usize(4..20).min(left);
            left -= length;
            let (list, space) = match self.random.usize(..100) {
                0..43 => (&self.vietnamese, " "),
                43..70 => (&self.english, " "),
                70..95 => (&self.chinese, ""),
                _ => (&self.code, " "),
            };
            for n in 0..length {
                if n > 0 {
                    text.push_str(space);
                }
                text.push_str(&list[zipf(&mut self.random, list.len())]);
            }
            text.push_str(if space.is_empty() { "。" } else { ".\n" });
        }
        text
    }

    /// Chat number `number`, and what an upstream sends for it (protocol 5.5).
    pub(crate) fn chat(&mut self, number: usize, messages: usize) -> (Chat, Vec<u8>) {
        // The first one is the newest.
        let begin = 1_790_000_000 - i64::try_from(number).unwrap_or(0) * 4000;
        let mut said: Vec<Message> = Vec::with_capacity(messages);
        for n in 0..messages {
            let is_user = n % 2 == 0;
            let mean = if is_user { 40.0 } else { 120.0 };
            said.push(Message {
                id: self.id(),
                parent_id: said.last().map(|last| last.id.clone()),
                role: if is_user { Role::User } else { Role::Assistant },
                content: self.text(mean),
                thinking: None,
                citations: Vec::new(),
                images: Vec::new(),
                files: Vec::new(),
                model: (!is_user).then(|| "qwen3-max".to_owned()),
                timestamp: Some(begin + i64::try_from(n).unwrap_or(0) * 30),
                state: MessageState::Done,
                error: None,
            });
        }
        let title: String = self.text(6.0).chars().take(60).collect();
        let last = said.last().map(|last| last.id.clone());
        let chat = Chat {
            id: self.id().parse().expect("an id"),
            title: Some(title),
            model: Some("qwen3-max".to_owned()),
            created_at: Some(begin),
            updated_at: said.last().and_then(|last| last.timestamp),
            pinned: false,
            archived: false,
            project_id: None,
            current_id: last,
            current_reply_ids: Vec::new(),
            messages: said,
            incomplete: false,
        };
        let raw = self.sent(&chat);
        (chat, raw)
    }

    fn id(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.random.u128(..).to_ne_bytes()).into_uuid().to_string()
    }

    fn sent(&mut self, chat: &Chat) -> Vec<u8> {
        let features = json!({"thinking_enabled": false, "output_schema": "phase", "instructions": null,
            "research_mode": "normal", "auto_thinking": false, "thinking_mode": "Fast", "auto_search": true});
        let messages: Vec<Value> = chat
            .messages
            .iter()
            .enumerate()
            .map(|(n, message)| {
                let children: Vec<_> = chat.messages.get(n + 1).map(|next| &next.id).into_iter().collect();
                let at = message.timestamp;
                if message.role == Role::User {
                    return json!({"id": message.id, "role": "user", "content": message.content,
                        "models": ["qwen3-max"], "chat_type": "t2t", "sub_chat_type": "t2t", "edited": false,
                        "error": null, "extra": {"meta": {"subChatType": "t2t"}}, "feature_config": features,
                        "parentId": message.parent_id, "turn_id": null, "childrenIds": children, "files": [],
                        "timestamp": at});
                }
                let tokens = self.random.u32(10..2000);
                json!({"id": message.id, "role": "assistant", "content": "", "reasoning_content": null,
                    "chat_type": "t2t", "sub_chat_type": "t2t", "model": "qwen3-max", "modelName": "Qwen3-Max",
                    "modelIdx": 0, "parentId": message.parent_id, "childrenIds": children,
                    "feature_config": features, "content_list": [{"content": message.content, "phase": "answer",
                        "status": "finished", "extra": null, "role": "assistant", "response_id": message.id,
                        "usage": {"input_tokens": 20, "output_tokens": tokens, "total_tokens": tokens + 20},
                        "timestamp": at}],
                    "is_stop": false, "edited": false, "error": null, "meta": {},
                    "extra": {"meta": {"subChatType": "t2t"}, "endTime": at}, "feedbackId": null,
                    "turn_id": null, "annotation": null, "done": true, "info": null, "timestamp": at})
            })
            .collect();
        let by_id: Map<String, Value> = chat
            .messages
            .iter()
            .zip(&messages)
            .map(|(message, json)| (message.id.clone(), json.clone()))
            .collect();
        let current = &chat.current_id;
        let sent = json!({"success": true, "request_id": self.id(), "data": {"id": chat.id, "user_id": "U1",
            "title": chat.title, "chat": {"history": {"messages": by_id, "currentId": current,
                "currentResponseIds": [current]}, "models": ["qwen3-max"], "messages": messages},
            "updated_at": chat.updated_at, "created_at": chat.created_at, "share_id": null, "archived": false,
            "pinned": false, "meta": {"timestamp": 1_790_000_000_000_i64, "tags": []}, "folder_id": null,
            "currentId": current, "chat_type": "t2t", "models": null, "project_id": null}});
        sent.to_string().into_bytes()
    }
}

/// A rank below `count`; the first ones are the most frequent.
pub(crate) fn zipf(random: &mut fastrand::Rng, count: usize) -> usize {
    #[allow(clippy::cast_precision_loss, reason = "a small number")]
    let rank = (random.f64() * (count as f64).ln()).exp();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
    let rank = rank as usize;
    (rank - 1).min(count - 1)
}
