//! The tools of an offer as a text for the model: a signature for each, in place of its JSON schema, and
//! what it does. A text that is too long loses words, never a tool, a required mark or a listed value.

use std::fmt::Write as _;

use super::ToolKind;
use super::json::Json;
use super::schema::{Kinds, Schema};
use super::toolbox::{Known, Toolbox};

/// The deepest object that a signature spells out.
const MAX_DEPTH: usize = 8;

/// The longest grammar of a custom tool.
const MAX_GRAMMAR: usize = 4000;

/// What no signature can say.
const BEYOND: [&str; 9] = [
    "if",
    "not",
    "patternProperties",
    "dependentSchemas",
    "dependentRequired",
    "prefixItems",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
];

/// What a description says of a value.
const LIMITS: [(&str, &str); 12] = [
    ("minimum", "at least"),
    ("maximum", "at most"),
    ("exclusiveMinimum", "more than"),
    ("exclusiveMaximum", "less than"),
    ("multipleOf", "a multiple of"),
    ("minLength", "minimum length"),
    ("maxLength", "maximum length"),
    ("pattern", "matches"),
    ("format", "format"),
    ("minItems", "minimum items"),
    ("maxItems", "maximum items"),
    ("const", "always"),
];

/// How much a catalogue says, from all to the least.
const STEPS: [Step; 8] = [
    Step { parameter: usize::MAX, tool: usize::MAX },
    Step { parameter: 160, tool: usize::MAX },
    Step { parameter: 160, tool: 4000 },
    Step { parameter: 160, tool: 1500 },
    Step { parameter: 160, tool: 600 },
    Step { parameter: 80, tool: 240 },
    Step { parameter: 0, tool: 240 },
    Step { parameter: 0, tool: 80 },
];

/// How long descriptions may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    parameter: usize,
    tool: usize,
}

/// A catalogue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Catalogue {
    pub text: String,
    /// Whether descriptions were shortened.
    pub is_short: bool,
}

/// What a text costs of the room of a message: characters of other alphabets count twice.
pub(crate) fn cost(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

impl Catalogue {
    /// The tools of `toolbox` within `room`; `None` if they do not fit.
    pub(crate) fn new(toolbox: &Toolbox, room: usize) -> Option<Self> {
        STEPS.iter().enumerate().find_map(|(number, step)| {
            let mut text = String::new();
            for tool in toolbox.tools() {
                write_tool(tool, *step, &mut text);
            }
            (cost(&text) <= room).then_some(Self { text, is_short: number > 0 })
        })
    }
}

/// The signature of a tool.
pub(crate) fn signature(tool: &Known) -> String {
    let mut text = tool.spoken.clone();
    if tool.is_custom() {
        text.push_str("(input: text)");
        return text;
    }
    let schema = tool.schema();
    text.push('(');
    write_properties(schema, MAX_DEPTH, &mut text);
    text.push(')');
    if BEYOND.iter().chain(&["anyOf", "oneOf"]).any(|key| schema.here.get(key).is_some()) {
        let _ = write!(text, " with the schema {}", schema.here.text());
    }
    text
}

fn write_tool(tool: &Known, step: Step, out: &mut String) {
    out.push_str(&signature(tool));
    out.push('\n');
    write_line(&tool.description, step.tool, out);
    if let ToolKind::Custom { grammar: Some(grammar) } = &tool.kind {
        write_line("The input is raw text in this grammar:", usize::MAX, out);
        write_line(grammar, MAX_GRAMMAR, out);
    }
    // Without words of its own a tool keeps those of its parameters.
    let most =
        if tool.description.trim().is_empty() { step.parameter.max(80) } else { step.parameter };
    write_notes(tool.schema(), "", most, 4, out);
}

/// Writes a description, each line of it indented.
fn write_line(text: &str, most: usize, out: &mut String) {
    for line in shortened(text.trim(), most).lines() {
        let _ = writeln!(out, "  {line}");
    }
}

/// The beginning of a text, with a mark if there is more.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
    }
}

/// Writes what is said about parameters.
fn write_notes(schema: Schema<'_>, place: &str, most: usize, depth: usize, out: &mut String) {
    for (name, property, _) in schema.properties() {
        let place = if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
        let mut notes = Vec::new();
        let here = property.target();
        let described =
            [property.here, here.here].into_iter().find_map(|here| here.get("description"));
        if let Some(Json::Text(text)) = described
            && most > 0
        {
            notes.push(shortened(&text.split_whitespace().collect::<Vec<_>>().join(" "), most));
        }
        for (key, words) in LIMITS {
            if let Some(limit) = here.here.get(key) {
                let limit = limit.as_text().map_or_else(|| limit.text(), str::to_owned);
                notes.push(format!("{words} {limit}"));
            }
        }
        if !notes.is_empty() {
            let _ = writeln!(out, "  {place}: {}", notes.join("; "));
        }
        if depth > 0 {
            let item = here.here.get("items").map(|item| Schema { here: item, root: schema.root });
            for inner in [Some(here), item].into_iter().flatten() {
                write_notes(inner, &place, most, depth - 1, out);
            }
        }
    }
}

fn write_properties(schema: Schema<'_>, depth: usize, out: &mut String) {
    for (number, (name, property, is_required)) in schema.properties().into_iter().enumerate() {
        let comma = if number == 0 { "" } else { ", " };
        let mark = if is_required { "" } else { "?" };
        let _ = write!(out, "{comma}{name}{mark}: ");
        write_type(property, depth, out);
        if let Some(default) = property.target().here.get("default") {
            let _ = write!(out, " = {}", default.text());
        }
    }
}

fn write_type(schema: Schema<'_>, depth: usize, out: &mut String) {
    let here = schema.target();
    let Some(depth) = depth.checked_sub(1) else {
        let name = schema.here.get("$ref").and_then(Json::as_text).unwrap_or("object");
        out.push_str(name.rsplit('/').next().unwrap_or("object"));
        return;
    };
    if BEYOND.iter().any(|key| here.here.get(key).is_some()) {
        out.push_str(&here.here.text());
        return;
    }
    let values = here.values();
    if !values.is_empty() {
        let values: Vec<_> = values.into_iter().map(Json::text).collect();
        out.push_str(&values.join("|"));
        write_null(here.kinds(), &values, out);
        return;
    }
    let alternatives = here.alternatives();
    if !alternatives.is_empty() {
        for (number, alternative) in alternatives.into_iter().enumerate() {
            out.push_str(if number == 0 { "" } else { "|" });
            write_type(alternative, depth, out);
        }
        if !here.properties().is_empty() {
            out.push_str("&{");
            write_properties(here, depth, out);
            out.push('}');
        }
        return;
    }
    let kinds = here.kinds();
    let mut words = Vec::new();
    let plain = [
        (kinds.text, "string"),
        (kinds.integer, "integer"),
        (kinds.number, "number"),
        (kinds.boolean, "boolean"),
    ];
    words.extend(plain.into_iter().filter(|(is, _)| *is).map(|(_, word)| word.to_owned()));
    if kinds.list {
        let mut item = String::new();
        match here.here.get("items") {
            Some(inner) => write_type(Schema { here: inner, root: here.root }, depth, &mut item),
            None => item.push_str("any"),
        }
        words.push(if item.contains(['|', ' ']) && !item.starts_with('{') {
            format!("({item})[]")
        } else {
            format!("{item}[]")
        });
    }
    if kinds.object {
        let mut object = String::from("{");
        write_properties(here, depth, &mut object);
        if let Some(other @ Json::Object(_)) = here.here.get("additionalProperties") {
            object.push_str(if object.len() > 1 { ", [key]: " } else { "[key]: " });
            write_type(Schema { here: other, root: here.root }, depth, &mut object);
        }
        object.push('}');
        words.push(if object == "{}" { "object".to_owned() } else { object });
    }
    if kinds.null {
        words.push("null".to_owned());
    }
    out.push_str(&if words.is_empty() { "any".to_owned() } else { words.join("|") });
}

fn write_null(kinds: Kinds, values: &[String], out: &mut String) {
    if kinds.null && !values.iter().any(|value| value == "null") {
        out.push_str("|null");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use super::*;
    use crate::tools::{Offer, Tool, ToolChoice};

    fn toolbox(tools: &[(&str, &str, Value)]) -> Toolbox {
        let tool = |(name, about, schema): &(&str, &str, Value)| Tool {
            name: (*name).to_owned(),
            description: Some((*about).to_owned()),
            parameters: Some(RawValue::from_string(schema.to_string()).expect("JSON")),
            kind: ToolKind::Function,
            strict: false,
        };
        let tools = tools.iter().map(tool).collect();
        Toolbox::new(&Offer { tools, choice: ToolChoice::Auto, parallel: true })
    }

    fn text(schema: &Value) -> String {
        let toolbox = toolbox(&[("f", "Does f.", schema.clone())]);
        Catalogue::new(&toolbox, usize::MAX).expect("it fits").text
    }

    #[test]
    fn signatures_say_what_schemas_say() {
        for (schema, expected) in [
            (json!({}), "f()"),
            (
                json!({"properties": {"a": {"type": "string"}, "b": {"type": "integer", "default": 5}}, "required": ["b"]}),
                "f(b: integer = 5, a?: string)",
            ),
            (
                json!({"properties": {"u": {"enum": ["cm", "inch"]}, "n": {"type": ["string", "null"]}}}),
                "f(n?: string|null, u?: \"cm\"|\"inch\")",
            ),
            (
                json!({"properties": {"o": {"type": "object", "properties": {"x": {"type": "boolean"}}, "required": ["x"]}}}),
                "f(o?: {x: boolean})",
            ),
            (
                json!({"properties": {"l": {"type": "array", "items": {"type": "string"}}, "m": {"type": "array", "items": {"enum": ["a", "b"]}}}}),
                "f(l?: string[], m?: (\"a\"|\"b\")[])",
            ),
            (
                json!({"properties": {"r": {"$ref": "#/$defs/N"}}, "$defs": {"N": {"type": "number"}}}),
                "f(r?: number)",
            ),
            (
                json!({"properties": {"e": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}}),
                "f(e?: string|integer)",
            ),
            (
                json!({"properties": {"m": {"type": "object", "additionalProperties": {"type": "integer"}}}}),
                "f(m?: {[key]: integer})",
            ),
            (
                json!({"properties": {"not": {"not": {"type": "string"}}}}),
                "f(not?: {\"not\":{\"type\":\"string\"}})",
            ),
        ] {
            assert_eq!(text(&schema).lines().next(), Some(expected), "{schema}");
        }
        let noted = text(
            &json!({"properties": {"a": {"type": "integer", "description": "How\n many.", "minimum": 1}}}),
        );
        assert_eq!(noted, "f(a?: integer)\n  Does f.\n  a: How many.; at least 1\n");
        let node = json!({"properties": {"next": {"$ref": "#"}, "v": {"enum": ["leaf"]}}, "required": ["v"]});
        assert!(text(&node).len() < 2000 && text(&node).contains("\"leaf\""));
    }

    #[test]
    fn descriptions_go_before_tools() {
        let long = "word ".repeat(400);
        let schema = json!({"properties": {"a": {"enum": ["x", "y"], "description": long}}, "required": ["a"]});
        let tools: Vec<_> = (0..300).map(|number| format!("tool_{number}")).collect();
        let tools: Vec<_> =
            tools.iter().map(|name| (name.as_str(), long.as_str(), schema.clone())).collect();
        let toolbox = toolbox(&tools);
        let mut before = usize::MAX;
        for room in [10_000_000, 1_000_000, 300_000, 100_000, 60_000] {
            let catalogue = Catalogue::new(&toolbox, room).expect("it fits");
            assert!(cost(&catalogue.text) <= room.min(before));
            assert_eq!(catalogue.is_short, room < 10_000_000);
            before = cost(&catalogue.text);
            for number in 0..300 {
                assert!(catalogue.text.contains(&format!("tool_{number}(a: \"x\"|\"y\")\n")));
            }
        }
        assert_eq!(Catalogue::new(&toolbox, 1000), None);
    }

    /// A schema, with the names, required marks and values that it holds.
    fn schemas() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(json!({"type": "string"})),
            Just(json!({"type": ["integer", "null"]})),
            prop::collection::vec("[a-z]{1,6}", 1..4).prop_map(|values| json!({"enum": values})),
        ];
        let inner = leaf.prop_recursive(3, 16, 4, |inner| {
            let object =
                prop::collection::btree_map("[a-z]{1,8}", (inner.clone(), any::<bool>()), 1..4);
            let object = object.prop_map(|members| {
                let required: Vec<_> = members
                    .iter()
                    .filter(|(_, (_, is))| *is)
                    .map(|(name, _)| name.clone())
                    .collect();
                let members: serde_json::Map<_, _> =
                    members.into_iter().map(|(name, (schema, _))| (name, schema)).collect();
                json!({"type": "object", "properties": members, "required": required})
            });
            prop_oneof![
                object,
                inner.clone().prop_map(|item| json!({"type": "array", "items": item})),
                prop::collection::vec(inner, 1..3).prop_map(|list| json!({"anyOf": list})),
            ]
        });
        prop::collection::btree_map("[a-z]{1,8}", inner, 0..5)
            .prop_map(|members| json!({"type": "object", "properties": members}))
    }

    fn check(schema: &Value, text: &str) {
        for value in schema["enum"].as_array().into_iter().flatten() {
            assert!(text.contains(&value.to_string()), "{value} in {text}");
        }
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let mark = if required.contains(&json!(name)) { "" } else { "?" };
            assert!(text.contains(&format!("{name}{mark}: ")), "{name}{mark} in {text}");
            check(property, text);
        }
        check_inner(&schema["items"], text);
        schema["anyOf"].as_array().into_iter().flatten().for_each(|one| check(one, text));
    }

    fn check_inner(schema: &Value, text: &str) {
        if schema.is_object() {
            check(schema, text);
        }
    }

    proptest! {
        #[test]
        fn names_required_marks_and_values_are_in_every_catalogue(schema in schemas()) {
            let toolbox = toolbox(&[("f", "Does f.", schema.clone())]);
            for room in [usize::MAX, cost(&signature(&toolbox.tools()[0])) + 90] {
                check(&schema, &Catalogue::new(&toolbox, room).expect("it fits").text);
            }
        }
    }
}
