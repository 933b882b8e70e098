//! `qwenctl serve` as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A server that ends when this is dropped.
pub struct Serve {
    child: Child,
    address: SocketAddr,
    _home: tempfile::TempDir,
}

impl Serve {
    /// Starts the binary `qwenctl` before the upstream at `upstream`.
    pub fn start(qwenctl: &Path, upstream: SocketAddr) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let mut child = Command::new(qwenctl)
            .args(["--json", "-q", "--api-url", &format!("http://{upstream}/api")])
            .args(["serve", "--port", "0"])
            .env_clear()
            .env("HOME", home.path())
            .env("QWEN_TOKEN", token())
            .stdout(Stdio::piped())
            .spawn()
            .expect("qwenctl starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let said: serde_json::Value = serde_json::from_str(&line).expect("a document");
        let address = said["address"].as_str().and_then(|text| text.parse().ok());
        Self { child, address: address.expect("an address"), _home: home }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Resident memory now.
    pub fn resident_kib(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that was ever resident.
    pub fn peak_kib(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// CPU time so far.
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        // Fields 14 and 15 of proc(5), in ticks of 10 ms. The name in field 2 has no space.
        let ticks = stat.split(' ').skip(13).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
        Duration::from_millis(10 * ticks.sum::<u64>())
    }

    fn status(&self, field: &str) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A token that was never issued.
fn token() -> String {
    let [head, claims, end] = [r#"{"alg":"HS256"}"#, r#"{"id":"u","exp":4000000000}"#, "signature"]
        .map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{head}.{claims}.{end}")
}
