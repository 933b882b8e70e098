//! async-openai, the client that Rust programs use: it takes only what has the official shapes.

use ::async_openai::Client;
use ::async_openai::config::OpenAIConfig;
use ::async_openai::error::{ApiErrorResponse, OpenAIError};
use ::async_openai::types::chat::{
    ChatCompletionRequestDeveloperMessage, ChatCompletionRequestMessage,
    ChatCompletionRequestUserMessage, ChatCompletionStreamOptions, CreateChatCompletionRequest,
    FinishReason, Role, StopConfiguration,
};
use futures_util::StreamExt as _;
use serde_json::json;

use super::{answers, served, upstream};
use crate::server::world::Served;
use crate::support::bodies::envelope;
use crate::support::frames::{created, d, sse};
use crate::support::response::Ending;
use crate::support::upstream::Upstream;
use crate::support::world::STOP;

const TEXT: &str = "Xin chào, tiếng Việt! 你好，世界 🙂 \u{200d}👩\u{200d}🚀";
const MODEL: &str = "local-echo-max";

fn client(served: &Served) -> Client<OpenAIConfig> {
    let config = OpenAIConfig::new().with_api_base(served.url("/v1")).with_api_key("none");
    Client::build(served.http.clone(), config)
}

fn question(text: &str) -> CreateChatCompletionRequest {
    let message = ChatCompletionRequestUserMessage::from(text);
    CreateChatCompletionRequest {
        model: MODEL.to_owned(),
        messages: vec![ChatCompletionRequestMessage::User(message)],
        ..CreateChatCompletionRequest::default()
    }
}

#[track_caller]
fn refusal<T>(result: Result<T, OpenAIError>) -> ApiErrorResponse {
    match result.err().expect("refused") {
        OpenAIError::ApiError(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn models_are_listed_and_shown() {
    let (served, _local) = Served::local(|_| {}).await;
    let client = client(&served);
    let models = client.models().list().await.expect("models").data;
    assert!(models.iter().any(|model| model.id == MODEL));
    let model = client.models().retrieve(MODEL).await.expect("a model");
    assert_eq!((model.object.as_str(), model.owned_by.as_str()), ("model", "qwen"));
}

#[tokio::test]
async fn a_streamed_answer_equals_the_whole_one() {
    let (served, _local) = Served::local(|_| {}).await;
    let client = client(&served);
    let mut request = question(TEXT);
    let developer = ChatCompletionRequestDeveloperMessage {
        content: "Be brief.".into(),
        ..ChatCompletionRequestDeveloperMessage::default()
    };
    request.messages.insert(0, ChatCompletionRequestMessage::Developer(developer));
    let whole = client.chat().create(request.clone()).await.expect("an answer");
    let choice = &whole.choices[0];
    let content = choice.message.content.as_deref().expect("a text");
    assert!(content.contains(TEXT), "{content}");
    assert_eq!(
        (choice.message.role, choice.finish_reason),
        (Role::Assistant, Some(FinishReason::Stop))
    );

    request.stream_options =
        Some(ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None });
    let mut stream = client.chat().create_stream(request).await.expect("a stream");
    let (mut pieces, mut roles, mut ends, mut usage) = (Vec::new(), Vec::new(), Vec::new(), None);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.expect("a chunk");
        usage = chunk.usage;
        for choice in chunk.choices {
            pieces.extend(choice.delta.content.filter(|piece| !piece.is_empty()));
            roles.extend(choice.delta.role);
            ends.extend(choice.finish_reason);
        }
    }
    assert_eq!(pieces.concat(), content);
    assert!(pieces.len() > 10, "{pieces:?}");
    assert_eq!((roles, ends), (vec![Role::Assistant], vec![FinishReason::Stop]));
    assert_eq!(usage.map(|usage| usage.total_tokens), whole.usage.map(|usage| usage.total_tokens));
}

#[tokio::test]
async fn an_answer_is_cut_at_a_stop_sequence() {
    let (served, _local) = Served::local(|_| {}).await;
    let mut request = question(TEXT);
    request.stop = Some(StopConfiguration::String("wrote".to_owned()));
    let answer = client(&served).chat().create(request).await.expect("an answer");
    assert_eq!(answer.choices[0].message.content.as_deref(), Some("# You "));
}

#[tokio::test]
async fn failures_have_the_fields_of_the_sdk() {
    let (served, _local) = Served::local(|_| {}).await;
    let client = client(&served);
    let quota = refusal(client.chat().create(question("[[fault:F33]]")).await);
    assert_eq!(quota.status_code.as_u16(), 429);
    // With any other type it would wait for the three hours that the upstream says.
    assert_eq!(quota.api_error.r#type.as_deref(), Some("insufficient_quota"));
    let unknown = CreateChatCompletionRequest { model: "gpt-4o".to_owned(), ..question("x") };
    let unknown = refusal(client.chat().create(unknown).await);
    assert_eq!(unknown.status_code.as_u16(), 404);
    assert_eq!(unknown.api_error.param.as_deref(), Some("model"));
    let blank = refusal(client.chat().create(question(" ")).await);
    assert_eq!(blank.status_code.as_u16(), 400);
}

#[tokio::test]
async fn dropping_a_stream_stops_the_upstream() {
    let upstream: Upstream = upstream().await;
    answers(&upstream, sse([created().as_str(), &d("Hal")]).ending(Ending::Hang));
    upstream.on(STOP, envelope(json!({"status": true})));
    let served = served(&upstream, |_| {}).await;
    let request = CreateChatCompletionRequest { model: super::MODEL.to_owned(), ..question("Hi") };
    let mut stream = client(&served).chat().create_stream(request).await.expect("a stream");
    let first = stream.next().await.expect("a chunk").expect("a chunk");
    assert_eq!(first.choices[0].delta.role, Some(Role::Assistant));
    drop(stream);
    upstream.until(STOP, 1).await;
    upstream.until(super::DELETE, 1).await;
}
