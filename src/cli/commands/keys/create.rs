//! `keys create`

use secrecy::ExposeSecret as _;

use crate::app::documents::{DataDocument, KeyData, NewKeyData};
use crate::app::keys::{NewKey, create};
use crate::cli::args::CreateKeyArgs;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::moment::{Side, moment};
use crate::cli::output::{Moment, now};
use crate::cli::threads::beside;
use crate::domain::{Error, Result};

/// Makes a key. It is printed here and never again.
pub(crate) async fn run(context: &Context, args: &CreateKeyArgs) -> Outcome {
    let now = now();
    let new = NewKey {
        name: args.name.clone(),
        scope: args.scope,
        limits: args.limit.clone(),
        expires_at: args.expires.as_deref().map(|text| end(text, now)).transpose()?,
    };
    let store = context.settings(None).await?.paths.keys();
    let (key, secret) = beside(move || create(&store, new, now)).await??;
    if !context.output.policy().is_json() {
        let end = match key.expires_at {
            Some(_) => format!("until {}", Moment(key.expires_at).local()),
            None => "for ever".to_owned(),
        };
        context.output.note(&format!(
            "key `{}` ({}), scope {}, good {end}; it is shown only this once:",
            key.name, key.id, key.scope
        ));
    }
    let secret = secret.expose_secret();
    let document = DataDocument::new(NewKeyData::new(secret, KeyData::new(&key, now)));
    context.output.result(&document, |_| format!("{secret}\n"))
}

fn end(text: &str, now: i64) -> Result<i64> {
    moment(text, now, Side::Ahead).ok_or_else(|| {
        Error::invalid("`--expires` must be a date, a moment or how long from now")
            .with_hint("such as `2027-01-01`, `2027-01-01T08:00:00Z`, `90d` or `12h`")
    })
}
