//! The tools of an offer as the model gets to know them: a name that is safe in a tag and none of the
//! upstream's own, and the schema that types the arguments.

use super::json::{self, Json};
use super::schema::Schema;
use super::{Offer, Tool, ToolKind};

/// Tools that the upstream runs by itself: a call of one of these names might reach it.
const RESERVED: [&str; 21] = [
    "bash",
    "code_interpreter",
    "edit_file",
    "fetch_page",
    "generate_image",
    "image_gen",
    "image_gen_tool",
    "image_search",
    "local_tool",
    "present_file",
    "python",
    "read_file",
    "search_result",
    "slides",
    "tool_call",
    "video_gen",
    "web_extractor",
    "web_search",
    "web_search_image",
    "memory",
    "write_file",
];

/// What models write before the name of a tool.
const PREFIXES: [&str; 7] =
    ["functions.", "function.", "default_api.", "tools.", "tool.", "client-", "client."];

/// The longest name that is shown to the model.
const MAX_NAME: usize = 128;

/// A tool as the model knows it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// The client's name for it.
    pub name: String,
    /// The name that the model is told.
    pub spoken: String,
    pub description: String,
    /// The schema of the arguments.
    pub schema: Json,
    pub kind: ToolKind,
    pub strict: bool,
}

impl Known {
    /// Whether it takes free text.
    pub(crate) fn is_custom(&self) -> bool {
        matches!(self.kind, ToolKind::Custom { .. })
    }

    /// The schema of the arguments.
    pub(crate) fn schema(&self) -> Schema<'_> {
        Schema::new(&self.schema)
    }
}

/// The tools that a model may call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Toolbox {
    tools: Vec<Known>,
}

impl Toolbox {
    /// The tools of `offer`.
    pub(crate) fn new(offer: &Offer) -> Self {
        let mut tools: Vec<Known> = Vec::with_capacity(offer.tools.len());
        for tool in &offer.tools {
            let spoken = spoken(tool, |name| {
                offer.tools.iter().any(|other| other.name == name && other.name != tool.name)
                    || tools.iter().any(|other| other.spoken == name)
            });
            let schema = tool.parameters.as_ref().and_then(|text| json::repaired(text.get()));
            tools.push(Known {
                name: tool.name.clone(),
                spoken,
                description: tool.description.clone().unwrap_or_default(),
                schema: schema.map_or(Json::Object(Vec::new()), |(schema, _)| schema),
                kind: tool.kind.clone(),
                strict: tool.strict,
            });
        }
        Self { tools }
    }

    /// All of them.
    pub(crate) fn tools(&self) -> &[Known] {
        &self.tools
    }

    /// The tool that the client calls `name`.
    pub(crate) fn named(&self, name: &str) -> Option<&Known> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    /// The tool that the model means by `name`, and whether it spelled the name otherwise.
    pub(crate) fn find(&self, name: &str) -> Option<(&Known, bool)> {
        let name = name.trim();
        let exact = |name: &str| {
            let spoken = self.tools.iter().find(|tool| tool.spoken == name);
            spoken.or_else(|| self.named(name))
        };
        if let Some(tool) = exact(name) {
            return Some((tool, false));
        }
        let bare = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
        let found = [Some(name), bare].into_iter().flatten().find_map(|name| {
            exact(name)
                .or_else(|| self.only(|known| known.eq_ignore_ascii_case(name)))
                .or_else(|| self.only(|known| folded(known) == folded(name)))
        });
        let found = found.or_else(|| {
            let end = format!("__{name}");
            self.only(|known| known.ends_with(&end))
        });
        found.map(|tool| (tool, true))
    }

    /// The only tool one of whose names is like that.
    fn only(&self, is: impl Fn(&str) -> bool) -> Option<&Known> {
        let mut found = self.tools.iter().filter(|tool| is(&tool.spoken) || is(&tool.name));
        found.next().filter(|_| found.next().is_none())
    }
}

/// A name in which what models mix up is alike.
fn folded(name: &str) -> String {
    name.replace(['-', '.'], "_").to_ascii_lowercase()
}

/// The name that the model is told; `is_taken` knows those of other tools.
fn spoken(tool: &Tool, is_taken: impl Fn(&str) -> bool) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let safe = tool.name.chars().map(|c| if is_safe(c) { c } else { '_' });
    let mut name: String = safe.take(MAX_NAME).collect();
    if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(&name)) {
        name.insert_str(0, "my_");
    }
    if !is_taken(&name) {
        return name;
    }
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    numbered.into_iter().find(|name| !is_taken(name)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::ToolChoice;

    fn toolbox(names: &[&str]) -> Toolbox {
        let tool = |name: &&str| Tool {
            name: (*name).to_owned(),
            description: None,
            parameters: None,
            kind: ToolKind::Function,
            strict: false,
        };
        let tools = names.iter().map(tool).collect();
        Toolbox::new(&Offer { tools, choice: ToolChoice::Auto, parallel: true })
    }

    #[test]
    fn names_are_found_as_models_write_them() {
        for (names, written, expected) in [
            (&["read"][..], "Read", Some("read")),
            (&["read", "Read"], "READ", None),
            (&["read", "Read"], "Read", Some("Read")),
            (&["read"], "functions.read", Some("read")),
            (&["read"], "client-read", Some("read")),
            (&["read_file", "x"], "read-file", Some("read_file")),
            (&["mcp__fs__read"], "read", Some("mcp__fs__read")),
            (&["mcp__fs__read", "mcp__net__read"], "read", None),
            (&["read"], "list_dir", None),
            (&["bash"], "my_bash", Some("bash")),
            (&["bash"], "bash", Some("bash")),
            (&["bash", "my_bash"], "my_bash", Some("my_bash")),
            (&["bash", "my_bash"], "my_bash_2", Some("bash")),
            (&["bash", "my_bash"], "bash", Some("bash")),
            (&["a\"b>"], "a_b_", Some("a\"b>")),
        ] {
            let toolbox = toolbox(names);
            let found = toolbox.find(written).map(|(tool, _)| tool.name.as_str());
            assert_eq!(found, expected, "{names:?} {written}");
        }
        let long = "x".repeat(300);
        let toolbox = toolbox(&[&long, &format!("{long}y")]);
        for tool in toolbox.tools() {
            assert_eq!(toolbox.find(&tool.spoken).map(|(found, _)| &found.name), Some(&tool.name));
        }
    }
}
