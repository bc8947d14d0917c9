//! `noetl server stop`.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

use super::inspect::{PATIENCE, State, choose, inspect};
use super::record::Record;
use crate::cli::StopArgs;
use crate::error::{Error, NOT_RUNNING, Result};
use crate::settings::{Address, HOST, PORT, port};
use crate::{api, output, sys};

/// Asks the server to stop, waits for it, and kills it when it takes too long.
pub fn run(options: &StopArgs) -> Result<u8> {
    let asked = port(options.port, |name| env::var_os(name))?;
    let (dir, records) = choose(asked);
    let record = match records.as_slice() {
        [record] => record,
        [] => return Err(unrecorded(asked.unwrap_or(PORT))),
        several => {
            let list: Vec<String> = several.iter().map(|r| format!("port {}, pid {}", r.port, r.pid)).collect();
            return Err(Error::new("stopping the server: more than one is running")
                .detail(list)
                .hint("say which: noetl server stop --port PORT"));
        }
    };
    let what = format!("stopping the server on \"{}\"", record.address());
    let forget = || {
        if let Some(dir) = &dir {
            record.remove(dir);
        }
    };
    match inspect(record) {
        State::Running(_) | State::Silent => {}
        State::Gone => {
            forget();
            let pid = record.pid;
            return Err(Error::new(format!("it is not running; a stale pid file that named pid {pid} was removed"))
                .while_doing(&what)
                .hint("nothing was stopped; start it with `noetl server start --detach`")
                .code(NOT_RUNNING));
        }
        State::Unknown => {
            let pid = record.pid;
            return Err(Error::new(format!(
                "a process with pid {pid} is there, but nothing shows that it is the server"
            ))
            .while_doing(&what)
            .hint(format!("look at it, and end it yourself: kill {pid}")));
        }
    }
    let began = Instant::now();
    let killed = end(record, Duration::from_secs(options.timeout)).map_err(|e| e.while_doing(&what))?;
    forget();
    let how = if killed { "killed, because it did not stop when asked" } else { "stopped" };
    let seconds = began.elapsed().as_secs_f32();
    output::line(&format!("noetl server on {} {how} (pid {}, {seconds:.1} s)", record.address().url(), record.pid))?;
    Ok(0)
}

/// Ends a process and waits until it is gone. Says whether it had to be killed.
fn end(record: &Record, patience: Duration) -> Result<bool> {
    if sys::ask_to_stop(record.pid, record.group).is_ok() && gone_within(record, patience) {
        return Ok(false);
    }
    // The group first, for what the server has started; then the server, should it have left the group.
    let group = sys::kill(record.group);
    if !gone_within(record, Duration::from_secs(3)) {
        return Err(Error::new(match group {
            Err(e) => format!("pid {}: {e}", record.pid),
            Ok(()) => format!("pid {} is still there after being killed", record.pid),
        })
        .hint("it may belong to another user, or wait for a disk"));
    }
    Ok(true)
}

fn gone_within(record: &Record, patience: Duration) -> bool {
    let end = Instant::now() + patience;
    loop {
        if sys::birth(record.pid).is_none_or(|birth| birth != record.birth) {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The error where we know of no server. One that answers all the same is not ours to end: the number it gives may be
/// that of a process in a container.
fn unrecorded(port: u16) -> Error {
    let address = Address { host: HOST.into(), port };
    let what = format!("stopping the server on \"{address}\"");
    if api::local(&address.local_url(), PATIENCE).is_some() {
        return Error::new("one answers there, but it was not started by this user's noetl")
            .hint("end it the way it was started: in its terminal, its container or its service manager")
            .while_doing(&what);
    }
    Error::new("it is not running").hint("see `noetl server status`").while_doing(&what).code(NOT_RUNNING)
}
