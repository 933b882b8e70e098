//! CORS: pages of other origins.

use super::world::Served;
use crate::support::upstream::Upstream;
use qwenctl::server::endpoints;

#[tokio::test]
async fn every_preflight_is_answered() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for endpoint in endpoints() {
        let url = served.url(&endpoint.path.replace("{id}", "c1"));
        let request = served
            .http
            .request(reqwest::Method::OPTIONS, url)
            .header("origin", "https://page.example")
            .header("access-control-request-method", endpoint.method)
            .header(
                "access-control-request-headers",
                "authorization,content-type,x-request-id,x-stainless-os,x-stainless-retry-count,x-any, not a name",
            )
            .header("access-control-request-private-network", "true");
        let answer = served.ask(request).await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert_eq!(answer.header("access-control-allow-private-network"), "");
        let methods = answer.header("access-control-allow-methods");
        assert!(methods.split(", ").any(|method| method == endpoint.method), "{methods}");
        let headers: Vec<_> = answer.header("access-control-allow-headers").split(", ").collect();
        for name in [
            "authorization",
            "content-type",
            "x-request-id",
            "x-stainless-os",
            "x-stainless-retry-count",
            "x-any",
        ] {
            assert!(headers.contains(&name), "{headers:?}");
        }
        let vary = answer.headers.get_all("vary").iter().map(|v| v.to_str().expect("ASCII"));
        let vary: Vec<_> = vary.collect();
        assert!(vary.contains(&"origin") && vary.contains(&"access-control-request-headers"));
    }
}

#[tokio::test]
async fn errors_have_cors_headers_too() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    for path in ["/nope", "/api/chats", "/api/chats/%2F"] {
        let request = served.http.get(served.url(path)).header("origin", "https://page.example");
        let answer = served.ask(request).await;
        assert!(answer.status >= 400);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let exposed = answer.header("access-control-expose-headers");
        for name in ["x-request-id", "retry-after"] {
            assert!(exposed.split(", ").any(|known| known == name), "{exposed}");
        }
    }
    let options = served.http.request(reqwest::Method::OPTIONS, served.url("/nope"));
    served.ask(options).await.failure(404, "not_found");
}
