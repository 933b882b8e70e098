//! `chats export` and `chats import`

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;

use super::archive::{account, owner};
use crate::app::archive;
use crate::app::chats::{self, ChatRef};
use crate::app::documents::{ExportDocument, ImportDocument};
use crate::app::export::{
    Branches, Directory, Encoder, Folders, Format, Place, Record, Selection, Shelf, Sink, Style,
    Upload, fetch, matching,
};
use crate::app::import::{self, ImportReport, ImportRequest, Skipped, Source, SourcePlace};
use crate::cli::args::{BranchesArg, ExportArgs, ImportArgs, LayoutArg, OutputArg};
use crate::cli::context::Context;
use crate::cli::output::{Failure, Outcome, one_line, past};
use crate::domain::{ChatId, Error, ErrorKind, Result};

/// How long the search for chats to export may take.
const MATCH_TIME: Duration = Duration::from_hours(1);

/// A chat to export.
enum Item {
    /// From the archive.
    Archived(Place),
    /// From the account.
    Account(ChatId),
}

impl Item {
    fn id(&self) -> &ChatId {
        match self {
            Self::Archived(place) => &place.id,
            Self::Account(id) => id,
        }
    }
}

/// Where the export goes.
enum Target {
    Stream,
    File(PathBuf),
    Directory(PathBuf),
}

/// `chats export`
pub(super) async fn export(context: &Context, args: &ExportArgs) -> Outcome {
    let style = Style {
        format: args.format,
        branches: args.branches.map(|which| match which {
            BranchesArg::Current => Branches::Current,
            BranchesArg::All => Branches::All,
        }),
        thinking: args.thinking,
        raw: args.raw,
    };
    style.check()?;
    let is_single = args.ids.len() == 1;
    let target = target(args, is_single)?;
    let selection = selection(args)?;
    let loaded = context.settings().await?;
    let owner = owner(context, args.all_accounts).await?;
    let shelf = Shelf::open(archive::path(loaded.paths.data_dir()?), owner).await?;
    let items = match selection {
        None => named(context, &shelf, &args.ids).await?,
        Some(selection) => {
            let places = shelf.select(selection).await?.ok_or_else(archive::no_archive)?;
            places.into_iter().map(Item::Archived).collect()
        }
    };
    if items.is_empty() && !context.output.policy().is_json() {
        context.output.note("no chats");
    }
    let mut run = Run { context, shelf, style, report: Report::default() };
    match target {
        Target::Stream => run.stream(items, is_single).await,
        Target::File(path) => {
            run.file(items, path.clone(), is_single).await?;
            run.finish(&path)
        }
        Target::Directory(path) => {
            run.directory(items, &path, args).await?;
            run.finish(&path)
        }
    }
}

fn selection(args: &ExportArgs) -> Result<Option<Selection>> {
    let is_selection = args.all
        || args.all_accounts
        || args.since.is_some()
        || args.until.is_some()
        || args.r#match.is_some();
    match (is_selection, args.ids.is_empty()) {
        (false, true) => Err(Error::invalid("no chats are named").with_hint(
            "name chats by their ids, or add `--all`, `--since`, `--until` or `--match`",
        )),
        (false, false) => Ok(None),
        (true, _) => Ok(Some(Selection {
            since: args.since.as_deref().map(|text| past("--since", text)).transpose()?,
            until: args.until.as_deref().map(|text| past("--until", text)).transpose()?,
            matching: args
                .r#match
                .as_deref()
                .map(|query| matching(query, MATCH_TIME))
                .transpose()?,
        })),
    }
}

fn target(args: &ExportArgs, is_single: bool) -> Result<Target> {
    let path = match &args.output {
        Some(OutputArg::Path(path)) if path.as_os_str() != "-" => Some(path),
        _ => None,
    };
    let format = args.format;
    let Some(path) = path else {
        if args.update || args.layout != LayoutArg::Flat {
            return Err(Error::invalid("`--update` and `--layout` need a place for files")
                .with_hint("add `-o DIRECTORY`"));
        }
        if matches!(format, Format::Markdown | Format::Html) && !is_single {
            return Err(Error::invalid("this format makes one file for each chat")
                .with_hint("add `-o DIRECTORY`, or name a single chat"));
        }
        return Ok(Target::Stream);
    };
    if path.as_os_str().is_empty() {
        return Err(Error::invalid("the path of `-o` is empty"));
    }
    let ends_with_slash = path.to_string_lossy().ends_with(std::path::is_separator);
    let is_directory = path.is_dir() || ends_with_slash;
    let is_list = format == Format::Json && path.extension().is_some_and(|end| end == "json");
    Ok(match (is_directory, format.has_files()) {
        (true, true) => Target::Directory(path.clone()),
        (true, false) => Target::File(path.join(format.collection())),
        (false, true) if !is_single && !is_list => Target::Directory(path.clone()),
        (false, _) if args.layout != LayoutArg::Flat => {
            return Err(Error::invalid("`--layout` is for a directory"));
        }
        (false, _) => Target::File(path.clone()),
    })
}

/// The chats of `named`, each once: from the archive, or else from the account.
async fn named(context: &Context, shelf: &Shelf, named: &[ChatRef]) -> Outcome<Vec<Item>> {
    let mut items: Vec<Item> = Vec::with_capacity(named.len());
    let mut seen = HashSet::new();
    for chat in named {
        let archived = match chat.beginning() {
            Some(beginning) => shelf.named(beginning.to_owned()).await?,
            None => None,
        };
        let item = match archived {
            Some(place) => Item::Archived(place),
            None => in_account(context, shelf, chat).await?,
        };
        if seen.insert(item.id().clone()) {
            items.push(item);
        }
    }
    Ok(items)
}

async fn in_account(context: &Context, shelf: &Shelf, chat: &ChatRef) -> Outcome<Item> {
    let found = async {
        let session = context.session().await?;
        Ok::<_, Failure>(chats::find(&session, chat).await?)
    };
    match found.await {
        Ok(id) => Ok(match shelf.named(id.to_string()).await? {
            Some(place) if place.id == id => Item::Archived(place),
            _ => Item::Account(id),
        }),
        Err(Failure::Error(error)) => {
            use ErrorKind::{Timeout, TokenMissing, UpstreamUnreachable};
            let is_offline = matches!(error.kind(), Timeout | TokenMissing | UpstreamUnreachable);
            let ChatRef::Row(row) = chat else { return Err(error.into()) };
            // The archive has an order of its own.
            let all = if is_offline { shelf.select(Selection::default()).await? } else { None };
            let found = all.and_then(|places| places.into_iter().nth(row - 1));
            found.map(Item::Archived).ok_or(Failure::Error(error))
        }
        Err(failure) => Err(failure),
    }
}

/// What an export did.
#[derive(Default)]
pub(super) struct Report {
    exported: usize,
    written: usize,
    unchanged: usize,
    left_out: usize,
    failed: Vec<(ChatId, Error)>,
}

struct Run<'a> {
    context: &'a Context,
    shelf: Shelf,
    style: Style,
    report: Report,
}

impl Run<'_> {
    /// The chat of `item`; `None` if the archive no longer has it.
    async fn record(&self, item: &Item) -> Outcome<Option<Record>> {
        match item {
            Item::Archived(place) => {
                Ok(self.shelf.record(place.clone(), self.style.needs_raw()).await?)
            }
            Item::Account(id) => {
                let session = self.context.session().await?;
                let mut record = fetch(&session, id).await?;
                let loaded = self.context.settings().await?;
                let name = self.context.upstream_name(&loaded);
                record.set_site(name);
                Ok(Some(record))
            }
        }
    }

    async fn stream(&mut self, items: Vec<Item>, is_single: bool) -> Outcome {
        let policy = self.context.output.policy();
        let is_text = matches!(self.style.format, Format::Markdown | Format::Html);
        // A terminal obeys control characters, which JSON may hold.
        let escapes = policy.width.is_some() && !is_text;
        let print = |bytes: Vec<u8>| {
            let bytes = if escapes { without_controls(bytes) } else { bytes };
            self.context.output.bytes(&bytes)
        };
        let mut encoder = Encoder::new(self.style, is_single);
        for item in items {
            let Some(record) = self.record(&item).await? else { continue };
            if let Some(bytes) = encoder.chat(&record)? {
                print(bytes)?;
            } else {
                self.report.left_out += 1;
            }
        }
        print(encoder.end())?;
        if self.report.left_out > 0 {
            self.context.output.note(&left_out(self.report.left_out));
        }
        Ok(())
    }

    async fn file(&mut self, items: Vec<Item>, path: PathBuf, is_single: bool) -> Outcome {
        let bar =
            (items.len() > 1).then(|| self.context.output.bar("exporting chats", items.len()));
        let format = self.style.format;
        let open = move || {
            if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                crate::app::export::create(parent)?;
            }
            Upload::new(&path, format, None)
        };
        let mut sink = Sink::File(archive::beside(open).await?);
        let mut encoder = Encoder::new(self.style, is_single);
        for item in items {
            let Some(record) = self.record(&item).await? else { continue };
            match encoder.chat(&record)? {
                Some(bytes) => {
                    sink = sink.put(record, bytes).await?.0;
                    self.report.exported += 1;
                }
                None => self.report.left_out += 1,
            }
            if let Some(bar) = &bar {
                bar.set(self.report.exported + self.report.left_out);
            }
        }
        let written = sink.finish(encoder.end()).await?;
        self.report.count(written);
        Ok(())
    }

    async fn directory(&mut self, items: Vec<Item>, path: &Path, args: &ExportArgs) -> Outcome {
        let bar =
            (items.len() > 1).then(|| self.context.output.bar("exporting chats", items.len()));
        let folders = match args.layout {
            LayoutArg::Flat => Folders::Flat,
            LayoutArg::YearMonth => Folders::YearMonth,
        };
        let (place, format, update) = (path.to_owned(), self.style.format, args.update);
        let open = move || Directory::open(&place, format, folders, update);
        let mut sink = Sink::Directory(Box::new(archive::beside(open).await?));
        for item in items {
            let record = match self.record(&item).await {
                Ok(Some(record)) => record,
                Ok(None) => continue,
                Err(Failure::Error(error)) if matches!(item, Item::Account(_)) => {
                    self.report.failed.push((item.id().clone(), error));
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            let mut encoder = Encoder::new(self.style, true);
            if let Some(bytes) = encoder.chat(&record)? {
                let (next, written) = sink.put(record, bytes).await?;
                sink = next;
                self.report.exported += 1;
                self.report.count(written);
            }
            if let Some(bar) = &bar {
                bar.set(self.report.exported + self.report.failed.len());
            }
        }
        Ok(())
    }

    /// Reports what was written to `path`.
    fn finish(self, path: &Path) -> Outcome {
        let Report { exported, written, unchanged, left_out: omitted, failed } = self.report;
        let counts = [exported, written, unchanged, omitted];
        let document = ExportDocument::new(path, counts, &failed);
        self.context.output.result(&document, |_| {
            let mut text = format!(
                "chats exported: {exported}; files written: {written}, unchanged: {unchanged}\n"
            );
            if omitted > 0 {
                let _ = writeln!(text, "{}", left_out(omitted));
            }
            for (id, error) in &failed {
                let _ = writeln!(text, "failed {id}: {}", one_line(error.message()));
            }
            text
        })?;
        let Some((_, first)) = failed.first() else { return Ok(()) };
        if !self.context.output.policy().is_json() {
            let message = format!("{} chats could not be fetched", failed.len());
            self.context.output.failure(&Error::new(first.kind(), message), false);
        }
        Err(Failure::Reported(first.kind()))
    }
}

impl Report {
    fn count(&mut self, written: crate::app::export::Written) {
        match written {
            crate::app::export::Written::Yes => self.written += 1,
            crate::app::export::Written::Unchanged => self.unchanged += 1,
        }
    }
}

fn left_out(count: usize) -> String {
    format!("{count} chats without a complete answer were left out")
}

/// `chats import`
pub(super) async fn import(context: &Context, args: &ImportArgs) -> Outcome {
    let loaded = context.settings().await?;
    let account = account(context).await?;
    let account = account.map(|hash| (hash, context.upstream_name(&loaded).to_owned()));
    let mut files = Vec::with_capacity(args.files.len());
    for path in &args.files {
        let name = one_line(&path.display().to_string());
        files.push(if path.as_os_str() == "-" {
            let stdin = context.take_stdin();
            let stdin = stdin.ok_or_else(|| Error::invalid("standard input is read only once"))?;
            Source { name, place: SourcePlace::Stream(stdin.reader) }
        } else {
            Source { name, place: SourcePlace::Path(path.clone()) }
        });
    }
    let request = ImportRequest { files, format: args.format, dry_run: args.dry_run, account };
    let bar = context.output.counter("chats read:");
    let (sender, mut receiver) = watch::channel(0);
    let path = archive::path(loaded.paths.data_dir()?);
    let work = import::import(path, request, move |count| {
        let _ = sender.send(count);
    });
    let shown = async {
        while receiver.changed().await.is_ok() {
            bar.set(*receiver.borrow_and_update());
        }
    };
    let (report, ()) = tokio::join!(work, shown);
    drop(bar);
    let report = report?;
    let error = report.error();
    let document = ImportDocument::new(&report, args.dry_run, error.as_ref());
    context.output.result(&document, |_| summary(&report, args.dry_run))?;
    let Some(error) = error else { return Ok(()) };
    if !context.output.policy().is_json() {
        context.output.failure(&error, false);
    }
    Err(Failure::Reported(error.kind()))
}

fn summary(report: &ImportReport, dry_run: bool) -> String {
    let ImportReport { read, made, changed, unchanged, skipped, .. } = report;
    let mut text = format!(
        "chats read: {read}; new: {made}, changed: {changed}, unchanged: {unchanged}, skipped: {skipped}\n"
    );
    if dry_run {
        text += "nothing was written\n";
    }
    for Skipped { file, number, title, reason } in &report.reasons {
        let title = title.as_deref().map(|title| format!(" ({})", one_line(title)));
        let title = title.unwrap_or_default();
        let _ =
            writeln!(text, "skipped {}, no. {number}{title}: {}", one_line(file), one_line(reason));
    }
    if report.reasons.len() < *skipped {
        let _ = writeln!(text, "and {} more", skipped - report.reasons.len());
    }
    for name in &report.ignored {
        let _ = writeln!(text, "no chats in {}", one_line(name));
    }
    text
}

/// JSON in which the control characters U+007F to U+009F are escaped.
fn without_controls(json: Vec<u8>) -> Vec<u8> {
    let Ok(text) = str::from_utf8(&json) else { return json };
    if !text.contains(|c| matches!(c, '\u{7f}'..='\u{9f}')) {
        return json;
    }
    let escaped = text.chars().map(|c| match c {
        '\u{7f}'..='\u{9f}' => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    escaped.collect::<String>().into_bytes()
}
