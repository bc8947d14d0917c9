package audit

import (
	"regexp"
	"slices"
	"strings"
)

var wordBreaks = regexp.MustCompile(`[-_.+@]+`)

func systemWord(w string) bool {
	switch w {
	case "linux", "linuxmusl", "linuxglibc", "manylinux", "musllinux", "darwin", "macos", "macosx", "osx", "win32", "win64",
		"windows", "freebsd", "openbsd", "netbsd", "android", "sunos":
		return true
	}
	return false
}

func machineWord(w string) bool {
	switch w {
	case "x64", "x86", "amd64", "arm64", "aarch64", "ia32", "i386", "i486", "i586", "i686", "armv5", "armv5l", "armv6",
		"armv6l", "armv7", "armv7l", "armv8", "armv8l", "armhf", "armel", "ppc64", "ppc64le", "powerpc64le", "s390x",
		"riscv64", "riscv64gc", "loong64", "loongarch64", "mips64el", "universal", "universal2":
		return true
	}
	return false
}

func libcWord(w string) bool {
	switch w {
	case "linuxmusl", "linuxglibc", "musllinux", "musl", "gnueabihf", "musleabi", "musleabihf":
		return true
	}
	return false
}

// weakWord is one that names no platform alone, and goes with words that do.
func weakWord(w string) bool {
	switch w {
	case "gnu", "glibc", "gnueabi", "mac", "win", "arm", "msvc", "mingw", "pc", "unknown", "apple", "so", "dylib", "dll",
		"pyd", "exe", "node":
		return true
	}
	return false
}

// platformWords cuts one element of a path into words, and reports whether one
// of them names a platform.
func platformWords(element string) (words []string, found bool) {
	words = wordBreaks.Split(strings.ToLower(strings.ReplaceAll(element, "x86_64", "amd64")), -1)
	return words, slices.ContainsFunc(words, strongWord)
}

func strongWord(w string) bool {
	return systemWord(w) || machineWord(w) || libcWord(w)
}

// withoutPlatform is the element without its words for platforms; itself, if it
// has none.
func withoutPlatform(element string) (string, bool) {
	words, found := platformWords(element)
	if !found {
		return element, false
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return strongWord(w) || weakWord(w) }), "-"), true
}

// familyKey is the path without the words for platforms; false if it has none.
func familyKey(name string) (string, bool) {
	elements := strings.Split(name, "/")
	found := false
	for i, element := range elements {
		short, ok := withoutPlatform(element)
		elements[i], found = short, found || ok
	}
	return strings.Join(elements, "/"), found
}

// foreignName reports whether the path names another platform than this one:
// the last element of it that names a system, a machine or a C library counts.
func (f *families) foreignName(name string) bool {
	var named, ours [3]bool // system, machine, C library
	elements := strings.Split(name, "/")
	for _, element := range slices.Backward(elements) {
		words, found := platformWords(element)
		if !found {
			continue
		}
		before := named
		note := func(kind int, fits bool) {
			if !before[kind] {
				named[kind], ours[kind] = true, ours[kind] || fits
			}
		}
		for _, w := range words {
			if systemWord(w) {
				note(0, wordSystem(w) == f.w.os)
			}
			if machineWord(w) || w == "arm" {
				note(1, strings.HasPrefix(w, "universal") || wordMachine(w) == f.w.arch)
			}
			if c := wordLibc(w); c != "" {
				note(2, f.libc == "" || c == f.libc)
			}
		}
	}
	for kind := range named {
		if named[kind] && !ours[kind] {
			return true
		}
	}
	return false
}

func wordSystem(w string) string {
	switch w {
	case "linuxmusl", "linuxglibc", "manylinux", "musllinux":
		return "linux"
	case "macos", "macosx", "osx":
		return "darwin"
	case "win32", "win64":
		return "windows"
	}
	return w
}

func wordMachine(w string) string {
	switch {
	case w == "x64":
		return "amd64"
	case w == "ia32":
		return "386"
	case w == "armv8":
		return "arm64"
	case strings.HasPrefix(w, "arm") && w != "arm64":
		return "arm"
	case w == "powerpc64le" || w == "ppc64":
		return "ppc64le"
	case w == "riscv64gc":
		return "riscv64"
	case w == "loongarch64":
		return "loong64"
	case w == "mips64el":
		return "mips64le"
	case len(w) == 4 && w[0] == 'i':
		return "386"
	}
	return archAlias(w)
}

func wordLibc(w string) string {
	switch {
	case strings.Contains(w, "musl"):
		return "musl"
	case w == "gnu", w == "glibc", w == "linuxglibc", w == "manylinux", strings.HasPrefix(w, "gnueabi"):
		return "glibc"
	}
	return ""
}
