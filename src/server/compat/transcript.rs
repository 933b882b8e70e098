//! What a caller has been told of an answer.

use std::borrow::Cow;

use crate::server::compat::cutter::{Cut, Cutter};

/// The text so far, within its limits.
pub(crate) struct Transcript {
    text: String,
    cutter: Cutter,
    limits: (Vec<String>, Option<u64>),
}

/// What was told cannot be made good any more.
pub(crate) struct Irreparable;

impl Transcript {
    /// An empty one, within these limits.
    pub(crate) fn new(stop: Vec<String>, max_tokens: Option<u64>) -> Self {
        Self {
            text: String::new(),
            cutter: Cutter::new(&stop, max_tokens),
            limits: (stop, max_tokens),
        }
    }

    /// Whether nothing can end the text but its own end.
    pub(crate) fn is_unlimited(&self) -> bool {
        self.limits.1.is_none() && self.limits.0.iter().all(String::is_empty)
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Takes a piece; returns what is to be told, and whether that is the end.
    pub(crate) fn push<'a>(&mut self, piece: &'a str) -> (Cow<'a, str>, Option<Cut>) {
        let (told, cut) = self.cutter.push(piece);
        self.text.push_str(&told);
        (told, cut)
    }

    /// The model has ended; what is left to be told.
    pub(crate) fn finish(&mut self) -> (String, Option<Cut>) {
        let (told, cut) = self.cutter.finish();
        self.text.push_str(&told);
        (told, cut)
    }

    /// Ends the text with `images`, for which these APIs have no place of their own; returns what is
    /// to be told.
    pub(crate) fn add_images(&mut self, images: &[String]) -> String {
        let lines = images.iter().map(|url| format!("![image]({url})"));
        let mut told = lines.collect::<Vec<_>>().join("\n");
        if !told.is_empty() && !self.text.is_empty() {
            told.insert_str(0, "\n\n");
        }
        self.text.push_str(&told);
        told
    }

    /// The text was really `whole`. If nobody has read it yet, it begins anew.
    ///
    /// # Errors
    /// If something else has been read.
    pub(crate) fn rewrite<'a>(
        &mut self,
        whole: &'a str,
        unread: bool,
    ) -> Result<(Cow<'a, str>, Option<Cut>), Irreparable> {
        if unread {
            *self = Self::new(self.limits.0.clone(), self.limits.1);
            return Ok(self.push(whole));
        }
        let rest = whole
            .strip_prefix(self.text.as_str())
            .and_then(|rest| rest.strip_prefix(self.cutter.held()));
        rest.map(|rest| self.push(rest)).ok_or(Irreparable)
    }
}
