package xbuild

import (
	"fmt"
	"regexp"
	"strings"
)

// InRange reports whether a version lies in one of npm's version ranges, as
// they stand in the engines of a package.json: comparators (>=1.2 <3), caret
// and tilde, hyphen (1.2 - 2), x and *, and alternatives (||), by the rules of
// https://docs.npmjs.com/cli/using-npm/semver. A pre-release lies in no range
// that does not name one of the same version.
func InRange(version, ranges string) (bool, error) {
	v, pre := splitVersion(version)
	if len(v) == 0 {
		return false, fmt.Errorf("comparing version %q: it has no number", version)
	}
	in := false
	for alternative := range strings.SplitSeq(ranges, "||") {
		list, err := comparators(alternative)
		if err != nil {
			return false, fmt.Errorf("reading version range %q: %w", ranges, err)
		}
		in = in || matchesAll(version, v, pre, list)
	}
	return in, nil
}

// comparator is one primitive bound: >=1.2.0.
type comparator struct{ op, version string }

func matchesAll(version string, v []int, pre string, list []comparator) bool {
	named := pre == ""
	for _, c := range list {
		order := CompareVersions(version, c.version)
		holds := map[string]bool{">=": order >= 0, ">": order > 0, "<=": order <= 0, "<": order < 0, "=": order == 0}
		if !holds[c.op] {
			return false
		}
		bound, boundPre := splitVersion(c.version)
		same := boundPre != "" && at(bound, 0) == at(v, 0) && at(bound, 1) == at(v, 1) && at(bound, 2) == at(v, 2)
		named = named || same
	}
	return named
}

var (
	hyphenRange = regexp.MustCompile(`^(\S+)\s+-\s+(\S+)$`)
	rangePart   = regexp.MustCompile(`(>=|<=|>|<|=|\^|~>?)?\s*v?((?:\d+|[xX*])(?:\.(?:\d+|[xX*]))*(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)(?:\s+|$)`)
)

// comparators turns one alternative into primitive bounds. None: any version.
func comparators(s string) ([]comparator, error) {
	s = strings.TrimSpace(s)
	if m := hyphenRange.FindStringSubmatch(s); m != nil {
		from, err := comparators(">=" + m[1])
		if err != nil {
			return nil, err
		}
		to, err := comparators("<=" + m[2])
		return append(from, to...), err
	}
	var out []comparator
	for s != "" {
		at := rangePart.FindStringSubmatchIndex(s)
		if at == nil || at[0] != 0 {
			return nil, fmt.Errorf("%q is no version range", s)
		}
		op := ""
		if at[2] >= 0 {
			op = s[at[2]:at[3]]
		}
		out = append(out, bounds(op, s[at[4]:at[5]])...)
		s = s[at[1]:]
	}
	return out, nil
}

// bounds are what an operator on a version, possibly a partial one, means.
func bounds(op, text string) []comparator {
	core, pre, _ := strings.Cut(strings.SplitN(text, "+", 2)[0], "-")
	var given []int
	for _, part := range strings.Split(core, ".") {
		n, _ := splitVersion(part)
		if len(n) == 0 { // x, X or *: what follows does not count
			break
		}
		given = append(given, n[0])
	}
	if len(given) > 3 {
		given = given[:3]
	}
	low := fmt.Sprintf("%d.%d.%d", at(given, 0), at(given, 1), at(given, 2))
	if pre != "" && len(given) == 3 {
		low += "-" + pre
	}
	// after is the first version behind those that agree in the first n numbers.
	after := func(n int) string {
		v := []int{at(given, 0), at(given, 1), at(given, 2)}
		v[n-1]++
		for i := n; i < 3; i++ {
			v[i] = 0
		}
		return fmt.Sprintf("%d.%d.%d-0", v[0], v[1], v[2])
	}
	partial := len(given) < 3
	switch {
	case len(given) == 0 && (op == "<" || op == ">"):
		return []comparator{{"<", "0.0.0-0"}} // nothing is beyond everything
	case len(given) == 0:
		return nil
	case op == "^":
		return []comparator{{">=", low}, {"<", after(caret(given))}}
	case op == "~" || op == "~>":
		return []comparator{{">=", low}, {"<", after(min(len(given), 2))}}
	case op == ">" && partial:
		return []comparator{{">=", strings.TrimSuffix(after(len(given)), "-0")}}
	case op == "<=" && partial:
		return []comparator{{"<", after(len(given))}}
	case (op == "" || op == "=") && partial:
		return []comparator{{">=", low}, {"<", after(len(given))}}
	case op == "":
		op = "="
	}
	return []comparator{{op, low}}
}

// caret is how many numbers have to agree: up to the first that is not zero.
func caret(given []int) int {
	for i, n := range given {
		if n != 0 {
			return i + 1
		}
	}
	return len(given)
}
