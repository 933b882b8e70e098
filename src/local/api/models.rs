//! The models on offer (protocol 4). The names are invented, so that nobody takes an echo for a
//! model's answer.

use serde_json::{Value, json};

use super::Call;
use crate::local::reply::Reply;
use crate::local::routes::Kind;

/// How many tokens a prompt may have.
pub(super) const MAX_CONTEXT: u64 = 262_144;

struct Model {
    id: &'static str,
    name: &'static str,
    description: &'static str,
    chat_types: &'static [&'static str],
    thinks: bool,
    sees: bool,
}

/// In the order of the picker: the first is the default.
const MODELS: &[Model] = &[
    Model {
        id: "local-echo-max",
        name: "Local-Echo-Max",
        description: "Says back what it is told, thinks and searches when asked.",
        chat_types: &["t2t", "t2i", "search"],
        thinks: true,
        sees: true,
    },
    Model {
        id: "local-echo-plus",
        name: "Local-Echo-Plus",
        description: "Says back what it is told and thinks when asked.",
        chat_types: &["t2t", "search"],
        thinks: true,
        sees: false,
    },
    Model {
        id: "local-echo-flash",
        name: "Local-Echo-Flash",
        description: "Says back what it is told.",
        chat_types: &["t2t"],
        thinks: false,
        sees: false,
    },
];

pub(super) fn answer(call: &Call) -> Reply {
    let list: Vec<_> = MODELS.iter().map(|model| model.json(&call.state.account.id)).collect();
    match call.kind {
        Kind::Models => Reply::json(json!({"data": list})),
        _ => call.success(&json!({"data": list})),
    }
}

/// A name of the default model that is not on offer: examples in many places ask for it.
const EXAMPLE: &str = "qwen3-max";

/// The display name of a model; `None` when there is none with this id.
pub(super) fn name(id: &str) -> Option<&'static str> {
    let id = if id == EXAMPLE { default_id() } else { id };
    MODELS.iter().find(|model| model.id == id).map(|model| model.name)
}

/// The default model.
pub(super) fn default_id() -> &'static str {
    MODELS[0].id
}

impl Model {
    fn json(&self, user: &str) -> Value {
        let Self { id, name, description, chat_types, thinks, sees } = self;
        let searches = chat_types.contains(&"search");
        json!({
            "id": id, "name": name, "object": "model", "owned_by": "qwen", "preset": true, "action_ids": [],
            "info": {
                "id": id, "user_id": user, "base_model_id": null, "name": name,
                "meta": {
                    "profile_image_url": "/static/favicon.png", "description": description,
                    "short_description": description,
                    "capabilities": {"vision": sees, "document": true, "video": false, "audio": false,
                                     "citations": searches, "thinking": thinks, "search": searches},
                    "abilities": {"vision": i32::from(*sees), "document": 1, "citations": i32::from(searches),
                                  "thinking": if *thinks { 3 } else { 0 }},
                    "max_context_length": MAX_CONTEXT, "max_generation_length": 32_768,
                    "max_thinking_generation_length": 81_920, "max_summary_generation_length": 32_768,
                    "auto_thinking": thinks, "auto_search": searches, "thinking_format": "summary",
                    "think_skip": {"enable": true}, "chat_type": chat_types, "mcp": [], "modality": ["text"],
                },
                "access_control": null, "is_active": true, "is_visitor_active": false,
                "updated_at": 1_790_000_000, "created_at": 1_780_000_000,
            },
        })
    }
}
