//! Models, in the three wrappings that have been seen (protocol 4.1).

use serde::Deserialize;

use crate::client::wire::lenient::{Flag, Int, List, Object, Owned};
use crate::domain::{Model, ModelAbilities};

/// `[…]`, `{data:[…]}`, `{data:{data:[…]}}` or `{data:{models:[…]}}`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum ModelList {
    /// The list itself.
    Bare(Vec<Object<WireModel>>),
    /// The list in something.
    Wrapped {
        /// What it is in.
        #[serde(alias = "models")]
        data: Box<ModelList>,
    },
}

impl ModelList {
    /// The models that can be used, in the upstream's order.
    pub(crate) fn models(self) -> Vec<Model> {
        match self {
            Self::Bare(items) => {
                items.into_iter().filter_map(|item| item.0.and_then(WireModel::model)).collect()
            }
            Self::Wrapped { data } => data.models(),
        }
    }
}

/// One model (protocol 4.2).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WireModel {
    id: Owned,
    name: Owned,
    info: Object<Info>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Info {
    meta: Object<Meta>,
    is_active: Flag,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Meta {
    description: Owned,
    short_description: Owned,
    capabilities: Object<Capabilities>,
    max_context_length: Int,
    max_generation_length: Int,
    chat_type: List<Owned>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Capabilities {
    vision: Flag,
    document: Flag,
    video: Flag,
    audio: Flag,
    thinking: Flag,
    search: Flag,
}

impl WireModel {
    fn model(self) -> Option<Model> {
        let id = self.id.non_empty()?;
        let info = self.info.0.unwrap_or_default();
        if info.is_active.0 == Some(false) {
            return None;
        }
        let meta = info.meta.0.unwrap_or_default();
        let can = meta.capabilities.0.unwrap_or_default();
        let on = |flag: Flag| flag.0 == Some(true);
        let chat_types: Vec<String> =
            meta.chat_type.0.into_iter().filter_map(Owned::non_empty).collect();
        Some(Model {
            name: self.name.non_empty().unwrap_or_else(|| id.clone()),
            id,
            description: meta.short_description.non_empty().or(meta.description.non_empty()),
            max_context_length: meta.max_context_length.unsigned(),
            max_generation_length: meta.max_generation_length.unsigned(),
            abilities: ModelAbilities {
                thinking: on(can.thinking),
                search: on(can.search) || chat_types.iter().any(|kind| kind == "search"),
                vision: on(can.vision),
                document: on(can.document),
                video: on(can.video),
                audio: on(can.audio),
            },
            chat_types,
        })
    }
}
