package xbuild

import "fmt"

// uvHint returns the cure for a failure of uv that is known from the output; else "".
func uvHint(output string) string {
	return firstCure(append(starved("uv cache prune gives back what uv does not need"),
		known(`Hash mismatch for`,
			"the package index gave something else than what the lock pins: do not install it; find out why, then compile the lock anew"),
		known(`must have a hash, but none were provided|must have their versions pinned`,
			"compile the lock with hashes: uv pip compile --universal --generate-hashes"),
		knownBy("(?s)(?:Because )?(\\S+) has no (?:usable )?wheels with a matching.*?hint: Wheels are available for [^\n]*?: ([^\n]+)", func(g []string) string {
			return fmt.Sprintf("there is no wheel of %s for this platform or Python, only for %s: pin a version that has one, or leave the package out there with a marker (; platform_machine == ...)", g[1], g[2])
		}),
		knownBy(`(\S+) has no (?:usable )?wheels`, func(g []string) string {
			return fmt.Sprintf("there is no wheel of %s for this platform and Python, and nothing is built from source: pin a version that has one, or put a wheel of your own into an index that uv looks at (--find-links)", g[1])
		}),
		known(`there is no version of`,
			"the package index has no such version: it was withdrawn, or this is another index than the one that the lock was made with; check uv's index settings, or compile the lock anew"),
		known(`the network was disabled|not found in the cache`, "uv's cache lacks a package: run this once with the network"),
		badClock(),
		untrusted("set SSL_CERT_FILE=FILE (UV_SYSTEM_CERTS=1, if the system trusts it already)"),
		known(`error sending request|dns error|tcp connect error|failed to lookup address|operation timed out|tunnel error`,
			"the package index was not reached: check the network, the proxy, and uv's index settings (UV_DEFAULT_INDEX, uv.toml; uv does not read those of pip)"),
		known(`[Nn]o interpreter found|No Python at|not a valid Python`, "uv found no Python to work with: install one, or name it"),
		known(`Permission denied|Read-only file system|os error 13\)`, "that folder may not be written to: check who owns it and uv's cache (uv cache dir)"),
	), output)
}

// pipHint returns the cure for a failure of venv or pip that is known from the output; else "".
func pipHint(output string) string {
	return firstCure(append(starved("pip cache purge gives back what pip keeps"),
		known(`ensurepip is not\s+available|No module named '?(venv|ensurepip)`,
			"this Python cannot make environments; on Debian and Ubuntu: apt-get install python3-venv"),
		known(`DO NOT MATCH THE HASHES`,
			"the package index gave something else than what was pinned: do not install it; find out why, then compile the requirements anew"),
		badClock(),
		untrusted("set PIP_CERT=FILE (and REQUESTS_CA_BUNDLE, which wins if it is set)"),
		known(`NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|SSLError|Failed to establish a new connection|ConnectionResetError`,
			"the package index was not reached: check the network, the proxy and pip config list"),
		known(`No matching distribution found`,
			"the package index that pip is set to has no such version for this machine: check pip config list and pip debug --verbose"),
		known(`Permission denied|\[Errno 13\]|Read-only file system`, "that folder may not be written to: check who owns it"),
		known(`Microsoft Store`, "that is the Windows store's placeholder, not Python: install Python from python.org or with winget install Python.Python.3.13"),
	), output)
}
