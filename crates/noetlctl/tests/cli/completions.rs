//! The completion scripts in `completions/`, which go into the archives of every platform without a program being run.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What rewrites them.
const CURE: &str = "UPDATE_COMPLETIONS=1 cargo test --locked --test cli completions_are";

#[test]
fn completions_are_what_the_program_prints() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    // The names under which each shell, or the tool that installs its completions, looks for them.
    let files = [
        ("bash", "noetl.bash"),
        ("zsh", "_noetl"),
        ("fish", "noetl.fish"),
        ("powershell", "_noetl.ps1"),
        ("elvish", "noetl.elv"),
    ];
    for (shell, file) in files {
        let out = Command::new(env!("CARGO_BIN_EXE_noetl")).args(["completions", shell]).output().unwrap();
        assert!(out.status.success(), "{shell}: {}", String::from_utf8_lossy(&out.stderr));
        if env::var_os("UPDATE_COMPLETIONS").is_some() {
            fs::write(dir.join(file), &out.stdout).unwrap();
        }
        let there = fs::read(dir.join(file)).unwrap_or_default();
        assert!(there == out.stdout, "completions/{file} is not what `noetl completions {shell}` prints; run: {CURE}");
    }
    let mut there: Vec<_> =
        fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let mut want = files.map(|(_, file)| file.to_owned());
    there.sort();
    want.sort();
    assert_eq!(there, want, "every file in completions/ goes into the archives");
}
