//! Shows an answer as HTML while it grows: not with each word, but often enough to look alive.

use std::future::pending;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::page::render::markdown_with;
use crate::app::documents::RenderData;
use crate::domain::{Reply, ReplyEvent};

/// The shortest time between two pictures.
const PACE: Duration = Duration::from_millis(150);
/// A long answer takes longer to paint; at most this part of the time goes into it.
const SHARE: u32 = 10;

/// Decides when to paint, and paints.
#[derive(Debug)]
pub(super) struct Painter {
    wanted: bool,
    behind: bool,
    next: Instant,
}

impl Painter {
    /// One that paints if that is `wanted`, and otherwise is never due.
    pub(super) fn new(wanted: bool) -> Self {
        Self { wanted, behind: false, next: Instant::now() }
    }

    /// Takes note of a step of the answer.
    pub(super) fn note(&mut self, step: &ReplyEvent) {
        self.behind |= self.wanted
            && matches!(
                step,
                ReplyEvent::Delta(_) | ReplyEvent::Rewrite(_) | ReplyEvent::Search { .. }
            );
    }

    /// Whether the last picture does not show all of the answer.
    pub(super) fn is_behind(&self) -> bool {
        self.behind
    }

    /// Waits until it is time for a picture. May be dropped and called again.
    pub(super) async fn due(&self) {
        if self.behind { sleep_until(self.next).await } else { pending().await }
    }

    /// The answer as HTML.
    pub(super) fn paint(&mut self, reply: &Reply) -> RenderData {
        let began = Instant::now();
        let html = markdown_with(&reply.content, &reply.citations);
        let now = Instant::now();
        self.next = now + PACE.max((now - began) * SHARE);
        self.behind = false;
        RenderData { html }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_paints_at_once_and_then_at_its_pace() {
        let mut painter = Painter::new(true);
        let mut reply = Reply::empty("c1".parse().expect("an id"), "m");
        reply.content = "*a*".to_owned();
        painter.note(&ReplyEvent::Delta("*a*".to_owned()));
        let began = Instant::now();
        painter.due().await;
        assert_eq!(painter.paint(&reply).html, "<p><em>a</em></p>\n");
        assert!(!painter.is_behind() && began.elapsed() < PACE);
        painter.note(&ReplyEvent::Thinking("b".to_owned()));
        assert!(!painter.is_behind());
        painter.note(&ReplyEvent::Delta("b".to_owned()));
        painter.due().await;
        assert!(began.elapsed() >= PACE);
    }

    #[test]
    fn it_never_paints_unasked() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let _inside = runtime.enter();
        let mut painter = Painter::new(false);
        painter.note(&ReplyEvent::Delta("b".to_owned()));
        assert!(!painter.is_behind());
    }
}
