//! The connection to the engine: TLS, proxies, redirects.

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use qwenctl::engine::EngineOptions;

use super::{ASK, MODELS, World, models, says};
use crate::local_upstream::peer::{answer_text, turn_body};
use crate::support::cmd::Home;
use crate::support::http::read_request;
use crate::support::response::Response;
use crate::support::tls::{Authority, Server};
use crate::support::upstream::Upstream;

/// An engine with one model that answers `Hello`, over HTTPS.
async fn engine(acceptor: TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    while let Some(request) = read_request(&mut stream).await {
        let response = if request.line() == MODELS { models(&["m"]) } else { says("Hello") };
        response.write(&mut stream).await?;
    }
    Ok(())
}

async fn https(authority: &Authority) -> Server {
    let acceptor = authority.acceptor(&["http/1.1"]);
    Server::start(move |stream| engine(acceptor.clone(), stream)).await
}

async fn ask(world: &World) -> String {
    let chat = world.peer.new_chat().await;
    world.turn(&turn_body(&chat, None, "Hi")).await
}

fn at(url: String) -> impl FnOnce(&mut EngineOptions) {
    move |options| options.url = url
}

#[tokio::test]
async fn a_private_certificate_authority_is_trusted_if_configured() {
    let authority = Authority::new();
    let server = https(&authority).await;
    let url = format!("https://{}/v1", server.address());
    let world = World::bare(|options| {
        options.url.clone_from(&url);
        options.extra_ca_pem = Some(authority.pem());
    });
    assert_eq!(answer_text(&ask(&world.await).await), "Hello");
    let reply = ask(&World::bare(at(url)).await).await;
    assert!(reply.contains("cannot be reached") && reply.contains("certificate"), "{reply}");
}

#[tokio::test]
async fn a_remote_engine_is_reached_through_the_proxy() {
    let proxy = Upstream::start().await;
    proxy.on("GET http://engine.example/v1/models", models(&["m"]));
    proxy.on("POST http://engine.example/v1/chat/completions", says("Hello"));
    let through = proxy.origin();
    let world = World::bare(|options| {
        options.url = "http://engine.example/v1".to_owned();
        options.proxy = Some(through.into());
    });
    assert_eq!(answer_text(&ask(&world.await).await), "Hello");
}

#[tokio::test]
async fn an_engine_on_loopback_is_reached_without_a_proxy() {
    let proxy = Upstream::start().await;
    let through = proxy.origin();
    let world = World::with(|options| options.proxy = Some(through.into())).await;
    world.on(says("Hello"));
    assert_eq!(answer_text(&ask(&world).await), "Hello");
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_variables_apply() {
    let proxy = Upstream::start().await;
    proxy.on("GET http://engine.example/v1/models", models(&["m"]));
    let home = Home::new();
    let list = ["--json", "-q", "--engine", "http://engine.example/v1", "models"];
    let run = home.run(&list).env("HTTP_PROXY", &proxy.origin()).env("http_proxy", &proxy.origin());
    let run = run.triple();
    assert!(run.status == 0 && run.stdout.contains(r#""id":"m""#), "{run:?}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Upstream::start().await;
    let world = World::with(|options| options.key = Some("sk-made-up-key".to_owned().into())).await;
    let to = format!("{}/v1/chat/completions", elsewhere.origin());
    world.on(Response::new("text/html", "").status(308).header("Location", &to));
    let reply = ask(&world).await;
    assert!(reply.contains("redirects to another address"), "{reply}");
    assert_eq!((world.engine.count(ASK), elsewhere.connections()), (1, 0));
}
