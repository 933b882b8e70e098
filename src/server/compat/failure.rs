//! What is wrong with a parameter of the compatible APIs.

use crate::domain::Error;
use crate::server::http::error_format::Detail;
use crate::server::http::response::ErrorResponse;

/// A parameter that cannot be used.
pub(crate) fn bad(param: impl Into<String>, fault: &str) -> ErrorResponse {
    let param = param.into();
    let error = Error::invalid(format!("`{param}` {fault}"));
    ErrorResponse::from(error).with_detail(Detail { param: Some(param), ..Detail::default() })
}

/// A parameter that asks for something that cannot be done.
pub(crate) fn unsupported(param: &str, why: &str) -> ErrorResponse {
    let error = Error::invalid(format!("`{param}` {why}"));
    let param = Some(param.to_owned());
    let code = Some("unsupported_parameter");
    ErrorResponse::from(error).with_detail(Detail { param, code, ..Detail::default() })
}
