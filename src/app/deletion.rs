//! Deleting chats with a copy, so that no slip loses one.
//!
//! What this module keeps true: a chat is deleted upstream only after its copy is on disk; without a
//! whole copy nothing is deleted; a deletion that could not be finished is finished by the next process, or
//! reported; within its grace time it can be cancelled, and the upstream has heard nothing of it.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc;

use super::archive::{self, AccountHash, Handle, Pacer, SyncOptions, SyncProgress, beside};
use super::chats::{self, Deletion, ListRequest, Pages, is_common};
use super::ephemeral::Recorded;
use super::history::{self, Message as Spoken, Part, Speaker};
use crate::archive::store::{Account, Archive};
use crate::archive::trash::{self, LEASE, Request, Restored};
pub(crate) use crate::archive::trash::{Selected, Selection, TrashState, Trashed};
use crate::client::{ChatKind, Session};
use crate::domain::time::now;
use crate::domain::{
    Chat, ChatId, ChatSummary, Error, ErrorKind, Message, MessageState, Parent, RateLimit, Result,
    Role, Turn,
};
use crate::settings::ArchiveMode;

/// How many copies are made at a time.
const AT_ONCE: usize = 2;
/// How many chats are copied before they are deleted. Their copies take less time than [`FRESH`].
const CHUNK: usize = 10;
/// How old a copy may be when its chat is deleted, in seconds; an older one is made again.
const FRESH: i64 = 5;
/// How long an answer is taken for one that is being written, in seconds.
const ANSWERING: i64 = 600;
/// The pause after a failure that every chat would meet, in seconds.
const PAUSE: i64 = 60;

/// Where deleted chats are kept.
#[derive(Debug, Clone)]
pub struct Trash {
    /// The file of the archive.
    pub path: PathBuf,
    /// The name of the upstream in it.
    pub upstream: String,
    /// Whether the archive is used.
    pub mode: ArchiveMode,
    /// How long deleted chats are kept.
    pub keep: Option<Duration>,
    /// The grace time of deletions on the page.
    pub grace: Duration,
    /// The most requests for copies.
    pub rate: Option<RateLimit>,
}

impl Trash {
    /// The trash of the account of `session`; `None` while its archive is off.
    ///
    /// # Errors
    /// Those of the archive; those of the client, if the token does not name its account.
    pub(crate) async fn open(&self, session: &Session) -> Result<Option<OpenTrash>> {
        let is_on = match self.mode {
            ArchiveMode::Off => return Ok(None),
            ArchiveMode::Auto if !self.path.exists() => return Ok(None),
            ArchiveMode::Auto => false,
            ArchiveMode::On => true,
        };
        let hash = archive::account_hash(session, &self.upstream).await?;
        let (path, upstream) = (self.path.clone(), self.upstream.clone());
        let opened = beside(move || {
            if !is_on && !trash::is_synced(&path, &hash)? {
                return Ok(None);
            }
            let mut archive = Archive::open(&path)?;
            let account = archive.account(&hash, &upstream, now())?;
            Ok(Some((archive, account)))
        });
        let Some((archive, account)) = opened.await? else { return Ok(None) };
        Ok(Some(OpenTrash {
            session: session.clone(),
            archive: Handle::new(archive),
            account,
            holder: uuid::Uuid::new_v4().to_string(),
            keep: self.keep.map(|keep| i64::try_from(keep.as_secs()).unwrap_or(i64::MAX)),
            pacer: Pacer::new(self.rate),
        }))
    }

    /// Brings the archive up to date with the account of `session`, so that a selection is of what is there.
    ///
    /// # Errors
    /// Those of [`archive::sync`], and what ended it early.
    pub(crate) async fn sync(
        &self,
        session: &Session,
        progress: impl Fn(SyncProgress) + Send + Sync,
    ) -> Result<()> {
        let data = self.path.parent().unwrap_or(&self.path);
        let options = SyncOptions { rate: self.rate, ..SyncOptions::default() };
        let report = archive::sync(session, (data, &self.upstream), &options, progress).await?;
        report.stopped.map_or(Ok(()), Err)
    }

    /// The chats that are deleted unless that is undone.
    pub(crate) async fn leaving(&self, account: AccountHash) -> HashSet<ChatId> {
        if self.mode == ArchiveMode::Off || !self.path.exists() {
            return HashSet::new();
        }
        let path = self.path.clone();
        // What cannot be read hides nothing.
        beside(move || trash::leaving(&path, &account)).await.unwrap_or_default()
    }

    /// When the next deletion or purge is due, in seconds since 1970; `None` without one.
    ///
    /// # Errors
    /// Those of the archive.
    pub(crate) async fn next_due(&self) -> Result<Option<i64>> {
        if self.mode == ArchiveMode::Off || !self.path.exists() {
            return Ok(None);
        }
        let path = self.path.clone();
        beside(move || trash::next_due(&path)).await
    }
}

/// The chats that no list shows: those for one answer, and those whose deletion can only be undone.
#[derive(Clone, Default)]
pub(crate) struct Hidden {
    /// The chats for one answer.
    pub recorded: Option<Recorded>,
    /// Those that are deleted unless that is undone.
    pub leaving: HashSet<ChatId>,
}

impl Hidden {
    /// Leaves them out of `rows`, which were read before.
    pub(crate) async fn leave_out(&self, rows: &mut Vec<ChatSummary>) {
        if let Some(recorded) = &self.recorded {
            recorded.leave_out(rows).await;
        }
        rows.retain(|row| !self.leaving.contains(&row.id));
    }

    /// As [`chats::list`], without these chats. A page of them alone is replaced by the next one.
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn list(
        &self,
        session: &Session,
        mut request: ListRequest,
        mut progress: impl FnMut(usize),
    ) -> Result<Vec<ChatSummary>> {
        let limit = request.limit;
        // Each page that is replaced has one of them.
        let mut left = self.leaving.len() + MAX_RUNNING;
        request.limit = limit.map(|limit| limit.saturating_add(left));
        loop {
            let mut rows = chats::list(session, request.clone(), &mut progress).await?;
            let was_empty = rows.is_empty();
            self.leave_out(&mut rows).await;
            rows.truncate(limit.unwrap_or(usize::MAX));
            match request.pages {
                Pages::One(page)
                    if rows.is_empty() && !was_empty && left > 0 && request.list.has_pages() =>
                {
                    left -= 1;
                    request.pages = Pages::One(page.saturating_add(1));
                }
                _ => return Ok(rows),
            }
        }
    }
}

/// More chats for one answer than there are at a time.
const MAX_RUNNING: usize = 60;

/// The trash of an account.
pub(crate) struct OpenTrash {
    session: Session,
    archive: Handle,
    account: Account,
    /// The name of this process in leases.
    holder: String,
    keep: Option<i64>,
    pacer: Pacer,
}

/// What has become of a copy.
enum Copied {
    /// It is made, and the deletion is pending.
    Made,
    /// The upstream does not have the chat any more; the archive has it.
    Gone,
}

/// What becomes of a deletion whose chat cannot be copied again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnFailure {
    /// It is withdrawn: its result is reported at once.
    Withdraw,
    /// It stays in the trash as failed.
    GiveUp,
}

/// What restoring has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restoration {
    /// The chat is in the account as before.
    Cancelled,
    /// The same, unless an earlier attempt has reached the upstream, which cannot be asked now.
    Uncertain,
    /// The chat is in the archive, but not in the account.
    Archived,
}

impl OpenTrash {
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Archive, Account, &str) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (account, holder) = (self.account, self.holder.clone());
        self.archive.run(move |archive| work(archive, account, &holder)).await
    }

    /// Deletes chats after their copies are made, and reports each to `done`; with a `grace` time, only
    /// plans their deletion. Each comes with the time of the last message that is known, if a later one is to
    /// prevent the deletion. A failure that every chat would meet ends the work.
    ///
    /// # Errors
    /// Those of the archive: nothing is deleted.
    pub(crate) async fn delete(
        &self,
        chats: Vec<(ChatId, Option<i64>)>,
        grace: Duration,
        mut done: impl FnMut(Deletion) + Send,
    ) -> Result<()> {
        let work = async {
            if grace.is_zero() {
                let mut common = None;
                for chunk in chats.chunks(CHUNK) {
                    if let Some(error) = &common {
                        for (id, _) in chunk {
                            done(Deletion::new(id.clone(), Err(not_tried(error))));
                        }
                        continue;
                    }
                    let (pending, failure) =
                        self.copy_all(chunk.to_vec(), grace, &mut done).await?;
                    let failed = self.execute(pending, OnFailure::Withdraw, &mut done).await?;
                    common = failure.or(failed);
                }
            } else {
                let (pending, _) = self.copy_all(chats, grace, &mut done).await?;
                let rows = self.list(None).await?;
                let due: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row.due_at)).collect();
                for id in pending {
                    let due_at = due.get(&id).copied();
                    done(Deletion { due_at, ..Deletion::new(id, Ok(())) });
                }
            }
            Ok(())
        };
        let result = self.alive(work).await;
        let released = self.run(|archive, _, holder| archive.release(holder, false)).await;
        result.and(released)
    }

    /// Requests the deletion of chats, for [`OpenTrash::finish_due`] of any process.
    ///
    /// # Errors
    /// Those of the archive.
    pub(crate) async fn plan(
        &self,
        chats: Vec<(ChatId, Option<i64>)>,
        batch: String,
        grace: Duration,
    ) -> Result<()> {
        let request = Request { chats, grace: seconds(grace), batch: Some(batch), holder: None };
        self.run(move |archive, account, _| archive.ask(account, &request, now())).await.map(drop)
    }

    /// Cancels what [`OpenTrash::delete`] has not finished. An attempt that has left may still succeed; the
    /// archive has the chat.
    ///
    /// # Errors
    /// Those of the archive.
    pub(crate) async fn cancel(&self) -> Result<()> {
        self.run(|archive, _, holder| archive.release(holder, true)).await
    }

    /// Makes the copies; returns the chats that have one, and what ended the work early.
    async fn copy_all(
        &self,
        chats: Vec<(ChatId, Option<i64>)>,
        grace: Duration,
        done: &mut (dyn FnMut(Deletion) + Send),
    ) -> Result<(Vec<ChatId>, Option<Error>)> {
        let holder = Some(self.holder.clone());
        let request = Request { chats: chats.clone(), grace: seconds(grace), batch: None, holder };
        let ask = self.run(move |archive, account, _| archive.ask(account, &request, now()));
        let busy: HashSet<ChatId> = ask.await?.into_iter().collect();
        let (busy, chats): (Vec<_>, Vec<_>) =
            chats.into_iter().partition(|(id, _)| busy.contains(id));
        for (id, _) in busy {
            let message = "another process is deleting the chat";
            done(Deletion::new(id, Err(Error::new(ErrorKind::ChatInProgress, message))));
        }
        let mut left: Vec<ChatId> = chats.iter().map(|(id, _)| id.clone()).collect();
        left.reverse();
        let mut pending = Vec::with_capacity(chats.len());
        let mut common = None;
        {
            let copy = async |(id, unless_after): (ChatId, Option<i64>)| {
                let copied = self.copy(&id, unless_after).await;
                (id, copied)
            };
            let mut copies = std::pin::pin!(stream::iter(chats).map(copy).buffered(AT_ONCE));
            while let Some((id, copied)) = copies.next().await {
                left.pop();
                match copied {
                    Ok(Copied::Made) => pending.push(id),
                    Ok(Copied::Gone) => {
                        let result = self.record(&id, Ok(()), true).await;
                        done(Deletion::new(id, result));
                    }
                    Err(error) => {
                        self.withdraw(&id).await;
                        common = ends_the_work(error.kind()).then(|| error.clone());
                        done(Deletion::new(id, Err(error)));
                        if common.is_some() {
                            break;
                        }
                    }
                }
            }
        }
        if let Some(error) = &common {
            // Those before the failure have a copy: they can be deleted. The others were not tried.
            for id in left.into_iter().rev() {
                self.withdraw(&id).await;
                done(Deletion::new(id, Err(not_tried(error))));
            }
        }
        Ok((pending, common))
    }

    /// The request stays if the disk is full; a request without a copy is not executed.
    async fn withdraw(&self, id: &ChatId) {
        let id = id.clone();
        let withdraw = move |archive: &mut Archive, account, holder: &str| {
            archive.withdraw(account, &id, holder)
        };
        let _ = self.run(withdraw).await;
    }

    /// Makes the copy of a chat.
    async fn copy(&self, id: &ChatId, unless_after: Option<i64>) -> Result<Copied> {
        self.pacer.wait().await;
        let (chat, raw) = match self.session.chat_as_sent(id).await {
            Ok(whole) => whole,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let id = id.clone();
                let has_copy = self.run(move |archive, account, _| archive.has_copy(account, &id));
                return if has_copy.await? { Ok(Copied::Gone) } else { Err(error) };
            }
            Err(error) => return Err(no_copy(&error)),
        };
        check(&chat, unless_after)?;
        let copied = self.run(move |archive, account, holder| {
            archive.copied(account, (&chat, &raw), holder, now())
        });
        if copied.await.map_err(|error| no_copy(&error))? {
            Ok(Copied::Made)
        } else {
            Err(cancelled())
        }
    }

    /// Deletes chats upstream whose copies are made, and reports each to `done`. Returns a failure that
    /// every chat would meet; the chats of later chunks were not touched then.
    async fn execute(
        &self,
        ids: Vec<ChatId>,
        on_failure: OnFailure,
        done: &mut (dyn FnMut(Deletion) + Send),
    ) -> Result<Option<Error>> {
        let mut common = None;
        for chunk in ids.chunks(CHUNK) {
            // The rest is reported by `ready`, and needs no record.
            let (results, mut received) = mpsc::unbounded_channel::<(Deletion, bool)>();
            let work = async {
                let ready = |ids| self.ready(ids, on_failure, &results);
                // A closed channel means that nothing waits for the results.
                let done = |deletion| drop(results.send((deletion, true)));
                chats::delete(&self.session, chunk, ready, done).await;
                drop(results);
            };
            let record = async {
                while let Some((deletion, needs_record)) = received.recv().await {
                    if !needs_record {
                        done(deletion);
                        continue;
                    }
                    let Deletion { id, result, .. } = deletion;
                    let was_gone =
                        result.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound);
                    let result = if was_gone { Ok(()) } else { result };
                    let result = self.record(&id, result, was_gone).await;
                    if let Err(error) = &result
                        && ends_the_work(error.kind())
                    {
                        common.get_or_insert_with(|| error.clone());
                    }
                    done(Deletion::new(id, result));
                }
            };
            tokio::join!(work, record);
            if common.is_some() {
                break;
            }
        }
        Ok(common)
    }

    /// Prepares the request that deletes these chats: what was written into them since their copies were
    /// made must not be lost. Returns those that may be deleted, and reports the others to `results`.
    async fn ready(
        &self,
        ids: Vec<ChatId>,
        on_failure: OnFailure,
        results: &mpsc::UnboundedSender<(Deletion, bool)>,
    ) -> Result<Vec<ChatId>> {
        let report = |id, error, needs_record| {
            drop(results.send((Deletion::new(id, Err(error)), needs_record)));
        };
        let mut copied = Vec::with_capacity(ids.len());
        for id in ids {
            let wanted = id.clone();
            let outdated = self.run(move |archive, account, holder| {
                archive.outdated_copy(account, &wanted, holder, (now() - FRESH, now()))
            });
            if let Some(unless_after) = outdated.await? {
                match self.copy(&id, unless_after).await {
                    Ok(Copied::Made) => {}
                    Ok(Copied::Gone) => {
                        let message = "the chat is not in the account any more";
                        report(id, Error::new(ErrorKind::NotFound, message), true);
                        continue;
                    }
                    Err(error) if ends_the_work(error.kind()) => return Err(error),
                    Err(error) => {
                        match on_failure {
                            OnFailure::Withdraw => self.withdraw(&id).await,
                            OnFailure::GiveUp => drop(self.note_failure(&id, &error).await?),
                        }
                        report(id, error, false);
                        continue;
                    }
                }
            }
            copied.push(id);
        }
        let wanted = copied.clone();
        let claim = self
            .run(move |archive, account, holder| archive.deleting(account, &wanted, holder, now()));
        let begun = claim.await?;
        for id in copied.into_iter().filter(|id| !begun.contains(id)) {
            report(id, cancelled(), false);
        }
        Ok(begun)
    }

    /// Records the result of a deletion, and returns it as it is reported.
    async fn record(&self, id: &ChatId, result: Result<()>, was_gone: bool) -> Result<()> {
        let (id, keep) = (id.clone(), self.keep);
        match result {
            Ok(()) => {
                self.run(move |archive, account, _| {
                    let now = now();
                    let keep_until = keep.map(|keep| now.saturating_add(keep));
                    archive.deleted(account, &id, (was_gone, keep_until), now)
                })
                .await
            }
            Err(error) => {
                let hint = format!(
                    "the next command and `qwenctl serve` try it again; `qwenctl chats trash restore {id}` \
                     cancels it"
                );
                let reported = match error.hint() {
                    Some(known) => error.clone().with_hint(format!("{known}; {hint}")),
                    None => error.clone().with_hint(hint),
                };
                let failure = error;
                self.run(move |archive, account, _| {
                    archive.not_deleted(account, &id, (&failure, false), now())
                })
                .await?;
                Err(reported)
            }
        }
    }

    /// Finishes what is due: copies and deletions that another process has left or planned, and purges.
    /// Returns what it has done.
    ///
    /// # Errors
    /// Those of the archive.
    pub(crate) async fn finish_due(&self) -> Result<Vec<Deletion>> {
        let mut results = Vec::new();
        let work = async {
            self.run(|archive, account, _| archive.withdraw_abandoned(account, now())).await?;
            if !self.copy_planned(&mut results).await? || !self.delete_due(&mut results).await? {
                return Ok(());
            }
            self.run(|archive, account, _| {
                let outdated = archive.outdated(account, now())?;
                archive.purge_trash(account, &outdated, now()).map(drop)
            })
            .await
        };
        let result = self.alive(work).await;
        let released = self.run(|archive, _, holder| archive.release(holder, false)).await;
        result.and(released).map(|()| results)
    }

    /// Makes the copies of planned deletions; returns whether the upstream can be asked on.
    async fn copy_planned(&self, results: &mut Vec<Deletion>) -> Result<bool> {
        loop {
            let taken = self.take(TrashState::Asked).await?;
            if taken.is_empty() {
                return Ok(true);
            }
            for row in taken {
                match self.copy(&row.id, row.unless_after).await {
                    Ok(Copied::Made) => {}
                    Ok(Copied::Gone) => {
                        let result = self.record(&row.id, Ok(()), true).await;
                        results.push(Deletion::new(row.id, result));
                    }
                    Err(error) => {
                        let can_go_on = self.note_failure(&row.id, &error).await?;
                        results.push(Deletion::new(row.id, Err(error)));
                        if !can_go_on {
                            return Ok(false);
                        }
                    }
                }
            }
        }
    }

    /// Deletes what is due; returns whether the upstream can be asked on.
    async fn delete_due(&self, results: &mut Vec<Deletion>) -> Result<bool> {
        loop {
            let taken = self.take(TrashState::Pending).await?;
            if taken.is_empty() {
                return Ok(true);
            }
            let ids = taken.into_iter().map(|row| row.id).collect();
            let mut done = |deletion| results.push(deletion);
            if let Some(error) = self.execute(ids, OnFailure::GiveUp, &mut done).await? {
                self.postpone(&error).await?;
                return Ok(false);
            }
        }
    }

    async fn take(&self, state: TrashState) -> Result<Vec<Trashed>> {
        self.run(move |archive, account, holder| archive.take(account, state, holder, now())).await
    }

    /// Records why a copy could not be made; returns whether the next one may succeed.
    async fn note_failure(&self, id: &ChatId, error: &Error) -> Result<bool> {
        let is_common = ends_the_work(error.kind());
        let (id, failure) = (id.clone(), error.clone());
        self.run(move |archive, account, _| {
            archive.not_deleted(account, &id, (&failure, !is_common), now())
        })
        .await?;
        if is_common {
            self.postpone(error).await?;
        }
        Ok(!is_common)
    }

    async fn postpone(&self, error: &Error) -> Result<()> {
        let pause = error.retry_after().map_or(PAUSE, |pause| seconds(pause).max(PAUSE));
        self.run(move |archive, account, _| archive.postpone(account, now().saturating_add(pause)))
            .await
    }

    /// Renews the lease while `work` runs.
    async fn alive<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            result = work => result,
            never = self.renew() => match never {},
        }
    }

    async fn renew(&self) -> Infallible {
        loop {
            tokio::time::sleep(Duration::from_secs(LEASE.unsigned_abs() / 3)).await;
            // The next one may succeed; without a lease another process does the work.
            let _ = self.run(|archive, _, holder| archive.renew(holder, now())).await;
        }
    }

    /// When the next deletion or purge is due, in seconds since 1970; `None` without one.
    ///
    /// # Errors
    /// Those of the archive.
    pub(crate) async fn next_due(&self) -> Result<Option<i64>> {
        self.run(|archive, account, _| archive.next_due(account)).await
    }

    /// The trash, or the chats of a plan.
    ///
    /// # Errors
    /// Those of the archive.
    pub(crate) async fn list(&self, batch: Option<String>) -> Result<Vec<Trashed>> {
        self.run(move |archive, account, _| archive.trash(account, batch.as_deref())).await
    }

    /// The chats that a selection has, those with the oldest last message first.
    ///
    /// # Errors
    /// Those of [`Archive::select`].
    pub(crate) async fn select(&self, selection: Selection) -> Result<Vec<Selected>> {
        self.run(move |archive, account, _| archive.select(account, &selection)).await
    }

    /// The copy of a chat.
    ///
    /// # Errors
    /// Those of the archive; [`ErrorKind::NotFound`] if it has none.
    pub(crate) async fn chat(&self, id: &ChatId) -> Result<Chat> {
        let wanted = id.clone();
        let stored = self.run(move |archive, account, _| archive.chat(account, &wanted)).await?;
        stored.map(|stored| stored.chat).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("the archive has no copy of the chat {id}"))
        })
    }

    /// Whether a chat of the trash has left the account, so that a new one can take its place.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] if it has not; [`ErrorKind::NotFound`] if the trash does not have it.
    pub(crate) async fn is_out(&self, id: &ChatId) -> Result<()> {
        let rows = self.list(None).await?;
        match rows.iter().find(|row| row.id == *id).map(|row| row.state) {
            Some(TrashState::Deleted) => Ok(()),
            Some(_) => Err(Error::invalid(format!("the chat {id} is still in the account"))),
            None => {
                let message = format!("the chat {id} is not in the trash");
                Err(Error::new(ErrorKind::NotFound, message))
            }
        }
    }

    /// Takes a chat out of the trash.
    ///
    /// # Errors
    /// Those of [`Archive::restore`].
    pub(crate) async fn restore(&self, id: &ChatId) -> Result<Restoration> {
        let wanted = id.clone();
        let restore = self.run(move |archive, account, _| archive.restore(account, &wanted, now()));
        match restore.await? {
            Restored::Cancelled => Ok(Restoration::Cancelled),
            Restored::Archived => Ok(Restoration::Archived),
            Restored::Uncertain => match self.session.chat(id).await {
                Ok(_) => Ok(Restoration::Cancelled),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let id = id.clone();
                    self.run(move |archive, account, _| archive.gone(account, &id, now())).await?;
                    Ok(Restoration::Archived)
                }
                Err(_) => Ok(Restoration::Uncertain),
            },
        }
    }

    /// Purges chats of the trash, or all of them; returns how many.
    ///
    /// # Errors
    /// Those of [`Archive::purge`]; [`ErrorKind::NotFound`] for a chat that is not in the trash;
    /// [`ErrorKind::InvalidRequest`] for one that has not left the account.
    pub(crate) async fn purge(&self, ids: Option<Vec<ChatId>>) -> Result<usize> {
        self.run(move |archive, account, _| {
            let rows = archive.trash(account, None)?;
            let ids = match ids {
                None => rows.into_iter().map(|row| row.id).collect(),
                Some(ids) => {
                    ids.iter().try_for_each(|id| check_purge(&rows, id))?;
                    ids
                }
            };
            archive.purge_trash(account, &ids, now())
        })
        .await
    }
}

/// The chats of a selection, with the time of the last message that is known of each.
pub(crate) fn unchanged(selected: &[Selected]) -> Vec<(ChatId, Option<i64>)> {
    // Any message is a later one if none is known.
    let known = |chat: &Selected| Some(chat.last_message_at.unwrap_or(i64::MIN));
    selected.iter().map(|chat| (chat.id.clone(), known(chat))).collect()
}

/// What the model is asked to do with a transcript.
const RESTORED: &str = "The conversation above was restored from an archive, to be continued here. Answer \
    only with one short sentence that says so.";

/// Makes a new chat upstream whose first prompt has the transcript of `chat`. It costs one answer. Returns
/// the id of the new chat.
///
/// # Errors
/// Those of the client: then no new chat is left, unless it cannot be deleted.
pub(crate) async fn restore_as_new(
    session: &Session,
    chat: &Chat,
    model: Option<&str>,
) -> Result<ChatId> {
    let mut messages: Vec<_> = chat.branch().into_iter().filter_map(spoken).collect();
    if messages.is_empty() {
        return Err(Error::invalid("the chat has no messages to restore"));
    }
    messages.push(Spoken::new(Speaker::User, RESTORED));
    let prompt = history::whole(&messages);
    let model = chats::choose_model(session, [model, chat.model.as_deref()]).await?;
    let title = chat.title.as_deref().and_then(|title| chats::usable_title(title).ok());
    let id = session.create_chat(&model, ChatKind::Text, title.as_deref()).await?;
    let turn = Turn {
        chat_id: id.clone(),
        prompt: prompt.text,
        system: prompt.system,
        images: prompt.images,
        files: Vec::new(),
        conversation: prompt.conversation,
        model,
        has_chat_model: false,
        parent: Parent::Nothing,
        thinking: false,
        search: false,
    };
    let ask = async {
        let mut answer = session.send(turn).await?;
        while let Some(step) = answer.next().await {
            step?;
        }
        Ok(())
    };
    match ask.await {
        Ok(()) => {
            // The upstream makes a title of the first prompt. Without the old one the chat is usable, too.
            if let Some(title) = &title {
                let _ = session.rename_chat(&id, title).await;
            }
            Ok(id)
        }
        Err(error) => {
            // The failure of the prompt says more than one of the deletion.
            let _ = session.delete_chat(&id).await;
            Err(error)
        }
    }
}

fn spoken(message: &Message) -> Option<Spoken> {
    let speaker = match &message.role {
        Role::User => Speaker::User,
        Role::Assistant => Speaker::Assistant,
        Role::Other(_) => return None,
    };
    let images = message.images.iter().cloned().map(Part::Image);
    let parts = [Part::Text(message.content.clone())].into_iter().chain(images).collect();
    (!message.content.trim().is_empty()).then_some(Spoken { speaker, parts })
}

/// Whether a chat of the trash can be purged.
fn check_purge(rows: &[Trashed], id: &ChatId) -> Result<()> {
    match rows.iter().find(|row| row.id == *id).map(|row| row.state) {
        Some(TrashState::Deleted) => Ok(()),
        Some(_) => Err(Error::invalid(format!("the chat {id} has not left the account yet"))
            .with_hint("wait until it is deleted, or restore it")),
        None => Err(Error::new(ErrorKind::NotFound, format!("the chat {id} is not in the trash"))),
    }
}

fn seconds(duration: Duration) -> i64 {
    let whole = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    i64::try_from(whole).unwrap_or(i64::MAX)
}

/// Whether the next chat would fail in the same way.
fn ends_the_work(kind: ErrorKind) -> bool {
    is_common(kind) || kind == ErrorKind::Internal
}

fn cancelled() -> Error {
    Error::new(ErrorKind::Interrupted, "the deletion was cancelled")
}

fn not_tried(error: &Error) -> Error {
    Error::new(error.kind(), format!("not tried: {}", error.message()))
}

/// The error for a chat that is not deleted because it has no copy.
fn no_copy(error: &Error) -> Error {
    let message = format!("not deleted, as no copy could be made: {}", error.message());
    let without = "`--no-archive` deletes without a copy";
    let hint = match error.hint() {
        Some(hint) => format!("{hint}; {without}"),
        None => without.to_owned(),
    };
    Error::new(error.kind(), message).with_hint(hint).with_retry_after(error.retry_after())
}

/// Whether a chat can be copied as a whole, and has no message after `unless_after`.
fn check(chat: &Chat, unless_after: Option<i64>) -> Result<()> {
    if chat.incomplete {
        let message = "the upstream did not send the older messages of this chat";
        return Err(no_copy(&Error::new(ErrorKind::UpstreamProtocol, message)));
    }
    let is_recent = |at: Option<i64>| at.is_none_or(|at| now().saturating_sub(at) < ANSWERING);
    let mut open = chat.messages.iter().filter(|m| m.state == MessageState::InProgress);
    if open.any(|message| is_recent(message.timestamp)) {
        let message = "not deleted, as an answer is being written in this chat";
        return Err(Error::new(ErrorKind::ChatInProgress, message)
            .with_hint("wait for its end, or stop it"));
    }
    let said_at = chat.messages.iter().filter_map(|message| message.timestamp).max();
    if unless_after.is_some_and(|known| said_at > Some(known)) {
        return Err(Error::invalid("not deleted, as the chat has a new message"));
    }
    Ok(())
}
