//! The account.

use serde::Serialize;
use utoipa::ToSchema;

/// The signed-in account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// Its id.
    pub id: String,
    /// Its e-mail address, which the upstream may mask.
    pub email: String,
    /// Its name; may be empty.
    pub name: String,
}
