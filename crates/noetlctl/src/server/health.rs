//! Waiting until a new server is healthy, or something else happens first.

use std::io;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use super::inspect::PATIENCE;
use crate::api;
use crate::sys::{self, Event, Events, Signal};

/// How a start went.
#[derive(Debug)]
pub enum Start {
    /// The server answers, and this is its process, if it told.
    Healthy(Option<u32>),
    /// It ended.
    Ended(ExitStatus),
    /// Somebody asked us to end.
    Stopped(Signal),
    /// It took too long.
    TooSlow,
}

/// One question may take this long: a server that has just begun to listen may still be importing.
const QUESTION: Duration = Duration::from_secs(2);
/// The longest pause between two questions.
const PAUSE: Duration = Duration::from_millis(200);

/// Asks the server at this URL for its health, until it is healthy.
pub fn wait(child: &mut Child, events: &Events, url: &str, timeout: Duration) -> io::Result<Start> {
    let end = Instant::now() + timeout;
    let mut pause = Duration::from_millis(20);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let healthy = api::healthy(url, QUESTION.min(left).max(Duration::from_millis(50)));
        let told = if healthy { api::process(url, left.max(PATIENCE)).ok() } else { None };
        if let Some(status) = child.try_wait()? {
            return Ok(Start::Ended(status));
        }
        // Another server may have taken the port since it was found to be free: its health is not ours.
        if let Some(pid) = told.filter(|told| told.is_none_or(|pid| sys::belongs(pid, child))) {
            return Ok(Start::Healthy(pid));
        }
        if left.is_zero() {
            return Ok(Start::TooSlow);
        }
        if let Some(Event::Stop(signal)) = events.next(pause.min(left)) {
            return Ok(Start::Stopped(signal));
        }
        pause = (pause * 2).min(PAUSE);
    }
}
