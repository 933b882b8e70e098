//! What every Prometheus client tells about its process, under the usual names. Memory and open files
//! are read from `/proc`; where there is none, they stay 0.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

/// The families of this file.
pub(super) struct Process {
    memory: Gauge,
    files: Gauge,
}

impl Process {
    /// Puts them into the registry.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let process = Self { memory: Gauge::default(), files: Gauge::default() };
        let began = Gauge::<i64>::default();
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        began.set(i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        registry.register_with_unit(
            "process_start_time",
            "When the server began, since 1970",
            Unit::Seconds,
            began,
        );
        registry.register_with_unit(
            "process_resident_memory",
            "Memory that the process has in use",
            Unit::Bytes,
            process.memory.clone(),
        );
        registry.register("process_open_fds", "Open files and connections", process.files.clone());
        process
    }

    /// Reads what changes. Files of `/proc` are made in memory: reading them does not wait for a disk.
    pub(super) fn read(&self) {
        if let Some(bytes) = resident_bytes() {
            self.memory.set(bytes);
        }
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            self.files.set(i64::try_from(files.count()).unwrap_or(i64::MAX));
        }
    }
}

fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}
