package audit

import (
	"path"
	"regexp"
	"strings"
)

// crossFolder matches where compilers for other systems keep what they link
// with, and the name that GNU's tools have for that system: Debian's
// cross-building packages, GCC's own files, Rust's, and crosstool-NG's.
var crossFolder = regexp.MustCompile(`^/usr(?:/local)?/([^/]+-[^/]+)/|/lib(?:64)?/gcc(?:-cross)?/([^/]+)/|/lib/rustlib/([^/]+)/|/([^/]+-[^/]+)/sysroot/`)

// tripletWord is in every triplet that is not Windows' or macOS'.
var tripletWord = regexp.MustCompile(`(^|-)(linux|none|elf|eabi)`)

// crossLibrary reports whether a file is for another system by intent: it is in
// a cross compiler's folder, and for the system that this is named after. Go's
// compiler has no such folder; its objects end in a system's name and ".syso".
func crossLibrary(b Binary, name string) bool {
	if b.Kind == Object && strings.HasSuffix(name, ".syso") {
		return true
	}
	m := crossFolder.FindStringSubmatch(path.Clean("/" + name))
	if m == nil {
		return false
	}
	triplet := strings.Join(m[1:], "")
	machine, rest, ok := strings.Cut(triplet, "-")
	if !ok {
		return false
	}
	switch {
	case strings.Contains(rest, "mingw32"), strings.Contains(rest, "windows"):
		return b.Format == PE || b.Format == Archive
	case strings.Contains(rest, "apple"), strings.Contains(rest, "darwin"):
		return b.Format == MachO || b.Format == Archive
	}
	return b.Format != PE && b.Format != MachO && tripletWord.MatchString(rest) && b.Arch == machineOf(machine)
}

// machineOf is the platform's name for the first word of a GNU triplet.
func machineOf(word string) string {
	switch {
	case len(word) == 4 && word[0] == 'i' && strings.HasSuffix(word, "86"):
		return "386"
	case strings.HasPrefix(word, "arm"), strings.HasPrefix(word, "thumb"):
		return "arm"
	}
	switch word {
	case "powerpc64le":
		return "ppc64le"
	case "powerpc64":
		return "ppc64"
	case "loongarch64":
		return "loong64"
	case "mips64el":
		return "mips64le"
	case "mipsel":
		return "mipsle"
	case "riscv64gc":
		return "riscv64"
	}
	return archAlias(word)
}
