//! Finding a Python that can run the server.

mod candidates;
mod probe;

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

pub use candidates::{Candidate, Places};
pub use probe::{Found, import_error};

use crate::error::{Error, Result};
use crate::output::clean;

/// How to get a Python that has the server.
pub const CURE: &str =
    "run `mage setupLocalDev` in the NoETL repository, or install the noetl wheel into that Python with pip";

/// A command that runs this Python.
pub fn command(candidate: &Candidate) -> Command {
    let mut command = Command::new(&candidate.program);
    command.args(&candidate.args);
    command
}

/// The first Python that can import the server: the one asked for, or else the best of this machine.
pub fn find(option: Option<&OsStr>) -> Result<(Candidate, Found)> {
    let asked = match option {
        Some(value) => Some(("--python", value.to_owned())),
        None => env::var_os("NOETL_PYTHON").filter(|v| !v.is_empty()).map(|value| ("NOETL_PYTHON", value)),
    };
    let places = Places::here();
    if let Some((source, value)) = asked {
        let candidate = candidates::named(&value, source, &places).ok_or_else(|| {
            Error::new(format!("finding Python {:?} of {source}: there is no such program", Path::new(&value)))
                .hint(format!("give the path of a Python 3.11 or newer, or leave {source} out to have one found"))
        })?;
        return match probe::probe(&candidate) {
            Ok(found) => Ok((candidate, found)),
            Err(reason) => Err(Error::new(format!("using {candidate}: {}", clean(&reason))).hint(CURE)),
        };
    }
    first(candidates::all(&places), probe::probe)
}

/// The first of these that passes the probe; if none does, the error says why, for each.
fn first(
    candidates: Vec<Candidate>,
    probe: impl Fn(&Candidate) -> std::result::Result<Found, String>,
) -> Result<(Candidate, Found)> {
    let mut refused = Vec::new();
    for candidate in candidates {
        if !candidate.exists() {
            refused.push(format!("{candidate}: not there"));
            continue;
        }
        match probe(&candidate) {
            Ok(found) => return Ok((candidate, found)),
            Err(reason) => refused.push(format!("{candidate}: {}", clean(&reason))),
        }
    }
    Err(Error::new("finding a Python that has the NoETL server: none of these does").detail(refused).hint(CURE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Found {
        Found { version: "3.13.5".into(), executable: "/p".into() }
    }

    #[test]
    fn the_first_that_can_import_the_server_wins() {
        let here = env::current_exe().expect("own path");
        let list = vec![
            Candidate::new("/nowhere/python", "in the .venv"),
            Candidate::new(&here, "first on PATH"),
            Candidate::new(&here, "second on PATH"),
        ];
        let probe = |c: &Candidate| {
            if c.source.starts_with("first") { Err("too old".into()) } else { Ok(found()) }
        };
        let (chosen, _) = first(list, probe).expect("one fits");
        assert_eq!(chosen.source, "second on PATH");
    }

    #[test]
    fn when_none_can_it_says_why_for_each() {
        let here = env::current_exe().expect("own path");
        let list = vec![Candidate::new("/nowhere/python", "in the .venv"), Candidate::new(&here, "on PATH")];
        let text = first(list, |_| Err("no module\nnamed noetl".into())).expect_err("none fits").to_string();
        for want in ["/nowhere/python", "not there", "no module\u{fffd}named noetl", "hint: run `mage setupLocalDev`"] {
            assert!(text.contains(want), "{text:?} does not say {want:?}");
        }
    }
}
