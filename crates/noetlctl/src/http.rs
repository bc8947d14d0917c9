//! Asking a server for JSON over HTTP or HTTPS.

use std::env;
use std::fs;
use std::path::Path;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::error::{Error, Result};
use crate::version;

/// No answer of the server is longer than this, in bytes; a larger one is not from our server.
const LIMIT: u64 = 8 << 20;

/// An HTTP client with one time limit for a whole request.
pub struct Client {
    agent: Agent,
}

/// The answer to a request: the server was there.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, as it came.
    pub body: Vec<u8>,
}

impl Client {
    /// A client for a server on this machine: no proxy, whatever the environment says, and no redirects elsewhere.
    pub fn local(timeout: Duration) -> Self {
        let config = Agent::config_builder().proxy(None).max_redirects(0).max_redirects_will_error(false);
        Client { agent: finish(config, timeout) }
    }

    /// A client for a server anywhere: the environment's proxies, the built-in root certificates or those of SSL_CERT_FILE.
    pub fn remote(timeout: Duration) -> Result<Self> {
        let mut config = Agent::config_builder();
        if let Some(file) = env::var_os("SSL_CERT_FILE").filter(|f| !f.is_empty()) {
            config = config.tls_config(TlsConfig::builder().root_certs(roots(Path::new(&file))?).build());
        }
        Ok(Client { agent: finish(config, timeout) })
    }

    /// Gets a URL. Any HTTP status is an answer; the error is that of a connection that brought none.
    pub fn get(&self, url: &str) -> std::result::Result<Answer, ureq::Error> {
        let mut response = self.agent.get(url).header("accept", "application/json").call()?;
        let body = response.body_mut().with_config().limit(LIMIT).read_to_vec()?;
        Ok(Answer { status: response.status().as_u16(), body })
    }
}

/// What both clients have in common.
fn finish(config: ureq::config::ConfigBuilder<ureq::typestate::AgentScope>, timeout: Duration) -> Agent {
    config
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .user_agent(format!("noetl/{}", version::NUMBER))
        // One request each: a connection kept open would hold up the server's shutdown.
        .max_idle_connections(0)
        .build()
        .new_agent()
}

/// The certificates of a PEM file.
fn roots(file: &Path) -> Result<RootCerts> {
    let what = format!("reading the certificates of SSL_CERT_FILE {file:?}");
    let pem = fs::read(file).map_err(|e| Error::new(e.to_string()).while_doing(&what))?;
    let certificates: Vec<Certificate<'static>> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(Error::new("there is none in it").while_doing(&what).hint("it must be a PEM file, or unset"));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}
