//! Messages of JSON-RPC 2.0, and the revisions of the protocol.

use serde_json::{Map, Value, json};

use crate::net::json;

/// The longest id of a request, in bytes: it is repeated in the response.
const MAX_ID: usize = 1024;
/// The most messages of a batch.
const MAX_BATCH: usize = 64;

/// The keys of `_meta` with which the newest revision marks a request.
pub(super) const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
pub(super) const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// A revision of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(&'static str);

impl Version {
    /// Every revision that is supported, oldest first. Their names are dates.
    pub(crate) const ALL: [Self; 5] = [
        Self("2024-11-05"),
        Self::WITH_BATCHES,
        Self("2025-06-18"),
        Self::LAST_WITH_HANDSHAKE,
        Self::WITHOUT_HANDSHAKE,
    ];
    /// The only one with batches, and the one of clients over HTTP that name none.
    pub(crate) const WITH_BATCHES: Self = Self("2025-03-26");
    /// The last one that begins with `initialize`.
    pub(crate) const LAST_WITH_HANDSHAKE: Self = Self("2025-11-25");
    /// The first one in which each request names its revision.
    pub(crate) const WITHOUT_HANDSHAKE: Self = Self("2026-07-28");

    /// The revision of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.0 == name)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        self.0
    }

    /// Whether each request names its revision.
    pub(crate) fn is_stateless(self) -> bool {
        self >= Self::WITHOUT_HANDSHAKE
    }
}

/// An error of the protocol, as opposed to the failure of a tool.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) code: i32,
    message: String,
    data: Option<Value>,
}

impl Fault {
    pub(crate) const PARSE: i32 = -32700;
    pub(crate) const INVALID_REQUEST: i32 = -32600;
    pub(crate) const NO_METHOD: i32 = -32601;
    pub(crate) const INVALID_PARAMS: i32 = -32602;
    pub(crate) const INTERNAL: i32 = -32603;
    pub(crate) const NO_RESOURCE: i32 = -32002;
    pub(crate) const HEADER_MISMATCH: i32 = -32020;
    pub(crate) const UNSUPPORTED_VERSION: i32 = -32022;

    pub(crate) fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Self::INVALID_REQUEST, message)
    }

    pub(crate) fn still_running() -> Self {
        Self::invalid("a request with this id is still running")
    }

    pub(crate) fn with_data(self, data: Value) -> Self {
        Self { data: Some(data), ..self }
    }

    pub(crate) fn unsupported_version(requested: &str) -> Self {
        let supported = Version::ALL.map(Version::name);
        let requested: String = requested.chars().take(64).collect();
        Self::new(Self::UNSUPPORTED_VERSION, "Unsupported protocol version")
            .with_data(json!({"supported": supported, "requested": requested}))
    }
}

/// The id of a request: a text or an integer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Id(Value);

impl Id {
    /// The id that a cancellation names, if it can be one.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let is_id = match value {
            Value::String(text) => text.len() <= MAX_ID,
            // Others could not be repeated as they are written.
            Value::Number(number) => number.is_i64() || number.is_u64(),
            _ => false,
        };
        is_id.then(|| Self(value.clone()))
    }
}

/// A request: it is answered.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) id: Id,
    pub(crate) method: String,
    pub(crate) params: Map<String, Value>,
}

/// One message of the client.
#[derive(Debug, PartialEq)]
pub(crate) enum Message {
    /// A request.
    Request(Request),
    /// A notification: it is never answered.
    Notification {
        /// Its method.
        method: String,
        /// Its parameters.
        params: Map<String, Value>,
    },
    /// A response. Nothing was requested of the client.
    Response,
    /// Not a message.
    Invalid(Option<Id>, Fault),
}

/// What a client sends at a time.
#[derive(Debug, PartialEq)]
pub(crate) enum Incoming {
    /// A message.
    One(Message),
    /// Several, answered together.
    Batch(Vec<Message>),
}

/// Reads what a client has sent.
///
/// # Errors
/// If it is not JSON, or a batch is empty or too long.
pub(crate) fn parse(text: &str) -> Result<Incoming, Fault> {
    // Halves of characters come from clients that cut a text.
    let value = serde_json::from_str(text)
        .or_else(|fault| serde_json::from_str(&json::without_halves(text)).map_err(|_| fault));
    match value.map_err(|fault| Fault::new(Fault::PARSE, format!("not JSON: {fault}")))? {
        Value::Array(batch) if batch.is_empty() => Err(Fault::invalid("the batch is empty")),
        Value::Array(batch) if batch.len() > MAX_BATCH => {
            Err(Fault::invalid(format!("the batch has more than {MAX_BATCH} messages")))
        }
        Value::Array(batch) => Ok(Incoming::Batch(batch.into_iter().map(message).collect())),
        one => Ok(Incoming::One(message(one))),
    }
}

fn message(value: Value) -> Message {
    let Value::Object(mut members) = value else {
        return Message::Invalid(None, Fault::invalid("a message must be an object"));
    };
    let given = members.remove("id");
    let id = given.as_ref().and_then(Id::of);
    let invalid = |id, fault: &str| Message::Invalid(id, Fault::invalid(fault));
    if members.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return invalid(id, "`jsonrpc` must be \"2.0\"");
    }
    let method = match members.remove("method") {
        Some(Value::String(method)) => method,
        None if members.contains_key("result") || members.contains_key("error") => {
            return Message::Response;
        }
        _ => return invalid(id, "`method` must be a string"),
    };
    let params = match members.remove("params") {
        None => Map::new(),
        Some(Value::Object(params)) => params,
        Some(_) if given.is_none() => Map::new(),
        Some(_) => {
            let fault = Fault::new(Fault::INVALID_PARAMS, "`params` must be an object");
            return Message::Invalid(id, fault);
        }
    };
    match (given, id) {
        (None, _) => Message::Notification { method, params },
        (Some(_), Some(id)) => Message::Request(Request { id, method, params }),
        (Some(_), None) => {
            invalid(None, "`id` must be an integer or a string of at most 1024 bytes")
        }
    }
}

/// The response to the request with this id; without one to something that is no request.
pub(crate) fn response(id: Option<&Id>, result: Result<Value, Fault>) -> Value {
    let id = id.map_or(Value::Null, |id| id.0.clone());
    match result {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(Fault { code, message, data }) => {
            let mut error = json!({"code": code, "message": message});
            if let Some(data) = data {
                error["data"] = data;
            }
            json!({"jsonrpc": "2.0", "id": id, "error": error})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Message {
        match parse(text) {
            Ok(Incoming::One(message)) => message,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn code(message: &Message) -> i32 {
        match message {
            Message::Invalid(_, fault) => fault.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn requests_notifications_and_responses_are_told_apart() {
        let request = one(r#"{"jsonrpc":"2.0","id":"a","method":"ping"}"#);
        assert!(
            matches!(request, Message::Request(Request { ref id, .. }) if *id == Id("a".into()))
        );
        let zero = one(r#"{"jsonrpc":"2.0","id":0,"method":"ping","params":{"a":1}}"#);
        assert!(matches!(zero, Message::Request(Request { ref params, .. }) if params["a"] == 1));
        let note = one(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        assert!(matches!(note, Message::Notification { .. }));
        for text in [r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, r#"{"jsonrpc":"2.0","error":{}}"#] {
            assert_eq!(one(text), Message::Response);
        }
    }

    #[test]
    fn what_is_no_message_is_refused_with_its_id() {
        for text in [
            "1",
            "null",
            "{}",
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"ping"}"#,
        ] {
            assert_eq!(code(&one(text)), Fault::INVALID_REQUEST, "{text}");
        }
        let long = format!(r#"{{"jsonrpc":"2.0","id":"{}","method":"ping"}}"#, "x".repeat(1025));
        assert_eq!(code(&one(&long)), Fault::INVALID_REQUEST);
        let list = one(r#"{"jsonrpc":"2.0","id":3,"method":"ping","params":[1]}"#);
        assert!(matches!(&list, Message::Invalid(Some(id), _) if *id == Id(3.into())));
        assert_eq!(code(&list), Fault::INVALID_PARAMS);
    }

    #[test]
    fn broken_and_deep_json_is_a_parse_error() {
        for text in ["", "{", "{\"a\":1}}", &"[".repeat(100_000), "\u{feff}{}x"] {
            let fault = parse(text).expect_err("broken");
            assert_eq!(fault.code, Fault::PARSE, "{text:.20}");
        }
        assert!(parse(r#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#).is_ok(), "half a character");
    }

    #[test]
    fn batches_are_bounded() {
        let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
        let batch = |count: usize| format!("[{}]", vec![ping; count].join(","));
        assert!(matches!(parse(&batch(2)), Ok(Incoming::Batch(batch)) if batch.len() == 2));
        for count in [0, 65] {
            assert_eq!(parse(&batch(count)).expect_err("refused").code, Fault::INVALID_REQUEST);
        }
    }

    #[test]
    fn revisions_are_in_order() {
        assert!(Version::ALL.is_sorted());
        let stateless = Version::ALL.into_iter().filter(|version| version.is_stateless());
        assert_eq!(stateless.map(Version::name).collect::<Vec<_>>(), ["2026-07-28"]);
        assert_eq!(Version::named("2025-03-26"), Some(Version::WITH_BATCHES));
        assert_eq!(Version::named("1.0"), None);
    }
}
