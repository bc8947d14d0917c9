package xbuild

import (
	"fmt"
	"slices"
	"strings"
)

// ParsePlatform reads os/arch[/variant]. It is strict: one platform has one
// spelling, so that names of files, tags and cache keys agree. What others
// call the same platform (a Rust triple, linux/aarch64, linux/arm64/v8) is
// refused with the right spelling in the message.
func ParsePlatform(s string) (Platform, error) {
	if strings.TrimSpace(s) == "" {
		return Platform{}, fmt.Errorf("parsing platform %q: empty; possible: %s", s, Join(Platforms()))
	}
	for _, row := range table() {
		if row.platform.String() == s {
			return row.platform, nil
		}
	}
	if p, ok := meant(s); ok {
		return Platform{}, fmt.Errorf("parsing platform %q: it is spelled %q here", s, p)
	}
	return Platform{}, fmt.Errorf("parsing platform %q: not one that can be built for; possible: %s", s, Join(Platforms()))
}

// ParsePlatforms reads a comma-separated list and returns it sorted. Empty
// lists, empty items and duplicates are errors: each is more likely a slip in
// a script than a wish.
func ParsePlatforms(list string) ([]Platform, error) {
	if strings.TrimSpace(list) == "" {
		return nil, fmt.Errorf("parsing platforms %q: empty list; possible: %s", list, Join(Platforms()))
	}
	var out []Platform
	for item := range strings.SplitSeq(list, ",") {
		p, err := ParsePlatform(strings.TrimSpace(item))
		if err != nil {
			return nil, fmt.Errorf("parsing platforms %q: %w", list, err)
		}
		if slices.Contains(out, p) {
			return nil, fmt.Errorf("parsing platforms %q: %q is in it twice; name each once", list, p)
		}
		out = append(out, p)
	}
	SortPlatforms(out)
	return out, nil
}

// meant guesses which platform a wrong spelling stands for.
func meant(s string) (Platform, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, row := range table() {
		if s == row.triple || s == row.multiarch || (s == row.wheel && s != "") {
			return row.platform, true
		}
	}
	parts := strings.Split(strings.NewReplacer("-", "/", `\`, "/").Replace(s), "/")
	if len(parts) < 2 || len(parts) > 3 {
		return Platform{}, false
	}
	guess := Platform{OS: canonOS(parts[0])}
	arch := parts[1]
	if len(parts) == 3 && !(canonArch(arch) == "arm64" && parts[2] == "v8") && !(canonArch(arch) == "amd64" && parts[2] == "v1") {
		arch += "/" + parts[2]
	}
	guess.Arch, guess.Variant, _ = strings.Cut(canonArch(arch), "/")
	for _, row := range table() {
		if row.platform == guess {
			return guess, true
		}
	}
	return Platform{}, false
}

func canonOS(s string) string {
	switch s {
	case "macos", "osx", "mac", "macosx":
		return "darwin"
	case "win", "win32", "win64":
		return "windows"
	}
	return s
}

func canonArch(s string) string {
	switch s {
	case "x86_64", "x86-64", "x64", "amd64":
		return "amd64"
	case "aarch64", "armv8", "arm/v8", "arm64":
		return "arm64"
	case "arm", "armhf", "armv7", "armv7l", "arm/7", "armhf/v7":
		return "arm/v7"
	}
	return s
}
