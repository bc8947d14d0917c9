//! Looking after a running server until it ends.

use std::io;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use crate::sys::{self, Event, Events, Signal};

/// A server that was asked to stop is killed after this time. Container engines wait ten seconds and Windows less.
pub const GRACE: Duration = Duration::from_secs(5);

/// How a server ended, and who wanted it.
#[derive(Debug, Clone, Copy)]
pub struct End {
    /// How it ended.
    pub status: ExitStatus,
    /// What we passed on to it, if anything.
    pub asked: Option<Signal>,
}

impl End {
    /// The exit code to pass on: 0 for an end as asked for, by SIGTERM from us or from `noetl server stop`; 130 for
    /// Ctrl-C, as shells expect so that their loops end too; otherwise the server's own.
    pub fn code(self) -> u8 {
        match self.asked {
            Some(Signal::Interrupt) => 130,
            _ if sys::orderly(self.status) => 0,
            _ => sys::code_of(self.status),
        }
    }

    /// Whether nobody wanted it to end, and it did not end well.
    pub fn failed(self) -> bool {
        self.asked.is_none() && !sys::orderly(self.status)
    }
}

/// Waits for the end of the server and passes on requests to stop, of which the first may have come already. A Ctrl-C
/// after the first request kills it, and so does the end of the grace period.
pub fn supervise(child: &mut Child, events: &Events, mut asked: Option<Signal>) -> io::Result<End> {
    let mut deadline = asked.map(|signal| ask(child, signal));
    loop {
        sys::reap_orphans(child);
        if let Some(status) = child.try_wait()? {
            return Ok(End { status, asked });
        }
        let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            eprintln!("noetl: the server did not stop within {} s and is killed", GRACE.as_secs());
            sys::kill_tree(child);
            deadline = None;
            continue;
        }
        match events.next(left.unwrap_or(sys::TICK).min(sys::TICK)) {
            Some(Event::Stop(Signal::Interrupt)) if asked.is_some() => {
                eprintln!("noetl: the server is killed");
                sys::kill_tree(child);
            }
            Some(Event::Stop(signal)) if asked.is_none() => {
                asked = Some(signal);
                deadline = Some(ask(child, signal));
            }
            _ => {}
        }
    }
}

/// Passes a request on and says until when the server may take.
fn ask(child: &mut Child, signal: Signal) -> Instant {
    if sys::forward(child, signal).is_err() {
        sys::kill_tree(child);
    }
    Instant::now() + GRACE
}
