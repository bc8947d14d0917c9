package audit

import (
	"errors"
	"fmt"
	"strings"
)

// IDs of [CheckProgram]'s findings, beside those of judging a header.
const (
	IDGlibcFloor = "glibc-floor" // needs a newer glibc than allowed
	IDMacOSFloor = "macos-floor" // needs a newer macOS than allowed
	IDLibrary    = "library"     // needs a library, or a loader, that is not the operating system's
	IDSignature  = "signature"   // Mach-O: unsigned where that is fatal, or changed after signing
)

// Limits are what a program may ask of the machine it runs on. Zero values
// mean no limit; on libraries there always is one.
type Limits struct {
	Glibc string // highest release it may need: "2.28"
	MacOS string // highest release it may need: "11.0"

	// Libraries are more names that are allowed beside those of the operating
	// system: as the program writes them, or their last path element.
	Libraries []string
}

// CheckProgram holds a program against a platform ("linux/arm64") and limits.
// name is its path, for the findings. A program for another machine or system
// gets that finding alone. Of a universal file only the platform's part counts.
//
// Findings come in a fixed order, with the platform as written and no layer.
func CheckProgram(p Program, platform string, l Limits, name string) []Finding {
	c := checker{platform: platform, name: name}
	w, err := parsePlatform(platform)
	if err != nil {
		c.add(IDArch, Error, err.Error(), "name a platform that programs are built for")
		return c.findings
	}
	part, b := p.For(w.arch), p.Binary
	v := judge(b, w, name)
	if v.id == "" && len(p.Parts) > 0 {
		b = part.Binary // the system that it is for is known of the part only
		v = judge(b, w, name)
	}
	if v.id != "" {
		c.add(v.id, v.severity, v.reason+" where "+platform+" is wanted", cure(v, b, w, "/"+name))
		return c.findings
	}
	if part.Format != w.format || (part.Kind != Executable && part.Kind != Shared) || firmware(name) || device(part.Arch) || part.OS == "uefi" {
		return nil
	}
	switch w.os {
	case "linux":
		c.glibc(part, l.Glibc, w.arch)
		c.interpreter(part, w.arch, l)
	case "darwin":
		c.macOS(part, l.MacOS, w.arch)
		c.signature(part, w.arch)
	}
	c.libraries(part, w, l)
	return c.findings
}

// ProgramError is the finding for a program that [ReadProgram] could not read:
// false if err is of reading, and says nothing about the program.
func ProgramError(err error, platform, name string) (Finding, bool) {
	c := checker{platform: platform, name: name}
	switch {
	case errors.Is(err, ErrNotNative):
		c.add(IDFormat, Error, "no program at all, where one for "+platform+" is wanted", "look at what wrote it: it is neither ELF nor Mach-O nor PE")
	case errors.Is(err, ErrMalformed):
		c.add(IDMalformed, Error, err.Error(), "build or copy it again: no loader would take it")
	default:
		return Finding{}, false
	}
	return c.findings[0], true
}

type checker struct {
	platform, name string
	findings       []Finding
}

func (c *checker) add(id, severity, message, cure string) {
	c.findings = append(c.findings, Finding{ID: id, Severity: severity, Platform: c.platform, Path: c.name, LayerIndex: -1, Message: message, Cure: cure})
}

func (c *checker) glibc(p Program, limit, arch string) {
	if limit == "" {
		return
	}
	cure := fmt.Sprintf("link it against glibc %s: cargo zigbuild --target=%s.%s, or build on a system that old", limit, gnuTriple(arch), limit)
	if need := p.Versions["GLIBC"]; CompareVersions(need, limit) > 0 {
		c.add(IDGlibcFloor, Error, fmt.Sprintf("needs glibc %s (%s), and %s is the limit", need, strings.Join(p.needing("GLIBC", limit), ", "), limit), cure)
	}
	if _, ok := p.Versions["GLIBC_PRIVATE"]; ok {
		c.add(IDGlibcFloor, Error, "uses private parts of glibc, so it runs with one release of it only", "drop what calls them; private symbols are for glibc's own libraries")
	}
}

// needing lists what exactly is needed above a limit: "GLIBC_2.34 of libc.so.6".
func (p Program) needing(family, limit string) []string {
	var list []string
	for _, n := range p.Needs {
		if f, version := SplitVersion(n.Version); f == family && !n.Weak && CompareVersions(version, limit) > 0 {
			list = append(list, n.Version+" of "+n.Library)
		}
	}
	return list
}

// gnuTriple is Rust's name for Linux with glibc on arch.
func gnuTriple(arch string) string {
	switch arch {
	case "amd64":
		return "x86_64-unknown-linux-gnu"
	case "arm64":
		return "aarch64-unknown-linux-gnu"
	case "386":
		return "i686-unknown-linux-gnu"
	case "arm":
		return "armv7-unknown-linux-gnueabihf"
	case "riscv64":
		return "riscv64gc-unknown-linux-gnu"
	case "ppc64le":
		return "powerpc64le-unknown-linux-gnu"
	}
	return arch + "-unknown-linux-gnu"
}

// firstARMMac is the first release of macOS for arm64: no limit is below it.
const firstARMMac = "11.0"

func (c *checker) macOS(p Program, limit, arch string) {
	if limit != "" && arch == "arm64" && CompareVersions(limit, firstARMMac) < 0 {
		limit = firstARMMac
	}
	if limit != "" && CompareVersions(p.MinOS, limit) > 0 {
		c.add(IDMacOSFloor, Error, fmt.Sprintf("needs macOS %s, and %s is the limit", p.MinOS, limit),
			"build it with MACOSX_DEPLOYMENT_TARGET="+limit+" in the environment, from clean: objects that are cached keep the old one")
	}
}

func (c *checker) signature(p Program, arch string) {
	switch {
	case p.Signature == BrokenSignature:
		c.add(IDSignature, Error, "its code signature is broken: "+p.SignatureFault+"; macOS kills it at the start",
			"sign it again after the last change to it (codesign -s - FILE, or rcodesign sign FILE), and strip or patch before that only")
	case p.Signature == Unsigned && arch == "arm64":
		c.add(IDSignature, Error, "has no code signature, and macOS on arm64 kills programs without one",
			"sign it, ad hoc is enough (codesign -s - FILE, or rcodesign sign FILE); linkers do so unless told otherwise")
	}
}
