//! Reads the certificates that the user trusts besides the system's.

use std::fs::File;
use std::io::Read as _;

use super::Settings;
use crate::domain::{Error, Result};

/// A bundle of every public authority is about a quarter of this.
const MAX_BYTES: u64 = 1 << 20;

impl Settings {
    /// The content of `ca_file`, if there is one: certificates in PEM form.
    ///
    /// # Errors
    /// [`crate::domain::ErrorKind::InvalidRequest`] naming the file and who named it, if it cannot be read, is over
    /// 1 MiB or holds no certificate.
    pub fn extra_ca_pem(&self) -> Result<Option<Vec<u8>>> {
        let Some(path) = &self.ca_file.value else { return Ok(None) };
        let refused = |fault: &str| {
            let origin = &self.ca_file.origin;
            Error::invalid(format!("the CA file {} (named by {origin}) {fault}", path.display()))
                .with_hint(
                    "name a file of certificates in PEM form (`-----BEGIN CERTIFICATE-----`)",
                )
        };
        let mut pem = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut pem))
            .map_err(|fault| refused(&format!("cannot be read: {fault}")).caused_by(fault))?;
        if pem.len() as u64 > MAX_BYTES {
            return Err(refused("is over 1 MiB"));
        }
        if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
            return Err(refused("holds no certificate"));
        }
        Ok(Some(pem))
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::{ConfigFile, Environment, Overrides, resolve};

    #[test]
    fn the_ca_file_is_read_or_refused_by_name() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("ca.pem");
        let flags = Overrides { ca_file: Some(path.clone()), ..Overrides::default() };
        let settings = resolve(&flags, &Environment::default(), &ConfigFile::default());
        let settings = settings.expect("settings");
        let fault = settings.extra_ca_pem().expect_err("there is no file");
        assert!(fault.message().contains("ca.pem (named by --ca-file) cannot be read"), "{fault}");
        std::fs::write(&path, "DER").expect("a file");
        assert!(settings.extra_ca_pem().expect_err("no PEM").message().contains("no certificate"));
        let pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        std::fs::write(&path, pem).expect("a file");
        assert_eq!(settings.extra_ca_pem().expect("a file"), Some(pem.into()));
    }
}
