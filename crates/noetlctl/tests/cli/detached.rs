//! `noetl server start --detach` and what follows it.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::bench::{Bench, finish, says};

const START: &[&str] = &["server", "start", "--detach"];

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn from_start_to_stop() {
    let Some(bench) = Bench::new("whole") else { return };
    let url = format!("http://127.0.0.1:{}", bench.port);
    let (code, out, err) = finish(&mut bench.noetl(START));
    assert_eq!((code, err.as_str()), (0, ""));
    says(&out, &[&format!("noetl server listening on {url}"), "log: "]);

    let (code, out, _) = finish(&mut bench.noetl(&["server", "status"]));
    assert_eq!(code, 0);
    says(&out, &[&format!("noetl server running on {url} (pid "), "9.9.9", "2026-01-02T03:04:05Z", "server-"]);
    let (code, out, _) = finish(&mut bench.noetl(&["server", "status", "--json"]));
    let status = json(&out);
    assert_eq!((code, &status["state"], &status["detached"]), (0, &"running".into(), &true.into()));
    let log = fs::read_to_string(status["log"].as_str().unwrap()).unwrap();
    says(&log, &["fake: starting 127.0.0.1"]);

    let (code, out, _) = finish(&mut bench.noetl(&["runtime"]));
    assert_eq!(code, 0);
    says(&out, &["linux/arm64", "CPython 3.13.5", env!("CARGO_PKG_VERSION")]);
    let (_, out, _) = finish(&mut bench.noetl(&["runtime", "--json"]));
    assert_eq!(json(&out)["server"]["pid"], status["pid"]);

    let (code, out, err) = finish(&mut bench.noetl(&["server", "stop"]));
    assert_eq!((code, err.as_str()), (0, ""));
    says(&out, &["stopped", &format!("pid {}", status["pid"])]);
    assert!(!bench.record().exists());
    assert_eq!(finish(&mut bench.noetl(&["server", "status"])).0, 3);
    let (code, _, err) = finish(&mut bench.noetl(&["server", "stop"]));
    assert_eq!(code, 3);
    says(&err, &["error: stopping the server on", "it is not running", "\nhint: "]);
}

#[test]
fn the_only_server_is_found_without_its_port() {
    let Some(bench) = Bench::new("portless") else { return };
    assert_eq!(finish(&mut bench.noetl(START)).0, 0);
    let status = finish(bench.noetl(&["server", "status"]).env_remove("NOETL_PORT"));
    assert_eq!(status.0, 0, "{}", status.2);
    assert_eq!(finish(bench.noetl(&["runtime"]).env_remove("NOETL_PORT")).0, 0);
    assert_eq!(finish(bench.noetl(&["server", "stop"]).env_remove("NOETL_PORT")).0, 0);
}

#[test]
fn a_second_start_names_the_first() {
    let Some(bench) = Bench::new("twice") else { return };
    assert_eq!(finish(&mut bench.noetl(START)).0, 0);
    let record = json(&fs::read_to_string(bench.record()).unwrap());
    let pid = format!("already running there, pid {}", record["pid"]);
    for args in [START, &["server", "start"]] {
        let (code, _, err) = finish(&mut bench.noetl(args));
        assert_eq!(code, 1);
        says(&err, &["error: starting the server on", &pid, "\nhint: "]);
    }
    // Also for a user who has no record of it.
    let (code, _, err) = finish(bench.noetl(START).env("NOETL_STATE_DIR", bench.dir.join("other")));
    assert_eq!(code, 1);
    says(&err, &[&pid]);
}

#[test]
fn a_server_that_dies_shows_the_end_of_its_log() {
    let Some(bench) = Bench::new("dies") else { return };
    let (code, out, err) = finish(bench.noetl(START).env("FAKE", "die"));
    assert_eq!((code, out.as_str()), (1, ""));
    says(&err, &["exit code 3", "  fake: line 29", "the whole log is in"]);
    assert!(!err.contains("fake: line 5\n"), "the whole log is shown:\n{err}");
    assert!(!bench.record().exists());
}

#[test]
#[cfg(unix)]
fn the_health_of_another_server_is_not_taken_for_its_own() {
    let Some(bench) = Bench::new("robbed") else { return };
    let (code, out, err) = finish(bench.noetl(START).env("FAKE", "robbed"));
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    says(&err, &["exit code 4"]);
}

#[test]
fn a_missing_package_is_named_with_the_cure() {
    let Some(bench) = Bench::new("package") else { return };
    for args in [START, &["server", "start"]] {
        let (code, _, err) = finish(bench.noetl(args).env("FAKE", "import"));
        assert_eq!(code, 1);
        says(&err, &["cannot import noetl.server", "no_such_package", "hint: run `mage setupLocalDev`"]);
    }
}

#[test]
fn a_server_that_is_too_slow_is_ended() {
    let Some(bench) = Bench::new("slow") else { return };
    for args in [&["server", "start", "--detach", "--timeout", "1"][..], &["server", "start", "--timeout", "1"]] {
        let (code, _, err) = finish(bench.noetl(args).env("FAKE", "mute"));
        assert_eq!(code, 1);
        says(&err, &["it was not healthy within 1 s", "--timeout"]);
        assert!(!bench.record().exists());
    }
}

#[test]
fn a_stubborn_server_is_killed_by_stop() {
    let Some(bench) = Bench::new("stop-stubborn") else {
        return;
    };
    assert_eq!(finish(bench.noetl(START).env("FAKE", "stubborn")).0, 0);
    let (code, out, err) = finish(&mut bench.noetl(&["server", "stop", "--timeout", "1"]));
    assert_eq!(code, 0, "{err}");
    says(&out, &["killed"]);
    assert_eq!(finish(&mut bench.noetl(&["server", "status"])).0, 3);
}

#[test]
fn a_state_folder_that_cannot_be_written_is_an_error() {
    let Some(bench) = Bench::new("unwritable") else { return };
    fs::write(bench.dir.join("file"), "").unwrap();
    let (code, _, err) = finish(bench.noetl(START).env("NOETL_STATE_DIR", bench.dir.join("file/state")));
    assert_eq!(code, 1);
    says(&err, &["error: starting the server on", "writing to the state folder", "NOETL_STATE_DIR"]);
}

#[test]
#[cfg(target_os = "linux")]
fn paths_need_not_be_unicode() {
    use std::os::unix::ffi::OsStringExt;

    let Some(bench) = Bench::new("bytes") else { return };
    let state = bench.dir.join(std::ffi::OsString::from_vec(b"st\xffte".to_vec()));
    assert_eq!(finish(bench.noetl(START).env("NOETL_STATE_DIR", &state)).0, 0);
    assert!(fs::read_dir(&state).unwrap().count() >= 2);
    assert_eq!(finish(bench.noetl(&["server", "stop"]).env("NOETL_STATE_DIR", &state)).0, 0);
}

#[test]
#[cfg(unix)]
fn the_environment_beside_the_project_is_used() {
    let Some(bench) = Bench::new("venv") else { return };
    fs::create_dir_all(bench.dir.join("a/b")).unwrap();
    let made = Command::new(bench.python()).args(["-m", "venv", "--without-pip"]).arg(bench.dir.join(".venv")).status();
    assert!(made.unwrap().success());
    let mut start = bench.noetl(START);
    let (code, out, err) = finish(start.env_remove("NOETL_PYTHON").current_dir(bench.dir.join("a/b")));
    assert_eq!(code, 0, "{err}");
    says(&out, &[&bench.dir.join(".venv/bin/python").to_string_lossy()]);
}
