//! The answer of /api/runtime as a person reads it.

use crate::api::{Distribution, Runtime};
use crate::output::{clean, table};

/// The answer as lines.
pub fn show(runtime: &Runtime) -> Vec<String> {
    let about = [
        ("Platform", platform(runtime)),
        ("Python", python(runtime)),
        ("Server", server(runtime)),
        ("CLI", cli(runtime)),
        ("Verdict", verdict(runtime)),
    ];
    let mut lines = table(&about.map(|(name, value)| vec![name.to_string(), clean(&value)]));
    if !runtime.distributions.is_empty() {
        let mut rows = vec![["Distribution", "Version", "Fits", "Native", "Tag"].map(String::from).to_vec()];
        rows.extend(runtime.distributions.iter().map(row));
        lines.push(String::new());
        lines.extend(table(&rows));
    }
    lines
}

fn platform(runtime: &Runtime) -> String {
    let platform = &runtime.platform;
    joined(&platform.platform, &[platform.machine.clone(), platform.libc.clone()])
}

fn python(runtime: &Runtime) -> String {
    let python = &runtime.python;
    let name = format!("{} {}", python.implementation, python.version);
    joined(&name, &[python.abi.clone(), python.executable.clone()])
}

fn server(runtime: &Runtime) -> String {
    let server = &runtime.server;
    let pid = server.pid.map(|pid| format!("pid {pid}"));
    let started = server.started.as_ref().map(|at| format!("since {at}"));
    let revision = server.revision.as_ref().map(|r| format!("revision {r}"));
    let ui = server.ui.map(|ui| if ui { "with UI" } else { "API alone" }.to_string());
    joined(&server.version, &[revision, pid, started, ui])
}

fn cli(runtime: &Runtime) -> String {
    match &runtime.cli {
        Some(cli) => joined(&cli.version, std::slice::from_ref(&cli.platform)),
        None => "none: the server was started without it".into(),
    }
}

/// `a (b, c)`, without those that are missing.
fn joined(first: &str, more: &[Option<String>]) -> String {
    let more: Vec<&str> = more.iter().flatten().map(String::as_str).collect();
    if more.is_empty() { first.to_string() } else { format!("{first} ({})", more.join(", ")) }
}

/// One sentence: does it all fit?
fn verdict(runtime: &Runtime) -> String {
    let count = runtime.distributions.len();
    let native = runtime.distributions.iter().filter(|d| d.native).count();
    let wrong: Vec<&str> =
        runtime.distributions.iter().filter(|d| d.fits == Some(false)).map(|d| d.name.as_str()).collect();
    match runtime.fits {
        Some(true) => format!("everything fits: {count} distributions, {native} with machine code"),
        Some(false) => format!("does not fit: {}", wrong.join(", ")),
        None => "the server does not say whether everything fits".into(),
    }
}

/// One distribution. Why a module of it does not fit stands at the end of its row.
fn row(distribution: &Distribution) -> Vec<String> {
    let fits = match distribution.fits {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "?",
    };
    let native = if distribution.native { distribution.modules.len().to_string() } else { "-".into() };
    let mut last = distribution.tag.clone().unwrap_or_default();
    for module in distribution.modules.iter().filter(|m| m.fits == Some(false)) {
        let arch = module.arch.as_ref().map(|arch| format!("it is for {arch}"));
        let why = module.reason.clone().or(arch).unwrap_or_else(|| "it does not fit".into());
        last.push_str(&format!("  {}: {why}", module.path));
    }
    [distribution.name.as_str(), &distribution.version, fits, &native, &last].map(clean).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str) -> String {
        show(&serde_json::from_str(json).expect("valid JSON")).join("\n")
    }

    #[test]
    fn shows_all_that_the_contract_promises() {
        let text = shown(include_str!("../../tests/data/runtime.json"));
        assert_eq!(text.trim_end(), include_str!("../../tests/data/runtime.golden").trim_end());
    }

    #[test]
    fn a_misfit_is_named_with_its_reason() {
        let text = shown(
            r#"{"fits": false, "distributions": [{"name": "uvloop", "version": "1", "native": true, "fits": false,
            "modules": [{"path": "uvloop/loop.so", "arch": "amd64", "fits": false, "reason": "amd64, not arm64"}]}]}"#,
        );
        for want in ["does not fit: uvloop", "NO", "uvloop/loop.so: amd64, not arm64"] {
            assert!(text.contains(want), "{text}\ndoes not say {want}");
        }
    }

    #[test]
    fn a_server_that_says_little_is_shown_all_the_same() {
        assert!(shown("{}").contains("does not say whether"));
    }
}
