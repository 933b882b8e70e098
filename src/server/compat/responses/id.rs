//! The ids of responses.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::ChatId;
use crate::server::compat::dialect::new_id;

/// What ids begin with.
const PREFIX: &str = "resp_";
/// The longest message id that is believed in, in bytes.
const MAX_MESSAGE: usize = 128;

/// The id of the response that is this message of this chat.
pub(super) fn of(chat: &ChatId, message: &str) -> String {
    let place = serde_json::json!([chat, message]).to_string();
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(place))
}

/// The id of a response that is not kept.
pub(super) fn new() -> String {
    new_id(PREFIX)
}

/// The chat and the message that an id names; `None` if it is not of a response that was kept.
pub(super) fn parse(id: &str) -> Option<(ChatId, String)> {
    let place = URL_SAFE_NO_PAD.decode(id.strip_prefix(PREFIX)?).ok()?;
    let (chat, message): (ChatId, String) = serde_json::from_slice(&place).ok()?;
    let usable = !message.is_empty() && message.len() <= MAX_MESSAGE && message != "root";
    usable.then_some((chat, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_place() {
        let chat: ChatId = "c-1".parse().expect("an id");
        assert_eq!(parse(&of(&chat, "m/1")), Some((chat, "m/1".to_owned())));
        let empty = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(r#"["","m"]"#));
        for other in [&new(), "", "resp_", "resp_x", &empty] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
