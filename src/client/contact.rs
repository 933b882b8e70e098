//! The first contact with the upstream, for those who want to know why nothing else works.

use std::time::{Duration, Instant};

use reqwest::header::DATE;

use super::body::Patience;
use super::failure::Failure;
use super::session::Client;
use crate::domain::Result;

/// What came back from the upstream, whatever it was.
#[derive(Debug)]
pub struct Contact {
    /// From the question to the head of the answer; connecting is part of it.
    pub took: Duration,
    /// The upstream's clock, in seconds since 1970, if it says so.
    pub time: Option<i64>,
    /// What is wrong with the answer, if something is.
    pub verdict: Result<()>,
}

impl Client {
    /// Asks for the upstream's configuration, which needs no token (protocol 1.1).
    ///
    /// # Errors
    /// If there is no answer at all.
    pub async fn contact(&self) -> Result<Contact> {
        let transport = self.transport();
        let patience = Patience::start(&transport.config().timeouts);
        let began = Instant::now();
        let response = transport.greet(patience).await.map_err(Failure::into_error)?;
        let took = began.elapsed();
        let time = response.headers().get(DATE).and_then(|date| seconds(date.to_str().ok()?));
        let verdict = super::classify::classify(response, patience, false).await;
        Ok(Contact { took, time, verdict: verdict.map(drop).map_err(Failure::into_error) })
    }
}

/// The header `Date` (RFC 9110, 5.6.7) in seconds since 1970.
fn seconds(date: &str) -> Option<i64> {
    let time = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(time.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("yesterday"), None);
    }
}
