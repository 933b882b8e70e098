//! Deleting many chats in two steps: a plan of what the archive knows, and its execution.
//!
//! What is executed is in the trash.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use utoipa::ToSchema;

use super::trash;
use crate::app::deletion::{Selection, TrashState, unchanged};
use crate::app::documents::{DataDocument, DoneDocument, PlanData};
use crate::domain::time::now;
use crate::domain::{Error, ErrorKind, Result};
use crate::server::body::{self, Members};
use crate::server::http::response::{Outcome, json};
use crate::server::plans::Plan;
use crate::server::request::RequestContext;
use crate::settings::parse_duration_or_off;

/// How long a plan is kept, in seconds.
const KEEP: i64 = 600;

/// Which chats to delete: those for which all of it holds. At least one filter is needed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"older_than": "90d", "empty": true}))]
pub(crate) struct DeletionRequest {
    /// The last message is older than this: `90d`, `12h`.
    #[serde(default, deserialize_with = "body::optional")]
    older_than: Option<String>,
    /// This search finds the chat.
    #[serde(default, rename = "match", deserialize_with = "body::optional")]
    matching: Option<String>,
    /// The model of the chat.
    #[serde(default, deserialize_with = "body::optional")]
    model: Option<String>,
    /// It has no messages.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(nullable = false)]
    empty: Option<bool>,
    /// Pinned chats, too.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(nullable = false)]
    pinned: Option<bool>,
    /// Only shows what would be in the plan.
    #[serde(default, deserialize_with = "body::given")]
    #[schema(nullable = false)]
    dry_run: Option<bool>,
}

impl DeletionRequest {
    fn selection(self) -> Result<Selection> {
        let before = match &self.older_than {
            Some(age) => {
                let age = parse_duration_or_off(age)
                    .map_err(|fault| Error::invalid(format!("`older_than` {fault}")))?;
                Some(now().saturating_sub_unsigned(age.as_secs()))
            }
            None => None,
        };
        let selection = Selection {
            before,
            matching: self.matching,
            model: self.model,
            empty: self.empty == Some(true),
            pinned: self.pinned == Some(true),
        };
        if selection.is_unrestricted() {
            return Err(Error::invalid(
                "at least one of `older_than`, `match`, `model` and `empty` must be set",
            ));
        }
        Ok(selection)
    }
}

/// `POST /api/chats/deletions`: a plan.
pub(crate) async fn plan(call: &Arc<RequestContext>, members: Members) -> Outcome {
    let request: DeletionRequest = members.parse()?;
    let is_dry = request.dry_run == Some(true);
    let selection = request.selection()?;
    let (session, _) = call.session()?;
    let open = trash::required(call).await?;
    if let Some(place) = &call.state.trash {
        match place.sync(&session, |_| ()).await {
            // Another synchronization does the same.
            Err(error) if error.kind() == ErrorKind::SyncInProgress => {}
            result => result?,
        }
    }
    let selected = open.select(selection).await?;
    if is_dry {
        return json(&DataDocument::new(PlanData::planned(None, &selected, None)));
    }
    let (id, expires_at) = (uuid::Uuid::new_v4().to_string(), now() + KEEP);
    let data = PlanData::planned(Some(&id), &selected, Some(expires_at));
    let response = json(&DataDocument::new(data))?;
    let account = session.access_token().claims().account_id.clone();
    call.state.plans.add(id, Plan { account, expires_at, selected });
    Ok(response)
}

/// `POST /api/chats/deletions/<plan>`: executes a plan. The chats are deleted after the response.
pub(crate) async fn execute(call: &Arc<RequestContext>, id: &str) -> Outcome {
    let open = trash::required(call).await?;
    if let Some(plan) = take(call, id)? {
        open.plan(unchanged(&plan.selected), id.to_owned(), Duration::ZERO).await?;
        call.state.trash_changed.notify_one();
    }
    show(call, id).await
}

/// `GET /api/chats/deletions/<plan>`: the plan, or how far its execution is.
pub(crate) async fn show(call: &Arc<RequestContext>, id: &str) -> Outcome {
    let open = trash::required(call).await?;
    let planned = call.state.plans.read(id, account(call)?.as_ref(), |plan| {
        let data = PlanData::planned(Some(id), &plan.selected, Some(plan.expires_at));
        json(&DataDocument::new(data))
    });
    if let Some(response) = planned {
        return response;
    }
    let rows = open.list(Some(id.to_owned())).await?;
    if rows.is_empty() {
        return Err(unknown().into());
    }
    json(&DataDocument::new(PlanData::executed(id, &rows)))
}

/// `DELETE /api/chats/deletions/<plan>`: forgets the plan, or cancels what is not deleted yet.
pub(crate) async fn cancel(call: &Arc<RequestContext>, id: &str) -> Outcome {
    let open = trash::required(call).await?;
    if take(call, id)?.is_some() {
        return json(&DoneDocument::new("The plan is forgotten"));
    }
    let rows = open.list(Some(id.to_owned())).await?;
    if rows.is_empty() {
        return Err(unknown().into());
    }
    let mut count = 0;
    for row in rows.iter().filter(|row| row.state != TrashState::Deleted) {
        // One that is being deleted now is deleted.
        count += usize::from(open.restore(&row.id).await.is_ok());
    }
    json(&DoneDocument::new(format!("{count} deletions are cancelled")))
}

fn take(call: &RequestContext, id: &str) -> Result<Option<Plan>> {
    Ok(call.state.plans.take(id, account(call)?.as_ref()))
}

/// The account that the token of the caller names.
fn account(call: &RequestContext) -> Result<Option<String>> {
    let (session, _) = call.session()?;
    Ok(session.access_token().claims().account_id.clone())
}

fn unknown() -> Error {
    Error::new(ErrorKind::NotFound, "there is no such plan")
        .with_hint("plans are kept for 10 minutes")
}
