package xbuild

import (
	"fmt"
	"regexp"
	"strings"
)

// rustFailure is a failure that we recognise in what cargo writes to standard
// error. Its cure may use the pattern's groups.
type rustFailure struct {
	pattern *regexp.Regexp
	cure    func(groups []string) string
}

// rustFailures are tried in order: causes before what they cause.
func rustFailures() []rustFailure {
	return []rustFailure{
		{regexp.MustCompile(`No space left on device|os error 112\b|not enough space on the disk`), func([]string) string {
			return "the disk is full: free some space (cargo clean frees the most), or set CARGO_TARGET_DIR to a folder on another disk"
		}},
		{regexp.MustCompile(`cannot (update|create) the lock file (\S.*?) because --locked was passed|lock file (\S+) needs to be updated but --locked was passed`), func(g []string) string {
			return "Cargo.lock does not match Cargo.toml: run `cargo generate-lockfile` (or `cargo update --workspace`, which changes less) in the crate's folder, look at the difference and commit it"
		}},
		{regexp.MustCompile(`(?s)can't find crate for .(?:std|core).\s.*?the .([\w.-]+). target may not be installed`), func(g []string) string {
			return fmt.Sprintf("there is no standard library for %s in this toolchain: rustup target add %s, in the crate's folder; or take another toolchain with -with=auto", g[1], g[1])
		}},
		{regexp.MustCompile(`Could not find directory of OpenSSL installation|Could not find openssl via pkg-config`), func([]string) string {
			return "openssl-sys needs the OpenSSL of the platform that is built for, which is not here: better use rustls, or switch on the crate's `vendored` feature, or install the library for that platform (libssl-dev:ARCH) and set OPENSSL_DIR"
		}},
		{regexp.MustCompile(`pkg-config has not been configured to support cross-compilation`), func([]string) string {
			return "a -sys crate looks for a C library of the platform that is built for: use a crate that brings its own source (often the `vendored` or `bundled` feature), or install the library for that platform and set PKG_CONFIG_SYSROOT_DIR and PKG_CONFIG_PATH"
		}},
		{regexp.MustCompile(`error occurred in cc-rs: (?:failed|Failed) to find tool (?:"([^"]+)"|(\S+))`), func(g []string) string {
			return fmt.Sprintf("a dependency has C or assembly in it and the C compiler %s is not there: install cargo-zigbuild and ziglang (the bootstrap target does), which compile for every platform, or that compiler", g[1]+g[2])
		}},
		{regexp.MustCompile("error: linker [`'\"]([^`'\"]+)[`'\"] not found"), func(g []string) string {
			return fmt.Sprintf("the linker %s is not there: install cargo-zigbuild and ziglang (the bootstrap target does), which link for every platform, or that linker", g[1])
		}},
		{regexp.MustCompile(`gcc-cross/([\w-]+)/(?s:.*)fatal error: \S+: No such file or directory|([\w-]+)/bin/ld: cannot find (?:S?crt1\.o|-l\w+)`), func(g []string) string {
			return fmt.Sprintf("the cross gcc for %s has no C library of that platform: on Debian and Ubuntu install libc6-dev-ARCH-cross (for example libc6-dev-arm64-cross); or use cargo-zigbuild, which brings its own", g[1]+g[2])
		}},
		{regexp.MustCompile(`error adding symbols: file in wrong format|Relocations in generic ELF \(EM: \d+\)|is incompatible with elf_?\w+|unrecognized emulation mode`), func([]string) string {
			return "this system's own linker was used for another platform: install cargo-zigbuild and ziglang (the bootstrap target does), or a cross gcc, and set no linker by hand"
		}},
		{regexp.MustCompile(`unable to update registry|failed to download|Couldn't (?:resolve host|connect to server)|Could(?:n't| not) resolve host|spurious network error|error: no matching package named .*\n(?:.*\n)*?.*offline mode`), func([]string) string {
			return "the crate registry cannot be reached: check the network and the proxy (HTTPS_PROXY, [http] in cargo's config), or run `cargo fetch --locked` where there is a network and build here with CARGO_NET_OFFLINE=true"
		}},
		{regexp.MustCompile(`requires rustc (\d[\d.]*)|rustc (\S+) is not supported by the following package`), func([]string) string {
			return "this Rust is too old for one of the packages: rustup update, or lower that package's version in Cargo.lock"
		}},
		{regexp.MustCompile("error: could not compile `([^`]+)`"), func(g []string) string {
			return fmt.Sprintf("the crate %s does not compile; the errors are above, all of them in the log", g[1])
		}},
	}
}

// RustHint is the cure for a failure that is recognised in cargo's standard
// error, in one line; "" if it is not.
func RustHint(stderr string) string {
	stderr = strings.ReplaceAll(stderr, "\r\n", "\n")
	for _, f := range rustFailures() {
		if groups := f.pattern.FindStringSubmatch(stderr); groups != nil {
			return f.cure(groups)
		}
	}
	return ""
}
