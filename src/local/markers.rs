//! The markers in a prompt (listed in the documentation of [`crate::local`]).

use std::time::Duration;

/// Upper bound of `[[lorem:N]]`.
const MAX_WORDS: usize = 200_000;
/// Upper bound of `[[slow:MS]]`.
const MAX_PAUSE: u64 = 60_000;

/// What the markers of a prompt ask for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Markers {
    /// `[[lorem:N]]`: a text of that many deltas, a word each.
    pub lorem: Option<usize>,
    /// `[[deltas:a|b]]`: exactly these deltas.
    pub deltas: Option<Vec<String>>,
    /// `[[slow:MS]]`: this pause between deltas.
    pub pace: Option<Duration>,
    /// `[[think]]`.
    pub think: bool,
    /// `[[search]]`.
    pub search: bool,
    /// `[[image]]`.
    pub image: bool,
    /// `[[fault:NAME[:ARG]]]`, as written.
    pub faults: Vec<String>,
}

impl Markers {
    /// Finds the markers. Everything else is ordinary text.
    pub(crate) fn find(prompt: &str) -> Self {
        let mut markers = Self::default();
        let mut rest = prompt;
        while let Some((_, opened)) = rest.split_once("[[") {
            let Some((inside, after)) = opened.split_once("]]") else { break };
            markers.note(inside);
            // An unclosed `[[` before a marker must not hide it.
            rest = if inside.contains("[[") { opened } else { after };
        }
        markers
    }

    fn note(&mut self, marker: &str) {
        let (name, argument) = marker.split_once(':').unwrap_or((marker, ""));
        match name {
            "lorem" => self.lorem = argument.parse().ok().map(|words: usize| words.min(MAX_WORDS)),
            "deltas" => self.deltas = Some(argument.split('|').map(str::to_owned).collect()),
            "slow" => {
                let pause = argument.parse().ok();
                self.pace = pause.map(|millis: u64| Duration::from_millis(millis.min(MAX_PAUSE)));
            }
            "think" => self.think = true,
            "search" => self.search = true,
            "image" => self.image = true,
            "fault" => self.faults.push(argument.to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_found_anywhere() {
        let markers = Markers::find(
            "a [[ b [[lorem:3]] c [[think]][[slow:20]] [[fault:F32:429]] [[unknown]] [[search",
        );
        assert_eq!(markers.lorem, Some(3));
        assert!(markers.think && !markers.search);
        assert_eq!(markers.pace, Some(Duration::from_millis(20)));
        assert_eq!(markers.faults, ["F32:429"]);
    }

    #[test]
    fn numbers_are_bounded() {
        assert_eq!(Markers::find("[[lorem:99999999]]").lorem, Some(MAX_WORDS));
        assert_eq!(Markers::find("[[lorem:-1]]").lorem, None);
    }
}
