//! Files that go with a prompt.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kind of a file, which decides about its limits and what a model must be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A picture.
    Image,
    /// A text, a PDF file, an office document.
    Document,
    /// A sound.
    Audio,
    /// A film.
    Video,
}

impl FileKind {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Document => "document",
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }

    /// Whether files of this kind are media, of which a prompt takes one kind only (protocol 10.5).
    pub fn is_media(self) -> bool {
        self != Self::Document
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Image => "picture",
            Self::Document => "document",
            Self::Audio => "audio file",
            Self::Video => "video",
        })
    }
}

/// A file that the upstream has. Its address holds a key, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadedFile {
    /// The upstream's id.
    pub id: String,
    /// A presigned address, which expires soon. The upstream uses the id.
    pub url: String,
    /// The id of the account.
    pub owner: String,
    /// The name.
    pub name: String,
    /// The media type.
    pub media_type: String,
    /// The size in bytes.
    pub size: u64,
    /// The kind.
    pub kind: FileKind,
    /// Whether it holds text that was too long for a prompt.
    pub is_pasted: bool,
    /// When it was uploaded, in seconds since 1970.
    pub uploaded_at: i64,
    /// Whether it was uploaded for an earlier prompt.
    #[serde(skip)]
    pub is_reused: bool,
}

impl fmt::Debug for UploadedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadedFile")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A file of a message, as the chat shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageFile {
    /// Its name.
    pub name: String,
    /// Its media type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub media_type: Option<String>,
    /// Its size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub size: Option<u64>,
    /// `image`, `document`, `audio` or `video`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kind: Option<FileKind>,
}

impl fmt::Display for MessageFile {
    /// The name, and what is known about it: `cat.png (image/png, 189 bytes)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.size.map(|size| format!("{size} bytes"));
        let details: Vec<_> = self.media_type.clone().into_iter().chain(size).collect();
        f.write_str(&self.name)?;
        if details.is_empty() { Ok(()) } else { write!(f, " ({})", details.join(", ")) }
    }
}

/// Remembers uploaded files for some hours, so that the same file is not uploaded again.
pub trait UploadStore: Send + Sync {
    /// The file under this key.
    fn get(&self, key: &str, now: i64) -> Option<UploadedFile>;

    /// Remembers a file.
    fn put(&self, key: &str, file: &UploadedFile, now: i64);

    /// Forgets a file.
    fn remove(&self, key: &str);
}
