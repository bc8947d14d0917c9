package audit

import (
	"fmt"
	"strings"
)

// want is what a platform demands of the files that run on it.
type want struct {
	platform string // as the caller wrote it
	os, arch string
	float    string // of 32-bit arm: "hard" or "soft"
	format   string
}

// parsePlatform is lenient: it also takes what image tools and kernels call
// the architectures. Only a platform that is not in the table is refused.
func parsePlatform(s string) (want, error) {
	parts := strings.Split(strings.ToLower(strings.TrimSpace(s)), "/")
	if len(parts) < 2 || len(parts) > 3 {
		return want{}, fmt.Errorf("auditing for %q: not a platform; write os/arch, as in linux/arm64", s)
	}
	w := want{platform: s, os: parts[0], arch: archAlias(parts[1])}
	known := false
	switch w.os {
	case "linux":
		w.format = ELF
		switch w.arch {
		case "amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "loong64", "mips64le":
			known = true
		}
	case "windows":
		w.format = PE
		known = w.arch == "amd64" || w.arch == "arm64" || w.arch == "386"
	case "darwin":
		w.format = MachO
		known = w.arch == "amd64" || w.arch == "arm64"
	}
	if !known {
		return want{}, fmt.Errorf("auditing for %q: unknown platform; known are linux/{amd64,arm64,arm/v5,arm/v6,arm/v7,386,"+
			"ppc64le,s390x,riscv64,loong64,mips64le}, windows/{amd64,arm64,386} and darwin/{amd64,arm64}", s)
	}
	if w.arch == "arm" {
		w.float = "hard" // v6 and v7, and no variant means v7; distributions build both for hardware floats
		if len(parts) == 3 && parts[2] == "v5" {
			w.float = "soft"
		}
	}
	return w, nil
}

func archAlias(arch string) string {
	switch arch {
	case "x86_64", "x86-64":
		return "amd64"
	case "aarch64":
		return "arm64"
	case "i386", "i686", "x86":
		return "386"
	case "armhf", "armv7l":
		return "arm"
	}
	return arch
}
