//! Pid files that lie: nobody else's process may be harmed by them.

use std::fs;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::bench::{Bench, finish, says};

/// A process that is not a server, with a pid file that says it is.
fn bystander(bench: &Bench, birth: &str) -> Child {
    let mut command = Command::new(bench.python());
    let child = command.args(["-c", "import time; time.sleep(60)"]).stdin(Stdio::null()).spawn().unwrap();
    fs::create_dir_all(bench.state()).unwrap();
    let record = json!({"pid": child.id(), "group": child.id(), "birth": birth, "host": "127.0.0.1",
        "port": bench.port, "python": "", "detached": true});
    fs::write(bench.record(), record.to_string()).unwrap();
    child
}

fn unharmed(mut child: Child) {
    assert!(child.try_wait().unwrap().is_none(), "a bystander was ended");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_number_used_again_is_not_stopped() {
    let Some(bench) = Bench::new("reused") else { return };
    let child = bystander(&bench, "long ago");
    assert_eq!(finish(&mut bench.noetl(&["server", "status"])).0, 3);
    let (code, _, err) = finish(&mut bench.noetl(&["server", "stop"]));
    assert_eq!(code, 3);
    says(&err, &["stale pid file", &format!("pid {}", child.id())]);
    assert!(!bench.record().exists());
    unharmed(child);
}

#[test]
#[cfg(target_os = "linux")]
fn the_server_that_answers_must_be_the_one_on_record() {
    let Some(bench) = Bench::new("other-pid") else { return };
    let start = ["server", "start", "--detach"];
    let elsewhere = bench.dir.join("elsewhere");
    assert_eq!(finish(bench.noetl(&start).env("NOETL_STATE_DIR", &elsewhere)).0, 0);
    let child = bystander(&bench, "");
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let birth = stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().nth(19).unwrap().to_string();
    let record = fs::read_to_string(bench.record()).unwrap();
    fs::write(bench.record(), record.replace(r#""birth":"""#, &format!(r#""birth":"{birth}""#))).unwrap();
    let (code, _, err) = finish(&mut bench.noetl(&["server", "stop"]));
    assert_eq!(code, 3, "{err}");
    unharmed(child);
    // The other one is answering still, and is no business of this state folder.
    let (code, _, err) = finish(&mut bench.noetl(&["server", "stop"]));
    assert_eq!(code, 1);
    says(&err, &["one answers there, but it was not started by this user's noetl"]);
    assert_eq!(finish(bench.noetl(&["server", "stop"]).env("NOETL_STATE_DIR", &elsewhere)).0, 0);
}

#[test]
fn a_stale_pid_file_does_not_hinder_a_start() {
    let Some(bench) = Bench::new("stale-start") else { return };
    let child = bystander(&bench, "long ago");
    let (code, _, err) = finish(&mut bench.noetl(&["server", "start", "--detach"]));
    assert_eq!(code, 0, "{err}");
    assert_eq!(finish(&mut bench.noetl(&["server", "stop"])).0, 0);
    unharmed(child);
}

#[test]
fn a_damaged_pid_file_is_no_pid_file() {
    let Some(bench) = Bench::new("damaged") else { return };
    fs::create_dir_all(bench.state()).unwrap();
    for text in ["", "{", r#"{"pid": -1}"#, "\u{0}"] {
        fs::write(bench.record(), text).unwrap();
        assert_eq!(finish(&mut bench.noetl(&["server", "stop"])).0, 3, "{text:?}");
        assert_eq!(finish(&mut bench.noetl(&["server", "status"])).0, 3, "{text:?}");
    }
}
