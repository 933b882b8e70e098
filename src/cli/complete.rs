//! The values that a shell completes: ids of chats with their titles, models, templates, accounts, keys,
//! settings and faults. The completion scripts run `qwenctl __complete -- WORDS…` for them.
//!
//! What it keeps true: it takes at most a second, prints no error, and changes nothing but the cache of
//! ids and titles, which stands in for an upstream that cannot be reached.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::args::{Args, CompletedValue, completed_value};
use super::context::Context;
use super::output::{Io, Outcome, cut, one_line};
use crate::client::Session;
use crate::files;
use crate::local::fault_names;
use crate::settings::{Loaded, SETTINGS};

/// The hidden command.
pub(super) const COMMAND: &str = "__complete";

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long the cache is used without a request.
const FRESH: Duration = Duration::from_secs(20);

/// The longest remark, in columns.
const LONGEST_REMARK: usize = 60;

/// A value and a remark about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Value(String, String);

/// Prints the values for the last of `words`, each with its remark behind a tab. Always succeeds: a shell
/// has no place for an error.
pub(super) fn run(words: &[OsString], io: Io) -> u8 {
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let words = words.strip_prefix(&["--".to_owned()]).unwrap_or(&words);
    let Some((kind, prefix)) = completed_value(words) else { return 0 };
    let mut globals = Args::globals_of(words);
    (globals.quiet, globals.no_input) = (true, true);
    let overrides = globals.overrides();
    let context = Context::new(globals, overrides, Io { signals: false, ..io });
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return 0;
    };
    let values = runtime.block_on(async {
        let found = tokio::time::timeout(PATIENCE, values(&context, kind)).await;
        found.ok().and_then(Result::ok).unwrap_or_default()
    });
    runtime.shutdown_background();
    let lower = prefix.to_lowercase();
    let fits = |value: &&Value| value.0.to_lowercase().starts_with(&lower);
    let line = |Value(word, remark): &Value| {
        let remark = cut(&one_line(remark), LONGEST_REMARK);
        format!("{}\t{remark}", one_line(word)).trim_end().to_owned() + "\n"
    };
    let text: String = values.iter().filter(fits).map(line).collect();
    let _ = context.output.text(&text);
    0
}

async fn values(context: &Context, kind: CompletedValue) -> Outcome<Vec<Value>> {
    let loaded = context.settings().await?;
    let plain = |name: &str| Value(name.to_owned(), String::new());
    Ok(match kind {
        CompletedValue::Chat => {
            let mut chats = listed(context, &loaded, "chats").await?;
            chats.push(Value("last".to_owned(), "the most recent chat".to_owned()));
            chats
        }
        CompletedValue::Model => listed(context, &loaded, "models").await?,
        CompletedValue::Template => {
            let templates = loaded.paths.templates()?;
            let about = |name: &str| templates.load(name).map(|template| template.about);
            let names = templates.names();
            names.iter().map(|name| Value(name.clone(), about(name).unwrap_or_default())).collect()
        }
        CompletedValue::Account => {
            let accounts = loaded.credentials().accounts()?;
            accounts.iter().map(|account| plain(account.name.as_str())).collect()
        }
        CompletedValue::Key => {
            let keys = loaded.paths.keys().list()?;
            keys.iter().map(|key| plain(&key.name)).collect()
        }
        CompletedValue::Setting => SETTINGS
            .iter()
            .filter(|spec| spec.in_file)
            .map(|spec| Value(spec.name.to_owned(), spec.doc.to_owned()))
            .collect(),
        CompletedValue::Fault => {
            fault_names().map(|(name, about)| Value(name.to_owned(), about.to_owned())).collect()
        }
    })
}

/// What was listed last, and where.
#[derive(Serialize, Deserialize)]
struct Cache {
    upstream: String,
    values: Vec<Value>,
}

/// The chats or the models of the upstream; those of the cache if it is new or the upstream does not
/// answer in time.
async fn listed(context: &Context, loaded: &Loaded, what: &'static str) -> Outcome<Vec<Value>> {
    let account = loaded.settings.account.value.as_ref();
    let account = account.map(ToString::to_string).unwrap_or_default();
    let upstream = format!("{} {account}", context.upstream_name(loaded));
    let directory = loaded.paths.data_dir()?.join("completion");
    let path = directory.join(format!("{what}.json"));
    let cached = read_cache(&path, &upstream);
    let is_fresh = || {
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
        let age = modified.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        age.is_some_and(|age| age < FRESH)
    };
    if let Some(values) = &cached
        && !context.is_local()
        && is_fresh()
    {
        return Ok(values.clone());
    }
    // It leaves the time to print what is cached.
    let patience = PATIENCE.mul_f32(0.8);
    let request = async { request(&context.session().await?, what).await };
    let Ok(Ok(values)) = tokio::time::timeout(patience, request).await else {
        return Ok(cached.unwrap_or_default());
    };
    let cache = Cache { upstream, values };
    if !context.is_local()
        && let Ok(bytes) = serde_json::to_vec(&cache)
        && files::create_private_directory(&directory).is_ok()
    {
        // Without a cache the next request takes longer.
        let _ = store_cache(&path, &bytes);
    }
    Ok(cache.values)
}

async fn request(session: &Session, what: &str) -> Outcome<Vec<Value>> {
    if what == "models" {
        let models = session.models().await?;
        return Ok(models.into_iter().map(|model| Value(model.id, String::new())).collect());
    }
    let chats = session.chats(1).await?;
    let value =
        |row: crate::domain::ChatSummary| Value(row.id.to_string(), row.title.unwrap_or_default());
    Ok(chats.into_iter().map(value).collect())
}

fn read_cache(path: &Path, upstream: &str) -> Option<Vec<Value>> {
    let cache: Cache = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    (cache.upstream == upstream).then_some(cache.values)
}

fn store_cache(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    files::open_private(fs::OpenOptions::new().create(true).append(true), path)?;
    files::write_whole(path, bytes, true)
}
