//! Which call a method and path name. Trailing slashes count: `DELETE /api/v2/chats/` wipes the
//! account (protocol 5.6) and `/api/v1/auths/` is not `/api/v1/auths` (protocol 2.3); that is why
//! no router library stands here.

use hyper::Method;

/// A call that the local upstream answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Config,
    Models,
    ModelsV2,
    Auths,
    Identity,
    SignIn,
    Refresh,
    RefreshOld,
    Status,
    Settings,
    List,
    Pinned,
    Archived,
    Search,
    New,
    Detail,
    Update,
    Delete,
    DeleteAll,
    Archive,
    Pin,
    BatchDelete,
    Projects,
    NewProject,
    Project,
    ChangeProject,
    DeleteProject,
    ProjectFiles,
    AddToProject,
    Completions,
    Stop,
    Sts,
    StsOld,
    Parse,
    ParseStatus,
    FileLink,
    Bucket,
}

impl Kind {
    /// Every call.
    pub(super) const ALL: &[Self] = &[
        Self::Config,
        Self::Models,
        Self::ModelsV2,
        Self::Auths,
        Self::Refresh,
        Self::RefreshOld,
        Self::Status,
        Self::Settings,
        Self::List,
        Self::Pinned,
        Self::Archived,
        Self::Search,
        Self::New,
        Self::Detail,
        Self::Update,
        Self::Delete,
        Self::DeleteAll,
        Self::Archive,
        Self::Pin,
        Self::BatchDelete,
        Self::Projects,
        Self::NewProject,
        Self::Project,
        Self::ChangeProject,
        Self::DeleteProject,
        Self::ProjectFiles,
        Self::AddToProject,
        Self::Completions,
        Self::Stop,
        Self::Sts,
        Self::StsOld,
        Self::Parse,
        Self::ParseStatus,
        Self::FileLink,
    ];

    /// Whether the call needs a valid access token. Status answers `false` by itself, refresh has
    /// its own credential.
    pub(super) fn needs_token(self) -> bool {
        !matches!(
            self,
            Self::Config
                | Self::Models
                | Self::ModelsV2
                | Self::SignIn
                | Self::Refresh
                | Self::RefreshOld
                | Self::Status
                | Self::Bucket
        )
    }
}

/// What a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A call, with the id in its path (empty when it has none).
    Call(Kind, String),
    /// The admin API, with what follows `/__local/`.
    Admin(String),
    /// A path that exists, with another method.
    WrongMethod,
    /// Nothing.
    Nothing,
}

/// The path of the bucket, which has a host of its own at the service.
pub(super) const BUCKET_PATH: &str = "/qwen-webui-prod/";

/// Finds what a request names.
pub(super) fn find(method: &Method, path: &str) -> Target {
    if let Some(rest) = path.strip_prefix("/__local/") {
        return Target::Admin(rest.to_owned());
    }
    if let Some(key) = path.strip_prefix(BUCKET_PATH) {
        let is_known = *method == Method::PUT || *method == Method::GET;
        let call = Target::Call(Kind::Bucket, key.to_owned());
        return if is_known { call } else { Target::WrongMethod };
    }
    let (name, id) = split_id(path);
    let kinds = kinds(name);
    if kinds.is_empty() {
        return Target::Nothing;
    }
    let kind = kinds.iter().find(|(allowed, _)| *allowed == method);
    kind.map_or(Target::WrongMethod, |(_, kind)| Target::Call(*kind, id.to_owned()))
}

/// Replaces the id of a chat or a project in a path by `{id}`.
fn split_id(path: &str) -> (&str, &str) {
    if let Some(rest) = path.strip_prefix("/api/v2/projects/") {
        return match rest.split_once('/') {
            None if matches!(rest, "" | "add_chat") => (path, ""),
            None => ("/api/v2/projects/{id}", rest),
            Some((id, "files")) => ("/api/v2/projects/{id}/files", id),
            Some(_) => ("", ""),
        };
    }
    let Some(rest) = path.strip_prefix("/api/v2/chats/") else { return (path, "") };
    match rest.split_once('/') {
        None if matches!(rest, "" | "pinned" | "archived" | "search" | "new" | "batch_delete") => {
            (path, "")
        }
        None => ("/api/v2/chats/{id}", rest),
        Some((id, "archive")) => ("/api/v2/chats/{id}/archive", id),
        Some((id, "pin")) => ("/api/v2/chats/{id}/pin", id),
        Some(_) => ("", ""),
    }
}

fn kinds(name: &str) -> &'static [(Method, Kind)] {
    match name {
        "/api/config" => &[(Method::GET, Kind::Config)],
        "/api/models" => &[(Method::GET, Kind::Models)],
        "/api/v2/models/" => &[(Method::GET, Kind::ModelsV2)],
        "/api/v1/auths/" => &[(Method::GET, Kind::Auths)],
        "/api/v2/auths/" => &[(Method::GET, Kind::Identity)],
        "/api/v1/auths/signin" | "/api/v2/auths/signin" => &[(Method::POST, Kind::SignIn)],
        "/api/v2/auths/refresh" => {
            &[(Method::GET, Kind::Refresh), (Method::POST, Kind::RefreshOld)]
        }
        "/api/v2/users/status" => &[(Method::GET, Kind::Status), (Method::POST, Kind::Status)],
        "/api/v2/users/user/settings" => &[(Method::GET, Kind::Settings)],
        "/api/v2/chats/" => &[(Method::GET, Kind::List), (Method::DELETE, Kind::DeleteAll)],
        "/api/v2/chats/pinned" => &[(Method::GET, Kind::Pinned)],
        "/api/v2/chats/archived" => &[(Method::GET, Kind::Archived)],
        "/api/v2/chats/search" => &[(Method::GET, Kind::Search)],
        "/api/v2/chats/new" => &[(Method::POST, Kind::New)],
        "/api/v2/chats/batch_delete" => &[(Method::POST, Kind::BatchDelete)],
        "/api/v2/projects/" => &[(Method::GET, Kind::Projects), (Method::POST, Kind::NewProject)],
        "/api/v2/projects/add_chat" => &[(Method::POST, Kind::AddToProject)],
        "/api/v2/projects/{id}" => &[
            (Method::GET, Kind::Project),
            (Method::PUT, Kind::ChangeProject),
            (Method::DELETE, Kind::DeleteProject),
        ],
        "/api/v2/projects/{id}/files" => &[(Method::GET, Kind::ProjectFiles)],
        "/api/v2/chats/{id}" => &[
            (Method::GET, Kind::Detail),
            (Method::POST, Kind::Update),
            (Method::DELETE, Kind::Delete),
        ],
        "/api/v2/chats/{id}/archive" => &[(Method::POST, Kind::Archive)],
        "/api/v2/chats/{id}/pin" => &[(Method::POST, Kind::Pin)],
        "/api/v2/chat/completions" => &[(Method::POST, Kind::Completions)],
        "/api/v2/chat/completions/stop" => &[(Method::POST, Kind::Stop)],
        "/api/v2/files/getstsToken" => &[(Method::POST, Kind::Sts)],
        "/api/v1/files/getstsToken" => &[(Method::POST, Kind::StsOld)],
        "/api/v2/files/parse" => &[(Method::POST, Kind::Parse)],
        "/api/v2/files/parse/status" => &[(Method::POST, Kind::ParseStatus)],
        "/api/v2/files/getfilelink" => &[(Method::POST, Kind::FileLink)],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trailing_slash_counts() {
        assert_eq!(
            find(&Method::DELETE, "/api/v2/chats/"),
            Target::Call(Kind::DeleteAll, String::new())
        );
        assert_eq!(find(&Method::DELETE, "/api/v2/chats"), Target::Nothing);
        assert_eq!(find(&Method::GET, "/api/v1/auths"), Target::Nothing);
    }

    #[test]
    fn ids_are_taken_out_of_the_path() {
        assert_eq!(
            find(&Method::GET, "/api/v2/chats/c1"),
            Target::Call(Kind::Detail, "c1".to_owned())
        );
        assert_eq!(
            find(&Method::POST, "/api/v2/chats/c1/archive"),
            Target::Call(Kind::Archive, "c1".to_owned())
        );
        assert_eq!(find(&Method::PUT, "/api/v2/chats/c1"), Target::WrongMethod);
    }
}
