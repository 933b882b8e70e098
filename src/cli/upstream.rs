//! What the flags say about the local upstream.

use std::path::Path;

use super::args::GlobalArgs;
use crate::domain::{Error, Result};
use crate::local::{Fault, LocalOptions};

/// The flags that only the local upstream understands.
pub struct LocalFlags<'a> {
    chunking: Option<&'a str>,
    faults: &'a [String],
}

impl<'a> LocalFlags<'a> {
    /// Those of this run.
    pub fn of(flags: &'a GlobalArgs) -> Self {
        Self { chunking: flags.chunking.as_deref(), faults: &flags.fault }
    }

    /// Nobody shall believe that the real upstream makes faults on request.
    ///
    /// # Errors
    /// If one of them is given.
    pub fn refuse_without_local(&self) -> Result<()> {
        let flag = match (self.chunking, self.faults) {
            (Some(_), _) => "--chunking",
            (None, [_, ..]) => "--fault",
            (None, []) => return Ok(()),
        };
        Err(Error::invalid(format!("`{flag}` only works with `--local`"))
            .with_hint(format!("add `--local`, or leave out `{flag}`")))
    }

    /// Puts them into `options`.
    ///
    /// # Errors
    /// If one of them is not known.
    pub fn apply(&self, options: &mut LocalOptions) -> Result<()> {
        if let Some(chunking) = self.chunking {
            options.chunking = chunking
                .parse()
                .map_err(|fault: String| Error::invalid(format!("`--chunking`: {fault}")))?;
        }
        options.faults = self.faults.iter().map(|name| parse_fault(name)).collect::<Result<_>>()?;
        Ok(())
    }
}

fn parse_fault(name: &str) -> Result<Fault> {
    name.parse().map_err(|fault: String| Error::invalid(format!("`--fault`: {fault}")))
}

/// The options for a local upstream that keeps its chats under `data_dir`.
///
/// # Errors
/// If a flag is wrong, or there can be no such directory.
pub fn local_options(flags: &LocalFlags<'_>, data_dir: &Path) -> Result<LocalOptions> {
    std::fs::create_dir_all(data_dir).map_err(|fault| {
        Error::invalid(format!("cannot make the data directory {}: {fault}", data_dir.display()))
            .with_hint("set QWENCTL_DATA_DIR to a directory that can be written")
    })?;
    let mut options =
        LocalOptions { database: Some(data_dir.join("local.sqlite3")), ..LocalOptions::default() };
    flags.apply(&mut options)?;
    Ok(options)
}
