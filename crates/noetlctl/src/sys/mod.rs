//! What differs between operating systems: signals, processes, locks. The rest of the program knows none of it.
//!
//! Both systems offer the same functions:
//! `events`, `foreground`, `detached`, `tie`, `forward`, `kill_tree`, `kill`, `ask_to_stop`, `reap_orphans`, `birth`,
//! `belongs`, `lock`, `create_private_dir`, `orderly`, `code_of` and `describe`.

use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

mod listener;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use listener::listener;
#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;

/// How somebody asks this program to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM and its like: a container engine, an init system, a terminal that closes.
    Terminate,
}

/// What a process that looks after a child waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Somebody asks us to end.
    Stop(Signal),
    /// A child may have ended. Windows tells nobody: there we look.
    #[cfg_attr(windows, allow(dead_code))]
    Child,
}

/// The events of this process, in order.
pub struct Events {
    receiver: Receiver<Event>,
    /// Held so that the channel never closes, which would turn waiting into spinning.
    _sender: Sender<Event>,
}

impl Events {
    /// The next event, or None when none came in this time.
    pub fn next(&self, timeout: Duration) -> Option<Event> {
        self.receiver.recv_timeout(timeout).ok()
    }
}
