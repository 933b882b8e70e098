//! The models, and which of them a caller means.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::failure::Detail;
use crate::app::{Session, models};
use crate::domain::{Error, ErrorKind, Model, Result};
use crate::server::call::Call;
use crate::server::reply::{Outcome, Refusal, json};
use crate::server::state::State;

/// How long a list of models counts as new.
const FRESH: Duration = Duration::from_mins(5);
/// How long it does for a name that is not in it.
const FRESH_FOR_STRANGERS: Duration = Duration::from_secs(10);
/// Tokens whose lists are kept.
const MAX_TOKENS: usize = 64;
/// Some programs sort by this; the upstream does not tell when a model was made.
const CREATED: i64 = 1_735_689_600;

/// The lists of models, so that not every prompt asks for them.
#[derive(Default)]
pub struct Catalog(Mutex<Lists>);

/// By the hash of an access token: when a list was read, and the list. The account in a token is only
/// a claim.
type Lists = HashMap<[u8; 32], (Instant, Arc<[Model]>)>;

impl Catalog {
    /// The models of the account of `session`, read with its token at most `age` ago.
    async fn models(&self, session: &Session, age: Duration) -> Result<Arc<[Model]>> {
        let token = Sha256::digest(session.access_token().expose()).into();
        let known = self.lists().get(&token).cloned();
        if let Some((_, models)) = known.filter(|(read, _)| read.elapsed() < age) {
            return Ok(models);
        }
        let models: Arc<[Model]> = models::list(session).await?.into();
        let mut lists = self.lists();
        if lists.len() >= MAX_TOKENS && !lists.contains_key(&token) {
            lists.clear();
        }
        lists.insert(token, (Instant::now(), Arc::clone(&models)));
        Ok(models)
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A model that will be asked.
pub struct Chosen {
    /// Its id.
    pub id: String,
    /// Whether it reads images; `None` if that is not known.
    pub sees: Option<bool>,
}

/// The model that a caller means by `wish`: an alias, a model of the account, or with `--any-model`
/// anything for the default one.
///
/// # Errors
/// 404 if there is no such model; those of the client.
pub async fn choose(
    state: &State,
    session: &Session,
    wish: Option<&str>,
) -> Result<Chosen, Refusal> {
    let alias = wish.and_then(|wish| state.openai.aliases.get(wish));
    let models = state.catalog.models(session, FRESH).await?;
    if let Some(id) = alias {
        return Ok(chosen(id, &models));
    }
    let Some(wish) = wish.filter(|wish| !wish.is_empty()) else { return default(state, &models) };
    if is_known(wish, &models) {
        return Ok(chosen(wish, &models));
    }
    if state.openai.any_model {
        return default(state, &models);
    }
    let models = state.catalog.models(session, FRESH_FOR_STRANGERS).await?;
    if is_known(wish, &models) { Ok(chosen(wish, &models)) } else { Err(unknown(wish, &models)) }
}

fn is_known(id: &str, models: &[Model]) -> bool {
    models.iter().any(|model| model.id == id)
}

fn chosen(id: &str, models: &[Model]) -> Chosen {
    let known = models.iter().find(|model| model.id == id);
    Chosen { id: id.to_owned(), sees: known.map(|model| model.abilities.vision) }
}

fn default(state: &State, models: &[Model]) -> Result<Chosen, Refusal> {
    let first = || models.first().map(|model| model.id.as_str());
    let id = state.model.as_deref().or_else(first);
    id.map(|id| chosen(id, models)).ok_or_else(|| {
        Error::new(ErrorKind::UpstreamProtocol, "the upstream offers no model at all").into()
    })
}

fn unknown(wish: &str, models: &[Model]) -> Refusal {
    let shown: String = wish.chars().filter(|c| !c.is_control()).take(100).collect();
    let known: Vec<_> = models.iter().take(8).map(|model| format!("`{}`", model.id)).collect();
    let error = Error::new(ErrorKind::NotFound, format!("there is no model `{shown}`")).with_hint(
        format!(
            "choose one of {}, or start the server with `--model-alias NAME=MODEL` or `--any-model`",
            known.join(", ")
        ),
    );
    let (param, code) = (Some("model".to_owned()), Some("model_not_found"));
    Refusal::from(error).with_detail(Detail { param, code, may_be_accepted: false })
}

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    owned_by: &'static str,
}

fn row(id: &str) -> Row<'_> {
    Row { id, object: "model", created: CREATED, owned_by: "qwen" }
}

/// `GET /v1/models`: the models of the account, then the aliases.
pub async fn list(call: Arc<Call>) -> Outcome {
    let (session, _) = call.session()?;
    let models = call.state.catalog.models(&session, Duration::ZERO).await?;
    let aliases = call.state.openai.aliases.keys().filter(|alias| !is_known(alias, &models));
    let ids = models.iter().map(|model| &model.id).chain(aliases);
    json(&List { object: "list", data: ids.map(|id| row(id)).collect() })
}

/// `GET /v1/models/{id}`: one of them, under the name by which it was asked for.
pub async fn show(segment: String, call: Arc<Call>) -> Outcome {
    let wish = percent_decode_str(&segment).decode_utf8_lossy();
    let (session, _) = call.session()?;
    choose(&call.state, &session, Some(&wish)).await?;
    json(&row(&wish))
}
