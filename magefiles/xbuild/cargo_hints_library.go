package xbuild

import (
	"fmt"
	"strings"
)

// libraryFailures are those of crates that need more than Rust: a C library or
// a C compiler.
func libraryFailures() []failure {
	return []failure{
		knownBy(`(?s)(?:Could not find directory of OpenSSL installation|Could not find openssl via pkg-config)(?:.*?\$HOST = (\S+)\s+\$TARGET = (\S+))?`, func(g []string) string {
			return opensslCure(g[1], g[2])
		}),
		known(`pkg-config has not been configured to support cross-compilation`,
			"a -sys crate looks for a C library of the platform that is built for: use a crate that brings its own source (often the `vendored` or `bundled` feature), or install the library for that platform and set PKG_CONFIG_SYSROOT_DIR and PKG_CONFIG_PATH"),
		knownBy("The system library `([^`]+)` required by crate `([^`]+)` was not found", func(g []string) string {
			return fmt.Sprintf("the crate %s needs the C library %s with its headers: install its development package (apt-file search %s.pc names it on Debian), or switch on the crate's `vendored` or `bundled` feature", g[2], g[1], g[1])
		}),
		known("Could not run `?.*pkg-config.*(No such file|not found|program not found)|The pkg-config command could not be found",
			"pkg-config is not here: sudo apt-get install -y pkg-config, on Fedora sudo dnf install -y pkgconf, on macOS brew install pkgconf"),
		knownBy(`error occurred in cc-rs: (?:failed|Failed) to find tool (?:"([^"]+)"|(\S+))`, func(g []string) string {
			return fmt.Sprintf("a dependency has C or assembly in it and the C compiler %s is not there: %s", g[1]+g[2], programCure(g[1]+g[2]))
		}),
	}
}

// opensslCure is how a crate on host gets an OpenSSL for target; both may be
// unknown ("").
func opensslCure(host, target string) string {
	s := "openssl-sys needs the OpenSSL of the platform that is built for"
	if target != "" {
		s += " (" + target + ")"
	}
	s += ", which is not here: better use rustls (for reqwest: default-features = false and its rustls feature), or switch on openssl-sys's `vendored` feature, which compiles it"
	p, _ := platformOf(target)
	multiarch, merr := p.Multiarch()
	arch, aerr := p.Debian()
	switch {
	case target == "":
		s += ", or install the library for that platform (libssl-dev:ARCH) and set OPENSSL_DIR"
	case strings.Contains(target, "-linux-") && host == target:
		s += ", or install it: sudo apt-get install -y pkg-config libssl-dev (Fedora: sudo dnf install -y pkgconf openssl-devel)"
	case strings.Contains(target, "-linux-") && merr == nil && aerr == nil:
		s += fmt.Sprintf(", or install it: sudo dpkg --add-architecture %s && sudo apt-get update && sudo apt-get install -y libssl-dev:%s, and set PKG_CONFIG_ALLOW_CROSS=1 PKG_CONFIG_LIBDIR=/usr/lib/%s/pkgconfig", arch, arch, multiarch)
	case strings.HasSuffix(target, "-apple-darwin") && strings.HasSuffix(host, "-apple-darwin"):
		s += ", or install it: brew install openssl@3 pkgconf"
	}
	return s
}
