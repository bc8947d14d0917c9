package xbuild

import "fmt"

// toolchainFailures are those of a Rust that is not there or does not know
// enough: the toolchain, a platform's standard library, the edition.
func toolchainFailures() []failure {
	return []failure{
		// Rustup's own trouble with the network comes before what it was asked for.
		badClock(),
		known(`could not download file from '[^']*'[^\n]*invalid peer certificate`, untrustedCure("set SSL_CERT_FILE=FILE for rustup")),
		knownBy(`component download failed for rust-std-([\w.-]+?):|(?:could not download file from|error downloading file|failed to download).*(?:/dist/|rustup)`, func(g []string) string {
			cure := ": check the network and the proxy (HTTPS_PROXY), or set RUSTUP_DIST_SERVER to a mirror"
			if g[1] == "" {
				return "rustup's server was not reached" + cure
			}
			return fmt.Sprintf("rustup's server was not reached for the standard library of %s%s; -with=build-std builds it from source without%s", g[1], cure, debianStd(g[1]))
		}),
		knownBy(`toolchain '([^']+)' is not installed`, func(g []string) string {
			return fmt.Sprintf("the Rust toolchain that rust-toolchain.toml (or RUSTUP_TOOLCHAIN) names is not here: rustup toolchain install %s, where there is a network; or RUSTUP_TOOLCHAIN=stable, to build with the one that is", g[1])
		}),
		knownBy(`toolchain '[^']+' does not support target '([^']+)'|could not find specification for target "([^"]+)"`, func(g []string) string {
			return fmt.Sprintf("%s is no platform that this Rust knows: rustc --print target-list lists them", g[1]+g[2])
		}),
		knownBy(`(?s)can't find crate for .(?:std|core).\s.*?the .([\w.-]+). target may not be installed`, func(g []string) string {
			return fmt.Sprintf("there is no standard library for %s in this toolchain: rustup target add %s, in the crate's folder; or take another toolchain with -with=auto%s", g[1], g[1], debianStd(g[1]))
		}),
		knownBy(`(?:is not supported by the following packages?:\s+)(\S+) requires rustc (\d[\d.]*)`, func(g []string) string {
			return fmt.Sprintf("this Rust is too old for %s, which needs %s: rustup update, or lower that package's version in Cargo.lock (cargo update NAME --precise VERSION)", g[1], g[2])
		}),
		known(`requires rustc \d[\d.]*|rustc \S+ is not supported by the following package`,
			"this Rust is too old for one of the packages: rustup update, or lower that package's version in Cargo.lock (cargo update NAME --precise VERSION)"),
		known("feature `edition\\d+` is required|this version of Cargo is older than the `\\d+` edition|lock file version `?\\d+`? (?:was found, but this version of Cargo does not understand|requires)",
			"this Rust is too old for this crate: rustup update (Debian's own is mostly older than rustup's)"),
	}
}

// debianStd is how Debian's own cargo gets the standard library of a triple.
func debianStd(triple string) string {
	if line := aptStd([]string{triple}); line != "" {
		return "; for Debian's cargo: " + line
	}
	return ""
}

// lockFailures are those of a Cargo.lock.
func lockFailures() []failure {
	return []failure{
		known(`cannot (update|create) the lock file (\S.*?) because --locked was passed|lock file (\S+) needs to be updated but --locked was passed`,
			"Cargo.lock does not match Cargo.toml: run `cargo update --workspace` in the crate's folder, which changes no more than it must, look at the difference and commit it"),
		known(`(?s)failed to parse lock file at.*(<<<<<<<|>>>>>>>|=======)`,
			"Cargo.lock has the marks of a merge conflict in it: git checkout --ours Cargo.lock, then cargo update --workspace, and commit it"),
		known(`failed to parse lock file at`, "Cargo.lock is damaged: git checkout Cargo.lock brings the committed one back"),
		known(`checksum for .* changed between lock files`,
			"a crate is not what Cargo.lock says it is: find out why (a registry mirror, a damaged lock) before you touch the lock; git checkout Cargo.lock brings the committed one back"),
	}
}

func rustNetworkFailures() []failure {
	return []failure{
		known("error: no matching package named .*\\n(?:.*\\n)*?.*offline mode",
			"the crate registry cannot be reached, as cargo is set to work offline and lacks a crate: run `cargo fetch --locked` where there is a network, or unset CARGO_NET_OFFLINE"),
		untrusted("set CARGO_HTTP_CAINFO=FILE"),
		known(`(?i)unable to update registry|failed to download|couldn't (?:resolve host|connect to server)|could(?:n't| not) (?:resolve host|connect to server)|spurious network error`,
			"the crate registry cannot be reached: check the network and the proxy (HTTPS_PROXY, [http] in cargo's config), or run `cargo fetch --locked` where there is a network and build here with CARGO_NET_OFFLINE=true"),
	}
}
