package debian

import (
	"fmt"
	"strings"

	debversion "github.com/knqyf263/go-deb-version"
)

// relation is one alternative of a dependency: "libc6:any (>= 2.38)".
type relation struct {
	name    string
	arch    string // qualifier: "", "any", "native" or an architecture
	op      string // "", "<<", "<=", "=", ">=", ">>"
	version string
}

func (r relation) String() string {
	s := r.name
	if r.arch != "" {
		s += ":" + r.arch
	}
	if r.op != "" {
		s += " (" + r.op + " " + r.version + ")"
	}
	return s
}

// group is a list of alternatives, "a | b".
type group []relation

func (g group) String() string {
	parts := make([]string, len(g))
	for i, r := range g {
		parts[i] = r.String()
	}
	return strings.Join(parts, " | ")
}

// parseRelations reads the value of Depends, Provides, Breaks and so on (Debian
// policy 7.1). Architecture lists and build profiles belong to source packages
// and are refused.
func parseRelations(value string) ([]group, error) {
	var groups []group
	for conjunct := range strings.SplitSeq(value, ",") {
		if strings.TrimSpace(conjunct) == "" {
			continue // a trailing comma is common
		}
		var g group
		for alternative := range strings.SplitSeq(conjunct, "|") {
			r, err := parseRelation(strings.TrimSpace(alternative))
			if err != nil {
				return nil, err
			}
			g = append(g, r)
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func parseRelation(s string) (relation, error) {
	head, rest, constrained := strings.Cut(s, "(")
	var r relation
	r.name, r.arch, _ = strings.Cut(strings.TrimSpace(head), ":")
	if !packageName.MatchString(r.name) || (r.arch != "" && !architecture.MatchString(r.arch)) {
		return relation{}, fmt.Errorf("reading relation %q: no package name", s)
	}
	if !constrained {
		return r, nil
	}
	rest, ok := strings.CutSuffix(strings.TrimSpace(rest), ")")
	if !ok {
		return relation{}, fmt.Errorf("reading relation %q: the bracket is not closed", s)
	}
	rest = strings.TrimSpace(rest)
	r.op = rest[:len(rest)-len(strings.TrimLeft(rest, "<=>"))]
	r.version = strings.TrimSpace(rest[len(r.op):])
	switch r.op {
	case "<<", "<=", "=", ">=", ">>":
	case "<": // both obsolete forms mean "or equal", deb-control(5)
		r.op = "<="
	case ">":
		r.op = ">="
	default:
		return relation{}, fmt.Errorf("reading relation %q: %q is no comparison", s, r.op)
	}
	if !debversion.Valid(r.version) {
		return relation{}, fmt.Errorf("reading relation %q: %q is no version", s, r.version)
	}
	return r, nil
}

// accepts reports whether a version fulfils the constraint. An empty version,
// of an unversioned Provides, fulfils only the empty constraint.
func (r relation) accepts(v string) bool {
	if r.op == "" {
		return true
	}
	if v == "" {
		return false
	}
	c := compareVersions(v, r.version)
	switch r.op {
	case "<<":
		return c < 0
	case "<=":
		return c <= 0
	case "=":
		return c == 0
	case ">=":
		return c >= 0
	default:
		return c > 0
	}
}

// compareVersions orders by deb-version(7). What is no version sorts first.
func compareVersions(a, b string) int {
	va, errA := debversion.NewVersion(a)
	vb, errB := debversion.NewVersion(b)
	switch {
	case errA != nil && errB != nil:
		return strings.Compare(a, b)
	case errA != nil:
		return -1
	case errB != nil:
		return 1
	}
	return va.Compare(vb)
}
