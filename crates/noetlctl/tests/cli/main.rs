//! Tests of the program as people use it. The server is a script that can misbehave: `tests/data/server.py`.
#![allow(clippy::unwrap_used, unsafe_code)]

mod bench;
#[cfg(not(windows))] // the program has one hidden command more there, which the scripts need not know
mod completions;
mod detached;
#[cfg(unix)]
mod foreground;
mod plain;
mod refusals;
mod stale;
