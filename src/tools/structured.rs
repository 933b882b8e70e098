//! Answers that have to be JSON: the value is found in what the model wrote, read with safe repairs, and
//! compared with the schema.
//!
//! Nothing that could change a string is repaired, and an answer that fits as it stands is not touched.

use std::borrow::Cow;

use super::Format;
use super::json::{self, Json, Repairs};
use super::schema::Schema;

/// The most values of an answer that are tried.
const MAX_VALUES: usize = 16;

/// The JSON in `text` that has this form.
///
/// # Errors
/// If there is none: what is wrong with the first value, or that there is none.
pub(crate) fn value<'a>(text: &'a str, format: &Format) -> Result<Cow<'a, str>, Vec<String>> {
    let schema = match format {
        Format::Json => None,
        Format::Schema { schema, .. } => json::strict(schema.get()),
    };
    let text = text.trim();
    let mut first = None;
    for (found, is_as_written) in candidates(text) {
        let (value, faults) = check(found, schema.as_ref(), is_as_written);
        if faults.is_empty() {
            return Ok(if is_as_written { text.into() } else { value.text().into() });
        }
        first.get_or_insert(faults);
    }
    Err(first.unwrap_or_else(|| vec!["there is no JSON in it".to_owned()]))
}

/// The values that may be meant, the best first, and whether the first one is the whole text.
fn candidates(text: &str) -> Vec<(Json, bool)> {
    if let Some(value) = json::strict(text) {
        return vec![(value.clone(), true), (value, false)];
    }
    let mut found: Vec<_> =
        json::repaired(text).into_iter().map(|(value, _)| (value, false)).collect();
    let mut at = 0;
    while let Some(start) = text[at..].find(['{', '[']).map(|start| at + start) {
        if found.len() == MAX_VALUES {
            break;
        }
        match json::prefix(&text[start..]) {
            Ok((value, length, _)) => {
                found.push((value, false));
                at = start + length.max(1);
            }
            Err(_) => at = start + 1,
        }
    }
    found
}

/// The value with the types that the schema demands, and what is wrong with it.
fn check(value: Json, schema: Option<&Json>, is_as_written: bool) -> (Json, Vec<String>) {
    let Some(schema) = schema else {
        let faults = match value {
            Json::Object(_) => Vec::new(),
            _ => vec!["it is no JSON object".to_owned()],
        };
        return (value, faults);
    };
    let schema = Schema::new(schema);
    let value = if is_as_written { value } else { schema.typed(value, &mut Repairs::default()) };
    let faults = schema.faults(&value);
    (value, faults)
}

/// What the model is told about the form of its answer.
pub(crate) fn instruction(format: &Format) -> String {
    match format {
        Format::Json => {
            "Answer with one JSON object and nothing else: no fence, no text around it.".to_owned()
        }
        Format::Schema { schema, .. } => format!(
            "Answer with one JSON value and nothing else: no fence, no text around it. It has to fit \
             this JSON schema:\n{}",
            json::strict(schema.get())
                .map_or_else(|| schema.get().to_owned(), |schema| schema.text())
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn of(schema: &str) -> Format {
        let schema = RawValue::from_string(schema.to_owned()).expect("JSON");
        Format::Schema { name: "x".to_owned(), schema, strict: true }
    }

    const PERSON: &str = r#"{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"],"additionalProperties":false}"#;

    #[test]
    fn the_value_is_found_and_repaired() {
        for (text, expected) in [
            // As it stands, to the byte.
            ("{\"age\": 36,  \"name\": \"Ada\"}", Some("{\"age\": 36,  \"name\": \"Ada\"}")),
            (
                "Here:\n```json\n{\"name\":\"Ada\",\"age\":36}\n```\nDone.",
                Some("{\"name\":\"Ada\",\"age\":36}"),
            ),
            // The second value fits.
            ("{\"a\":1} and {\"name\":\"Ada\",\"age\":36}", Some("{\"name\":\"Ada\",\"age\":36}")),
            ("{'name': 'Ada', 'age': 36,}", Some("{\"name\":\"Ada\",\"age\":36}")),
            ("{\"name\":\"Ada\",\"age\":\"36\"}", Some("{\"name\":\"Ada\",\"age\":36}")),
            ("{\"name\":\"[1,]\",\"age\":36}", Some("{\"name\":\"[1,]\",\"age\":36}")),
            ("{\"name\":\"Ada\"}", None),
            ("I cannot say.", None),
        ] {
            let found = value(text, &of(PERSON)).ok();
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        let faults = value("{\"name\":\"Ada\"}", &of(PERSON)).expect_err("no age");
        assert!(faults[0].contains("age"), "{faults:?}");
    }

    #[test]
    fn lists_and_numbers_may_be_asked_for_and_an_object_must_be_one() {
        assert_eq!(value(" [1, 2] ", &of(r#"{"type":"array"}"#)).ok().as_deref(), Some("[1, 2]"));
        assert_eq!(value("7", &of(r#"{"type":"integer"}"#)).ok().as_deref(), Some("7"));
        assert!(value("[1]", &Format::Json).is_err());
        assert_eq!(value("So: {\"a\":[]}", &Format::Json).ok().as_deref(), Some("{\"a\":[]}"));
        assert!(instruction(&of(PERSON)).ends_with(PERSON));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_or_takes_long(text in "[\\[{\"a:1,}\\] \\n'\\\\]{0,200}") {
            let _ = value(&text, &of(PERSON));
            let _ = value(&"[{".repeat(text.len()), &Format::Json);
        }
    }
}
