//! The command line, from outside: the binary with its exit code and its streams.

mod accounts;
mod archive;
mod chat;
mod commands;
mod completion;
mod compose;
mod doctor;
mod errors;
mod examples;
mod export;
mod files;
mod formats;
mod input;
mod interrupt;
mod keys;
mod mcp;
mod quota;
mod robustness;
mod secrets;
mod signed_in;
mod streaming;
mod terminal;
mod trash;
mod usage;

use std::time::Duration;

use qwenctl::local::{Access, LocalOptions, LocalUpstream, start};

use crate::support::cmd::Home;

/// A local upstream that answers at once, and a home whose commands talk to it.
async fn local() -> (LocalUpstream, Home) {
    let options =
        LocalOptions { pace: Duration::ZERO, access: Access::Programs, ..LocalOptions::default() };
    let upstream = start(options).await.expect("a local upstream");
    let home = Home::at(&upstream.auth_url(), &upstream.token());
    (upstream, home)
}

/// The id of a new chat with one turn.
fn chat_with_a_turn(home: &Home) -> String {
    let id = home.triple(&["chats", "new"]).stdout.trim().to_owned();
    let sent = home.triple(&["-q", "send", &id, "Hello"]);
    assert_eq!(sent.status, 0, "{}", sent.stderr);
    id
}
