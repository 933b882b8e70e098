//! Reads the tools that a request offers, and the form of the answer that it demands, as the three APIs
//! write them.
//!
//! Tools that the server of such an API would run are ignored with a warning, unless the request demands
//! one. Unknown members and kinds never end a request.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::input::{shown, unsupported};
use super::params::searches;
use crate::server::body::{Members, member_error as bad};
use crate::server::http::response::ErrorResponse;
use crate::tools::{Format, Offer, Tool, ToolChoice, ToolKind, flat};

/// The most tools of one request.
const MAX_TOOLS: usize = 1024;

/// What a request says about tools.
#[derive(Debug)]
pub(crate) struct Offered {
    /// The tools of the client, and how the model may use them.
    pub offer: Offer,
    /// The tools that have a form of their own in the Responses API.
    pub forms: Forms,
    /// Whether the web search is on offer, and nothing else.
    pub searches: bool,
    /// Whether the tools are `functions`, as OpenAI had them first.
    pub is_legacy: bool,
    /// What is ignored.
    pub ignored: Vec<String>,
}

/// The tools with a form of their own in the Responses API, by the names that the model knows.
pub(crate) type Forms = BTreeMap<String, Form>;

/// A form of a tool in the Responses API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// A function of a namespace.
    Within { space: String, name: String },
    /// The shell of older clients.
    LocalShell,
    /// The shell.
    Shell,
    /// The patches of files.
    ApplyPatch,
}

/// A tool as a request writes it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RawTool<'a> {
    r#type: Option<String>,
    name: Option<String>,
    description: Option<String>,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    #[serde(borrow)]
    input_schema: Option<&'a RawValue>,
    strict: Option<bool>,
    format: Option<Value>,
    #[serde(borrow)]
    function: Option<Box<RawTool<'a>>>,
    #[serde(borrow)]
    custom: Option<Box<RawTool<'a>>>,
    #[serde(borrow)]
    tools: Vec<&'a RawValue>,
}

/// Reads what a request says about tools.
///
/// # Errors
/// If a tool cannot be read, two have one name, the server is `strict` and ignores one, or the choice
/// demands a tool that is not on offer.
pub(crate) fn read(members: &Members, strict: bool) -> Result<Offered, ErrorResponse> {
    let mut reader = Reader::default();
    reader.list(members, "tools")?;
    // A client may bring more tools in the middle of its input.
    for (number, item) in
        members.get("input").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        if item["type"] == "additional_tools" {
            let list = to_raw(&item["tools"])?;
            reader.read_list(&list, &format!("input[{number}].tools"))?;
        }
    }
    let is_legacy = reader.tools.is_empty() && members.get("functions").is_some();
    if is_legacy {
        reader.list(members, "functions")?;
    }
    let Reader { mut tools, forms, mut searches, mut ignored } = reader;
    if tools.len() > MAX_TOOLS {
        return Err(bad("tools", &format!("holds more than {MAX_TOOLS} tools")));
    }
    let mut names = HashSet::new();
    if let Some(twice) = tools.iter().find(|tool| !names.insert(tool.name.as_str())) {
        return Err(bad(
            "tools",
            &format!("holds two tools with the name `{}`", shown(&twice.name)),
        ));
    }
    // Beside tools of the client, a search of the upstream would answer in its place.
    if !tools.is_empty() {
        ignored.append(&mut searches);
    }
    if let Some(place) = ignored.first().filter(|_| strict) {
        return Err(unsupported(place, "is not supported, and this server is strict"));
    }
    let (member, choice) = match (members.get("tool_choice"), members.get("function_call")) {
        (None, Some(choice)) => ("function_call", choice),
        (choice, _) => ("tool_choice", choice.unwrap_or(&Value::Null)),
    };
    let searches = !searches.is_empty();
    let choice = read_choice(member, choice, &mut tools, searches)?;
    let one_only = members.get("parallel_tool_calls").is_some_and(|parallel| parallel == false)
        || members.get("tool_choice").is_some_and(|c| c["disable_parallel_tool_use"] == true);
    let offer = Offer { tools, choice, parallel: !one_only && !is_legacy };
    Ok(Offered { offer, forms, searches, is_legacy, ignored })
}

#[derive(Default)]
struct Reader {
    tools: Vec<Tool>,
    forms: Forms,
    searches: Vec<String>,
    ignored: Vec<String>,
}

impl Reader {
    fn list(&mut self, members: &Members, name: &str) -> Result<(), ErrorResponse> {
        match members.raw(name) {
            Some(list) => self.read_list(&list, name),
            None => Ok(()),
        }
    }

    fn read_list(&mut self, list: &RawValue, name: &str) -> Result<(), ErrorResponse> {
        let tools: Option<Vec<&RawValue>> =
            serde_json::from_str(list.get()).map_err(|_| bad(name, "must be a list of tools"))?;
        for (number, tool) in tools.unwrap_or_default().into_iter().enumerate() {
            self.tool(tool, &format!("{name}[{number}]"), None)?;
        }
        Ok(())
    }

    fn tool(&mut self, raw: &RawValue, at: &str, space: Option<&str>) -> Result<(), ErrorResponse> {
        let tool: RawTool<'_> =
            serde_json::from_str(raw.get()).map_err(|_| bad(at, "must be a tool"))?;
        let kind = tool.r#type.as_deref().unwrap_or_default();
        let is_anthropic = tool.input_schema.is_some();
        match kind {
            "" | "function" => {
                let place =
                    if tool.function.is_some() { format!("{at}.function") } else { at.to_owned() };
                let inner = tool.function.as_deref().unwrap_or(&tool);
                self.function(inner, &place, space)
            }
            "custom" if is_anthropic => self.function(&tool, at, space),
            "custom" => {
                let place =
                    if tool.custom.is_some() { format!("{at}.custom") } else { at.to_owned() };
                let inner = tool.custom.as_deref().unwrap_or(&tool);
                let format = inner.format.as_ref().unwrap_or(&Value::Null);
                let grammar = [&format["grammar"]["definition"], &format["definition"]];
                let grammar = grammar.into_iter().find_map(Value::as_str).map(str::to_owned);
                let name = name_of(inner, &place)?;
                let tool = Tool {
                    kind: ToolKind::Custom { grammar },
                    parameters: None,
                    ..tool_of(inner, name)
                };
                self.tools.push(tool);
                Ok(())
            }
            "namespace" => {
                let space = name_of(&tool, at)?;
                for (number, inner) in tool.tools.iter().enumerate() {
                    self.tool(inner, &format!("{at}.tools[{number}]"), Some(&space))?;
                }
                Ok(())
            }
            "local_shell" => self.own(kind, Form::LocalShell, LOCAL_SHELL, at),
            "shell" => self.own(kind, Form::Shell, SHELL, at),
            "apply_patch" => self.own(kind, Form::ApplyPatch, APPLY_PATCH, at),
            _ if kind.starts_with("computer") => {
                let why = "is a tool for a screen, and there is none";
                Err(unsupported(&format!("{at}.type"), why))
            }
            _ if searches_web(kind) => {
                self.searches.push(format!("{at} ({})", shown(kind)));
                Ok(())
            }
            _ => match TYPED.iter().find(|(start, ..)| kind.starts_with(start)) {
                Some((_, about, schema)) => {
                    let name = name_of(&tool, at)?;
                    let described =
                        Tool { description: Some((*about).to_owned()), ..tool_of(&tool, name) };
                    self.tools.push(Tool { parameters: schema_of(schema, at)?, ..described });
                    Ok(())
                }
                // It may be a function of a kind that came later.
                None if is_anthropic => self.function(&tool, at, space),
                None => {
                    self.ignored.push(format!("{at} ({})", shown(kind)));
                    Ok(())
                }
            },
        }
    }

    fn function(
        &mut self,
        tool: &RawTool<'_>,
        at: &str,
        space: Option<&str>,
    ) -> Result<(), ErrorResponse> {
        let own = name_of(tool, at)?;
        let name = space.map_or_else(|| own.clone(), |space| flat(space, &own));
        if let Some(space) = space {
            let form = Form::Within { space: space.to_owned(), name: own };
            self.forms.insert(name.clone(), form);
        }
        self.tools.push(tool_of(tool, name));
        Ok(())
    }

    /// A tool whose schema the API knows.
    fn own(&mut self, name: &str, form: Form, schema: &str, at: &str) -> Result<(), ErrorResponse> {
        let raw = RawTool { name: Some(name.to_owned()), ..RawTool::default() };
        let about = Some(ABOUT_OWN.to_owned()).filter(|_| form == Form::ApplyPatch);
        let parameters = schema_of(schema, at)?;
        self.forms.insert(name.to_owned(), form);
        self.tools.push(Tool { parameters, description: about, ..tool_of(&raw, name.to_owned()) });
        Ok(())
    }
}

fn searches_web(kind: &str) -> bool {
    searches(&serde_json::json!({"type": kind}))
}

fn name_of(tool: &RawTool<'_>, at: &str) -> Result<String, ErrorResponse> {
    match &tool.name {
        Some(name) if !name.is_empty() => Ok(name.clone()),
        Some(_) => Err(bad(&format!("{at}.name"), "is empty")),
        None => Err(bad(&format!("{at}.name"), "is missing")),
    }
}

fn tool_of(tool: &RawTool<'_>, name: String) -> Tool {
    Tool {
        name,
        description: tool.description.clone().filter(|text| !text.is_empty()),
        parameters: tool.parameters.or(tool.input_schema).map(ToOwned::to_owned),
        kind: ToolKind::Function,
        strict: tool.strict.unwrap_or(false),
    }
}

fn schema_of(schema: &str, at: &str) -> Result<Option<Box<RawValue>>, ErrorResponse> {
    RawValue::from_string(schema.to_owned()).map(Some).map_err(|_| bad(at, "has no schema"))
}

fn to_raw(value: &Value) -> Result<Box<RawValue>, ErrorResponse> {
    serde_json::value::to_raw_value(value).map_err(|_| bad("input", "must be JSON"))
}

/// Reads which tool the model has to call. `allowed_tools` leaves only those on offer.
fn read_choice(
    member: &str,
    choice: &Value,
    tools: &mut Vec<Tool>,
    searches: bool,
) -> Result<ToolChoice, ErrorResponse> {
    let word = choice.as_str().or_else(|| choice["type"].as_str());
    // The oldest form has only a name.
    let word = word.or(choice["name"].is_string().then_some("function"));
    let demanded = match word {
        _ if choice.is_null() => return Ok(ToolChoice::Auto),
        Some("none") => return Ok(ToolChoice::None),
        Some("auto") => return Ok(ToolChoice::Auto),
        Some("required" | "any") => ToolChoice::Required,
        Some("function" | "custom" | "tool") => {
            let kind = word.unwrap_or_default();
            let name = [&choice["name"], &choice[kind]["name"]].into_iter().find_map(Value::as_str);
            let name = name.ok_or_else(|| bad(&format!("{member}.name"), "is missing"))?;
            match choice["namespace"].as_str() {
                Some(space) => ToolChoice::Named(flat(space, name)),
                None => ToolChoice::Named(name.to_owned()),
            }
        }
        Some("allowed_tools") => {
            let nested = &choice["allowed_tools"];
            let allowed = if nested.is_object() { nested } else { choice };
            let list = allowed["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
            let name_of = |tool: &Value| {
                [&tool["name"], &tool["function"]["name"], &tool["custom"]["name"]]
                    .into_iter()
                    .find_map(|name| name.as_str().map(str::to_owned))
            };
            let names: HashSet<_> = list.iter().filter_map(name_of).collect();
            tools.retain(|tool| names.contains(&tool.name));
            return read_choice(member, &allowed["mode"], tools, searches);
        }
        // A search is made of every prompt if it is on.
        Some(kind) if searches && searches_web(kind) => return Ok(ToolChoice::Auto),
        Some(kind) if tools.iter().any(|tool| tool.name == kind) => {
            ToolChoice::Named(kind.to_owned())
        }
        _ => return Err(unsupported(member, "demands a tool that the model cannot call")),
    };
    let is_there = match &demanded {
        ToolChoice::Named(name) => tools.iter().any(|tool| tool.name == *name),
        _ => !tools.is_empty(),
    };
    if is_there {
        return Ok(demanded);
    }
    if searches && demanded == ToolChoice::Required {
        return Ok(ToolChoice::Auto);
    }
    Err(unsupported(member, "demands a tool, and it is not on offer"))
}

/// The form of the answer that a request demands, as each of the APIs writes it; `None` for text.
///
/// # Errors
/// If the form is unknown, or the schema is not one.
pub(crate) fn read_format(members: &Members) -> Result<Option<Format>, ErrorResponse> {
    let (member, found) = if let Some(format) = members.raw("response_format") {
        ("response_format", format)
    } else if let Some(format) = within(members, "text") {
        ("text.format", format)
    } else if let Some(format) = within(members, "output_config") {
        ("output_config.format", format)
    } else if let Some(format) = members.raw("output_format") {
        ("output_format", format)
    } else {
        return Ok(None);
    };
    let format: RawFormat<'_> =
        serde_json::from_str(found.get()).map_err(|_| bad(member, "must be an object"))?;
    match format.r#type.as_deref() {
        None | Some("text") => Ok(None),
        Some("json_object") => Ok(Some(Format::Json)),
        Some("json_schema") => {
            let inner = format.json_schema.as_deref().unwrap_or(&format);
            let place = format!("{member}.schema");
            let schema = inner.schema.ok_or_else(|| bad(&place, "is missing"))?;
            match serde_json::from_str::<Value>(schema.get()) {
                Ok(Value::Object(read)) if is_remote(&Value::Object(read.clone()), 0) => {
                    return Err(unsupported(
                        &place,
                        "refers to another document, and none is read",
                    ));
                }
                Ok(Value::Object(_) | Value::Bool(_)) => {}
                _ => return Err(bad(&place, "must be a JSON schema")),
            }
            Ok(Some(Format::Schema {
                name: inner.name.clone().unwrap_or_else(|| "answer".to_owned()),
                schema: schema.to_owned(),
                // Anthropic's API has no other.
                strict: inner.strict.unwrap_or(member.starts_with("output_")),
            }))
        }
        Some(_) => Err(unsupported(&format!("{member}.type"), "is not a known format")),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawFormat<'a> {
    r#type: Option<String>,
    name: Option<String>,
    strict: Option<bool>,
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
    #[serde(borrow)]
    json_schema: Option<Box<RawFormat<'a>>>,
}

/// The member `format` of the member `name`.
fn within(members: &Members, name: &str) -> Option<Box<RawValue>> {
    let outer = members.raw(name)?;
    let inner: Map<String, Value> = serde_json::from_str(outer.get()).ok()?;
    inner.get("format").filter(|format| !format.is_null())?;
    let raw: BTreeMap<String, &RawValue> = serde_json::from_str(outer.get()).ok()?;
    raw.get("format").map(|format| (*format).to_owned())
}

/// How deep a schema is searched for references.
const DEPTH: usize = 64;

/// Whether a schema refers to another document.
fn is_remote(schema: &Value, depth: usize) -> bool {
    if depth > DEPTH {
        return false;
    }
    match schema {
        Value::Object(members) => members.iter().any(|(name, value)| {
            (name == "$ref" && value.as_str().is_some_and(|to| !to.starts_with('#')))
                || is_remote(value, depth + 1)
        }),
        Value::Array(items) => items.iter().any(|item| is_remote(item, depth + 1)),
        _ => false,
    }
}

/// Tools of Anthropic's API that come without a schema: the start of the type, a description, the schema.
const TYPED: [(&str, &str, &str); 3] = [
    (
        "bash_",
        "Runs a command in a bash shell that stays open between calls.",
        r#"{"type":"object","properties":{"command":{"type":"string","description":"The command. Required unless the shell is restarted."},"restart":{"type":"boolean","description":"Whether to restart the shell."}}}"#,
    ),
    (
        "text_editor_",
        "Views, creates and edits text files.",
        r#"{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert"]},"path":{"type":"string","description":"The absolute path of a file or directory."},"view_range":{"type":"array","items":{"type":"integer"},"description":"For view: the first and the last line."},"file_text":{"type":"string","description":"For create: the whole text."},"old_str":{"type":"string","description":"For str_replace: the text to replace, which occurs once."},"new_str":{"type":"string","description":"For str_replace: the new text."},"insert_line":{"type":"integer","description":"For insert: the line after which the text is inserted."},"insert_text":{"type":"string","description":"For insert: the text."}},"required":["command","path"]}"#,
    ),
    (
        "memory_",
        "Keeps notes in files below /memories.",
        r#"{"type":"object","properties":{"command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},"path":{"type":"string"},"view_range":{"type":"array","items":{"type":"integer"}},"file_text":{"type":"string"},"old_str":{"type":"string"},"new_str":{"type":"string"},"insert_line":{"type":"integer"},"insert_text":{"type":"string"},"old_path":{"type":"string"},"new_path":{"type":"string"}},"required":["command"]}"#,
    ),
];

/// What the tool for patches of the Responses API takes.
const ABOUT_OWN: &str = "Creates, updates or deletes one file. `diff` is in the V4A format: lines that \
    begin with a space, + or -, in sections that begin with @@.";
const APPLY_PATCH: &str = r#"{"type":"object","properties":{"type":{"type":"string","enum":["create_file","update_file","delete_file"]},"path":{"type":"string"},"diff":{"type":"string"}},"required":["type","path"]}"#;
const LOCAL_SHELL: &str = r#"{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"},"description":"The program and its arguments."},"timeout_ms":{"type":"integer"},"working_directory":{"type":"string"}},"required":["command"]}"#;
const SHELL: &str = r#"{"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"},"description":"Shell commands."},"timeout_ms":{"type":"integer"},"max_output_length":{"type":"integer"}},"required":["commands"]}"#;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn offered(body: &Value) -> Result<Offered, ErrorResponse> {
        read(&Members::of(body.clone()), false)
    }

    /// The names and kinds of the tools, and the rest in short.
    fn told(body: &Value) -> (Vec<String>, ToolChoice, bool) {
        let Offer { tools, choice, parallel } = offered(body).expect("an offer").offer;
        (tools.into_iter().map(|tool| tool.name).collect(), choice, parallel)
    }

    #[test]
    fn tools_are_read_in_the_forms_of_all_three_apis() {
        let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}});
        let chat = json!({"type": "function", "function": {"name": "f", "description": "d", "parameters": schema, "strict": true}});
        let flat = json!({"type": "function", "name": "f", "description": "d", "parameters": schema, "strict": true});
        let anthropic =
            json!({"name": "f", "description": "d", "input_schema": schema, "strict": true});
        let named = json!({"type": "custom", "name": "f", "description": "d", "input_schema": schema, "strict": true});
        for tool in [chat, flat, anthropic, named] {
            let offer = offered(&json!({"tools": [tool]})).expect("an offer").offer;
            let read = &offer.tools[0];
            assert_eq!((read.name.as_str(), read.description.as_deref()), ("f", Some("d")));
            assert_eq!((read.kind.clone(), read.strict), (ToolKind::Function, true));
            let parameters = read.parameters.as_ref().expect("a schema").get();
            assert_eq!(serde_json::from_str::<Value>(parameters).expect("JSON"), schema, "{tool}");
        }
        let grammar = json!({"type": "grammar", "syntax": "lark", "definition": "start: /x/"});
        let nested =
            json!({"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: /x/"}});
        for tool in [
            json!({"type": "custom", "name": "p", "format": grammar}),
            json!({"type": "custom", "custom": {"name": "p", "format": nested}}),
        ] {
            let offer = offered(&json!({"tools": [tool]})).expect("an offer").offer;
            let kind = ToolKind::Custom { grammar: Some("start: /x/".to_owned()) };
            assert_eq!((offer.tools[0].name.as_str(), offer.tools[0].kind.clone()), ("p", kind));
        }
        let legacy = offered(
            &json!({"functions": [{"name": "f", "parameters": schema}], "function_call": {"name": "f"}}),
        );
        let legacy = legacy.expect("an offer");
        assert!(legacy.is_legacy && !legacy.offer.parallel);
        assert_eq!(legacy.offer.choice, ToolChoice::Named("f".to_owned()));
    }

    #[test]
    fn namespaces_and_typed_tools_are_functions_to_the_model() {
        let inner = |name: &str| json!({"type": "function", "name": name, "parameters": {}});
        let read = offered(&json!({"tools": [
            {"type": "namespace", "name": "mcp__fs__", "tools": [inner("read"), inner("list")]},
            {"type": "namespace", "name": "agents", "tools": [inner("spawn")]},
            {"type": "bash_20250124", "name": "bash"},
            {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
            {"type": "local_shell"},
            {"type": "apply_patch"},
        ]}))
        .expect("an offer");
        let names: Vec<_> = read.offer.tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "mcp__fs__read",
                "mcp__fs__list",
                "agents__spawn",
                "bash",
                "str_replace_based_edit_tool",
                "local_shell",
                "apply_patch"
            ]
        );
        let within = Form::Within { space: "agents".to_owned(), name: "spawn".to_owned() };
        assert_eq!(read.forms.get("agents__spawn"), Some(&within));
        assert!(read.offer.tools.iter().all(|tool| tool.parameters.is_some()));
        for (_, _, schema) in TYPED {
            assert!(serde_json::from_str::<Value>(schema).is_ok(), "{schema}");
        }
        let more = json!({"input": [{"type": "additional_tools", "role": "developer", "tools": [inner("late")]}]});
        assert_eq!(told(&more).0, ["late"]);
    }

    #[test]
    fn the_choice_is_read_in_all_forms() {
        let tools = json!([{"name": "f"}, {"type": "custom", "name": "g"}]);
        let named = || ToolChoice::Named("f".to_owned());
        let all = vec!["f", "g"];
        for (choice, names, expected) in [
            (json!(null), all.clone(), ToolChoice::Auto),
            (json!("none"), all.clone(), ToolChoice::None),
            (json!("required"), all.clone(), ToolChoice::Required),
            (json!({"type": "any"}), all.clone(), ToolChoice::Required),
            (json!({"type": "tool", "name": "f"}), all.clone(), named()),
            (json!({"type": "function", "function": {"name": "f"}}), all.clone(), named()),
            (json!({"type": "function", "name": "f"}), all.clone(), named()),
            (
                json!({"type": "custom", "custom": {"name": "g"}}),
                all.clone(),
                ToolChoice::Named("g".to_owned()),
            ),
            (
                json!({"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]}),
                vec!["f"],
                ToolChoice::Required,
            ),
            (
                json!({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "custom", "custom": {"name": "g"}}]}}),
                vec!["g"],
                ToolChoice::Auto,
            ),
        ] {
            let read = told(&json!({"tools": tools, "tool_choice": choice}));
            assert_eq!(
                (read.0, read.1),
                (names.into_iter().map(str::to_owned).collect(), expected),
                "{choice}"
            );
        }
        assert!(!told(&json!({"tools": tools, "parallel_tool_calls": false})).2);
        let one = json!({"type": "auto", "disable_parallel_tool_use": true});
        assert!(!told(&json!({"tools": tools, "tool_choice": one})).2);
    }

    #[test]
    fn what_cannot_be_offered_is_refused_or_named() {
        for (body, place) in [
            (json!({"tools": [{"name": "f"}, {"name": "f"}]}), "`tools` holds two"),
            (json!({"tools": "f"}), "`tools` must"),
            (json!({"tools": [7]}), "`tools[0]` must"),
            (
                json!({"tools": [{"type": "function", "function": {}}]}),
                "`tools[0].function.name` is missing",
            ),
            (
                json!({"tools": [{"type": "computer_20250124", "name": "computer"}]}),
                "`tools[0].type` is",
            ),
            (
                json!({"tools": [{"name": "f"}], "tool_choice": {"type": "tool", "name": "g"}}),
                "`tool_choice` demands",
            ),
            (json!({"tool_choice": "required"}), "`tool_choice` demands"),
            (
                json!({"tools": [{"type": "file_search"}], "tool_choice": {"type": "file_search"}}),
                "`tool_choice` demands",
            ),
        ] {
            let refusal = offered(&body).expect_err("refused");
            assert!(refusal.error.message().starts_with(place), "{body}: {refusal}");
        }
        let hosted =
            json!({"tools": [{"type": "web_search"}, {"type": "image_generation"}, {"name": "f"}]});
        let read = offered(&hosted).expect("an offer");
        assert_eq!(read.ignored, ["tools[1] (image_generation)", "tools[0] (web_search)"]);
        assert!(!read.searches);
        let alone =
            offered(&json!({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}));
        assert!(alone.expect("an offer").searches);
        assert!(read_strictly(&hosted).is_err());
    }

    fn read_strictly(body: &Value) -> Result<Offered, ErrorResponse> {
        read(&Members::of(body.clone()), true)
    }

    #[test]
    fn formats_are_read_in_the_forms_of_all_three_apis() {
        let schema = json!({"type": "object"});
        for (body, is_strict) in [
            (
                json!({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": true}}}),
                true,
            ),
            (
                json!({"text": {"format": {"type": "json_schema", "name": "x", "schema": schema}}}),
                false,
            ),
            (
                json!({"output_config": {"effort": "low", "format": {"type": "json_schema", "schema": schema}}}),
                true,
            ),
            (json!({"output_format": {"type": "json_schema", "schema": schema}}), true),
        ] {
            let read =
                read_format(&Members::of(body.clone())).expect("a format").expect("a schema");
            let Format::Schema { schema: read, strict, .. } = read else { panic!("{body}") };
            assert_eq!((read.get(), strict), (schema.to_string().as_str(), is_strict), "{body}");
        }
        let none = json!({"text": {"verbosity": "low"}, "output_config": {"effort": "low"}});
        assert!(matches!(read_format(&Members::of(none)), Ok(None)));
        let remote = json!({"$ref": "https://pages.example/schema"});
        let remote = json!({"output_format": {"type": "json_schema", "schema": {"items": remote}}});
        assert!(read_format(&Members::of(remote)).is_err());
    }
}
