//! Is the server of a record still there? A number in a file proves nothing: it may have been given to another process.

use std::time::Duration;

use super::record::Record;
use super::state_dir::StateDir;
use crate::api::{self, Runtime};
use crate::settings::Address;
use crate::sys;

/// How long a server on this machine may take to say what it is.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What became of the server of a record.
#[derive(Debug)]
pub enum State {
    /// It answers.
    Running(Box<Runtime>),
    /// The process is there, and surely the same one, but does not answer.
    Silent,
    /// A process of that number is there, but nothing shows that it is our server.
    Unknown,
    /// The process is gone, or the number now belongs to something else.
    Gone,
}

/// Looks at the process of a record, and asks what listens on its port.
pub fn inspect(record: &Record) -> State {
    let Some(birth) = sys::birth(record.pid) else {
        return State::Gone;
    };
    if birth != record.birth {
        return State::Gone;
    }
    match api::local(&record.address().local_url(), PATIENCE) {
        Some(runtime) if runtime.server.pid.is_none_or(|pid| pid == record.pid) => State::Running(Box::new(runtime)),
        Some(_) => State::Gone,
        None if birth.is_empty() => State::Unknown,
        None => State::Silent,
    }
}

/// The record of the server to talk about: of this port if one is given, else of the only one that is there.
pub fn choose(port: Option<u16>) -> (Option<StateDir>, Vec<Record>) {
    let Some(dir) = StateDir::locate() else {
        return (None, Vec::new());
    };
    let records = match port {
        Some(port) => Record::read(&dir, port).into_iter().collect(),
        None => Record::all(&dir).into_iter().filter(|r| sys::birth(r.pid).as_ref() == Some(&r.birth)).collect(),
    };
    (Some(dir), records)
}

/// Where to look for a server: the address asked for, or, if none was, that of the only server on record.
pub fn known_url(asked: bool, address: &Address) -> String {
    if !asked {
        if let [record] = choose(None).1.as_slice() {
            return record.address().local_url();
        }
    }
    address.local_url()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(pid: u32, birth: String) -> Record {
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("binding");
        let port = socket.local_addr().expect("its address").port();
        Record { pid, group: pid, birth, host: "127.0.0.1".into(), port, python: String::new(), detached: true }
    }

    #[test]
    fn a_number_alone_proves_nothing() {
        let own = std::process::id();
        assert!(matches!(inspect(&record(own, "another time".into())), State::Gone));
        assert!(matches!(inspect(&record(u32::MAX, String::new())), State::Gone));
        let silent = inspect(&record(own, sys::birth(own).expect("we live")));
        assert!(matches!(silent, State::Silent), "{silent:?}");
    }
}
