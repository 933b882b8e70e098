//! `/openapi.json` describes every route, and real responses match it.

use std::collections::BTreeSet;

use qwenctl::server::endpoints;
use serde_json::{Map, Value, json};

use super::world::{Answer, Served, api, rates};
use crate::support::bodies::{C1, envelope, gone, json, quota};
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, CHATS};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[tokio::test]
async fn routes_and_described_operations_are_the_same() {
    let upstream = Upstream::start().await;
    let served = Served::new(&upstream).await;
    let document = served.get("/openapi.json").await.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            if METHODS.contains(&method.as_str()) {
                described.insert((method.to_uppercase(), path.clone()));
                let answers = operation["responses"].as_object().expect("responses");
                for status in ["200", "431", "500"] {
                    assert!(answers.contains_key(status), "{method} {path} {status}");
                }
                assert!(!answers.contains_key("default"), "failures are described by status");
                let needs = path.matches('{').count();
                let named = operation["parameters"].as_array().map_or(0, |parameters| {
                    parameters.iter().filter(|parameter| parameter["in"] == "path").count()
                });
                assert_eq!(needs, named, "{path}");
            }
        }
    }
    let there: BTreeSet<_> = endpoints()
        .filter(|endpoint| endpoint.is_described())
        .map(|endpoint| (endpoint.method.to_owned(), endpoint.path.to_owned()))
        .collect();
    assert_eq!(described, there);
    let text = document.to_string();
    let pointers = text.split("\"#/").skip(1).filter_map(|rest| rest.split('"').next());
    for pointer in pointers {
        assert!(document.pointer(&format!("/{pointer}")).is_some(), "{pointer} is not there");
    }
}

#[tokio::test]
async fn every_route_has_a_handler() {
    let (served, _local) = Served::local(|_| {}).await;
    for endpoint in endpoints() {
        let url = served.url(&endpoint.path.replace("{id}", "c1"));
        let method = endpoint.method.parse().expect("a method");
        let request = served.http.request(method, url).header("content-type", "application/json");
        let answer = served.ask(request).await;
        let unanswered = answer.status == 405 || answer.text.contains("no such route");
        assert!(!unanswered, "{endpoint:?}: {answer:?}");
    }
}

#[tokio::test]
async fn rest_responses_match_their_schemas() {
    let (served, _local) = Served::local(|_| {}).await;
    let document = served.get("/openapi.json").await.json();
    let made = served.post("/api/chats", json!({"title": "T"})).await.json();
    let id = made["data"]["id"].as_str().expect("an id").to_owned();
    let fits = |method: &str, path: &str, status: &str, answer: &Value| {
        let schema =
            &response(&document, method, path, status)["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{method} {path} {status}");
        check(&document, schema, answer, &format!("{method} {path}"));
    };
    fits("post", "/api/chats", "200", &made);
    let body = json!({"chat_id": id, "message": "[[think]] [[search]] hi"});
    fits("post", "/api/chat/send", "200", &served.post("/api/chat/send", body).await.json());
    let body = json!({"message": "hi"});
    fits("post", "/api/chat/quick", "200", &served.post("/api/chat/quick", body).await.json());
    let body = json!({"message": "hi", "history": [{"role": "user", "content": "one"}]});
    let temporary = served.post("/api/chat/temporary", body).await.json();
    fits("post", "/api/chat/temporary", "200", &temporary);
    let body = json!({"query": "hi"});
    fits("post", "/api/chat/search", "200", &served.post("/api/chat/search", body).await.json());
    for path in [
        "/health",
        "/readyz",
        "/api/session",
        "/api/user/status",
        "/api/token/info",
        "/api/chats",
        "/api/stats",
        "/api/models",
    ] {
        fits("get", path, "200", &served.get(path).await.json());
    }
    fits("get", "/api/chats", "200", &served.get("/api/chats?all=true").await.json());
    fits("get", "/api/chats/{id}", "200", &served.get(&format!("/api/chats/{id}")).await.json());
    let tree = served.get(&format!("/api/chats/{id}?tree=true&render=html")).await.json();
    fits("get", "/api/chats/{id}", "200", &tree);
    let stop = served.url(&format!("/api/chats/{id}/stop"));
    let stopped = served.ask(served.http.post(stop)).await.json();
    fits("post", "/api/chats/{id}/stop", "200", &stopped);
    let refreshed = served.ask(served.http.post(served.url("/api/token/refresh"))).await.json();
    fits("post", "/api/token/refresh", "200", &refreshed);
    let chat = served.url(&format!("/api/chats/{id}"));
    let renamed = served.ask(served.http.patch(&chat).json(&json!({"title": "U"}))).await.json();
    fits("patch", "/api/chats/{id}", "200", &renamed);
    fits("delete", "/api/chats/{id}", "200", &served.ask(served.http.delete(&chat)).await.json());
    let missing = served.ask(served.http.delete(&chat)).await.json();
    fits("delete", "/api/chats/{id}", "404", &missing);
}

#[tokio::test]
async fn compatible_responses_match_their_schemas() {
    let (served, _local) = Served::local(|_| {}).await;
    let document = served.get("/openapi.json").await.json();
    let fits = |method: &str, path: &str, answer: &Answer| {
        let described = response(&document, method, path, &answer.status.to_string());
        let schema = &described["content"]["application/json"]["schema"];
        check(&document, schema, &answer.json(), &format!("{method} {path}"));
        for name in
            ["x-request-id", "request-id", "retry-after", "x-should-retry", "x-qwenctl-warning"]
        {
            assert!(
                described["headers"][name].is_object() || answer.header(name).is_empty(),
                "{path} {name}"
            );
        }
    };
    fits("get", "/v1/models", &served.get("/v1/models").await);
    for id in ["local-echo-max", "none"] {
        fits("get", "/v1/models/{id}", &served.get(&format!("/v1/models/{id}")).await);
    }
    for prompt in ["Hi", "[[think]] [[search]] Hi", " ", "[[fault:F33]]", "[[fault:F39]]"] {
        let messages = json!([{"role": "user", "content": prompt}]);
        let body = |name: &str, value: &Value| {
            json!({"model": "local-echo-max", "temperature": 0.1, "max_tokens": 1000, name: value,
                "thinking": {"type": "enabled"}, "reasoning": {"effort": "high"}})
        };
        for (path, body) in [
            ("/v1/chat/completions", body("messages", &messages)),
            ("/v1/responses", body("input", &json!(prompt))),
            ("/v1/messages", body("messages", &messages)),
        ] {
            fits("post", path, &served.post(path, body).await);
        }
    }
}

#[tokio::test]
async fn chunks_match_their_schema() {
    let (served, _local) = Served::local(|_| {}).await;
    let document = served.get("/openapi.json").await.json();
    let body = json!({"model": "local-echo-max", "stream": true, "web_search_options": {},
        "stream_options": {"include_usage": true}, "enable_thinking": true,
        "messages": [{"role": "user", "content": "Hi"}]});
    let answer = served.post("/v1/chat/completions", body).await;
    let chunks = answer.text.split("\n\n").filter_map(|event| event.strip_prefix("data: {"));
    let schema = json!({"$ref": "#/components/schemas/ChatChunk"});
    let mut count = 0;
    for chunk in chunks {
        let chunk = serde_json::from_str(&format!("{{{chunk}")).expect("JSON");
        check(&document, &schema, &chunk, "a chunk");
        count += 1;
    }
    assert!(count > 10, "{answer:?}");
}

/// The description of a response.
fn response<'a>(document: &'a Value, method: &str, path: &str, status: &str) -> &'a Value {
    let response = &document["paths"][path][method]["responses"][status];
    match response["$ref"].as_str() {
        Some(pointer) => document.pointer(&pointer[1..]).expect("what is pointed to"),
        None => response,
    }
}

#[tokio::test]
async fn failures_match_their_schemas_and_headers() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || json(quota()));
    upstream.always(CHAT, gone);
    upstream.always(&format!("DELETE /api/v2/chats/{C1}"), gone);
    let served = Served::new(&upstream).await;
    let document = served.get("/openapi.json").await.json();
    let chat = format!("/api/chats/{C1}");
    let none = Value::Null;
    for (method, template, path, body, status) in [
        ("get", "/api/chats", "/api/chats", &none, 429),
        ("get", "/api/chats", "/api/chats?page=0", &none, 400),
        ("get", "/api/chats/{id}", chat.as_str(), &none, 404),
        ("delete", "/api/chats/{id}", chat.as_str(), &none, 404),
        ("patch", "/api/chats/{id}", chat.as_str(), &json!({"title": 1}), 400),
        ("post", "/api/chat/quick", "/api/chat/quick", &json!({"message": "m"}), 429),
        ("post", "/api/token/refresh", "/api/token/refresh", &json!("x".repeat(2 << 20)), 413),
        ("post", "/api/login", "/api/login", &json!({"api_key": "unknown"}), 401),
    ] {
        let request =
            served.http.request(method.to_uppercase().parse().expect("a method"), served.url(path));
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = served.ask(request).await;
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        let described = response(&document, method, template, &status.to_string());
        let schema = &described["content"]["application/json"]["schema"];
        check(&document, schema, &answer.json(), &format!("{method} {path}"));
        let known = described["headers"].as_object().expect("headers");
        for name in ["x-request-id", "retry-after", "retry-after-ms", "x-should-retry"] {
            assert!(known.contains_key(name) || answer.header(name).is_empty(), "{path} {name}");
        }
        assert!(known.contains_key("x-request-id"));
    }
}

#[tokio::test]
async fn refusals_before_the_handler_are_described() {
    let upstream = Upstream::start().await;
    upstream.always(CHATS, || envelope(json!([])));
    let served = Served::configured(&upstream, |options| {
        options.access.require_key = true;
        options.access.rates = rates(&["2 per day"], &[]);
    })
    .await;
    let document = served.get("/openapi.json").await.json();
    for (path, status) in [("/api/chats", 401), ("/api/chats", 429), ("/api/session", 429)] {
        let answer = served.get(path).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        let described = response(&document, "get", path, &status.to_string());
        let known = described["headers"].as_object().expect("headers");
        for name in ["ratelimit", "ratelimit-policy"] {
            assert!(known.contains_key(name) && !answer.header(name).is_empty(), "{path} {name}");
        }
    }
    for endpoint in api().filter(|endpoint| !["/health", "/readyz"].contains(&endpoint.path)) {
        let method = endpoint.method.to_lowercase();
        let answered = response(&document, &method, endpoint.path, "200");
        // The collector of the metrics is not counted.
        let has_limits = answered["headers"]["ratelimit"].is_object();
        assert_eq!(has_limits, endpoint.path != "/metrics", "{endpoint:?}");
        for status in ["429", "503"] {
            assert!(
                response(&document, &method, endpoint.path, status).is_object(),
                "{endpoint:?}"
            );
        }
    }
    let probe = &document["paths"]["/health"]["get"]["responses"];
    assert!(probe["429"].is_null() && probe["200"]["headers"]["ratelimit"].is_null());
}

/// As much of JSON Schema as the document uses. A member that is not described is an error.
fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().expect("a name");
        return check(document, &document["components"]["schemas"][name], value, at);
    }
    for either in ["oneOf", "anyOf"] {
        if let Some(options) = schema[either].as_array() {
            let fitting = options.iter().find(|option| {
                let kinds = &option["properties"]["type"]["enum"];
                let fits = kinds.as_array().is_none_or(|kinds| kinds.contains(&value["type"]));
                (option["type"] == "null") == value.is_null() && fits
            });
            return check(document, fitting.unwrap_or_else(|| panic!("{at}: {value}")), value, at);
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        other => panic!("{at}: a schema of type {other}"),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(kinds.contains(&kind), "{at} is {kind}, and described as {kinds:?}");
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        check(document, &schema["items"], item, &format!("{at}[{number}]"));
    }
    if let Some(members) = value.as_object() {
        check_members(document, schema, members, at);
    }
}

fn check_members(document: &Value, schema: &Value, members: &Map<String, Value>, at: &str) {
    let described = schema["properties"].as_object().expect("properties");
    let members_of_others = schema["additionalProperties"] == true;
    for (name, member) in members {
        if members_of_others && !described.contains_key(name) {
            continue;
        }
        let schema = described.get(name).unwrap_or_else(|| panic!("{at}.{name} is not described"));
        check(document, schema, member, &format!("{at}.{name}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(members.contains_key(name), "{at}.{name} is missing");
    }
}
