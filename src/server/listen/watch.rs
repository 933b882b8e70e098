//! Looks after the certificate while the server runs: a renewed one is taken, an old one is told of.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::server::LogSink;
use crate::server::state::now;
use crate::server::tls::{Renewal, Tls};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(3);
/// How often somebody is told that a certificate has to be renewed.
const TELL_EVERY: Duration = Duration::from_hours(24);

/// Never ends.
pub async fn certificate(tls: Option<&Arc<Tls>>, log: &LogSink) {
    let Some(tls) = tls else { return pending().await };
    let mut looks = interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Instant::now();
    let mut was_readable = true;
    loop {
        looks.tick().await;
        let looking = Arc::clone(tls);
        let Ok(looked) = tokio::task::spawn_blocking(move || looking.renew(now())).await else {
            continue;
        };
        match &looked {
            Ok(Renewal::Unchanged) => {}
            Ok(Renewal::Renewed) => log.write("TLS: the new certificate counts from now on"),
            // A file that is gone stays gone for many looks; it is told of once.
            Err(fault) if was_readable => {
                log.write(format!("TLS: the old certificate goes on counting: {fault}"));
            }
            Err(_) => {}
        }
        was_readable = looked.is_ok();
        if told.elapsed() >= TELL_EVERY
            && let Some(warning) = tls.warning(now())
        {
            log.write(format!("TLS: {warning}"));
            told = Instant::now();
        }
    }
}
