//! What a person can type. Environment variables are read in `settings` and `python`, not by clap: Kubernetes sets
//! some of our names to values that are not meant for us.

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "noetl", about = "Starts, stops and inspects the NoETL server", version = crate::version::short())]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start, stop or look at the server
    Server {
        /// What to do with the server.
        #[command(subcommand)]
        command: ServerCommand,
    },
    /// Show what exactly is running, and whether it is right for this machine
    #[command(after_help = "Exit codes: 0 everything fits, 1 error, 3 no server answers, 4 something does not fit")]
    Runtime(RuntimeArgs),
    /// Show the version, platform and target triple of this program
    Version {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell to print it for
        shell: Shell,
    },
}

/// The commands of `noetl server`.
#[derive(Debug, Subcommand)]
pub enum ServerCommand {
    /// Start the server, here or in the background
    #[command(after_help = "Exit codes: 0 stopped as asked by SIGTERM (or started, with --detach), 1 error, \
        130 stopped by Ctrl-C, else the server's own")]
    Start(StartArgs),
    /// Stop the server
    #[command(after_help = "Exit codes: 0 stopped, 1 error, 3 was not running")]
    Stop(StopArgs),
    /// Say whether the server is running
    #[command(after_help = "Exit codes: 0 running, 1 error, 3 not running, 4 the process is there but does not answer")]
    Status(StatusArgs),
}

/// Where the server listens.
#[derive(Debug, Args)]
pub struct AddressArgs {
    /// Address or name of this machine to listen on [env: NOETL_HOST] [default: 127.0.0.1]
    #[arg(long)]
    pub host: Option<String>,
    /// Port to listen on [env: NOETL_PORT] [default: 8082]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
}

/// The options of `noetl server start`.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// Where to listen.
    #[command(flatten)]
    pub address: AddressArgs,
    /// Leave the server in the background and return as soon as it is healthy
    #[arg(long)]
    pub detach: bool,
    /// How long the server may take until it is healthy, in seconds
    #[arg(long, value_name = "SECS", env = "NOETL_START_TIMEOUT", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
    /// Python to run the server with [env: NOETL_PYTHON] [default: the project's .venv, then python3 and python]
    #[arg(long, value_name = "PATH")]
    pub python: Option<OsString>,
}

/// The options of `noetl server stop`.
#[derive(Debug, Args)]
pub struct StopArgs {
    /// Port of the server to stop [env: NOETL_PORT] [default: that of the only one running]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// How long it may take to stop before it is killed, in seconds
    #[arg(long, value_name = "SECS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub timeout: u64,
}

/// The options of `noetl server status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// The server to look at.
    #[command(flatten)]
    pub address: AddressArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The options of `noetl runtime`.
#[derive(Debug, Args)]
pub struct RuntimeArgs {
    /// The server to ask.
    #[command(flatten)]
    pub address: AddressArgs,
    /// The server to ask, as a URL: https://noetl.example.org
    #[arg(long, conflicts_with_all = ["host", "port"])]
    pub url: Option<String>,
    /// Print all of the server's answer as JSON
    #[arg(long)]
    pub json: bool,
}
