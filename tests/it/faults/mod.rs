//! The faults of protocol 16, one test each, named by number. A scripted upstream counts every request,
//! so each test also checks how many there are.

mod auth;
mod chats;
mod codes;
mod compression;
mod envelope;
mod files;
mod headers;
mod local;
mod recovery;
mod refresh;
mod refusals;
mod resume;
mod retries;
mod secrets;
mod sign_in;
mod stop;
mod stream;
mod text;
mod tools;
mod unsure;
mod waits;

const SOURCES: [&str; 16] = [
    include_str!("auth.rs"),
    include_str!("chats.rs"),
    include_str!("codes.rs"),
    include_str!("compression.rs"),
    include_str!("envelope.rs"),
    include_str!("headers.rs"),
    include_str!("recovery.rs"),
    include_str!("refresh.rs"),
    include_str!("refusals.rs"),
    include_str!("resume.rs"),
    include_str!("retries.rs"),
    include_str!("sign_in.rs"),
    include_str!("stop.rs"),
    include_str!("stream.rs"),
    include_str!("text.rs"),
    include_str!("tools.rs"),
];

#[test]
fn every_fault_has_a_test() {
    for number in (1..=78).chain(84..=88).chain(90..=96).chain(98..=112) {
        let name = format!("async fn f{number}_");
        let has_test = SOURCES.iter().any(|source| source.contains(&name));
        assert!(has_test, "F{number}");
    }
}
