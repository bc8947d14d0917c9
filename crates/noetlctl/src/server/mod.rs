//! `noetl server`: starting, stopping and looking at the server.

pub mod detach;
pub mod foreground;
mod health;
mod inspect;
mod launch;
mod preflight;
mod record;
mod state_dir;
pub mod status;
pub mod stop;
mod supervise;
mod tail;

pub use inspect::known_url;
