//! `noetl runtime`: what exactly is running, and is it right for this machine?

mod text;

use std::env;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::Runtime;
use crate::cli::RuntimeArgs;
use crate::error::{Error, NOT_RUNNING, Result, WRONG};
use crate::http::Client;
use crate::output::{self, clean};
use crate::settings::{Address, port};
use crate::{platform, server, version};

/// How long a server may take, near or far: it reads the headers of every native module.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks the server what it is and shows the answer.
pub fn run(options: &RuntimeArgs) -> Result<u8> {
    let (url, client) = match &options.url {
        Some(url) => (url.trim_end_matches('/').to_string(), Client::remote(PATIENCE)?),
        None => {
            let env = |name: &str| env::var_os(name);
            let asked = options.address.host.is_some() || port(options.address.port, env)?.is_some();
            let url = server::known_url(asked, &Address::resolve(&options.address, env)?);
            (url, Client::local(PATIENCE))
        }
    };
    let what = format!("asking \"{}\" what it runs", clean(&url));
    let answer = match client.get(&format!("{url}/api/runtime")) {
        Ok(answer) => answer,
        Err(ureq::Error::BadUri(_) | ureq::Error::Http(_)) => {
            let hint = "give it with its scheme: --url https://noetl.example.org";
            return Err(Error::new("that is no URL").while_doing(&what).hint(hint));
        }
        Err(cause) => return without_server(&what, &cause, options),
    };
    let not_ours = |why: String| {
        Error::new(why).while_doing(&what).hint("another program may have the port; choose with --port or --url")
    };
    if answer.status != 200 {
        return Err(not_ours(format!("it answers with HTTP status {}", answer.status)));
    }
    let value: Value = serde_json::from_slice(&answer.body).map_err(|e| not_ours(format!("no JSON: {e}")))?;
    let runtime = Runtime::deserialize(&value).map_err(|e| not_ours(format!("not as a noetl server: {e}")))?;
    if runtime.server.name != "noetl" {
        return Err(not_ours("its answer is not that of a noetl server".into()));
    }
    if options.json {
        output::json(&value)?;
    } else {
        output::line(&text::show(&runtime).join("\n"))?;
    }
    Ok(if runtime.fits == Some(false) { WRONG } else { 0 })
}

/// Without a server there is still this program to tell about.
fn without_server(what: &str, cause: &ureq::Error, options: &RuntimeArgs) -> Result<u8> {
    let hint = match options.url {
        Some(_) => {
            "check the URL, and for certificates of your own set SSL_CERT_FILE; what follows is this program alone"
        }
        None => "start one with `noetl server start`; what follows is this program alone",
    };
    eprintln!("{}", Error::new(format!("no server answers: {cause}")).while_doing(what).hint(hint));
    if options.json {
        let cli = json!({"version": version::NUMBER, "platform": platform::oci(), "triple": platform::TRIPLE});
        output::json(&json!({"server": null, "cli": cli}))?;
    } else {
        output::line(&format!("CLI       {}", version::short()))?;
    }
    Ok(NOT_RUNNING)
}
