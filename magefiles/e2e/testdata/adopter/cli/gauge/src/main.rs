//! Starts the Tidewatch service: `tide serve [flags of the service]`.

use std::env;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("serve") => serve(&args[1..]),
        Some("--version") => {
            println!("tide {} for {}", env!("CARGO_PKG_VERSION"), env::consts::ARCH);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: tide serve [flags] | --version");
            ExitCode::from(2)
        }
    }
}

fn serve(args: &[String]) -> ExitCode {
    let python = env::var("TIDE_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut service = Command::new(&python);
    service.args(["-m", "tidewatch"]).args(args);
    let failed = run(&mut service);
    eprintln!("tide: starting {python}: {failed}");
    ExitCode::FAILURE
}

/// Becomes the service, so that signals reach it; returns only if that fails.
#[cfg(unix)]
fn run(service: &mut Command) -> std::io::Error {
    std::os::unix::process::CommandExt::exec(service)
}

#[cfg(not(unix))]
fn run(service: &mut Command) -> std::io::Error {
    match service.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(err) => err,
    }
}
