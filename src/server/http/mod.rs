//! HTTP: responses, the format of errors, CORS, compressed texts, and the address of the client.

pub(crate) mod client_ip;
pub(crate) mod cors;
pub(crate) mod error_format;
pub(crate) mod packed;
pub(crate) mod response;

/// A JSON object with these members, in this order, and without a type of its own.
macro_rules! object {
    ($($(#[$meta:meta])* $name:ident: $value:expr),* $(,)?) => {{
        #[allow(non_camel_case_types, reason = "each member has a type parameter of its name")]
        mod members {
            #[derive(serde::Serialize)]
            pub(super) struct Object<$($name),*> {
                $($(#[$meta])* pub(super) $name: $name),*
            }
        }
        members::Object { $($name: $value),* }
    }};
}

pub(crate) use object;
