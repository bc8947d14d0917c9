//! Commands that need no server, and what they do without one.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::thread;

use crate::bench::{Bench, finish, rest, says};

#[test]
fn the_version_says_what_this_program_is() {
    let Some(bench) = Bench::new("version") else { return };
    let (code, out, _) = finish(&mut bench.noetl(&["version"]));
    assert_eq!(code, 0);
    says(&out, &[&format!("noetl {} (", env!("CARGO_PKG_VERSION")), std::env::consts::ARCH]);
    assert_eq!(finish(&mut bench.noetl(&["--version"])).1, out);
    let (_, json, _) = finish(&mut bench.noetl(&["version", "--json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    says(&out, &[json["platform"].as_str().unwrap(), json["triple"].as_str().unwrap()]);
}

#[test]
fn completions_for_every_shell_and_a_reader_that_leaves() {
    let Some(bench) = Bench::new("completions") else { return };
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, out, _) = finish(&mut bench.noetl(&["completions", shell]));
        assert_eq!(code, 0);
        says(&out, &["noetl", "detach"]);
    }
    let mut command = bench.noetl(&["completions", "bash"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(rest(child.stderr.take()), "");
    assert!(child.wait().unwrap().success());
}

#[test]
fn without_a_server_runtime_tells_about_itself() {
    let Some(bench) = Bench::new("serverless") else { return };
    let (code, out, err) = finish(&mut bench.noetl(&["runtime"]));
    assert_eq!(code, 3);
    says(&out, &["CLI", env!("CARGO_PKG_VERSION")]);
    says(&err, &["no server answers", "\nhint: start one with `noetl server start`"]);
    let (code, out, _) = finish(&mut bench.noetl(&["runtime", "--json"]));
    assert_eq!(code, 3);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(json["server"].is_null() && json["cli"]["triple"].is_string(), "{json}");
    // https gets as far as the connection: the TLS in this program is whole.
    let url = format!("https://127.0.0.1:{}", bench.port);
    let (code, _, err) =
        finish(bench.noetl(&["runtime", "--url", &url]).env_remove("http_proxy").env_remove("all_proxy"));
    assert_eq!(code, 3, "{err}");
}

/// Answers every request with this, until the test ends.
fn serve(answer: &'static str) -> u16 {
    let socket = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = socket.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in socket.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

#[test]
fn what_answers_otherwise_is_no_noetl_server() {
    let Some(bench) = Bench::new("strange") else { return };
    for (answer, want) in [
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "it answers with HTTP status 404"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "no JSON"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "not that of a noetl server"),
        ("HTTP/1.1 302 Found\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n", "HTTP status 302"),
    ] {
        let port = serve(answer).to_string();
        let (code, _, err) = finish(&mut bench.noetl(&["runtime", "--port", &port]));
        assert_eq!(code, 1, "{answer}: {err}");
        says(&err, &[want, "\nhint: "]);
        let (code, _, err) = finish(&mut bench.noetl(&["server", "status", "--port", &port]));
        assert_eq!(code, 3, "{err}");
    }
}

#[test]
fn what_does_not_fit_has_an_exit_code_of_its_own() {
    let Some(bench) = Bench::new("misfit") else { return };
    let start = finish(bench.noetl(&["server", "start", "--detach"]).env("FAKE", "misfit"));
    assert_eq!(start.0, 0, "{}", start.2);
    let (code, out, _) = finish(&mut bench.noetl(&["runtime"]));
    assert_eq!(code, 4);
    says(&out, &["does not fit"]);
}
