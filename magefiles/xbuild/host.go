package xbuild

import "runtime"

// hostFacts is what the probes found. Empty means unknown, never "no".
type hostFacts struct {
	os, arch string // what this program was compiled for
	native   string // the machine's own architecture, if the OS tells: amd64, arm64
	userland string // Linux: the architecture of the programs installed here, read from an ELF header
	machine  string // Linux: uname -m
}

// Host is the platform whose programs run here. That is not always what this
// program was compiled for: an arm64 Mac or Windows runs an amd64 Go under
// translation and is still arm64, and a 32-bit Linux userland on a 64-bit
// kernel can run static 64-bit programs but nothing that needs its libc.
func Host() Platform {
	return decideHost(probeHost(hostFacts{os: runtime.GOOS, arch: runtime.GOARCH}))
}

// decideHost is the pure part of Host.
func decideHost(f hostFacts) Platform {
	p := Platform{OS: f.os, Arch: f.arch}
	switch {
	case f.os == "linux" && f.userland != "":
		// The userland decides: what we build links its libc.
		p.Arch = f.userland
	case f.os != "linux" && f.native != "":
		p.Arch = f.native
	}
	if p.Arch == "arm" {
		p.Variant = armVariant(f.machine)
	}
	return p
}

// armVariant reads `uname -m`. A 64-bit kernel (aarch64, armv8l) runs v7 code;
// unknown is taken as v7, the only 32-bit arm that the table builds for.
func armVariant(machine string) string {
	switch machine {
	case "armv5tel", "armv5tejl":
		return "v5"
	case "armv6l":
		return "v6"
	}
	return "v7"
}
