//! TLS with a private authority, proxies, HTTP/2 and reuse of connections, each
//! through a local server.

use qwenctl::client::{Client, ClientConfig, Session};
use qwenctl::domain::ErrorKind;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::support::bodies::envelope;
use crate::support::http::read_request;
use crate::support::tls::{Authority, Server, answer_http2, tunnel};
use crate::support::tokens::{token, tokens};
use crate::support::upstream::Upstream;
use crate::support::world::{CHATS, World, config};

const EMPTY_LIST: &str = r#"{"success":true,"request_id":"Q1","data":[]}"#;

/// A session with `https://127.0.0.1:PORT` of `server`.
async fn session(server: &Server, change: impl FnOnce(&mut ClientConfig)) -> Session {
    // Only for the short timeouts of its config; it gets no request.
    let elsewhere = Upstream::start().await;
    let mut config = config(&elsewhere);
    config.api_url = format!("https://{}/api", server.address());
    config.auth_url = format!("https://{}", server.address());
    change(&mut config);
    let client = Client::new(config).expect("a client");
    client.session(tokens(&token("first", 86_400), None), None)
}

/// An empty list of chats over TLS and HTTP/1.1.
async fn tls_server(authority: &Authority) -> Server {
    let acceptor = authority.acceptor(&["http/1.1"]);
    Server::start(move |stream| answer_tls(acceptor.clone(), stream)).await
}

async fn answer_tls(acceptor: TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    use tokio::io::AsyncWriteExt as _;
    let mut stream = acceptor.accept(stream).await?;
    while read_request(&mut stream).await.is_some() {
        let length = EMPTY_LIST.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(EMPTY_LIST.as_bytes()).await?;
        stream.flush().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_private_authority_is_trusted_with_its_certificate() {
    let authority = Authority::new();
    let server = tls_server(&authority).await;
    let session = session(&server, |config| config.extra_ca_pem = Some(authority.pem())).await;

    session.chats(1).await.expect("chats");
    session.chats(1).await.expect("chats");

    assert_eq!(server.connections(), 1, "one connection serves both");
}

#[tokio::test]
async fn an_unknown_authority_is_rejected() {
    let server = tls_server(&Authority::new()).await;
    let another = Authority::new().pem();
    for pem in [None, Some(another)] {
        let session = session(&server, |config| config.extra_ca_pem = pem).await;

        let error = session.chats(1).await.expect_err("an error");

        assert_eq!(error.kind(), ErrorKind::UpstreamUnreachable, "{error:?}");
        assert!(error.hint().is_some_and(|hint| hint.contains("--ca-file")), "{error:?}");
        assert!(error.message().contains("certificate"), "says what is wrong: {error}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_unreachable() {
    let server = Server::start(|stream| async move {
        use tokio::io::AsyncWriteExt as _;
        let mut stream = stream;
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await
    })
    .await;
    let session = session(&server, |_| {}).await;

    let error = session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::UpstreamUnreachable, "{error:?}");
}

#[tokio::test]
async fn https_goes_through_the_proxy() {
    let authority = Authority::new();
    let server = tls_server(&authority).await;
    let proxy = Server::start(tunnel).await;
    let session = session(&server, |config| {
        config.extra_ca_pem = Some(authority.pem());
        config.proxy = Some(format!("http://{}", proxy.address()).into());
    })
    .await;

    session.chats(1).await.expect("chats");

    assert_eq!((proxy.connections(), server.connections()), (1, 1));
}

#[tokio::test]
async fn plain_http_goes_through_the_proxy() {
    let proxy = Upstream::start().await;
    proxy.on("GET http://upstream.example/api/v2/chats/?page=1", envelope(json!([])));
    let through = format!("{}/", proxy.origin());
    let world = World::configured(|config| {
        config.api_url = "http://upstream.example/api".to_owned();
        config.proxy = Some(through.into());
    })
    .await;

    world.session.chats(1).await.expect("chats");

    assert_eq!(world.upstream.count(CHATS), 0);
}

#[tokio::test]
async fn an_unreachable_proxy_is_named_in_the_hint() {
    let (_port, address) = crate::support::http::closed_port();
    let world =
        World::configured(|config| config.proxy = Some(format!("http://{address}").into())).await;

    let error = world.session.chats(1).await.expect_err("an error");

    assert_eq!(error.kind(), ErrorKind::UpstreamUnreachable, "{error:?}");
    assert!(error.hint().is_some_and(|hint| hint.contains("proxy")), "{error:?}");
}

#[tokio::test]
async fn http2_is_used_where_the_upstream_offers_it() {
    let authority = Authority::new();
    let acceptor = authority.acceptor(&["h2", "http/1.1"]);
    let server = Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let stream = acceptor.accept(stream).await?;
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
            answer_http2(stream, EMPTY_LIST.as_bytes()).await
        }
    })
    .await;
    let session = session(&server, |config| config.extra_ca_pem = Some(authority.pem())).await;

    let both = futures_util::future::join(session.chats(1), session.chats(2)).await;

    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    session.chats(3).await.expect("chats");
    assert!(server.connections() <= 2, "requests share a connection");
}
