//! Files for a prompt: from a path, and from an address.
//!
//! What this module keeps true: an address is fetched here, never by the upstream, unless it is the
//! upstream's own.

use std::path::PathBuf;

use crate::client::{FileSource, MAX_FILE_BYTES};
use crate::domain::{Error, ErrorKind, Result};
use crate::net::address::http_url;
use crate::net::download::download;

/// The file at `path`.
///
/// # Errors
/// Those of [`FileSource::open`].
pub(crate) async fn from_path(path: PathBuf) -> Result<FileSource> {
    blocking(move || FileSource::open(&path)).await
}

/// Runs blocking work on files.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let stopped = |_| Error::new(ErrorKind::Internal, "reading a file stopped");
    tokio::task::spawn_blocking(work).await.map_err(stopped)?
}

/// Whether a text is an address on the web.
pub(crate) fn is_url(text: &str) -> bool {
    let start = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(start.as_deref(), Some("http" | "https"))
}

/// Whether the upstream reads an address by itself: it is its own (protocol 10.6).
pub(crate) fn is_own_address(url: &str) -> bool {
    http_url(url).is_some_and(|url| {
        let host = url.host_str().unwrap_or_default();
        let is_bucket = host.starts_with("qwen-webui-prod.") && host.ends_with(".aliyuncs.com");
        url.scheme() == "https" && (host == "cdn.qwenlm.ai" || is_bucket)
    })
}

/// The file at an address on the web.
///
/// # Errors
/// Those of [`download`] and [`FileSource::open`].
pub(crate) async fn from_url(url: &str, allows_private: bool) -> Result<FileSource> {
    let fetched = download(url, MAX_FILE_BYTES, allows_private).await?;
    blocking(move || {
        FileSource::of_file(&named(&fetched.name, fetched.media_type.as_deref()), fetched.file)
    })
    .await
}

/// The name with the extension of its media type, if it has none.
fn named(name: &str, media_type: Option<&str>) -> String {
    let name = if name.trim().is_empty() { "file" } else { name };
    let has_extension = name.rsplit_once('.').is_some_and(|(start, end)| {
        !start.is_empty()
            && (1..=5).contains(&end.len())
            && end.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let extension = match media_type.unwrap_or_default() {
        _ if has_extension => None,
        "image/png" => Some("png"),
        "image/jpeg" | "image/jpg" => Some("jpg"),
        "image/gif" => Some("gif"),
        "image/webp" => Some("webp"),
        "image/svg+xml" => Some("svg"),
        "application/pdf" => Some("pdf"),
        "text/plain" => Some("txt"),
        "text/csv" => Some("csv"),
        "text/markdown" => Some("md"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => Some("docx"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Some("xlsx"),
        _ => None,
    };
    extension.map_or_else(|| name.to_owned(), |extension| format!("{name}.{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_upstreams_own_addresses_are_left_to_it() {
        for (url, is_own) in [
            ("https://cdn.qwenlm.ai/output/a.png?key=x", true),
            ("https://qwen-webui-prod.oss-accelerate.aliyuncs.com/u/a.png", true),
            ("http://cdn.qwenlm.ai/a.png", false),
            ("https://cdn.qwenlm.ai.example/a.png", false),
            ("https://a.example/cdn.qwenlm.ai", false),
            ("https://qwen-webui-prod.evil.example/.aliyuncs.com", false),
        ] {
            assert_eq!(is_own_address(url), is_own, "{url}");
        }
    }
}
