use std::collections::BTreeSet;
use std::path::Path;

use super::assets::FILES;
use super::*;

async fn get(path: &str) -> warp::http::Response<warp::hyper::body::Bytes> {
    warp::test::request().path(path).reply(&routes()).await
}

fn header<'a, T>(response: &'a warp::http::Response<T>, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn text(response: &warp::http::Response<warp::hyper::body::Bytes>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// The addresses in the page that begin with `/assets/`.
fn linked(page: &str) -> Vec<String> {
    page.split('"').filter(|part| part.starts_with("/assets/")).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_page_and_all_it_links_are_served_with_every_protection() {
    let page = get("/").await;
    let files = linked(&text(&page));
    assert!(files.len() >= 3, "{files:?}");
    assert_eq!(header(&page, "cache-control"), "no-cache");
    for path in ["/".to_owned()].into_iter().chain(files) {
        let response = get(&path).await;
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

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let page = get("/").await;
    let etag = header(&page, "etag").to_owned();
    for known in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
        let again = warp::test::request().header("if-none-match", &known).reply(&routes()).await;
        assert_eq!((again.status().as_u16(), again.body().len()), (304, 0), "{known}");
        assert_eq!(header(&again, "etag"), etag);
    }
    let other = warp::test::request().header("if-none-match", "\"x\"").reply(&routes()).await;
    assert_eq!(other.status(), 200);
}

#[tokio::test]
async fn head_is_answered_and_other_methods_and_paths_are_not() {
    let head = warp::test::request().method("HEAD").reply(&routes()).await;
    assert_eq!(head.status(), 200);
    let post = warp::test::request().method("POST").reply(&routes()).await;
    assert_eq!(post.status(), 405);
    let version = text(&get("/").await);
    let style = linked(&version).into_iter().find(|path| path.ends_with("style.css"));
    let style = style.expect("the page has a style");
    for wrong in [
        "/assets/",
        "/assets/0/style.css",
        "/assets/style.css",
        &style.replace("style", "other"),
        &style.replace("style.css", "../style.css"),
        &style.replace("style.css", "index.html"),
        &style.replace("style.css", ""),
    ] {
        assert_eq!(get(wrong).await.status(), 404, "{wrong}");
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
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    let page = SITE.page();
    let scripts: Vec<_> = page.split("<script").skip(1).collect();
    assert!(scripts.iter().all(|script| script.contains("src=\"/assets/")), "{scripts:?}");
    for bad in ["<style", " style=", " onclick", " onload", "javascript:"] {
        assert!(!page.contains(bad), "{bad}");
    }
    for asset in FILES.iter().filter(|asset| asset.path != "icon.svg") {
        for bad in ["@import", "url(http", "eval(", "new Function", "document.write", "import('"] {
            assert!(!asset.content.contains(bad), "{bad} in {}", asset.path);
        }
        let sinks = asset.content.matches("innerHTML").count();
        assert!(sinks == 0 || asset.path == "dom.js", "{} writes HTML", asset.path);
    }
}
