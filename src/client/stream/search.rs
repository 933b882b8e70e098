//! What a web search found, numbered as the text cites it (protocol 7.7).

use serde::Deserialize;
use serde_json::Value;

use crate::client::wire::frame::{Delta, Document, Extra};
use crate::client::wire::lenient::{Int, List, Object};
use crate::domain::Citation;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SearchResult {
    docs: List<Object<Document>>,
    used_id: Int,
}

/// The sources in a search result. `known` sources were found before in the same turn.
pub(super) fn citations(extra: &Extra<'_>, known: usize) -> Vec<Citation> {
    let result =
        extra.tool_result.as_ref().and_then(|result| SearchResult::deserialize(result).ok());
    let (documents, used_id) = match result {
        Some(result) if !result.docs.0.is_empty() => (result.docs.0, result.used_id.unsigned()),
        result => {
            (extra.web_search_info.0.clone(), result.and_then(|result| result.used_id.unsigned()))
        }
    };
    number(documents, used_id, known)
}

/// Numbers documents: `used_id` is the next free number, so the last one has `used_id - 1`.
pub fn number(
    documents: Vec<Object<Document>>,
    used_id: Option<u64>,
    known: usize,
) -> Vec<Citation> {
    let count = documents.len();
    let first = used_id
        .and_then(|next| usize::try_from(next).ok()?.checked_sub(count))
        .filter(|first| *first > 0)
        .unwrap_or(known + 1);
    documents
        .into_iter()
        .enumerate()
        .filter_map(|(i, Object(document))| {
            let document = document?;
            Some(Citation {
                number: u32::try_from(first + i).ok()?,
                url: document.url.non_empty()?,
                title: document.title.non_empty().unwrap_or_default(),
                snippet: document.snippet.non_empty(),
                date: document.date.non_empty(),
            })
        })
        .collect()
}

/// What the model asks the search for, once its arguments are whole.
pub(super) fn queries(delta: &Delta<'_>) -> Option<Vec<String>> {
    let arguments = delta.function_call.0.as_ref()?.arguments.as_ref()?;
    let parsed = match arguments {
        Value::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    let queries = parsed.get("queries")?.as_array()?;
    Some(queries.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(extra: &str, known: usize) -> Vec<u32> {
        let extra: Extra<'_> = serde_json::from_str(extra).expect(extra);
        citations(&extra, known).iter().map(|citation| citation.number).collect()
    }

    #[test]
    fn documents_are_numbered_back_from_used_id_and_else_by_position() {
        let docs = r#"[{"url":"https://a.example","title":"A"},{"url":"https://b.example"}]"#;
        assert_eq!(
            numbers(&format!(r#"{{"tool_result":{{"docs":{docs},"used_id":8}}}}"#), 0),
            [6, 7]
        );
        assert_eq!(numbers(&format!(r#"{{"tool_result":{{"docs":{docs}}}}}"#), 3), [4, 5]);
        assert_eq!(numbers(&format!(r#"{{"web_search_info":{docs}}}"#), 0), [1, 2]);
        assert_eq!(
            numbers(&format!(r#"{{"tool_result":{{"used_id":0}},"web_search_info":{docs}}}"#), 0),
            [1, 2]
        );
        assert_eq!(numbers(r#"{"tool_result":[{"image":"u"}]}"#, 0), [0_u32; 0]);
    }
}
