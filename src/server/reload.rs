//! Reload: what the server reads again on SIGHUP.

use std::fmt;

use crate::domain::Result;

/// The parts that a reload reads again. A part that fails stays as it is and does not stop the others.
#[derive(Default)]
pub struct Reload(Vec<Part>);

struct Part {
    what: &'static str,
    read_again: Box<dyn Fn() -> Result<String> + Send + Sync>,
}

impl Reload {
    /// Adds a part. `read_again` may block; it returns a short description of the result.
    pub fn add(
        &mut self,
        what: &'static str,
        read_again: impl Fn() -> Result<String> + Send + Sync + 'static,
    ) {
        self.0.push(Part { what, read_again: Box::new(read_again) });
    }

    /// Reads all parts again and returns a line about each. Blocks.
    pub fn run(&self) -> Vec<String> {
        let lines = self.0.iter().map(|part| match (part.read_again)() {
            Ok(found) => format!("{}: {found}", part.what),
            Err(fault) => format!("{}: not reloaded, keeping the current one: {fault}", part.what),
        });
        lines.collect()
    }
}

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|part| part.what)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Error;

    #[test]
    fn a_failing_part_does_not_stop_the_others() {
        let mut reload = Reload::default();
        reload.add("keys", || Err(Error::invalid("no such file")));
        reload.add("token", || Ok("a new one".to_owned()));
        assert_eq!(
            reload.run(),
            ["keys: not reloaded, keeping the current one: no such file", "token: a new one"]
        );
    }
}
