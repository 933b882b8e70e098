//! The files of the page.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};
use warp::http::HeaderValue;

use crate::domain::hex;
use crate::server::http::packed::{Packed, packed};

/// Stands for the address of the files in `index.html`.
const PLACE: &str = "{{assets}}";

/// The frame in which code of an answer is shown as it looks.
pub(super) const PREVIEW: &str = "preview.html";

/// A file below `/assets/<hash>/`.
pub(super) struct Asset {
    pub path: &'static str,
    pub content_type: &'static str,
    pub content: Packed,
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($path:literal: $content_type:expr,)*) => {
        [$(Asset {
            path: $path,
            content_type: $content_type,
            content: packed!($path),
        }),*]
    };
}

/// Every file but the page itself.
pub(super) static FILES: &[Asset] = &files! {
    "icon.svg": "image/svg+xml",
    "preview.html": "text/html; charset=utf-8",
    "icon-maskable.svg": "image/svg+xml",
    "manifest.json": "application/manifest+json",
    "answer.css": "text/css; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "activity.js": JAVASCRIPT,
    "answer.js": JAVASCRIPT,
    "api.js": JAVASCRIPT,
    "app.js": JAVASCRIPT,
    "chinese.js": JAVASCRIPT,
    "citations.js": JAVASCRIPT,
    "code.js": JAVASCRIPT,
    "compare.js": JAVASCRIPT,
    "composer.js": JAVASCRIPT,
    "connection.js": JAVASCRIPT,
    "conversation.js": JAVASCRIPT,
    "copy.js": JAVASCRIPT,
    "dialogs.js": JAVASCRIPT,
    "dom.js": JAVASCRIPT,
    "drafts.js": JAVASCRIPT,
    "english.js": JAVASCRIPT,
    "facts.js": JAVASCRIPT,
    "failure-box.js": JAVASCRIPT,
    "failure.js": JAVASCRIPT,
    "fences.js": JAVASCRIPT,
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
    "notify.js": JAVASCRIPT,
    "outbox.js": JAVASCRIPT,
    "preview.js": JAVASCRIPT,
    "retry-menu.js": JAVASCRIPT,
    "resize.js": JAVASCRIPT,
    "scroll.js": JAVASCRIPT,
    "search.js": JAVASCRIPT,
    "palette.js": JAVASCRIPT,
    "preferences.js": JAVASCRIPT,
    "theme.js": JAVASCRIPT,
    "queue.js": JAVASCRIPT,
    "settings.js": JAVASCRIPT,
    "sidebar.js": JAVASCRIPT,
    "stats.js": JAVASCRIPT,
    "system.js": JAVASCRIPT,
    "tables.js": JAVASCRIPT,
    "tabs.js": JAVASCRIPT,
    "thread.js": JAVASCRIPT,
    "sources.js": JAVASCRIPT,
    "sse.js": JAVASCRIPT,
    "thinking.js": JAVASCRIPT,
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
    preview_policy: HeaderValue,
    etag: HeaderValue,
    page: Packed,
}

impl Site {
    fn new() -> Self {
        let template = packed!("index.html").text();
        let version = version(&template);
        let page = template.replace(PLACE, &format!("/assets/{version}"));
        let page = Packed::pack(&page).unwrap_or(Packed::new(b""));
        let etag = HeaderValue::try_from(format!("W/\"{version}\""))
            .unwrap_or_else(|_| HeaderValue::from_static("W/\"\""));
        let preview = FILES.iter().find(|asset| asset.path == PREVIEW);
        let preview = preview.map_or_else(String::new, |asset| policy_of(&asset.content.text()));
        let preview_policy =
            HeaderValue::try_from(preview).unwrap_or_else(|_| HeaderValue::from_static("sandbox"));
        Self { version, preview_policy, etag, page }
    }

    /// The page.
    pub(super) fn page(&self) -> &Packed {
        &self.page
    }

    /// What the frame for previews may do.
    pub(super) fn preview_policy(&self) -> &HeaderValue {
        &self.preview_policy
    }

    /// Names the version of all files.
    pub(super) fn etag(&self) -> &HeaderValue {
        &self.etag
    }

    /// The file `path` of version `version`.
    pub(super) fn asset(&self, version: &str, path: &str) -> Option<&'static Asset> {
        FILES.iter().find(|asset| version == self.version && asset.path == path)
    }
}

/// What the document `preview` may do: it runs its own script and no other, loads nothing, and has an origin
/// of its own.
fn policy_of(preview: &str) -> String {
    let script = preview.split_once("<script>").and_then(|(_, rest)| rest.split_once("</script>"));
    let hash = BASE64.encode(Sha256::digest(script.map_or("", |(script, _)| script)));
    format!(
        "sandbox allow-scripts; default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
}

/// Twelve hexadecimal digits that change when any file does.
fn version(template: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(template);
    for asset in FILES {
        hash.update([0]);
        hash.update(asset.path);
        hash.update([0]);
        hash.update(asset.content.bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    hex(&digest[..6])
}
