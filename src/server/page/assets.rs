//! The files of the page.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use warp::http::HeaderValue;

use crate::domain::hex;

/// Stands for the address of the files in `index.html`.
const PLACE: &str = "{{assets}}";

/// A file below `/assets/<hash>/`.
pub(super) struct Asset<C = &'static str> {
    pub path: &'static str,
    pub content_type: &'static str,
    pub content: C,
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($path:literal: $content_type:expr,)*) => {
        [$(Asset {
            path: $path,
            content_type: $content_type,
            content: include_str!(concat!("assets/", $path)),
        }),*]
    };
}

/// Every file but the page itself.
pub(super) static FILES: &[Asset] = &files! {
    "icon.svg": "image/svg+xml",
    "answer.css": "text/css; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "answer.js": JAVASCRIPT,
    "api.js": JAVASCRIPT,
    "app.js": JAVASCRIPT,
    "chinese.js": JAVASCRIPT,
    "citations.js": JAVASCRIPT,
    "composer.js": JAVASCRIPT,
    "connection.js": JAVASCRIPT,
    "conversation.js": JAVASCRIPT,
    "dialogs.js": JAVASCRIPT,
    "dom.js": JAVASCRIPT,
    "drafts.js": JAVASCRIPT,
    "english.js": JAVASCRIPT,
    "failure-box.js": JAVASCRIPT,
    "failure.js": JAVASCRIPT,
    "follow.js": JAVASCRIPT,
    "highlight.js": JAVASCRIPT,
    "i18n.js": JAVASCRIPT,
    "icons.js": JAVASCRIPT,
    "keys.js": JAVASCRIPT,
    "languages.js": JAVASCRIPT,
    "limits.js": JAVASCRIPT,
    "list.js": JAVASCRIPT,
    "main.js": JAVASCRIPT,
    "marks.js": JAVASCRIPT,
    "menu.js": JAVASCRIPT,
    "messages.js": JAVASCRIPT,
    "models.js": JAVASCRIPT,
    "notice.js": JAVASCRIPT,
    "outbox.js": JAVASCRIPT,
    "scroll.js": JAVASCRIPT,
    "search.js": JAVASCRIPT,
    "queue.js": JAVASCRIPT,
    "settings.js": JAVASCRIPT,
    "sidebar.js": JAVASCRIPT,
    "sse.js": JAVASCRIPT,
    "stats.js": JAVASCRIPT,
    "system.js": JAVASCRIPT,
    "tabs.js": JAVASCRIPT,
    "thread.js": JAVASCRIPT,
    "throttle.js": JAVASCRIPT,
    "token.js": JAVASCRIPT,
    "trash.js": JAVASCRIPT,
    "tree.js": JAVASCRIPT,
    "version.js": JAVASCRIPT,
    "views.js": JAVASCRIPT,
    "undo.js": JAVASCRIPT,
    "vietnamese.js": JAVASCRIPT,
};

/// The page as this program has it, made once.
pub(super) static SITE: LazyLock<Site> = LazyLock::new(Site::new);

/// The page and its version.
pub(super) struct Site {
    version: String,
    etag: HeaderValue,
    page: String,
    files: Vec<Asset<String>>,
}

impl Site {
    fn new() -> Self {
        let template = include_str!("assets/index.html");
        let version = version(template);
        let page = template.replace(PLACE, &format!("/assets/{version}"));
        let etag = HeaderValue::try_from(format!("\"{version}\""))
            .unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        let sent = |Asset { path, content_type, content }: &Asset| Asset {
            path,
            content_type,
            content: without_comments(content),
        };
        let files = FILES.iter().map(sent).collect();
        Self { version, etag, page, files }
    }

    /// The page.
    pub(super) fn page(&self) -> &str {
        &self.page
    }

    /// Names the version of all files.
    pub(super) fn etag(&self) -> &HeaderValue {
        &self.etag
    }

    /// The file `path` of version `version`.
    pub(super) fn asset(&self, version: &str, path: &str) -> Option<&Asset<String>> {
        self.files.iter().find(|asset| version == self.version && asset.path == path)
    }

    /// The size of these files, or of the page and all files, in bytes.
    #[cfg(test)]
    pub(super) fn sizes(&self, paths: &[&str]) -> usize {
        let is_meant = |asset: &&Asset<String>| paths.is_empty() || paths.contains(&asset.path);
        let page = if paths.is_empty() { self.page.len() } else { 0 };
        page + self.files.iter().filter(is_meant).map(|asset| asset.content.len()).sum::<usize>()
    }
}

/// A script or style sheet without indentation and without lines that are comments. Line breaks stay: they end
/// statements. No string of the page has a line break.
pub(super) fn without_comments(content: &str) -> String {
    let mut is_comment = false;
    let mut kept = String::with_capacity(content.len());
    for line in content.lines().map(str::trim) {
        is_comment |= line.starts_with("/*");
        let is_kept = !is_comment && !line.is_empty() && !line.starts_with("//");
        is_comment &= !line.ends_with("*/");
        if is_kept {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Twelve hexadecimal digits that change when any file does.
fn version(template: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(template);
    for asset in FILES {
        hash.update([0]);
        hash.update(asset.path);
        hash.update([0]);
        hash.update(asset.content);
    }
    let digest: [u8; 32] = hash.finalize().into();
    hex(&digest[..6])
}
