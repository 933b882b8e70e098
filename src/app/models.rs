//! Models, and which one is asked.

use crate::client::Session;
use crate::domain::{Error, ErrorKind, Model, Result};

/// The models that the account may use, default first.
///
/// # Errors
/// Those of the client.
pub(crate) async fn list(session: &Session) -> Result<Vec<Model>> {
    session.models().await
}

/// The first of `wishes` that is given, else the first model that the upstream offers.
///
/// # Errors
/// Those of the client.
pub(crate) async fn choose<'a>(
    session: &Session,
    wishes: impl IntoIterator<Item = Option<&'a str>>,
) -> Result<String> {
    if let Some(model) = wishes.into_iter().flatten().next() {
        return Ok(model.to_owned());
    }
    let models = session.models().await?;
    let first = models.into_iter().next().ok_or_else(|| {
        Error::new(ErrorKind::UpstreamProtocol, "the upstream offers no model at all")
    })?;
    Ok(first.id)
}
