//! What it takes to start a server, in the foreground or not.

use std::env;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::preflight;
use super::record::Record;
use crate::cli::StartArgs;
use crate::error::{Error, Result};
use crate::python::{self, Candidate, Found};
use crate::settings::Address;
use crate::{platform, sys, version};

/// A server about to be started.
pub struct Launch {
    /// Where it will listen.
    pub address: Address,
    /// How long it may take.
    pub timeout: Duration,
    candidate: Candidate,
    found: Found,
}

impl Launch {
    /// Settles where to listen and which Python to use. Nothing is started yet.
    pub fn prepare(options: &StartArgs) -> Result<Self> {
        let address = Address::resolve(&options.address, |name| env::var_os(name))?;
        let what = starting(&address);
        preflight::check(&address).map_err(|e| e.while_doing(&what))?;
        let (candidate, found) = python::find(options.python.as_deref()).map_err(|e| e.while_doing(&what))?;
        Ok(Launch { address, timeout: Duration::from_secs(options.timeout), candidate, found })
    }

    /// The start of every message about this.
    pub fn what(&self) -> String {
        starting(&self.address)
    }

    /// The command that runs the server. It reads no input: with a terminal it would be stopped for trying.
    pub fn command(&self) -> Command {
        let mut command = python::command(&self.candidate);
        command
            .args(["-m", "noetl.server"])
            .stdin(Stdio::null())
            .env("NOETL_HOST", &self.address.host)
            .env("NOETL_PORT", self.address.port.to_string())
            .env("NOETL_CLI_VERSION", version::NUMBER)
            .env("NOETL_CLI_PLATFORM", platform::oci());
        if env::var_os("PYTHONUNBUFFERED").is_none() {
            // A log that is minutes late is of no use when the server is killed.
            command.env("PYTHONUNBUFFERED", "1");
        }
        command
    }

    /// The error of a command that could not be run at all.
    pub fn cannot_run(&self, cause: &std::io::Error) -> Error {
        Error::new(format!("running {}: {cause}", self.candidate)).while_doing(&self.what())
    }

    /// The error of a server that ended before it was healthy: its Python's fault, if importing fails.
    pub fn died(&self, how: &str) -> Error {
        match python::import_error(&self.candidate) {
            Some(line) => {
                Error::new(format!("{how}; {} cannot import noetl.server: {line}", self.candidate)).hint(python::CURE)
            }
            None => Error::new(format!("{how}, before it was healthy")),
        }
        .while_doing(&self.what())
    }

    /// The error of a server that takes too long.
    pub fn too_slow(&self) -> Error {
        Error::new(format!("it was not healthy within {} s, so it was ended", self.timeout.as_secs()))
            .hint("give it more time with --timeout SECS, or see in its output what it waits for")
            .while_doing(&self.what())
    }

    /// What to write down about the server that this child is, or has started.
    pub fn record(&self, child: &Child, told: Option<u32>, detached: bool) -> Record {
        let group = child.id();
        // A launcher may stand between us and the server, whose own number only the server knows.
        let pid = told.unwrap_or(group);
        let birth = sys::birth(pid).unwrap_or_default();
        Record {
            pid,
            group,
            birth,
            host: self.address.host.clone(),
            port: self.address.port,
            python: self.python().to_string(),
            detached,
        }
    }

    /// The sentence that says that the server is there.
    pub fn listening(&self, pid: u32) -> String {
        let python = self.python();
        format!(
            "noetl server listening on {} (pid {pid}, Python {} at {python})",
            self.address.url(),
            self.found.version
        )
    }

    fn python(&self) -> &str {
        &self.found.executable
    }
}

fn starting(address: &Address) -> String {
    format!("starting the server on \"{address}\"")
}
