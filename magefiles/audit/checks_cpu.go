package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// IDCPULevel is the finding for a file that wants a newer processor of the
// right kind.
const IDCPULevel = "cpu-level"

// checkCPULevel holds what files say of the processors that they need against
// the platform's: x86-64's levels (psABI, "Micro-Architecture Levels") and the
// architecture of 32-bit arm. It is never an error: the mark says what the
// file was allowed to use, and libraries like OpenSSL ask the processor first.
func checkCPULevel(inv *Inventory) []Finding {
	w, err := parsePlatform(inv.Platform)
	if err != nil || w.format != ELF {
		return nil
	}
	promised := cpuPromised(inv.Platform, w)
	if promised == 0 {
		return nil
	}
	byLevel := map[int][]*Entry{}
	for name, e := range inv.Files {
		if e.File == nil || e.File.Program == nil || name != e.File.Names[0] || e.File.Program.Arch != w.arch {
			continue
		}
		if level := cpuNumber(e.File.Program.CPU); level > promised && !slices.ContainsFunc(e.File.Names, hwcaps) {
			byLevel[level] = append(byLevel[level], e)
		}
	}
	var findings []Finding
	for level, entries := range byLevel {
		severity := Warning
		if w.arch == "amd64" && level == 2 {
			severity = Note // all machines since 2009; whole distributions are built for it
		}
		slices.SortFunc(entries, func(a, b *Entry) int { return cmp.Compare(a.Path, b.Path) })
		// A distribution built for a level says so in every file: one finding then.
		for i, e := range entries {
			message := fmt.Sprintf("was built for %s in %s, which promises %s only", cpuName(w.arch, level), inv.holder(), cpuName(w.arch, promised))
			many := len(entries) > 10 || severity == Note
			if many && len(entries) > 1 {
				message += fmt.Sprintf("; and %d more like it", len(entries)-1)
			}
			findings = append(findings, inv.finding(e, IDCPULevel, severity, message,
				fmt.Sprintf("build it for %s, put it into a glibc-hwcaps folder beside one for all, or run it on such machines only", cpuName(w.arch, promised))))
			if i == 0 && many {
				break
			}
		}
	}
	return findings
}

// cpuPromised is the level that every machine of the platform has; 0 if there
// is nothing to compare.
func cpuPromised(platform string, w want) int {
	parts := strings.Split(strings.ToLower(platform), "/")
	variant := 0
	if len(parts) == 3 {
		variant = cpuNumber(parts[2])
	}
	switch {
	case w.arch == "amd64":
		return max(variant, 1)
	case w.arch == "arm" && variant == 0:
		return 7
	case w.arch == "arm":
		return variant
	}
	return 0
}

func cpuNumber(s string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(s, "v"))
	return n
}

func cpuName(arch string, level int) string {
	if arch == "amd64" {
		if level == 1 {
			return "x86-64"
		}
		return fmt.Sprintf("x86-64-v%d", level)
	}
	return fmt.Sprintf("ARMv%d", level)
}

// hwcaps reports whether the loader itself picks this file by processor.
func hwcaps(name string) bool {
	return strings.Contains(name, "/glibc-hwcaps/") || strings.Contains(name, "/hwcaps/")
}
