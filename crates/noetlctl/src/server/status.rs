//! `noetl server status`.

use std::env;

use serde::Serialize;

use super::inspect::{PATIENCE, State, choose, inspect};
use super::record::Record;
use super::state_dir::StateDir;
use crate::api::{self, Runtime};
use crate::cli::StatusArgs;
use crate::error::{NOT_RUNNING, Result, WRONG};
use crate::output::{self, clean};
use crate::settings::{Address, port};

/// What is known about a server.
#[derive(Debug, Serialize)]
struct Status {
    /// `running`, `silent` (there, but it does not answer) or `stopped`.
    state: &'static str,
    url: String,
    pid: Option<u32>,
    version: Option<String>,
    started: Option<String>,
    python: Option<String>,
    /// Whether it runs in the background; null when it was not started by this user's `noetl`.
    detached: Option<bool>,
    log: Option<String>,
}

/// Says whether the server runs.
pub fn run(options: &StatusArgs) -> Result<u8> {
    let env = |name: &str| env::var_os(name);
    let asked = port(options.address.port, env)?;
    let address = Address::resolve(&options.address, env)?;
    let (dir, records) = choose(asked);
    let mut found: Vec<Status> = records.iter().filter_map(|record| recorded(record, dir.as_ref())).collect();
    if found.is_empty() {
        found.push(unrecorded(&address));
    }
    let code = found.iter().map(|s| {
        if s.state == "running" {
            0
        } else if s.state == "silent" {
            WRONG
        } else {
            NOT_RUNNING
        }
    });
    let code = code.max().unwrap_or(NOT_RUNNING);
    if options.json {
        // One server, one object; a list only where there are several.
        if let [one] = found.as_slice() {
            output::json(one)?
        } else {
            output::json(&found)?
        }
        return Ok(code);
    }
    for status in &found {
        output::line(&status.sentence())?;
    }
    Ok(code)
}

impl Status {
    fn stopped(url: String) -> Self {
        Status {
            state: "stopped",
            url,
            pid: None,
            version: None,
            started: None,
            python: None,
            detached: None,
            log: None,
        }
    }

    fn of(url: String, runtime: Runtime) -> Self {
        Status {
            state: "running",
            pid: runtime.server.pid,
            version: Some(runtime.server.version),
            started: runtime.server.started,
            python: runtime.python.executable,
            ..Status::stopped(url)
        }
    }

    fn sentence(&self) -> String {
        let pid = self.pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default();
        let mut text = match self.state {
            "running" => format!("noetl server running on {}{pid}", self.url),
            "silent" => format!("noetl server on {}{pid} is there, but does not answer", self.url),
            _ => format!("noetl server not running on {}", self.url),
        };
        let python = self.python.as_ref();
        let about =
            [("version", &self.version), ("started", &self.started), ("python", &python.cloned()), ("log", &self.log)];
        for (name, value) in about {
            if let Some(value) = value {
                text.push_str(&format!("\n  {name:<8} {}", clean(value)));
            }
        }
        text
    }
}

/// The status of a server that we have a record of; None if it is gone.
fn recorded(record: &Record, dir: Option<&StateDir>) -> Option<Status> {
    let url = record.address().url();
    let status = match inspect(record) {
        State::Running(runtime) => Status::of(url, *runtime),
        State::Silent => Status { state: "silent", python: Some(record.python.clone()), ..Status::stopped(url) },
        State::Unknown | State::Gone => return None,
    };
    let log = dir.filter(|_| record.detached).map(|dir| dir.log(record.port).display().to_string());
    Some(Status { pid: Some(record.pid), detached: Some(record.detached), log, ..status })
}

/// The status of a server that we have no record of, but that may be there.
fn unrecorded(address: &Address) -> Status {
    match api::local(&address.local_url(), PATIENCE) {
        Some(runtime) => Status::of(address.local_url(), runtime),
        None => Status::stopped(address.local_url()),
    }
}
