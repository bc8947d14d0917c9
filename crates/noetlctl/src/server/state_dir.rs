//! Where the records and logs of background servers are kept.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::sys;

/// The folder for the state of this user's servers.
#[derive(Debug, Clone)]
pub struct StateDir(PathBuf);

/// Which customs to follow.
#[derive(Debug, Clone, Copy)]
enum System {
    Unix,
    Mac,
    Windows,
}

impl StateDir {
    /// The folder for this environment, whether it exists or not. None where there is no home to put it in.
    pub fn locate() -> Option<Self> {
        let system = match env::consts::OS {
            "macos" => System::Mac,
            "windows" => System::Windows,
            _ => System::Unix,
        };
        locate(system, |name| env::var_os(name)).and_then(|path| std::path::absolute(path).ok()).map(StateDir)
    }

    /// The folder, created if need be and found to be writable.
    pub fn create() -> Result<Self> {
        let hint = "set NOETL_STATE_DIR to a folder that you may write to, or start without --detach";
        let dir = Self::locate().ok_or_else(|| {
            Error::new("finding a folder for the log and the pid file: there is no home folder").hint(hint)
        })?;
        dir.try_writing()
            .map_err(|e| Error::new(format!("writing to the state folder {:?}: {e}", dir.0)).hint(hint))?;
        Ok(dir)
    }

    fn try_writing(&self) -> io::Result<()> {
        sys::create_private_dir(&self.0)?;
        let probe = self.0.join(format!(".probe-{}", std::process::id()));
        File::create(&probe)?;
        fs::remove_file(&probe)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What is known of the server on a port.
    pub fn record(&self, port: u16) -> PathBuf {
        self.0.join(format!("server-{port}.json"))
    }

    /// The output of the background server on a port.
    pub fn log(&self, port: u16) -> PathBuf {
        self.0.join(format!("server-{port}.log"))
    }

    /// Held while the server on a port is being started.
    pub fn lock(&self, port: u16) -> PathBuf {
        self.0.join(format!("server-{port}.lock"))
    }
}

/// NOETL_STATE_DIR, or the place that this system's customs give to such files.
fn locate(system: System, env: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let env = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // The XDG specification says to ignore relative paths; a relative home would be as bad.
    let absolute = |name: &str| env(name).filter(|path| path.is_absolute());
    if let Some(dir) = env("NOETL_STATE_DIR") {
        return Some(dir);
    }
    match system {
        System::Unix => absolute("XDG_STATE_HOME")
            .or_else(|| absolute("HOME").filter(|home| home != Path::new("/")).map(|home| home.join(".local/state")))
            .map(|dir| dir.join("noetl")),
        System::Mac => absolute("HOME").map(|home| home.join("Library/Application Support/noetl")),
        System::Windows => absolute("LOCALAPPDATA")
            .or_else(|| absolute("USERPROFILE").map(|home| home.join("AppData").join("Local")))
            .map(|dir| dir.join("noetl")),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn at(system: System, env: &[(&str, &str)]) -> Option<PathBuf> {
        locate(system, |name| env.iter().find(|(n, _)| *n == name).map(|(_, v)| v.into()))
    }

    #[test]
    fn follows_the_customs_of_the_system() {
        for (system, env, want) in [
            (System::Unix, &[("HOME", "/h")][..], Some("/h/.local/state/noetl")),
            (System::Unix, &[("HOME", "/h"), ("XDG_STATE_HOME", "/s")][..], Some("/s/noetl")),
            (System::Unix, &[("HOME", "/h"), ("XDG_STATE_HOME", "s")][..], Some("/h/.local/state/noetl")),
            (System::Unix, &[("HOME", "/h"), ("NOETL_STATE_DIR", "/a b/ü")][..], Some("/a b/ü")),
            (System::Unix, &[("HOME", "/")][..], None),
            (System::Unix, &[][..], None),
            (System::Mac, &[("HOME", "/Users/u")][..], Some("/Users/u/Library/Application Support/noetl")),
            (System::Windows, &[("LOCALAPPDATA", "/l")][..], Some("/l/noetl")),
        ] {
            assert_eq!(at(system, env).as_deref(), want.map(Path::new), "{system:?} {env:?}");
        }
    }

    #[test]
    fn a_path_need_not_be_unicode() {
        use std::os::unix::ffi::OsStringExt;
        let raw = OsString::from_vec(b"/st\xffate".to_vec());
        assert_eq!(locate(System::Unix, |n| (n == "NOETL_STATE_DIR").then(|| raw.clone())), Some(PathBuf::from(&raw)));
    }
}
