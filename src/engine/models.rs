//! The models of an engine: a list that is refreshed now and then, and the names that map to them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::failure::{Cause, Failure};
use super::http::Connection;
use super::request::Dialect;
use super::{EXAMPLE_MODEL, MADE_UP, Model, ModelMap, Refusal};

/// How long a list stays fresh.
const FRESH: Duration = Duration::from_secs(30);
/// How long a failure is repeated without another request: long enough for concurrent callers.
const FAILED: Duration = Duration::from_millis(300);
/// How many models are listed.
const MAX_MODELS: usize = 500;
/// The longest name of a model, in bytes.
const MAX_NAME: usize = 128;
/// The models.
#[derive(Debug)]
pub(super) struct Catalog {
    map: ModelMap,
    context: Option<u64>,
    dialect: Dialect,
    /// The holder of the lock requests the list; the others wait for it.
    listed: Mutex<Option<Listed>>,
}

/// A model of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Its id at the engine.
    pub id: String,
    /// Its context window, in tokens.
    pub context: u64,
}

#[derive(Debug)]
struct Listed {
    at: Instant,
    list: Result<Arc<Vec<Found>>, Unlisted>,
}

/// Why there is no list.
#[derive(Debug, Clone)]
struct Unlisted {
    refusal: Refusal,
    /// Whether the engine has no list at all. It may answer all the same.
    is_missing: bool,
}

impl Catalog {
    /// Sends no request yet.
    pub(super) fn new(map: ModelMap, context: Option<u64>, dialect: Dialect) -> Self {
        Self { map, context, dialect, listed: Mutex::default() }
    }

    /// The models on offer, the default first.
    ///
    /// # Errors
    /// If the engine does not answer, or has no model.
    pub(super) async fn models(&self, connection: &Connection) -> Result<Vec<Model>, Refusal> {
        let list = self.list(connection).await.map_err(|unlisted| unlisted.refusal)?;
        let default = self.map.default.iter().map(|id| self.found(&list, id));
        let mut offered: Vec<(String, Found)> =
            default.chain(list.iter().cloned()).map(|found| (found.id.clone(), found)).collect();
        for (name, id) in &self.map.pairs {
            offered.push((name.clone(), self.found(&list, id)));
        }
        let mut known = std::collections::HashSet::new();
        offered.retain(|(name, _)| known.insert(name.clone()));
        if offered.is_empty() {
            let details = format!("{} has no model: load one first", connection.place());
            return Err(Refusal { code: "Bad_Request", details, retry_after: None });
        }
        Ok(offered.into_iter().map(|(name, found)| self.shown(connection, name, &found)).collect())
    }

    /// The engine's model for this name; `None` if there is none.
    ///
    /// # Errors
    /// If the engine does not answer and the map has no such name.
    pub(super) async fn find(
        &self,
        connection: &Connection,
        name: &str,
    ) -> Result<Option<Found>, Refusal> {
        let list = self.list(connection).await;
        let known = list.as_ref().map_or(&[][..], |list| list.as_slice());
        if let Some((_, id)) = self.map.pairs.iter().find(|(pair, _)| pair == name) {
            return Ok(Some(self.found(known, id)));
        }
        // Ollama adds this to a name without a tag.
        let latest = format!("{name}:latest");
        if let Some(found) = known.iter().find(|found| found.id == name || found.id == latest) {
            return Ok(Some(found.clone()));
        }
        if let Some(id) = &self.map.default {
            return Ok(Some(self.found(known, id)));
        }
        let means_any = name == EXAMPLE_MODEL || name.starts_with(MADE_UP);
        let is_missing =
            list.as_ref().map_or_else(|unlisted| unlisted.is_missing, |list| list.is_empty());
        if is_missing && !means_any {
            return Ok(Some(self.found(known, name)));
        }
        let list = list.map_err(|unlisted| unlisted.refusal)?;
        Ok(list.first().filter(|_| means_any).cloned())
    }

    async fn list(&self, connection: &Connection) -> Result<Arc<Vec<Found>>, Unlisted> {
        let mut listed = self.listed.lock().await;
        if let Some(Listed { at, list }) = &*listed {
            let good = if list.is_ok() { FRESH } else { FAILED };
            if at.elapsed() < good {
                return list.clone();
            }
        }
        let list = match connection.models().await {
            Ok(document) => Ok(Arc::new(self.read(&document))),
            // A server needs no list if a default model is set.
            Err(Failure { cause: Cause::Nowhere, .. }) if self.map.default.is_some() => {
                Ok(Arc::default())
            }
            Err(failed) => Err(Unlisted {
                is_missing: matches!(failed.cause, Cause::Nowhere | Cause::Model),
                refusal: failed.refusal,
            }),
        };
        *listed = Some(Listed { at: Instant::now(), list: list.clone() });
        list
    }

    fn read(&self, document: &Value) -> Vec<Found> {
        let list = [document, &document["data"], &document["models"]];
        let list = list.into_iter().find_map(Value::as_array).map_or(&[][..], Vec::as_slice);
        let found = list.iter().filter_map(|model| {
            let id = model["id"].as_str().or_else(|| model["name"].as_str())?;
            let usable =
                !id.trim().is_empty() && id.len() <= MAX_NAME && !id.contains(char::is_control);
            let context = self.context.or_else(|| context(model)).unwrap_or(self.dialect.context());
            usable.then(|| Found { id: id.to_owned(), context })
        });
        let mut found: Vec<_> = found.take(MAX_MODELS).collect();
        // The first one is the default, and these write no answers.
        found.sort_by_key(|found| {
            let id = found.id.to_ascii_lowercase();
            ["embed", "rerank", "whisper"].iter().any(|kind| id.contains(kind))
        });
        found
    }

    fn found(&self, list: &[Found], id: &str) -> Found {
        let found = list.iter().find(|found| found.id == id).cloned();
        let context = self.context.unwrap_or(self.dialect.context());
        found.unwrap_or_else(|| Found { id: id.to_owned(), context })
    }

    fn shown(&self, connection: &Connection, name: String, found: &Found) -> Model {
        Model {
            description: format!("`{}` of {}", found.id, connection.place()),
            id: name.clone(),
            name,
            chat_types: self.dialect.chat_types(),
            // Hardly any engine lists abilities; it refuses what a model cannot do.
            thinks: true,
            sees: true,
            context: found.context,
        }
    }
}

/// The context window of a model, where the engine lists it. The one it runs with precedes the one
/// it was trained for.
fn context(model: &Value) -> Option<u64> {
    let places = [
        &model["meta"]["n_ctx"],
        &model["loaded_context_length"],
        &model["max_model_len"],
        &model["context_length"],
        &model["context_window"],
        &model["max_context_length"],
        &model["meta"]["n_ctx_train"],
    ];
    places.into_iter().filter_map(Value::as_u64).find(|tokens| *tokens > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn catalog(context: Option<u64>) -> Catalog {
        Catalog::new(ModelMap::default(), context, Dialect::Other)
    }

    #[test]
    fn lists_are_read_in_several_forms() {
        let models = json!([{"id": "a", "max_model_len": 4096}, {"name": "b"}, {"id": "x\u{7}"}, {"id": ""}, 7,
            {"id": "c", "meta": {"n_ctx_train": 131_072, "n_ctx": 2048}}]);
        let expected = [("a", 4096), ("b", 8192), ("c", 2048)];
        for document in [json!({"data": models}), json!({"models": models}), models.clone()] {
            let found = catalog(None).read(&document);
            let found: Vec<_> =
                found.iter().map(|found| (found.id.as_str(), found.context)).collect();
            assert_eq!(found, expected);
        }
        assert!(catalog(Some(9)).read(&models).iter().all(|found| found.context == 9));
        assert!(catalog(None).read(&json!({"error": "no"})).is_empty());
    }

    #[test]
    fn lists_are_bounded() {
        let models: Vec<_> = (0..MAX_MODELS + 9).map(|n| json!({"id": n.to_string()})).collect();
        assert_eq!(catalog(None).read(&json!(models)).len(), MAX_MODELS);
        assert!(catalog(None).read(&json!([{"id": "x".repeat(MAX_NAME + 1)}])).is_empty());
    }
}
