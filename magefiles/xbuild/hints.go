package xbuild

import (
	"cmp"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// failure is one that is recognised in what a tool writes when it fails.
type failure struct {
	sign *regexp.Regexp
	cure func(groups []string) string // one line; groups are sign's, "" for those that took no part
}

// known is a failure whose cure is always the same.
func known(sign, cure string) failure {
	return knownBy(sign, func([]string) string { return cure })
}

// knownBy is a failure whose cure hangs on what the tool wrote.
func knownBy(sign string, cure func(groups []string) string) failure {
	return failure{regexp.MustCompile(sign), cure}
}

// firstCure is the cure of the first failure in the list that is recognised in
// an output; "" if none is. So causes have to stand before what they cause.
func firstCure(list []failure, output string) string {
	output = strings.ReplaceAll(output, "\r\n", "\n")
	for _, f := range list {
		if groups := f.sign.FindStringSubmatch(output); groups != nil {
			return f.cure(groups)
		}
	}
	return ""
}

// toolHint is the cure for a failure of any tool that is recognised in what it
// wrote; "" if it is not. What programs write that are no tools known here (a
// test suite, say) is only searched for what stops every program.
func toolHint(c Cmd, output string) string {
	base := strings.ToLower(filepath.Base(c.Name))
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".exe"), ".cmd")
	switch {
	case slices.Contains([]string{"cargo", "cargo-zigbuild", "rustc", "rustup"}, base):
		return RustHint(output)
	case base == "cross": // cargo in a container
		return cmp.Or(RustHint(output), engineHint(output))
	case base == "npm" || base == "npx" || base == "node":
		return npmHint(output)
	case base == "uv":
		return uvHint(output)
	case strings.HasPrefix(base, "python") && (slices.Contains(c.Args, "pip") || slices.Contains(c.Args, "venv")):
		return pipHint(output)
	case base == "docker" && len(c.Args) > 0 && c.Args[0] == "buildx":
		return buildxHint(output)
	case base == "docker" || base == "podman":
		return engineHint(output)
	case base == "git":
		return gitHint(output)
	}
	return firstCure(starved(""), output)
}
