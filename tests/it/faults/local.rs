//! F98–F112 between the client and the local upstream, with the number of requests.

use std::time::Duration;

use qwenctl::client::{ChatKind, Client, ClientConfig, Timing};
use qwenctl::domain::{Completeness, Error, ErrorKind, Parent, Reply, Turn};
use qwenctl::local::LocalOptions;
use reqwest::Method;
use serde_json::{Value, json};

use crate::local_upstream::peer::{Peer, events, quick, turn_body};
use crate::support::tokens::tokens;
use crate::support::world::{drain, turn};

/// A client in front of a local upstream.
struct Both {
    peer: Peer,
    session: qwenctl::client::Session,
}

impl Both {
    async fn new() -> Self {
        let peer = Peer::quick().await;
        let moment = Duration::from_millis(1);
        let config = ClientConfig {
            api_url: peer.upstream.api_url(),
            auth_url: peer.upstream.auth_url(),
            ignore_environment_proxy: true,
            timing: Timing {
                backoff: moment,
                in_progress: moment,
                recheck: moment,
                poll: Duration::from_millis(20),
                resume: moment,
                recovery: Duration::from_secs(2),
                ..Timing::default()
            },
            ..ClientConfig::default()
        };
        let client = Client::new(config).expect("a client");
        let session = client.session(tokens(&peer.upstream.token(), None), None);
        Self { peer, session }
    }

    /// The outcome of this prompt in a new chat.
    async fn ask(&self, prompt: &str) -> Result<Reply, Error> {
        let chat_id = self.session.create_chat("local-echo-max", ChatKind::Text, None).await?;
        let prompt = prompt.to_owned();
        let model = "local-echo-max".to_owned();
        let turn = Turn { chat_id, prompt, model, parent: Parent::Current, ..turn() };
        drain(self.session.send(turn).await?).await.end
    }

    /// The numbers of completions, and of reads of a chat.
    async fn counts(&self) -> (u64, u64) {
        let counts = self.peer.get("/__local/requests").await["counts"].take();
        let count = |fits: &dyn Fn(&str) -> bool| {
            let all = counts.as_object().expect("counts").iter();
            all.filter(|(name, _)| fits(name)).filter_map(|(_, count)| count.as_u64()).sum()
        };
        (
            count(&|name| name == "POST /api/v2/chat/completions"),
            count(&|name| name.starts_with("GET /api/v2/chats/")),
        )
    }
}

#[tokio::test]
async fn refusals_have_their_kind_and_their_number_of_requests() {
    use ErrorKind::{
        BrowserCheck, ContentRefused, Internal, InvalidRequest, NotFound, RateLimited,
        UpstreamProtocol, UpstreamUnreachable,
    };
    for (fault, kind, words, requests) in [
        ("F98", Internal, "Field required", (1, 1)),
        ("F99", Internal, "too many messages", (1, 1)),
        ("F100", InvalidRequest, "parent", (2, 2)),
        ("F100:chat", NotFound, "chat not found", (1, 1)),
        ("F101", RateLimited, "您今日的使用额度已达上限", (1, 1)),
        ("F101:quota:ru", RateLimited, "Вы исчерпали", (1, 1)),
        ("F101:parent:es", InvalidRequest, "El mensaje", (2, 2)),
        ("F102", RateLimited, "服务繁忙", (2, 2)),
        ("F102:quota_limit", RateLimited, "服务繁忙", (2, 2)),
        ("F102:hours", RateLimited, "服务繁忙", (1, 1)),
        ("F103", UpstreamProtocol, "the service dropped the request", (2, 5)),
        ("F104", BrowserCheck, "browser check", (1, 1)),
        ("F106", ContentRefused, "内容不合规", (1, 1)),
        ("F107", RateLimited, "今日额度已用完", (1, 1)),
        ("F108", UpstreamUnreachable, "Internal error!", (1, 1)),
        ("F108:input", InvalidRequest, ": x", (1, 1)),
    ] {
        let both = Both::new().await;

        let error = both.ask(&format!("[[fault:{fault}]] Hello")).await.expect_err(fault);

        assert_eq!(error.kind(), kind, "{fault}: {error}");
        assert!(error.message().contains(words), "{fault}: {error}");
        assert_eq!(both.counts().await, requests, "{fault}: {error}");
    }
}

#[tokio::test]
async fn waits_are_those_of_the_service() {
    for (fault, hours) in
        [("F101", Some(3)), ("F102", None), ("F102:hours", Some(5)), ("F107", Some(24))]
    {
        let error = Both::new().await.ask(&format!("[[fault:{fault}]]")).await.expect_err(fault);
        assert_eq!(error.retry_after(), hours.map(Duration::from_hours), "{fault}");
    }
}

#[tokio::test]
async fn answers_are_whole_and_the_prompt_is_sent_once() {
    for (fault, text, requests) in [
        ("F100*1", "Hallo", (2, 2)),
        ("F101:progress*2", "Hallo", (3, 3)),
        ("F102*1", "Hallo", (2, 2)),
        ("F103*1", "Hallo", (2, 3)),
        ("F109", "Hallo", (2, 2)),
        ("F109:whole", "Hallo", (2, 2)),
        ("F109:rest:1", "Hallo", (2, 2)),
        ("F110", "Hallo", (1, 1)),
        ("F111:1", "Hallo", (1, 1)),
        ("F112", "Hallo", (1, 1)),
    ] {
        let both = Both::new().await;

        let reply = both.ask(&format!("[[fault:{fault}]] [[deltas:Hal|lo]]")).await;

        let reply = reply.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!((reply.content.as_str(), reply.completeness), (text, Completeness::Complete));
        assert_eq!(both.counts().await, requests, "{fault}");
    }
}

#[tokio::test]
async fn answers_that_no_resume_call_completes_come_from_the_chat() {
    for (fault, completions) in [
        ("F103:stored", 1),
        ("F109:empty:100", 2),
        ("F109:busy:100", 3),
        ("F109:gone:100", 2),
        ("F109:parent:100", 2),
    ] {
        let both = Both::new().await;

        let reply = both.ask(&format!("[[fault:{fault}]] [[deltas:Hal|lo]]")).await;

        assert_eq!(reply.expect(fault).content, "Hallo", "{fault}");
        assert_eq!(both.counts().await.0, completions, "{fault}");
    }
}

#[tokio::test]
async fn f104_limits_of_the_local_upstream() {
    let both = Both::new().await;
    let error = both.ask(&"x".repeat(201 << 10)).await.expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::BrowserCheck, "{error}");
    assert!(error.message().contains("bytes"), "{error}");
    assert!(both.ask(&format!("[[deltas:Hi]] {}", "x".repeat(150 << 10))).await.is_ok());

    let error = both.ask(&format!("[[fault:F104:created]]{}", "x".repeat(151 << 10))).await;
    let error = error.expect_err("no answer");
    assert!(error.message().contains("bytes"), "{error}");
}

#[tokio::test]
async fn f105_every_call_is_refused() {
    for variant in ["", ":json", ":empty"] {
        let fault = format!("F105{variant}").parse().expect("a fault");
        let peer = Peer::with(LocalOptions { faults: vec![fault], ..quick() }).await;
        for path in ["/api/models", "/api/config", "/api/v2/chats/?page=1"] {
            let response = peer.request(Method::GET, path).send().await.expect("a response");
            assert_eq!(response.status(), 405, "{path}");
        }
    }
}

#[tokio::test]
async fn f98_f99_f100_are_enforced() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let body = turn_body(&chat, None, "Hello");
    let send = async |change: &dyn Fn(&mut Value)| {
        let mut body = body.clone();
        change(&mut body);
        let response = peer.turn(&chat, &body).send().await.expect("a response");
        let status = response.headers()["x-actual-status-code"].to_str().map(str::to_owned);
        let body: Value = response.json().await.expect("JSON");
        (status.expect("text"), body["data"]["code"].clone(), body["data"]["details"].clone())
    };
    let (status, code, details) =
        send(&|body| drop(body.as_object_mut().expect("an object").remove("chat_id"))).await;
    assert_eq!((status.as_str(), code), ("400", json!("RequestValidationError")));
    assert_eq!(details, "Field 'chat_id': Field required");
    let (_, code, details) =
        send(&|body| body["messages"] = json!([body["messages"][0], body["messages"][0]])).await;
    assert_eq!((code, details), (json!("Bad_Request"), json!("Invalid input too many messages.")));
    let (_, code, _) = send(&|body| body["parent_id"] = json!("root")).await;
    assert_eq!(code, "PARENT_NOT_FOUND");

    let gone = "c0000000-0000-4000-8000-00000000dead";
    let refused: Value = serde_json::from_str(&peer.ask(gone, None, "Hello").await).expect("JSON");
    assert_eq!(refused["data"]["code"], "CHAT_NOT_FOUND");
    let refused = peer.ask(gone, None, "[[fault:F100:old]]").await;
    assert!(refused.contains("Not_Found"), "{refused}");
    let refused = peer.ask(&chat, Some("root"), "[[fault:F100:old]]").await;
    assert!(refused.contains("Bad_Request"), "{refused}");
}

#[tokio::test]
async fn f109_finished_answer_is_not_repeated() {
    let peer = Peer::quick().await;
    let chat = peer.new_chat().await;
    let first = events(&peer.ask(&chat, None, "[[deltas:Hallo]]").await);
    let id = first[0]["response.created"]["response_id"].as_str().expect("an id").to_owned();
    let resume = async |id: &str| {
        let path = format!("/api/v2/chat/completions?chat_id={chat}&response_id={id}");
        let response = peer.request(Method::POST, &path).json(&json!({})).send().await;
        response.expect("a response").text().await.expect("a body")
    };

    assert_eq!(events(&resume(&id).await), [first[0].clone()]);

    let refused = resume("b0000000-0000-4000-8000-00000000dead").await;
    assert!(refused.contains("PARENT_NOT_FOUND"), "{refused}");
    let prompts = peer.detail(&chat).await["chat"]["messages"].as_array().map(Vec::len);
    assert_eq!(prompts, Some(2));
}
