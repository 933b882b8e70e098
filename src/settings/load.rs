//! Finds and reads the config file, then resolves.

use std::path::{Path, PathBuf};

use super::table::spec;
use super::{ConfigFile, Environment, Origin, Overrides, Paths, Settings, resolve};
use crate::domain::{Error, Result};

/// The settings of this run.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The values.
    pub settings: Settings,
    /// What the user should be warned of, one sentence each.
    pub warnings: Vec<String>,
    /// The config file that was read; `None` if there is none.
    pub config_path: Option<PathBuf>,
    /// Where the program's files lie.
    pub paths: Paths,
}

/// Reads the config file and resolves the settings. Creates nothing.
///
/// # Errors
/// [`crate::domain::ErrorKind::InvalidRequest`] if a named config file does not exist, if the file is broken, or as
/// [`resolve()`].
pub fn load(overrides: &Overrides, environment: &Environment) -> Result<Loaded> {
    let paths = Paths::find(environment, overrides.config_file.as_deref());
    let path = paths.config_file().ok().map(Path::to_owned);
    if let (Some(path), Some(origin)) = (&path, named_by(overrides, environment)) {
        must_exist(path, &origin)?;
    }
    let (file, mut warnings) = match &path {
        Some(path) => ConfigFile::read(path)?,
        None => (ConfigFile::default(), Vec::new()),
    };
    let settings = resolve(overrides, environment, &file)?;
    warnings.extend(settings.warnings());
    Ok(Loaded {
        paths: paths.with_data_dir(settings.data_dir.value.clone()),
        settings,
        warnings,
        config_path: path.filter(|path| path.exists()),
    })
}

/// The settings as they would be without a config file: for those who want to know what else is wrong.
///
/// # Errors
/// As [`resolve()`].
pub fn load_without_file(overrides: &Overrides, environment: &Environment) -> Result<Loaded> {
    let paths = Paths::find(environment, overrides.config_file.as_deref());
    let settings = resolve(overrides, environment, &ConfigFile::default())?;
    Ok(Loaded {
        paths: paths.with_data_dir(settings.data_dir.value.clone()),
        warnings: settings.warnings(),
        settings,
        config_path: None,
    })
}

fn named_by(overrides: &Overrides, environment: &Environment) -> Option<Origin> {
    let variable = spec::CONFIG_FILE.variable;
    if overrides.config_file.is_some() {
        return spec::CONFIG_FILE.flag.map(Origin::Flag);
    }
    environment.path(variable).map(|_| Origin::Environment(variable))
}

fn must_exist(path: &Path, origin: &Origin) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let message = format!("the config file {} (named by {origin}) does not exist", path.display());
    Err(Error::invalid(message).with_hint("correct the path, or create the file; it may be empty"))
}
