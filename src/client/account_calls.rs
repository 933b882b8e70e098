//! Who is signed in, and with which models.

use serde_json::json;

use super::account::now;
use super::failure::{Cause, Failure};
use super::session::Session;
use super::transport::Call;
use super::wire::envelope::Envelope;
use super::wire::model::ModelList;
use super::wire::user::Account;
use crate::client::wire::lenient::Flag;
use crate::domain::{Error, ErrorKind, Model, Result, User};

impl Session {
    /// Who is signed in; asks the upstream.
    ///
    /// # Errors
    /// `TokenInvalid` if nobody is.
    pub async fn user(&self) -> Result<User> {
        let body = self.call(&Call::get(&["v1", "auths", ""])).await?;
        let account = body.parse::<Account>("an account").map_err(Failure::into_error)?.unwrapped();
        account.user().ok_or_else(|| Failure::new(Cause::Auth).into_error())
    }

    /// Whether the upstream accepts the token. Asks as the page of 2025 did, and as the page of 2026
    /// does if that is refused (protocol 3.1).
    ///
    /// # Errors
    /// If the upstream does not answer the question.
    pub async fn is_signed_in(&self) -> Result<bool> {
        const STATUS: &[&str] = &["v2", "users", "status"];
        let answer = match self.attempts(&Call::get(STATUS)).await {
            Err(error) if error.cause == Some(Cause::BrowserCheck) => return Err(error.error),
            Err(error)
                if matches!(
                    error.error.kind(),
                    ErrorKind::NotFound | ErrorKind::InvalidRequest | ErrorKind::UpstreamProtocol
                ) =>
            {
                self.call(&Call::post(STATUS, self.heartbeat()).repeatable()).await
            }
            answer => answer.map_err(Error::from),
        };
        let body = match answer {
            Err(error)
                if matches!(error.kind(), ErrorKind::TokenInvalid | ErrorKind::TokenExpired) =>
            {
                return Ok(false);
            }
            answer => answer?,
        };
        let status = body.parse::<Envelope<Flag>>("a status").map_err(Failure::into_error)?;
        status.data.and_then(|flag| flag.0).ok_or_else(|| {
            body.failure("neither yes nor no to the question whether the token is accepted")
                .into_error()
        })
    }

    /// The heart-beat of the page (protocol 3.1).
    fn heartbeat(&self) -> serde_json::Value {
        let account = self.access_token().claims().account_id.clone().unwrap_or_default();
        json!({"typarms": {
            "typarm1": "web", "typarm2": account, "typarm3": "prod", "typarm4": "qwen_chat",
            "typarm5": "product", "typarm6": "", "orgid": "tongyi", "share_id": "", "project_id": "",
            "channel_type": "", "community_type": "", "from_id": "",
            "cdn_version": self.config().web_version, "page_id": "//chat.qwen.ai/c/", "session_id": "",
            "language": "en-US", "biz_id": "tongyi", "device": "pc", "chat_entry": "qwen_web",
            "init_session_type": "0", "mode_type": "main_chat",
            "utc_timestamp": now().saturating_mul(1000).to_string(),
            "spmId": "", "aemPageId": "", "domain": "",
        }})
    }

    /// The models, default first; never empty. Asks as the page of 2026 does, and the older way if
    /// that is not there.
    ///
    /// # Errors
    /// Also if the upstream names no model at all: that is never the truth (protocol F13).
    pub async fn models(&self) -> Result<Vec<Model>> {
        let body = match self.call(&Call::get(&["v2", "models", ""])).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.call(&Call::get(&["models"])).await?
            }
            answer => answer?,
        };
        let models =
            body.parse::<ModelList>("a list of models").map_err(Failure::into_error)?.models();
        if models.is_empty() {
            return Err(body.failure("a list without any model").into_error());
        }
        Ok(models)
    }
}
