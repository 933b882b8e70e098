//! What is read again while the server runs, when somebody asks for it (SIGHUP).

use std::fmt;

use crate::domain::Result;

/// What is read again: a list of names, each with the way to do it.
///
/// Whatever cannot be read again stays as it is, and the others are read all the same.
#[derive(Default)]
pub struct Reload(Vec<Part>);

struct Part {
    what: &'static str,
    read_again: Box<dyn Fn() -> Result<String> + Send + Sync>,
}

impl Reload {
    /// Adds `what`. `read_again` may block; it says in a few words what it found.
    pub fn add(
        &mut self,
        what: &'static str,
        read_again: impl Fn() -> Result<String> + Send + Sync + 'static,
    ) {
        self.0.push(Part { what, read_again: Box::new(read_again) });
    }

    /// Reads everything again, and says of each part how that went. Blocks.
    pub fn run(&self) -> Vec<String> {
        let told = self.0.iter().map(|part| match (part.read_again)() {
            Ok(found) => format!("{}: {found}", part.what),
            Err(fault) => format!("{}: stays as it was: {fault}", part.what),
        });
        told.collect()
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
    fn one_part_that_fails_does_not_keep_the_others_from_being_read() {
        let mut reload = Reload::default();
        reload.add("keys", || Err(Error::invalid("no such file")));
        reload.add("token", || Ok("a new one".to_owned()));
        assert_eq!(reload.run(), ["keys: stays as it was: no such file", "token: a new one"]);
    }
}
