//! Where a Python may be: beside the project, then on PATH.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A Python that may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The program.
    pub program: PathBuf,
    /// What comes before the arguments of Python itself: `-3` for Windows' `py`.
    pub args: Vec<OsString>,
    /// How we came upon it, for people.
    pub source: String,
}

impl Candidate {
    /// A Python and how we came upon it.
    pub fn new(program: impl Into<PathBuf>, source: impl Into<String>) -> Self {
        Candidate { program: program.into(), args: Vec::new(), source: source.into() }
    }

    /// Whether there is such a file.
    pub fn exists(&self) -> bool {
        self.program.is_file()
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.program.display())?;
        for arg in &self.args {
            write!(f, " {}", arg.to_string_lossy())?;
        }
        write!(f, " ({})", self.source)
    }
}

/// The places to look from.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The current folder.
    pub cwd: Option<PathBuf>,
    /// The folders of this program: as it was called, and behind any links.
    pub exe: Vec<PathBuf>,
    /// The folders of PATH.
    pub path: Vec<PathBuf>,
    /// Whether names end in `.exe` and environments have `Scripts`.
    pub windows: bool,
}

impl Places {
    /// The places of this process.
    pub fn here() -> Self {
        let exe = env::current_exe().ok();
        let real = exe.as_ref().and_then(|e| fs::canonicalize(e).ok());
        let mut folders: Vec<PathBuf> =
            [exe, real].into_iter().flatten().filter_map(|e| e.parent().map(Path::to_path_buf)).collect();
        folders.dedup();
        let path = env::var_os("PATH").map(|p| env::split_paths(&p).collect()).unwrap_or_default();
        Places { cwd: env::current_dir().ok(), exe: folders, path, windows: cfg!(windows) }
    }

    /// The Python of a virtual environment.
    fn python_of(&self, venv: &Path) -> PathBuf {
        if self.windows { venv.join("Scripts").join("python.exe") } else { venv.join("bin").join("python") }
    }

    /// All programs of this name on PATH. Relative entries are skipped: what is run must not depend on where we are.
    fn on_path(&self, name: &OsStr) -> Vec<PathBuf> {
        let mut file = name.to_owned();
        if self.windows && Path::new(name).extension().is_none() {
            file.push(".exe");
        }
        self.path.iter().filter(|dir| dir.is_absolute()).map(|dir| dir.join(&file)).filter(|p| p.is_file()).collect()
    }
}

/// Every Python worth trying, best first. The first environment is listed even where there is none, so that a message
/// can say where it was looked for.
pub fn all(places: &Places) -> Vec<Candidate> {
    let mut list: Vec<Candidate> = Vec::new();
    let mut add = |candidate: Candidate| {
        if !list.iter().any(|c| c.program == candidate.program && c.args == candidate.args) {
            list.push(candidate);
        }
    };
    let up = |from: &Path| -> Option<PathBuf> {
        from.ancestors().map(|dir| places.python_of(&dir.join(".venv"))).find(|python| python.is_file())
    };
    if let Some(cwd) = &places.cwd {
        let python = up(cwd).unwrap_or_else(|| places.python_of(&cwd.join(".venv")));
        add(Candidate::new(python, "the .venv of the current folder or one above"));
    }
    for folder in &places.exe {
        // This program may itself be installed in an environment: PREFIX/bin, or below PREFIX/lib in a package.
        if let Some(venv) = folder.ancestors().find(|dir| dir.join("pyvenv.cfg").is_file()) {
            add(Candidate::new(places.python_of(venv), "the environment that noetl is installed in"));
        }
        if let Some(python) = up(folder) {
            add(Candidate::new(python, "the .venv beside noetl or above"));
        }
    }
    for name in ["python3", "python"] {
        for program in places.on_path(OsStr::new(name)) {
            add(Candidate::new(program, format!("{name} on PATH")));
        }
    }
    if places.windows {
        for program in places.on_path(OsStr::new("py")) {
            add(Candidate { args: vec!["-3".into()], ..Candidate::new(program, "the Python launcher") });
        }
    }
    list
}

/// The Python of this name: a path, or a program on PATH.
pub fn named(value: &OsStr, source: &str, places: &Places) -> Option<Candidate> {
    let path = Path::new(value);
    if path.components().count() > 1 || path.is_absolute() {
        return Some(Candidate::new(path, source)).filter(Candidate::exists);
    }
    let mut found = places.on_path(value);
    if found.is_empty() { None } else { Some(Candidate::new(found.remove(0), source)) }
}

#[cfg(test)]
#[path = "candidates_tests.rs"]
mod tests;
