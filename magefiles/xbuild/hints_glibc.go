package xbuild

import (
	"fmt"
	"strings"
)

// glibcFailures are those of a C library that is older than what something was
// compiled for: on the machine that runs it, or where it is linked.
func glibcFailures() []failure {
	return []failure{
		knownBy("version `(GLIBC|GLIBCXX)_([\\d.]+)' not found \\(required by ([^)\\n]+)\\)", func(g []string) string {
			library := "glibc"
			if g[1] == "GLIBCXX" {
				library = "libstdc++"
			}
			if strings.Contains(g[3], "build-script") || strings.Contains(g[3], "/deps/") {
				return fmt.Sprintf("the target folder has programs in it that were compiled on a system with %s %s, newer than this one: cargo clean, and give each system (container) its own CARGO_TARGET_DIR", library, g[2])
			}
			return fmt.Sprintf("%s needs %s %s, and this system's is older: build it with -with=zigbuild, which links for the pinned, older glibc, or run it on a newer system (base image)", g[3], library, g[2])
		}),
		knownBy("undefined reference(?:: | to [`'])(\\w+)@@?GLIBC_([\\d.]+)", func(g []string) string {
			return fmt.Sprintf("a library that is linked was made for glibc %s (%s), newer than the one that is linked for: take that library for an older system, or raise the pinned glibc, and the base image with it", g[2], g[1])
		}),
		// What people meet of newer functions: the headers of 2.38 rename strtol and its kin, C libraries like the others.
		knownBy("undefined (?:symbol: |reference to [`'])(__isoc23_\\w+|strlcpy|strlcat|arc4random\\w*|_dl_find_object|__libc_single_threaded|pidfd_spawn)\\b", func(g []string) string {
			return fmt.Sprintf("C code that is linked was compiled for a newer glibc (it has %s): cargo clean, so that it is compiled by the same tools as the rest; a library of C that came ready-made has to be one for an older system, or raise the pinned glibc, and the base image with it", g[1])
		}),
	}
}
