//! The models (protocol 4): those of the engine.

use serde_json::{Value, json};

use super::Call;
use crate::engine::Model;
use crate::local::reply::Reply;
use crate::local::routes::Kind;

/// The maximum number of tokens in a prompt, for every model.
pub(super) const MAX_CONTEXT: u64 = 262_144;

pub(super) async fn answer(call: &Call<'_>) -> Reply {
    let models = match call.state.engine.models().await {
        Ok(models) => models,
        Err(refusal) => return call.refused(&refusal),
    };
    let list: Vec<_> = models.iter().map(|model| shown(model, &call.state.account.id)).collect();
    match call.kind {
        Kind::Models => Reply::json(json!({"data": list})),
        _ => call.success(&json!({"data": list})),
    }
}

/// The default model, if the engine answers.
pub(super) async fn default_id(call: &Call<'_>) -> Option<String> {
    let models = call.state.engine.models().await.ok()?;
    models.into_iter().next().map(|model| model.id)
}

fn shown(model: &Model, user: &str) -> Value {
    let Model { id, name, description, chat_types, thinks, sees, context } = model;
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
                "max_context_length": context, "max_generation_length": 32_768,
                "max_thinking_generation_length": 81_920, "max_summary_generation_length": 32_768,
                "auto_thinking": thinks, "auto_search": searches, "thinking_format": "summary",
                "think_skip": {"enable": true}, "chat_type": chat_types, "mcp": [], "modality": ["text"],
            },
            "access_control": null, "is_active": true, "is_visitor_active": false,
            "updated_at": 1_790_000_000, "created_at": 1_780_000_000,
        },
    })
}
