//! What can go wrong with an engine, in the terms of protocol 8.3: whoever reads the answer knows
//! chat.qwen.ai, so each failure takes the form in which that would tell it, and its words name the
//! engine and the next step.

use std::error::Error as StdError;
use std::time::Duration;

use serde_json::Value;

use super::Refusal;
use super::chunk::error_of;

/// How many characters of the engine's words are passed on.
const MAX_WORDS: usize = 200;
/// How many are looked at.
const LOOKED_AT: usize = 4_000;
/// Nobody is asked to wait longer, in seconds.
const MAX_WAIT: u64 = 7 * 86_400;

const BUSY: &str = "Server_Busy";
const FAILED: &str = "Internal_Server_Error";
const FILTERED: &str = "data_inspection_failed";
const REFUSED: &str = "Bad_Request";
const SLOW_DOWN: &str = "Too_Many_Requests";
const TOO_LONG: &str = "ContextLengthExceeded";

/// Something went wrong.
#[derive(Debug)]
pub(super) struct Trouble {
    /// How the upstream would tell it.
    pub refusal: Refusal,
    /// What that means for what to do next.
    pub nature: Nature,
}

/// What may be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// Nothing in particular.
    Plain,
    /// Nobody shall try that again at once: the engine may be at work on it, or will say the same.
    Final,
    /// It may be that the engine does not know an optional parameter.
    Parameters,
    /// More was sent than the model can look at.
    TooLong,
    /// The engine has no such model.
    Model,
    /// There is nothing at this address.
    Nowhere,
}

impl Trouble {
    fn new(code: &'static str, details: String) -> Self {
        Self { refusal: Refusal { code, details, retry_after: None }, nature: Nature::Plain }
    }

    /// The engine may have done the work, or some of it.
    fn failed(details: String) -> Self {
        Self::new(FAILED, details).of_nature(Nature::Final)
    }

    fn of_nature(self, nature: Nature) -> Self {
        Self { nature, ..self }
    }
}

/// No connection, or it broke before an answer. Only without one it is certain that the engine was
/// not asked.
pub(super) fn no_answer(place: &str, error: reqwest::Error) -> Trouble {
    let error = error.without_url();
    let mut cause: &dyn StdError = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let why =
        if error.is_timeout() { "no connection in time".to_owned() } else { cause.to_string() };
    let why = words(&why);
    if error.is_connect() {
        let advice = "start it, or correct `--engine`";
        return Trouble::new(FAILED, format!("{place} cannot be reached ({why}): {advice}"));
    }
    let advice = "it may have begun to answer, so look at what it does before you ask again";
    Trouble::failed(format!("the connection to {place} broke before an answer ({why}): {advice}"))
}

/// Nothing came for too long.
pub(super) fn stalled(place: &str, patience: Duration) -> Trouble {
    let seconds = patience.as_secs_f64();
    let details = format!(
        "{place} sent nothing for {seconds} s: `--idle-timeout` sets how long to wait, a smaller model answers sooner"
    );
    Trouble::failed(details)
}

/// The connection broke, or ended, in mid-answer.
pub(super) fn cut(place: &str) -> Trouble {
    Trouble::failed(format!("{place} broke its answer off before the end: ask again"))
}

/// The model may not say more.
pub(super) fn too_long_answer(place: &str) -> Trouble {
    // The reader puts "the input is too long for the model" before it.
    let details = format!(
        "together with the whole answer it would pass the limit of tokens at which {place} breaks off; ask for less, or give the model a larger context"
    );
    Trouble::new(TOO_LONG, details)
}

/// A filter broke the answer off.
pub(super) fn filtered(place: &str) -> Trouble {
    Trouble::new(FILTERED, format!("the content filter of {place} broke the answer off"))
}

/// The engine said nothing.
pub(super) fn empty(place: &str) -> Trouble {
    Trouble::failed(format!("{place} ended before it had said a word of the answer"))
}

/// Something that cannot be understood.
pub(super) fn odd(place: &str, what: &str) -> Trouble {
    let advice = "is it an OpenAI-compatible server, and does its address end where `/chat/completions` begins?";
    Trouble::failed(format!("{place} sent something unexpected ({what}): {advice}"))
}

/// The engine wants to be asked elsewhere.
pub(super) fn redirected(place: &str, status: u16) -> Trouble {
    let details = format!(
        "{place} redirects to another address (status {status}), which is not followed: name that address with `--engine`"
    );
    Trouble::new(REFUSED, details)
}

/// The engine has no such model.
pub(super) fn no_such_model(place: &str, model: &str) -> Refusal {
    let details = format!(
        "{place} has no model `{}`: `qwenctl models` lists what it has, `--model` chooses, `--engine-model` maps names",
        words(model)
    );
    Refusal { code: REFUSED, details, retry_after: None }
}

/// What the engine cannot do.
pub(super) fn cannot(place: &str, what: &str) -> Refusal {
    Refusal { code: REFUSED, details: format!("{place} cannot {what}"), retry_after: None }
}

/// An error in place of an answer, without the key.
pub(super) fn answered(place: &str, status: u16, wait: Option<u64>, body: &str) -> Trouble {
    let document: Value = serde_json::from_str(body).unwrap_or_default();
    let told = Told::of(error_of(&document).unwrap_or(&document));
    let says = if told.message.is_empty() { String::new() } else { format!(": {}", told.message) };
    let trouble =
        |code, what: &str| Trouble::new(code, format!("{place} {what} (status {status}){says}"));
    if told.is_too_long() || status == 413 {
        return too_long(place, &told);
    }
    if told.is_filtered() {
        return trouble(FILTERED, "refuses because of its content filter");
    }
    match status {
        401 | 403 => {
            let advice = "QWENCTL_ENGINE_KEY holds the key for it";
            Trouble::new(
                REFUSED,
                format!("{place} does not accept the key (status {status}); {advice}{says}"),
            )
        }
        404 if told.is_about_model() => {
            trouble(REFUSED, "does not know the model").of_nature(Nature::Model)
        }
        404 | 405 => {
            let advice = "its address has to end where `/chat/completions` begins, often with /v1";
            let details = format!("{place} has nothing there (status {status}): {advice}");
            Trouble::new(REFUSED, details).of_nature(Nature::Nowhere)
        }
        429 if told.is_quota() => {
            trouble(SLOW_DOWN, "says that its quota is used up").of_nature(Nature::Final)
        }
        429 => {
            let mut trouble = trouble(SLOW_DOWN, "asks to slow down");
            trouble.refusal.retry_after = wait.map(|seconds: u64| seconds.min(MAX_WAIT));
            trouble
        }
        503 => trouble(BUSY, "is not ready"),
        408 | 500.. => trouble(FAILED, "failed").of_nature(Nature::Final),
        400 | 422 if !told.is_about_model() => {
            trouble(REFUSED, "refused the request").of_nature(Nature::Parameters)
        }
        400 | 422 => trouble(REFUSED, "does not know the model").of_nature(Nature::Model),
        _ => trouble(REFUSED, "refused the request"),
    }
}

/// An error in the middle of a stream, without the key.
pub(super) fn in_stream(place: &str, error: &Value) -> Trouble {
    let told = Told::of(error);
    if told.is_too_long() {
        return too_long(place, &told);
    }
    let (code, what) = match told.code.as_str() {
        _ if told.is_filtered() => (FILTERED, "broke off because of its content filter"),
        _ if told.is_quota() => (SLOW_DOWN, "says that its quota is used up"),
        "429" | "rate_limit_exceeded" => (SLOW_DOWN, "asks to slow down"),
        _ => (FAILED, "failed"),
    };
    let is_final = code == FAILED || told.is_quota();
    let nature = if is_final { Nature::Final } else { Nature::Plain };
    Trouble::new(code, format!("{place} {what}: {}", told.message)).of_nature(nature)
}

fn too_long(place: &str, told: &Told) -> Trouble {
    let advice =
        "shorten the prompt, or say how much the model can look at with `--engine-context`";
    let details =
        format!("The input token limit is exceeded at {place} ({}): {advice}", told.message);
    Trouble::new(TOO_LONG, details).of_nature(Nature::TooLong)
}

/// What an error says.
struct Told {
    /// Code and type, in small letters.
    code: String,
    /// Its words, fit to be passed on.
    message: String,
    /// The same in small letters, to be searched.
    plain: String,
}

impl Told {
    fn of(error: &Value) -> Self {
        let text = |name: &str| match &error[name] {
            Value::String(text) => text.to_ascii_lowercase(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let message = ["message", "detail", "msg", "error"];
        let message = message.into_iter().find_map(|name| error[name].as_str());
        let message = message.or_else(|| error.as_str()).unwrap_or_default();
        let code = [text("code"), text("type")].join(" ");
        let code = code.trim().split(' ').next().unwrap_or_default().to_owned();
        let kind = text("type");
        Self {
            code,
            message: words(message),
            plain: format!("{kind} {} {}", text("code"), message.to_ascii_lowercase()),
        }
    }

    fn says(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.plain.contains(part))
    }

    fn is_too_long(&self) -> bool {
        self.says(&[
            "context_length",
            "exceed_context",
            "context length",
            "context window",
            "context size",
            "maximum context",
            "prompt is too long",
            "range of input length",
        ])
    }

    fn is_filtered(&self) -> bool {
        self.says(&[
            "content_filter",
            "content_policy",
            "data_inspection",
            "datainspection",
            "inappropriate content",
        ])
    }

    fn is_quota(&self) -> bool {
        self.says(&["insufficient_quota", "quota exceeded", "arrearage"])
    }

    fn is_about_model(&self) -> bool {
        let missing = [
            "not_found",
            "not found",
            "not exist",
            "unknown model",
            "no such model",
            "invalid model",
        ];
        self.says(&["model"]) && self.says(&missing)
    }
}

/// Words of the engine on one line of bounded length. Some phrases mean something to whoever reads
/// protocol 8.3, and an engine does not mean that.
fn words(text: &str) -> String {
    let end = text.char_indices().nth(LOOKED_AT).map_or(text.len(), |(end, _)| end);
    let line: String = text[..end]
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let mut line = line.trim_end_matches(['.', '。']).to_owned();
    for (meaningful, plain) in [
        ("not exist", "not be there"),
        ("in progress", "under way"),
        ("parent_id", "parent id"),
        ("internal error", "error of its own"),
        ("inappropriate content", "unwanted content"),
        ("input token limit", "limit of input tokens"),
        ("fail_sys_user_validate", "a check of the user"),
        ("_____tmd_____", "a check"),
        ("x5secdata=", "a check "),
    ] {
        while let Some(at) = line.to_ascii_lowercase().find(meaningful) {
            line.replace_range(at..at + meaningful.len(), plain);
        }
    }
    match line.char_indices().nth(MAX_WORDS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Trouble {
        answered("the engine at U", status, Some(3), body)
    }

    #[test]
    fn each_failure_takes_the_form_of_the_upstream() {
        for (status, body, code) in [
            (401, r#"{"error":{"message":"Incorrect API key"}}"#, REFUSED),
            (403, "", REFUSED),
            (404, r#"{"error":{"message":"model 'x' not found","type":"api_error"}}"#, REFUSED),
            (404, "404 page not found", REFUSED),
            (429, r#"{"error":{"message":"slow","type":"requests"}}"#, SLOW_DOWN),
            (429, r#"{"error":{"message":"x","code":"insufficient_quota"}}"#, SLOW_DOWN),
            (500, "<html>", FAILED),
            (
                503,
                r#"{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"#,
                BUSY,
            ),
            (
                400,
                r#"{"error":{"message":"no","type":"exceed_context_size_error","code":400}}"#,
                TOO_LONG,
            ),
            (
                400,
                r#"{"object":"error","message":"This model's maximum context length is 9","code":400}"#,
                TOO_LONG,
            ),
            (400, r#"{"error":{"message":"Range of input length should be [1, 9]"}}"#, TOO_LONG),
            (413, "", TOO_LONG),
            (400, r#"{"error":{"code":"DataInspectionFailed","message":"Input data"}}"#, FILTERED),
            (400, r#"{"detail":"no such parameter"}"#, REFUSED),
        ] {
            let trouble = told(status, body);
            assert_eq!(trouble.refusal.code, code, "{status} {body}");
            assert!(
                trouble.refusal.details.contains("the engine at U"),
                "{}",
                trouble.refusal.details
            );
            let may_wait = code == SLOW_DOWN && trouble.nature == Nature::Plain;
            assert_eq!(trouble.refusal.retry_after, may_wait.then_some(3));
        }
    }

    #[test]
    fn what_may_be_done_about_it_is_known() {
        for (status, body, nature) in [
            (404, r#"{"error":{"message":"The model `x` does not exist."}}"#, Nature::Model),
            (400, r#"{"error":{"message":"invalid model ID"}}"#, Nature::Model),
            (404, r#"{"error":"path not found"}"#, Nature::Nowhere),
            (404, "", Nature::Nowhere),
            (400, r#"{"error":{"message":"Unrecognized request argument"}}"#, Nature::Parameters),
            (422, "", Nature::Parameters),
            (408, "", Nature::Final),
            (500, "", Nature::Final),
            (502, "", Nature::Final),
            (504, "", Nature::Final),
            (503, "", Nature::Plain),
            (429, "", Nature::Plain),
            (429, r#"{"error":{"message":"x","code":"insufficient_quota"}}"#, Nature::Final),
            (413, "", Nature::TooLong),
        ] {
            assert_eq!(told(status, body).nature, nature, "{status} {body}");
        }
    }

    #[test]
    fn the_engines_words_are_short_and_mean_nothing_else() {
        let text = "Role Does NOT exist\n\u{7}in progress. FAIL_SYS_USER_VALIDATE ".repeat(40_000);
        let line = words(&text);
        assert!(
            line.chars().count() <= MAX_WORDS + 1
                && !line.contains('\n')
                && !line.contains('\u{7}')
        );
        for phrase in ["not exist", "in progress", "fail_sys_user_validate"] {
            assert!(!line.to_lowercase().contains(phrase), "{line}");
        }
    }
}
