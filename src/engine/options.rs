//! The options of an engine.

use std::time::Duration;

use secrecy::SecretString;

use crate::domain::ModelMap;

/// A server that speaks the `OpenAI` API, and how to use it.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Base of its API, such as `http://127.0.0.1:11434/v1`.
    pub url: String,
    /// Its API key, which goes to no other address.
    pub key: Option<SecretString>,
    /// The names that map to its models.
    pub models: ModelMap,
    /// The context window of its models, in tokens; `None` uses what the engine lists.
    pub context: Option<u64>,
    /// The connect timeout.
    pub connect: Duration,
    /// The idle timeout.
    pub idle: Duration,
    /// The proxy; the default is the one in the environment. An engine on this machine is always
    /// reached directly.
    pub proxy: Option<SecretString>,
    /// Certificates in PEM form to trust besides the system's own.
    pub extra_ca_pem: Option<Vec<u8>>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:11434/v1".to_owned(),
            key: None,
            models: ModelMap::default(),
            context: None,
            connect: Duration::from_secs(10),
            idle: Duration::from_mins(3),
            proxy: None,
            extra_ca_pem: None,
        }
    }
}
