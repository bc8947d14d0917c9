//! `noetl server start --detach`: the server stays when this program and the terminal are gone.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;
use std::process::{Child, Stdio};

use super::health::{self, Start};
use super::launch::Launch;
use super::state_dir::StateDir;
use super::supervise::supervise;
use super::tail;
use crate::cli::StartArgs;
use crate::error::{Error, Result};
use crate::{output, sys};

/// Lines of the log to show when a start fails.
const LINES: usize = 20;

/// Starts the server in the background and returns when it is healthy.
pub fn start(options: &StartArgs) -> Result<u8> {
    let launch = Launch::prepare(options)?;
    let what = launch.what();
    let io = |e: io::Error| Error::from(e).while_doing(&what);
    let port = launch.address.port;
    let dir = StateDir::create().map_err(|e| e.while_doing(&what))?;
    let Some(_lock) = sys::lock(&dir.lock(port)).map_err(io)? else {
        return Err(Error::new("another `noetl server start --detach` is at it")
            .hint("wait for it, then see `noetl server status`")
            .while_doing(&what));
    };
    let path = dir.log(port);
    let log = open_log(&path).map_err(|e| Error::new(format!("writing the log {path:?}: {e}")).while_doing(&what))?;
    let events = sys::events().map_err(io)?;
    let mut command = launch.command();
    command.stdout(log.try_clone().map_err(io)?).stderr(log).stdin(Stdio::null());
    sys::detached(&mut command);
    let mut child = command.spawn().map_err(|e| launch.cannot_run(&e))?;
    let started = health::wait(&mut child, &events, &launch.address.local_url(), launch.timeout).map_err(io)?;
    let error = match started {
        Start::Healthy(told) => {
            let record = launch.record(&child, told, true);
            if let Err(e) = record.write(&dir) {
                end(&mut child);
                let record = dir.record(port);
                return Err(Error::new(format!("writing the pid file {record:?}: {e}")).while_doing(&what));
            }
            output::line(&format!("{}\nlog: {}", launch.listening(record.pid), path.display()))?;
            return Ok(0);
        }
        Start::Stopped(signal) => return Ok(supervise(&mut child, &events, Some(signal)).map_err(io)?.code().max(1)),
        Start::Ended(status) => launch.died(&sys::describe(status)),
        Start::TooSlow => {
            end(&mut child);
            launch.too_slow()
        }
    };
    let whole = format!("the whole log is in {path:?}");
    let hint = error.hint.clone().map_or(whole.clone(), |hint| format!("{hint}; {whole}"));
    Err(error.detail(tail::lines(&path, LINES)).hint(hint))
}

fn end(child: &mut Child) {
    sys::kill_tree(child);
    let _ = child.wait();
}

/// Opens a new log and keeps the one before: it says why the last server is no more.
fn open_log(path: &Path) -> io::Result<File> {
    if path.exists() {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
