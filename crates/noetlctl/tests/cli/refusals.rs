//! What cannot be done must say so, and how to go on.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use crate::bench::{Bench, finish, says};

#[test]
fn a_port_in_use_is_found_before_python_is() {
    let Some(bench) = Bench::new("in-use") else { return };
    let _socket = TcpListener::bind(("127.0.0.1", bench.port)).unwrap();
    for args in [&["server", "start"][..], &["server", "start", "--detach"]] {
        let (code, _, err) = finish(bench.noetl(args).env("NOETL_PYTHON", "/nowhere"));
        assert_eq!(code, 1);
        let start = format!("error: starting the server on \"127.0.0.1:{}\": the port is in use by ", bench.port);
        says(&err, &[&start, "\nhint: choose another with --port"]);
        if cfg!(target_os = "linux") {
            says(&err, &[&format!("pid {}", std::process::id())]);
        }
    }
}

#[test]
fn without_any_python_it_lists_where_it_looked() {
    let Some(bench) = Bench::new("no-python") else { return };
    // From the build folder it would find this repository's own environment.
    let program = bench.dir.join(if cfg!(windows) { "noetl.exe" } else { "noetl" });
    fs::copy(env!("CARGO_BIN_EXE_noetl"), &program).unwrap();
    let mut command = Command::new(&program);
    bench.set_up(&mut command, &["server", "start"]);
    let (code, _, err) = finish(command.env_remove("NOETL_PYTHON").env("PATH", bench.dir.join("empty")));
    assert_eq!(code, 1);
    says(
        &err,
        &["finding a Python that has the NoETL server", ".venv", "not there", "\nhint: run `mage setupLocalDev`"],
    );
}

#[test]
fn a_python_that_was_asked_for_must_do() {
    let Some(bench) = Bench::new("asked") else { return };
    let python = bench.python().to_string_lossy().into_owned();
    let (code, _, err) = finish(&mut bench.noetl(&["server", "start", "--python", "/nowhere/python"]));
    assert_eq!(code, 1);
    says(&err, &["\"/nowhere/python\" of --python: there is no such program"]);
    let mut without = bench.noetl(&["server", "start"]);
    let (code, _, err) = finish(without.env_remove("PYTHONPATH"));
    assert_eq!(code, 1);
    says(&err, &[&python, "(NOETL_PYTHON)", "it cannot import noetl.server", "\nhint: run `mage setupLocalDev`"]);
    let (code, _, err) = finish(&mut bench.noetl(&["server", "start", "--python", env!("CARGO_BIN_EXE_noetl")]));
    assert_eq!(code, 1, "{err}");
    says(&err, &["error: starting the server", "hint: "]);
}

#[test]
fn addresses_that_are_none() {
    let Some(bench) = Bench::new("addresses") else { return };
    for (args, env, want) in [
        (&["server", "start", "--host", "no such host"][..], None, "that is no host"),
        (&["server", "start", "--host", "192.0.2.1"], None, "this machine has no such address"),
        (&["server", "start"], Some("99999"), "reading NOETL_PORT \"99999\""),
        (&["server", "status"], Some("x"), "reading NOETL_PORT \"x\""),
        (&["runtime", "--url", "no url"], None, "that is no URL"),
    ] {
        let mut command = bench.noetl(args);
        if let Some(port) = env {
            command.env("NOETL_PORT", port);
        }
        let (code, _, err) = finish(&mut command);
        assert_eq!(code, 1, "{args:?}: {err}");
        says(&err, &["error: ", want, "\nhint: "]);
    }
    for args in [&["server", "start", "--port", "0"][..], &["server"], &["server", "start", "--timeout", "0"]] {
        assert_eq!(finish(&mut bench.noetl(args)).0, 2, "{args:?}");
    }
}
