//! Asking a Python whether it has the server, without starting it.

use std::io::Read;
use std::process::{Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::{Candidate, command};
use crate::output::clean;
use crate::sys;

/// Finds the server without importing it: importing takes a second, and the server does it again anyway.
const SCRIPT: &str = r#"
import sys
if sys.version_info < (3, 11):
    sys.exit("it is Python %d.%d, and the server needs 3.11 or newer" % sys.version_info[:2])
import importlib.util, json
try:
    found = importlib.util.find_spec("noetl.server")
except ImportError as error:
    sys.exit("it cannot import noetl.server: %s" % error)
if found is None:
    sys.exit("it cannot import noetl.server: there is no such module")
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "executable": sys.executable or ""}))
"#;

/// Imports what the server needs. Its packages are imported late, by `noetl.server.run`.
const IMPORT: &str = "
import importlib.util, noetl.server
if importlib.util.find_spec('noetl.server').submodule_search_locations and importlib.util.find_spec('noetl.server.run'):
    import noetl.server.run
";

/// A Python may take this long to answer; under emulation and on a cold disk that is seconds.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What a Python that has the server says about itself.
#[derive(Debug, Clone, Deserialize)]
pub struct Found {
    /// `3.13.5`
    pub version: String,
    /// Its own path, for people: what we ran may be a link or a launcher.
    pub executable: String,
}

/// Asks a Python whether it has the server. The error is the reason, to follow its name and a colon.
pub fn probe(candidate: &Candidate) -> Result<Found, String> {
    let output = run(candidate, SCRIPT)?;
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return serde_json::from_str(text.trim()).map_err(|e| format!("it does not answer like a Python: {e}"));
    }
    if candidate.program.components().any(|c| c.as_os_str().eq_ignore_ascii_case("WindowsApps")) {
        return Err("it is the Microsoft Store's placeholder, not a Python".into());
    }
    Err(last_line(&output.stderr).unwrap_or_else(|| sys::describe(output.status)))
}

/// Why this Python fails to import the server, if it does: for after a start that went wrong.
pub fn import_error(candidate: &Candidate) -> Option<String> {
    let output = run(candidate, IMPORT).ok()?;
    if output.status.success() {
        return None;
    }
    last_line(&output.stderr).map(|line| clean(&line))
}

/// Runs a script, and kills it when it takes too long.
fn run(candidate: &Candidate, script: &str) -> Result<Output, String> {
    let mut command = command(candidate);
    command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| format!("it does not run: {e}"))?;
    let (stdout, stderr) = (drain(child.stdout.take()), drain(child.stderr.take()));
    let end = Instant::now() + TIMEOUT;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it gave no answer in {} s", TIMEOUT.as_secs()));
            }
            Err(e) => return Err(format!("waiting for it: {e}")),
        }
    };
    Ok(Output { status, stdout: stdout.join().unwrap_or_default(), stderr: stderr.join().unwrap_or_default() })
}

/// Reads a pipe to its end in the background, so that the child never waits for us.
fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// The last line that says something: of a traceback, the error itself.
fn last_line(bytes: &[u8]) -> Option<String> {
    String::from_utf8_lossy(bytes).lines().rev().map(str::trim).find(|line| !line.is_empty()).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_traceback_is_the_error() {
        let text = b"Traceback:\n  File x\nModuleNotFoundError: No module named 'fastapi'\n\n";
        assert_eq!(last_line(text).as_deref(), Some("ModuleNotFoundError: No module named 'fastapi'"));
        assert_eq!(last_line(b" \n"), None);
    }

    #[test]
    fn what_does_not_run_says_so() {
        let reason = probe(&Candidate::new("/nowhere/python", "--python")).expect_err("there is none");
        assert!(reason.starts_with("it does not run: "), "{reason}");
    }
}
