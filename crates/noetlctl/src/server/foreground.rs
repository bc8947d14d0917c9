//! `noetl server start`: the server runs as long as this program does.

use super::health::{self, Start};
use super::launch::Launch;
use super::record::Record;
use super::state_dir::StateDir;
use super::supervise::supervise;
use crate::cli::StartArgs;
use crate::error::{Error, Result};
use crate::{output, sys};

/// Starts the server, says when it listens, and stays until it ends.
pub fn start(options: &StartArgs) -> Result<u8> {
    let launch = Launch::prepare(options)?;
    let what = launch.what();
    let io = |e: std::io::Error| Error::from(e).while_doing(&what);
    // Before the child is there, so that no signal falls between.
    let events = sys::events().map_err(io)?;
    let mut command = launch.command();
    sys::foreground(&mut command);
    let mut child = command.spawn().map_err(|e| launch.cannot_run(&e))?;
    sys::tie(&child);
    let mut asked = None;
    let mut note = None;
    match health::wait(&mut child, &events, &launch.address.local_url(), launch.timeout).map_err(io)? {
        Start::Healthy(told) => {
            let record = launch.record(&child, told, false);
            let line = launch.listening(record.pid);
            note = Note::leave(record);
            // Last, for whoever waits for it. Without a reader of our output the server is still of use.
            let _ = output::line(&line);
        }
        Start::Stopped(signal) => asked = Some(signal),
        Start::Ended(status) => return Err(ended(&launch, &sys::describe(status))),
        Start::TooSlow => {
            sys::kill_tree(&mut child);
            let _ = child.wait();
            return Err(launch.too_slow());
        }
    }
    let end = supervise(&mut child, &events, asked).map_err(io)?;
    drop(note);
    if end.failed() {
        let message = format!("running the server on \"{}\": {}", launch.address, sys::describe(end.status));
        return Err(Error::new(message).hint("its own output above may say why").code(end.code()));
    }
    let _ = output::line("noetl server stopped");
    Ok(end.code())
}

fn ended(launch: &Launch, how: &str) -> Error {
    let error = launch.died(how);
    if error.hint.is_some() { error } else { error.hint("its own output above says why") }
}

/// A record that is removed when the server has ended.
struct Note(StateDir, Record);

impl Note {
    /// Writes the record, so that `noetl server stop` works from another terminal. A container may have no place for
    /// it, and needs none.
    fn leave(record: Record) -> Option<Self> {
        let dir = StateDir::create().ok()?;
        record.write(&dir).ok()?;
        Some(Note(dir, record))
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.1.remove(&self.0);
    }
}
