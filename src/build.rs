//! Compresses the texts that the server sends, and lets the linker pack the relocations of a release.

use std::env::{self, var};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;

const ASSETS: &str = "src/server/page/assets";
const API: &str = "src/server/openapi/document.json";

/// The first glibc that reads packed relocations, of 2022.
const GLIBC: (u32, u32) = (2, 36);

fn main() -> io::Result<()> {
    for path in ["src/build.rs", ASSETS, API] {
        println!("cargo::rerun-if-changed={path}");
    }
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    for entry in fs::read_dir(ASSETS)? {
        let path = entry?.path();
        compress(&path, &without_comments(&fs::read_to_string(&path)?), out.as_ref())?;
    }
    compress(API.as_ref(), &fs::read_to_string(API)?, out.as_ref())?;
    pack_relocations();
    Ok(())
}

/// Writes `text` to a file in `out` with the name of `path` and `.gz`.
fn compress(path: &Path, text: &str, out: &Path) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes())?;
    fs::write(out.join(format!("{}.gz", name.display())), encoder.finish()?)
}

/// A file of the page without indentation and without lines that are comments. Line breaks stay: they end
/// statements. No string of the page has a line break.
fn without_comments(content: &str) -> String {
    let mut is_comment = false;
    let mut kept = String::with_capacity(content.len());
    for line in content.lines().map(str::trim) {
        is_comment |= line.starts_with("/*");
        let is_kept = !is_comment && !line.is_empty() && !line.starts_with("//");
        is_comment &= !line.ends_with("*/");
        if is_kept {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Relocations are a twentieth of a release. Programs with packed ones need [`GLIBC`] to start, so only a
/// machine that has it packs them, for itself.
fn pack_relocations() {
    let is_glibc = var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu")
        && var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux");
    let is_release = var("PROFILE").is_ok_and(|profile| profile == "release");
    let is_native = var("HOST").ok() == var("TARGET").ok();
    if is_glibc && is_release && is_native && glibc().is_some_and(|version| version >= GLIBC) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of this machine's glibc.
fn glibc() -> Option<(u32, u32)> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
