//! `noetl`, the NoETL command line: starts, stops and inspects the NoETL server.

mod api;
mod cli;
mod error;
mod http;
mod output;
mod platform;
mod python;
mod runtime;
mod server;
mod settings;
mod sys;
mod version;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use cli::{Cli, Command, ServerCommand};
use error::{Error, Result};

fn main() -> ExitCode {
    #[cfg(windows)]
    if let Some(done) = sys::helper() {
        return if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    match run(Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        // The reader of our pipe went away (`noetl … | head`): nobody is left to be told.
        Err(Error { broken_pipe: true, .. }) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.code)
        }
    }
}

/// Runs one command and says with which code to exit.
fn run(cli: Cli) -> Result<u8> {
    match cli.command {
        Command::Server { command } => match command {
            ServerCommand::Start(options) if options.detach => server::detach::start(&options),
            ServerCommand::Start(options) => server::foreground::start(&options),
            ServerCommand::Stop(options) => server::stop::run(&options),
            ServerCommand::Status(options) => server::status::run(&options),
        },
        Command::Runtime(options) => runtime::run(&options),
        Command::Version { json } => version::run(json),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "noetl", &mut script);
            output::bytes(&script)?;
            Ok(0)
        }
    }
}
