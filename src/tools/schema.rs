//! What a JSON schema says about a value, as far as calls need it: the types of values that models write
//! as text, and whether arguments fit. What is unknown is allowed.

use std::fmt::Write as _;

use super::json::{self, Json, Repair, Repairs};

/// How many references lead from one schema to the next.
const MAX_STEPS: usize = 16;

/// The deepest value that is compared with a schema.
const MAX_DEPTH: usize = 16;

/// How deep alternatives of alternatives are read.
const MAX_NESTED: usize = 3;

/// How many alternatives are read.
const MAX_ALTERNATIVES: usize = 32;

/// How many comparisons one check makes: a schema that refers to itself may ask for any number.
const MAX_CHECKS: usize = 20_000;

/// How many comparisons are within each other.
const MAX_CHECK_DEPTH: usize = 64;

/// The most faults that are named.
pub(crate) const MAX_FAULTS: usize = 5;

/// A part of a schema, with the whole that its references lead to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema<'a> {
    pub here: &'a Json,
    pub root: &'a Json,
}

/// The types that a schema allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "one for each type of JSON")]
pub(crate) struct Kinds {
    pub null: bool,
    pub boolean: bool,
    pub integer: bool,
    pub number: bool,
    pub text: bool,
    pub list: bool,
    pub object: bool,
}

/// What a check may still do.
struct Left {
    checks: usize,
    depth: usize,
}

impl Kinds {
    /// Whether nothing is said about the type.
    fn is_open(self) -> bool {
        self == Self::default()
    }

    fn add(&mut self, name: &str) {
        match name {
            "null" => self.null = true,
            "boolean" => self.boolean = true,
            "integer" => self.integer = true,
            "number" => self.number = true,
            "string" => self.text = true,
            "array" => self.list = true,
            "object" => self.object = true,
            _ => {}
        }
    }

    fn join(&mut self, other: Self) {
        self.null |= other.null;
        self.boolean |= other.boolean;
        self.integer |= other.integer;
        self.number |= other.number;
        self.text |= other.text;
        self.list |= other.list;
        self.object |= other.object;
    }

    fn add_value(&mut self, value: &Json) {
        self.add(match value {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::Text(_) => "string",
            Json::List(_) => "array",
            Json::Object(_) => "object",
        });
    }

    /// Whether a string is the only type, `null` aside.
    fn is_only_text(self) -> bool {
        self.text && Self { text: false, null: false, ..self }.is_open()
    }

    fn takes(self, value: &Json) -> bool {
        self.is_open()
            || match value {
                Json::Null => self.null,
                Json::Bool(_) => self.boolean,
                Json::Number(digits) => self.number || (self.integer && is_integer(digits)),
                Json::Text(_) => self.text,
                Json::List(_) => self.list,
                Json::Object(_) => self.object,
            }
    }
}

impl<'a> Schema<'a> {
    /// The whole of `root`.
    pub(crate) fn new(root: &'a Json) -> Self {
        Self { here: root, root }
    }

    fn at(self, here: &'a Json) -> Self {
        Self { here, root: self.root }
    }

    /// What it refers to.
    pub(crate) fn target(self) -> Self {
        let mut schema = self;
        for _ in 0..MAX_STEPS {
            match schema.reference() {
                Some(here) => schema = schema.at(here),
                None => break,
            }
        }
        schema
    }

    fn reference(self) -> Option<&'a Json> {
        let path = self.here.get("$ref")?.as_text()?.strip_prefix('#')?;
        path.split('/').skip(1).try_fold(self.root, |here, step| {
            let step = step.replace("~1", "/").replace("~0", "~");
            match here {
                Json::List(items) => items.get(step.parse::<usize>().ok()?),
                _ => here.get(&step),
            }
        })
    }

    /// Its alternatives: those of `anyOf` and `oneOf`, without references.
    pub(crate) fn alternatives(self) -> Vec<Self> {
        let here = self.target();
        let lists = ["anyOf", "oneOf"].iter().filter_map(|name| here.here.get(name));
        lists
            .flat_map(Json::items)
            .take(MAX_ALTERNATIVES)
            .map(|item| here.at(item).target())
            .collect()
    }

    /// The parts of `allOf`.
    fn parts(self) -> Vec<Self> {
        let parts = self.here.get("allOf").map(Json::items).unwrap_or_default();
        parts.iter().take(MAX_ALTERNATIVES).map(|part| self.at(part).target()).collect()
    }

    /// The types that it allows.
    pub(crate) fn kinds(self) -> Kinds {
        self.kinds_within(MAX_NESTED)
    }

    fn kinds_within(self, depth: usize) -> Kinds {
        let here = self.target();
        let mut kinds = Kinds::default();
        if depth == 0 {
            return kinds;
        }
        match here.here.get("type") {
            Some(Json::Text(name)) => kinds.add(name),
            Some(Json::List(names)) => {
                names.iter().filter_map(Json::as_text).for_each(|name| kinds.add(name));
            }
            _ => {}
        }
        if kinds.is_open() {
            let values = here.here.get("enum").map(Json::items).unwrap_or_default();
            values.iter().chain(here.here.get("const")).for_each(|value| kinds.add_value(value));
        }
        if kinds.is_open() {
            let alternatives: Vec<_> =
                here.alternatives().into_iter().map(|one| one.kinds_within(depth - 1)).collect();
            if !alternatives.iter().any(|kinds| kinds.is_open()) {
                for one in alternatives {
                    kinds.join(one);
                }
            }
        }
        if kinds.is_open() {
            let parts = here.parts().into_iter().map(|part| part.kinds_within(depth - 1));
            kinds = parts.into_iter().find(|kinds| !kinds.is_open()).unwrap_or_default();
        }
        if kinds.is_open() {
            kinds.object = here.here.get("properties").is_some();
            kinds.list = here.here.get("items").is_some_and(|items| {
                !here.here.members().is_empty() && matches!(items, Json::Object(_))
            });
        }
        if !kinds.is_open() && here.here.get("nullable") == Some(&Json::Bool(true)) {
            kinds.null = true;
        }
        kinds
    }

    /// The values that it allows, where it lists them.
    pub(crate) fn values(self) -> Vec<&'a Json> {
        let here = self.target().here;
        let listed = here.get("enum").map(Json::items).unwrap_or_default();
        listed.iter().chain(here.get("const")).collect()
    }

    /// The schema of the member `key` of an object.
    pub(crate) fn property(self, key: &str) -> Option<Self> {
        self.property_within(key, MAX_NESTED)
    }

    fn property_within(self, key: &str, depth: usize) -> Option<Self> {
        let here = self.target();
        if let Some(property) = here.here.get("properties").and_then(|all| all.get(key)) {
            return Some(here.at(property));
        }
        let depth = depth.checked_sub(1)?;
        let mut others = here.parts();
        others.extend(here.alternatives());
        let found = others.into_iter().find_map(|other| other.property_within(key, depth));
        found.or_else(|| {
            let other = here.here.get("additionalProperties")?;
            matches!(other, Json::Object(_)).then(|| here.at(other))
        })
    }

    /// The names of its properties, those that are required first.
    pub(crate) fn properties(self) -> Vec<(&'a str, Self, bool)> {
        let here = self.target();
        let mut found: Vec<(&str, Self, bool)> = Vec::new();
        for part in std::iter::once(here).chain(here.parts()) {
            let required = part.required();
            let members = part.here.get("properties").map(Json::members).unwrap_or_default();
            for (name, property) in members {
                let is_required = required.contains(&name.as_str());
                match found.iter_mut().find(|(known, ..)| known == name) {
                    Some(known) => known.2 |= is_required,
                    None => found.push((name, part.at(property), is_required)),
                }
            }
        }
        for part in std::iter::once(here).chain(here.parts()) {
            for name in part.required() {
                match found.iter_mut().find(|(known, ..)| *known == name) {
                    Some(known) => known.2 = true,
                    None => found.push((name, part.at(&Json::Null), true)),
                }
            }
        }
        found.sort_by_key(|(_, _, is_required)| !is_required);
        found
    }

    /// The required properties.
    fn required(self) -> Vec<&'a str> {
        let required = self.here.get("required").map(Json::items).unwrap_or_default();
        required.iter().filter_map(Json::as_text).collect()
    }

    fn item(self) -> Option<Self> {
        let here = self.target();
        here.here.get("items").map(|item| here.at(item))
    }

    /// A value from its text: the value of an argument between tags. What has none of the allowed types
    /// stays a string.
    pub(crate) fn typed_text(self, text: &str, repairs: &mut Repairs) -> Json {
        let kinds = self.kinds();
        let trimmed = text.trim();
        if kinds.is_open() {
            return json::strict(trimmed).unwrap_or_else(|| Json::Text(text.to_owned()));
        }
        if kinds.null && trimmed == "null" {
            return Json::Null;
        }
        if kinds.is_only_text() {
            return Json::Text(self.text_of(text).to_owned());
        }
        if kinds.boolean && !kinds.text {
            for (word, value) in [("true", true), ("false", false)] {
                if trimmed.eq_ignore_ascii_case(word) {
                    return Json::Bool(value);
                }
            }
        }
        if (kinds.number || kinds.integer)
            && !kinds.text
            && let Some(digits) = kinds.digits(trimmed)
        {
            return Json::Number(digits);
        }
        let may_be =
            (kinds.list && trimmed.starts_with('[')) || (kinds.object && trimmed.starts_with('{'));
        if may_be && let Some((value, found)) = json::repaired(trimmed) {
            repairs.join(found);
            return self.typed(value, repairs);
        }
        Json::Text(text.to_owned())
    }

    /// A string as it is meant: listed values without quotes around them, and a section of characters
    /// without its marks.
    fn text_of(self, text: &str) -> &str {
        let listed = self.values();
        if !listed.is_empty() {
            let trimmed = text.trim();
            let bare = trimmed.trim_matches(['"', '\'', '`']);
            let is_listed = |text: &&str| listed.iter().any(|value| value.as_text() == Some(*text));
            return [text, trimmed, bare].into_iter().find(is_listed).unwrap_or(text);
        }
        let section =
            text.trim().strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>"));
        section.filter(|inner| !inner.contains("]]>")).unwrap_or(text)
    }

    /// A value with the types that the schema allows, where another one says the same.
    pub(crate) fn typed(self, value: Json, repairs: &mut Repairs) -> Json {
        self.typed_within(value, repairs, MAX_DEPTH)
    }

    fn typed_within(self, value: Json, repairs: &mut Repairs, depth: usize) -> Json {
        let kinds = self.kinds();
        if depth == 0 {
            return value;
        }
        match value {
            Json::Object(members) => {
                if kinds.is_only_text() {
                    repairs.add(Repair::ValueType);
                    return Json::Text(Json::Object(members).text());
                }
                let typed = |(key, value): (String, Json)| {
                    let value = match self.property(&key) {
                        Some(schema) => schema.typed_within(value, repairs, depth - 1),
                        None => value,
                    };
                    (key, value)
                };
                Json::Object(members.into_iter().map(typed).collect())
            }
            Json::List(items) => {
                let item = self.item();
                let mut typed = |value| match item {
                    Some(schema) => schema.typed_within(value, repairs, depth - 1),
                    None => value,
                };
                Json::List(items.into_iter().map(&mut typed).collect())
            }
            Json::Number(ref digits) if kinds.integer && !kinds.number => match integer(digits) {
                Some(whole) => Json::Number(whole),
                None => value,
            },
            _ if kinds.takes(&value) => value,
            Json::Number(_) | Json::Bool(_) if kinds.text => {
                repairs.add(Repair::ValueType);
                Json::Text(value.text())
            }
            Json::Text(ref text) => match kinds.converted(text) {
                Some(other) => {
                    let is_nested = matches!(other, Json::List(_) | Json::Object(_));
                    repairs.add(if is_nested { Repair::DoubleEncoding } else { Repair::ValueType });
                    if is_nested { self.typed_within(other, repairs, depth - 1) } else { other }
                }
                None => value,
            },
            _ => value,
        }
    }

    /// What is wrong with a value, by its places; at most [`MAX_FAULTS`].
    pub(crate) fn faults(self, value: &Json) -> Vec<String> {
        let mut faults = Vec::new();
        self.check(
            value,
            &mut String::new(),
            &mut faults,
            &mut Left { checks: MAX_CHECKS, depth: MAX_CHECK_DEPTH },
        );
        faults
    }

    fn check(self, value: &Json, place: &mut String, faults: &mut Vec<String>, left: &mut Left) {
        if left.checks == 0 || left.depth == 0 || faults.len() >= MAX_FAULTS {
            return;
        }
        left.checks -= 1;
        left.depth -= 1;
        self.compare(value, place, faults, left);
        left.depth += 1;
    }

    fn compare(self, value: &Json, place: &mut String, faults: &mut Vec<String>, left: &mut Left) {
        let here = self.target();
        let name = |place: &str| {
            if place.is_empty() { "the arguments".to_owned() } else { format!("`{place}`") }
        };
        let kinds = here.kinds();
        if !kinds.takes(value) {
            faults.push(format!("{} must be {}", name(place), kinds.words()));
            return;
        }
        let listed = here.values();
        if !listed.is_empty() && !listed.contains(&value) {
            let values: Vec<_> = listed.iter().take(20).map(|value| value.text()).collect();
            faults.push(format!("{} must be one of {}", name(place), values.join(", ")));
            return;
        }
        let alternatives = here.alternatives();
        if !alternatives.is_empty() {
            let fits = alternatives.iter().any(|one| {
                let mut found = Vec::new();
                one.check(value, &mut place.clone(), &mut found, left);
                found.is_empty()
            });
            if !fits {
                faults.push(format!("{} fits none of the alternatives", name(place)));
            }
        }
        for part in here.parts() {
            part.check(value, place, faults, left);
        }
        let length = place.len();
        match value {
            Json::Object(members) => {
                for key in here.required().into_iter().filter(|key| value.get(key).is_none()) {
                    if faults.len() < MAX_FAULTS {
                        let lack = if length == 0 { "lack" } else { "lacks" };
                        faults.push(format!("{} {lack} `{key}`", name(place)));
                    }
                }
                let is_closed = here.here.get("additionalProperties") == Some(&Json::Bool(false));
                for (key, member) in members {
                    let _ = write!(place, "{}{key}", if length == 0 { "" } else { "." });
                    match here.property(key) {
                        Some(schema) => schema.check(member, place, faults, left),
                        None if is_closed && faults.len() < MAX_FAULTS => {
                            faults.push(format!("`{place}` is unknown"));
                        }
                        None => {}
                    }
                    place.truncate(length);
                }
            }
            Json::List(items) => {
                for (number, item) in items.iter().enumerate() {
                    let Some(schema) = here.item() else { break };
                    let _ = write!(place, "[{number}]");
                    schema.check(item, place, faults, left);
                    place.truncate(length);
                }
            }
            _ => {}
        }
    }
}

impl Kinds {
    /// The types in words.
    fn words(self) -> String {
        let all = [
            (self.text, "a string"),
            (self.integer, "an integer"),
            (self.number, "a number"),
            (self.boolean, "true or false"),
            (self.list, "a list"),
            (self.object, "an object"),
            (self.null, "null"),
        ];
        let words: Vec<_> = all.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
        words.join(" or ")
    }

    /// The number in a text, if it has an allowed type.
    fn digits(self, text: &str) -> Option<String> {
        let (digits, _) = json::number(text)?;
        if self.number { Some(digits) } else { integer(&digits) }
    }

    /// What a string stands for, if strings are not allowed.
    fn converted(self, text: &str) -> Option<Json> {
        let trimmed = text.trim();
        if (self.integer || self.number)
            && let Some(digits) = self.digits(trimmed)
        {
            return Some(Json::Number(digits));
        }
        if self.boolean
            && (trimmed.eq_ignore_ascii_case("true") || trimmed.eq_ignore_ascii_case("false"))
        {
            return Some(Json::Bool(trimmed.eq_ignore_ascii_case("true")));
        }
        let (value, _) = json::repaired(trimmed)?;
        let is_nested = matches!(value, Json::List(_) | Json::Object(_));
        (is_nested && self.takes(&value)).then_some(value)
    }
}

fn is_integer(digits: &str) -> bool {
    integer(digits).is_some()
}

/// The digits of a number that is whole; those of one that is written as such stay as they are.
fn integer(digits: &str) -> Option<String> {
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], digits[at + 1..].parse::<i32>().ok()?),
        None => (digits, 0),
    };
    if exponent == 0 && !mantissa.contains('.') {
        return Some(mantissa.to_owned());
    }
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    // How many zeros follow; more than a number of 64 bits has is no count.
    let zeros =
        usize::try_from(exponent).ok().filter(|power| *power <= 20)?.checked_sub(fraction.len())?;
    let whole = format!("{whole}{fraction}{}", "0".repeat(zeros));
    let whole = whole.trim_start_matches('0');
    Some(if whole.is_empty() { "0".to_owned() } else { format!("{sign}{whole}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(text: &str) -> Json {
        json::strict(text).expect("a schema")
    }

    fn text(schema_text: &str, text: &str) -> String {
        let root = schema(schema_text);
        Schema::new(&root).typed_text(text, &mut Repairs::default()).text()
    }

    #[test]
    fn text_gets_the_type_of_the_schema() {
        let integer = r#"{"type":"integer"}"#;
        let string = r#"{"type":"string"}"#;
        let object = r#"{"type":"object","properties":{"max":{"type":["integer","null"]}}}"#;
        for (schema, value, expected) in [
            (integer, " 10\n", "10"),
            (integer, "10.0", "10"),
            (integer, "1e3", "1000"),
            (integer, "1.5e1", "15"),
            (integer, "1.5", r#""1.5""#),
            (integer, "ten", r#""ten""#),
            (integer, "9007199254740993", "9007199254740993"),
            (integer, "007", "7"),
            (integer, "1e999999999", r#""1e999999999""#),
            (r#"{"type":"number"}"#, "-0.50e-3", "-0.50e-3"),
            (r#"{"type":"number"}"#, "NaN", r#""NaN""#),
            (r#"{"type":"boolean"}"#, "True", "true"),
            (r#"{"type":"boolean"}"#, "yes", r#""yes""#),
            (string, "123", r#""123""#),
            (string, "null", r#""null""#),
            (string, "{}", r#""{}""#),
            (string, "\"a b.txt\"", r#""\"a b.txt\"""#),
            (string, "a &lt; b", r#""a &lt; b""#),
            (string, "<![CDATA[x<y]]>", r#""x<y""#),
            (string, "a <![CDATA[x]]> b", r#""a <![CDATA[x]]> b""#),
            (string, r#"{"a": [1,2,]}"#, r#""{\"a\": [1,2,]}""#),
            (string, r"C:\new\table", r#""C:\\new\\table""#),
            (r#"{"type":["string","null"]}"#, "null", "null"),
            (r#"{"type":"string","nullable":true}"#, "null", "null"),
            (r#"{"enum":["cm","inch"]}"#, "\"cm\"", r#""cm""#),
            (r#"{"enum":["cm","inch"]}"#, "CM", r#""CM""#),
            (r#"{"type":"array"}"#, "['a', 'b',]", r#"["a","b"]"#),
            (r#"{"type":"array"}"#, "a, b", r#""a, b""#),
            (object, "{'max': None}", r#"{"max":null}"#),
            (object, r#"{"max":"5"}"#, r#"{"max":5}"#),
            (r#"{"anyOf":[{"type":"string"},{"type":"object"}]}"#, r#"{"k":1}"#, r#"{"k":1}"#),
            (r#"{"anyOf":[{"type":"string"},{"type":"object"}]}"#, "5", r#""5""#),
            ("{}", "5", "5"),
            ("{}", "five", r#""five""#),
            (r##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"integer"}}}"##, "5", "5"),
            (r##"{"$ref":"#"}"##, "5", "5"),
        ] {
            assert_eq!(text(schema, value), expected, "{schema} {value}");
        }
    }

    #[test]
    fn json_gets_the_type_of_the_schema() {
        let root = schema(
            r#"{"type":"object","properties":{"path":{"type":"string"},"limit":{"type":"integer"},
                "opts":{"type":"object","properties":{"max":{"type":"integer"}}},
                "tags":{"type":"array","items":{"type":"string"}}}}"#,
        );
        let value =
            schema(r#"{"tags":[1,"2"],"path":5,"limit":"10","opts":"{\"max\":\"3\"}","more":"1"}"#);
        let mut repairs = Repairs::default();
        let typed = Schema::new(&root).typed(value, &mut repairs);
        let expected = r#"{"tags":["1","2"],"path":"5","limit":10,"opts":{"max":3},"more":"1"}"#;
        assert_eq!(typed.text(), expected);
        assert!(repairs.has(Repair::DoubleEncoding) && repairs.has(Repair::ValueType));
    }

    #[test]
    fn faults_are_named_by_place() {
        let root = schema(
            r##"{"type":"object","required":["path"],"additionalProperties":false,"properties":{
                "path":{"type":"string"},"unit":{"enum":["cm","inch"]},
                "list":{"type":"array","items":{"$ref":"#/$defs/n"}}},"$defs":{"n":{"type":"integer"}}}"##,
        );
        let value = schema(r#"{"unit":"mm","list":[1,"x"],"more":1}"#);
        assert_eq!(
            Schema::new(&root).faults(&value),
            [
                "the arguments lack `path`",
                "`unit` must be one of \"cm\", \"inch\"",
                "`list[1]` must be an integer",
                "`more` is unknown"
            ]
        );
        assert_eq!(Schema::new(&root).faults(&schema(r#"{"path":"a"}"#)), Vec::<String>::new());
    }

    #[test]
    fn schema_that_refers_to_itself_ends() {
        let root = schema(
            r##"{"anyOf":[{"$ref":"#"},{"$ref":"#"}],"allOf":[{"$ref":"#"},{"$ref":"#"}]}"##,
        );
        let schema = Schema::new(&root);
        assert_eq!(schema.kinds(), Kinds::default());
        assert!(schema.property("a").is_none());
        assert_eq!(schema.typed_text("x", &mut Repairs::default()), Json::Text("x".to_owned()));
        assert_eq!(schema.faults(&Json::Null), Vec::<String>::new());
    }
}
