//! `keys …`: the API keys of clients of `serve`.

use secrecy::ExposeSecret as _;

use crate::app::documents::{DataDocument, DoneDocument, KeyData, KeysDocument, NewKeyData};
use crate::app::keys::{self, NewKey};
use crate::cli::context::Context;
use crate::cli::interrupt::beside;
use crate::cli::output::{Moment, Outcome, Side, Table, View, moment};
use crate::domain::time::now;
use crate::domain::{ApiKey, Error, RateLimit, Result, Scope};

/// `keys create`. The key is printed here and never again.
pub(super) async fn create(
    context: &Context,
    name: String,
    scope: Scope,
    limits: Vec<RateLimit>,
    expires: Option<&str>,
) -> Outcome {
    let now = now();
    let expires_at = expires.map(|text| expiry(text, now)).transpose()?;
    let new = NewKey { name, scope, limits, expires_at };
    let store = context.settings().await?.paths.keys();
    let (key, secret) = beside(move || keys::create(&store, new, now)).await??;
    if !context.output.policy().is_json() {
        let validity = match key.expires_at {
            Some(_) => format!("valid until {}", Moment(key.expires_at).local()),
            None => "never expires".to_owned(),
        };
        context.output.note(&format!(
            "key `{}` ({}), scope {}, {validity}; it is shown only this once:",
            key.name, key.id, key.scope
        ));
    }
    let secret = secret.expose_secret();
    let document = DataDocument::new(NewKeyData::new(secret, KeyData::new(&key, now)));
    context.output.result(&document, |_| format!("{secret}\n"))
}

fn expiry(text: &str, now: i64) -> Result<i64> {
    moment(text, now, Side::Ahead).ok_or_else(|| {
        Error::invalid("`--expires` must be a date, a time or a duration")
            .with_hint("for example `2027-01-01`, `2027-01-01T08:00:00Z`, `90d` or `12h`")
    })
}

/// `keys list`
pub(super) async fn list(context: &Context) -> Outcome {
    let store = context.settings().await?.paths.keys();
    let keys = beside(move || keys::list(&store)).await??;
    if keys.is_empty() && !context.output.policy().is_json() {
        context.output.note("no keys");
    }
    let now = now();
    let data: Vec<_> = keys.iter().map(|key| KeyData::new(key, now)).collect();
    context.output.list(&KeysDocument::new(&keys, now), &data, |view| table(&keys, now, view))
}

fn table(keys: &[ApiKey], now: i64, view: &View) -> String {
    let is_terminal = view.width.is_some();
    let headings = ["ID", "NAME", "KEY", "SCOPE", "LIMITS", "CREATED", "EXPIRES"];
    let mut table = Table::new(&headings, 1).spare(5);
    for key in keys {
        let limits: Vec<_> = key.limits.iter().map(ToString::to_string).collect();
        let expires = match key.expires_at {
            None => "never".to_owned(),
            end if key.has_expired(now) => format!("{} (expired)", Moment(end).show(is_terminal)),
            end => Moment(end).show(is_terminal),
        };
        table.row([
            key.id.clone(),
            key.name.clone(),
            format!("qk-…{}", key.last4),
            key.scope.to_string(),
            limits.join(", "),
            Moment(Some(key.created_at)).show(is_terminal),
            expires,
        ]);
    }
    table.render(view)
}

/// `keys revoke`. A running server rejects the key at once.
pub(super) async fn revoke(context: &Context, id_or_name: String) -> Outcome {
    let store = context.settings().await?.paths.keys();
    let key = beside(move || keys::revoke(&store, &id_or_name)).await??;
    let document = DoneDocument::new("API key revoked");
    context.output.result(&document, |_| format!("revoked {} ({})\n", key.name, key.id))
}
