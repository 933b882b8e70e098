//! The envelope of `/api/v2/*`, and the many spellings of a refusal (protocol 1.3, 8.2).

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess};
use serde_json::Value;

use super::lenient::{Flag, Lenient, List, Object, Text, deserialize};

/// A refusal of the upstream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Its code, in its own spelling.
    pub code: Option<String>,
    /// Its description.
    pub details: Option<String>,
    /// Hours until the quota renews (protocol 1.7).
    pub hours: Option<Hours>,
}

/// A number of hours in seconds, also of a fraction or as text. `None` if it is none; no quota renews
/// after more than a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hours(pub Option<u64>);

impl Hours {
    const HOUR: u64 = 3600;
    const MONTH: u64 = 31 * 24 * Self::HOUR;
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.unwrap_or_default();
        let tenths = seconds % Self::HOUR * 10 / Self::HOUR;
        write!(f, "{}", seconds / Self::HOUR)?;
        if tenths > 0 { write!(f, ".{tenths}") } else { Ok(()) }
    }
}

deserialize! { ['de] Hours; }

impl Lenient<'_> for Hours {
    fn integer(hours: i64) -> Self {
        let seconds = u64::try_from(hours).ok().map(|hours| hours.saturating_mul(Self::HOUR));
        Self(seconds.map(|seconds| seconds.min(Self::MONTH)))
    }

    fn unsigned(hours: u64) -> Self {
        Self::integer(i64::try_from(hours).unwrap_or(i64::MAX))
    }

    fn fraction(hours: f64) -> Self {
        let seconds = (hours * 3600.0).ceil();
        // Bounds first: a duration of more seconds than there are would panic.
        let is_usable = seconds.is_finite() && seconds >= 0.0;
        let seconds = is_usable.then(|| Duration::from_secs_f64(seconds.min(1e9)).as_secs());
        Self(seconds.map(|seconds| seconds.min(Self::MONTH)))
    }

    fn string(text: &str) -> Self {
        text.trim().parse().map_or_else(|_| Self::default(), Self::fraction)
    }
}

/// The members of an error object, wherever it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ErrorBody<'a> {
    #[serde(borrow)]
    code: Text<'a>,
    #[serde(borrow)]
    error_code: Text<'a>,
    details: Words,
    detail: Words,
    message: Words,
    msg: Words,
    /// The description with `{{num}}` in place of the hours.
    template: Words,
    num: Hours,
    hours: Hours,
}

impl ErrorBody<'_> {
    fn is_empty(&self) -> bool {
        self.code().is_none() && self.words().is_none()
    }

    fn code(&self) -> Option<&str> {
        self.code.non_empty().or_else(|| self.error_code.non_empty())
    }

    fn hours(&self) -> Option<Hours> {
        [self.num, self.hours].into_iter().find(|hours| hours.0.is_some())
    }

    fn words(&self) -> Option<String> {
        let plain = [&self.details, &self.detail, &self.message, &self.msg];
        plain.into_iter().find_map(|words| words.0.clone()).or_else(|| {
            let hours = self.hours()?.to_string();
            self.template.0.as_ref().map(|words| words.replace("{{num}}", &hours))
        })
    }

    /// As a refusal.
    pub(crate) fn refusal(&self) -> Refusal {
        Refusal { code: self.code().map(str::to_owned), details: self.words(), hours: self.hours() }
    }
}

/// A description: text, or an object or a list with texts in it. `None` if there is none.
#[derive(Debug, Clone, Default)]
struct Words(Option<String>);

deserialize! { ['de] Words; }

impl<'de> Lenient<'de> for Words {
    fn integer(number: i64) -> Self {
        Self::string(&number.to_string())
    }

    fn string(text: &str) -> Self {
        Self((!text.is_empty()).then(|| text.to_owned()))
    }

    fn list<A: SeqAccess<'de>>(items: A) -> Result<Self, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(items)).map(|value| Self(words_in(&value)))
    }

    fn object<A: MapAccess<'de>>(members: A) -> Result<Self, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(members)).map(|value| Self(words_in(&value)))
    }
}

/// The description in `value`: of an object the member that describes it, else all of it as JSON.
fn words_in(value: &Value) -> Option<String> {
    const MEMBERS: [&str; 7] = ["details", "detail", "message", "msg", "text", "content", "reason"];
    match value {
        Value::Null | Value::Bool(_) => None,
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Array(items) => {
            let words: Vec<_> = items.iter().filter_map(words_in).collect();
            (!words.is_empty()).then(|| words.join("; "))
        }
        Value::Object(members) if members.is_empty() => None,
        Value::Object(members) => {
            let named = MEMBERS.iter().find_map(|name| members.get(*name).and_then(words_in));
            named.or_else(|| Some(value.to_string()))
        }
        Value::Number(number) => Some(number.to_string()),
    }
}

/// A member `error`: an object, or just text. `null` and `{}` are no error (protocol F65).
#[derive(Debug, Clone, Default)]
pub(crate) struct Fault<'a>(pub Option<Box<ErrorBody<'a>>>);

deserialize! { ['de: 'a, 'a] Fault<'a>; }

impl<'de: 'a, 'a> Lenient<'de> for Fault<'a> {
    fn boolean(error: bool) -> Self {
        Self(error.then(Box::default))
    }

    fn string(text: &str) -> Self {
        let details = Words::string(text);
        let body = Box::new(ErrorBody { details, ..ErrorBody::default() });
        Self((!text.is_empty()).then_some(body))
    }

    fn object<A: MapAccess<'de>>(members: A) -> Result<Self, A::Error> {
        let body = ErrorBody::deserialize(MapAccessDeserializer::new(members))?;
        Ok(Self((!body.is_empty()).then(|| Box::new(body))))
    }
}

/// The `error` of a stored message, of unknown shape: anything but an empty value is an error.
#[derive(Debug, Default)]
pub(crate) struct StoredFault(pub Option<Refusal>);

impl<'de> Deserialize<'de> for StoredFault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(stored_fault(&value)))
    }
}

fn stored_fault(value: &Value) -> Option<Refusal> {
    let words = |text: &str| Refusal { details: Some(text.to_owned()), ..Refusal::default() };
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::String(text) => (!text.is_empty()).then(|| words(text)),
        Value::Object(members) if members.is_empty() => None,
        Value::Object(members) => {
            let body = ErrorBody::deserialize(value).unwrap_or_default();
            let content = members.get("content").and_then(Value::as_str);
            let refusal = body.refusal();
            Some(Refusal { details: refusal.details.or(content.map(str::to_owned)), ..refusal })
        }
        other => Some(words(&other.to_string())),
    }
}

/// The members of any JSON body that make it a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Verdict<'a> {
    success: Flag,
    #[serde(borrow)]
    request_id: Text<'a>,
    #[serde(borrow)]
    data: Object<ErrorBody<'a>>,
    #[serde(borrow)]
    error: Fault<'a>,
    #[serde(borrow)]
    ret: List<Text<'a>>,
    #[serde(borrow)]
    code: Text<'a>,
    #[serde(borrow)]
    error_code: Text<'a>,
    details: Words,
    detail: Words,
    message: Words,
    msg: Words,
    template: Words,
    num: Hours,
    hours: Hours,
}

/// The meaning of a [`Verdict`].
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The upstream's request id.
    pub request_id: Option<String>,
    /// Whether it says `"success": true`.
    pub is_success: bool,
    /// Whether it requires a browser check (protocol 8.4 a).
    pub is_browser_check: bool,
    /// The refusal, if this is one.
    pub refusal: Option<Refusal>,
    /// The description of a body that is an error only by its HTTP status.
    pub words: Option<String>,
}

impl Verdict<'_> {
    /// Evaluates all members.
    pub(crate) fn summary(&self) -> Summary {
        Summary {
            request_id: self.request_id.owned(),
            is_success: self.success.0 == Some(true),
            is_browser_check: self.is_browser_check(),
            refusal: self.refusal(),
            words: self.outer().words(),
        }
    }

    fn is_browser_check(&self) -> bool {
        self.ret.0.iter().filter_map(Text::non_empty).any(|text| {
            let text = text.to_ascii_uppercase();
            text.contains("FAIL_SYS") || text.contains("RGV587")
        })
    }

    /// The refusal, if this is one.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        if let Fault(Some(error)) = &self.error {
            return Some(error.refusal());
        }
        let inner = self.data.0.as_ref();
        if let Some(inner) = inner.filter(|data| data.code().is_some()) {
            return Some(inner.refusal());
        }
        let outer = self.outer();
        let failed = self.success.0 == Some(false);
        if failed && let Some(inner) = inner.filter(|data| !data.is_empty()) {
            return Some(Refusal { code: outer.refusal().code, ..inner.refusal() });
        }
        let coded = self.success.0.is_none() && is_error_code(outer.code());
        (failed || coded).then(|| outer.refusal())
    }

    fn outer(&self) -> ErrorBody<'_> {
        ErrorBody {
            code: self.code.clone(),
            error_code: self.error_code.clone(),
            details: self.details.clone(),
            detail: self.detail.clone(),
            message: self.message.clone(),
            msg: self.msg.clone(),
            template: self.template.clone(),
            num: self.num,
            hours: self.hours,
        }
    }
}

/// Whether a top-level `code` is an error: some services send `0` or `"ok"`.
fn is_error_code(code: Option<&str>) -> bool {
    code.is_some_and(|code| {
        !matches!(code.to_ascii_lowercase().as_str(), "0" | "200" | "ok" | "success")
    })
}

/// The payload of an envelope, or a bare body.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<T> {
    /// The payload.
    #[serde(default = "Option::default")]
    pub data: Option<T>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(json: &str) -> Option<(Option<String>, Option<String>, Option<u64>)> {
        let verdict: Verdict = serde_json::from_str(json).expect(json);
        let hours = |refusal: &Refusal| Some(refusal.hours?.0? / 3600);
        verdict.refusal().map(|refusal| {
            let hours = hours(&refusal);
            (refusal.code, refusal.details, hours)
        })
    }

    #[test]
    fn every_spelling_of_a_refusal_is_recognised() {
        let some = |text: &str| Some(text.to_owned());
        for (json, code, details, hours) in [
            (
                r#"{"success":false,"data":{"code":"A","details":"d","num":3}}"#,
                some("A"),
                some("d"),
                Some(3),
            ),
            (
                r#"{"success":false,"data":{"code":"A","message":"d","num":"3"}}"#,
                some("A"),
                some("d"),
                Some(3),
            ),
            (r#"{"success":true,"data":{"code":"A","details":"d"}}"#, some("A"), some("d"), None),
            (r#"{"success":false,"code":"A","msg":"d"}"#, some("A"), some("d"), None),
            (r#"{"success":false}"#, None, None, None),
            (r#"{"success":false,"data":null}"#, None, None, None),
            (r#"{"error":{"code":"A","message":"d"}}"#, some("A"), some("d"), None),
            (r#"{"error":"boom"}"#, None, some("boom"), None),
            (r#"{"error":{"error_code":"A","detail":"d"}}"#, some("A"), some("d"), None),
            (
                r#"{"success":false,"data":{"code":"A","template":"in {{num}} hours","num":5}}"#,
                some("A"),
                some("in 5 hours"),
                Some(5),
            ),
            (
                r#"{"error":{"code":"A","details":{"message":"d","x":1}}}"#,
                some("A"),
                some("d"),
                None,
            ),
            (
                r#"{"success":false,"data":{"code":"A","details":[{"loc":["body"],"msg":"d"},"e"]}}"#,
                some("A"),
                some("d; e"),
                None,
            ),
            (r#"{"error":{"code":"A","details":{"x":1}}}"#, some("A"), some(r#"{"x":1}"#), None),
            (r#"{"error":{"message":"boom"}}"#, None, some("boom"), None),
            (r#"{"code":"A","detail":"d"}"#, some("A"), some("d"), None),
            (r#"{"code":403,"message":"d"}"#, some("403"), some("d"), None),
        ] {
            assert_eq!(refusal(json), Some((code, details, hours)), "{json}");
        }
    }

    #[test]
    fn hours_are_rounded_up_and_bounded() {
        for (number, seconds) in [
            ("3", Some(10_800)),
            ("2.5", Some(9_000)),
            ("\"2.5\"", Some(9_000)),
            ("0.0001", Some(1)),
            ("0", Some(0)),
            ("1000000000000000", Some(2_678_400)),
            ("18446744073709551615", Some(2_678_400)),
            ("1e300", Some(2_678_400)),
            ("-1", None),
            ("-0.5", None),
            ("\"NaN\"", None),
            ("\"soon\"", None),
            ("null", None),
            ("[]", None),
        ] {
            let hours: Hours = serde_json::from_str(number).expect(number);
            assert_eq!(hours.0, seconds, "{number}");
        }
        assert_eq!(Hours(Some(9_000)).to_string(), "2.5");
        assert_eq!(Hours(Some(18_000)).to_string(), "5");
    }

    #[test]
    fn successful_bodies_are_no_refusal() {
        for json in [
            r#"{"success":true,"data":[]}"#,
            r#"{"success":true,"data":{"status":true}}"#,
            r#"{"error":null}"#,
            r#"{"error":{}}"#,
            r#"{"data":[{"id":"m"}]}"#,
            r#"{"code":0,"data":{}}"#,
            r#"{"id":"u","name":"n"}"#,
        ] {
            assert_eq!(refusal(json), None, "{json}");
        }
    }
}
