//! From what a model wrote to a call of an offered tool: the name, the arguments with their types, and
//! what is wrong with them. A call of a tool that is not offered never comes out of here.

use super::Input;
use super::json::{self, Json, Repair, Repairs};
use super::tags::{self, Body, Candidate};
use super::toolbox::{Known, Toolbox};

/// Members that hold the name of a tool.
const NAMES: [&str; 4] = ["name", "tool", "tool_name", "function"];

/// Members that hold the arguments.
const ARGUMENTS: [&str; 5] = ["arguments", "parameters", "input", "args", "params"];

/// A call of an offered tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// The client's name of the tool.
    pub name: String,
    pub input: Input,
    pub repairs: Repairs,
    /// Why the arguments do not fit the schema.
    pub faults: Vec<String>,
    /// Whether they have to.
    pub strict: bool,
}

/// Why there is no call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The arguments cannot be read.
    Unreadable,
    /// There is no tool of this name; empty if there is no name.
    Unknown(String),
}

/// The call that `candidate` stands for; `guesses` allows repairs that may change a text.
///
/// # Errors
/// If it stands for none.
pub(crate) fn resolve(
    candidate: &Candidate,
    toolbox: &Toolbox,
    guesses: bool,
) -> Result<Resolved, Problem> {
    let mut repairs = candidate.repairs;
    let known = named(&candidate.name, toolbox, &mut repairs);
    match (&candidate.body, known) {
        (Body::Arguments(arguments), Some(tool)) => of_arguments(tool, arguments, repairs, guesses),
        (Body::Arguments(_), None) => Err(Problem::Unknown(candidate.name.clone())),
        (Body::Text(text), Some(tool)) if tool.is_custom() => {
            let call = custom(tool, of_custom(text), repairs);
            if candidate.is_closed { Ok(call) } else { Err(Problem::Unreadable) }
        }
        (Body::Text(text), known) => {
            if let Some((value, found)) = read(text, candidate.is_closed, guesses) {
                repairs.join(found);
                return of_json(known, value, &candidate.name, toolbox, repairs);
            }
            let tool = known.ok_or_else(|| Problem::Unknown(candidate.name.clone()))?;
            let arguments = of_tags(tool, text).ok_or(Problem::Unreadable)?;
            repairs.add(Repair::ArgumentForm);
            of_arguments(tool, &arguments, repairs, guesses)
        }
        (Body::Json(value), known) => {
            of_json(known, value.clone(), &candidate.name, toolbox, repairs)
        }
    }
}

fn named<'a>(name: &str, toolbox: &'a Toolbox, repairs: &mut Repairs) -> Option<&'a Known> {
    let (tool, is_other) = toolbox.find(name).filter(|_| !name.is_empty())?;
    if is_other {
        repairs.add(Repair::NameForm);
    }
    Some(tool)
}

/// Reads an object; one that may be cut off has to be whole.
fn read(text: &str, is_closed: bool, guesses: bool) -> Option<(Json, Repairs)> {
    let text = text.trim();
    if !text.starts_with(['{', '[', '"']) {
        return None;
    }
    let read = if guesses && is_closed { json::guessed(text) } else { json::repaired(text) };
    read.filter(|(_, repairs)| is_closed || !repairs.has(Repair::MissingBracket))
}

/// The arguments that stand between tags.
fn of_arguments(
    tool: &Known,
    arguments: &[(String, String)],
    mut repairs: Repairs,
    guesses: bool,
) -> Result<Resolved, Problem> {
    if tool.is_custom() {
        let input = arguments.iter().find(|(name, _)| name == "input");
        let only = || if let [only] = arguments { Some(only) } else { None };
        let input = input.or_else(only).map(|(_, text)| text.clone());
        let input = input.ok_or(Problem::Unreadable)?;
        return Ok(custom(tool, input, repairs));
    }
    let schema = tool.schema();
    if let [(name, text)] = arguments
        && ARGUMENTS.contains(&name.as_str())
        && schema.property(name).is_none()
        && let Some((Json::Object(members), found)) = read(text, true, guesses)
    {
        repairs.join(found);
        repairs.add(Repair::Wrapper);
        return Ok(typed(tool, Json::Object(members), repairs));
    }
    let mut members: Vec<(String, Json)> = Vec::with_capacity(arguments.len());
    for (name, text) in arguments {
        let value = match schema.property(name) {
            Some(property) => property.typed_text(text, &mut repairs),
            None => json::strict(text.trim()).unwrap_or_else(|| Json::Text(text.clone())),
        };
        match members.iter_mut().find(|(known, _)| known == name) {
            Some((_, earlier)) => {
                repairs.add(Repair::Duplicate);
                *earlier = value;
            }
            None => members.push((name.clone(), value)),
        }
    }
    Ok(finished(tool, &Json::Object(members), repairs))
}

/// The arguments that stand in tags with their own names, if the text is nothing but that.
fn of_tags(tool: &Known, text: &str) -> Option<Vec<(String, String)>> {
    let schema = tool.schema();
    let mut rest = text.trim();
    let mut arguments = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.strip_prefix('<')?.split_once('>')?;
        let is_known = schema.properties().iter().any(|(known, ..)| *known == name);
        let (value, after) = after.split_once(&format!("</{name}>")).filter(|_| is_known)?;
        arguments.push((name.to_owned(), tags::value(value).to_owned()));
        rest = after.trim_start();
    }
    (!arguments.is_empty()).then_some(arguments)
}

/// The text for a custom tool, which may stand in an object.
fn of_custom(text: &str) -> String {
    let wrapped = json::repaired(text.trim());
    let members = wrapped.as_ref().map(|(value, _)| value.members()).unwrap_or_default();
    match members {
        [(name, Json::Text(input))] if name == "input" => input.clone(),
        _ => tags::value(text).to_owned(),
    }
}

fn of_json(
    known: Option<&Known>,
    value: Json,
    name: &str,
    toolbox: &Toolbox,
    mut repairs: Repairs,
) -> Result<Resolved, Problem> {
    let value = parsed_once(value, &mut repairs);
    let is_plain = known.is_some_and(|tool| {
        let names = tool.schema().properties();
        value.members().iter().any(|(key, _)| names.iter().any(|(name, ..)| name == key))
    });
    if !is_plain
        && let Some((tool, arguments)) = of_named(&value, toolbox, &mut repairs)
        && known.is_none_or(|known| known.name == tool.name)
    {
        return arguments_of(tool, arguments, repairs);
    }
    let tool = known.ok_or_else(|| {
        let named = NAMES.iter().find_map(|key| value.get(key)?.as_text());
        Problem::Unknown(named.unwrap_or(name).to_owned())
    })?;
    if let [(key, inner)] = value.members()
        && !is_plain
        && !tool.is_custom()
        && ARGUMENTS.contains(&key.as_str())
    {
        let inner = parsed_once(inner.clone(), &mut repairs);
        if matches!(inner, Json::Object(_)) {
            repairs.add(Repair::Wrapper);
            return Ok(typed(tool, inner, repairs));
        }
    }
    arguments_of(tool, value, repairs)
}

/// A value without the string around it, if that is JSON.
fn parsed_once(value: Json, repairs: &mut Repairs) -> Json {
    let parsed = value.as_text().and_then(|text| json::repaired(text.trim()));
    match parsed {
        Some((inner @ Json::Object(_), found)) => {
            repairs.add(Repair::DoubleEncoding);
            repairs.join(found);
            inner
        }
        _ => value,
    }
}

/// The tool that an object names, and the arguments beside the name.
fn of_named<'a>(
    value: &Json,
    toolbox: &'a Toolbox,
    repairs: &mut Repairs,
) -> Option<(&'a Known, Json)> {
    let value = match value.get("function") {
        Some(inner @ Json::Object(_)) => inner,
        _ => value,
    };
    let (key, name) = NAMES.iter().find_map(|key| Some((*key, value.get(key)?)))?;
    let arguments = ARGUMENTS.iter().find_map(|key| value.get(key));
    if let (Json::Object(_), Some(Json::Text(other))) = (name, arguments) {
        // The other way round.
        let tool = named(other, toolbox, repairs)?;
        repairs.add(Repair::NamePlace);
        return Some((tool, name.clone()));
    }
    let tool = named(name.as_text()?, toolbox, repairs)?;
    repairs.add(Repair::NamePlace);
    let beside = || {
        let is_other = |name: &str| ![key, "id", "type"].contains(&name);
        let members = value.members().iter().filter(|(name, _)| is_other(name));
        Json::Object(members.cloned().collect())
    };
    Some((tool, arguments.cloned().unwrap_or_else(beside)))
}

fn arguments_of(tool: &Known, value: Json, mut repairs: Repairs) -> Result<Resolved, Problem> {
    if tool.is_custom() {
        let input = match value {
            Json::Text(text) => text,
            Json::Object(ref members) => match &members[..] {
                [(_, Json::Text(text))] => text.clone(),
                _ => value.text(),
            },
            _ => return Err(Problem::Unreadable),
        };
        return Ok(custom(tool, input, repairs));
    }
    match parsed_once(value, &mut repairs) {
        Json::Null => Ok(finished(tool, &Json::Object(Vec::new()), repairs)),
        value @ Json::Object(_) => Ok(typed(tool, value, repairs)),
        _ => Err(Problem::Unreadable),
    }
}

fn typed(tool: &Known, value: Json, mut repairs: Repairs) -> Resolved {
    let value = tool.schema().typed(value, &mut repairs);
    finished(tool, &value, repairs)
}

fn finished(tool: &Known, value: &Json, repairs: Repairs) -> Resolved {
    let faults = tool.schema().faults(value);
    let input = Input::Json(value.text());
    Resolved { name: tool.name.clone(), input, repairs, faults, strict: tool.strict }
}

fn custom(tool: &Known, input: String, repairs: Repairs) -> Resolved {
    let (name, strict) = (tool.name.clone(), tool.strict);
    Resolved { name, input: Input::Text(input), repairs, faults: Vec::new(), strict }
}
