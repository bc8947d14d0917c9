package audit

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

func (c *checker) interpreter(p Program, arch string, l Limits) {
	if p.Interpreter == "" || p.Interpreter == linuxInterpreter(arch) || l.allows(p.Interpreter, false) ||
		arch == "arm" && p.Interpreter == "/lib/ld-linux.so.3" {
		return
	}
	message, cure := fmt.Sprintf("is started by %q, which Linux does not have there", p.Interpreter), "link it on a common distribution, or set it: patchelf --set-interpreter "+linuxInterpreter(arch)
	if strings.HasPrefix(path.Base(p.Interpreter), "ld-musl-") {
		message = fmt.Sprintf("is started by %q, which is on musl's distributions (Alpine) only", p.Interpreter)
		cure = "build it for " + gnuTriple(arch) + ", or link musl statically (-C target-feature=+crt-static)"
	}
	c.add(IDLibrary, Error, message, cure)
}

// libraries finds what is not the operating system's own. What a program
// starts without is no more than a warning.
func (c *checker) libraries(p Program, w want, l Limits) {
	for _, name := range p.Libraries {
		if systemLibrary(name, w) || l.allows(name, w.os == "windows") {
			continue
		}
		severity := Error
		if slices.Contains(p.Optional, name) {
			severity = Warning
		}
		c.add(IDLibrary, severity, fmt.Sprintf("needs %q, which is not part of %s", name, systemName(w.os)), libraryCure(name, w.os))
	}
}

func (l Limits) allows(name string, fold bool) bool {
	return slices.ContainsFunc(l.Libraries, func(allowed string) bool {
		return allowed == name || allowed == path.Base(name) || fold && strings.EqualFold(allowed, name)
	})
}

func systemName(os string) string {
	switch os {
	case "darwin":
		return "macOS"
	case "windows":
		return "Windows"
	}
	return "every Linux"
}

func systemLibrary(name string, w want) bool {
	switch w.os {
	case "darwin":
		name = path.Clean(name)
		return strings.HasPrefix(name, "/usr/lib/") || strings.HasPrefix(name, "/System/Library/")
	case "windows":
		return windowsLibrary(name, w.arch)
	}
	return linuxLibrary(name)
}

func libraryCure(name, os string) string {
	stem := strings.ToLower(name)
	has := func(prefixes ...string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(stem, p) })
	}
	switch {
	case os == "darwin" && (has("@") || !path.IsAbs(name)):
		return "link it statically, or ship it beside the program and allow its name"
	case os == "darwin":
		return "link it statically, or use what macOS has in /usr/lib: this one is where a package manager put it"
	case os == "windows" && has("vcruntime", "msvcp", "concrt", "vcomp", "mfc140", "msvcr"):
		return "link the C runtime statically (RUSTFLAGS=-Ctarget-feature=+crt-static, cl /MT): this one comes with the Visual C++ redistributable"
	case os == "windows" && (strings.HasSuffix(stem, "d.dll") && has("ucrtbase")):
		return "build it without the debug runtime: only Visual Studio installs that"
	case os == "windows" && has("libgcc_s", "libstdc++", "libwinpthread", "libgomp", "libssp", "libatomic"):
		return "link GCC's runtime statically (RUSTFLAGS=-Clink-arg=-static, gcc -static): it comes with MinGW"
	case os == "windows" && has("libunwind", "libc++", "libomp"):
		return "link LLVM's runtime statically (RUSTFLAGS=-Clink-arg=-static), or link with zig: it comes with llvm-mingw"
	case os == "windows" && has("cygwin1", "msys-2"):
		return "build it with MinGW or MSVC: this is for Cygwin's world only"
	case os == "windows" && has("python"):
		return "ship it with the Python that it belongs to, and allow its name"
	case has("libssl", "libcrypto"):
		return "use rustls, or link OpenSSL statically (openssl-sys with its vendored feature)"
	case os == "linux" && has("libstdc++", "libatomic", "libgomp"):
		return "link GCC's runtime statically (-static-libstdc++ -static-libgcc), or allow its name and depend on the package"
	case os == "linux" && has("libc.musl-", "libc.so"):
		return "build it for glibc, or link musl statically (-C target-feature=+crt-static)"
	}
	return "link it statically, or allow its name and see to it that it is installed"
}
