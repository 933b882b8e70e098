//! How the bytes of a stream are cut into writes.

use std::fmt;
use std::str::FromStr;

/// How the bytes of a stream are cut into writes (protocol 15). The bytes themselves are the same
/// in every mode. Modes that cut inside an event are sent uncompressed, so that the cuts reach the
/// reader where they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chunking {
    /// One event per write.
    #[default]
    Event,
    /// One byte per write.
    Byte,
    /// Pieces of random length.
    Random,
    /// Cuts after the first byte of every character that has more than one, and in the middle of
    /// `data:` and `\n\n`.
    Utf8,
    /// Many events per write.
    Many,
}

impl Chunking {
    pub(crate) const ALL: [(Self, &'static str); 5] = [
        (Self::Event, "event"),
        (Self::Byte, "byte"),
        (Self::Random, "random"),
        (Self::Utf8, "utf8"),
        (Self::Many, "many"),
    ];

    /// Whether events stay whole.
    pub(crate) fn keeps_events_whole(self) -> bool {
        matches!(self, Self::Event | Self::Many)
    }
}

impl fmt::Display for Chunking {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(mode, _)| mode == self);
        out.write_str(name.map_or("event", |(_, name)| name))
    }
}

impl FromStr for Chunking {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|(_, name)| *name == text);
        known.map(|(mode, _)| *mode).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|(_, name)| *name).collect();
            format!("unknown chunking mode `{text}`; known are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_reads_back_what_it_prints() {
        for (mode, name) in Chunking::ALL {
            assert_eq!(mode.to_string(), name);
            assert_eq!(name.parse(), Ok(mode));
        }
    }

    #[test]
    fn an_unknown_mode_lists_the_known_ones() {
        let error = "bite".parse::<Chunking>().expect_err("not a mode");
        assert!(error.contains("`bite`") && error.contains("event, byte, random, utf8, many"));
    }
}
