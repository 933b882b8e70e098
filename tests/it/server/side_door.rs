//! The port of the local upstream in the process of `serve`: no way round the server's own rules.

use std::collections::HashSet;
use std::fs;

use serde_json::{Value, json};

use crate::support::cmd::Home;
use crate::support::http::client;

/// The ports of 127.0.0.1 on which this process listens.
fn ports(process: u32) -> Vec<u16> {
    let sockets: HashSet<String> = fs::read_dir(format!("/proc/{process}/fd"))
        .expect("its files")
        .filter_map(|file| {
            fs::read_link(file.ok()?.path()).ok()?.into_os_string().into_string().ok()
        })
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let table = fs::read_to_string(format!("/proc/{process}/net/tcp")).expect("a table");
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let listening = rows.filter(|row| row[3] == "0A" && sockets.contains(row[9]));
    listening
        .map(|row| u16::from_str_radix(row[1].split_once(':').expect("a port").1, 16))
        .map(|port| port.expect("a number"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_port_of_a_local_server_is_shut() {
    let home = Home::new();
    assert_eq!(home.triple(&["keys", "create", "front"]).status, 0);
    for engine in [&[][..], &["--engine", "http://127.0.0.1:9/v1"]] {
        let command = ["serve", "--local", "--port", "0", "--require-key", "--json"];
        let mut run = home.start(&[&command[..], engine].concat());
        let line: Value = serde_json::from_str(&run.line()).expect("JSON");
        let address = line["address"].as_str().expect("an address");
        let ports = ports(run.0.id());
        assert!(ports.iter().any(|port| address.ends_with(&format!(":{port}"))), "{ports:?}");
        let others = ports.iter().filter(|port| !address.ends_with(&format!(":{port}")));
        let others: Vec<_> = others.collect();
        assert!(!others.is_empty());
        let http = client().build().expect("a client");
        for port in others {
            for path in ["/api/models", "/api/config", "/__local/", "/__local/tokens", "/"] {
                let url = format!("http://127.0.0.1:{port}{path}");
                for request in [
                    http.get(&url),
                    http.post(&url).json(&json!({})),
                    http.post(&url).body("{}").header("origin", "http://evil.example"),
                    http.get(&url).header("host", "evil.example"),
                ] {
                    let answer = request.send().await.expect("an answer");
                    assert_eq!(answer.status(), 403, "{url}");
                    assert!(!answer.text().await.expect("a text").contains("token"));
                }
            }
        }
        run.signal("TERM");
        assert_eq!(run.end().status, 0);
    }
}
