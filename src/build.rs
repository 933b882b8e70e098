//! Lets the linker pack the relocations of a release, which are a twentieth of its size. Programs with
//! packed ones need glibc 2.36 (2022) to start, so only a machine that has it builds them, for itself.

use std::env::var;
use std::process::Command;

/// The first glibc that reads packed relocations.
const GLIBC: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
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
