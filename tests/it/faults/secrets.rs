//! No token, cookie or signed link in errors and notices, even if the upstream repeats it; and no document
//! that crashes the client.

use std::error::Error as _;

use qwenctl::domain::{Error, ErrorKind};
use secrecy::SecretString;

use crate::support::bodies::{envelope, json as body, refusal};
use crate::support::frames::{created, d, event, sse};
use crate::support::response::Response;
use crate::support::tokens::{token, tokens};
use crate::support::world::{CHATS, COMPLETIONS, World};

/// Everything that an error can show.
fn shown(error: &Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let causes: Vec<String> = causes.map(|cause| format!("{cause} {cause:?}")).collect();
    format!("{error} {error:?} {:?} {:?} {causes:?}", error.hint(), error.request_id())
}

#[tokio::test]
async fn errors_hold_no_secret() {
    let access = token("canary", 86_400);
    let echo = format!("token {access} in a cookie token={access}");
    let answers: [fn(&str) -> Response; 6] = [
        |echo| refusal("unauthorized", echo),
        |echo| refusal("Bad_Request", echo),
        |echo| refusal("Whatever", echo).status(500),
        |echo| body(format!("{{\"error\":\"{echo}\"}}")),
        |echo| Response::new("text/html", format!("<html>{echo}</html>")),
        |echo| body(format!("[{{\"id\": \"{echo}\"")),
    ];
    for answer in answers {
        let world = World::with(tokens(&access, Some("REFRESHCANARY")), None, |config| {
            config.cookie = Some(SecretString::from("cna=COOKIECANARY"));
        })
        .await;
        let again = echo.clone();
        world.upstream.always(CHATS, move || answer(&again));
        world.upstream.always("GET /api/v2/auths/refresh", || refusal("Unauthorized", ""));

        let error = world.session.chats(1).await.expect_err("an error");

        let shown = format!("{} {:?}", shown(&error), world.notices.all());
        assert!(!shown.contains(&access), "{shown}");
        assert!(!shown.contains("REFRESHCANARY"), "{shown}");
        assert!(!shown.contains("COOKIECANARY"), "{shown}");
    }
}

#[tokio::test]
async fn errors_inside_a_stream_hold_no_secret() {
    let access = token("canary", 86_400);
    let world = World::with(tokens(&access, None), None, |_| {}).await;
    let details = format!("bad token {access}, see https://cdn.example/1.png?key=KEYCANARY&x=1");
    let error = event(serde_json::json!({"error": {"code": "Bad_Request", "details": details}}));
    world.on(COMPLETIONS, sse([created().as_str(), &d("Hal"), &error]));

    let outcome = world.ask().await;

    let shown = shown(&outcome.end.expect_err("an error"));
    assert!(!shown.contains(&access) && !shown.contains("KEYCANARY"), "{shown}");
}

#[tokio::test]
async fn sessions_and_streams_show_no_token() {
    let access = token("canary", 86_400);
    let world = World::with(tokens(&access, None), None, |_| {}).await;
    assert!(!format!("{:?}", world.session.access_token()).contains(&access));
    world
        .on(CHATS, Response::new("text/html", "").status(302).header("Location", "/auth?t=CANARY"));

    let error = world.session.chats(1).await.expect_err("an error");

    assert!(!shown(&error).contains("CANARY"), "{error:?}");
}

#[tokio::test]
async fn documents_of_great_depth() {
    let deep = "[".repeat(200_000);
    for document in [
        deep.clone(),
        format!("{{\"success\":true,\"data\":{deep}"),
        format!("{{\"success\":true,\"x\":{deep}{},\"data\":[]}}", "]".repeat(200_000)),
    ] {
        let world = World::new().await;
        world.on(CHATS, body(document));

        match world.session.chats(1).await {
            Ok(chats) => assert!(chats.is_empty()),
            Err(error) => assert_eq!(error.kind(), ErrorKind::UpstreamProtocol, "{error:?}"),
        }
    }
    let world = World::new().await;
    let odd = format!("data: {{\"x\": {deep}\n\n");
    world
        .on(COMPLETIONS, sse([created().as_str(), &d("Hi"), &odd, &crate::support::frames::end()]));
    world.on(crate::support::world::CHAT, envelope(serde_json::json!(null)));

    assert_eq!(world.ask().await.reply().content, "Hi");
}
