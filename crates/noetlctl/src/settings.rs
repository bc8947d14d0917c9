//! Where the server is: options over environment over defaults.

use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::cli::AddressArgs;
use crate::error::{Error, Result};

/// The address used when none is given: only this machine can reach it.
pub const HOST: &str = "127.0.0.1";
/// The port used when none is given.
pub const PORT: u16 = 8082;

/// Where the server listens. Shown as `host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// An address or a name of this machine; `0.0.0.0` and `::` mean all of its addresses.
    pub host: String,
    /// The port, never 0.
    pub port: u16,
}

impl Address {
    /// The address asked for by these options and this environment.
    pub fn resolve(args: &AddressArgs, env: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let host = args.host.clone().or(text("NOETL_HOST", &env)?).unwrap_or_else(|| HOST.into());
        let host = host.trim_start_matches('[').trim_end_matches(']').to_string();
        if host.is_empty() || host.chars().any(|c| c.is_whitespace() || c.is_control() || "/?#@\\".contains(c)) {
            let hint = "an address or a name of this machine: --host 127.0.0.1, or --host 0.0.0.0 for all addresses";
            return Err(Error::new(format!("reading the host {host:?}: that is no host")).hint(hint));
        }
        Ok(Address { host, port: port(args.port, env)?.unwrap_or(PORT) })
    }

    /// The URL people and programs on this machine reach it by. A wildcard is no address to connect to, so it becomes loopback.
    pub fn local_url(&self) -> String {
        let host = match self.host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) if ip.is_unspecified() => HOST.into(),
            Ok(IpAddr::V6(ip)) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.to_string(),
            _ => self.host.clone(),
        };
        format!("http://{}", Address { host, port: self.port })
    }

    /// The URL that says what it listens on: `http://0.0.0.0:8082`.
    pub fn url(&self) -> String {
        format!("http://{self}")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            return write!(f, "[{}]:{}", self.host, self.port);
        }
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The port asked for by this option or NOETL_PORT, if any.
pub fn port(option: Option<u16>, env: impl Fn(&str) -> Option<OsString>) -> Result<Option<u16>> {
    if option.is_some() {
        return Ok(option);
    }
    match text("NOETL_PORT", &env)? {
        // Kubernetes gives every pod NOETL_PORT=tcp://10.0.0.1:8082 once there is a service called "noetl".
        Some(value) if value.contains("://") => Ok(None),
        Some(value) => match value.trim().parse::<u16>() {
            Ok(port) if port > 0 => Ok(Some(port)),
            _ => Err(Error::new(format!("reading NOETL_PORT {value:?}: that is no port"))
                .hint("set it to a number from 1 to 65535, or unset it")),
        },
        None => Ok(None),
    }
}

/// A variable's text. Empty is the same as unset.
fn text(name: &str, env: &impl Fn(&str) -> Option<OsString>) -> Result<Option<String>> {
    match env(name).filter(|value| !value.is_empty()).map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value)),
        Some(Err(value)) => Err(Error::new(format!("reading {name} {value:?}: it is not Unicode"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(host: Option<&str>, port: Option<u16>, env: &[(&str, &str)]) -> Result<Address> {
        let args = AddressArgs { host: host.map(Into::into), port };
        Address::resolve(&args, |name| env.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into()))
    }

    #[test]
    fn options_win_over_environment_over_defaults() {
        let env = [("NOETL_HOST", "0.0.0.0"), ("NOETL_PORT", "9000")];
        for (host, port, env, want) in [
            (None, None, &[][..], "127.0.0.1:8082"),
            (None, None, &env[..], "0.0.0.0:9000"),
            (Some("localhost"), Some(1), &env[..], "localhost:1"),
            (Some("[::1]"), None, &[][..], "[::1]:8082"),
            (None, None, &[("NOETL_HOST", ""), ("NOETL_PORT", "")][..], "127.0.0.1:8082"),
            (None, None, &[("NOETL_PORT", "tcp://10.0.0.1:8082")][..], "127.0.0.1:8082"),
        ] {
            assert_eq!(resolve(host, port, env).expect(want).to_string(), want);
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        for (host, env, want) in [
            (Some(""), &[][..], "reading the host \"\""),
            (Some("http://x"), &[][..], "reading the host \"http://x\""),
            (None, &[("NOETL_PORT", "0")][..], "reading NOETL_PORT \"0\""),
            (None, &[("NOETL_PORT", "eighty")][..], "reading NOETL_PORT \"eighty\""),
        ] {
            let error = resolve(host, None, env).expect_err(want).to_string();
            assert!(error.contains(want), "{error} does not say {want}");
        }
    }

    #[test]
    fn a_wildcard_is_reached_over_loopback() {
        let local = |host: &str| Address { host: host.into(), port: 1 }.local_url();
        assert_eq!(local("0.0.0.0"), "http://127.0.0.1:1");
        assert_eq!(local("::"), "http://[::1]:1");
        assert_eq!(local("192.0.2.1"), "http://192.0.2.1:1");
    }
}
