//! The models of an engine, asked for once in a while, and which of them is taken for which name.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::failure::{Nature, Trouble};
use super::http::Link;
use super::options::ModelMap;
use super::request::Manner;
use super::{EXAMPLE_MODEL, MADE_UP, Model, Refusal};

/// How long a list is good.
const FRESH: Duration = Duration::from_secs(30);
/// How long a failure is told again without asking: long enough for those who wait for the same list.
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
    manner: Manner,
    /// Whoever holds it asks; the others wait for what comes of it.
    listed: Mutex<Option<Listed>>,
}

/// A model of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// What the engine calls it.
    pub id: String,
    /// How many tokens it can look at.
    pub context: u64,
}

#[derive(Debug)]
struct Listed {
    at: Instant,
    list: Result<Arc<Vec<Found>>, Refusal>,
}

impl Catalog {
    /// Asks nobody yet.
    pub(super) fn new(map: ModelMap, context: Option<u64>, manner: Manner) -> Self {
        Self { map, context, manner, listed: Mutex::default() }
    }

    /// What is on offer, the default first.
    ///
    /// # Errors
    /// If the engine cannot be asked, or has none.
    pub(super) async fn models(&self, link: &Link) -> Result<Vec<Model>, Refusal> {
        let list = self.list(link).await?;
        let default = self.map.default.iter().map(|id| self.found(&list, id));
        let mut offered: Vec<(String, Found)> =
            default.chain(list.iter().cloned()).map(|found| (found.id.clone(), found)).collect();
        for (name, id) in &self.map.pairs {
            offered.push((name.clone(), self.found(&list, id)));
        }
        let mut known = std::collections::HashSet::new();
        offered.retain(|(name, _)| known.insert(name.clone()));
        if offered.is_empty() {
            let details = format!("{} has no model: load one first", link.place());
            return Err(Refusal { code: "Bad_Request", details, retry_after: None });
        }
        Ok(offered.into_iter().map(|(name, found)| self.shown(link, name, &found)).collect())
    }

    /// The engine's model for this name; `None` if there is none.
    ///
    /// # Errors
    /// If the engine cannot be asked, and the map does not know.
    pub(super) async fn find(&self, link: &Link, name: &str) -> Result<Option<Found>, Refusal> {
        let list = self.list(link).await;
        let known = list.as_ref().map_or(&[][..], |list| list.as_slice());
        if let Some((_, id)) = self.map.pairs.iter().find(|(pair, _)| pair == name) {
            return Ok(Some(self.found(known, id)));
        }
        // Ollama calls the newest of several sizes so, and takes the name without it.
        let latest = format!("{name}:latest");
        if let Some(found) = known.iter().find(|found| found.id == name || found.id == latest) {
            return Ok(Some(found.clone()));
        }
        if let Some(id) = &self.map.default {
            return Ok(Some(self.found(known, id)));
        }
        let list = list?;
        let means_any = name == EXAMPLE_MODEL || name.starts_with(MADE_UP);
        Ok(list.first().filter(|_| means_any).cloned())
    }

    async fn list(&self, link: &Link) -> Result<Arc<Vec<Found>>, Refusal> {
        let mut listed = self.listed.lock().await;
        if let Some(Listed { at, list }) = &*listed {
            let good = if list.is_ok() { FRESH } else { FAILED };
            if at.elapsed() < good {
                return list.clone();
            }
        }
        let list = match link.models().await {
            Ok(document) => Ok(Arc::new(self.read(&document))),
            // A server need not have a list, if it is known what to ask for.
            Err(Trouble { nature: Nature::Nowhere, .. }) if self.map.default.is_some() => {
                Ok(Arc::default())
            }
            Err(trouble) => Err(trouble.refusal),
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
            let context = self.context.or_else(|| context(model)).unwrap_or(self.manner.context());
            usable.then(|| Found { id: id.to_owned(), context })
        });
        found.take(MAX_MODELS).collect()
    }

    fn found(&self, list: &[Found], id: &str) -> Found {
        let found = list.iter().find(|found| found.id == id).cloned();
        let context = self.context.unwrap_or(self.manner.context());
        found.unwrap_or_else(|| Found { id: id.to_owned(), context })
    }

    fn shown(&self, link: &Link, name: String, found: &Found) -> Model {
        Model {
            description: format!("`{}` of {}", found.id, link.place()),
            id: name.clone(),
            name,
            chat_types: self.manner.chat_types(),
            // Hardly an engine says: it will refuse what a model cannot do.
            thinks: true,
            sees: true,
            context: found.context,
        }
    }
}

/// How many tokens a model can look at, where the engine says it; what it runs with comes before
/// what it was trained for.
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
        Catalog::new(ModelMap::default(), context, Manner::Other)
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
