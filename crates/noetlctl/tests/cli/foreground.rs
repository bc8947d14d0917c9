//! `noetl server start` without --detach: it lives and dies with its server.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::{Bench, end, finish, rest, says, until};

/// A `noetl server start` whose output has been read up to the line wanted.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    line: String,
}

fn start(bench: &Bench, fake: &str, want: &str) -> Running {
    let mut command = bench.noetl(&["server", "start"]);
    command.env("FAKE", fake).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains(want) {
        line.clear();
        if stdout.read_line(&mut line).unwrap() == 0 {
            let _ = child.wait();
            panic!("it ended without saying {want:?}: {}", rest(child.stderr.take()));
        }
    }
    Running { child, stdout, line }
}

fn signal(child: &Child, number: i32) {
    // SAFETY: no memory is involved, and the child has not been waited for.
    assert_eq!(unsafe { libc::kill(child.id() as i32, number) }, 0);
}

fn gone(bench: &Bench) {
    until("the port is free", 5, || TcpStream::connect(("127.0.0.1", bench.port)).is_err());
}

#[test]
fn sigterm_is_passed_on_and_is_a_good_end() {
    let Some(bench) = Bench::new("sigterm") else { return };
    let mut running = start(&bench, "", "listening on");
    let url = format!("noetl server listening on http://127.0.0.1:{}", bench.port);
    says(&running.line, &[&url, &bench.python().to_string_lossy()]);
    let (code, out, _) = finish(&mut bench.noetl(&["server", "status"]));
    assert_eq!(code, 0, "{out}");
    signal(&running.child, libc::SIGTERM);
    assert_eq!(end(&mut running.child, 5), 0);
    says(&rest(Some(running.stdout)), &["fake: got SIGTERM", "noetl server stopped"]);
    gone(&bench);
    assert!(!bench.record().exists(), "the pid file is still there");
}

#[test]
fn ctrl_c_reaches_the_server_once() {
    let Some(bench) = Bench::new("ctrl-c") else { return };
    let mut running = start(&bench, "", "listening on");
    signal(&running.child, libc::SIGINT);
    assert_eq!(end(&mut running.child, 5), 130);
    let out = rest(Some(running.stdout));
    assert_eq!(out.matches("fake: got SIGINT").count(), 1, "{out}");
    gone(&bench);
}

#[test]
fn a_second_ctrl_c_kills() {
    let Some(bench) = Bench::new("second") else { return };
    let mut running = start(&bench, "stubborn", "listening on");
    signal(&running.child, libc::SIGINT);
    let mut line = String::new();
    while !line.contains("fake: got SIGINT") {
        running.stdout.read_line(&mut line).unwrap();
    }
    assert!(running.child.try_wait().unwrap().is_none(), "it did not wait for the server");
    signal(&running.child, libc::SIGINT);
    assert_eq!(end(&mut running.child, 3), 130);
    gone(&bench);
}

#[test]
fn a_server_that_does_not_stop_is_killed_in_time() {
    let Some(bench) = Bench::new("stubborn") else { return };
    let mut running = start(&bench, "stubborn", "listening on");
    let asked = Instant::now();
    signal(&running.child, libc::SIGTERM);
    assert_eq!(end(&mut running.child, 9), 137);
    assert!(asked.elapsed() >= Duration::from_secs(4), "it was given no time");
    says(&rest(running.child.stderr.take()), &["did not stop within 5 s"]);
    gone(&bench);
}

#[test]
fn it_can_be_stopped_before_it_is_healthy() {
    let Some(bench) = Bench::new("early") else { return };
    let mut running = start(&bench, "mute", "fake: starting");
    signal(&running.child, libc::SIGTERM);
    assert_eq!(end(&mut running.child, 4), 0);
}

#[test]
fn the_end_of_the_server_is_its_own() {
    let Some(bench) = Bench::new("crash") else { return };
    let mut running = start(&bench, "crash", "listening on");
    assert_eq!(end(&mut running.child, 5), 5);
    says(&rest(running.child.stderr.take()), &["error: running the server on", "exit code 5", "\nhint: "]);
}

#[test]
fn it_can_be_stopped_from_another_terminal() {
    let Some(bench) = Bench::new("other") else { return };
    let mut running = start(&bench, "", "listening on");
    let (code, out, err) = finish(&mut bench.noetl(&["server", "stop"]));
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(end(&mut running.child, 5), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_noetl_leaves_no_server_behind() {
    let Some(bench) = Bench::new("killed") else { return };
    let mut running = start(&bench, "", "listening on");
    signal(&running.child, libc::SIGKILL);
    running.child.wait().unwrap();
    gone(&bench);
    // It stops listening a little before it is gone.
    until("status says so", 5, || finish(&mut bench.noetl(&["server", "status"])).0 == 3);
}

#[test]
fn without_a_place_for_state_it_starts_all_the_same() {
    let Some(bench) = Bench::new("stateless") else { return };
    std::fs::write(bench.state(), "a file").unwrap();
    let mut running = start(&bench, "", "listening on");
    thread::sleep(Duration::from_millis(50));
    assert!(running.child.try_wait().unwrap().is_none());
    signal(&running.child, libc::SIGTERM);
    assert_eq!(end(&mut running.child, 5), 0);
}
