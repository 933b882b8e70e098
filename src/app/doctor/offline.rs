//! Checks that need no network.

use std::path::Path;

use secrecy::ExposeSecret;

use super::Check;
use crate::app::token::{expired, in_words};
use crate::app::token_missing;
use crate::domain::{Error, Result, TokenKind, TokenState, Tokens};
use crate::net::address::http_url;
use crate::net::pem;
use crate::net::proxy::Proxies;
use crate::settings::{Environment, Loaded, Settings, was_proxied};

/// Less than this, in seconds, is worth a warning for a token that cannot be refreshed.
const SOON: i64 = 86_400;

/// What to do about a proxy in front of `serve`.
pub(crate) const BEHIND_PROXY: &str = "behind a proxy all clients look local: start `serve` with `--require-key`, and with `--trust-proxy` to tell \
     them apart";

/// The environment variables that name proxies, in order of precedence.
const PROXY_VARIABLES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"];

/// The version of the program.
pub(crate) fn version() -> Check {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    Check::ok("version", format!("qwenctl {} on {system} {machine}", env!("CARGO_PKG_VERSION")))
}

/// The config file and its settings.
pub(crate) fn config(loaded: &Result<Loaded>) -> Check {
    const NAME: &str = "config";
    let loaded = match loaded {
        Err(error) => return Check::fail(NAME, error),
        Ok(loaded) => loaded,
    };
    let place = loaded.config_path.as_ref().map(|path| path.display().to_string());
    match (loaded.warnings.is_empty(), place) {
        (false, _) => Check::warn(NAME, loaded.warnings.join("; ")).with_hint(
            "`qwenctl config show --origin` shows the effective settings and their origin",
        ),
        (true, Some(place)) => Check::ok(NAME, place),
        (true, None) => Check::ok(NAME, "no config file; using the defaults"),
    }
}

/// What a running or an earlier `serve` has noted, if anything.
pub(crate) fn serve(loaded: &Loaded, now: i64) -> Option<Check> {
    was_proxied(now, loaded.paths.data_dir().ok()).then(|| {
        Check::warn("serve", "a proxy forwarded requests to `serve`, which requires no API key")
            .with_hint(BEHIND_PROXY)
    })
}

/// The file with the tokens: its owner, permissions and content.
pub(crate) fn credentials(loaded: &Loaded) -> Check {
    const NAME: &str = "credentials";
    let store = loaded.credentials();
    match (store.load(), store.path()) {
        (Err(error), _) => Check::fail(NAME, &error),
        (Ok(Some(_)), Ok(path)) => {
            Check::ok(NAME, format!("{}, readable by you alone", path.display()))
        }
        (Ok(_), Err(error)) => Check::warn(NAME, error.message())
            .with_hint("tokens can only come from QWEN_TOKEN or `--token-file`"),
        (Ok(None), Ok(_)) => Check::ok(NAME, "nothing stored"),
    }
}

/// The access token in use, at `now` (seconds since 1970): its origin, kind, age and end.
pub(crate) fn token(
    found: Result<Option<(&Tokens, String)>, &Error>,
    account: Option<&str>,
    now: i64,
) -> Check {
    const NAME: &str = "token";
    let (tokens, place) = match found {
        Err(error) => return Check::fail(NAME, error),
        Ok(None) => return Check::fail(NAME, &token_missing()),
        Ok(Some(found)) => found,
    };
    let (kind, claims) = (tokens.access.kind(), tokens.access.claims());
    let age = claims.issued_at.map(|start| now.saturating_sub(start));
    let details = serde_json::json!({
        "account": account, "kind": kind.word(), "issued_at": claims.issued_at, "age": age,
        "expires_at": claims.expires_at, "refreshable": tokens.refresh.is_some(),
    });
    let age = age.map(|age| format!(", {} old", in_words(age))).unwrap_or_default();
    let place = format!("{}{age}, from {place}", kind.about());
    let left = claims.expires_at.map(|end| end.saturating_sub(now));
    let check = match (tokens.access.state(now), tokens.refresh.is_some(), left) {
        (TokenState::Expired { seconds_ago }, false, _) => Check::fail(NAME, &expired(seconds_ago)),
        (TokenState::Expired { .. }, true, _) => {
            Check::ok(NAME, format!("{place}; it has expired and will be refreshed"))
        }
        _ if kind == TokenKind::Session => {
            Check::warn(NAME, format!("{place}; the service refuses it since October 2026"))
                .with_hint(
                    "if requests are refused, store a copied request or the value of \
                     `qwen_access_token_state` with `qwenctl token set`",
                )
        }
        (_, false, Some(left)) if left < SOON => {
            Check::warn(NAME, format!("{place}; it expires in {}", in_words(left))).with_hint(
                "store a copied request, which has a refresh token, with `qwenctl token set`",
            )
        }
        (_, _, Some(left)) => Check::ok(NAME, format!("{place}; good for {}", in_words(left))),
        (_, _, None) => Check::ok(NAME, format!("{place}; it does not say when it expires")),
    };
    check.with_details(details)
}

/// Whether further access tokens can be had without signing in, and whether the service has refused one.
pub(crate) fn refresh(tokens: Option<&Tokens>, was_refused: bool) -> Check {
    const NAME: &str = "refresh";
    match tokens {
        None => Check::unknown(NAME, "there is no token"),
        Some(_) if was_refused => Check::warn(NAME, "the service refused the refresh token")
            .with_hint("sign in again, and store a copied request with `qwenctl token set`"),
        Some(tokens) if tokens.refresh.is_some() => Check::ok(NAME, "possible"),
        Some(tokens) if tokens.access.kind() == TokenKind::Access => {
            Check::warn(NAME, "not possible: there is no refresh token").with_hint(
                "to stay signed in, store a copied request with `qwenctl token set` (its `--help` \
                 shows how)",
            )
        }
        Some(_) => Check::ok(NAME, "no refresh token, and none needed until the token expires"),
    }
}

/// Whether the data directory, or the one in which it would be created, is writable.
pub(crate) fn data_dir(loaded: &Loaded) -> Check {
    const NAME: &str = "data_dir";
    let path = match loaded.paths.data_dir() {
        Ok(path) => path,
        Err(error) => return Check::fail(NAME, &error),
    };
    let existing = path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    // The file has no name, and is removed when it is closed.
    match tempfile::tempfile_in(existing) {
        Ok(_) if existing == path => Check::ok(NAME, path.display().to_string()),
        Ok(_) => Check::ok(NAME, format!("{} (created when needed)", path.display())),
        Err(fault) => {
            let message = format!("{} cannot be written: {fault}", existing.display());
            let error = Error::invalid(message)
                .with_hint("set QWENCTL_DATA_DIR to a directory that can be written");
            Check::fail(NAME, &error)
        }
    }
}

/// The proxy for requests.
pub(crate) fn proxy(settings: &Settings, environment: &Environment) -> Check {
    const NAME: &str = "proxy";
    let has_exceptions =
        ["NO_PROXY", "no_proxy"].iter().any(|name| environment.get(name).is_some());
    let note = match (is_proxied(settings, environment), has_exceptions) {
        (false, _) => ", not for the API",
        (true, true) => ", except for hosts in NO_PROXY",
        (true, false) => "",
    };
    if settings.proxy.value.is_some() {
        let rows = settings.rows();
        let row = rows.iter().find(|row| row.key == NAME);
        let (url, origin) = row.map(|row| (row.value.as_str(), &row.origin)).unzip();
        let origin = origin.map(ToString::to_string).unwrap_or_default();
        return Check::ok(NAME, format!("{} ({origin}){}", url.unwrap_or_default(), note));
    }
    match proxy_variable(environment) {
        Some(name) => Check::ok(NAME, format!("using {name}{note}")),
        None => Check::ok(NAME, "none"),
    }
}

/// Whether the API is reached through a proxy, which then resolves names.
pub(crate) fn is_proxied(settings: &Settings, environment: &Environment) -> bool {
    let variable =
        |name: &str| environment.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let proxies = match &settings.proxy.value {
        Some(url) => Proxies::given(url.expose_secret(), &variable),
        None => Proxies::of(&variable),
    };
    let api = http_url(&settings.api_url.value);
    proxies.zip(api).is_some_and(|(proxies, api)| proxies.of_url(&api).is_some())
}

fn proxy_variable(environment: &Environment) -> Option<&'static str> {
    PROXY_VARIABLES.into_iter().find(|name| environment.get(name).is_some())
}

/// The trusted certificates.
pub(crate) fn certificates(settings: &Settings) -> Check {
    const NAME: &str = "ca_file";
    match (settings.extra_ca_pem(), &settings.ca_file.value) {
        (Err(error), _) => Check::fail(NAME, &error),
        (Ok(Some(pem)), Some(path)) => {
            let count = pem::certificates(&pem).map_or(0, |found| found.len());
            let s = if count == 1 { "" } else { "s" };
            Check::ok(
                NAME,
                format!("system certificates, and {count} certificate{s} from {}", path.display()),
            )
        }
        (Ok(_), _) => Check::ok(NAME, "system certificates"),
    }
}
