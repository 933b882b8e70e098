//! The archive: `chats sync` and `chats search`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde_json::json;

use crate::app::archive::{
    self, AccountHash, By, Filters, Hit, Mode, Order, Owner, Scope, Search, State, Statistics,
    Stored, SyncOptions, SyncProgress, SyncReport,
};
use crate::app::chats::{self, ChatRef};
use crate::app::deletion::{Hidden, Trash};
use crate::app::documents::{
    ArchiveData, ArchiveStatsData, CheckDocument, DataDocument, DoneDocument, SearchDocument,
    SyncDocument,
};
use crate::app::ephemeral::Recorded;
use crate::cli::args::{ArchiveCommand, SearchArgs, SearchOrder, StatsArgs, StatsBy, SyncArgs};
use crate::cli::context::Context;
use crate::cli::output::{Failure, Moment, Outcome, Progress, Role, Table, View, one_line, past};
use crate::client::Session;
use crate::domain::{Chat, ChatId, Error, ErrorKind, RateLimit, Result};
use crate::net::address::{http_url, is_local};
use crate::settings::Loaded;

/// How long a search may take: a scan of a very large archive takes seconds.
const SEARCH_TIME: Duration = Duration::from_secs(30);

/// The rate of requests for this upstream; none for one on this machine, which has no limits.
pub(super) fn calm_rate(context: &Context, loaded: &Loaded) -> Option<RateLimit> {
    let is_near = http_url(&loaded.settings.api_url.value).is_some_and(|url| is_local(&url));
    if context.is_local() || is_near { None } else { Some(loaded.settings.sync_rate.value) }
}

/// Where the deleted chats of the account of this run are kept.
///
/// # Errors
/// Without a data directory.
pub(super) fn place(context: &Context, loaded: &Loaded) -> Result<Trash> {
    let settings = &loaded.settings;
    Ok(Trash {
        path: archive::path(loaded.paths.data_dir()?),
        upstream: context.upstream_name(loaded).to_owned(),
        mode: settings.archive.value,
        keep: settings.trash_keep.value,
        grace: settings.delete_grace.value,
        rate: calm_rate(context, loaded),
    })
}

/// The chats that lists leave out, of this account. What cannot be read hides nothing.
pub(super) async fn hidden(context: &Context, account: Option<AccountHash>) -> Hidden {
    let Ok(loaded) = context.settings().await else { return Hidden::default() };
    let recorded = loaded.paths.data_dir().ok().map(Recorded::under);
    let mut hidden = Hidden { recorded, ..Hidden::default() };
    if let (Ok(trash), Some(account)) = (place(context, &loaded), account) {
        hidden.leaving = trash.leaving(account).await;
    }
    hidden
}

/// `chats sync`
pub(super) async fn sync(context: &Context, args: &SyncArgs) -> Outcome {
    let loaded = context.settings().await?;
    let session = context.session().await?;
    let place = (loaded.paths.data_dir()?, context.upstream_name(&loaded));
    let rate = match args.rate {
        None => calm_rate(context, &loaded),
        given => given,
    };
    let mut ids = Vec::with_capacity(args.ids.len());
    for chat in &args.ids {
        ids.push(chats::find(&session, chat).await?);
    }
    let options = SyncOptions {
        ids,
        full: args.full,
        accept_gone: args.accept_gone,
        rate,
        no_thinking: !loaded.settings.archive_thinking.value,
        keep: loaded.settings.archive_keep.value,
    };
    loop {
        let result = sync_once(context, &session, place, &options).await;
        let Some(pause) = args.watch else { return result };
        match result {
            Err(failure @ Failure::Unread) => return Err(failure),
            Err(Failure::Error(error)) if error.kind() == ErrorKind::BrowserCheck => {
                return Err(Failure::Error(error));
            }
            Err(Failure::Error(error)) => context.output.failure(&error, false),
            Err(Failure::Reported(kind)) if kind == ErrorKind::BrowserCheck => {
                return Err(Failure::Reported(kind));
            }
            Ok(()) | Err(Failure::Reported(_)) => {}
        }
        tokio::time::sleep(pause).await;
    }
}

async fn sync_once(
    context: &Context,
    session: &Session,
    place: (&std::path::Path, &str),
    options: &SyncOptions,
) -> Outcome {
    let shown = Shown::new(context, options.rate);
    let report = archive::sync(session, place, options, |progress| shown.show(progress)).await?;
    drop(shown);
    if let Some(warning) = &report.warning {
        context.output.warn(warning);
    }
    context.output.result(&SyncDocument::from(&report), |_| summary(&report))?;
    let failed = report
        .failed
        .first()
        .and_then(|failed| ErrorKind::ALL.into_iter().find(|kind| kind.code() == failed.code));
    let error = match (&report.stopped, failed) {
        (Some(error), _) => error.clone(),
        (None, Some(kind)) => {
            let message = format!("{} chats could not be fetched", report.failed.len());
            Error::new(kind, message).with_hint("the next `qwenctl chats sync` tries them again")
        }
        (None, None) => return Ok(()),
    };
    if !context.output.policy().is_json() {
        context.output.failure(&error, false);
    }
    Err(Failure::Reported(error.kind()))
}

fn summary(report: &SyncReport) -> String {
    let SyncReport { listed, changes, fetched, gone, failed, .. } = report;
    let mut text = format!(
        "chats listed: {listed} ({} new, {} changed, {} unchanged)\nchats fetched: {fetched}\n",
        changes.new, changes.changed, changes.unchanged
    );
    if *gone > 0 {
        let _ = writeln!(text, "chats deleted upstream: {gone} (their messages stay archived)");
    }
    if report.purged > 0 {
        let _ = writeln!(text, "chats purged: {} (older than `archive_keep`)", report.purged);
    }
    for failed in failed {
        let _ = writeln!(text, "failed {}: {}", failed.id, one_line(&failed.error));
    }
    text
}

/// The progress on standard error.
struct Shown<'a> {
    context: &'a Context,
    rate: Option<RateLimit>,
    bar: Mutex<Option<Progress>>,
    is_fetching: AtomicBool,
}

impl<'a> Shown<'a> {
    fn new(context: &'a Context, rate: Option<RateLimit>) -> Self {
        let bar = Mutex::new(Some(context.output.counter("chats listed:")));
        Self { context, rate, bar, is_fetching: AtomicBool::new(false) }
    }

    fn show(&self, progress: SyncProgress) {
        match progress {
            SyncProgress::Listed(count) => self.set(count),
            SyncProgress::Fetched(done, total) => {
                if !self.is_fetching.swap(true, Ordering::Relaxed) {
                    self.replace(|| {
                        self.announce(total);
                        self.context.output.timed_bar("fetching chats", total)
                    });
                }
                self.set(done);
            }
            SyncProgress::Indexing => {
                self.replace(|| self.context.output.spinner("updating the index"));
            }
        }
    }

    fn set(&self, done: usize) {
        if let Some(bar) = &*self.bar.lock() {
            bar.set(done);
        }
    }

    /// Shows another bar. The old one goes first: two at a time would leave a line.
    fn replace(&self, bar: impl FnOnce() -> Progress) {
        drop(self.bar.lock().take());
        *self.bar.lock() = Some(bar());
    }

    fn announce(&self, total: usize) {
        let Some(rate) = self.rate else { return };
        let seconds = rate.window() * u32::try_from(total).unwrap_or(u32::MAX) / rate.count();
        if seconds > Duration::from_mins(1) {
            let minutes = seconds.as_secs().div_ceil(60);
            self.context.output.note(&format!(
                "fetching {total} chats takes about {minutes} minutes; Ctrl-C loses nothing"
            ));
        }
    }
}

/// `chats search`
pub(super) async fn search(context: &Context, args: &SearchArgs) -> Outcome {
    let started = Instant::now();
    let mode = match (args.literal, args.regex) {
        (true, _) => Mode::Literal,
        (false, true) => Mode::Regex,
        (false, false) => Mode::Words,
    };
    let search = Search {
        query: args.query.join(" "),
        mode,
        filters: given_filters(args)?,
        order: match args.sort {
            SearchOrder::Newest => Order::Newest,
            SearchOrder::Best => Order::Best,
        },
        offset: 0,
        limit: args.limit as usize,
        time: SEARCH_TIME,
    };
    let loaded = context.settings().await?;
    let owner = owner(context, args.all_accounts).await?;
    let found = search.run(archive::path(loaded.paths.data_dir()?), owner).await?;
    if found.hits.is_empty() && !context.output.policy().is_json() {
        context.output.note("nothing found");
    }
    let document = SearchDocument::new(&found, "archive", started.elapsed());
    context.output.list(&document, document.results(), |view| hits(&found.hits, view))?;
    if found.next.is_some() && !context.output.policy().is_json() {
        let total = if found.total_is_exact { "" } else { " or more" };
        let (shown, all) = (found.hits.len(), found.total);
        context.output.note(&format!("{shown} of {all}{total} hits; `--limit` shows more"));
    }
    Ok(())
}

/// Whose archived chats this run is about.
pub(super) async fn owner(context: &Context, all_accounts: bool) -> Outcome<Owner> {
    if all_accounts {
        return Ok(Owner::All);
    }
    Ok(account(context).await?.map_or(Owner::Only, Owner::Account))
}

/// The account of this run; `None` without a token that names one.
pub(super) async fn account(context: &Context) -> Outcome<Option<AccountHash>> {
    let tokens = match context.tokens().await {
        Ok(tokens) => tokens,
        Err(Failure::Error(error)) if error.kind() == ErrorKind::TokenMissing => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let loaded = context.settings().await?;
    let id = tokens.tokens().access.claims().account_id.clone();
    Ok(id.map(|id| AccountHash::new(context.upstream_name(&loaded), &id)))
}

fn given_filters(args: &SearchArgs) -> Result<Filters> {
    Ok(Filters {
        role: args.role.clone(),
        model: args.model.clone(),
        chat: args.chat.clone(),
        after: args.since.as_deref().map(|text| past("--since", text)).transpose()?,
        before: args.until.as_deref().map(|text| past("--until", text)).transpose()?,
        scope: args.r#in.as_deref().map(Scope::parse).transpose()?,
    })
}

/// Reads a chat from the archive after the upstream failed with `error`, which is returned if the archive
/// does not have the chat.
pub(super) async fn stored(context: &Context, chat: &ChatRef, error: Error) -> Outcome<Chat> {
    use ErrorKind::{NotFound, Timeout, TokenMissing, UpstreamUnreachable};
    let id = match chat {
        ChatRef::Id(id) => id.to_string(),
        ChatRef::Prefix(prefix) => prefix.clone(),
        ChatRef::Row(_) => return Err(error.into()),
    };
    if !matches!(error.kind(), NotFound | Timeout | TokenMissing | UpstreamUnreachable) {
        return Err(error.into());
    }
    let loaded = context.settings().await?;
    let path = archive::path(loaded.paths.data_dir()?);
    // The failure of the upstream says more than one of the archive.
    let found = archive::find(path, account(context).await?, id).await.ok().flatten();
    let Some(Stored { chat, state, synced_at }) = found else { return Err(error.into()) };
    let when = Moment(synced_at).local();
    match state {
        State::Imported => context.output.note("this chat was imported"),
        State::Gone => {
            context.output.warn(&format!("deleted upstream; this is the archived copy of {when}"));
        }
        State::Live => {
            let why = error.message();
            context.output.warn(&format!("{why}; this is the archived copy of {when}"));
        }
    }
    Ok(chat)
}

/// `archive …`
pub(super) async fn upkeep(context: &Context, command: ArchiveCommand) -> Outcome {
    let loaded = context.settings().await?;
    let path = archive::path(loaded.paths.data_dir()?);
    match command {
        ArchiveCommand::Path => {
            let document = DataDocument::new(json!({ "path": path }));
            context.output.result(&document, |_| format!("{}\n", path.display()))
        }
        ArchiveCommand::Status => {
            let status = archive::status(path.clone()).await?;
            let document = DataDocument::new(ArchiveData::new(&path, &status));
            context.output.result(&document, |view| {
                view.pairs([
                    ("path", path.display().to_string()),
                    ("size", format!("{:.1} MiB", megabytes(status.bytes))),
                    ("chats", format!("{} ({} deleted upstream)", status.chats, status.gone)),
                    ("messages", status.messages.to_string()),
                    (
                        "to fetch",
                        format!("{} ({} failed)", status.waiting + status.failed, status.failed),
                    ),
                    ("last sync", Moment(status.synced_at).show(view.width.is_some())),
                ])
            })
        }
        ArchiveCommand::Check => {
            let spinner = context.output.spinner("checking the archive");
            let faults = archive::check(path).await?;
            drop(spinner);
            context.output.result(&CheckDocument::new(&faults), |_| match faults.as_slice() {
                [] => "the archive is sound\n".to_owned(),
                faults => faults.iter().map(|fault| one_line(fault) + "\n").collect(),
            })?;
            if faults.is_empty() {
                return Ok(());
            }
            if !context.output.policy().is_json() {
                let error = Error::new(ErrorKind::Internal, "the archive is damaged")
                    .with_hint("run `qwenctl archive rebuild`, then check again");
                context.output.failure(&error, false);
            }
            Err(Failure::Reported(ErrorKind::Internal))
        }
        ArchiveCommand::Backup { file } => {
            let spinner = context.output.spinner("copying the archive");
            archive::back_up(path, file.clone()).await?;
            drop(spinner);
            let text = format!("the archive was copied to {}", file.display());
            context.output.result(&DoneDocument::new(&text), |_| format!("{text}\n"))
        }
        ArchiveCommand::Forget { all_accounts, yes } => {
            forget(context, path, all_accounts, yes).await
        }
        ArchiveCommand::Rebuild => {
            let spinner = context.output.spinner("making the index anew");
            archive::rebuild(path).await?;
            drop(spinner);
            context.output.result(&DoneDocument::new("the index was made anew"), |_| {
                "the index was made anew\n".to_owned()
            })
        }
    }
}

/// `archive forget`
async fn forget(context: &Context, path: PathBuf, all_accounts: bool, yes: bool) -> Outcome {
    let unconfirmed = || {
        Error::invalid("deleting archived chats requires confirmation")
            .with_hint("add `--yes` to delete without asking")
    };
    if !yes && !context.can_ask {
        return Err(unconfirmed().into());
    }
    let account = match (all_accounts, account(context).await?) {
        (true, _) => None,
        (false, Some(account)) => Some(account),
        (false, None) => {
            let error = Error::new(ErrorKind::TokenMissing, "no token names an account");
            return Err(error
                .with_hint("name one with `--account`, or add `--all-accounts`")
                .into());
        }
    };
    archive::status(path.clone()).await?;
    let whose = if all_accounts { "all accounts" } else { "this account" };
    let question = format!("Delete the archived chats of {whose}? Upstream they stay.");
    if !yes && !context.ask_yes(&question, unconfirmed()).await? {
        context.output.note("nothing was deleted");
        return Ok(());
    }
    let spinner = context.output.spinner("deleting archived chats");
    let deleted = archive::forget(path, account).await?;
    drop(spinner);
    let text = format!("archived chats deleted: {deleted}");
    context.output.result(&DoneDocument::new(&text), |_| format!("{text}\n"))
}

/// The archived messages of the account of this run by their models; `None` without an archive.
pub(super) async fn by_model(context: &Context) -> Option<Statistics> {
    let loaded = context.settings().await.ok()?;
    let path = archive::path(loaded.paths.data_dir().ok()?);
    let account = account(context).await.ok()?;
    archive::statistics(path, account, By::Model, None).await.ok()
}

/// `stats --archive`
pub(super) async fn statistics(context: &Context, args: &StatsArgs) -> Outcome {
    let by = args.by.unwrap_or(StatsBy::Month);
    let (name, group) = match by {
        StatsBy::Month => ("month", By::Month),
        StatsBy::Model => ("model", By::Model),
        StatsBy::Weekday => ("weekday", By::Weekday),
        StatsBy::Chat => ("chat", By::Chat),
    };
    let since = args.since.as_deref().map(|text| past("--since", text)).transpose()?;
    let loaded = context.settings().await?;
    let path = archive::path(loaded.paths.data_dir()?);
    let found = archive::statistics(path, account(context).await?, group, since).await?;
    let document = DataDocument::new(ArchiveStatsData::new(&found, name));
    context.output.result(&document, |view| stats_rows(&found, name, view))
}

/// On a terminal all numbers; in a pipe one tab-separated line for each group.
fn stats_rows(found: &Statistics, name: &str, view: &View) -> String {
    let heading = match name {
        "month" => "MONTH",
        "model" => "MODEL",
        "weekday" => "WEEKDAY",
        _ => "CHAT",
    };
    let mut table = Table::new(&[heading, "MESSAGES", "CHARACTERS"], 0);
    for group in &found.groups {
        table.row([
            one_line(&group.name),
            group.messages.to_string(),
            group.characters.to_string(),
        ]);
    }
    let table = table.render(view);
    if view.width.is_none() {
        return table;
    }
    let busiest = (0..24).max_by_key(|hour| (found.hours[*hour], std::cmp::Reverse(*hour)));
    let longest = found.longest.as_ref().map(|longest| {
        let title = one_line(longest.title.as_deref().unwrap_or(&longest.chat_id));
        format!("{title} ({} messages)", longest.messages)
    });
    let counts: Vec<_> = found.groups.iter().map(|group| group.messages).collect();
    let rows = [
        ("chats", found.chats.to_string()),
        ("messages", found.messages.to_string()),
        ("characters", found.characters.to_string()),
        ("longest chat", longest.unwrap_or_else(|| "none".to_owned())),
        ("busiest hour", busiest.map(|hour| format!("{hour}:00")).unwrap_or_default()),
        ("by hour", sparkline(&found.hours)),
        ("by group", sparkline(&counts)),
    ];
    format!("{}\n{table}", view.pairs(rows))
}

/// The numbers as bars of one character; the last ones if there are many.
fn sparkline(numbers: &[i64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let shown = &numbers[numbers.len().saturating_sub(60)..];
    let most = shown.iter().copied().max().unwrap_or(0).max(1);
    let bar = |number: &i64| {
        let height = usize::try_from(number.max(&0) * 7 / most).unwrap_or(0);
        BARS[height.min(7)]
    };
    shown.iter().map(bar).collect()
}

#[allow(clippy::cast_precision_loss, reason = "shown with one digit")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// On a terminal the hits by chat, each in a line; in a pipe one tab-separated line for each hit.
fn hits(hits: &[Hit], view: &View) -> String {
    let Some(_) = view.width else { return hits.iter().map(line).collect() };
    let mut text = String::new();
    let mut last = None;
    for hit in hits {
        if last != Some(&hit.chat_id) {
            let gap = if last.is_some() { "\n" } else { "" };
            let title = one_line(hit.title.as_deref().unwrap_or("(no title)"));
            let id: String = hit.chat_id.as_str().chars().take(ChatId::SHORT).collect();
            let gone = match hit.state {
                State::Live => "",
                State::Gone => " · deleted upstream",
                State::Imported => " · imported",
            };
            let details = format!(" {id} · {}{gone}", Moment(hit.timestamp).local());
            let title = view.cut(&title);
            text += gap;
            let _ = writeln!(
                text,
                "{}{}",
                view.paint(Role::Heading, &title),
                view.paint(Role::Muted, &details)
            );
            last = Some(&hit.chat_id);
        }
        let who = hit
            .message
            .as_ref()
            .map_or("title", |message| message.role.as_deref().unwrap_or("message"));
        let pieces = hit.snippet.iter().map(|piece| {
            let shown = spaced_line(&piece.text);
            if piece.is_match { view.paint(Role::Warning, &shown) } else { shown }
        });
        let pieces: String = pieces.collect();
        let _ = writeln!(
            text,
            "  {} {pieces}",
            view.paint(Role::Muted, &format!("{}:", one_line(who)))
        );
        if hit.more_in_chat > 0 {
            let more = format!("  {} more in this chat", hit.more_in_chat);
            let _ = writeln!(text, "{}", view.paint(Role::Muted, &more));
        }
    }
    text
}

/// One line that keeps the space at its ends: pieces are joined.
fn spaced_line(text: &str) -> String {
    let space = |is_there: bool| if is_there { " " } else { "" };
    let line = one_line(text);
    let end = text.ends_with(char::is_whitespace) && !line.is_empty();
    format!("{}{line}{}", space(text.starts_with(char::is_whitespace)), space(end))
}

fn line(hit: &Hit) -> String {
    let snippet: String = hit.snippet.iter().map(|piece| piece.text.as_str()).collect();
    let (id, role) = match &hit.message {
        Some(message) => (message.id.as_str(), message.role.as_deref().unwrap_or_default()),
        None => ("", "title"),
    };
    let cells = [hit.chat_id.as_str(), id, &Moment(hit.timestamp).rfc3339(), role, &snippet];
    cells.map(one_line).join("\t") + "\n"
}
