//! What the tests have in common: a folder of their own with a stand-in server, a free port, and `noetl` in it.

use std::env;
use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A place to run `noetl` in, removed with all that runs in it at the end of the test.
pub struct Bench {
    pub dir: PathBuf,
    pub port: u16,
    python: PathBuf,
}

impl Bench {
    /// None, after saying so, where there is no Python 3.11; under CI that is a failure. The folder's name has a space
    /// and letters beyond ASCII, and there is always a proxy that must not be used.
    pub fn new(name: &str) -> Option<Self> {
        let Some(python) = python() else {
            assert!(env::var_os("CI").is_none(), "this test needs a Python 3.11 or newer on PATH");
            eprintln!("skipped: no Python 3.11 or newer on PATH");
            return None;
        };
        let dir = env::temp_dir().join(format!("noetl tést {name} {}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("lib/noetl")).unwrap();
        fs::write(dir.join("lib/noetl/__init__.py"), "").unwrap();
        fs::write(dir.join("lib/noetl/server.py"), include_str!("../data/server.py")).unwrap();
        Some(Bench { dir, port: free_port(), python: python.clone() })
    }

    /// `noetl` with these arguments, in the folder, with nothing of the caller's own settings.
    pub fn noetl(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_noetl"));
        self.set_up(&mut command, args);
        command
    }

    /// The same for another program.
    pub fn set_up(&self, command: &mut Command, args: &[&str]) {
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("NOETL_") {
                command.env_remove(name);
            }
        }
        command
            .args(args)
            .current_dir(&self.dir)
            .env("HOME", &self.dir)
            .env("NOETL_STATE_DIR", self.state())
            .env("NOETL_PORT", self.port.to_string())
            .env("NOETL_PYTHON", &self.python)
            .env("PYTHONPATH", self.dir.join("lib"))
            .env("http_proxy", "http://127.0.0.1:1")
            .env("all_proxy", "http://127.0.0.1:1")
            .stdin(Stdio::null());
    }

    pub fn state(&self) -> PathBuf {
        self.dir.join("state")
    }

    pub fn record(&self) -> PathBuf {
        self.state().join(format!("server-{}.json", self.port))
    }

    pub fn python(&self) -> &Path {
        &self.python
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if self.record().exists() {
            let _ = self.noetl(&["server", "stop", "--timeout", "0"]).output();
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// The real path of a Python that is new enough: not a link or a script that would start slowly in every test.
fn python() -> Option<&'static PathBuf> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let script = "import sys; assert sys.version_info >= (3, 11); print(sys.executable)";
    PYTHON
        .get_or_init(|| {
            let run = |name| Command::new(name).args(["-c", script]).output().ok().filter(|o| o.status.success());
            let output = run("python3").or_else(|| run("python"))?;
            Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
        })
        .as_ref()
}

/// A port that no other test of this process is given, below those that systems hand out by themselves: two tests that
/// both asked the system could get the same one.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let next = |_| 12_000 + ((std::process::id() * 64 + NEXT.fetch_add(1, Ordering::Relaxed)) % 18_000) as u16;
    (0..1000).map(next).find(free).unwrap()
}

/// The exit code, standard output and standard error of a finished program.
pub fn finish(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// Fails unless the text says all of this.
#[track_caller]
pub fn says(text: &str, wanted: &[&str]) {
    for want in wanted {
        assert!(text.contains(want), "{text}\ndoes not say {want:?}");
    }
}

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, seconds: u64, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !holds() {
        assert!(Instant::now() < end, "not within {seconds} s: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Waits for the end of a child, and kills it if there is none.
#[track_caller]
pub fn end(child: &mut Child, seconds: u64) -> i32 {
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or(-1);
        }
        if Instant::now() > end {
            let _ = child.kill();
            let _ = child.wait();
            panic!("it did not end within {seconds} s");
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// What a pipe still holds.
pub fn rest(pipe: Option<impl Read>) -> String {
    let mut text = String::new();
    pipe.unwrap().read_to_string(&mut text).unwrap();
    text
}
