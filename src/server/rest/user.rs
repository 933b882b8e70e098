//! The user.

use std::sync::Arc;

use crate::app::documents::DataDocument;
use crate::domain::ErrorKind;
use crate::server::call::Call;
use crate::server::reply::{Outcome, json};

/// `GET /api/user/status`: whether the token is accepted.
pub async fn status(call: Arc<Call>) -> Outcome {
    let (session, _) = call.session()?;
    let signed_in = match session.is_signed_in().await {
        Err(error) if matches!(error.kind(), ErrorKind::TokenExpired | ErrorKind::TokenInvalid) => {
            false
        }
        result => result?,
    };
    json(&DataDocument::new(signed_in))
}
