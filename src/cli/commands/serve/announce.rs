//! What the server says when it begins.

use std::fmt::Write as _;
use std::net::SocketAddr;

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::server::{self, Tls};

#[derive(Serialize)]
struct Announcement {
    success: bool,
    address: String,
    url: String,
}

/// Tells where the server is: to people on standard error, to programs on standard output.
pub(super) fn announce(
    context: &Context,
    address: SocketAddr,
    tls: Option<&Tls>,
    token: &str,
) -> Outcome {
    if let Some(warning) = tls.and_then(|tls| tls.warning(server::now())) {
        context.output.warn(&warning);
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{address}");
    if context.output.policy().is_json() {
        let address = address.to_string();
        return context.output.document(&Announcement { success: true, address, url });
    }
    if context.output.is_journal() {
        context.output.note(&format!("listening on {url}"));
    } else {
        context.output.note(&banner(&url, token));
    }
    Ok(())
}

/// As the seed's server greeted.
fn banner(url: &str, token: &str) -> String {
    let rule = "=".repeat(60);
    let mut text = format!(
        "{rule}\n  Qwen API Backend Server\n{rule}\n\n✓ Listening on: {url}\n\
         ✓ CORS enabled for all origins\n✓ Token: {token}\n\n📚 Available Endpoints:\n"
    );
    for endpoint in server::endpoints() {
        let _ = writeln!(
            text,
            "  {:<6} {:<24} - {}",
            endpoint.method,
            endpoint.path.replace("{id}", "<id>"),
            endpoint.about
        );
    }
    text.push_str("\nCtrl-C ends it.");
    text
}
