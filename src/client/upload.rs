//! Uploads a file for a prompt (protocol 10): credentials, the bucket, and for documents the parsing.
//!
//! What this module keeps true: each upload takes one set of credentials, because they are few in a
//! minute; expired ones are replaced once, and then all ids are those of the second set; the bucket gets
//! neither token nor cookies; what is uploaded is what was checked, or the upload fails.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Response};
use ring::digest::{Context, SHA256};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::failure::{Cause, Failure};
use super::file::{FileSource, PIECE, changed};
use super::observer::Notice;
use super::session::Session;
use super::signature::{self, Signer, UNSIGNED};
use super::transport::Call;
use super::wire::envelope::Envelope;
use super::wire::upload::{Parsing, UploadCredentials, WireCredentials, file_type, parsing};
use crate::domain::time::now;
use crate::domain::{Error, ErrorKind, FileKind, Result, UploadStore, UploadedFile, hex};
use crate::net::http;

/// How often an upload that the bucket could not take is tried.
const ATTEMPTS: u32 = 2;
/// The longest answer of the bucket that is read, in bytes.
const MAX_ANSWER: usize = 16 << 10;

/// What is known of an upload while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadStep {
    /// So many bytes were sent.
    Sent(u64),
    /// The service reads the document.
    Parsing,
    /// It is over.
    Done,
}

/// Receives the steps of an upload; it must not block.
pub type UploadSink = Arc<dyn Fn(&FileSource, UploadStep) + Send + Sync>;

impl Session {
    /// Uploads a file, or finds it among those uploaded before. Dropping the future ends the upload.
    ///
    /// # Errors
    /// Those of the service and the bucket; [`ErrorKind::InvalidRequest`] for a document that the service
    /// cannot read, and for a file that changes meanwhile.
    pub async fn upload(
        &self,
        file: &FileSource,
        sink: Option<&UploadSink>,
    ) -> Result<UploadedFile> {
        let key = self.upload_key(file);
        let report = |step| {
            if let Some(sink) = sink {
                sink(file, step);
            }
        };
        if let Some(known) = self.upload_store().get(&key, now()) {
            report(UploadStep::Done);
            return Ok(UploadedFile { is_reused: true, ..known });
        }
        let uploaded = self.upload_anew(file, &report).await?;
        if file.kind == FileKind::Document {
            report(UploadStep::Parsing);
            self.parse(&uploaded).await?;
        }
        self.upload_store().put(&key, &uploaded, now());
        report(UploadStep::Done);
        Ok(uploaded)
    }

    /// Forgets that a file was uploaded before.
    pub fn forget_upload(&self, file: &FileSource) {
        self.upload_store().remove(&self.upload_key(file));
    }

    fn upload_store(&self) -> &dyn UploadStore {
        let kept = self.config().uploads.as_deref();
        kept.unwrap_or_else(|| self.uploads().known())
    }

    fn account_id(&self) -> String {
        self.access_token().claims().account_id.clone().unwrap_or_default()
    }

    /// A hash of upstream, account, name and content.
    fn upload_key(&self, file: &FileSource) -> String {
        let mut context = Context::new(&SHA256);
        for part in [&self.config().api_url, &self.account_id(), &file.name] {
            context.update(part.as_bytes());
            context.update(&[0, u8::from(file.is_pasted)]);
        }
        context.update(&file.digest);
        hex(context.finish().as_ref())
    }

    async fn upload_anew(
        &self,
        file: &FileSource,
        report: &(impl Fn(UploadStep) + Sync),
    ) -> Result<UploadedFile> {
        let mut is_second = false;
        loop {
            let credentials = self.upload_credentials(file).await?;
            match self.put(file, &credentials, report).await? {
                Put::Stored => {
                    let owner = credentials.key.split_once('/').map_or("", |(owner, _)| owner);
                    return Ok(UploadedFile {
                        owner: owner.to_owned(),
                        id: credentials.file_id,
                        url: credentials.file_url,
                        name: file.name.clone(),
                        media_type: file.media_type.to_owned(),
                        size: file.size,
                        kind: file.kind,
                        is_pasted: file.is_pasted,
                        uploaded_at: now(),
                        is_reused: false,
                    });
                }
                Put::Stale(_) if !std::mem::replace(&mut is_second, true) => {}
                Put::Stale(error) => return Err(error),
            }
        }
    }

    /// Requests the credentials of one upload. Waits if the budget is used up, once.
    async fn upload_credentials(&self, file: &FileSource) -> Result<UploadCredentials> {
        let window = self.config().timing.upload_window;
        let delay = self.uploads().reserve(&self.account_id(), window);
        if !delay.is_zero() {
            self.wait_for_budget(delay).await?;
        }
        let body = json!({
            "filename": file.name, "filesize": file.size.to_string(), "filetype": file_type(file.kind),
        });
        let call = Call::post(&["v2", "files", "getstsToken"], body).repeatable();
        let answer = match self.attempts(&call).await {
            Err(failed) if failed.cause == Some(Cause::UploadBudget) => {
                self.wait_for_budget(window).await?;
                self.attempts(&call).await.map_err(|failed| {
                    let is_budget = failed.cause == Some(Cause::UploadBudget);
                    let error = failed.error;
                    if is_budget { error.with_retry_after(Some(window)) } else { error }
                })?
            }
            answer => answer?,
        };
        let wire =
            answer.parse::<WireCredentials>("upload credentials").map_err(Failure::into_error)?;
        let incomplete =
            || answer.failure("upload credentials without all their parts").into_error();
        wire.complete().ok_or_else(incomplete)
    }

    async fn wait_for_budget(&self, delay: Duration) -> Result<()> {
        let failure = Failure::new(Cause::UploadBudget);
        self.notify(Notice::Retrying { reason: failure.reason(), delay });
        self.wait(failure, delay)
            .await
            .map_err(|error| error.with_retry_after(Some(delay)))
            .map(drop)
    }

    /// Sends the file to the bucket.
    async fn put(
        &self,
        file: &FileSource,
        credentials: &UploadCredentials,
        report: &(impl Fn(UploadStep) + Sync),
    ) -> Result<Put> {
        let is_own = self.config().private_header.is_some();
        let is_odd = credentials.key.split('/').any(|part| matches!(part, "" | "." | ".."));
        let path = signature::path(&credentials.bucket, &credentials.key);
        let url = credentials.url(&path, self.transport().api(), is_own);
        let url = url.ok().filter(|_| !is_odd).ok_or_else(|| {
            Error::new(
                ErrorKind::UpstreamProtocol,
                "the upstream names a foreign host for uploads; the file was not sent",
            )
            .with_hint("check `--api-url`; uploads go to hosts below aliyuncs.com only")
        })?;
        let signer = Signer {
            key_id: &credentials.key_id,
            secret: &credentials.secret,
            token: &credentials.token,
            region: &credentials.region,
        };
        let sensitive = |text: &str| {
            http::sensitive(text).ok_or_else(|| {
                Failure::shape("upload credentials that no header takes").into_error()
            })
        };
        let mut made = 0;
        loop {
            made += 1;
            // By the upstream's clock: ours may be wrong.
            let date = signature::date(self.transport().now());
            let authorization = signer.authorization(&path, file.media_type, &date);
            let upload = Upload::of(file);
            let request = self
                .transport()
                .bucket(is_own)
                .put(url.clone())
                .header(CONTENT_TYPE, file.media_type)
                .header(CONTENT_LENGTH, file.size)
                .header("x-oss-content-sha256", UNSIGNED)
                .header("x-oss-date", date)
                .header("x-oss-security-token", sensitive(&credentials.token)?)
                .header("authorization", sensitive(&authorization)?)
                .body(upload.body());
            let sent = self.sent(request.send(), &upload, report).await;
            if upload.has_changed() {
                return Err(changed(&file.name));
            }
            let failure = match sent.and_then(|sent| sent.map_err(Failure::transport)) {
                Ok(response) => match self.verdict(file, response).await {
                    Verdict::Final(put) => return put,
                    Verdict::Again(failure) => failure,
                },
                Err(failure) => failure,
            };
            if made >= ATTEMPTS || failure.cause == Cause::Total {
                return Err(failure.into_error());
            }
            let delay = self.config().timing.backoff;
            self.notify(Notice::Retrying { reason: failure.reason(), delay });
            self.wait(failure, delay).await?;
        }
    }

    /// Waits for the answer of the bucket as long as bytes are sent, and reports how many.
    async fn sent(
        &self,
        request: impl Future<Output = reqwest::Result<Response>>,
        upload: &Upload,
        report: &(impl Fn(UploadStep) + Sync),
    ) -> Result<reqwest::Result<Response>, Failure> {
        let (mut request, patience) = (pin!(request), self.patience());
        loop {
            let before = upload.sent.load(Ordering::Relaxed);
            let mut waiting = pin!(patience.wait(&mut request));
            let outcome = loop {
                if let Ok(outcome) = tokio::time::timeout(TICK, &mut waiting).await {
                    break outcome;
                }
                report(UploadStep::Sent(upload.sent.load(Ordering::Relaxed)));
            };
            match outcome {
                Err(failure)
                    if failure.cause == Cause::Idle
                        && upload.sent.load(Ordering::Relaxed) > before => {}
                outcome => return outcome,
            }
        }
    }

    /// What the bucket says. Neither its signature nor ours is in any text.
    async fn verdict(&self, file: &FileSource, response: Response) -> Verdict {
        let status = response.status();
        if status.is_success() {
            return Verdict::Final(Ok(Put::Stored));
        }
        if status.is_server_error() {
            let details = format!("the bucket answered with status {}", status.as_u16());
            return Verdict::Again(Failure::new(Cause::Gateway).with_details(details));
        }
        let text = self.patience().wait(beginning(response)).await.unwrap_or_default();
        let part = |name: &str| {
            let (_, rest) = text.split_once(&format!("<{name}>"))?;
            let value = rest.split_once("</")?.0;
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            (value.len() <= 64 && value.chars().all(is_plain)).then(|| value.to_owned())
        };
        let code = part("Code").unwrap_or_else(|| format!("status {}", status.as_u16()));
        let refused =
            |kind, text: String| Error::new(kind, text).with_request_id(part("RequestId"));
        let name = &file.name;
        let error = if code == "RequestTimeTooSkewed" {
            let text = "the clock of this machine is wrong: the bucket refuses uploads".to_owned();
            refused(ErrorKind::InvalidRequest, text)
                .with_hint("set the clock, then send the message again")
        } else {
            let text = format!("the bucket refused the upload of `{name}`: {code}");
            refused(ErrorKind::UpstreamProtocol, text)
        };
        let is_stale =
            matches!(code.as_str(), "SecurityTokenExpired" | "InvalidAccessKeyId" | "AccessDenied");
        Verdict::Final(if is_stale { Ok(Put::Stale(error)) } else { Err(error) })
    }

    /// Waits until the service has read a document. A wait that takes too long is only reported: the
    /// service reads the document all the same (protocol 10.3).
    async fn parse(&self, file: &UploadedFile) -> Result<()> {
        let timing = self.config().timing;
        let deadline = Instant::now() + timing.parse_limit;
        let begin = Call::post(&["v2", "files", "parse"], json!({"file_id": file.id})).repeatable();
        match tokio::time::timeout_at(deadline, self.attempts(&begin)).await {
            Ok(Ok(_)) => {}
            Ok(Err(failed)) if failed.cause.is_some_and(is_passing) => {
                self.warn_of_parsing(file);
                return Ok(());
            }
            Ok(Err(failed)) => return Err(failed.error),
            Err(_) => {
                self.warn_of_parsing(file);
                return Ok(());
            }
        }
        let ask =
            Call::post(&["v2", "files", "parse", "status"], json!({"file_id_list": [file.id]}));
        let ask = ask.repeatable();
        loop {
            let state = match tokio::time::timeout_at(deadline, self.attempts(&ask)).await {
                Ok(Ok(body)) => {
                    let answer = body.parse::<Envelope<Value>>("the state of a file");
                    let data = answer.map_err(Failure::into_error)?.data.unwrap_or_default();
                    parsing(&data, &file.id)
                }
                Ok(Err(failed)) if failed.cause.is_some_and(is_passing) => Parsing::Running,
                Ok(Err(failed)) => return Err(failed.error),
                Err(_) => Parsing::Running,
            };
            match state {
                Parsing::Done => return Ok(()),
                Parsing::Failed(reason) => {
                    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                    let text = format!("the service cannot read `{}`{reason}", file.name);
                    return Err(
                        Error::invalid(text).with_hint("convert the document to PDF or plain text")
                    );
                }
                Parsing::Running if Instant::now() + timing.parse_poll >= deadline => {
                    self.warn_of_parsing(file);
                    return Ok(());
                }
                Parsing::Running => sleep(timing.parse_poll).await,
            }
        }
    }

    fn warn_of_parsing(&self, file: &UploadedFile) {
        let text = format!("the service is still reading `{}`; it is sent all the same", file.name);
        self.notify(Notice::Warning(text));
    }
}

/// How often the progress of an upload is reported.
const TICK: Duration = Duration::from_millis(200);

fn is_passing(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::Cut
            | Cause::Gateway
            | Cause::Empty
            | Cause::Internal
            | Cause::Idle
            | Cause::TimedOut
    )
}

/// What became of a file that was sent to the bucket.
enum Put {
    Stored,
    /// The credentials are not accepted any more.
    Stale(Error),
}

enum Verdict {
    Final(Result<Put>),
    /// Another attempt may help.
    Again(Failure),
}

async fn beginning(mut response: Response) -> String {
    let mut text = Vec::new();
    while text.len() < MAX_ANSWER
        && let Ok(Some(piece)) = response.chunk().await
    {
        text.extend_from_slice(&piece);
    }
    text.truncate(MAX_ANSWER);
    String::from_utf8_lossy(&text).into_owned()
}

/// The body of an upload: read piece by piece, counted, and compared with what was checked.
struct Upload {
    file: FileSource,
    sent: Arc<AtomicU64>,
    changed: Arc<AtomicU64>,
}

impl Upload {
    fn of(file: &FileSource) -> Self {
        Self { file: file.clone(), sent: Arc::default(), changed: Arc::default() }
    }

    fn has_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed) > 0
    }

    fn body(&self) -> Body {
        let state = (self.file.clone(), Arc::clone(&self.sent), Arc::clone(&self.changed));
        let begin = (state, 0_u64, Context::new(&SHA256));
        Body::wrap_stream(stream::try_unfold(
            begin,
            |((file, sent, changed), at, mut hash)| async move {
                if at >= file.size {
                    return Ok(None);
                }
                let source = file.clone();
                let read = tokio::task::spawn_blocking(move || source.piece(at)).await;
                let mut piece: Bytes = read.map_err(io::Error::other).flatten()?;
                let left = file.size - at;
                if piece.len() as u64 > left {
                    piece.truncate(usize::try_from(left).unwrap_or(PIECE));
                }
                hash.update(&piece);
                let next = at + piece.len() as u64;
                let is_same = !piece.is_empty()
                    && (next < file.size
                        || hash.clone().finish().as_ref() == file.digest.as_slice());
                if !is_same {
                    // The last piece is held back, so that the bucket stores nothing.
                    changed.store(1, Ordering::Relaxed);
                    return Err(io::Error::other("the file has changed"));
                }
                sent.store(next, Ordering::Relaxed);
                Ok(Some((piece, ((file, sent, changed), next, hash))))
            },
        ))
    }
}
