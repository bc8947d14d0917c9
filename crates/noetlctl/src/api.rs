//! What the server says about itself. Everything is optional but what we decide by: an older or newer server is still shown.

use std::time::Duration;

use serde::Deserialize;

use crate::http::Client;

/// The answer of /api/runtime.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Runtime {
    /// The machine the server runs on.
    pub platform: Platform,
    /// The Python it runs on.
    pub python: Python,
    /// The server itself.
    pub server: Server,
    /// The CLI that started it, if one did.
    pub cli: Option<Cli>,
    /// What is installed beside it, sorted by name.
    pub distributions: Vec<Distribution>,
    /// Whether every native module of every distribution fits the running interpreter.
    pub fits: Option<bool>,
}

/// The machine the server runs on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Platform {
    /// As OCI writes it: `linux/arm64`.
    pub platform: String,
    /// As the kernel calls it: `aarch64`.
    pub machine: Option<String>,
    /// `glibc 2.41`, where there is one.
    pub libc: Option<String>,
}

/// The Python the server runs on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Python {
    /// `3.13.5`
    pub version: String,
    /// `CPython`
    pub implementation: String,
    /// Its path.
    pub executable: Option<String>,
    /// `cp313`
    pub abi: Option<String>,
}

/// The server itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Server {
    /// `noetl`; anything else is not ours.
    pub name: String,
    /// `0.1.0`
    pub version: String,
    /// The commit it was built from.
    pub revision: Option<String>,
    /// Its process, as numbered on its own machine or in its own container.
    pub pid: Option<u32>,
    /// When it started, in RFC 3339.
    pub started: Option<String>,
    /// Whether it serves the web UI.
    pub ui: Option<bool>,
}

/// The CLI that started the server.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Cli {
    /// `0.1.0`
    pub version: String,
    /// `linux/arm64`
    pub platform: Option<String>,
}

/// One installed distribution.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Distribution {
    /// `uvloop`
    pub name: String,
    /// `0.22.1`
    pub version: String,
    /// The tag of the wheel it came from.
    pub tag: Option<String>,
    /// Whether it has modules of machine code.
    pub native: bool,
    /// Whether all of them fit.
    pub fits: Option<bool>,
    /// Its modules of machine code.
    pub modules: Vec<Module>,
}

/// One module of machine code.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Module {
    /// Where it is, below site-packages.
    pub path: String,
    /// What it is for.
    pub arch: Option<String>,
    /// Whether the running interpreter can load it.
    pub fits: Option<bool>,
    /// Why not.
    pub reason: Option<String>,
}

/// Whether a server on this machine answers that it is well.
pub fn healthy(url: &str, timeout: Duration) -> bool {
    Client::local(timeout).get(&format!("{url}/api/health")).is_ok_and(|answer| answer.status == 200)
}

/// The process of a server on this machine, if it tells. The error is that of a server that went away in between.
pub fn process(url: &str, timeout: Duration) -> Result<Option<u32>, ureq::Error> {
    let answer = Client::local(timeout).get(&format!("{url}/api/runtime"))?;
    Ok(serde_json::from_slice::<Runtime>(&answer.body).ok().and_then(|runtime| runtime.server.pid))
}

/// What a server on this machine says about itself; None if none answers, or one that is not ours.
pub fn local(url: &str, timeout: Duration) -> Option<Runtime> {
    // Health is answered at once, even where looking at every module takes seconds: a stranger is found out soon.
    if !healthy(url, Duration::from_secs(2).min(timeout)) {
        return None;
    }
    let answer = Client::local(timeout).get(&format!("{url}/api/runtime")).ok()?;
    if answer.status != 200 {
        return None;
    }
    serde_json::from_slice::<Runtime>(&answer.body).ok().filter(|runtime| runtime.server.name == "noetl")
}
