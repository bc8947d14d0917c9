//! What is written down about a server, so that another `noetl` can find it.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::state_dir::StateDir;
use crate::settings::Address;

/// The contents of a pid file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The process that serves.
    pub pid: u32,
    /// The process that was started, and leads its process group. A launcher may stand between the two.
    pub group: u32,
    /// When `pid` was born, in the system's spelling, see `sys::birth`. Empty where the system does not tell.
    pub birth: String,
    /// What it was told to listen on.
    pub host: String,
    /// The port it was told to listen on.
    pub port: u16,
    /// The Python that runs it, for people.
    pub python: String,
    /// Whether it runs in the background, with a log.
    pub detached: bool,
}

impl Record {
    /// Where it listens.
    pub fn address(&self) -> Address {
        Address { host: self.host.clone(), port: self.port }
    }

    /// The record of the server on a port. One that cannot be read is as good as none.
    pub fn read(dir: &StateDir, port: u16) -> Option<Self> {
        parse(&dir.record(port)).filter(|record| record.port == port)
    }

    /// All records, by port.
    pub fn all(dir: &StateDir) -> Vec<Self> {
        let Ok(entries) = fs::read_dir(dir.path()) else {
            return Vec::new();
        };
        let port = |name: &str| name.strip_prefix("server-")?.strip_suffix(".json")?.parse::<u16>().ok();
        let mut ports: Vec<u16> = entries.flatten().filter_map(|e| port(e.file_name().to_str()?)).collect();
        ports.sort_unstable();
        ports.into_iter().filter_map(|port| Self::read(dir, port)).collect()
    }

    /// Writes the record, whole or not at all.
    pub fn write(&self, dir: &StateDir) -> io::Result<()> {
        let path = dir.record(self.port);
        let new = path.with_extension(format!("json.{}", std::process::id()));
        fs::write(&new, serde_json::to_string_pretty(self)? + "\n")?;
        fs::rename(&new, &path).inspect_err(|_| _ = fs::remove_file(&new))
    }

    /// Removes the record, unless another server has written its own in the meantime.
    pub fn remove(&self, dir: &StateDir) {
        let path = dir.record(self.port);
        if parse(&path).is_none_or(|now| now.group == self.group) {
            let _ = fs::remove_file(path);
        }
    }
}

fn parse(path: &Path) -> Option<Record> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
