//! Can a server listen there? Asked before Python is started, because the answer is better and sooner.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::inspect::{PATIENCE, State, inspect};
use super::record::Record;
use super::state_dir::StateDir;
use crate::api;
use crate::error::{Error, Result};
use crate::settings::Address;
use crate::sys;

/// Fails if a server cannot listen on this address, saying who does instead.
pub fn check(address: &Address) -> Result<()> {
    let known = StateDir::locate().and_then(|dir| Record::read(&dir, address.port));
    if let Some(record) = known {
        match inspect(&record) {
            State::Running(_) => return Err(already(Some(record.pid), address)),
            State::Silent => {
                return Err(Error::new(format!(
                    "a noetl server, pid {}, is there already, but does not answer",
                    record.pid
                ))
                .hint(format!("wait if it is just starting, or end it: noetl server stop --port {}", address.port)));
            }
            State::Unknown | State::Gone => {}
        }
    }
    let resolved = (address.host.as_str(), address.port).to_socket_addrs().map_err(|e| {
        Error::new(format!("the host cannot be resolved: {e}")).hint("give an address or a name of this machine")
    })?;
    let mut refused = None;
    let mut free = false;
    for socket in resolved {
        match listen(socket) {
            Ok(()) => free = true,
            Err(e) if e.kind() == ErrorKind::AddrInUse => return Err(in_use(address)),
            Err(e) => refused = Some(e),
        }
    }
    match refused {
        Some(e) if !free => Err(not_allowed(&e, address)),
        _ => Ok(()),
    }
}

/// Listens for a moment. Some systems let two programs listen on one port if only one of them means all addresses, so
/// whether anybody answers is asked too.
fn listen(socket: SocketAddr) -> io::Result<()> {
    drop(TcpListener::bind(socket)?);
    let mut reach = socket;
    if socket.ip().is_unspecified() {
        reach.set_ip(if socket.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    match TcpStream::connect_timeout(&reach, Duration::from_millis(200)) {
        Ok(_) => Err(ErrorKind::AddrInUse.into()),
        Err(_) => Ok(()),
    }
}

fn already(pid: Option<u32>, address: &Address) -> Error {
    let pid = pid.map(|pid| format!(", pid {pid}")).unwrap_or_default();
    Error::new(format!("a noetl server is already running there{pid}"))
        .hint(format!("use it, or stop it with `noetl server stop --port {}`, or choose another --port", address.port))
}

fn in_use(address: &Address) -> Error {
    if let Some(runtime) = api::local(&address.local_url(), PATIENCE) {
        return already(runtime.server.pid, address);
    }
    let port = address.port;
    let (who, look) = match sys::listener(port) {
        Some((pid, name)) => (format!("{name}, pid {pid}"), String::new()),
        None if cfg!(windows) => {
            ("another program".into(), format!(", or find it with `netstat -ano | findstr :{port}`"))
        }
        None => ("another program".into(), format!(", or find it with `lsof -nP -iTCP:{port} -sTCP:LISTEN`")),
    };
    Error::new(format!("the port is in use by {who}")).hint(format!("choose another with --port or NOETL_PORT{look}"))
}

fn not_allowed(cause: &io::Error, address: &Address) -> Error {
    match cause.kind() {
        ErrorKind::PermissionDenied if address.port < 1024 => {
            Error::new("ports below 1024 need special rights").hint("choose another with --port or NOETL_PORT")
        }
        ErrorKind::AddrNotAvailable => Error::new("this machine has no such address")
            .hint("use 127.0.0.1 for this machine alone, or 0.0.0.0 for all of its addresses"),
        _ => Error::new(cause.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_another_machine_is_refused() {
        let error = check(&Address { host: "192.0.2.1".into(), port: 9 }).expect_err("TEST-NET is not ours");
        assert!(error.to_string().contains("no such address"), "{error}");
    }

    #[test]
    fn a_port_is_in_use_whichever_address_was_taken() {
        let socket = TcpListener::bind(("127.0.0.1", 0)).expect("binding");
        let port = socket.local_addr().expect("its address").port();
        for host in ["127.0.0.1", "0.0.0.0"] {
            let error = check(&Address { host: host.into(), port }).expect_err(host).to_string();
            assert!(error.contains("the port is in use by"), "{error}");
        }
        drop(socket);
        check(&Address { host: "127.0.0.1".into(), port }).expect("it is free now");
    }
}
