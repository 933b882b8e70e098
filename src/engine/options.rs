//! What such an engine is started with.

use std::time::Duration;

use secrecy::SecretString;

/// A server that speaks the `OpenAI` API, and how to use it.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Base of its API, such as `http://127.0.0.1:11434/v1`.
    pub url: String,
    /// The key that it asks for. It goes nowhere else.
    pub key: Option<SecretString>,
    /// Which of its models are taken for which names.
    pub models: ModelMap,
    /// How many tokens its models can look at; `None` leaves it to what it says about them.
    pub context: Option<u64>,
    /// How long to wait for a connection.
    pub connect: Duration,
    /// How long it may be silent.
    pub idle: Duration,
    /// A proxy on the way to it; without one the usual environment variables count. An engine on
    /// this machine is always reached directly.
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

/// Which models of the engine are taken for which names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelMap {
    /// Pairs of a name that is asked for and the engine's.
    pub pairs: Vec<(String, String)>,
    /// The engine's model for every name that neither it nor the pairs have.
    pub default: Option<String>,
}
