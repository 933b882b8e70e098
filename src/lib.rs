//! `qwenctl`: a command line and a local server for a person's own Qwen account.
//!
//! ```text
//!            cli ──────────────┐ (assembles the parts)
//!             │                │
//!             ▼                ▼
//!           server           local (stands in for chat.qwen.ai; imports engine, net, files)
//!             │                │
//!             ▼                │
//!            mcp               │ (imported by server and cli)
//!             │                │
//!             ▼                │
//!            app               │
//!          ┌──┴───┐            │
//!          ▼      ▼            ▼
//!       client  settings     engine       archive (imported by app; imports domain, files)
//!          └──┬───┘            │
//!             ▼                │
//!            net ◄─────────────┘
//!             │
//!             ▼
//!          domain            files (imported by settings, archive, app, local and cli)
//!             ▲
//!             │
//!           tools (imported by engine, app and server)
//! ```
//!
//! * [`domain`]: what the product talks about. No I/O.
//! * [`settings`]: flag, environment, file and default resolved into plain structs.
//! * [`client`]: the only code that knows the upstream's wire format.
//! * [`archive`]: the local copy of the account's chats, and the search in it.
//! * [`app`]: the use cases that the command line and the server share.
//! * `mcp`: the Model Context Protocol, over lines and for the server.
//! * [`server`]: the REST API, live streams and the chat page over HTTP.
//! * [`cli`]: arguments, commands and the only code that prints.
//! * [`local`]: the local upstream, for use without an account or a network.
//! * [`engine`]: model servers that answer behind the local upstream.
//! * [`net`]: connections, addresses and event streams, for the client and the engines.
//! * `tools`: tools of the client, the model's calls and their results.
//! * `files`: files and directories that only their owner may use.

pub mod app;
pub mod archive;
pub mod cli;
pub mod client;
pub mod domain;
pub mod engine;
mod files;
pub mod local;
mod mcp;
pub mod net;
pub mod server;
pub mod settings;
#[allow(dead_code, reason = "engines and the compatible APIs take it up next")]
mod tools;
