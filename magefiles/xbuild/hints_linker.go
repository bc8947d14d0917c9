package xbuild

import (
	"fmt"
	"path"
	"strings"
)

const zigInstead = "install cargo-zigbuild and ziglang (the bootstrap target does)"

// linkerFailures are those of a linker that is not there, is for another
// platform, or lacks that platform's C library.
func linkerFailures() []failure {
	return []failure{
		knownBy("error: linker [`'\"]([^`'\"]+)[`'\"] not found", func(g []string) string {
			return fmt.Sprintf("the linker %s is not there: %s", g[1], programCure(g[1]))
		}),
		knownBy(`gcc-cross/([\w-]+)/(?s:.*)fatal error: \S+: No such file or directory|([\w-]+)/bin/ld: cannot find (?:S?crt1\.o|-l\w+)`, func(g []string) string {
			multiarch := g[1] + g[2]
			libc := "libc6-dev-ARCH-cross (for example libc6-dev-arm64-cross)"
			if p, ok := platformOfMultiarch(multiarch); ok {
				if arch, err := p.Debian(); err == nil {
					libc = "libc6-dev-" + arch + "-cross"
				}
			}
			return fmt.Sprintf("the cross gcc for %s has no C library of that platform: on Debian and Ubuntu install %s; or use cargo-zigbuild, which brings its own", multiarch, libc)
		}),
		known(`(?:cannot find|unable to find library) -l(?:gcc_s|gcc_eh|gcc)\b|unable to find dynamic system library "(?:gcc_s|gcc_eh|gcc|pthread|msvcrt|libpthread\.a)"`,
			"the linker was run by itself and knows no gcc libraries: let a compiler link (cc, or PREFIX-gcc for another platform; on Debian sudo apt-get install -y gcc libc6-dev), or "+zigInstead+"; a linker= or RUSTFLAGS of your own may be the reason"),
		known(`(?:cannot find|unable to find library) -lunwind\b|unable to find dynamic system library "unwind"|unrecognized command-line option '--unwindlib`,
			"this linker has no libunwind, which LLVM's Rust platforms (-gnullvm) link: "+zigInstead+", which brings it, and set no linker by hand"),
		knownBy(`ld\.lld: error: undefined symbol: (__cpu_\w+)`, func(g []string) string {
			return "C code of a crate needs " + g[1] + " of a compiler's runtime, and Rust's own, the only one that is linked, does not have it: build without RustRuntime"
		}),
		known(`error adding symbols: file in wrong format|Relocations in generic ELF \(EM: \d+\)|is incompatible with elf_?\w+|unrecognized emulation mode|unrecognized command-line option '-(?:arch|mmacosx-version-min\S*|m64)'`,
			"this system's own linker was used for another platform, or its C compiler: "+zigInstead+", or a cross gcc, and set no linker by hand"),
	}
}

// programCure tells how to get a compiler or linker that is missing, by the
// name that it was looked for.
func programCure(name string) string {
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(name, `\`, "/")), ".exe")
	prefix := ""
	for _, suffix := range []string{"-gcc", "-clang", "-g++", "-cc", "-ar", "-ld"} {
		prefix = strings.TrimSuffix(base, suffix)
		if prefix != base {
			break
		}
		prefix = ""
	}
	p, cross := platformOfMultiarch(prefix)
	arch, err := p.Debian()
	switch {
	case base == "cc" || base == "gcc" || base == "clang" || base == "c++" || base == "g++":
		return "sudo apt-get install -y gcc libc6-dev, on Fedora sudo dnf install -y gcc, on macOS xcode-select --install; or " + zigInstead
	case base == "link" || base == "lld-link" || base == "cl":
		return "on Windows winget install Microsoft.VisualStudio.2022.BuildTools --override \"--wait --passive --add Microsoft.VisualStudio.Workload.VCTools --includeRecommended\"; or take Rust's GNU platform (-windows-gnu), which needs none"
	case cross && err == nil:
		return fmt.Sprintf("%s, which works for every platform, or on Debian and Ubuntu sudo apt-get install -y gcc-%s libc6-dev-%s-cross", zigInstead, strings.ReplaceAll(prefix, "_", "-"), arch)
	case prefix == "x86_64-w64-mingw32" && strings.HasSuffix(base, "-gcc"):
		return zigInstead + ", which works for every platform, or on Debian and Ubuntu sudo apt-get install -y gcc-mingw-w64-x86-64"
	case prefix != "":
		return zigInstead + ", which works for every platform"
	}
	return zigInstead + ", or correct what names it (linker= in cargo's config, CARGO_TARGET_..._LINKER, CC)"
}

func platformOfMultiarch(name string) (Platform, bool) {
	for _, row := range table() {
		if name != "" && row.multiarch == name {
			return row.platform, true
		}
	}
	return Platform{}, false
}
