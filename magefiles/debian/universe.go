package debian

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// universe is all that the suites offer for one architecture.
type universe struct {
	arch      string
	byName    map[string]*candidate // the highest version of each package
	providers map[string][]provider // of each virtual package, the preferred first
}

type provider struct {
	by      *candidate
	version string // "" if the package provides no version in particular
}

// newUniverse merges what the suites offer. Of a package in several suites the
// highest version counts; of equal ones the one of the first suite.
func newUniverse(arch string, suites [][]candidate) (*universe, error) {
	u := &universe{arch: arch, byName: map[string]*candidate{}, providers: map[string][]provider{}}
	for _, list := range suites {
		for i := range list {
			c := &list[i]
			c.Arch = arch
			if old := u.byName[c.Name]; old == nil || compareVersions(c.Version, old.Version) > 0 {
				u.byName[c.Name] = c
			}
		}
	}
	for _, c := range u.byName {
		provides, err := provided(c)
		if err != nil {
			return nil, err
		}
		for _, p := range provides {
			u.providers[p.name] = append(u.providers[p.name], provider{c, p.version})
		}
	}
	for _, list := range u.providers {
		slices.SortFunc(list, func(a, b provider) int {
			return cmp.Or(rank(a.by.priority)-rank(b.by.priority), strings.Compare(a.by.Name, b.by.Name))
		})
	}
	return u, nil
}

// rank orders providers of the same thing: the more basic one is the better guess.
func rank(priority string) int {
	order := []string{"required", "important", "standard", "optional", "extra"}
	if i := slices.Index(order, priority); i >= 0 {
		return i
	}
	return len(order)
}

// provided parses a package's Provides, which has no alternatives and only "=".
func provided(c *candidate) ([]relation, error) {
	groups, err := parseRelations(c.provides)
	if err != nil {
		return nil, fmt.Errorf("reading what package %q provides: %w", c.Name, err)
	}
	list := make([]relation, len(groups))
	for i, g := range groups {
		list[i] = g[0]
	}
	return list, nil
}

// offers reports whether c is, or provides, what r asks for.
func (u *universe) offers(c *candidate, r relation) bool {
	if !u.reachable(r) {
		return false
	}
	if c.Name == r.name && r.accepts(c.Version) {
		return true
	}
	return slices.ContainsFunc(u.providers[r.name], func(p provider) bool { return p.by == c && r.accepts(p.version) })
}

// reachable refuses relations to another architecture: a root has only one.
// "any" and "native" are the same as none within a single architecture.
func (u *universe) reachable(r relation) bool {
	return r.arch == "" || r.arch == "any" || r.arch == "native" || r.arch == u.arch
}

// options lists what could satisfy a dependency, the first choice first: the
// alternatives in their order, for each the package of that name and then its providers.
func (u *universe) options(g group) []*candidate {
	var list []*candidate
	for _, r := range g {
		if !u.reachable(r) {
			continue
		}
		if c := u.byName[r.name]; c != nil && r.accepts(c.Version) {
			list = append(list, c)
		}
		for _, p := range u.providers[r.name] {
			if r.accepts(p.version) {
				list = append(list, p.by)
			}
		}
	}
	return list
}

// why explains a dependency without options.
func (u *universe) why(g group) string {
	var reasons []string
	for _, r := range g {
		c := u.byName[r.name]
		switch {
		case !u.reachable(r):
			reasons = append(reasons, fmt.Sprintf("%s is of another architecture than %s", r, u.arch))
		case c != nil:
			reasons = append(reasons, fmt.Sprintf("the suites have %s %s", c.Name, c.Version))
		default:
			reasons = append(reasons, fmt.Sprintf("no package is or provides %s", r.name))
		}
	}
	return strings.Join(reasons, ", ")
}
