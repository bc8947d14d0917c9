//! `noetl version` and `noetl --version`.

use std::sync::OnceLock;

use serde::Serialize;

use crate::error::Result;
use crate::{output, platform};

/// What this program is. The revision is the commit it was built from, if the build said so in NOETL_REVISION.
#[derive(Debug, Serialize)]
pub struct Version {
    name: &'static str,
    version: &'static str,
    revision: Option<&'static str>,
    platform: &'static str,
    triple: &'static str,
}

/// The version number of this program.
pub const NUMBER: &str = env!("CARGO_PKG_VERSION");

/// The version of this program.
pub fn own() -> Version {
    Version {
        name: "noetl",
        version: NUMBER,
        revision: option_env!("NOETL_REVISION").filter(|r| !r.is_empty()),
        platform: platform::oci(),
        triple: platform::TRIPLE,
    }
}

/// What follows the name in `noetl --version`: `0.1.0 (linux/arm64, aarch64-unknown-linux-gnu)`.
pub fn short() -> &'static str {
    static LINE: OnceLock<String> = OnceLock::new();
    LINE.get_or_init(|| {
        let own = own();
        let revision = own.revision.map(|r| format!(", revision {r}")).unwrap_or_default();
        format!("{} ({}, {}{revision})", own.version, own.platform, own.triple)
    })
}

/// Runs `noetl version`.
pub fn run(json: bool) -> Result<u8> {
    if json {
        output::json(&own())?
    } else {
        output::line(&format!("noetl {}", short()))?
    }
    Ok(0)
}
