//! The options of the local upstream, from flags and settings.

use super::args::GlobalArgs;
use crate::domain::{Error, Result};
use crate::engine::{self, EngineHandle, EngineOptions};
use crate::files::secure_private_directory;
use crate::local::{Fault, LocalOptions};
use crate::settings::{Loaded, Settings};

/// The flags that only apply to the local upstream.
pub(super) struct LocalFlags<'a> {
    chunking: Option<&'a str>,
    faults: &'a [String],
    /// The first flag that only applies to an engine.
    engine: Option<&'static str>,
}

impl<'a> LocalFlags<'a> {
    /// The flags of this run.
    pub(super) fn of(flags: &'a GlobalArgs) -> Self {
        let engine = match (flags.engine_model.as_slice(), &flags.engine_context) {
            ([_, ..], _) => Some("--engine-model"),
            ([], Some(_)) => Some("--engine-context"),
            ([], None) => None,
        };
        Self { chunking: flags.chunking.as_deref(), faults: &flags.fault, engine }
    }

    /// Refuses these flags where the local upstream is not in use.
    ///
    /// # Errors
    /// If one of them is given.
    pub(super) fn refuse_without_local(&self) -> Result<()> {
        let flag = match (self.chunking, self.faults, self.engine) {
            (Some(_), _, _) => "--chunking",
            (None, [_, ..], _) => "--fault",
            (None, [], Some(flag)) => flag,
            (None, [], None) => return Ok(()),
        };
        Err(Error::invalid(format!("`{flag}` only works with `--local`"))
            .with_hint(format!("add `--local`, or leave out `{flag}`")))
    }

    /// Applies the flags to `options`, which already have the engine.
    ///
    /// # Errors
    /// If a flag has an unknown value, or applies to an engine and there is none.
    pub(super) fn apply(&self, options: &mut LocalOptions) -> Result<()> {
        if let (Some(flag), None) = (self.engine, &options.engine) {
            return Err(Error::invalid(format!("`{flag}` only works with an engine"))
                .with_hint(format!("name one with `--engine`, or leave out `{flag}`")));
        }
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

/// The options for a local upstream that keeps its chats in the data directory.
///
/// # Errors
/// If a flag has an invalid value, or the data directory cannot be created.
pub(super) fn local_options(flags: &LocalFlags<'_>, loaded: &Loaded) -> Result<LocalOptions> {
    let data_dir = loaded.paths.data_dir()?;
    secure_private_directory(data_dir).map_err(|fault| {
        Error::invalid(format!("cannot create the data directory {}: {fault}", data_dir.display()))
            .with_hint("set QWENCTL_DATA_DIR to a directory that can be written")
    })?;
    let mut options = LocalOptions {
        database: Some(data_dir.join("local.sqlite3")),
        engine: engine(&loaded.settings)?,
        ..LocalOptions::default()
    };
    flags.apply(&mut options)?;
    Ok(options)
}

/// The engine in the settings; `None` if answers are made up.
///
/// # Errors
/// If the CA file cannot be read, or a setting of the engine cannot be used.
pub(super) fn engine(settings: &Settings) -> Result<Option<EngineHandle>> {
    let Some(url) = settings.engine.value.clone() else { return Ok(None) };
    let options = EngineOptions {
        url,
        key: settings.engine_key.value.clone(),
        models: settings.engine_model.value.clone(),
        context: settings.engine_context.value,
        connect: settings.connect_timeout.value,
        idle: settings.idle_timeout.value,
        proxy: settings.proxy.value.clone(),
        extra_ca_pem: settings.extra_ca_pem()?,
    };
    engine::open(options).map(Some)
}

/// A line that names the source of the answers.
pub(super) fn banner(options: &LocalOptions) -> String {
    match options.engine.as_ref().and_then(EngineHandle::url) {
        Some(url) => format!("local upstream: answers come from {url}; chats stay on this machine"),
        None => "local upstream: made-up answers, no account, no network".to_owned(),
    }
}
