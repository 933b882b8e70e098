//! Failures of an engine, in the terms of protocol 8.3. A reader of the answer knows chat.qwen.ai, so
//! each failure takes the form that chat.qwen.ai gives it; its words name the engine and the next
//! step.

use std::error::Error as StdError;
use std::time::Duration;

use serde_json::Value;

use super::Refusal;
use super::chunk::{error_of, words_of};
use crate::net::{http, json};

/// The longest quote of an engine's words, in characters.
const MAX_WORDS: usize = 200;
/// How many characters are read for it.
const LOOKED_AT: usize = 4_000;
/// The longest wait to ask for, in seconds.
const MAX_WAIT: u64 = 7 * 86_400;

/// How deep, and in how many items of a list, a member with a wait is searched for.
const WAIT_DEPTH: usize = 4;
const MAX_ITEMS: usize = 32;
/// The most words of a wait: `1 minute 30 seconds`.
const WAIT_WORDS: usize = 4;

const BUSY: &str = "Server_Busy";
/// The code of an answer that has reached its limit of tokens.
pub(crate) const CUT_OFF: &str = "Output_Limit_Reached";
const FAILED: &str = "Internal_Server_Error";
const FILTERED: &str = "data_inspection_failed";
const REFUSED: &str = "Bad_Request";
const SLOW_DOWN: &str = "Too_Many_Requests";
const TIMED_OUT: &str = "Timed_Out";
const TOO_LONG: &str = "ContextLengthExceeded";
const UNEXPECTED: &str = "Unexpected_Response";

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Failure {
    /// The form of the upstream.
    pub refusal: Refusal,
    /// What decides the next step.
    pub cause: Cause,
}

/// What decides the next step after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Any other.
    Plain,
    /// An immediate retry is wrong: the engine may still work on the request, or will refuse it again.
    Final,
    /// The engine may not know an optional parameter.
    Parameters,
    /// The request exceeds the context window of the model.
    TooLong,
    /// The engine has no such model.
    Model,
    /// The engine has nothing at this address.
    Nowhere,
}

impl Failure {
    fn new(code: &'static str, details: String) -> Self {
        Self { refusal: Refusal { code, details, retry_after: None }, cause: Cause::Plain }
    }

    /// The engine may have done the work, or some of it.
    fn failed(details: String) -> Self {
        Self::new(FAILED, details).of_cause(Cause::Final)
    }

    /// The answer is not one, or not whole.
    fn unexpected(details: String) -> Self {
        Self::new(UNEXPECTED, details).of_cause(Cause::Final)
    }

    fn of_cause(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }
}

/// No connection, or it broke before an answer. Only without a connection the engine certainly did
/// not get the request.
pub(super) fn no_answer(place: &str, error: reqwest::Error) -> Failure {
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
        return Failure::new(FAILED, format!("{place} cannot be reached ({why}): {advice}"));
    }
    let advice = "it may have begun to answer, so check what it does before you retry";
    Failure::failed(format!("the connection to {place} broke before an answer ({why}): {advice}"))
}

/// Nothing arrived within the idle timeout.
pub(super) fn stalled(place: &str, patience: Duration) -> Failure {
    let seconds = patience.as_secs_f64();
    let details = format!(
        "{place} sent nothing for {seconds} s: raise `--idle-timeout`, or use a smaller model"
    );
    Failure::new(TIMED_OUT, details).of_cause(Cause::Final)
}

/// The connection broke or ended in the middle of the answer.
pub(super) fn cut(place: &str) -> Failure {
    Failure::unexpected(format!("{place} cut its answer off before the end: send the prompt again"))
}

/// A finish reason that no whole answer has.
pub(super) fn unfinished(place: &str, reason: &str, has_text: bool) -> Failure {
    let reason = words(reason);
    Failure::unexpected(if has_text {
        format!(
            "{place} cut its answer off before the end (finish reason `{reason}`): send the prompt again"
        )
    } else {
        format!("{place} ended its answer before the first word (finish reason `{reason}`)")
    })
}

/// The answer has reached its limit of tokens.
pub(super) fn too_long_answer(place: &str) -> Failure {
    let details = format!(
        "{place} ended it there: raise its limit of tokens or the context window of the model, or ask for less"
    );
    Failure::new(CUT_OFF, details)
}

/// A content filter cut the answer off.
pub(super) fn filtered(place: &str) -> Failure {
    Failure::new(FILTERED, format!("the content filter of {place} cut the answer off"))
}

/// The answer has no text.
pub(super) fn empty(place: &str) -> Failure {
    Failure::unexpected(format!("{place} ended its answer before the first word"))
}

/// The model wants to call a tool, and none was offered.
pub(super) fn tool_call(place: &str, tool: Option<&str>) -> Failure {
    let tool =
        tool.map_or_else(|| "a tool".to_owned(), |tool| format!("the tool `{}`", words(tool)));
    Failure::unexpected(format!(
        "the model at {place} called {tool}, and there are none: ask it to answer without tools"
    ))
}

/// The model calls a tool that the client does not offer.
pub(super) fn unknown_tool(place: &str, tool: &str) -> Failure {
    Failure::unexpected(format!(
        "the model at {place} called the tool `{}`, which is not on offer: send the prompt again",
        words(tool)
    ))
}

/// Not the answer of an OpenAI-compatible server.
pub(super) fn odd(place: &str, what: &str) -> Failure {
    let advice = "is it an OpenAI-compatible server, and does its address end where `/chat/completions` begins?";
    Failure::unexpected(format!("{place} sent something unexpected ({what}): {advice}"))
}

/// A page or plain text in place of an answer.
pub(super) fn no_answer_but(place: &str, body: &str, conceal: &dyn Fn(&str) -> String) -> Failure {
    let quoted = match page_title(body) {
        Some(title) => format!("an HTML page: {}", words(&conceal(title))),
        None if is_page(body) => "an HTML page".to_owned(),
        None if body.contains([char::REPLACEMENT_CHARACTER, '\0']) => {
            "bytes that are no text".to_owned()
        }
        None => format!("plain text: {}", words(&conceal(body))),
    };
    odd(place, &quoted)
}

/// The engine redirects.
pub(super) fn redirected(place: &str, status: u16) -> Failure {
    let details = format!(
        "{place} redirects to another address (status {status}), which is not followed: name that address with `--engine`"
    );
    Failure::new(REFUSED, details)
}

/// The engine has no such model.
pub(super) fn no_such_model(place: &str, model: &str) -> Refusal {
    let details = format!(
        "{place} has no model `{}`: `qwenctl models` lists what it has, `--model` chooses, `--engine-model` maps names",
        words(model)
    );
    Refusal { code: REFUSED, details, retry_after: None }
}

/// The engine has no such feature.
pub(super) fn cannot(place: &str, what: &str) -> Refusal {
    Refusal { code: REFUSED, details: format!("{place} cannot {what}"), retry_after: None }
}

/// An error in place of an answer. `conceal` removes the key from decoded words: an escape in JSON can
/// hide it in the body.
pub(super) fn answered(
    place: &str,
    status: u16,
    wait: Option<Duration>,
    body: &str,
    conceal: &dyn Fn(&str) -> String,
) -> Failure {
    let document = json::read(body.as_bytes())
        .or_else(|_| json::read(closed(body).as_bytes()))
        .unwrap_or_else(|_| Value::String(plain_words(body).to_owned()));
    let text = ErrorText::of(error_of(&document).unwrap_or(&document), conceal);
    let says = if text.message.is_empty() { String::new() } else { format!(": {}", text.message) };
    let failed =
        |code, what: &str| Failure::new(code, format!("{place} {what} (status {status}){says}"));
    if text.is_too_long() || status == 413 {
        return too_long(place, &text);
    }
    // Keys and services are flagged and moderated as well.
    let is_about_the_prompt = matches!(status, 400 | 403 | 422 | 451);
    if text.has_filter_code() || (is_about_the_prompt && text.is_filtered()) {
        return failed(FILTERED, "refuses because of its content filter");
    }
    let wait = wait.or_else(|| text.wait());
    if text.is_used_up() || status == 402 || (status == 403 && text.is_about_quota()) {
        return failed(SLOW_DOWN, "reports that its quota is used up").of_cause(Cause::Final);
    }
    match status {
        401 | 403 => {
            let advice = "QWENCTL_ENGINE_KEY holds the key for it";
            Failure::new(
                REFUSED,
                format!("{place} does not accept the key (status {status}); {advice}{says}"),
            )
        }
        404 if text.is_about_model() => {
            failed(REFUSED, "does not know the model").of_cause(Cause::Model)
        }
        404 | 405 | 501 => {
            let advice = "its address has to end where `/chat/completions` begins, often with /v1";
            let details = if text.message.is_empty() {
                format!("{place} has nothing there (status {status}): {advice}")
            } else {
                format!("{place} refused the request (status {status}){says} ({advice})")
            };
            Failure::new(REFUSED, details).of_cause(Cause::Nowhere)
        }
        429 => {
            let mut failed = failed(SLOW_DOWN, "asks to slow down");
            failed.refusal.retry_after = wait.map(whole_seconds);
            failed
        }
        503 => {
            let mut failed = failed(BUSY, "is not ready");
            failed.refusal.retry_after = wait.map(whole_seconds);
            failed
        }
        408 | 504 => failed(TIMED_OUT, "took too long").of_cause(Cause::Final),
        500.. => failed(FAILED, "failed").of_cause(Cause::Final),
        400 | 422 if !text.is_about_model() => {
            failed(REFUSED, "refused the request").of_cause(Cause::Parameters)
        }
        400 | 422 => failed(REFUSED, "does not know the model").of_cause(Cause::Model),
        _ => failed(REFUSED, "refused the request"),
    }
}

/// The words of a body that is no JSON: of a page its title.
pub(super) fn plain_words(body: &str) -> &str {
    let text = body.trim_start_matches('\u{feff}').trim();
    if is_page(text) {
        page_title(text).unwrap_or_default()
    } else if text.starts_with(['{', '[']) {
        ""
    } else {
        text
    }
}

fn is_page(body: &str) -> bool {
    body.trim_start().starts_with('<')
}

/// The title of a page.
fn page_title(body: &str) -> Option<&str> {
    let lower = body.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title").unwrap_or(lower.len() - start);
    Some(body[start..end].trim()).filter(|title| !title.is_empty())
}

/// A document that is cut off, with its strings, lists and objects closed.
pub(super) fn closed(body: &str) -> String {
    let (mut open, mut in_string, mut is_escaped) = (Vec::new(), false, false);
    for c in body.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_string => is_escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' => drop(open.pop()),
            _ => {}
        }
    }
    let mut whole = body[..body.len() - usize::from(is_escaped)].to_owned();
    if in_string {
        whole.push('"');
    }
    whole.extend(open.into_iter().rev());
    whole
}

fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).min(MAX_WAIT)
}

/// An error in the middle of a stream. `conceal` removes the key.
pub(super) fn in_stream(place: &str, error: &Value, conceal: &dyn Fn(&str) -> String) -> Failure {
    let text = ErrorText::of(error, conceal);
    if text.is_too_long() {
        return too_long(place, &text);
    }
    let (code, what) = if text.is_filtered() {
        (FILTERED, "stopped because of its content filter")
    } else if text.is_used_up() {
        (SLOW_DOWN, "reports that its quota is used up")
    } else if text.is_throttled() || text.is_quota() {
        (SLOW_DOWN, "asks to slow down")
    } else {
        (FAILED, "failed")
    };
    let is_final = code == FAILED || text.is_used_up();
    let cause = if is_final { Cause::Final } else { Cause::Plain };
    let says = if text.message.is_empty() { String::new() } else { format!(": {}", text.message) };
    let mut failed = Failure::new(code, format!("{place} {what}{says}")).of_cause(cause);
    if code == SLOW_DOWN && !is_final {
        failed.refusal.retry_after = text.wait().map(whole_seconds);
    }
    failed
}

fn too_long(place: &str, text: &ErrorText) -> Failure {
    let advice = "shorten the prompt, or set the context window with `--engine-context`";
    let details =
        format!("The input token limit is exceeded at {place} ({}): {advice}", text.message);
    Failure::new(TOO_LONG, details).of_cause(Cause::TooLong)
}

/// The text of an error.
struct ErrorText {
    /// Its code, or else its type, in lower case.
    code: String,
    /// Its message, on one bounded line.
    message: String,
    /// All of it in lower case, for searches.
    plain: String,
    /// The wait that a member of its own names.
    wait: Option<Duration>,
}

impl ErrorText {
    fn of(error: &Value, conceal: &dyn Fn(&str) -> String) -> Self {
        let text = |name: &str| match &error[name] {
            Value::String(text) => text.to_ascii_lowercase(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let message = words_of(error);
        let code = [text("code"), text("type")].join(" ");
        let code = code.trim().split(' ').next().unwrap_or_default().to_owned();
        let kind = text("type");
        Self {
            code,
            message: words(&conceal(&message)),
            plain: format!("{kind} {} {}", text("code"), message.to_ascii_lowercase())
                .replace('`', ""),
            wait: wait_member(error, WAIT_DEPTH),
        }
    }

    /// How long to wait, as a member or the words say it: `try again in 27.5s`.
    fn wait(&self) -> Option<Duration> {
        let phrases =
            ["again in ", "retry in ", "retry after ", "again after ", "wait for ", "wait "];
        self.wait.or_else(|| {
            phrases.into_iter().find_map(|phrase| {
                let rest = self.plain.split_once(phrase)?.1;
                let words: Vec<&str> = rest.split_whitespace().take(WAIT_WORDS).collect();
                let mut spans = (1..=words.len()).rev().map(|count| words[..count].join(" "));
                spans.find_map(|span| http::wait(span.trim_matches(|c: char| !c.is_alphanumeric())))
            })
        })
    }

    fn says(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.plain.contains(part))
    }

    fn is_too_long(&self) -> bool {
        // An error about memory may name the context size, too.
        let is_about_memory = self.says(&["memory", "allocate"]);
        let has_limit = self.says(&["must have less than"]) && self.says(&["tokens"]);
        let parts = [
            "context_length",
            "exceed_context",
            "context length",
            "context window",
            "context size",
            "maximum context",
            "prompt is too long",
            "range of input length",
            "inputs tokens + max_new_tokens must be",
            "exceeds the maximum number of tokens",
            "exceeded model token limit",
            "contextwindowexceeded",
            "maximum model length",
            "maximum prompt length",
            "too many tokens: ",
            "prompt 超长",
            "too big compared to kv size",
        ];
        !is_about_memory && (has_limit || self.says(&parts))
    }

    fn has_filter_code(&self) -> bool {
        self.says(&["content_filter", "content_policy", "data_inspection", "datainspection"])
    }

    fn is_filtered(&self) -> bool {
        self.has_filter_code() || self.says(&["inappropriate content", "moderation", "flagged"])
    }

    fn is_throttled(&self) -> bool {
        self.code == "429"
            || self.code.starts_with("throttling")
            || self.code.contains("rate_limit")
    }

    fn is_quota(&self) -> bool {
        self.says(&[
            "insufficient_quota",
            "quota exceeded",
            "arrearage",
            "insufficient credits",
            "insufficient balance",
        ])
    }

    /// Whether the quota is used up for longer than a wait.
    fn is_used_up(&self) -> bool {
        self.is_quota() && self.wait().is_none()
    }

    /// Whether the words are about a quota at all, for a status that can also mean the key.
    fn is_about_quota(&self) -> bool {
        self.says(&[
            "quota",
            "free tier",
            "freetier",
            "credits",
            "insufficient balance",
            "account balance",
        ])
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

/// The wait that a member of an error names, such as `retryDelay` in the details of Google's.
fn wait_member(error: &Value, depth: usize) -> Option<Duration> {
    match error {
        Value::Object(members) => members.iter().find_map(|(name, value)| {
            let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            let (text, unit) = match name.to_ascii_lowercase().as_str() {
                "retrydelay" | "retryafter" | "retryafterseconds" | "retryin" => (value, ""),
                "retryafterms" => (value, "ms"),
                _ if depth == 0 => return None,
                _ => return wait_member(value, depth - 1),
            };
            match text {
                Value::String(text) => http::wait(&format!("{}{unit}", text.trim())),
                Value::Number(number) => http::wait(&format!("{number}{unit}")),
                _ => None,
            }
        }),
        Value::Array(items) if depth > 0 => {
            items.iter().take(MAX_ITEMS).find_map(|item| wait_member(item, depth - 1))
        }
        _ => None,
    }
}

/// An engine's words on one line of bounded length. Some phrases have a meaning in protocol 8.3 that
/// an engine does not intend, and are reworded.
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

    fn text(status: u16, body: &str) -> Failure {
        answered(
            "the engine at U",
            status,
            Some(Duration::from_millis(2_100)),
            body,
            &str::to_owned,
        )
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
            (400, r#"{"error":{"message":"Your prompt was flagged"}}"#, FILTERED),
            (403, r#"{"error":{"message":"requires moderation; it was flagged"}}"#, FILTERED),
            (401, r#"{"error":{"message":"This key has been flagged"}}"#, REFUSED),
            (429, r#"{"error":{"message":"flagged as unusual traffic"}}"#, SLOW_DOWN),
            (500, r#"{"error":{"message":"the moderation service is down"}}"#, FAILED),
            (500, r#"{"error":{"message":"x","code":"content_filter"}}"#, FILTERED),
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
            let failed = text(status, body);
            assert_eq!(failed.refusal.code, code, "{status} {body}");
            assert!(
                failed.refusal.details.contains("the engine at U"),
                "{}",
                failed.refusal.details
            );
            let may_wait = matches!(code, SLOW_DOWN | BUSY) && failed.cause == Cause::Plain;
            assert_eq!(failed.refusal.retry_after, may_wait.then_some(3));
        }
    }

    #[test]
    fn the_words_of_every_shape_are_told() {
        for (body, told) in [
            (
                r#"[{"error":{"code":400,"message":"Unknown name \"x\"","status":"INVALID_ARGUMENT"}}]"#,
                "Unknown name \"x\"",
            ),
            (
                r#"{"detail":[{"loc":["body","model"],"msg":"field required"}]}"#,
                "body.model: field required",
            ),
            (r#"{"code":"InvalidParameter","message":"Bad top_p","request_id":"r"}"#, "Bad top_p"),
            (r#"{"error":{"message":{"detail":"deep"}}}"#, "deep"),
            ("\u{feff}{\"error\":\"with a mark\"}", "with a mark"),
            ("upstream connect error\nor reset", "upstream connect error or reset"),
        ] {
            for status in [400, 422, 429, 500] {
                let details = text(status, body).refusal.details;
                assert!(details.contains(told), "{status} {body}: {details}");
            }
        }
        for (body, told) in [
            (
                "<html><head><TITLE>504 Gateway\n Time-out</TITLE></head></html>",
                "504 Gateway Time-out",
            ),
            ("{\"error\":{\"message\":\"out of mem", "out of mem"),
            ("{\"error\":{\"message\":\"no \\\"x\\", "no \"x"),
            ("{\"error\":{\"message\":\"boom\"}, \"ids\": [1", "boom"),
        ] {
            let details = text(500, body).refusal.details;
            assert!(details.ends_with(&format!(": {told}")), "{body}: {details}");
        }
        for silent in ["<html><body>Bad gateway", "", "{\"a\""] {
            let details = text(500, silent).refusal.details;
            assert!(details.ends_with("(status 500)"), "{details}");
        }
    }

    #[test]
    fn a_wait_in_the_words_or_in_a_member_is_read() {
        let google = r#"[{"error":{"code":429,"message":"Quota exceeded for metric: requests. Please retry in 27.59s.","status":"RESOURCE_EXHAUSTED",
            "details":[{"@type":"QuotaFailure","violations":[{}]},{"@type":"RetryInfo","retryDelay":"27s"}]}}]"#;
        for (body, seconds) in [
            (
                r#"{"error":{"message":"Rate limit reached. Please try again in 27.5s. See the docs."}}"#,
                Some(28),
            ),
            (r#"{"error":{"message":"Please try again in 6m0s."}}"#, Some(360)),
            (r#"{"error":{"message":"try again in 20ms"}}"#, Some(1)),
            (r#"{"error":{"message":"Please retry after 30 seconds."}}"#, Some(30)),
            (r#"{"error":{"message":"Too many; wait 1 minute 30 seconds, please"}}"#, Some(90)),
            (r#"{"error":{"message":"retry after 12"}}"#, Some(12)),
            (r#"{"error":{"message":"slow","retry_after":2.5}}"#, Some(3)),
            (r#"{"error":{"message":"slow","metadata":{"retry_after_ms":"1500"}}}"#, Some(2)),
            (google, Some(27)),
            (r#"{"error":{"message":"try again in a while"}}"#, None),
            (r#"{"error":{"message":"try again later"}}"#, None),
            ("try again in 9 s", Some(9)),
        ] {
            for status in [429, 503] {
                let failed = answered("U", status, None, body, &str::to_owned);
                assert_eq!(failed.refusal.retry_after, seconds, "{status} {body}");
            }
            let header = Some(Duration::from_secs(4));
            let failed = answered("U", 429, header, body, &str::to_owned);
            assert_eq!(failed.refusal.retry_after, Some(4), "{body}");
        }
        let error =
            serde_json::json!({"code": "rate_limit_exceeded", "message": "try again in 7.1s"});
        assert_eq!(in_stream("U", &error, &str::to_owned).refusal.retry_after, Some(8));
        let error = serde_json::json!({"code": 500, "message": "try again in 7.1s"});
        assert_eq!(in_stream("U", &error, &str::to_owned).refusal.retry_after, None);
    }

    #[test]
    fn the_key_is_removed_from_decoded_words() {
        let key = ["can", "ary/key-1"].concat();
        let conceal = |words: &str| words.replace(&key, "…");
        let escaped = key.replace('/', "\\/").replace('-', "\\u002d");
        let inner = format!("{{\"message\":\"key {escaped}\"}}");
        for error in [
            format!("{{\"error\":{{\"message\":\"key {escaped}\"}}}}"),
            format!("{{\"error\":{{\"metadata\":{{\"raw\":{}}}}}}}", Value::String(inner)),
        ] {
            for status in [401, 400, 429, 500] {
                let details =
                    answered("the engine at U", status, None, &error, &conceal).refusal.details;
                assert!(details.contains("key …") && !details.contains(&key), "{details}");
            }
            let error: Value = serde_json::from_str(&error).expect("JSON");
            let details = in_stream("U", &error["error"], &conceal).refusal.details;
            assert!(details.contains("key …"), "{details}");
        }
    }

    #[test]
    fn each_failure_has_its_cause() {
        for (status, body, cause) in [
            (404, r#"{"error":{"message":"The model `x` does not exist."}}"#, Cause::Model),
            (400, r#"{"error":{"message":"invalid model ID"}}"#, Cause::Model),
            (404, r#"{"error":"path not found"}"#, Cause::Nowhere),
            (404, "", Cause::Nowhere),
            (400, r#"{"error":{"message":"Unrecognized request argument"}}"#, Cause::Parameters),
            (422, "", Cause::Parameters),
            (408, "", Cause::Final),
            (500, "", Cause::Final),
            (502, "", Cause::Final),
            (504, "", Cause::Final),
            (503, "", Cause::Plain),
            (429, "", Cause::Plain),
            (429, r#"{"error":{"message":"x","code":"insufficient_quota"}}"#, Cause::Final),
            (413, "", Cause::TooLong),
        ] {
            assert_eq!(text(status, body).cause, cause, "{status} {body}");
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
