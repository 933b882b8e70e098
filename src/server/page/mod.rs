//! The chat page. Its files are part of the program.
//!
//! What this module keeps true: the page loads nothing from other sites and runs no script but its own
//! files (see `POLICY`); code of an answer is shown in a frame that can neither reach the page nor load
//! anything (see `Site::preview_policy`); the path of a file holds a hash of all files, so that browsers can keep it
//! for good and a page never runs the scripts of another version.

mod assets;

use warp::Reply as _;
use warp::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, HeaderName, IF_NONE_MATCH, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use warp::http::{HeaderMap, HeaderValue, StatusCode};
use warp::reply::Response;

use crate::server::http::packed::Packed;
use assets::{PREVIEW, SITE};

/// What the page may load. Images of other sites are excluded: a hostile answer could put data into
/// the URL of one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types qwenctl-render";

/// Features that the page does not need.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), \
    gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

/// The page is revalidated each time, its files never.
const FRESH: &str = "no-cache";
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The page itself.
pub(super) fn page(request: &HeaderMap) -> Response {
    respond(request, "text/html; charset=utf-8", FRESH, SITE.page())
}

/// The file `name` of this `version` of the page, if there is one.
pub(super) fn file(request: &HeaderMap, version: &str, name: &str) -> Option<Response> {
    let asset = SITE.asset(version, name)?;
    let mut response = respond(request, asset.content_type, FOREVER, &asset.content);
    if name == PREVIEW {
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, SITE.preview_policy().clone());
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    }
    Some(response)
}

fn respond(
    request: &HeaderMap,
    content_type: &'static str,
    caching: &'static str,
    content: &Packed,
) -> Response {
    let etag = SITE.etag();
    let mut response = if is_known(request, etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        content.response(request, content_type)
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CACHE_CONTROL, caching),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // A name in an answer could say something to those who resolve it.
        (HeaderName::from_static("x-dns-prefetch-control"), "off"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(ETAG, etag.clone());
    response
}

/// Whether the browser already has this version.
fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let known = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let etag = etag.to_str().unwrap_or_default().trim_start_matches("W/");
    known.flat_map(|tags| tags.split(',')).any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use hyper::body::Body as _;

    use super::assets::FILES;
    use super::*;

    /// The page, or the file at `path`.
    fn get(path: &str) -> Response {
        let request = HeaderMap::new();
        match path.strip_prefix("/assets/") {
            None => page(&request),
            Some(path) => {
                let (version, name) = path.split_once('/').expect("a version and a name");
                file(&request, version, name).expect("a file")
            }
        }
    }

    fn header<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The addresses in the page that begin with `/assets/`.
    fn linked(page: &str) -> Vec<String> {
        page.split('"').filter(|part| part.starts_with("/assets/")).map(str::to_owned).collect()
    }

    #[test]
    fn page_and_linked_files_have_every_protection() {
        let page = get("/");
        let files = linked(&SITE.page().text());
        assert!(files.len() >= 3, "{files:?}");
        assert_eq!(header(&page, "cache-control"), "no-cache");
        for path in ["/".to_owned()].into_iter().chain(files) {
            let response = get(&path);
            assert_eq!(response.status(), 200, "{path}");
            let policy = header(&response, "content-security-policy");
            for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
            assert_eq!(header(&response, "x-content-type-options"), "nosniff");
            assert_eq!(header(&response, "referrer-policy"), "no-referrer");
            assert_eq!(header(&response, "x-frame-options"), "DENY");
            assert!(header(&response, "permissions-policy").contains("camera=()"));
            if path != "/" {
                assert_eq!(header(&response, "cache-control"), FOREVER);
            }
        }
    }

    #[test]
    fn preview_runs_only_its_own_script_and_loads_nothing() {
        let files = linked(&SITE.page().text());
        let version = files[0].split('/').nth(2).expect("a version");
        let response = get(&format!("/assets/{version}/{PREVIEW}"));
        let policy = header(&response, "content-security-policy");
        let (_, script) = policy.split_once("script-src '").expect("scripts");
        let (hash, _) = script.split_once("';").expect("one source");
        assert!(hash.starts_with("sha256-") && hash.len() > 40, "{policy}");
        for part in ["sandbox allow-scripts;", "default-src 'none'", "frame-ancestors 'self'"] {
            assert!(policy.contains(part), "{policy}");
        }
        for bad in ["allow-same-origin", "http", "connect-src", "blob:"] {
            assert!(!policy.contains(bad), "{bad} in {policy}");
        }
        assert_eq!(policy.matches("unsafe").count(), 1, "{policy}");
        assert!(policy.contains("style-src 'unsafe-inline'"), "{policy}");
        assert_eq!(header(&response, "x-frame-options"), "SAMEORIGIN");
    }

    #[test]
    fn known_version_is_not_sent_again() {
        let etag = header(&get("/"), "etag").to_owned();
        let ask = |known: &str| {
            let known = HeaderValue::from_str(known).expect("a header");
            page(&HeaderMap::from_iter([(IF_NONE_MATCH, known)]))
        };
        let strong = etag.trim_start_matches("W/").to_owned();
        for known in [etag.clone(), strong, format!("\"x\", {etag}"), "*".to_owned()] {
            let again = ask(&known);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(again.body().size_hint().exact(), Some(0));
            assert_eq!(header(&again, "etag"), etag);
        }
        assert_eq!(ask("\"x\"").status(), StatusCode::OK);
    }

    #[test]
    fn only_files_of_this_version_are_served() {
        let files = linked(&SITE.page().text());
        let style = files.iter().find(|path| path.ends_with("style.css")).expect("a style");
        let version = style.split('/').nth(2).expect("a version");
        let there = |version: &str, name: &str| file(&HeaderMap::new(), version, name).is_some();
        assert!(there(version, "style.css"));
        assert!(!there("0", "style.css"));
        for wrong in ["other.css", "../style.css", "index.html", ""] {
            assert!(!there(version, wrong), "{wrong}");
        }
    }

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/page/assets");
        let served: BTreeSet<_> = FILES.iter().map(|asset| asset.path.to_owned()).collect();
        let mut present = BTreeSet::new();
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            present.insert(entry.file_name().into_string().expect("a name"));
        }
        present.remove("index.html");
        assert_eq!(served, present);
    }

    #[test]
    fn whole_page_is_small() {
        // A visitor loads one of three languages.
        let is_read = |path| !["english.js", "chinese.js"].contains(&path);
        let read = FILES.iter().filter(|asset| is_read(asset.path));
        let size = read.map(|asset| asset.content.bytes().len()).sum::<usize>();
        let size = size + SITE.page().bytes().len();
        assert!(size < 120_000, "{size} bytes as they are sent");
    }

    #[test]
    fn comments_end_at_the_end_of_a_line() {
        // Nothing follows a comment on its last line.
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/page/assets");
        for asset in FILES {
            let content = std::fs::read_to_string(folder.join(asset.path)).expect("a file");
            for line in content.lines().map(str::trim) {
                let is_end = line.starts_with(['*', '/']) && line.contains("*/");
                assert!(!is_end || line.ends_with("*/"), "{}: {line}", asset.path);
            }
        }
    }

    #[test]
    fn page_has_no_inline_code_and_loads_nothing_from_other_sites() {
        let page = SITE.page().text();
        let scripts: Vec<_> = page.split("<script").skip(1).collect();
        assert!(scripts.iter().all(|script| script.contains("src=\"/assets/")), "{scripts:?}");
        for bad in ["<style", " style=", " onclick", " onload", "javascript:"] {
            assert!(!page.contains(bad), "{bad}");
        }
        for asset in FILES.iter().filter(|asset| asset.content_type != "image/svg+xml") {
            let content = asset.content.text();
            assert_eq!(content.contains("<script"), asset.path == PREVIEW, "{}", asset.path);
            for bad in
                ["@import", "url(http", "eval(", "new Function", "document.write", "import('"]
            {
                assert!(!content.contains(bad), "{bad} in {}", asset.path);
            }
            let sinks = content.matches("innerHTML").count();
            assert!(sinks == 0 || asset.path == "dom.js", "{} writes HTML", asset.path);
        }
    }
}
